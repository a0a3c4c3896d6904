//! The orders in memory: twenty that stay, and a ring of those placed last.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::ORDER;
use crate::request::ListQuery;
use crate::response::{Order, OrderPage};

/// How many seeded orders there are; their ids follow each other.
const SEEDS: u128 = 20;

/// The id of the first seeded order.
const FIRST_ID: u128 = 0x11111111_1111_4111_8111_111111111100;

/// How many placed orders are kept.
const CAPACITY: usize = 1000;

/// A handle of the orders, shared by all requests.
#[derive(Clone)]
pub struct Store(Arc<Mutex<Orders>>);

#[derive(Default)]
struct Orders {
    by_id: HashMap<Uuid, Arc<Order>>,
    seeds: Vec<Arc<Order>>,
    placed: VecDeque<Uuid>,
}

impl Store {
    /// The store as every run starts with it.
    pub fn seeded() -> Result<Self, serde_json::Error> {
        let mut orders = Orders::default();
        for offset in 0..SEEDS {
            let mut order = Order::place(serde_json::from_str(ORDER)?);
            order.id = Uuid::from_u128(FIRST_ID + offset);
            let order = Arc::new(order);
            orders.by_id.insert(order.id, Arc::clone(&order));
            orders.seeds.push(order);
        }
        Ok(Self(Arc::new(Mutex::new(orders))))
    }

    /// Keeps an order, in place of the oldest placed one when the ring is full.
    pub fn put(&self, order: Arc<Order>) {
        let mut orders = self.lock();
        if orders.placed.len() == CAPACITY
            && let Some(oldest) = orders.placed.pop_front()
        {
            orders.by_id.remove(&oldest);
        }
        orders.placed.push_back(order.id);
        orders.by_id.insert(order.id, order);
    }

    /// The order of that id.
    pub fn get(&self, id: &Uuid) -> Option<Arc<Order>> {
        self.lock().by_id.get(id).cloned()
    }

    /// A page of the seeded orders.
    pub fn page(&self, query: &ListQuery) -> OrderPage {
        let orders = self.lock();
        let items = orders
            .seeds
            .iter()
            .filter(|order| {
                query.status.is_none_or(|status| status == order.status)
                    && query.tag.iter().all(|tag| order.tags.contains(tag))
            })
            .skip(query.offset as usize)
            .take(query.limit as usize)
            .map(|order| order.summary())
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
