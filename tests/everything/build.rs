//! Generates the server.

fn main() {
    specwright_build::Generator::new("../../specs/everything.yaml")
        .document_errors(true)
        .run();
}
