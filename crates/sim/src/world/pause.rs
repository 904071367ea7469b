//! Processes that stand still: collections, frozen processes, used-up quotas. And processes at another speed.
//!
//! A process that stands still does nothing: its computations end later by exactly the length of the pause, requests
//! that arrive queue, and replies to its calls, time-outs and retries are noticed when it goes on. Under processor
//! sharing virtual time stands still.

use super::agenda::AgendaItem;
use super::frame::{Frame, flag};
use super::{Work, World};
use crate::blueprint::ONE_Q16;
use crate::event::EventKind;
use crate::ids::{FrameId, InstanceId};
use crate::probe::{Probe, Status};

/// Bits of why a process stands still.
pub(super) mod cause {
    pub const COLLECTION: u8 = 1;
    pub const STOPPED: u8 = 1 << 1;
    pub const QUOTA: u8 = 1 << 2;
}

/// Something that happens when the process goes on. Frames may be others by then: the keys tell.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    Step(FrameId),
    Cancel(FrameId, u64),
    Launch(FrameId),
    Result(FrameId, u64, Status),
    RunOut(FrameId, u64),
}

/// Computing time used in the current period.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QuotaState {
    period: u64,
    used_ns: u64,
    /// Cores in use since `at_ns`.
    running: u32,
    at_ns: u64,
    /// When the planned look is due; 0 for none.
    pub armed_ns: u64,
    /// Periods in which the time was used up.
    pub exhausted: u64,
}

impl QuotaState {
    pub fn of_the_next_process(self) -> Self {
        Self {
            running: 0,
            armed_ns: 0,
            ..self
        }
    }

    fn pass(&mut self, now_ns: u64, period_ns: u64) {
        let mut since_ns = self.at_ns;
        if now_ns / period_ns != self.period {
            self.period = now_ns / period_ns;
            self.used_ns = 0;
            since_ns = since_ns.max(self.period * period_ns);
        }
        self.used_ns += (now_ns - since_ns) * u64::from(self.running);
        self.at_ns = now_ns;
    }
}

impl World {
    /// Whether the process at an instance stands still.
    pub(super) fn stands_still(&self, id: InstanceId) -> bool {
        let instance = self.instances.get(id.index());
        instance
            .and_then(|instance| instance.vitals.as_deref())
            .is_some_and(|vitals| vitals.paused != 0)
    }

    /// Whether the process that made an attempt stands still. Users never do.
    fn caller_stands_still(&self, frame: &Frame) -> bool {
        frame.parent != FrameId::NONE && self.stands_still(self.arena.frame(frame.parent).instance)
    }

    /// Keep a step of a request until its process goes on. `false`: it may go on now.
    pub(super) fn hold_at_server(&mut self, id: FrameId, held: Held) -> bool {
        let instance = self.arena.frame(id).instance;
        self.stands_still(instance) && self.keep(instance, held)
    }

    /// Keep something that the caller of an attempt has to notice until its process goes on.
    pub(super) fn hold_at_client(&mut self, id: FrameId, held: Held) -> bool {
        let frame = self.arena.frame(id);
        if !self.caller_stands_still(frame) {
            return false;
        }
        let caller = self.arena.frame(frame.parent).instance;
        self.keep(caller, held)
    }

    fn keep(&mut self, instance: InstanceId, held: Held) -> bool {
        self.vitals(instance.index()).held.push(held);
        true
    }

    /// A process stands still from now on, for one more reason.
    pub(super) fn pause(&mut self, index: usize, reason: u8) {
        let now_ns = self.now_ns;
        let vitals = self.vitals(index);
        let before = vitals.paused;
        vitals.paused |= reason;
        if before == 0 {
            vitals.paused_since_ns = now_ns;
            self.paused += 1;
            self.pauses = true;
            self.set_shared_speed(index);
            self.quota_moves(index);
        }
    }

