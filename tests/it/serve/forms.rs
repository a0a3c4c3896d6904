//! Bodies of `application/x-www-form-urlencoded`.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::{Context, Unexpected};

use super::Echo;
use super::request::{Answer, send};

specwright::include_api!(pub mod forms);

impl forms::DefaultApi for Echo {
    async fn order(&self, _: &Context, request: forms::OrderRequest) -> Result<String, Unexpected> {
        let body = request.body;
        let mut read = vec![format!("{} {} {}", body.name, body.size, body.gift)];
        read.extend(body.email.map(|it| format!("email={it}")));
        read.extend(body.toppings.map(|it| format!("toppings={it:?}")));
        read.extend(body.days.map(|it| format!("days={it:?}")));
        read.extend(body.codes.map(|it| format!("codes={it:?}")));
        read.extend(body.ids.map(|it| format!("ids={it:?}")));
        read.extend(
            body.address
                .map(|it| format!("address={} {:?}", it.street, it.number)),
        );
        read.extend(body.extra.map(|it| format!("extra={it:?}")));
        let skus = |lines: Vec<forms::OrderRequestBodyLinesItem>| {
            lines.into_iter().map(|line| line.sku).collect::<Vec<_>>()
        };
        read.extend(body.lines.map(|it| format!("lines={:?}", skus(it))));
        read.extend(body.either.map(|it| format!("either={it:?}")));
        Ok(read.join(" "))
    }

    async fn open(&self, _: &Context, request: forms::OpenRequest) -> Result<String, Unexpected> {
        Ok(match request.body {
            Some(body) => format!("{:?} {:?}", body.a, body.additional_properties),
            None => "nothing".to_owned(),
        })
    }

    async fn rules(&self, _: &Context, request: forms::RulesRequest) -> Result<String, Unexpected> {
        Ok(format!("{:?}", request.body.and_then(|body| body.a)))
    }

    async fn choice(
        &self,
        _: &Context,
        request: forms::ChoiceRequest,
    ) -> Result<String, Unexpected> {
        Ok(format!("{:?}", request.body))
    }

    async fn chunks(
        &self,
        _: &Context,
        request: forms::ChunksRequest,
    ) -> Result<String, Unexpected> {
        use forms::ChunksRequestBody::{Form, Multipart};
        let (Form(body) | Multipart(body)) = request.body;
        let strategy = match body.strategy {
            Some(forms::ChunksRequestBodyFormStrategy::Object(it)) => format!("size {}", it.size),
            other => format!("{other:?}"),
        };
        Ok(format!("{strategy} {:?}", body.count))
    }

    async fn closed(
        &self,
        _: &Context,
        request: forms::ClosedRequest,
    ) -> Result<String, Unexpected> {
        Ok(format!("{:?}", request.body.map(|body| body.a)))
    }
}

async fn post(path: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into());
    send(forms::api(Echo), request.unwrap()).await
}

