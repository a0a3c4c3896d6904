//! Who may call (OAS 3.2, Security Scheme Object and Security Requirement Object).

use std::rc::Rc;

use super::{Located, Members, ParameterLocation};
use crate::source::Place;

/// The names of scopes or roles.
pub type Scopes = Vec<Located<Rc<str>>>;

/// One way to be let in: all of its schemes together; none of them lets everyone in.
#[derive(Clone, Debug)]
pub struct SecurityRequirement {
    /// Where it stands.
    pub place: Place,
    /// The schemes by name, each with the scopes or roles that are needed.
    pub schemes: Vec<(Located<Rc<str>>, Scopes)>,
}

/// A security scheme.
#[derive(Debug)]
pub struct SecurityScheme {
    /// Where it stands.
    pub place: Place,
    /// What it is for.
    pub description: Option<Rc<str>>,
    /// What it is.
    pub kind: SecuritySchemeKind,
}

/// The kinds of security schemes.
#[derive(Debug)]
pub enum SecuritySchemeKind {
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// Its name as sent.
        name: Rc<str>,
        /// Where it is sent.
        location: ParameterLocation,
    },
    /// An HTTP authentication scheme (RFC 9110, section 11), lower case: `basic`, `bearer`, `digest`.
    Http {
        /// The scheme's name.
        scheme: Rc<str>,
        /// How a bearer token is made, such as `JWT`.
        bearer_format: Option<Rc<str>>,
    },
    /// OAuth 2; the flows' scopes by name with their words.
    OAuth2 {
        /// The scopes of all flows.
        scopes: Members<Rc<str>>,
    },
    /// OpenID Connect discovery.
    OpenIdConnect {
        /// Where the configuration is.
        url: Rc<str>,
    },
    /// A client certificate.
    MutualTls,
}
