//! Contents of bodies: their types, and the descriptions of forms.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens as _, quote};

use super::{
    docs, ident, model,
    request::{self, Way},
    ty, value,
};
use crate::ir::{
    Api, Content, Contents, FlowContent, Part, Positions, StreamContent, StreamItem, Type,
};

/// The Rust type of what a body may hold.
pub(super) fn of(contents: &Contents, api: &Api) -> TokenStream {
    match (&contents.name, contents.list.as_slice()) {
        (Some(name), _) => {
            let name = ident::ty(name);
            quote! { #name }
        }
        // Several without a name are one value.
        (None, [only, ..]) => of_content(&only.content, api),
        (None, []) => quote! { () },
    }
}

fn of_content(content: &Content, api: &Api) -> TokenStream {
    match content {
        Content::Json(value) | Content::Text(value) => ty::of(value, api),
        Content::Form(form) | Content::Multipart(form) => ty::of(&form.value, api),
        Content::PartStream(flow) => {
            let name = ident::ty(&flow.name);
            quote! { PartStream<#name> }
        }
        Content::Parts(parts) => ty::of(&parts.value, api),
        Content::Stream(stream) => of_stream(stream, api),
        Content::ByteStream => quote! { ByteStream },
        Content::Upgrade => quote! { Upgrade },
        Content::Bytes => quote! { Bytes },
        Content::Media => quote! { MediaContent },
        Content::MediaStream => quote! { MediaContent<ByteStream> },
    }
}

fn of_stream(stream: &StreamContent, api: &Api) -> TokenStream {
    let (is_event, item) = match &stream.item {
        StreamItem::Json(value) => (false, ty::of(value, api)),
        StreamItem::Part(part) => (false, ty::of(&part.value, api)),
        StreamItem::Event(value) => (true, ty::of(value, api)),
        StreamItem::EventJson(value) | StreamItem::EventText(value) => match value.ty {
            Type::String => (true, quote! { ServerEvent }),
            _ => {
                let data = ty::of(value, api);
                (true, quote! { ServerEvent<#data> })
            }
        },
    };
    match (stream.is_received, is_event) {
        (true, _) => quote! { ItemStream<#item> },
        (false, true) => quote! { EventStream<#item> },
        (false, false) => quote! { JsonStream<#item> },
    }
}

/// The traits of a type that holds these bodies: what flows can be neither cloned nor compared.
pub(super) fn derives<'a>(bodies: impl IntoIterator<Item = &'a Contents>) -> TokenStream {
    match bodies.into_iter().any(Contents::flows) {
        true => quote! { #[derive(Debug)] },
        false => quote! { #[derive(Clone, Debug, PartialEq)] },
    }
}

/// The enum of several contents.
pub(super) fn emit_enum(contents: &Contents, what: &str, api: &Api) -> Option<TokenStream> {
    let name = ident::ty(contents.name.as_ref()?);
    let docs = docs::line(what);
    let variants = contents.list.iter().map(|it| {
        let variant = ident::ty(&it.variant);
        let ty = of_content(&it.content, api);
        let types: Vec<String> = it
            .media_types
            .iter()
            .map(|media_type| format!("`{}`", model::inline(media_type)))
            .collect();
        let docs = docs::line(&format!("{}.", types.join(", ")));
        quote! { #docs #variant(#ty) }
    });
    let same = same_type(contents, api).map(|ty| {
        let variants = contents.list.iter().map(|it| ident::ty(&it.variant));
        quote! {
            impl #name {
                #[doc = " The value, in whichever media type it came."]
                pub fn into_inner(self) -> #ty {
                    match self { #(Self::#variants(value))|* => value }
                }
            }
        }
    });
    let derives = derives([contents]);
    Some(quote! {
        #docs
        #derives
        pub enum #name { #(#variants),* }

        #same
    })
}

/// The enum of the parts that are handed over as they come.
pub(super) fn emit_parts(contents: &Contents, what: &str, api: &Api) -> Option<TokenStream> {
    let flow = contents.list.iter().find_map(|it| match &it.content {
        Content::PartStream(flow) => Some(flow),
        _ => None,
    })?;
    let name = ident::ty(&flow.name);
    let docs = docs::line(what);
    let variants = flow.variants.iter().map(|variant| {
        let name = ident::ty(&variant.name);
        let ty = ty::of_flowing(&variant.value, api);
        let otherwise = format!("The part `{}`.", model::inline(&variant.key));
        let docs = docs::of(&variant.docs, &otherwise);
        quote! { #docs #name(#ty) }
    });
    Some(quote! {
        #docs
        #[derive(Debug)]
        pub enum #name { #(#variants),* }
    })
}

/// The function that makes a part of what came under its name.
pub(super) fn part_decoder(flow: &FlowContent, api: &Api) -> TokenStream {
    let node = quote! { node };
    let name = ident::ty(&flow.name);
    let arms = flow.variants.iter().map(|variant| {
        let (key, variant_name) = (&variant.key, ident::ty(&variant.name));
        let made = match &variant.value.ty {
            Type::Upload => quote! { file },
            Type::Part(parts) if parts[0].ty == Type::Upload => {
                let headers = value::decoder(&parts[1], api);
                quote! { cx.part(node, |_, _| file, #headers) }
            }
            _ => value::decode(&variant.value, &node, api),
        };
        quote! { #key => #made.map(#name::#variant_name), }
    });
    let arms = quote! { #(#arms)* _ => None, };
    let node = value::named(&arms, "node");
    let file = value::named(&arms, "file");
    let cx = value::named(&arms, "cx");
    quote! { |key, #node, #file, #cx| match key { #arms } }
}

/// The type of all contents, where they have one.
fn same_type(contents: &Contents, api: &Api) -> Option<TokenStream> {
    let mut types = contents.list.iter().map(|it| of_content(&it.content, api));
    let first = types.next()?;
    let text = first.to_string();
    types.all(|ty| ty.to_string() == text).then_some(first)
}

/// The media types of all contents, each with the index of its content.
pub(super) fn media_types(contents: &Contents) -> impl Iterator<Item = (usize, &String)> {
    let list = contents.list.iter().enumerate();
    list.flat_map(|(index, it)| it.media_types.iter().map(move |name| (index, name)))
}

/// The description of the parts of a multipart content.
pub(super) fn multipart(content: &Content) -> Option<TokenStream> {
    match content {
        Content::Multipart(it) => {
            let form = request::form(&it.form, Way::Read);
            let parts = it.parts.iter().map(named);
            Some(quote! { MultipartForm::new(#form, &[#(#parts),*]) })
        }
        Content::PartStream(it) => {
            let form = request::form(&it.form, Way::Read);
            let parts = it.parts.iter().map(named);
            let (required, is_closed) = (&it.required, it.is_closed);
            let lists = it.lists.iter().map(|(key, least, most)| {
                let least = Literal::u64_unsuffixed(*least);
                let most = match *most {
                    u64::MAX => quote! { u64::MAX },
                    most => Literal::u64_unsuffixed(most).to_token_stream(),
                };
                quote! { (#key, #least, #most) }
            });
            let rules = quote! { FlowRules::new(&[#(#required),*], &[#(#lists),*], #is_closed) };
            Some(quote! { MultipartForm::new(#form, &[#(#parts),*]).flowing(#rules) })
        }
        Content::Parts(it) => Some(by_position(&it.positions)),
        Content::Stream(stream) => match &stream.item {
            StreamItem::Part(it) => Some(by_position(&it.positions)),
            _ => None,
        },
        _ => None,
    }
}

/// A part that is told by its name.
fn named(part: &Part) -> TokenStream {
    let key = &part.key;
    let made = if part.is_file {
        quote! { FormPart::file(#key) }
    } else {
        quote! { FormPart::field(#key) }
    };
    with_rules(made, part)
}

fn by_position(it: &Positions) -> TokenStream {
    let item = |part: &Part| {
        let made = if part.is_file {
            quote! { FormPart::file_item() }
        } else {
            let shapes = request::shapes(&part.shapes);
            quote! { FormPart::item(#shapes) }
        };
        with_rules(made, part)
    };
    let prefix = it.prefix.iter().map(item);
    let rest = match &it.rest {
        Some(part) => {
            let part = item(part);
            quote! { Some(#part) }
        }
        None => quote! { None },
    };
    let kind = ident::value(if it.is_object { "members" } else { "list" });
    let most = it.most.map(|most| {
        let most = Literal::u64_unsuffixed(most);
        quote! { .most(#most) }
    });
    quote! { MultipartForm::by_position(Positions::#kind(&[#(#prefix),*], #rest) #most) }
}

/// What is said of a part beside its name or shape.
fn with_rules(made: TokenStream, part: &Part) -> TokenStream {
    let list = part.is_list.then(|| quote! { .list() });
    let types = &part.content_types;
    let types = (!types.is_empty()).then(|| quote! { .content_types(&[#(#types),*]) });
    let size = part.max_size.map(|most| {
        let most = Literal::u64_unsuffixed(most);
        quote! { .max_size(#most) }
    });
    let headers = part.headers.iter().map(request::header);
    let headers = (!part.headers.is_empty()).then(|| quote! { .headers(&[#(#headers),*]) });
    quote! { #made #list #types #size #headers }
}
