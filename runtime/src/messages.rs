//! Messages in other languages, picked by `Accept-Language` (RFC 9110, section 12.5.4).

use std::borrow::Cow;
use std::collections::HashMap;

use http::header::{self, HeaderMap, HeaderValue};

use crate::decode::Violation;
use crate::failure::Failure;

/// The words of one language for violations and errors.
///
/// A message is found by its code, which is a keyword of JSON Schema or one of the runtime's own
/// ([`Keyword::as_str`](crate::Keyword::as_str)) for a violation, and [`Cause::as_str`](crate::Cause::as_str) for an error
/// as a whole. `type/integer` and `format/email` are found before `type` and `format`. The text of an `x-error-message`
/// is found by that text. What the table does not have stays as it is.
///
/// In a message `{expected}` stands for what the rule asks for, such as the bound, and `{count}` for the number of
/// violations.
///
/// # Examples
///
/// ```
/// use specwright::Messages;
///
/// let german = Messages::new("de")
///     .with("required", "fehlt")
///     .with("minLength", "braucht mindestens {expected} Zeichen")
///     .with("type/integer", "muss eine ganze Zahl sein")
///     .with("invalid", "Die Anfrage hat {count} Fehler.");
/// ```
#[derive(Clone, Debug)]
pub struct Messages {
    language: String,
    texts: HashMap<Cow<'static, str>, Cow<'static, str>>,
}

impl Messages {
    /// A table without messages for a language tag such as `de` or `pt-BR` (RFC 5646).
    #[must_use]
    pub fn new(language: impl Into<String>) -> Self {
        Self {
            language: language.into(),
            texts: HashMap::new(),
        }
    }

    /// Adds a message.
    #[must_use]
    pub fn with(
        mut self,
        code: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.texts.insert(code.into(), text.into());
        self
    }

    fn text(&self, code: &str) -> Option<&str> {
        self.texts.get(code).map(|text| &**text)
    }

    fn of_violation(&self, violation: &Violation) -> Option<String> {
        let expected = violation.expected.to_string();
        if violation.is_authored {
            return self.text(&violation.detail).map(str::to_owned);
        }
        let code = violation.keyword.as_str();
        let text = self
            .text(&format!("{code}/{expected}"))
            .or_else(|| self.text(code))?;
        Some(text.replace("{expected}", &expected))
    }
}

/// Puts the words of the client's language in place; the language, where there is a table of it.
pub(crate) fn translate(
    failure: &mut Failure,
    tables: &[Messages],
    headers: &HeaderMap,
) -> Option<HeaderValue> {
    let table = preferred(tables, headers)?;
    let count = failure.violations().len();
    if let Some(text) = table.text(failure.cause.as_str()) {
        failure.problem.detail = Some(text.replace("{count}", &count.to_string()).into());
        failure.has_own_detail = true;
    }
    for violation in failure
        .problem
        .violations
        .iter_mut()
        .flat_map(|it| it.iter_mut())
    {
        if let Some(text) = table.of_violation(violation) {
            violation.detail = text.into();
            violation.is_authored = true;
        }
    }
    HeaderValue::try_from(&table.language).ok()
}

/// The table that the client likes best by lookup (RFC 4647, section 3.4); none where English, the runtime's own, comes
/// first.
fn preferred<'t>(tables: &'t [Messages], headers: &HeaderMap) -> Option<&'t Messages> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let mut ranges: Vec<(u16, &str)> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            (quality(parameters), tag.trim())
        })
        .filter(|(quality, tag)| *quality > 0 && !tag.is_empty())
        .collect();
    // What is liked alike stays in the order in which it was said.
    ranges.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    for (_, range) in ranges {
        let mut range = range;
        loop {
            let found = tables
                .iter()
                .find(|table| table.language.eq_ignore_ascii_case(range));
            if found.is_some() {
                return found;
            }
            if range.eq_ignore_ascii_case("en") || range == "*" {
                return None;
            }
            let Some((shorter, _)) = range.rsplit_once('-') else {
                break;
            };
            range = shorter;
        }
    }
    None
}

/// The quality of a range in thousandths (RFC 9110, section 12.4.2); what is malformed counts as nothing said.
fn quality(parameters: &str) -> u16 {
    let value = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("q="));
    let quality = value.and_then(|value| value.trim().parse::<f32>().ok());
    // A quality is between 0 and 1.
    quality.map_or(1000, |quality| (quality.clamp(0.0, 1.0) * 1000.0) as u16)
}
