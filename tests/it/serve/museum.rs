//! The museum of the corpus, a document of version 3.1: every operation, valid and not.

use std::sync::Mutex;

use serde_json::json;
use specwright::axum::body::Body;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::{Basic, Context, Denied};

use super::request::{Answer, send};

specwright::include_api!(pub mod museum);

use museum::{
    BuyMuseumTicketsError, BuyMuseumTicketsRequest, CreateSpecialEventError,
    CreateSpecialEventRequest, DeleteSpecialEventError, DeleteSpecialEventRequest, Error,
    GetMuseumHoursError, GetMuseumHoursRequest, GetSpecialEventError, GetSpecialEventRequest,
    GetTicketCodeError, GetTicketCodeRequest, ListSpecialEventsError, ListSpecialEventsRequest,
    MuseumDailyHours, MuseumHours, MuseumTicketsConfirmation, NotFound, SpecialEvent,
    SpecialEventCollection, Unauthorized, UpdateSpecialEventError, UpdateSpecialEventRequest,
};

const ID: &str = "0b5ae1a4-63a1-4a3c-8f0e-6f3f4f9d2b10";

#[derive(Default)]
struct Museum {
    events: Mutex<Vec<SpecialEvent>>,
}

fn missing() -> NotFound {
    NotFound(Error {
        r#type: None,
        title: Some("no such event".to_owned()),
    })
}

impl museum::Security for Museum {
    type Principal = String;

    async fn museum_placeholder_auth(
        &self,
        _: &Context,
        basic: Basic,
        _: &[&str],
    ) -> Result<String, Denied> {
        match basic.password() {
            "good" => Ok(basic.username().to_owned()),
            _ => Err(Denied::unauthenticated()),
        }
    }
}

impl museum::OperationsApi for Museum {
    async fn get_museum_hours(
        &self,
        _: &Context,
        _: String,
        request: GetMuseumHoursRequest,
    ) -> Result<MuseumHours, GetMuseumHoursError> {
        let start = request.start_date.unwrap_or_default();
        let days = (0..request.limit).map(|day| start + jiff::ToSpan::days(day));
        Ok(days
            .map(|date| MuseumDailyHours {
                date,
                time_open: "09:00".to_owned(),
                // The hour of the document's pattern; what breaks it is never sent.
                time_close: if request.page == 9 { "25:00" } else { "18:00" }.to_owned(),
            })
            .collect())
    }
}

impl museum::EventsApi for Museum {
    async fn create_special_event(
        &self,
        _: &Context,
        _: String,
        request: CreateSpecialEventRequest,
    ) -> Result<SpecialEvent, CreateSpecialEventError> {
        let event = SpecialEvent {
            event_id: Some(ID.parse()?),
            ..request.body
        };
        self.events.lock().unwrap().push(event.clone());
        Ok(event)
    }

    async fn list_special_events(
        &self,
        _: &Context,
        _: String,
        request: ListSpecialEventsRequest,
    ) -> Result<SpecialEventCollection, ListSpecialEventsError> {
        let limit = usize::try_from(request.limit)?;
        let events = self.events.lock().unwrap();
        Ok(events.iter().take(limit).cloned().collect())
    }

    async fn get_special_event(
        &self,
        _: &Context,
        _: String,
        request: GetSpecialEventRequest,
    ) -> Result<SpecialEvent, GetSpecialEventError> {
        let events = self.events.lock().unwrap();
        let found = events
            .iter()
            .find(|it| it.event_id == Some(request.event_id));
        Ok(found.cloned().ok_or_else(missing)?)
    }

    async fn update_special_event(
        &self,
        _: &Context,
        _: String,
        request: UpdateSpecialEventRequest,
    ) -> Result<SpecialEvent, UpdateSpecialEventError> {
        let mut events = self.events.lock().unwrap();
        let found = events
            .iter_mut()
            .find(|it| it.event_id == Some(request.event_id));
        let event = found.ok_or_else(missing)?;
        if let Some(price) = request.body.price {
            event.price = price;
        }
        Ok(event.clone())
    }

    async fn delete_special_event(
        &self,
        _: &Context,
        user: String,
        request: DeleteSpecialEventRequest,
    ) -> Result<(), DeleteSpecialEventError> {
        if user != "curator" {
            return Err(Unauthorized(Error {
                r#type: None,
                title: None,
            })
            .into());
        }
        let mut events = self.events.lock().unwrap();
        let before = events.len();
        events.retain(|it| it.event_id != Some(request.event_id));
        match before == events.len() {
            true => Err(missing().into()),
            false => Ok(()),
        }
    }
}

