//! The books as the database keeps them.

use specwright::Maybe;
use specwright::jiff::{Span, Timestamp};
use specwright::rust_decimal::Decimal;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::bookshop::{
    Audiobook, AudiobookFormat, Author, Book, BookInput, BookOrder, BookSummary, Currency, Ebook,
    EbookFormat, Edition, EditionFormat, Hardcover, HardcoverFormat, ListBooksRequest, Money,
    Paperback, PaperbackFormat, Price, Sku, Tag,
};
use crate::column::{amount, cents, checked, json, parsed, parsed_if_any, price};
use crate::request::Paging;

/// A book and how often it was changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) book: Book,
    version: i64,
}

impl Stored {
    /// The version as a validator (RFC 9110, section 8.8.3).
    pub(crate) fn etag(&self) -> String {
        format!("\"{}\"", self.version)
    }
}

pub(crate) async fn has_book(db: &mut SqliteConnection, id: Uuid) -> sqlx::Result<bool> {
    let found = sqlx::query("SELECT 1 FROM books WHERE id = ?")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?;
    Ok(found.is_some())
}

/// Finds the books of a page, and how many there are on all pages.
pub(crate) async fn search(
    db: &mut SqliteConnection,
    request: &ListBooksRequest,
    paging: &Paging,
) -> sqlx::Result<(Vec<BookSummary>, i64)> {
    let mut count = QueryBuilder::new("SELECT count(*) FROM books");
    push_conditions(&mut count, request);
    let total = count.build_query_scalar().fetch_one(&mut *db).await?;

    let mut query = QueryBuilder::new(
        "SELECT books.id, isbn, title,
            (SELECT min(price) FROM editions WHERE book = books.id) AS price_from,
            (SELECT avg(rating) FROM reviews WHERE book = books.id) AS rating,
            (SELECT json_group_array(name ORDER BY position) FROM authors WHERE book = books.id) AS authors,
            (SELECT json_group_array(format ORDER BY position) FROM editions WHERE book = books.id) AS formats,
            (SELECT json_group_array(tag ORDER BY position) FROM tags WHERE book = books.id) AS tags,
            per_euro
        FROM books JOIN exchange_rates ON currency = ",
    );
    query.push_bind(request.currency.as_str());
    push_conditions(&mut query, request);
    query.push(match request.sort {
        BookOrder::Title => " ORDER BY title, id",
        BookOrder::Newest => " ORDER BY published_on DESC, id",
        BookOrder::Cheapest => " ORDER BY price_from, id",
        BookOrder::Dearest => " ORDER BY price_from DESC, id",
    });
    query.push(" LIMIT ").push_bind(paging.per_page);
    query.push(" OFFSET ").push_bind(paging.offset());
    let rows = query.build().fetch_all(db).await?;
    let books = rows
        .iter()
        .map(|row| summary(row, request.currency))
        .collect::<sqlx::Result<_>>()?;
    Ok((books, total))
}

fn push_conditions(query: &mut QueryBuilder<Sqlite>, request: &ListBooksRequest) {
    query.push(" WHERE true");
    if let Some(words) = &request.q {
        query
            .push(" AND instr(lower(title || ' ' || coalesce(subtitle, '') || ' ' || (SELECT group_concat(name, ' ') FROM authors WHERE book = books.id)), lower(")
            .push_bind(words.clone())
            .push(")) > 0");
    }
    for tag in request.tag.iter().flatten() {
        query
            .push(" AND books.id IN (SELECT book FROM tags WHERE tag = ")
            .push_bind(tag.to_string())
            .push(")");
    }
    if let Some(formats) = &request.format {
        query.push(" AND books.id IN (SELECT book FROM editions WHERE format IN (");
        let mut list = query.separated(", ");
        for format in formats {
            list.push_bind(format.as_str());
        }
        query.push("))");
    }
    if let Some(category) = &request.category {
        query
            .push(" AND category IN (WITH RECURSIVE below (slug) AS (VALUES (")
            .push_bind(category.to_string())
            .push(") UNION SELECT categories.slug FROM categories JOIN below ON parent = below.slug) SELECT slug FROM below)");
    }
    if let Some(price) = request.max_price {
        // The price has at most two decimals, so nothing is lost but what no edition can cost.
        let most = cents(*price).unwrap_or(i64::MAX);
        query
            .push(" AND books.id IN (SELECT book FROM editions WHERE price <= ")
            .push_bind(most)
            .push(")");
    }
    if request.in_print {
        query.push(" AND books.id IN (SELECT book FROM editions WHERE stock > 0)");
    }
}

fn summary(row: &SqliteRow, currency: Currency) -> sqlx::Result<BookSummary> {
    let per_euro = Decimal::new(row.try_get("per_euro")?, 4);
    Ok(BookSummary {
        id: parsed(row, "id")?,
        isbn: checked::<_, String>(row, "isbn")?,
        title: row.try_get("title")?,
        authors: json(row, "authors")?,
        formats: json(row, "formats")?,
        tags: json(row, "tags")?,
        price_from: Money {
            amount: (amount(row, "price_from")? * per_euro).round_dp(2),
            currency,
        },
        rating: row.try_get("rating")?,
    })
}

