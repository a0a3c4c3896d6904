//! Names of a document that a client has itself, or that its code uses.

use specwright::{ApiKey, App, Context, Unexpected};

specwright::include_api!(pub mod client_names);

use client_names::{
    Client, DefaultApi, ErrorBodies, Foo, FooResponse, New, RangeResponse, Security, T, Transport,
    TransportError, TransportRequest, TransportRequestBody, TransportResponse,
};

struct Named;

impl Security for Named {
    type Principal = ();

    async fn default(
        &self,
        _: &Context,
        key: ApiKey,
        _: &[&str],
    ) -> Result<(), specwright::Denied> {
        match key.matches("good") {
            true => Ok(()),
            false => Err(specwright::Denied::unauthenticated()),
        }
    }

    async fn clone(&self, _: &Context, _: ApiKey, _: &[&str]) -> Result<(), specwright::Denied> {
        Err(specwright::Denied::unauthenticated())
    }

    async fn drop_(&self, _: &Context, key: ApiKey, _: &[&str]) -> Result<(), specwright::Denied> {
        match key.matches("dropped") {
            true => Ok(()),
            false => Err(specwright::Denied::unauthenticated()),
        }
    }
}

impl ErrorBodies for Named {
    fn new(&self, _: &specwright::Failure) -> New {
        New { size: Some(422) }
    }

    fn foo(&self, _: &specwright::Failure) -> Foo {
        Foo { foo: Some(500) }
    }
}

fn one(size: i64) -> Client {
    Client {
        t: T { size: Some(size) },
    }
}

impl DefaultApi for Named {
    async fn new(&self, _: &Context) -> Result<Client, Unexpected> {
        Ok(one(1))
    }

    async fn client(&self, _: &Context) -> Result<Client, Unexpected> {
        Ok(one(2))
    }

    async fn clone(&self, _: &Context) -> Result<Client, Unexpected> {
        Ok(one(3))
    }

    async fn credentials(&self, _: &Context, (): ()) -> Result<Client, Unexpected> {
        Ok(one(4))
    }

    async fn drop_(&self, _: &Context) -> Result<Client, Unexpected> {
        Ok(one(6))
    }

    async fn from_city(&self, _: &Context) -> Result<Client, Unexpected> {
        Ok(one(7))
    }

    async fn foo(
        &self,
        _: &Context,
        request: client_names::FooRequest,
    ) -> Result<FooResponse, Unexpected> {
        Ok(FooResponse {
            status: specwright::StatusCode::ACCEPTED,
            baz: request.quux,
            body: Foo { foo: Some(11) },
        })
    }

    async fn range(&self, _: &Context) -> Result<RangeResponse, Unexpected> {
        Ok(RangeResponse::Successful {
            status: specwright::StatusCode::CREATED,
            body: Foo { foo: Some(12) },
        })
    }

    async fn len(&self, _: &Context) -> Result<i64, Unexpected> {
        Ok(10)
    }

    async fn into_city(&self, _: &Context) -> Result<Client, Unexpected> {
        Ok(one(8))
    }

    async fn to_city_mut(&self, _: &Context) -> Result<Client, Unexpected> {
        Ok(one(9))
    }

    async fn transport(
        &self,
        _: &Context,
        request: TransportRequest,
    ) -> Result<TransportResponse, TransportError> {
        Ok(TransportResponse {
            answer: request.answer,
            body4: None,
            status5: request.self_,
            body: Transport { size: Some(5) },
        })
    }
}

#[tokio::test]
async fn operations_and_schemas_may_be_called_as_parts_of_clients() {
    let service = App::new(client_names::api(Named)).into_service().unwrap();
    let mut client = client_names::client(&service);
    assert_eq!(client.new().await.unwrap(), one(1));
    assert_eq!(client.client().await.unwrap(), one(2));
    assert_eq!(client.clone().await.unwrap(), one(3));
    client.credentials = client_names::client::ClientCredentials::default(ApiKey::new("good"));
    assert_eq!(client.credentials().await.unwrap(), one(4));
    client.credentials = client_names::client::ClientCredentials::drop(ApiKey::new("dropped"));
    assert_eq!(client.credentials().await.unwrap(), one(4));
    assert_eq!(client.drop_().await.unwrap(), one(6));
    assert_eq!(client.from_city().await.unwrap(), one(7));
    let request = client_names::FooRequest { quux: Some(13) };
    let answer = client.foo(request).await.unwrap();
    let foo = (answer.status.as_u16(), answer.baz, answer.body.foo);
    assert_eq!(foo, (202, Some(13), Some(11)));
    assert!(matches!(
        client.range().await.unwrap(),
        RangeResponse::Successful {
            status: specwright::StatusCode::CREATED,
            body: Foo { foo: Some(12) }
        }
    ));
    assert_eq!(client.len().await.unwrap(), 10);
    assert_eq!(client.into_city().await.unwrap(), one(8));
    assert_eq!(client.to_city_mut().await.unwrap(), one(9));
    let request = TransportRequest {
        request: "a".to_owned(),
        write: "b".to_owned(),
        answer: "c".to_owned(),
        self_: Some("d".to_owned()),
        body: TransportRequestBody::Text("e".to_owned()),
    };
    let answer = client.transport(request).await.unwrap();
    assert_eq!((answer.answer.as_str(), answer.body.size), ("c", Some(5)));
}
