//! What a client sends is what the handler receives, and what the handler answers is what the client gets: random values of
//! every place and style, or an error before anything is sent.

use std::fmt::Debug;

use specwright::http::HeaderValue;
use specwright::{ApiKey, App, AppService, ClientError, HttpTransport};
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

/// How many requests of one operation were sent, and how many had no spelling.
#[derive(Debug, Default)]
struct Counts {
    sent: usize,
    refused: usize,
}

/// So many requests are sent for each operation and seed.
const REQUESTS: usize = 40;

/// So many are made for that at most, since few values of some operations are valid.
const TRIES: usize = 2000;

/// Calls an operation with random requests: each is received as it is, or not sent.
async fn sends<R, S, E, F>(name: &str, taker: &Taker, seed: u64, call: impl Fn(R) -> F) -> Counts
where
    R: Random + Clone + PartialEq + Debug + 'static,
    E: Debug,
    F: Future<Output = Result<S, ClientError<E>>>,
{
    let mut rng = Rng::new(seed);
    let mut counts = Counts::default();
    while counts.sent < REQUESTS && counts.sent + counts.refused < TRIES {
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
            Err(ClientError::Request(_)) => {
                counts.refused += 1;
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

const SEEDS: [u64; 4] = [1, 2, 3, 4];

/// Requests to each operation of a client, of which some can be sent.
macro_rules! round_trips {
    ($taker:ident, $transport:expr, $module:ident { $($operation:ident),* $(,)? }) => {
        let client = $module::client($transport);
        $(
            let mut all = Counts::default();
            for seed in SEEDS {
                let name = concat!(stringify!($module), " ", stringify!($operation));
                let counts = sends(name, &$taker, seed, |request| client.$operation(request)).await;
                all.sent += counts.sent;
                all.refused += counts.refused;
            }
            println!("{} {}: {all:?}", stringify!($module), stringify!($operation));
            assert!(all.sent >= 10, "{}: {all:?}", stringify!($operation));
        )*
    };
}

fn service(api: specwright::Api) -> AppService {
    App::new(api).into_service().unwrap()
}

#[tokio::test]
async fn parameters_of_every_style() {
    let taker = Taker::default();
    let served = service(style_table::api(taker.clone()));
    round_trips!(
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
}

#[tokio::test]
async fn parameters_of_every_type() {
    let taker = Taker::default();
    let served = service(header_parameters::api(taker.clone()));
    round_trips!(taker, &served, header_parameters { read });
    let served = service(query_parameters::api(taker.clone()));
    round_trips!(taker, &served, query_parameters { read });
    let served = service(path_parameters::api(taker.clone()));
    round_trips!(taker, &served, path_parameters { read });
}

#[tokio::test]
async fn parameters_with_content() {
    let taker = Taker::default();
    let served = service(content_parameters::api(taker.clone()));
    round_trips!(
        taker,
        &served,
        content_parameters {
            content,
            json,
            form
        }
    );
}

#[tokio::test]
async fn forms_and_files() {
    let taker = Taker::default();
    let served = service(forms::api(taker.clone()));
    round_trips!(
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
        taker,
        &served,
        uploads {
            add_book,
            add_album,
            add_note
        }
    );
    let served = service(part_headers::api(taker.clone()));
    round_trips!(taker, &served, part_headers { add_photos });
    let served = service(multipart_positions::api(taker.clone()));
    round_trips!(
        taker,
        &served,
        multipart_positions {
            add_numbers,
            add_image,
            add_album
        }
    );
}

#[tokio::test]
async fn bodies_of_every_content() {
    let taker = Taker::default();
    let served = service(bytes::api(taker.clone()));
    round_trips!(
        taker,
        &served,
        bytes {
            put_text,
            put_image,
            put_sketch,
            put_optional
        }
    );

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

#[tokio::test]
async fn the_same_over_http() {
    let taker = Taker::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let api = style_table::api(taker.clone())
        .merge(uploads::api(taker.clone()))
        .nest("/v1");
    let server = tokio::spawn(App::new(api).serve_until(listener, std::future::pending));
    let transport = HttpTransport::new(&url).unwrap();
    round_trips!(
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
        taker,
        transport,
        uploads {
            add_book,
            add_album,
            add_note
        }
    );
    server.abort();
}
