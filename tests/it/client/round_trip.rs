//! What a client sends is what the handler receives, and what the handler answers is what the client gets: random values of
//! every place and style, or an error before anything is sent.

use std::any::Any;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use specwright::bytes::Bytes;
use specwright::http::HeaderValue;
use specwright::{
    ApiKey, App, AppService, ClientError, Context, Denied, HttpTransport, MediaContent, Unexpected,
};
use tokio::net::TcpListener;

use super::random::{Random, Rng, random};
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

random! {
    struct style_table::PathRequest { simple_joined_text, label_joined_text, matrix_joined_text, simple_exploded_text, label_exploded_text, matrix_exploded_text, simple_joined_list, label_joined_list, matrix_joined_list, simple_exploded_list, label_exploded_list, matrix_exploded_list, simple_joined_object, label_joined_object, matrix_joined_object, simple_exploded_object, label_exploded_object, matrix_exploded_object }
    struct style_table::QueryRequest { form_joined_text, form_exploded_text, form_joined_list, form_exploded_list, form_joined_object, form_exploded_object, spacedelimited_joined_list, pipedelimited_joined_list, spacedelimited_joined_object, pipedelimited_joined_object, deepobject_exploded_object }
    struct style_table::HeaderRequest { x_simple_joined_text, x_simple_exploded_text, x_simple_joined_list, x_simple_exploded_list, x_simple_joined_object, x_simple_exploded_object }
    struct style_table::CookieRequest { form_joined_text, form_exploded_text, form_joined_list, form_exploded_list, form_joined_object, form_exploded_object }
    struct style_table::RawRequest { cookie_joined_text, cookie_exploded_text, cookie_joined_list, cookie_exploded_list, cookie_joined_object, cookie_exploded_object }
    struct style_table::Odd { r, x_y, é }
    struct style_table::Plain { r, g, b }
    struct styles::PathRequest { simple, simple_exploded, label, label_exploded, matrix, matrix_exploded }
    struct styles::QueryRequest { form, exploded, members, space, pipe, deep }
    struct styles::NestedRequest { filter, ids, search, points }
    struct styles::CountedRequest { few, other, maybe }
    struct styles::HeadRequest { x_color, x_exploded, plain, list, members, raw, shade }
    struct styles::EmptyRequest { status, allowed, nothing, required, text, gift }
    struct styles::TypedRequest { page, either, any, mixed }
    enum styles::Value { Text, List, Color }
    enum styles::TextOrList { Text, List }
    struct styles::Open { mode, additional_properties }
    enum styles::ListOrObject { List, Color }
    struct styles::Color { r, g, b, additional_properties }
    struct styles::Filter { status, price, rows }
    struct styles::Search { tags, by }
    struct styles::NestedPointsItem { x }
    struct styles::CountedFew { a, b }
    struct styles::MaybeColor { r }
    struct styles::HeadShade { shade }
    strings styles::EmptyStatus;
    enum styles::TypedPage { Integer, List }
    enum styles::TypedEither { Text, Text2, Variant3 }
    enum styles::TypedMixed { Text, List }
    strings styles::FilterStatusItem;
    struct styles::FilterPrice { least, most }
    struct styles::FilterRowsItem { name }
    enum styles::TypedEitherVariant3 { Integer, Boolean }
    struct content_parameters::ContentRequest { r#where, points, maybe, note, x_point, point, any }
    struct content_parameters::JsonRequest { search }
    struct content_parameters::FormRequest { search }
    struct content_parameters::Point { x, y }
    struct content_parameters::Search { q, tags, at, pair, deep, spread, json, either, additional_properties }
    struct content_parameters::SearchSpread { red }
    enum content_parameters::SearchEither { Boolean, List }
    struct forms::OrderRequest { dry, body }
    struct forms::OpenRequest { body }
    struct forms::ChoiceRequest { body }
    struct forms::ChunksRequest { body }
    struct forms::OrderRequestBody { name, email, size, gift, toppings, days, codes, ids, address, extra, lines, either }
    struct forms::OpenRequestBody { a, additional_properties }
    enum forms::ChoiceRequestBody { Object, Object2 }
    enum forms::ChunksRequestBody { Form, Multipart }
    struct forms::OrderRequestBodyAddress { street, number }
    struct forms::OrderRequestBodyLinesItem { sku }
    enum forms::OrderRequestBodyEither { Integer, Boolean }
    struct forms::ChoiceRequestBodyObject { a }
    struct forms::ChoiceRequestBodyObject2 { b }
    struct forms::ChunksRequestBodyForm { strategy, count }
    enum forms::ChunksRequestBodyFormStrategy { Known, Object }
    enum forms::ChunksRequestBodyFormCount { Integer, Object }
    strings forms::ChunksRequestBodyFormStrategyKnown;
    struct forms::ChunksRequestBodyFormStrategyObject { size }
    struct header_parameters::ReadRequest { x_trace, x_count, x_ids, session, visits, ids }
    struct query_parameters::ReadRequest { q, limit, ratio, flag, id, sort, tag, day, a_b, free }
    strings query_parameters::ReadSort;
    struct path_parameters::ReadRequest { word, number, list }
    struct part_headers::AddPhotosRequest { body }
    struct part_headers::AddPhotosRequestBody { cover, names, photos, place, points, note }
    struct part_headers::AddPhotosRequestBodyCoverHeaders { x_camera, x_size, x_turn }
    struct part_headers::AddPhotosRequestBodyNamesHeaders { x_locale }
    struct part_headers::AddPhotosRequestBodyPhotosHeaders { x_camera }
    struct part_headers::AddPhotosRequestBodyPlace { city, headers }
    struct part_headers::AddPhotosRequestBodyPlaceHeaders { x_map }
    struct part_headers::AddPhotosRequestBodyPointsHeaders { x_unit }
    struct part_headers::AddPhotosRequestBodyPlaceHeadersXMap { scale }
    strings part_headers::Unit;
    struct multipart_positions::AddNumbersRequest { body }
    struct multipart_positions::AddImageRequest { body }
    struct multipart_positions::AddAlbumRequest { body }
    struct multipart_positions::AddImageRequestBody { part1, image, part3 }
    struct multipart_positions::AddAlbumRequestBody { part1, rest }
    struct multipart_positions::AddImageRequestBodyPart1 { author }
    struct multipart_positions::AddImageRequestBodyPart2Headers { x_camera }
    struct form_responses::OrderRequest { body }
    struct form_responses::BookRequest { body }
    struct form_responses::AlbumRequest { body }
    struct form_responses::ListRequest { body }
    struct form_responses::OrderRequestBody { name, size, gift, toppings, days, codes, words, address, extra, lines, either, color, filter, pair, count }
    struct form_responses::BookRequestBody { title, pages, tags, author, numbers, notes, table, cover, samples }
    struct form_responses::AlbumRequestBody { part1, image, rest }
    enum form_responses::ListRequestBodyItem { Object, Text }
    struct form_responses::OrderRequestBodyAddress { street, number }
    struct form_responses::OrderRequestBodyLinesItem { sku }
    enum form_responses::OrderRequestBodyEither { Integer, Boolean }
    struct form_responses::OrderRequestBodyColor { red, blue }
    struct form_responses::OrderRequestBodyFilter { from, tags }
    struct form_responses::OrderRequestBodyPair { left, right }
    struct form_responses::BookRequestBodyAuthor { name }
    struct form_responses::BookRequestBodyNotesHeaders { x_locale }
    struct form_responses::BookRequestBodyCoverHeaders { x_camera, x_size }
    struct form_responses::AlbumRequestBodyPart1 { author }
    struct form_responses::AlbumRequestBodyPart2Headers { x_camera }
    struct form_responses::ListRequestBodyItemObject { id }
    struct uploads::AddBookRequest { shelf, body }
    struct uploads::AddAlbumRequest { body }
    struct uploads::AddNoteRequest { body }
    struct uploads::AddBookRequestBody { title, pages, tags, author, numbers, cover, samples }
    struct uploads::AddAlbumRequestBody { title, photos, table }
    enum uploads::AddNoteRequestBody { Multipart, Json }
    struct uploads::AddBookRequestBodyAuthor { name, born }
    struct uploads::AddNoteRequestBodyMultipart { text }
    struct bytes::PutTextRequest { body }
    struct bytes::PutImageRequest { body }
    struct bytes::PutSketchRequest { body }
    struct bytes::PutOptionalRequest { body }
    struct contents::AddNoteRequest { body }
    struct contents::PutWordRequest { body }
    enum contents::AddNoteRequestBody { Json, Form, Text, AnyText, Bytes }
    strings contents::PutWordRequestBody;
    struct contents::Note { title, stars }
}

/// A handler that keeps what it receives.
#[derive(Clone, Default)]
struct Taker(Arc<Mutex<Option<Box<dyn Any + Send>>>>);

impl Taker {
    fn keep(&self, request: impl Any + Send) {
        *self.0.lock().unwrap() = Some(Box::new(request));
    }

    /// What was received since the last time.
    fn take<R: 'static>(&self) -> Option<R> {
        let taken = self.0.lock().unwrap().take()?;
        Some(*taken.downcast::<R>().unwrap())
    }
}

