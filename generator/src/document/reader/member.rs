//! The values of single members: texts, flags, numbers, lists of names.

use std::rc::Rc;

use crate::{
    diagnostic::Code,
    document::{Located, number::Decimal},
    source::{Node, Place, Value},
};

use super::{Field, Reader};

impl Reader<'_> {
    /// A text for people, taken from other scalars too: `version: 1.0` has a clear meaning.
    pub(super) fn text(&mut self, field: &Field<'_>) -> Option<Rc<str>> {
        let text: Rc<str> = match &field.node.value {
            Value::String(text) => return Some(Rc::clone(text)),
            Value::Number(text) => Rc::from(&**text),
            Value::Bool(flag) => Rc::from(flag.to_string()),
            Value::Null => {
                self.not_quite(field, "a string", "null", "leave it out, or write `\"\"`");
                return None;
            }
            Value::Mapping(mapping) if mapping.get("$ref").is_some() => {
                self.warning(
                    Code::MisplacedReference,
                    &field.place(),
                    format!(
                        "`{}` is a text, which cannot be a `$ref`; it is ignored",
                        field.key
                    ),
                );
                return None;
            }
            _ => {
                self.wrong_kind(
                    field.node,
                    &field.place(),
                    &format!("`{}`", field.key),
                    "a string",
                );
                return None;
            }
        };
        self.not_quite(
            field,
            "a string",
            field.node.kind(),
            &format!("write `\"{text}\"`"),
        );
        Some(text)
    }

    /// A text that the server acts on.
    pub(super) fn string(&mut self, field: &Field<'_>) -> Option<Rc<str>> {
        self.string_at(field.node, || field.place(), || format!("`{}`", field.key))
    }

    /// A text that the server acts on, with its place.
    pub(super) fn located_string(&mut self, field: &Field<'_>) -> Option<Located<Rc<str>>> {
        let value = self.string(field)?;
        let place = field.place();
        Some(Located { value, place })
    }

    fn string_at(
        &mut self,
        node: &Node,
        place: impl FnOnce() -> Place,
        what: impl FnOnce() -> String,
    ) -> Option<Rc<str>> {
        if let Value::String(text) = &node.value {
            return Some(Rc::clone(text));
        }
        let diagnostic = self.wrong_kind(node, &place(), &what(), "a string");
        if let Value::Number(text) = &node.value {
            diagnostic.help(format!("write `\"{text}\"`"));
        }
        None
    }

    /// A flag; absent where it is unusable.
    pub(super) fn flag(&mut self, field: &Field<'_>) -> Option<bool> {
        let meant = match &field.node.value {
            Value::Bool(flag) => return Some(*flag),
            Value::String(text) if &**text == "true" => true,
            Value::String(text) if &**text == "false" => false,
            _ => {
                self.wrong_kind(
                    field.node,
                    &field.place(),
                    &format!("`{}`", field.key),
                    "`true` or `false`",
                );
                return None;
            }
        };
        self.not_quite(
            field,
            "a boolean",
            "a string",
            &format!("write `{meant}` without quotes"),
        );
        Some(meant)
    }

    /// A number with its text.
    pub(super) fn number(&mut self, field: &Field<'_>) -> Option<(Rc<str>, Decimal)> {
        let text = match &field.node.value {
            Value::Number(text) => &**text,
            Value::String(text) => text,
            _ => "",
        };
        let Some(decimal) = Decimal::parse(text) else {
            self.wrong_kind(
                field.node,
                &field.place(),
                &format!("`{}`", field.key),
                "a number",
            );
            return None;
        };
        if !text.parse::<f64>().is_ok_and(f64::is_finite) {
            self.error(
                Code::UnsupportedNumber,
                &field.place(),
                format!("`{}` is {text}, beyond every Rust number", field.key),
            )
            .help("leave it out: no value that can be sent reaches it");
            return None;
        }
        if let Value::String(_) = field.node.value {
            self.not_quite(
                field,
                "a number",
                "a string",
                &format!("write `{text}` without quotes"),
            );
        }
        Some((Rc::from(text), decimal))
    }

    /// A whole number that counts something.
    pub(super) fn count(&mut self, field: &Field<'_>) -> Option<Located<u64>> {
        let (text, decimal) = self.number(field)?;
        let place = field.place();
        let Some(value) = decimal.to_count() else {
            self.error(
                Code::InvalidValue,
                &place,
                format!(
                    "`{}` must be a whole number from 0 on, found {text}",
                    field.key
                ),
            )
            .label("expected a whole number");
            return None;
        };
        Some(Located { value, place })
    }

    /// The strings of a list with their places.
    pub(super) fn strings(&mut self, field: &Field<'_>) -> Option<Vec<Located<Rc<str>>>> {
        let place = field.place();
        let what = format!("`{}`", field.key);
        let items = self.items(field.node, &place, &what)?;
        let mut strings = Vec::new();
        for (node, place) in items {
            let item = || format!("an item of {what}");
            if let Some(value) = self.string_at(node, || place.clone(), item) {
                strings.push(Located { value, place });
            }
        }
        Some(strings)
    }

    /// The texts of a list that no code depends on.
    pub(super) fn texts(&mut self, field: &Field<'_>) -> Option<Vec<Rc<str>>> {
        let place = field.place();
        let items = self.items(field.node, &place, &format!("`{}`", field.key))?;
        let mut texts = Vec::new();
        for (node, place) in items {
            let what = format!("an item of `{}`", field.key);
            texts.push(match &node.value {
                Value::String(text) => Rc::clone(text),
                Value::Number(number) => {
                    let headline = format!("{what} should be a string, found a number");
                    self.warning(Code::WrongKind, &place, headline)
                        .label("expected a string")
                        .help(format!("write `\"{number}\"`"));
                    Rc::from(&**number)
                }
                _ => {
                    self.wrong_kind(node, &place, &what, "a string");
                    continue;
                }
            });
        }
        Some(texts)
    }

    /// Warns of names that a list holds twice.
    pub(super) fn check_distinct(&mut self, list: &Place, names: &[Located<Rc<str>>], what: &str) {
        let mut seen = std::collections::HashMap::new();
        for name in names {
            if let Some(first) = seen.insert(&*name.value, name.place.span) {
                self.warning(
                    Code::DuplicateItem,
                    list,
                    format!("{what} names `{}` twice", name.value),
                )
                .related(first, "first here")
                .related(name.place.span, "again here");
            }
        }
    }

    /// A value of another kind whose meaning is clear.
    fn not_quite(&mut self, field: &Field<'_>, expected: &str, found: &str, help: &str) {
        let headline = format!("`{}` should be {expected}, found {found}", field.key);
        self.warning(Code::WrongKind, &field.place(), headline)
            .label(format!("expected {expected}"))
            .help(help);
    }
}
