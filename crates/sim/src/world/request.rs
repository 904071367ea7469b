//! The life of a request: launch, service, reply, time-out, retry.
#![expect(
    clippy::inline_always,
    reason = "an attempt goes through all of these within one event: as calls they were a sixth of its instructions"
)]

use super::frame::{Call, Frame, flag};
use super::pause::Held;
use super::policy::feature;
use super::timers::{Timer, low32};
use super::{Abort, MAX_FRAMES, Work, World};
use crate::blueprint::{Fallback, ONE_Q16};
use crate::event::EventKind;
use crate::hash::combine;
use crate::ids::{EdgeId, FrameId};
use crate::probe::{CallEnd, Probe, Status};

/// What a keyed draw is for. Part of the key, so that one more kind of draw shifts no other.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Compute = 1,
    Failure,
    Balance,
    Backoff,
    Shift,
    DescriptorLeak = 40,
    ConnectionLeak,
    Patience = 60,
    Again,
    Jitter,
    Loss,
    Cut,
    Refused = 80,
    Broken,
    Corrupt,
}

impl World {
    #[inline]
    pub(super) fn draw(&self, key: u64, purpose: Purpose, step: u16) -> u64 {
        draw(key ^ self.salt, purpose, step)
    }

    /// A new live frame, unless the cap on frames is reached, which ends the run.
    #[inline(always)]
    pub(super) fn frame(&mut self, call: &Call) -> Option<FrameId> {
        if self.arena.used_frames >= MAX_FRAMES {
            self.abort = Some(Abort::FramesInFlight);
            return None;
        }
        Some(self.arena.alloc_frame(call))
    }

