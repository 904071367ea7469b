//! Scaling by load.
//!
//! The rule is the plain proportional one: it takes neither starting instances nor its own last decisions into account.
//! So it overshoots when instances take longer to start than it waits between looks, and swings when it looks again
//! before it can know what came of the last change.

use std::collections::VecDeque;

use super::World;
use super::agenda::AgendaItem;
use super::instance::InstanceState;
use crate::blueprint::{Autoscaler, ONE_Q32};
use crate::ids::DeploymentId;

/// A tenth either way counts as on target (as Kubernetes' horizontal pod autoscaler has it).
const TOLERANCE: u128 = 10;

/// State of a deployment's autoscaler.
#[derive(Clone, Debug, Default)]
pub(super) struct Scaler {
    pub suspended: bool,
    /// Computing time of all instances at the last look.
    seen_ns: u64,
    /// Recommendations of the cool-down time, oldest first.
    recommended: VecDeque<(u64, u16)>,
}

impl World {
    pub(super) fn open_autoscalers(&mut self) {
        for index in 0..self.deployments.len() {
            let deployment = DeploymentId::from_index(index);
            if let Some(policy) = self.fleet(deployment).autoscaler {
                self.plan(policy.interval_ns, AgendaItem::Autoscale { deployment });
            }
        }
    }

    /// Look at the load of the last interval.
    pub(super) fn autoscale(&mut self, id: DeploymentId) {
        let Some(policy) = self.fleet(id).autoscaler else {
            return;
        };
        let next_ns = self.now_ns + policy.interval_ns.max(1);
        self.plan(next_ns, AgendaItem::Autoscale { deployment: id });
        let used_ns = self.instances_of(id).iter().map(|i| i.cpu_ns).sum::<u64>();
        let ready = |i: &&super::Instance| i.state == InstanceState::Ready;
        let cores = self
            .instances_of(id)
            .iter()
            .filter(ready)
            .map(|i| u64::from(i.cores));
        let capacity = u128::from(cores.sum::<u64>()) * u128::from(policy.interval_ns);
        let scaler = &mut self.deployments[id.index()].scaler;
        let used_ns = used_ns.saturating_sub(std::mem::replace(&mut scaler.seen_ns, used_ns));
        self.plan(
            self.now_ns + policy.delay_ns,
            AgendaItem::Recommend {
                deployment: id,
                used_ns,
                capacity_ns: u64::try_from(capacity).unwrap_or(u64::MAX),
            },
        );
    }

    /// The load of an interval has become known: what follows from it for the number wanted now.
    pub(super) fn recommend(&mut self, id: DeploymentId, used_ns: u64, capacity_ns: u64) {
        let Some(policy) = self.fleet(id).autoscaler else {
            return;
        };
        let now_ns = self.now_ns;
        let state = &mut self.deployments[id.index()];
        let wanted = state.replicas;
        let recommended = recommendation(&policy, wanted, used_ns, capacity_ns);
        let history = &mut state.scaler.recommended;
        history.push_back((now_ns, recommended));
        while history
            .front()
            .is_some_and(|(at_ns, _)| at_ns + policy.cool_down_ns < now_ns)
        {
            history.pop_front();
        }
        let highest = history.iter().map(|(_, n)| *n).max();
        let target = if recommended >= wanted {
            recommended
        } else {
            highest.unwrap_or(recommended).min(wanted)
        };
        if target != wanted && !state.scaler.suspended {
            self.scale(id, target, None);
        }
    }
}

/// `wanted × (used / capacity) / target`, rounded up, between the bounds.
fn recommendation(policy: &Autoscaler, wanted: u16, used_ns: u64, capacity_ns: u64) -> u16 {
    let bounded = |n: u16| n.clamp(policy.least.max(1), policy.most.max(policy.least.max(1)));
    if capacity_ns == 0 {
        return bounded(wanted);
    }
    // Utilisation over target as a fraction.
    let numerator = u128::from(used_ns) * u128::from(ONE_Q32);
    let denominator = u128::from(capacity_ns) * u128::from(policy.target_q32.max(1));
    if numerator.abs_diff(denominator) * TOLERANCE <= denominator {
        return bounded(wanted);
    }
    let exact = (u128::from(wanted) * numerator).div_ceil(denominator);
    bounded(u16::try_from(exact).unwrap_or(u16::MAX))
}
