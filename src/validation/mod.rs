//! Validation of the engine: cases with a known answer, as one table that the tests and `brownout validate` share.
//!
//! A case builds a system, runs it and reports ratios; each ratio has a gate. What is expected is computed from its
//! formula in code. A mean is pooled over all seeds before it is compared; a course of events must hold in every seed.

mod clients;
mod collapse;
pub mod formulas;
mod measured;
pub mod network;
mod priority;
mod queues;
pub mod stations;

use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::ids::InstanceId;
use brownout_sim::measure::Measure;
use brownout_sim::world::{InstanceGauges, Progress, World};

/// How much is simulated of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Requests per seed, for cases whose length can be chosen.
    pub requests: u64,
    /// Seeds, from 1.
    pub seeds: u64,
}

/// One run of a case.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Name of the case. Its draws depend on it, so that cases are not lucky or unlucky together.
    pub case: &'static str,
    /// Seed.
    pub seed: u64,
    /// Requests after the warm-up.
    pub requests: u64,
    /// Computing times relative to what the case says, in per cent. 100 but to show that the gate would notice.
    pub stretch_percent: u64,
}

/// A sum and what it is divided by; both add up over seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ratio {
    /// Sum.
    pub sum: f64,
    /// Count.
    pub count: f64,
}

impl Ratio {
    /// The value of the ratio; 0 when nothing was counted, which no gate accepts but one that expects 0.
    #[must_use]
    pub fn value(self) -> f64 {
        if self.count > 0.0 {
            self.sum / self.count
        } else {
            0.0
        }
    }
}

/// What a quantity must be.
#[derive(Clone, Copy, Debug)]
pub enum Gate {
    /// The mean over all seeds, within this share of the value of the formula.
    Mean {
        /// The formula.
        expected: fn() -> f64,
        /// Largest relative difference.
        tolerance: f64,
    },
    /// In every seed, from `low` to `high`.
    Each {
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
}

/// One thing a case measures.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// What it is.
    pub what: &'static str,
    /// What it must be.
    pub gate: Gate,
    /// Whether it depends on how long computations take: if so, 5 % more must fail the gate.
    pub timed: bool,
}

/// A mean that depends on computing times, within 2 % of its formula.
const fn mean(what: &'static str, expected: fn() -> f64) -> Quantity {
    Quantity {
        what,
        gate: Gate::Mean {
            expected,
            tolerance: TOLERANCE,
        },
        timed: true,
    }
}

/// A mean that does not depend on computing times.
const fn share(what: &'static str, expected: fn() -> f64, tolerance: f64) -> Quantity {
    Quantity {
        what,
        gate: Gate::Mean {
            expected,
            tolerance,
        },
        timed: false,
    }
}

/// A value that must lie between two bounds in every seed.
const fn each(what: &'static str, low: f64, high: f64) -> Quantity {
    Quantity {
        what,
        gate: Gate::Each { low, high },
        timed: false,
    }
}

/// Largest relative difference between a pooled mean and its formula.
pub const TOLERANCE: f64 = 0.02;

/// A case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Name, for the command line.
    pub name: &'static str,
    /// What the expectation comes from.
    pub source: &'static str,
    /// Size in `cargo test`; `None` for what needs more requests than fit there.
    pub quick: Option<Size>,
    /// What is measured.
    pub quantities: &'static [Quantity],
    /// One seed's ratios, in the order of `quantities`.
    pub run: fn(Run) -> anyhow::Result<Vec<Ratio>>,
}

/// All cases.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    queues::CASES
        .iter()
        .chain(priority::CASES)
        .chain(clients::CASES)
        .chain(collapse::CASES)
}

/// What became of one quantity.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    /// Case.
    pub case: &'static str,
    /// Quantity.
    pub what: &'static str,
    /// Measured: pooled over seeds, or in the seed farthest from the middle of the bounds.
    pub measured: f64,
    /// Least value accepted.
    pub low: f64,
    /// Greatest value accepted.
    pub high: f64,
    /// Value of the formula, where there is one.
    pub expected: Option<f64>,
    /// Standard error of the mean, from the differences between seeds; `None` with one seed.
    pub standard_error: Option<f64>,
    /// Whether it holds.
    pub ok: bool,
}

