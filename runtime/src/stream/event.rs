//! Server-sent events, and how they are written (WHATWG HTML, section 9.2.5).

use std::io::Write as _;
use std::time::Duration;

use crate::encode::{Encode, EncodeError, encode_onto};
use crate::node::{Kind, Node, Tree};

/// A server-sent event whose data is a `T`: written as JSON, unless the document says that it is text.
///
/// Whatever is not set is not sent. Line breaks in the name and the id of an event would be the end of them, so they are
/// sent as spaces; those in text data are kept.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use specwright::ServerEvent;
///
/// let event = ServerEvent::new("the shop opens".to_owned())
///     .with_event("news")
///     .with_id("17")
///     .with_retry(Duration::from_secs(2));
/// assert_eq!(event.event.as_deref(), Some("news"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerEvent<T = String> {
    /// What it says. Without it clients take note of the id and the time to reconnect, and raise no event.
    pub data: Option<T>,

    /// Its name, `message` for clients where there is none.
    pub event: Option<String>,

    /// What a client sends as `Last-Event-ID` when it connects again.
    pub id: Option<String>,

    /// How long a client waits before it connects again; sent as whole milliseconds.
    pub retry: Option<Duration>,

    /// A comment, which clients ignore.
    pub comment: Option<String>,

    /// Text in place of the data.
    text: Option<String>,
}

/// How the data of events is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventData {
    /// As JSON.
    Json,
    /// As text without quotes.
    Text,
}

impl<T> ServerEvent<T> {
    /// An event with this data.
    pub fn new(data: T) -> Self {
        Self {
            data: Some(data),
            ..Self::empty()
        }
    }

    /// An event with nothing but what is set on it.
    pub fn empty() -> Self {
        Self {
            data: None,
            event: None,
            id: None,
            retry: None,
            comment: None,
            text: None,
        }
    }

    /// An event whose data is this text as it stands, such as the `[DONE]` that ends some streams. It is not held against
    /// the document.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::empty()
        }
    }

    /// Sets its name.
    #[must_use]
    pub fn with_event(mut self, name: impl Into<String>) -> Self {
        self.event = Some(name.into());
        self
    }

    /// Sets its id.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets how long a client waits before it connects again.
    #[must_use]
    pub fn with_retry(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }

    /// Adds a comment.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }
}

impl<T: Encode> ServerEvent<T> {
    /// Writes it. `check` is given the JSON text of its data.
    pub(super) fn write(
        &self,
        data: EventData,
        out: &mut Vec<u8>,
        check: impl FnOnce(&[u8]) -> Result<(), super::send::Fault>,
    ) -> Result<(), super::send::Fault> {
        if let Some(comment) = &self.comment {
            lines(out, b": ", comment);
        }
        if let Some(name) = &self.event {
            line(out, b"event: ", name);
        }
        match (&self.text, &self.data) {
            (Some(text), _) => lines(out, b"data: ", text),
            (None, None) => {}
            (None, Some(value)) => {
                let start = out.len();
                out.extend_from_slice(b"data: ");
                write_json(value, out)?;
                let json = out.get(start + 6..).unwrap_or_default();
                check(json)?;
                match data {
                    EventData::Json => out.push(b'\n'),
                    EventData::Text => {
                        let tree = Tree::parse(json)?;
                        let text = text_of(tree.root());
                        out.truncate(start);
                        lines(out, b"data: ", &text);
                    }
                }
            }
        }
        if let Some(id) = &self.id {
            line(out, b"id: ", id);
        }
        if let Some(retry) = self.retry {
            let _ = writeln!(out, "retry: {}", retry.as_millis());
        }
        out.push(b'\n');
        Ok(())
    }
}

