//! Where requests come from: sources, their arrivals, and what scales them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::agenda::Rejected;
use super::frame::{Call, Trace};
use super::{SourceState, World};
use crate::blueprint::{Blueprint, ONE_Q16, Source, UserSelector};
use crate::dist;
use crate::event::EventKind;
use crate::hash::{combine, name_hash};
use crate::ids::FrameId;
use crate::probe::{Probe, Status};
use crate::rng::Stream;

impl World {
    /// Make all sources and schedule their first arrivals.
    pub(super) fn open_sources(&mut self) {
        let blueprint = Arc::clone(&self.blueprint);
        let mut named: BTreeMap<String, u64> = BTreeMap::new();
        for (index, source) in blueprint.sources.iter().enumerate() {
            let name = source_name(&blueprint, source);
            let mut key = combine(self.salt, name_hash(&name));
            // Users who wait beside users who do not are two sources of one name: they must not make the same requests.
            let namesakes = named.entry(name).or_insert(0);
            if *namesakes > 0 {
                key = combine(key, *namesakes);
            }
            *namesakes += 1;
            self.sources.push(SourceState {
                key,
                stream: Stream::new(key),
                arrivals: 0,
                next: None,
                factor_q16: ONE_Q16,
            });
            match source.users {
                None => self.schedule_arrival(index),
                Some(users) => (0..users.count).for_each(|_| self.think(index)),
            }
        }
    }

    /// A user of a closed loop thinks, then makes the next request.
    pub(super) fn think(&mut self, index: usize) {
        let source = &self.blueprint.sources[index];
        let (Some(users), state) = (source.users, &mut self.sources[index]) else {
            return;
        };
        let think_ns = users.think.sample(users.think_ns, state.stream.word());
        self.queue
            .push(self.now_ns + think_ns, EventKind::Arrival, wide(index));
    }

    /// Schedule the next arrival of an open-loop source.
    fn schedule_arrival(&mut self, index: usize) {
        let source = &self.blueprint.sources[index];
        let state = &mut self.sources[index];
        state.next = None;
        if source.limit != 0 && state.arrivals >= source.limit {
            return;
        }
        let gap_ns = dist::scale_q40(
            dist::exponential_q40(state.stream.word()),
            source.interarrival_ns,
        );
        let at_ns = if source.profile.is_empty() && state.factor_q16 == ONE_Q16 {
            Some(self.now_ns.saturating_add(gap_ns))
        } else {
            next_arrival(
                source,
                state.factor_q16,
                self.now_ns,
                u128::from(gap_ns) << 32,
            )
        };
        self.expect_arrival(index, at_ns);
    }

    fn expect_arrival(&mut self, index: usize, at_ns: Option<u64>) {
        let Some(at_ns) = at_ns else {
            self.sources[index].next = None;
            return;
        };
        let sequence = self.queue.next_sequence();
        self.sources[index].next = Some((at_ns, sequence));
        self.queue
            .push_with_sequence(at_ns, sequence, EventKind::Arrival, wide(index));
    }

    pub(super) fn arrival<P: Probe>(&mut self, index: usize, sequence: u64, probe: &mut P) {
        let open_loop = self.blueprint.sources[index].users.is_none();
        let state = &mut self.sources[index];
        if open_loop && state.next.is_none_or(|(_, awaited)| awaited != sequence) {
            // It was moved when the rate changed.
            return;
        }
        let id = combine(state.key, state.arrivals);
        state.arrivals += 1;
        if open_loop {
            self.schedule_arrival(index);
        }
        self.request(index, id, 0, probe);
    }

    /// A user of a source makes a request.
    pub(super) fn request<P: Probe>(&mut self, index: usize, id: u64, tries: u8, probe: &mut P) {
        let source = &self.blueprint.sources[index];
        let (flow, region) = (source.flow, source.region);
        let edge = self.blueprint.flows[flow.index()].edge;
        let impatient = self.blueprint.flows[flow.index()].patience.is_some();
        let trace = self.arena.alloc_trace(Trace {
            id,
            link: 0,
            origin: id,
            start_ns: self.now_ns,
            result_ns: 0,
            head: FrameId::NONE,
            tail: FrameId::NONE,
            live: 0,
            frames: 0,
            flow,
            region,
            segment: source.segment,
            client: source.client,
            leaves_ns: 0,
            source: u16::try_from(index).unwrap_or(u16::MAX),
            tries,
            status: Status::Ok,
            slow: false,
            late: false,
            degraded: false,
            used: true,
            open: true,
        });
        let now_ns = self.now_ns;
        let book = self.book(flow, region);
        book.counts.arrivals += 1;
        book.presence.arrival(now_ns);
        if let Some(frame) = self.frame(&Call {
            key: id,
            parent: FrameId::NONE,
            twin: FrameId::NONE,
            trace,
            edge,
            attempt: 0,
            site: 0,
        }) {
            if impatient {
                self.await_patience(trace);
            }
            self.launch(frame, probe);
        }
    }

