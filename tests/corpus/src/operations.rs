//! The operations of a document, counted from its tree alone: the generator's own count is checked against this one.

use std::{path::Path, rc::Rc};

use specwright_build::{
    diagnostic::Diagnostics,
    source::{FileId, Node, Place, Sources, Value, walk},
};

/// The fixed fields of a path item that hold an operation (OAS 3.2, Path Item Object).
const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// How many references may lead to one path item.
const MAX_REFERENCES: usize = 64;

/// The operations in `paths`; absent where the document cannot be read.
pub(crate) fn count(document: &Path, folder: &Path) -> Option<usize> {
    let mut sources = Sources::new(folder);
    let (file, root) = sources.load(document, &mut Diagnostics::new())?;
    let Some(paths) = root.get("paths") else {
        return Some(0);
    };
    let (file, paths) = resolve(&mut sources, file, Rc::clone(&paths.value));
    let Some(paths) = paths.as_mapping() else {
        return Some(0);
    };
    let items = paths
        .entries()
        .iter()
        .filter(|entry| entry.key.starts_with('/'));
    Some(
        items
            .map(|entry| in_item(&mut sources, file, &entry.value))
            .sum(),
    )
}

fn in_item(sources: &mut Sources, file: FileId, item: &Rc<Node>) -> usize {
    let written = in_mapping(item);
    let (_, target) = resolve(sources, file, Rc::clone(item));
    if Rc::ptr_eq(item, &target) {
        return written;
    }
    written + in_mapping(&target)
}

fn in_mapping(item: &Node) -> usize {
    let fixed = METHODS
        .iter()
        .filter(|method| item.get(method).is_some_and(|it| is_mapping(&it.value)))
        .count();
    let additional = item
        .get("additionalOperations")
        .and_then(|entry| entry.value.as_mapping())
        .map_or(0, |it| {
            it.entries()
                .iter()
                .filter(|entry| is_mapping(&entry.value))
                .count()
        });
    fixed + additional
}

fn is_mapping(node: &Node) -> bool {
    matches!(node.value, Value::Mapping(_))
}

/// What a chain of references ends at.
fn resolve(sources: &mut Sources, mut file: FileId, mut node: Rc<Node>) -> (FileId, Rc<Node>) {
    for _ in 0..MAX_REFERENCES {
        let Some(target) = node.get("$ref").and_then(|it| it.value.as_str()) else {
            break;
        };
        let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
        let at = Place::root(file);
        let Some((next, root)) = sources.load_relative(file, path, &at, &mut Diagnostics::new())
        else {
            break;
        };
        let Ok((found, _)) = walk(&root, next, fragment) else {
            break;
        };
        (file, node) = (next, found);
    }
    (file, node)
}
