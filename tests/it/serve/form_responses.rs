//! Responses that are forms: what is written says what the handler gave, to independent readers and to the reader of
//! requests.

use std::sync::Mutex;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::indexmap::IndexMap;
use specwright::url::form_urlencoded;
use specwright::{App, BodyPart, Context, Maybe, StatusCode, Unexpected, Upload};

use super::request::{Answer, send, send_bare};

specwright::include_api!(pub mod form_responses);

use form_responses as api;

/// Gives what it is made of, and keeps what it is sent.
#[derive(Default)]
pub(crate) struct Keeper {
    give: Gift,
    order: Mutex<Option<api::OrderRequestBody>>,
    pub(super) book: Mutex<Option<api::BookRequestBody>>,
    pub(super) album: Mutex<Option<api::AlbumRequestBody>>,
    pub(super) list: Mutex<Option<Vec<api::ListRequestBodyItem>>>,
}

/// What the operations answer, where it is not what they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gift {
    pub(super) order: Option<api::OrderRequestBody>,
    pub(super) open: Option<api::OpenOkBody>,
    pub(super) book: Option<api::BookRequestBody>,
    pub(super) album: Option<api::AlbumRequestBody>,
    pub(super) list: Option<Vec<api::ListRequestBodyItem>>,
    pub(super) related: Option<api::RelatedOkBody>,
    pub(super) file: Option<Upload>,
    pub(super) nulls: Option<api::NullsOkBody>,
    pub(super) texts: Vec<Option<String>>,
}

/// What is given, or what came.
fn kept<T: Clone>(gift: &Option<T>, place: &Mutex<Option<T>>, came: T) -> T {
    *place.lock().unwrap() = Some(came.clone());
    gift.clone().unwrap_or(came)
}

impl api::DefaultApi for std::sync::Arc<Keeper> {
    async fn order(
        &self,
        _: &Context,
        request: api::OrderRequest,
    ) -> Result<api::OrderRequestBody, Unexpected> {
        Ok(kept(&self.give.order, &self.order, request.body))
    }

    async fn open(&self, _: &Context) -> Result<api::OpenResponse, Unexpected> {
        Ok(api::OpenResponse {
            x_call: Some(1),
            body: self.give.open.clone().unwrap_or_default(),
        })
    }

    async fn book(
        &self,
        _: &Context,
        request: api::BookRequest,
    ) -> Result<api::BookRequestBody, Unexpected> {
        Ok(kept(&self.give.book, &self.book, request.body))
    }

    async fn album(
        &self,
        _: &Context,
        request: api::AlbumRequest,
    ) -> Result<api::AlbumRequestBody, Unexpected> {
        Ok(kept(&self.give.album, &self.album, request.body))
    }

    async fn list(
        &self,
        _: &Context,
        request: api::ListRequest,
    ) -> Result<Vec<api::ListRequestBodyItem>, Unexpected> {
        Ok(kept(&self.give.list, &self.list, request.body))
    }

    async fn related(&self, _: &Context) -> Result<api::RelatedOkBody, Unexpected> {
        Ok(self.give.related.clone().unwrap_or_default())
    }

    async fn nulls(&self, _: &Context) -> Result<api::NullsOkBody, Unexpected> {
        Ok(self.give.nulls.clone().unwrap_or_default())
    }

    async fn notes(&self, _: &Context) -> Result<api::NotesOkBody, Unexpected> {
        let note = |text: &Option<String>| {
            BodyPart::new(
                text.clone(),
                api::NotesOkBodyNotesHeaders { x_locale: None },
            )
        };
        Ok(api::NotesOkBody {
            notes: self.give.texts.iter().map(note).collect(),
        })
    }

    async fn gaps(&self, _: &Context) -> Result<Vec<Option<String>>, Unexpected> {
        Ok(self.give.texts.clone())
    }

    async fn point(&self, _: &Context) -> Result<api::Point, Unexpected> {
        Ok(api::Point { x: 1, y: -2 })
    }