    /// Whether a user's request carries what has this name: one answer for the request and all that it hands over.
    pub(super) fn carries(&self, trace: u32, name: u64, from_q32: u32, below_q32: u32) -> bool {
        let origin = self.arena.traces[trace as usize].origin;
        let drawn = combine(origin, name) >> 32;
        u64::from(from_q32) <= drawn && (below_q32 == u32::MAX || drawn < u64::from(below_q32))
    }

    fn matching<'a>(&'a self, users: &'a UserSelector) -> impl Iterator<Item = usize> + 'a {
        let sources = self.blueprint.sources.iter().enumerate();
        sources
            .filter(|(_, source)| source.users.is_none() && users.matches(source))
            .map(|(index, _)| index)
    }

    pub(super) fn check_traffic(
        &self,
        users: &UserSelector,
        factor_q16: u32,
    ) -> Result<(), Rejected> {
        let mut changes = false;
        let mut any = false;
        for index in self.matching(users) {
            any = true;
            changes |= self.sources[index].factor_q16 != factor_q16;
        }
        match (any, changes) {
            (false, _) => Err(Rejected::Unknown),
            (true, false) => Err(Rejected::NoChange),
            (true, true) => Ok(()),
        }
    }

    /// Give matching sources another rate. What is left of the present gap keeps its length in unit-rate time, so the
    /// process stays Poisson and no draw moves.
    pub(super) fn scale_traffic(&mut self, users: &UserSelector, factor_q16: u32) {
        let blueprint = Arc::clone(&self.blueprint);
        for index in self.matching(users).collect::<Vec<_>>() {
            let source = &blueprint.sources[index];
            let state = &mut self.sources[index];
            let before_q16 = std::mem::replace(&mut state.factor_q16, factor_q16);
            if before_q16 == factor_q16 {
                continue;
            }
            let Some((due_ns, _)) = state.next else {
                // Nothing was to come at the old rate, or nothing is to come any more.
                if source.limit == 0 || state.arrivals < source.limit {
                    self.schedule_arrival(index);
                }
                continue;
            };
            let left = elapsed(source, before_q16, self.now_ns, due_ns);
            let at_ns = next_arrival(source, factor_q16, self.now_ns, left);
            self.expect_arrival(index, at_ns);
        }
    }
}

impl UserSelector {
    /// Whether a source's users are among those meant.
    #[must_use]
    pub fn matches(&self, source: &Source) -> bool {
        self.flow.is_none_or(|flow| flow == source.flow)
            && self.region.is_none_or(|region| region == source.region)
            && self.segment.is_none_or(|segment| segment == source.segment)
            && self.client.is_none_or(|client| client == source.client)
    }
}

/// The stable name a source's stream is seeded by. Client versions are part of it only where there are any.
fn source_name(blueprint: &Blueprint, source: &Source) -> String {
    let mut name = format!(
        "{}/{}/{}",
        blueprint.flows[source.flow.index()].name,
        blueprint.regions[source.region.index()],
        blueprint
            .segments
            .get(source.segment.index())
            .map_or("", String::as_str)
    );
    if let Some(client) = blueprint.clients.get(source.client.index()) {
        name.push('/');
        name.push_str(client);
    }
    name
}

fn wide(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Rate factor of a source's profile before step `next`.
fn profile_factor(source: &Source, next: usize) -> u32 {
    next.checked_sub(1)
        .map_or(ONE_Q16, |step| source.profile[step].factor_q16)
}

/// When a source with piecewise constant rate has its next arrival: `left` units of 2^-32 ns at the base rate after
/// `from_ns`.
///
/// Exact for a Poisson process: the unit-rate process is mapped through the cumulative rate. `None` if the rate stays 0.
fn next_arrival(source: &Source, scale_q16: u32, from_ns: u64, left: u128) -> Option<u64> {
    let mut left = left;
    let mut at_ns = from_ns;
    let mut next = source.profile.partition_point(|step| step.at_ns <= from_ns);
    loop {
        let factor = u128::from(profile_factor(source, next)) * u128::from(scale_q16);
        let end = source.profile.get(next).map(|step| step.at_ns);
        if let Some(reach_ns) = left.checked_div(factor) {
            match end {
                Some(end_ns) if u128::from(at_ns) + reach_ns >= u128::from(end_ns) => {
                    left -= u128::from(end_ns - at_ns) * factor;
                }
                _ => {
                    return Some(at_ns.saturating_add(u64::try_from(reach_ns).unwrap_or(u64::MAX)));
                }
            }
        }
        at_ns = end?;
        next += 1;
    }
}

/// Units of 2^-32 ns at the base rate that pass between two times.
fn elapsed(source: &Source, scale_q16: u32, from_ns: u64, to_ns: u64) -> u128 {
    let mut sum = 0;
    let mut at_ns = from_ns;
    let mut next = source.profile.partition_point(|step| step.at_ns <= from_ns);
    while at_ns < to_ns {
        let factor = u128::from(profile_factor(source, next)) * u128::from(scale_q16);
        let end_ns = source
            .profile
            .get(next)
            .map_or(to_ns, |step| step.at_ns.min(to_ns));
        sum += u128::from(end_ns - at_ns) * factor;
        at_ns = end_ns;
        next += 1;
    }
    sum
}
