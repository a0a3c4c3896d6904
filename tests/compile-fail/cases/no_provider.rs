//! A handler asks for a dependency that nothing provides.

use specwright::{ApiKey, Context, Denied, Dep, Unexpected};
use specwright_compile_fail::shop::{
    self, Book, BooksApi, GetBookError, GetBookRequest, Missing, OrdersApi, PutBookRequest,
    Security,
};

#[derive(Clone)]
struct Shop;

impl Security for Shop {
    type Principal = ();

    async fn shop_key(&self, _cx: &Context, _key: ApiKey, _scopes: &[&str]) -> Result<(), Denied> {
        Ok(())
    }
}

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
    async fn list_orders(&self, cx: &Context) -> Result<Vec<String>, Unexpected> {
        let names: Dep<Vec<String>> = cx.get(self).await?;
        Ok(names.to_vec())
    }
}

fn main() {
    let _ = specwright::App::new(shop::api(Shop));
}