/// Writes an event that is an object with the members of OAS 3.2, "Special Considerations for Server-Sent Events". Data that
/// is no string is written as JSON.
///
/// # Errors
///
/// It has members that an event cannot have, or values that their fields cannot.
pub(super) fn write_object(event: Node<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let mut written = [None, None, None, None];
    for (key, member) in event.members() {
        let place = match key {
            "event" => 0,
            "data" => 1,
            "id" => 2,
            "retry" => 3,
            _ => {
                return Err(format!(
                    "a server-sent event has no `{}`",
                    key.escape_debug()
                ));
            }
        };
        if let Some(field) = written.get_mut(place) {
            *field = Some(member);
        }
    }
    let [name, data, id, retry] = written;
    if let Some(name) = name {
        line(out, b"event: ", &text_of(name));
    }
    if let Some(data) = data {
        match data.as_str() {
            Some(text) => lines(out, b"data: ", &text),
            None => {
                out.extend_from_slice(b"data: ");
                data.write_json(out);
                out.push(b'\n');
            }
        }
    }
    if let Some(id) = id {
        line(out, b"id: ", &text_of(id));
    }
    if let Some(retry) = retry {
        let number = retry.number().unwrap_or_default();
        if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err("the `retry` of a server-sent event is a whole number".to_owned());
        }
        line(out, b"retry: ", number);
    }
    out.push(b'\n');
    Ok(())
}

/// Appends a value as JSON without line breaks, which values of serde may hold between their tokens.
pub(super) fn write_json(value: &impl Encode, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    encode_onto(value, out)?;
    let json = out.get(start..).unwrap_or_default();
    if json.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        let json = json.to_vec();
        if let Ok(tree) = Tree::parse(&json) {
            out.truncate(start);
            tree.root().write_json(out);
        }
    }
    Ok(())
}

/// The text that a scalar is in a field.
fn text_of(node: Node<'_>) -> String {
    match node.kind() {
        Kind::String | Kind::Text => node.as_str().unwrap_or_default().into_owned(),
        Kind::Null => String::new(),
        _ => {
            let mut json = Vec::new();
            node.write_json(&mut json);
            String::from_utf8_lossy(&json).into_owned()
        }
    }
}

/// Writes a field of one line. A line break would end it and begin another, and clients ignore an id with NUL.
fn line(out: &mut Vec<u8>, field: &[u8], text: &str) {
    out.extend_from_slice(field);
    out.extend(text.bytes().map(|byte| match byte {
        b'\n' | b'\r' | b'\0' => b' ',
        byte => byte,
    }));
    out.push(b'\n');
}

/// Writes a field for each line of the text; all of LF, CR LF and CR end one.
fn lines(out: &mut Vec<u8>, field: &[u8], text: &str) {
    let mut rest = text;
    loop {
        let end = rest.find(['\n', '\r']);
        let (own, after) = rest.split_at(end.unwrap_or(rest.len()));
        out.extend_from_slice(field);
        out.extend_from_slice(own.as_bytes());
        out.push(b'\n');
        if end.is_none() {
            return;
        }
        rest = after.strip_prefix("\r\n").unwrap_or_else(|| &after[1..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(event: &ServerEvent<String>, data: EventData) -> String {
        let mut out = Vec::new();
        event.write(data, &mut out, |_| Ok(())).unwrap_or_default();
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn fields_stand_on_lines_of_their_own() {
        let table = [
            ("a", "data: a\n\n"),
            ("", "data: \n\n"),
            ("a\nb", "data: a\ndata: b\n\n"),
            ("a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n"),
            ("\n\n", "data: \ndata: \ndata: \n\n"),
            ("data: x", "data: data: x\n\n"),
        ];
        for (text, wanted) in table {
            let event = ServerEvent::new(text.to_owned());
            assert_eq!(written(&event, EventData::Text), wanted, "{text:?}");
        }
        let event = ServerEvent::new("a\n\"b\"".to_owned());
        assert_eq!(
            written(&event, EventData::Json),
            "data: \"a\\n\\\"b\\\"\"\n\n"
        );
    }

    #[test]
    fn nothing_in_a_name_or_id_begins_another_field() {
        let event = ServerEvent::text("x")
            .with_event("a\ndata: forged\r\n\r\n")
            .with_id("1\n\n\0")
            .with_comment("one\ndata: two")
            .with_retry(Duration::from_micros(2500));
        assert_eq!(
            written(&event, EventData::Json),
            ": one\n: data: two\nevent: a data: forged    \ndata: x\nid: 1   \nretry: 2\n\n"
        );
    }
}
