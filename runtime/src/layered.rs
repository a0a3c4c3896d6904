//! Tower layers around single operations.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing;
use tower::{Layer, Service};

use crate::app::App;
use crate::dependency::Operations;
use crate::refusal::Reason;
use crate::routes::{self, Answer, Endpoint, Route};

/// Puts a layer around what answers all requests for an operation.
pub(crate) type LayerFn = Arc<dyn Fn(Router, &Arc<Endpoint>) -> Router + Send + Sync>;

/// A layer, and what it is around.
#[derive(Clone)]
pub(crate) struct OperationLayer {
    pub(crate) operations: Operations,
    pub(crate) layer: LayerFn,
}

impl App {
    /// Adds a tower layer around some operations: those of a tag, one by its `operationId`, or all of them.
    ///
    /// From the outside in, a request passes what [`App`] has around all requests and [`layer`](Self::layer); then it is
    /// routed, and answered with 406 or 405 where that is all that there is to say; then, within the operation's `x-timeout`,
    /// it passes these layers, of which the one that was added last sees it first, as in axum. Inside of them are the
    /// credentials, [`require`](Self::require), the limit and the reading of the body, and the handler: a layer sees requests
    /// whose credentials nobody has looked at, and the responses to those as well.
    ///
    /// The request has the `&'static Operation` in its extensions, and so has the response. Each operation is a service of its
    /// own, so a limit of a layer is one for each of them, unless what the layer holds is shared. A layer that changes the path
    /// makes it a 404 where it is none of the operation any more.
    ///
    /// Where no document has such operations, the server does not start, and says which there are.
    ///
    /// # Examples
    ///
    /// ```
    /// use specwright::axum::middleware::{Next, from_fn};
    /// use specwright::axum::{extract::Request, response::Response};
    /// use specwright::{App, Operations};
    ///
    /// async fn audit(request: Request, next: Next) -> Response {
    ///     let response = next.run(request).await;
    ///     println!("an order was answered with {}", response.status());
    ///     response
    /// }
    ///
    /// fn audited(app: App) -> App {
    ///     app.layer_for(Operations::tag("orders"), from_fn(audit))
    /// }
    /// ```
    pub fn layer_for<L>(mut self, operations: Operations, layer: L) -> Self
    where
        L: Layer<routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.operation_layers.push(OperationLayer {
            operations,
            layer: Arc::new(move |router, _| router.layer(layer.clone())),
        });
        self
    }
}

/// Gives layers to the routes that they are around.
///
/// # Errors
///
/// Those that are around none.
pub(crate) fn assign(layers: &[OperationLayer], routes: &mut [Route]) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    for OperationLayer { operations, layer } in layers {
        match operations.choose("a layer", routes) {
            Ok(chosen) => chosen.for_each(|route| route.layers.push(Arc::clone(layer))),
            Err(fault) => faults.push(fault),
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults),
    }
}

/// An operation with its layers, where it has any.
pub(crate) fn around(mut endpoint: Endpoint, layers: &[LayerFn]) -> Endpoint {
    if layers.is_empty() {
        return endpoint;
    }
    let inside = Arc::new(endpoint.clone());
    let router = Router::new().fallback_service(Inside(Arc::clone(&inside)));
    let layered = layers
        .iter()
        .fold(router, |router, layer| layer(router, &inside));
    endpoint.layered = Some(layered);
    endpoint
}

/// What is inside of the layers.
#[derive(Clone)]
struct Inside(Arc<Endpoint>);

impl Service<Request> for Inside {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        match self.0.template.matches(request.uri().path()) {
            Some(values) => self.0.call(request, values),
            None => {
                let response = routes::refuse(Reason::NotFound, request.headers(), Some(&self.0));
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}
