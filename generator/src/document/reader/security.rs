//! Security schemes and requirements.

use std::rc::Rc;

use crate::{
    diagnostic::{Code, Diagnostics},
    document::{
        Dialect, Document, Members, OrReference, ParameterLocation, SecurityRequirement,
        SecurityScheme, SecuritySchemeKind, token,
    },
    source::{Mapping, Node, Place},
};

use super::{Field, Reader, fields, is_extension};

pub(super) const SCHEME: &[&str] = &[
    "type",
    "description",
    "name",
    "in",
    "scheme",
    "bearerFormat",
    "flows",
    "openIdConnectUrl",
    "oauth2MetadataUrl",
    "deprecated",
];
pub(super) const FLOWS: &[&str] = &[
    "implicit",
    "password",
    "clientCredentials",
    "authorizationCode",
    "deviceAuthorization",
];
pub(super) const FLOW: &[&str] = &[
    "authorizationUrl",
    "deviceAuthorizationUrl",
    "tokenUrl",
    "refreshUrl",
    "scopes",
];

/// Checks that the requirements of the document and of the operations that stand in it name schemes and scopes that
/// there are.
pub fn check_security(document: &Document, diagnostics: &mut Diagnostics) {
    let operations = document.paths.iter().flat_map(|(_, item)| &item.operations);
    let own = operations.filter_map(|(_, operation)| match operation {
        OrReference::Inline(operation) => operation.security.as_ref(),
        OrReference::Reference(_) => None,
    });
    for requirement in document.security.iter().chain(own).flatten() {
        document.check_security_requirement(requirement, diagnostics);
    }
}

impl Document {
    /// Checks that a requirement names schemes and scopes that there are.
    pub fn check_security_requirement(
        &self,
        requirement: &SecurityRequirement,
        diagnostics: &mut Diagnostics,
    ) {
        let schemes = &self.components.security_schemes;
        for (name, scopes) in &requirement.schemes {
            let Some((_, scheme)) = schemes.iter().find(|(other, _)| *other == name.value) else {
                // In 3.2 the name may be a URI reference to a scheme elsewhere (OAS 3.2, Security Requirement Object).
                diagnostics
                    .error(
                        Code::UnknownSecurityScheme,
                        &name.place,
                        format!(
                            "there is no security scheme `{}`",
                            name.value.escape_debug()
                        ),
                    )
                    .help("declare it in `components/securitySchemes`");
                continue;
            };
            let OrReference::Inline(scheme) = scheme else {
                continue;
            };
            let SecuritySchemeKind::OAuth2 { scopes: known } = &scheme.kind else {
                continue;
            };
            for scope in scopes {
                if !known.iter().any(|(other, _)| *other == scope.value) {
                    diagnostics
                        .warning(
                            Code::UnknownScope,
                            &scope.place,
                            format!(
                                "the security scheme `{}` has no scope `{}`",
                                name.value,
                                scope.value.escape_debug()
                            ),
                        )
                        .label("it is asked of callers all the same")
                        .related(scheme.place.span, "the scheme is declared here");
                }
            }
        }
    }
}