    /// One reason less; without any the process goes on.
    pub(super) fn unpause(&mut self, index: usize, reason: u8) {
        let now_ns = self.now_ns;
        let vitals = self.vitals(index);
        let before = vitals.paused;
        vitals.paused &= !reason;
        if before == 0 || vitals.paused != 0 {
            return;
        }
        let length_ns = now_ns - vitals.paused_since_ns;
        vitals.paused_ns += length_ns;
        let held = std::mem::take(&mut vitals.held);
        self.paused -= 1;
        for position in 0..self.vitals(index).computing.len() {
            let id = self.vitals(index).computing[position];
            let frame = self.arena.frame_mut(id);
            frame.end_ns += length_ns;
            if frame.is(flag::PUT_OFF) {
                frame.flags &= !flag::PUT_OFF;
                let end_ns = frame.end_ns;
                self.queue.push(end_ns, EventKind::Computed, id.0);
            }
        }
        self.set_shared_speed(index);
        self.quota_moves(index);
        // The list of work is taken from the end: the first of them goes in last.
        self.work.push(Work::Wake(InstanceId::from_index(index)));
        for held in held.into_iter().rev() {
            self.work.push(match held {
                Held::Step(id) => Work::Step(id),
                Held::Cancel(id, key) => Work::HeldCancel(id, key),
                Held::Launch(id) => Work::Launch(id),
                Held::Result(id, key, status) => Work::Result(id, key, status),
                Held::RunOut(id, key) => Work::RunOut(id, key),
            });
        }
    }

    /// A computation begins: note its end, so that a pause can move it.
    pub(super) fn note_computing(&mut self, index: usize, id: FrameId) {
        let Some(vitals) = self.instances[index].vitals.as_deref_mut() else {
            return;
        };
        vitals.computing.push(id);
        vitals.computations += 1;
        if vitals.paused != 0 {
            // A core has become free at a process that stands still: it begins as if it were the beginning of the pause,
            // whose length is added in the end.
            self.arena.frame_mut(id).end_ns -= self.now_ns - vitals.paused_since_ns;
        }
        self.advance_check(index);
        self.quota_moves(index);
    }

    /// Whether a `Computed` event came too early, because its process stood still meanwhile or still does.
    #[inline]
    pub(super) fn put_off(&mut self, id: FrameId) -> bool {
        let frame = self.arena.frame(id);
        let (instance, end_ns) = (frame.instance, frame.end_ns);
        let can_stand_still = self.instances[instance.index()].vitals.is_some();
        if self.paused == 0 && end_ns <= self.now_ns && !can_stand_still {
            return false;
        }
        self.put_off_if_still(id, instance, end_ns)
    }

    fn put_off_if_still(&mut self, id: FrameId, instance: InstanceId, end_ns: u64) -> bool {
        let frame = self.arena.frame(id);
        if self.paused != 0 && !frame.is(flag::KILLED) && self.stands_still(instance) {
            self.arena.frame_mut(id).flags |= flag::PUT_OFF;
            return true;
        }
        if end_ns > self.now_ns {
            self.queue.push(end_ns, EventKind::Computed, id.0);
            return true;
        }
        if let Some(vitals) = self.instances[instance.index()].vitals.as_deref_mut()
            && let Some(position) = vitals.computing.iter().position(|&other| other == id)
        {
            vitals.computing.swap_remove(position);
        }
        false
    }

    /// The speed virtual time passes at: that of the instance, or none while it stands still.
    pub(super) fn set_shared_speed(&mut self, index: usize) {
        let Some(vitals) = self.instances[index].vitals.as_deref() else {
            return;
        };
        let speed_q16 = if vitals.paused == 0 {
            vitals.speed_q16
        } else {
            0
        };
        self.share_at(index, speed_q16);
    }

    /// Computing time drawn for a request, at the instance's present speed and warmth.
    pub(super) fn at_speed(&self, index: usize, work_ns: u64) -> u64 {
        let instance = &self.instances[index];
        let Some(vitals) = instance.vitals.as_deref() else {
            return work_ns;
        };
        let mut work = u128::from(work_ns);
        if vitals.speed_q16 != ONE_Q16 && instance.shared.is_none() {
            work = work * u128::from(ONE_Q16) / u128::from(vitals.speed_q16);
        }
        let warm_up = self.blueprint.services[instance.service.index()]
            .instance
            .resources
            .warm_up;
        if let (Some(warm_up), Some(since_ns)) = (warm_up, vitals.ready_since_ns) {
            let passed_ns = self.now_ns - since_ns;
            if passed_ns < warm_up.over_ns && warm_up.factor_q16 > ONE_Q16 {
                let left = u128::from(warm_up.over_ns - passed_ns);
                let extra = u128::from(warm_up.factor_q16 - ONE_Q16);
                let over = u128::from(warm_up.over_ns) << 16;
                work += work * extra * left / over;
            }
        }
        u64::try_from(work).unwrap_or(u64::MAX >> 1)
    }

