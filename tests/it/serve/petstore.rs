//! The pet store of the corpus, a document of version 3.0: every operation, valid and not.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::json;
use specwright::axum::body::Body;
use specwright::codegen::IndexMap;
use specwright::http::Request;
use specwright::{Api, ApiKey, Bearer, Context, Denied, StatusCode};

use super::request::{Answer, send};

specwright::include_api!(pub mod petstore);

use petstore::*;

#[derive(Default)]
struct Store {
    pets: Mutex<BTreeMap<i64, Pet>>,
    orders: Mutex<BTreeMap<i64, Order>>,
    users: Mutex<BTreeMap<String, User>>,
}

impl Security for Store {
    type Principal = &'static str;

    async fn petstore_auth(
        &self,
        _: &Context,
        token: Bearer,
        scopes: &[&str],
    ) -> Result<&'static str, Denied> {
        match token.token() {
            "good" if scopes.contains(&"write:pets") => Ok("token"),
            _ => Err(Denied::unauthenticated()),
        }
    }

    async fn api_key(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<&'static str, Denied> {
        match key.as_str() {
            "good" => Ok("key"),
            _ => Err(Denied::unauthenticated()),
        }
    }
}

impl PetApi for Store {
    async fn update_pet(
        &self,
        _: &Context,
        _: &'static str,
        request: UpdatePetRequest,
    ) -> Result<Pet, UpdatePetError> {
        let changed = request.body.into_inner();
        let id = changed.id.ok_or(UpdatePetError::BadRequest)?;
        let mut pets = self.pets.lock().unwrap();
        let pet = pets.get_mut(&id).ok_or(UpdatePetError::NotFound)?;
        pet.clone_from(&changed);
        Ok(changed)
    }

    async fn add_pet(
        &self,
        _: &Context,
        _: &'static str,
        request: AddPetRequest,
    ) -> Result<Pet, AddPetError> {
        let pet = request.body.into_inner();
        let id = pet.id.ok_or(AddPetError::BadRequest)?;
        self.pets.lock().unwrap().insert(id, pet.clone());
        Ok(pet)
    }

    async fn find_pets_by_status(
        &self,
        _: &Context,
        _: &'static str,
        request: FindPetsByStatusRequest,
    ) -> Result<Vec<Pet>, FindPetsByStatusError> {
        let pets = self.pets.lock().unwrap();
        let wanted = request.status.as_str();
        let found = pets.values().filter(|pet| {
            let status = pet.status.map(|status| status.to_string());
            status.as_deref() == Some(wanted)
        });
        Ok(found.cloned().collect())
    }

    async fn find_pets_by_tags(
        &self,
        _: &Context,
        _: &'static str,
        request: FindPetsByTagsRequest,
    ) -> Result<Vec<Pet>, FindPetsByTagsError> {
        let wanted = request.tags.unwrap_or_default();
        let pets = self.pets.lock().unwrap();
        let found = pets.values().filter(|pet| {
            let names = pet
                .tags
                .iter()
                .flatten()
                .filter_map(|tag| tag.name.as_ref());
            names.into_iter().any(|name| wanted.contains(name))
        });
        Ok(found.cloned().collect())
    }

    async fn get_pet_by_id(
        &self,
        cx: &Context,
        user: &'static str,
        request: GetPetByIdRequest,
    ) -> Result<Pet, GetPetByIdError> {
        cx.set_header(
            specwright::http::HeaderName::from_static("x-user"),
            specwright::http::HeaderValue::from_static(user),
        );
        let pets = self.pets.lock().unwrap();
        pets.get(&request.pet_id)
            .cloned()
            .ok_or(GetPetByIdError::NotFound)
    }

    async fn update_pet_with_form(
        &self,
        _: &Context,
        _: &'static str,
        request: UpdatePetWithFormRequest,
    ) -> Result<Pet, UpdatePetWithFormError> {
        let mut pets = self.pets.lock().unwrap();
        let pet = pets
            .get_mut(&request.pet_id)
            .ok_or(UpdatePetWithFormError::BadRequest)?;
        pet.name = request.name.ok_or(UpdatePetWithFormError::BadRequest)?;
        Ok(pet.clone())
    }

    async fn delete_pet(
        &self,
        _: &Context,
        _: &'static str,
        request: DeletePetRequest,
    ) -> Result<(), DeletePetError> {
        let removed = self.pets.lock().unwrap().remove(&request.pet_id);
        removed.map(drop).ok_or(DeletePetError::Default {
            status: StatusCode::GONE,
        })
    }

    async fn upload_file(
        &self,
        _: &Context,
        _: &'static str,
        request: UploadFileRequest,
    ) -> Result<ApiResponse, UploadFileError> {
        let bytes = request.body.ok_or(UploadFileError::BadRequest)?;
        Ok(ApiResponse {
            code: i32::try_from(bytes.len()).ok(),
            r#type: request.additional_metadata,
            message: None,
        })
    }
}

