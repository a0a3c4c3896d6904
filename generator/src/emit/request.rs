//! Requests: what handlers receive, and how it is read from a call.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{
    content, docs, ident, literal, model,
    ty::{self, Holder},
    value,
};
use crate::ir::{
    Api, Body, Content, Empty, Form, Location, Operation, Parameter, Presence, Request, Shape,
    StreamItem, Style,
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
    let derives = content::derives(request.body.iter().map(|it| &it.contents));
    quote! {
        #docs
        #derives
        pub struct #name { #(#parameters)* #body }

        #contents
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
        let location = ident::ty(match parameter.location {
            Location::Path => "Path",
            Location::Query => "Query",
            Location::Querystring => "Querystring",
            Location::Header => "Header",
            Location::Cookie => "Cookie",
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
        let empty = match parameter.empty {
            Empty::Text => None,
            Empty::Absent => Some(quote! { .empty(Empty::Absent) }),
            Empty::Null => Some(quote! { .empty(Empty::Null) }),
        };
        quote! { Parameter::new(Section::#location, #name) #way #empty }
    });
    quote! { &[#(#parameters),*] }
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
            let shapes = list(several);
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

fn list(of: &[Shape]) -> TokenStream {
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
            let items = list(items);
            quote! { Shape::Array(#items) }
        }
        Shape::Object { members, others } => {
            let members = members.iter().map(|(key, of)| {
                let of = list(of);
                quote! { (#key, #of) }
            });
            let members = quote! { &[#(#members),*] };
            match others {
                Some(others) => {
                    let others = list(others);
                    quote! { Shape::OpenObject(#members, #others) }
                }
                None => quote! { Shape::Object(#members) },
            }
        }
        Shape::Form(it) => {
            let it = form(it);
            quote! { Shape::Form(&#it) }
        }
    }
}

/// The description of a form.
pub(super) fn form(of: &Form) -> TokenStream {
    let parts = of.parts.iter().map(|part| {
        let name = &part.name;
        let way = way(part.style, part.explode, &part.shapes, (Style::Form, true));
        quote! { Parameter::new(Section::Body, #name) #way }
    });
    let others = match &of.others {
        Some(others) => {
            let others = list(others);
            quote! { Some(#others) }
        }
        None => quote! { None },
    };
    let counts_others = of.counts_others;
    quote! { FormFields { parts: &[#(#parts),*], others: #others, counts_others: #counts_others } }
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
    let mut locals = Vec::new();
    let mut fields = Vec::new();
    let mut statements = Vec::new();
    for (index, parameter) in request.parameters.iter().enumerate() {
        let local = format_ident!("parameter_{}", index);
        let field = ident::value(&parameter.field);
        statements.push(read_parameter(&local, parameter, api));
        fields.push(quote! { #field: #local });
        locals.push(local);
    }
    let mut parse = TokenStream::new();
    let mut body_argument = TokenStream::new();
    if let Some(body) = &request.body {
        let local = format_ident!("body_value");
        let field = ident::value(&body.field);
        body_argument = quote! { body: Option<ReceivedBody>, };
        let read = read_body(&local, body, api);
        parse = read.parse;
        statements.push(read.statement);
        fields.push(quote! { #field: #local });
        locals.push(local);
    }
    let parameters = (!request.parameters.is_empty()).then(|| {
        quote! {
            let parameters = call.parameters()?;
            let mut slots = parameters.slots();
        }
    });
    quote! {
        fn #function(call: &Call, #body_argument) -> Result<#name, Refusal> {
            #parse
            let mut cx = Decoder::new();
            let request = {
                let cx = &mut cx;
                call.check_query(cx);
                #parameters
                #(#statements)*
                match (#(#locals,)*) {
                    (#(Some(#locals),)*) => Some(#name { #(#fields),* }),
                    _ => None,
                }
            };
            finish(cx, request)
        }
    }
}

/// How a body is read: what comes before everything else, and what makes the local.
struct ReadBody {
    parse: TokenStream,
    statement: TokenStream,
}

fn read_body(local: &Ident, body: &Body, api: &Api) -> ReadBody {
    let only = body.contents.only();
    let node = quote! { node };
    let (parse, statement) = match (only, body.required) {
        (Some(Content::Json(value)), true) => {
            let decoded = value::decode(value, &node, api);
            let statement = quote! {
                let node = tree.root();
                let #local = #decoded;
            };
            (quote! { let tree = parse_body(body.as_ref())?; }, statement)
        }
        (Some(Content::Json(value)), false) => {
            let decoded = value::decode(value, &node, api);
            let statement = quote! {
                let #local = match &tree {
                    Some(tree) => {
                        let node = tree.root();
                        #decoded.map(Some)
                    }
                    None => Some(None),
                };
            };
            (
                quote! { let tree = parse_optional_body(body.as_ref())?; },
                statement,
            )
        }
        (Some(Content::Bytes | Content::Media), true) => (
            TokenStream::new(),
            quote! { let #local = Some(body_bytes(body)?); },
        ),
        (Some(Content::Bytes | Content::Media), false) => (
            TokenStream::new(),
            quote! { let #local = Some(body.map(|body| body.bytes)); },
        ),
        (_, true) => {
            let read = read_contents(body, api);
            (
                quote! { let body = required_body(body)?; },
                quote! { let #local = #read; },
            )
        }
        (_, false) => {
            let read = read_contents(body, api);
            let statement = quote! {
                let #local = match body {
                    Some(body) => #read,
                    None => Some(None),
                };
            };
            (TokenStream::new(), statement)
        }
    };
    ReadBody { parse, statement }
}

/// An expression that reads whichever content `body` has.
fn read_contents(body: &Body, api: &Api) -> TokenStream {
    let contents = &body.contents;
    let count = contents.list.len();
    let reads: Vec<TokenStream> = contents
        .list
        .iter()
        .map(|it| {
            let wrapped = contents.name.as_ref().map(|name| {
                let (name, variant) = (ident::ty(name), ident::ty(&it.variant));
                quote! { #name::#variant }
            });
            let optional = (!body.required).then(|| quote! { .map(Some) });
            let mapped = wrapped.as_ref().map(|path| quote! { .map(#path) });
            let mapped = quote! { #mapped #optional };
            let node = quote! { node };
            match &it.content {
                Content::Json(value) => {
                    let decoded = value::decode(value, &node, api);
                    quote! {
                        let tree = parse_body(Some(&body))?;
                        let node = tree.root();
                        #decoded #mapped
                    }
                }
                Content::Text(value) => {
                    let decoded = value::decode(value, &node, api);
                    quote! {
                        let tree = parse_text(&body)?;
                        let node = tree.root();
                        #decoded #mapped
                    }
                }
                Content::Form(it) => {
                    let decoder = value::decoder(&it.value, api);
                    let form = form(&it.form);
                    quote! {
                        static FORM: FormFields = #form;
                        parse_form(&body, &FORM)?.decode(cx, #decoder) #mapped
                    }
                }
                Content::Stream(stream) => {
                    let (function, value) = match &stream.item {
                        StreamItem::Json(value) => ("receive_items", value),
                        StreamItem::Event(value) => ("receive_events", value),
                        StreamItem::EventJson(value) => ("receive_json_events", value),
                        StreamItem::EventText(value) => ("receive_text_events", value),
                    };
                    let function = ident::value(function);
                    let decoder = value::decoder(value, api);
                    some(quote! { #function(body, #decoder) }, wrapped.as_ref(), body)
                }
                Content::Multipart(it) => {
                    let decoder = value::decoder(&it.value, api);
                    quote! { parse_multipart(body)?.decode(cx, #decoder) #mapped }
                }
                Content::Bytes | Content::Media => {
                    some(quote! { body.bytes }, wrapped.as_ref(), body)
                }
            }
        })
        .collect();
    if let [only] = reads.as_slice() {
        return quote! { { #only } };
    }
    let arms = reads.iter().enumerate().map(|(index, read)| {
        if index + 1 == count {
            return quote! { _ => { #read } };
        }
        let positions = content::media_types(contents)
            .enumerate()
            .filter(|(_, (content, _))| *content == index)
            .map(|(position, _)| proc_macro2::Literal::usize_unsuffixed(position));
        quote! { #(#positions)|* => { #read } }
    });
    quote! { match body.content { #(#arms)* } }
}

/// What a body is that cannot fail to be read, in its variant and as the field holds it.
fn some(read: TokenStream, variant: Option<&TokenStream>, body: &Body) -> TokenStream {
    let read = match variant {
        Some(path) => quote! { #path(#read) },
        None => read,
    };
    match body.required {
        true => quote! { Some(#read) },
        false => quote! { Some(Some(#read)) },
    }
}

fn read_parameter(local: &Ident, parameter: &Parameter, api: &Api) -> TokenStream {
    let decode = value::decoder(&parameter.value, api);
    match &parameter.presence {
        Presence::Required => quote! { let #local = slots.required(cx, #decode); },
        Presence::Optional => {
            let maybe = ty::holder(&parameter.value, &parameter.presence) == Holder::Maybe;
            let mapped = maybe.then(|| quote! { .map(Maybe::of_member) });
            quote! { let #local = slots.optional(cx, #decode)#mapped; }
        }
        Presence::Default(default) => match literal::expression(default, &parameter.value, api) {
            Some(default) => quote! {
                let #local = slots.optional(cx, #decode).map(|value| value.unwrap_or(#default));
            },
            None => {
                let json = literal::json(default);
                quote! {
                    let #local = match slots.optional(cx, #decode) {
                        Some(None) => cx.default_value(#json, #decode),
                        found => found.flatten(),
                    };
                }
            }
        },
    }
}
