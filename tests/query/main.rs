//! Questions about the logs and traces of a run, against what a plain look through all of them finds.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use brownout_session::players::RestartAll;
use brownout_session::reader::LogRow;
use brownout_session::run::play;
use brownout_session::session::Session;
use brownout_sim::blueprint::MINUTE_NS;
use brownout_telemetry::logql::{Answer, Error, Query};
use brownout_telemetry::search::Search;

/// A run in which every process is replaced and much times out.
fn session() -> &'static Session {
    static SESSION: OnceLock<Session> = OnceLock::new();
    SESSION.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lunch-rush");
        let loaded = brownout::cli::scenario(&folder, None, 2, None, "test").expect("a scenario");
        let mut player = RestartAll::default();
        play(
            loaded.scenario,
            loaded.header,
            &mut player,
            Some(4 * MINUTE_NS),
        )
    })
}

const SERVICES: [&str; 4] = ["edge", "orders", "gateway", "menus"];

/// All lines of some services, by the way panels read them.
fn rows() -> Vec<(&'static str, LogRow)> {
    let session = session();
    let reader = session.reader();
    let of = |service: &'static str| {
        let rows = reader.logs(service, None, 0, session.now_ns());
        rows.into_iter().map(move |row| (service, row))
    };
    SERVICES.into_iter().flat_map(of).collect()
}

