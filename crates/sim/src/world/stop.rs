//! How processes end: drained, stopped, replaced, or cut off in the middle of things.

use super::World;
use super::agenda::AgendaItem;
use super::dequeue::CoDel;
use super::frame::{FrameQueue, flag};
use super::instance::InstanceState;
use super::pause::Held;
use crate::ids::{FrameId, InstanceId};
use crate::probe::{CrashReason, Lifecycle, Probe, Status};

impl World {
    pub(super) fn drain<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let instance = &mut self.instances[id.index()];
        instance.state = InstanceState::Draining;
        let (deployment, process, version) =
            (instance.deployment, instance.process, instance.version);
        let idle = instance.outstanding == 0;
        let drain_ns = self.blueprint.services[instance.service.index()]
            .instance
            .drain_ns;
        self.rebuild_rotation(deployment);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Draining);
        if idle {
            self.stop(id, probe);
        } else {
            self.plan(
                self.now_ns + drain_ns,
                AgendaItem::DrainDeadline {
                    instance: id,
                    process,
                },
            );
        }
    }

    pub(super) fn stop_if_drained<P: Probe>(&mut self, index: usize, probe: &mut P) {
        let instance = &self.instances[index];
        if instance.state == InstanceState::Draining && instance.outstanding == 0 {
            self.stop(InstanceId::from_index(index), probe);
        }
    }

    /// End a process and start the next one, or none. Whatever it still had is cut off: its callers see a reset now, its
    /// own calls go on without anybody waiting for them.
    pub(super) fn stop<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        self.end_process(id, None, probe);
        self.succeed(id, probe);
    }

    /// The process of an instance has ended as it was to: start the next one, or none.
    pub(super) fn succeed<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let instance = &self.instances[id.index()];
        if instance.retiring || instance.evicted {
            self.turn_off(id, probe);
        } else {
            self.begin_process(id, true, probe);
        }
    }

    /// End a process, on purpose or by a crash.
    pub(super) fn end_process<P: Probe>(
        &mut self,
        id: InstanceId,
        reason: Option<CrashReason>,
        probe: &mut P,
    ) {
        let version = self.instances[id.index()].version;
        let cut = self.kill_requests(id, probe);
        let event = reason.map_or(Lifecycle::Stopped { cut }, |reason| Lifecycle::Crashed {
            reason,
            cut,
        });
        probe.lifecycle(self.now_ns, id, version, event);
        let now_ns = self.now_ns;
        let instance = &mut self.instances[id.index()];
        instance.wait_sum_ns = instance.waited_ns(now_ns);
        instance.accept = FrameQueue::EMPTY;
        if let Some(classes) = &mut instance.classes {
            classes.fill(FrameQueue::EMPTY);
        }
        instance.run = FrameQueue::EMPTY;
        instance.codel = CoDel::default();
        instance.cancelled = 0;
        if let Some(shared) = &mut instance.shared {
            shared.clear();
        }
        instance.busy_cores = 0;
        instance.busy_workers = 0;
        if let Some(vitals) = instance.vitals.as_deref_mut() {
            self.paused -= u32::from(vitals.paused != 0);
            vitals.end_process();
        }
        instance.state = InstanceState::Waiting;
        instance.process += 1;
        self.set_shared_speed(id.index());
        self.reset_client_edges(id);
        if self.trust.has_certificates() {
            self.close_connections_to(id);
        }
        if !self.names.is_empty() {
            self.forget_names(id);
        }
        self.forget_cache(id);
        self.forget_database(id);
    }

    /// Give up on a process that serves nobody yet.
    pub(super) fn abandon_start<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        if self.instances[id.index()].state == InstanceState::Starting {
            self.end_process(id, None, probe);
        } else {
            // It waits for its next start: that one is off.
            self.instances[id.index()].process += 1;
        }
    }

    /// The slot of an ended process is free.
    pub(super) fn turn_off<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let instance = &mut self.instances[id.index()];
        instance.state = InstanceState::Off;
        instance.retiring = false;
        let (deployment, version) = (instance.deployment, instance.version);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Off);
        self.leave_cluster(id);
        // Not at once: whoever turns one off may be in the middle of going through them.
        self.plan(self.now_ns, AgendaItem::Reconcile { deployment });
    }

    pub(super) fn kill_requests<P: Probe>(&mut self, id: InstanceId, probe: &mut P) -> u32 {
        let (held, answered) = self.drop_held(id);
        let (mut killed, mut settling) = (Vec::new(), Vec::new());
        for (index, frame) in self.arena.frames.iter_mut().enumerate() {
            if frame.instance == id && frame.is(flag::SERVED) && !frame.is(flag::RETIRED) {
                if frame.is(flag::SETTLES) {
                    settling.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
                }
                frame.flags = frame.flags
                    & !(flag::SERVED | flag::QUEUED | flag::PARKED | flag::LEADS)
                    | flag::KILLED;
                frame.end_ns = self.now_ns;
                frame.pending = 0;
                killed.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
            }
        }
        if killed.is_empty() {
            debug_assert!(held.is_empty(), "a process without requests makes no calls");
            return 0;
        }
        for frame in settling {
            self.unlock_all(frame);
            self.end_transaction(frame, false);
        }
        self.instances[id.index()].outstanding -= u32::try_from(killed.len()).unwrap_or(u32::MAX);
        // Calls made by the dead process: nobody waits for them any more.
        let (mut orphans, mut closing) = (Vec::new(), Vec::new());
        for index in 0..self.arena.frames.len() {
            let frame = self.arena.frames[index];
            if frame.parent != FrameId::NONE
                && !frame.is(flag::GONE | flag::RETIRED)
                && self.arena.frame(frame.parent).is(flag::KILLED)
                && self.arena.frame(frame.parent).instance == id
            {
                let frame = &mut self.arena.frames[index];
                let nowhere = frame.is(flag::NOWHERE);
                if frame.is(flag::CONNECTED) {
                    closing.push(frame.edge);
                }
                frame.flags = (frame.flags | flag::GONE | flag::ABANDONED)
                    & !(flag::AWAITS_CONNECTION
                        | flag::CONNECTED
                        | flag::HAS_DESCRIPTOR
                        | flag::HAS_PORT);
                frame.timer = 0;
                frame.twin = FrameId::NONE;
                if nowhere {
                    if frame.end_ns == 0 {
                        frame.end_ns = self.now_ns;
                    }
                    orphans.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
                }
            }
        }
        for attempt in answered {
            let frame = self.arena.frame_mut(attempt);
            if frame.is(flag::CONNECTED) && !frame.is(flag::GONE) {
                closing.push(frame.edge);
                frame.flags &= !flag::CONNECTED;
            }
        }
        for edge in closing {
            self.close_connection(edge);
        }
        for orphan in orphans {
            self.retire(orphan, probe);
        }
        // Attempts the process would have made when it went on.
        for attempt in held {
            self.retire(attempt, probe);
        }
        let cut = u32::try_from(killed.len()).unwrap_or(u32::MAX);
        for frame in killed {
            if !self.arena.frame(frame).is(flag::GONE) {
                self.result(frame, Status::Reset, probe);
            }
            if !self.arena.frame(frame).is(flag::COMPUTING) {
                self.retire(frame, probe);
            }
        }
        cut
    }

    /// Forget what waits for a process to go on. Returned are attempts it had yet to make, which have to be retired, and
    /// attempts with results it had yet to notice, which may hold connections.
    fn drop_held(&mut self, id: InstanceId) -> (Vec<FrameId>, Vec<FrameId>) {
        let Some(vitals) = self.instances[id.index()].vitals.as_deref_mut() else {
            return (Vec::new(), Vec::new());
        };
        for &computing in &vitals.computing {
            let frame = self.arena.frame_mut(computing);
            if frame.is(flag::PUT_OFF) {
                // Its event has come and gone.
                frame.flags &= !(flag::PUT_OFF | flag::COMPUTING);
            }
        }
        let (mut attempts, mut answered) = (Vec::new(), Vec::new());
        for held in std::mem::take(&mut vitals.held) {
            match held {
                Held::Launch(attempt) => attempts.push(attempt),
                Held::Result(attempt, key, _) if self.arena.frame(attempt).key == key => {
                    answered.push(attempt);
                }
                _ => {}
            }
        }
        (attempts, answered)
    }
}
