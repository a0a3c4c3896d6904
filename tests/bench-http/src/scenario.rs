//! The requests that every server answers, and what a right answer looks like.

use serde_json::Value;

use crate::Error;

const ORDER: &str = include_str!("../../bench/order.json");
const BAD: &str = include_str!("../../bench/bad.json");
const BULK: &str = include_str!("../../bench/bulk.json");

/// One request, sent over and over.
pub(crate) struct Scenario {
    /// The name of its column.
    pub(crate) name: &'static str,
    method: &'static str,
    target: &'static str,
    body: Option<&'static str>,
    /// The status of a right answer.
    pub(crate) status: u16,
    /// Whether the body of an answer is what the contract asks for.
    pub(crate) is_right: fn(&Value) -> bool,
    /// Connections of the load generator.
    pub(crate) connections: usize,
    /// The two numbers of requests whose difference gives the instructions of one.
    pub(crate) counts: (u32, u32),
}

impl Scenario {
    /// All scenarios, in the order of the columns.
    pub(crate) const ALL: &[Self] = &[
        Self {
            name: "health",
            method: "GET",
            target: "/health",
            body: None,
            status: 200,
            is_right: |answer| answer["status"] == "ok",
            connections: 32,
            counts: (300, 1300),
        },
        Self {
            name: "by-id",
            method: "GET",
            target: "/orders/11111111-1111-4111-8111-111111111107",
            body: None,
            status: 200,
            is_right: |answer| {
                answer["id"] == "11111111-1111-4111-8111-111111111107"
                    && length(answer, "items") == 10
            },
            connections: 32,
            counts: (300, 1300),
        },
        Self {
            name: "list",
            method: "GET",
            target: "/orders?status=pending&limit=10&offset=5&tag=web",
            body: None,
            status: 200,
            is_right: |answer| answer["total"] == 20 && length(answer, "items") == 10,
            connections: 32,
            counts: (300, 1300),
        },
        Self {
            name: "post",
            method: "POST",
            target: "/orders",
            body: Some(ORDER),
            status: 201,
            is_right: |answer| answer["status"] == "pending" && length(answer, "items") == 10,
            connections: 32,
            counts: (300, 1300),
        },
        Self {
            name: "faulty-post",
            method: "POST",
            target: "/orders",
            body: Some(BAD),
            status: 422,
            is_right: |answer| length(answer, "errors") == 5,
            connections: 32,
            counts: (300, 1300),
        },
        Self {
            name: "bulk",
            method: "POST",
            target: "/orders/bulk",
            body: Some(BULK),
            status: 201,
            is_right: |answer| answer["accepted"] == 100 && length(answer, "ids") == 100,
            connections: 8,
            counts: (30, 130),
        },
    ];

    /// Finds a scenario by the name of its column.
    pub(crate) fn named(name: &str) -> Result<&'static Self, Error> {
        Self::ALL
            .iter()
            .find(|scenario| scenario.name == name)
            .ok_or_else(|| format!("no scenario is called `{name}`").into())
    }

    /// Spells the request as HTTP/1.1 for a connection that stays open.
    pub(crate) fn request(&self) -> Vec<u8> {
        let Self { method, target, .. } = self;
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        );
        match self.body {
            None => format!("{head}\r\n"),
            Some(body) => {
                let length = body.len();
                format!(
                    "{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
                )
            }
        }
        .into_bytes()
    }
}

fn length(answer: &Value, member: &str) -> usize {
    answer[member].as_array().map_or(0, Vec::len)
}
