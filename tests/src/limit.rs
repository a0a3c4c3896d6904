//! Bodies that cost a careless reader far more than their size, and the server of `fixtures/serve/hostile.yaml` that
//! takes them.

use std::fmt::Write as _;

use specwright::{Context, Unexpected};

specwright::include_api!(
    /// A server whose schemas a hostile client would pick.
    pub mod hostile
);

/// The most bytes that a body may have unless an app sets another limit.
pub const LIMIT: usize = 2 << 20;

/// Does nothing with what it is sent.
pub struct Sink;

macro_rules! take {
    ($($operation:ident: $request:ident,)*) => {
        impl hostile::DefaultApi for Sink {
            $(
                async fn $operation(
                    &self,
                    _: &Context,
                    _: hostile::$request,
                ) -> Result<(), Unexpected> {
                    Ok(())
                }
            )*
        }
    };
}

take! {
    send_nested: SendNestedRequest,
    send_distinct: SendDistinctRequest,
    send_keys: SendKeysRequest,
    send_text: SendTextRequest,
    send_choice: SendChoiceRequest,
    send_number: SendNumberRequest,
    send_integer: SendIntegerRequest,
    send_decimal: SendDecimalRequest,
    send_numbers: SendNumbersRequest,
    send_values: SendValuesRequest,
    send_constants: SendConstantsRequest,
    send_patterns: SendPatternsRequest,
    send_branches: SendBranchesRequest,
    send_deep: SendDeepRequest,
}

/// A body at the limit and what is answered.
pub struct Case {
    /// What it holds.
    pub name: &'static str,
    /// Where it is sent.
    pub path: &'static str,
    /// The body, of at most [`LIMIT`] bytes.
    pub body: String,
    /// The status of the answer.
    pub status: u16,
}

/// Every body.
pub fn cases() -> Vec<Case> {
    let case = |name, path, body, status| Case {
        name,
        path,
        body,
        status,
    };
    let zeros = "0".repeat(LIMIT - 10);
    let sevens = "7".repeat(LIMIT - 10);
    let quoted = |part: &str| format!("\"{}\"", part.repeat((LIMIT - 2) / part.len()));
    let many_keys = keys(LIMIT / 8 - 1);
    vec![
        case(
            "nested union, valid",
            "/nested",
            filled_with(&nested(120, "1")),
            204,
        ),
        case(
            "nested union, faulty",
            "/nested",
            filled_with(&nested(120, "null")),
            422,
        ),
        case(
            "nested union, other type",
            "/nested",
            filled_with(&nested(120, "[]")),
            422,
        ),
        case(
            "distinct integers",
            "/distinct",
            distinct(|number| number.to_string()),
            204,
        ),
        case(
            "integers, one repeated",
            "/distinct",
            distinct(|number| number.max(1).to_string()),
            422,
        ),
        case(
            "distinct exponents",
            "/distinct",
            distinct(|number| format!("1e-9{number}")),
            204,
        ),
        case(
            "one number in many spellings",
            "/distinct",
            filled_with("1e-999999999,10e-1000000000"),
            422,
        ),
        case(
            "distinct texts of escapes",
            "/distinct",
            distinct(|number| format!("\"\\u0061{number}\"")),
            204,
        ),
        case(
            "distinct lists of lists",
            "/distinct",
            distinct(|number| format!("[[[[{number}]]]]")),
            204,
        ),
        case("keys", "/keys", many_keys.clone(), 204),
        case(
            "keys, one repeated",
            "/keys",
            many_keys.replacen("\"##$\"", "\"###\"", 1),
            400,
        ),
        case("escapes", "/text", quoted("\\u0061"), 204),
        case("short escapes", "/text", quoted("\\n"), 422),
        case("escapes, of an enum", "/choice", quoted("\\u0061"), 422),
        case("digits, of an enum", "/choice", sevens.clone(), 400),
        case(
            "number of zeros behind the point",
            "/number",
            format!("1.{zeros}"),
            204,
        ),
        case("number of digits", "/number", sevens.clone(), 400),
        case("fraction of digits", "/number", format!("0.{sevens}"), 422),
        case(
            "integer of zeros behind the point",
            "/integer",
            format!("7.{zeros}"),
            204,
        ),
        case("integer of digits", "/integer", sevens.clone(), 400),
        case(
            "decimal of digits",
            "/decimal",
            format!("\"{sevens}\""),
            422,
        ),
        case(
            "large exponents",
            "/numbers",
            filled_with("3e999999999"),
            400,
        ),
        case(
            "small exponents",
            "/numbers",
            filled_with("3e-999999999"),
            422,
        ),
        case(
            "exponents within reach",
            "/numbers",
            filled_with("3e299"),
            204,
        ),
        case(
            "values of an enum",
            "/values",
            filled_with("1000000000000e-9,[1000000000]"),
            204,
        ),
        case(
            "values beside an enum",
            "/values",
            filled_with("1e-999999999"),
            422,
        ),
        case(
            "values of a const",
            "/constants",
            filled_with(&format!("1{}", "0".repeat(100))),
            204,
        ),
        case(
            "patterns that are tried in vain",
            "/patterns",
            filled_with(&format!("\"{}\"", "a".repeat(40))),
            422,
        ),
        case(
            "patterns that match late",
            "/patterns",
            filled_with(&format!("\"{}c\"", "a".repeat(14))),
            204,
        ),
        case(
            "pattern on one long text",
            "/patterns",
            format!("[{}]", quoted("a").replacen('a', "", 4)),
            422,
        ),
        case(
            "unions of unions, beyond the budget",
            "/branches",
            filled_with(&format!("{}1{}", "[".repeat(120), "]".repeat(120))),
            422,
        ),
        case(
            "unions of unions of numbers",
            "/branches",
            filled_with("1"),
            422,
        ),
        case(
            "unions of unions, faulty",
            "/branches",
            filled_with(&format!("{}null{}", "[".repeat(120), "]".repeat(120))),
            422,
        ),
        case(
            "lists of lists, each distinct",
            "/deep",
            format!("[{}]", lists(120)),
            204,
        ),
        case("lists around a long one", "/deep", around(110), 422),
        case(
            "lists of lists, repeated",
            "/deep",
            filled_with(&lists(120)),
            422,
        ),
    ]
}

