//! Names of a document that a client has itself, or that its code uses.

use specwright::{ApiKey, App, Context, Unexpected};

specwright::include_api!(
    #[allow(
        clippy::new_ret_no_self,
        clippy::wrong_self_convention,
        reason = "the document has an operation `new`"
    )]
    pub mod client_names
);

use client_names::{
    Client, DefaultApi, Security, T, Transport, TransportError, TransportRequest,
    TransportRequestBody, TransportResponse,
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
