//! Streams of JSON values and of server-sent events, in both directions.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Channel};
use specwright::axum::body::Body;
use specwright::http::{Request, Response, StatusCode, header};
use specwright::{
    App, Coercion, Context, EventStream, JsonStream, JsonText, Problem, ServerEvent, Unexpected,
};
use tower::ServiceExt as _;

use super::request::{Answer, send, send_to};

specwright::include_api!(pub mod streams);

use streams::*;

struct Meter;

fn reading(value: f64) -> Reading {
    Reading {
        sensor: "roof".to_owned(),
        value,
    }
}

fn number(value: i64) -> Tick {
    Tick::Number(TickNumber {
        event: TickNumberEvent::Number,
        data: JsonText(value),
    })
}

fn words(words: &str, id: &str) -> Tick {
    Tick::Words(TickWords {
        event: TickWordsEvent::Words,
        data: JsonText(words.to_owned()),
        id: id.to_owned(),
    })
}

fn text(text: &str, retry: Option<i64>) -> Tick {
    Tick::Text(TickText {
        event: TickTextEvent::Text,
        data: text.to_owned(),
        retry,
    })
}

impl DefaultApi for Meter {
    async fn list_readings(
        &self,
        cx: &Context,
        request: ListReadingsRequest,
    ) -> Result<ListReadingsOkBody, Unexpected> {
        let accept = cx.headers().get(header::ACCEPT);
        if accept.is_some_and(|it| it == "application/json") {
            return Ok(ListReadingsOkBody::Json(vec![reading(1.0)]));
        }
        let fault = request.fault;
        let items = (1..=3).map(move |place| match (place, fault) {
            (3, Some(ListReadingsFault::Error)) => Err(Unexpected::new("the meter fell off")),
            (3, Some(ListReadingsFault::Problem)) => {
                Err(Problem::new(StatusCode::NOT_FOUND).into())
            }
            (3, Some(ListReadingsFault::Panic)) => panic!("the meter exploded"),
            (3, Some(ListReadingsFault::Invalid)) => Ok(Reading {
                sensor: String::new(),
                value: 3.0,
            }),
            _ => Ok(reading(f64::from(place))),
        });
        Ok(ListReadingsOkBody::Items(JsonStream::iter(items)))
    }

    async fn add_readings(
        &self,
        _: &Context,
        mut request: AddReadingsRequest,
    ) -> Result<JsonStream<String>, Unexpected> {
        let (sender, stream) = JsonStream::channel(0);
        tokio::spawn(async move {
            while let Some(item) = request.body.next().await {
                let line = match item {
                    Ok(reading) => format!("{} {}", reading.sensor, reading.value),
                    Err(problem) => String::from_utf8(problem.to_json()).unwrap(),
                };
                if sender.send(line).await.is_err() {
                    return;
                }
            }
        });
        Ok(stream)
    }

    async fn recording(&self, cx: &Context) -> Result<RecordingResponse, Unexpected> {
        let accept = cx.headers().get(header::ACCEPT);
        let body = match accept.is_some_and(|it| it == "application/octet-stream") {
            true => RecordingOkBody::Bytes(Bytes::from_static(b"\0\x01")),
            false => RecordingOkBody::Items(JsonStream::iter([reading(1.0)])),
        };
        Ok(RecordingResponse { x_count: 1, body })
    }

    async fn ticks(&self, _: &Context) -> Result<TicksResponse, Unexpected> {
        let ticks = [
            number(7),
            words("a\"b", "1\nid: 2"),
            text("one\r\ntwo", Some(2000)),
        ];
        Ok(TicksResponse {
            x_count: 3,
            body: EventStream::iter(ticks),
        })
    }

    async fn add_ticks(
        &self,
        _: &Context,
        mut request: AddTicksRequest,
    ) -> Result<JsonStream<Tick>, Unexpected> {
        let mut ticks = Vec::new();
        while let Some(tick) = request.body.next().await {
            ticks.push(tick?);
        }
        Ok(JsonStream::iter(ticks))
    }

