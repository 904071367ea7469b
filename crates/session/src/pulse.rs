//! The main flow's true success over time, and that of the work it hands over, for outcome and scores. Counted in the
//! world, not seen by the player.

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
    /// Whether any queue has a bound after which its work is late.
    bounded: bool,
    beats: Vec<Beat>,
}

/// Counts at one time, by region.
#[derive(Clone, Debug)]
struct Beat {
    at_ns: u64,
    counts: Vec<FlowCounts>,
    /// Work that is not done though its bound has passed.
    overdue: Vec<u64>,
}

/// What a window holds of a region.
struct Window {
    counts: FlowCounts,
    /// Work that is overdue at its end.
    overdue: u64,
}

impl Pulse {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            flow: scenario.main_flow,
            regions: scenario.blueprint.regions.len(),
            objective_q32: scenario.objective_q32,
            bounded: scenario
                .blueprint
                .services
                .iter()
                .any(|service| service.queue.late_ns > 0),
            beats: Vec::new(),
        }
    }

    /// Count now.
    pub fn take(&mut self, world: &World) {
        let regions = || (0..self.regions).map(RegionId::from_index);
        self.beats.push(Beat {
            at_ns: world.now_ns(),
            counts: regions()
                .map(|region| world.counts(self.flow, region))
                .collect(),
            overdue: regions()
                .map(|region| world.overdue(self.flow, region))
                .collect(),
        });
    }

    /// Success share of a region's main flow in the window before a time, parts per million; `None` without requests.
    #[must_use]
    pub fn success_ppm(&self, region: RegionId, at_ns: u64, window_ns: u64) -> Option<u64> {
        let counts = self.window(region, at_ns, window_ns)?.counts;
        let total = counts.finished();
        ((counts.ok + counts.slow) * 1_000_000).checked_div(total)
    }

    fn window(&self, region: RegionId, at_ns: u64, window_ns: u64) -> Option<Window> {
        let beats = &self.beats;
        let last = beats.partition_point(|beat| beat.at_ns <= at_ns);
        let last = beats.get(last.checked_sub(1)?)?;
        let first = beats.partition_point(|beat| beat.at_ns + window_ns <= at_ns);
        let now = last.counts.get(region.index())?;
        let then = beats.get(first)?.counts.get(region.index())?;
        Some(Window {
            counts: now.since(then),
            overdue: last.overdue.get(region.index()).copied()?,
        })
    }

    /// Whether every region meets the objective over the window before a time: of the requests with a result the
    /// objective's share has succeeded in time, and where queues have a bound, of the work that has ended or is overdue
    /// that share was done within it.
    #[must_use]
    pub fn meets(&self, at_ns: u64, window_ns: u64) -> bool {
        (0..self.regions).all(|region| {
            let Some(window) = self.window(RegionId::from_index(region), at_ns, window_ns) else {
                return true;
            };
            let counts = window.counts;
            let enough = |good: u64, all: u64| {
                u128::from(good) << 32 >= u128::from(all) * u128::from(self.objective_q32)
            };
            // Late successes are no successes for the objective: a user who waits ten seconds was not served.
            let served = enough(counts.ok, counts.finished());
            let ended = counts.consumed + counts.lost + counts.dead;
            let in_time = counts.consumed.saturating_sub(counts.late);
            served && (!self.bounded || enough(in_time, ended + window.overdue))
        })
    }

    /// Whether the objective was met at every moment after `onset_ns`.
    #[must_use]
    pub fn never_missed(&self, onset_ns: u64) -> bool {
        let times = self.beats.iter().map(|beat| beat.at_ns);
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
            .map(|beat| beat.at_ns)
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
