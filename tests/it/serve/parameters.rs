//! Parameters in every place: scalars, and arrays in their default style and not exploded.

use specwright::axum::body::Body;
use specwright::http::Request;
use specwright::http::request::Builder;
use specwright::{Api, Context, Unexpected};

use super::Echo;
use super::request::send;

specwright::include_api!(pub mod path_parameters);
specwright::include_api!(pub mod query_parameters);
specwright::include_api!(pub mod header_parameters);

impl path_parameters::DefaultApi for Echo {
    async fn read(
        &self,
        _: &Context,
        request: path_parameters::ReadRequest,
    ) -> Result<Vec<String>, Unexpected> {
        let path_parameters::ReadRequest { word, number, list } = request;
        Ok(vec![word, number.to_string(), format!("{list:?}")])
    }
}

impl query_parameters::DefaultApi for Echo {
    async fn read(
        &self,
        _: &Context,
        request: query_parameters::ReadRequest,
    ) -> Result<String, Unexpected> {
        let mut read = vec![format!("q={}", request.q)];
        read.push(format!("limit={}", request.limit));
        read.extend(request.ratio.map(|it| format!("ratio={it:?}")));
        read.extend(request.flag.map(|it| format!("flag={it}")));
        read.extend(request.id.map(|it| format!("id={it}")));
        read.push(format!("sort={}", request.sort));
        read.extend(request.tag.map(|it| format!("tag={it:?}")));
        read.extend(request.day.map(|it| format!("day={it:?}")));
        read.extend(request.a_b.map(|it| format!("a_b={it}")));
        read.extend(request.free.map(|it| format!("free={it:?}")));
        Ok(read.join(" "))
    }
}

impl header_parameters::DefaultApi for Echo {
    async fn read(
        &self,
        _: &Context,
        request: header_parameters::ReadRequest,
    ) -> Result<Vec<String>, Unexpected> {
        Ok(vec![
            request.x_trace,
            request.x_count.to_string(),
            format!("{:?}", request.x_ids),
            format!("{:?} {:?}", request.session, request.visits),
            format!("{:?}", request.ids),
        ])
    }
}

