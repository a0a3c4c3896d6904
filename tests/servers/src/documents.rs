//! Which files of a folder are documents of their own.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use specwright_build::{
    diagnostic::Diagnostics,
    source::{Node, Sources, Value},
};

/// The documents of a folder by their paths in it: the entry documents of its `manifest.tsv` in that order, else every
/// file with a root `openapi` key that no other file refers to.
///
/// # Errors
///
/// The folder or its manifest cannot be read.
pub fn documents(folder: &Path) -> io::Result<Vec<String>> {
    let manifest = folder.join("manifest.tsv");
    if manifest.is_file() {
        let text = fs::read_to_string(manifest)?;
        let files = text
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').next());
        return Ok(files
            .filter(|file| !file.is_empty())
            .map(str::to_owned)
            .collect());
    }
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    let mut entries = Vec::new();
    let mut referred = BTreeSet::new();
    for file in files {
        let mut sources = Sources::new(folder);
        let Some((_, root)) = sources.load(&file, &mut Diagnostics::new()) else {
            // A file that cannot be read may be anything; where it says that it is a document, its fault is shown.
            if fs::read(&file).is_ok_and(|bytes| mentions_openapi(&bytes)) {
                entries.push(file);
            }
            continue;
        };
        collect(&root, &file, &mut referred);
        if root.get("openapi").is_some() {
            entries.push(file);
        }
    }
    entries.retain(|file| !referred.contains(&normalized(file)));
    Ok(entries
        .iter()
        .filter_map(|file| file.strip_prefix(folder).ok())
        .map(|file| file.to_string_lossy().into_owned())
        .collect())
}

fn mentions_openapi(bytes: &[u8]) -> bool {
    let start = bytes.get(..4096).unwrap_or(bytes);
    start.windows(7).any(|window| window == b"openapi")
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A symbolic link may lead in a circle.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&path, files)?;
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|it| it == "yaml" || it == "yml" || it == "json")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Collects the files that a file refers to, itself left aside.
fn collect(root: &Rc<Node>, file: &Path, referred: &mut BTreeSet<PathBuf>) {
    let own = normalized(file);
    let mut open = vec![Rc::clone(root)];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Sequence(items) => open.extend(items.iter().map(Rc::clone)),
            Value::Mapping(mapping) => {
                for entry in mapping.entries() {
                    match entry.value.as_str() {
                        Some(target) if &*entry.key == "$ref" => {
                            let target = target.split('#').next().unwrap_or_default();
                            let target = normalized(&file.with_file_name("").join(target));
                            if target != own {
                                referred.insert(target);
                            }
                        }
                        _ => open.push(Rc::clone(&entry.value)),
                    }
                }
            }
            _ => {}
        }
    }
}

/// The path without `.` and `..`.
fn normalized(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
