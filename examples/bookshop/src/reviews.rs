//! What readers think.

use specwright::{Context, Dep, Maybe};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use uuid::Uuid;

use crate::bookshop::{
    CreateReviewError, CreateReviewRequest, ListReviewsError, ListReviewsRequest,
    ListReviewsResponse, NotFound, Review, ReviewSource, Reviewer, ReviewsApi,
};
use crate::catalogue;
use crate::column::{checked, parsed};
use crate::problem::not_found;
use crate::request::{Paging, Transaction};
use crate::security::User;
use crate::shop::{Shop, now};

impl ReviewsApi for Shop {
    async fn list_reviews(
        &self,
        cx: &Context,
        request: ListReviewsRequest,
    ) -> Result<ListReviewsResponse, ListReviewsError> {
        let paging: Dep<Paging> = cx.get(self).await?;
        let mut db = self.db.acquire().await?;
        if !catalogue::has_book(&mut db, request.book_id).await? {
            return Err(no_book().into());
        }
        let book = request.book_id.to_string();
        let min_rating = request.min_rating.map_or(1, |rating| *rating);
        let total =
            sqlx::query_scalar("SELECT count(*) FROM reviews WHERE book = ? AND rating >= ?")
                .bind(&book)
                .bind(min_rating)
                .fetch_one(&mut *db)
                .await?;
        let rows = sqlx::query(
            "SELECT * FROM reviews WHERE book = ? AND rating >= ? ORDER BY created_at DESC, id LIMIT ? OFFSET ?",
        )
        .bind(&book)
        .bind(min_rating)
        .bind(paging.per_page)
        .bind(paging.offset())
        .fetch_all(&mut *db)
        .await?;
        paging.link(cx, total)?;
        Ok(ListReviewsResponse {
            x_total_count: total,
            body: rows.iter().map(review).collect::<Result<_, _>>()?,
        })
    }

    async fn create_review(
        &self,
        cx: &Context,
        user: Option<User>,
        request: CreateReviewRequest,
    ) -> Result<Review, CreateReviewError> {
        let tx: Dep<Transaction> = cx.get(self).await?;
        let mut tx = tx.lock().await?;
        if !catalogue::has_book(&mut tx, request.book_id).await? {
            return Err(no_book().into());
        }
        let is_verified = match user.and_then(|user| user.customer()) {
            Some(customer) => has_ordered(&mut tx, customer, request.book_id).await?,
            None => false,
        };
        let input = request.body;
        let review = Review {
            id: Uuid::new_v4(),
            rating: input.rating,
            headline: Maybe::from(input.headline.value()),
            text: input.text,
            reviewer: Reviewer {
                name: input.reviewer.name,
            },
            source: input.source,
            is_verified,
            created_at: now()?,
        };
        sqlx::query(
            "INSERT INTO reviews (id, book, rating, headline, text, reviewer_name, reviewer_email, source,
                is_verified, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(review.id.to_string())
        .bind(request.book_id.to_string())
        .bind(*review.rating)
        .bind(review.headline.as_ref().value())
        .bind(&review.text)
        .bind(&review.reviewer.name)
        .bind(&input.reviewer.email)
        .bind(review.source.as_ref().map(source_text))
        .bind(review.is_verified)
        .bind(review.created_at.to_string())
        .execute(&mut **tx)
        .await?;
        Ok(review)
    }
}

fn no_book() -> NotFound {
    not_found("no book has this id")
}

async fn has_ordered(db: &mut SqliteConnection, customer: i64, book: Uuid) -> sqlx::Result<bool> {
    let found = sqlx::query(
        r#"SELECT 1 FROM orders
           JOIN order_lines ON order_lines."order" = orders.id
           JOIN editions ON editions.sku = order_lines.sku
           WHERE orders.customer = ? AND editions.book = ? AND orders.status <> 'cancelled'"#,
    )
    .bind(customer)
    .bind(book.to_string())
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

fn review(row: &SqliteRow) -> sqlx::Result<Review> {
    let headline: Option<String> = row.try_get("headline")?;
    Ok(Review {
        id: parsed(row, "id")?,
        rating: checked::<_, i32>(row, "rating")?,
        headline: Maybe::from(headline),
        text: row.try_get("text")?,
        reviewer: Reviewer {
            name: row.try_get("reviewer_name")?,
        },
        source: row
            .try_get::<Option<String>, _>("source")?
            .as_deref()
            .and_then(source),
        is_verified: row.try_get("is_verified")?,
        created_at: parsed(row, "created_at")?,
    })
}

fn source_text(source: &ReviewSource) -> &str {
    match source {
        ReviewSource::Known(known) => known.as_str(),
        ReviewSource::Link(link) => link.as_str(),
    }
}

fn source(text: &str) -> Option<ReviewSource> {
    let known = text.parse().map(ReviewSource::Known).ok();
    known.or_else(|| text.parse().map(ReviewSource::Link).ok())
}
