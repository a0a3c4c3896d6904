//! Names: the document's own, in Rust's case, each made once and here.

use std::collections::HashMap;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Names that generated code uses itself, so that no type may take them.
const RESERVED: &[&str] = &[
    // Of the prelude.
    "Box",
    "Clone",
    "Copy",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
    "Future",
    "Debug",
    "Hash",
    // Of the runtime.
    "ApiKey",
    "App",
    "Arc",
    "BacktrackingPattern",
    "Basic",
    "Bearer",
    "BodyPart",
    "Branch",
    "ByteStream",
    "Bytes",
    "Call",
    "Challenge",
    "CharClass",
    "Context",
    "Coverage",
    "Covers",
    "Date",
    "Decimal",
    "DecimalString",
    "Decode",
    "Decoder",
    "Denials",
    "Denied",
    "Document",
    "Duration",
    "Empty",
    "Encode",
    "Encoder",
    "EventStream",
    "FlowRules",
    "FormFields",
    "FormPart",
    "Found",
    "HeaderLayout",
    "IndexMap",
    "ErrorBodies",
    "HttpCredentials",
    "Ipv4Addr",
    "Ipv6Addr",
    "ItemStream",
    "Json",
    "JsonStream",
    "JsonText",
    "Kind",
    "LinearPattern",
    "Maybe",
    "MediaContent",
    "MultipartForm",
    "Node",
    "OffsetTime",
    "Operation",
    "Parameter",
    "PartStream",
    "Password",
    "PeerCertificate",
    "Positions",
    "ReceivedBody",
    "Refusal",
    "Response",
    "Section",
    "SecuredHandlers",
    "Security",
    "Sequence",
    "ServerEvent",
    "Shape",
    "SimplePattern",
    "StatusCode",
    "Step",
    "Style",
    "Timestamp",
    "TypeName",
    "Unexpected",
    "Upgrade",
    "Upload",
    "UploadStream",
    "Url",
    "Uuid",
    "Values",
    "When",
];

/// Keywords that no identifier can be, not even as a raw one.
const UNRAW: &[&str] = &["self", "Self", "super", "crate", "_"];

/// The names of types that were given away; one namespace for models, requests, responses and traits.
pub(super) struct Names {
    taken: HashMap<String, String>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            taken: HashMap::new(),
        }
    }

    /// Whether nobody has the name.
    pub(super) fn is_free(&self, name: &str) -> bool {
        !self.taken.contains_key(name) && !RESERVED.contains(&name)
    }

    /// The pointer of whoever has the name.
    pub(super) fn owner(&self, name: &str) -> Option<&str> {
        self.taken.get(name).map(String::as_str)
    }

    /// Gives the wanted name away; where it is taken, the name with a suffix that depends on the pointer alone, so that
    /// nothing else in the document can change it.
    pub(super) fn reserve(&mut self, wanted: &str, pointer: &str) -> String {
        let mut name = wanted.to_owned();
        if RESERVED.contains(&wanted) {
            name = format!("{wanted}Schema");
        }
        let mut salt = 0_u32;
        while self.taken.contains_key(&name) {
            name = format!("{wanted}X{:04x}", fingerprint(pointer, salt));
            salt += 1;
        }
        self.taken.insert(name.clone(), pointer.to_owned());
        name
    }
}

/// A short, stable hash (FNV-1a).
fn fingerprint(text: &str, salt: u32) -> u16 {
    let mut hash = 0x811c_9dc5_u32 ^ salt;
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    (hash ^ (hash >> 16)) as u16
}

/// Words for the signs that would vanish from a name, where a name has nothing else.
fn spelled_out(text: &str) -> String {
    text.chars()
        .map(|sign| match sign {
            '+' => " plus ".to_owned(),
            '-' => " minus ".to_owned(),
            '<' => " less ".to_owned(),
            '>' => " greater ".to_owned(),
            '=' => " equal ".to_owned(),
            '*' => " star ".to_owned(),
            '/' => " slash ".to_owned(),
            '.' => " dot ".to_owned(),
            '!' => " not ".to_owned(),
            '@' => " at ".to_owned(),
            '$' => " dollar ".to_owned(),
            '%' => " percent ".to_owned(),
            '&' => " and ".to_owned(),
            '|' => " or ".to_owned(),
            '#' => " hash ".to_owned(),
            '~' => " tilde ".to_owned(),
            '_' => " underscore ".to_owned(),
            ':' => " colon ".to_owned(),
            ' ' => " space ".to_owned(),
            sign if unicode_ident::is_xid_continue(sign) => sign.to_string(),
            sign => format!(" u{:x} ", u32::from(sign)),
        })
        .collect()
}

/// The text with everything that no identifier holds as a space.
fn words(text: &str) -> String {
    let words: String = text
        .chars()
        .map(|sign| {
            if unicode_ident::is_xid_continue(sign) {
                sign
            } else {
                ' '
            }
        })
        .collect();
    if words.chars().any(|sign| sign.is_alphanumeric()) {
        words
    } else {
        spelled_out(text)
    }
}

/// A name for a type or variant: `UpperCamelCase`.
pub(super) fn type_name(text: &str) -> String {
    let name: String = words(text).to_upper_camel_case();
    let name: String = name
        .chars()
        .filter(|sign| unicode_ident::is_xid_continue(*sign))
        .collect();
    match name.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if unicode_ident::is_xid_start(first) && !UNRAW.contains(&name.as_str()) => {
            name
        }
        Some(_) => format!("N{name}"),
    }
}

/// A name for a field, method or argument: `snake_case`. Keywords become raw identifiers when they are written.
pub(super) fn value_name(text: &str) -> String {
    let name: String = words(text).to_snake_case();
    let name: String = name
        .chars()
        .filter(|sign| unicode_ident::is_xid_continue(*sign))
        .collect();
    match name.chars().next() {
        None => "empty".to_owned(),
        Some(first) if unicode_ident::is_xid_start(first) && !UNRAW.contains(&name.as_str()) => {
            name
        }
        Some(_) if UNRAW.contains(&name.as_str()) => format!("{name}_"),
        Some(_) => format!("n{name}"),
    }
}

/// The name of a method. `Drop::drop` is found before a method of that name, and must not be called.
pub(super) fn method_name(name: String) -> String {
    match name.as_str() {
        "drop" => "drop_".to_owned(),
        _ => name,
    }
}

/// A name for a constant: `SHOUTY_SNAKE_CASE`, apart from those that generated code has itself.
pub(super) fn constant_name(text: &str) -> String {
    let name = value_name(text).to_shouty_snake_case();
    let is_taken = matches!(name.as_str(), "COVERAGE" | "DOCUMENT" | "PARTS" | "VALUES")
        || ["BRANCHES", "PATTERN"]
            .iter()
            .any(|prefix| name.starts_with(prefix));
    if is_taken {
        format!("{name}_OPERATION")
    } else {
        name
    }
}

/// Makes names distinct among siblings: the first keeps its own, later ones get their position.
pub(super) fn distinct(names: &mut [String]) {
    for index in 1..names.len() {
        let (before, rest) = names.split_at_mut(index);
        let Some(name) = rest.first_mut() else { break };
        if before.contains(name) {
            let mut number = index + 1;
            let mut candidate = format!("{name}{number}");
            while before.contains(&candidate) {
                number += 1;
                candidate = format!("{name}{number}");
            }
            *name = candidate;
        }
    }
}
