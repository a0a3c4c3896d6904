//! Parts of multipart bodies with headers of their own.

/// The members that a part with headers has where it is an object.
pub(crate) const PART_VALUE: &str = "value";
pub(crate) const PART_HEADERS: &str = "headers";

/// The same as JSON texts, as an encoder takes them.
pub(crate) const PART_VALUE_KEY: &str = "\"value\":";
pub(crate) const PART_HEADERS_KEY: &str = "\"headers\":";

/// A part of a multipart body for which headers are declared (OAS 3.2, Encoding Object, `headers`): what it holds, and its
/// headers, which are checked as those of a request are.
///
/// # Examples
///
/// ```
/// use specwright::{BodyPart, Upload};
///
/// #[derive(Debug)]
/// struct PhotoHeaders {
///     x_camera: Option<String>,
/// }
///
/// fn shown(photo: BodyPart<Upload, PhotoHeaders>) -> String {
///     let camera = photo.headers.x_camera.as_deref().unwrap_or("a camera");
///     format!("{} bytes by {camera}", photo.value.size)
/// }
///
/// let photo = BodyPart::new(
///     Upload::new("a.png", "image/png", &b"\x89PNG"[..]),
///     PhotoHeaders { x_camera: None },
/// );
/// assert_eq!(shown(photo), "4 bytes by a camera");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BodyPart<T, H> {
    /// What it holds.
    pub value: T,

    /// Its headers.
    pub headers: H,
}

impl<T, H> BodyPart<T, H> {
    /// Puts both together.
    pub const fn new(value: T, headers: H) -> Self {
        Self { value, headers }
    }
}
