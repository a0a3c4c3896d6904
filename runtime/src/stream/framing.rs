//! Where one item of a sequential media type ends and the next begins.

use bytes::{Buf as _, Bytes, BytesMut};

use crate::form::ReceivedForm;
use crate::media_type;

/// What each item of `application/json-seq` begins with (RFC 7464, section 2.1).
pub(super) const RECORD_SEPARATOR: u8 = 0x1e;

/// How items stand one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// One on each line.
    Lines,
    /// After a separator each.
    Records,
    /// Fields on lines, up to an empty one.
    Events,
}

impl Framing {
    pub(super) fn of(media_type: &str) -> Self {
        if media_type::is_json_sequence(media_type) {
            Self::Records
        } else if media_type::essence(media_type).eq_ignore_ascii_case("text/event-stream") {
            Self::Events
        } else {
            Self::Lines
        }
    }
}

/// An item as it was sent.
#[derive(Debug)]
pub(super) enum Item {
    /// A JSON text.
    Json(Bytes),
    /// Something that is no item, and why.
    Broken(&'static str),
    /// A server-sent event.
    Event(EventFields),
    /// A part of a multipart body.
    Part(Box<ReceivedForm>),
}

/// The fields of a server-sent event, after the parsing of WHATWG HTML, section 9.2.6.
#[derive(Debug, Default)]
pub(super) struct EventFields {
    pub(super) data: Option<String>,
    pub(super) event: Option<String>,
    pub(super) id: Option<String>,
    pub(super) retry: Option<u64>,
    /// How many bytes the lines of its fields have together.
    length: usize,
}

impl Item {
    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Broken(_) | Self::Part(_) => 0,
            Self::Event(event) => event.length,
        }
    }
}

/// Takes items out of bytes as they come.
pub(super) struct Splitter {
    framing: Framing,
    buffer: BytesMut,
    /// So many bytes of the buffer hold no end.
    searched: usize,
    /// Whether all bytes are there.
    is_complete: bool,
    /// Of records: whether a separator came. Of events: whether a line came.
    has_begun: bool,
    event: EventFields,
}

