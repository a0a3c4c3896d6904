//! Parameters in every style of the specification, what the specification leaves open, and what no style can be.

use serde_json::{Value, json};
use specwright::axum::body::Body;
use specwright::codegen::Bytes;
use specwright::http::Request;
use specwright::{App, Coercion, Context, Json, Unexpected, UnknownQuery};

use super::Echo;
use super::parameters::each;
use super::request::send_to;

specwright::include_api!(pub mod styles);

/// What was read, as JSON.
fn shown(value: Value) -> Result<Bytes, Unexpected> {
    Ok(value.to_string().into())
}

impl styles::DefaultApi for Echo {
    async fn path(&self, _: &Context, it: styles::PathRequest) -> Result<Bytes, Unexpected> {
        shown(json!([
            it.simple,
            it.simple_exploded,
            it.label,
            it.label_exploded,
            it.matrix,
            it.matrix_exploded
        ]))
    }

    async fn query(&self, _: &Context, it: styles::QueryRequest) -> Result<Bytes, Unexpected> {
        shown(json!([
            it.form,
            it.exploded,
            it.members,
            it.space,
            it.pipe,
            it.deep
        ]))
    }

    async fn nested(&self, _: &Context, it: styles::NestedRequest) -> Result<Bytes, Unexpected> {
        let last = it.points.map(|points| json!(points));
        let mut read = vec![json!(it.filter), json!(it.ids), json!(it.search)];
        read.extend(last);
        shown(json!(read))
    }

    async fn counted(&self, _: &Context, it: styles::CountedRequest) -> Result<Bytes, Unexpected> {
        shown(json!([it.few, it.other, it.maybe]))
    }

    async fn head(&self, _: &Context, it: styles::HeadRequest) -> Result<Bytes, Unexpected> {
        shown(json!([
            it.x_color,
            it.x_exploded,
            it.plain,
            it.list,
            it.members,
            it.raw,
            it.shade
        ]))
    }

    async fn empty(&self, _: &Context, it: styles::EmptyRequest) -> Result<Bytes, Unexpected> {
        shown(json!([
            it.status,
            it.allowed,
            it.nothing,
            it.required,
            it.text,
            it.gift
        ]))
    }

    async fn typed(&self, _: &Context, it: styles::TypedRequest) -> Result<Bytes, Unexpected> {
        let untyped = |value: Option<Json>| value.map(|it| it.to_serde::<Value>().unwrap());
        let either = it.either.map(|it| json!(it));
        let mut read = vec![json!(it.page), json!(untyped(it.any)), json!(it.mixed)];
        read.extend(either);
        shown(json!(read))
    }

    async fn nothing(&self, _: &Context) -> Result<(), Unexpected> {
        Ok(())
    }

    async fn bounds(&self, _: &Context, it: styles::BoundsRequest) -> Result<Bytes, Unexpected> {
        shown(json!([it.size, it.count]))
    }
}

/// Sends the requests to the server with its defaults.
async fn table(table: &[(&str, &str)]) {
    let table = table
        .iter()
        .map(|(path, wanted)| (Request::get(*path), *wanted));
    each(styles::api(Echo), table.collect()).await;
}

/// The rows of OAS 3.2, "Style Examples", and what else may stand in their place.
#[tokio::test]
async fn the_path_in_every_style() {
    table(&[
        (
            "/path/blue/blue/.blue/.blue/;matrix=blue/;matrix_exploded=blue",
            r#"200 ["blue","blue","blue","blue","blue","blue"]"#,
        ),
        (
            "/path/a,b/a,b/.a,b/.a.b/;matrix=a,b/;matrix_exploded=a;matrix_exploded=b",
            r#"200 [["a","b"],["a","b"],["a","b"],["a","b"],["a","b"],["a","b"]]"#,
        ),
        (
            "/path/R,100,G,2/R=100,G=2/.R,100,G,2/.R=100.G=2/;matrix=R,100,G,2/;R=100;G=2",
            r#"200 [["R","100","G","2"],["R=100","G=2"],["R","100","G","2"],["R=100","G=2"],["R","100","G","2"],{"G":"2","R":"100"}]"#,
        ),
        // What is encoded separates nothing, and decodes once.
        (
            "/path/a%2Cb/%2525/.a%2Eb/.a%2Eb/;matrix=a%3Bb/;matrix_exploded=%C3%A9+",
            r#"200 ["a,b","%25","a.b","a.b","a;b","é+"]"#,
        ),
        // Empty texts: RFC 6570 writes a matrix without its sign then.
        (
            "/path/a/a/././;matrix/;matrix_exploded=",
            r#"200 ["a","a","","","",""]"#,
        ),
        (
            "/path/a/a/a/a/;other=a/matrix_exploded=a",
            "422 path label style, path label_exploded style, path matrix style, path matrix_exploded style",
        ),
    ])
    .await;
}

