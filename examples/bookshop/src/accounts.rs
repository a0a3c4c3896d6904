//! Customers sign in.

use specwright::{Context, StatusCode, Unexpected};
use sqlx::{Row as _, SqlitePool};
use uuid::Uuid;

use crate::bookshop::{
    AccessToken, AccessTokenTokenType, AccountsApi, SignInError, SignInOkCacheControl,
    SignInProblem, SignInProblemError, SignInRequest, SignInResponse,
};
use crate::problem::problem;
use crate::security::hash;
use crate::shop::{Shop, now};

/// How long a token is good, in seconds.
const LIFETIME: i32 = 60 * 60;

impl AccountsApi for Shop {
    async fn sign_in(
        &self,
        cx: &Context,
        request: SignInRequest,
    ) -> Result<SignInResponse, SignInError> {
        let (name, password) = (&request.body.username, request.body.password.expose());
        let account = sqlx::query("SELECT id, password_hash FROM customers WHERE email = ?")
            .bind(name.as_str())
            .fetch_optional(&self.db)
            .await?;
        let kept = account.as_ref().map(|it| it.try_get("password_hash"));
        let is_right = self.passwords.verify(password, kept.transpose()?).await?;
        let Some(account) = account.filter(|_| is_right) else {
            return Err(SignInError::BadRequest(nobody()));
        };
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        sqlx::query("INSERT INTO tokens (hash, customer, expires_at) VALUES (?, ?, ?)")
            .bind(hash(&token))
            .bind(account.try_get::<i64, _>("id")?)
            .bind((now()? + specwright::jiff::Span::new().seconds(LIFETIME)).to_string())
            .execute(&self.db)
            .await?;
        cx.background(forget_expired(self.db.clone()));
        Ok(SignInResponse {
            cache_control: SignInOkCacheControl::NoStore,
            body: AccessToken {
                access_token: token,
                token_type: AccessTokenTokenType::Bearer,
                expires_in: LIFETIME,
            },
        })
    }
}

/// Whether it is the name or the password is nobody's business.
fn nobody() -> SignInProblem {
    let problem = problem(
        StatusCode::BAD_REQUEST,
        "nobody has this name and this password",
    );
    SignInProblem {
        r#type: problem.r#type,
        title: problem.title,
        status: problem.status,
        detail: problem.detail,
        error: Some(SignInProblemError::InvalidGrant),
    }
}

async fn forget_expired(db: SqlitePool) -> Result<(), Unexpected> {
    sqlx::query("DELETE FROM tokens WHERE expires_at <= ?")
        .bind(now()?.to_string())
        .execute(&db)
        .await?;
    Ok(())
}