impl StoreApi for Store {
    async fn get_inventory(
        &self,
        _: &Context,
        _: &'static str,
    ) -> Result<IndexMap<String, i32>, GetInventoryError> {
        let mut counts = IndexMap::new();
        for status in self
            .pets
            .lock()
            .unwrap()
            .values()
            .filter_map(|pet| pet.status)
        {
            *counts.entry(status.to_string()).or_default() += 1;
        }
        Ok(counts)
    }

    async fn place_order(
        &self,
        _: &Context,
        request: PlaceOrderRequest,
    ) -> Result<Order, PlaceOrderError> {
        let order = request.body.ok_or(PlaceOrderError::BadRequest)?;
        let order = order.into_inner();
        let id = order.id.ok_or(PlaceOrderError::UnprocessableEntity)?;
        self.orders.lock().unwrap().insert(id, order.clone());
        Ok(order)
    }

    async fn get_order_by_id(
        &self,
        _: &Context,
        request: GetOrderByIdRequest,
    ) -> Result<Order, GetOrderByIdError> {
        let orders = self.orders.lock().unwrap();
        orders
            .get(&request.order_id)
            .cloned()
            .ok_or(GetOrderByIdError::NotFound)
    }

    async fn delete_order(
        &self,
        _: &Context,
        request: DeleteOrderRequest,
    ) -> Result<(), DeleteOrderError> {
        let removed = self.orders.lock().unwrap().remove(&request.order_id);
        removed.map(drop).ok_or(DeleteOrderError::NotFound)
    }
}

impl UserApi for Store {
    async fn create_user(
        &self,
        _: &Context,
        request: CreateUserRequest,
    ) -> Result<User, CreateUserError> {
        let user = request.body.ok_or(CreateUserError::Default {
            status: StatusCode::BAD_REQUEST,
        })?;
        let user = user.into_inner();
        let name = user.username.clone().unwrap_or_default();
        self.users.lock().unwrap().insert(name, user.clone());
        Ok(user)
    }

    async fn create_users_with_list_input(
        &self,
        _: &Context,
        request: CreateUsersWithListInputRequest,
    ) -> Result<User, CreateUsersWithListInputError> {
        let users = request.body.unwrap_or_default();
        let last = users.last().cloned();
        for user in users {
            let name = user.username.clone().unwrap_or_default();
            self.users.lock().unwrap().insert(name, user);
        }
        last.ok_or(CreateUsersWithListInputError::Default {
            status: StatusCode::BAD_REQUEST,
        })
    }

    async fn login_user(
        &self,
        _: &Context,
        request: LoginUserRequest,
    ) -> Result<LoginUserResponse, LoginUserError> {
        match request.password.as_deref() {
            Some("good") => Ok(LoginUserResponse {
                x_rate_limit: Some(5),
                x_expires_after: Some("2026-10-01T00:00:00Z".parse()?),
                body: request.username.unwrap_or_default(),
            }),
            _ => Err(LoginUserError::BadRequest),
        }
    }

    async fn logout_user(&self, _: &Context) -> Result<(), LogoutUserError> {
        Ok(())
    }

    async fn get_user_by_name(
        &self,
        _: &Context,
        request: GetUserByNameRequest,
    ) -> Result<User, GetUserByNameError> {
        let users = self.users.lock().unwrap();
        users
            .get(&request.username)
            .cloned()
            .ok_or(GetUserByNameError::NotFound)
    }

    async fn update_user(
        &self,
        _: &Context,
        request: UpdateUserRequest,
    ) -> Result<(), UpdateUserError> {
        let user = request.body.ok_or(UpdateUserError::BadRequest)?;
        let user = user.into_inner();
        let mut users = self.users.lock().unwrap();
        *users
            .get_mut(&request.username)
            .ok_or(UpdateUserError::NotFound)? = user;
        Ok(())
    }

    async fn delete_user(
        &self,
        _: &Context,
        request: DeleteUserRequest,
    ) -> Result<(), DeleteUserError> {
        let removed = self.users.lock().unwrap().remove(&request.username);
        removed.map(drop).ok_or(DeleteUserError::NotFound)
    }
}

async fn call(api: &Api, method: &str, path: &str, body: &str) -> Answer {
    let content_type = match path.contains("uploadImage") {
        true => "application/octet-stream",
        false => "application/json",
    };
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer good")
        .header("api_key", "good");
    if !body.is_empty() {
        request = request.header("content-type", content_type);
    }
    send(
        api.clone(),
        request.body(Body::from(body.to_owned())).unwrap(),
    )
    .await
}