#[tokio::test]
async fn fields_are_decoded_by_their_schema() {
    let table = [
        ("name=Jo&size=3", "200 Jo 3 false"),
        ("size=3&name=J%C3%B6+%26%20x&gift=true", "200 Jö & x 3 true"),
        ("name=Jo&size=3&unknown=1&unknown=2", "200 Jo 3 false"),
        ("&name=Jo&&size=3&", "200 Jo 3 false"),
        ("na%6De=Jo&size=3", "200 Jo 3 false"),
        ("name=Jo&size=3&email=a@b.de", "200 Jo 3 false email=a@b.de"),
        (
            "name=Jo&size=3&toppings=a,b&toppings=c",
            r#"200 Jo 3 false toppings=["a,b", "c"]"#,
        ),
        (
            "name=Jo&size=3&days=2026-01-02,2026-01-03",
            "200 Jo 3 false days=[2026-01-02, 2026-01-03]",
        ),
        ("name=Jo&size=3&days=", "200 Jo 3 false days=[]"),
        (
            "name=Jo&size=3&codes=1%7C2|3",
            "200 Jo 3 false codes=[1, 2, 3]",
        ),
        ("name=Jo&size=3&ids=1%202+3", "200 Jo 3 false ids=[1, 2, 3]"),
        (
            "name=Jo&size=3&address=%7B%22street%22%3A%22A%22%2C%22number%22%3A7%7D",
            "200 Jo 3 false address=A Some(7)",
        ),
        ("name=Jo&size=3&extra=[1,2]", "200 Jo 3 false extra=[1, 2]"),
        (
            "name=Jo&size=3&extra=1&extra=2",
            "200 Jo 3 false extra=[1, 2]",
        ),
        (
            r#"name=Jo&size=3&lines={"sku":"a"}&lines={"sku":"b"}"#,
            r#"200 Jo 3 false lines=["a", "b"]"#,
        ),
        (
            "name=Jo&size=3&either=true",
            "200 Jo 3 false either=Boolean(true)",
        ),
        ("", "422 body /name required, body /size required"),
        (
            "name=J&size=10",
            "422 body /name minLength, body /size maximum",
        ),
        ("name=Jo&size=", "422 body /size type"),
        ("name=Jo&size=1.0", "422 body /size type"),
        ("name=Jo&size=3&gift=1", "422 body /gift type"),
        ("name=Jo&name=Ja&size=3", "422 body /name repeated"),
        ("name=Jo&size=0&size=3", "422 body /size repeated"),
        (
            "name=Jo&size=3&days=2026-01-02&days=2026-01-03",
            "422 body /days repeated",
        ),
        (
            "name=Jo&size=3&days=2026-01-02%2C2026-01-03",
            "422 body /days/0 format",
        ),
        (
            "name=Jo&size=3&toppings=a&toppings=",
            "422 body /toppings/1 minLength",
        ),
        (
            "name=Jo&size=3&toppings=a&toppings=b&toppings=c&toppings=d",
            "422 body /toppings maxItems",
        ),
        (
            "name=%FF&size=x",
            "422 body /name encoding, body /size type",
        ),
        ("name=%zz&size=3", "422 body /name encoding"),
        ("name=Jo&size=3&address={", "422 body /address syntax"),
        (
            "name=Jo&size=3&address={}",
            "422 body /address/street required",
        ),
        (
            "name=Jo&size=3&extra=[1]&lines={\"sku\":\"A\"}",
            "422 body /extra minItems, body /lines/0/sku pattern",
        ),
        ("%FF=1", "400"),
        ("a%=1", "400"),
    ];
    for (body, wanted) in table {
        assert_eq!(post("/orders", body).await.summary(), wanted, "{body}");
    }
    let raw = post("/orders", &b"name=\xff"[..]).await;
    assert_eq!(raw.status, 400, "{raw:?}");
    // Beside those of the parameters.
    let both = post("/orders?dry=1", "name=Jo&size=0").await;
    assert_eq!(both.summary(), "422 query dry type, body /size minimum");
}

