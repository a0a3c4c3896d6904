//! A handler returns what the document does not promise.

use specwright::{ApiKey, Context, Denied, Unexpected};
use specwright_compile_fail::shop::{
    self, BooksApi, GetBookError, GetBookRequest, Missing, OrdersApi, PutBookRequest, Security,
};

struct Shop;

impl Security for Shop {
    type Principal = ();

    async fn shop_key(&self, _cx: &Context, _key: ApiKey, _scopes: &[&str]) -> Result<(), Denied> {
        Ok(())
    }
}

impl BooksApi for Shop {
    async fn get_book(
        &self,
        _cx: &Context,
        request: GetBookRequest,
    ) -> Result<String, GetBookError> {
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
