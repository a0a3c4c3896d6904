//! What generated models offer to other code: serde, checking, defaults and conversions.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{App, Context, Keyword, Maybe, Password, Unexpected, Validate as _};

use super::request::Expect::{Back, Refused, Same};
use super::request::{post, post_each, post_to, send_to};
use super::{Echo, constants, names, presence, strings, typed_content};

specwright::include_api!(pub mod read_write);

use read_write::{Account, AccountInput};

impl read_write::DefaultApi for Echo {
    async fn create(
        &self,
        _: &Context,
        request: read_write::CreateRequest,
    ) -> Result<Account, Unexpected> {
        let AccountInput {
            name,
            password,
            owner,
            plain,
        } = request.body;
        assert!(!format!("{password:?}").contains(password.expose()));
        Ok(Account {
            id: 1,
            name,
            owner: owner.map(|owner| {
                Box::new(Account {
                    id: 2,
                    name: owner.name,
                    owner: None,
                    plain: owner.plain,
                })
            }),
            plain,
        })
    }
}

#[tokio::test]
async fn members_for_reading_and_for_writing() {
    // The id is for reading only, so it is ignored, whatever it is.
    let sent = r#"{"id":"x","name":"Emma","password":"secret","owner":{"name":"Ann","password":"secret"},"plain":{"a":1}}"#;
    let answer = post(read_write::api(Echo), sent).await;
    assert_eq!(
        answer.summary(),
        r#"200 {"id":1,"name":"Emma","owner":{"id":2,"name":"Ann"},"plain":{"a":1}}"#
    );
    let answer = post(read_write::api(Echo), r#"{"owner":{"password":"x"}}"#).await;
    assert_eq!(
        answer.summary(),
        "422 body /owner/password minLength, body /owner/name required, body /name required, body /password required"
    );
    assert!(!answer.text().contains('x'.to_string().repeat(2).as_str()));
}

specwright::include_api!(pub mod one_way);

impl one_way::DefaultApi for Echo {
    async fn create(
        &self,
        _: &Context,
        request: one_way::CreateRequest,
    ) -> Result<one_way::Entry, Unexpected> {
        Ok(one_way::Entry {
            id: Some(1),
            name: request.body.name,
            note: request.body.note,
        })
    }

    async fn choose(&self, _: &Context, _: one_way::ChooseRequest) -> Result<(), Unexpected> {
        Ok(())
    }
}

/// A string that holds JSON is what it holds, where that is asked for.
#[tokio::test]
async fn strings_that_hold_json() {
    post_each(
        typed_content::api(Echo),
        &[
            (r#"{"typed":"{\"x\":1}"}"#, Same),
            (
                r#"{"typed":" { \"x\" : 1.0 } "}"#,
                Back(r#"{"typed":"{\"x\":1}"}"#),
            ),
            (r#"{"typed":"{\"x\":10}"}"#, Refused("/typed/x maximum")),
            (r#"{"typed":"{}"}"#, Refused("/typed/x required")),
            (r#"{"typed":"{"}"#, Refused("/typed contentMediaType")),
            (r#"{"typed":{"x":1}}"#, Refused("/typed type")),
            (r#"{"any":"[1,null]"}"#, Same),
            (r#"{"any":null}"#, Same),
            (r#"{"any":"[1,"}"#, Refused("/any contentMediaType")),
            (r#"{"plain":"{"}"#, Same),
            (r#"{"inner":"{\"plain\":\"a\"}"}"#, Same),
            (r#"{"inner":"{\"plain\":1}"}"#, Refused("/inner/plain type")),
        ],
    )
    .await;
    let text = r#"{"typed":"{\"x\":3}"}"#;
    let value: typed_content::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value.typed.unwrap().x, 3);
}

/// What is echoed of a request has one bound, also where JSON stands within strings.
#[tokio::test]
async fn strings_that_hold_json_are_echoed_within_the_bound_of_the_request() {
    let long = |letter: &str| format!(r#"\"{}\""#, letter.repeat(40_000));
    let (typed, inner) = (long("a"), long("b"));
    let body = format!(r#"{{"typed":"{typed}","inner":"{inner}"}}"#);
    let request = Request::post("/")
        .header("content-type", "application/json")
        .body(Body::from(body));
    let app = App::new(typed_content::api(Echo)).echo_input(true);
    let answer = send_to(app, request.unwrap()).await;
    assert_eq!(answer.summary(), "422 body /typed type, body /inner type");
    let echoed = answer.text().matches(['a', 'b']).count();
    assert!((40_000..65_536).contains(&echoed), "{echoed}");
}

/// Nothing asks for a member in the direction in which it is not sent, wherever its property stands.
#[tokio::test]
async fn rules_about_members_of_the_other_direction() {
    for (sent, expected) in [
        (
            r#"{"name":"a","secret":"s","note":"n"}"#,
            r#"200 {"id":1,"name":"a","note":"n"}"#,
        ),
        // What is ignored does not decide either.
        (
            r#"{"id":5,"name":"a","secret":"s","note":"n"}"#,
            r#"200 {"id":1,"name":"a","note":"n"}"#,
        ),
        (
            r#"{"name":"a","note":"n"}"#,
            "422 body /secret dependentRequired",
        ),
        (r#"{"secret":"s","note":"n"}"#, "422 body /name required"),
    ] {
        let answer = post(one_way::api(Echo), sent).await;
        assert_eq!(answer.summary(), expected, "{sent}");
    }
}

/// Where to ask for less would refuse more, or choose another branch, a member that is not sent is absent, even if it is
/// sent.
#[tokio::test]
async fn members_of_the_other_direction_where_the_rule_is_turned_round() {
    let mut differences = Vec::new();
    for (sent, expected) in [
        (r#"{"one":{"name":"a"}}"#, ""),
        (r#"{"one":{"id":1,"name":"a"}}"#, ""),
        (r#"{"one":{"id":1}}"#, "body /one oneOf, body /one false"),
        (r#"{"either":{"name":"a"}}"#, ""),
        (
            r#"{"either":{"name":"a","note":"b"}}"#,
            "body /either oneOf",
        ),
        (r#"{"own":{"kind":"a"}}"#, ""),
        (r#"{"own":{"kind":"c"}}"#, "body /own/kind enum"),
        (r#"{"if":{}}"#, ""),
        (r#"{"if":{"id":1}}"#, ""),
        (r#"{"not":{"name":"a"}}"#, ""),
        (r#"{"not":{"id":1,"name":"a"}}"#, ""),
        (r#"{"both":{"pw":"a"}}"#, ""),
        (r#"{"not_not":{"name":"a"}}"#, ""),
        (r#"{"not_not":{}}"#, "body /not_not not"),
        (r#"{"dependent":{"name":"a"}}"#, ""),
        (r#"{"evaluated":{"note":"a"}}"#, ""),
        (
            r#"{"evaluated":{"name":"a"}}"#,
            "body /evaluated/name unevaluatedProperties",
        ),
    ] {
        let answer = post_to(one_way::api(Echo), "/told-apart", sent).await;
        let expected = match expected {
            "" => "204".to_owned(),
            violations => format!("422 {violations}"),
        };
        if answer.summary() != expected {
            differences.push((sent, answer.summary()));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn secrets_are_not_shown() {
    let input: AccountInput =
        serde_json::from_str(r#"{"name":"Emma","password":"hunter2"}"#).unwrap();
    assert_eq!(input.password, Password::new("hunter2".to_owned()));
    assert!(!format!("{input:?}").contains("hunter2"));
    let error = serde_json::from_str::<AccountInput>(r#"{"name":5,"password":"h2"}"#).unwrap_err();
    assert!(!error.to_string().contains("h2"), "{error}");
}

#[test]
fn models_through_serde() {
    let text = r#"{"required":"a","nullable":null,"either":null,"defaulted":3}"#;
    let value: presence::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value.either, Maybe::Null);
    assert_eq!(value.referenced, Maybe::Absent);
    assert_eq!((value.defaulted, value.list.as_slice()), (3, &[1, 2][..]));
    let written = serde_json::to_value(&value).unwrap();
    assert_eq!(
        serde_json::from_value::<presence::Value>(written).unwrap(),
        value
    );
    let yaml = serde_yaml::to_string(&value).unwrap();
    assert_eq!(
        serde_yaml::from_str::<presence::Value>(&yaml).unwrap(),
        value
    );

    let error = serde_json::from_str::<presence::Value>(r#"{"required":1}"#).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("/required"), "{error}");
    assert!(error.contains("/nullable"), "{error}");
}

#[test]
fn values_built_by_hand_are_checked() {
    let mut value: strings::Value = serde_json::from_str("{}").unwrap();
    assert_eq!(value.validate(), Ok(()));
    value.min_length = Some("a".to_owned());
    value.pattern = Some("A".to_owned());
    let violations = value.validate().unwrap_err();
    let found: Vec<_> = violations
        .iter()
        .map(|it| (it.pointer.as_str(), it.keyword))
        .collect();
    assert_eq!(
        found,
        [
            ("/min_length", Keyword::MinLength),
            ("/pattern", Keyword::Pattern)
        ]
    );
}

#[test]
fn newtypes_hold_valid_values_only() {
    let name = strings::Name::try_from("Emma".to_owned()).unwrap();
    assert_eq!(name.len(), 4);
    assert_eq!(String::from(name), "Emma");
    let violations = strings::Name::try_from("Emmaline".to_owned()).unwrap_err();
    assert_eq!(
        violations.iter().next().unwrap().keyword,
        Keyword::MaxLength
    );
}

#[test]
fn enums_of_strings() {
    for text in [
        "", " ", "+", "-", "1", "a", "A", "a b", "Self", "é", "\"\\\n",
    ] {
        let odd: names::Odd = text.parse().unwrap();
        assert_eq!(odd.as_str(), text);
        assert_eq!(odd.to_string(), text);
    }
    assert!("b".parse::<names::Odd>().is_err());
    // What else the schema asks is part of the type.
    let read = |text| serde_json::from_str::<constants::Word>(text);
    assert_eq!(read(r#""blue""#).unwrap(), constants::Word::Blue);
    for text in [r#""red""#, r#""green""#, r#""black""#] {
        assert!(read(text).is_err(), "{text}");
    }
    assert!(constants::Word::Red.validate().is_err());
}
