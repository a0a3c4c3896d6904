//! Generates the server's contract from the document.

fn main() {
    specwright_build::Generator::new("../../specs/bookshop.yaml")
        .client(true)
        .run();
}
