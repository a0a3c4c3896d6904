//! A server as a process of its own, with the environment and the sockets that it is given.
#![cfg(unix)]

use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use specwright_build::{Generator, source::Memory};

use crate::support::process::{GREET, Process, command, exchange, start};

#[test]
fn settings_come_from_the_environment_and_from_a_file() {
    let file = "SPECWRIGHT_PORT=1\nSPECWRIGHT_TRUSTED_HOSTS=\"hello.example, *.example.org\"\n\
                export SPECWRIGHT_HEADER_LIMIT=3 # of which connection is one\n";
    // The environment has the last word, and an empty variable none.
    let mut server = start(
        &[
            ("SPECWRIGHT_PORT", "0"),
            ("SPECWRIGHT_HOST", "127.0.0.1"),
            ("SPECWRIGHT_REQUEST_LIMIT", ""),
        ],
        file,
    );
    let address = server.address();
    let ask = |head: &str| exchange(TcpStream::connect(&address).unwrap(), head);
    assert!(ask(GREET).starts_with("HTTP/1.1 200"));
    assert!(ask(&GREET.replace("hello", "other")).starts_with("HTTP/1.1 400"));
    assert!(ask(&GREET.replace("host", "a: b\r\nc: d\r\nhost")).starts_with("HTTP/1.1 431"));
    assert_eq!(server.stop(), "released\n");
}

/// What the server says by itself would else be wider than what was set.
#[test]
fn lists_take_the_place_of_those_that_were_said_before() {
    let listen = ("SPECWRIGHT_PORT", "0");
    for (mut variables, status) in [
        (vec![listen], 200),
        (vec![listen, ("SPECWRIGHT_TRUSTED_HOSTS", "other")], 400),
    ] {
        variables.push(("SERVED_HOSTS", "hello.example"));
        let mut server = start(&variables, "");
        let address = server.address();
        let answer = exchange(TcpStream::connect(&address).unwrap(), GREET);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        server.stop();
    }
}

#[test]
fn a_unix_socket_and_another_prefix() {
    let mut server = start(
        &[("SERVED_PREFIX", "SHOP_"), ("SHOP_BIND", "unix:shop.sock")],
        "",
    );
    assert_eq!(server.place(), "unix:shop.sock");
    let path = server.folder.path().join("shop.sock");
    let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
    stream.write_all(GREET.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    server.stop();
    assert!(!path.exists());
}

#[test]
fn all_faults_are_told_at_once_and_nothing_is_opened() {
    let (mut command, _folder) = command(
        &[
            ("SPECWRIGHT_PORT", "80a"),
            ("SPECWRIGHT_BODY_LIMIT", "2 parsecs"),
            ("SPECWRIGHT_REQUEST_TIMEOUT", "-1s"),
            ("SPECWRIGHT_CONNECTION_LIMIT", "0"),
            ("SPECWRIGHT_HTTPS_REDIRECT", "yes"),
            ("SPECWRIGHT_HEADER_READ_TIMEOUT", "0"),
            ("SPECWRIGHT_SHUTDOWN_DELAY", "0"),
            ("SPECWRIGHT_ACCESS_LOG", "1"),
            ("SPECWRIGHT_LOG", "info,loud"),
            ("SPECWRIGHT_LOG_FORMAT", "xml"),
            ("SPECWRIGHT_HEADER_LIMIT", "20001"),
            ("SPECWRIGHT_TLS_CERTIFICATES", "secret".repeat(50).as_str()),
            (
                "SPECWRIGHT_TLS_KEY",
                "the key: -----BEGIN PRIVATE KEY-----secret",
            ),
        ],
        "SPECWRIGHT_TRUSTED_HOSTS='a b'\nthe password is secret\nSPECWRIGHT_BIND=127.0.0.1:80\nSPECWRIGHT_HOST=localhost\n",
    );
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "Error: cannot read `.env` after `SPECWRIGHT_TRUSTED_HOSTS`: expected lines such as `NAME=value` or `NAME=\"two words\"`",
            "`SPECWRIGHT_BODY_LIMIT` is `2 parsecs`: expected a size such as `64KiB`, `10MiB` or a number of bytes",
            "`SPECWRIGHT_REQUEST_TIMEOUT` is `-1s`: expected a time above zero such as `500ms`, `30s`, `2m` or a number of seconds, or `none`",
            "`SPECWRIGHT_CONNECTION_LIMIT` is `0`: expected a whole number above zero, or `none`",
            "`SPECWRIGHT_HEADER_LIMIT` cannot be: `header_limit` is 20001: at most 20000 headers",
            "`SPECWRIGHT_HEADER_READ_TIMEOUT` is `0`: expected a time above zero such as `500ms`, `30s`, `2m` or a number of seconds, or `none`",
            "`SPECWRIGHT_PORT` is `80a`: expected a number from 0 to 65535",
            "`SPECWRIGHT_BIND` is set beside `HOST` or `PORT`: expected one or the other",
            "`SPECWRIGHT_TRUSTED_HOSTS` cannot be: the trusted host `a b` is no host; write one without a port, such as `example.com` or `*.example.com`",
            "`SPECWRIGHT_HTTPS_REDIRECT` is `yes`: expected `true` or `false`",
            "`SPECWRIGHT_TLS_CERTIFICATES` holds what is not shown here: expected the path of a file in PEM, of 255 bytes at most",
            "`SPECWRIGHT_TLS_KEY` holds what is not shown here: expected the path of a file in PEM, of 255 bytes at most",
            "`SPECWRIGHT_ACCESS_LOG` is `1`: expected `true` or `false`",
            "`SPECWRIGHT_LOG_FORMAT` is `xml`: expected `text` or `json`",
            "`SPECWRIGHT_LOG` cannot be: the filter of the log is `info,loud`: expected levels such as `info` or `info,sqlx=warn`, and `loud` is no level",
        ]
    );
}

