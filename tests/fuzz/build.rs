//! Generates the decoders that are fuzzed, as a user's build script does.

fn main() {
    for name in ["hostile", "keywords"] {
        specwright_build::Generator::new(format!("../fixtures/serve/{name}.yaml")).run();
    }
}
