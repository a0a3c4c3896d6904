//! The handlers.

use jiff::Timestamp;
use specwright::{Context, Unexpected};
use uuid::Uuid;

use crate::orders::{
    BulkResult, CreateOrderError, CreateOrderRequest, CreateOrdersError, CreateOrdersRequest,
    GetOrderError, GetOrderRequest, Health, HealthStatus, LineItem, ListOrdersError,
    ListOrdersRequest, MetaApi, NewOrder, NotFound, Order, OrderPage, OrderStatus, OrdersApi,
    Problem,
};
use crate::store::Store;

/// Everything that the contract names, over a store in memory.
pub struct Shop {
    store: Store,
}

impl Shop {
    /// The shop as every run starts with it.
    ///
    /// # Errors
    ///
    /// When the seeded order breaks the contract.
    pub fn seeded() -> serde_json::Result<Self> {
        Ok(Self {
            store: Store::seeded()?,
        })
    }
}

impl MetaApi for Shop {
    async fn get_health(&self, _: &Context) -> Result<Health, Unexpected> {
        Ok(Health {
            status: HealthStatus::Ok,
        })
    }
}

impl OrdersApi for Shop {
    async fn get_order(
        &self,
        _: &Context,
        request: GetOrderRequest,
    ) -> Result<Order, GetOrderError> {
        match self.store.get(&request.order_id) {
            Some(order) => Ok(Order::clone(&order)),
            None => Err(no_such_order().into()),
        }
    }

    async fn list_orders(
        &self,
        _: &Context,
        request: ListOrdersRequest,
    ) -> Result<OrderPage, ListOrdersError> {
        Ok(self.store.page(&request))
    }

    async fn create_order(
        &self,
        _: &Context,
        request: CreateOrderRequest,
    ) -> Result<Order, CreateOrderError> {
        let order = place(request.body);
        self.store.put(order.clone());
        Ok(order)
    }

    async fn create_orders(
        &self,
        _: &Context,
        request: CreateOrdersRequest,
    ) -> Result<BulkResult, CreateOrdersError> {
        let ids: Vec<Uuid> = request
            .body
            .into_iter()
            .map(|order| place(order).id)
            .collect();
        Ok(BulkResult {
            accepted: ids.len() as i32,
            ids,
        })
    }
}

/// Places an order under a new random id.
pub(crate) fn place(order: NewOrder) -> Order {
    Order {
        id: Uuid::new_v4(),
        status: OrderStatus::Pending,
        created_at: Timestamp::now(),
        total: order.items.iter().map(price).sum(),
        client_reference: order.client_reference,
        customer: order.customer,
        items: order.items,
        tags: order.tags.unwrap_or_default(),
        currency: order.currency,
        placed_at: order.placed_at,
        note: order.note,
        gift: order.gift,
        payment: order.payment,
    }
}

fn price(item: &LineItem) -> f64 {
    let percent = 100 - item.discount_percent.value().unwrap_or(0);
    item.unit_price * f64::from(item.quantity) * f64::from(percent) / 100.0
}

fn no_such_order() -> NotFound {
    NotFound(Problem {
        title: "No such order".to_owned(),
        status: 404,
        detail: None,
        errors: None,
    })
}
