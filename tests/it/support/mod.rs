//! What several areas of tests share.

pub(crate) mod corpus;
pub(crate) mod lines;
#[cfg(unix)]
pub(crate) mod process;
pub(crate) mod request;
pub(crate) mod server;
