//! Operations: their names, their trait, and what their handler receives and returns.

use std::{collections::HashMap, rc::Rc};

use super::{Lowering, content::Essence, name, security::Methods};
use crate::{
    diagnostic::Code,
    document::{
        Located, MediaType, Operation as DocumentOperation, OrReference, ParameterLocation,
        PathItem, PathTemplate,
    },
    ir::{Api, Docs, ErrorFormat, HandlerTrait, Location, Operation, Request},
    source::Place,
};

/// An operation with what stands around it.
pub(super) struct Found {
    path: Rc<str>,
    method: Rc<str>,
    pub(super) item: Rc<PathItem>,
    pub(super) operation: Rc<DocumentOperation>,
}

impl Lowering<'_> {
    /// Lowers the operations of all paths, and the traits that they make.
    pub(super) fn lower_operations(&mut self, found: &[Found]) -> Api {
        let mut api = Api::default();
        let mut methods = Methods::default();
        let names = self.operation_names(found);
        let mut traits: Vec<(String, Vec<usize>)> = Vec::new();
        for (found, method_name) in found.iter().zip(names) {
            let owner = self.owner_name(&method_name);
            let mut parameters =
                self.parameters(&found.item.parameters, &found.operation.parameters, &owner);
            // Nobody can send them: that they have no place in the path is told by `check_template`.
            parameters.retain(|it| {
                it.location != Location::Path || is_in_template(&found.path, &it.name)
            });
            let body = found
                .operation
                .request_body
                .as_ref()
                .and_then(|body| self.body(body, &format!("{owner}Request")));
            if self.error_format(&found.operation) != ErrorFormat::Problem {
                api.error_format = ErrorFormat::FastApi;
            }
            let (success, errors) = self.responses(
                &found.operation.responses,
                &owner,
                &mut api.shared_responses,
            );
            let mut request = (!parameters.is_empty() || body.is_some()).then(|| Request {
                name: self.names.reserve(
                    &format!("{owner}Request"),
                    &found.operation.place.pointer.to_string(),
                ),
                parameters,
                body,
            });
            if let Some(request) = &mut request
                && let Some(body) = &mut request.body
            {
                body.is_embedded = self.is_embedded(&found.operation);
                while request
                    .parameters
                    .iter()
                    .any(|parameter| parameter.field == body.field)
                {
                    body.field.push('_');
                }
            }
            let error = (!errors.is_empty()).then(|| {
                self.names.reserve(
                    &format!("{owner}Error"),
                    &format!("{} errors", found.operation.place.pointer),
                )
            });
            let security = self.security(found.operation.security.as_ref(), &mut methods);
            let tags = tags(&found.operation);
            let group = tags.first().map_or("default", String::as_str);
            let index = api.operations.len();
            match traits.iter_mut().find(|(known, _)| known == group) {
                Some((_, operations)) => operations.push(index),
                None => traits.push((group.to_owned(), vec![index])),
            }
            api.operations.push(Operation {
                id: operation_id(found),
                constant: name::constant_name(&method_name),
                name: method_name,
                method: found.method.to_string(),
                template: found.path.to_string(),
                base: self.own_base(found),
                tags,
                docs: Docs {
                    summary: found.operation.summary.as_deref().map(str::to_owned),
                    description: found.operation.description.as_deref().map(str::to_owned),
                },
                deprecated: found.operation.deprecated,
                timeout_ms: self.timeout_ms(found),
                max_body: self
                    .max_body(found, request.as_ref().is_some_and(|it| it.body.is_some())),
                security,
                request,
                success,
                error,
                errors,
                error_bodies: Vec::new(),
                undeclared: Vec::new(),
            });
        }
        api.traits = traits
            .into_iter()
            .map(|(tag, operations)| self.handler_trait(&tag, operations))
            .collect();
        tell_parts_apart(&mut api.traits);
        api.security = methods.finish();
        self.compare_errors(found, &mut api);
        api
    }

    /// The operations of all paths, with what a path item's `$ref` adds.
    pub(super) fn find_operations(&mut self) -> Vec<Found> {
        let mut found = Vec::new();
        for (path, own) in self.document.paths.clone() {
            let mut items = vec![Rc::clone(&own)];
            let mut next = own.reference.clone();
            while let Some(reference) = next {
                let Some(item) = self.references.path_item(&reference, self.diagnostics) else {
                    break;
                };
                if items.iter().any(|known| {
                    known.place.pointer == item.place.pointer
                        && known.place.span.file == item.place.span.file
                }) {
                    self.diagnostics.error(
                        Code::ReferenceCycle,
                        &reference.place,
                        "this reference leads back to itself",
                    );
                    break;
                }
                next = item.reference.clone();
                items.push(item);
            }
            let mut methods: Vec<Rc<str>> = Vec::new();
            for item in items {
                for (method, operation) in &item.operations {
                    if methods.contains(method) {
                        continue;
                    }
                    methods.push(Rc::clone(method));
                    let Some(operation) = self.references.operation(operation, self.diagnostics)
                    else {
                        continue;
                    };
                    found.push(Found {
                        path: Rc::clone(&path),
                        method: Rc::clone(method),
                        item: Rc::clone(&item),
                        operation,
                    });
                    if let Some(found) = found.last() {
                        self.check_template(found, &own.place);
                    }
                }
            }
        }
        found
    }

    /// Every `text/event-stream` of the operations.
    pub(super) fn event_streams(&mut self, found: &[Found]) -> Vec<Rc<MediaType>> {
        let mut streams = Vec::new();
        for it in found {
            let body = it.operation.request_body.as_ref();
            let body = body.and_then(|it| self.references.request_body(it, self.diagnostics));
            if let Some(body) = body {
                self.event_streams_in(&body.content, &mut streams);
            }
            for (_, response) in &it.operation.responses {
                if let Some(response) = self.references.response(response, self.diagnostics) {
                    self.event_streams_in(&response.content, &mut streams);
                }
            }
        }
        streams
    }

    fn event_streams_in(
        &mut self,
        content: &[(Located<Rc<str>>, OrReference<MediaType>)],
        streams: &mut Vec<Rc<MediaType>>,
    ) {
        for (key, media_type) in content {
            if Essence::of(&key.value).is_events() {
                streams.extend(self.references.media_type(media_type, self.diagnostics));
            }
        }
    }

    /// Compares the names in a path's braces with the path parameters. Where no parameter declares a name, any text
    /// matches there, and the handler does not get it.
    fn check_template(&mut self, found: &Found, place: &Place) {
        let Ok(template) = PathTemplate::parse(&found.path) else {
            return;
        };
        let mut names: Vec<&str> = template.names().collect();
        let mut all_are_known = true;
        for written in found
            .item
            .parameters
            .iter()
            .chain(&found.operation.parameters)
        {
            let Some(parameter) = self.references.parameter(written, self.diagnostics) else {
                // What it declares is not known, and that it leads nowhere was reported.
                all_are_known = false;
                continue;
            };
            if parameter.location != ParameterLocation::Path {
                continue;
            }
            names.retain(|name| **name != *parameter.name.value);
            if !is_in_template(&found.path, &parameter.name.value) {
                let place = match written {
                    OrReference::Inline(parameter) => &parameter.place,
                    OrReference::Reference(reference) => &reference.place,
                };
                self.report_displaced(&found.path, &parameter.name.value, place);
            }
        }
        for name in names.into_iter().filter(|_| all_are_known) {
            let name = name.escape_debug();
            self.diagnostics
                .warning(
                    Code::UndeclaredPathParameter,
                    place,
                    format!("`{{{name}}}` in the path is declared by no parameter"),
                )
                .label("any text matches there, and the handler does not get it")
                .related(found.operation.place.span, "of this operation")
                .help(format!(
                    "add `{{name: {name}, in: path, required: true, schema: ...}}` to `parameters`"
                ));
        }
    }

    /// Reports a path parameter that its path has no place for.
    ///
    /// Some documents describe a path whose end may be left out by two paths and one list of parameters. There it is
    /// clear that a parameter is one of the longer path only.
    fn report_displaced(&mut self, path: &str, name: &str, place: &Place) {
        if !self
            .references
            .is_news(format!("displaced {}#{}", place.span.file.0, place.pointer))
        {
            return;
        }
        let headline = format!(
            "the path has no `{{{}}}` for this path parameter",
            name.escape_debug()
        );
        let longer = self.document.paths.iter().find(|(longer, _)| {
            longer
                .strip_prefix(path)
                .is_some_and(|rest| path.ends_with('/') || rest.starts_with('/'))
                && is_in_template(longer, name)
        });
        let code = Code::UndeclaredPathParameter;
        match longer {
            Some((_, item)) => self
                .diagnostics
                .warning(code, place, headline)
                .label("it is ignored")
                .related(item.place.span, "this longer path has it")
                .help("remove the parameter from the shorter path"),
            None => self
                .diagnostics
                .error(code, place, headline)
                .help("name it in the path, or remove the parameter"),
        };
    }

    /// The Rust names of the operations' methods, in their order. An `operationId` keeps its name; where two become the
    /// same, each says its method and path.
    fn operation_names(&mut self, found: &[Found]) -> Vec<String> {
        let wanted: Vec<String> = found
            .iter()
            .map(|it| match &it.operation.operation_id {
                Some(id) => name::value_name(&id.value),
                None => name::value_name(&format!("{} {}", it.method.to_lowercase(), it.path)),
            })
            .collect();
        let mut count: HashMap<&str, usize> = HashMap::new();
        for name in &wanted {
            *count.entry(name).or_default() += 1;
        }
        let mut ids: HashMap<&str, &Place> = HashMap::new();
        for it in found {
            let Some(id) = &it.operation.operation_id else {
                continue;
            };
            if let Some(first) = ids.insert(&id.value, &id.place) {
                self.diagnostics
                    .error(
                        Code::DuplicateOperationId,
                        &id.place,
                        format!("the operationId `{}` is used twice", id.value),
                    )
                    .label("used here again")
                    .related(first.span, "first used here");
            }
        }
        let mut names: Vec<String> = found
            .iter()
            .zip(&wanted)
            .map(|(it, name)| {
                if count.get(name.as_str()).copied().unwrap_or(0) < 2 {
                    return name.clone();
                }
                name::value_name(&format!("{name} {} {}", it.method.to_lowercase(), it.path))
            })
            .map(name::method_name)
            .collect();
        name::distinct(&mut names);
        names
    }

    /// What the types of an operation are named after.
    fn owner_name(&mut self, method_name: &str) -> String {
        let owner = name::type_name(method_name);
        // All of the names that are made from it are free, or it has to be told apart.
        let taken = ["Request", "Response", "Error"]
            .iter()
            .any(|suffix| !self.names.is_free(&format!("{owner}{suffix}")));
        if taken {
            format!("{owner}Operation")
        } else {
            owner
        }
    }

    fn handler_trait(&mut self, tag: &str, operations: Vec<usize>) -> HandlerTrait {
        let words = self.document.tags.iter().find(|it| *it.name.value == *tag);
        let (mut part, mut field) = (name::type_name(tag), name::value_name(tag));
        let wanted = format!("{part}Api");
        // What stands beside them in generated code.
        if part == "App" {
            part.push_str("Api");
        }
        if matches!(field.as_str(), "app" | "handler" | "handlers" | "secured") {
            field.push_str("_api");
        }
        HandlerTrait {
            name: self.names.reserve(&wanted, &format!("tag {tag}")),
            part,
            field,
            docs: Docs {
                summary: None,
                description: words.and_then(|tag| tag.description.as_deref().map(str::to_owned)),
            },
            operations,
        }
    }
}

/// Tells the values of traits apart.
fn tell_parts_apart(traits: &mut [HandlerTrait]) {
    let mut parts: Vec<String> = traits.iter().map(|it| it.part.clone()).collect();
    let mut fields: Vec<String> = traits.iter().map(|it| it.field.clone()).collect();
    name::distinct(&mut parts);
    name::distinct(&mut fields);
    for ((it, part), field) in traits.iter_mut().zip(parts).zip(fields) {
        (it.part, it.field) = (part, field);
    }
}

/// Each tag once.
fn tags(operation: &DocumentOperation) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in &operation.tags {
        if !tags.iter().any(|known| **known == *tag.value) {
            tags.push(tag.value.to_string());
        }
    }
    tags
}

/// The `operationId`, or method and path.
fn operation_id(found: &Found) -> String {
    match &found.operation.operation_id {
        Some(id) => id.value.to_string(),
        None => format!("{} {}", found.method, found.path),
    }
}

fn is_in_template(path: &str, name: &str) -> bool {
    PathTemplate::parse(path).is_ok_and(|template| template.names().any(|other| other == name))
}
