//! The orders in memory: twenty that stay, and a ring of those placed last.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::ORDER;
use crate::orders::{ListOrdersRequest, NewOrder, Order, OrderPage, OrderSummary};
use crate::shop::place;

/// How many seeded orders there are; their ids follow each other.
const SEEDS: u128 = 20;

/// The id of the first seeded order.
const FIRST_ID: u128 = 0x11111111_1111_4111_8111_111111111100;

/// How many placed orders are kept.
const CAPACITY: usize = 1000;

/// The orders, shared by all requests.
pub(crate) struct Store(Mutex<Orders>);

#[derive(Default)]
struct Orders {
    by_id: HashMap<Uuid, Arc<Order>>,
    seeds: Vec<Arc<Order>>,
    placed: VecDeque<Uuid>,
}

impl Store {
    /// The store as every run starts with it.
    pub(crate) fn seeded() -> serde_json::Result<Self> {
        let seed: NewOrder = serde_json::from_str(ORDER)?;
        let mut orders = Orders::default();
        for offset in 0..SEEDS {
            let mut order = place(seed.clone());
            order.id = Uuid::from_u128(FIRST_ID + offset);
            let order = Arc::new(order);
            orders.by_id.insert(order.id, Arc::clone(&order));
            orders.seeds.push(order);
        }
        Ok(Self(Mutex::new(orders)))
    }

    /// Keeps an order, in place of the oldest placed one when the ring is full.
    pub(crate) fn put(&self, order: Order) {
        let mut orders = self.lock();
        if orders.placed.len() == CAPACITY
            && let Some(oldest) = orders.placed.pop_front()
        {
            orders.by_id.remove(&oldest);
        }
        orders.placed.push_back(order.id);
        orders.by_id.insert(order.id, Arc::new(order));
    }

    /// The order of that id.
    pub(crate) fn get(&self, id: &Uuid) -> Option<Arc<Order>> {
        self.lock().by_id.get(id).cloned()
    }

    /// A page of the seeded orders.
    pub(crate) fn page(&self, query: &ListOrdersRequest) -> OrderPage {
        let orders = self.lock();
        let items = orders
            .seeds
            .iter()
            .filter(|order| {
                query.status.is_none_or(|status| status == order.status)
                    && query
                        .tag
                        .iter()
                        .flatten()
                        .all(|tag| order.tags.contains(tag))
            })
            .skip(query.offset as usize)
            .take(query.limit as usize)
            .map(|order| summary(order))
            .collect();
        OrderPage {
            items,
            total: orders.seeds.len() as i64,
            limit: query.limit,
            offset: query.offset,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The order in a few words.
fn summary(order: &Order) -> OrderSummary {
    OrderSummary {
        id: order.id,
        status: order.status,
        total: order.total,
        created_at: order.created_at,
    }
}
