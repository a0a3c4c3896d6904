//! Handlers that keep what they receive.

use std::any::Any;
use std::sync::{Arc, Mutex};

use specwright::bytes::Bytes;
use specwright::{ApiKey, Context, Denied, MediaContent, Unexpected};

use crate::serve::content_parameters::content_parameters;
use crate::serve::contents::contents;
use crate::serve::forms::forms;
use crate::serve::multipart_positions::multipart_positions;
use crate::serve::parameters::{header_parameters, path_parameters, query_parameters};
use crate::serve::part_headers::part_headers;
use crate::serve::responses::bytes;
use crate::serve::style_table::style_table;
use crate::serve::styles::styles;
use crate::serve::uploads::uploads;

/// A handler that keeps what it receives.
#[derive(Clone, Default)]
pub(super) struct Taker(Arc<Mutex<Option<Box<dyn Any + Send>>>>);

impl Taker {
    pub(super) fn keep(&self, request: impl Any + Send) {
        *self.0.lock().unwrap() = Some(Box::new(request));
    }

    /// What was received since the last time.
    pub(super) fn take<R: 'static>(&self) -> Option<R> {
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
