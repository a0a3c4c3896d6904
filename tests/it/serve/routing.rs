//! Which operation a path leads to, where several templates look alike.

use specwright::axum::body::Body;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::{Context, Unexpected};

use super::Echo;
use super::request::{Answer, send};

specwright::include_api!(pub mod routing);

type Answered = Result<Bytes, Unexpected>;

fn say(text: String) -> Answered {
    Ok(text.into())
}

impl routing::DefaultApi for Echo {
    async fn post_bulk(&self, _: &Context) -> Answered {
        say("bulk".to_owned())
    }

    async fn read_order(&self, _: &Context, it: routing::ReadOrderRequest) -> Answered {
        say(format!("order {}", it.order_id))
    }

    async fn put_order(&self, _: &Context, it: routing::PutOrderRequest) -> Answered {
        say(format!("put {}", it.order_id))
    }

    async fn read_line(&self, _: &Context, it: routing::ReadLineRequest) -> Answered {
        say(format!("line {} {}", it.id, it.line))
    }

    async fn last_line(&self, _: &Context) -> Answered {
        say("last".to_owned())
    }

    async fn cancel(&self, _: &Context, it: routing::CancelRequest) -> Answered {
        say(format!("cancel {}", it.id))
    }

    async fn pair(&self, _: &Context, it: routing::PairRequest) -> Answered {
        say(format!("pair {} {}", it.a, it.b))
    }

    async fn report(&self, _: &Context, it: routing::ReportRequest) -> Answered {
        say(format!("report {}", it.format))
    }

    async fn report_head(
        &self,
        _: &Context,
        _: routing::ReportHeadRequest,
    ) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn report_options(&self, _: &Context, it: routing::ReportOptionsRequest) -> Answered {
        say(format!("options {}", it.format))
    }

    async fn search(&self, _: &Context, it: routing::SearchRequest) -> Answered {
        say(format!("search {}", it.body))
    }

    async fn copy_search(&self, _: &Context) -> Answered {
        say("copy".to_owned())
    }

    async fn link_search(&self, _: &Context) -> Answered {
        say("link".to_owned())
    }

    async fn only(&self, _: &Context, it: routing::OnlyRequest) -> Answered {
        say(format!("only {}", it.only))
    }
}

async fn ask(request: &str) -> Answer {
    let (method, path) = request.split_once(' ').unwrap();
    // There is no `Host` in any of these.
    let request = Request::builder().method(method).uri(path);
    send(routing::api(Echo), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_most_concrete_template_answers() {
    for (request, wanted) in [
        ("POST /orders/bulk", "200 bulk"),
        ("GET /orders/bulky", "200 order bulky"),
        ("GET /orders/a%2Fb", "200 order a/b"),
        ("PUT /orders/%62ulk", "200 put bulk"),
        ("GET /orders/7/lines/1", "200 line 7 1"),
        ("GET /orders/7/lines/last", "422 path line type"),
        // A static segment does not bind what follows it.
        ("GET /orders/bulk/lines/1", "200 line bulk 1"),
        ("GET /orders/bulk/lines/last", "200 last"),
        ("POST /orders/7:cancel", "200 cancel 7"),
        ("POST /orders/a:b:cancel", "200 cancel a:b"),
        ("GET /orders/:cancel", "200 order :cancel"),
        ("GET /a.b", "200 pair a b"),
        ("GET /a.b.c", "200 pair a b.c"),
        ("GET /.b", "200 only .b"),
        ("GET /report.csv", "200 report csv"),
        ("GET /report.pdf", "422 path format enum"),
        ("GET /reports", "200 only reports"),
        ("HEAD /report.csv", "204"),
        ("OPTIONS /report.csv", "200 options csv"),
        ("GET /orders/", "404"),
        ("GET /orders//lines/1", "404"),
        ("GET /", "404"),
    ] {
        assert_eq!(ask(request).await.summary(), wanted, "{request}");
    }
}

/// The template is found first; what it does not declare is refused, though another template would take the path.
#[tokio::test]
async fn methods_are_those_of_the_template_that_was_found() {
    for (request, allow) in [
        ("GET /orders/bulk", "POST, OPTIONS"),
        ("DELETE /orders/7", "GET, HEAD, PUT, OPTIONS"),
        ("GET /orders/7:cancel", "POST, OPTIONS"),
        ("POST /report.csv", "GET, HEAD, OPTIONS"),
        ("POST /a.b", "GET, HEAD, OPTIONS"),
        ("POST /orders/bulk/lines/last", "GET, HEAD, OPTIONS"),
    ] {
        let answer = ask(request).await;
        assert_eq!(answer.status, 405, "{request}");
        assert_eq!(answer.headers["allow"], allow, "{request}");
        let (_, path) = request.split_once(' ').unwrap();
        if path != "/report.csv" {
            let options = ask(&format!("OPTIONS {path}")).await;
            assert_eq!(
                (options.status, &options.headers["allow"]),
                (204, &answer.headers["allow"])
            );
        }
    }
    let head = ask("HEAD /orders/7").await;
    assert_eq!((head.status, &*head.body), (200, &b""[..]));
    assert_eq!(head.headers["content-length"], "7");
}

/// OAS 3.2, Path Item Object: `query` is one more method with a body, and `additionalOperations` has all others, which are
/// told apart by case (RFC 9110, section 9.1).
#[tokio::test]
async fn methods_that_are_less_known() {
    for (request, wanted) in [
        ("COPY /search", "200 copy"),
        ("link /search", "200 link"),
        ("LINK /search", "405"),
        ("copy /search", "405"),
        ("GET /search", "405"),
        ("HEAD /search", "405"),
        ("OPTIONS /search", "204"),
        ("QUERY /search", "400"),
        ("QUERY /searches", "405"),
    ] {
        assert_eq!(ask(request).await.summary(), wanted, "{request}");
    }
    let allow = &ask("GET /search").await.headers["allow"];
    assert_eq!(allow, "QUERY, COPY, link, OPTIONS");
    for (body, wanted) in [
        ("cats", "200 search cats"),
        ("cats and dogs", "422 body maxLength"),
    ] {
        let request = Request::builder()
            .method("QUERY")
            .uri("/search")
            .header("content-type", "text/plain");
        let request = request.body(Body::from(body)).unwrap();
        let answer = send(routing::api(Echo), request).await;
        assert_eq!(answer.summary(), wanted, "{body}");
    }
}