#[tokio::test]
async fn every_operation() {
    let api = petstore::api(Store::default());
    let pet =
        r#"{"id":7,"name":"Ada","photoUrls":["a.png"],"tags":[{"name":"owl"}],"status":"sold"}"#;
    let order = r#"{"id":3,"petId":7,"quantity":1,"shipDate":"2026-10-01T08:00:00Z","status":"placed","complete":false}"#;
    let user = r#"{"username":"emma","email":"emma@a.example"}"#;
    let table = [
        ("POST", "/pet", pet, format!("200 {pet}")),
        ("PUT", "/pet", pet, format!("200 {pet}")),
        (
            "PUT",
            "/pet",
            r#"{"id":8,"name":"Bo","photoUrls":[]}"#,
            "404".to_owned(),
        ),
        (
            "GET",
            "/pet/findByStatus?status=sold",
            "",
            format!("200 [{pet}]"),
        ),
        (
            "GET",
            "/pet/findByStatus?status=pending",
            "",
            "200 []".to_owned(),
        ),
        (
            "GET",
            "/pet/findByTags?tags=cat&tags=owl",
            "",
            format!("200 [{pet}]"),
        ),
        ("GET", "/pet/7", "", format!("200 {pet}")),
        ("GET", "/pet/8", "", "404".to_owned()),
        (
            "GET",
            "/store/inventory",
            "",
            r#"200 {"sold":1}"#.to_owned(),
        ),
        ("POST", "/pet/7?name=Ada", "", format!("200 {pet}")),
        ("POST", "/pet/7", "", "400".to_owned()),
        (
            "POST",
            "/pet/7/uploadImage?additionalMetadata=png",
            "\u{1}23",
            r#"200 {"code":3,"type":"png"}"#.to_owned(),
        ),
        ("POST", "/pet/7/uploadImage", "", "400".to_owned()),
        ("DELETE", "/pet/7", "", "200".to_owned()),
        ("DELETE", "/pet/7", "", "410".to_owned()),
        ("POST", "/store/order", order, format!("200 {order}")),
        ("POST", "/store/order", "", "400".to_owned()),
        ("GET", "/store/order/3", "", format!("200 {order}")),
        ("DELETE", "/store/order/3", "", "200".to_owned()),
        ("DELETE", "/store/order/3", "", "404".to_owned()),
        ("POST", "/user", user, format!("200 {user}")),
        ("POST", "/user", "", "400".to_owned()),
        (
            "POST",
            "/user/createWithList",
            &format!("[{user}]"),
            format!("200 {user}"),
        ),
        (
            "GET",
            "/user/login?username=emma&password=good",
            "",
            r#"200 "emma""#.to_owned(),
        ),
        ("GET", "/user/login?username=emma", "", "400".to_owned()),
        ("GET", "/user/logout", "", "200".to_owned()),
        ("GET", "/user/emma", "", format!("200 {user}")),
        ("PUT", "/user/emma", user, "200".to_owned()),
        ("DELETE", "/user/emma", "", "200".to_owned()),
        ("GET", "/user/emma", "", "404".to_owned()),
    ];
    for (method, path, body, wanted) in table {
        let answer = call(&api, method, path, body).await;
        assert_eq!(answer.summary(), wanted, "{method} {path}");
    }
    let login = call(&api, "GET", "/user/login?password=good", "").await;
    assert_eq!(login.headers["x-rate-limit"], "5");
    assert_eq!(login.headers["x-expires-after"], "2026-10-01T00:00:00Z");
    assert_eq!(login.json(), json!(""));
}

#[tokio::test]
async fn every_operation_with_a_rule_refuses_a_violation() {
    let api = petstore::api(Store::default());
    let table = [
        (
            "PUT",
            "/pet",
            r#"{"id":"7"}"#,
            "body /id type, body /name required, body /photoUrls required",
        ),
        (
            "POST",
            "/pet",
            r#"{"name":"a","photoUrls":[1],"status":"lost"}"#,
            "body /photoUrls/0 type, body /status enum",
        ),
        (
            "GET",
            "/pet/findByStatus?status=lost",
            "",
            "query status enum",
        ),
        ("GET", "/pet/x", "", "path petId type"),
        (
            "POST",
            "/pet/x?name=a&name=b",
            "",
            "path petId type, query name repeated",
        ),
        ("DELETE", "/pet/1.5", "", "path petId type"),
        ("POST", "/pet/x/uploadImage", "a", "path petId type"),
        (
            "POST",
            "/store/order",
            r#"{"shipDate":"soon","quantity":2147483648}"#,
            "body /shipDate format, body /quantity unsupported_range",
        ),
        ("GET", "/store/order/x", "", "path orderId type"),
        ("DELETE", "/store/order/x", "", "path orderId type"),
        (
            "POST",
            "/user",
            r#"{"userStatus":"x"}"#,
            "body /userStatus type",
        ),
        (
            "POST",
            "/user/createWithList",
            r#"[{},{"id":"x"}]"#,
            "body /1/id type",
        ),
        (
            "GET",
            "/user/login?username=a&username=b",
            "",
            "query username repeated",
        ),
        ("PUT", "/user/emma", "[]", "body type"),
        ("GET", "/user/%FF", "", "path username encoding"),
        ("DELETE", "/user/%FF", "", "path username encoding"),
    ];
    for (method, path, body, wanted) in table {
        let answer = call(&api, method, path, body).await;
        assert_eq!(answer.summary(), format!("422 {wanted}"), "{method} {path}");
    }
    for path in [
        "/store/inventory",
        "/pet/7",
        "/pet/findByStatus?status=sold",
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(send(api.clone(), request).await.status, 401, "{path}");
    }
    let token = Request::get("/pet/7").header("authorization", "Bearer good");
    let answer = send(api, token.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (answer.status, &answer.headers["x-user"]),
        (404, &"token".parse().unwrap())
    );
}
