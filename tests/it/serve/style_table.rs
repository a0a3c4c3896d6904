//! Every row of the specification's table of styles (OAS 3.2, Style Examples), with any values: what an encoder of its own
//! writes, by RFC 6570 and the WHATWG's URL standard, the server reads back.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use specwright::axum::body::Body;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::{Context, Unexpected};

use super::Echo;
use super::request::send;

specwright::include_api!(pub mod style_table);

use style_table::{CookieRequest, HeaderRequest, PathRequest, QueryRequest, RawRequest};

macro_rules! fields {
    ($request:ident, $($field:ident)*) => {
        Ok(json!([$($request.$field),*]).to_string().into())
    };
}

impl style_table::DefaultApi for Echo {
    async fn path(&self, _: &Context, it: PathRequest) -> Result<Bytes, Unexpected> {
        fields!(it,
            simple_joined_text label_joined_text matrix_joined_text
            simple_exploded_text label_exploded_text matrix_exploded_text
            simple_joined_list label_joined_list matrix_joined_list
            simple_exploded_list label_exploded_list matrix_exploded_list
            simple_joined_object label_joined_object matrix_joined_object
            simple_exploded_object label_exploded_object matrix_exploded_object
        )
    }

    async fn query(&self, _: &Context, it: QueryRequest) -> Result<Bytes, Unexpected> {
        fields!(it,
            form_joined_text form_exploded_text form_joined_list form_exploded_list
            form_joined_object form_exploded_object
            spacedelimited_joined_list pipedelimited_joined_list
            spacedelimited_joined_object pipedelimited_joined_object
            deepobject_exploded_object
        )
    }

    async fn header(&self, _: &Context, it: HeaderRequest) -> Result<Bytes, Unexpected> {
        fields!(it,
            x_simple_joined_text x_simple_exploded_text x_simple_joined_list
            x_simple_exploded_list x_simple_joined_object x_simple_exploded_object
        )
    }

    async fn cookie(&self, _: &Context, it: CookieRequest) -> Result<Bytes, Unexpected> {
        fields!(it,
            form_joined_text form_exploded_text form_joined_list form_exploded_list
            form_joined_object form_exploded_object
        )
    }

