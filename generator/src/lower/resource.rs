//! Schema resources: the URIs that `$id` gives to schemas, the names that `$anchor` and `$dynamicAnchor` give within one, and
//! what a `$dynamicRef` finds in its dynamic scope (JSON Schema 2020-12 Core, sections 7.1 and 8.2).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use iri_string::types::{IriAbsoluteString, IriReferenceStr, IriString};

use crate::{
    document::{Reference, Scope},
    source::{FileId, Node, Place, Sources, Value},
};

/// Keywords whose values are no schemas, whatever they look like.
const VALUES: [&str; 5] = ["const", "default", "enum", "example", "examples"];

/// The resources of the files that were read.
#[derive(Default)]
pub(super) struct Resources {
    /// The files that were looked through.
    files: HashSet<FileId>,
    /// The schemas with an `$id`, by the URI that it makes.
    by_uri: HashMap<String, Spot>,
    /// The same by their file: each with the URI.
    by_file: HashMap<FileId, Vec<(Place, String)>>,
    /// The URIs that files say are theirs.
    selves: HashMap<FileId, String>,
    /// The schemas that are named within a resource.
    anchors: HashMap<(String, String), Anchor>,
    /// The dynamic anchors of each resource.
    dynamic: HashMap<String, Vec<String>>,
    /// The scopes that were entered; the first is the empty one.
    scopes: Vec<Bindings>,
    by_bindings: HashMap<Bindings, Scope>,
}

/// A node and its place.
#[derive(Clone)]
pub(super) struct Spot {
    pub(super) node: Rc<Node>,
    pub(super) place: Place,
}

struct Anchor {
    spot: Spot,
    is_dynamic: bool,
}

/// What a scope holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Bindings {
    /// The resource that each dynamic anchor is found in.
    anchors: BTreeMap<String, String>,
    /// Where it was entered last: what stands around it is not part of the scope.
    entry: (u32, String),
}

/// Where a reference leads, as far as URIs say.
pub(super) enum Lookup {
    /// To this schema of this resource.
    Found(Spot, String),
    /// To what this fragment says in the resource that begins here.
    Within(Spot, String, String),
    /// To a file by its own name.
    File,
    /// To a file by this URI.
    Uri(String),
}

impl Resources {
    /// Looks a file through for resources, the first time it is met; whether this is the first.
    pub(super) fn add(&mut self, file: FileId, root: &Rc<Node>, sources: &Sources) -> bool {
        if !self.files.insert(file) {
            return false;
        }
        let text = sources.text(file);
        if !["$id", "$anchor", "$dynamicAnchor", "$self"]
            .iter()
            .any(|word| text.contains(word))
        {
            return true;
        }
        let mut base = self.own_uri(file, sources);
        // A document's own URI (OAS 3.2, OpenAPI Object) is the base of what refers to it; where it cannot be looked up,
        // its files are found beside each other all the same.
        let own = match &root.value {
            Value::Mapping(mapping) => mapping.get("$self").and_then(|it| it.value.as_str()),
            _ => None,
        };
        if let Some(uri) = own.and_then(|own| resolved(&base, own)) {
            base = uri.split('#').next().unwrap_or_default().to_owned();
            self.selves.insert(file, base.clone());
            let spot = Spot {
                node: Rc::clone(root),
                place: Place::root(file),
            };
            self.by_uri.entry(base.clone()).or_insert(spot);
        }
        let mut open = vec![(Rc::clone(root), Place::root(file), base)];
        while let Some((node, place, mut base)) = open.pop() {
            match &node.value {
                Value::Sequence(items) => {
                    for (index, item) in items.iter().enumerate() {
                        let place = place.join(&index.to_string(), item.span);
                        open.push((Rc::clone(item), place, base.clone()));
                    }
                }
                Value::Mapping(mapping) => {
                    let text = |key: &str| {
                        let entry = mapping.get(key)?;
                        entry.value.as_str().map(str::to_owned)
                    };
                    let spot = Spot {
                        node: Rc::clone(&node),
                        place: place.clone(),
                    };
                    if let Some(uri) = text("$id").and_then(|id| resolved(&base, &id)) {
                        base = uri.split('#').next().unwrap_or_default().to_owned();
                        self.by_uri.entry(base.clone()).or_insert(spot.clone());
                        let own = self.by_file.entry(file).or_default();
                        own.push((place.clone(), base.clone()));
                    }
                    for (keyword, is_dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
                        let Some(name) = text(keyword) else { continue };
                        if is_dynamic {
                            let names = self.dynamic.entry(base.clone()).or_default();
                            names.push(name.clone());
                        }
                        let spot = spot.clone();
                        self.anchors
                            .entry((base.clone(), name))
                            .or_insert(Anchor { spot, is_dynamic });
                    }
                    for entry in mapping.entries() {
                        if !VALUES.contains(&&*entry.key) && !entry.key.starts_with("x-") {
                            let place = place.join(&entry.key, entry.key_span);
                            open.push((Rc::clone(&entry.value), place, base.clone()));
                        }
                    }
                }
                _ => {}
            }
        }
        true
    }

    /// The schema that is named in a file, outside of any `$id`.
    pub(super) fn anchor(&self, file: FileId, name: &str, sources: &Sources) -> Option<Spot> {
        let root = self.by_file.get(&file).into_iter().flatten();
        let own = root
            .filter(|(place, _)| place.pointer.tokens().is_empty())
            .map(|(_, uri)| uri.clone())
            .next();
        let base = own.unwrap_or_else(|| self.own_uri(file, sources));
        let anchor = self.anchors.get(&(base, name.to_owned()))?;
        Some(anchor.spot.clone())
    }

