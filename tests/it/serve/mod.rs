//! Behaviour through generated servers: the documents of `fixtures/serve`, answering requests.

mod any;
mod awkward;
mod beside;
mod blobs;
mod coercion;
pub(crate) mod content_parameters;
pub(crate) mod contents;
pub(crate) mod error_bodies;
mod evasion;
mod fastapi;
pub(crate) mod files;
pub(crate) mod form_responses;
pub(crate) mod forms;
mod keywords_table;
mod limits;
mod logging;
mod messages;
mod middleware;
mod mistakes;
mod models;
pub(crate) mod multipart_positions;
mod multipart_responses;
mod multipart_stream;
#[cfg(corpus)]
mod museum;
pub(crate) mod parameters;
pub(crate) mod part_headers;
mod parts;
#[cfg(corpus)]
mod petstore;
pub(crate) mod responses;
mod round_trip;
mod routing;
mod schema;
mod schemes;
mod secrets;
pub(crate) mod security;
mod servers;
mod split;
pub(crate) mod streams;
pub(crate) mod style_table;
pub(crate) mod styles;
mod tokens;
mod upgrade;
pub(crate) mod uploads;

use specwright::{Context, Unexpected};

use crate::support::request;

/// Gives back what it is sent.
pub(crate) struct Echo;

/// Includes the servers of documents whose only operation is `echo`, and implements it.
macro_rules! echo {
    ($($module:ident),* $(,)?) => {$(
        specwright::include_api!(pub mod $module);

        impl $module::DefaultApi for Echo {
            async fn echo(
                &self,
                _: &Context,
                request: $module::EchoRequest,
            ) -> Result<$module::Value, Unexpected> {
                Ok(request.body)
            }
        }
    )*};
}

echo!(
    all_of,
    any_of,
    applicators,
    arrays,
    backtracking,
    closed,
    constants,
    default_mapping,
    discriminator,
    formats,
    kept,
    lax_bodies,
    keywords,
    large,
    maps,
    names,
    numbers,
    objects,
    one_of_const,
    one_of_keys,
    presence,
    recursion,
    resources,
    strings,
    traps,
    typed_content,
    version_3_0,
);

specwright::include_api!(pub mod one_of_kind);

impl one_of_kind::DefaultApi for Echo {
    async fn echo(
        &self,
        _: &Context,
        request: one_of_kind::EchoRequest,
    ) -> Result<Option<one_of_kind::Value>, Unexpected> {
        Ok(request.body)
    }
}

/// Stands for the servers of the corpus's documents where `build.rs` found none.
#[cfg(not(corpus))]
#[test]
fn museum_and_pet_store() {
    println!("skipped: the corpus has no museum or no pet store");
}
