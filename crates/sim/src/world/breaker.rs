//! Circuit breakers: whether a client instance tries a call at all.

use crate::blueprint::Breaker;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BreakerState {
    /// Results of the last calls, 1 for a failure, the newest in the lowest bit.
    results: u64,
    /// How many results there are, up to the window.
    filled: u8,
    /// Open until then; 0 when closed.
    open_until_ns: u64,
    /// A try is under way.
    pub trying: bool,
    /// Successful tries in a row.
    succeeded: u8,
}

impl BreakerState {
    /// Whether a call may go out.
    pub fn admits(&mut self, now_ns: u64) -> bool {
        if self.open_until_ns == 0 {
            return true;
        }
        if now_ns < self.open_until_ns || self.trying {
            return false;
        }
        self.trying = true;
        true
    }

    pub fn record(&mut self, policy: &Breaker, now_ns: u64, ok: bool) {
        if self.open_until_ns != 0 {
            if !self.trying {
                // A call from before it opened.
                return;
            }
            self.trying = false;
            if !ok {
                self.open_until_ns = now_ns + policy.open_ns;
                self.succeeded = 0;
                return;
            }
            self.succeeded += 1;
            if self.succeeded >= policy.tries.max(1) {
                *self = Self::default();
            }
            return;
        }
        let window = policy.window.clamp(1, 64);
        self.results = self.results << 1 | u64::from(!ok);
        self.filled = (self.filled + 1).min(window);
        let failures = (self.results & u64::MAX >> (64 - u32::from(window))).count_ones();
        if self.filled == window && failures >= u32::from(policy.failures.max(1)) {
            *self = Self {
                open_until_ns: now_ns + policy.open_ns,
                ..Self::default()
            };
        }
    }
}