    async fn news(&self, _: &Context) -> Result<EventStream<ServerEvent<Reading>>, Unexpected> {
        let (sender, stream) = EventStream::channel(4);
        tokio::spawn(async move {
            let _ = sender.send(reading(1.0)).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let event = ServerEvent::new(reading(2.0))
                .with_event("late")
                .with_id("2")
                .with_comment("at last");
            let _ = sender.send(event).await;
        });
        Ok(stream.with_keep_alive(Duration::from_millis(30)))
    }

    async fn add_news(
        &self,
        _: &Context,
        request: AddNewsRequest,
    ) -> Result<EventStream<ServerEvent>, Unexpected> {
        let mut lines = Vec::new();
        let mut body = request.body.ok_or_else(|| Unexpected::new("no body"))?;
        while let Some(event) = body.next().await {
            let event = event?;
            let value = event.data.map(|reading| reading.value);
            lines.push(format!(
                "{value:?} {:?} {:?} {:?}",
                event.event, event.id, event.retry
            ));
        }
        Ok(EventStream::iter(lines))
    }

    async fn complete(
        &self,
        _: &Context,
        request: CompleteRequest,
    ) -> Result<CompleteOkBody, CompleteError> {
        let CompleteRequestBody { prompt, stream } = request.body;
        if prompt.is_empty() {
            Err(Queue(EventStream::iter(["place 3".to_owned()])))?;
        }
        if !stream {
            return Ok(CompleteOkBody::Json(CompleteOkBodyJson { text: prompt }));
        }
        let words: Vec<_> = prompt.split(' ').map(str::to_owned).collect();
        let events = words
            .into_iter()
            .map(|word| ServerEvent::new(CompleteOkEvent { word }))
            .chain([ServerEvent::text("[DONE]")]);
        Ok(CompleteOkBody::Events(EventStream::iter(events)))
    }
}

/// What came of a response, and whether it ended before its end.
async fn read(response: Response<Body>) -> (String, bool) {
    let mut body = response.into_body();
    let mut text = Vec::new();
    loop {
        match body.frame().await {
            None => return (String::from_utf8(text).unwrap(), false),
            Some(Ok(frame)) => text.extend_from_slice(&frame.into_data().unwrap()),
            Some(Err(_)) => return (String::from_utf8(text).unwrap(), true),
        }
    }
}

async fn call(request: Request<Body>) -> Response<Body> {
    let service = App::new(streams::api(Meter)).into_service().unwrap();
    service.oneshot(request).await.unwrap()
}

fn get(path: &str, accept: &str) -> Request<Body> {
    Request::get(path)
        .header("accept", accept)
        .body(Body::empty())
        .unwrap()
}

fn post(path: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("content-type", content_type)
        .body(body.into())
        .unwrap()
}

const LINES: &str = r#"{"sensor":"roof","value":1.0}
{"sensor":"roof","value":2.0}
"#;

