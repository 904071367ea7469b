//! The end of a request: what its user got, and the trace it leaves.

use super::World;
use super::frame::{Frame, flag};
use super::trust::shown;
use crate::ids::{FrameId, SourceId};
use crate::probe::{Probe, RootEnd, Span, Status, TraceEnd};

impl World {
    /// A user's request, or work handed over, has its result: that of one of its own attempts.
    pub(super) fn root_result<P: Probe>(&mut self, id: FrameId, status: Status, probe: &mut P) {
        let now_ns = self.now_ns;
        let frame = self.arena.frame(id);
        let (index, attempt, stale) = (frame.trace, frame.attempt, frame.is(flag::STALE));
        let wrong = status.is_ok() && frame.is(flag::WRONG);
        let trace = &mut self.arena.traces[index as usize];
        let duration_ns = now_ns - trace.start_ns;
        let asynchronous = trace.link != 0;
        let slow_ns = self.blueprint.flows[trace.flow.index()].slow_ns;
        trace.status = status;
        trace.result_ns = now_ns;
        trace.open = false;
        trace.slow = !asynchronous && status.is_ok() && duration_ns > slow_ns;
        if asynchronous {
            return self.handed_over_result(id, status);
        }
        let slow = trace.slow;
        let stale = status.is_ok() && stale;
        let end = RootEnd {
            at_ns: now_ns,
            flow: trace.flow,
            region: trace.region,
            segment: trace.segment,
            client: trace.client,
            source: SourceId(trace.source),
            status,
            slow,
            degraded: trace.degraded,
            stale,
            duration_ns,
            attempts: attempt + 1,
            trace: trace.id,
        };
        let book = self.book(end.flow, end.region);
        book.presence.departure(now_ns, duration_ns);
        let counts = &mut book.counts;
        let count = match (status, slow) {
            (Status::Ok, false) => &mut counts.ok,
            (Status::Ok, true) => &mut counts.slow,
            (Status::Throttled, _) => &mut counts.shed,
            (Status::Abandoned, _) => &mut counts.abandoned,
            _ => &mut counts.failed,
        };
        *count += 1;
        counts.attempts += u64::from(attempt) + 1;
        counts.stale += u64::from(stale);
        counts.wrong += u64::from(wrong);
        probe.root_end(&end);
        let impatient = self.blueprint.flows[end.flow.index()].patience.is_some();
        if !(impatient && self.tries_again(index)) {
            self.think(end.source.index());
        }
    }

    /// Handed-over work has been done, or been given up.
    fn handed_over_result(&mut self, id: FrameId, status: Status) {
        let frame = *self.arena.frame(id);
        let trace = self.arena.traces[frame.trace as usize];
        let refused = !self.data.producers.is_empty() && self.acknowledge_trace(frame.trace, false);
        if status.is_ok() {
            let bound_ns = self.late_after_ns(&trace);
            let late = bound_ns > 0 && !trace.late && self.now_ns - trace.start_ns > bound_ns;
            let counts = self.counts_mut(trace.flow, trace.region);
            counts.consumed += 1;
            counts.late += u64::from(late);
        } else if self.keep_dead(&frame, &trace, status) {
            let counts = self.counts_mut(trace.flow, trace.region);
            counts.dead += 1;
            // Dead again after it was sent again: it counts once.
            counts.late -= u64::from(trace.late);
        } else if refused {
            // Its producer knows that the queue has not taken it: it was never handed over.
            self.counts_mut(trace.flow, trace.region).published -= 1;
        } else {
            let counts = self.counts_mut(trace.flow, trace.region);
            counts.lost += 1;
            counts.late -= u64::from(trace.late);
        }
    }

    /// Nothing more will happen to a frame; with the last one its trace is over.
    #[inline]
    pub(super) fn retire<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let frame = self.arena.frame_mut(id);
        frame.flags |= flag::RETIRED;
        let index = frame.trace;
        let trace = &mut self.arena.traces[index as usize];
        trace.live -= 1;
        if trace.live == 0 {
            self.trace_over(index, probe);
        }
    }

    fn trace_over<P: Probe>(&mut self, index: u32, probe: &mut P) {
        let trace = &self.arena.traces[index as usize];
        let head = trace.head;
        let end = TraceEnd {
            id: trace.id,
            link: (trace.link != 0).then_some(trace.link),
            flow: trace.flow,
            region: trace.region,
            segment: trace.segment,
            start_ns: trace.start_ns,
            result_ns: trace.result_ns,
            status: trace.status,
            slow: trace.slow,
        };
        if probe.wants_trace(&end) {
            let spans = self.spans(head);
            probe.trace_end(&end, &spans);
        }
        if self.pauses {
            self.arena.forget_keys(index);
        }
        if !self.data.locks.waited.is_empty() {
            self.forget_lock_waits(head);
        }
        self.arena.free_trace(index);
    }

    pub(super) fn spans(&self, head: FrameId) -> Vec<Span> {
        let mut ids = Vec::new();
        let mut id = head;
        while id != FrameId::NONE {
            ids.push(id);
            id = self.arena.frame(id).sibling;
        }
        ids.reverse();
        let position = |wanted: FrameId| {
            ids.iter()
                .position(|&i| i == wanted)
                .and_then(|p| u32::try_from(p).ok())
        };
        ids.iter()
            .map(|&id| {
                let frame = self.arena.frame(id);
                let (mut client, mut server) = (0, 0);
                if self.trust.has_skews() {
                    client = self.caller_skew_ns(frame);
                    server = self.skew_ns(frame.instance);
                }
                let locked = self.data.locks.waited.get(&id);
                Span {
                    lock_at_ns: locked.map_or(0, |waited| shown(waited.first_ns, server)),
                    lock_ns: locked.map_or(0, |waited| waited.sum_ns),
                    parent: if frame.parent == FrameId::NONE {
                        None
                    } else {
                        position(frame.parent)
                    },
                    edge: frame.edge,
                    instance: (frame.instance != Frame::NO_INSTANCE).then_some(frame.instance),
                    attempt: frame.attempt,
                    status: frame.status,
                    start_ns: shown(frame.start_ns, client),
                    arrive_ns: shown(frame.arrive_ns, server),
                    begin_ns: shown(frame.begin_ns, server),
                    end_ns: if frame.end_ns == 0 {
                        shown(frame.start_ns, client)
                    } else if frame.instance == Frame::NO_INSTANCE {
                        shown(frame.end_ns, client)
                    } else {
                        shown(frame.end_ns, server)
                    },
                    abandoned: frame.is(flag::ABANDONED),
                    unroutable: frame.is(flag::UNROUTABLE),
                }
            })
            .collect()
    }
}
