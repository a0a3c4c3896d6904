//! Whether an answer decides as the recorded application did.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::recording::Exchange;

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// What came of the comparison.
pub(crate) enum Verdict {
    /// The framework decided the same.
    Same,
    /// It did not; in words.
    Differs(String),
}

/// What a stub handler answers.
const REACHED: u16 = 501;

/// Compares what the framework decides.
pub(crate) fn judge(exchange: &Exchange, answer: &Answer) -> Verdict {
    let wanted = match exchange.status {
        422 => return compare_violations(exchange, answer),
        401 => 401,
        status if is_of_router(exchange, status) => status,
        _ => REACHED,
    };
    if answer.status == wanted {
        return Verdict::Same;
    }
    let wanted = match wanted {
        REACHED => format!("recorded {}, so the handler", exchange.status),
        status => status.to_string(),
    };
    Verdict::Differs(format!(
        "answered {}, wanted {wanted}: {}",
        answer.status, answer.body
    ))
}

/// Whether the recorded router answered, and no handler: 404 and 405 in its words, and redirects to a slash at the end.
fn is_of_router(exchange: &Exchange, status: u16) -> bool {
    let says = |words: &str| exchange.resp_body.text() == format!("{{\"detail\":\"{words}\"}}");
    match status {
        404 => says("Not Found"),
        405 => says("Method Not Allowed"),
        307 | 308 => exchange.resp_headers.iter().any(|(name, location)| {
            let path = exchange.path.split('?').next().unwrap_or_default();
            name.eq_ignore_ascii_case("location")
                && (location.ends_with(&format!("{path}/"))
                    || path
                        .strip_suffix('/')
                        .is_some_and(|path| location.ends_with(path)))
        }),
        _ => false,
    }
}

fn compare_violations(exchange: &Exchange, answer: &Answer) -> Verdict {
    if answer.status != 422 {
        return Verdict::Differs(format!(
            "answered {}, wanted 422 with {}: {}",
            answer.status,
            exchange.resp_body.text(),
            answer.body
        ));
    }
    let wanted = violations(exchange.resp_body.text());
    let found = violations(&answer.body);
    if wanted.is_some() && wanted == found {
        return Verdict::Same;
    }
    Verdict::Differs(format!(
        "answered {}, wanted {}",
        answer.body,
        exchange.resp_body.text()
    ))
}

/// The pairs of `loc` and `type`.
fn violations(body: &str) -> Option<BTreeSet<(String, String)>> {
    let body: Value = serde_json::from_str(body).ok()?;
    let list = body.get("detail")?.as_array()?;
    list.iter()
        .map(|it| {
            let location = it.get("loc")?.to_string();
            Some((location, it.get("type")?.as_str()?.to_owned()))
        })
        .collect()
}
