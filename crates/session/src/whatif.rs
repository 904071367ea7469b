//! What-if: the same world from the page on, with other actions.

use brownout_sim::blueprint::Change;
use brownout_sim::hash::combine;
use brownout_sim::probe::Blind;
use brownout_sim::world::{FlowCounts, Progress, World};

use crate::harm::Harm;

/// World changes of one action at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Number of the action.
    pub action: u32,
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// What.
    pub changes: Vec<Change>,
}

/// From where all variants of a run start.
#[derive(Clone, Debug)]
pub struct Fork {
    /// The world when the page came.
    pub world: World,
    /// Counts at the onset.
    pub onset: Vec<FlowCounts>,
    /// Harm is integrated to this time.
    pub horizon_ns: u64,
}

/// A variant to compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// What is different, in a few words.
    pub label: String,
    /// Moves in the order of time.
    pub moves: Vec<Move>,
    /// Other draws from the page on, to measure chance.
    pub reseed: Option<u64>,
}

/// A variant computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is different.
    pub label: String,
    /// Harm.
    pub harm: Harm,
    /// Changes that made no sense in the variant and were left out.
    pub rejected: u32,
}

impl Fork {
    /// Run a variant to the horizon.
    #[must_use]
    pub fn run(&self, variant: &Variant) -> Outcome {
        let mut world = self.world.fork();
        if let Some(salt) = variant.reseed {
            world.reseed(combine(0x6e6f_6973_6500, salt));
        }
        let mut rejected = 0;
        let mut moves = variant.moves.clone();
        moves.sort_by_key(|m| m.at_ns);
        let mut sound = true;
        for step in &moves {
            let at_ns = step
                .at_ns
                .clamp(world.now_ns(), self.horizon_ns.max(world.now_ns()));
            sound = sound && world.advance_until(at_ns, u64::MAX, &mut Blind) == Progress::Reached;
            for change in &step.changes {
                rejected += u32::from(world.apply(change, &mut Blind).is_err());
            }
        }
        if sound {
            world.advance_until(self.horizon_ns, u64::MAX, &mut Blind);
        }
        Outcome {
            label: variant.label.clone(),
            harm: Harm::since(&world, &self.onset),
            rejected,
        }
    }

    /// Run variants one after the other. A caller with threads can run them at once instead: they share nothing.
    #[must_use]
    pub fn run_all(&self, variants: &[Variant]) -> Vec<Outcome> {
        variants.iter().map(|variant| self.run(variant)).collect()
    }
}
