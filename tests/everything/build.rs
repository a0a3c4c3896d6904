//! Generates the server and its client.

fn main() {
    specwright_build::Generator::new("../../specs/everything.yaml")
        .document_errors(true)
        .client(true)
        .run();
}
