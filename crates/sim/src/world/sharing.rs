//! Processor sharing: computations that run at once at an equal share of the cores.
//!
//! In virtual time, which passes as fast as one computation gets work done, each ends at a fixed moment; so the order of
//! ends is known and only the first has an event (Parekh and Gallager 1993, "A generalized processor sharing approach").

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::frame::flag;
use super::{Work, World};
use crate::blueprint::ONE_Q16;
use crate::event::EventKind;
use crate::ids::FrameId;
use crate::probe::Probe;

/// Fractional bits of virtual time.
const FRACTION: u32 = 32;

/// Computations under way at one instance.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// Virtual time, in nanoseconds of work, Q32.
    virtual_time: u128,
    /// When it was that time.
    at_ns: u64,
    /// Computations by the virtual time of their end; ties in the order they began.
    running: BinaryHeap<Reverse<(u128, u64, FrameId)>>,
    /// Computations begun.
    begun: u64,
    /// Sequence number of the event that is awaited.
    armed: u64,
    /// Speed of the instance; 0 while its process stands still.
    speed_q16: u32,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            virtual_time: 0,
            at_ns: 0,
            running: BinaryHeap::new(),
            begun: 0,
            armed: 0,
            speed_q16: ONE_Q16,
        }
    }
}

impl Shared {
    pub fn clear(&mut self) {
        *self = Self {
            begun: self.begun,
            ..Self::default()
        };
    }

    /// Number of computations.
    pub fn len(&self) -> u32 {
        u32::try_from(self.running.len()).unwrap_or(u32::MAX)
    }

    /// Let virtual time pass until now.
    fn pass(&mut self, now_ns: u64, cores: u32) {
        // Q16 speed, so that many bits fewer of the fraction.
        let passed =
            u128::from(now_ns - self.at_ns) * u128::from(self.speed_q16) << (FRACTION - 16);
        let sharers = u128::from(self.len());
        self.virtual_time += if sharers > u128::from(cores) {
            passed * u128::from(cores) / sharers
        } else {
            passed
        };
        self.at_ns = now_ns;
    }

    /// When the first computation ends if nothing changes before.
    fn first_end_ns(&self, cores: u32) -> Option<u64> {
        let Reverse((end, _, _)) = self.running.peek()?;
        if self.speed_q16 == 0 {
            return None;
        }
        let left = end.saturating_sub(self.virtual_time);
        let sharers = u128::from(self.len().max(cores));
        let per_ns = u128::from(cores.max(1)) * u128::from(self.speed_q16) << (FRACTION - 16);
        let wait = (left * sharers).div_ceil(per_ns);
        Some(self.at_ns + u64::try_from(wait).unwrap_or(u64::MAX >> 1))
    }
}

impl World {
    /// Begin a computation of `work_ns` of core time.
    pub(super) fn share(&mut self, index: usize, id: FrameId, work_ns: u64) {
        let (now_ns, cores) = (self.now_ns, self.instances[index].cores);
        let Some(shared) = self.instances[index].shared.as_deref_mut() else {
            return;
        };
        shared.pass(now_ns, cores);
        let end = shared.virtual_time + (u128::from(work_ns) << FRACTION);
        shared.begun += 1;
        shared.running.push(Reverse((end, shared.begun, id)));
        self.arm_shared(index);
    }

    /// Virtual time passes at another speed from now on.
    pub(super) fn share_at(&mut self, index: usize, speed_q16: u32) {
        let (now_ns, cores) = (self.now_ns, self.instances[index].cores);
        if let Some(shared) = self.instances[index].shared.as_deref_mut()
            && shared.speed_q16 != speed_q16
        {
            shared.pass(now_ns, cores);
            shared.speed_q16 = speed_q16;
            self.arm_shared(index);
        }
    }

    fn arm_shared(&mut self, index: usize) {
        let instance = &mut self.instances[index];
        let cores = instance.cores;
        let Some(shared) = instance.shared.as_deref_mut() else {
            return;
        };
        instance.busy_cores = shared.len().min(cores);
        let first_end_ns = shared.first_end_ns(cores);
        let Some(end_ns) = first_end_ns else {
            shared.armed = 0;
            return self.quota_moves(index);
        };
        shared.armed = self.queue.next_sequence();
        self.queue.push_with_sequence(
            end_ns,
            shared.armed,
            EventKind::Shared,
            u32::try_from(index).unwrap_or(u32::MAX),
        );
        self.quota_moves(index);
    }

    /// The first computation of an instance has ended, and whatever ends at the same time.
    pub(super) fn shared_computed<P: Probe>(&mut self, index: usize, sequence: u64, probe: &mut P) {
        let (now_ns, cores) = (self.now_ns, self.instances[index].cores);
        let Some(shared) = self.instances[index].shared.as_deref_mut() else {
            return;
        };
        if shared.armed != sequence {
            return;
        }
        shared.pass(now_ns, cores);
        let mut ended = Vec::new();
        while let Some(Reverse((end, _, id))) = shared.running.peek().copied()
            && end <= shared.virtual_time
        {
            shared.running.pop();
            ended.push(id);
        }
        self.arm_shared(index);
        for id in ended {
            self.arena.frame_mut(id).flags &= !flag::COMPUTING;
            if self.goes_on(id, probe) {
                self.work.push(Work::Step(id));
            }
        }
    }
}
