//! Queues: consumers that pause, work that cannot be delivered, and work done twice.

use super::Work;
use super::World;
use super::agenda::AgendaItem;
use super::frame::{Call, Frame, Trace, flag};
use crate::hash::combine;
use crate::ids::{DeploymentId, EdgeId, FlowId, FrameId, RegionId, ServiceId};
use crate::probe::{Probe, Status};

/// Work whose deliveries have all failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct DeadLetter {
    /// The queue.
    pub service: ServiceId,
    edge: EdgeId,
    pub trace: Trace,
}

impl DeadLetter {
    pub const fn shown(&self) -> super::DeadWork {
        super::DeadWork {
            trace: self.trace.id,
            edge: self.edge,
            since_ns: self.trace.start_ns,
        }
    }
}

impl World {
    /// Stop or start the consumers of a queue.
    pub(super) fn set_paused<P: Probe>(&mut self, id: DeploymentId, paused: bool, probe: &mut P) {
        for index in self.slots(id) {
            self.instances[index].paused = paused;
            while !paused && self.instances[index].busy_workers < self.instances[index].workers {
                let Some(next) = self.dequeue(index, probe) else {
                    break;
                };
                self.begin(next);
            }
        }
    }

    /// Throw away up to `most` pieces of waiting work of each partition, the oldest first. It is lost.
    pub(super) fn purge<P: Probe>(&mut self, id: DeploymentId, most: u32, probe: &mut P) {
        for index in self.slots(id) {
            for _ in 0..most {
                let Some(next) = self.instances[index].take_waiting(&self.arena) else {
                    break;
                };
                self.instances[index].has_waited(self.now_ns);
                if self.arena.frame(next).is(flag::CANCELLED) {
                    self.instances[index].cancelled -= 1;
                }
                self.refuse(next, Status::Cancelled, probe);
            }
        }
    }

    /// Have a request wait until a queue has its work.
    pub(super) fn await_acknowledgement(&mut self, id: FrameId, trace: u32) {
        let frame = self.arena.frame_mut(id);
        frame.pending = 1;
        frame.flags |= flag::AWAITS_QUEUE;
        let key = frame.key;
        self.data.producers.insert(trace, (id, key));
    }

    /// A queue has taken a piece of work, or will not.
    pub(super) fn acknowledge(&mut self, id: FrameId, taken: bool) {
        if !self.data.producers.is_empty() {
            self.acknowledge_trace(self.arena.frame(id).trace, taken);
        }
    }

    /// Whether a producer waited for that; it is told.
    pub(super) fn acknowledge_trace(&mut self, trace: u32, taken: bool) -> bool {
        let Some((producer, key)) = self.data.producers.remove(&trace) else {
            return false;
        };
        let region = self.instances[self.arena.frame(producer).instance.index()].region;
        let hop_ns = self.blueprint.latency(region, region);
        let item = AgendaItem::Acknowledged {
            producer,
            key,
            taken,
        };
        self.plan(self.now_ns + hop_ns, item);
        true
    }

    /// The producer learns whether the queue has its work, if it still waits.
    pub(super) fn acknowledged<P: Probe>(
        &mut self,
        id: FrameId,
        key: u64,
        taken: bool,
        probe: &mut P,
    ) {
        let frame = self.arena.frame_mut(id);
        if frame.key != key || !frame.is(flag::SERVED) || !frame.is(flag::AWAITS_QUEUE) {
            return;
        }
        frame.flags &= !flag::AWAITS_QUEUE;
        frame.pending = 0;
        if taken {
            frame.pc += 1;
            self.work.push(Work::Step(id));
        } else {
            self.finish(id, Status::BadGateway, probe);
        }
    }

    /// Whether work that is given up is kept.
    pub(super) fn keep_dead(&mut self, frame: &Frame, trace: &Trace, status: Status) -> bool {
        let target = self.blueprint.edges[frame.edge.index()].target;
        let service = self.blueprint.endpoints[target.index()].service;
        let delivered = matches!(status, Status::BadGateway | Status::Internal);
        if !delivered || !self.blueprint.services[service.index()].queue.dead_letters {
            return false;
        }
        self.data.dead.push(DeadLetter {
            service,
            edge: frame.edge,
            trace: *trace,
        });
        true
    }

