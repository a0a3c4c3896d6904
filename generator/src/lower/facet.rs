//! Facets: all that one value has to satisfy, gathered from a schema, its `$ref` and its `allOf`.

use std::{collections::BTreeSet, rc::Rc};

use super::{Lowering, schema::key};
use crate::{
    diagnostic::Code,
    document::{Discriminator, Literal, Located, Schema, Type},
    ir::{Check, Docs, UnionRule},
    source::Place,
};

/// So many references and `allOf` may lead from one schema to the next. No author goes so far, and what is gathered at
/// every step of the way takes the square of its length.
pub(super) const LONGEST_CHAIN: usize = 64;

/// Schemas that all apply to one value, less the unions that a caller has already taken apart.
#[derive(Clone, Debug)]
pub(super) struct Conjunction {
    pub(super) schemas: Vec<Rc<Schema>>,
    /// The unions that are left out, by the place of their keyword.
    pub(super) without: BTreeSet<String>,
}

/// What a value has to satisfy.
#[derive(Debug)]
pub(super) struct Facets {
    pub(super) place: Place,
    pub(super) docs: Docs,
    pub(super) deprecated: bool,
    /// The schema `false` is among them, or they exclude each other.
    pub(super) never: bool,
    /// Their types exclude each other.
    pub(super) conflict: bool,
    /// The types that are allowed; `None` is all of them.
    pub(super) types: Option<BTreeSet<Type>>,
    /// Where the types are said.
    pub(super) typed: Vec<Located<Vec<Type>>>,
    /// The values that are allowed.
    pub(super) values: Option<Vec<Literal>>,
    /// Whether a `const` allows one of them only.
    pub(super) constant: bool,
    /// Checks on numbers, on strings, on arrays and on objects.
    pub(super) numeric: Vec<Check>,
    pub(super) textual: Vec<Check>,
    pub(super) array: Vec<Check>,
    pub(super) object: Vec<Check>,
    pub(super) formats: Vec<Located<Rc<str>>>,
    /// What a string holds, where that is said.
    pub(super) content_media_type: Option<Located<Rc<str>>>,
    /// What the JSON is that a string holds, where that is said.
    pub(super) content_schema: Option<Rc<Schema>>,
    /// Whether the string is typed as that JSON.
    pub(super) is_json_text: bool,
    /// Where `x-content` asks for the type of what the string holds.
    pub(super) typed_content: Option<Place>,
    /// The schemas that say something about items.
    pub(super) arrays: Vec<Rc<Schema>>,
    /// The schemas with `contains`.
    pub(super) contains: Vec<Rc<Schema>>,
    /// The schemas of each member: of every part that has properties or additional properties.
    pub(super) objects: Vec<ObjectFacet>,
    pub(super) required: Vec<Located<Rc<str>>>,
    /// The schemas with `propertyNames`, `dependentRequired` or `dependentSchemas`.
    pub(super) dependent: Vec<Rc<Schema>>,
    /// The schemas with `unevaluatedProperties` and with `unevaluatedItems`.
    pub(super) unevaluated_properties: Vec<Rc<Schema>>,
    pub(super) unevaluated_items: Vec<Rc<Schema>>,
    pub(super) unions: Vec<UnionFacet>,
    pub(super) not: Vec<Rc<Schema>>,
    /// The schemas with `if`.
    pub(super) conditionals: Vec<Rc<Schema>>,
}

/// What one schema says about members: `additionalProperties` is about the properties beside it alone (JSON Schema
/// 2020-12, section 10.3.2.3).
#[derive(Clone, Debug)]
pub(super) struct ObjectFacet {
    pub(super) schema: Rc<Schema>,
}

impl ObjectFacet {
    /// Whether members are also told by the patterns of their keys.
    pub(super) fn has_patterns(&self) -> bool {
        !self.schema.pattern_properties.is_empty()
    }
}

/// One `oneOf` or `anyOf`.
#[derive(Clone, Debug)]
pub(super) struct UnionFacet {
    pub(super) rule: UnionRule,
    pub(super) branches: Vec<Rc<Schema>>,
    /// The schema that holds it.
    pub(super) owner: Rc<Schema>,
    pub(super) place: Place,
}

impl UnionFacet {
    pub(super) fn key(&self) -> String {
        union_key(&self.place)
    }

    pub(super) fn discriminator(&self) -> Option<&Discriminator> {
        self.owner.discriminator.as_ref()
    }
}

fn union_key(place: &Place) -> String {
    format!("{}#{}", place.span.file.0, place.pointer)
}

/// What `unevaluatedProperties` and `unevaluatedItems` of a schema are left out by.
pub(super) fn unevaluated_key(schema: &Rc<Schema>) -> String {
    format!("{} unevaluated", key(schema))
}

