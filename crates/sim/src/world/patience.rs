//! Users who do not wait for ever: they leave, and come back or not.

use super::World;
use super::agenda::AgendaItem;
use super::frame::flag;
use super::request::Purpose;
use crate::dist;
use crate::event::EventKind;
use crate::hash::combine;
use crate::ids::FrameId;
use crate::probe::{Probe, Status};

/// Tells the identity of a request made again by hand from that of the one before.
const AGAIN_KEY: u64 = 0x00a6_a100_0000_0001;

impl World {
    /// Start the clock of a user's patience.
    pub(super) fn await_patience(&mut self, index: u32) {
        let trace = &self.arena.traces[index as usize];
        let Some(patience) = self.blueprint.flows[trace.flow.index()].patience else {
            return;
        };
        let wait_ns = patience
            .dist
            .sample(patience.mean_ns, self.draw(trace.id, Purpose::Patience, 0));
        let leaves_ns = self.now_ns.saturating_add(wait_ns.max(1));
        self.arena.traces[index as usize].leaves_ns = leaves_ns;
        self.queue.push(leaves_ns, EventKind::Patience, index);
    }

    /// A user has waited long enough. The trace may be another's by now, or have its result.
    pub(super) fn patience_over<P: Probe>(&mut self, index: u32, at_ns: u64, probe: &mut P) {
        let trace = self.arena.traces[index as usize];
        if trace.leaves_ns != at_ns || !trace.used || !trace.open || trace.link != 0 {
            return;
        }
        // The attempts of the user's program that still have no result: one, or two when hedged.
        let mut waiting = [FrameId::NONE; 2];
        let mut id = trace.head;
        while id != FrameId::NONE {
            let frame = self.arena.frame(id);
            if frame.parent == FrameId::NONE && !frame.is(flag::GONE | flag::RETIRED) {
                waiting = [id, waiting[0]];
            }
            id = frame.sibling;
        }
        if let Some(frame) = waiting.first().filter(|id| **id != FrameId::NONE) {
            self.root_result(*frame, Status::Abandoned, probe);
        }
        for id in waiting.into_iter().filter(|id| *id != FrameId::NONE) {
            self.arena.frame_mut(id).status = Status::Abandoned;
            self.give_up(id, probe);
        }
    }

    /// Whether the user of a finished request makes it once more by hand; plans that if so.
    pub(super) fn tries_again(&mut self, trace: u32) -> bool {
        let trace = self.arena.traces[trace as usize];
        let Some(patience) = self.blueprint.flows[trace.flow.index()].patience else {
            return false;
        };
        if trace.status.is_ok()
            || trace.tries + 1 >= patience.tries
            || self.draw(trace.id, Purpose::Again, 0) >> 32 >= patience.again_q32
        {
            return false;
        }
        let word = self.draw(trace.id, Purpose::Again, 1);
        let pause_ns = dist::scale_q40(dist::exponential_q40(word), patience.pause_ns);
        let again = AgendaItem::Again {
            source: trace.source,
            origin: combine(trace.id, AGAIN_KEY),
            tries: trace.tries + 1,
        };
        self.plan(self.now_ns + pause_ns, again);
        true
    }
}