/// Times as they may be written, and their milliseconds, where they are one.
const TIMES: [(&str, Option<u64>); 20] = [
    ("500ms", Some(500)),
    ("30s", Some(30_000)),
    ("2m", Some(120_000)),
    ("1h", Some(3_600_000)),
    ("1.5s", Some(1500)),
    ("30 s", Some(30_000)),
    ("1e3ms", Some(1000)),
    // What is smaller than a millisecond is one.
    ("0.2ms", Some(1)),
    ("8760h", Some(365 * 24 * 3_600_000)),
    ("8761h", None),
    ("0s", None),
    ("-1s", None),
    ("+1s", None),
    (".5s", None),
    ("s", None),
    ("infs", None),
    ("1S", None),
    ("1d", None),
    ("1us", None),
    ("1m 30s", None),
];

/// Sizes as they may be written, and their bytes.
const SIZES: [(&str, Option<u64>); 20] = [
    ("0B", Some(0)),
    ("7B", Some(7)),
    ("64KiB", Some(65_536)),
    ("10MiB", Some(10 << 20)),
    ("1GiB", Some(1 << 30)),
    ("5kB", Some(5000)),
    ("10MB", Some(10_000_000)),
    ("1GB", Some(1_000_000_000)),
    ("1.5KiB", Some(1536)),
    ("10 MiB", Some(10 << 20)),
    ("1e18B", Some(1_000_000_000_000_000_000)),
    ("2e18B", None),
    ("-1B", None),
    ("B", None),
    ("NaNB", None),
    ("1KB", None),
    ("1kb", None),
    ("1K", None),
    ("1TB", None),
    ("1,5MB", None),
];

/// An operation with these limits, as its document has them.
fn operation(timeout: &str, max_body: &str) -> Option<(Option<u64>, Option<u64>)> {
    let text = format!(
        "openapi: 3.1.1\ninfo: {{title: Limits, version: '1'}}\npaths:\n  /:\n    post:\n      operationId: post\n      \
         x-timeout: '{timeout}'\n      x-max-body: '{max_body}'\n      requestBody: {{content: {{text/plain: {{}}}}}}\n      \
         responses: {{'204': {{description: Done.}}}}\n"
    );
    let files = Memory::new().with("api.yaml", text);
    let api = Generator::new("api.yaml").check_with(files).api?;
    let operation = &api.operations[0];
    Some((operation.timeout_ms, operation.max_body))
}

