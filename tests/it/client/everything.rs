//! Random requests to the server of everything, in whose document there is each way to describe one.

use specwright::bytes::Bytes;
use specwright::uuid::Uuid;
use specwright::{App, Context, EventStream, JsonStream, MediaContent, Unexpected};
use specwright_everything::{Echo, everything};

use super::random::{Random, Rng, random};
use super::round_trip::{Report, round_trips};
use super::taker::Taker;

use everything::*;

/// Handlers that keep each request and answer with it.
macro_rules! takers {
    ($(
        $module:ident {
            $($operation:ident($request:ident) -> $answer:ty,)*
            $(; $bare:ident -> $bare_answer:ty)*
        }
    )*) => {$(
        impl $module for Taker {
            $(
                async fn $operation(&self, cx: &Context, request: $request) -> $answer {
                    self.keep(request.clone());
                    Echo.$operation(cx, request).await
                }
            )*
            $(
                async fn $bare(&self, cx: &Context) -> $bare_answer {
                    Echo.$bare(cx).await
                }
            )*
        }
    )*};
}

takers! {
    ParametersApi {
        path_simple(PathSimpleRequest) -> Result<Shapes, Unexpected>,
        path_label(PathLabelRequest) -> Result<Shapes, Unexpected>,
        path_matrix(PathMatrixRequest) -> Result<Shapes, Unexpected>,
        query_form(QueryFormRequest) -> Result<Shapes, Unexpected>,
        query_delimited(QueryDelimitedRequest) -> Result<QueryDelimitedOkBody, Unexpected>,
        query_deep(QueryDeepRequest) -> Result<Shapes, Unexpected>,
        query_content(QueryContentRequest) -> Result<Shapes, Unexpected>,
        query_whole(QueryWholeRequest) -> Result<Shapes, Unexpected>,
        query_defaults(QueryDefaultsRequest) -> Result<QueryDefaultsOkBody, Unexpected>,
        headers(HeadersRequest) -> Result<HeadersResponse, Unexpected>,
        cookies(CookiesRequest) -> Result<Shapes, Unexpected>,
    }
    BodiesApi {
        post_json(PostJsonRequest) -> Result<PostJsonResponse, Unexpected>,
        patch_json(PatchJsonRequest) -> Result<ThingPatch, Unexpected>,
        put_json(PutJsonRequest) -> Result<PutJsonResponse, Unexpected>,
        post_form(PostFormRequest) -> Result<Shapes, Unexpected>,
        put_form(PutFormRequest) -> Result<Form, Unexpected>,
        post_upload(PostUploadRequest) -> Result<PostUploadOkBody, Unexpected>,
        put_upload(PutUploadRequest) -> Result<FilesForm, Unexpected>,
        post_text(PostTextRequest) -> Result<String, Unexpected>,
        put_bytes(PutBytesRequest) -> Result<Bytes, Unexpected>,
        post_several(PostSeveralRequest) -> Result<Shapes, Unexpected>,
    }
    ResponsesApi {
        statuses(StatusesRequest) -> Result<StatusesResponse, StatusesError>,
        ; negotiated -> Result<Word, Unexpected>
        ; parts -> Result<PartsOkBody, Unexpected>
        ; picture -> Result<MediaContent, Unexpected>
    }
    RoutesApi {
        named_file(NamedFileRequest) -> Result<Words, Unexpected>,
        get_job(GetJobRequest) -> Result<Uuid, Unexpected>,
        cancel_job(CancelJobRequest) -> Result<Uuid, Unexpected>,
        search(SearchRequest) -> Result<Shapes, Unexpected>,
        ; start_latest -> Result<(), Unexpected>
        ; copy_search -> Result<(), Unexpected>
    }
}

impl StreamsApi for Taker {
    async fn events(
        &self,
        cx: &Context,
        request: EventsRequest,
    ) -> Result<EventStream<EventsOkEvent>, Unexpected> {
        Echo.events(cx, request).await
    }

    async fn lines(
        &self,
        cx: &Context,
        request: LinesRequest,
    ) -> Result<JsonStream<Point>, Unexpected> {
        Echo.lines(cx, request).await
    }
}

random! {
    struct PathSimpleRequest { scalar, list, map }
    struct PathLabelRequest { scalar, list, map }
    struct PathMatrixRequest { scalar, list, map }
    struct QueryFormRequest { scalar, list, map }
    struct QueryDelimitedRequest { spaces, pipes, commas }
    struct QueryDeepRequest { filter }
    struct QueryContentRequest { filter }
    struct QueryWholeRequest { form }
    struct QueryDefaultsRequest { page, order, exact, ratio, q }
    struct HeadersRequest { x_count, x_words, x_point }
    struct CookiesRequest { count, word }
    struct PostJsonRequest { body }
    struct PatchJsonRequest { body }
    struct PutJsonRequest { body }
    struct PostFormRequest { body }
    struct PutFormRequest { body }
    struct PostUploadRequest { body }
    struct PutUploadRequest { body }
    struct PostTextRequest { body }
    struct PutBytesRequest { body }
    struct PostSeveralRequest { body }
    enum PostSeveralRequestBody { Json, Text, Form }
    struct NamedFileRequest { name, extension }
    struct GetJobRequest { id }
    struct CancelJobRequest { id }
    struct SearchRequest { body }
    struct Point { x, y }
    struct Form { name, count, words }
    struct FilesForm { point, note, files }
    struct ThingPatch { name, made, tags }
    enum ThingExtraValue { Boolean, Text }
    enum ShapeSchema { Circle, Square }
    struct Circle { kind, radius }
    struct Square { kind, side }
    strings CircleKind;
    strings SquareKind;
    strings QueryDefaultsOrder;
    strings NamedFileExtension;
}

