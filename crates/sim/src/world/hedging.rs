//! Attempts nobody waits for any more: hedges, and what becomes of the loser; cancellation.

use super::frame::{Call, flag};
use super::pause::Held;
use super::policy::feature;
use super::timers::Timer;
use super::{Work, World};
use crate::event::EventKind;
use crate::hash::combine;
use crate::ids::FrameId;
use crate::probe::{Probe, Status};

/// Tells the key of a hedge from that of a retry.
const HEDGE_KEY: u64 = 1 << 32;

impl World {
    pub(super) fn plan_hedge(&mut self, id: FrameId, after_ns: u64) {
        let frame = *self.arena.frame(id);
        let sequence = self.queue.next_sequence();
        let at_ns = self.now_ns + after_ns;
        let hedges = &mut self.hedges[frame.edge.index()];
        hedges.list.push_back((
            Timer {
                deadline_ns: at_ns,
                sequence,
                frame: id,
            },
            frame.key,
        ));
        if !hedges.armed {
            hedges.armed = true;
            self.queue.push_with_sequence(
                at_ns,
                sequence,
                EventKind::Hedge,
                u32::from(frame.edge.0),
            );
        }
    }

    /// A call has had no reply for long enough: send it once more.
    pub(super) fn hedge_due(&mut self, edge: usize) {
        let Some((timer, key)) = self.hedges[edge].list.pop_front() else {
            return;
        };
        let frame = *self.arena.frame(timer.frame);
        if frame.key == key && !frame.is(flag::GONE | flag::RETIRED) {
            let twin = self.frame(&Call {
                key: combine(key, HEDGE_KEY),
                parent: frame.parent,
                twin: timer.frame,
                trace: frame.trace,
                edge: frame.edge,
                attempt: 0,
                site: frame.site,
            });
            if let Some(twin) = twin {
                self.arena.frame_mut(timer.frame).twin = twin;
                self.arena.frame_mut(twin).flags |= frame.flags & flag::FALLBACK;
                self.work.push(Work::Launch(twin));
            }
        }
        // Those at the head whose call has its result need no event.
        while let Some((timer, key)) = self.hedges[edge].list.front() {
            let frame = self.arena.frame(timer.frame);
            if frame.key == *key && !frame.is(flag::GONE | flag::RETIRED) {
                break;
            }
            self.hedges[edge].list.pop_front();
        }
        let hedges = &mut self.hedges[edge];
        hedges.armed = !hedges.list.is_empty();
        if let Some((timer, _)) = hedges.list.front() {
            self.queue.push_with_sequence(
                timer.deadline_ns,
                timer.sequence,
                EventKind::Hedge,
                u32::try_from(edge).unwrap_or(u32::MAX),
            );
        }
    }

    /// The client no longer waits for this attempt: its hedge won, or whoever it worked for is gone.
    pub(super) fn give_up<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let frame = *self.arena.frame(id);
        if frame.is(flag::GONE | flag::RETIRED) {
            if !frame.is(flag::GONE) {
                // Its result has come, but the process stood still and has not noticed.
                self.arena.frame_mut(id).flags |= flag::GONE;
                self.close_socket(id);
                self.disconnect(id);
            }
            return;
        }
        let nowhere = frame.is(flag::NOWHERE);
        let state = self.arena.frame_mut(id);
        state.timer = 0;
        state.flags = (state.flags | flag::GONE | flag::ABANDONED) & !flag::AWAITS_CONNECTION;
        self.close_socket(id);
        self.disconnect(id);
        if self.tables.edges[frame.edge.index()].features & feature::BREAKER != 0
            && let Some(state) = self.client_edge(&frame)
        {
            // Whether this was the try or not: the next call tries again.
            state.breaker.trying = false;
        }
        if nowhere {
            self.end_nowhere(id, probe);
        } else if self.tables.edges[frame.edge.index()].features & feature::CANCEL != 0 {
            self.work.push(Work::Cancel(id));
        }
    }

    /// The server learns that nobody waits for this request. The word travels faster than requests do: at once.
    pub(super) fn cancel<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let frame = *self.arena.frame(id);
        if frame.is(flag::RETIRED | flag::KILLED | flag::CANCELLED) {
            return;
        }
        let in_progress = frame.is(flag::SERVED) && !frame.is(flag::QUEUED);
        if self.paused != 0 && in_progress && self.hold_at_server(id, Held::Cancel(id, frame.key)) {
            return;
        }
        self.arena.frame_mut(id).flags |= flag::CANCELLED;
        if frame.is(flag::QUEUED) {
            self.instances[frame.instance.index()].cancelled += 1;
        } else if frame.is(flag::PARKED) {
            self.arena.frame_mut(id).flags &= !flag::PARKED;
            self.finish(id, Status::Cancelled, probe);
        } else if frame.is(flag::SERVED) && frame.pending > 0 {
            self.arena.frame_mut(id).pending = 0;
            let mut child = self.arena.traces[frame.trace as usize].head;
            while child != FrameId::NONE {
                let state = *self.arena.frame(child);
                if state.parent == id {
                    self.give_up(child, probe);
                }
                child = state.sibling;
            }
            self.finish(id, Status::Cancelled, probe);
        }
        // On its way or computing: it ends at its next step.
    }
}
