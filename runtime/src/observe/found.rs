//! What a request turns out to be for.

use std::sync::Arc;

#[cfg(feature = "matched-path")]
pub(super) use written::tell;

use crate::routes::Endpoint;

/// What a request is for, where that is known.
#[derive(Clone)]
pub(super) enum Found {
    Operation(Arc<Endpoint>),
    /// A hand-written route.
    #[cfg(feature = "matched-path")]
    Written(axum::extract::MatchedPath),
}

impl Found {
    /// The operation, but of hand-written routes, which are none.
    pub(super) fn operation(&self) -> Option<&'static crate::operation::Operation> {
        match self {
            Self::Operation(endpoint) => Some(endpoint.operation),
            #[cfg(feature = "matched-path")]
            Self::Written(_) => None,
        }
    }

    /// The template of the path; of these there are as many as the program has, whatever clients ask for.
    pub(super) fn route(&self) -> &str {
        match self {
            Self::Operation(endpoint) => &endpoint.path,
            #[cfg(feature = "matched-path")]
            Self::Written(path) => path.as_str(),
        }
    }
}

#[cfg(feature = "matched-path")]
mod written {
    use std::convert::Infallible;
    use std::task::{Context, Poll};

    use axum::Router;
    use axum::extract::{MatchedPath, Request};
    use axum::response::Response;
    use axum::routing::Route;
    use tower::{Layer, Service};

    use super::super::Seen;
    use super::Found;

    /// Lets each of these routes tell that a request is for it.
    pub(in super::super) fn tell(routes: Router) -> Router {
        match routes.has_routes() {
            true => routes.route_layer(Tell),
            false => routes,
        }
    }

    #[derive(Clone)]
    struct Tell;

    impl Layer<Route> for Tell {
        type Service = Telling;

        fn layer(&self, route: Route) -> Telling {
            Telling(route)
        }
    }

    #[derive(Clone)]
    struct Telling(Route);

    impl Service<Request> for Telling {
        type Response = Response;
        type Error = Infallible;
        type Future = <Route as Service<Request>>::Future;

        fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Service::<Request>::poll_ready(&mut self.0, cx)
        }

        fn call(&mut self, request: Request) -> Self::Future {
            let extensions = request.extensions();
            // axum says none where a whole service is nested, since only that knows its paths.
            if let Some(path) = extensions.get::<MatchedPath>()
                && let Some(seen) = extensions.get::<Seen>()
            {
                seen.found(Found::Written(path.clone()));
            }
            self.0.call(request)
        }
    }
}
