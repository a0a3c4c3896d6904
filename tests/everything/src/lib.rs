//! The server of `specs/everything.yaml`. What was sent is the answer, so that whoever generates requests gets generated
//! answers.

use specwright::{
    Context, EventStream, JsonStream, JsonText, MediaContent, StatusCode, Unexpected, Upload,
};

specwright::include_api!(
    /// Every way in which a request or a response can be described.
    pub mod everything
);

use everything::*;

/// Answers with what was sent.
#[derive(Clone, Copy, Debug)]
pub struct Echo;

fn shapes(
    scalar: impl Into<Option<Count>>,
    list: impl Into<Option<Words>>,
    map: impl Into<Option<Point>>,
) -> Shapes {
    Shapes {
        scalar: scalar.into(),
        word: None,
        list: list.into(),
        map: map.into(),
    }
}

impl ParametersApi for Echo {
    async fn path_simple(
        &self,
        _: &Context,
        request: PathSimpleRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(shapes(request.scalar, request.list, request.map))
    }

    async fn path_label(
        &self,
        _: &Context,
        request: PathLabelRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(shapes(request.scalar, request.list, request.map))
    }

    async fn path_matrix(
        &self,
        _: &Context,
        request: PathMatrixRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(shapes(request.scalar, request.list, request.map))
    }

    async fn query_form(
        &self,
        _: &Context,
        request: QueryFormRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(shapes(request.scalar, request.list, request.map))
    }

    async fn query_delimited(
        &self,
        _: &Context,
        request: QueryDelimitedRequest,
    ) -> Result<QueryDelimitedOkBody, Unexpected> {
        Ok(QueryDelimitedOkBody {
            spaces: request.spaces,
            pipes: request.pipes,
            commas: request.commas,
        })
    }

    async fn query_deep(
        &self,
        _: &Context,
        request: QueryDeepRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(shapes(None, None, request.filter))
    }

    async fn query_content(
        &self,
        _: &Context,
        request: QueryContentRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(shapes(None, None, request.filter))
    }

    async fn query_whole(
        &self,
        _: &Context,
        request: QueryWholeRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(shapes(None, None, request.form))
    }

    async fn query_defaults(
        &self,
        _: &Context,
        request: QueryDefaultsRequest,
    ) -> Result<QueryDefaultsOkBody, Unexpected> {
        Ok(QueryDefaultsOkBody {
            page: request.page,
            order: request.order,
            exact: request.exact,
            ratio: request.ratio,
            q: request.q,
        })
    }

    async fn headers(
        &self,
        _: &Context,
        request: HeadersRequest,
    ) -> Result<HeadersResponse, Unexpected> {
        let cookies = vec!["first=1; HttpOnly".to_owned(), "second=2".to_owned()];
        Ok(HeadersResponse {
            x_count: request.x_count,
            x_words: request.x_words.clone(),
            x_point: request.x_point.clone(),
            set_cookie: Some(cookies),
            body: shapes(request.x_count, request.x_words, request.x_point),
        })
    }

    async fn cookies(&self, _: &Context, request: CookiesRequest) -> Result<Shapes, Unexpected> {
        Ok(Shapes {
            word: request.word,
            ..shapes(request.count, None, None)
        })
    }
}

fn thing(sent: ThingInput) -> Thing {
    Thing {
        name: sent.name,
        price: sent.price,
        made: sent.made,
        tags: sent.tags,
        size: sent.size,
        extra: sent.extra,
        parts: sent
            .parts
            .map(|parts| parts.into_iter().map(thing).collect()),
        id: None,
    }
}

impl BodiesApi for Echo {
    async fn post_json(
        &self,
        _: &Context,
        request: PostJsonRequest,
    ) -> Result<PostJsonResponse, Unexpected> {
        Ok(PostJsonResponse {
            location: "/json".to_owned(),
            body: thing(request.body),
        })
    }

    async fn patch_json(
        &self,
        _: &Context,
        request: PatchJsonRequest,
    ) -> Result<ThingPatch, Unexpected> {
        Ok(request.body)
    }

    async fn put_json(
        &self,
        _: &Context,
        request: PutJsonRequest,
    ) -> Result<PutJsonResponse, Unexpected> {
        Ok(match request.body {
            Some(shape) => PutJsonResponse::Ok(shape),
            None => PutJsonResponse::NoContent,
        })
    }

    async fn post_form(
        &self,
        _: &Context,
        PostFormRequest { body }: PostFormRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(Shapes {
            word: Some(body.name),
            ..shapes(body.count, body.words, None)
        })
    }

    async fn post_upload(
        &self,
        _: &Context,
        request: PostUploadRequest,
    ) -> Result<PostUploadOkBody, Unexpected> {
        let sizes = request.body.files.iter().map(|file| file.size);
        let sizes: Result<_, _> = sizes.map(i64::try_from).collect();
        Ok(PostUploadOkBody { sizes: sizes? })
    }

    async fn put_form(&self, _: &Context, request: PutFormRequest) -> Result<Form, Unexpected> {
        Ok(request.body)
    }

