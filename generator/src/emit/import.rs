//! Imports: one `use` block per module, of what its items name.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::ident;
use crate::ir::{Api, Content, Success, TypeKind};

/// What names generated code uses without a path, and where they come from.
const KNOWN: &[(&str, &str)] = &[
    ("std::net", "Ipv4Addr"),
    ("std::net", "Ipv6Addr"),
    ("std::sync", "Arc"),
    ("specwright", "ApiKey"),
    ("specwright", "Basic"),
    ("specwright", "BodyPart"),
    ("specwright", "Bearer"),
    ("specwright", "ByteStream"),
    ("specwright", "Challenge"),
    ("specwright", "Context"),
    ("specwright", "DecimalString"),
    ("specwright", "Denied"),
    ("specwright", "Document"),
    ("specwright", "EventStream"),
    ("specwright", "HttpCredentials"),
    ("specwright", "ItemStream"),
    ("specwright", "Json"),
    ("specwright", "JsonStream"),
    ("specwright", "JsonText"),
    ("specwright", "Maybe"),
    ("specwright", "MediaContent"),
    ("specwright", "OffsetTime"),
    ("specwright", "Operation"),
    ("specwright", "PartStream"),
    ("specwright", "Password"),
    ("specwright", "PeerCertificate"),
    ("specwright", "ServerEvent"),
    ("specwright", "StatusCode"),
    ("specwright", "Unexpected"),
    ("specwright", "Upgrade"),
    ("specwright", "Upload"),
    ("specwright", "UploadStream"),
    ("specwright::codegen", "BacktrackingPattern"),
    ("specwright::codegen", "Branch"),
    ("specwright::codegen", "Bytes"),
    ("specwright::codegen", "Call"),
    ("specwright::codegen", "CharClass"),
    ("specwright::codegen", "Coverage"),
    ("specwright::codegen", "Covers"),
    ("specwright::codegen", "Date"),
    ("specwright::codegen", "Decimal"),
    ("specwright::codegen", "Decode"),
    ("specwright::codegen", "Decoder"),
    ("specwright::codegen", "Denials"),
    ("specwright::codegen", "Duration"),
    ("specwright::codegen", "Empty"),
    ("specwright::codegen", "Encode"),
    ("specwright::codegen", "Encoder"),
    ("specwright::codegen", "FlowRules"),
    ("specwright::codegen", "FormFields"),
    ("specwright::codegen", "FormPart"),
    ("specwright::codegen", "Found"),
    ("specwright::codegen", "HeaderLayout"),
    ("specwright::codegen", "IndexMap"),
    ("specwright::codegen", "Kind"),
    ("specwright::codegen", "LinearPattern"),
    ("specwright::codegen", "Section"),
    ("specwright::codegen", "MultipartForm"),
    ("specwright::codegen", "Node"),
    ("specwright::codegen", "Parameter"),
    ("specwright::codegen", "Positions"),
    ("specwright::codegen", "ReceivedBody"),
    ("specwright::codegen", "Refusal"),
    ("specwright::codegen", "Response"),
    ("specwright::codegen", "SecuredHandlers"),
    ("specwright::codegen", "Sequence"),
    ("specwright::codegen", "Shape"),
    ("specwright::codegen", "SimplePattern"),
    ("specwright::codegen", "Step"),
    ("specwright::codegen", "Style"),
    ("specwright::codegen", "Timestamp"),
    ("specwright::codegen", "TypeName"),
    ("specwright::codegen", "Url"),
    ("specwright::codegen", "Uuid"),
    ("specwright::codegen", "Values"),
    ("specwright::codegen", "When"),
    ("specwright::codegen", "check_status"),
    ("specwright::codegen", "content"),
    ("specwright::codegen", "conversions"),
    ("specwright::codegen", "decimal"),
    ("specwright::codegen", "empty"),
    ("specwright::codegen", "errors"),
    ("specwright::codegen", "form"),
    ("specwright::codegen", "format"),
    ("specwright::codegen", "header"),
    ("specwright::codegen", "header_as"),
    ("specwright::codegen", "interop"),
    ("specwright::codegen", "json"),
    ("specwright::codegen", "long_decimal"),
    ("specwright::codegen", "media"),
    ("specwright::codegen", "members"),
    ("specwright::codegen", "newtype"),
    ("specwright::codegen", "optional_header"),
    ("specwright::codegen", "optional_header_as"),
    ("specwright::codegen", "read"),
    ("specwright::codegen", "status"),
    ("specwright::codegen", "string_const"),
    ("specwright::codegen", "string_enum"),
    ("specwright::codegen", "string_literals"),
    ("specwright::codegen", "text"),
];

/// Where the names of one API are defined.
pub(super) struct Names {
    own: BTreeMap<String, &'static str>,
}

