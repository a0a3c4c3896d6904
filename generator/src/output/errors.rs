//! The statuses that the server answers by itself, added to the document as it is served.

use std::rc::Rc;

use crate::{
    ir::{Api, ErrorFormat},
    source::{Entry, Mapping, Node, Span, Value},
};

/// The document with a response for each status that an operation does not declare. Operations that stand in other files
/// are left as they are.
pub(crate) fn with_errors(root: &Rc<Node>, api: &Api) -> Rc<Node> {
    let mut root = Rc::clone(root);
    for operation in &api.operations {
        if operation.undeclared.is_empty() {
            continue;
        }
        let method = operation.method.to_ascii_lowercase();
        let path = ["paths", &*operation.template, &*method, "responses"];
        let added = edit(&root, &path, &|responses| {
            let span = responses.span;
            let mut entries = responses.as_mapping()?.entries().to_vec();
            entries.extend(operation.undeclared.iter().map(|status| {
                let response = response(*status, api.error_format, span);
                entry(&status.to_string(), response, span)
            }));
            Some(mapping(entries, span))
        });
        root = added.unwrap_or(root);
    }
    root
}

/// The node with another one at the end of a path; `None` where there is no such path.
fn edit(
    node: &Rc<Node>,
    path: &[&str],
    change: &dyn Fn(&Node) -> Option<Rc<Node>>,
) -> Option<Rc<Node>> {
    let Some((key, rest)) = path.split_first() else {
        return change(node);
    };
    let mut entries = node.as_mapping()?.entries().to_vec();
    let entry = entries.iter_mut().find(|entry| &*entry.key == *key)?;
    entry.value = edit(&entry.value, rest, change)?;
    Some(mapping(entries, node.span))
}

fn mapping(entries: Vec<Entry>, span: Span) -> Rc<Node> {
    let value = Value::Mapping(Mapping::new(entries));
    Rc::new(Node { span, value })
}

fn entry(key: &str, value: Rc<Node>, span: Span) -> Entry {
    Entry {
        key: key.into(),
        key_span: span,
        value,
    }
}

fn object(members: Vec<(&str, Rc<Node>)>, span: Span) -> Rc<Node> {
    let entries = members.into_iter().map(|(key, it)| entry(key, it, span));
    mapping(entries.collect(), span)
}

fn text(text: &str, span: Span) -> Rc<Node> {
    let value = Value::String(text.into());
    Rc::new(Node { span, value })
}

/// A response of the runtime: OAS 3.2, "Response Object".
fn response(status: u16, format: ErrorFormat, span: Span) -> Rc<Node> {
    let status = http::StatusCode::from_u16(status).ok();
    let reason = status
        .and_then(|it| it.canonical_reason())
        .unwrap_or("An error");
    let of_type = |name: &str| object(vec![("type", text(name, span))], span);
    let (media_type, members) = match format {
        ErrorFormat::Problem => (
            "application/problem+json",
            vec![
                ("title", of_type("string")),
                ("status", of_type("integer")),
                ("detail", of_type("string")),
            ],
        ),
        // It is a text, or a list of violations.
        ErrorFormat::FastApi => ("application/json", vec![("detail", object(vec![], span))]),
    };
    let schema = object(
        vec![
            ("type", text("object", span)),
            ("properties", object(members, span)),
        ],
        span,
    );
    let content = object(vec![("schema", schema)], span);
    object(
        vec![
            ("description", text(reason, span)),
            ("content", object(vec![(media_type, content)], span)),
        ],
        span,
    )
}