/// Handlers that keep each request and answer with a default.
macro_rules! takers {
    ($(
        $module:ident, $success:ty {
            $($operation:ident($request:ident)),* $(,)? $(; $bare:ident)?
        }
    )*) => {$(
        impl $module::DefaultApi for Taker {$(
            async fn $operation(
                &self,
                _: &Context,
                request: $module::$request,
            ) -> Result<$success, Unexpected> {
                self.keep(request);
                Ok(Default::default())
            }
        )*
        $(
            async fn $bare(&self, _: &Context) -> Result<(), Unexpected> {
                Ok(())
            }
        )?}
    )*};
}

takers! {
    style_table, Bytes {
        path(PathRequest),
        query(QueryRequest),
        header(HeaderRequest),
        cookie(CookieRequest),
        raw(RawRequest),
    }
    styles, Bytes {
        path(PathRequest),
        query(QueryRequest),
        nested(NestedRequest),
        counted(CountedRequest),
        head(HeadRequest),
        empty(EmptyRequest),
        typed(TypedRequest),
        bounds(BoundsRequest);
        nothing
    }
    content_parameters, Bytes {
        content(ContentRequest),
        json(JsonRequest),
        form(FormRequest);
        purge
    }
    forms, String {
        order(OrderRequest),
        open(OpenRequest),
        closed(ClosedRequest),
        rules(RulesRequest),
        choice(ChoiceRequest),
        chunks(ChunksRequest),
    }
    header_parameters, Vec<String> { read(ReadRequest) }
    query_parameters, String { read(ReadRequest) }
    path_parameters, Vec<String> { read(ReadRequest) }
    part_headers, String { add_photos(AddPhotosRequest) }
    multipart_positions, String {
        add_numbers(AddNumbersRequest),
        add_image(AddImageRequest),
        add_album(AddAlbumRequest),
        add_entries(AddEntriesRequest),
        add_files(AddFilesRequest),
    }
    uploads, String {
        add_book(AddBookRequest),
        add_album(AddAlbumRequest),
        add_note(AddNoteRequest),
    }
}

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

