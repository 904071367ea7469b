//! `brownout bench`: engine throughput on fixed workloads, through the ordinary pipeline (RON, compiled world, full
//! telemetry), each in a process of its own. With `--window`: what the window costs.

mod queries;
mod run;
mod workloads;

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::print_json;
use run::Row;
use workloads::{REPORTED, WORKLOADS, Workload};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Root requests per workload; by default a million of W1 to W3 and an hour's of the others.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000))]
    requests: Option<u64>,
    /// Seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this workload, in this process.
    #[arg(long, value_parser = ["W1", "W2", "W3", "S20", "S20-storm", "S40", "S100", "S200", "S500"])]
    only: Option<String>,
    /// Measure S20, S40, S100, S200 and S500 instead: the same load over more and more instances.
    #[arg(long, conflicts_with = "only")]
    curve: bool,
    /// Measure questions about an hour of telemetry instead: metrics, logs and traces.
    #[arg(long, conflicts_with_all = ["requests", "only", "curve", "window"])]
    queries: bool,
    /// Measure the window instead: time of each part of a frame at 1× and 10×, and processor time in menus (needs a display).
    #[arg(long, conflicts_with_all = ["requests", "only", "curve"])]
    window: bool,
    /// With `--window`: minutes of the incident in which memory is watched.
    #[arg(long, value_name = "MINUTES", default_value_t = 0, requires = "window")]
    soak: u32,
    /// With `--window`: seconds each stage is measured.
    #[arg(long, default_value_t = 15, requires = "window", value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Report {
    workloads: Vec<Row>,
}

/// Measure a workload in a process of its own, so that its memory and its caches are its own.
fn apart(workload: &Workload, arguments: &Arguments) -> anyhow::Result<Row> {
    let requests = arguments.requests.unwrap_or(workload.requests).to_string();
    let output = Command::new(std::env::current_exe()?)
        .args(["bench", "--json", "--only", workload.name])
        .args(["--requests", &requests])
        .args(["--seed", &arguments.seed.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start a process for a workload")?;
    if !output.status.success() {
        bail!("{}: the measurement failed", workload.name);
    }
    let report: Report = serde_json::from_slice(&output.stdout)?;
    let row = report.workloads.into_iter().next();
    row.with_context(|| format!("{}: nothing was measured", workload.name))
}

#[cfg(not(feature = "window"))]
fn window(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let _ = (arguments.soak, arguments.seconds);
    bail!("this build has no window to measure")
}

#[cfg(feature = "window")]
fn window(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let path = std::path::Path::new("scenarios/regional-gateway");
    let loaded = super::load::scenario(path, None, arguments.seed, None, "bench")?;
    let report = crate::app::bench(crate::app::BenchOptions {
        scenario: loaded.scenario,
        header: loaded.header,
        soak_min: arguments.soak,
        stage_s: arguments.seconds,
    })?;
    if arguments.json {
        print_json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("drawn by {}", report.adapter);
    for stage in &report.stages {
        let processor = stage
            .processor_percent
            .map_or_else(|| "unknown".to_owned(), |percent| format!("{percent} %"));
        println!(
            "{}: {} frames/s, processor {processor} of a core",
            stage.name, stage.frames_per_s
        );
        for part in &stage.parts {
            println!(
                "  {:<10} median {:>6} us, p95 {:>6} us, in {} frames",
                part.name, part.median_us, part.p95_us, part.frames
            );
        }
    }
    for row in &report.soak {
        println!("minute {}: {} KiB resident", row.minute, row.resident_kib);
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn bench(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.window {
        return window(arguments);
    }
    if arguments.queries {
        let report = queries::run(arguments.seed)?;
        if arguments.json {
            print_json(&report)?;
        } else {
            queries::print(&report);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Row> = if let Some(only) = &arguments.only {
        let chosen = WORKLOADS.iter().filter(|w| w.name == only);
        let measured =
            chosen.map(|w| run::run(w, arguments.requests.unwrap_or(w.requests), arguments.seed));
        measured.collect::<anyhow::Result<_>>()?
    } else {
        let chosen: Vec<&Workload> = if arguments.curve {
            let curve = ["S20", "S40", "S100", "S200", "S500"];
            let named = |name| WORKLOADS.iter().find(|w| w.name == name);
            curve.into_iter().filter_map(named).collect()
        } else {
            WORKLOADS.iter().take(REPORTED).collect()
        };
        let measured = chosen.into_iter().map(|w| apart(w, arguments));
        measured.collect::<anyhow::Result<_>>()?
    };
    let report = Report { workloads: rows };
    if arguments.json {
        print_json(&report)?;
    } else {
        for row in &report.workloads {
            println!("{}", line(row));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(row: &Row) -> String {
    let fork = row
        .fork_p95_ms
        .map_or_else(String::new, |ms| format!(", fork p95 {ms:.1} ms"));
    format!(
        "{:<9} {:>9} requests in {:>6.2} s: {:>9.0} requests/s, {:>6.0} ns a span, {:>6.0} x real time, \
         mean wait {:.4} ms, mean sojourn {:.4} ms, {:.0} MiB{fork}",
        row.name,
        row.requests,
        row.cpu_s,
        row.requests_per_cpu_s,
        row.cpu_ns_per_span,
        row.real_time_factor,
        row.mean_wait_s * 1e3,
        row.mean_sojourn_s * 1e3,
        row.peak_rss_mib
    )
}