    /// The number of cores in use has changed, or whether they run: account for the time until now and look again when
    /// the quota would be used up.
    pub(super) fn quota_moves(&mut self, index: usize) {
        let now_ns = self.now_ns;
        let instance = &mut self.instances[index];
        let busy = instance.busy_cores;
        let Some(vitals) = instance.vitals.as_deref_mut() else {
            return;
        };
        let Some(limit) = vitals.limit else {
            return;
        };
        let period_ns = limit.period_ns.max(1);
        vitals.quota.pass(now_ns, period_ns);
        vitals.quota.running = if vitals.paused == 0 { busy } else { 0 };
        let quota = &mut vitals.quota;
        let throttled = vitals.paused & cause::QUOTA != 0;
        if quota.running == 0 && !throttled {
            return;
        }
        let end_ns = (quota.period + 1) * period_ns;
        let left_ns = limit.time_ns.saturating_sub(quota.used_ns);
        let due_ns = if throttled {
            end_ns
        } else {
            end_ns.min(now_ns + left_ns.div_ceil(u64::from(quota.running)))
        };
        // An earlier look finds out by itself that it came too early.
        if quota.armed_ns == 0 || due_ns < quota.armed_ns {
            quota.armed_ns = due_ns;
            let process = self.instances[index].process;
            let instance = InstanceId::from_index(index);
            self.plan(due_ns, AgendaItem::Quota { instance, process });
        }
    }

    /// A planned look at the quota: stop the process when it is used up, let it go on when the period is over.
    pub(super) fn quota_due(&mut self, index: usize) {
        let now_ns = self.now_ns;
        let vitals = self.vitals(index);
        if vitals.quota.armed_ns != now_ns {
            return;
        }
        vitals.quota.armed_ns = 0;
        let Some(limit) = vitals.limit else {
            return;
        };
        vitals.quota.pass(now_ns, limit.period_ns.max(1));
        let used_up = vitals.quota.used_ns >= limit.time_ns;
        let throttled = vitals.paused & cause::QUOTA != 0;
        if used_up && !throttled {
            vitals.quota.exhausted += 1;
            self.pause(index, cause::QUOTA);
        } else if throttled && !used_up {
            self.unpause(index, cause::QUOTA);
        }
        self.quota_moves(index);
    }

    /// The limit is another one now.
    pub(super) fn restart_quota(&mut self, index: usize) {
        let now_ns = self.now_ns;
        let vitals = self.vitals(index);
        vitals.quota = QuotaState {
            at_ns: now_ns,
            exhausted: vitals.quota.exhausted,
            ..QuotaState::default()
        };
        if let Some(limit) = vitals.limit {
            vitals.quota.period = now_ns / limit.period_ns.max(1);
        }
        self.unpause(index, cause::QUOTA);
        self.quota_moves(index);
    }

    /// A reply or failure that was held: the caller notices it now, unless it has another result.
    pub(super) fn held_result<P: Probe>(
        &mut self,
        id: FrameId,
        key: u64,
        status: Status,
        probe: &mut P,
    ) {
        let frame = self.arena.frame(id);
        if frame.key == key && !frame.is(flag::GONE) {
            self.result(id, status, probe);
        }
    }

    /// Word from a caller that was held.
    pub(super) fn held_cancel<P: Probe>(&mut self, id: FrameId, key: u64, probe: &mut P) {
        if self.arena.frame(id).key == key {
            self.cancel(id, probe);
        }
    }

    /// A time-out that was held.
    pub(super) fn held_run_out<P: Probe>(&mut self, id: FrameId, key: u64, probe: &mut P) {
        let frame = self.arena.frame(id);
        if frame.key == key && !frame.is(flag::GONE) {
            self.run_out(id, Status::Timeout, probe);
        }
    }

    /// A process that goes on takes what has queued, and answers the health check that waits.
    pub(super) fn wake<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let index = id.index();
        loop {
            let instance = &self.instances[index];
            if instance.busy_workers >= instance.workers || self.stands_still(id) {
                break;
            }
            match self.dequeue(index, probe) {
                Some(next) => self.begin(next),
                None => break,
            }
        }
        self.advance_check(index);
        self.stop_if_drained(index, probe);
    }
}