/// The generator and the runtime are crates that know nothing of each other, and people write to both.
#[test]
fn times_and_sizes_are_spelled_as_in_documents() {
    for ((time, milliseconds), (size, bytes)) in TIMES.into_iter().zip(SIZES) {
        assert_eq!(
            operation(time, "1B").map(|it| it.0),
            milliseconds.map(Some),
            "{time}"
        );
        assert_eq!(
            operation("1s", size).map(|it| it.1),
            bytes.map(Some),
            "{size}"
        );
        for (name, text, setting) in [
            (
                "SPECWRIGHT_REQUEST_TIMEOUT",
                time,
                milliseconds
                    .map(|it| format!("request_timeout: Some({:?})", Duration::from_millis(it))),
            ),
            (
                "SPECWRIGHT_BODY_LIMIT",
                size,
                bytes.map(|it| format!("body_limit: {it},")),
            ),
        ] {
            let (mut command, _folder) = command(&[("SERVED_SETTINGS", "1"), (name, text)], "");
            let output = command.output().unwrap();
            assert_eq!(output.status.success(), setting.is_some(), "{text}");
            let said = String::from_utf8(match setting {
                Some(_) => output.stdout,
                None => output.stderr,
            });
            let expected = setting.unwrap_or_else(|| format!("`{name}` is `{text}`: expected"));
            assert!(
                said.as_ref().unwrap().contains(&expected),
                "{expected} in {said:?}"
            );
        }
    }
}

/// What the server says on its standard error, with these settings.
fn logged(variables: &[(&str, &str)]) -> String {
    let all: Vec<_> = [("SPECWRIGHT_PORT", "0")]
        .into_iter()
        .chain(variables.iter().copied())
        .collect();
    let mut server = start(&all, "");
    let address = server.address();
    for head in [GREET, &GREET.replace("greetings", "goodbyes")] {
        exchange(TcpStream::connect(&address).unwrap(), head);
    }
    server.logged()
}

#[test]
fn the_log_is_set_up_by_the_environment() {
    let access = ("SPECWRIGHT_ACCESS_LOG", "true");
    assert_eq!(logged(&[access]), "");

    let text = logged(&[access, ("SPECWRIGHT_LOG", "info,specwright::request=off")]);
    assert!(text.contains("listening on http://127.0.0.1:"), "{text}");
    assert!(!text.contains("greet"), "{text}");

    let text = logged(&[access, ("SPECWRIGHT_LOG_FORMAT", "text")]);
    let lines: Vec<_> = text.lines().filter(|it| it.contains("answered")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    let greeted = "operation=\"greet\" route=\"/greetings/{name}\" status=200}: specwright::request: answered bytes=25";
    assert!(lines[0].contains(greeted), "{text}");

    let text = logged(&[
        access,
        ("SPECWRIGHT_LOG_FORMAT", "json"),
        ("SPECWRIGHT_LOG", "specwright=info"),
    ]);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let operations: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .map(|line| {
            (
                line["span"]["operation"].as_str(),
                line["span"]["status"].as_u64(),
            )
        })
        .collect();
    assert_eq!(operations, [(Some("greet"), Some(200)), (None, Some(404))]);
}

/// Whoever has set up a log has it as it was.
#[test]
fn a_subscriber_that_is_there_is_left_alone() {
    let text = logged(&[("SERVED_LOG", "1"), ("SPECWRIGHT_LOG_FORMAT", "json")]);
    assert!(text.starts_with(" INFO listening on http://"), "{text}");
}

/// What systemd does: it opens the socket, and hands it to the process as its fourth file.
#[test]
fn a_socket_that_was_handed_over_is_listened_on() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Connected before the server is there.
    let early = TcpStream::connect(address).unwrap();
    let (served, folder) = command(&[], "");
    let script = "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" 3<&0 </dev/null";
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg(served.get_program())
        .current_dir(folder.path())
        .stdin(OwnedFd::from(listener))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut server = Process {
        child,
        output,
        folder,
    };
    assert_eq!(server.place(), format!("http://{address}"));
    assert!(exchange(early, GREET).starts_with("HTTP/1.1 200"));
    server.stop();
}

#[cfg(not(target_vendor = "apple"))]
#[test]
fn a_socket_that_does_not_listen_is_told_at_the_start() {
    use rustix::net::{AddressFamily, SocketType, bind, socket};

    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let address: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    bind(&socket, &address).unwrap();
    let (served, folder) = command(&[], "");
    let output = Command::new("sh")
        .arg("-c")
        .arg("LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" 3<&0 </dev/null")
        .arg(served.get_program())
        .current_dir(folder.path())
        .stdin(socket)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    let said = "cannot listen on the socket that was handed over (LISTEN_FDS): it does not listen";
    assert!(text.contains(said), "{text}");
}