    async fn result(
        &self,
        _: &Context,
        request: api::ResultRequest,
    ) -> Result<api::ResultOkBody, api::ResultError> {
        Ok(match request.kind.as_deref() {
            Some("json") => api::ResultOkBody::Json(api::Point { x: 1, y: 2 }),
            Some("form") => api::ResultOkBody::Form(api::ResultOkBodyForm { ok: true }),
            Some("file") => api::ResultOkBody::Multipart(api::ResultOkBodyMultipart {
                file: self.give.file.clone(),
            }),
            kind => {
                return Err(api::ResultError::ClientError {
                    status: StatusCode::IM_A_TEAPOT,
                    response: api::Refused(api::RefusedBody {
                        error: format!("no {kind:?} & no more"),
                    }),
                });
            }
        })
    }
}

pub(crate) fn keeper(give: Gift) -> std::sync::Arc<Keeper> {
    std::sync::Arc::new(Keeper {
        give,
        ..Keeper::default()
    })
}

const URLENCODED: &str = "application/x-www-form-urlencoded";

pub(super) async fn get(give: Gift, path: &str) -> Answer {
    let request = Request::get(path).body(Body::empty()).unwrap();
    // Null that is left out may be a required member, which the document does not allow.
    send_bare(App::new(api::api(keeper(give))), request).await
}

pub(super) async fn post(
    keeper: &std::sync::Arc<Keeper>,
    path: &str,
    content_type: &str,
    body: impl Into<Body>,
) -> Answer {
    let request = Request::post(path).header("content-type", content_type);
    send(api::api(keeper.clone()), request.body(body.into()).unwrap()).await
}

/// Sends what a server answered back to it.
pub(super) async fn send_back(keeper: &std::sync::Arc<Keeper>, path: &str, answer: Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let content_type = answer.header("content-type").unwrap();
    let again = post(keeper, path, content_type, answer.body.clone()).await;
    assert_eq!(again.status, 200, "{again:?} of {answer:?}");
}

fn order() -> api::OrderRequestBody {
    api::OrderRequestBody {
        name: "Ada & Co. = 100%+ä".to_owned(),
        size: Some(-3),
        gift: Some(true),
        toppings: Some(vec!["a,b".to_owned(), String::new()]),
        days: Some(vec!["mon,day".to_owned(), "tue".to_owned()]),
        codes: Some(vec![1, 2]),
        words: Some(vec!["x|y".to_owned(), "z".to_owned()]),
        address: Some(api::OrderRequestBodyAddress {
            street: "\"Main\" St".to_owned(),
            number: Some(7),
        }),
        extra: Some(vec![1, 2]),
        lines: Some(vec![api::OrderRequestBodyLinesItem {
            sku: "a".to_owned(),
        }]),
        either: api::OrderRequestBodyEither::Boolean(false),
        color: Some(api::OrderRequestBodyColor {
            red: Some(100),
            blue: Some("deep".to_owned()),
        }),
        filter: Some(api::OrderRequestBodyFilter {
            from: Some("here".to_owned()),
            tags: Some(vec!["p".to_owned(), "q".to_owned()]),
        }),
        pair: Some(api::OrderRequestBodyPair {
            left: Some("l,1".to_owned()),
            right: Some("r".to_owned()),
        }),
        count: Maybe::Null,
    }
}

