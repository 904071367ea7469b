//! Caches, databases and queues, written in RON and run: each mechanism emerges, and is gone without its precondition.

mod anything;
mod caches;
mod corruption;
mod databases;
mod queues;

use std::sync::Arc;

use brownout_scenario::{MemoryFiles, compile_system, load_system};
use brownout_sim::blueprint::{Change, DataChange, SECOND_NS};
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::probe::Blind;
use brownout_sim::world::{FlowCounts, Progress, World};

/// A world of one region (`north`) or two, from the parts that differ.
pub fn world(keys: &str, services: &str, flows: &str, seed: u64) -> World {
    let text = format!(
        r#"System(
            format: 1, name: "test", title: "Test", regions: ["north", "south"],
            latency: (within: "0ms", between: "20ms"),
            keys: [{keys}],
            services: [{services}],
            flows: [{flows}],
        )"#
    );
    let files = MemoryFiles::new(&[("test.ron", &text)]);
    let (system, found) = load_system(&files, "test.ron");
    let system = system.unwrap_or_else(|| panic!("{found:#?}"));
    let blueprint = compile_system(&system).unwrap_or_else(|found| panic!("{found:#?}"));
    World::new(Arc::new(blueprint), seed)
}

pub fn run(world: &mut World, until_s: u64) {
    let progress = world.advance_until(until_s * SECOND_NS, u64::MAX, &mut Blind);
    assert_eq!(progress, Progress::Reached);
}

pub fn counts(world: &World) -> FlowCounts {
    world.counts(FlowId(0), RegionId(0))
}

pub fn change(world: &mut World, change: DataChange) {
    world
        .apply(&Change::Data(change), &mut Blind)
        .unwrap_or_else(|rejected| panic!("{rejected:?}"));
}

/// Exactly: every request made has one fate, and so has all work handed over.
pub fn conserved(world: &World) {
    let counts = counts(world);
    let (flow, region) = (FlowId(0), RegionId(0));
    let ended = counts.ok + counts.slow + counts.failed;
    assert_eq!(counts.arrivals, ended + world.in_flight(flow, region));
    let handled = counts.consumed + counts.lost + counts.dead;
    assert_eq!(
        counts.published,
        handled + world.handed_over(flow, region),
        "{counts:?}"
    );
}

const FLOW: &str = r#"(name: "f", title: "F", entry: ("app", "go"), slow: "10s", timeout: "TIMEOUT", rates: {"north": "RATE"}, main: true)"#;

pub fn flow(rate: &str, timeout: &str) -> String {
    FLOW.replace("RATE", rate).replace("TIMEOUT", timeout)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn share(part: u64, of: u64) -> f64 {
    part as f64 / of as f64
}
