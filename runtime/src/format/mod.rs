//! The formats of JSON Schema: checks of texts, and readers into Rust's types.
//!
//! A check answers by the specification alone. A reader also fails where the Rust type has no room for the value, such
//! as a duration of 10<sup>70</sup> days; where that matters, the check tells the two apart.

mod base64;
mod date_time;
mod duration;
mod email;
mod hostname;
mod internationalized;
mod ip;
mod json_pointer;
mod regex;
mod uri;
mod uri_template;
mod uuid;

pub use base64::{decode_base64, encode_base64, is_base64};
pub use date_time::{
    OffsetTime, is_date, is_date_time, is_time, parse_date, parse_date_time, parse_time,
    write_date_time,
};
pub use duration::{is_duration, parse_duration};
pub use email::{is_email, is_idn_email};
pub use hostname::is_hostname;
pub use internationalized::is_idn_hostname;
pub use ip::{is_ipv4, is_ipv6, parse_ipv4, parse_ipv6};
pub use json_pointer::{is_json_pointer, is_relative_json_pointer};
pub use regex::is_regex;
pub use uri::{is_iri, is_iri_reference, is_uri, is_uri_reference};
pub use uri_template::is_uri_template;
pub use uuid::{is_uuid, parse_uuid};

/// What is told of a text that is not in a format.
pub(crate) fn detail(name: &str) -> &'static str {
    match name {
        "base64" | "byte" => "must be base64",
        "date" => "must be a date as in RFC 3339",
        "date-time" => "must be a date and time as in RFC 3339",
        "decimal" => "must be a decimal number",
        "duration" => "must be a duration as in ISO 8601",
        "email" => "must be an email address",
        "hostname" => "must be a host name",
        "idn-email" => "must be an internationalized email address",
        "idn-hostname" => "must be an internationalized host name",
        "ipv4" => "must be an IPv4 address",
        "ipv6" => "must be an IPv6 address",
        "iri" => "must be an IRI",
        "iri-reference" => "must be an IRI reference",
        "json-pointer" => "must be a JSON Pointer",
        "regex" => "must be a regular expression",
        "relative-json-pointer" => "must be a relative JSON Pointer",
        "time" => "must be a time as in RFC 3339",
        "uri" => "must be a URI",
        "uri-reference" => "must be a URI reference",
        "uri-template" => "must be a URI template",
        "uuid" => "must be a UUID",
        _ => "must be in its format",
    }
}
