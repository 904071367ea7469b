//! Our query language against the real Prometheus 2.42 of Debian: the same samples, the same questions, the same answers.

mod compare;
mod data;
mod generate;
mod questions;
mod server;

use brownout_telemetry::promql::{Query, Semantics};

use compare::Tally;
use data::{Data, Span};
use server::Server;

/// Questions generated over made-up series.
const GENERATED: usize = 500;

/// One server holds all data, each in a time of its own.
#[test]
fn prometheus_gives_the_same_answers() {
    let runs = data::runs();
    let made_up = data::made_up();
    let server = Server::start(runs.iter().chain([&made_up]));
    let mut tally = Tally::default();
    let written = questions::written();
    assert!(written.len() >= 150, "{} questions", written.len());
    for data in &runs {
        for question in &written {
            ask(&server, data, question, &mut tally);
        }
    }
    for question in generate::questions(GENERATED) {
        ask(&server, &made_up, &question, &mut tally);
    }
    println!("{tally}");
    tally.check();
}

/// A question at three moments and over a range.
fn ask(server: &Server, data: &Data, question: &str, tally: &mut Tally) {
    let Span { start_ms, end_ms } = data.span;
    let length_ms = end_ms - start_ms;
    // One of them before most windows are full, one beyond the last sample.
    let moments = [
        start_ms + 35_000,
        start_ms + length_ms / 2 + 1_234,
        end_ms + 60_000,
    ];
    let query = Query::new(question, Semantics::Prometheus2);
    for at_ms in moments {
        let ours = query.clone().and_then(|query| query.instant(data, at_ms));
        let theirs = server.instant(question, at_ms);
        tally.note(data.name, question, &format!("at {at_ms}"), &ours, &theirs);
    }
    let (from_ms, step_ms) = (start_ms + 120_000, 17_000);
    let ours = query.and_then(|query| query.range(data, from_ms, end_ms, step_ms));
    let theirs = server.range(question, from_ms, end_ms, step_ms);
    tally.note(data.name, question, "over a range", &ours, &theirs);
}

/// A run at sixty times the speed is scraped by the real Prometheus while it lasts.
#[test]
fn prometheus_scrapes_a_run() {
    let port = server::free_port();
    let address = format!("127.0.0.1:{port}");
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_brownout"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "run",
            "scenarios/kiosk-config",
            "--player",
            "none",
            "--speed",
            "60",
        ])
        .args(["--serve-metrics", &address])
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program runs");
    let server = Server::scraping(&address);
    let found = server.wait_for("sum(rate(http_server_request_duration_seconds_count[5s]))");
    // The kiosk serves some 220 requests a second, sixty times as fast; a scrape sees one in twelve of its own.
    assert!(found > 1_000.0, "{found} requests a second");
    assert!(server.wait_for("up{job=\"brownout\"}") > 0.0);
    let quantile =
        "histogram_quantile(0.5, sum by (le) (rate(user_request_duration_seconds_bucket[5s])))";
    let median = server.wait_for(quantile);
    assert!((0.005..1.0).contains(&median), "a median of {median} s");
    let _ = run.kill();
    let _ = run.wait();
}
