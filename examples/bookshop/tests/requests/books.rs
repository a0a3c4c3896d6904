//! The catalogue: searching, adding, changing, removing.

use serde_json::{Value, json};
use specwright::axum::body::Body;
use specwright::http::Request;

use crate::client::{Client, EDITOR, INTERN, LAMP, MARA, builder};

/// A book that the shop does not have yet, with what has to be said.
pub(crate) fn new_book() -> Value {
    json!({
        "isbn": "9780306406157",
        "title": "The Salt Path Home",
        "authors": [{"name": "Ines Varga"}, {"name": "Tom Hale", "role": "editor"}],
        "language": "en",
        "category": "novels",
        "tags": ["sea"],
        "editions": [
            {"format": "hardcover", "sku": "HC-20417", "price": 24.9, "stock": 5, "pages": 288},
            {"format": "audiobook", "sku": "AB-20417", "price": 17.5, "narrator": "Ada Moreau", "playing_time": "PT6H20M"},
        ],
        "attributes": {},
        "purchase_price": 7.1,
    })
}

/// An order of one line.
pub(crate) fn place(sku: &str, quantity: i32) -> Value {
    json!({
        "lines": [{"sku": sku, "quantity": quantity}],
        "ship_to": {"name": "Mara Lind", "street": "Quay 7", "city": "Bergen", "country": "NO"},
        "payment": {"method": "card", "card_token": "tok_4242"},
    })
}