impl Splitter {
    pub(super) fn new(framing: Framing) -> Self {
        Self {
            framing,
            buffer: BytesMut::new(),
            searched: 0,
            is_complete: false,
            has_begun: false,
            event: EventFields::default(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that nothing more comes.
    pub(super) fn complete(&mut self) {
        self.is_complete = true;
    }

    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many bytes the item has that is not complete.
    pub(super) fn pending(&self) -> usize {
        self.buffer.len() + self.event.length
    }

    /// The next item that is complete.
    pub(super) fn next(&mut self) -> Option<Item> {
        match self.framing {
            Framing::Lines => self.next_line(),
            Framing::Records => self.next_record(),
            Framing::Events => self.next_event(),
        }
    }

    /// The bytes up to one of the ends, which is dropped, or all where nothing more comes.
    fn until(&mut self, is_end: impl Fn(u8) -> bool) -> Option<Bytes> {
        let unseen = self.buffer.get(self.searched..).unwrap_or_default();
        if let Some(at) = unseen.iter().position(|byte| is_end(*byte)) {
            let bytes = self.buffer.split_to(self.searched + at).freeze();
            self.searched = 0;
            return Some(bytes);
        }
        self.searched = self.buffer.len();
        if !self.is_complete || self.buffer.is_empty() {
            return None;
        }
        self.searched = 0;
        Some(self.buffer.split().freeze())
    }

    /// Drops the end that [`until`](Self::until) stopped at.
    fn drop_end(&mut self) {
        if !self.buffer.is_empty() {
            self.buffer.advance(1);
        }
    }

    fn next_line(&mut self) -> Option<Item> {
        loop {
            let line = self.until(|byte| byte == b'\n')?;
            self.drop_end();
            // An empty line is nobody's item, and the last may end without a line break.
            if !is_blank(&line) {
                return Some(Item::Json(line));
            }
        }
    }

    fn next_record(&mut self) -> Option<Item> {
        loop {
            let record = self.until(|byte| byte == RECORD_SEPARATOR)?;
            self.drop_end();
            let is_first = !std::mem::replace(&mut self.has_begun, true);
            if is_blank(&record) {
                continue;
            }
            if is_first {
                return Some(Item::Broken(
                    "does not begin with a record separator (RFC 7464)",
                ));
            }
            if is_cut_off(&record) {
                return Some(Item::Broken("is cut off (RFC 7464, section 2.4)"));
            }
            return Some(Item::Json(record));
        }
    }

    fn next_event(&mut self) -> Option<Item> {
        // An event that no empty line ends is not one.
        while let Some(line) = self.next_event_line() {
            if !line.is_empty() {
                self.event.read_line(&String::from_utf8_lossy(&line));
                continue;
            }
            let event = std::mem::take(&mut self.event);
            if event.data.is_some() {
                return Some(Item::Event(event));
            }
        }
        None
    }

    fn next_event_line(&mut self) -> Option<Bytes> {
        let unseen = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(at) = unseen.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + at;
        self.searched = end;
        let width = match (self.buffer.get(end), self.buffer.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            // Whether a line feed belongs to it is not known yet.
            (Some(b'\r'), None) if !self.is_complete => return None,
            _ => 1,
        };
        let mut line = self.buffer.split_to(end).freeze();
        self.buffer.advance(width);
        self.searched = 0;
        if !std::mem::replace(&mut self.has_begun, true) && line.starts_with("\u{feff}".as_bytes())
        {
            line.advance(3);
        }
        Some(line)
    }
}

impl EventFields {
    /// Reads a line that is not empty.
    fn read_line(&mut self, line: &str) {
        let (field, value) = match line.split_once(':') {
            Some((field, value)) => (field, value.strip_prefix(' ').unwrap_or(value)),
            None => (line, ""),
        };
        match field {
            "event" => self.event = Some(value.to_owned()),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if value.bytes().all(|digit| digit.is_ascii_digit()) => {
                self.retry = value.parse().ok().or(self.retry);
            }
            // A comment, or what clients ignore too.
            _ => return,
        }
        self.length += line.len();
    }
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether a record may have lost its end without showing it: a number or word that no white space follows.
fn is_cut_off(record: &[u8]) -> bool {
    let first = record.iter().find(|byte| !byte.is_ascii_whitespace());
    let shows_its_end = matches!(first, Some(b'{' | b'[' | b'"'));
    !shows_its_end && !record.last().is_some_and(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of bytes that come in pieces of every length.
    fn items(framing: Framing, text: &str) -> Vec<String> {
        let mut all: Vec<Vec<String>> = Vec::new();
        for length in 1..=text.len().max(1) {
            let mut splitter = Splitter::new(framing);
            let mut items = Vec::new();
            let mut take = |splitter: &mut Splitter| {
                while let Some(item) = splitter.next() {
                    items.push(match item {
                        Item::Json(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                        Item::Broken(why) => format!("broken: {why}"),
                        Item::Part(_) => "a part".to_owned(),
                        Item::Event(it) => {
                            format!(
                                "{:?} {:?} {:?} {:?}",
                                it.data.unwrap_or_default(),
                                it.event,
                                it.id,
                                it.retry
                            )
                        }
                    });
                }
            };
            for piece in text.as_bytes().chunks(length) {
                splitter.push(piece);
                take(&mut splitter);
            }
            splitter.complete();
            take(&mut splitter);
            all.push(items);
        }
        assert!(
            all.iter().all(|it| Some(it) == all.first()),
            "{text:?}: {all:?}"
        );
        all.pop().unwrap_or_default()
    }

    #[test]
    fn lines() {
        assert_eq!(
            items(Framing::Lines, "1\n\n {} \r\n\n[2]"),
            ["1", " {} \r", "[2]"]
        );
        assert!(items(Framing::Lines, "\n \r\n").is_empty());
        assert!(items(Framing::Lines, "").is_empty());
    }

    #[test]
    fn records() {
        assert_eq!(
            items(Framing::Records, "\u{1e}{}\n\u{1e}\u{1e}1\n\u{1e}\"a\""),
            ["{}\n", "1\n", "\"a\""]
        );
        let found = items(Framing::Records, "1\n\u{1e}12\u{1e}2\n");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("broken: does not begin"), "{found:?}");
        assert!(found[1].starts_with("broken: is cut off"), "{found:?}");
        assert_eq!(found[2], "2\n");
    }

    #[test]
    fn events() {
        let none = "None None None";
        assert_eq!(
            items(
                Framing::Events,
                "\u{feff}data: a\ndata:b\n\n:comment\r\rdata\r\n\r\nevent: x\nid: 1\n\ndata: lost"
            ),
            [format!("\"a\\nb\" {none}"), format!("\"\" {none}")]
        );
        assert_eq!(
            items(
                Framing::Events,
                "event: e\nid: 7\nretry: 10\nretry: 1x\nother: z\ndata:  c\n\n"
            ),
            ["\" c\" Some(\"e\") Some(\"7\") Some(10)"]
        );
    }
}
