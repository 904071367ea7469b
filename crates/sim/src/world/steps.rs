//! The program of an endpoint, step by step.

use super::frame::{Call, Trace, flag};
use super::pause::Held;
use super::request::Purpose;
use super::{Work, World};
use crate::blueprint::Step;
use crate::hash::combine;
use crate::ids::{EdgeId, FrameId};
use crate::probe::{Probe, Status};

/// Calls within calls, all at the same moment, that are followed without a detour.
const MAX_DEPTH: u8 = 4;

impl World {
    /// Run steps until one takes time.
    pub(super) fn step<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        if self.paused != 0 && self.hold_at_server(id, Held::Step(id)) {
            return;
        }
        loop {
            let frame = self.arena.frame(id);
            let (pc, key, trace) = (frame.pc, frame.key, frame.trace);
            if frame.is(flag::CANCELLED) {
                return self.finish(id, Status::Cancelled, probe);
            }
            let instance = &self.instances[frame.instance.index()];
            let code = instance.code as usize + usize::from(pc);
            match self.tables.code[code] {
                Step::Compute { .. } => {
                    let row = &self.effective[instance.effective as usize + usize::from(pc)];
                    if row.mean_ns > 0 {
                        return self.compute(id);
                    }
                    if self.step_fails(key, pc, row.failure_q32)
                        || !self.request_layers.is_empty() && self.breaks(id, pc, None)
                    {
                        return self.finish(id, Status::Internal, probe);
                    }
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::Call(edge) => return self.call_one(id, edge, probe),
                Step::Parallel { first, len } => {
                    let blueprint = std::sync::Arc::clone(&self.blueprint);
                    let fans = &blueprint.versions[instance.version.index()].fans;
                    return self.call(
                        id,
                        &fans[usize::from(first)..usize::from(first) + usize::from(len)],
                    );
                }
                Step::Enqueue(edge) => {
                    let trace = self.publish(id, edge);
                    return self.await_acknowledgement(id, trace);
                }
                Step::Publish(edge) => {
                    self.publish(id, edge);
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::IfFlag { flag, otherwise } => {
                    let region = flag.index() * self.tables.regions + instance.region.index();
                    let trace = &self.arena.traces[trace as usize];
                    let share = self.flags[region * self.tables.segments + trace.segment.index()];
                    // One answer per user request, whichever service asks and however often.
                    let on = combine(trace.id, self.tables.flag_key[flag.index()]) >> 32 < share;
                    self.arena.frame_mut(id).pc = if on { pc + 1 } else { otherwise };
                }
                Step::Write(bytes) => {
                    let index = frame.instance.index();
                    if !self.write_to_disk(index, bytes) {
                        return self.finish(id, Status::Internal, probe);
                    }
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::IfSegment { segment, otherwise } => {
                    let here = self.arena.traces[trace as usize].segment == segment;
                    self.arena.frame_mut(id).pc = if here { pc + 1 } else { otherwise };
                }
                Step::IfClient { client, otherwise } => {
                    let here = self.arena.traces[trace as usize].client == client;
                    self.arena.frame_mut(id).pc = if here { pc + 1 } else { otherwise };
                }
                Step::IfShare {
                    name,
                    from_q32,
                    below_q32,
                    otherwise,
                } => {
                    let carries = self.carries(trace, name, from_q32, below_q32);
                    self.arena.frame_mut(id).pc = if carries { pc + 1 } else { otherwise };
                }
                Step::CheckToken { leeway_ns } => {
                    if self.trust.has_skews() && !self.accepts_token(id, leeway_ns) {
                        return self.finish(id, Status::Denied, probe);
                    }
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::Query(_) => return self.compute(id),
                Step::IfMiss { otherwise } => {
                    let frame = self.arena.frame_mut(id);
                    frame.pc = if frame.is(flag::MISSED) {
                        pc + 1
                    } else {
                        otherwise
                    };
                    frame.flags &= !flag::MISSED;
                }
                Step::Lookup | Step::Store | Step::Evict => {
                    match self.tables.code[code] {
                        Step::Lookup => self.look_up(id),
                        Step::Store => self.store(id),
                        _ => self.evict(id),
                    }
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::Join { space, otherwise } => {
                    if frame.is(flag::FAILED) {
                        return self.finish(id, Status::BadGateway, probe);
                    }
                    if !self.join(id, space, otherwise) {
                        return;
                    }
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::Leave => {
                    self.leave(id, true);
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::Lock { table, mode } => {
                    if !self.lock(id, table, mode, probe) {
                        return;
                    }
                    self.arena.frame_mut(id).pc += 1;
                }
                Step::Return => {
                    let status = if frame.is(flag::POISONED) {
                        Status::Internal
                    } else {
                        Status::Ok
                    };
                    return self.finish_and_deliver(id, status, probe);
                }
            }
        }
    }

    #[inline]
    pub(super) fn step_fails(&self, key: u64, pc: u16, failure_q32: u64) -> bool {
        failure_q32 > 0 && self.draw(key, Purpose::Failure, pc) >> 32 < failure_q32
    }

    /// Launch a call and wait for it. It is the next thing to be done in any case, so it need not go over the list of work;
    /// only a long row of calls without any delay does, which would go deeper and deeper.
    fn call_one<P: Probe>(&mut self, id: FrameId, edge: EdgeId, probe: &mut P) {
        let parent = self.arena.frame_mut(id);
        parent.pending = 1;
        parent.flags &= !flag::MISSED;
        let child = self.first_attempt(id, edge, 0);
        let Some(child) = self.frame(&child) else {
            return;
        };
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            self.launch(child, probe);
            self.depth -= 1;
        } else {
            self.chained += u32::from(MAX_DEPTH);
            self.work.push(Work::Launch(child));
        }
    }

    /// Launch calls and wait for all of them.
    fn call(&mut self, id: FrameId, edges: &[EdgeId]) {
        let parent = self.arena.frame_mut(id);
        parent.pending = u8::try_from(edges.len()).unwrap_or(u8::MAX);
        parent.flags &= !flag::MISSED;
        for (position, &edge) in (0u16..).zip(edges) {
            let child = self.first_attempt(id, edge, position);
            if let Some(child) = self.frame(&child) {
                self.work.push(Work::Launch(child));
            }
        }
    }

    /// The first attempt of a call at the caller's present step.
    #[inline]
    fn first_attempt(&self, id: FrameId, edge: EdgeId, position: u16) -> Call {
        let parent = self.arena.frame(id);
        let path = combine(
            self.tables.edge_key(edge),
            u64::from(parent.pc) << 16 | u64::from(position),
        );
        Call {
            key: combine(parent.key, path),
            parent: id,
            twin: FrameId::NONE,
            trace: parent.trace,
            edge,
            attempt: 0,
            site: parent.pc.wrapping_mul(251).wrapping_add(position),
        }
    }

    /// Hand work over without waiting: a trace of its own, linked to this one.
    pub(super) fn publish(&mut self, id: FrameId, edge: EdgeId) -> u32 {
        let producer = *self.arena.frame(id);
        let from = self.arena.traces[producer.trace as usize];
        let key = combine(
            producer.key,
            combine(self.tables.edge_key(edge), u64::from(producer.pc)),
        );
        let region = self.instances[producer.instance.index()].region;
        let trace = self.arena.alloc_trace(Trace {
            id: key,
            link: from.id,
            start_ns: self.now_ns,
            result_ns: 0,
            head: FrameId::NONE,
            tail: FrameId::NONE,
            live: 0,
            frames: 0,
            region,
            status: Status::Ok,
            slow: false,
            late: false,
            degraded: false,
            open: true,
            ..from
        });
        self.counts_mut(from.flow, region).published += 1;
        if let Some(frame) = self.frame(&Call {
            key,
            parent: FrameId::NONE,
            twin: FrameId::NONE,
            trace,
            edge,
            attempt: 0,
            site: 0,
        }) {
            self.work.push(Work::Launch(frame));
        }
        trace
    }
}
