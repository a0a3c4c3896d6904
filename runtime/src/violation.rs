//! One broken rule of a request, as clients see it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::parameter::Location;

/// One rule of the document that a request breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where the value is.
    pub place: Place,

    /// The broken rule: the keyword of JSON Schema, or what else went wrong, in snake case.
    pub code: Cow<'static, str>,

    /// What was expected, in words.
    pub detail: Cow<'static, str>,
}

/// Where a value is in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the body, at this JSON Pointer.
    Body(String),

    /// In the parameter of this name, at this JSON Pointer, which is mostly empty.
    Parameter(Location, Cow<'static, str>, String),
}

impl Violation {
    pub(crate) fn into_json(self) -> Value {
        let mut members = Map::new();
        match self.place {
            Place::Body(pointer) => {
                members.insert("in".into(), "body".into());
                members.insert("pointer".into(), pointer.into());
            }
            Place::Parameter(location, name, pointer) => {
                members.insert("in".into(), location.as_str().into());
                members.insert("name".into(), name.into());
                if !pointer.is_empty() {
                    members.insert("pointer".into(), pointer.into());
                }
            }
        }
        members.insert("code".into(), self.code.into());
        members.insert("detail".into(), self.detail.into());
        Value::Object(members)
    }
}