    #[inline]
    pub(super) fn launch<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        if self.arena.frame(id).is(flag::GONE) {
            // The caller died during the pause before this attempt.
            return self.retire(id, probe);
        }
        if self.paused != 0 && self.hold_at_client(id, Held::Launch(id)) {
            return;
        }
        let sequence = self.queue.next_sequence();
        let frame = self.arena.frame_mut(id);
        frame.start_ns = self.now_ns;
        frame.timer = low32(sequence);
        let edge = frame.edge;
        let row = &self.tables.edges[edge.index()];
        let (mut timeout_ns, features) = (row.timeout_ns, row.features);
        if features & feature::TERMS != 0 {
            timeout_ns = self.timeout_of(id);
        }
        let deadline_ns = self.now_ns + timeout_ns;
        self.forget_answered(edge.index());
        let timers = &mut self.timers[edge.index()];
        let timer = Timer {
            deadline_ns,
            sequence,
            frame: id,
        };
        timers.insert(timer);
        if timers
            .armed
            .is_none_or(|(armed_ns, _)| deadline_ns < armed_ns)
        {
            timers.armed = Some((deadline_ns, sequence));
            self.queue.push_with_sequence(
                deadline_ns,
                sequence,
                EventKind::Timeout,
                u32::from(edge.0),
            );
        }
        if features == 0 {
            self.send(id, probe);
        } else if self.admit(id, features) {
            self.connect(id, probe);
        }
    }

    /// Send an attempt on its way, if it still may go.
    pub(super) fn connect<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        if self.arena.frame(id).is(flag::GONE) {
            // Nobody waits any more for what was to be sent once there was a connection.
            return self.retire(id, probe);
        }
        let features = self.tables.edges[self.arena.frame(id).edge.index()].features;
        if features & feature::RESOURCE != 0 && !self.open_socket(id) {
            return self.fail_at_client(id, Status::Exhausted);
        }
        if features & feature::SCHEMA != 0 && !self.schema_fits(id) {
            // The database answers at once that there is no such column.
            self.arena.frame_mut(id).status = Status::Internal;
            self.work.push(Work::Deliver(id));
            return;
        }
        self.send(id, probe);
    }

    /// Send an attempt on its way.
    #[inline]
    fn send<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        match self.route(id) {
            Ok((instance, hop_ns)) => {
                if self.trust.has_certificates() && !self.is_trusted(id, instance) {
                    // Known after one message each way.
                    self.arena.frame_mut(id).status = Status::Untrusted;
                    self.disconnect(id);
                    return self.after(2 * hop_ns, EventKind::Deliver, Work::Deliver(id), id);
                }
                if !self.links.is_empty() {
                    return self.send_request(id, instance);
                }
                self.arena.frame_mut(id).instance = instance;
                self.instances[instance.index()].outstanding += 1;
                if hop_ns == 0 {
                    self.arrive(id, probe);
                } else {
                    self.queue
                        .push(self.now_ns + hop_ns, EventKind::Arrive, id.0);
                }
            }
            Err(true) if self.arena.frame(id).is(flag::FAILS_AT_ONCE) => {
                self.fail_at_client(id, Status::Internal);
            }
            Err(true) => self.arena.frame_mut(id).flags |= flag::UNROUTABLE,
            Err(false) => {
                let frame = self.arena.frame_mut(id);
                if frame.status == Status::Ok {
                    frame.status = Status::Unavailable;
                }
                let region = self.client_region(self.arena.frame(id));
                let hop_ns = self.blueprint.latency(region, region);
                self.after(hop_ns, EventKind::Deliver, Work::Deliver(id), id);
            }
        }
    }

    /// Do `work` after a delay; at once, without an event, if there is none.
    #[inline(always)]
    pub(super) fn after(&mut self, delay_ns: u64, kind: EventKind, work: Work, id: FrameId) {
        if delay_ns == 0 {
            self.work.push(work);
        } else {
            self.queue.push(self.now_ns + delay_ns, kind, id.0);
        }
    }

    #[inline]
    pub(super) fn deliver<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let frame = self.arena.frame(id);
        if !frame.is(flag::GONE) {
            let status = frame.status;
            self.result(id, status, probe);
        }
        self.retire(id, probe);
    }

    /// A deadline that came down from further up has passed. The frame may be another by now, or have its result.
    pub(super) fn deadline<P: Probe>(&mut self, id: FrameId, at_ns: u64, probe: &mut P) {
        let frame = self.arena.frame(id);
        if frame.deadline_ns == at_ns && !frame.is(flag::GONE | flag::RETIRED) {
            self.run_out(id, Status::Timeout, probe);
        }
    }

    /// The client's patience has run out.
    pub(super) fn run_out<P: Probe>(&mut self, id: FrameId, status: Status, probe: &mut P) {
        if self.paused != 0 {
            let key = self.arena.frame(id).key;
            if self.hold_at_client(id, Held::RunOut(id, key)) {
                return;
            }
        }
        let frame = self.arena.frame_mut(id);
        let nowhere = frame.is(flag::NOWHERE);
        frame.flags = (frame.flags | flag::ABANDONED) & !flag::AWAITS_CONNECTION;
        let edge = frame.edge;
        self.result(id, status, probe);
        if nowhere {
            self.end_nowhere(id, probe);
        } else if self.tables.edges[edge.index()].features & feature::CANCEL != 0 {
            self.work.push(Work::Cancel(id));
        }
    }

    /// Nobody waits for an attempt that was nowhere. The server may have seen it, if it was the reply that was lost.
    pub(super) fn end_nowhere<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let now_ns = self.now_ns;
        let frame = self.arena.frame_mut(id);
        if frame.end_ns == 0 {
            frame.end_ns = now_ns;
        }
        self.retire(id, probe);
    }

    /// The client of an attempt knows its result: try again, or carry on.
    pub(super) fn result<P: Probe>(&mut self, id: FrameId, status: Status, probe: &mut P) {
        if self.paused != 0 {
            let key = self.arena.frame(id).key;
            if self.hold_at_client(id, Held::Result(id, key, status)) {
                return;
            }
        }
        let now_ns = self.now_ns;
        let frame = self.arena.frame_mut(id);
        frame.timer = 0;
        frame.flags |= flag::GONE;
        frame.status = status;
        let (edge, parent, twin) = (frame.edge, frame.parent, frame.twin);
        let (trace, attempt, start_ns) = (frame.trace, frame.attempt, frame.start_ns);
        let unroutable = frame.is(flag::UNROUTABLE);
        let caller = (parent != FrameId::NONE).then(|| self.arena.frame(parent).instance);
        probe.call_end(&CallEnd {
            at_ns: now_ns,
            edge,
            client: caller,
            client_version: caller.map(|i| self.instances[i.index()].version),
            status,
            duration_ns: now_ns - start_ns,
            attempt,
            unroutable,
            skew_ns: caller.map_or(0, |client| self.skew_ns(client)),
            trace: self.arena.traces[trace as usize].id,
        });
        if self.ejecting {
            let frame = *self.arena.frame(id);
            self.watch_outcome(&frame, status, probe);
        }
        let features = self.tables.edges[edge.index()].features;
        if features != 0 {
            self.settle(id, features, status);
            if twin != FrameId::NONE {
                self.arena.frame_mut(twin).twin = FrameId::NONE;
                if status.is_ok() {
                    self.give_up(twin, probe);
                } else if !self.arena.frame(twin).is(flag::GONE) {
                    // The other attempt goes on.
                    return;
                }
            }
        }
        if !status.is_ok() {
            return self.attempt_failed(id, status, features, probe);
        }
        if parent == FrameId::NONE {
            return self.root_result(id, status, probe);
        }
        let bits = self.arena.frame(id).flags;
        self.call_over(parent, false, bits, probe);
    }

    /// A failed attempt is followed by another one, by something in its place, or by nothing.
    fn attempt_failed<P: Probe>(
        &mut self,
        id: FrameId,
        status: Status,
        features: u16,
        probe: &mut P,
    ) {
        let frame = *self.arena.frame(id);
        let mut attempts = self.blueprint.edges[frame.edge.index()].attempts;
        if features & feature::TERMS != 0 {
            attempts = self.terms_of(&frame).attempts.unwrap_or(attempts);
        }
        if frame.attempt + 1 < attempts && self.may_retry(&frame, features) {
            let pause_ns = self.backoff(&frame);
            let again = Call {
                key: combine(frame.key, u64::from(frame.attempt) + 1),
                parent: frame.parent,
                twin: FrameId::NONE,
                trace: frame.trace,
                edge: frame.edge,
                attempt: frame.attempt + 1,
                site: frame.site,
            };
            if let Some(again) = self.frame(&again) {
                self.arena.frame_mut(again).flags |= frame.flags & flag::FALLBACK;
                self.after(pause_ns, EventKind::Launch, Work::Launch(again), again);
            }
            return;
        }
        if frame.parent == FrameId::NONE {
            return self.root_result(id, status, probe);
        }
        let edge = &self.blueprint.edges[frame.edge.index()];
        let mut failed = !edge.optional;
        if let Some(fallback) = edge.fallback
            && !frame.is(flag::FALLBACK)
        {
            match fallback {
                Fallback::Answer => {
                    failed = false;
                    self.arena.traces[frame.trace as usize].degraded = true;
                }
                Fallback::Call(edge) => return self.fall_back(&frame, edge),
            }
        }
        self.call_over(frame.parent, failed, frame.flags | flag::MISS, probe);
    }

    /// A call of `id` is over, failed or not, with what its last attempt says of caches and replicas; with the last call
    /// the caller goes on.
    #[inline(always)]
    fn call_over<P: Probe>(&mut self, id: FrameId, failed: bool, bits: u32, probe: &mut P) {
        let caller = self.arena.frame_mut(id);
        caller.pending -= 1;
        if bits & (flag::MISS | flag::STALE | flag::WRONG) != 0 {
            let missed = bits & flag::MISS != 0;
            caller.flags |= if missed { flag::MISSED } else { 0 };
            caller.flags |= bits & (flag::STALE | flag::WRONG);
        }
        if failed {
            caller.flags |= flag::FAILED;
        }
        if caller.pending == 0 {
            if caller.is(flag::FAILED) {
                self.finish(id, Status::BadGateway, probe);
            } else {
                caller.pc += 1;
                self.work.push(Work::Step(id));
            }
        }
    }

    /// Another call in the place of one that has failed for good; the caller goes on waiting.
    fn fall_back(&mut self, failed: &Frame, edge: EdgeId) {
        let key = combine(failed.key, self.tables.edge_key(edge));
        let call = Call {
            key,
            parent: failed.parent,
            twin: FrameId::NONE,
            trace: failed.trace,
            edge,
            attempt: 0,
            site: failed.site,
        };
        if let Some(call) = self.frame(&call) {
            self.arena.frame_mut(call).flags |= flag::FALLBACK;
            self.work.push(Work::Launch(call));
        }
    }

    /// Pause before the attempt after `frame`: base × factor^attempt × (1 ± jitter).
    pub(super) fn backoff(&self, frame: &Frame) -> u64 {
        let edge = &self.blueprint.edges[frame.edge.index()];
        let mut pause_ns = u128::from(edge.backoff_ns);
        for _ in 0..frame.attempt {
            pause_ns = pause_ns * u128::from(edge.backoff_factor_q16) >> 16;
        }
        let draw = self.draw(frame.key, Purpose::Backoff, 0) >> 48;
        let spread = u128::from(edge.jitter_q16.min(ONE_Q16)) * 2 * u128::from(draw) >> 16;
        let low = u128::from(ONE_Q16 - edge.jitter_q16.min(ONE_Q16));
        u64::try_from(pause_ns * (low + spread) >> 16).unwrap_or(u64::MAX)
    }
}

#[inline]
pub(super) const fn draw(key: u64, purpose: Purpose, step: u16) -> u64 {
    combine(key, (purpose as u64) << 32 | step as u64)
}
