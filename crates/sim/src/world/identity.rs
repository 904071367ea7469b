//! What makes two runs the same run: the hash of a world, and what makes it another.

use super::World;
use crate::hash::{StableHasher, combine};
use crate::rng::Stream;

/// A hidden nudge that changes nothing of substance, to measure the noise of what-if comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nudge {
    /// Draw one more word from every arrival-independent stream: in this engine, none; draws are keyed.
    ExtraDraw,
    /// Move every round-robin pointer by one.
    BalancerPointer,
}

impl World {
    /// Give all draws from now on other values. For measuring how much of a difference between forks is chance.
    pub fn reseed(&mut self, salt: u64) {
        self.salt = combine(self.salt, salt);
        for source in &mut self.sources {
            source.key = combine(source.key, salt);
            source.stream = Stream::new(source.key);
        }
    }

    /// Apply a nudge that should not matter.
    pub fn nudge(&mut self, nudge: Nudge) {
        match nudge {
            Nudge::ExtraDraw => {
                self.queue.next_sequence();
            }
            Nudge::BalancerPointer => {
                for deployment in &mut self.deployments {
                    deployment.pointer = deployment.pointer.wrapping_add(1);
                }
            }
        }
    }

    /// Hash over the history of events and the present state.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hasher = StableHasher::new();
        for word in [
            self.now_ns,
            self.events,
            self.trail,
            self.queue.len() as u64,
            self.salt,
        ] {
            hasher.word(word);
        }
        for book in &self.books {
            book.counts.feed(&mut hasher);
        }
        for instance in &self.instances {
            hasher.word(instance.state as u64);
            hasher.word(u64::from(instance.version.0) << 32 | u64::from(instance.generation));
            hasher.word(u64::from(instance.busy_workers) << 32 | u64::from(instance.accept.len));
            hasher.word(instance.cpu_ns);
            if let Some(vitals) = instance.vitals.as_deref() {
                hasher.word(vitals.leaked_bytes ^ vitals.garbage_bytes.rotate_left(32));
                hasher.word(vitals.disk_bytes ^ vitals.paused_ns.rotate_left(32));
                hasher
                    .word(u64::from(vitals.restarts) << 32 | u64::from(vitals.leaked_descriptors));
            }
        }
        self.data.feed(&mut hasher);
        for made_ns in &self.made {
            hasher.word(made_ns.unwrap_or(u64::MAX));
        }
        for share in &self.flags {
            hasher.word(*share);
        }
        self.terms.feed(&mut hasher);
        for version in &self.withdrawn {
            hasher.word(u64::from(version.0));
        }
        hasher.finish()
    }
}