impl Conjunction {
    /// One schema with all that it says.
    pub(super) fn of(schema: &Rc<Schema>) -> Self {
        Self {
            schemas: vec![Rc::clone(schema)],
            without: BTreeSet::new(),
        }
    }

    /// What the conjunction is known by.
    pub(super) fn key(&self) -> String {
        let mut keys: Vec<String> = self.schemas.iter().map(key).collect();
        keys.dedup();
        keys.extend(self.without.iter().map(|union| format!("-{union}")));
        keys.join("&")
    }
}

impl Facets {
    fn new(place: Place) -> Self {
        Self {
            place,
            docs: Docs::default(),
            deprecated: false,
            never: false,
            conflict: false,
            types: None,
            typed: Vec::new(),
            values: None,
            constant: false,
            numeric: Vec::new(),
            textual: Vec::new(),
            array: Vec::new(),
            object: Vec::new(),
            formats: Vec::new(),
            content_media_type: None,
            content_schema: None,
            is_json_text: false,
            typed_content: None,
            arrays: Vec::new(),
            contains: Vec::new(),
            objects: Vec::new(),
            required: Vec::new(),
            dependent: Vec::new(),
            unevaluated_properties: Vec::new(),
            unevaluated_items: Vec::new(),
            unions: Vec::new(),
            not: Vec::new(),
            conditionals: Vec::new(),
        }
    }

    /// Whether null is allowed, as far as types and values say.
    pub(super) fn admits_null(&self) -> bool {
        self.types
            .as_ref()
            .is_none_or(|types| types.contains(&Type::Null))
            && self.values.as_ref().is_none_or(|values| {
                values
                    .iter()
                    .any(|value| matches!(value.value.value, crate::source::Value::Null))
            })
    }

    /// Whether anything but the type is asked of the value.
    pub(super) fn is_type_only(&self) -> bool {
        self.values.is_none() && self.unions.is_empty() && !self.asks_of_any() && !self.has_parts()
    }

    /// Whether a `type` says that it is a string, null aside.
    pub(super) fn says_string(&self) -> bool {
        self.types.as_ref().is_some_and(|types| {
            types.contains(&Type::String)
                && types
                    .iter()
                    .all(|ty| matches!(ty, Type::String | Type::Null))
        })
    }

    /// Whether a `type` says that it is an array.
    pub(super) fn says_array(&self) -> bool {
        self.types
            .as_ref()
            .is_some_and(|types| types.iter().eq([&Type::Array]))
    }

    /// Whether nothing is said at all.
    pub(super) fn says_nothing(&self) -> bool {
        self.types.is_none() && !self.never && self.is_type_only()
    }

    /// Whether the schema itself says that a string stands for bytes: `format: binary` in 3.0, `contentMediaType` without
    /// `contentEncoding` in 3.1 (OAS 3.2, Working with Binary Data).
    pub(super) fn is_binary(&self) -> bool {
        let mut formats = self.formats.iter();
        formats.any(|format| &*format.value == "binary")
            || self.content_media_type.is_some() && self.formats.is_empty()
    }

    /// Whether something is asked that only a value can answer: bytes as they are have nothing but a length.
    pub(super) fn asks_of_values(&self) -> bool {
        self.never || self.values.is_some() || !self.unions.is_empty() || self.asks_of_any()
    }

    /// Whether something is asked of values of every type.
    pub(super) fn asks_of_any(&self) -> bool {
        !(self.not.is_empty() && self.conditionals.is_empty())
    }

    /// Whether other schemas are part of it.
    pub(super) fn leads_on(&self) -> bool {
        !(self.arrays.is_empty()
            && self.contains.is_empty()
            && self.objects.is_empty()
            && self.dependent.is_empty()
            && self.unevaluated_properties.is_empty()
            && self.unevaluated_items.is_empty()
            && self.unions.is_empty()
            && !self.asks_of_any())
    }

    /// Whether a keyword asks something of numbers, strings, arrays or objects.
    fn has_parts(&self) -> bool {
        !self.implied_types().is_empty()
    }

    /// Whether a keyword asks something of arrays.
    pub(super) fn asks_of_arrays(&self) -> bool {
        !(self.array.is_empty()
            && self.arrays.is_empty()
            && self.contains.is_empty()
            && self.unevaluated_items.is_empty())
    }

    /// Whether a keyword asks something of objects.
    pub(super) fn asks_of_objects(&self) -> bool {
        !(self.object.is_empty()
            && self.objects.is_empty()
            && self.required.is_empty()
            && self.dependent.is_empty()
            && self.unevaluated_properties.is_empty())
    }

