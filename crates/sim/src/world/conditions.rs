//! Changes that wait for something to be the case. Looked at once a second, from the state of the world alone, as long as
//! any is left; a world without them has no such event.

use super::World;
use super::agenda::AgendaItem;
use crate::blueprint::{Condition, SECOND_NS};
use crate::ids::{EdgeId, InstanceId, RegionId, ServiceId};
use crate::probe::Probe;

impl World {
    pub(super) fn open_conditions(&mut self) {
        if !self.made.is_empty() {
            self.plan(SECOND_NS, AgendaItem::Conditions);
        }
    }

    /// Make the changes whose conditions are met, in the order of the list. One that waits for a later one has its turn a
    /// second later.
    pub(super) fn look_at_conditions<P: Probe>(&mut self, probe: &mut P) {
        let blueprint = std::sync::Arc::clone(&self.blueprint);
        for (index, conditional) in blueprint.conditionals.iter().enumerate() {
            let due = self.made[index].is_none()
                && conditional.from_ns <= self.now_ns
                && self.holds(&conditional.when);
            if !due {
                continue;
            }
            self.made[index] = Some(self.now_ns);
            probe.condition_met(self.now_ns, index);
            for (after_ns, change) in &conditional.changes {
                if *after_ns == 0 {
                    // As with the timeline, what makes no sense any more is dropped.
                    let _ = self.apply_change(change, probe);
                } else {
                    let item = AgendaItem::Apply(change.clone());
                    self.plan(self.now_ns + after_ns, item);
                }
            }
        }
        if self.made.contains(&None) {
            self.plan(self.now_ns + SECOND_NS, AgendaItem::Conditions);
        }
    }

    /// Whether something is the case now.
    fn holds(&self, condition: &Condition) -> bool {
        match *condition {
            Condition::Waiting {
                service,
                region,
                above,
            } => {
                let waiting = self.instances_in(service, region);
                let waiting = waiting.map(|index| u64::from(self.instances[index].accept.len));
                waiting.sum::<u64>() > above
            }
            Condition::Ready {
                service,
                region,
                below,
            } => self.ready_in(service, region) < below,
            Condition::Rows { table, above } => self.table_rows(table) > above,
            Condition::Pool {
                client,
                server,
                region,
                above_q32,
            } => {
                let (used, size) = self.pooled(client, server, region);
                size > 0 && u128::from(used) << 32 > u128::from(size) * u128::from(above_q32)
            }
            Condition::Made { other } => {
                let made = self.made.get(usize::from(other));
                made.is_some_and(Option::is_some)
            }
            Condition::Always => true,
        }
    }

    fn instances_in(
        &self,
        service: ServiceId,
        region: Option<RegionId>,
    ) -> impl Iterator<Item = usize> {
        let instances = self.instances.iter().enumerate();
        instances
            .filter(move |(_, i)| i.service == service && region.is_none_or(|r| r == i.region))
            .map(|(index, _)| index)
    }

    fn ready_in(&self, service: ServiceId, region: Option<RegionId>) -> u64 {
        let rows = self.blueprint.deployments.iter().zip(&self.deployments);
        rows.filter(|(row, _)| row.service == service && region.is_none_or(|r| r == row.region))
            .map(|(_, state)| state.ready.len() as u64)
            .sum()
    }

    /// Connections in use and in all, over every pool of one service's instances to another.
    fn pooled(&self, client: ServiceId, server: ServiceId, region: Option<RegionId>) -> (u64, u64) {
        let edges = self.blueprint.edges.iter().enumerate();
        let edges = edges.filter(|(_, edge)| {
            edge.client == Some(client)
                && self.blueprint.endpoints[edge.target.index()].service == server
        });
        let mut all = (0, 0);
        for (edge, _) in edges {
            for index in self.instances_in(client, region) {
                let pool = self.pool(InstanceId::from_index(index), EdgeId::from_index(edge));
                if let Some(pool) = pool {
                    all.0 += u64::from(pool.used);
                    all.1 += u64::from(pool.size);
                }
            }
        }
        all
    }

    /// When a conditional change of the blueprint was made, by its position.
    #[must_use]
    pub fn made(&self, conditional: usize) -> Option<u64> {
        self.made.get(conditional).copied().flatten()
    }
}
