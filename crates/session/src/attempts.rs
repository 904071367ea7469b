//! Requests the player makes to see what becomes of them (S13).
//!
//! Such a request is made in a copy of the world: it meets the same queues, faults and draws as a user's at that moment, and
//! leaves no trace in anybody's figures. Its result is told when it is there, not before.

use std::collections::BTreeMap;

use brownout_sim::blueprint::{MILLISECOND_NS, SECOND_NS};
use brownout_sim::hash::combine;
use brownout_sim::ids::SegmentId;
use brownout_sim::probe::{Probe, Span, TraceEnd};
use brownout_telemetry::traces::StoredTrace;

use crate::desk::Stamp;
use crate::event::Event;
use crate::journal::Entry;
use crate::names;
use crate::reader::TraceRow;
use crate::session::{Refused, Session};

/// Longest time waited for a result.
const PATIENCE_NS: u64 = 60 * SECOND_NS;
/// Most events run for it.
const MAX_EVENTS: u64 = 20_000_000;
/// Requests that may be under way at a time.
const AT_ONCE: usize = 3;
/// Sets the identities of these requests apart from all others.
const TRIED: u64 = 0x7472_6965_6421;

/// A request the player made.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When.
    pub stamp: Stamp,
    /// Flow.
    pub flow: String,
    /// Region.
    pub region: String,
    /// Segment.
    pub segment: String,
    /// When its result is there.
    pub ready_ns: u64,
    /// What became of it.
    pub words: String,
    /// The same, span by span.
    pub trace: Option<TraceRow>,
    /// Whether the event was told.
    pub told: bool,
}

/// Waits for one trace.
struct Awaited {
    id: u64,
    found: Option<StoredTrace>,
}

impl Probe for Awaited {
    fn wants_trace(&mut self, end: &TraceEnd) -> bool {
        end.id == self.id
    }

    fn trace_end(&mut self, end: &TraceEnd, spans: &[Span]) {
        self.found = Some(StoredTrace {
            end: *end,
            spans: spans.to_vec().into_boxed_slice(),
        });
    }
}

impl Session {
    /// Make a request of a flow.
    pub(crate) fn attempt(
        &mut self,
        flow: &str,
        region: &str,
        segment: Option<&str>,
        stamp: Stamp,
    ) -> Result<(), Refused> {
        let blueprint = &self.scenario.blueprint;
        let (flow_id, region_id) = (
            names::flow(blueprint, flow)?,
            names::region(blueprint, region)?,
        );
        let now_ns = self.world.now_ns();
        let running = self
            .desk
            .attempts
            .iter()
            .filter(|made| made.ready_ns > now_ns);
        if running.count() >= AT_ONCE {
            return Err(Refused::Range(
                "three requests are under way: wait for a result",
            ));
        }
        let mut of_flow = blueprint.sources.iter().filter(|source| {
            source.flow == flow_id
                && source.region == region_id
                && segment.is_none_or(|name| self.segment_name(source.segment) == name)
        });
        let Some(source) = of_flow.next() else {
            return Err(Refused::NothingToDo {
                what: format!(
                    "no user of {flow} is in {region}{}",
                    match segment {
                        Some(segment) => format!(" as {segment}"),
                        None => String::new(),
                    }
                ),
            });
        };
        let segment_id = source.segment;
        let id = combine(combine(self.header.seed, TRIED), stamp.seq);
        let mut awaited = Awaited { id, found: None };
        let mut fork = self.world.fork();
        fork.try_request(flow_id, region_id, segment_id, id, &mut awaited);
        let (mut until_ns, mut left) = (now_ns, MAX_EVENTS);
        while awaited.found.is_none() && until_ns < now_ns + PATIENCE_NS && left > 0 {
            until_ns += 100 * MILLISECOND_NS;
            let before = fork.events();
            fork.advance_until(until_ns, left, &mut awaited);
            left = left.saturating_sub(fork.events() - before);
        }
        let trace = awaited.found.map(|trace| self.reader().row_of(&trace));
        let took_ns = trace.as_ref().map_or(PATIENCE_NS, |row| row.duration_ns);
        let segment = self.segment_name(segment_id);
        let words = format!(
            "{flow} from {region}{}: {}",
            of(&segment),
            result(trace.as_ref())
        );
        self.desk.attempts.push(Attempt {
            stamp,
            flow: flow.to_owned(),
            region: region.to_owned(),
            segment,
            ready_ns: now_ns + took_ns,
            words,
            trace,
            told: false,
        });
        Ok(())
    }

    pub(crate) fn segment_name(&self, id: SegmentId) -> String {
        let segments = &self.scenario.blueprint.segments;
        segments.get(id.index()).cloned().unwrap_or_default()
    }

    /// Tell results that are there.
    pub(crate) fn watch_attempts(&mut self) {
        let now_ns = self.world.now_ns();
        let mut events = Vec::new();
        for (index, made) in self.desk.attempts.iter_mut().enumerate() {
            if !made.told && made.ready_ns <= now_ns {
                made.told = true;
                events.push(Event::Tried {
                    attempt: u32::try_from(index + 1).unwrap_or(u32::MAX),
                    words: made.words.clone(),
                });
            }
        }
        for event in events {
            self.record(Entry::Event(event));
        }
    }
}

fn of(segment: &str) -> String {
    if segment.is_empty() {
        String::new()
    } else {
        format!(" as {segment}")
    }
}

/// What became of a request: its status and time, and of one that failed where it failed first.
fn result(trace: Option<&TraceRow>) -> String {
    let Some(trace) = trace else {
        return "no result within a minute".to_owned();
    };
    let ms = trace.duration_ns / MILLISECOND_NS;
    let slow = if trace.slow { ", slow" } else { "" };
    // The deepest failure is where it began.
    let mut failures: BTreeMap<u16, &crate::reader::SpanRow> = BTreeMap::new();
    for span in trace.spans.iter().filter(|span| !span.status.is_ok()) {
        failures.entry(span.depth).or_insert(span);
    }
    let at = failures
        .last_key_value()
        .map_or_else(String::new, |(_, span)| {
            format!(
                ", first at {} {} ({})",
                span.service,
                span.endpoint,
                span.status.http()
            )
        });
    format!("{} after {ms} ms{slow}{at}", trace.status.http())
}
