//! The handlers and their routes.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use uuid::Uuid;

use crate::extract::{Decode, Valid, ValidQuery};
use crate::problem::Problem;
use crate::request::{Bulk, ListQuery, NewOrder};
use crate::response::{BulkResult, Health, Order, OrderPage};
use crate::store::Store;

/// The whole API over a seeded store, with bodies decoded in the way of `D`.
pub fn router<D: Decode>() -> Result<Router, serde_json::Error> {
    let router = Router::new()
        .route("/health", get(get_health))
        .route("/orders", get(list_orders).post(create_order::<D>))
        .route("/orders/bulk", post(create_orders::<D>))
        .route("/orders/{order_id}", get(get_order))
        .with_state(Store::seeded()?);
    Ok(router)
}

async fn get_health() -> Json<Health> {
    Json(Health { status: "ok" })
}

async fn get_order(
    State(store): State<Store>,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = id.map_err(|error| Problem::invalid(error.body_text()))?;
    match store.get(&id) {
        Some(order) => Ok(Json(&*order).into_response()),
        None => Err(Problem::new(StatusCode::NOT_FOUND, "No such order", None)),
    }
}

async fn list_orders(
    State(store): State<Store>,
    ValidQuery(query): ValidQuery<ListQuery>,
) -> Json<OrderPage> {
    Json(store.page(&query))
}

async fn create_order<D: Decode>(
    State(store): State<Store>,
    Valid(order, _): Valid<NewOrder, D>,
) -> Response {
    let order = Arc::new(Order::place(order));
    store.put(Arc::clone(&order));
    (StatusCode::CREATED, Json(&*order)).into_response()
}

async fn create_orders<D: Decode>(Valid(Bulk(orders), _): Valid<Bulk, D>) -> Response {
    let ids: Vec<Uuid> = orders
        .into_iter()
        .map(|order| Order::place(order).id)
        .collect();
    let accepted = ids.len() as i32;
    (StatusCode::CREATED, Json(BulkResult { accepted, ids })).into_response()
}