impl Reader<'_> {
    /// Reads a list of requirements. An unusable one is an error and never makes anything public.
    pub(super) fn security(&mut self, field: &Field<'_>) -> Option<Vec<SecurityRequirement>> {
        let place = field.place();
        if field.node.as_mapping().is_some() {
            self.wrong_kind(field.node, &place, "`security`", "a list")
                .help("write a `-` before each requirement; one of them is enough to be let in");
            return None;
        }
        let items = self.items(field.node, &place, "`security`")?;
        Some(
            items
                .filter_map(|(node, place)| self.requirement(node, &place))
                .collect(),
        )
    }

    fn requirement(&mut self, node: &Rc<Node>, place: &Place) -> Option<SecurityRequirement> {
        let mapping = self.mapping(node, place, "a security requirement")?;
        let mut schemes = Vec::new();
        for field in fields(mapping, place) {
            let scopes = self.strings(&field)?;
            let value = Rc::clone(field.key);
            let place = field.place();
            schemes.push((super::Located { value, place }, scopes));
        }
        Some(SecurityRequirement {
            place: place.clone(),
            schemes,
        })
    }

    /// Reads a security scheme or a reference to one.
    pub fn read_security_scheme(
        &mut self,
        node: &Rc<Node>,
        place: &Place,
    ) -> Option<OrReference<SecurityScheme>> {
        self.or_reference(node, place, Self::security_scheme)
    }

    fn security_scheme(&mut self, node: &Rc<Node>, place: &Place) -> Option<SecurityScheme> {
        let mapping = self.mapping(node, place, "a security scheme")?;
        let mut scheme = Scheme::default();
        for field in fields(mapping, place) {
            match &**field.key {
                "type" => scheme.ty = self.located_string(&field),
                "description" => scheme.description = self.text(&field),
                "name" => scheme.name = self.string(&field),
                "in" => scheme.location = self.key_location(&field),
                "scheme" => scheme.scheme = self.string(&field),
                "bearerFormat" => scheme.bearer_format = self.text(&field),
                "flows" => scheme.scopes = self.flows(&field),
                "openIdConnectUrl" => scheme.url = self.url(&field),
                "oauth2MetadataUrl" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.url(&field);
                }
                "deprecated" => {
                    self.newer_field(&field, Dialect::V3_2);
                    self.flag(&field);
                }
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "a security scheme", mapping, SCHEME),
            }
        }
        if mapping.get("type").is_none() {
            self.error(
                Code::MissingField,
                place,
                "the security scheme has no `type`",
            );
        }
        let description = scheme.description.take();
        Some(SecurityScheme {
            place: place.clone(),
            description,
            kind: self.scheme_kind(scheme, mapping, place)?,
        })
    }

    fn scheme_kind(
        &mut self,
        scheme: Scheme,
        mapping: &Mapping,
        place: &Place,
    ) -> Option<SecuritySchemeKind> {
        let ty = scheme.ty?;
        let needed: &[&str] = match &*ty.value {
            "apiKey" => &["name", "in"],
            "http" => &["scheme"],
            "oauth2" => &["flows"],
            "openIdConnect" => &["openIdConnectUrl"],
            _ => &[],
        };
        for name in needed {
            if mapping.get(name).is_none() {
                self.error(
                    Code::MissingField,
                    place,
                    format!("a security scheme of type `{}` needs `{name}`", ty.value),
                );
            }
        }
        match &*ty.value {
            "apiKey" => {
                let (name, location) = (scheme.name?, scheme.location?);
                if location == ParameterLocation::Header && !token::is_token(&name) {
                    let name = name.escape_debug();
                    self.error(
                        Code::InvalidHeaderName,
                        place,
                        format!("`{name}` is not a header name"),
                    );
                }
                Some(SecuritySchemeKind::ApiKey { name, location })
            }
            "http" => {
                let name = scheme.scheme?.to_ascii_lowercase();
                if !token::is_token(&name) {
                    let shown = name.escape_debug();
                    self.error(
                        Code::InvalidValue,
                        place,
                        format!("`{shown}` is not the name of an HTTP authentication scheme"),
                    )
                    .help("write one of those that are registered, such as `bearer`");
                }
                Some(SecuritySchemeKind::Http {
                    scheme: Rc::from(name),
                    bearer_format: scheme.bearer_format,
                })
            }
            "oauth2" => Some(SecuritySchemeKind::OAuth2 {
                scopes: scheme.scopes?,
            }),
            "openIdConnect" => Some(SecuritySchemeKind::OpenIdConnect { url: scheme.url? }),
            "mutualTLS" => {
                if self.dialect == Dialect::V3_0 {
                    self.error(
                        Code::NewerField,
                        &ty.place,
                        "`mutualTLS` came with OpenAPI 3.1; this document says 3.0",
                    );
                }
                Some(SecuritySchemeKind::MutualTls)
            }
            other => {
                let help = match other {
                    "basic" => "this is Swagger 2.0; write `type: http` and `scheme: basic`",
                    "bearer" => "write `type: http` and `scheme: bearer`",
                    _ => "write `apiKey`, `http`, `mutualTLS`, `oauth2` or `openIdConnect`",
                };
                let other = other.escape_debug();
                self.error(
                    Code::InvalidValue,
                    &ty.place,
                    format!("`{other}` is not a type of security scheme"),
                )
                .help(help);
                None
            }
        }
    }

    fn key_location(&mut self, field: &Field<'_>) -> Option<ParameterLocation> {
        match &*self.string(field)? {
            "header" => Some(ParameterLocation::Header),
            "query" => Some(ParameterLocation::Query),
            "cookie" => Some(ParameterLocation::Cookie),
            other => {
                let other = other.escape_debug();
                self.error(
                    Code::InvalidValue,
                    &field.place(),
                    format!("`{other}` is not a place for an API key"),
                )
                .label("expected `header`, `query` or `cookie`");
                None
            }
        }
    }

    /// The scopes of all flows.
    fn flows(&mut self, field: &Field<'_>) -> Option<Members<Rc<str>>> {
        let place = field.place();
        let mapping = self.mapping(field.node, &place, "`flows`")?;
        let mut scopes: Members<Rc<str>> = Vec::new();
        for field in fields(mapping, &place) {
            let urls: &[&str] = match &**field.key {
                "implicit" => &["authorizationUrl"],
                "password" | "clientCredentials" => &["tokenUrl"],
                "authorizationCode" => &["authorizationUrl", "tokenUrl"],
                // How a client comes by its token is nothing that a server carries out.
                "deviceAuthorization" => {
                    self.newer_field(&field, Dialect::V3_2);
                    &["deviceAuthorizationUrl", "tokenUrl"]
                }
                key if is_extension(key) => continue,
                _ => {
                    self.unknown_field(&field, "`flows`", mapping, FLOWS);
                    continue;
                }
            };
            self.flow(&field, urls, &mut scopes);
        }
        Some(scopes)
    }

    fn flow(&mut self, field: &Field<'_>, urls: &[&str], scopes: &mut Members<Rc<str>>) {
        let place = field.place();
        let Some(mapping) = self.mapping(field.node, &place, "an OAuth flow") else {
            return;
        };
        for field in fields(mapping, &place) {
            match &**field.key {
                "authorizationUrl" | "tokenUrl" | "refreshUrl" | "deviceAuthorizationUrl" => {
                    self.url(&field);
                }
                "scopes" => self.scopes(&field, scopes),
                key if is_extension(key) => {}
                _ => self.unknown_field(&field, "an OAuth flow", mapping, FLOW),
            }
        }
        for name in urls.iter().chain(&["scopes"]) {
            if mapping.get(name).is_none() {
                self.warning(
                    Code::MissingField,
                    &place,
                    format!("the OAuth flow `{}` has no `{name}`", field.key),
                );
            }
        }
    }

    fn scopes(&mut self, field: &Field<'_>, scopes: &mut Members<Rc<str>>) {
        let place = field.place();
        for field in self
            .fields(field.node, &place, "`scopes`")
            .into_iter()
            .flatten()
        {
            if is_extension(field.key) && field.node.as_str().is_none() {
                continue;
            }
            let words = self.text(&field).unwrap_or_default();
            if !scopes.iter().any(|(name, _)| name == field.key) {
                scopes.push((Rc::clone(field.key), words));
            }
        }
    }

    fn url(&mut self, field: &Field<'_>) -> Option<Rc<str>> {
        let url = self.string(field)?;
        if !token::is_url_reference(&url) {
            let text = url.escape_debug();
            self.error(
                Code::InvalidUrl,
                &field.place(),
                format!("`{}` is `{text}`, which is not a URL", field.key),
            );
        }
        Some(url)
    }
}

/// The fields of all kinds of security schemes.
#[derive(Default)]
struct Scheme {
    ty: Option<super::Located<Rc<str>>>,
    description: Option<Rc<str>>,
    name: Option<Rc<str>>,
    location: Option<ParameterLocation>,
    scheme: Option<Rc<str>>,
    bearer_format: Option<Rc<str>>,
    scopes: Option<Members<Rc<str>>>,
    url: Option<Rc<str>>,
}
