//! What clients send.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::checks::{multiple_of_5, unique_items, whole_cents};
use crate::response::OrderStatus;

/// The body of `POST /orders`.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct NewOrder {
    #[garde(skip)]
    pub client_reference: Uuid,
    #[garde(dive)]
    pub customer: Customer,
    #[garde(length(min = 1, max = 50), dive)]
    pub items: Vec<LineItem>,
    #[serde(default)]
    #[garde(
        length(max = 16),
        custom(|tags: &Vec<String>, cx: &()| unique_items(tags, cx)),
        inner(length(chars, min = 1, max = 32))
    )]
    pub tags: Vec<String>,
    #[garde(skip)]
    pub currency: Currency,
    #[garde(skip)]
    pub placed_at: DateTime<Utc>,
    #[garde(inner(length(chars, max = 500)))]
    pub note: Option<String>,
    #[serde(default)]
    #[garde(skip)]
    pub gift: bool,
    #[garde(dive)]
    pub payment: Payment,
}

/// The body of `POST /orders/bulk`.
#[derive(Debug, Deserialize, Validate)]
#[garde(transparent)]
#[serde(transparent)]
pub struct Bulk(#[garde(length(min = 1, max = 200), dive)] pub Vec<NewOrder>);

/// The query of `GET /orders`.
#[derive(Debug, Deserialize, Validate)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct ListQuery {
    #[garde(skip)]
    pub status: Option<OrderStatus>,
    #[serde(default = "default_limit")]
    #[garde(range(min = 1, max = 100))]
    pub limit: i32,
    #[serde(default)]
    #[garde(range(min = 0, max = 100_000))]
    pub offset: i32,
    #[serde(default)]
    #[garde(
        length(max = 8),
        inner(length(chars, min = 1, max = 32), pattern(r"^[a-z0-9-]+$"))
    )]
    pub tag: Vec<String>,
}

fn default_limit() -> i32 {
    20
}

/// Who orders.
#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct Customer {
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    #[garde(email, length(chars, max = 254))]
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(pattern(r"^\+[1-9][0-9]{6,14}$")))]
    pub phone: Option<String>,
    #[garde(skip)]
    pub tier: Tier,
    #[garde(dive)]
    pub address: Address,
}

/// Where the order goes.
#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct Address {
    #[garde(length(chars, min = 1, max = 120))]
    pub line1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 120)))]
    pub line2: Option<String>,
    #[garde(length(chars, min = 1, max = 80))]
    pub city: String,
    #[garde(pattern(r"^[A-Z0-9 -]{3,10}$"))]
    pub postal_code: String,
    #[garde(pattern(r"^[A-Z]{2}$"))]
    pub country: String,
}

/// One line of an order.
#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub struct LineItem {
    #[garde(pattern(r"^[A-Z]{3}-[0-9]{4,8}$"))]
    pub sku: String,
    #[garde(length(chars, min = 1, max = 120))]
    pub name: String,
    #[garde(range(min = 1, max = 1000))]
    pub quantity: i32,
    #[garde(range(min = 0.0, max = 100_000.0), custom(whole_cents))]
    pub unit_price: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 0, max = 100)), custom(multiple_of_5))]
    pub discount_percent: Option<i32>,
}

/// How the order is paid.
#[derive(Debug, Serialize, Deserialize, Validate)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub enum Payment {
    Card {
        #[garde(pattern(r"^[0-9]{4}$"))]
        last4: String,
        #[garde(range(min = 1, max = 12))]
        exp_month: i32,
        #[garde(range(min = 2024, max = 2100))]
        exp_year: i32,
    },
    BankTransfer {
        #[garde(pattern(r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"))]
        iban: String,
    },
    Wallet {
        #[garde(skip)]
        wallet_id: Uuid,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[garde(inner(length(chars, min = 1, max = 40)))]
        provider: Option<String>,
    },
}

/// What the prices are in.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the codes of ISO 4217")]
pub enum Currency {
    USD,
    EUR,
    GBP,
    JPY,
}

/// What the customer pays for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the contract says what the members are")]
pub enum Tier {
    Standard,
    Gold,
    Platinum,
}
