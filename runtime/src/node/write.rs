//! Writes JSON.

use super::{
    Kind, Node, scan,
    tree::{Entry, IN_SCRATCH},
};

impl Node<'_> {
    /// Appends the value as compact JSON: number text is kept, and so is the way in which strings were escaped.
    ///
    /// [`Kind::Text`] is written as a string.
    pub fn write_json(self, out: &mut Vec<u8>) {
        self.write_json_with(out, &mut |_, _, _| false);
    }

    /// As [`write_json`](Self::write_json), but every value is offered to `instead` first, with its key where it is a
    /// member: where that is true, it has written what stands in place of the value.
    pub(crate) fn write_json_with(
        self,
        out: &mut Vec<u8>,
        instead: &mut impl FnMut(Option<&str>, Self, &mut Vec<u8>) -> bool,
    ) {
        self.write_value(None, out, instead);
    }

    fn write_value(
        self,
        key: Option<&str>,
        out: &mut Vec<u8>,
        instead: &mut impl FnMut(Option<&str>, Self, &mut Vec<u8>) -> bool,
    ) {
        if instead(key, self, out) {
            return;
        }
        let entry = self.entry();
        match entry.kind {
            Kind::Null => out.extend_from_slice(b"null"),
            Kind::False => out.extend_from_slice(b"false"),
            Kind::True => out.extend_from_slice(b"true"),
            Kind::Number => out.extend_from_slice(self.tree.slice(entry).as_bytes()),
            Kind::String | Kind::Text => self.write_string(entry, out),
            Kind::Array => {
                out.push(b'[');
                for (position, item) in self.items().enumerate() {
                    if position > 0 {
                        out.push(b',');
                    }
                    item.write_value(None, out, instead);
                }
                out.push(b']');
            }
            Kind::Object => {
                out.push(b'{');
                let mut members = self.members();
                let mut separator: &[u8] = b"";
                while let Some((key, index)) = members.next_entry() {
                    out.extend_from_slice(separator);
                    separator = b",";
                    self.write_string(key, out);
                    out.push(b':');
                    let tree = self.tree;
                    let member = Node { tree, index };
                    member.write_value(Some(tree.slice(key)), out, instead);
                }
                out.push(b'}');
            }
        }
    }

    /// A slice of the text is part of a JSON string as it stands; one of the scratch has to be escaped.
    fn write_string(self, entry: Entry, out: &mut Vec<u8>) {
        let text = self.tree.slice(entry);
        if entry.flags & IN_SCRATCH == 0 {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        } else {
            write_json_string(out, text);
        }
    }
}

/// Appends a string as JSON, in quotes, with the escapes that RFC 8259 section 7 demands and no others.
pub fn write_json_string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut start = 0;
    loop {
        let stop = scan::stop(bytes, start);
        out.extend_from_slice(bytes.get(start..stop).unwrap_or_default());
        match bytes.get(stop) {
            Some(&byte) => write_escape(out, byte),
            None => break,
        }
        start = stop + 1;
    }
    out.push(b'"');
}

#[cold]
fn write_escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let digit = |value: u8| {
                if value < 10 {
                    b'0' + value
                } else {
                    b'a' + value - 10
                }
            };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
