//! `brownout validate`: the long validation set, and stations of one's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use serde::Serialize;

use super::files::Library;
use super::load::render;
use super::{FAILURE, print_json};
use crate::validation::stations::{Estimate, Survey, observe, survey};
use crate::validation::{Case, Finding, Ratio, Run, cases, judge};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A system file of your own: mean wait, sojourn, utilisation and loss of each of its services, with 95 % confidence
    /// intervals. See docs/STATIONS.md.
    file: Option<PathBuf>,
    /// Folder the file must lie in; by default the nearest folder above named `scenarios`.
    #[arg(long, requires = "file")]
    root: Option<PathBuf>,
    /// Only cases whose name contains this.
    #[arg(long, conflicts_with = "file")]
    case: Option<String>,
    /// Requests of each run, where a case leaves that open.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000))]
    requests: u64,
    /// Runs of each case, with seeds from 1.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
    /// List the cases and run nothing.
    #[arg(long, conflicts_with = "file")]
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
    if let Some(file) = &arguments.file {
        return stations(file, arguments);
    }
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

/// Do tasks `0..count` on all cores; results in order.
fn on_all_cores<T: Send>(count: usize, task: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, T>> = Mutex::default();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let result = task(index);
            let Ok(mut done) = done.lock() else { return };
            done.insert(index, result);
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores.min(count) {
            scope.spawn(work);
        }
    });
    done.into_inner()
        .unwrap_or_default()
        .into_values()
        .collect()
}

/// Every seed of every case; cases are told on the error stream as they end.
fn run_all(chosen: &[&Case], arguments: &Arguments) -> anyhow::Result<Vec<Row>> {
    let tasks: Vec<(usize, u64)> = (0..chosen.len())
        .flat_map(|case| (1..=arguments.seeds).map(move |seed| (case, seed)))
        .collect();
    let ended: Vec<AtomicU64> = chosen.iter().map(|_| AtomicU64::new(0)).collect();
    let results = on_all_cores(tasks.len(), |task| {
        let (index, seed) = tasks[task];
        let case = chosen[index];
        let ratios = (case.run)(Run {
            case: case.name,
            seed,
            requests: arguments.requests,
            stretch_percent: 100,
        });
        if ended[index].fetch_add(1, Ordering::Relaxed) + 1 == arguments.seeds {
            eprintln!("{}/{} {}", index + 1, chosen.len(), case.name);
        }
        ratios
    });
    let mut by_case: Vec<Vec<Vec<Ratio>>> = vec![Vec::new(); chosen.len()];
    for ((index, _), ratios) in tasks.iter().zip(results) {
        by_case[*index].push(ratios?);
    }
    let rows = chosen.iter().zip(&by_case).flat_map(|(case, seeds)| {
        judge(case, seeds).into_iter().map(|finding| Row {
            finding,
            source: case.source,
        })
    });
    Ok(rows.collect())
}

/// A system file in steady state.
fn stations(file: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (library, name) = Library::around(file, arguments.root.as_deref())
        .with_context(|| format!("cannot open {}", file.display()))?;
    let (loaded, found) = brownout_scenario::load_system(&library, &name);
    render(&library, &found);
    let Some(Ok(blueprint)) = loaded.map(|loaded| brownout_scenario::compile_system(&loaded))
    else {
        return Ok(ExitCode::from(FAILURE));
    };
    let seeds = usize::try_from(arguments.seeds)?;
    let observed = on_all_cores(seeds, |seed| {
        observe(&blueprint, seed as u64 + 1, arguments.requests)
    });
    let observed: Vec<_> = observed.into_iter().collect::<anyhow::Result<_>>()?;
    let survey = survey(&blueprint, arguments.requests, &observed);
    if arguments.json {
        print_json(&survey)?;
    } else {
        print_survey(&survey);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_survey(survey: &Survey) {
    let shown = |estimate: &Estimate| {
        let width = estimate.half_width;
        width.map_or_else(
            || format!("{:.4}", estimate.mean),
            |width| format!("{:.4} +- {width:.4}", estimate.mean),
        )
    };
    println!(
        "{:<16} {:>22} {:>20} {:>22} {:>22} {:>20}",
        "service", "rate /s", "utilisation", "wait ms", "sojourn ms", "loss"
    );
    for station in &survey.stations {
        println!(
            "{:<16} {:>22} {:>20} {:>22} {:>22} {:>20}",
            station.service,
            shown(&station.rate_per_s),
            shown(&station.utilisation),
            shown(&station.wait_ms),
            shown(&station.sojourn_ms),
            shown(&station.loss)
        );
    }
    println!(
        "users: rate {} /s, sojourn {} ms, loss {}; {} seeds of {} requests, 95 % confidence",
        shown(&survey.rate_per_s),
        shown(&survey.sojourn_ms),
        shown(&survey.loss),
        survey.seeds,
        survey.requests
    );
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