fn query(text: &str) -> Query {
    Query::new(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// Lines a query finds, as (time, instance, text), sorted.
fn found(text: &str) -> Vec<(u64, String, String)> {
    let session = session();
    let found = session
        .reader()
        .lines()
        .find(&query(text), (0, session.now_ns()), usize::MAX);
    let found = found.expect("lines");
    assert_eq!(found.matched, found.entries.len() as u64);
    let mut lines: Vec<_> = found
        .entries
        .into_iter()
        .map(|entry| {
            let instance = entry.labels.get("service_instance_id").to_owned();
            (entry.at_ns, instance, entry.text)
        })
        .collect();
    lines.sort();
    lines
}

fn looked(fits: impl Fn(&str, &LogRow) -> bool) -> Vec<(u64, String, String)> {
    let mut lines: Vec<_> = rows()
        .into_iter()
        .filter(|(service, row)| fits(service, row))
        .map(|(_, row)| (row.at_ns, row.instance, row.text))
        .collect();
    lines.sort();
    lines
}

#[test]
fn lines_are_those_a_plain_look_finds() {
    let is = |row: &LogRow, level: &str| row.level.word().eq_ignore_ascii_case(level);
    let timeout = |row: &LogRow| row.text.contains("timeout");
    for (text, expected) in [
        (
            "{service_name=\"orders\"}",
            looked(|service, _| service == "orders"),
        ),
        (
            "{service_name=\"orders\", level=\"error\"}",
            looked(|service, row| service == "orders" && is(row, "error")),
        ),
        (
            "{service_name=~\"orders|menus\"} |= \"timeout\"",
            looked(|service, row| ["orders", "menus"].contains(&service) && timeout(row)),
        ),
        (
            "{service_name=\"orders\"} != \"timeout\" |~ \"[0-9]+ms\"",
            looked(|service, row| service == "orders" && !timeout(row) && row.text.contains("ms")),
        ),
        (
            "{service_name=~\"edge|orders|gateway|menus\", level!=\"info\"} !~ \"^upstream\"",
            looked(|_, row| !is(row, "info") && !row.text.starts_with("upstream")),
        ),
        (
            "{service_name=\"edge\"} | status >= 500",
            looked(|service, row| {
                let code = row.text.split("\" ").nth(1).and_then(|rest| rest.get(..3));
                let answered = row
                    .text
                    .split("answered ")
                    .nth(1)
                    .and_then(|rest| rest.get(..3));
                let refused = row.text.contains("refused") || row.text.contains("circuit open");
                let code: Option<u16> = code.or(answered).and_then(|code| code.parse().ok());
                service == "edge" && (code.is_some_and(|code| code >= 500) || refused)
            }),
        ),
        (
            "{service_name=\"orders\"} | upstream=\"menus\" and attempt > 1",
            looked(|service, row| {
                service == "orders"
                    && row.text.contains("service=menus ")
                    && !row.text.contains("attempt=1/")
                    && row.text.contains("attempt=")
            }),
        ),
    ] {
        let lines = found(text);
        assert!(!expected.is_empty(), "{text}: the run has no such lines");
        assert_eq!(lines.len(), expected.len(), "{text}");
        assert!(lines == expected, "{text}");
    }
    assert!(found("{service_name=\"nobody\"}").is_empty());
}

fn figures(text: &str, at_ms: i64) -> Vec<(String, f64)> {
    let answer = session().reader().lines().instant(&query(text), at_ms);
    let Ok(Answer::Vector(series)) = answer else {
        panic!("{text}: {answer:?}");
    };
    series
        .into_iter()
        .map(|(labels, sample)| (labels.to_string(), sample.value))
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of a test"
)]
fn whole(count: f64) -> u64 {
    assert!(count >= 0.0 && count.fract() == 0.0, "{count}");
    count as u64
}

/// Figures count what was not kept as well, where no line has to be looked at; otherwise what was kept.
#[test]
fn figures_are_exact() {
    let session = session();
    let reader = session.reader();
    let now_ms = reader.exposition().unix_ms(session.now_ns());
    let mut dropped = 0;
    for service in SERVICES {
        let kept = looked(|of, _| of == service).len() as u64;
        let suppressed = reader.suppressed_logs(service);
        dropped += suppressed;
        let text = format!("sum (count_over_time({{service_name=\"{service}\"}}[2h]))");
        let counted = figures(&text, now_ms);
        #[expect(clippy::cast_precision_loss, reason = "counts of a test")]
        let expected = (kept + suppressed) as f64;
        assert_eq!(counted, [("{}".to_owned(), expected)], "{service}");
        let text = format!("sum (rate({{service_name=\"{service}\"}}[2h]))");
        let (_, rate) = figures(&text, now_ms)[0];
        assert!(
            (rate * 7_200.0 - expected).abs() < 1e-6,
            "{service}: {rate}"
        );
        let filtered =
            format!("sum (count_over_time({{service_name=\"{service}\"}} |= \"\" [2h]))");
        assert_eq!(whole(figures(&filtered, now_ms)[0].1), kept, "{service}");
    }
    assert!(
        dropped > 0,
        "the run drops no lines: nothing was tested of them"
    );
    let by_level = figures(
        "sum by (level) (count_over_time({service_name=\"orders\"}[2h]))",
        now_ms,
    );
    assert!(
        by_level
            .iter()
            .any(|(labels, _)| labels == "{level=\"error\"}"),
        "{by_level:?}"
    );
    let by_field = figures(
        "sum by (upstream) (count_over_time({service_name=\"orders\"} | json | error=\"timeout\" [2h]))",
        now_ms,
    );
    assert!(
        by_field
            .iter()
            .all(|(labels, _)| labels.contains("upstream")),
        "{by_field:?}"
    );
    // Windows that touch hold every line once.
    let lines = reader.lines();
    let start_ms = reader.exposition().unix_ms(0);
    let answer = lines.range(
        &query("sum (count_over_time({service_name=\"orders\"} |= \"\" [1m]))"),
        (start_ms, now_ms + 60_000),
        60_000,
    );
    let Ok(Answer::Matrix(series)) = answer else {
        panic!("{answer:?}");
    };
    let sum: f64 = series[0].1.iter().map(|sample| sample.value).sum();
    let kept = looked(|of, _| of == "orders").len() as u64;
    assert_eq!(whole(sum), kept);
}

#[test]
fn what_is_no_query_is_refused_with_its_column() {
    for (text, says) in [
        ("", "column 1"),
        ("{", "column 2: expected a label"),
        ("{service_name=\"a\"", "column 18"),
        ("{pod=\"a\"}", "a label of streams"),
        ("{service_name=~\"(\"}", "a regular expression"),
        ("{service_name=~\".*\"}", "not empty"),
        ("{service_name=\"a\"} |= b", "a text in quotes"),
        ("{service_name=\"a\"} | colour = \"red\"", "a field"),
        ("{service_name=\"a\"} | duration > fast", "a number"),
        ("{service_name=\"a\"} nonsense", "the end of the query"),
        ("rate({service_name=\"a\"})", "\"[\""),
        ("rate({service_name=\"a\"}[0s])", "above 0"),
        ("sum by (a (rate({service_name=\"a\"}[1m]))", "\")\""),
        ("average(rate({service_name=\"a\"}[1m]))", "count_over_time"),
    ] {
        let error = Query::new(text).expect_err(text).to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    for (text, name) in [
        ("{service_name=\"a\"} | line_format \"x\"", "line_format"),
        (
            "quantile_over_time(0.9, {service_name=\"a\"} | unwrap duration [1m])",
            "quantile_over_time",
        ),
        ("topk(3, rate({service_name=\"a\"}[1m]))", "topk"),
    ] {
        let error = Query::new(text).expect_err(text);
        assert_eq!(error, Error::Outside(name.to_owned()), "{text}");
    }
    assert!(Query::new(&format!("{{service_name=\"{}\"}}", "x".repeat(5_000))).is_err());
}

/// Traces are those of the panels' reader that fulfil the search.
#[test]
fn traces_are_those_a_plain_look_finds() {
    let session = session();
    let (reader, now_ns) = (session.reader(), session.now_ns());
    let recorded = reader.recorded();
    let view = session.view();
    let flow = view.main_flow().expect("a main flow").name.clone();
    let all: Vec<_> = [false, true]
        .into_iter()
        .flat_map(|failing| reader.traces(&flow, None, failing, 0, now_ns))
        .collect();
    let ids = |search: &str| {
        let search = Search::parse(search).expect("a search");
        let found = recorded.search(&search, (0, now_ns), usize::MAX);
        // The reader keeps work of queues apart.
        let asked = found.iter().filter(|trace| trace.end.link.is_none());
        let mut ids: Vec<u64> = asked.map(|trace| trace.end.id).collect();
        ids.sort_unstable();
        ids
    };
    let looked = |fits: &dyn Fn(&brownout_session::reader::TraceRow) -> bool| {
        let mut ids: Vec<u64> = all
            .iter()
            .filter(|row| fits(row))
            .map(|row| row.id)
            .collect();
        ids.sort_unstable();
        ids
    };
    let within = |search: &str| format!("flow={flow} {search}");
    let failed = looked(&|row| !row.status.is_ok());
    assert!(!failed.is_empty());
    assert_eq!(ids(&within("status=error")), failed);
    let slow = looked(&|row| row.duration_ns >= 500_000_000);
    assert_eq!(ids(&within("min=500ms")), slow);
    let menus = looked(&|row| row.spans.iter().any(|span| span.service == "menus"));
    assert_eq!(ids(&within("service=menus")), menus);
    let again = looked(&|row| {
        row.spans
            .iter()
            .any(|s| s.service == "menus" && s.attempt == 2)
    });
    assert!(!again.is_empty());
    assert_eq!(ids(&within("service=menus attempt=2")), again);
}

/// The command gives lines, figures and traces in the shapes of Loki and Jaeger, and says what is wrong in one line.
#[test]
fn the_command_answers() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("query");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let journal = folder.join("run.journal").to_string_lossy().into_owned();
    let brownout = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(arguments)
            .output()
            .expect("the program runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let ran = brownout(&[
        "run",
        "scenarios/kiosk-config",
        "--until",
        "3m",
        "--journal",
        &journal,
    ]);
    assert_eq!(ran.0, Some(0), "{}", ran.2);
    let json = |arguments: &[&str]| -> serde_json::Value {
        let (code, out, error) = brownout(&[&["query", &journal, "--json"], arguments].concat());
        assert_eq!(code, Some(0), "{error}");
        serde_json::from_str(&out).expect("JSON")
    };
    let lines = json(&["--logql", "{level=\"error\"}", "--limit", "5"]);
    assert_eq!(lines["data"]["resultType"], "streams");
    let streams = lines["data"]["result"].as_array().expect("streams");
    let values: usize = streams
        .iter()
        .map(|s| s["values"].as_array().expect("values").len())
        .sum();
    assert_eq!(values, 5);
    let figures = json(&["--logql", "sum (rate({level=\"error\"}[1m]))"]);
    assert_eq!(figures["data"]["resultType"], "vector");
    let metrics = json(&["--promql", "count(up) == bool count(workers_busy)"]);
    assert_eq!(metrics["data"]["result"][0]["value"][1], "1");
    let traces = json(&["--traces", "status=error", "--limit", "3"]);
    assert_eq!(traces["data"].as_array().expect("traces").len(), 3);
    for wrong in [
        ["--promql", "sum("],
        ["--logql", "{"],
        ["--traces", "colour=red"],
    ] {
        let (code, _, error) = brownout(&[&["query", &journal], &wrong[..]].concat());
        assert_eq!(code, Some(1), "{wrong:?}");
        assert_eq!(error.trim().lines().count(), 1, "{wrong:?}: {error}");
    }
    let (code, ..) = brownout(&["query", &journal]);
    assert_eq!(code, Some(2), "nothing is asked");
}
