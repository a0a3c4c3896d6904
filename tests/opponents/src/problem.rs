//! What the server answers when a request breaks the contract.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};

/// A body of `application/problem+json`.
#[derive(Debug, Serialize)]
pub struct Problem {
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// One violation.
#[derive(Debug, Serialize)]
struct FieldError {
    path: String,
    message: String,
}

impl Problem {
    /// A problem without violations.
    pub fn new(status: StatusCode, title: &'static str, detail: impl Into<Option<String>>) -> Self {
        Self {
            title,
            status,
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A request that could not be decoded into its type.
    pub fn invalid(detail: String) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Validation failed",
            detail,
        )
    }
}

impl From<garde::Report> for Problem {
    /// All violations of a decoded request.
    fn from(report: garde::Report) -> Self {
        let errors = report
            .iter()
            .map(|(path, error)| FieldError {
                path: path.to_string(),
                message: error.message().to_string(),
            })
            .collect();
        Self {
            title: "Validation failed",
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: None,
            errors,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

fn as_number<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