#[tokio::test]
async fn json_values_follow_each_other_as_the_media_type_says() {
    let third = r#"{"sensor":"roof","value":3.0}"#;
    let lines = call(get("/readings", "application/jsonl")).await;
    assert_eq!(lines.headers()["content-type"], "application/jsonl");
    assert_eq!(read(lines).await, (format!("{LINES}{third}\n"), false));

    let records = call(get("/readings", "application/json-seq, */*;q=0.1")).await;
    assert_eq!(records.headers()["content-type"], "application/json-seq");
    assert_eq!(records.headers()["vary"], "Accept");
    let (text, _) = read(records).await;
    let wanted: String = format!("{LINES}{third}\n")
        .lines()
        .map(|line| format!("\u{1e}{line}\n"))
        .collect();
    assert_eq!(text, wanted);

    let array = send(streams::api(Meter), get("/readings", "application/json")).await;
    assert_eq!(array.summary(), r#"200 [{"sensor":"roof","value":1.0}]"#);
    let none = send(streams::api(Meter), get("/readings", "text/event-stream")).await;
    assert_eq!(none.summary(), "406");
}

#[tokio::test]
async fn a_stream_and_bytes_have_the_same_headers() {
    let lines = call(get("/recording", "application/jsonl")).await;
    assert_eq!(lines.headers()["x-count"], "1");
    let one = "{\"sensor\":\"roof\",\"value\":1.0}\n";
    assert_eq!(read(lines).await, (one.to_owned(), false));
    let bytes = call(get("/recording", "application/octet-stream")).await;
    assert_eq!(bytes.headers()["x-count"], "1");
    assert_eq!(read(bytes).await, ("\0\u{1}".to_owned(), false));
}

#[tokio::test]
async fn a_fault_ends_the_stream_before_its_end() {
    for fault in ["error", "problem", "panic", "invalid"] {
        let path = format!("/readings?fault={fault}");
        let response = call(get(&path, "application/jsonl")).await;
        assert_eq!(response.status(), 200, "{fault}");
        assert_eq!(read(response).await, (LINES.to_owned(), true), "{fault}");
    }
}

#[tokio::test]
async fn events_have_the_fields_that_the_document_gives_them() {
    let response = call(get("/ticks", "text/event-stream")).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    assert_eq!(response.headers()["x-count"], "3");
    let wanted = "event: number\ndata: 7\n\n\
        event: words\ndata: \"a\\\"b\"\nid: 1 id: 2\n\n\
        event: text\ndata: one\ndata: two\nretry: 2000\n\n";
    assert_eq!(read(response).await, (wanted.to_owned(), false));
}

/// Browsers read events as they come, and what compresses may hold them back.
#[tokio::test]
async fn events_are_not_compressed() {
    let app = App::new(streams::api(Meter)).compression(true);
    let service = app.into_service().unwrap();
    for (path, accept, encoding) in [
        ("/ticks", "text/event-stream", None),
        ("/readings", "application/jsonl", Some("gzip")),
    ] {
        let mut request = get(path, accept);
        let gzip = header::HeaderValue::from_static("gzip");
        request.headers_mut().insert(header::ACCEPT_ENCODING, gzip);
        let response = service.clone().oneshot(request).await.unwrap();
        let found = response.headers().get(header::CONTENT_ENCODING);
        assert_eq!(found.map(|it| it.to_str().unwrap()), encoding, "{path}");
    }
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive_and_sends_at_once() {
    let response = call(get("/news", "*/*")).await;
    let wanted = "data: {\"sensor\":\"roof\",\"value\":1.0}\n\n\
        :\n\n\
        : at last\nevent: late\ndata: {\"sensor\":\"roof\",\"value\":2.0}\nid: 2\n\n";
    assert_eq!(read(response).await, (wanted.to_owned(), false));
}

#[tokio::test]
async fn one_response_is_all_at_once_or_word_by_word() {
    let table = [
        (r#"{"prompt":"ab c"}"#, r#"200 {"text":"ab c"}"#),
        (
            r#"{"prompt":"ab c","stream":true}"#,
            "200 data: {\"word\":\"ab\"}\n\ndata: {\"word\":\"c\"}\n\ndata: [DONE]\n\n",
        ),
    ];
    for (body, wanted) in table {
        let request = post("/completions", "application/json", body);
        let answer = send(streams::api(Meter), request).await;
        assert_eq!(answer.summary(), wanted);
    }
    let long = r#"{"prompt":"ab longer","stream":true}"#;
    let response = call(post("/completions", "application/json", long)).await;
    assert_eq!(
        read(response).await,
        ("data: {\"word\":\"ab\"}\n\n".to_owned(), true)
    );
    let queue = call(post("/completions", "application/json", r#"{"prompt":""}"#)).await;
    assert_eq!(queue.status(), 429);
    assert_eq!(read(queue).await, ("data: place 3\n\n".to_owned(), false));
}

async fn lines(answer: Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let lines = answer.text().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn items_of_a_request_are_checked_one_by_one() {
    let body = "{\"sensor\":\"a\",\"value\":1}\r\n\n\
        {\"sensor\":\"\",\"value\":true,\"x\":1}\n\
        {\"sensor\n\
        {\"sensor\":\"b\",\"value\":2}";
    let found = lines(
        send(
            streams::api(Meter),
            post("/readings", "application/jsonl", body),
        )
        .await,
    )
    .await;
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(found[0], "a 1");
    let violations: serde_json::Value = serde_json::from_str(&found[1]).unwrap();
    assert_eq!(violations["status"], 422);
    let pointers: Vec<_> = violations["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/1/sensor", "/1/value", "/1/x"]);
    let syntax: serde_json::Value = serde_json::from_str(&found[2]).unwrap();
    assert_eq!(syntax["status"], 400);
    assert_eq!(syntax["item"], 2);
    assert_eq!(found[3], "b 2");

    let records =
        "\u{1e}{\"sensor\":\"a\",\n\"value\":1}\n\u{1e}{\"sensor\":\"b\",\"value\":2}\u{1e}12";
    let media_type = "application/vnd.readings+json-seq";
    let found =
        lines(send(streams::api(Meter), post("/readings", media_type, records)).await).await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[..2], ["a 1", "b 2"]);
    assert!(
        found[2].contains("item 2 of the body is cut off"),
        "{found:?}"
    );

    let empty = send(
        streams::api(Meter),
        post("/readings", "application/jsonl", ""),
    )
    .await;
    assert_eq!(empty.summary(), "200");
    let missing = Request::post("/readings").body(Body::empty()).unwrap();
    assert_eq!(send(streams::api(Meter), missing).await.summary(), "400");
    let other = send(
        streams::api(Meter),
        post("/readings", "application/json", "[]"),
    )
    .await;
    assert_eq!(other.summary(), "415");
}

#[tokio::test]
async fn an_item_has_a_limit_and_the_body_has_none() {
    let app = || App::new(streams::api(Meter)).body_limit(40);
    let body = LINES.repeat(100);
    let all = send_to(app(), post("/readings", "application/jsonl", body)).await;
    assert_eq!(lines(all).await.len(), 200);

    // The rest is not read: it would be an item of its own. This one comes together with its end.
    let long = format!("{LINES}{{\"sensor\":\"{}\"}}\n{LINES}", "a".repeat(100));
    let found = lines(send_to(app(), post("/readings", "application/jsonl", long)).await).await;
    assert_eq!(found.len(), 3, "{found:?}");
    let refused: serde_json::Value = serde_json::from_str(&found[2]).unwrap();
    assert_eq!(refused["status"], 413, "{refused}");

    // It is as long whether it comes at once or byte by byte.
    for (value, status) in [("7".repeat(14), 200), ("7".repeat(15), 413)] {
        let event = format!("event: number\ndata: {value}\n\n");
        let (mut sender, slow) = Channel::<Bytes, std::io::Error>::new(1);
        let sent = event.clone();
        tokio::spawn(async move {
            for byte in sent.bytes() {
                let _ = sender.send_data(Bytes::from(vec![byte])).await;
            }
        });
        for body in [Body::from(event), Body::new(slow)] {
            let app = App::new(streams::api(Meter)).body_limit(33);
            let answer = send_to(app, post("/ticks", "text/event-stream", body)).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn items_are_held_against_the_settings_of_the_app() {
    let app = || {
        App::new(streams::api(Meter))
            .echo_input(true)
            .violation_status(StatusCode::BAD_REQUEST)
    };
    let body = "{\"sensor\":\"a\",\"value\":\"1.5\"}\n";
    let strict = send_to(app(), post("/readings", "application/jsonl", body)).await;
    let found: serde_json::Value = serde_json::from_str(&lines(strict).await[0]).unwrap();
    assert_eq!(found["status"], 400, "{found}");
    assert_eq!(found["errors"][0]["pointer"], "/0/value", "{found}");
    assert_eq!(found["errors"][0]["input"], "1.5", "{found}");
    let lax = app().coerce(Coercion::Lax);
    let lax = send_to(lax, post("/readings", "application/jsonl", body)).await;
    assert_eq!(lines(lax).await, ["a 1.5"]);
}

#[tokio::test]
async fn an_item_is_there_before_the_next_is_sent() {
    let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let response = call(post("/readings", "application/jsonl", Body::new(body))).await;
    let mut answers = response.into_body();
    for value in 0..3 {
        let line = format!("{{\"sensor\":\"a\",\"value\":{value}}}\n");
        // Where a frame ends is nothing that items know of.
        for part in [&line[..5], &line[5..]] {
            sender
                .send_data(Bytes::from(part.to_owned()))
                .await
                .unwrap();
        }
        let frame = answers.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(frame, format!("\"a {value}\"\n"));
    }
    // A body that breaks off is said to, and nothing follows.
    sender.abort(std::io::Error::other("gone"));
    let frame = answers.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(
        String::from_utf8_lossy(&frame).contains("the body is incomplete"),
        "{frame:?}"
    );
    assert!(answers.frame().await.is_none());
}

#[tokio::test]
async fn events_of_a_request_are_typed_and_checked() {
    let body = "event: number\ndata: 7\n\n: nothing\n\nevent: words\nid: 1\ndata: \"ab\"\n\n\
        event: text\rdata: one\rdata: two\r\rdata: lost";
    let answer = send(
        streams::api(Meter),
        post("/ticks", "text/event-stream", body),
    )
    .await;
    assert_eq!(
        answer.summary(),
        "200 {\"event\":\"number\",\"data\":\"7\"}\n\
         {\"event\":\"words\",\"data\":\"\\\"ab\\\"\",\"id\":\"1\"}\n\
         {\"event\":\"text\",\"data\":\"one\\ntwo\"}\n"
    );
    let table = [
        ("event: number\ndata: -7\n\n", "422 body /0/data minimum"),
        (
            "event: number\ndata: x\n\n",
            "422 body /0/data contentMediaType",
        ),
        (
            "event: text\ndata: a\n\nevent: words\ndata: \"abcd\"\n\n",
            "422 body /1/data maxLength, body /1/id required",
        ),
    ];
    for (body, wanted) in table {
        let answer = send(
            streams::api(Meter),
            post("/ticks", "text/event-stream", body),
        )
        .await;
        assert_eq!(answer.summary(), wanted, "{body}");
    }
    let news = "id: 1\nevent: a\nretry: 10\ndata: {\"sensor\":\"a\",\ndata: \"value\":2}\n\n";
    let answer = send(
        streams::api(Meter),
        post("/news", "text/event-stream", news),
    )
    .await;
    assert_eq!(
        answer.summary(),
        "200 data: Some(2.0) Some(\"a\") Some(\"1\") Some(10ms)\n\n"
    );
    let broken = send(
        streams::api(Meter),
        post("/news", "text/event-stream", "data: {\n\n"),
    )
    .await;
    assert_eq!(broken.summary(), "400");
}

#[tokio::test]
async fn who_makes_the_items_hears_that_the_client_left() {
    let (sender, stream) = JsonStream::<u32>::channel(1);
    sender.send(1).await.unwrap();
    let waiting = sender.clone();
    let mut waits = pin!(async move { waiting.send(2).await });
    let pending = tokio::time::timeout(Duration::from_millis(10), waits.as_mut()).await;
    assert!(pending.is_err());
    drop(stream);
    waits.await.unwrap_err();
    sender.closed().await;
    assert_eq!(
        sender.send(3).await.unwrap_err().to_string(),
        "nobody reads the stream any more"
    );
}
