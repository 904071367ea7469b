//! Harm: what users suffered between the onset and the scenario's horizon.

use std::collections::BTreeMap;

use brownout_sim::blueprint::Blueprint;
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::world::{FlowCounts, World};
use serde::Serialize;

/// Harm by kind, in requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Harm {
    /// Requests made.
    pub requests: u64,
    /// Failed, turned away by a rate limit where users enter, or left by users who would not wait any longer.
    pub failed: u64,
    /// Succeeded later than their flow's bound.
    pub slow: u64,
    /// Answered with old data.
    pub stale: u64,
    /// Work handed over and lost, and written data that a fail-over lost.
    pub lost: u64,
    /// Work done twice.
    pub duplicated: u64,
    /// Work handed over that lies among dead letters, was done later than its queue's bound, or is not done though the
    /// bound has passed.
    pub late: u64,
    /// Failed, lost and duplicated requests plus a quarter of the slow, stale and late ones, each times its flow's
    /// weight.
    pub weighted: u64,
    /// By region of the users.
    pub by_region: BTreeMap<String, RegionHarm>,
}

/// Harm to the users of one region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RegionHarm {
    /// Requests made.
    pub requests: u64,
    /// Failed, turned away or left.
    pub failed: u64,
    /// Slow.
    pub slow: u64,
}

/// Counts of every (flow, region) of a world.
#[must_use]
pub fn snapshot(world: &World) -> Vec<FlowCounts> {
    let blueprint = world.blueprint();
    pairs(blueprint)
        .map(|(flow, region)| world.counts(flow, region))
        .collect()
}

fn pairs(blueprint: &Blueprint) -> impl Iterator<Item = (FlowId, RegionId)> {
    let regions = blueprint.regions.len();
    (0..blueprint.flows.len()).flat_map(move |flow| {
        (0..regions).map(move |r| (FlowId::from_index(flow), RegionId::from_index(r)))
    })
}

impl Harm {
    /// Harm in `world` since `earlier`, a [`snapshot`] taken at the onset.
    #[must_use]
    pub fn since(world: &World, earlier: &[FlowCounts]) -> Self {
        let blueprint = world.blueprint();
        let mut harm = Self::default();
        let mut quarters = 0;
        for ((flow, region), before) in pairs(blueprint).zip(earlier) {
            let counts = world.counts(flow, region).since(before);
            let weight = u64::from(blueprint.flows[flow.index()].weight);
            harm.requests += counts.arrivals;
            harm.failed += counts.unserved();
            harm.slow += counts.slow;
            let lost = counts.lost + counts.lost_writes;
            harm.stale += counts.stale;
            harm.lost += lost;
            harm.duplicated += counts.duplicated;
            let late = counts.dead + counts.late + world.overdue(flow, region);
            harm.late += late;
            let whole = counts.unserved() + lost + counts.duplicated;
            quarters += weight * (4 * whole + counts.slow + counts.stale + late);
            let row = harm
                .by_region
                .entry(blueprint.regions[region.index()].clone())
                .or_default();
            row.requests += counts.arrivals;
            row.failed += counts.unserved();
            row.slow += counts.slow;
        }
        harm.weighted = quarters / 4;
        harm
    }
}
