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
        self.run_sampled(variant, u64::MAX).0
    }

    /// Run a variant to the horizon and take the weighted harm since the onset every `step_ns`: at the page, then at each
    /// full step after it, and at the horizon. Sampling only reads: the outcome is that of [`run`](Self::run).
    #[must_use]
    pub fn run_sampled(&self, variant: &Variant, step_ns: u64) -> (Outcome, Vec<(u64, u64)>) {
        let mut world = self.world.fork();
        if let Some(salt) = variant.reseed {
            world.reseed(combine(0x6e6f_6973_6500, salt));
        }
        let mut sampler = Sampler {
            onset: &self.onset,
            step_ns: step_ns.max(1),
            taken: Vec::new(),
        };
        sampler.take(&world);
        let mut rejected = 0;
        let mut moves = variant.moves.clone();
        moves.sort_by_key(|m| m.at_ns);
        let mut sound = true;
        for step in &moves {
            let at_ns = step
                .at_ns
                .clamp(world.now_ns(), self.horizon_ns.max(world.now_ns()));
            sound = sound && sampler.advance(&mut world, at_ns);
            for change in &step.changes {
                rejected += u32::from(world.apply(change, &mut Blind).is_err());
            }
        }
        if sound {
            sampler.advance(&mut world, self.horizon_ns);
        }
        sampler.take(&world);
        let outcome = Outcome {
            label: variant.label.clone(),
            harm: Harm::since(&world, &self.onset),
            rejected,
        };
        (outcome, sampler.taken)
    }

    /// Run variants one after the other. A caller with threads can run them at once instead: they share nothing.
    #[must_use]
    pub fn run_all(&self, variants: &[Variant]) -> Vec<Outcome> {
        variants.iter().map(|variant| self.run(variant)).collect()
    }
}

/// Takes the harm of a world at regular times.
struct Sampler<'a> {
    onset: &'a [FlowCounts],
    step_ns: u64,
    taken: Vec<(u64, u64)>,
}

impl Sampler<'_> {
    /// Notes the harm now, once per time.
    fn take(&mut self, world: &World) {
        let at_ns = world.now_ns();
        if self
            .taken
            .last()
            .is_none_or(|(last_ns, _)| *last_ns < at_ns)
        {
            self.taken
                .push((at_ns, Harm::since(world, self.onset).weighted));
        }
    }

    /// Moves a world forward, stopping at each sample; `false` if the world could not go on.
    fn advance(&mut self, world: &mut World, to_ns: u64) -> bool {
        loop {
            let next_ns = self.taken.last().map_or(to_ns, |(last_ns, _)| {
                (last_ns / self.step_ns + 1).saturating_mul(self.step_ns)
            });
            let stop_ns = next_ns.min(to_ns);
            if world.advance_until(stop_ns, u64::MAX, &mut Blind) != Progress::Reached {
                return false;
            }
            if stop_ns == next_ns {
                self.take(world);
            }
            if stop_ns >= to_ns {
                return true;
            }
        }
    }
}
