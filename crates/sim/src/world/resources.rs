//! What runs out: memory, descriptors, ephemeral ports, disk.

use super::agenda::AgendaItem;
use super::frame::{Frame, flag};
use super::pause::cause;
use super::request::Purpose;
use super::vitals::Vitals;
use super::{Instance, World};
use crate::blueprint::{Memory, Resources};
use crate::ids::{FrameId, InstanceId};
use crate::probe::{CrashReason, Status};

impl World {
    fn resources(&self, instance: &Instance) -> Resources {
        self.blueprint.services[instance.service.index()]
            .instance
            .resources
    }

    /// A worker takes a request: count it, let it allocate.
    pub(super) fn note_begun(&mut self, index: usize) {
        let Some(vitals) = self.instances[index].vitals.as_deref_mut() else {
            return;
        };
        vitals.begun += 1;
        self.advance_check(index);
        if let Some(memory) = self.resources(&self.instances[index]).memory {
            self.allocate(index, &memory);
        }
    }

    /// Garbage fills what the live heap leaves; then it is collected, and the process stands still for as long as
    /// tracing the live heap takes. A live heap beyond the limit is the end of the process.
    fn allocate(&mut self, index: usize, memory: &Memory) {
        let live = live_bytes(memory, &self.instances[index]);
        let vitals = self.vitals(index);
        if live <= memory.limit {
            vitals.garbage_bytes += memory.garbage;
            if live + vitals.garbage_bytes <= memory.limit {
                return;
            }
            vitals.garbage_bytes = 0;
            vitals.collections += 1;
            let pause_ns = u128::from(live) * u128::from(memory.pause_ns_per_mib) >> 20;
            if pause_ns > 0 && vitals.paused & cause::COLLECTION == 0 {
                let pause_ns = u64::try_from(pause_ns).unwrap_or(u64::MAX >> 1);
                self.pause(index, cause::COLLECTION);
                let process = self.instances[index].process;
                let instance = InstanceId::from_index(index);
                let item = AgendaItem::Collected { instance, process };
                self.plan(self.now_ns + pause_ns, item);
            }
            return;
        }
        self.plan_crash(index, CrashReason::OutOfMemory);
    }

    /// A request has been answered, or turned away unless it was begun: what it leaves behind.
    pub(super) fn note_answered(&mut self, index: usize, status: Status, begun: bool) {
        let disk = match self.instances[index].vitals {
            Some(_) => self.resources(&self.instances[index]).disk,
            None => return,
        };
        let vitals = self.vitals(index);
        vitals.answered += 1;
        vitals.failed += u64::from(!matches!(status, Status::Ok | Status::Cancelled));
        if !begun {
            return;
        }
        vitals.leaked_bytes = vitals.leaked_bytes.saturating_add(vitals.leak.memory);
        if let Some(disk) = disk
            && vitals.disk_bytes + disk.per_request <= disk.capacity
        {
            vitals.disk_bytes += disk.per_request;
        }
    }

    /// Write to disk. `false` when the disk has no room; without a limit there always is.
    pub(super) fn write_to_disk(&mut self, index: usize, bytes: u64) -> bool {
        let Some(disk) = self.resources(&self.instances[index]).disk else {
            return true;
        };
        let vitals = self.vitals(index);
        let fits = vitals.disk_bytes.saturating_add(bytes) <= disk.capacity;
        if fits {
            vitals.disk_bytes += bytes;
        }
        fits
    }

    /// Whether an instance has a descriptor for one more request.
    pub(super) fn accepts_connection(&self, index: usize) -> bool {
        let instance = &self.instances[index];
        let Some(vitals) = instance.vitals.as_deref() else {
            return true;
        };
        self.resources(instance)
            .descriptors
            .is_none_or(|limit| open_descriptors(limit.base, instance, vitals) < limit.limit)
    }