    async fn put_upload(
        &self,
        _: &Context,
        request: PutUploadRequest,
    ) -> Result<FilesForm, Unexpected> {
        Ok(request.body)
    }

    async fn post_text(&self, _: &Context, request: PostTextRequest) -> Result<String, Unexpected> {
        Ok(request.body)
    }

    async fn put_bytes(
        &self,
        _: &Context,
        request: PutBytesRequest,
    ) -> Result<specwright::bytes::Bytes, Unexpected> {
        Ok(request.body)
    }

    async fn post_several(
        &self,
        _: &Context,
        request: PostSeveralRequest,
    ) -> Result<Shapes, Unexpected> {
        Ok(match request.body {
            None => shapes(None, None, None),
            Some(PostSeveralRequestBody::Json(point) | PostSeveralRequestBody::Form(point)) => {
                shapes(None, None, point)
            }
            Some(PostSeveralRequestBody::Text(word)) => Shapes {
                word: Some(word),
                ..shapes(None, None, None)
            },
        })
    }
}

fn problem(status: StatusCode) -> Problem {
    Problem {
        title: "As asked for".to_owned(),
        status: i32::from(status.as_u16()),
        detail: None,
        errors: None,
    }
}

fn origin() -> Result<Point, Unexpected> {
    Ok(Point {
        x: Count::try_from(0)?,
        y: Count::try_from(0)?,
    })
}

impl ResponsesApi for Echo {
    async fn statuses(
        &self,
        _: &Context,
        request: StatusesRequest,
    ) -> Result<StatusesResponse, StatusesError> {
        match request.which {
            0 => Ok(StatusesResponse::Ok(Thing {
                name: "zero".to_owned(),
                price: 39.44,
                made: None,
                tags: None,
                size: None,
                extra: None,
                parts: None,
                id: None,
            })),
            1 => Ok(StatusesResponse::Accepted { retry_after: 1 }),
            2 => Ok(StatusesResponse::NoContent),
            3 => Err(Missing(problem(StatusCode::NOT_FOUND)).into()),
            4 => Err(StatusesError::Conflict(origin()?)),
            _ => Err(StatusesError::ClientError {
                status: StatusCode::TOO_MANY_REQUESTS,
                response: Refused {
                    x_reason: "often".to_owned(),
                    body: problem(StatusCode::TOO_MANY_REQUESTS),
                },
            }),
        }
    }

    async fn negotiated(&self, _: &Context) -> Result<Word, Unexpected> {
        Ok(Word::try_from("word".to_owned())?)
    }

    async fn parts(&self, _: &Context) -> Result<PartsOkBody, Unexpected> {
        let picture = &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..];
        Ok(PartsOkBody {
            part1: origin()?,
            part2: Upload::new("point.svg", "image/svg+xml", picture),
        })
    }

    async fn picture(&self, _: &Context) -> Result<MediaContent, Unexpected> {
        Ok(MediaContent::new("image/png", &b"\x89PNG"[..]))
    }
}

impl StreamsApi for Echo {
    async fn events(
        &self,
        _: &Context,
        request: EventsRequest,
    ) -> Result<EventStream<EventsOkEvent>, Unexpected> {
        let events = (0..request.count).map(|index| {
            let point = Point {
                x: Count::try_from(index)?,
                ..origin()?
            };
            Ok::<_, Unexpected>(EventsOkEvent {
                event: Some(EventsOkEventEvent::Point),
                id: Some(index.to_string()),
                data: JsonText(point),
            })
        });
        Ok(EventStream::iter(events))
    }

    async fn lines(
        &self,
        _: &Context,
        mut request: LinesRequest,
    ) -> Result<JsonStream<Point>, Unexpected> {
        // All are read before the first is sent, since a line that is at fault refuses the request.
        let mut points: Vec<Result<_, Unexpected>> = Vec::new();
        while let Some(point) = request.body.next().await {
            points.push(Ok(point?));
        }
        Ok(JsonStream::iter(points))
    }
}

impl RoutesApi for Echo {
    async fn named_file(
        &self,
        _: &Context,
        request: NamedFileRequest,
    ) -> Result<Words, Unexpected> {
        let words = [request.name, request.extension.to_string()];
        let words: Result<Vec<Word>, _> = words.into_iter().map(Word::try_from).collect();
        Ok(Words::try_from(words?)?)
    }

    async fn get_job(
        &self,
        _: &Context,
        request: GetJobRequest,
    ) -> Result<specwright::uuid::Uuid, Unexpected> {
        Ok(request.id)
    }

    async fn cancel_job(
        &self,
        _: &Context,
        request: CancelJobRequest,
    ) -> Result<specwright::uuid::Uuid, Unexpected> {
        Ok(request.id)
    }

    async fn start_latest(&self, _: &Context) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn search(&self, _: &Context, request: SearchRequest) -> Result<Shapes, Unexpected> {
        Ok(shapes(None, None, request.body))
    }

    async fn copy_search(&self, _: &Context) -> Result<(), Unexpected> {
        Ok(())
    }
}