/// Loads a book with all that belongs to it.
pub(crate) async fn load(db: &mut SqliteConnection, id: Uuid) -> sqlx::Result<Option<Stored>> {
    let key = id.to_string();
    let Some(row) = sqlx::query("SELECT * FROM books WHERE id = ?")
        .bind(&key)
        .fetch_optional(&mut *db)
        .await?
    else {
        return Ok(None);
    };
    let authors = sqlx::query("SELECT * FROM authors WHERE book = ? ORDER BY position")
        .bind(&key)
        .fetch_all(&mut *db)
        .await?;
    let tags = sqlx::query("SELECT tag FROM tags WHERE book = ? ORDER BY position")
        .bind(&key)
        .fetch_all(&mut *db)
        .await?;
    let editions = sqlx::query("SELECT * FROM editions WHERE book = ? ORDER BY position")
        .bind(&key)
        .fetch_all(&mut *db)
        .await?;
    let subtitle: Option<String> = row.try_get("subtitle")?;
    let blurb: Option<String> = row.try_get("blurb")?;
    let book = Book {
        id,
        isbn: checked::<_, String>(&row, "isbn")?,
        title: row.try_get("title")?,
        subtitle: Maybe::from(subtitle),
        authors: authors.iter().map(author).collect::<sqlx::Result<_>>()?,
        blurb: Maybe::from(blurb),
        published_on: Maybe::from(parsed_if_any(&row, "published_on")?),
        language: row.try_get("language")?,
        category: checked::<_, String>(&row, "category")?,
        tags: tags
            .iter()
            .map(|row| checked::<Tag, String>(row, "tag"))
            .collect::<sqlx::Result<_>>()?,
        editions: editions.iter().map(edition).collect::<sqlx::Result<_>>()?,
        attributes: json(&row, "attributes")?,
        created_at: parsed(&row, "created_at")?,
        updated_at: parsed(&row, "updated_at")?,
    };
    Ok(Some(Stored {
        book,
        version: row.try_get("version")?,
    }))
}

fn author(row: &SqliteRow) -> sqlx::Result<Author> {
    Ok(Author {
        name: row.try_get("name")?,
        role: parsed(row, "role")?,
        website: parsed_if_any(row, "website")?,
    })
}

fn edition(row: &SqliteRow) -> sqlx::Result<Edition> {
    let sku: Sku = checked::<_, String>(row, "sku")?;
    let price: Price = price(row, "price")?;
    Ok(match parsed(row, "format")? {
        EditionFormat::Hardcover => Edition::Hardcover(Hardcover {
            sku,
            price,
            stock: row.try_get("stock")?,
            pages: row.try_get("pages")?,
            format: HardcoverFormat::Hardcover,
            has_dust_jacket: row.try_get("has_dust_jacket")?,
        }),
        EditionFormat::Paperback => Edition::Paperback(Paperback {
            sku,
            price,
            stock: row.try_get("stock")?,
            pages: row.try_get("pages")?,
            format: PaperbackFormat::Paperback,
        }),
        EditionFormat::Ebook => Edition::Ebook(Ebook {
            sku,
            price,
            format: EbookFormat::Ebook,
            file_format: parsed(row, "file_format")?,
            size_bytes: row.try_get("size_bytes")?,
        }),
        EditionFormat::Audiobook => Edition::Audiobook(Audiobook {
            sku,
            price,
            format: AudiobookFormat::Audiobook,
            narrator: row.try_get("narrator")?,
            playing_time: parsed::<Span>(row, "playing_time")?.fieldwise(),
        }),
    })
}

