//! Generates the server's contract from the document.

fn main() {
    specwright_build::Generator::new("../../specs/letters.yaml").run();
}
