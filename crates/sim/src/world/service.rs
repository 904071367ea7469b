//! The server's side of a request: queueing, steps, cores, reply.
#![expect(
    clippy::inline_always,
    reason = "a request goes through all of these within one event: as calls they were a sixth of its instructions"
)]

use super::frame::{Frame, flag};
use super::instance::InstanceState;
use super::request::Purpose;
use super::{Work, World};
use crate::event::EventKind;
use crate::ids::{FrameId, InstanceId};
use crate::probe::{Probe, ServerEnd, Status};

impl World {
    pub(super) fn arrive<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let now_ns = self.now_ns;
        let frame = self.arena.frame_mut(id);
        frame.arrive_ns = now_ns;
        let index = frame.instance.index();
        let cancelled = frame.is(flag::CANCELLED);
        let instance = &mut self.instances[index];
        if cancelled {
            return self.refuse(id, Status::Cancelled, probe);
        }
        if !matches!(
            instance.state,
            InstanceState::Ready | InstanceState::Draining
        ) {
            let status = if instance.state == InstanceState::Starting {
                Status::Reset
            } else {
                Status::Refused
            };
            return self.refuse(id, status, probe);
        }
        if !self.doors.is_empty() && !self.passes_door(id) {
            return self.refuse(id, Status::Throttled, probe);
        }
        if self.trust.has_credentials() && !self.knows_caller(id) {
            return self.refuse(id, Status::Denied, probe);
        }
        if !self.request_layers.is_empty()
            && let Some(status) = self.turned_away(id)
        {
            return self.refuse(id, status, probe);
        }
        if self.instances[index].vitals.is_some() && !self.accepts_connection(index) {
            return self.refuse(id, Status::Refused, probe);
        }
        let still = self.paused != 0 && self.stands_still(InstanceId::from_index(index));
        let instance = &self.instances[index];
        let (keeps, begins) = (
            instance.keeps,
            instance.busy_workers < instance.workers && !instance.paused && !still,
        );
        let waits = instance.accept.len - instance.cancelled < instance.queue_limit;
        if keeps && (begins || waits) && self.arena.frame(id).parent == FrameId::NONE {
            self.arena.frame_mut(id).timer = 0;
            self.acknowledge(id, true);
        }
        let instance = &mut self.instances[index];
        if begins {
            // What an arrival begins with is the next thing to be done in any case: it need not go over the list of work.
            self.take_up(id);
            self.step(id, probe);
        } else if waits || instance.classes.is_some() && self.makes_room(index, id, probe) {
            self.arena.frame_mut(id).flags |= flag::SERVED | flag::QUEUED;
            self.enqueue(index, id);
        } else {
            self.instances[index].refused += 1;
            self.refuse(id, Status::Overloaded, probe);
        }
    }

    /// Turn a request away at the server's door.
    pub(super) fn refuse<P: Probe>(&mut self, id: FrameId, status: Status, probe: &mut P) {
        self.server_end(id, status, probe);
        self.reply(id, probe);
    }

    /// A worker takes the request and runs its first steps.
    pub(super) fn begin(&mut self, id: FrameId) {
        self.take_up(id);
        self.work.push(Work::Step(id));
    }

    /// A worker takes the request. Its first step is the caller's to run.
    #[inline(always)]
    fn take_up(&mut self, id: FrameId) {
        let frame = self.arena.frame_mut(id);
        let index = frame.instance.index();
        let instance = &mut self.instances[index];
        instance.busy_workers += 1;
        let row = &self.tables.edges[frame.edge.index()];
        frame.begin_ns = self.now_ns;
        frame.pc = self.tables.entries[instance.entries as usize + usize::from(row.local)];
        frame.flags = frame.flags & !flag::QUEUED | flag::SERVED;
        let (endpoint, trace) = (row.target, frame.trace);
        let version = instance.version;
        if instance.vitals.is_some() {
            self.note_begun(index);
        }
        if !self.data.poisons.is_empty() && self.poisoned(endpoint, version, trace) {
            self.arena.frame_mut(id).flags |= flag::POISONED;
        }
    }

    /// Take a core, or wait for one.
    #[inline(always)]
    pub(super) fn compute(&mut self, id: FrameId) {
        let index = self.arena.frame(id).instance.index();
        let instance = &mut self.instances[index];
        if instance.shared.is_some() {
            let work_ns = self.work_ns(id);
            return self.share(index, id, work_ns);
        }
        if instance.busy_cores < instance.cores {
            instance.busy_cores += 1;
            self.start_computing(id);
        } else {
            instance.begins_to_wait(self.now_ns);
            instance.run.push(&mut self.arena, id);
        }
    }

    /// Draw the core time of the computation at hand.
    #[inline(always)]
    fn work_ns(&mut self, id: FrameId) -> u64 {
        let frame = self.arena.frame(id);
        if frame.is(flag::CANCELLED) {
            return 0;
        }
        let (index, key, pc) = (frame.instance.index(), frame.key, frame.pc);
        let row = &self.effective[self.instances[index].effective as usize + usize::from(pc)];
        let (dist, query, mut mean_ns) = (row.dist, row.query, row.mean_ns);
        if let Some(query) = query {
            self.query_begins(id, query);
            let query_ns = u128::from(self.query_mean(query, index));
            mean_ns = u64::try_from(query_ns * u128::from(mean_ns) >> 16).unwrap_or(u64::MAX >> 8);
        }
        if !self.request_layers.is_empty() {
            mean_ns = self.slowed(id, query, mean_ns);
        }
        let word = self.draw(key, Purpose::Compute, pc);
        let mut duration_ns = dist.sample(mean_ns, word);
        if self.instances[index].vitals.is_some() {
            duration_ns = self.at_speed(index, duration_ns);
        }
        self.instances[index].cpu_ns += duration_ns;
        duration_ns
    }

    #[inline(always)]
    pub(super) fn start_computing(&mut self, id: FrameId) {
        let end_ns = self.now_ns + self.work_ns(id);
        let frame = self.arena.frame_mut(id);
        frame.flags |= flag::COMPUTING;
        frame.end_ns = end_ns;
        let index = frame.instance.index();
        self.queue.push(end_ns, EventKind::Computed, id.0);
        if self.instances[index].vitals.is_some() {
            self.note_computing(index, id);
        }
    }

    pub(super) fn computed<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        if self.put_off(id) {
            return;
        }
        let frame = self.arena.frame_mut(id);
        frame.flags &= !flag::COMPUTING;
        if frame.is(flag::KILLED) {
            // The process that ran this is gone, its cores with it.
            return self.retire(id, probe);
        }
        let (instance, poisoned) = (frame.instance, frame.is(flag::POISONED));
        let at = self.instances[instance.index()].effective as usize + usize::from(frame.pc);
        let row = &self.effective[at];
        let cannot_fail = row.failure_q32 == 0
            && row.query.is_none()
            && !poisoned
            && self.request_layers.is_empty();
        if cannot_fail {
            frame.pc += 1;
        }
        self.release_core(instance);
        if cannot_fail || self.goes_on(id, probe) {
            self.step(id, probe);
        }
    }

    /// A computation has ended and its core is free: whether there is a next step, which is the caller's to run.
    #[inline(always)]
    pub(super) fn goes_on<P: Probe>(&mut self, id: FrameId, probe: &mut P) -> bool {
        let frame = self.arena.frame(id);
        let instance = &self.instances[frame.instance.index()];
        let row = &self.effective[instance.effective as usize + usize::from(frame.pc)];
        let (query, failure_q32) = (row.query, row.failure_q32);
        let (key, pc) = (frame.key, frame.pc);
        if let Some(query) = query {
            self.query_ends(id, query);
        }
        if self.step_fails(key, pc, failure_q32)
            || self.arena.frame(id).is(flag::POISONED)
            || !self.request_layers.is_empty() && self.breaks(id, pc, query)
        {
            self.finish(id, Status::Internal, probe);
            return false;
        }
        self.arena.frame_mut(id).pc += 1;
        true
    }

    #[inline(always)]
    pub(super) fn release_core(&mut self, id: InstanceId) {
        let instance = &mut self.instances[id.index()];
        if instance.run.len == 0 {
            instance.busy_cores -= 1;
            if instance.vitals.is_some() {
                self.advance_check(id.index());
                self.quota_moves(id.index());
            }
            return;
        }
        instance.has_waited(self.now_ns);
        if let Some(next) = instance.run.pop(&self.arena) {
            self.start_computing(next);
        }
    }

    /// The server is done with a request: free the worker, reply.
    pub(super) fn finish<P: Probe>(&mut self, id: FrameId, status: Status, probe: &mut P) {
        let index = self.arena.frame(id).instance.index();
        self.end_service(id, status, probe);
        self.reply(id, probe);
        self.stop_if_drained(index, probe);
    }

    /// The same at the end of a program. Where the reply takes no time the client has it at once, without a detour over
    /// the list of work. Not for failures that end callers too: those would go up the whole tree by recursion.
    pub(super) fn finish_and_deliver<P: Probe>(
        &mut self,
        id: FrameId,
        status: Status,
        probe: &mut P,
    ) {
        let index = self.arena.frame(id).instance.index();
        self.end_service(id, status, probe);
        if self.instances[index].state == InstanceState::Draining {
            self.stop_if_drained(index, probe);
        }
        let frame = self.arena.frame(id);
        if frame.is(flag::GONE) || !self.links.is_empty() {
            return self.reply(id, probe);
        }
        let hop_ns = self.reply_hop_ns(frame);
        if hop_ns == 0 {
            self.deliver(id, probe);
        } else {
            self.queue
                .push(self.now_ns + hop_ns, EventKind::Deliver, id.0);
        }
    }

    #[inline]
    fn reply_hop_ns(&self, frame: &Frame) -> u64 {
        if let Some(hop_ns) = self.tables.hop_ns {
            return hop_ns;
        }
        let server = self.instances[frame.instance.index()].region;
        self.blueprint.latency(server, self.client_region(frame))
    }

    /// Nothing more is done here for a request; a worker is free.
    pub(super) fn end_service<P: Probe>(&mut self, id: FrameId, status: Status, probe: &mut P) {
        let frame = self.arena.frame(id);
        let index = frame.instance.index();
        if frame.is(flag::SETTLES) {
            self.leave(id, false);
            self.unlock_all(id);
            self.end_transaction(id, status.is_ok());
        }
        self.server_end(id, status, probe);
        let next = if self.instances[index].accept.len == 0 {
            None
        } else {
            self.dequeue(index, probe)
        };
        self.instances[index].busy_workers -= 1;
        if let Some(next) = next {
            self.begin(next);
        } else if self.instances[index].vitals.is_some() {
            self.advance_check(index);
        }
    }

    #[inline(always)]
    pub(super) fn server_end<P: Probe>(&mut self, id: FrameId, status: Status, probe: &mut P) {
        let now_ns = self.now_ns;
        let frame = self.arena.frame_mut(id);
        frame.status = status;
        frame.end_ns = now_ns;
        frame.flags &= !(flag::SERVED | flag::QUEUED);
        let begun = frame.begin_ns != 0;
        let duration_ns = now_ns - frame.arrive_ns;
        let wait_ns = if begun {
            frame.begin_ns - frame.arrive_ns
        } else {
            duration_ns
        };
        let (id_of_instance, edge, trace) = (frame.instance, frame.edge, frame.trace);
        let index = id_of_instance.index();
        let instance = &mut self.instances[index];
        instance.outstanding -= 1;
        let (service, version) = (instance.service, instance.version);
        if instance.vitals.is_some() {
            self.note_answered(index, status, begun);
        }
        let row = &self.tables.edges[edge.index()];
        let endpoint = row.target;
        if row.once && status.is_ok() {
            self.count_effect(id);
        }
        if !self.pages.is_empty() {
            self.note_answer(service, status, duration_ns);
        }
        probe.server_end(&ServerEnd {
            at_ns: now_ns,
            endpoint,
            instance: id_of_instance,
            version,
            status,
            duration_ns,
            wait_ns,
            skew_ns: self.skew_ns(id_of_instance),
            trace: self.arena.traces[trace as usize].id,
        });
    }

    /// Send the reply on its way; a client that has left gets none.
    #[inline(always)]
    pub(super) fn reply<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let frame = self.arena.frame(id);
        if frame.is(flag::GONE) {
            return self.retire(id, probe);
        }
        // Where nobody waits with a time-out, as for what a queue has taken over, nobody would notice a loss.
        if !self.links.is_empty() && frame.timer != 0 {
            return self.send_reply(id);
        }
        let hop_ns = self.reply_hop_ns(frame);
        self.after(hop_ns, EventKind::Deliver, Work::Deliver(id), id);
    }
}