impl bytes::DefaultApi for Taker {
    async fn put_text(
        &self,
        _: &Context,
        request: bytes::PutTextRequest,
    ) -> Result<String, Unexpected> {
        self.keep(request.clone());
        Ok(request.body)
    }

    async fn put_image(
        &self,
        _: &Context,
        request: bytes::PutImageRequest,
    ) -> Result<Bytes, Unexpected> {
        self.keep(request.clone());
        Ok(request.body)
    }

    async fn put_sketch(
        &self,
        _: &Context,
        request: bytes::PutSketchRequest,
    ) -> Result<bytes::PutSketchResponse, Unexpected> {
        self.keep(request.clone());
        Ok(match request.body {
            Some(body) => bytes::PutSketchResponse::Ok(body),
            None => bytes::PutSketchResponse::NoContent,
        })
    }

    async fn put_optional(
        &self,
        _: &Context,
        request: bytes::PutOptionalRequest,
    ) -> Result<Option<i64>, Unexpected> {
        self.keep(request.clone());
        Ok(request.body)
    }
}

impl contents::Security for Taker {
    type Principal = ();

    async fn key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<(), Denied> {
        match key.matches("good") {
            true => Ok(()),
            false => Err(Denied::unauthenticated()),
        }
    }
}

impl contents::DefaultApi for Taker {
    async fn add_note(
        &self,
        _: &Context,
        (): (),
        request: contents::AddNoteRequest,
    ) -> Result<contents::AddNoteOkBody, contents::AddNoteError> {
        self.keep(request.clone());
        Ok(match request.body {
            contents::AddNoteRequestBody::Json(note) => contents::AddNoteOkBody::Json(note),
            contents::AddNoteRequestBody::Text(text) => contents::AddNoteOkBody::Text(text),
            contents::AddNoteRequestBody::Bytes(bytes) => {
                contents::AddNoteOkBody::Media(MediaContent::new("image/png", bytes))
            }
            contents::AddNoteRequestBody::Form(note) => {
                Err(contents::AddNoteError::NotFound(contents::Gone(note)))?
            }
            contents::AddNoteRequestBody::AnyText(number) => {
                contents::AddNoteOkBody::Text(number.to_string())
            }
        })
    }

    async fn put_word(
        &self,
        _: &Context,
        (): (),
        request: contents::PutWordRequest,
    ) -> Result<String, Unexpected> {
        self.keep(request);
        Ok("word".to_owned())
    }

    async fn versions(&self, _: &Context) -> Result<String, Unexpected> {
        Ok("one".to_owned())
    }

    async fn cover(&self, _: &Context) -> Result<MediaContent, Unexpected> {
        Ok(MediaContent::new("image/gif", &b"GIF"[..]))
    }
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
