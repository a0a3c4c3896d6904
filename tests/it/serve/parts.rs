//! Keywords that apply schemas to a value and to its parts: each on both sides of its boundary.

use super::request::Expect::{Back, Refused, Same};
use super::request::{Expect, post_each};
use super::{Echo, applicators, resources};

async fn check(cases: &[(&str, Expect)]) {
    post_each(applicators::api(Echo), cases).await;
}

#[tokio::test]
async fn conditions() {
    check(&[
        (r#"{"address":{"country":"US","state":"NY"}}"#, Same),
        (
            r#"{"address":{"country":"US"}}"#,
            Refused("/address/state required"),
        ),
        (
            r#"{"address":{"country":"US","postcode":"1234 AB","state":"NY"}}"#,
            Refused("/address/postcode pattern"),
        ),
        (r#"{"address":{"country":"NL","postcode":"1234 AB"}}"#, Same),
        // A member that only a branch describes is kept.
        (r#"{"address":{"country":"NL","province":"Utrecht"}}"#, Same),
        (
            r#"{"address":{"country":"NL","postcode":"12345","province":1}}"#,
            Refused("/address/postcode pattern, /address/province type"),
        ),
        // Where the value has another fault, the condition is still decided.
        (
            r#"{"address":{"country":"XX","postcode":"1"}}"#,
            Refused("/address/country enum, /address/postcode pattern"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn tuples_and_rows() {
    check(&[
        (r#"{"point":[4.9,52.4,"Amsterdam"]}"#, Same),
        (r#"{"point":[4.9,52.4]}"#, Refused("/point minItems")),
        (
            r#"{"point":[4.9,52.4,"a","b"]}"#,
            Refused("/point maxItems"),
        ),
        (
            r#"{"point":["4.9",52.4,""]}"#,
            Refused("/point/0 type, /point/2 minLength"),
        ),
        (r#"{"row":[]}"#, Same),
        (r#"{"row":[1]}"#, Same),
        (r#"{"row":[1,true,false]}"#, Same),
        (
            r#"{"row":["a",true,0]}"#,
            Refused("/row/0 type, /row/2 type"),
        ),
    ])
    .await;
    let point: applicators::Point = (4.9, 52.4, "Amsterdam".to_owned());
    assert_eq!(point.2, "Amsterdam");
}

#[tokio::test]
async fn patterns_of_keys() {
    check(&[
        (r#"{"labels":{"ab":1}}"#, Same),
        (
            r#"{"labels":{"ab":"1"}}"#,
            Refused("/labels/ab type, /labels/ab type"),
        ),
        (
            r#"{"labels":{"A":1}}"#,
            Refused("/labels/A additionalProperties"),
        ),
        (
            r#"{"labels":{"abcdef":1}}"#,
            Refused("/labels/abcdef propertyNames"),
        ),
        (r#"{"headers":{"host":"h","x-a":"b","n":1}}"#, Same),
        (r#"{"headers":{"x-a":1}}"#, Refused("/headers/x-a type")),
        (
            r#"{"headers":{"x-n":"four"}}"#,
            Refused("/headers/x-n maxLength"),
        ),
        (r#"{"headers":{"n":"one"}}"#, Refused("/headers/n type")),
    ])
    .await;
}

#[tokio::test]
async fn dependencies_and_what_is_unevaluated() {
    check(&[
        (r#"{"payment":{}}"#, Same),
        (r#"{"payment":{"card":"1","cvc":"2"}}"#, Same),
        (
            r#"{"payment":{"card":"1"}}"#,
            Refused("/payment/cvc dependentRequired"),
        ),
        (r#"{"payment":{"iban":"1","bic":"2","country":"NL"}}"#, Same),
        (
            r#"{"payment":{"iban":"1","country":1}}"#,
            Refused("/payment/bic required, /payment/country type"),
        ),
        (
            r#"{"payment":{"country":"NL"}}"#,
            Refused("/payment/country unevaluatedProperties"),
        ),
        (r#"{"shape":{"name":"a","radius":1.5}}"#, Same),
        (
            r#"{"shape":{"name":"a","radius":1,"depth":2}}"#,
            Refused("/shape/depth unevaluatedProperties"),
        ),
        // Both branches accept, and that one of them alone would evaluate every member makes no difference.
        (
            r#"{"shape":{"name":"a","radius":1,"width":2,"height":3}}"#,
            Refused("/shape oneOf"),
        ),
        (
            r#"{"closed":{"id":1,"note":"n"}}"#,
            Back(r#"{"closed":{"note":"n","id":1}}"#),
        ),
        (
            r#"{"closed":{"id":1,"more":2}}"#,
            Refused("/closed/more unevaluatedProperties"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_arrays_contain() {
    check(&[
        (r#"{"basket":["apple","pear","apples"]}"#, Same),
        (
            r#"{"basket":["apple","pear"]}"#,
            Refused("/basket minContains"),
        ),
        (
            r#"{"basket":["apple","apple","apple","apple"]}"#,
            Refused("/basket maxContains"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn objects_of_an_enum_keep_their_other_rules() {
    check(&[
        (r#"{"constant":{"a":1}}"#, Same),
        (r#"{"constant":{"a":0}}"#, Refused("/constant/a minimum")),
        (r#"{"constant":{"a":2}}"#, Refused("/constant enum")),
    ])
    .await;
}

/// Several types are an enum of them, each with the keywords of its own.
#[tokio::test]
async fn several_types() {
    check(&[
        (r#"{"amount":1.5}"#, Same),
        (r#"{"amount":"15"}"#, Same),
        (r#"{"amount":[1,0.5]}"#, Back(r#"{"amount":[1.0,0.5]}"#)),
        (r#"{"amount":null}"#, Same),
        (r#"{"amount":0}"#, Refused("/amount minimum")),
        (r#"{"amount":7.0}"#, Refused("/amount not")),
        (r#"{"amount":"1.5"}"#, Refused("/amount pattern")),
        (r#"{"amount":["1"]}"#, Refused("/amount/0 type")),
        (r#"{"amount":true}"#, Refused("/amount type")),
    ])
    .await;
    let amount = applicators::Amount::Text("15".to_owned());
    assert_ne!(amount, applicators::Amount::Number(15.0));
}

/// A type that contains itself and asks about its parts is asked once a node, not once a way to it.
#[test]
fn asking_takes_linear_work() {
    use specwright::decode::{Decode, Decoder};
    let work = |depth: usize| {
        let text = format!(
            "{}{}{}",
            r#"{"value":1,"left":"#.repeat(depth),
            r#"{"value":1}"#,
            "}".repeat(depth)
        );
        let tree = specwright::node::Tree::parse(text.as_bytes()).unwrap();
        let mut cx = Decoder::new();
        let decoded = applicators::Tree::decode(tree.root(), &mut cx);
        assert!(decoded.is_some() && cx.is_valid());
        cx.work()
    };
    let (short, long) = (work(30), work(60));
    assert!(long < 3 * short, "{short} {long}");
}

/// What is found by a URI, by a name within it, and by the scope that a schema is read in.
#[tokio::test]
async fn resources_and_scopes() {
    post_each(
        resources::api(Echo),
        &[
            (r#"{"by_uri":{"value":1,"currency":"EUR"}}"#, Same),
            (
                r#"{"by_uri":{"value":1,"currency":"eur"}}"#,
                Refused("/by_uri/currency pattern"),
            ),
            (r#"{"by_name":99,"within":"USD"}"#, Same),
            (
                r#"{"by_name":100,"by_self":101,"within":"usd"}"#,
                Refused("/by_name maximum, /by_self maximum, /within pattern"),
            ),
            (r#"{"page":{"items":[1,"a",null]}}"#, Same),
            (
                r#"{"numbers":{"items":[1.5],"next":{"items":[2.5]}}}"#,
                Same,
            ),
            (
                r#"{"numbers":{"items":["a"],"next":{"items":["b"]}}}"#,
                Refused("/numbers/items/0 type, /numbers/next/items/0 type"),
            ),
            (
                r#"{"words":{"items":["a"],"next":{"items":[""]}}}"#,
                Refused("/words/next/items/0 minLength"),
            ),
        ],
    )
    .await;
    let page = resources::NumberPage {
        items: vec![1.5],
        next: None,
    };
    assert_eq!(page.items.iter().sum::<f64>(), 1.5);
}
