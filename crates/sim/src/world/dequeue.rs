//! Which waiting request a free worker takes.

use super::World;
use super::frame::flag;
use crate::blueprint::Discipline;
use crate::ids::FrameId;
use crate::probe::{Probe, Status};

/// State of the controlled-delay discipline (Nichols and Jacobson, RFC 8289, §5).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CoDel {
    /// When waits will have exceeded the target for an interval; 0 while they do not.
    first_above_ns: u64,
    drop_next_ns: u64,
    /// Drops since dropping began.
    count: u32,
    dropping: bool,
}

impl CoDel {
    /// Whether a request that has waited `wait_ns` may be dropped; `last` when none waits behind it.
    fn may_drop(
        &mut self,
        now_ns: u64,
        wait_ns: u64,
        last: bool,
        target_ns: u64,
        interval_ns: u64,
    ) -> bool {
        if wait_ns < target_ns || last {
            self.first_above_ns = 0;
            return false;
        }
        if self.first_above_ns == 0 {
            self.first_above_ns = now_ns + interval_ns;
            return false;
        }
        now_ns >= self.first_above_ns
    }

    /// Whether the request at hand is to be dropped.
    fn drops(&mut self, now_ns: u64, may: bool, interval_ns: u64) -> bool {
        if self.dropping {
            if !may {
                self.dropping = false;
                return false;
            }
            if now_ns < self.drop_next_ns {
                return false;
            }
            self.count += 1;
            self.drop_next_ns = next_drop(self.drop_next_ns, self.count, interval_ns);
            return true;
        }
        if !may {
            return false;
        }
        self.dropping = true;
        // Close to the last spell of dropping, go on at nearly its rate.
        let recent = now_ns.saturating_sub(self.drop_next_ns) < interval_ns;
        self.count = if recent && self.count > 2 {
            self.count - 2
        } else {
            1
        };
        self.drop_next_ns = next_drop(now_ns, self.count, interval_ns);
        true
    }
}

/// The control law: the interval divided by the square root of the number of drops.
fn next_drop(from_ns: u64, count: u32, interval_ns: u64) -> u64 {
    let root_q16 = (u64::from(count.max(1)) << 32).isqrt();
    let step_ns = u128::from(interval_ns) << 16;
    from_ns + u64::try_from(step_ns / u128::from(root_q16)).unwrap_or(u64::MAX >> 1)
}

impl World {
    /// Put a request into the accept queue.
    pub(super) fn enqueue(&mut self, index: usize, id: FrameId) {
        let instance = &mut self.instances[index];
        instance.begins_to_wait(self.now_ns);
        if let Some(classes) = &mut instance.classes {
            let trace = self.arena.frame(id).trace as usize;
            let flow = &self.blueprint.flows[self.arena.traces[trace].flow.index()];
            classes[flow.criticality as usize].push(&mut self.arena, id);
            instance.accept.len += 1;
        } else if instance.discipline == Discipline::Lifo {
            instance.accept.push_front(&mut self.arena, id);
        } else {
            instance.accept.push(&mut self.arena, id);
        }
    }

    /// Where the accept queue is full: refuse one that waits and matters less than `id`. `false` if none does.
    pub(super) fn makes_room<P: Probe>(
        &mut self,
        index: usize,
        id: FrameId,
        probe: &mut P,
    ) -> bool {
        let trace = self.arena.frame(id).trace as usize;
        let flow = self.arena.traces[trace].flow;
        let class = self.blueprint.flows[flow.index()].criticality as usize;
        loop {
            let instance = &mut self.instances[index];
            let Some(victim) = instance.take_less_urgent(class, &self.arena) else {
                return false;
            };
            instance.has_waited(self.now_ns);
            if self.arena.frame(victim).is(flag::CANCELLED) {
                // It took no room any more.
                instance.cancelled -= 1;
                self.refuse(victim, Status::Cancelled, probe);
                continue;
            }
            instance.refused += 1;
            self.refuse(victim, Status::Overloaded, probe);
            return true;
        }
    }

    /// Take the next request out of the accept queue; those the discipline drops get their refusal.
    pub(super) fn dequeue<P: Probe>(&mut self, index: usize, probe: &mut P) -> Option<FrameId> {
        loop {
            let instance = &mut self.instances[index];
            if instance.paused {
                return None;
            }
            if instance.accept.len == 0 {
                return None;
            }
            instance.has_waited(self.now_ns);
            let id = instance.take_waiting(&self.arena)?;
            let frame = self.arena.frame(id);
            if frame.is(flag::CANCELLED) {
                instance.cancelled -= 1;
                self.refuse(id, Status::Cancelled, probe);
                continue;
            }
            let refusal = match instance.discipline {
                Discipline::Fifo | Discipline::Lifo | Discipline::Priority => return Some(id),
                Discipline::Deadline => {
                    (self.now_ns >= frame.deadline_ns).then_some(Status::Expired)
                }
                Discipline::CoDel {
                    target_ns,
                    interval_ns,
                } => {
                    let wait_ns = self.now_ns - frame.arrive_ns;
                    let last = instance.accept.len == 0;
                    let codel = &mut instance.codel;
                    let may = codel.may_drop(self.now_ns, wait_ns, last, target_ns, interval_ns);
                    codel
                        .drops(self.now_ns, may, interval_ns)
                        .then_some(Status::Overloaded)
                }
            };
            match refusal {
                None => return Some(id),
                Some(status) => self.refuse(id, status, probe),
            }
        }
    }
}
