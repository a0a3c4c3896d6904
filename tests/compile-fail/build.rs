//! Generates the server that the cases get wrong.

fn main() {
    specwright_build::Generator::new("shop.yaml")
        .document_errors(true)
        .run();
}
