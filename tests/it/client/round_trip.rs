//! What a client sends is what the handler receives, and what the handler answers is what the client gets: random values of
//! every place and style, or an error before anything is sent.
//!
//! How many were sent, and why the others were not, stands in `snapshots`: a client that refuses more than it has to is seen
//! there.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};

use specwright::http::HeaderValue;
use specwright::{ApiKey, App, AppService, ClientError, HttpTransport, RequestError, Transport};
use tokio::net::TcpListener;

use super::random::{Random, Rng};
use super::taker::Taker;
use crate::serve::content_parameters::content_parameters;
use crate::serve::contents::contents;
use crate::serve::form_responses::{Gift, form_responses, keeper};
use crate::serve::forms::forms;
use crate::serve::multipart_positions::multipart_positions;
use crate::serve::parameters::{header_parameters, path_parameters, query_parameters};
use crate::serve::part_headers::part_headers;
use crate::serve::responses::bytes;
use crate::serve::style_table::style_table;
use crate::serve::styles::styles;
use crate::serve::uploads::uploads;

/// How many requests of one operation were sent, and how many were not, by the reason.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) sent: usize,
    refused: BTreeMap<String, usize>,
}

impl Counts {
    fn refused(&self) -> usize {
        self.refused.values().sum()
    }

    /// Adds those of another seed.
    pub(super) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        for (why, count) in other.refused {
            *self.refused.entry(why).or_default() += count;
        }
    }
}

/// What became of the requests of each operation.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Report(String);

