//! Time-outs of attempts: one list and one event for each edge.
#![expect(
    clippy::inline_always,
    reason = "every attempt arms a time-out: as calls they cost a hundredth of its instructions"
)]

use std::collections::VecDeque;

use super::World;
use super::frame::flag;
use crate::event::EventKind;
use crate::ids::FrameId;
use crate::probe::{Probe, Status};

#[derive(Clone, Copy, Debug)]
pub(super) struct Timer {
    pub deadline_ns: u64,
    pub sequence: u64,
    pub frame: FrameId,
}

/// Constant time-outs expire in the order they were armed, so each edge needs only its first one in the event queue. An
/// edge whose time-out is changed keeps its list in the order of the deadlines.
#[derive(Clone, Debug, Default)]
pub(super) struct EdgeTimers {
    pub list: VecDeque<Timer>,
    /// Deadline and sequence number of the event in the queue; events of other numbers have been overtaken.
    pub armed: Option<(u64, u64)>,
}

impl EdgeTimers {
    /// Insert a timer. Time-outs of an edge rarely differ, so its place is looked for from the end.
    #[inline(always)]
    pub fn insert(&mut self, timer: Timer) {
        let later = |other: &&Timer| other.deadline_ns > timer.deadline_ns;
        let after = self.list.iter().rev().take_while(later).count();
        if after == 0 {
            self.list.push_back(timer);
        } else {
            self.list.insert(self.list.len() - after, timer);
        }
    }
}

impl World {
    /// Drop time-outs at the head of an edge's list whose calls have been answered, as nearly all have. What was armed
    /// for them stays in the event queue and finds nothing to do.
    #[inline(always)]
    pub(super) fn forget_answered(&mut self, edge: usize) {
        let timers = &mut self.timers[edge];
        while let Some(timer) = timers.list.front() {
            if self.arena.frame(timer.frame).timer == low32(timer.sequence) {
                break;
            }
            timers.list.pop_front();
        }
    }

    pub(super) fn timeout<P: Probe>(&mut self, edge: usize, sequence: u64, probe: &mut P) {
        if self.timers[edge]
            .armed
            .is_none_or(|(_, armed)| armed != sequence)
        {
            // A shorter time-out came before it; its own turn comes again.
            return;
        }
        let front = self.timers[edge].list.front().copied();
        if let Some(timer) = front.filter(|t| t.sequence == sequence) {
            self.timers[edge].list.pop_front();
            let frame = *self.arena.frame(timer.frame);
            if frame.timer == low32(sequence) && !frame.is(flag::GONE | flag::RETIRED) {
                self.run_out(timer.frame, Status::Timeout, probe);
            }
        }
        self.forget_answered(edge);
        let timers = &mut self.timers[edge];
        timers.armed = timers.list.front().map(|t| (t.deadline_ns, t.sequence));
        if let Some(timer) = timers.list.front() {
            self.queue.push_with_sequence(
                timer.deadline_ns,
                timer.sequence,
                EventKind::Timeout,
                u32::try_from(edge).unwrap_or(u32::MAX),
            );
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is compared"
)]
pub(super) const fn low32(sequence: u64) -> u32 {
    sequence as u32
}
