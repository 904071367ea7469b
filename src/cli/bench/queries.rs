//! How long questions about an hour of telemetry take.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use brownout_sim::blueprint::MINUTE_NS;
use brownout_sim::world::{Progress, World};
use brownout_telemetry::Recorder;
use brownout_telemetry::logql;
use brownout_telemetry::promql::source::Source;
use brownout_telemetry::promql::{Answer, Query, Semantics};
use brownout_telemetry::recorder::SCRAPE_NS;
use brownout_telemetry::search::Search;
use serde::Serialize;

use super::run::storm;
use super::workloads::WORKLOADS;
use crate::validation::network::compile_text;

/// Simulated minutes that are asked about.
const MINUTES: u64 = 60;
/// Times each question is asked; the median counts.
const TIMES: usize = 7;
/// Lines that are searched.
const LINES: usize = 100_000;

/// What was measured.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    metric_mib: f64,
    series: usize,
    log_lines: usize,
    traces: u64,
    questions: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    store: &'static str,
    question: String,
    /// What was gone through.
    over: String,
    median_ms: f64,
}

#[expect(clippy::cast_precision_loss, reason = "figures of a report")]
pub(super) fn run(seed: u64) -> anyhow::Result<Report> {
    let workload = WORKLOADS.iter().find(|w| w.name == "S20-storm");
    let workload = workload.context("no workload S20-storm")?;
    let mut blueprint = compile_text(&workload.text())?;
    storm(&mut blueprint);
    let blueprint = Arc::new(blueprint);
    let mut world = World::new(Arc::clone(&blueprint), seed);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    let until_ns = MINUTES * MINUTE_NS;
    while world.now_ns() < until_ns {
        let next_ns = world.now_ns() + SCRAPE_NS;
        if recorder.advance(&mut world, next_ns, u64::MAX) != Progress::Reached {
            bail!("the run was aborted");
        }
        recorder.scrape(&world);
    }
    let mut questions = Vec::new();
    metrics(&recorder, until_ns, &mut questions)?;
    logs(&recorder, until_ns, &mut questions)?;
    traces(&recorder, until_ns, &mut questions)?;
    Ok(Report {
        metric_mib: recorder.metrics.bytes() as f64 / 1_048_576.0,
        series: recorder.metrics.series().len(),
        log_lines: recorder.logs.lines().len(),
        traces: recorder.volume().traces_kept,
        questions,
    })
}

/// Median of several times, in milliseconds.
fn median<T>(mut ask: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<f64> {
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        black_box(ask()?);
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[TIMES / 2])
}

fn metrics(recorder: &Recorder, until_ns: u64, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let exposition = recorder.exposition(0);
    let (start_ms, end_ms) = (exposition.unix_ms(0) + 60_000, exposition.unix_ms(until_ns));
    for (question, selector) in [
        (
            "sum by (service_name) (rate(http_server_request_duration_seconds_bucket{le=~\"0.05|0.1|0.25|0.5|0.75|1.0|2.5\"}[1m]))",
            "http_server_request_duration_seconds_bucket{le=~\"0.05|0.1|0.25|0.5|0.75|1.0|2.5\"}",
        ),
        (
            "sum by (service_name) (rate(http_client_request_duration_seconds_count[1m]))",
            "http_client_request_duration_seconds_count",
        ),
        (
            "histogram_quantile(0.99, sum by (le, service_name) (rate(http_server_request_duration_seconds_bucket[1m])))",
            "http_server_request_duration_seconds_bucket",
        ),
    ] {
        let count = Query::new(
            &format!("count(last_over_time({selector}[1h]))"),
            Semantics::default(),
        )?;
        let Answer::Vector(count) = count.instant(&exposition, end_ms)? else {
            bail!("no count of series");
        };
        let number = count.first().map_or(0.0, |(_, sample)| sample.value);
        let query = Query::new(question, Semantics::default())?;
        rows.push(Row {
            store: "metrics",
            question: format!("{question} every 15 s"),
            over: format!("{number} series, {MINUTES} min at 5 s"),
            median_ms: median(|| Ok(query.range(&exposition, start_ms, end_ms, 15_000)?))?,
        });
        let at_once = median(|| Ok(query.instant(&exposition, end_ms)?))?;
        rows.push(Row {
            store: "metrics",
            question: format!("{question} now"),
            over: format!("{number} series"),
            median_ms: at_once,
        });
    }
    let everything = median(|| Ok(exposition.select(&[], start_ms, start_ms + 60_000)))?;
    rows.push(Row {
        store: "metrics",
        question: "every series of a minute".to_owned(),
        over: "all series".to_owned(),
        median_ms: everything,
    });
    Ok(())
}

fn logs(recorder: &Recorder, until_ns: u64, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let lines = recorder.lines(0);
    let all = recorder.logs.lines();
    let from_ns = all
        .len()
        .checked_sub(LINES)
        .map_or(0, |first| all[first].at_ns);
    let number = recorder.logs.between(from_ns, until_ns).len();
    for question in [
        "{service_name=~\".+\"} |= \"attempt=3\"",
        "{service_name=~\".+\"} |~ \"timeout after [0-9]+ms service=s1[0-9]\"",
        "{level=\"error\"} | duration > 900ms",
        "{service_name=~\".+\"} |= \"no such words\"",
    ] {
        let query = logql::Query::new(question)?;
        rows.push(Row {
            store: "logs",
            question: question.to_owned(),
            over: format!("{number} lines"),
            median_ms: median(|| Ok(lines.find(&query, (from_ns, until_ns), 1_000)?))?,
        });
    }
    let question = "sum by (service_name) (count_over_time({level=\"error\"}[1m]))";
    let query = logql::Query::new(question)?;
    let (start_ms, end_ms) = (
        i64::try_from(from_ns / 1_000_000)?,
        i64::try_from(until_ns / 1_000_000)?,
    );
    rows.push(Row {
        store: "logs",
        question: format!("{question} every 15 s"),
        over: format!("{number} lines"),
        median_ms: median(|| Ok(lines.range(&query, (start_ms, end_ms), 15_000)?))?,
    });
    Ok(())
}

fn traces(recorder: &Recorder, until_ns: u64, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let recorded = recorder.recorded(0);
    let kept = recorder.volume().traces_kept;
    for question in [
        "status=error min=250ms",
        "service=s10 attempt=2",
        "status=503",
    ] {
        let search = Search::parse(question).map_err(|e| anyhow::anyhow!(e))?;
        rows.push(Row {
            store: "traces",
            question: question.to_owned(),
            over: format!("{kept} traces"),
            median_ms: median(|| Ok(recorded.search(&search, (0, until_ns), 100).len()))?,
        });
    }
    Ok(())
}

pub(super) fn print(report: &Report) {
    println!(
        "{MINUTES} minutes of S20 in its storm: {} series in {:.1} MiB, {} log lines, {} traces kept",
        report.series, report.metric_mib, report.log_lines, report.traces
    );
    for row in &report.questions {
        println!(
            "{:>9.2} ms  {:<8} {} ({})",
            row.median_ms, row.store, row.question, row.over
        );
    }
}
