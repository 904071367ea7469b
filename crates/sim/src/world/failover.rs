//! Fail-overs, and what the database's own views show of its replicas.

use super::World;
use super::agenda::{AgendaItem, OperationState};
use super::database::Write;
use super::instance::InstanceState;
use super::replication::{Replica, ReplicaGauges};
use crate::blueprint::MINUTE_NS;
use crate::ids::{InstanceId, RegionId, ServiceId};

impl World {
    /// Give up the primary; `to` a replica of a region, or the one that has most.
    pub(super) fn fail_over(&mut self, database: ServiceId, to: Option<RegionId>, operation: u32) {
        let Some(spec) = self.blueprint.services[database.index()].database else {
            return;
        };
        let now_ns = self.now_ns;
        let Some(Some(cluster)) = self.data.clusters.get(database.index()) else {
            return;
        };
        let from = cluster
            .primary
            .map(|primary| self.instances[primary.index()].region);
        let received = |replica: &Replica| {
            let region = self.instances[replica.instance.index()].region;
            let hop_ns = from.map_or(0, |from| self.blueprint.latency(from, region));
            let there = cluster
                .log
                .iter()
                .take_while(|w| w.at_ns + hop_ns <= replica.cut_since_ns.unwrap_or(now_ns));
            (cluster.before + there.count() as u64).max(replica.applied)
        };
        let candidate = cluster
            .replicas
            .iter()
            .enumerate()
            .filter(|(_, r)| {
                r.follows() && self.instances[r.instance.index()].state == InstanceState::Ready
            })
            .filter(|(_, r)| to.is_none_or(|to| self.instances[r.instance.index()].region == to))
            .map(|(index, replica)| (received(replica), std::cmp::Reverse(index)))
            .max();
        let Some((received, std::cmp::Reverse(index))) = candidate else {
            return self.supersede_one(operation);
        };
        let chosen = &cluster.replicas[index];
        let behind = received - chosen.applied;
        let item = AgendaItem::Promoted {
            database,
            instance: chosen.instance,
            operation,
        };
        let ready_ns =
            now_ns + spec.failover_ns + behind.saturating_mul(spec.apply_ns).min(60 * MINUTE_NS);
        let kept = usize::try_from(received - cluster.before).unwrap_or(usize::MAX);
        self.plan(ready_ns, item);
        let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) else {
            return;
        };
        cluster.failing_over = Some(operation);
        let lost: Vec<Write> = cluster.log.drain(kept.min(cluster.log.len())..).collect();
        for replica in &mut cluster.replicas {
            for write in &lost {
                if let Some(number) = replica.pending.get_mut(&(write.table, write.key)) {
                    *number -= 1;
                    if *number == 0 {
                        replica.pending.remove(&(write.table, write.key));
                    }
                }
            }
            replica.applied = replica.applied.min(received);
        }
        let old = cluster.primary.take();
        cluster.lost.extend(&lost);
        for write in &lost {
            self.counts_mut(write.flow, write.region).lost_writes += 1;
        }
        if let Some(old) = old {
            let replica = Replica {
                absent: self.instances[old.index()].state == InstanceState::Off,
                ..Replica::new(old, received)
            };
            if let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) {
                cluster.replicas.push(replica);
            }
        }
    }

    /// A replica has caught up with all it had received and takes writes from now on.
    pub(super) fn promoted(&mut self, database: ServiceId, instance: InstanceId, operation: u32) {
        let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) else {
            return;
        };
        if cluster.failing_over != Some(operation) {
            return;
        }
        cluster.failing_over = None;
        cluster
            .replicas
            .retain(|replica| replica.instance != instance);
        cluster.primary = Some(instance);
        cluster.trim();
        self.replicas_feel_links();
        if self.operations[operation as usize].state == OperationState::Running {
            self.complete(operation);
        }
        let replicas = self.data.clusters[database.index()].as_ref();
        for index in 0..replicas.map_or(0, |cluster| cluster.replicas.len()) {
            self.replay(database, index);
        }
    }

    /// The instance that takes a database's writes, if one does now.
    #[must_use]
    pub fn primary(&self, database: ServiceId) -> Option<InstanceId> {
        self.data.clusters.get(database.index())?.as_ref()?.primary
    }

    /// State of a database's replicas, those whose slots are off left out.
    #[must_use]
    pub fn replicas(&self, database: ServiceId) -> Vec<ReplicaGauges> {
        let Some(Some(cluster)) = self.data.clusters.get(database.index()) else {
            return Vec::new();
        };
        let gauges = |replica: &Replica| ReplicaGauges {
            instance: replica.instance,
            behind: cluster.end() - replica.applied,
            lag_ns: cluster
                .write(replica.applied)
                .map_or(0, |write| self.now_ns - write.at_ns),
            held: replica.holds > 0,
            broken: replica.broken,
        };
        let present = cluster.replicas.iter().filter(|replica| !replica.absent);
        present.map(gauges).collect()
    }

    /// Writes that fail-overs have lost.
    #[must_use]
    pub fn lost_writes(&self, database: ServiceId) -> &[Write] {
        match self.data.clusters.get(database.index()) {
            Some(Some(cluster)) => &cluster.lost,
            _ => &[],
        }
    }

    /// Links have changed: replicas may be cut off, or get what they missed.
    pub(super) fn replicas_feel_links(&mut self) {
        for index in 0..self.data.clusters.len() {
            let database = ServiceId::from_index(index);
            let Some(Some(cluster)) = self.data.clusters.get(index) else {
                continue;
            };
            let Some(primary) = cluster.primary else {
                continue;
            };
            let members = cluster.replicas.iter();
            let cut: Vec<bool> = members
                .map(|replica| self.drops(primary, replica.instance))
                .collect();
            let now_ns = self.now_ns;
            if let Some(Some(cluster)) = self.data.clusters.get_mut(index) {
                for (replica, &cut) in cluster.replicas.iter_mut().zip(&cut) {
                    let since_ns = replica.cut_since_ns.unwrap_or(now_ns);
                    replica.cut_since_ns = cut.then_some(since_ns);
                }
            }
            for replica in 0..cut.len() {
                self.replay(database, replica);
            }
        }
    }
}