impl Random for Count {
    fn random(rng: &mut Rng) -> Self {
        Self::try_from(rng.pick(&[0, 1, 7, -1, 1000, -1000])).unwrap()
    }
}

impl Random for Word {
    fn random(rng: &mut Rng) -> Self {
        let word = rng.pick(&["a", "null", "true", "x9", "abcdefghijkl"]);
        Self::try_from(word.to_owned()).unwrap()
    }
}

impl Random for Words {
    fn random(rng: &mut Rng) -> Self {
        let words: Vec<Word> = (0..2 + rng.below(3)).map(|_| Word::random(rng)).collect();
        Self::try_from(words).unwrap()
    }
}

impl Random for StatusesRequest {
    fn random(rng: &mut Rng) -> Self {
        // The others are errors.
        Self {
            which: rng.pick(&[-1, 0, 1, 2, 6]),
        }
    }
}

impl Random for ThingInput {
    fn random(rng: &mut Rng) -> Self {
        let parts = (rng.below(4) == 0).then(|| Vec::random(rng));
        Self {
            name: String::random(rng),
            price: f64::random(rng),
            made: Option::random(rng),
            tags: Option::random(rng),
            size: Option::random(rng),
            extra: Option::random(rng),
            parts,
            secret: Option::random(rng),
        }
    }
}

#[tokio::test]
async fn requests_of_every_kind() {
    let taker = Taker::default();
    let served = App::new(everything::api(taker.clone())).into_service();
    let served = served.unwrap();
    let mut report = Report::default();
    round_trips!(
        report,
        taker,
        &served,
        everything {
            path_simple,
            path_label,
            path_matrix,
            query_form,
            query_delimited,
            query_deep,
            query_content,
            query_whole,
            query_defaults,
            headers,
            cookies,
            post_json,
            patch_json,
            put_json,
            post_form,
            put_form,
            post_upload,
            put_upload,
            post_text,
            put_bytes,
            post_several,
            statuses,
            named_file,
            get_job,
            cancel_job,
            search,
        }
    );
    insta::assert_snapshot!("requests_of_every_kind", report.text());
}

/// Answers that hold what was sent.
macro_rules! echoes {
    ($client:ident { $($operation:ident($request:ident) $what:expr),* $(,)? }) => {$(
        let (mut rng, mut answered) = (Rng::new(17), 0);
        for _ in 0..400 {
            let request = $request::random(&mut rng);
            if let Ok(answer) = $client.$operation(request.clone()).await {
                assert_eq!($what(answer), request, "{}", stringify!($operation));
                answered += 1;
            }
        }
        assert!(answered > 20, "{}: {answered}", stringify!($operation));
    )*};
}

#[tokio::test]
async fn answers_of_every_kind() {
    let served = App::new(everything::api(Echo)).into_service().unwrap();
    let client = everything::client(&served);
    echoes!(client {
        path_label(PathLabelRequest) |it: Shapes| PathLabelRequest {
            scalar: it.scalar.unwrap(),
            list: it.list.unwrap(),
            map: it.map.unwrap(),
        },
        headers(HeadersRequest) |it: HeadersResponse| {
            assert_eq!(it.set_cookie.unwrap(), ["first=1; HttpOnly", "second=2"]);
            HeadersRequest {
                x_count: it.x_count,
                x_words: it.x_words,
                x_point: it.x_point,
            }
        },
        patch_json(PatchJsonRequest) |body| PatchJsonRequest { body },
        put_json(PutJsonRequest) |it| PutJsonRequest {
            body: match it {
                PutJsonResponse::Ok(shape) => Some(shape),
                PutJsonResponse::NoContent => None,
            },
        },
        put_form(PutFormRequest) |body| PutFormRequest { body },
        put_upload(PutUploadRequest) |body| PutUploadRequest { body },
        post_text(PostTextRequest) |body| PostTextRequest { body },
        put_bytes(PutBytesRequest) |body| PutBytesRequest { body },
        get_job(GetJobRequest) |id| GetJobRequest { id },
    });
    let statuses = async |which| client.statuses(StatusesRequest { which }).await;
    assert!(matches!(statuses(0).await, Ok(StatusesResponse::Ok(it)) if it.name == "zero"));
    assert!(matches!(
        statuses(1).await,
        Ok(StatusesResponse::Accepted { retry_after: 1 })
    ));
    assert!(matches!(statuses(2).await, Ok(StatusesResponse::NoContent)));
    let documented = async |which| statuses(which).await.unwrap_err().documented().unwrap();
    assert!(matches!(documented(3).await, StatusesError::NotFound(it) if it.0.status == 404));
    assert!(matches!(documented(4).await, StatusesError::Conflict(_)));
    assert!(matches!(
        documented(5).await,
        StatusesError::ClientError { status, response } if status == 429 && response.x_reason == "often"
    ));
    assert_eq!(
        client.parts().await.unwrap().part2.content_type.as_deref(),
        Some("image/svg+xml")
    );
    assert_eq!(client.picture().await.unwrap().content_type, "image/png");
}