impl Report {
    pub(super) fn add(&mut self, name: &str, counts: &Counts) {
        let Counts { sent, refused } = counts;
        let _ = writeln!(self.0, "{name}: {sent} sent, {} not", counts.refused());
        for (why, count) in refused {
            let _ = writeln!(self.0, "{count:6} {why}");
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// Why a request was not sent, whichever of its values is at fault.
fn reason(error: &RequestError) -> String {
    if let Some(violations) = error.violations() {
        let first = violations.iter().next().unwrap();
        return format!("{}: {}", first.section.as_str(), first.keyword.as_str());
    }
    let said = error.to_string();
    let said = said.strip_prefix("the request was not sent: ").unwrap();
    let mut parts = said.split('`');
    let mut words = parts.next().unwrap().to_owned();
    while let (Some(_), Some(after)) = (parts.next(), parts.next()) {
        words.push_str("..");
        words.push_str(after);
    }
    words
}

/// So many requests are sent for each operation and seed.
const REQUESTS: usize = 40;

/// So many are made for that at most, since few values of some operations are valid.
const TRIES: usize = 2000;

/// Calls an operation with random requests: each is received as it is, or not sent.
pub(super) async fn sends<R, S, E, F>(
    name: &str,
    taker: &Taker,
    seed: u64,
    call: impl Fn(R) -> F,
) -> Counts
where
    R: Random + Clone + PartialEq + Debug + 'static,
    E: Debug,
    F: Future<Output = Result<S, ClientError<E>>>,
{
    let mut rng = Rng::new(seed);
    let mut counts = Counts::default();
    while counts.sent < REQUESTS && counts.sent + counts.refused() < TRIES {
        let request = R::random(&mut rng);
        match call(request.clone()).await {
            Ok(_) => {
                counts.sent += 1;
                assert_eq!(
                    taker.take::<R>().as_ref(),
                    Some(&request),
                    "{name}, seed {seed}"
                );
            }
            Err(ClientError::Request(error)) => {
                *counts.refused.entry(reason(&error)).or_default() += 1;
                assert!(
                    taker.take::<R>().is_none(),
                    "{name}, seed {seed}: {request:?}"
                );
            }
            Err(error) => panic!("{name}, seed {seed}: {error}\n{request:?}"),
        }
    }
    counts
}

pub(super) const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// Requests to each operation of a client, of which some can be sent.
macro_rules! round_trips {
    ($report:ident, $taker:ident, $transport:expr, $module:ident { $($operation:ident),* $(,)? }) => {
        let client = $module::client($transport);
        $(
            let name = concat!(stringify!($module), " ", stringify!($operation));
            let mut all = $crate::client::round_trip::Counts::default();
            for seed in $crate::client::round_trip::SEEDS {
                let call = |request| client.$operation(request);
                all.add($crate::client::round_trip::sends(name, &$taker, seed, call).await);
            }
            assert!(all.sent >= 10, "{name}: {all:?}");
            $report.add(name, &all);
        )*
    };
}
pub(super) use round_trips;

fn service(api: specwright::Api) -> AppService {
    App::new(api).into_service().unwrap()
}

#[tokio::test]
async fn parameters_of_every_style() {
    let taker = Taker::default();
    let mut report = Report::default();
    let served = service(style_table::api(taker.clone()));
    round_trips!(
        report,
        taker,
        &served,
        style_table {
            path,
            query,
            header,
            cookie,
            raw
        }
    );
    let served = service(styles::api(taker.clone()));
    round_trips!(
        report,
        taker,
        &served,
        styles {
            path,
            query,
            nested,
            counted,
            head,
            empty,
            typed
        }
    );
    insta::assert_snapshot!("parameters_of_every_style", report.text());
}

#[tokio::test]
async fn parameters_of_every_type() {
    let taker = Taker::default();
    let mut report = Report::default();
    let served = service(header_parameters::api(taker.clone()));
    round_trips!(report, taker, &served, header_parameters { read });
    let served = service(query_parameters::api(taker.clone()));
    round_trips!(report, taker, &served, query_parameters { read });
    let served = service(path_parameters::api(taker.clone()));
    round_trips!(report, taker, &served, path_parameters { read });
    insta::assert_snapshot!("parameters_of_every_type", report.text());
}

#[tokio::test]
async fn parameters_with_content() {
    let taker = Taker::default();
    let mut report = Report::default();
    let served = service(content_parameters::api(taker.clone()));
    round_trips!(
        report,
        taker,
        &served,
        content_parameters {
            content,
            json,
            form
        }
    );
    insta::assert_snapshot!("parameters_with_content", report.text());
}

#[tokio::test]
async fn forms_and_files() {
    let taker = Taker::default();
    let mut report = Report::default();
    let served = service(forms::api(taker.clone()));
    round_trips!(
        report,
        taker,
        &served,
        forms {
            order,
            open,
            choice,
            chunks
        }
    );
    let served = service(uploads::api(taker.clone()));
    round_trips!(
        report,
        taker,
        &served,
        uploads {
            add_book,
            add_album,
            add_note
        }
    );
    let served = service(part_headers::api(taker.clone()));
    round_trips!(report, taker, &served, part_headers { add_photos });
    let served = service(multipart_positions::api(taker.clone()));
    round_trips!(
        report,
        taker,
        &served,
        multipart_positions {
            add_numbers,
            add_image,
            add_album
        }
    );
    insta::assert_snapshot!("forms_and_files", report.text());
}

#[tokio::test]
async fn bodies_of_every_content() {
    let taker = Taker::default();
    let mut report = Report::default();
    let served = service(bytes::api(taker.clone()));
    round_trips!(
        report,
        taker,
        &served,
        bytes {
            put_text,
            put_image,
            put_sketch,
            put_optional
        }
    );
    insta::assert_snapshot!("bodies_of_every_content", report.text());

    let served = service(contents::api(taker.clone()));
    let mut client = contents::client(&served);
    client.credentials = contents::client::Credentials::key(ApiKey::new("good"));
    // One of its bodies has a range of media types that only this says more of.
    let content_type = HeaderValue::from_static("text/x-number");
    client.options.headers.insert("content-type", content_type);
    let mut rng = Rng::new(7);
    let mut answers = [0; 5];
    for _ in 0..8 * REQUESTS {
        let request = contents::AddNoteRequest::random(&mut rng);
        let answer = client.add_note(request.clone()).await;
        if let Err(ClientError::Request(_)) = answer {
            continue;
        }
        assert_eq!(
            taker.take::<contents::AddNoteRequest>().as_ref(),
            Some(&request)
        );
        match (request.body, answer) {
            (contents::AddNoteRequestBody::Json(note), Ok(contents::AddNoteOkBody::Json(it))) => {
                assert_eq!(note, it);
                answers[0] += 1;
            }
            (contents::AddNoteRequestBody::Text(text), Ok(contents::AddNoteOkBody::Text(it))) => {
                assert_eq!(text, it);
                answers[1] += 1;
            }
            (
                contents::AddNoteRequestBody::AnyText(number),
                Ok(contents::AddNoteOkBody::Text(it)),
            ) => {
                assert_eq!(number.to_string(), it);
                answers[2] += 1;
            }
            (
                contents::AddNoteRequestBody::Bytes(bytes),
                Ok(contents::AddNoteOkBody::Media(it)),
            ) => {
                assert_eq!((it.content_type.as_str(), bytes), ("image/png", it.bytes));
                answers[3] += 1;
            }
            (
                contents::AddNoteRequestBody::Form(note),
                Err(ClientError::Documented(contents::AddNoteError::NotFound(it))),
            ) => {
                assert_eq!(note, it.0);
                answers[4] += 1;
            }
            (request, answer) => panic!("{request:?} became {answer:?}"),
        }
    }
    assert!(answers.iter().all(|it| *it > 5), "{answers:?}");
    assert_eq!(client.versions().await.unwrap(), "one");
    assert_eq!(client.cover().await.unwrap().content_type, "image/gif");
}

/// Requests to an operation that answers with what it was sent.
macro_rules! echoes {
    ($client:ident { $($operation:ident($request:ident)),* $(,)? }) => {$(
        let mut rng = Rng::new(11);
        let mut sent = 0;
        for _ in 0..TRIES {
            if sent == 4 * REQUESTS {
                break;
            }
            let request = form_responses::$request::random(&mut rng);
            match $client.$operation(request.clone()).await {
                Ok(answer) => {
                    assert_eq!(answer, request.body);
                    sent += 1;
                }
                Err(ClientError::Request(_)) => {}
                Err(error) => panic!("{error}\n{request:?}"),
            }
        }
        println!("{}: {sent}", stringify!($operation));
        assert!(sent > REQUESTS, "{}: {sent}", stringify!($operation));
    )*};
}

#[tokio::test]
async fn answers_that_are_forms() {
    let served = service(form_responses::api(keeper(Gift::default())));
    let client = form_responses::client(&served);
    echoes!(client {
        order(OrderRequest),
        book(BookRequest),
        album(AlbumRequest),
        list(ListRequest),
    });
    assert_eq!(client.point().await.unwrap().y, -2);
    let refused = client
        .result(form_responses::ResultRequest { kind: None })
        .await;
    match refused {
        Err(ClientError::Documented(form_responses::ResultError::ClientError {
            status,
            response,
        })) => {
            assert_eq!(status, 418);
            assert_eq!(response.0.error, "no None & no more");
        }
        other => panic!("{other:?}"),
    }
}

/// What becomes of requests to two services, wherever they are.
async fn two_services(taker: &Taker, transport: impl Transport + Clone) -> Report {
    let mut report = Report::default();
    round_trips!(
        report,
        taker,
        transport.clone(),
        style_table {
            path,
            query,
            header,
            cookie,
            raw
        }
    );
    round_trips!(
        report,
        taker,
        transport,
        uploads {
            add_book,
            add_album,
            add_note
        }
    );
    report
}

#[tokio::test]
async fn the_same_over_http() {
    let taker = Taker::default();
    let api = || style_table::api(taker.clone()).merge(uploads::api(taker.clone()));
    let within = service(api());
    let within = two_services(&taker, &within).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = App::new(api().nest("/v1")).serve_until(listener, std::future::pending);
    let server = tokio::spawn(server);
    let over_http = two_services(&taker, HttpTransport::new(&url).unwrap()).await;
    assert_eq!(over_http, within);
    server.abort();
}