/// Lists in each other, each beside an empty one.
fn lists(depth: usize) -> String {
    format!("{}[[]]{}", "[".repeat(depth), ",[]]".repeat(depth))
}

/// A long list in lists, each with enough neighbours that all are hashed.
fn around(depth: usize) -> String {
    let neighbours: String = (1..=8)
        .map(|depth| format!(",{}{}", "[".repeat(depth), "]".repeat(depth)))
        .collect();
    let close = format!("{neighbours}]").repeat(depth);
    let count = (LIMIT - depth - close.len() - 2) / 3;
    let long = format!("[{}]", vec!["[]"; count].join(","));
    format!("{}{long}{close}", "[".repeat(depth))
}

/// A value of the schema `Nested`: so many objects in each other, with `inner` in the innermost.
pub fn nested(depth: usize, inner: &str) -> String {
    let open = r#"{"next":"#.repeat(depth);
    let close = r#","right":true}"#.repeat(depth);
    format!("{open}{inner}{close}")
}

/// As many of an item as fit into the limit, as an array.
pub fn filled_with(item: &str) -> String {
    let count = (LIMIT - 2) / (item.len() + 1);
    format!("[{}]", vec![item; count].join(","))
}

/// As many distinct items as fit into the limit, as an array.
pub fn distinct(item: impl Fn(u32) -> String) -> String {
    let mut text = format!("[{}", item(0));
    for number in 1.. {
        let item = item(number);
        if text.len() + item.len() + 2 > LIMIT {
            break;
        }
        let _ = write!(text, ",{item}");
    }
    text + "]"
}

/// An object with so many keys of three characters, of which there are 753,571; the first is `###`.
pub fn keys(count: usize) -> String {
    let alphabet: Vec<char> = ('#'..='~').filter(|&char| char != '\\').collect();
    let mut members = Vec::with_capacity(count);
    for first in &alphabet {
        for second in &alphabet {
            for third in &alphabet {
                if members.len() == count {
                    return format!("{{{}}}", members.join(","));
                }
                members.push(format!("\"{first}{second}{third}\":0"));
            }
        }
    }
    format!("{{{}}}", members.join(","))
}