/// Compares the answer to each request with its summary.
pub(super) async fn each(api: Api, table: Vec<(Builder, &str)>) {
    for (request, wanted) in table {
        let shown = format!("{request:?}");
        let answer = send(api.clone(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.summary(), wanted, "{shown}");
    }
}

#[tokio::test]
async fn parameters_of_the_path() {
    let table = [
        ("/a/1/1,2", r#"200 ["a","1","[1, 2]"]"#),
        ("/a%20b/0/5", r#"200 ["a b","0","[5]"]"#),
        ("/a%2Fb/0/5", r#"200 ["a/b","0","[5]"]"#),
        ("/a+b/0/5", r#"200 ["a+b","0","[5]"]"#),
        ("/%C3%A9/-0/-5,7", r#"200 ["é","0","[-5, 7]"]"#),
        (
            "/abcdef/-1/1",
            "422 path word maxLength, path number minimum",
        ),
        ("/a/1.0/1", "422 path number type"),
        ("/a/%2B1/1", "422 path number type"),
        ("/a/1e2/1", "422 path number type"),
        ("/a/1/1,x,3", "422 path list /1 type"),
        ("/a/1/1,2,3,4", "422 path list maxItems"),
        ("/%FF/1/1", "422 path word encoding"),
        (
            "/a/99999999999999999999/1",
            "422 path number unsupported_range",
        ),
        // A comma that is encoded separates nothing.
        ("/a/1/1%2C2", "422 path list /0 type"),
        ("/a//1", "404"),
        ("/a/1", "404"),
    ];
    let table = table.map(|(path, wanted)| (Request::get(path), wanted));
    each(path_parameters::api(Echo), table.into()).await;
}

#[tokio::test]
async fn parameters_of_the_query() {
    let table = [
        ("q=a", "200 q=a limit=20 sort=asc"),
        ("q=a%20b+c%2Bd", "200 q=a b c+d limit=20 sort=asc"),
        ("q=%C3%A9&unknown=1", "200 q=é limit=20 sort=asc"),
        (
            "q=a&limit=100&ratio=1e-1&flag=true",
            "200 q=a limit=100 ratio=0.1 flag=true sort=asc",
        ),
        ("q=a&sort=a+b", "200 q=a limit=20 sort=a b"),
        (
            "q=a&tag=x,y&tag=z",
            r#"200 q=a limit=20 sort=asc tag=["x,y", "z"]"#,
        ),
        ("q=a&tag=x", r#"200 q=a limit=20 sort=asc tag=["x"]"#),
        (
            "q=a&day=2024-01-01,2024-01-02",
            "200 q=a limit=20 sort=asc day=[2024-01-01, 2024-01-02]",
        ),
        ("q=a&a%5Bb%5D=1", "200 q=a limit=20 sort=asc a_b=1"),
        ("q=a&a[b]=1", "200 q=a limit=20 sort=asc a_b=1"),
        ("q=a&free=", r#"200 q=a limit=20 sort=asc free="""#),
        ("q=a&free", r#"200 q=a limit=20 sort=asc free="""#),
        ("", "422 query q required"),
        ("q=", "422 query q minLength"),
        ("q=a&q=b", "422 query q repeated"),
        (
            "q=a&limit=101&ratio=x&flag=1&id=7&sort=up",
            "422 query limit maximum, query ratio type, query flag type, query id format, query sort enum",
        ),
        ("q=a&limit=", "422 query limit type"),
        ("q=a&limit=1.0", "422 query limit type"),
        ("q=a&limit=1&limit=2", "422 query limit repeated"),
        ("q=a&tag=x&tag=x", "422 query tag uniqueItems"),
        (
            "q=a&tag=1&tag=2&tag=3&tag=",
            "422 query tag maxItems, query tag /3 minLength",
        ),
        ("q=a&day=2024-01-01,x", "422 query day /1 format"),
        ("q=%zz", "422 query q encoding"),
        ("q=%FF", "422 query q encoding"),
    ];
    for (query, wanted) in table {
        let request = Request::get(format!("/?{query}"));
        each(query_parameters::api(Echo), vec![(request, wanted)]).await;
    }
}

#[tokio::test]
async fn parameters_in_headers_and_cookies() {
    let with = |headers: &[(&str, &str)]| {
        headers
            .iter()
            .fold(Request::get("/"), |request, (name, value)| {
                request.header(*name, *value)
            })
    };
    let table = vec![
        (
            with(&[("x-trace", "a")]),
            r#"200 ["a","1","None","None None","None"]"#,
        ),
        (
            with(&[("X-TRACE", "a"), ("X-Count", "2"), ("x-ids", "1, 2,3")]),
            r#"200 ["a","2","Some([1, 2, 3])","None None","None"]"#,
        ),
        (
            with(&[("x-trace", "a"), ("x-ids", "1"), ("x-ids", "2")]),
            r#"200 ["a","1","Some([1, 2])","None None","None"]"#,
        ),
        (
            with(&[
                ("x-trace", "a"),
                ("cookie", "session=abc; visits=3; ids=1,2"),
            ]),
            r#"200 ["a","1","None","Some(\"abc\") Some(3)","Some([1, 2])"]"#,
        ),
        (with(&[]), "422 header X-Trace required"),
        (
            with(&[("x-trace", "A"), ("x-count", "0"), ("x-ids", "1,2,x,4")]),
            "422 header X-Trace pattern, header x-count minimum, header X-Ids maxItems, header X-Ids /2 type",
        ),
        // Nothing says which characters octets beyond ASCII are (RFC 9110, section 5.5).
        (
            with(&[("x-trace", "\u{e9}"), ("x-ids", "1,\u{e9}")]),
            "422 header X-Trace encoding, header X-Ids encoding",
        ),
        (
            with(&[("x-trace", "a"), ("x-count", "1"), ("x-count", "2")]),
            "422 header x-count repeated",
        ),
        (
            with(&[
                ("x-trace", "a"),
                ("cookie", "session=ab; visits=x; ids=1,y"),
            ]),
            "422 cookie session minLength, cookie visits type, cookie ids /1 type",
        ),
    ];
    each(header_parameters::api(Echo), table).await;
}
