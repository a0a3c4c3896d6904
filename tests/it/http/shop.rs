//! Handlers for the bookshop that show what reaches them.

use std::io;
use std::time::Duration;

use specwright::axum::extract::FromRequestParts;
use specwright::cookie::Cookie;
use specwright::http::{HeaderValue, request::Parts};
use specwright::{ApiKey, Context, Denied, Operation, Problem, StatusCode, Unexpected};

use super::books::{Book, BooksApi, CreateBookError, CreateBookRequest, Security, X_SHELF};

pub(crate) struct Shop;

/// An extractor that a user wrote.
struct OperationId(&'static str);

impl FromRequestParts<()> for OperationId {
    type Rejection = ();

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, ()> {
        let operation = parts.extensions.get::<&'static Operation>().ok_or(())?;
        Ok(Self(operation.id))
    }
}

impl Security for Shop {
    type Principal = String;

    async fn api_key(&self, _: &Context, key: ApiKey) -> Result<String, Denied> {
        match key.as_str() {
            "good" => Ok("ann".to_owned()),
            "poor" => Err(Denied::forbidden().with_detail("not on the list")),
            "down" => Err(io::Error::other("the directory does not answer").into()),
            _ => Err(Denied::unauthenticated()),
        }
    }
}

impl BooksApi for Shop {
    async fn create_book(
        &self,
        cx: &Context,
        user: String,
        request: CreateBookRequest,
    ) -> Result<Book, CreateBookError> {
        cx.set_header(X_SHELF, HeaderValue::from(request.shelf));
        cx.set_cookie(&Cookie::build(("seen", "yes")).http_only(true).build())?;
        let title = format!(
            "{} for {user}: {:?} {:?} {:?} {:?}",
            request.body.title, request.tags, request.copies, request.trace, request.session
        );
        let pages = f64::from(request.body.pages);
        match request.body.title.as_str() {
            "taken" => Err(CreateBookError::Conflict(Book { title, pages })),
            "broken" => Err(io::Error::other("secret of the database"))?,
            "closed" => {
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE).with_detail("stocktaking"))?
            }
            "endless" => Ok(Book {
                title,
                pages: f64::NAN,
            }),
            _ => Ok(Book { title, pages }),
        }
    }

    async fn read_book(&self, cx: &Context, id: String) -> Result<Book, Unexpected> {
        match id.as_str() {
            "panic" => panic!("the shelf fell"),
            "slow" => tokio::time::sleep(Duration::from_secs(60)).await,
            _ => {}
        }
        let OperationId(operation) = cx.extract().await.unwrap();
        Ok(Book {
            title: format!("{id} by {operation}"),
            pages: 1.0,
        })
    }

    async fn health(&self, _: &Context) -> Result<(), Unexpected> {
        Ok(())
    }
}
