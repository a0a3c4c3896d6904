//! Generates the server.

fn main() {
    specwright_build::Generator::new("../../specs/everything.yaml").run();
}
