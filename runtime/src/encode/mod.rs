//! Writes typed values as JSON text, straight to bytes.
//!
//! **Invariant:** nothing is replaced silently: what JSON cannot say, such as a NaN, is a fault of the whole text.
//!
//! The parts of a multipart body are written as they are read: as an object, in which a file stands by its number and a
//! part with headers as an object of both.

mod object;
mod value;

use std::fmt;

pub use object::{Array, Object};

use crate::value::Upload;

/// A type that generated code writes as JSON.
pub trait Encode {
    /// Writes the value.
    fn encode(&self, out: &mut Encoder);
}

/// JSON text that is being written.
#[derive(Debug, Default)]
pub struct Encoder {
    out: Vec<u8>,
    fault: Option<EncodeError>,
    uploads: Vec<Upload>,
}

/// A value that JSON cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    what: &'static str,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be written as JSON", self.what)
    }
}

impl std::error::Error for EncodeError {}

impl Encoder {
    /// Nothing written yet, with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
            ..Self::default()
        }
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// A value that JSON cannot say was written.
    pub fn finish(self) -> Result<Vec<u8>, EncodeError> {
        match self.fault {
            None => Ok(self.out),
            Some(fault) => Err(fault),
        }
    }

    /// Starts an object.
    #[inline]
    pub fn object(&mut self) -> Object<'_> {
        Object::new(self)
    }

    /// Starts an array.
    #[inline]
    pub fn array(&mut self) -> Array<'_> {
        Array::new(self)
    }

    /// Writes text as it is; it has to be JSON.
    #[inline]
    pub fn raw(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Writes a string.
    #[inline]
    pub fn string(&mut self, text: &str) {
        crate::node::write_json_string(&mut self.out, text);
    }

    /// Writes a file as its number, and puts it aside.
    pub(crate) fn upload(&mut self, upload: &Upload) {
        let number = self.uploads.len();
        self.uploads.push(upload.clone());
        self.string(&number.to_string());
    }

    /// Notes that a value cannot be written.
    #[cold]
    pub fn fault(&mut self, what: &'static str) {
        self.fault.get_or_insert(EncodeError { what });
    }

    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }
}

/// The JSON text of a value.
///
/// # Errors
///
/// The value holds something that JSON cannot say.
pub fn to_vec(value: &impl Encode) -> Result<Vec<u8>, EncodeError> {
    // Most answers are small; a larger one grows the buffer a few times, which is cheaper than measuring it first.
    let mut encoder = Encoder::with_capacity(1024);
    value.encode(&mut encoder);
    encoder.finish()
}

/// The JSON text of a value, and the files that stand in it by their numbers.
///
/// # Errors
///
/// The value holds something that JSON cannot say.
pub(crate) fn to_parts(value: &impl Encode) -> Result<(Vec<u8>, Vec<Upload>), EncodeError> {
    let mut encoder = Encoder::with_capacity(1024);
    value.encode(&mut encoder);
    let uploads = std::mem::take(&mut encoder.uploads);
    Ok((encoder.finish()?, uploads))
}

/// Appends the JSON text of a value; where it fails, nothing.
///
/// # Errors
///
/// The value holds something that JSON cannot say.
pub(crate) fn encode_onto(value: &impl Encode, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    let mut encoder = Encoder {
        out: std::mem::take(out),
        ..Encoder::default()
    };
    value.encode(&mut encoder);
    *out = encoder.out;
    match encoder.fault {
        None => Ok(()),
        Some(fault) => {
            out.truncate(start);
            Err(fault)
        }
    }
}
