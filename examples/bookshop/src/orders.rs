//! What customers buy.

use specwright::rust_decimal::Decimal;
use specwright::{Context, Dep, Maybe, StatusCode, Unexpected};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::bookshop::{
    CancelOrderError, CancelOrderRequest, CardPayment, GetOrderError, GetOrderRequest,
    ListOrdersError, ListOrdersRequest, ListOrdersResponse, Order, OrderLine, OrderLineInput,
    OrderStatus, OrdersApi, OutOfStock, Payment, PaymentInput, PlaceOrderError, PlaceOrderRequest,
    PlaceOrderResponse, Shortage,
};
use crate::column::{amount, cents, checked, json, parsed, price};
use crate::problem::{not_found, problem};
use crate::request::{Customer, Paging, Transaction};
use crate::security::User;
use crate::shop::{Shop, now};

/// The token of a card that is always declined, for trying it out.
const DECLINED: &str = "tok_declined";

impl OrdersApi for Shop {
    async fn list_orders(
        &self,
        cx: &Context,
        user: User,
        request: ListOrdersRequest,
    ) -> Result<ListOrdersResponse, ListOrdersError> {
        let paging: Dep<Paging> = cx.get(self).await?;
        let mut tx = self.db.begin().await?;
        let mut count = QueryBuilder::new("SELECT count(*) FROM orders");
        push_conditions(&mut count, &user, &request);
        let total = count.build_query_scalar().fetch_one(&mut *tx).await?;

        let mut query = QueryBuilder::new("SELECT * FROM orders");
        push_conditions(&mut query, &user, &request);
        query.push(" ORDER BY placed_at DESC, id LIMIT ");
        query.push_bind(paging.per_page).push(" OFFSET ");
        query.push_bind(paging.offset());
        let mut orders = Vec::new();
        for row in query.build().fetch_all(&mut *tx).await? {
            orders.push(with_lines(&mut tx, &row).await?);
        }
        paging.link(cx, total)?;
        Ok(ListOrdersResponse {
            x_total_count: total,
            body: orders,
        })
    }

    async fn place_order(
        &self,
        cx: &Context,
        _user: User,
        request: PlaceOrderRequest,
    ) -> Result<PlaceOrderResponse, PlaceOrderError> {
        let customer: Dep<Customer> = cx.get(self).await?;
        let key = request.idempotency_key.to_string();
        let tx: Dep<Transaction> = cx.get(self).await?;
        let mut tx = tx.lock().await?;
        let before = sqlx::query("SELECT * FROM orders WHERE customer = ? AND idempotency_key = ?")
            .bind(customer.id)
            .bind(&key)
            .fetch_optional(&mut **tx)
            .await?;
        if let Some(row) = before {
            return Ok(PlaceOrderResponse::Ok(with_lines(&mut tx, &row).await?));
        }

        let input = request.body;
        let (lines, shortages) = take(&mut tx, input.lines).await?;
        if !shortages.is_empty() {
            return Err(out_of_stock(shortages));
        }
        let order = Order {
            id: Uuid::new_v4(),
            status: OrderStatus::Placed,
            total: lines
                .iter()
                .map(|line| *line.unit_price * Decimal::from(line.quantity))
                .sum(),
            lines,
            ship_to: input.ship_to,
            payment: pay(input.payment)?,
            gift_note: Maybe::from(input.gift_note.value()),
            placed_at: now()?,
        };
        insert(&mut tx, &order, customer.id, &key).await?;
        let ordered = order.lines.iter().map(|line| line.sku.to_string());
        cx.background(self.clone().reorder(ordered.collect()));
        Ok(PlaceOrderResponse::Created {
            location: format!("/orders/{}", order.id),
            body: order,
        })
    }

    async fn get_order(
        &self,
        _cx: &Context,
        user: User,
        request: GetOrderRequest,
    ) -> Result<Order, GetOrderError> {
        let mut tx = self.db.begin().await?;
        let row = find(&mut tx, &user, request.order_id).await?;
        let row = row.ok_or_else(|| not_found("you have no order with this id"))?;
        Ok(with_lines(&mut tx, &row).await?)
    }

