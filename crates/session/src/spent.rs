//! Where the time of a flow's requests goes: time of its own of each endpoint on the way, waits for workers and for locks,
//! per request, from the kept traces.
//!
//! Traces are kept by outcome, so each counts for as many as were seen of its kind.

use std::collections::BTreeMap;

use crate::names;
use crate::reader::{Reader, SpanRow, TraceRow};

/// What time goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spent {
    /// Its own work, and the way there and back.
    Own,
    /// Waiting for a worker.
    Worker,
    /// Waiting for locks.
    Locks,
}

/// Time per request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeSpent {
    /// Traces it is from.
    pub traces: usize,
    /// Requests they stand for.
    pub requests: u64,
    /// Mean duration for the user in nanoseconds.
    pub duration_ns: u64,
    /// By service, endpoint and what it goes into, in nanoseconds per request.
    pub by: BTreeMap<(String, String, Spent), u64>,
}

impl Reader<'_> {
    /// Where the time of a flow's requests whose result came in `(from_ns, to_ns]` went.
    #[must_use]
    pub fn time_spent(
        &self,
        flow: &str,
        region: Option<&str>,
        from_ns: u64,
        to_ns: u64,
    ) -> TimeSpent {
        let session = self.session();
        let blueprint = &session.scenario.blueprint;
        let Ok(flow) = names::flow(blueprint, flow) else {
            return TimeSpent::default();
        };
        let region = region.and_then(|name| names::region(blueprint, name).ok());
        let kept = session
            .recorder
            .traces
            .weighted(flow, region, from_ns, to_ns);
        let mut sums: BTreeMap<(String, String, Spent), u128> = BTreeMap::new();
        let mut spent = TimeSpent::default();
        let (mut weights, mut durations) = (0u128, 0u128);
        for (trace, weight) in kept {
            let row = self.row_of(trace);
            let weight = u128::from(weight);
            weights += weight;
            durations += weight * u128::from(row.duration_ns);
            spent.traces += 1;
            for (key, ns) in shares(&row) {
                *sums.entry(key).or_default() += weight * u128::from(ns);
            }
        }
        let mean =
            |sum: u128| u64::try_from(sum.checked_div(weights).unwrap_or(0)).unwrap_or(u64::MAX);
        spent.requests = u64::try_from(weights / 1_000).unwrap_or(u64::MAX);
        spent.duration_ns = mean(durations);
        spent.by = sums
            .into_iter()
            .map(|(key, sum)| (key, mean(sum)))
            .collect();
        spent
    }
}

/// Time of a trace by where it went.
fn shares(row: &TraceRow) -> Vec<((String, String, Spent), u64)> {
    let mut shares = Vec::new();
    for (index, span) in row.spans.iter().enumerate() {
        let below = row.spans.iter().skip(index + 1);
        let below = below.take_while(|other| other.depth > span.depth);
        let calls: Vec<&SpanRow> = below
            .filter(|other| other.depth == span.depth + 1)
            .collect();
        let waits = span.wait_ns.saturating_add(span.lock_ns);
        let own = span
            .duration_ns
            .saturating_sub(covered(span, &calls))
            .saturating_sub(waits);
        let key = |what| (span.service.clone(), span.endpoint.clone(), what);
        let parts = [
            (Spent::Own, own),
            (Spent::Worker, span.wait_ns.min(span.duration_ns)),
            (Spent::Locks, span.lock_ns.min(span.duration_ns)),
        ];
        shares.extend(
            parts
                .into_iter()
                .filter(|(_, ns)| *ns > 0)
                .map(|(what, ns)| (key(what), ns)),
        );
    }
    shares
}

/// Time within a span that calls of it take, those at once counted once.
fn covered(span: &SpanRow, calls: &[&SpanRow]) -> u64 {
    let end_ns = span.start_ns + span.duration_ns;
    let mut parts: Vec<(u64, u64)> = calls
        .iter()
        .map(|call| {
            let (from, to) = (call.start_ns, call.start_ns + call.duration_ns);
            (
                from.clamp(span.start_ns, end_ns),
                to.clamp(span.start_ns, end_ns),
            )
        })
        .collect();
    parts.sort_unstable();
    let (mut sum, mut until) = (0, span.start_ns);
    for (from, to) in parts {
        sum += to.saturating_sub(from.max(until));
        until = until.max(to);
    }
    sum
}
