//! What was accepted stays a value of its schema once it is built and written again.

use super::request::Expect::{Back, Refused, Same};
use super::request::post_each;
use super::{Echo, default_mapping, kept};

#[tokio::test]
async fn members_that_decide_between_branches_come_back() {
    post_each(
        kept::api(Echo),
        &[
            (
                r#"{"vehicle":{"make":"a","doors":1}}"#,
                Refused("/vehicle oneOf"),
            ),
            // A motorcycle, since its doors are no number; without them it would be a car as well.
            (r#"{"vehicle":{"make":"a","engine":1,"doors":"two"}}"#, Same),
            (r#"{"vehicle":{"make":"a","doors":1,"engine":"big"}}"#, Same),
            (r#"{"inner":{"car":{"doors":1,"wheels":"four"}}}"#, Same),
            (r#"{"inner":{"car":{"wheels":1,"doors":"four"}}}"#, Same),
            // Whatever is left out, one of these requires what the other has not.
            (
                r#"{"told_apart":{"kind":"sail","masts":1,"wings":"none"}}"#,
                Back(r#"{"told_apart":{"kind":"sail","masts":1}}"#),
            ),
        ],
    )
    .await;
    // What is kept does not make a branch of `anyOf` better than one that describes more members.
    let text = r#"{"best":{"make":"a","axles":2,"load":3}}"#;
    let value: kept::Value = serde_json::from_str(text).unwrap();
    assert!(
        matches!(value.best.as_deref(), Some(kept::ValueBest::Truck(_))),
        "{value:?}"
    );
}

#[tokio::test]
async fn members_that_the_whole_object_depends_on_come_back() {
    post_each(
        kept::api(Echo),
        &[
            (r#"{"some":{"a":1,"x":2}}"#, Same),
            (r#"{"some":{"x":1}}"#, Refused("/some minProperties")),
            (r#"{"either":{"b":1}}"#, Same),
            (r#"{"without":{"x":1,"y":2}}"#, Same),
            (r#"{"dependent":{"a":1,"b":2}}"#, Same),
            // These hold of fewer members too.
            (r#"{"few":{"a":1,"x":2}}"#, Back(r#"{"few":{"a":1}}"#)),
        ],
    )
    .await;
}

/// What looks into the parts of a value decides about it too.
#[tokio::test]
async fn members_that_a_value_around_the_object_depends_on_come_back() {
    post_each(
        kept::api(Echo),
        &[
            (r#"{"unique":[{"x1":1,"e":1},{"x1":1,"e":2}]}"#, Same),
            (
                r#"{"unique":[{"x1":1,"e":1},{"x1":1,"e":1}]}"#,
                Refused("/unique uniqueItems"),
            ),
            (r#"{"containing":[{"e":1}]}"#, Same),
            (r#"{"counted":[{"x8":1},{"x8":1,"e":1}]}"#, Same),
            (r#"{"then":{"b":1,"a":{"y":2}}}"#, Same),
            (r#"{"any":{"a":{"y":1}}}"#, Same),
            (r#"{"not_const":{"a":{"x5":1,"y":2}}}"#, Same),
            (r#"{"not_const":{"a":{"x5":1}}}"#, Refused("/not_const not")),
            (r#"{"map":{"z":{"x6":1,"k":2}}}"#, Same),
            (r#"{"deep":[{"list":[{"x7":1,"k":2}]}]}"#, Same),
        ],
    )
    .await;
}

/// What the discriminator names nothing for is the default's to accept; it decides nothing that the branches do not.
#[tokio::test]
async fn a_discriminator_with_a_default() {
    post_each(
        default_mapping::api(Echo),
        &[
            (r#"{"kind":"cat","lives":7}"#, Same),
            (r#"{"kind":"dog","barks":true}"#, Same),
            (r#"{"kind":"fish","name":"a"}"#, Same),
            (r#"{"name":"a"}"#, Same),
            (r#"{"kind":"dog","name":"a"}"#, Back(r#"{"kind":"dog"}"#)),
        ],
    )
    .await;
    for body in [r#"{"kind":"fish"}"#, r#"{"kind":"cat","lives":10}"#, "{}"] {
        let answer = super::request::post(default_mapping::api(Echo), body).await;
        assert_eq!(answer.status, 422, "{body}");
    }
    let value: default_mapping::Value = serde_json::from_str(r#"{"name":"a"}"#).unwrap();
    assert!(matches!(value, default_mapping::Value::Other(_)));
}
