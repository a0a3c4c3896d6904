//! Contents of responses: how each is sent.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    content, ident,
    request::{self, Way},
    value,
};
use crate::ir::{
    Api, Content, FormContent, MediaContent, PositionContent, StreamItem, Type, Value,
};

/// The expressions that send several contents, and whether one of them can fail: then all are results.
pub(super) fn sent_contents(
    several: &[MediaContent],
    status: &TokenStream,
    body: &TokenStream,
    api: &Api,
) -> (Vec<TokenStream>, bool) {
    let sent: Vec<_> = several
        .iter()
        .map(|it| sent_content(it, status, body, api))
        .collect();
    let any_can_fail = sent.iter().any(|(_, can_fail)| *can_fail);
    let arms = sent.into_iter().map(|(sent, can_fail)| {
        if any_can_fail && !can_fail {
            quote! { Ok(#sent) }
        } else {
            sent
        }
    });
    (arms.collect(), any_can_fail)
}

/// The expression that sends one content, and whether it can fail.
pub(super) fn sent_content(
    it: &MediaContent,
    status: &TokenStream,
    body: &TokenStream,
    api: &Api,
) -> (TokenStream, bool) {
    let types = written(it);
    let media_type = match types.as_slice() {
        [only] => quote! { #only },
        several => quote! { call.preferred(&[#(#several),*]) },
    };
    match &it.content {
        Content::Json(value) => {
            let check = checker(value, api);
            (quote! { json(#status, #media_type, &#body, #check) }, true)
        }
        Content::Text(value) if value.ty == Type::String && value.checks.is_empty() => {
            (quote! { content(#status, #media_type, #body) }, false)
        }
        Content::Text(value) => {
            let check = checker(value, api);
            (quote! { text(#status, #media_type, &#body, #check) }, true)
        }
        Content::Stream(stream) => {
            let (method, value) = match &stream.item {
                StreamItem::Part(part) => ("part_items", &part.value),
                StreamItem::Json(value) => ("json_items", value),
                StreamItem::Event(value) => ("events", value),
                StreamItem::EventJson(value) => ("json_events", value),
                StreamItem::EventText(value) => ("text_events", value),
            };
            let method = ident::value(method);
            let check = checker(value, api);
            let sent = quote! { call.#method(#status, #media_type, #body, #check) };
            (sent, false)
        }
        Content::ByteStream => {
            let sent = quote! { call.byte_stream(#status, #media_type, #body) };
            (sent, false)
        }
        Content::Upgrade => (quote! { Response::from(#body) }, false),
        Content::MediaStream => {
            let ranges = &it.media_types;
            let sent = quote! { call.media_stream(#status, &[#(#ranges),*], #body) };
            (sent, true)
        }
        Content::Media => {
            let ranges = &it.media_types;
            (quote! { media(#status, &[#(#ranges),*], #body) }, true)
        }
        Content::Form(it) => {
            let check = checker(&it.value, api);
            let form = request::form(&it.form, Way::Write);
            let sent = quote! {
                {
                    static FORM: FormFields = #form;
                    form(#status, #media_type, &FORM, &#body, #check)
                }
            };
            (sent, true)
        }
        Content::Multipart(FormContent { value, .. })
        | Content::Parts(PositionContent { value, .. }) => {
            let check = checker(value, api);
            let parts = content::multipart(&it.content);
            let sent = quote! {
                {
                    static PARTS: MultipartForm = #parts;
                    call.multipart(#status, #media_type, &PARTS, &#body, #check)
                }
            };
            (sent, true)
        }
        // Only requests have parts that are handed over as they come.
        Content::Bytes | Content::PartStream(_) => {
            (quote! { content(#status, #media_type, #body) }, false)
        }
    }
}

/// The media types that a content is written in.
pub(super) fn written(it: &MediaContent) -> Vec<String> {
    let types = it.media_types.iter();
    types.map(|name| written_as(&it.content, name)).collect()
}

/// The media type that a content is written in, where the document says a range or no charset.
pub(super) fn written_as(content: &Content, media_type: &str) -> String {
    let media_type = media_type.trim();
    let essence = media_type.split(';').next().unwrap_or("").trim();
    match content {
        Content::Media | Content::MediaStream => media_type.to_owned(),
        Content::Text(_) if essence.ends_with("/*") => "text/plain; charset=utf-8".to_owned(),
        Content::Text(_)
            if essence.to_ascii_lowercase().starts_with("text/")
                && !media_type.to_ascii_lowercase().contains("charset") =>
        {
            format!("{media_type}; charset=utf-8")
        }
        Content::Json(_) if essence.ends_with("/*") => "application/json".to_owned(),
        _ if essence.ends_with("/*") => "application/octet-stream".to_owned(),
        _ => media_type.to_owned(),
    }
}

/// What tells whether a response's text is what the document says.
pub(super) fn checker(value: &Value, api: &Api) -> TokenStream {
    value::closure(&value::check(value, &quote! { node }, api))
}
