//! Passwords as they are kept.

use std::num::NonZero;
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use crate::blocking::{BlockingPool, Cancellation, Limits};
use crate::problem::Unexpected;
use crate::tasks::Tasks;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

/// Hashes passwords with Argon2id, and compares them with their hashes (RFC 9106).
///
/// A hash takes 19 MiB of memory and two passes over it, some 20 ms of a processor, and so do guesses of whoever has stolen
/// it. Threads of its own do it, as many at a time as there are processors; 1,024 others wait, so that sign-ins in a crowd take
/// neither all memory nor the time of other requests, and those beyond are answered with 503. How often a client may try is for
/// [`App::rate_limit`](crate::App::rate_limit).
///
/// A clone shares the limit.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let passwords = specwright::PasswordHasher::new();
/// let kept = passwords.hash("open sesame").await?;
/// assert!(kept.starts_with("$argon2id$"));
/// assert!(passwords.verify("open sesame", Some(&kept)).await?);
/// assert!(!passwords.verify("open barley", Some(&kept)).await?);
/// // Nobody has this name, and that takes as long to say.
/// assert!(!passwords.verify("open sesame", None).await?);
/// # Ok::<(), specwright::Unexpected>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct PasswordHasher(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: BlockingPool,
    /// The hash of a password that nobody has.
    decoy: OnceLock<String>,
}

impl Shared {
    /// Whatever is asked first makes it, so that it is not the first unknown name that takes longer than others.
    fn decoy(&self) -> Result<&str, Unexpected> {
        if let Some(decoy) = self.decoy.get() {
            return Ok(decoy);
        }
        let made = hash("nobody")?;
        Ok(self.decoy.get_or_init(|| made))
    }
}

impl PasswordHasher {
    /// Creates one.
    #[must_use]
    pub fn new() -> Self {
        let limits = Limits {
            running: available_parallelism().map_or(1, NonZero::get),
            ..Limits::default()
        };
        Self(Arc::new(Shared {
            pool: BlockingPool::new(Tasks::new(), limits),
            decoy: OnceLock::new(),
        }))
    }

    /// Returns the text to keep of a password: the algorithm and its costs, a salt of its own, and the hash, in the format of
    /// PHC strings.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random bytes; 503 where too many wait.
    pub async fn hash(&self, password: &str) -> Result<String, Unexpected> {
        let password = password.to_owned();
        self.run(move |_| hash(&password)).await
    }

    /// Returns whether a password is the one of which this was kept; other variants and costs of Argon2 are good, too.
    ///
    /// Give it `None` where nobody has the name that was sent: it is then never right, and takes as long as for a hash that
    /// [`hash`](Self::hash) has made. Who measures does not learn which names there are, unless what was kept has other costs,
    /// as hashes from elsewhere may: make those anew when their owners sign in.
    ///
    /// # Errors
    ///
    /// When what was kept is no hash by Argon2; 503 where too many wait.
    pub async fn verify(&self, password: &str, kept: Option<&str>) -> Result<bool, Unexpected> {
        let password = password.to_owned();
        let kept = kept.map(str::to_owned);
        self.run(move |decoy| match kept {
            Some(kept) => is_of(&password, &kept),
            None => is_of(&password, decoy).map(|_| false),
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&str) -> Result<T, Unexpected> + Send + 'static,
    ) -> Result<T, Unexpected> {
        let shared = Arc::clone(&self.0);
        let work = move |_: &Cancellation| work(shared.decoy()?);
        self.0.pool.run(work).await?
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new()
    }
}

fn hash(password: &str) -> Result<String, Unexpected> {
    Ok(Argon2::default()
        .hash_password(password.as_bytes())?
        .to_string())
}

fn is_of(password: &str, kept: &str) -> Result<bool, Unexpected> {
    let kept = PasswordHash::new(kept)?;
    match Argon2::default().verify_password(password.as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
