//! The service itself.

use specwright::{Context, StatusCode};

use crate::bookshop::{GetHealthError, Health, HealthStatus, ServiceApi};
use crate::problem::problem;
use crate::shop::Shop;

impl ServiceApi for Shop {
    async fn get_health(&self, _cx: &Context) -> Result<Health, GetHealthError> {
        let count = sqlx::query_scalar("SELECT count(*) FROM books")
            .fetch_one(&self.db)
            .await;
        match count {
            Ok(books) => Ok(Health {
                status: HealthStatus::Open,
                books,
            }),
            Err(_) => Err(GetHealthError::ServerError {
                status: StatusCode::SERVICE_UNAVAILABLE,
                body: problem(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the database does not answer",
                ),
            }),
        }
    }
}
