//! What HTTP itself costs: no routes, no decoding, no checks; the whole body is read and fixed bytes are answered.

use std::error::Error;

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use opponents::ORDER;
use opponents::defaults::defaults;
use opponents::serve::{Arguments, accept, serve_with_timeouts};
use tokio::net::TcpListener;
use tower::Layer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::from_env()?;
    let listener = TcpListener::bind(arguments.address).await?;
    if arguments.defaults {
        let service = defaults().layer(tower::service_fn(answer));
        return Ok(serve_with_timeouts(listener, service).await?);
    }
    let mut http = http1::Builder::new();
    http.pipeline_flush(true);
    loop {
        let connection = http.serve_connection(accept(&listener).await?, service_fn(answer));
        tokio::spawn(async move {
            // What ends a connection is the client's business.
            let _ = connection.await;
        });
    }
}

async fn answer<B: Body>(request: Request<B>) -> Result<Response<Full<Bytes>>, B::Error> {
    let bytes = if request.method() == Method::POST {
        request.into_body().collect().await?;
        ORDER
    } else if request.uri().path() == "/health" {
        r#"{"status":"ok"}"#
    } else {
        ORDER
    };
    let mut response = Response::new(Full::new(Bytes::from_static(bytes.as_bytes())));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}
