//! Schemas: JSON Schema 2020-12 with OpenAPI's own words, after `upgrade`.

use std::rc::Rc;

use crate::{
    diagnostic::Code,
    document::{
        Dialect, Discriminator, Located, Members, Reference, Schema, Type, consistency,
        number::Decimal, spelling, spelling::Nearness, upgrade,
    },
    source::{Mapping, Node, Place, Value},
};

use super::{Field, Reader, fields, is_extension, literal, push_extension};

/// Keywords that decide which values are valid: to misspell one drops a rule.
pub(super) const ASSERTIONS: &[&str] = &[
    "$ref",
    "$dynamicRef",
    "$defs",
    "type",
    "enum",
    "const",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "unevaluatedItems",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "required",
    "dependentRequired",
    "dependentSchemas",
    "minProperties",
    "maxProperties",
    "unevaluatedProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "discriminator",
    "nullable",
    "readOnly",
    "writeOnly",
    "default",
];

impl Reader<'_> {
    /// Reads a schema; a `$ref` is one of its keywords.
    pub fn read_schema(&mut self, node: &Rc<Node>, place: &Place) -> Option<Rc<Schema>> {
        let mut schema = Schema::new(place.clone());
        schema.scope = self.scope;
        match &node.value {
            Value::Bool(boolean) => schema.boolean = Some(*boolean),
            Value::Mapping(mapping) => {
                let lifted = upgrade::lift(self, mapping, place);
                let mapping = lifted.as_ref().unwrap_or(mapping);
                let is_anchor = mapping
                    .get("$recursiveAnchor")
                    .is_some_and(|entry| matches!(entry.value.value, Value::Bool(true)));
                if is_anchor {
                    self.recursive_anchors.push(place.pointer.clone());
                }
                for field in fields(mapping, place) {
                    self.keyword(&mut schema, &field, mapping);
                }
                if is_anchor {
                    self.recursive_anchors.pop();
                }
                consistency::check(self, &mut schema);
            }
            _ => {
                self.wrong_kind(node, place, "a schema", "a mapping")
                    .help("write `type: string`, for instance");
                return None;
            }
        }
        Some(Rc::new(schema))
    }

    fn keyword(&mut self, schema: &mut Schema, field: &Field<'_>, siblings: &Mapping) {
        match &**field.key {
            "type" => schema.types = self.types(field),
            "enum" => schema.enum_ = self.enumeration(field),
            "const" => schema.const_ = Some(literal(field)),
            "multipleOf" => schema.multiple_of = self.step(field),
            "minimum" => schema.minimum = self.bound(field),
            "maximum" => schema.maximum = self.bound(field),
            "exclusiveMinimum" => schema.exclusive_minimum = self.bound(field),
            "exclusiveMaximum" => schema.exclusive_maximum = self.bound(field),
            "minLength" => schema.min_length = self.count(field),
            "maxLength" => schema.max_length = self.count(field),
            "pattern" => schema.pattern = self.located_string(field),
            "format" => schema.format = self.located_string(field),
            "contentEncoding" => schema.content_encoding = self.located_string(field),
            "contentMediaType" => schema.content_media_type = self.located_string(field),
            "minItems" => schema.min_items = self.count(field),
            "maxItems" => schema.max_items = self.count(field),
            "minContains" => schema.min_contains = self.count(field),
            "maxContains" => schema.max_contains = self.count(field),
            "uniqueItems" => {
                let place = field.place();
                schema.unique_items = self.flag(field).map(|value| Located { value, place });
            }
            "minProperties" => schema.min_properties = self.count(field),
            "maxProperties" => schema.max_properties = self.count(field),
            "required" => schema.required = self.required(field),
            "dependentRequired" => schema.dependent_required = self.dependent_required(field),
            _ => self.applicator(schema, field, siblings),
        }
    }

    /// The keywords that hold schemas.
    fn applicator(&mut self, schema: &mut Schema, field: &Field<'_>, siblings: &Mapping) {
        match &**field.key {
            "items" => schema.items = self.subschema(field),
            "prefixItems" => schema.prefix_items = self.branches(field),
            "contains" => schema.contains = self.subschema(field),
            "unevaluatedItems" => schema.unevaluated_items = self.subschema(field),
            "properties" => self.properties(schema, field),
            "patternProperties" => {
                let named = self.named_subschemas(field);
                schema.pattern_properties = named
                    .into_iter()
                    .map(|(value, schema)| {
                        let place = schema.place.clone();
                        (Located { value, place }, schema)
                    })
                    .collect();
            }
            "additionalProperties" => schema.additional_properties = self.subschema(field),
            "unevaluatedProperties" => schema.unevaluated_properties = self.subschema(field),
            "propertyNames" => schema.property_names = self.subschema(field),
            "dependentSchemas" => schema.dependent_schemas = self.named_subschemas(field),
            "contentSchema" => schema.content_schema = self.subschema(field),
            "allOf" => schema.all_of = self.branches(field),
            "anyOf" => schema.any_of = self.branches(field),
            "oneOf" => schema.one_of = self.branches(field),
            "not" => schema.not = self.subschema(field),
            "if" => schema.if_ = self.subschema(field),
            "then" => schema.then = self.subschema(field),
            "else" => schema.else_ = self.subschema(field),
            "discriminator" => schema.discriminator = self.discriminator(field),
            "$defs" => schema.defs = self.named_subschemas(field),
            _ => self.annotation(schema, field, siblings),
        }
    }

    /// The keywords that identify and describe.
    fn annotation(&mut self, schema: &mut Schema, field: &Field<'_>, siblings: &Mapping) {
        match &**field.key {
            "$ref" => schema.reference = self.reference_target(field),
            "$dynamicRef" => {
                let reference = self.reference_target(field);
                schema.dynamic_reference = reference.map(|reference| Reference {
                    is_dynamic: true,
                    ..reference
                });
            }
            "$id" => schema.id = self.located_string(field),
            "$anchor" => schema.anchor = self.located_string(field),
            "$dynamicAnchor" => schema.dynamic_anchor = self.located_string(field),
            "title" => schema.title = self.text(field),
            "description" => schema.description = self.text(field),
            "default" => schema.default = Some(literal(field)),
            "example" => schema.examples.insert(0, literal(field)),
            "examples" => schema.examples.extend(self.examples(field)),
            "deprecated" => schema.deprecated = self.flag(field).unwrap_or(false),
            "readOnly" => schema.read_only = self.flag(field).unwrap_or(false),
            "writeOnly" => schema.write_only = self.flag(field).unwrap_or(false),
            "externalDocs" => self.external_docs(field),
            "$schema" => self.dialect(field),
            "$comment" | "$vocabulary" | "xml" | "summary" => {}
            key if is_extension(key) => push_extension(&mut schema.extensions, field),
            "nullable" => {
                self.warning(
                    Code::MisplacedKeyword,
                    &field.place(),
                    "`nullable` is a word of OpenAPI 3.0 and means nothing here: null is allowed only where `type` names it",
                )
                .help("write `type: [..., \"null\"]`");
            }
            "$recursiveAnchor" => {}
            "$recursiveRef" => schema.reference = self.recursive_reference(field),
            _ => self.unknown_keyword(field, siblings),
        }
    }

    /// JSON Schema 2019-09's reference to the schema around it, which is a plain `$ref` unless another document extends
    /// the schema.
    fn recursive_reference(&mut self, field: &Field<'_>) -> Option<Reference> {
        let target = self.string(field)?;
        let place = field.place();
        let Some(anchor) = self.recursive_anchors.last().filter(|_| &*target == "#") else {
            self.error(
                Code::UnsupportedFeature,
                &place,
                "a `$recursiveRef` without a `$recursiveAnchor: true` around it is not supported",
            )
            .help("write a `$ref`");
            return None;
        };
        let target = format!("#{}", anchor.to_string().replace('%', "%25"));
        self.warning(
            Code::MisplacedKeyword,
            &place,
            "`$recursiveRef` is a word of JSON Schema 2019-09; it is read as a `$ref` to the schema around it that has `$recursiveAnchor`",
        )
        .help(format!("write `$ref: \"{target}\"`"));
        Some(Reference {
            scope: self.scope,
            ..Reference::new(target.into(), place)
        })
    }

    /// An unknown keyword is an annotation; one that is a letter away from a rule is a rule that was lost.
    fn unknown_keyword(&mut self, field: &Field<'_>, siblings: &Mapping) {
        if &**field.key == "<<" {
            // The key of YAML's merging has its own diagnostic.
            return;
        }
        let key = field.key.escape_debug();
        let place = field.place();
        match spelling::nearest(field.key, ASSERTIONS, |name| siblings.get(name).is_some()) {
            Some((meant, Nearness::OneEdit)) => {
                self.error(
                    Code::MisspeltField,
                    &place,
                    format!("there is no keyword `{key}`"),
                )
                .label(format!("did you mean `{meant}`?"))
                .help(format!(
                    "write `{meant}`, or `x-{key}` for a keyword of your own"
                ));
            }
            Some((meant, Nearness::TwoEdits)) => {
                self.warning(
                    Code::UnknownField,
                    &place,
                    format!("there is no keyword `{key}`; it is ignored"),
                )
                .label(format!("did you mean `{meant}`?"));
            }
            None => {
                self.warning(
                    Code::UnknownField,
                    &place,
                    format!("there is no keyword `{key}`; it is ignored"),
                )
                .help(format!("write `x-{key}` for a keyword of your own"));
            }
        }
    }

    fn subschema(&mut self, field: &Field<'_>) -> Option<Rc<Schema>> {
        self.read_schema(field.node, &field.place())
    }

    fn named_subschemas(&mut self, field: &Field<'_>) -> Members<Rc<Schema>> {
        let place = field.place();
        let what = format!("`{}`", field.key);
        let named = self.fields(field.node, &place, &what).into_iter().flatten();
        named
            .filter_map(|field| Some((Rc::clone(field.key), self.subschema(&field)?)))
            .collect()
    }

    fn properties(&mut self, schema: &mut Schema, field: &Field<'_>) {
        let place = field.place();
        let Some(mapping) = self.mapping(field.node, &place, "`properties`") else {
            return;
        };
        for field in fields(mapping, &place) {
            // A property may be named `$ref`; a text in its place is a reference that the specification does not know.
            if &**field.key == "$ref" && field.node.as_str().is_some() {
                self.warning(
                    Code::MisplacedReference,
                    &field.place(),
                    "`properties` is a `$ref`, which the specification does not allow; it is followed",
                )
                .help("put the `$ref` in place of the schema");
                schema.properties_reference = self.reference_target(&field);
                continue;
            }
            if let Some(property) = self.subschema(&field) {
                schema.properties.push((Rc::clone(field.key), property));
            }
        }
    }

    fn branches(&mut self, field: &Field<'_>) -> Option<Located<Vec<Rc<Schema>>>> {
        let place = field.place();
        let what = format!("`{}`", field.key);
        let items = self.items(field.node, &place, &what)?;
        let value: Vec<_> = items
            .filter_map(|(node, place)| self.read_schema(node, &place))
            .collect();
        if field.node.as_sequence().is_some_and(<[_]>::is_empty) {
            self.error(
                Code::EmptyList,
                &place,
                format!("{what} must have at least one schema"),
            );
            return None;
        }
        Some(Located { value, place })
    }

    fn types(&mut self, field: &Field<'_>) -> Option<Located<Vec<Type>>> {
        let place = field.place();
        let mut value = Vec::new();
        match &field.node.value {
            Value::String(name) => value.push(self.ty(name, &place)?),
            Value::Null => value.push(self.null_type(&place)),
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let place = place.join(&index.to_string(), item.span);
                    let ty = match &item.value {
                        Value::String(name) => self.ty(name, &place)?,
                        Value::Null => self.null_type(&place),
                        _ => {
                            self.wrong_kind(item, &place, "a type", "a string");
                            return None;
                        }
                    };
                    if value.contains(&ty) {
                        self.warning(
                            Code::DuplicateItem,
                            &place,
                            format!("`type` names `{}` twice", ty.as_str()),
                        );
                    } else {
                        value.push(ty);
                    }
                }
                if items.is_empty() {
                    self.error(
                        Code::EmptyList,
                        &place,
                        "`type` must name at least one type",
                    );
                    return None;
                }
            }
            _ => {
                self.wrong_kind(
                    field.node,
                    &place,
                    "`type`",
                    "a string or a list of strings",
                );
                return None;
            }
        }
        Some(Located { value, place })
    }

    fn null_type(&mut self, place: &Place) -> Type {
        self.warning(Code::WrongKind, place, "the type `null` should be a string")
            .help("write `\"null\"`");
        Type::Null
    }

    fn ty(&mut self, name: &str, place: &Place) -> Option<Type> {
        let known = Type::from_name(name);
        if known.is_none() {
            let lower = name.to_ascii_lowercase();
            let help = match lower.as_str() {
                "file" => {
                    "this is Swagger 2.0; write `type: string` and `format: binary`".to_owned()
                }
                "int" | "int32" | "int64" | "long" => "write `integer`".to_owned(),
                "float" | "double" | "decimal" => "write `number`".to_owned(),
                "bool" => "write `boolean`".to_owned(),
                "str" | "text" => "write `string`".to_owned(),
                "datetime" | "timestamp" => {
                    "write `type: string` and `format: date-time`".to_owned()
                }
                "date" | "date-time" | "time" | "duration" | "uuid" | "email" | "uri" | "url"
                | "hostname" | "ipv4" | "ipv6" | "binary" | "byte" | "password" => {
                    let format = if lower == "url" { "uri" } else { &lower };
                    format!("write `type: string` and `format: {format}`")
                }
                "list" => "write `array`".to_owned(),
                "map" | "dict" => "write `object`".to_owned(),
                "any" => "leave `type` out, which allows every type".to_owned(),
                _ => {
                    let names = Type::ALL.map(Type::as_str);
                    match spelling::nearest(&lower, &names, |_| false) {
                        Some((meant, _)) => format!("did you mean `{meant}`?"),
                        None if names.contains(&lower.as_str()) => format!("write `{lower}`"),
                        None => format!("write one of `{}`", names.join("`, `")),
                    }
                }
            };
            self.error(
                Code::UnknownType,
                place,
                format!("there is no type `{}`", name.escape_debug()),
            )
            .help(help);
        }
        known
    }

    fn enumeration(&mut self, field: &Field<'_>) -> Option<Located<Vec<Located<Rc<Node>>>>> {
        let place = field.place();
        let items = self.items(field.node, &place, "`enum`")?;
        let value: Vec<_> = items
            .map(|(node, place)| Located {
                value: Rc::clone(node),
                place,
            })
            .collect();
        if value.is_empty() {
            // "SHOULD have at least one element" (JSON Schema 2020-12 Validation, section 6.1.2).
            self.warning(
                Code::EmptyList,
                &place,
                "`enum` is empty, so no value is valid",
            );
        }
        Some(Located { value, place })
    }

    fn bound(&mut self, field: &Field<'_>) -> Option<Located<Rc<str>>> {
        let (value, _) = self.number(field)?;
        let place = field.place();
        Some(Located { value, place })
    }

    fn step(&mut self, field: &Field<'_>) -> Option<Located<Rc<str>>> {
        let (value, step) = self.number(field)?;
        let place = field.place();
        if step <= Decimal::zero() {
            self.error(
                Code::InvalidValue,
                &place,
                format!("`multipleOf` must be above 0, found {value}"),
            );
            return None;
        }
        Some(Located { value, place })
    }

    fn required(&mut self, field: &Field<'_>) -> Vec<Located<Rc<str>>> {
        if let Value::Bool(_) = field.node.value {
            self.wrong_kind(field.node, &field.place(), "`required`", "a list of names")
                .help("list the property's name in the `required` of the object that holds it");
            return Vec::new();
        }
        let names = self.strings(field).unwrap_or_default();
        self.check_distinct(&field.place(), &names, "`required`");
        names
    }

    fn dependent_required(&mut self, field: &Field<'_>) -> Members<Vec<Located<Rc<str>>>> {
        let place = field.place();
        let named = self
            .fields(field.node, &place, "`dependentRequired`")
            .into_iter()
            .flatten();
        named
            .filter_map(|field| Some((Rc::clone(field.key), self.strings(&field)?)))
            .collect()
    }

    /// The dialect that schemas are written in: any but that of OpenAPI is read as JSON Schema 2020-12.
    pub(super) fn dialect(&mut self, field: &Field<'_>) {
        const KNOWN: [&str; 2] = [
            "https://json-schema.org/draft/2020-12/schema",
            "https://spec.openapis.org/oas/3.",
        ];
        let Some(dialect) = self.string(field) else {
            return;
        };
        if !KNOWN.iter().any(|known| dialect.starts_with(known)) {
            self.warning(
                Code::UnsupportedFeature,
                &field.place(),
                format!("the schema dialect `{dialect}` is not known; schemas are read as JSON Schema 2020-12"),
            );
        }
    }

    /// Examples show and decide nothing, so one of another kind is no error.
    fn examples(&mut self, field: &Field<'_>) -> Vec<Located<Rc<Node>>> {
        let place = field.place();
        let Value::Sequence(items) = &field.node.value else {
            self.warning(
                Code::WrongKind,
                &place,
                format!("`examples` should be a list, found {}", field.node.kind()),
            );
            return Vec::new();
        };
        let located = items.iter().enumerate().map(|(index, item)| Located {
            value: Rc::clone(item),
            place: place.join(&index.to_string(), item.span),
        });
        located.collect()
    }

    fn discriminator(&mut self, field: &Field<'_>) -> Option<Discriminator> {
        const KNOWN: &[&str] = &["propertyName", "mapping", "defaultMapping"];
        let place = field.place();
        let mapping = self.mapping(field.node, &place, "`discriminator`")?;
        let (mut property_name, mut names, mut default_mapping) = (None, Vec::new(), None);
        for field in fields(mapping, &place) {
            match &**field.key {
                "propertyName" => property_name = self.string(&field),
                "mapping" => names = self.discriminator_mapping(&field),
                "defaultMapping" => {
                    self.newer_field(&field, Dialect::V3_2);
                    default_mapping = self.located_string(&field);
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a discriminator", mapping, KNOWN),
            }
        }
        if mapping.get("propertyName").is_none() {
            self.error(
                Code::MissingField,
                &place,
                "the discriminator has no `propertyName`",
            );
        }
        Some(Discriminator {
            place: place.clone(),
            property_name: property_name?,
            mapping: names,
            default_mapping,
        })
    }

    fn discriminator_mapping(&mut self, field: &Field<'_>) -> Members<Located<Rc<str>>> {
        let place = field.place();
        let names = self
            .fields(field.node, &place, "`mapping`")
            .into_iter()
            .flatten();
        names
            .filter_map(|field| Some((Rc::clone(field.key), self.located_string(&field)?)))
            .collect()
    }
}
