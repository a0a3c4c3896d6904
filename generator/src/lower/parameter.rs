//! Parameters: of the path and of the operation together, each a field of the request.

use std::rc::Rc;

use super::{Lowering, direction::Direction, name};
use crate::{
    document::{
        OrReference, Parameter as DocumentParameter, ParameterLocation, ParameterValue, Style,
    },
    ir::{Location, Parameter, Presence, Shape, Type, TypeKind, Value},
};

/// Headers that describe the message itself; as parameters they are ignored (OAS 3.2, Parameter Object).
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

impl Lowering<'_> {
    /// The parameters of an operation; its own come in place of the path's with the same name and location.
    pub(super) fn parameters(
        &mut self,
        of_path: &[OrReference<DocumentParameter>],
        own: &[OrReference<DocumentParameter>],
        owner: &str,
    ) -> Vec<Parameter> {
        let mut found: Vec<Rc<DocumentParameter>> = Vec::new();
        for parameter in of_path.iter().chain(own) {
            let Some(parameter) = self.references.parameter(parameter, self.diagnostics) else {
                continue;
            };
            let same = found.iter().position(|it| {
                it.location == parameter.location && it.name.value == parameter.name.value
            });
            match same.and_then(|index| found.get_mut(index)) {
                Some(before) => *before = parameter,
                None => found.push(parameter),
            }
        }
        let mut parameters: Vec<Parameter> = found
            .iter()
            .filter_map(|parameter| self.parameter(parameter, owner))
            .collect();
        // The same name in two locations: each but the first says where it is.
        for index in 1..parameters.len() {
            let (before, rest) = parameters.split_at_mut(index);
            if let Some(parameter) = rest.first_mut()
                && before.iter().any(|it| it.field == parameter.field)
            {
                let location = match parameter.location {
                    Location::Path => "path",
                    Location::Query => "query",
                    Location::Header => "header",
                    Location::Cookie => "cookie",
                };
                // A keyword's substitute ends with one already.
                let name = parameter.field.trim_end_matches('_');
                parameter.field = format!("{name}_{location}");
            }
        }
        let mut names: Vec<String> = parameters.iter().map(|it| it.field.clone()).collect();
        name::distinct(&mut names);
        for (parameter, name) in parameters.iter_mut().zip(names) {
            parameter.field = name;
        }
        parameters
    }

    fn parameter(&mut self, parameter: &DocumentParameter, owner: &str) -> Option<Parameter> {
        let location = match parameter.location {
            ParameterLocation::Path => Location::Path,
            ParameterLocation::Query => Location::Query,
            ParameterLocation::Header => Location::Header,
            ParameterLocation::Cookie => Location::Cookie,
            ParameterLocation::Querystring => {
                // Reading it said that it is not supported yet.
                return None;
            }
        };
        if location == Location::Header
            && IGNORED_HEADERS
                .iter()
                .any(|name| parameter.name.value.eq_ignore_ascii_case(name))
        {
            return None;
        }
        let schema = match &parameter.value {
            ParameterValue::Schema(schema) => Rc::clone(schema),
            ParameterValue::Content(..) => {
                self.unsupported(&parameter.place, "a parameter with `content`");
                return None;
            }
        };
        let hint = format!("{owner}{}", name::type_name(&parameter.name.value));
        let mut value = self.value_of(&schema, &hint, Direction::Write);
        // A parameter's text is never null, so null is only a value that nobody can send.
        if let Type::Nullable(inner) = value.ty {
            value = *inner;
        }
        let shape = self.shape_of(&value);
        let Some(shape) = shape else {
            self.unsupported(
                &parameter.place,
                "a parameter that is an object, or a list of lists or objects,",
            );
            return None;
        };
        let default_style = match location {
            Location::Path | Location::Header => Style::Simple,
            Location::Query | Location::Cookie => Style::Form,
        };
        if parameter.style != default_style
            && !(shape == Shape::Scalar && is_plain(parameter.style))
        {
            self.unsupported(&parameter.place, "this `style` of a parameter");
            return None;
        }
        let annotations = self.annotations(std::slice::from_ref(&schema));
        let mut docs = annotations.docs.clone();
        if parameter.description.is_some() {
            docs = crate::ir::Docs {
                summary: None,
                description: parameter.description.as_deref().map(str::to_owned),
            };
        }
        let presence = match (parameter.required, &annotations.default) {
            (true, _) => Presence::Required,
            (false, Some(default)) => self.default_of(default, &value),
            (false, None) => Presence::Optional,
        };
        Some(Parameter {
            field: annotations
                .name
                .unwrap_or_else(|| name::value_name(&parameter.name.value)),
            name: parameter.name.value.to_string(),
            location,
            docs,
            deprecated: parameter.deprecated,
            value,
            presence,
            explode: parameter.explode,
            shape,
        })
    }

    /// What the parameter's text is taken apart into; `None` where that is not supported yet.
    fn shape_of(&self, value: &Value) -> Option<Shape> {
        let scalar = |value: &Value| self.shape_of(value) == Some(Shape::Scalar);
        match &value.ty {
            Type::Named(id) => match self.types.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Enum(_)) => Some(Shape::Scalar),
                Some(TypeKind::Newtype(value) | TypeKind::Alias(value)) => self.shape_of(value),
                Some(TypeKind::Union(union)) => union
                    .variants
                    .iter()
                    .all(|variant| scalar(&variant.value))
                    .then_some(Shape::Scalar),
                _ => None,
            },
            Type::Array(item) => scalar(item).then_some(Shape::Array),
            Type::Nullable(inner) => self.shape_of(inner),
            Type::Map(_) => None,
            _ => Some(Shape::Scalar),
        }
    }
}

/// Styles that write a single value as it is, in their location.
fn is_plain(style: Style) -> bool {
    matches!(
        style,
        Style::Simple | Style::Form | Style::SpaceDelimited | Style::PipeDelimited
    )
}
