//! `brownout validate`: the long validation set, and stations of one's own.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::bail;
use serde::Serialize;

use super::{FAILURE, print_json};
use crate::validation::{Case, Finding, Ratio, Run, cases, judge};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only cases whose name contains this.
    #[arg(long)]
    case: Option<String>,
    /// Requests of each run, where a case leaves that open.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000))]
    requests: u64,
    /// Runs of each case, with seeds from 1.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
    /// List the cases and run nothing.
    #[arg(long)]
    list: bool,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    requests: u64,
    seeds: u64,
    wall_s: f64,
    missed: usize,
    findings: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    finding: Finding,
    source: &'static str,
}

pub(super) fn validate(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let wanted = arguments.case.as_deref().unwrap_or("");
    let chosen: Vec<&Case> = cases().filter(|c| c.name.contains(wanted)).collect();
    if chosen.is_empty() {
        bail!("no case is called like `{wanted}`; --list shows all");
    }
    if arguments.list {
        for case in chosen {
            println!("{:<28} {}", case.name, case.source);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let begun = Instant::now();
    let findings = run_all(&chosen, arguments)?;
    let missed = findings.iter().filter(|row| !row.finding.ok).count();
    let report = Report {
        requests: arguments.requests,
        seeds: arguments.seeds,
        wall_s: begun.elapsed().as_secs_f64(),
        missed,
        findings,
    };
    if arguments.json {
        print_json(&report)?;
    } else {
        for row in &report.findings {
            println!("{}", line(&row.finding));
        }
        println!(
            "{} quantities of {} cases, {missed} missed, in {:.0} s",
            report.findings.len(),
            chosen.len(),
            report.wall_s
        );
    }
    Ok(ExitCode::from(if missed > 0 { FAILURE } else { 0 }))
}

/// Every seed of every case on all cores; cases are told on the error stream as they end.
fn run_all(chosen: &[&Case], arguments: &Arguments) -> anyhow::Result<Vec<Row>> {
    let tasks: Vec<(usize, u64)> = (0..chosen.len())
        .flat_map(|case| (1..=arguments.seeds).map(move |seed| (case, seed)))
        .collect();
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<(usize, u64), anyhow::Result<Vec<Ratio>>>> = Mutex::default();
    let work = || {
        while let Some(&(index, seed)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let case = chosen[index];
            let ratios = (case.run)(Run {
                case: case.name,
                seed,
                requests: arguments.requests,
                stretch_percent: 100,
            });
            let Ok(mut done) = done.lock() else { return };
            done.insert((index, seed), ratios);
            let runs = done.range((index, 0)..=(index, u64::MAX)).count();
            if runs as u64 == arguments.seeds {
                eprintln!("{}/{} {}", index + 1, chosen.len(), case.name);
            }
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores.min(tasks.len()) {
            scope.spawn(work);
        }
    });
    let mut by_case: Vec<Vec<Vec<Ratio>>> = vec![Vec::new(); chosen.len()];
    for ((index, _), ratios) in done.into_inner().unwrap_or_default() {
        by_case[index].push(ratios?);
    }
    let rows = chosen.iter().zip(&by_case).flat_map(|(case, seeds)| {
        judge(case, seeds).into_iter().map(|finding| Row {
            finding,
            source: case.source,
        })
    });
    Ok(rows.collect())
}

fn line(finding: &Finding) -> String {
    let verdict = if finding.ok { "ok  " } else { "MISS" };
    let expected = match finding.expected {
        Some(expected) => format!(
            "expected {expected:.4}, off by {:+.2} %",
            (finding.measured / expected - 1.0) * 100.0
        ),
        None => format!("expected {} to {}", finding.low, finding.high),
    };
    let error = finding
        .standard_error
        .map_or_else(String::new, |error| format!(", standard error {error:.4}"));
    format!(
        "{verdict} {:<28} {}: {:.4}, {expected}{error}",
        finding.case, finding.what, finding.measured
    )
}