fn titles(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|book| book["title"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_say_where_the_next_is() {
    let shop = Client::new().await;
    let links = |answer: &crate::client::Answer| -> Vec<String> {
        let links = answer.headers.get_all("link").iter();
        links.map(|it| it.to_str().unwrap().to_owned()).collect()
    };
    let first = shop.get("/books?per_page=2&tag=sea&sort=title").await;
    assert_eq!(
        links(&first),
        ["</books?per_page=2&tag=sea&sort=title&page=2>; rel=\"next\""]
    );
    let all = shop.get("/books").await;
    assert!(links(&all).is_empty());
    let second = shop.get("/books?page=2&per_page=2").await;
    assert_eq!(
        links(&second),
        [
            "</books?per_page=2&page=1>; rel=\"prev\"",
            "</books?per_page=2&page=3>; rel=\"next\""
        ]
    );
    assert_eq!(second.json(200)["page"], 2);
}

#[tokio::test]
async fn the_first_page_needs_no_parameters() {
    let shop = Client::new().await;
    let answer = shop.get("/books").await;
    let page = answer.json(200);
    assert_eq!(answer.headers["x-total-count"], "6");
    assert_eq!((&page["page"], &page["per_page"]), (&json!(1), &json!(20)));
    assert_eq!(page["total"], 6);
    assert_eq!(titles(&page)[0], "A Short Walk to Anywhere");
    assert_eq!(
        page["items"][0]["price_from"],
        json!({"amount": 16.50, "currency": "EUR"})
    );
    assert_eq!(page["items"][0]["rating"], Value::Null);
}

#[tokio::test]
async fn searches_narrow_the_list() {
    let shop = Client::new().await;
    for (query, expected) in [
        ("q=VARGA", &["The Lamp at Gull Point"][..]),
        ("tag=sea&tag=crime", &["Night Ferry"]),
        (
            "format=hardcover,audiobook&max_price=9",
            &["Night Ferry", "The Lamp at Gull Point"],
        ),
        (
            "category=fiction&sort=dearest",
            &["The Lamp at Gull Point", "Night Ferry"],
        ),
        (
            "category=fiction&in_print=true",
            &["The Lamp at Gull Point"],
        ),
        ("category=no-such-shelf", &[]),
        (
            "sort=cheapest&per_page=2&page=2",
            &["A Short Walk to Anywhere", "Salt and Timber"],
        ),
        ("sort=newest&per_page=1", &["Night Ferry"]),
    ] {
        let page = shop.get(&format!("/books?{query}")).await.json(200);
        assert_eq!(titles(&page), expected, "{query}");
    }
}

#[tokio::test]
async fn a_cookie_chooses_the_currency() {
    let shop = Client::new().await;
    let answer = shop
        .bare(
            "GET",
            "/books?q=ferry",
            &[("cookie", "theme=dark; currency=USD")],
        )
        .await;
    let page = answer.json(200);
    assert_eq!(
        page["items"][0]["price_from"],
        json!({"amount": 8.61, "currency": "USD"})
    );
}

#[tokio::test]
async fn a_new_book_is_answered_with_where_it_is() {
    let shop = Client::new().await;
    let answer = shop.json("POST", "/books", &[EDITOR], new_book()).await;
    let book = answer.json(201);
    let location = answer.headers["location"].to_str().unwrap();
    assert_eq!(location, format!("/books/{}", book["id"].as_str().unwrap()));
    assert_eq!(answer.headers["etag"], "\"1\"");
    // Defaults stand where nothing was said.
    assert_eq!(book["authors"][0]["role"], "author");
    assert_eq!(book["authors"][1]["role"], "editor");
    assert_eq!(book["editions"][0]["has_dust_jacket"], true);
    // What is writeOnly stays in.
    assert!(!answer.text().contains("purchase_price"));
    let again = shop.get(location).await;
    assert_eq!(again.json(200), book);
    assert!(!again.text().contains("purchase_price"));
}

#[tokio::test]
async fn members_that_only_the_server_sets_are_ignored() {
    let shop = Client::new().await;
    let mut book = new_book();
    book["id"] = json!("0b5e7a10-0000-4000-8000-000000000001");
    book["created_at"] = json!("yesterday");
    let created = shop.json("POST", "/books", &[EDITOR], book).await.json(201);
    assert_ne!(created["id"], "0b5e7a10-0000-4000-8000-000000000001");
    assert!(created["created_at"].as_str().unwrap().starts_with("20"));
}

#[tokio::test]
async fn a_dry_run_keeps_nothing() {
    let shop = Client::new().await;
    let answer = shop
        .json("POST", "/books?dry_run=true", &[EDITOR], new_book())
        .await;
    answer.json(201);
    shop.get(answer.headers["location"].to_str().unwrap())
        .await
        .problem(404);
}

#[tokio::test]
async fn a_book_that_does_not_fit_is_a_conflict() {
    let shop = Client::new().await;
    for (pointer, value) in [
        ("/isbn", "9780001040007"),
        ("/category", "cookery"),
        ("/editions/0/sku", "HC-10001"),
        ("/editions/0/sku", "AB-20417"),
    ] {
        let mut book = new_book();
        *book.pointer_mut(pointer).unwrap() = json!(value);
        let problem = shop
            .json("POST", "/books", &[EDITOR], book)
            .await
            .problem(409);
        assert!(problem["detail"].as_str().unwrap().contains(value));
    }
    assert_eq!(shop.get("/books").await.json(200)["total"], 6);
}

#[tokio::test]
async fn some_keys_may_read_only() {
    let shop = Client::new().await;
    shop.json("POST", "/books", &[INTERN], new_book())
        .await
        .problem(403);
    shop.bare("DELETE", LAMP, &[INTERN]).await.problem(403);
    shop.bare("GET", "/orders", &[INTERN]).await.json(200);
}

#[tokio::test]
async fn a_copy_at_hand_is_not_sent_again() {
    let shop = Client::new().await;
    let first = shop.get(LAMP).await;
    let etag = first.headers["etag"].to_str().unwrap();
    let again = shop.bare("GET", LAMP, &[("if-none-match", etag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = shop.bare("GET", LAMP, &[("if-none-match", "\"0\"")]).await;
    assert_eq!(other.json(200), first.json(200));
}

#[tokio::test]
async fn a_change_tells_null_from_absent() {
    let shop = Client::new().await;
    let before = shop.get(LAMP).await.json(200);
    let answer = shop
        .json(
            "PATCH",
            LAMP,
            &[EDITOR, ("if-match", "\"1\"")],
            json!({"subtitle": null, "tags": ["lighthouse"], "published_on": "1998-03-13"}),
        )
        .await;
    let after = answer.json(200);
    assert_eq!(answer.headers["etag"], "\"2\"");
    assert_eq!(after["subtitle"], Value::Null);
    assert_eq!(after["blurb"], before["blurb"]);
    assert!(before["blurb"].is_string());
    assert_eq!(after["tags"], json!(["lighthouse"]));
    assert_eq!(after["published_on"], "1998-03-13");
    assert_eq!(shop.get(LAMP).await.json(200), after);
    // A title is never null: there it is a violation.
    let answer = shop
        .json(
            "PATCH",
            LAMP,
            &[EDITOR, ("if-match", "*")],
            json!({"title": null}),
        )
        .await;
    assert_eq!(answer.violations(), ["body /title: type"]);
}

#[tokio::test]
async fn a_change_of_an_old_version_is_refused() {
    let shop = Client::new().await;
    let change = json!({"title": "The Lamp"});
    let headers = [EDITOR, ("if-match", "\"1\"")];
    shop.json("PATCH", LAMP, &headers, &change).await.json(200);
    let answer = shop.json("PATCH", LAMP, &headers, &change).await;
    answer.problem(412);
    assert_eq!(answer.headers["etag"], "\"2\"");
    let headers = [EDITOR, ("if-match", "\"1\", \"2\"")];
    shop.json("PATCH", LAMP, &headers, &change).await.json(200);
    let headers = [EDITOR, ("if-match", "*")];
    shop.json("PATCH", LAMP, &headers, json!({"category": "cookery"}))
        .await
        .problem(409);
}

#[tokio::test]
async fn a_book_is_removed_unless_it_was_ordered() {
    let shop = Client::new().await;
    let key = ("idempotency-key", "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    shop.json("POST", "/orders", &[MARA, key], place("PB-10001", 1))
        .await
        .json(201);
    shop.bare("DELETE", LAMP, &[EDITOR]).await.problem(409);
    let other = "/books/0b5e7a10-0000-4000-8000-000000000006";
    let answer = shop.bare("DELETE", other, &[EDITOR]).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    shop.get(other).await.problem(404);
    shop.bare("DELETE", other, &[EDITOR]).await.problem(404);
}

/// A form with one part.
fn form(uri: &str, part: &str, content_type: &str, content: &[u8]) -> Request<Body> {
    let head = format!("Content-Disposition: form-data; {part}\r\nContent-Type: {content_type}");
    let body = [
        b"--x\r\n",
        head.as_bytes(),
        b"\r\n\r\n",
        content,
        b"\r\n--x--\r\n",
    ]
    .concat();
    let form = ("content-type", "multipart/form-data; boundary=x");
    builder("PUT", uri, &[EDITOR, form])
        .body(Body::from(body))
        .unwrap()
}

const PICTURE: &str = "name=picture; filename=lamp.jpg";

#[tokio::test]
async fn a_cover_comes_back_byte_for_byte() {
    let shop = Client::new().await;
    let uri = format!("{LAMP}/cover");
    shop.get(&uri).await.problem(404);
    let picture = b"\xff\xd8\r\n--y\0\xff".to_vec();
    let request = form(&uri, PICTURE, "image/jpeg", &picture);
    assert_eq!(shop.send(request).await.status, 204);
    let answer = shop.get(&uri).await;
    assert_eq!(answer.headers["content-type"], "image/jpeg");
    assert_eq!(answer.body, picture);

    let answer = shop.bare("GET", &uri, &[("range", "bytes=2-3")]).await;
    assert_eq!(answer.status, 206);
    assert_eq!(answer.headers["content-range"], "bytes 2-3/9");
    assert_eq!(answer.body, &b"\r\n"[..]);
}

#[tokio::test]
async fn only_pictures_are_covers() {
    let shop = Client::new().await;
    let uri = format!("{LAMP}/cover");
    let nowhere = "/books/0b5e7a10-0000-4000-8000-00000000ffff/cover";
    let request = form(nowhere, PICTURE, "image/png", b"a");
    shop.send(request).await.problem(404);
    for (content_type, length, violation) in [
        ("image/svg+xml", 1, "body /picture: contentType"),
        ("image/png", 0, "body /picture: minLength"),
        ("image/png", 1_000_001, "body /picture: maxLength"),
    ] {
        let request = form(&uri, PICTURE, content_type, &vec![0; length]);
        assert_eq!(shop.send(request).await.violations(), [violation]);
    }
    let request = builder("PUT", &uri, &[EDITOR, ("content-type", "image/png")]);
    let request = request.body(Body::from("a")).unwrap();
    shop.send(request).await.problem(415);
    let request = form(&uri, "name=note", "text/plain", &vec![b'a'; 3_000_000]);
    shop.send(request).await.problem(413);
    shop.get(&uri).await.problem(404);
}

#[tokio::test]
async fn an_isbn_leads_to_its_book() {
    let shop = Client::new().await;
    let answer = shop.get("/isbns/9780001040007").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.headers["location"], LAMP);
    shop.get("/isbns/9780306406157").await.problem(404);
    assert_eq!(
        shop.get("/isbns/12").await.violations(),
        ["path isbn: pattern"]
    );
}

#[tokio::test]
async fn the_tree_of_categories_is_replaced_or_kept_as_a_whole() {
    let shop = Client::new().await;
    let tree = shop.get("/categories").await.json(200);
    assert_eq!(tree[0]["children"][1]["slug"], "crime");
    for faulty in [
        json!([{"slug": "novels", "name": "Novels"}]),
        json!([{"slug": "novels", "name": "Novels", "children": [{"slug": "novels", "name": "More"}]}]),
    ] {
        shop.json("PUT", "/categories", &[EDITOR], faulty)
            .await
            .problem(409);
        assert_eq!(shop.get("/categories").await.json(200), tree);
    }
    let mut new = tree;
    new[0]["name"] = json!("Stories");
    new[0]["children"][0]["children"] =
        json!([{"slug": "short-novels", "name": "Short", "children": []}]);
    let answer = shop.json("PUT", "/categories", &[EDITOR], &new).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert_eq!(shop.get("/categories").await.json(200), new);
    shop.json("PUT", "/categories", &[INTERN], new)
        .await
        .problem(403);
}