#[tokio::test]
async fn the_query_in_every_style() {
    table(&[
        ("/query", "200 [null,null,null,null,null,null]"),
        (
            "/query?form=a,b&exploded=a&exploded=b&space=a%20b+c&pipe=a%7Cb|c&deep[R]=1&deep%5BG%5D=2",
            r#"200 [["a","b"],["a","b"],null,["a","b","c"],["a","b","c"],{"G":"2","R":"1"}]"#,
        ),
        (
            "/query?form=a%2Cb&exploded=a,b&space=a%2520b&pipe=a%257Cb",
            r#"200 ["a,b","a,b",null,["a%20b"],["a%7Cb"],null]"#,
        ),
        // An open object takes what no other parameter is called, and leaves brackets to theirs.
        (
            "/query?mode=x&size=5&depth=6&deep[B]=1&form=q",
            r#"200 ["q",null,{"depth":6,"mode":"x","size":5},null,null,{"B":"1"}]"#,
        ),
        ("/query?size=big", "422 query members /size type"),
        ("/query?form=", r#"200 ["",null,null,null,null,null]"#),
        ("/query?exploded=", r#"200 [null,"",null,null,null,null]"#),
        ("/query?deep[R]=1&deep[R]=2", "422 query deep /R type"),
        ("/query?deep[R=1", "422 query deep style"),
        ("/query?deep=1", "422 query deep type"),
        ("/query?form=a&form=b", "422 query form repeated"),
        ("/query?exploded=%FF&exploded=b", "422 query exploded encoding"),
    ])
    .await;
}

/// Rules of the whole object see the members that nothing describes.
#[tokio::test]
async fn members_that_nothing_describes_are_counted() {
    table(&[
        ("/counted?a=1&x=2", r#"200 [{"a":1},null,null]"#),
        ("/counted?a=1&b=2&other=3", r#"200 [{"a":1,"b":2},3,null]"#),
        ("/counted?a=1&b=2&x=3", "422 query few maxProperties"),
        ("/counted?a=1&long=3", "422 query few /long propertyNames"),
        ("/counted?maybe[R]=1", r#"200 [null,null,{"R":1}]"#),
        (
            "/counted?maybe[R]=1&maybe[X]=2",
            "422 query maybe /X unevaluatedProperties",
        ),
    ])
    .await;
}

/// `name[a][b]=1`, `name[]=1` and `name[0]=1`, which the specification does not define.
#[tokio::test]
async fn brackets_as_frameworks_write_them() {
    table(&[
        (
            "/nested?filter[status]=new&filter[price][least]=1.5&filter[rows][0][name]=a&filter[rows][1][name]=b",
            r#"200 [{"price":{"least":1.5},"rows":[{"name":"a"},{"name":"b"}],"status":["new"]},null,null]"#,
        ),
        (
            "/nested?filter[status][]=new&filter[status][]=sold&ids[]=3&ids[]=1",
            r#"200 [{"status":["new","sold"]},[3,1],null]"#,
        ),
        // Items are in the order of their numbers, however far apart.
        ("/nested?ids[4000000000]=3&ids[0]=1&ids[7]=2", "200 [null,[1,2,3],null]"),
        ("/nested?ids=1&ids=2", "200 [null,[1,2],null]"),
        ("/nested?ids[]=1&ids[]=x", "422 query ids /1 type"),
        (
            "/nested?filter[status][0]=old&filter[price][most]=x&filter[other]=1",
            "422 query filter /status/0 enum, query filter /price/most type, query filter /other additionalProperties",
        ),
        ("/nested?filter[price]=1&filter[price][most]=2", "422 query filter style"),
        ("/nested?filter[price]=1", "422 query filter /price type"),
        (
            "/nested?tags=a&by=name&tags=b&other=1",
            r#"200 [null,null,{"by":"name","tags":["a","b"]}]"#,
        ),
    ])
    .await;
    // Objects in a list are JSON, each for itself or all of them as one.
    table(&[
        (
            "/nested?points=%7B%22x%22:1%7D&points=%7B%22x%22:2%7D",
            r#"200 [null,null,null,[{"x":1},{"x":2}]]"#,
        ),
        (
            "/nested?points=[%7B%22x%22:1%7D,%7B%22x%22:2%7D]",
            r#"200 [null,null,null,[{"x":1},{"x":2}]]"#,
        ),
        (
            "/nested?points=%7B%22x%22:1%7D&points=%7B%7D&points=1",
            "422 query points maxItems, query points /1/x required, query points /2 type",
        ),
        ("/nested?points=x", "422 query points syntax"),
    ])
    .await;
    // Neither depth nor number is unbounded work.
    let deep = format!("/nested?filter{}=1", "[a]".repeat(2000));
    let many: String = (0..5000).map(|at| format!("&ids[{at}]=1")).collect();
    let many = format!("/nested?{many}&filter[x]=1");
    table(&[
        (&deep, "422 query filter style"),
        (&many, "422 query filter /x additionalProperties"),
    ])
    .await;
}

#[tokio::test]
async fn headers_and_cookies_in_every_style() {
    let with = |name: &str, value: &str| Request::get("/head").header(name, value);
    let rows = vec![
        (
            with("x-color", "blue"),
            r#"200 ["blue",null,null,null,null,null,null]"#,
        ),
        (
            with("X-COLOR", "blue , black,").header("x-exploded", "a,b"),
            r#"200 [["blue","black"],["a","b"],null,null,null,null,null]"#,
        ),
        (
            with("x-color", "blue%20").header("x-color", "%"),
            r#"200 [["blue%20","%"],null,null,null,null,null,null]"#,
        ),
        // Cookies of the style `form` are percent-encoded and separated by either sign; those of `cookie` are neither.
        (
            with(
                "cookie",
                "plain=a%20b; list=a; list=b; raw=%20; raw=a+b; shade=x%20",
            ),
            r#"200 [null,null,"a b",["a","b"],null,["%20","a+b"],{"shade":"x%20"}]"#,
        ),
        (
            with("cookie", "list=a&list=b; R=1&G=2; plain=a,b"),
            r#"200 [null,null,["a","b"],["a","b"],{"G":"2","R":"1"},null,null]"#,
        ),
    ];
    each(styles::api(Echo), rows).await;
}

/// The column "undefined" of OAS 3.2, "Style Examples", writes null as an empty text.
#[tokio::test]
async fn empty_texts() {
    table(&[
        ("/empty?required=1", "200 [null,null,null,1,null,true]"),
        // Not absence: the value is the empty text, which is none of the enum.
        ("/empty?required=1&status=", "422 query status enum"),
        ("/empty?required=1&status", "422 query status enum"),
        (
            "/empty?required=&allowed=&nothing=&text=",
            r#"200 [null,null,null,null,"",true]"#,
        ),
        (
            "/empty?required&allowed",
            "200 [null,null,null,null,null,true]",
        ),
        ("/empty", "422 query required required"),
        (
            "/empty?required=x&nothing=x",
            "422 query nothing type, query required type",
        ),
        ("/empty?required=1&gift=0", "422 query gift type"),
        ("/empty?required=1&gift=", "422 query gift type"),
        (
            "/empty?required=1&required=2",
            "422 query required repeated",
        ),
    ])
    .await;
}

/// What was sent decides which it is, and the schema whether it may be that.
#[tokio::test]
async fn one_or_many() {
    table(&[
        ("/typed?page=1&any=x&mixed=ab", r#"200 [1,"x","ab"]"#),
        (
            "/typed?page=1&page=0&any=x&any=y&mixed=a&mixed=b",
            r#"200 [[1,0],["x","y"],["a","b"]]"#,
        ),
        // The text is not accepted, and as a list it is too short.
        ("/typed?page=0", "422 query page minimum"),
        ("/typed?page=1&page=x", "422 query page /1 type"),
        ("/typed?mixed=a&mixed=abc", "422 query mixed /1 maxLength"),
        ("/typed?mixed=abc", r#"200 [null,null,"abc"]"#),
    ])
    .await;
}

/// A text is every value that is written so; exactly one branch has to take it as one of them.
#[tokio::test]
async fn one_of_the_readings_of_a_text() {
    table(&[
        ("/typed?either=5", "200 [null,null,null,5]"),
        ("/typed?either=true", "200 [null,null,null,true]"),
        ("/typed?either=5a", r#"200 [null,null,null,"5a"]"#),
        ("/typed?either=abcd", r#"200 [null,null,null,"abcd"]"#),
        ("/typed?either=abc", "422 query either oneOf"),
        ("/typed?either=1.5", r#"200 [null,null,null,"1.5"]"#),
        ("/typed?either=12345", "200 [null,null,null,12345]"),
    ])
    .await;
}

/// Sends requests to an app with settings of its own.
async fn table_of(app: impl Fn() -> App, table: &[(&str, &str)]) {
    for (path, wanted) in table {
        let request = Request::get(*path).body(Body::empty()).unwrap();
        let answer = send_to(app(), request).await;
        assert_eq!(answer.summary(), *wanted, "{path}");
    }
}

#[tokio::test]
async fn unknown_parameters_of_the_query_are_refused_on_demand() {
    let strict = || App::new(styles::api(Echo)).unknown_query(UnknownQuery::Reject);
    table_of(
        strict,
        &[
            // An open object takes any, and so does a name with brackets where an object is read so.
            (
                "/query?any=1&deep[R]=1",
                r#"200 [null,null,{"any":1},null,null,{"R":"1"}]"#,
            ),
            (
                "/nested?filter[a]=1&tags=a&other=1&other=2&o%20ther",
                "422 query other unknown, query o ther unknown, query filter /a additionalProperties",
            ),
            (
                "/head?form=1",
                "422 query form unknown",
            ),
            ("/nothing?a=1", "422 query a unknown"),
            ("/nothing?&", "204"),
            // What cannot be decoded is told as it was sent, also beside an object that takes any key.
            ("/nothing?%zz=1&%ff&%ff", "422 query %zz unknown, query %ff unknown"),
            ("/query?any=1&%zz=1", "422 query %zz unknown"),
        ],
    )
    .await;
    // By default nobody minds.
    table(&[("/nothing?a=1", "204"), ("/nothing?%zz=1", "204")]).await;
}

#[tokio::test]
async fn lax_texts_are_those_of_fastapi() {
    let lax = || App::new(styles::api(Echo)).coerce(Coercion::Lax);
    let words = ["true", "1", "on", "YES", "t", "y"];
    for (words, value) in [
        (words, true),
        (["False", "0", "off", "no", "f", "N"], false),
    ] {
        for word in words {
            let path = format!("/empty?required=1&gift={word}");
            table_of(
                lax,
                &[(&path, &format!("200 [null,null,null,1,null,{value}]"))],
            )
            .await;
        }
    }
    table_of(
        lax,
        &[
            (
                "/empty?required=%201%20&nothing=1.0",
                "200 [null,null,1,1,null,true]",
            ),
            (
                "/empty?required=%2B1&nothing=1_000",
                "200 [null,null,1000,1,null,true]",
            ),
            (
                "/empty?required=-007&nothing=-0.00",
                "200 [null,null,0,-7,null,true]",
            ),
            (
                "/empty?required=1.5&nothing=1e3&gift=2&allowed=yess",
                "422 query allowed type, query nothing type, query required type, query gift type",
            ),
            (
                "/empty?required=_1&nothing=1__0",
                "422 query nothing type, query required type",
            ),
            ("/nested?ids[]=1.0&ids[]=%202", "200 [null,[1,2],null]"),
            (
                "/nested?filter[price][least]=.5&filter[price][most]=%2B1.",
                r#"200 [{"price":{"least":0.5,"most":1.0}},null,null]"#,
            ),
            (
                "/nested?filter[price][least]=.",
                "422 query filter /price/least type",
            ),
            (
                "/nested?filter[price][least]=nan",
                "422 query filter /price/least type",
            ),
            // Bounds hold for what is read, not for how it is written.
            ("/bounds?size=007.50&count=+3", r#"200 [7.5,3]"#),
            (
                "/bounds?size=010.50&count=000",
                "422 query size maximum, query count minimum",
            ),
        ],
    )
    .await;
    table(&[
        ("/bounds?count=000", "422 query count minimum"),
        ("/bounds?count=002", "200 [null,2]"),
        ("/bounds?size=1_0", "422 query size type"),
    ])
    .await;
}
