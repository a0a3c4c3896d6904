//! Every keyword of schemas and every type that they become, at its boundary.

use super::request::Expect::{Back, Refused, Same};
use super::request::{post, post_each};
use super::{
    Echo, all_of, any_of, arrays, backtracking, closed, constants, discriminator, formats, large,
    maps, names, numbers, objects, one_of_const, one_of_keys, one_of_kind, presence, recursion,
    strings, version_3_0,
};

#[tokio::test]
async fn checks_of_numbers() {
    post_each(
        numbers::api(Echo),
        &[
            (r#"{"minimum":3}"#, Same),
            (r#"{"minimum":2}"#, Refused("/minimum minimum")),
            (r#"{"maximum":100}"#, Same),
            (r#"{"maximum":101}"#, Refused("/maximum maximum")),
            (r#"{"exclusive_minimum":1e-300}"#, Same),
            (
                r#"{"exclusive_minimum":0}"#,
                Refused("/exclusive_minimum exclusiveMinimum"),
            ),
            (
                r#"{"exclusive_minimum":-0.0}"#,
                Refused("/exclusive_minimum exclusiveMinimum"),
            ),
            // What the type makes of it is out of bounds.
            (
                r#"{"exclusive_minimum":1e-400}"#,
                Refused("/exclusive_minimum unsupported_range"),
            ),
            (r#"{"exclusive_maximum":1.4999}"#, Same),
            (
                r#"{"exclusive_maximum":1.49999999999999999999}"#,
                Refused("/exclusive_maximum unsupported_range"),
            ),
            (
                r#"{"exclusive_maximum":1.50}"#,
                Refused("/exclusive_maximum exclusiveMaximum"),
            ),
            (r#"{"multiple":39.44}"#, Same),
            (r#"{"multiple":1e300}"#, Back(r#"{"multiple":1e+300}"#)),
            (
                r#"{"multiple":45600.615038194315}"#,
                Refused("/multiple multipleOf"),
            ),
            (r#"{"multiple":0.005}"#, Refused("/multiple multipleOf")),
            (r#"{"whole":-14}"#, Same),
            (r#"{"whole":0}"#, Same),
            (r#"{"whole":15}"#, Refused("/whole multipleOf")),
            (r#"{"exact":0.1}"#, Same),
            (
                r#"{"exact":0.09999999999999999999}"#,
                Refused("/exact minimum"),
            ),
            (
                r#"{"exact":9007199254740993.0000001}"#,
                Refused("/exact maximum"),
            ),
            (r#"{"integer":9007199254740993}"#, Same),
            (r#"{"integer":1.0}"#, Back(r#"{"integer":1}"#)),
            (r#"{"integer":1e2}"#, Back(r#"{"integer":100}"#)),
            (r#"{"integer":-0}"#, Back(r#"{"integer":0}"#)),
            (r#"{"integer":1.5}"#, Refused("/integer type")),
            (r#"{"integer":"1"}"#, Refused("/integer type")),
            (r#"{"integer":true}"#, Refused("/integer type")),
            (r#"{"integer":null}"#, Refused("/integer type")),
            (r#"{"integer":-9223372036854775808}"#, Same),
            (
                r#"{"integer":9223372036854775808}"#,
                Refused("/integer unsupported_range"),
            ),
            (
                r#"{"integer":1e300}"#,
                Refused("/integer unsupported_range"),
            ),
            (r#"{"any":1}"#, Same),
            (r#"{"any":"1"}"#, Same),
            (r#"{"any":1.5}"#, Refused("/any type")),
            (
                r#"{"minimum":0,"whole":1,"maximum":1000}"#,
                Refused("/minimum minimum, /whole multipleOf, /maximum maximum"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn checks_of_strings() {
    post_each(
        strings::api(Echo),
        &[
            (r#"{"min_length":"ab"}"#, Same),
            // Two characters of four bytes each; a length counts characters.
            (r#"{"min_length":"😀😀"}"#, Same),
            (r#"{"min_length":"é"}"#, Refused("/min_length minLength")),
            (r#"{"max_length":"éééé"}"#, Refused("/max_length maxLength")),
            (r#"{"max_length":"😀😀😀"}"#, Same),
            (
                r#"{"max_length":"\u0061bc"}"#,
                Back(r#"{"max_length":"abc"}"#),
            ),
            (r#"{"pattern":"abc1"}"#, Same),
            (r#"{"pattern":"abc12"}"#, Refused("/pattern pattern")),
            (r#"{"pattern":"abc\n"}"#, Refused("/pattern pattern")),
            (r#"{"search":"abba"}"#, Same),
            (r#"{"search":"abab"}"#, Refused("/search pattern")),
            (r#"{"lookahead":"yes"}"#, Same),
            (r#"{"lookahead":"none"}"#, Refused("/lookahead pattern")),
            (r#"{"all":"xyz"}"#, Same),
            (r#"{"all":"y"}"#, Refused("/all minLength, /all pattern")),
            (r#"{"name":"Emma"}"#, Same),
            (r#"{"name":""}"#, Refused("/name minLength")),
            (r#"{"name":"Emmaline"}"#, Refused("/name maxLength")),
            (r#"{"name":5}"#, Refused("/name type")),
        ],
    )
    .await;
}

#[tokio::test]
async fn checks_of_arrays() {
    post_each(
        arrays::api(Echo),
        &[
            (r#"{"min_items":[1,2]}"#, Same),
            (r#"{"min_items":[1]}"#, Refused("/min_items minItems")),
            (r#"{"max_items":[1,2]}"#, Same),
            (r#"{"max_items":[]}"#, Same),
            (r#"{"max_items":[1,2,3]}"#, Refused("/max_items maxItems")),
            (
                r#"{"unique":[1,"1",true,null,[],{},[1],{"a":1},0,false,""]}"#,
                Same,
            ),
            (r#"{"unique":[1,1.0]}"#, Refused("/unique uniqueItems")),
            (
                r#"{"unique":["a","\u0061"]}"#,
                Refused("/unique uniqueItems"),
            ),
            (
                r#"{"unique":[{"a":1,"b":[2]},{"b":[2.0],"a":1}]}"#,
                Refused("/unique uniqueItems"),
            ),
            (r#"{"unique_numbers":[0.1,0.10000000000000002]}"#, Same),
            (
                r#"{"unique_numbers":[0.1,0.10]}"#,
                Refused("/unique_numbers uniqueItems"),
            ),
            // Two numbers, of which one would come back.
            (
                r#"{"unique_numbers":[0.1,0.10000000000000000001]}"#,
                Refused("/unique_numbers unsupported_range"),
            ),
            (
                r#"{"unique_times":["2026-01-01T00:00:00Z","2026-01-01T00:00:00.5Z",null]}"#,
                Same,
            ),
            (
                r#"{"unique_times":["2026-01-01T00:00:00Z","2026-01-01T01:00:00+01:00"]}"#,
                Refused("/unique_times unsupported_range"),
            ),
            (r#"{"neither":[1]}"#, Same),
            (
                r#"{"neither":null}"#,
                Refused("/neither anyOf, /neither false"),
            ),
            (r#"{"items":["ab","cd"]}"#, Same),
            (
                r#"{"items":["a",1,"cd",""]}"#,
                Refused("/items/0 minLength, /items/1 type, /items/3 minLength"),
            ),
            (r#"{"items":{}}"#, Refused("/items type")),
            (r#"{"nested":[[true],[]]}"#, Same),
            (
                r#"{"nested":[[true],[true,1],2]}"#,
                Refused("/nested/1 maxItems, /nested/1/1 type, /nested/2 type"),
            ),
            (r#"{"free":[1,{"a":[]}]}"#, Same),
            (r#"{"free":{}}"#, Refused("/free type")),
            (r#"{"pair":[1.5,2.5]}"#, Same),
            (r#"{"pair":[1.5]}"#, Refused("/pair minItems")),
            (r#"{"pair":[1,2,3]}"#, Refused("/pair maxItems")),
        ],
    )
    .await;
}

#[tokio::test]
async fn checks_of_objects() {
    post_each(
        objects::api(Echo),
        &[
            (r#"{"required":{"a":1,"b":[null]}}"#, Same),
            (
                r#"{"required":{}}"#,
                Refused("/required/a required, /required/b required"),
            ),
            (r#"{"without":{"id":1}}"#, Same),
            (r#"{"without":{}}"#, Refused("/without/id required")),
            (r#"{"closed":{"a":1}}"#, Same),
            (
                r#"{"closed":{"a":1,"b/~":2}}"#,
                Refused("/closed/b~1~0 additionalProperties"),
            ),
            (r#"{"open":{"a":1,"z":"ab","y":""}}"#, Same),
            (
                r#"{"open":{"a":1,"z":"abc","y":1}}"#,
                Refused("/open/z maxLength, /open/y type"),
            ),
            (r#"{"min_properties":{"a":1,"b":2}}"#, Same),
            (
                r#"{"min_properties":{"a":1}}"#,
                Refused("/min_properties minProperties"),
            ),
            (r#"{"max_properties":{"a":1}}"#, Same),
            // A member that the schema does not name counts, and is dropped.
            (
                r#"{"max_properties":{"z":1}}"#,
                Back(r#"{"max_properties":{}}"#),
            ),
            (
                r#"{"max_properties":{"a":1,"z":1}}"#,
                Refused("/max_properties maxProperties"),
            ),
            (r#"{"empty":{}}"#, Same),
            (
                r#"{"empty":{"a":1}}"#,
                Refused("/empty/a additionalProperties"),
            ),
            (r#"{"empty":[]}"#, Refused("/empty type")),
            (r#"[]"#, Refused("type")),
            (r#"{"unknown":1}"#, Back("{}")),
        ],
    )
    .await;
}

#[tokio::test]
async fn maps_keep_their_order() {
    post_each(
        maps::api(Echo),
        &[
            (r#"{}"#, Same),
            (r#"{"b":{"z":1,"a":2},"a":{},"":{"\"":0}}"#, Same),
            (
                r#"{"b":{"z":-1},"a":{"a":1,"b":2,"c":3},"c":1}"#,
                Refused("/b/z minimum, /a maxProperties, /c type"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn all_of_keeps_every_branch() {
    post_each(
        all_of::api(Echo),
        &[
            (r#"{"name":"Emma","nick":"Em","age":30}"#, Same),
            (
                r#"{"nick":"","age":-1}"#,
                Refused("/nick minLength, /age minimum, /name required, minProperties"),
            ),
            (
                r#"{"name":"E","nick":"Emmy","age":151}"#,
                Refused("/name minLength, /nick maxLength, /age maximum"),
            ),
            (r#"{"name":"Emma","nick":"Em"}"#, Refused("minProperties")),
        ],
    )
    .await;
}

#[tokio::test]
async fn one_of_by_a_constant() {
    post_each(
        one_of_const::api(Echo),
        &[
            (r#"{"kind":"circle","radius":1.5}"#, Same),
            (
                r#"{"kind":"square","side":2.0}"#,
                Back(r#"{"kind":"square","side":2.0}"#),
            ),
            (
                r#"{"kind":"circle","radius":0}"#,
                Refused("/radius exclusiveMinimum"),
            ),
            (r#"{"kind":"square","radius":1}"#, Refused("/side required")),
        ],
    )
    .await;
    for body in [r#"{"kind":"oval"}"#, r#"{"radius":1}"#, "1", "null"] {
        let answer = post(one_of_const::api(Echo), body).await;
        assert_eq!(answer.status, 422, "{body}");
    }
}

#[tokio::test]
async fn one_of_by_a_discriminator() {
    post_each(
        discriminator::api(Echo),
        &[
            (r#"{"petType":"Cat","lives":9}"#, Same),
            (r#"{"petType":"hound","bark":"wuff"}"#, Same),
            (r#"{"petType":"Cat","lives":10}"#, Refused("/lives maximum")),
            (r#"{"petType":"hound"}"#, Refused("/bark required")),
        ],
    )
    .await;
    for body in [
        r#"{"petType":"Dog","bark":"wuff"}"#,
        "{}",
        r#"{"petType":1}"#,
    ] {
        let answer = post(discriminator::api(Echo), body).await;
        assert_eq!(answer.status, 422, "{body}");
    }
}

#[tokio::test]
async fn one_of_by_the_type() {
    post_each(
        one_of_kind::api(Echo),
        &[
            (r#""ab""#, Same),
            ("0", Same),
            ("null", Same),
            (r#"[1,["ab",[]],{"a":true},null]"#, Same),
            (r#"{"a":false}"#, Same),
            (r#""a""#, Refused("minLength")),
            ("-1", Refused("minimum")),
            (r#"{}"#, Refused("/a required")),
            (r#"[1,-1]"#, Refused("/1 minimum")),
        ],
    )
    .await;
    for body in ["1.5", "true"] {
        let answer = post(one_of_kind::api(Echo), body).await;
        assert_eq!(answer.status, 422, "{body}");
    }
}

#[tokio::test]
async fn one_of_accepts_exactly_one() {
    post_each(
        one_of_keys::api(Echo),
        &[
            (r#"{"id":1}"#, Same),
            (r#"{"name":"a"}"#, Same),
            ("4", Same),
            ("11", Same),
            (r#"{"id":1,"name":"a"}"#, Refused("oneOf")),
            ("5", Refused("oneOf")),
            ("10", Refused("oneOf")),
            // Only one branch accepts the name, since the id is none.
            (r#"{"id":"x","name":"a"}"#, Back(r#"{"name":"a"}"#)),
        ],
    )
    .await;
    let answer = post(one_of_keys::api(Echo), "{}").await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn one_of_closed_objects() {
    post_each(
        closed::api(Echo),
        &[
            ("{}", Same),
            (r#"{"a":1}"#, Same),
            (r#"{"b":1}"#, Same),
            (r#"{"a":1,"b":2,"c":"d"}"#, Same),
        ],
    )
    .await;
    for body in [r#"{"c":"d"}"#, r#"{"a":"b"}"#, r#"{"a":1,"c":"d"}"#, "[]"] {
        assert_eq!(post(closed::api(Echo), body).await.status, 422, "{body}");
    }
}

#[tokio::test]
async fn any_of_takes_the_best_branch() {
    use any_of::{Value, ValueColor};
    post_each(
        any_of::api(Echo),
        &[
            (r#"{"a":1}"#, Same),
            (r#"{"a":1,"b":2}"#, Same),
            (r#"{"a":1,"b":"x"}"#, Back(r#"{"a":1}"#)),
            (r#""red""#, Same),
            (r#""blue""#, Same),
            ("1.5", Same),
        ],
    )
    .await;
    let read = |text| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(read(r#""red""#), Value::Color(ValueColor::Red));
    assert_eq!(read(r#""blue""#), Value::Word("blue".to_owned()));
    assert!(matches!(read(r#"{"a":1}"#), Value::Short(_)));
    assert!(matches!(read(r#"{"a":1,"b":2}"#), Value::Long(_)));
    assert!(matches!(read(r#"{"a":1,"b":"x"}"#), Value::Short(_)));
    assert_eq!(post(any_of::api(Echo), "true").await.status, 422);
}

#[tokio::test]
async fn constants_and_mixed_enums() {
    post_each(
        constants::api(Echo),
        &[
            (r#"{"text":"fixed"}"#, Same),
            (r#"{"text":"other"}"#, Refused("/text const")),
            (r#"{"number":1.5}"#, Same),
            (r#"{"number":15e-1}"#, Back(r#"{"number":1.5}"#)),
            (r#"{"number":1.51}"#, Refused("/number const")),
            (r#"{"flag":true}"#, Same),
            (r#"{"flag":false}"#, Refused("/flag const")),
            (r#"{"nothing":null}"#, Same),
            (r#"{"nothing":0}"#, Refused("/nothing type")),
            (r#"{"list":[1,{"a":"b"}]}"#, Same),
            (r#"{"list":[1,{"a":"c"}]}"#, Refused("/list const")),
            (r#"{"mixed":1}"#, Same),
            (r#"{"mixed":"one"}"#, Same),
            (r#"{"mixed":null}"#, Same),
            (r#"{"mixed":[1]}"#, Same),
            (r#"{"mixed":[2]}"#, Refused("/mixed enum")),
            (r#"{"integers":3}"#, Same),
            (r#"{"integers":4}"#, Refused("/integers enum")),
            (r#"{"word":"blue"}"#, Same),
            (r#"{"word":"green"}"#, Refused("/word maxLength")),
            (r#"{"word":"red"}"#, Refused("/word not")),
            (r#"{"word":"black"}"#, Refused("/word enum")),
            // Numbers that no float is come back as they are.
            (r#"{"exact":9007199254740993}"#, Same),
            (r#"{"exact":9007199254740992}"#, Refused("/exact enum")),
            (r#"{"exact":0.5}"#, Same),
            (r#"{"exact":"0.5"}"#, Refused("/exact type, /exact enum")),
            (r#"{"large":18446744073709551615}"#, Same),
            (r#"{"large":18446744073709551614}"#, Refused("/large enum")),
            // A type and a constant of another one leave nothing.
            (r#"{"neither":null}"#, Refused("/neither false")),
            (r#"{"neither":{"a":1}}"#, Refused("/neither false")),
            (r#"{"list_only":[1]}"#, Same),
            (
                r#"{"list_only":null}"#,
                Refused("/list_only oneOf, /list_only type"),
            ),
        ],
    )
    .await;
}

/// By value the type would take more than a hundred megabytes.
#[tokio::test]
async fn no_type_is_too_large_for_the_stack() {
    assert!(size_of::<large::Value>() <= 1024);
    let deep = r#"{"a":{"b":{"c":{"d":{"e":{"f":{"a":{"text":"x","number":1}}}}}}}}"#;
    let deepest = format!("{}{deep}{}", r#"{"again":"#.repeat(100), "}".repeat(100));
    post_each(
        large::api(Echo),
        &[
            ("{}", Same),
            (&format!(r#"{{"part":{deep}}}"#), Same),
            (&format!(r#"{{"either":{deep},"both":[{deep},1]}}"#), Same),
            (r#"{"either":"x","none":null}"#, Same),
            (&format!(r#"{{"none":{deep}}}"#), Same),
            (
                &deepest.replacen(deep, &format!(r#"{{"part":{deep}}}"#), 1),
                Same,
            ),
            (
                r#"{"part":{"a":{"b":{"c":1}}}}"#,
                Refused("/part/a/b/c type"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn recursion_without_end_is_refused() {
    post_each(
        recursion::api(Echo),
        &[
            (
                r#"{"name":"a","next":{"name":"b","children":[{"name":"c"}]},"by_name":{"d":{"name":"e"}},"tree":{"left":1,"right":{"left":2,"right":3}}}"#,
                Same,
            ),
            (
                r#"{"name":"a","next":{"children":[{"name":1}]}}"#,
                Refused("/next/children/0/name type, /next/name required"),
            ),
            (r#"{"name":"a","nest":[[],[[],[]]]}"#, Same),
            (r#"{"name":"a","nest":[[],[1]]}"#, Refused("/nest/1/0 type")),
        ],
    )
    .await;
    let nested = |depth: usize| {
        format!(
            r#"{}{{"name":"a"}}{}"#,
            r#"{"name":"a","next":"#.repeat(depth),
            "}".repeat(depth)
        )
    };
    assert_eq!(post(recursion::api(Echo), nested(100)).await.status, 200);
    assert_eq!(post(recursion::api(Echo), nested(10_000)).await.status, 400);
}

#[tokio::test]
async fn presence_of_members() {
    let defaults = r#""defaulted":7,"text":"a \"b\"\\ \n","list":[1,2]"#;
    let full = r#"{"required":"a","nullable":"b","optional":1,"either":2,"referenced":{"x":1.0,"y":2.0},"defaulted":3,"text":"","list":[],"null_default":"c","point":{"x":2.5,"y":1.5}}"#;
    post_each(
        presence::api(Echo),
        &[
            (full, Same),
            (
                r#"{"nullable":1}"#,
                Refused("/nullable type, /required required"),
            ),
            (r#"{"required":"a"}"#, Refused("/nullable required")),
            (
                r#"{"required":null,"nullable":null,"optional":null,"defaulted":null,"point":null}"#,
                Refused("/required type, /optional type, /defaulted type, /point type"),
            ),
        ],
    )
    .await;
    let answer = post(presence::api(Echo), r#"{"required":"a","nullable":null}"#).await;
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"required":"a","nullable":null,{defaults},"null_default":null,"point":{{"x":1.5,"y":0.5}}}}"#
        )
    );
    let sent = r#"{"required":"a","nullable":null,"either":null,"referenced":null}"#;
    let answer = post(presence::api(Echo), sent).await;
    assert_eq!(answer.json()["either"], serde_json::Value::Null);
    assert!(answer.text().contains(r#""either":null,"referenced":null"#));
}

#[tokio::test]
async fn formats_at_their_boundaries() {
    post_each(
        formats::api(Echo),
        &[
            (r#"{"int32":-2147483648}"#, Same),
            (
                r#"{"int32":2147483648}"#,
                Refused("/int32 unsupported_range"),
            ),
            (r#"{"int64":9223372036854775807}"#, Same),
            (
                r#"{"int64":9223372036854775808}"#,
                Refused("/int64 unsupported_range"),
            ),
            (r#"{"uint32":4294967295}"#, Same),
            (r#"{"uint32":-1}"#, Refused("/uint32 unsupported_range")),
            (r#"{"uint64":18446744073709551615}"#, Same),
            (
                r#"{"uint64":18446744073709551616}"#,
                Refused("/uint64 unsupported_range"),
            ),
            (r#"{"float":1.5}"#, Same),
            (r#"{"float":1e39}"#, Refused("/float unsupported_range")),
            (r#"{"double":1e39}"#, Back(r#"{"double":1e+39}"#)),
            (r#"{"decimal":"10.00"}"#, Same),
            (r#"{"decimal":"ten"}"#, Refused("/decimal format")),
            (r#"{"uuid":"a54a57ca-36f8-421b-a6b4-2e8f26858a4c"}"#, Same),
            (
                r#"{"uuid":"a54a57ca36f8421ba6b42e8f26858a4c"}"#,
                Refused("/uuid format"),
            ),
            (r#"{"date-time":"2024-02-29T12:00:00.5Z"}"#, Same),
            (
                r#"{"date-time":"2023-02-29T12:00:00Z"}"#,
                Refused("/date-time format"),
            ),
            (
                r#"{"date-time":"2024-02-29 12:00"}"#,
                Refused("/date-time format"),
            ),
            (r#"{"date":"2024-02-29"}"#, Same),
            (r#"{"date":"2024-2-9"}"#, Refused("/date format")),
            (r#"{"time":"12:00:00Z"}"#, Same),
            (r#"{"time":"25:00:00Z"}"#, Refused("/time format")),
            (r#"{"duration":"P1DT2H"}"#, Same),
            (r#"{"duration":"1 day"}"#, Refused("/duration format")),
            (r#"{"uri":"https://a.example/b?c#d"}"#, Same),
            (r#"{"uri":"/b"}"#, Refused("/uri format")),
            (r#"{"ipv4":"127.0.0.1"}"#, Same),
            (r#"{"ipv4":"127.0.0.01"}"#, Refused("/ipv4 format")),
            (r#"{"ipv6":"::1"}"#, Same),
            (r#"{"ipv6":"::1%eth0"}"#, Refused("/ipv6 format")),
            (r#"{"byte":"aGVsbG8="}"#, Same),
            (r#"{"byte":"aGVsbG8"}"#, Refused("/byte format")),
            (r#"{"email":"emma@example.org"}"#, Same),
            (r#"{"email":"emma"}"#, Refused("/email format")),
            (r#"{"hostname":"a.example"}"#, Same),
            (r#"{"hostname":"-a"}"#, Refused("/hostname format")),
            (r#"{"password":"secret"}"#, Same),
            (r#"{"other":"anything"}"#, Same),
        ],
    )
    .await;
}

#[tokio::test]
async fn names_keep_their_wire_spelling() {
    let full = r#"{"type":"a","self":"s","crate":"c","fooBar":1,"foo_bar":2,"":3,"9 lives":4,"été":5,"a/b~c":6,"inline":"inline"}"#;
    post_each(
        names::api(Echo),
        &[
            (full, Same),
            (r#"{"type":"A","self":""}"#, Same),
            (r#"{"type":"","self":""}"#, Same),
            (r#"{"type":"\"\\\n","self":""}"#, Same),
            (
                r#"{"type":"b","self":"","a/b~c":0,"inline":"component"}"#,
                Refused("/type enum, /a~1b~0c minimum, /inline enum"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn keywords_of_version_3_0() {
    post_each(
        version_3_0::api(Echo),
        &[
            (
                r#"{"bytes":"aGVsbG8=","nullable":null,"either":null}"#,
                Same,
            ),
            (r#"{"nullable":1,"above":0.1,"below":0.9,"upto":1.0}"#, Same),
            (
                r#"{"bytes":"aGVsbG8","nullable":0,"either":1,"above":0,"below":1,"upto":1.1}"#,
                Refused(
                    "/bytes format, /nullable minimum, /either type, /above exclusiveMinimum, \
                     /below exclusiveMaximum, /upto maximum",
                ),
            ),
            ("{}", Refused("/nullable required")),
        ],
    )
    .await;
}

/// Texts for which a pattern that goes back is not decided count neither as its matches nor as anything else.
#[tokio::test]
async fn padding_does_not_steer_patterns() {
    let long = "x".repeat(5000);
    let back = "a".repeat(40);
    let table = [
        (r#"{"not":"guest"}"#.to_owned(), "200"),
        (r#"{"not":"admin"}"#.to_owned(), "422 body /not not"),
        (
            format!(r#"{{"not":"admin{long}"}}"#),
            "422 body /not too_complex",
        ),
        (format!(r#"{{"not":"{back}"}}"#), "200"),
        (
            format!(r#"{{"slow":"{back}"}}"#),
            "422 body /slow too_complex",
        ),
        (r#"{"if":"admin"}"#.to_owned(), "422 body /if minLength"),
        (r#"{"if":"user"}"#.to_owned(), "200"),
        (
            format!(r#"{{"if":"admin{long}"}}"#),
            "422 body /if too_complex",
        ),
        (
            r#"{"branch":"admin"}"#.to_owned(),
            "422 body /branch anyOf, body /branch pattern",
        ),
        (
            format!(r#"{{"branch":"admin{long}"}}"#),
            "422 body /branch too_complex",
        ),
    ];
    for (body, wanted) in table {
        let answer = post(backtracking::api(Echo), body.clone()).await;
        let shown = answer.summary();
        let found = if answer.status == 200 { "200" } else { &*shown };
        assert_eq!(found, wanted, "{}", &body[..body.len().min(60)]);
    }
}

/// Every pointer holds the keys above it, which are as long as the client likes.
#[tokio::test]
async fn long_keys_are_not_sent_back_for_every_violation() {
    let counts: Vec<_> = (0..100).map(|index| format!(r#""{index}":"x""#)).collect();
    let sent = async |length: usize| {
        let key = "k".repeat(length);
        let body = format!(r#"{{"{key}":{{{}}}}}"#, counts.join(","));
        let answer = post(maps::api(Echo), body).await;
        assert_eq!(answer.status, 422, "{length}");
        let errors = answer.json()["errors"].as_array().map_or(0, Vec::len);
        (errors, answer.body.len())
    };
    assert_eq!(sent(10).await.0, 100);
    assert_eq!(sent(10_000).await.0, 7);
    let (errors, length) = sent(1_900_000).await;
    assert_eq!(errors, 1);
    assert!(length < 2_000_000, "{length}");
}
