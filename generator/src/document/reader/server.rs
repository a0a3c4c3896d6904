//! Servers and the variables of their URL templates.

use std::rc::Rc;

use crate::{
    diagnostic::Code,
    document::{Dialect, Members, Server, ServerVariable},
    source::{Node, Place},
};

use super::{Field, Reader, fields, is_extension};

pub(super) const SERVER: &[&str] = &["url", "description", "name", "variables"];
pub(super) const VARIABLE: &[&str] = &["enum", "default", "description"];

impl Reader<'_> {
    pub(super) fn servers(&mut self, field: &Field<'_>) -> Vec<Server> {
        if self.is_blank(field) {
            return Vec::new();
        }
        let place = field.place();
        let items = self
            .items(field.node, &place, "`servers`")
            .into_iter()
            .flatten();
        items
            .filter_map(|(node, place)| self.server(node, &place))
            .collect()
    }

    pub(super) fn server(&mut self, node: &Node, place: &Place) -> Option<Server> {
        let mapping = self.mapping(node, place, "a server")?;
        let (mut url, mut variables) = (None, Vec::new());
        for field in fields(mapping, place) {
            match &**field.key {
                "url" => url = self.located_string(&field),
                "description" => {
                    self.text(&field);
                }
                "name" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.text(&field);
                }
                "variables" => variables = self.variables(&field),
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a server", mapping, SERVER),
            }
        }
        if mapping.get("url").is_none() {
            self.error(Code::MissingField, place, "the server has no `url`");
        }
        Some(Server {
            url: url?,
            variables,
        })
    }

    fn variables(&mut self, field: &Field<'_>) -> Members<ServerVariable> {
        if self.is_blank(field) {
            return Vec::new();
        }
        let place = field.place();
        let variables = self
            .fields(field.node, &place, "`variables`")
            .into_iter()
            .flatten();
        variables
            .filter_map(|field| Some((Rc::clone(field.key), self.variable(&field)?)))
            .collect()
    }

    fn variable(&mut self, field: &Field<'_>) -> Option<ServerVariable> {
        let place = field.place();
        let mapping = self.mapping(field.node, &place, "a server variable")?;
        let (mut default, mut values) = (None, None);
        for field in fields(mapping, &place) {
            match &**field.key {
                "default" => default = self.text(&field).map(|text| (text, field.place())),
                "enum" => {
                    values = self.texts(&field);
                    if values.as_ref().is_some_and(Vec::is_empty)
                        && field.node.as_sequence().is_some_and(<[_]>::is_empty)
                    {
                        self.error(
                            Code::EmptyList,
                            &field.place(),
                            "the `enum` of a server variable must not be empty",
                        );
                    }
                }
                "description" => {
                    self.text(&field);
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a server variable", mapping, VARIABLE),
            }
        }
        let Some((default, default_place)) = default else {
            if mapping.get("default").is_none() {
                self.error(
                    Code::MissingField,
                    &place,
                    format!("the server variable `{}` has no `default`", field.key),
                );
            }
            return None;
        };
        let values = values.unwrap_or_default();
        if !values.is_empty() && !values.contains(&default) {
            self.error(
                Code::InvalidDefault,
                &default_place,
                format!("the default `{default}` is not in the server variable's `enum`"),
            );
        }
        Some(ServerVariable { default, values })
    }
}
