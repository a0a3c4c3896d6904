//! A server that does not fit its document does not compile, and what rustc says tells a newcomer what to do.
//!
//! `TRYBUILD=overwrite cargo test -p specwright-compile-fail` writes down what is said now.

/// The server that the cases get wrong, each in one place.
#[path = "fits.rs"]
mod fits;

#[test]
fn what_fits_the_document_serves_it() {
    let _ = fits::app();
}

#[test]
fn what_does_not_fit_the_document_does_not_compile() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}
