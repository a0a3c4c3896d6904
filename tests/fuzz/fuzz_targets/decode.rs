//! Generated decoders: no panic, and a value is built of exactly what is accepted, without a word.

#![no_main]

use libfuzzer_sys::fuzz_target;
use specwright::codegen::{Decode, Decoder};
use specwright::node::Tree;

specwright::include_api!(mod hostile);
specwright::include_api!(mod keywords);

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tree) = Tree::parse(bytes) {
        judge::<keywords::Value>(&tree);
        judge::<hostile::Nested>(&tree);
        judge::<hostile::BranchSchema>(&tree);
        judge::<hostile::Deep>(&tree);
    }
});

fn judge<T: Decode>(tree: &Tree<'_>) {
    let mut cx = Decoder::new();
    let is_built = T::decode(tree.root(), &mut cx).is_some();
    assert_eq!(is_built, cx.is_valid(), "{:?}", cx.into_violations());
    let mut cx = Decoder::new();
    assert_eq!(T::check(tree.root(), &mut cx), is_built);
    let mut cx = Decoder::new();
    assert_eq!(T::accepts(tree.root(), &mut cx), is_built);
}
