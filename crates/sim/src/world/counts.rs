//! What became of users' requests and of the work they handed over.

use crate::hash::StableHasher;

/// Requests of one flow from the users of one region.
///
/// At any time `arrivals = ok + slow + failed + shed + abandoned + in flight` and
/// `published = consumed + lost + dead + in flight`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowCounts {
    /// Requests made.
    pub arrivals: u64,
    /// Succeeded in time.
    pub ok: u64,
    /// Succeeded late.
    pub slow: u64,
    /// Failed.
    pub failed: u64,
    /// Turned away by a rate limit where users enter.
    pub shed: u64,
    /// Left by a user who would not wait any longer.
    pub abandoned: u64,
    /// Attempts made for the finished ones.
    pub attempts: u64,
    /// Work handed over to queues. Counted in the producer's region.
    pub published: u64,
    /// Work handed over and done.
    pub consumed: u64,
    /// Work handed over and lost.
    pub lost: u64,
    /// Work handed over, given up and kept.
    pub dead: u64,
    /// Work done later than its queue's bound, and work sent again after it had been given up; not part of `dead`.
    pub late: u64,
    /// Succeeded with data older than what had been written; part of `ok` and `slow`.
    pub stale: u64,
    /// Effects that happened again.
    pub duplicated: u64,
    /// Writes of finished requests that a fail-over lost.
    pub lost_writes: u64,
    /// Succeeded with rows of a database that were wrong; part of `ok` and `slow`.
    pub wrong: u64,
}

impl FlowCounts {
    pub(super) fn feed(&self, hasher: &mut StableHasher) {
        for word in [
            self.arrivals,
            self.ok,
            self.slow,
            self.failed,
            self.attempts,
            self.published,
            self.consumed,
            self.lost,
            self.dead,
            self.stale,
            self.duplicated,
            self.lost_writes,
        ] {
            hasher.word(word);
        }
        if self.shed | self.abandoned != 0 {
            hasher.word(self.shed);
            hasher.word(self.abandoned);
        }
        if self.wrong != 0 {
            hasher.word(self.wrong);
        }
        if self.late != 0 {
            hasher.word(self.late);
        }
    }

    /// Requests with a result.
    #[must_use]
    pub const fn finished(&self) -> u64 {
        self.ok + self.slow + self.unserved()
    }

    /// Requests whose users did not get what they came for: failed, shed or abandoned.
    #[must_use]
    pub const fn unserved(&self) -> u64 {
        self.failed + self.shed + self.abandoned
    }

    /// The counts since `earlier`.
    #[must_use]
    pub const fn since(&self, earlier: &Self) -> Self {
        Self {
            arrivals: self.arrivals - earlier.arrivals,
            ok: self.ok - earlier.ok,
            slow: self.slow - earlier.slow,
            failed: self.failed - earlier.failed,
            shed: self.shed - earlier.shed,
            abandoned: self.abandoned - earlier.abandoned,
            attempts: self.attempts - earlier.attempts,
            published: self.published.saturating_sub(earlier.published),
            consumed: self.consumed - earlier.consumed,
            lost: self.lost - earlier.lost,
            dead: self.dead.saturating_sub(earlier.dead),
            late: self.late.saturating_sub(earlier.late),
            stale: self.stale - earlier.stale,
            duplicated: self.duplicated - earlier.duplicated,
            lost_writes: self.lost_writes - earlier.lost_writes,
            wrong: self.wrong - earlier.wrong,
        }
    }
}
