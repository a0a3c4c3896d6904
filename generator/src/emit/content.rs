//! Contents of bodies: their types, and the descriptions of forms.

use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, ident, model, request, ty};
use crate::ir::{Api, Content, Contents, FormContent, StreamContent, StreamItem, Type};

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

/// The description of the parts of `multipart/form-data`.
pub(super) fn multipart(it: &FormContent) -> TokenStream {
    let form = request::form(&it.form);
    let parts = it.parts.iter().map(|part| {
        let key = &part.key;
        let made = if part.is_file {
            quote! { FormPart::file(#key) }
        } else {
            quote! { FormPart::field(#key) }
        };
        let list = part.is_list.then(|| quote! { .list() });
        let types = &part.content_types;
        let types = (!types.is_empty()).then(|| quote! { .content_types(&[#(#types),*]) });
        let size = part.max_size.map(|most| {
            let most = proc_macro2::Literal::u64_unsuffixed(most);
            quote! { .max_size(#most) }
        });
        let headers = part.headers.iter().map(request::header);
        let headers = (!part.headers.is_empty()).then(|| quote! { .headers(&[#(#headers),*]) });
        quote! { #made #list #types #size #headers }
    });
    quote! { MultipartForm::new(#form, &[#(#parts),*]) }
}