/// Every style as the document says it (OAS 3.2, Encoding the `x-www-form-urlencoded` Media Type).
#[tokio::test]
async fn a_form_is_written_by_its_encodings() {
    let keeper = keeper(Gift {
        order: Some(order()),
        ..Gift::default()
    });
    let answer = post(&keeper, "/orders", URLENCODED, "name=a&either=1").await;
    assert_eq!(answer.header("content-type"), Some(URLENCODED));
    let text = answer.text();
    let raw: Vec<&str> = text.split('&').collect();
    assert_eq!(raw[0], "name=Ada%20%26%20Co.%20%3D%20100%25%2B%C3%A4");
    // Delimiters stand as they are between items, and are encoded within.
    for pair in [
        "days=mon%2Cday,tue",
        "codes=1%7C2",
        "words=x%7Cy%20z",
        "pair=left,l%2C1,right,r",
    ] {
        assert!(raw.contains(&pair), "{pair} in {text}");
    }
    let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        pairs,
        [
            "name=Ada & Co. = 100%+ä",
            "size=-3",
            "gift=true",
            "toppings=a,b",
            "toppings=",
            "days=mon,day,tue",
            "codes=1|2",
            "words=x|y z",
            r#"address={"street":"\"Main\" St","number":7}"#,
            "extra=1",
            "extra=2",
            r#"lines={"sku":"a"}"#,
            "either=false",
            "red=100",
            "blue=deep",
            "filter[from]=here",
            "filter[tags][0]=p",
            "filter[tags][1]=q",
            "pair=left,l,1,right,r",
            "count=",
        ]
    );
}

/// Reserved characters stay where `allowReserved` says so, but for those that a form is made of; other members follow.
#[tokio::test]
async fn reserved_characters_and_other_members() {
    let mut open = api::OpenOkBody {
        url: Some("https://a.example/?b=1&c=[2];d,e #f+g%".to_owned()),
        list: Some(Vec::new()),
        additional_properties: IndexMap::new(),
    };
    open.additional_properties
        .insert("a&b".to_owned(), "c=d".to_owned());
    let answer = get(
        Gift {
            open: Some(open.clone()),
            ..Gift::default()
        },
        "/open",
    )
    .await;
    assert_eq!(
        answer.text(),
        "url=https://a.example/?b%3D1%26c%3D[2];d%2Ce%20%23f%2Bg%25&a%26b=c%3Dd"
    );
    assert_eq!(answer.header("x-call"), Some("1"));
    let pairs: IndexMap<String, String> =
        form_urlencoded::parse(&answer.body).into_owned().collect();
    assert_eq!(pairs["url"], open.url.unwrap());
    assert_eq!(pairs["a&b"], "c=d");
}

/// What could not be read back is never sent.
#[tokio::test]
async fn what_has_no_spelling_is_a_logged_500() {
    let with = |change: fn(&mut api::OrderRequestBody)| {
        let mut order = order();
        change(&mut order);
        order
    };
    for order in [
        with(|it| it.words = Some(vec!["a b".to_owned()])),
        with(|it| it.days = Some(vec![String::new()])),
    ] {
        let keeper = keeper(Gift {
            order: Some(order),
            ..Gift::default()
        });
        let answer = post(&keeper, "/orders", URLENCODED, "name=a&either=1").await;
        assert_eq!(answer.status, 500);
        assert!(!answer.text().contains("a b"));
    }
}

/// Null has no spelling: a member that is null is left out, and an item cannot be.
#[tokio::test]
async fn null_is_never_written_as_another_value() {
    let half = || api::Half {
        left: None,
        right: Some("r".to_owned()),
    };
    let gaps = |list| api::Gaps {
        left: None,
        right: Some("r".to_owned()),
        list,
    };
    let texts = |last: Option<&str>| Some(vec![Some("a".to_owned()), last.map(str::to_owned)]);
    let answer = async |nulls| {
        let give = Gift {
            nulls: Some(nulls),
            ..Gift::default()
        };
        get(give, "/nulls").await
    };
    let good = api::NullsOkBody {
        pair: Some(half()),
        members: Some(half()),
        filter: Some(gaps(texts(Some("b")))),
        each: texts(Some("")),
        joined: texts(Some("b")),
    };
    assert_eq!(
        answer(good.clone()).await.text(),
        "pair=right,r&right=r&filter%5Bright%5D=r&filter%5Blist%5D%5B0%5D=a&filter%5Blist%5D%5B1%5D=b&each=a&each=&joined=a,b"
    );
    for nulls in [
        api::NullsOkBody {
            filter: Some(gaps(texts(None))),
            ..good.clone()
        },
        api::NullsOkBody {
            each: texts(None),
            ..good.clone()
        },
        api::NullsOkBody {
            joined: texts(None),
            ..good
        },
    ] {
        assert_eq!(answer(nulls.clone()).await.status, 500, "{nulls:?}");
    }
    for path in ["/notes", "/gaps"] {
        for (last, status) in [(Some("b"), 200), (None, 500)] {
            let give = Gift {
                texts: texts(last).unwrap_or_default(),
                ..Gift::default()
            };
            assert_eq!(get(give, path).await.status, status, "{path} {last:?}");
        }
    }
}

