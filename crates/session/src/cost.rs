//! What mitigation itself costs: features switched off, users sent the long way round.

use std::collections::BTreeSet;

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{Change, ONE_Q32, SECOND_NS};
use brownout_sim::ids::RegionId;
use brownout_sim::world::World;
use serde::Serialize;

use crate::desk::Desk;

/// Running sums in share-seconds: one feature fully off in one region for one second is 1.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    feature_ns: u128,
    shifted_ns: u128,
}

/// Mitigation cost as reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CostReport {
    /// Seconds of features lost, per region and share.
    pub feature_lost_s: u64,
    /// Seconds of users served far from home, per region and share.
    pub shifted_s: u64,
    /// Data lost by actions.
    pub data_lost: u64,
}

impl Cost {
    /// Add what the player's actions cost over the last `interval_ns`.
    pub fn take(&mut self, scenario: &Scenario, world: &World, desk: &Desk, interval_ns: u64) {
        let regions = scenario.blueprint.regions.len();
        // Per (what, region): only things the player has changed count, and only the latest change.
        let mut flags = BTreeSet::new();
        let mut rollbacks = BTreeSet::new();
        for change in desk.actions.iter().flat_map(|acted| &acted.changes) {
            match change {
                Change::SetFlag { flag, region, .. } => {
                    for r in 0..regions {
                        if region.is_none_or(|only| only.index() == r) {
                            flags.insert((*flag, r));
                        }
                    }
                }
                Change::Deploy { deployment, .. } => {
                    rollbacks.insert(*deployment);
                }
                _ => {}
            }
        }
        for &(flag, region) in &flags {
            let feature = scenario
                .flag_features
                .get(flag.index())
                .is_some_and(|f| !f.is_empty());
            let off = ONE_Q32
                - world
                    .flag_share(flag, RegionId::from_index(region))
                    .min(ONE_Q32);
            if feature {
                self.feature_ns += u128::from(interval_ns) * u128::from(off) >> 32;
            }
        }
        for &deployment in &rollbacks {
            let running = world.deployment(deployment).version;
            let service = scenario.blueprint.deployments[deployment.index()].service;
            let has = |index: usize| {
                scenario
                    .releases
                    .get(index)
                    .is_some_and(|r| !r.feature.is_empty())
            };
            let newest_has = scenario
                .blueprint
                .versions
                .iter()
                .enumerate()
                .any(|(index, v)| v.service == service && has(index));
            if newest_has && !has(running.index()) {
                self.feature_ns += u128::from(interval_ns);
            }
        }
        for region in 0..regions {
            if let Some((_, share)) = world.shifted(RegionId::from_index(region)) {
                self.shifted_ns += u128::from(interval_ns) * u128::from(share) >> 32;
            }
        }
    }

    /// The sums so far.
    #[must_use]
    pub fn report(&self) -> CostReport {
        let seconds = |ns: u128| u64::try_from(ns / u128::from(SECOND_NS)).unwrap_or(u64::MAX);
        CostReport {
            feature_lost_s: seconds(self.feature_ns),
            shifted_s: seconds(self.shifted_ns),
            data_lost: 0,
        }
    }
}
