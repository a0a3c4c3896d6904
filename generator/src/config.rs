//! What a user can choose.

/// The options of one generation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// Whether a schema with the keywords of one type, such as `properties`, but without `type`, is taken to have that
    /// type. JSON Schema says that its keywords apply to values of their type only, and that all other values pass;
    /// authors mean the type.
    pub implied_types: bool,
    /// Whether the formats of JSON Schema, such as `date-time`, are annotations: such a value is a plain string, and
    /// never checked.
    pub format_annotation: bool,
    /// Whether every string with `contentMediaType: application/json` and a `contentSchema` has the type of what it holds.
    pub typed_content: bool,
    /// Whether credentials are optional at every secured operation, as if its `security` ended with `{}`.
    pub optional_security: bool,
    /// Whether all bodies of bytes flow, as if their media types said `x-stream: true`.
    pub stream_bytes: bool,
    /// Whether the statuses that the server answers by itself are added to the document as it is served.
    pub document_errors: bool,
    /// Whether operations are under the paths of their servers' URLs.
    pub server_paths: bool,
    /// Whether a client of the API is generated too.
    pub client: bool,
    /// The `recursion_limit` of the crate that includes the code.
    pub recursion_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            implied_types: true,
            format_annotation: false,
            typed_content: false,
            optional_security: false,
            stream_bytes: false,
            document_errors: false,
            server_paths: false,
            client: false,
            // rustc's default.
            recursion_limit: 128,
        }
    }
}
