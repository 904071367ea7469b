//! A run of what was made of traces, to say how near its durations come to those of the spans.

use std::collections::BTreeMap;
use std::sync::Arc;

use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::probe::{Probe, ServerEnd};
use brownout_sim::world::{Progress, World};

use super::super::Times;
use super::fit::quantile;
use crate::limits::MAX_SIMULATED_NS;

/// Requests of each service wanted; a 95th percentile of so many is off by about one part in thirty.
const WANTED: usize = 4_000;
/// Events simulated at most: about a second of computing.
const MAX_EVENTS: u64 = 1_500_000;
/// Seed of the run.
const SEED: u64 = 7;

/// Durations of requests by service.
struct Durations {
    service_of: Vec<usize>,
    by_service: Vec<Vec<u64>>,
}

impl Probe for Durations {
    fn server_end(&mut self, end: &ServerEnd) {
        let service = self.service_of.get(end.endpoint.index());
        if let Some(durations) = service.and_then(|service| self.by_service.get_mut(*service))
            && durations.len() < 4 * WANTED
        {
            durations.push(end.duration_ns);
        }
    }
}

/// Runs a system until enough was measured, and compares with the sorted durations of spans by service.
pub(super) fn compare(blueprint: Blueprint, spans: &BTreeMap<String, Vec<u64>>) -> Vec<Times> {
    let service_of = blueprint
        .endpoints
        .iter()
        .map(|endpoint| endpoint.service.index());
    let mut durations = Durations {
        service_of: service_of.collect(),
        by_service: vec![Vec::new(); blueprint.services.len()],
    };
    let names: Vec<String> = blueprint
        .services
        .iter()
        .map(|service| service.name.clone())
        .collect();
    let compared = |names: &str| spans.contains_key(names);
    let mut world = World::new(Arc::new(blueprint), SEED);
    let (mut until_ns, mut left) = (10 * SECOND_NS, MAX_EVENTS);
    loop {
        let before = world.events();
        let progress = world.advance_until(until_ns, left, &mut durations);
        left = left.saturating_sub(world.events() - before);
        let lacking = names.iter().zip(&durations.by_service);
        let enough = lacking
            .filter(|(name, _)| compared(name))
            .all(|(_, durations)| durations.len() >= WANTED);
        let over =
            left == 0 || until_ns >= MAX_SIMULATED_NS || !matches!(progress, Progress::Reached);
        if enough || over {
            break;
        }
        until_ns = (until_ns * 2).min(MAX_SIMULATED_NS);
    }
    let mut times = Vec::new();
    for (name, mut run) in names.into_iter().zip(durations.by_service) {
        let Some(spans) = spans.get(&name) else {
            continue;
        };
        run.sort_unstable();
        let of = |sorted: &[u64], q: f64| {
            super::super::quantity::scaled(quantile(sorted, q), 1.0, 0.0, 1e18)
        };
        times.push(Times {
            spans: spans.len(),
            spans_p50_ns: of(spans, 0.5),
            spans_p95_ns: of(spans, 0.95),
            run_p50_ns: of(&run, 0.5),
            run_p95_ns: of(&run, 0.95),
            service: name,
        });
    }
    times
}