    /// Take a descriptor, and without a pool a port, for a call. `false` when there is none left.
    pub(super) fn open_socket(&mut self, id: FrameId) -> bool {
        let frame = *self.arena.frame(id);
        let Some(index) = self.caller_of(&frame) else {
            return true;
        };
        let (now_ns, resources) = (self.now_ns, self.resources(&self.instances[index]));
        let pooled = self.blueprint.edges[frame.edge.index()].pool.is_some();
        let instance = &mut self.instances[index];
        let Some(mut vitals) = instance.vitals.take() else {
            return true;
        };
        let mut flags = flag::HAS_DESCRIPTOR;
        let mut open = resources
            .descriptors
            .is_none_or(|limit| open_descriptors(limit.base, instance, &vitals) < limit.limit);
        if let (Some(ports), false) = (resources.ports, pooled) {
            while vitals
                .resting_ports
                .front()
                .is_some_and(|&until_ns| until_ns <= now_ns)
            {
                vitals.resting_ports.pop_front();
            }
            let resting = u32::try_from(vitals.resting_ports.len()).unwrap_or(u32::MAX);
            open &= vitals.ports.saturating_add(resting) < ports.limit;
            flags |= flag::HAS_PORT;
        }
        if open {
            vitals.outbound += 1;
            vitals.ports += u32::from(flags & flag::HAS_PORT != 0);
            self.arena.frame_mut(id).flags |= flags;
        }
        self.instances[index].vitals = Some(vitals);
        open
    }

    /// A call has its result or nobody waits for it any more: its descriptor is closed, unless that is forgotten; its
    /// port rests.
    pub(super) fn close_socket(&mut self, id: FrameId) {
        let frame = *self.arena.frame(id);
        if !frame.is(flag::HAS_DESCRIPTOR) {
            return;
        }
        self.arena.frame_mut(id).flags &= !(flag::HAS_DESCRIPTOR | flag::HAS_PORT);
        let Some(index) = self.caller_of(&frame) else {
            return;
        };
        let rest_ns = self
            .resources(&self.instances[index])
            .ports
            .map_or(0, |ports| ports.rest_ns);
        let until_ns = self.now_ns + rest_ns;
        let word = self.draw(frame.key, Purpose::DescriptorLeak, 0);
        let vitals = self.vitals(index);
        vitals.outbound -= 1;
        if word >> 32 < vitals.leak.descriptors_q32 {
            // What is never closed keeps its port too.
            vitals.leaked_descriptors += 1;
            return;
        }
        if frame.is(flag::HAS_PORT) {
            vitals.ports -= 1;
            vitals.resting_ports.push_back(until_ns);
        }
    }

    /// Whether a pooled connection is never given back.
    pub(super) fn forgets_connection(&self, frame: &Frame) -> bool {
        let caller = self.caller_of(frame).map(|index| &self.instances[index]);
        let vitals = caller.and_then(|instance| instance.vitals.as_deref());
        vitals.is_some_and(|vitals| {
            vitals.leak.connections_q32 > 0
                && self.draw(frame.key, Purpose::ConnectionLeak, 0) >> 32
                    < vitals.leak.connections_q32
        })
    }

    fn caller_of(&self, frame: &Frame) -> Option<usize> {
        (frame.parent != FrameId::NONE).then(|| self.arena.frame(frame.parent).instance.index())
    }
}

/// Bytes that no collection frees.
pub(super) fn live_bytes(memory: &Memory, instance: &Instance) -> u64 {
    let requests = u64::from(instance.busy_workers) + u64::from(instance.accept.len);
    let leaked = instance.vitals.as_deref().map_or(0, |v| v.leaked_bytes);
    memory
        .base
        .saturating_add(leaked)
        .saturating_add(requests.saturating_mul(memory.in_flight))
}

/// Descriptors in use: of the process itself, of requests it has, of calls it makes, and those never closed.
pub(super) fn open_descriptors(base: u32, instance: &Instance, vitals: &Vitals) -> u32 {
    base.saturating_add(instance.busy_workers)
        .saturating_add(instance.accept.len)
        .saturating_add(vitals.outbound)
        .saturating_add(vitals.leaked_descriptors)
}