    async fn cancel_order(
        &self,
        cx: &Context,
        user: User,
        request: CancelOrderRequest,
    ) -> Result<Order, CancelOrderError> {
        let refuse = |status, detail| CancelOrderError::ClientError {
            status,
            body: problem(status, detail),
        };
        let tx: Dep<Transaction> = cx.get(self).await?;
        let mut tx = tx.lock().await?;
        let row = find(&mut tx, &user, request.order_id).await?;
        let row =
            row.ok_or_else(|| refuse(StatusCode::NOT_FOUND, "you have no order with this id"))?;
        let mut order = with_lines(&mut tx, &row).await?;
        if order.status != OrderStatus::Placed {
            return Err(refuse(
                StatusCode::CONFLICT,
                "an order can be cancelled until it is shipped",
            ));
        }
        order.status = OrderStatus::Cancelled;
        sqlx::query("UPDATE orders SET status = ?, cancelled_because = ? WHERE id = ?")
            .bind(order.status.as_str())
            .bind(request.body.and_then(|body| body.reason))
            .bind(order.id.to_string())
            .execute(&mut **tx)
            .await?;
        for line in &order.lines {
            move_stock(&mut tx, &line.sku, line.quantity).await?;
        }
        Ok(order)
    }
}

fn push_conditions(query: &mut QueryBuilder<Sqlite>, user: &User, request: &ListOrdersRequest) {
    query.push(" WHERE true");
    if let Some(customer) = user.customer() {
        query.push(" AND customer = ").push_bind(customer);
    }
    if let Some(states) = &request.status {
        query.push(" AND status IN (");
        let mut list = query.separated(", ");
        for status in states {
            list.push_bind(status.as_str());
        }
        query.push(")");
    }
    if let Some(day) = request.placed_since {
        query.push(" AND placed_at >= ").push_bind(day.to_string());
    }
}

/// So many copies are few.
const FEW: i32 = 3;

impl Shop {
    /// Notes which of these editions are to be ordered from the publisher; no customer waits for that.
    async fn reorder(self, skus: Vec<String>) -> Result<(), Unexpected> {
        for sku in skus {
            sqlx::query(
                "INSERT INTO reorders (sku, noted_at) SELECT sku, ? FROM editions WHERE sku = ? AND stock < ?
                 ON CONFLICT (sku) DO NOTHING",
            )
            .bind(now()?.to_string())
            .bind(sku)
            .bind(FEW)
            .execute(&self.db)
            .await?;
        }
        Ok(())
    }
}

/// Takes what is ordered off the shelves, and says what was not there.
async fn take(
    db: &mut SqliteConnection,
    wanted: Vec<OrderLineInput>,
) -> sqlx::Result<(Vec<OrderLine>, Vec<Shortage>)> {
    let mut lines = Vec::new();
    let mut shortages = Vec::new();
    for line in wanted {
        let edition = sqlx::query(
            "SELECT books.title, editions.price, editions.stock
             FROM editions JOIN books ON books.id = editions.book WHERE sku = ?",
        )
        .bind(line.sku.as_str())
        .fetch_optional(&mut *db)
        .await?;
        let Some(edition) = edition else {
            shortages.push(Shortage {
                sku: line.sku,
                available: 0,
            });
            continue;
        };
        if let Some(available) = edition.try_get::<Option<i32>, _>("stock")?
            && available < line.quantity
        {
            shortages.push(Shortage {
                sku: line.sku,
                available,
            });
            continue;
        }
        move_stock(db, &line.sku, -line.quantity).await?;
        lines.push(OrderLine {
            sku: line.sku,
            quantity: line.quantity,
            title: edition.try_get("title")?,
            unit_price: price(&edition, "price")?,
        });
    }
    Ok((lines, shortages))
}