impl museum::TicketsApi for Museum {
    async fn buy_museum_tickets(
        &self,
        _: &Context,
        user: String,
        request: BuyMuseumTicketsRequest,
    ) -> Result<MuseumTicketsConfirmation, BuyMuseumTicketsError> {
        let ticket = request.body;
        Ok(MuseumTicketsConfirmation {
            ticket_id: Some(ID.parse()?),
            ticket_date: ticket.ticket_date,
            ticket_type: ticket.ticket_type,
            event_id: ticket.event_id,
            message: format!("Welcome, {user}"),
            confirmation_code: ticket.email.map(String::from).unwrap_or_default(),
        })
    }

    async fn get_ticket_code(
        &self,
        _: &Context,
        _: String,
        request: GetTicketCodeRequest,
    ) -> Result<Bytes, GetTicketCodeError> {
        Ok(request.ticket_id.as_bytes().to_vec().into())
    }
}

/// Calls as `curator:good`.
async fn call(api: &specwright::Api, method: &str, path: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Basic Y3VyYXRvcjpnb29k")
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()));
    send(api.clone(), request.unwrap()).await
}

const EVENT: &str = r#"{"name":"Night of owls","location":"Tower","eventDescription":"Bring a lamp.","dates":["2026-10-01"],"price":12.5}"#;

#[tokio::test]
async fn every_operation() {
    let api = museum::api(Museum::default());
    let hours = call(
        &api,
        "GET",
        "/museum-hours?startDate=2026-10-01&limit=2",
        "",
    )
    .await;
    assert_eq!(
        hours.json(),
        json!([
            {"date": "2026-10-01", "timeOpen": "09:00", "timeClose": "18:00"},
            {"date": "2026-10-02", "timeOpen": "09:00", "timeClose": "18:00"},
        ])
    );

    let created = call(&api, "POST", "/special-events", EVENT).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json()["eventId"], ID);
    let event = format!("/special-events/{ID}");
    let updated = call(&api, "PATCH", &event, r#"{"price":7}"#).await;
    assert_eq!(
        (updated.status, &updated.json()["price"]),
        (200, &json!(7.0))
    );
    assert_eq!(call(&api, "GET", &event, "").await.json(), updated.json());
    let listed = call(&api, "GET", "/special-events?limit=5", "").await;
    assert_eq!(listed.json(), json!([updated.json()]));
    let deleted = call(&api, "DELETE", &event, "").await;
    assert_eq!((deleted.status, deleted.text()), (204, ""));
    for method in ["GET", "DELETE"] {
        let gone = call(&api, method, &event, "").await;
        assert_eq!(gone.status, 404);
        assert_eq!(gone.json(), json!({"title": "no such event"}));
    }

    let ticket = r#"{"email":"owl@a.example","ticketDate":"2026-10-01","ticketType":"general"}"#;
    let bought = call(&api, "POST", "/tickets", ticket).await;
    assert_eq!(bought.status, 201);
    assert_eq!(bought.json()["confirmationCode"], "owl@a.example");
    let code = call(&api, "GET", &format!("/tickets/{ID}/qr"), "").await;
    assert_eq!((code.status, code.body.len()), (200, 16));
    assert_eq!(code.headers["content-type"], "image/png");
}

#[tokio::test]
async fn every_operation_refuses_a_violation() {
    let api = museum::api(Museum::default());
    let table = [
        (
            "GET",
            "/museum-hours?limit=x&startDate=soon",
            "",
            "query startDate format, query limit type",
        ),
        (
            "POST",
            "/special-events",
            r#"{"name":1,"dates":["x"],"price":"7"}"#,
            "body /name type, body /dates/0 format, body /price type, body /location required, body /eventDescription required",
        ),
        (
            "GET",
            "/special-events?endDate=x",
            "",
            "query endDate format",
        ),
        ("GET", "/special-events/1", "", "path eventId format"),
        (
            "PATCH",
            "/special-events/1",
            r#"{"price":null}"#,
            "path eventId format, body /price type",
        ),
        ("DELETE", "/special-events/1", "", "path eventId format"),
        (
            "POST",
            "/tickets",
            r#"{"email":"x","ticketType":"other"}"#,
            "body /email format, body /ticketType enum, body /ticketDate required",
        ),
        ("GET", "/tickets/1/qr", "", "path ticketId format"),
    ];
    for (method, path, body, wanted) in table {
        let answer = call(&api, method, path, body).await;
        assert_eq!(answer.summary(), format!("422 {wanted}"), "{method} {path}");
    }
    let wrong = call(&api, "GET", "/museum-hours?page=9&limit=1", "").await;
    assert_eq!(wrong.status, 500);
    let request = Request::get("/museum-hours").body(Body::empty()).unwrap();
    assert_eq!(send(api, request).await.status, 401);
}