pub(super) fn text() -> impl Strategy<Value = String> {
    "[ -~ä€\r\n]{0,8}"
}

/// A text that shares a field with others, by one of these delimiters.
fn item() -> impl Strategy<Value = String> {
    "[a-z,=&+%|ä]{1,6}"
}

prop_compose! {
    fn any_order()(
        name in text(), size in of(any::<i64>()), gift in of(any::<bool>()), toppings in vec(text(), 1..3),
        days in of(vec("[a-z,=&+% |]{1,4}", 0..4)), codes in of(vec(any::<i64>(), 0..3)), words in of(vec(item(), 0..3)),
        (street, number) in (text(), of(any::<i64>())), extra in vec(any::<i64>(), 0..3), sku in text(),
        either in any::<bool>(), red in any::<i64>(), (from, tags) in (text(), vec(text(), 1..3)),
        (left, right) in (text(), of(text())), count in any::<Option<Option<i64>>>(),
    ) -> api::OrderRequestBody {
        api::OrderRequestBody {
            name, size, gift, toppings: Some(toppings), days, codes, words,
            address: Some(api::OrderRequestBodyAddress { street, number }),
            extra: Some(extra),
            lines: Some(vec![api::OrderRequestBodyLinesItem { sku }]),
            either: match either {
                true => api::OrderRequestBodyEither::Integer(red),
                false => api::OrderRequestBodyEither::Boolean(false),
            },
            color: Some(api::OrderRequestBodyColor { red: Some(red), blue: Some(left.clone()) }),
            filter: Some(api::OrderRequestBodyFilter { from: Some(from), tags: Some(tags) }),
            pair: Some(api::OrderRequestBodyPair { left: Some(left), right }),
            count: Maybe::of_member(count),
        }
    }
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_form_is_read_back(order in any_order()) {
        let keeper = keeper(Gift { order: Some(order.clone()), ..Gift::default() });
        run(async {
            let answer = post(&keeper, "/orders", URLENCODED, "name=a&either=1").await;
            send_back(&keeper, "/orders", answer).await;
        });
        prop_assert_eq!(keeper.order.lock().unwrap().clone(), Some(order));
    }
}

/// One value is written as the client likes best, and of several contents each in its own way.
#[tokio::test]
async fn forms_are_negotiated() {
    for (accept, content_type, start) in [
        ("*/*", "application/json", "{\"x\":1,\"y\":-2}"),
        (URLENCODED, URLENCODED, "x=1&y=-2"),
        ("multipart/*", "multipart/form-data; boundary=", "--"),
    ] {
        let request = Request::get("/points").header("accept", accept);
        let request = request.body(Body::empty()).unwrap();
        let answer = send(api::api(keeper(Gift::default())), request).await;
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with(content_type),
            "{answer:?}"
        );
        assert!(answer.text().starts_with(start), "{answer:?}");
        assert_eq!(answer.header("vary"), Some("Accept"));
    }
    let answer = get(Gift::default(), "/results?kind=json").await;
    assert_eq!(answer.text(), r#"{"x":1,"y":2}"#);
    let answer = get(Gift::default(), "/results?kind=form").await;
    assert_eq!(answer.text(), "ok=true");
    let answer = get(Gift::default(), "/results").await;
    assert_eq!(answer.status, 418);
    assert_eq!(answer.text(), "error=no%20None%20%26%20no%20more");
}
