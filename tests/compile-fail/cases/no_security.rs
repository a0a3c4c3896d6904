//! Operations are secured, and nothing says who is calling.

use specwright::{Context, Unexpected};
use specwright_compile_fail::shop::{
    self, Book, BooksApi, GetBookError, GetBookRequest, Missing, OrdersApi, PutBookRequest,
};

struct Shop;

impl BooksApi for Shop {
    async fn get_book(&self, _cx: &Context, request: GetBookRequest) -> Result<Book, GetBookError> {
        Err(GetBookError::NotFound(Missing { name: request.name }))
    }

    async fn put_book(
        &self,
        _cx: &Context,
        _user: (),
        _request: PutBookRequest,
    ) -> Result<(), Unexpected> {
        Ok(())
    }
}

impl OrdersApi for Shop {
    async fn list_orders(&self, _cx: &Context) -> Result<Vec<String>, Unexpected> {
        Ok(Vec::new())
    }
}

fn main() {
    let _ = specwright::App::new(shop::api(Shop));
}