/// Compare the ratios of all seeds with the gates.
#[must_use]
pub fn judge(case: &Case, seeds: &[Vec<Ratio>]) -> Vec<Finding> {
    let judged = case.quantities.iter().enumerate().map(|(index, quantity)| {
        let ratios: Vec<Ratio> = seeds.iter().filter_map(|s| s.get(index).copied()).collect();
        let (measured, low, high, expected) = match quantity.gate {
            Gate::Mean {
                expected,
                tolerance,
            } => {
                let expected = expected();
                let slack = expected.abs() * tolerance;
                (
                    pooled(&ratios).value(),
                    expected - slack,
                    expected + slack,
                    Some(expected),
                )
            }
            Gate::Each { low, high } => {
                let middle = low.midpoint(high);
                let worst = ratios
                    .iter()
                    .map(|r| r.value())
                    .max_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()));
                (worst.unwrap_or(f64::NAN), low, high, None)
            }
        };
        Finding {
            case: case.name,
            what: quantity.what,
            measured,
            low,
            high,
            expected,
            standard_error: standard_error(&ratios),
            ok: !ratios.is_empty() && (low..=high).contains(&measured),
        }
    });
    judged.collect()
}

fn pooled(ratios: &[Ratio]) -> Ratio {
    ratios.iter().fold(Ratio::default(), |all, r| Ratio {
        sum: all.sum + r.sum,
        count: all.count + r.count,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a number of seeds")]
fn standard_error(ratios: &[Ratio]) -> Option<f64> {
    if ratios.len() < 2 {
        return None;
    }
    let seeds = ratios.len() as f64;
    let mean = ratios.iter().map(|r| r.value()).sum::<f64>() / seeds;
    let squares: f64 = ratios.iter().map(|r| (r.value() - mean).powi(2)).sum();
    Some((squares / (seeds - 1.0) / seeds).sqrt())
}

impl Case {
    /// Run all seeds, one after the other, and judge.
    ///
    /// # Errors
    /// If the system is not sound or its run was aborted.
    pub fn check(&self, size: Size, stretch_percent: u64) -> anyhow::Result<Vec<Finding>> {
        let mut seeds = Vec::new();
        for seed in 1..=size.seeds {
            seeds.push((self.run)(Run {
                case: self.name,
                seed,
                requests: size.requests,
                stretch_percent,
            })?);
        }
        Ok(judge(self, &seeds))
    }
}

/// A system in steady state: what was seen of it, and how its instances stood before and after.
struct Watched {
    measure: Measure,
    before: Vec<InstanceGauges>,
    after: Vec<InstanceGauges>,
}

impl Run {
    /// The same with a fraction of the requests, for cases in which one request is many calls.
    fn shorter(self, times: u64) -> Self {
        Self {
            requests: (self.requests / times).max(1_000),
            ..self
        }
    }

    fn steady(self, blueprint: Blueprint) -> anyhow::Result<Measure> {
        self.watch(blueprint).map(|watched| watched.measure)
    }

    /// Run a system in which nothing changes until so many requests have ended, after a warm-up of a fiftieth of them and
    /// at least 2,000.
    fn watch(self, blueprint: Blueprint) -> anyhow::Result<Watched> {
        let mut blueprint = blueprint;
        self.case.clone_into(&mut blueprint.name);
        network::stretch(&mut blueprint, self.stretch_percent);
        let warm_up = (self.requests / 50).max(2_000);
        let mut world = network::world(blueprint, self.seed);
        let gauges = |world: &World| {
            let all = (0..world.instance_count()).map(InstanceId::from_index);
            all.map(|id| world.instance(id)).collect::<Vec<_>>()
        };
        let mut measure = Measure::new(world.blueprint(), 0);
        let mut before = Vec::new();
        for wanted in [warm_up, self.requests] {
            before = gauges(&world);
            measure = Measure::new(world.blueprint(), world.now_ns());
            while measure.users.finished < wanted {
                let next_ns = world.now_ns() + SECOND_NS / 4;
                if measure.watch(&mut world, next_ns) != Progress::Reached {
                    anyhow::bail!("the run was aborted: {:?}", world.aborted());
                }
                if world.now_ns() > LONGEST_NS {
                    anyhow::bail!("too few users come: {wanted} requests take more than a year");
                }
            }
        }
        Ok(Watched {
            measure,
            before,
            after: gauges(&world),
        })
    }
}

/// Simulated time after which a run is given up.
const LONGEST_NS: u64 = 365 * 24 * 3_600 * SECOND_NS;
