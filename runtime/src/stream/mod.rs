//! Bodies that are one item after the other (OAS 3.2, "Sequential Media Types"): each is checked and written, or read and
//! checked, by itself, so that no body ever has to be in memory.

mod bytes;
mod event;
mod file;
mod framing;
mod receive;
mod send;
mod source;
mod until;

pub use bytes::ByteStream;
pub use event::ServerEvent;
pub use receive::ItemStream;
pub use source::{EventStream, ItemSender, JsonStream, StreamClosed, StreamItem};

pub(crate) use event::EventData;
pub(crate) use file::{select, unsatisfied};
pub(crate) use receive::{
    Received, receive_data_events, receive_events, receive_items, receive_parts,
};
#[cfg(feature = "static-files")]
pub(crate) use send::bytes_response;
