//! What handlers ask their request for: a transaction, the customer who calls, the page that is wanted.

use std::convert::Infallible;

use specwright::http::Uri;
use specwright::http::header::{self, HeaderValue, InvalidHeaderValue};
use specwright::url::form_urlencoded;
use specwright::{Context, Exclusive, Outcome, Problem, Provide, StatusCode};
use sqlx::Sqlite;

use crate::security::User;
use crate::shop::Shop;

/// A transaction that writes: committed where the answer is no error, and rolled back otherwise.
pub(crate) type Transaction = Exclusive<sqlx::Transaction<'static, Sqlite>>;

impl Provide<Transaction> for Shop {
    type Error = sqlx::Error;

    async fn acquire(&self, _cx: &Context) -> sqlx::Result<Transaction> {
        // It takes the lock at once, since two transactions that read first and write later could only wait for each other.
        let tx = self.db.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Exclusive::new(tx))
    }

    async fn release(&self, tx: &Transaction, outcome: &Outcome) -> sqlx::Result<()> {
        match tx.take().await {
            Some(tx) if outcome.is_success() => tx.commit().await,
            Some(tx) => tx.rollback().await,
            None => Ok(()),
        }
    }
}

/// The customer who calls; asking for it keeps everybody else out.
#[derive(Debug)]
pub(crate) struct Customer {
    /// The number of the account.
    pub(crate) id: i64,
}

impl Provide<Customer> for Shop {
    type Error = Problem;

    async fn acquire(&self, cx: &Context) -> Result<Customer, Problem> {
        match cx.principal().and_then(User::customer) {
            Some(id) => Ok(Customer { id }),
            None => {
                Err(Problem::new(StatusCode::FORBIDDEN).with_detail("only customers can order"))
            }
        }
    }
}

/// The page of a list that is wanted, of all lists in the same way.
#[derive(Debug)]
pub(crate) struct Paging {
    pub(crate) page: i32,
    pub(crate) per_page: i32,
    address: Uri,
}

impl Provide<Paging> for Shop {
    type Error = Infallible;

    async fn acquire(&self, cx: &Context) -> Result<Paging, Infallible> {
        let address = cx.uri().clone();
        // The contract has checked them; what is not there is as it says.
        let number = |name: &str, default| {
            let value = pairs(&address).find(|(key, _)| key == name);
            value
                .and_then(|(_, value)| value.parse().ok())
                .unwrap_or(default)
        };
        Ok(Paging {
            page: number("page", 1),
            per_page: number("per_page", 20),
            address: address.clone(),
        })
    }
}

fn pairs(address: &Uri) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(address.query().unwrap_or_default().as_bytes())
}

impl Paging {
    /// How many items stand on the pages before.
    pub(crate) fn offset(&self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.per_page)
    }

    /// Tells where the pages before and after are (RFC 8288).
    pub(crate) fn link(&self, cx: &Context, total: i64) -> Result<(), InvalidHeaderValue> {
        let is_last = self.offset() + i64::from(self.per_page) >= total;
        let neighbours = [
            (self.page > 1).then_some(("prev", self.page - 1)),
            (!is_last).then_some(("next", self.page + 1)),
        ];
        for (relation, page) in neighbours.into_iter().flatten() {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs(&self.address).filter(|(key, _)| key != "page"))
                .append_pair("page", &page.to_string())
                .finish();
            let link = format!("<{}?{query}>; rel=\"{relation}\"", self.address.path());
            cx.append_header(header::LINK, HeaderValue::try_from(link)?);
        }
        Ok(())
    }
}
