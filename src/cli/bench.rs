//! `brownout bench`: engine throughput on fixed workloads, through the ordinary pipeline (RON, compiled world, full
//! telemetry). One time unit of the workloads is 1 ms. With `--window`: what the window costs.

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use brownout_scenario::{MemoryFiles, compile_system, load_system};
use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::world::{Progress, World};
use brownout_telemetry::Recorder;
use brownout_telemetry::recorder::SCRAPE_NS;
use brownout_telemetry::signal::Scope;
use serde::Serialize;

use super::print_json;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Root requests per workload.
    #[arg(long, default_value_t = 1_000_000)]
    requests: u64,
    /// Seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this workload.
    #[arg(long, value_parser = ["W1", "W2", "W3"])]
    only: Option<String>,
    /// Measure the window instead: time of each part of a frame at 1× and 10×, and processor time in menus (needs a display).
    #[arg(long, conflicts_with_all = ["requests", "only"])]
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

#[derive(Debug, Serialize)]
struct Report {
    workloads: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    requests: u64,
    events: u64,
    cpu_s: f64,
    requests_per_cpu_s: f64,
    mean_sojourn_s: f64,
    state_hash: String,
}

/// Calls of a service: the services it calls, at once if there are several.
struct Workload {
    name: &'static str,
    cores: u32,
    rate_per_s: u32,
    /// Service → services it calls.
    calls: Vec<Vec<usize>>,
    timeout: &'static str,
    attempts: u8,
}

fn workloads() -> [Workload; 3] {
    let chain: Vec<Vec<usize>> = (0..10)
        .map(|i| if i < 9 { vec![i + 1] } else { Vec::new() })
        .collect();
    let mut tree = vec![vec![1, 2, 3], vec![4, 5], vec![6, 7], vec![8, 9]];
    tree.resize(10, Vec::new());
    [
        Workload {
            name: "W1",
            cores: 1,
            rate_per_s: 800,
            calls: vec![Vec::new()],
            timeout: "1h",
            attempts: 1,
        },
        Workload {
            name: "W2",
            cores: 4,
            rate_per_s: 2_800,
            calls: chain,
            timeout: "1h",
            attempts: 1,
        },
        Workload {
            name: "W3",
            cores: 4,
            rate_per_s: 2_800,
            calls: tree,
            timeout: "20ms",
            attempts: 3,
        },
    ]
}

impl Workload {
    /// The workload as a system file.
    fn ron(&self) -> String {
        let mut services = String::new();
        for (index, callees) in self.calls.iter().enumerate() {
            let called: Vec<String> = callees
                .iter()
                .map(|callee| format!("(\"s{callee}\", \"go\")"))
                .collect();
            let call = match called.as_slice() {
                [] => String::new(),
                [one] => format!(", Call{one}"),
                several => format!(", Parallel([{}])", several.join(", ")),
            };
            let cores = self.cores;
            // Writing to a string cannot fail.
            let _ = writeln!(
                services,
                "(name: \"s{index}\", replicas: {{\"r\": 1}}, instance: (cores: {cores}, workers: 1000000, queue: 1000000), \
                 endpoints: [(name: \"go\", steps: [Compute(\"1ms\"){call}])]),"
            );
        }
        format!(
            "System(format: 1, name: \"bench\", title: \"Bench\", regions: [\"r\"], latency: (within: \"0s\", between: \"0s\"), \
             calls: (timeout: \"{}\", attempts: {}, backoff: \"0s\"), services: [{services}], \
             flows: [(name: \"f\", title: \"f\", entry: (\"s0\", \"go\"), slow: \"1h\", timeout: \"1h\", \
             rates: {{\"r\": \"{}/s\"}}, main: true)])",
            self.timeout, self.attempts, self.rate_per_s
        )
    }

    fn blueprint(&self) -> anyhow::Result<Arc<Blueprint>> {
        let (loaded, found) = load_system(
            &MemoryFiles::new(&[("bench.ron", &self.ron())]),
            "bench.ron",
        );
        let problems: Vec<String> = found.iter().map(ToString::to_string).collect();
        let loaded = loaded.with_context(|| problems.join("\n"))?;
        let blueprint =
            compile_system(&loaded).map_err(|_| anyhow::anyhow!(problems.join("\n")))?;
        Ok(Arc::new(blueprint))
    }

    #[expect(clippy::cast_precision_loss, reason = "figures of a report")]
    fn run(&self, requests: u64, seed: u64) -> anyhow::Result<Row> {
        let blueprint = self.blueprint()?;
        let begun = Instant::now();
        let mut world = World::new(Arc::clone(&blueprint), seed);
        let mut recorder = Recorder::new(&blueprint, Vec::new());
        let until_ns = requests * SECOND_NS / u64::from(self.rate_per_s);
        while world.now_ns() < until_ns {
            let next_ns = (world.now_ns() + SCRAPE_NS).min(until_ns);
            if recorder.advance(&mut world, next_ns, u64::MAX) != Progress::Reached {
                bail!("{}: the run was aborted", self.name);
            }
            recorder.scrape(&world);
        }
        let cpu_s = begun.elapsed().as_secs_f64();
        let counts = world.counts(FlowId(0), RegionId(0));
        let users = recorder
            .signals()
            .tally(Scope::flow(FlowId(0), None), 0, until_ns);
        Ok(Row {
            name: self.name,
            requests: counts.arrivals,
            events: world.events(),
            cpu_s,
            requests_per_cpu_s: counts.arrivals as f64 / cpu_s,
            mean_sojourn_s: users.durations.sum_ns as f64
                / users.total().max(1) as f64
                / SECOND_NS as f64,
            state_hash: format!("{:016x}", world.hash()),
        })
    }
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
    let mut rows = Vec::new();
    for workload in workloads() {
        if arguments
            .only
            .as_deref()
            .is_none_or(|only| only == workload.name)
        {
            rows.push(workload.run(arguments.requests, arguments.seed)?);
        }
    }
    let report = Report { workloads: rows };
    if arguments.json {
        print_json(&report)?;
    } else {
        for row in &report.workloads {
            println!(
                "{}: {} requests in {:.2} s = {:.0} requests/s, {} events, mean sojourn {:.3} ms",
                row.name,
                row.requests,
                row.cpu_s,
                row.requests_per_cpu_s,
                row.events,
                row.mean_sojourn_s * 1e3
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
