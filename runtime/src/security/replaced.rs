//! Who calls, as a test says it: in place of what credentials would tell.
//!
//! **Invariant:** it comes with a request as a value of this process, never as anything that a client could send; without
//! the feature `test` there is no such value.

use crate::call::Call;
use crate::refusal::Refusal;

impl Call {
    /// Returns who calls, where a test says so.
    ///
    /// # Errors
    ///
    /// A logged 500 where that is of another type than the application's principal.
    #[cfg(not(feature = "test"))]
    pub fn principal<P: 'static>(&self) -> Result<Option<P>, Refusal> {
        Ok(None)
    }

    /// Returns who calls, where a test says so.
    ///
    /// # Errors
    ///
    /// A logged 500 where that is of another type than the application's principal.
    #[cfg(feature = "test")]
    pub fn principal<P: 'static>(&self) -> Result<Option<P>, Refusal> {
        match self.context().extensions().get::<ReplacedPrincipal>() {
            Some(replaced) => replaced.make().map(Some),
            None => Ok(None),
        }
    }
}

/// Makes the principal of each request that it comes with.
#[cfg(feature = "test")]
#[derive(Clone)]
pub(crate) struct ReplacedPrincipal {
    make: std::sync::Arc<dyn std::any::Any + Send + Sync>,
    /// What is made, in words.
    name: &'static str,
    /// What was asked for in place of it.
    unlike: std::sync::Arc<std::sync::OnceLock<&'static str>>,
}

#[cfg(feature = "test")]
type Make<P> = Box<dyn Fn() -> P + Send + Sync>;

#[cfg(feature = "test")]
impl ReplacedPrincipal {
    pub(crate) fn new<P: 'static>(make: impl Fn() -> P + Send + Sync + 'static) -> Self {
        let make: Make<P> = Box::new(make);
        Self {
            make: std::sync::Arc::new(make),
            name: std::any::type_name::<P>(),
            unlike: std::sync::Arc::default(),
        }
    }

    fn make<P: 'static>(&self) -> Result<P, Refusal> {
        if let Some(make) = self.make.downcast_ref::<Make<P>>() {
            return Ok(make());
        }
        let _ = self.unlike.set(std::any::type_name::<P>());
        Err(crate::problem::Unexpected::new("the principal of the test is of another type").into())
    }

    /// The fault of the test, where an application had another principal.
    pub(crate) fn fault(&self) -> Option<String> {
        let (name, wanted) = (self.name, self.unlike.get()?);
        Some(format!(
            "the principal of the application is `{wanted}`, not `{name}`"
        ))
    }
}