    /// The URI of the resource that a place is in.
    fn base_of(&self, place: &Place, sources: &Sources) -> String {
        let around = self.around(place).last().map(|(_, uri)| uri.clone());
        around.unwrap_or_else(|| self.own_uri(place.span.file, sources))
    }

    /// The schemas with an `$id` around a place, the outermost first.
    fn around(&self, place: &Place) -> Vec<&(Place, String)> {
        let tokens = place.pointer.tokens();
        let resources = self.by_file.get(&place.span.file);
        let mut around: Vec<_> = resources
            .into_iter()
            .flatten()
            .filter(|(root, _)| tokens.starts_with(&root.pointer.tokens()))
            .collect();
        around.sort_by_key(|(root, _)| root.pointer.tokens().len());
        around
    }

    /// Where a reference leads.
    pub(super) fn find(&self, reference: &Reference, sources: &Sources) -> Lookup {
        if self.by_uri.is_empty() && self.anchors.is_empty() {
            return Lookup::File;
        }
        let base = self.base_of(&reference.place, sources);
        let Some(uri) = resolved(&base, &reference.target) else {
            return Lookup::File;
        };
        let whole = uri.as_str();
        let (uri, fragment) = whole.split_once('#').unwrap_or((whole, ""));
        if let Some(anchor) = self.anchors.get(&(uri.to_owned(), fragment.to_owned())) {
            if reference.is_dynamic
                && anchor.is_dynamic
                && let Some(resource) = self.bindings(reference, sources).anchors.get(fragment)
                && let Some(outer) = self.anchors.get(&(resource.clone(), fragment.to_owned()))
            {
                return Lookup::Found(outer.spot.clone(), resource.clone());
            }
            return Lookup::Found(anchor.spot.clone(), uri.to_owned());
        }
        match self.by_uri.get(uri) {
            Some(spot) => Lookup::Within(spot.clone(), fragment.to_owned(), uri.to_owned()),
            None if self.around(&reference.place).is_empty() => Lookup::File,
            None => Lookup::Uri(whole.to_owned()),
        }
    }

    /// What tells the schemas of a scope apart from the same in others: the last part of a URI whose anchors it holds.
    pub(super) fn scope_name(&self, scope: Scope) -> &str {
        let bindings = self.scopes.get(scope.0 as usize);
        let resource = bindings.and_then(|it| it.anchors.values().next());
        resource
            .and_then(|uri| uri.rsplit(['/', ':']).find(|part| !part.is_empty()))
            .unwrap_or_default()
    }

    /// The URI of a file: its own word for it, where it was read from, or one that no other file has.
    fn own_uri(&self, file: FileId, sources: &Sources) -> String {
        let said = self.selves.get(&file).cloned();
        said.or_else(|| sources.uri(file))
            .unwrap_or_else(|| format!("file-{}:///", file.0))
    }

    /// What the scope of a reference holds: what was entered on the way, and the resources that its place is in since.
    fn bindings(&self, reference: &Reference, sources: &Sources) -> Bindings {
        let mut bindings = self
            .scopes
            .get(reference.scope.0 as usize)
            .cloned()
            .unwrap_or_default();
        let (file, entry) = bindings.entry.clone();
        let file_uri = self.own_uri(reference.place.span.file, sources);
        let is_within = |place: &Place| {
            file != place.span.file.0 || place.pointer.to_string().len() >= entry.len()
        };
        let around = self.around(&reference.place);
        let inner = around
            .iter()
            .filter(|(place, _)| is_within(place))
            .map(|(_, uri)| uri);
        // The file itself is a resource as well, unless something in it was entered.
        let whole = (entry.is_empty()).then_some(&file_uri);
        for uri in whole.into_iter().chain(inner) {
            bindings.enter(uri, &self.dynamic);
        }
        bindings
    }

    /// The scope of what a reference leads to: a schema at `place`, in this resource.
    pub(super) fn scope(
        &mut self,
        reference: &Reference,
        place: &Place,
        resource: Option<&str>,
        sources: &Sources,
    ) -> Scope {
        if self.dynamic.is_empty() {
            return Scope::default();
        }
        let mut bindings = self.bindings(reference, sources);
        let resource = match resource {
            Some(resource) => resource.to_owned(),
            None => self.base_of(place, sources),
        };
        bindings.enter(&resource, &self.dynamic);
        if bindings.anchors.is_empty() {
            return Scope::default();
        }
        bindings.entry = (place.span.file.0, place.pointer.to_string());
        if let Some(known) = self.by_bindings.get(&bindings) {
            return *known;
        }
        if self.scopes.is_empty() {
            self.scopes.push(Bindings::default());
        }
        let scope = Scope(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        self.scopes.push(bindings.clone());
        self.by_bindings.insert(bindings, scope);
        scope
    }
}

impl Bindings {
    fn enter(&mut self, resource: &str, dynamic: &HashMap<String, Vec<String>>) {
        for name in dynamic.get(resource).into_iter().flatten() {
            self.anchors
                .entry(name.clone())
                .or_insert_with(|| resource.to_owned());
        }
    }
}

/// A reference against its base (RFC 3986, section 5).
fn resolved(base: &str, reference: &str) -> Option<String> {
    let reference = IriReferenceStr::new(reference).ok()?;
    let base = IriAbsoluteString::try_from(base.to_owned()).ok()?;
    let resolved: IriString = reference
        .resolve_against(&base)
        .to_string()
        .try_into()
        .ok()?;
    Some(resolved.to_string())
}
