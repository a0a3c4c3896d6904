//! Columns of the database as types of the contract.

use std::error::Error;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use specwright::rust_decimal::{self, Decimal};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, Type};

use crate::bookshop::Price;

type BoxError = Box<dyn Error + Send + Sync>;

/// Reads text that a type is parsed from, such as an id or a time.
pub(crate) fn parsed<T>(row: &SqliteRow, column: &str) -> sqlx::Result<T>
where
    T: FromStr<Err: Into<BoxError>>,
{
    let text: String = row.try_get(column)?;
    text.parse().map_err(|error| broken(column, error))
}

/// Reads text that a type is parsed from, where there is some.
pub(crate) fn parsed_if_any<T>(row: &SqliteRow, column: &str) -> sqlx::Result<Option<T>>
where
    T: FromStr<Err: Into<BoxError>>,
{
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| text.parse())
        .transpose()
        .map_err(|error| broken(column, error))
}

/// Reads a value that a type of the contract checks, such as an ISBN.
pub(crate) fn checked<'r, T, U>(row: &'r SqliteRow, column: &str) -> sqlx::Result<T>
where
    T: TryFrom<U, Error: Into<BoxError>>,
    U: Decode<'r, Sqlite> + Type<Sqlite>,
{
    let value: U = row.try_get(column)?;
    T::try_from(value).map_err(|error| broken(column, error))
}

/// Reads a type of the contract that is kept as JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| broken(column, error))
}

/// Reads an amount, which is kept in cents.
pub(crate) fn amount(row: &SqliteRow, column: &str) -> sqlx::Result<Decimal> {
    Ok(Decimal::new(row.try_get(column)?, 2))
}

/// Reads a price.
pub(crate) fn price(row: &SqliteRow, column: &str) -> sqlx::Result<Price> {
    Price::try_from(amount(row, column)?).map_err(|error| broken(column, error))
}

/// What an amount is in cents, as it is kept.
pub(crate) fn cents(amount: Decimal) -> Result<i64, rust_decimal::Error> {
    i64::try_from(amount * Decimal::ONE_HUNDRED)
}

fn broken(column: &str, error: impl Into<BoxError>) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: error.into(),
    }
}
