//! What the server answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::request::{Currency, Customer, LineItem, NewOrder, Payment};

/// A placed order: the members of [`NewOrder`] are repeated, since `serde(flatten)` would write them through a map.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct Order {
    pub id: Uuid,
    pub status: OrderStatus,
    pub created_at: DateTime<Utc>,
    pub total: f64,
    pub client_reference: Uuid,
    pub customer: Customer,
    pub items: Vec<LineItem>,
    pub tags: Vec<String>,
    pub currency: Currency,
    pub placed_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub gift: bool,
    pub payment: Payment,
}

impl Order {
    /// Places an order under a new random id.
    pub fn place(order: NewOrder) -> Self {
        Self {
            id: Uuid::new_v4(),
            status: OrderStatus::Pending,
            created_at: Utc::now(),
            total: order.items.iter().map(price).sum(),
            client_reference: order.client_reference,
            customer: order.customer,
            items: order.items,
            tags: order.tags,
            currency: order.currency,
            placed_at: order.placed_at,
            note: order.note,
            gift: order.gift,
            payment: order.payment,
        }
    }

    /// The order in a few words.
    pub fn summary(&self) -> OrderSummary {
        OrderSummary {
            id: self.id,
            status: self.status,
            total: self.total,
            created_at: self.created_at,
        }
    }
}

fn price(item: &LineItem) -> f64 {
    let percent = 100 - item.discount_percent.unwrap_or(0);
    item.unit_price * f64::from(item.quantity) * f64::from(percent) / 100.0
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub enum OrderStatus {
    Pending,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
}

/// An order in a list.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct OrderSummary {
    pub id: Uuid,
    pub status: OrderStatus,
    pub total: f64,
    pub created_at: DateTime<Utc>,
}

/// The answer of `GET /orders`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct OrderPage {
    pub items: Vec<OrderSummary>,
    pub total: i64,
    pub limit: i32,
    pub offset: i32,
}

/// The answer of `POST /orders/bulk`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct BulkResult {
    pub accepted: i32,
    pub ids: Vec<Uuid>,
}

/// The answer of `GET /health`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct Health {
    pub status: &'static str,
}
