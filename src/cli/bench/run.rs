//! Running one workload through the ordinary pipeline: text, checks, compiled world, full telemetry.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use anyhow::bail;
use brownout_sim::blueprint::{
    Blueprint, Change, MINUTE_NS, ONE_Q16, SECOND_NS, Selector, TimedChange,
};
use brownout_sim::ids::{InstanceId, ServiceId};
use brownout_sim::world::{Progress, World};
use brownout_telemetry::Recorder;
use brownout_telemetry::metrics::{Series, SeriesKind};
use brownout_telemetry::recorder::SCRAPE_NS;
use brownout_telemetry::signal::Scope;
use serde::{Deserialize, Serialize};

use super::workloads::{Trouble, Workload};
use crate::validation::network::compile_text;

/// What was measured of a workload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub name: String,
    /// Requests of users.
    pub requests: u64,
    pub events: u64,
    /// Attempts of calls that reached a server.
    pub spans: u64,
    /// Processor time of the run; of its storm alone, where there is one.
    pub cpu_s: f64,
    pub requests_per_cpu_s: f64,
    /// Simulated time per processor time.
    pub real_time_factor: f64,
    pub cpu_ns_per_span: f64,
    pub simulated_s: f64,
    /// Mean time at a service spent waiting for a worker or core.
    pub mean_wait_s: f64,
    /// Mean time of a user's request.
    pub mean_sojourn_s: f64,
    pub peak_rss_mib: f64,
    /// Time of a fork in the storm, the 95th percentile of 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fork_p95_ms: Option<f64>,
    pub state_hash: String,
}

/// Processor time of this process so far in seconds: what the scheduler counted, or else what a clock says.
fn cpu_s(begun: Instant) -> f64 {
    fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or_else(|| begun.elapsed().as_secs_f64(), seconds)
}

#[expect(clippy::cast_precision_loss, reason = "figures of a report")]
fn seconds(ns: u64) -> f64 {
    ns as f64 / SECOND_NS as f64
}

/// Most memory the process ever held, as the system counts it; 0 where it does not.
fn peak_rss_mib() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// When the storm begins.
const TROUBLE_NS: u64 = MINUTE_NS;
/// When it has spread to all that it will spread to.
const STORM_NS: u64 = 2 * MINUTE_NS;
const FORKS: u64 = 20;
/// How many times as long the last service takes in the storm.
const SLOWDOWN: u32 = 40;

/// Makes the last service of a chain too slow for what is asked of it.
pub(super) fn storm(blueprint: &mut Blueprint) {
    let last = ServiceId::from_index(blueprint.services.len() - 1);
    blueprint.timeline.push(TimedChange {
        at_ns: TROUBLE_NS,
        change: Change::Slowdown {
            selector: Selector {
                service: Some(last),
                ..Selector::default()
            },
            factor_q16: SLOWDOWN * ONE_Q16,
        },
    });
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures of a report, far below 2^53"
)]
pub(super) fn run(workload: &Workload, requests: u64, seed: u64) -> anyhow::Result<Row> {
    let begun = Instant::now();
    let mut blueprint = compile_text(&workload.text())?;
    let storm = workload.trouble == Trouble::Storm;
    if storm {
        self::storm(&mut blueprint);
    }
    let blueprint = Arc::new(blueprint);
    let from_ns = if storm { STORM_NS } else { 0 };
    let until_ns = from_ns + requests * SECOND_NS / workload.rate_per_s();
    let mut world = World::new(Arc::clone(&blueprint), seed);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    let mut forks_ms = Vec::new();
    let mut forks_s = 0.0;
    let mut cpu_from_s = cpu_s(begun);
    let mut before = Totals::default();
    while world.now_ns() < until_ns {
        if storm && world.now_ns() <= from_ns {
            (cpu_from_s, before) = (cpu_s(begun), Totals::of(&world, &recorder, until_ns));
        }
        let next_ns = (world.now_ns() + SCRAPE_NS).min(until_ns);
        if recorder.advance(&mut world, next_ns, u64::MAX) != Progress::Reached {
            bail!("{}: the run was aborted", workload.name);
        }
        recorder.scrape(&world);
        let part = (until_ns - from_ns) / (FORKS + 1);
        let due = (forks_ms.len() as u64 + 1) * part + from_ns;
        if storm && (forks_ms.len() as u64) < FORKS && world.now_ns() >= due {
            let (cpu, clock) = (cpu_s(begun), Instant::now());
            let fork = std::hint::black_box(world.fork());
            forks_ms.push(clock.elapsed().as_secs_f64() * 1e3);
            drop(fork);
            forks_s += cpu_s(begun) - cpu;
        }
    }
    let cpu_s = cpu_s(begun) - cpu_from_s - forks_s;
    let peak_rss_mib = peak_rss_mib();
    let after = Totals::of(&world, &recorder, until_ns);
    let requests = after.requests - before.requests;
    let spans = after.spans - before.spans;
    forks_ms.sort_by(f64::total_cmp);
    Ok(Row {
        name: workload.name.to_owned(),
        requests,
        events: after.events - before.events,
        spans,
        cpu_s,
        requests_per_cpu_s: requests as f64 / cpu_s,
        real_time_factor: seconds(until_ns - from_ns) / cpu_s,
        cpu_ns_per_span: cpu_s * 1e9 / spans as f64,
        simulated_s: seconds(until_ns - from_ns),
        mean_wait_s: seconds(after.wait_ns - before.wait_ns) / spans as f64,
        mean_sojourn_s: seconds(after.sojourn_ns - before.sojourn_ns)
            / (after.answered - before.answered).max(1) as f64,
        peak_rss_mib,
        fork_p95_ms: forks_ms.get(forks_ms.len() * 95 / 100).copied(),
        state_hash: format!("{:016x}", world.hash()),
    })
}

/// Sums from the beginning of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    requests: u64,
    answered: u64,
    sojourn_ns: u64,
    events: u64,
    spans: u64,
    wait_ns: u64,
}

impl Totals {
    fn of(world: &World, recorder: &Recorder, until_ns: u64) -> Self {
        let blueprint = world.blueprint();
        let mut totals = Self {
            events: world.events(),
            ..Self::default()
        };
        for flow in 0..blueprint.flows.len() {
            let flow = brownout_sim::ids::FlowId::from_index(flow);
            for region in 0..blueprint.regions.len() {
                let region = brownout_sim::ids::RegionId::from_index(region);
                totals.requests += world.counts(flow, region).arrivals;
            }
            let users = recorder
                .signals()
                .tally(Scope::flow(flow, None), 0, until_ns);
            totals.answered += users.total();
            totals.sojourn_ns += users.durations.sum_ns;
        }
        for instance in 0..world.instance_count() {
            totals.wait_ns += world.instance(InstanceId::from_index(instance)).wait_ns;
        }
        let served = |series: &Series| matches!(series.kind, SeriesKind::Server { .. });
        recorder.metrics.visit(0, until_ns, served, |_, _, gained| {
            totals.spans += gained.count();
        });
        totals
    }
}
