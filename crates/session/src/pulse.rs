//! The main flow's true success over time, for outcome and scores. Counted in the world, not seen by the player.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::SECOND_NS;
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::world::{FlowCounts, World};

/// Window over which the objective is looked at.
const WINDOW_NS: u64 = 60 * SECOND_NS;
/// How long the objective must hold for an incident to count as contained.
pub const HOLD_NS: u64 = 180 * SECOND_NS;

/// Counts of the main flow per region at regular times.
#[derive(Clone, Debug)]
pub struct Pulse {
    flow: FlowId,
    regions: usize,
    objective_q32: u64,
    beats: Vec<(u64, Vec<FlowCounts>)>,
}

impl Pulse {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            flow: scenario.main_flow,
            regions: scenario.blueprint.regions.len(),
            objective_q32: scenario.objective_q32,
            beats: Vec::new(),
        }
    }

    /// Count now.
    pub fn take(&mut self, world: &World) {
        let counts = (0..self.regions)
            .map(|r| world.counts(self.flow, RegionId::from_index(r)))
            .collect();
        self.beats.push((world.now_ns(), counts));
    }

    /// Success share of a region's main flow in the window before a time, parts per million; `None` without requests.
    #[must_use]
    pub fn success_ppm(&self, region: RegionId, at_ns: u64, window_ns: u64) -> Option<u64> {
        let counts = self.window(region, at_ns, window_ns)?;
        let total = counts.finished();
        ((counts.ok + counts.slow) * 1_000_000).checked_div(total)
    }

    fn window(&self, region: RegionId, at_ns: u64, window_ns: u64) -> Option<FlowCounts> {
        let last = self
            .beats
            .partition_point(|(at, _)| *at <= at_ns)
            .checked_sub(1)?;
        let first = self
            .beats
            .partition_point(|(at, _)| *at + window_ns <= at_ns);
        let now = self.beats.get(last)?.1.get(region.index())?;
        let then = self.beats.get(first)?.1.get(region.index())?;
        Some(now.since(then))
    }

    /// Whether every region meets the objective over the window before a time.
    #[must_use]
    pub fn meets(&self, at_ns: u64, window_ns: u64) -> bool {
        (0..self.regions).all(|region| {
            let Some(counts) = self.window(RegionId::from_index(region), at_ns, window_ns) else {
                return true;
            };
            // Late successes are no successes for the objective: a user who waits ten seconds was not served.
            let total = u128::from(counts.finished());
            u128::from(counts.ok) << 32 >= total * u128::from(self.objective_q32)
        })
    }

    /// Whether the objective was met at every moment after `onset_ns`.
    #[must_use]
    pub fn never_missed(&self, onset_ns: u64) -> bool {
        let times = self.beats.iter().map(|(at, _)| *at);
        times
            .filter(|at| *at > onset_ns)
            .all(|at| self.meets(at, WINDOW_NS))
    }

    /// First time from `onset_ns` on at which the objective was missed and from which it then holds for [`HOLD_NS`].
    #[must_use]
    pub fn contained_ns(&self, onset_ns: u64) -> Option<u64> {
        let times: Vec<u64> = self
            .beats
            .iter()
            .map(|(at, _)| *at)
            .filter(|at| *at > onset_ns)
            .collect();
        let missed = times.iter().position(|&at| !self.meets(at, WINDOW_NS))?;
        let mut since: Option<u64> = None;
        for &at in &times[missed..] {
            if self.meets(at, WINDOW_NS) {
                let start = *since.get_or_insert(at);
                if at - start >= HOLD_NS {
                    return Some(start);
                }
            } else {
                since = None;
            }
        }
        None
    }
}
