//! The shop: what all handlers share.

use std::path::PathBuf;

use specwright::PasswordHasher;
use specwright::jiff::{Timestamp, Unit};
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

/// Where the shop keeps its books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// In a file, which is made where it does not exist.
    File(PathBuf),
    /// In memory, until the shop closes.
    InMemory,
}

/// A bookshop.
///
/// It implements the traits of the generated module, one in each file of this crate. A clone is the same shop.
#[derive(Clone, Debug)]
pub struct Shop {
    pub(crate) db: SqlitePool,
    pub(crate) passwords: PasswordHasher,
}

impl Shop {
    /// Opens the shop, with its tables made and its shelves filled.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, or holds something else.
    pub async fn open(database: &Database) -> specwright::Result<Self> {
        let db = match database {
            Database::File(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal);
                SqlitePool::connect_with(options).await?
            }
            // Each connection to a database in memory has its own, so there is one, and it stays.
            Database::InMemory => {
                SqlitePoolOptions::new()
                    .min_connections(1)
                    .max_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .connect_with(SqliteConnectOptions::new().in_memory(true))
                    .await?
            }
        };
        migrations().run(&db).await?;
        Ok(Self {
            db,
            passwords: PasswordHasher::new(),
        })
    }

    /// Closes the shop: what is written is kept, and no other request is answered.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// The time, in the whole seconds that the shop keeps.
pub(crate) fn now() -> Result<Timestamp, specwright::jiff::Error> {
    Timestamp::now().round(Unit::Second)
}

fn migrations() -> Migrator {
    let schema = include_str!("../migrations/0001_schema.sql");
    let seed = include_str!("../migrations/0002_seed.sql");
    let reorders = include_str!("../migrations/0003_reorders.sql");
    let cover_types = include_str!("../migrations/0004_cover_types.sql");
    let migration = |version, description: &'static str, sql: &'static str| {
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(vec![
        migration(1, "schema", schema),
        migration(2, "seed", seed),
        migration(3, "reorders", reorders),
        migration(4, "cover types", cover_types),
    ])
}