/// Puts copies on the shelf, or takes them off; where there is no stock, nothing changes.
async fn move_stock(db: &mut SqliteConnection, sku: &str, copies: i32) -> sqlx::Result<()> {
    let moved =
        sqlx::query("UPDATE editions SET stock = stock + ? WHERE sku = ? AND stock IS NOT NULL")
            .bind(copies)
            .bind(sku)
            .execute(&mut *db)
            .await?;
    if moved.rows_affected() > 0 {
        sqlx::query(
            "UPDATE books SET version = version + 1 WHERE id = (SELECT book FROM editions WHERE sku = ?)",
        )
        .bind(sku)
        .execute(db)
        .await?;
    }
    Ok(())
}

fn out_of_stock(shortages: Vec<Shortage>) -> PlaceOrderError {
    let problem = problem(StatusCode::CONFLICT, "some lines cannot be delivered");
    PlaceOrderError::Conflict(OutOfStock {
        r#type: problem.r#type,
        title: problem.title,
        status: problem.status,
        detail: problem.detail,
        shortages,
    })
}

/// Asks for the money. What is kept of a card is only that it was one.
fn pay(payment: PaymentInput) -> Result<Payment, PlaceOrderError> {
    match payment {
        PaymentInput::CardPayment(card) if card.card_token.expose() == DECLINED => {
            Err(PlaceOrderError::PaymentRequired(problem(
                StatusCode::PAYMENT_REQUIRED,
                "the bank declined the card",
            )))
        }
        PaymentInput::CardPayment(card) => Ok(Payment::CardPayment(CardPayment {
            method: card.method,
        })),
        PaymentInput::InvoicePayment(invoice) => Ok(Payment::InvoicePayment(invoice)),
    }
}

async fn insert(
    db: &mut SqliteConnection,
    order: &Order,
    customer: i64,
    idempotency_key: &str,
) -> Result<(), Unexpected> {
    sqlx::query(
        "INSERT INTO orders (id, customer, idempotency_key, status, total, ship_to, payment, gift_note, placed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(order.id.to_string())
    .bind(customer)
    .bind(idempotency_key)
    .bind(order.status.as_str())
    .bind(cents(order.total)?)
    .bind(serde_json::to_string(&order.ship_to)?)
    .bind(serde_json::to_string(&order.payment)?)
    .bind(order.gift_note.as_ref().value())
    .bind(order.placed_at.to_string())
    .execute(&mut *db)
    .await?;
    for (position, line) in (0_i64..).zip(&order.lines) {
        sqlx::query(
            r#"INSERT INTO order_lines ("order", position, sku, title, quantity, unit_price) VALUES (?, ?, ?, ?, ?, ?)"#,
        )
        .bind(order.id.to_string())
        .bind(position)
        .bind(line.sku.as_str())
        .bind(&line.title)
        .bind(line.quantity)
        .bind(cents(*line.unit_price)?)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Finds an order that the caller may see.
async fn find(db: &mut SqliteConnection, user: &User, id: Uuid) -> sqlx::Result<Option<SqliteRow>> {
    let customer = user.customer();
    sqlx::query("SELECT * FROM orders WHERE id = ? AND (? IS NULL OR customer = ?)")
        .bind(id.to_string())
        .bind(customer)
        .bind(customer)
        .fetch_optional(db)
        .await
}

async fn with_lines(db: &mut SqliteConnection, row: &SqliteRow) -> sqlx::Result<Order> {
    let id: Uuid = parsed(row, "id")?;
    let lines = sqlx::query(r#"SELECT * FROM order_lines WHERE "order" = ? ORDER BY position"#)
        .bind(id.to_string())
        .fetch_all(db)
        .await?;
    let gift_note: Option<String> = row.try_get("gift_note")?;
    Ok(Order {
        id,
        status: parsed(row, "status")?,
        lines: lines.iter().map(line).collect::<sqlx::Result<_>>()?,
        total: amount(row, "total")?,
        ship_to: json(row, "ship_to")?,
        payment: json(row, "payment")?,
        gift_note: Maybe::from(gift_note),
        placed_at: parsed(row, "placed_at")?,
    })
}

fn line(row: &SqliteRow) -> sqlx::Result<OrderLine> {
    Ok(OrderLine {
        sku: checked::<_, String>(row, "sku")?,
        quantity: row.try_get("quantity")?,
        title: row.try_get("title")?,
        unit_price: price(row, "unit_price")?,
    })
}