/// Adds a book and all that belongs to it.
pub(crate) async fn insert(
    db: &mut SqliteConnection,
    id: Uuid,
    book: &BookInput,
    now: Timestamp,
) -> Result<(), specwright::Unexpected> {
    let key = id.to_string();
    let purchase_price = book.purchase_price.map(|price| cents(*price)).transpose()?;
    sqlx::query(
        "INSERT INTO books (id, isbn, title, subtitle, blurb, published_on, language, category, attributes,
            purchase_price, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&key)
    .bind(book.isbn.as_str())
    .bind(&book.title)
    .bind(book.subtitle.as_ref().value())
    .bind(book.blurb.as_ref().value())
    .bind(book.published_on.value().map(|day| day.to_string()))
    .bind(&book.language)
    .bind(book.category.as_str())
    .bind(serde_json::to_string(&book.attributes)?)
    .bind(purchase_price)
    .bind(now.to_string())
    .bind(now.to_string())
    .execute(&mut *db)
    .await?;
    for (position, author) in (0_i64..).zip(&book.authors) {
        sqlx::query(
            "INSERT INTO authors (book, position, name, role, website) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&key)
        .bind(position)
        .bind(&author.name)
        .bind(author.role.as_str())
        .bind(author.website.as_ref().map(|url| url.as_str()))
        .execute(&mut *db)
        .await?;
    }
    insert_tags(db, &key, &book.tags).await?;
    for (position, edition) in (0_i64..).zip(&book.editions) {
        insert_edition(db, &key, position, edition).await?;
    }
    Ok(())
}

async fn insert_tags(db: &mut SqliteConnection, book: &str, tags: &[Tag]) -> sqlx::Result<()> {
    for (position, tag) in (0_i64..).zip(tags) {
        sqlx::query("INSERT INTO tags (book, position, tag) VALUES (?, ?, ?)")
            .bind(book)
            .bind(position)
            .bind(tag.as_str())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

async fn insert_edition(
    db: &mut SqliteConnection,
    book: &str,
    position: i64,
    edition: &Edition,
) -> Result<(), specwright::Unexpected> {
    let mut query = QueryBuilder::new("INSERT INTO editions (book, position, sku, price, format");
    let (sku, price, format, columns) = match edition {
        Edition::Hardcover(it) => (
            &it.sku,
            it.price,
            EditionFormat::Hardcover,
            ", stock, pages, has_dust_jacket",
        ),
        Edition::Paperback(it) => (
            &it.sku,
            it.price,
            EditionFormat::Paperback,
            ", stock, pages",
        ),
        Edition::Ebook(it) => (
            &it.sku,
            it.price,
            EditionFormat::Ebook,
            ", file_format, size_bytes",
        ),
        Edition::Audiobook(it) => (
            &it.sku,
            it.price,
            EditionFormat::Audiobook,
            ", narrator, playing_time",
        ),
    };
    query.push(columns).push(") VALUES (");
    let mut values = query.separated(", ");
    values.push_bind(book.to_owned());
    values.push_bind(position);
    values.push_bind(sku.to_string());
    values.push_bind(cents(*price)?);
    values.push_bind(format.as_str());
    match edition {
        Edition::Hardcover(it) => {
            values.push_bind(it.stock);
            values.push_bind(it.pages);
            values.push_bind(it.has_dust_jacket);
        }
        Edition::Paperback(it) => {
            values.push_bind(it.stock);
            values.push_bind(it.pages);
        }
        Edition::Ebook(it) => {
            values.push_bind(it.file_format.as_str());
            values.push_bind(it.size_bytes);
        }
        Edition::Audiobook(it) => {
            values.push_bind(it.narrator.clone());
            values.push_bind(it.playing_time.0.to_string());
        }
    }
    query.push(")");
    query.build().execute(db).await?;
    Ok(())
}

/// Writes what can be changed about a book.
pub(crate) async fn update(
    db: &mut SqliteConnection,
    book: &Book,
    now: Timestamp,
) -> Result<(), specwright::Unexpected> {
    let key = book.id.to_string();
    sqlx::query(
        "UPDATE books SET title = ?, subtitle = ?, blurb = ?, published_on = ?, category = ?, attributes = ?,
            updated_at = ?, version = version + 1
         WHERE id = ?",
    )
    .bind(&book.title)
    .bind(book.subtitle.as_ref().value())
    .bind(book.blurb.as_ref().value())
    .bind(book.published_on.value().map(|day| day.to_string()))
    .bind(book.category.as_str())
    .bind(serde_json::to_string(&book.attributes)?)
    .bind(now.to_string())
    .bind(&key)
    .execute(&mut *db)
    .await?;
    sqlx::query("DELETE FROM tags WHERE book = ?")
        .bind(&key)
        .execute(&mut *db)
        .await?;
    insert_tags(db, &key, &book.tags).await?;
    Ok(())
}

/// Why the shop cannot have such a book, if it cannot.
pub(crate) async fn obstacle(
    db: &mut SqliteConnection,
    book: &BookInput,
) -> sqlx::Result<Option<String>> {
    let taken = sqlx::query("SELECT 1 FROM books WHERE isbn = ?")
        .bind(book.isbn.as_str())
        .fetch_optional(&mut *db)
        .await?;
    if taken.is_some() {
        return Ok(Some(format!("the ISBN {} is taken", *book.isbn)));
    }
    let mut known = Vec::new();
    for edition in &book.editions {
        let sku = match edition {
            Edition::Hardcover(it) => &it.sku,
            Edition::Paperback(it) => &it.sku,
            Edition::Ebook(it) => &it.sku,
            Edition::Audiobook(it) => &it.sku,
        };
        let taken = sqlx::query("SELECT 1 FROM editions WHERE sku = ?")
            .bind(sku.as_str())
            .fetch_optional(&mut *db)
            .await?;
        if taken.is_some() || known.contains(&sku) {
            return Ok(Some(format!("the SKU {} is taken", **sku)));
        }
        known.push(sku);
    }
    missing_category(db, &book.category).await
}

/// Says that there is no such category, where there is none.
pub(crate) async fn missing_category(
    db: &mut SqliteConnection,
    slug: &str,
) -> sqlx::Result<Option<String>> {
    let found = sqlx::query("SELECT 1 FROM categories WHERE slug = ?")
        .bind(slug)
        .fetch_optional(db)
        .await?;
    Ok(match found {
        Some(_) => None,
        None => Some(format!("there is no category `{slug}`")),
    })
}
