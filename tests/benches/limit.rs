//! How long a server takes to answer bodies at the limit of size that a hostile client would pick.
//!
//! Prints a table: the answer, and the time of each of three runs in milliseconds. The time is what the one thread that
//! answers takes of its core, from the request's head to the answer's last byte; other load counts little. `cargo bench -p specwright-tests --bench limit -- WORD` takes only those
//! whose name has the word.

use std::io::Write as _;
use std::time::Duration;

use http_body_util::BodyExt as _;
use rustix::time::{ClockId, clock_gettime};
use specwright::App;
use specwright::axum::body::Body;
use specwright::http::Request;
use specwright_tests::limit::{Case, Sink, cases, hostile};
use tower::ServiceExt as _;

/// What no answer may take.
const GOAL: Duration = Duration::from_millis(200);

#[tokio::main(flavor = "current_thread")]
async fn main() -> specwright::Result {
    let mut out = std::io::stdout().lock();
    let mut slow = 0;
    let word = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let word = word.unwrap_or_default();
    for case in cases().iter().filter(|it| it.name.contains(&word)) {
        let mut times = Vec::new();
        let mut status = 0;
        for _ in 0..3 {
            let (answered, time) = answer(case).await?;
            status = answered;
            times.push(time);
        }
        let is_slow = times.iter().any(|time| *time > GOAL);
        slow += usize::from(is_slow);
        write!(out, "{:40} {:7} {status}", case.name, case.body.len())?;
        for time in times {
            write!(out, " {:8.1}", time.as_secs_f64() * 1e3)?;
        }
        writeln!(out, "{}", if is_slow { "  slow" } else { "" })?;
    }
    writeln!(out, "limit: {slow} slower than {} ms", GOAL.as_millis())?;
    Ok(())
}

async fn answer(case: &Case) -> specwright::Result<(u16, Duration)> {
    let service = App::new(hostile::api(Sink)).into_service()?;
    let request = Request::post(case.path)
        .header("content-type", "application/json")
        .body(Body::from(case.body.clone()))?;
    let start = core_time();
    let (parts, body) = service.oneshot(request).await?.into_parts();
    body.collect().await?;
    let time = core_time().saturating_sub(start);
    Ok((parts.status.as_u16(), time))
}

/// What this thread has had of its core.
fn core_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