impl Names {
    pub(super) fn of(api: &Api) -> Self {
        let mut own = BTreeMap::new();
        for def in &api.types {
            if !matches!(def.kind, TypeKind::Pending) {
                own.insert(def.name.clone(), "models");
            }
        }
        for shared in &api.shared_responses {
            own.insert(shared.name.clone(), "responses");
        }
        for it in &api.traits {
            own.insert(it.name.clone(), "handlers");
        }
        if !api.error_bodies.is_empty() {
            own.insert("ErrorBodies".to_owned(), "handlers");
        }
        if api.security.is_some() {
            own.insert("Security".to_owned(), "handlers");
        }
        for operation in &api.operations {
            match &operation.success {
                Success::Plain(_) => {}
                Success::Struct(response) => {
                    own.insert(response.name.clone(), "responses");
                }
                Success::Enum { name, .. } => {
                    own.insert(name.clone(), "responses");
                }
            }
            if let Some(name) = &operation.error {
                own.insert(name.clone(), "responses");
            }
            if let Some(request) = &operation.request {
                own.insert(request.name.clone(), "requests");
                if let Some(name) = request
                    .body
                    .as_ref()
                    .and_then(|it| it.contents.name.clone())
                {
                    own.insert(name, "requests");
                }
                let list = request.body.iter().flat_map(|it| &it.contents.list);
                own.extend(list.filter_map(|it| match &it.content {
                    Content::PartStream(flow) => Some((flow.name.clone(), "requests")),
                    _ => None,
                }));
            }
            for response in operation.responses() {
                if let Some(name) = response.body.as_ref().and_then(|it| it.name.clone()) {
                    own.insert(name, "responses");
                }
            }
        }
        Self { own }
    }
}

/// The `use` items of a module with these items.
pub(super) fn uses(items: &[TokenStream], names: &Names, module: &str) -> Vec<TokenStream> {
    let mut named = Named::default();
    for item in items {
        named.collect(item.clone());
    }
    let mut by_path: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, name) in KNOWN {
        let is_function = name.starts_with(char::is_lowercase);
        let used = if is_function {
            named.called.contains(*name)
        } else {
            named.types.contains(*name)
        };
        if used && !names.own.contains_key(*name) {
            by_path.entry(path).or_default().push(name);
        }
    }
    let mut uses: Vec<TokenStream> = Vec::new();
    for std in [true, false] {
        for (path, names) in by_path
            .iter()
            .filter(|(path, _)| path.starts_with("std") == std)
        {
            let path: TokenStream = format!("::{path}").parse().unwrap_or_default();
            let names = names.iter().map(|name| ident::value(name));
            uses.push(quote! { use #path::{#(#names),*}; });
        }
    }
    let mut own: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in &named.types {
        if let Some((name, home)) = names.own.get_key_value(name)
            && *home != module
        {
            own.entry(home).or_default().push(name);
        }
    }
    for (home, names) in own {
        let home = ident::value(home);
        let names = names.iter().map(|name| ident::ty(name));
        uses.push(quote! { use super::#home::{#(#names),*}; });
    }
    uses
}

/// What a module's tokens name.
#[derive(Default)]
struct Named {
    /// Identifiers that begin a path.
    types: BTreeSet<String>,
    /// Functions and macros that are called without a path.
    called: BTreeSet<String>,
}

impl Named {
    /// The body of an enum: the names of its variants are its own.
    fn collect_variants(&mut self, tokens: TokenStream) {
        for token in tokens {
            if let TokenTree::Group(group) = token {
                self.collect(group.stream());
            }
        }
    }

    fn collect(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) if is_enum(&tokens, index) => {
                    self.collect_variants(group.stream());
                }
                TokenTree::Group(group) if is_table(&tokens, index) => {
                    for token in group.stream() {
                        match token {
                            TokenTree::Group(table) => self.collect_variants(table.stream()),
                            name => self.collect(name.into()),
                        }
                    }
                }
                TokenTree::Group(group) => self.collect(group.stream()),
                TokenTree::Ident(name) => {
                    let name = name.to_string();
                    let before = index.checked_sub(1).and_then(|index| tokens.get(index));
                    let is_member = before
                        .is_some_and(|it| is(it, '.') || is(it, ':') && is_path(&tokens, index));
                    if is_member {
                        // A trait is not named where its methods are called.
                        match name.as_str() {
                            "decode" | "accepts" => self.types.insert("Decode".to_owned()),
                            "encode" => self.types.insert("Encode".to_owned()),
                            _ => false,
                        };
                        continue;
                    }
                    let is_call = match tokens.get(index + 1) {
                        Some(TokenTree::Group(group)) => {
                            group.delimiter() == proc_macro2::Delimiter::Parenthesis
                        }
                        Some(next) => {
                            is(next, '!')
                                || is(next, ':')
                                    && tokens.get(index + 2).is_some_and(|it| is(it, ':'))
                        }
                        None => false,
                    };
                    let is_definition = before
                        .is_some_and(|it| matches!(it, TokenTree::Ident(word) if word == "fn"));
                    if is_call && !is_definition {
                        self.called.insert(name.clone());
                    }
                    self.types.insert(name);
                }
                _ => {}
            }
        }
    }
}

/// Whether the token at `index` is what a macro is given that takes a type and a table of its variants.
fn is_table(tokens: &[TokenTree], index: usize) -> bool {
    const TABLES: [&str; 5] = [
        "conversions",
        "errors",
        "string_const",
        "string_enum",
        "string_literals",
    ];
    let before = index.checked_sub(2).and_then(|index| tokens.get(index));
    matches!(before, Some(TokenTree::Ident(word)) if TABLES.iter().any(|table| word == table))
}

/// Whether the token at `index` is the body of an enum.
fn is_enum(tokens: &[TokenTree], index: usize) -> bool {
    let before = index.checked_sub(2).and_then(|index| tokens.get(index));
    matches!(before, Some(TokenTree::Ident(word)) if word == "enum")
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Whether the colon before the token at `index` is the second of `::`.
fn is_path(tokens: &[TokenTree], index: usize) -> bool {
    index >= 2 && tokens.get(index - 2).is_some_and(|it| is(it, ':'))
}
