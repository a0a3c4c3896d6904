//! Who may do what.

use sha2::{Digest as _, Sha256};
use specwright::{ApiKey, Bearer, Context, Denied};
use sqlx::Row as _;

use crate::bookshop::{Forbidden, Security};
use crate::problem::forbidden;
use crate::shop::{Shop, now};

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// Somebody who works in the shop.
    Staff {
        /// Whether they may change the catalogue.
        may_edit: bool,
    },
    /// Somebody with an account.
    Customer {
        /// The number of the account.
        id: i64,
    },
}

impl User {
    /// Lets those pass who may change the catalogue.
    pub(crate) fn require_editor(&self) -> Result<(), Forbidden> {
        match self {
            Self::Staff { may_edit: true } => Ok(()),
            _ => Err(forbidden("this key may read, but not edit")),
        }
    }

    /// The number of the customer's account; nobody else has one.
    pub(crate) fn customer(&self) -> Option<i64> {
        match self {
            Self::Customer { id } => Some(*id),
            Self::Staff { .. } => None,
        }
    }
}

impl Security for Shop {
    type Principal = User;

    async fn shop_key(
        &self,
        _cx: &Context,
        shop_key: ApiKey,
        _scopes: &[&str],
    ) -> Result<User, Denied> {
        let staff = sqlx::query("SELECT may_edit FROM staff WHERE key_hash = ?")
            .bind(hash(shop_key.as_str()))
            .fetch_optional(&self.db)
            .await?;
        let Some(staff) = staff else {
            return Err(Denied::unauthenticated().with_detail("nobody has this key"));
        };
        let may_edit = staff.try_get("may_edit")?;
        Ok(User::Staff { may_edit })
    }

    async fn customer_token(
        &self,
        _cx: &Context,
        customer_token: Bearer,
        _scopes: &[&str],
    ) -> Result<User, Denied> {
        let customer =
            sqlx::query_scalar("SELECT customer FROM tokens WHERE hash = ? AND expires_at > ?")
                .bind(hash(customer_token.token()))
                .bind(now()?.to_string())
                .fetch_optional(&self.db)
                .await?;
        let Some(id) = customer else {
            return Err(Denied::unauthenticated().with_detail("nobody has this token"));
        };
        Ok(User::Customer { id })
    }
}

/// Keys and tokens are random and long, so that a fast hash without salt is enough; passwords need another.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}
