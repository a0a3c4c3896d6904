//! Responses that switch to another protocol.

use std::fmt;

use axum::body::Body;
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;
use tracing::{Instrument as _, Span};

use crate::context::Context;
use crate::problem::{Problem, Unexpected};
use crate::tasks::{Origin, catch_panic};

/// A connection that speaks another protocol now: an `AsyncRead` and `AsyncWrite` of tokio.
pub type Upgraded = TokioIo<hyper::upgrade::Upgraded>;

/// What a handler returns where the document declares a response with 101: HTTP ends on the connection, and another protocol
/// begins (RFC 9110, section 7.8).
///
/// # Examples
///
/// ```
/// use specwright::{Context, Problem, Upgrade};
/// use tokio::io::AsyncWriteExt as _;
///
/// fn greet(cx: &Context) -> Result<Upgrade, Problem> {
///     Upgrade::new(cx, "greeting", |mut connection| async move {
///         let _ = connection.write_all(b"hello").await;
///     })
/// }
/// ```
///
/// The upgrade to a WebSocket of axum (its feature `ws`) is a response that [`TryFrom`] takes, and what runs then is of this
/// request by [`callback`](Upgrade::callback):
/// `Upgrade::try_from(cx.extract::<WebSocketUpgrade>().await?.on_upgrade(Upgrade::callback(cx, talk)))?`.
pub struct Upgrade(Response);

impl Upgrade {
    /// Switches to `protocol`, and hands the connection over once the response is sent.
    ///
    /// The end of the server waits for what runs then, as long as there is time, and drops it after that:
    /// [`Context::stopping`] tells it to end. What it logs is within a span of its own, where requests have one
    /// ([`App::access_log`](crate::App::access_log)). A panic of it is logged, and ends the connection.
    ///
    /// # Errors
    ///
    /// A problem with status 426 where the client does not ask for the protocol, or cannot have it because the connection is
    /// not one of HTTP/1.1 that can be handed over.
    pub fn new<F, R>(cx: &Context, protocol: &'static str, run: F) -> Result<Self, Problem>
    where
        F: FnOnce(Upgraded) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let protocols = HeaderValue::from_static(protocol);
        let is_asked_for = lists(cx.headers(), &header::CONNECTION, "upgrade")
            && lists(cx.headers(), &header::UPGRADE, protocol);
        let connection = cx.extensions().get::<OnUpgrade>().cloned();
        let Some(connection) = connection.filter(|_| is_asked_for) else {
            return Err(Problem::new(StatusCode::UPGRADE_REQUIRED)
                .with_detail(format!("the request must ask to switch to `{protocol}`"))
                .with_header(header::UPGRADE, protocols)
                .with_header(header::CONNECTION, HeaderValue::from_static("upgrade"))
                .own());
        };
        let talk = Talk::of(cx);
        let running = async move {
            match connection.await {
                Ok(connection) => talk.run(move || run(TokioIo::new(connection))).await,
                // The client left before it had the response.
                Err(error) => tracing::debug!("no upgrade: {error}"),
            }
        };
        let tasks = cx.endpoint().settings.background.tasks();
        drop(tasks.spawn(&Handle::current(), running));
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, protocols);
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        Ok(Self(response))
    }

    /// Makes `run` what another library calls with the connection once it is upgraded, such as axum's `WebSocketUpgrade`, so
    /// that it is treated as that of [`new`](Self::new): it has a span, the end of the server waits for it, and a panic is
    /// logged.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct WebSocket;
    /// # struct WebSocketUpgrade;
    /// # impl WebSocketUpgrade {
    /// #     fn on_upgrade<C, R>(self, _: C) -> axum::response::Response
    /// #     where
    /// #         C: FnOnce(WebSocket) -> R + Send + 'static,
    /// #         R: Future<Output = ()> + Send + 'static,
    /// #     {
    /// #         axum::response::Response::default()
    /// #     }
    /// # }
    /// use specwright::{Context, Unexpected, Upgrade};
    ///
    /// async fn talk(socket: WebSocket) {
    ///     tracing::info!("somebody is there");
    /// #   drop(socket);
    /// }
    ///
    /// fn upgrade(cx: &Context, asked: WebSocketUpgrade) -> Result<Upgrade, Unexpected> {
    ///     Upgrade::try_from(asked.on_upgrade(Upgrade::callback(cx, talk)))
    /// }
    /// ```
    pub fn callback<C, F, R>(
        cx: &Context,
        run: F,
    ) -> impl FnOnce(C) -> BoxFuture<'static, ()> + Send + use<C, F, R>
    where
        C: Send + 'static,
        F: FnOnce(C) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let talk = Talk::of(cx);
        let tasks = cx.endpoint().settings.background.tasks().clone();
        move |connection| Box::pin(tasks.follow(talk.run(move || run(connection))))
    }
}

/// What is said on a connection that has switched, as a part of the request that asked for it.
struct Talk {
    origin: Origin,
    /// Held until there is a span of its own, and no longer: that of the request ends with the response.
    request: Span,
}

impl Talk {
    fn of(cx: &Context) -> Self {
        let origin = cx.origin();
        let request = match origin.has_spans {
            true => Span::current(),
            false => Span::none(),
        };
        Self { origin, request }
    }

    async fn run<R: Future<Output = ()>>(self, run: impl FnOnce() -> R) {
        let Self { origin, request } = self;
        let span = origin.upgraded(&request);
        drop(request);
        let talk = async move {
            if let Err(message) = catch_panic(async { run().await }).await {
                origin.log(
                    &"the upgraded connection",
                    &format_args!("panicked: {message}"),
                );
            }
        };
        talk.instrument(span).await;
    }
}

/// Whether a header lists a token, in any case.
fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(token))
}

/// Takes a response that switches already, such as that of axum's `WebSocketUpgrade`.
impl TryFrom<Response> for Upgrade {
    type Error = Unexpected;

    fn try_from(response: Response) -> Result<Self, Unexpected> {
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => Ok(Self(response)),
            status => Err(Unexpected::new(format!(
                "a response with {status} switches to no other protocol"
            ))),
        }
    }
}

impl From<Upgrade> for Response {
    fn from(upgrade: Upgrade) -> Self {
        upgrade.0
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upgrade")
            .field(&self.0.headers().get(header::UPGRADE))
            .finish()
    }
}
