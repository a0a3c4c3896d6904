//! Extractors that decode and check, and the two ways of reading a JSON body.

use std::marker::PhantomData;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum_extra::extract::Query;
use garde::Validate;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// How a JSON body becomes a value.
pub trait Decode: Send + 'static {
    /// Reads the body and decodes it.
    fn decode<T: DeserializeOwned>(
        request: Request,
    ) -> impl Future<Output = Result<T, Problem>> + Send;
}

/// `axum::Json`, which also says at which path decoding failed.
pub struct WithAxumJson;

impl Decode for WithAxumJson {
    async fn decode<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
        match Json::<T>::from_request(request, &()).await {
            Ok(Json(value)) => Ok(value),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(unsupported()),
            Err(JsonRejection::JsonSyntaxError(error)) => Err(malformed(error.body_text())),
            Err(JsonRejection::JsonDataError(error)) => Err(Problem::invalid(error.body_text())),
            Err(error) => Err(Problem::new(
                error.status(),
                "Bad request",
                error.body_text(),
            )),
        }
    }
}

/// The bytes of the body straight to `serde_json`.
pub struct WithSerdeJson;

impl Decode for WithSerdeJson {
    async fn decode<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
        if !is_json(request.headers()) {
            return Err(unsupported());
        }
        let bytes = Bytes::from_request(request, &())
            .await
            .map_err(|error| Problem::new(error.status(), "Bad request", error.body_text()))?;
        serde_json::from_slice(&bytes).map_err(|error| {
            if error.is_data() {
                Problem::invalid(error.to_string())
            } else {
                malformed(error.to_string())
            }
        })
    }
}

/// A JSON body that is decoded in the way of `D` and keeps the contract.
pub struct Valid<T, D>(pub T, pub PhantomData<D>);

impl<S, T, D> FromRequest<S> for Valid<T, D>
where
    S: Sync,
    T: DeserializeOwned + Validate<Context = ()>,
    D: Decode,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let value: T = D::decode(request).await?;
        value.validate()?;
        Ok(Self(value, PhantomData))
    }
}

/// A query that keeps the contract.
pub struct ValidQuery<T>(pub T);

impl<S, T> FromRequestParts<S> for ValidQuery<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::<T>::from_request_parts(parts, state)
            .await
            .map_err(|error| Problem::invalid(error.body_text()))?;
        value.validate()?;
        Ok(Self(value))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

fn unsupported() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Unsupported media type",
        None,
    )
}

fn malformed(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "Malformed JSON", detail)
}
