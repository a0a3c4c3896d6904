//! Parameters with `content`, and those that are the whole query.

use serde_json::{Value, json};
use specwright::axum::body::Body;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::http::request::Builder;
use specwright::{Context, Json, Maybe, Unexpected};

use super::Echo;
use super::parameters::each;
use super::request::send;

specwright::include_api!(pub mod content_parameters);

use content_parameters::{ContentRequest, FormRequest, JsonRequest};

fn shown(value: &Value) -> Result<Bytes, Unexpected> {
    Ok(value.to_string().into())
}

impl content_parameters::DefaultApi for Echo {
    async fn content(&self, _: &Context, it: ContentRequest) -> Result<Bytes, Unexpected> {
        let maybe = match it.maybe {
            Maybe::Absent => json!("absent"),
            Maybe::Null => json!(null),
            Maybe::Value(value) => json!(value),
        };
        let any = it.any.map(|it: Json| it.to_serde::<Value>().unwrap());
        shown(&json!([
            it.r#where, it.points, maybe, it.note, it.x_point, it.point, any
        ]))
    }

    async fn json(&self, _: &Context, it: JsonRequest) -> Result<Bytes, Unexpected> {
        shown(&json!(it.search))
    }

    async fn form(&self, _: &Context, it: FormRequest) -> Result<Bytes, Unexpected> {
        shown(&json!(it.search))
    }

    async fn purge(&self, _: &Context) -> Result<(), Unexpected> {
        Ok(())
    }
}

fn query(query: &str) -> Builder {
    Request::builder()
        .method("QUERY")
        .uri(format!("/form?{query}"))
}

#[tokio::test]
async fn json_and_plain_text_within_a_parameter() {
    let x = "%7B%22x%22:1%7D";
    let get = |rest: &str| Request::get(format!("/content/{rest}"));
    let rows = vec![
        (
            get(x),
            r#"200 [{"x":1.0},null,"absent",null,null,null,null]"#,
        ),
        (
            get(&format!(
                "{x}?points=[{x},+%7B%22x%22:2.5,%22y%22:0%7D]&maybe=null&note=a,b+c&any=%22%25%22"
            ))
            .header("x-point", r#"{"x":3}"#)
            .header("cookie", format!("point={x}")),
            r#"200 [{"x":1.0},[{"x":1.0},{"x":2.5,"y":0.0}],null,"a,b c",{"x":3.0},{"x":1.0},"%"]"#,
        ),
        (
            get(&format!(
                "%7B%7D?points=[{x},%7B%22x%22:-1,%22z%22:0%7D,{x}]&maybe=x&note=abcdef"
            ))
            .header("x-point", "[1]"),
            "422 path where /x required, query points maxItems, query points /1/x minimum, query points /1/z additionalProperties, query maybe syntax, query note maxLength, header X-Point type",
        ),
        (
            get(&format!("{x}?maybe=1&maybe=2&points=%FF")),
            "422 query points encoding, query maybe repeated",
        ),
        // A key that is repeated within is a hazard between readers.
        (get("%7B%22x%22:1,%22x%22:2%7D"), "422 path where syntax"),
    ];
    each(content_parameters::api(Echo), rows).await;
}

/// All parameters are one tree, which is one level of the 128.
#[tokio::test]
async fn json_that_is_nested_deeply() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let fits = nested(127);
    let answer = format!(r#"200 [{{"x":1.0}},null,"absent",null,null,null,{fits}]"#);
    let get = |any: &str| Request::get(format!("/content/%7B%22x%22:1%7D?any={any}"));
    let whole = |levels| Request::get(format!("/json?{}", nested(levels)));
    let member = |levels| query(&format!("q=a&at={}", nested(levels)));
    let rows = vec![
        (get(&fits), answer.as_str()),
        (get(&nested(128)), "422 query any syntax"),
        (get(&nested(129)), "422 query any syntax"),
        (whole(127), "422 querystring search type"),
        (whole(128), "422 querystring search syntax"),
        (member(126), "422 querystring search /at type"),
        (member(127), "422 querystring search syntax"),
        (member(128), "422 querystring search syntax"),
    ];
    each(content_parameters::api(Echo), rows).await;
}

#[tokio::test]
async fn the_whole_query_as_json() {
    let rows = vec![
        (Request::get("/json"), "200 null"),
        (Request::get("/json?"), "200 null"),
        (Request::get("/json?%7B%22x%22:1%7D"), r#"200 {"x":1.0}"#),
        (
            Request::get("/json?%7B%7D"),
            "422 querystring search /x required",
        ),
        (Request::get("/json?x=1"), "422 querystring search syntax"),
    ];
    each(content_parameters::api(Echo), rows).await;
}

#[tokio::test]
async fn the_whole_query_as_a_form() {
    let rows = vec![
        (query("q=a+b%26"), r#"200 {"q":"a b&"}"#),
        (
            query(
                "q=a&tags=x&tags=y,z&at=%7B%22x%22:1%7D&pair=1%7C2&deep[x]=3&red=4&json=%22j%22&other=5&either=true",
            ),
            r#"200 {"at":{"x":1.0},"deep":{"x":3.0},"either":true,"json":"j","other":5,"pair":[1,2],"q":"a","spread":{"red":4},"tags":["x","y,z"]}"#,
        ),
        (
            query("q=a&either=true&either=false"),
            r#"200 {"either":[true,false],"q":"a"}"#,
        ),
        (
            query("q=&tags=x&tags=y&tags=z&pair=1%7Cx&deep[x]=-1&red=r&other=x&either=1"),
            "422 querystring search /q minLength, querystring search /tags maxItems, querystring search /pair/1 type, querystring search /deep/x minimum, querystring search /spread/red type, querystring search /either type, querystring search /other type",
        ),
        (query("q=a&at=x"), "422 querystring search syntax"),
        (query("q=a&json=j"), "422 querystring search syntax"),
        (query("q=a&q=b"), "422 querystring search repeated"),
        (query("q=%FF"), "422 querystring search encoding"),
        (query("q=a&%FF=1"), "422 querystring search encoding"),
        (query("q=a&%zz"), "422 querystring search encoding"),
        // The name of an exploded object is nobody's key.
        (query("q=a&spread=1"), r#"200 {"q":"a"}"#),
        (query("tags=x"), "422 querystring search /q required"),
        (query(""), "422 querystring search required"),
        (
            query(&format!("q=a{}", "&b".repeat(10_000))),
            "422 querystring search too_complex",
        ),
    ];
    each(content_parameters::api(Echo), rows).await;
}

/// OAS 3.2, Path Item Object: `query` and `additionalOperations`, whose methods are case-sensitive.
#[tokio::test]
async fn methods_of_any_name() {
    let ask = async |method: &str| {
        let request = Request::builder().method(method).uri("/form?q=a");
        send(
            content_parameters::api(Echo),
            request.body(Body::empty()).unwrap(),
        )
        .await
    };
    assert_eq!(ask("QUERY").await.summary(), r#"200 {"q":"a"}"#);
    assert_eq!(ask("Purge").await.summary(), "204");
    for method in ["PURGE", "query", "GET"] {
        let answer = ask(method).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.headers["allow"], "QUERY, Purge, OPTIONS");
    }
}
