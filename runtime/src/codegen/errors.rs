//! The errors of operations: what they are made of, and how they are sent.

/// Makes `?` work in handlers: the error of an operation is made of whatever is an error, and of each response that
/// operations share.
#[doc(hidden)]
#[macro_export]
macro_rules! conversions {
    ($name:ident { $($variant:ident($response:ident)),* $(,)? }) => {
        impl<E: ::std::convert::Into<$crate::Unexpected>> ::std::convert::From<E> for $name {
            fn from(error: E) -> Self {
                Self::Unexpected(error.into())
            }
        }

        $(
            impl ::std::convert::From<$response> for $name {
                fn from(response: $response) -> Self {
                    Self::$variant(response)
                }
            }
        )*
    };
}

/// An error of nothing but responses that operations share, each with a status of its own.
#[doc(hidden)]
#[macro_export]
macro_rules! errors {
    ($name:ident { $($variant:ident($response:ident) = $status:ident),* $(,)? }) => {
        $crate::conversions!($name { $($variant($response)),* });

        impl $name {
            fn send(
                self,
            ) -> ::std::result::Result<$crate::codegen::Response, $crate::codegen::Refusal> {
                match self {
                    $(
                        Self::$variant(response) => {
                            response.send($crate::StatusCode::$status)
                        }
                    )*
                    Self::Unexpected(error) => ::std::result::Result::Err(error.into()),
                }
            }
        }
    };
}
