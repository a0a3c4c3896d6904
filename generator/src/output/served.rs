//! The document as the server hands it out: one text, whatever number of files it came from.

use std::{collections::HashMap, rc::Rc};

use crate::{
    diagnostic::Diagnostics,
    ir::Served,
    source::{Entry, FileId, Node, Place, Sources, Value, walk},
};

/// Where the parts of other files are put in the served document: an extension of the root.
const BUNDLED: &str = "x-bundled";

/// The document as JSON and YAML. A single file is served as YAML just as it stands; of several files, what the entry
/// refers to is put into the document itself.
///
/// `is_changed` is whether the document is no longer what its file says.
pub(crate) fn served(
    root: &Rc<Node>,
    file: FileId,
    sources: &mut Sources,
    is_changed: bool,
) -> Served {
    let mut bundle = Bundle {
        entry: file,
        sources,
        names: HashMap::new(),
        parts: Vec::new(),
        next: 0,
    };
    let mut json = bundle.json(root, file);
    // The parts may refer to further parts while they are written.
    let mut written = Vec::new();
    while let Some((name, node, file)) = bundle.parts.get(bundle.next).cloned() {
        bundle.next += 1;
        written.push(format!("{}:{}", string(&name), bundle.json(&node, file)));
    }
    if written.is_empty() && !is_changed {
        return Served {
            json,
            yaml: bundle.sources.text(file).to_owned(),
        };
    }
    if !written.is_empty() && json.ends_with('}') {
        json.pop();
        let comma = if json.ends_with('{') { "" } else { "," };
        json.push_str(&format!("{comma}\"{BUNDLED}\":{{{}}}}}", written.join(",")));
    }
    // JSON is YAML too (YAML 1.2, section 1.3).
    Served {
        yaml: json.clone(),
        json,
    }
}

/// The parts of other files that were referred to so far.
struct Bundle<'s> {
    entry: FileId,
    sources: &'s mut Sources,
    /// The name of each part by its file and pointer.
    names: HashMap<String, String>,
    parts: Vec<(String, Rc<Node>, FileId)>,
    next: usize,
}

impl Bundle<'_> {
    /// The node of this file as compact JSON text.
    fn json(&mut self, node: &Node, file: FileId) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(text) => text.to_string(),
            Value::String(text) => string(text),
            Value::Sequence(items) => {
                let items: Vec<String> = items.iter().map(|item| self.json(item, file)).collect();
                format!("[{}]", items.join(","))
            }
            Value::Mapping(mapping) => {
                let members: Vec<String> = mapping
                    .entries()
                    .iter()
                    .map(|entry| {
                        let value = match self.target(entry, file) {
                            Some(target) => string(&target),
                            None => self.json(&entry.value, file),
                        };
                        format!("{}:{value}", string(&entry.key))
                    })
                    .collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// Where a `$ref` leads in the served document, if not to where it says.
    fn target(&mut self, entry: &Entry, file: FileId) -> Option<String> {
        if &*entry.key != "$ref" {
            return None;
        }
        let reference = entry.value.as_str()?;
        if file == self.entry && reference.starts_with('#') {
            return None;
        }
        let at = Place::root(file);
        // Whoever followed the reference before has said what is wrong with it.
        let mut unheard = Diagnostics::new();
        let (found, root) = self
            .sources
            .load_relative(file, reference, &at, &mut unheard)?;
        let fragment = reference
            .split_once('#')
            .map_or("", |(_, fragment)| fragment);
        let (node, place) = walk(&root, found, fragment).ok()?;
        if found == self.entry {
            return Some(format!("#{}", place.pointer));
        }
        let key = format!("{}#{}", found.0, place.pointer);
        if let Some(name) = self.names.get(&key) {
            return Some(format!("#/{BUNDLED}/{name}"));
        }
        let name = self.name(found, place.pointer.last());
        self.names.insert(key, name.clone());
        self.parts.push((name.clone(), node, found));
        Some(format!("#/{BUNDLED}/{name}"))
    }

    /// A name of letters, digits and signs that need no escape in a pointer; distinct from those before.
    fn name(&self, file: FileId, last: Option<&str>) -> String {
        let path = self.sources.name(file);
        let stem = path
            .rsplit('/')
            .next()
            .unwrap_or(path)
            .split('.')
            .next()
            .unwrap_or("part");
        let wanted: String = last
            .unwrap_or(stem)
            .chars()
            .map(|sign| {
                if sign.is_ascii_alphanumeric() || sign == '-' {
                    sign
                } else {
                    '_'
                }
            })
            .collect();
        let mut name = wanted.clone();
        let mut number = 1;
        while self.parts.iter().any(|(taken, _, _)| *taken == name) {
            number += 1;
            name = format!("{wanted}-{number}");
        }
        name
    }
}

/// A string as JSON text.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