    /// The types that keywords are about, where no `type` says it.
    pub(super) fn implied_types(&self) -> BTreeSet<Type> {
        let mut types = BTreeSet::new();
        if !self.numeric.is_empty() {
            types.insert(Type::Number);
        }
        if !self.textual.is_empty() || !self.formats.is_empty() {
            types.insert(Type::String);
        }
        if self.asks_of_arrays() {
            types.insert(Type::Array);
        }
        if self.asks_of_objects() {
            types.insert(Type::Object);
        }
        types
    }

    fn allow_types(&mut self, types: &[Type]) {
        let mut allowed: BTreeSet<Type> = types.iter().copied().collect();
        if allowed.contains(&Type::Number) {
            allowed.insert(Type::Integer);
        }
        let both = match &self.types {
            None => allowed,
            Some(before) => before.intersection(&allowed).copied().collect(),
        };
        self.types = Some(both);
    }

    fn allow_values(&mut self, values: &[Literal]) {
        let both = match self.values.take() {
            None => values.to_vec(),
            Some(before) => before
                .into_iter()
                .filter(|value| {
                    values
                        .iter()
                        .any(|other| super::literal::equal(&value.value, &other.value))
                })
                .collect(),
        };
        self.values = Some(both);
    }
}

impl Lowering<'_> {
    /// Gathers what the schemas of a conjunction ask of one value.
    pub(super) fn gather(&mut self, conjunction: &Conjunction) -> Facets {
        let place = match conjunction.schemas.first() {
            Some(schema) => schema.place.clone(),
            None => Place::root(crate::source::FileId(0)),
        };
        let mut facets = Facets::new(place);
        let mut trail = Vec::new();
        let mut done = BTreeSet::new();
        for schema in &conjunction.schemas {
            self.gather_schema(
                schema,
                &conjunction.without,
                &mut facets,
                &mut trail,
                &mut done,
            );
        }
        if facets.types.as_ref().is_some_and(BTreeSet::is_empty) && !facets.never {
            facets.never = true;
            facets.conflict = true;
        }
        facets
    }

    fn gather_schema(
        &mut self,
        schema: &Rc<Schema>,
        without: &BTreeSet<String>,
        facets: &mut Facets,
        trail: &mut Vec<Rc<Schema>>,
        done: &mut BTreeSet<String>,
    ) {
        if !done.insert(key(schema)) {
            let is_same = |it: &Rc<Schema>| key(it) == key(schema);
            if let Some(start) = trail.iter().position(is_same) {
                self.report_cycle(trail.get(start..).unwrap_or_default());
                facets.never = true;
            }
            return;
        }
        if trail.len() >= LONGEST_CHAIN {
            self.diagnostics
                .error(
                    Code::TooDeep,
                    &schema.place,
                    format!(
                        "more than {LONGEST_CHAIN} references and `allOf` lead from one to the next"
                    ),
                )
                .help("refer to the last schema directly");
            facets.never = true;
            return;
        }
        trail.push(Rc::clone(schema));
        // The outermost words win: they are about this very place.
        if facets.docs.summary.is_none() && facets.docs.description.is_none() {
            facets.docs = Docs {
                summary: schema.title.as_deref().map(str::to_owned),
                description: schema.description.as_deref().map(str::to_owned),
            };
        }
        facets.deprecated |= schema.deprecated;
        if schema.boolean == Some(false) {
            facets.never = true;
        }
        self.gather_assertions(schema, without, facets);
        for reference in schema.references() {
            if let Some(target) = self.references.schema(reference, self.diagnostics) {
                self.gather_schema(&target, without, facets, trail, done);
            }
        }
        if let Some(all_of) = &schema.all_of {
            for schema in &all_of.value {
                self.gather_schema(schema, without, facets, trail, done);
            }
        }
        trail.pop();
    }

    /// Reports schemas that lead from one to the next and back to the first, once.
    fn report_cycle(&mut self, cycle: &[Rc<Schema>]) {
        let mut keys: Vec<String> = cycle.iter().map(key).collect();
        keys.sort();
        if !self.references.is_news(format!("cycle {}", keys.join(" "))) {
            return;
        }
        let mut names: Vec<String> = Vec::new();
        for (index, schema) in cycle.iter().enumerate() {
            let tokens = schema.place.pointer.tokens();
            // An item of `allOf` has no name; what it refers to comes next.
            let is_item = tokens.iter().rev().nth(1) == Some(&"allOf");
            if index == 0 || !is_item {
                names.push(format!(
                    "`{}`",
                    tokens.last().unwrap_or(&"#").escape_debug()
                ));
            }
        }
        let Some((first, start)) = cycle.first().zip(names.first().cloned()) else {
            return;
        };
        let mut headline = format!("{start} leads back to itself");
        if names.len() > 1 {
            names.push(start);
            headline.push_str(&format!(": {}", names.join(" to ")));
        }
        let way_out = match (&first.reference, cycle.get(1)) {
            (Some(reference), _) => &reference.place,
            (None, Some(item)) => &item.place,
            (None, None) => &first.place,
        };
        self.diagnostics
            .error(Code::ReferenceCycle, way_out, headline)
            .label("the cycle begins here")
            .help("a schema may contain itself in its properties or items, where it need not be present");
    }

    /// Gathers what one schema asks by itself: without its `$ref` and `allOf`.
    pub(super) fn gather_own(&mut self, schema: &Rc<Schema>, without: &BTreeSet<String>) -> Facets {
        let mut facets = Facets::new(schema.place.clone());
        self.gather_assertions(schema, without, &mut facets);
        facets
    }

    fn gather_assertions(
        &mut self,
        schema: &Rc<Schema>,
        without: &BTreeSet<String>,
        facets: &mut Facets,
    ) {
        if let Some(discriminator) = &schema.discriminator {
            self.check_mapping(discriminator);
        }
        self.check_examples(schema);
        if let Some(types) = &schema.types {
            facets.allow_types(&types.value);
            facets.typed.push(types.clone());
        }
        if let Some(values) = &schema.enum_ {
            facets.allow_values(&values.value);
        }
        if let Some(value) = &schema.const_ {
            facets.allow_values(std::slice::from_ref(value));
            facets.constant = true;
        }
        self.gather_checks(schema, facets);
        let is_asserted = |format: &Located<Rc<str>>| {
            !(self.options.format_annotation && super::scalar::is_json_schema_format(&format.value))
        };
        facets
            .formats
            .extend(schema.format.clone().filter(is_asserted));
        // The upgrade from 3.0 writes `format: byte` so, and the text becomes bytes either way.
        facets.formats.extend(
            schema
                .content_encoding
                .clone()
                .filter(|encoding| &*encoding.value == "base64"),
        );
        if facets.content_media_type.is_none() {
            facets
                .content_media_type
                .clone_from(&schema.content_media_type);
        }
        if let Some(content) = &schema.content_schema {
            facets
                .content_schema
                .get_or_insert_with(|| Rc::clone(content));
            facets.is_json_text |=
                self.options.typed_content || self.json_texts.contains(&key(schema));
        }
        let mut extensions = schema.extensions.iter();
        if let Some((_, asked)) = extensions.find(|(key, _)| &**key == "x-content") {
            facets.typed_content = Some(asked.place.clone());
            if asked.value.as_str() != Some("typed") {
                self.refuse_typed_content(&asked.place);
            }
        }
        if schema.items.is_some() || schema.prefix_items.is_some() {
            facets.arrays.push(Rc::clone(schema));
        }
        if schema.contains.is_some() {
            facets.contains.push(Rc::clone(schema));
        }
        if !schema.properties.is_empty()
            || !schema.pattern_properties.is_empty()
            || schema.additional_properties.is_some()
        {
            facets.objects.push(ObjectFacet {
                schema: Rc::clone(schema),
            });
        }
        if schema.property_names.is_some()
            || !schema.dependent_required.is_empty()
            || !schema.dependent_schemas.is_empty()
        {
            facets.dependent.push(Rc::clone(schema));
        }
        let unevaluated = [
            (
                &schema.unevaluated_properties,
                &mut facets.unevaluated_properties,
            ),
            (&schema.unevaluated_items, &mut facets.unevaluated_items),
        ];
        for (keyword, owners) in unevaluated {
            if keyword.as_ref().is_some_and(|it| it.boolean != Some(true))
                && !without.contains(&unevaluated_key(schema))
            {
                owners.push(Rc::clone(schema));
            }
        }
        for name in &schema.required {
            if !facets.required.iter().any(|it| it.value == name.value) {
                facets.required.push(name.clone());
            }
        }
        facets.not.extend(schema.not.clone());
        if schema.if_.is_some() && (schema.then.is_some() || schema.else_.is_some()) {
            facets.conditionals.push(Rc::clone(schema));
        }
        for (rule, list) in [
            (UnionRule::One, &schema.one_of),
            (UnionRule::Any, &schema.any_of),
        ] {
            let Some(list) = list else { continue };
            if !without.contains(&union_key(&list.place)) {
                facets.unions.push(UnionFacet {
                    rule,
                    branches: list.value.clone(),
                    owner: Rc::clone(schema),
                    place: list.place.clone(),
                });
            }
        }
    }

    /// Reports something that the document may say but the generator does not honour yet.
    pub(super) fn unsupported(&mut self, place: &Place, what: &str) {
        let known = self.diagnostics.iter().any(|it| {
            it.code == Code::UnsupportedFeature
                && it.place.span == place.span
                && it.headline.contains(what)
        });
        if !known {
            self.diagnostics.error(
                Code::UnsupportedFeature,
                place,
                format!("{what} is not supported yet"),
            );
        }
    }
}
