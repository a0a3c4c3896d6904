//! Requests: what handlers receive, and how it is read from a call.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{
    client, content, docs, ident, literal, model,
    ty::{self, Holder},
    value,
};
use crate::ir::{
    Api, Body, Content, Empty, Form, FormContent, FormPart, HeaderLayout, Location, Operation,
    Parameter, PositionContent, Presence, Request, ResponseHeader, Shape, StreamItem, Style,
};

pub(super) fn emit_requests(api: &Api) -> Vec<TokenStream> {
    let requests = api
        .operations
        .iter()
        .filter_map(|it| it.request.as_ref().map(|request| (it, request)));
    requests
        .map(|(operation, request)| emit_request(operation, request, api))
        .collect()
}

fn emit_request(operation: &Operation, request: &Request, api: &Api) -> TokenStream {
    let name = ident::ty(&request.name);
    let docs = docs::line(&format!(
        "What `{} {}` receives.",
        operation.method,
        model::inline(&operation.template)
    ));
    let parameters = request.parameters.iter().map(|parameter| {
        let name = ident::value(&parameter.field);
        let ty = ty::of_member(&parameter.value, &parameter.presence, false, api);
        let location = match parameter.location {
            Location::Path => "path",
            Location::Query | Location::Querystring => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
        };
        let otherwise = format!(
            "The {location} parameter `{}`.",
            model::inline(&parameter.name)
        );
        let mut lines = docs::paragraphs(&parameter.docs, &otherwise);
        for sentence in [
            docs::constraints(&parameter.value, &api.patterns),
            match &parameter.presence {
                Presence::Default(literal) => Some(format!(
                    "Default: `{}`.",
                    model::inline(&literal::json(literal))
                )),
                _ => None,
            },
        ]
        .into_iter()
        .flatten()
        {
            lines.push(String::new());
            lines.push(sentence);
        }
        let docs = docs::lines(&lines);
        let deprecated = model::deprecated(parameter.deprecated);
        quote! { #docs #deprecated pub #name: #ty, }
    });
    let body = request.body.as_ref().map(|body| {
        let name = ident::value(&body.field);
        let ty = body_type(body, api);
        let docs = docs::of(&body.docs, "The body.");
        quote! { #docs pub #name: #ty, }
    });
    let contents = request.body.as_ref().and_then(|body| {
        let what = format!("The body of `{}`.", operation.name);
        content::emit_enum(&body.contents, &what, api)
    });
    let parts = request.body.as_ref().and_then(|body| {
        let what = format!("A part of the body of `{}`.", operation.name);
        content::emit_parts(&body.contents, &what, api)
    });
    let derives = content::derives(request.body.iter().map(|it| &it.contents));
    quote! {
        #docs
        #derives
        pub struct #name { #(#parameters)* #body }

        #contents

        #parts
    }
}

fn body_type(body: &Body, api: &Api) -> TokenStream {
    let ty = content::of(&body.contents, api);
    if body.required {
        ty
    } else {
        quote! { Option<#ty> }
    }
}

/// The static descriptions of an operation's parameters.
pub(super) fn descriptions(request: &Request) -> TokenStream {
    let parameters = request.parameters.iter().map(|parameter| {
        let location = ident::value(match parameter.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Querystring => "querystring",
            Location::Header => "header",
            Location::Cookie => "cookie",
        });
        // Headers are found in any case, and violations name them as the document does.
        let name = &parameter.name;
        let default = match parameter.location {
            Location::Path | Location::Header => (Style::Simple, false),
            Location::Query | Location::Querystring | Location::Cookie => (Style::Form, true),
        };
        let way = way(
            parameter.style,
            parameter.explode,
            &parameter.shapes,
            default,
        );
        let empty = self::empty(parameter.empty);
        quote! { Parameter::#location(#name) #way #empty }
    });
    quote! { &[#(#parameters),*] }
}

/// The description of a header of a response.
pub(super) fn response_header(of: &ResponseHeader) -> TokenStream {
    let name = &of.name;
    let explode = of.layout == HeaderLayout::Exploded;
    let way = way(Style::Simple, explode, &of.shapes, (Style::Simple, false));
    quote! { const { &Parameter::header(#name) #way } }
}

/// The call that says what an empty text stands for.
fn empty(of: Empty) -> Option<TokenStream> {
    match of {
        Empty::Text => None,
        Empty::Absent => Some(quote! { .empty(Empty::Absent) }),
        Empty::Null => Some(quote! { .empty(Empty::Null) }),
    }
}

/// The calls that say style and shapes, where they are not the `default` ones of the place.
fn way(style: Style, explode: bool, shapes: &[Shape], default: (Style, bool)) -> TokenStream {
    let matters = shapes
        .iter()
        .any(|shape| matches!(shape, Shape::Array(_) | Shape::Object { .. }));
    // Brackets tell members apart, whether exploded or not.
    let matters = matters && style != Style::DeepObject;
    let explode = (matters && explode != default.1).then(|| quote! { .explode(#explode) });
    let style = (style != default.0).then(|| {
        let style = style_name(style);
        quote! { .style(Style::#style) }
    });
    let shapes = match shapes {
        [Shape::Text] => None,
        [Shape::Integer] => Some(quote! { .integer() }),
        [Shape::Number] => Some(quote! { .number() }),
        [Shape::Boolean] => Some(quote! { .boolean() }),
        [Shape::Array(items)] if *items == [Shape::Text] => Some(quote! { .array() }),
        several => {
            let shapes = self::shapes(several);
            Some(quote! { .shapes(#shapes) })
        }
    };
    quote! { #style #explode #shapes }
}

fn style_name(style: Style) -> Ident {
    ident::ty(match style {
        Style::Simple => "Simple",
        Style::Label => "Label",
        Style::Matrix => "Matrix",
        Style::Form => "Form",
        Style::SpaceDelimited => "SpaceDelimited",
        Style::PipeDelimited => "PipeDelimited",
        Style::DeepObject => "DeepObject",
        Style::Cookie => "Cookie",
    })
}

pub(super) fn shapes(of: &[Shape]) -> TokenStream {
    let of = of.iter().map(shape);
    quote! { &[#(#of),*] }
}

fn shape(of: &Shape) -> TokenStream {
    match of {
        Shape::Text => quote! { Shape::Text },
        Shape::Integer => quote! { Shape::Integer },
        Shape::Number => quote! { Shape::Number },
        Shape::Boolean => quote! { Shape::Boolean },
        Shape::Json => quote! { Shape::Json },
        Shape::Array(items) => {
            let items = shapes(items);
            quote! { Shape::Array(#items) }
        }
        Shape::Object { members, others } => {
            let members = members.iter().map(|(key, of)| {
                let of = shapes(of);
                quote! { (#key, #of) }
            });
            let members = quote! { &[#(#members),*] };
            match others {
                Some(others) => {
                    let others = shapes(others);
                    quote! { Shape::OpenObject(#members, #others) }
                }
                None => quote! { Shape::Object(#members) },
            }
        }
        Shape::Form(it) => {
            let it = form(it, Way::Read);
            quote! { Shape::Form(&#it) }
        }
    }
}

/// What a form is described for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To be read, in either spelling of reserved characters.
    Read,
    /// To be written.
    Write,
}

/// The description of a form.
pub(super) fn form(of: &Form, to: Way) -> TokenStream {
    let parts = of.parts.iter().map(|part| {
        let name = &part.name;
        let way = way(part.style, part.explode, &part.shapes, (Style::Form, true));
        let empty = empty(part.empty);
        let reserved = to == Way::Write && part.allow_reserved;
        let reserved = reserved.then(|| quote! { .allow_reserved() });
        quote! { Parameter::field(#name) #way #empty #reserved }
    });
    let others = match &of.others {
        Some(others) => {
            let others = shapes(others);
            quote! { Some(#others) }
        }
        None => quote! { None },
    };
    let counts_others = of.counts_others;
    quote! { FormFields { parts: &[#(#parts),*], others: #others, counts_others: #counts_others } }
}

/// The description of a header of a part.
pub(super) fn header(of: &FormPart) -> TokenStream {
    let name = &of.name;
    let way = way(of.style, of.explode, &of.shapes, (Style::Simple, false));
    quote! { Parameter::header(#name) #way }
}

/// The functions that read requests.
pub(super) fn emit_readers(api: &Api) -> Vec<TokenStream> {
    let requests = api
        .operations
        .iter()
        .filter_map(|it| it.request.as_ref().map(|request| (it, request)));
    requests
        .map(|(operation, request)| emit_reader(operation, request, api))
        .collect()
}

fn emit_reader(operation: &Operation, request: &Request, api: &Api) -> TokenStream {
    let function = format_ident!("read_{}", operation.name);
    let name = ident::ty(&request.name);
    let fields = request.parameters.iter().map(|it| &it.field);
    let locals = ident::locals(fields, &["body", "read"]);
    let parameters = request
        .parameters
        .iter()
        .zip(&locals)
        .map(|(parameter, local)| {
            let read = read_parameter(parameter, api);
            quote! { let #local = #read; }
        });
    let mut built: Vec<TokenStream> = request
        .parameters
        .iter()
        .zip(&locals)
        .map(|(parameter, local)| {
            let field = ident::value(&parameter.field);
            quote! { #field: #local? }
        })
        .collect();
    let mut argument = TokenStream::new();
    let mut read_body = TokenStream::new();
    if let Some(body) = &request.body {
        let field = ident::value(&body.field);
        let read = self::read_body(body, api);
        argument = quote! { body: Option<ReceivedBody>, };
        read_body = quote! { let body = #read; };
        built.push(quote! { #field: body? });
    }
    let statements = quote! { #(#parameters)* #read_body };
    let reader = value::named(&statements, "read");
    // A client reads what it is about to send.
    let (visibility, call) = match client::sends(operation, api) {
        true => (
            quote! { pub(super) },
            quote! { &impl ::specwright::codegen::Incoming },
        ),
        false => (TokenStream::new(), quote! { &Call }),
    };
    quote! {
        #visibility fn #function(call: #call, #argument) -> Result<#name, Refusal> {
            read(call, |#reader| {
                #statements
                Some(#name { #(#built),* })
            })
        }
    }
}

/// An expression of type `Option<T>` that reads the body.
fn read_body(body: &Body, api: &Api) -> TokenStream {
    match (body.contents.only(), body.required) {
        (Some(Content::Json(value)), true) => {
            let decoder = value::decoder(value, api);
            quote! { read.json(body.as_ref(), #decoder) }
        }
        (Some(Content::Json(value)), false) => {
            let decoder = value::decoder(value, api);
            quote! { read.optional_json(body.as_ref(), #decoder) }
        }
        (Some(Content::Bytes | Content::Media), true) => quote! { read.bytes(body) },
        (Some(Content::Bytes | Content::Media), false) => {
            quote! { Some(body.map(|body| body.bytes)) }
        }
        (_, true) => {
            let contents = read_contents(body, api);
            quote! {
                {
                    let body = read.body(body)?;
                    #contents
                }
            }
        }
        (_, false) => {
            let contents = read_contents(body, api);
            quote! {
                match body {
                    Some(body) => #contents.map(Some),
                    None => Some(None),
                }
            }
        }
    }
}

/// An expression that reads whichever content `body` has.
fn read_contents(body: &Body, api: &Api) -> TokenStream {
    let contents = &body.contents;
    let reads = contents.list.iter().map(|it| {
        let variant = contents.name.as_ref().map(|name| {
            let (name, variant) = (ident::ty(name), ident::ty(&it.variant));
            quote! { #name::#variant }
        });
        let read = match &it.content {
            Content::Json(value) => {
                let decoder = value::decoder(value, api);
                quote! { read.json(Some(&body), #decoder) }
            }
            Content::Text(value) => {
                let decoder = value::decoder(value, api);
                quote! { read.text(&body, #decoder) }
            }
            Content::Form(it) => {
                let decoder = value::decoder(&it.value, api);
                let form = form(&it.form, Way::Read);
                quote! {
                    {
                        static FORM: FormFields = #form;
                        read.form(&body, &FORM, #decoder)
                    }
                }
            }
            Content::Stream(stream) => {
                let (method, value) = match &stream.item {
                    StreamItem::Part(part) => ("part_items", &part.value),
                    StreamItem::Json(value) => ("items", value),
                    StreamItem::Event(value) => ("events", value),
                    StreamItem::EventJson(value) => ("json_events", value),
                    StreamItem::EventText(value) => ("text_events", value),
                };
                let method = ident::value(method);
                let decoder = value::decoder(value, api);
                quote! { read.#method(body, #decoder) }
            }
            Content::Multipart(FormContent { value, .. })
            | Content::Parts(PositionContent { value, .. }) => {
                let decoder = value::decoder(value, api);
                quote! { read.multipart(body, #decoder) }
            }
            Content::PartStream(flow) => {
                let decoder = content::part_decoder(flow, api);
                quote! { read.part_stream(body, #decoder) }
            }
            Content::ByteStream | Content::MediaStream => quote! { read.byte_stream(body) },
            Content::Bytes | Content::Media | Content::Upgrade => {
                return match variant {
                    Some(variant) => quote! { Some(#variant(body.bytes)) },
                    None => quote! { Some(body.bytes) },
                };
            }
        };
        let wrapped = variant.map(|variant| quote! { .map(#variant) });
        quote! { #read #wrapped }
    });
    let reads: Vec<TokenStream> = reads.collect();
    if let [only] = reads.as_slice() {
        return only.clone();
    }
    let arms = reads.iter().enumerate().map(|(index, read)| {
        if index + 1 == reads.len() {
            return quote! { _ => #read, };
        }
        let positions = content::media_types(contents)
            .enumerate()
            .filter(|(_, (content, _))| *content == index)
            .map(|(position, _)| proc_macro2::Literal::usize_unsuffixed(position));
        quote! { #(#positions)|* => #read, }
    });
    quote! { match body.content { #(#arms)* } }
}

/// An expression of type `Option<T>` that reads the next parameter.
fn read_parameter(parameter: &Parameter, api: &Api) -> TokenStream {
    let decoder = value::decoder(&parameter.value, api);
    match &parameter.presence {
        Presence::Required => quote! { read.required(#decoder) },
        Presence::Optional => {
            let maybe = ty::holder(&parameter.value, &parameter.presence) == Holder::Maybe;
            let mapped = maybe.then(|| quote! { .map(Maybe::of_member) });
            quote! { read.optional(#decoder) #mapped }
        }
        Presence::Default(default) => match literal::expression(default, &parameter.value, api) {
            Some(default) => quote! { read.default(#default, #decoder) },
            None => {
                let json = literal::json(default);
                quote! { read.default_json(#json, #decoder) }
            }
        },
    }
}