    /// Send all dead letters of a queue again, as new work.
    pub(super) fn redrive(&mut self, id: DeploymentId) {
        let service = self.blueprint.deployments[id.index()].service;
        let all = std::mem::take(&mut self.data.dead);
        let (again, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|d| d.service == service);
        self.data.dead = kept;
        for dead in again {
            // It has lain there: whatever becomes of it now comes late.
            let late = self.blueprint.services[service.index()].queue.late_ns > 0;
            let counts = self.counts_mut(dead.trace.flow, dead.trace.region);
            counts.dead -= 1;
            counts.late += u64::from(late);
            let trace = self.arena.alloc_trace(Trace {
                id: combine(dead.trace.id, REDRIVE),
                start_ns: self.now_ns,
                result_ns: 0,
                head: FrameId::NONE,
                tail: FrameId::NONE,
                live: 0,
                frames: 0,
                status: Status::Ok,
                slow: false,
                late,
                used: true,
                open: true,
                ..dead.trace
            });
            let call = Call {
                key: combine(dead.trace.id, REDRIVE),
                parent: FrameId::NONE,
                twin: FrameId::NONE,
                trace,
                edge: dead.edge,
                attempt: 0,
                site: 0,
            };
            if let Some(frame) = self.frame(&call) {
                self.work.push(Work::Launch(frame));
            }
        }
    }

    /// The bound after which the work of a trace is late; 0 if it has none.
    pub(super) fn late_after_ns(&self, trace: &Trace) -> u64 {
        if trace.link == 0 || trace.tail == FrameId::NONE {
            return 0;
        }
        // The oldest frame is the hand-over itself.
        let edge = self.arena.frame(trace.tail).edge;
        let target = self.blueprint.edges[edge.index()].target;
        let service = self.blueprint.endpoints[target.index()].service;
        self.blueprint.services[service.index()].queue.late_ns
    }

    /// Work of a flow, handed over in a region, that is not done though the bound of its queue has passed;
    /// counted afresh. Work that counts as late already is left out.
    #[must_use]
    pub fn overdue(&self, flow: FlowId, region: RegionId) -> u64 {
        let bounded = |service: &crate::blueprint::Service| service.queue.late_ns > 0;
        if !self.blueprint.services.iter().any(bounded) {
            return 0;
        }
        let waits = |trace: &&Trace| {
            trace.used
                && trace.open
                && trace.link != 0
                && !trace.late
                && (trace.flow, trace.region) == (flow, region)
        };
        let overdue = self.arena.traces.iter().filter(waits).filter(|trace| {
            let bound_ns = self.late_after_ns(trace);
            bound_ns > 0 && self.now_ns - trace.start_ns > bound_ns
        });
        overdue.count() as u64
    }

    /// Dead letters of a queue that were handed over in a region.
    #[must_use]
    pub fn dead_letters_of(&self, queue: ServiceId, region: RegionId) -> usize {
        let dead = self.data.dead.iter();
        dead.filter(|dead| dead.service == queue && dead.trace.region == region)
            .count()
    }

    /// Dead letters of a queue.
    #[must_use]
    pub fn dead_letters(&self, queue: ServiceId) -> usize {
        let dead = self.data.dead.iter();
        dead.filter(|dead| dead.service == queue).count()
    }

    /// A request has done something that may happen once per call: was it done before, by another attempt?
    pub(super) fn count_effect(&mut self, id: FrameId) {
        let frame = *self.arena.frame(id);
        let mut other = self.arena.traces[frame.trace as usize].head;
        let mut before = false;
        while other != FrameId::NONE && !before {
            let state = self.arena.frame(other);
            before = other != id
                && state.is(flag::DONE)
                && state.parent == frame.parent
                && state.edge == frame.edge
                && state.site == frame.site;
            other = state.sibling;
        }
        self.arena.frame_mut(id).flags |= flag::DONE;
        if before {
            let trace = self.arena.traces[frame.trace as usize];
            self.counts_mut(trace.flow, trace.region).duplicated += 1;
        }
    }
}

const REDRIVE: u64 = 0x7265_6472;
