//! Bodies that are one item after the other (OAS 3.2, "Sequential Media Types"): each is checked and written, or read and
//! checked, by itself, so that no body ever has to be in memory.

mod event;
mod framing;
mod receive;
mod send;
mod source;

pub use event::ServerEvent;
pub use receive::ItemStream;
pub use source::{EventStream, ItemSender, JsonStream, StreamClosed, StreamItem};

pub(crate) use receive::Received;

#[doc(hidden)]
pub use receive::{receive_events, receive_items, receive_json_events, receive_text_events};
#[doc(hidden)]
pub use send::{events, json_events, json_items, text_events};
