//! Any JSON value, as its text.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::node::{Node, SyntaxError, Tree};

/// Any JSON value. It keeps the text of its numbers, so an id of 2^53 + 1 and a price of `10.00` come back as sent.
///
/// Equality is JSON's: `1` equals `1.0`, and the order of an object's members is nothing.
///
/// # Examples
///
/// ```
/// use specwright::Json;
///
/// let json = Json::parse(r#"{"price": 10.00}"#)?;
/// assert_eq!(json.as_str(), r#"{"price":10.00}"#);
/// assert_eq!(json, Json::parse(r#"{"price": 10}"#)?);
/// # Ok::<(), specwright::SyntaxError>(())
/// ```
#[derive(Clone)]
pub struct Json(Box<str>);

impl Json {
    /// Null.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// Reads a JSON text.
    ///
    /// # Errors
    ///
    /// The text is not JSON, has a repeated key, or is nested too deeply.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        Ok(Self::from_node(Tree::parse(text.as_bytes())?.root()))
    }

    pub(crate) fn from_node(node: Node<'_>) -> Self {
        let mut text = Vec::new();
        node.write_json(&mut text);
        Self(String::from_utf8_lossy(&text).into())
    }

    /// The value as compact JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Writes a serde value as JSON.
    ///
    /// # Errors
    ///
    /// The value's `Serialize` fails, or has keys that are not strings.
    pub fn from_serde(value: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::to_string(value).map(|text| Self(text.into()))
    }

    /// Reads the value as a serde type.
    ///
    /// # Errors
    ///
    /// The value is not what the type's `Deserialize` expects.
    pub fn to_serde<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }

    /// Asks the value's root node.
    pub fn read<T>(&self, read: impl FnOnce(Node<'_>) -> T) -> Option<T> {
        Tree::parse(self.0.as_bytes())
            .ok()
            .map(|tree| read(tree.root()))
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::null()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
            || self
                .read(|one| other.read(|two| one.equals(two)))
                .flatten()
                .unwrap_or(false)
    }
}

impl Eq for Json {}
