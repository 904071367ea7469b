//! A wait of the player: the clock runs fast until what is waited for happens, then goes on as before.

use std::sync::Arc;

use brownout_session::view::PlayerView;
use brownout_session::wait::{self, Until};

use super::clock::Clock;

/// Times as fast as a wall clock while waiting.
const SPEED: u32 = 10;
/// Simulated time between two looks at whether it is over: how far a wait can overshoot.
const STEP_NS: u64 = 500_000_000;

/// A wait under way.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// What for.
    pub until: Until,
    /// What stood when it began.
    before: Arc<PlayerView>,
    /// The clock to go back to.
    pub resume: Clock,
    /// When to look next, in nanoseconds.
    next_ns: u64,
}

impl Waiting {
    /// Begins a wait.
    pub const fn begin(until: Until, before: Arc<PlayerView>, resume: Clock) -> Self {
        let next_ns = before_ns(until, 0);
        Self {
            until,
            before,
            resume,
            next_ns,
        }
    }

    /// The clock while waiting.
    pub const fn clock() -> Clock {
        Clock {
            speed: SPEED,
            paused: false,
        }
    }

    /// How far the session may move towards a target before this must look again.
    pub fn stop_ns(&self, target_ns: u64) -> u64 {
        target_ns.min(self.next_ns)
    }

    /// Whether it is time to look.
    pub const fn is_due(&self, now_ns: u64) -> bool {
        now_ns >= self.next_ns
    }

    /// Looks; what ended the wait, if it is over.
    pub fn look(&mut self, now: &PlayerView) -> Option<String> {
        self.next_ns = before_ns(self.until, now.now_ns + STEP_NS);
        wait::over(self.until, &self.before, now)
    }
}

/// A time to look, but no later than a stated time waited for.
const fn before_ns(until: Until, next_ns: u64) -> u64 {
    match until {
        Until::At(at_ns) if at_ns < next_ns => at_ns,
        _ => next_ns,
    }
}
