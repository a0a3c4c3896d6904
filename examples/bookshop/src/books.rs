//! The catalogue.

use specwright::{ByteStream, Context, Dep, MediaContent, StatusCode};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::bookshop::{
    Book, BookChange, BookPage, BooksApi, CreateBookError, CreateBookRequest, CreateBookResponse,
    DeleteBookError, DeleteBookRequest, FindByIsbnError, FindByIsbnRequest, FindByIsbnResponse,
    GetBookError, GetBookRequest, GetBookResponse, GetCoverError, GetCoverRequest, ListBooksError,
    ListBooksRequest, ListBooksResponse, NotFound, PutCoverError, PutCoverRequest, UpdateBookError,
    UpdateBookRequest, UpdateBookResponse,
};
use crate::catalogue::{self, Stored};
use crate::problem::{conflict, not_found, problem};
use crate::request::{Paging, Transaction};
use crate::security::User;
use crate::shop::{Shop, now};

impl BooksApi for Shop {
    async fn list_books(
        &self,
        cx: &Context,
        request: ListBooksRequest,
    ) -> Result<ListBooksResponse, ListBooksError> {
        let paging: Dep<Paging> = cx.get(self).await?;
        let mut db = self.db.acquire().await?;
        let (items, total) = catalogue::search(&mut db, &request, &paging).await?;
        paging.link(cx, total)?;
        Ok(ListBooksResponse {
            x_total_count: total,
            body: BookPage {
                items,
                page: paging.page,
                per_page: paging.per_page,
                total,
            },
        })
    }

    async fn create_book(
        &self,
        cx: &Context,
        user: User,
        request: CreateBookRequest,
    ) -> Result<CreateBookResponse, CreateBookError> {
        user.require_editor()?;
        let transaction: Dep<Transaction> = cx.get(self).await?;
        let mut tx = transaction.lock().await?;
        if let Some(obstacle) = catalogue::obstacle(&mut tx, &request.body).await? {
            return Err(conflict(obstacle).into());
        }
        let id = Uuid::new_v4();
        catalogue::insert(&mut tx, id, &request.body, now()?).await?;
        let stored = catalogue::load(&mut tx, id)
            .await?
            .ok_or(sqlx::Error::RowNotFound)?;
        if request.dry_run {
            drop(tx);
            if let Some(tx) = transaction.take().await {
                tx.rollback().await?;
            }
        }
        Ok(CreateBookResponse {
            location: location(id),
            etag: stored.etag(),
            body: stored.book,
        })
    }

    async fn get_book(
        &self,
        _cx: &Context,
        request: GetBookRequest,
    ) -> Result<GetBookResponse, GetBookError> {
        let mut tx = self.db.begin().await?;
        let stored = find(&mut tx, request.book_id).await??;
        let etag = stored.etag();
        if request
            .if_none_match
            .is_some_and(|known| matches(&known, &etag))
        {
            return Ok(GetBookResponse::NotModified);
        }
        Ok(GetBookResponse::Ok {
            etag,
            body: stored.book,
        })
    }

    async fn update_book(
        &self,
        cx: &Context,
        user: User,
        request: UpdateBookRequest,
    ) -> Result<UpdateBookResponse, UpdateBookError> {
        user.require_editor()?;
        let tx: Dep<Transaction> = cx.get(self).await?;
        let mut tx = tx.lock().await?;
        let mut stored = find(&mut tx, request.book_id).await??;
        if !matches(&request.if_match, &stored.etag()) {
            return Err(UpdateBookError::PreconditionFailed {
                etag: stored.etag(),
                body: problem(
                    StatusCode::PRECONDITION_FAILED,
                    "somebody else has changed the book since",
                ),
            });
        }
        apply(request.body, &mut stored.book);
        let category = &stored.book.category;
        if let Some(obstacle) = catalogue::missing_category(&mut tx, category).await? {
            return Err(conflict(obstacle).into());
        }
        catalogue::update(&mut tx, &stored.book, now()?).await?;
        let stored = find(&mut tx, request.book_id).await??;
        Ok(UpdateBookResponse {
            etag: stored.etag(),
            body: stored.book,
        })
    }

    async fn delete_book(
        &self,
        _cx: &Context,
        user: User,
        request: DeleteBookRequest,
    ) -> Result<(), DeleteBookError> {
        user.require_editor()?;
        let deleted = sqlx::query("DELETE FROM books WHERE id = ?")
            .bind(request.book_id.to_string())
            .execute(&self.db)
            .await;
        match deleted {
            Ok(done) if done.rows_affected() == 0 => Err(no_book().into()),
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                Err(conflict("somebody has ordered this book").into())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn get_cover(
        &self,
        _cx: &Context,
        request: GetCoverRequest,
    ) -> Result<MediaContent<ByteStream>, GetCoverError> {
        let cover: Option<(Option<Vec<u8>>, String)> =
            sqlx::query_as("SELECT cover, cover_type FROM books WHERE id = ?")
                .bind(request.book_id.to_string())
                .fetch_optional(&self.db)
                .await?;
        match cover {
            // A client may ask for a part of it.
            Some((Some(picture), kind)) => Ok(MediaContent::new(kind, picture)),
            Some((None, _)) => Err(not_found("the book has no cover yet").into()),
            None => Err(no_book().into()),
        }
    }

    async fn put_cover(
        &self,
        _cx: &Context,
        user: User,
        request: PutCoverRequest,
    ) -> Result<(), PutCoverError> {
        user.require_editor()?;
        let picture = request.body.picture;
        let updated = sqlx::query("UPDATE books SET cover = ?, cover_type = ? WHERE id = ?")
            .bind(&*picture.bytes().await?)
            .bind(picture.content_type)
            .bind(request.book_id.to_string())
            .execute(&self.db)
            .await?;
        if updated.rows_affected() == 0 {
            return Err(no_book().into());
        }
        Ok(())
    }

    async fn find_by_isbn(
        &self,
        _cx: &Context,
        request: FindByIsbnRequest,
    ) -> Result<FindByIsbnResponse, FindByIsbnError> {
        let id: Option<String> = sqlx::query_scalar("SELECT id FROM books WHERE isbn = ?")
            .bind(request.isbn.as_str())
            .fetch_optional(&self.db)
            .await?;
        let id = id.ok_or_else(|| not_found("no book has this ISBN"))?;
        Ok(FindByIsbnResponse {
            location: location(id.parse()?),
        })
    }
}

fn location(id: Uuid) -> String {
    format!("/books/{id}")
}

fn no_book() -> NotFound {
    not_found("no book has this id")
}

/// Finds a book, or answers 404.
async fn find(db: &mut SqliteConnection, id: Uuid) -> sqlx::Result<Result<Stored, NotFound>> {
    Ok(catalogue::load(db, id).await?.ok_or_else(no_book))
}

/// Whether a list of validators, or `*`, holds this one (RFC 9110, section 13.1).
fn matches(list: &str, etag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|it| it == "*" || it == etag)
}

/// Changes what the request names; null takes a value away.
fn apply(change: BookChange, book: &mut Book) {
    if let Some(title) = change.title {
        book.title = title;
    }
    if !change.subtitle.is_absent() {
        book.subtitle = change.subtitle;
    }
    if !change.blurb.is_absent() {
        book.blurb = change.blurb;
    }
    if !change.published_on.is_absent() {
        book.published_on = change.published_on;
    }
    if let Some(category) = change.category {
        book.category = category;
    }
    if let Some(tags) = change.tags {
        book.tags = tags;
    }
    if let Some(attributes) = change.attributes {
        book.attributes = attributes;
    }
}