#[tokio::test]
async fn fields_that_no_property_names() {
    let table = [
        ("/open", "a=1&b=2&c=3", r#"200 Some("1") {"b": 2, "c": 3}"#),
        ("/open", "b=x", "422 body /b type"),
        ("/open", "b=1&b=2", "422 body /b type"),
        ("/open", "", "200 None {}"),
        ("/closed", "a=1", r#"200 Some(Some("1"))"#),
        (
            "/closed",
            "a=1&b=2&b=&b~%2F=",
            "422 body /b additionalProperties, body /b~0~1 additionalProperties",
        ),
    ];
    for (path, body, wanted) in table {
        assert_eq!(post(path, body).await.summary(), wanted, "{path} {body}");
    }
    let nothing = Request::post("/open").body(Body::empty()).unwrap();
    assert_eq!(
        send(forms::api(Echo), nothing).await.summary(),
        "200 nothing"
    );
}

/// Rules of the object as a whole see fields that no property names, although nothing else is made of them.
#[tokio::test]
async fn rules_of_all_fields() {
    let table = [
        ("/rules", "a=1&x=2&y=3", r#"200 Some("1")"#),
        ("/rules", "x=1", "200 None"),
        ("/rules", "x=1&x=2&y=3", "200 None"),
        ("/rules", "a=1&x=2&y=3&z=4", "422 body maxProperties"),
        ("/rules", "", "422 body minProperties"),
        ("/rules", "a=1&long=2", "422 body /long propertyNames"),
        ("/rules", "a=1&no=2", "422 body not"),
        ("/rules", "b=1", "422 body /c dependentRequired"),
        ("/rules", "b=1&c=2", "200 None"),
        (
            "/choice",
            "a=1&x=2",
            r#"200 Object(ChoiceRequestBodyObject { a: "1" })"#,
        ),
        (
            "/choice",
            "a=1&x=2&y=3",
            "422 body oneOf, body maxProperties",
        ),
        (
            "/choice",
            "b=1&x=2&y=3",
            r#"200 Object2(ChoiceRequestBodyObject2 { b: "1" })"#,
        ),
    ];
    for (path, body, wanted) in table {
        assert_eq!(post(path, body).await.summary(), wanted, "{path} {body}");
    }
}

#[tokio::test]
async fn many_fields_are_refused() {
    let fields = |count: usize| (0..count).map(|it| format!("x{it}=1&")).collect::<String>();
    assert_eq!(post("/open", fields(1000)).await.status, 200);
    assert_eq!(post("/open", fields(1001)).await.status, 413);
    let repeated = "b=1&".repeat(1001);
    assert_eq!(post("/closed", repeated).await.status, 413);
    let deep = format!("name=Jo&size=3&address={}", "[".repeat(500));
    assert_eq!(
        post("/orders", deep).await.summary(),
        "422 body /address syntax"
    );
    // The form is one level of the 128.
    for (levels, wanted) in [
        (127, "422 body /address type"),
        (128, "422 body /address syntax"),
        (129, "422 body /address syntax"),
    ] {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        let nested = format!("name=Jo&size=3&address={open}{close}");
        assert_eq!(post("/orders", nested).await.summary(), wanted, "{levels}");
    }
}

#[tokio::test]
async fn a_text_or_an_object() {
    let table = [
        ("auto", "200 Some(Known(Auto)) None"),
        ("{off", "200 Some(Known(Off)) None"),
        (r#"{"size":2}"#, "200 size 2 None"),
        (r#" {"size":2} "#, "200 size 2 None"),
        (r#"{"size":0}"#, "422 body /strategy/size minimum"),
        (r#"{"size":"#, "422 body /strategy enum"),
        (r#""auto""#, "422 body /strategy enum"),
        ("null", "422 body /strategy enum"),
        ("", "422 body /strategy enum"),
    ];
    for (strategy, wanted) in table {
        let encoded = strategy.replace('"', "%22").replace(' ', "+");
        let answer = post("/chunks", format!("strategy={encoded}")).await;
        assert_eq!(answer.summary(), wanted, "{strategy}");
        let part = "--x\r\ncontent-disposition: form-data; name=strategy\r\n\r\n";
        let request = Request::post("/chunks")
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Body::from(format!("{part}{strategy}\r\n--x--\r\n")));
        let answer = send(forms::api(Echo), request.unwrap()).await;
        assert_eq!(answer.summary(), wanted, "{strategy} as a part");
    }
    for (count, wanted) in [
        ("7", "Some(Integer(7))"),
        (r#"{"a":1}"#, r#"Some(Object({"a": 1}))"#),
    ] {
        let answer = post("/chunks", format!("strategy=auto&count={count}")).await;
        assert_eq!(answer.summary(), format!("200 Some(Known(Auto)) {wanted}"));
    }
}
