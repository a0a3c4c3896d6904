//! What several areas of tests share.

pub(crate) mod corpus;
pub(crate) mod lines;
pub(crate) mod request;
pub(crate) mod server;