    async fn raw(&self, _: &Context, it: RawRequest) -> Result<Bytes, Unexpected> {
        fields!(it,
            cookie_joined_text cookie_exploded_text cookie_joined_list cookie_exploded_list
            cookie_joined_object cookie_exploded_object
        )
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    List,
    Object,
}

use Kind::{List, Object, Text};

/// A value that a parameter may have.
#[derive(Clone, Debug)]
enum Sent {
    Text(String),
    List(Vec<String>),
    Object(Vec<(&'static str, String)>),
}

impl Sent {
    fn new(kind: Kind, keys: [&'static str; 3], texts: &[String]) -> Self {
        match kind {
            Text => Self::Text(texts[0].clone()),
            List => Self::List(texts.to_vec()),
            Object => Self::Object(keys.into_iter().zip(texts.iter().cloned()).collect()),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::List(texts) => json!(texts),
            Self::Object(members) => {
                let members = members.iter();
                Value::Object(
                    members
                        .map(|(key, text)| ((*key).to_owned(), json!(text)))
                        .collect::<Map<_, _>>(),
                )
            }
        }
    }

    /// The texts in turn, joined.
    fn joined(&self, delimiter: &str, write: impl Fn(&str) -> String) -> String {
        let texts: Vec<String> = match self {
            Self::Text(text) => vec![write(text)],
            Self::List(texts) => texts.iter().map(|text| write(text)).collect(),
            Self::Object(members) => {
                let members = members.iter();
                members
                    .flat_map(|(key, text)| [write(key), write(text)])
                    .collect()
            }
        };
        texts.join(delimiter)
    }

    /// Each item or member by itself; those of a list with the name of the parameter, where it has one.
    fn apart(&self, name: Option<&str>, write: impl Fn(&str) -> String) -> Vec<(String, String)> {
        let name = name.unwrap_or_default().to_owned();
        match self {
            Self::Text(text) => vec![(name, write(text))],
            Self::List(texts) => texts
                .iter()
                .map(|text| (name.clone(), write(text)))
                .collect(),
            Self::Object(members) => {
                let members = members.iter();
                members
                    .map(|(key, text)| (write(key), write(text)))
                    .collect()
            }
        }
    }
}

const ODD: [&str; 3] = ["R", "x y", "é,;=&|+%"];
const PLAIN: [&str; 3] = ["R", "G", "B"];

/// All but the unreserved characters are encoded (RFC 6570, section 3.2.1).
fn template(text: &str) -> String {
    encoded(text, "-._~", "%20")
}

/// As browsers write forms (WHATWG URL, application/x-www-form-urlencoded).
fn form(text: &str) -> String {
    encoded(text, "*-._", "+")
}

fn encoded(text: &str, kept: &str, space: &str) -> String {
    let mut written = String::new();
    for byte in text.bytes() {
        match char::from(byte) {
            char if char.is_ascii_alphanumeric() || kept.contains(char) => written.push(char),
            ' ' => written.push_str(space),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

fn plain(text: &str) -> String {
    text.to_owned()
}

/// Pairs of the form `name=value`.
fn pairs(pairs: &[(String, String)], between: &str) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(between)
}

/// A segment of a path, by RFC 6570: `{name}`, `{.name}` and `{;name}`, each also with `*`.
fn segment(style: &str, explode: bool, name: &str, sent: &Sent) -> String {
    let between = match (style, explode) {
        ("label", true) => ".",
        ("matrix", true) => ";",
        _ => ",",
    };
    let is_text = matches!(sent, Sent::Text(_));
    let body = if explode && style == "matrix" && !is_text {
        let pairs = sent.apart(Some(name), template);
        // RFC 6570, section 3.2.7: no sign before nothing.
        let pairs = pairs.iter().map(|(key, value)| match value.as_str() {
            "" => key.clone(),
            value => format!("{key}={value}"),
        });
        pairs.collect::<Vec<_>>().join(between)
    } else if explode && matches!(sent, Sent::Object(_)) {
        pairs(&sent.apart(None, template), between)
    } else {
        sent.joined(between, template)
    };
    match style {
        "label" => format!(".{body}"),
        "matrix" if explode && !is_text => format!(";{body}"),
        "matrix" if body.is_empty() => format!(";{name}"),
        "matrix" => format!(";{name}={body}"),
        _ => body,
    }
}

/// Texts without the characters that a row cannot write, and without empty ones where those stand for something else.
fn writable(texts: &[String], without: &str, empty: bool) -> Vec<String> {
    let clean = texts.iter().map(|text| {
        let text: String = text
            .chars()
            .filter(|char| !without.contains(*char))
            .collect();
        if text.is_empty() && !empty {
            "x".to_owned()
        } else {
            text
        }
    });
    clean.collect()
}

/// A list of one empty text is written as an empty list is, wherever items share one text.
fn not_only_empty(mut texts: Vec<String>) -> Vec<String> {
    if texts.len() == 1 && texts[0].is_empty() {
        texts[0].push('x');
    }
    texts
}

/// Texts of all that means something somewhere.
fn text() -> impl Strategy<Value = String> {
    let chars = proptest::sample::select(
        " ,;|.=&%+[]/?#\"\\'{}:@!$*~é日🔴ab0"
            .chars()
            .collect::<Vec<_>>(),
    );
    vec(chars, 0..6).prop_map(|chars| chars.into_iter().collect())
}

fn texts() -> impl Strategy<Value = Vec<Vec<String>>> {
    vec(vec(text(), 1..=3), 18)
}

/// Sends a request and compares what was read with what was sent.
fn check(request: Request<Body>, sent: &[Sent]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let shown = format!("{request:?}");
    let answer = runtime.block_on(send(style_table::api(Echo), request));
    assert_eq!(answer.status, 200, "{shown}\n{answer:?}");
    let wanted: Vec<Value> = sent.iter().map(Sent::json).collect();
    assert_eq!(answer.json(), Value::Array(wanted), "{shown}");
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn paths_are_read_as_they_were_written(texts in texts()) {
        let mut path = "/path".to_owned();
        let mut sent = Vec::new();
        let rows = [Text, List, Object].into_iter().flat_map(|kind| {
            [false, true].map(|explode| ["simple", "label", "matrix"].map(|style| (style, explode, kind)))
        });
        for ((style, explode, kind), texts) in rows.flatten().zip(&texts) {
            // A dot is no character that encoders touch, and a part of a path is never empty.
            let without = if style == "label" && explode && kind != Text { "." } else { "" };
            let mut texts = writable(texts, without, style != "simple" || kind == Object);
            if kind == List && !(style == "matrix" && explode) {
                texts = not_only_empty(texts);
            }
            let value = Sent::new(kind, ODD, &texts);
            let way = if explode { "exploded" } else { "joined" };
            let name = match kind { Text => "text", List => "list", Object => "object" };
            path.push('/');
            path.push_str(&segment(style, explode, &format!("{style}_{way}_{name}"), &value));
            sent.push(value);
        }
        check(get(&path), &sent);
    }

    #[test]
    fn queries_are_read_as_they_were_written(texts in texts(), is_form: bool, is_raw: bool) {
        let write = if is_form { form } else { template };
        let value = |row: usize, kind, without: &str| {
            let texts = writable(&texts[row], without, true);
            Sent::new(kind, ODD, &if kind == List { not_only_empty(texts) } else { texts })
        };
        let mut sent = vec![
            value(0, Text, ""), value(1, Text, ""), value(2, List, ""), value(3, List, ""),
            value(4, Object, ""), value(5, Object, ""), value(6, List, " "), value(7, List, "|"),
            value(8, Object, " "), value(9, Object, "|"), value(10, Object, ""),
        ];
        // The delimiters of these two are what encodes them, so no key may hold one.
        for (row, key) in [(8, "x y"), (9, "é,;=&|+%")] {
            if let Sent::Object(members) = &mut sent[row] {
                members.retain(|(known, _)| *known != key);
            }
        }
        let space = if is_form { "+" } else { "%20" };
        let pipe = if is_raw { "|" } else { "%7C" };
        let (open, close) = if is_raw { ("[", "]") } else { ("%5B", "%5D") };
        let deep = sent[10].apart(None, write);
        let deep: Vec<_> = deep
            .into_iter()
            .map(|(key, value)| (format!("deepObject_exploded_object{open}{key}{close}"), value))
            .collect();
        let query = [
            format!("form_joined_text={}", sent[0].joined(",", write)),
            format!("form_exploded_text={}", sent[1].joined(",", write)),
            format!("form_joined_list={}", sent[2].joined(",", write)),
            pairs(&sent[3].apart(Some("form_exploded_list"), write), "&"),
            format!("form_joined_object={}", sent[4].joined(",", write)),
            pairs(&sent[5].apart(None, write), "&"),
            format!("spacedelimited_joined_list={}", sent[6].joined(space, write)),
            format!("pipedelimited_joined_list={}", sent[7].joined(pipe, write)),
            format!("spacedelimited_joined_object={}", sent[8].joined(space, write)),
            format!("pipedelimited_joined_object={}", sent[9].joined(pipe, write)),
            pairs(&deep, "&").replace("deepObject", "deepobject"),
        ];
        check(get(&format!("/query?{}", query.join("&"))), &sent);
    }

    /// Headers encode nothing: what they cannot hold is not sent in them.
    #[test]
    fn headers_are_read_as_they_were_written(texts in texts()) {
        let rows = [(Text, false), (Text, true), (List, false), (List, true), (Object, false), (Object, true)];
        let mut request = Request::get("/header");
        let mut sent = Vec::new();
        for ((kind, explode), texts) in rows.into_iter().zip(&texts) {
            let without = if kind == Text { " é日🔴" } else { " ,é日🔴" };
            let value = Sent::new(kind, PLAIN, &writable(texts, without, kind == Object));
            let (way, name) = (if explode { "exploded" } else { "joined" }, match kind { Text => "text", List => "list", Object => "object" });
            let written = match explode && kind == Object {
                true => pairs(&value.apart(None, plain), ", "),
                false => value.joined(",", plain),
            };
            request = request.header(format!("x-simple-{way}-{name}"), written);
            sent.push(value);
        }
        check(request.body(Body::empty()).unwrap(), &sent);
    }

    #[test]
    fn cookies_are_read_as_they_were_written(texts in texts(), is_split: bool) {
        let value = |row: usize, kind| {
            let texts = if kind == List { not_only_empty(texts[row].clone()) } else { texts[row].clone() };
            Sent::new(kind, PLAIN, &texts)
        };
        let sent = [
            value(0, Text), value(1, Text), value(2, List), value(3, List), value(4, Object), value(5, Object),
        ];
        // The table's `&` is not the separator of cookies; both are read.
        let between = if is_split { "; " } else { "&" };
        let cookies = [
            format!("form_joined_text={}", sent[0].joined(",", template)),
            format!("form_exploded_text={}", sent[1].joined(",", template)),
            format!("form_joined_list={}", sent[2].joined(",", template)),
            pairs(&sent[3].apart(Some("form_exploded_list"), template), between),
            format!("form_joined_object={}", sent[4].joined(",", template)),
            pairs(&sent[5].apart(None, template), between),
        ];
        let request = Request::get("/cookie").header("cookie", cookies.join("; "));
        check(request.body(Body::empty()).unwrap(), &sent);
    }

    /// The style `cookie` encodes nothing (RFC 6265, section 4.1.1, says what cookies may hold).
    #[test]
    fn plain_cookies_are_read_as_they_were_written(texts in texts()) {
        let value = |row: usize, kind, without: &str| {
            let without = format!("{without} ;\"é日🔴");
            Sent::new(kind, PLAIN, &writable(&texts[row], &without, kind != List))
        };
        let sent = [
            value(0, Text, ""), value(1, Text, ""), value(2, List, ","), value(3, List, ""),
            value(4, Object, ","), value(5, Object, ""),
        ];
        let cookies = [
            format!("cookie_joined_text={}", sent[0].joined(",", plain)),
            format!("cookie_exploded_text={}", sent[1].joined(",", plain)),
            format!("cookie_joined_list={}", sent[2].joined(",", plain)),
            pairs(&sent[3].apart(Some("cookie_exploded_list"), plain), "; "),
            format!("cookie_joined_object={}", sent[4].joined(",", plain)),
            pairs(&sent[5].apart(None, plain), "; "),
        ];
        let request = Request::get("/raw").header("cookie", cookies.join("; "));
        check(request.body(Body::empty()).unwrap(), &sent);
    }
}

/// Form encoders escape every comma, those between names and values too. No object is one text, so it is clear what is meant.
#[tokio::test]
async fn an_object_whose_commas_are_escaped_is_one_still() {
    let query = "/query?form_joined_object=x+y%2C1%2CR";
    let answer = send(style_table::api(Echo), get(query)).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    let query = "/query?form_joined_object=x+y%2C1%2CR%2Ca%252Cb&form_joined_list=a%2Cb";
    let answer = send(style_table::api(Echo), get(query)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()[4], json!({"x y": "1", "R": "a%2Cb"}));
    assert_eq!(answer.json()[2], json!(["a,b"]));
}
