//! The steps from a call to a request: every parameter and the body, with all violations together.

use bytes::Bytes;

use crate::{
    body::ReceivedBody,
    call::Call,
    decode::Decoder,
    form,
    multipart::{DecodePart, PartStream},
    node::{Node, Tree},
    operation::Operation,
    parameter::{Form, Parameters, Slots},
    refusal::{Reason, Refusal},
    stream::{self, ByteStream, EventData, ItemStream, ServerEvent},
};

/// What requests are read from: a call, or what a client is about to send.
pub trait Incoming {
    /// The operation that it is for.
    fn operation(&self) -> &'static Operation;

    /// Reads the declared parameters, undecoded beyond their style.
    ///
    /// # Errors
    ///
    /// There are 4 GiB of text.
    fn parameters(&self) -> Result<Parameters, Refusal>;

    /// What decodes it.
    fn decoder(&self) -> Decoder;
}

impl Incoming for Call {
    fn operation(&self) -> &'static Operation {
        self.context().operation()
    }

    fn parameters(&self) -> Result<Parameters, Refusal> {
        self.parameters()
    }

    fn decoder(&self) -> Decoder {
        self.decoder()
    }
}

/// Reads a request.
///
/// # Errors
///
/// What refuses the body as a whole, else 422 with all violations.
pub fn read<T>(
    call: &impl Incoming,
    decode: impl FnOnce(&mut Reader<'_>) -> Option<T>,
) -> Result<T, Refusal> {
    // Most often there are some; where there are none, no tree is made of them.
    let parameters = match call.operation().parameters {
        [] => None,
        _ => Some(call.parameters()?),
    };
    let mut reader = Reader {
        cx: call.decoder(),
        slots: parameters.as_ref().map(Parameters::slots),
        refusal: None,
    };
    let request = decode(&mut reader);
    match (reader.refusal, request) {
        (Some(refusal), _) => Err(refusal),
        (None, Some(request)) if reader.cx.is_valid() => Ok(request),
        _ => Err(Refusal::invalid(reader.cx.into_violations())),
    }
}

/// One request while it is read: the parameters in the order of their descriptions, then the body.
///
/// Everything is `None` where it is not valid, and what is wrong with it is kept.
pub struct Reader<'p> {
    cx: Decoder,
    slots: Option<Slots<'p>>,
    /// Why the body cannot be read at all.
    refusal: Option<Refusal>,
}

impl<'p> Reader<'p> {
    /// The next parameter, one that must be there.
    #[inline]
    pub fn required<T>(
        &mut self,
        decode: impl Fn(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        self.slots.as_mut()?.required(&mut self.cx, decode)
    }

    /// The next parameter, one that may be absent.
    #[inline]
    pub fn optional<T>(
        &mut self,
        decode: impl Fn(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<Option<T>> {
        self.slots.as_mut()?.optional(&mut self.cx, decode)
    }

    /// The next parameter, or its default where it is absent.
    #[inline]
    pub fn default<T>(
        &mut self,
        default: T,
        decode: impl Fn(Node<'p>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        self.optional(decode).map(|value| value.unwrap_or(default))
    }

    /// The next parameter, or a default that is read as the parameter is.
    pub fn default_json<T>(
        &mut self,
        json: &'static str,
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        match self.optional(&decode)? {
            Some(value) => Some(value),
            None => self.cx.default_value(json, decode),
        }
    }

    /// A body that has to be there.
    pub fn body(&mut self, body: Option<ReceivedBody>) -> Option<ReceivedBody> {
        self.or_refuse(body.ok_or_else(missing))
    }

    /// The bytes of a body that has to be there.
    pub fn bytes(&mut self, body: Option<ReceivedBody>) -> Option<Bytes> {
        self.body(body).map(|body| body.bytes)
    }

    /// A body of JSON that has to be there.
    #[inline]
    pub fn json<T>(
        &mut self,
        body: Option<&ReceivedBody>,
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let body = self.or_refuse(body.ok_or_else(missing))?;
        let tree = self.or_refuse(Tree::parse(&body.bytes).map_err(Into::into))?;
        self.cx.json_tree(tree, decode)
    }

    /// A body of JSON that may be missing.
    #[inline]
    pub fn optional_json<T>(
        &mut self,
        body: Option<&ReceivedBody>,
        decode: impl Fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<Option<T>> {
        match body {
            Some(_) => self.json(body, decode).map(Some),
            None => Some(None),
        }
    }

    /// A body that is a text as it stands.
    pub fn text<T>(
        &mut self,
        body: &ReceivedBody,
        decode: impl FnOnce(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let text = std::str::from_utf8(&body.bytes).ok().and_then(Tree::text);
        let tree =
            self.or_refuse(text.ok_or_else(|| Refusal::malformed("the body is not UTF-8")))?;
        decode(tree.root(), &mut self.cx)
    }

    /// A body of `application/x-www-form-urlencoded`.
    pub fn form<T>(
        &mut self,
        body: &ReceivedBody,
        form: &'static Form,
        decode: impl FnOnce(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let received = self.or_refuse(form::read_urlencoded(form, &body.bytes))?;
        received.decode(&mut self.cx, decode)
    }

    /// A multipart body, whose parts were read as they came.
    pub fn multipart<T>(
        &mut self,
        body: ReceivedBody,
        decode: impl FnOnce(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<T> {
        let received = self.or_refuse(body.form.ok_or_else(missing))?;
        received.decode(&mut self.cx, decode)
    }

    /// A body of parts that are handed over as they come.
    pub fn part_stream<P>(
        &mut self,
        body: ReceivedBody,
        decode: DecodePart<P>,
    ) -> Option<PartStream<P>> {
        self.or_refuse(PartStream::received(body, decode).ok_or_else(missing))
    }

    /// A body of bytes that are read as they come.
    pub fn byte_stream(&mut self, body: ReceivedBody) -> Option<ByteStream> {
        Some(ByteStream::received(body))
    }

    /// A body of JSON values that are read one by one.
    pub fn items<T: 'static>(
        &mut self,
        body: ReceivedBody,
        decode: fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<ItemStream<T>> {
        Some(stream::receive_items(body, decode))
    }

    /// A body of parts that are read one by one.
    pub fn part_items<T: 'static>(
        &mut self,
        body: ReceivedBody,
        decode: fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<ItemStream<T>> {
        Some(stream::receive_parts(body, decode))
    }

    /// A body of server-sent events of which the document says all.
    pub fn events<T: 'static>(
        &mut self,
        body: ReceivedBody,
        decode: fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<ItemStream<T>> {
        Some(stream::receive_events(body, decode))
    }

    /// A body of server-sent events of which the document says what the JSON of their data is.
    pub fn json_events<T: 'static>(
        &mut self,
        body: ReceivedBody,
        decode: fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<ItemStream<ServerEvent<T>>> {
        let events = stream::receive_data_events(body, EventData::Json, decode);
        Some(events)
    }

    /// A body of server-sent events of which the document says what the text of their data is.
    pub fn text_events<T: 'static>(
        &mut self,
        body: ReceivedBody,
        decode: fn(Node<'_>, &mut Decoder) -> Option<T>,
    ) -> Option<ItemStream<ServerEvent<T>>> {
        let events = stream::receive_data_events(body, EventData::Text, decode);
        Some(events)
    }

    fn or_refuse<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.refusal.get_or_insert(refusal);
                None
            }
        }
    }
}

#[cold]
fn missing() -> Refusal {
    Refusal::new(Reason::BodyMissing)
}
