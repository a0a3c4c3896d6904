//! Generates the server from the contract.

fn main() {
    specwright_build::Generator::new("../../specs/orders.yaml")
        .document_errors(true)
        .run();
}
