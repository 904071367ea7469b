//! Primaries and replicas. Replication lag is the list of writes a replica has not applied; a fail-over loses exactly
//! those that had not reached the new primary.

use std::collections::{BTreeMap, VecDeque};

use super::World;
use super::agenda::AgendaItem;
use super::database::Write;
use super::instance::{Instance, InstanceState};
use crate::blueprint::Access;
use crate::ids::{InstanceId, RegionId, ServiceId, TableId};

/// Writes kept for replicas. One that is further behind has to be built anew: it stops following.
const MAX_LOG: usize = 1_000_000;

#[derive(Clone, Debug)]
pub(super) struct Replica {
    pub instance: InstanceId,
    /// Number of writes applied, from the first of the run.
    pub applied: u64,
    /// A write is being applied.
    pub applying: bool,
    /// Since when nothing has come through from the primary.
    pub cut_since_ns: Option<u64>,
    /// Queries under way that hold its replay.
    pub holds: u32,
    /// Rows with writes not applied, with their number.
    pub pending: BTreeMap<(TableId, u32), u32>,
    /// Does not follow any more.
    pub broken: bool,
    /// Its slot is off: there is nothing that could follow. What starts there begins with a copy.
    pub absent: bool,
}

impl Replica {
    /// One that has applied this many writes and is ready for the next.
    pub const fn new(instance: InstanceId, applied: u64) -> Self {
        Self {
            instance,
            applied,
            applying: false,
            cut_since_ns: None,
            holds: 0,
            pending: BTreeMap::new(),
            broken: false,
            absent: false,
        }
    }

    /// Whether it gets the primary's writes.
    pub const fn follows(&self) -> bool {
        !self.broken && !self.absent
    }
}

/// A database's primary, its log and its replicas.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub primary: Option<InstanceId>,
    pub log: VecDeque<Write>,
    /// Number of writes before the first in `log`.
    pub before: u64,
    pub replicas: Vec<Replica>,
    /// Writes lost by fail-overs.
    pub lost: Vec<Write>,
    pub failing_over: Option<u32>,
}

/// A replica as the database's own views would show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaGauges {
    /// Instance.
    pub instance: InstanceId,
    /// Writes not applied.
    pub behind: u64,
    /// Age of the oldest of them; 0 if there is none.
    pub lag_ns: u64,
    /// Whether a query holds its replay.
    pub held: bool,
    /// It was too far behind and follows no more.
    pub broken: bool,
}

impl Cluster {
    pub fn end(&self) -> u64 {
        self.before + self.log.len() as u64
    }

    pub fn write(&self, number: u64) -> Option<&Write> {
        self.log
            .get(usize::try_from(number.checked_sub(self.before)?).ok()?)
    }

    /// Forget what every replica has.
    pub fn trim(&mut self) {
        let followers = self.replicas.iter().filter(|replica| replica.follows());
        let kept = followers.map(|replica| replica.applied).min();
        let kept = kept.unwrap_or_else(|| self.end());
        while self.before < kept && self.log.pop_front().is_some() {
            self.before += 1;
        }
    }
}

impl World {
    pub(super) fn create_clusters(&mut self) {
        for index in 0..self.blueprint.services.len() {
            let id = ServiceId::from_index(index);
            let cluster = self.blueprint.services[index].database.map(|spec| {
                let members = || {
                    let all = self.instances.iter().enumerate();
                    all.filter(|(_, instance)| instance.service == id)
                };
                let primary = members()
                    .find(|(_, instance)| instance.region == spec.primary)
                    .or_else(|| members().next())
                    .map(|(index, _)| InstanceId::from_index(index));
                let replica = |(index, instance): (usize, &Instance)| Replica {
                    absent: instance.state == InstanceState::Off,
                    ..Replica::new(InstanceId::from_index(index), 0)
                };
                Cluster {
                    primary,
                    log: VecDeque::new(),
                    before: 0,
                    replicas: members()
                        .map(replica)
                        .filter(|replica| Some(replica.instance) != primary)
                        .collect(),
                    lost: Vec::new(),
                    failing_over: None,
                }
            });
            self.data.clusters.push(cluster);
        }
    }

    /// The instance that serves an endpoint of a database for callers of a region; `None` if none does now.
    pub(super) fn member(
        &mut self,
        database: ServiceId,
        access: Access,
        region: RegionId,
        key: u64,
    ) -> Option<InstanceId> {
        let cluster = self.data.clusters.get(database.index())?.as_ref()?;
        let ready = |id: &InstanceId| self.instances[id.index()].state == InstanceState::Ready;
        if access == Access::Replica {
            let near: Vec<InstanceId> = cluster
                .replicas
                .iter()
                .map(|replica| replica.instance)
                .filter(|id| ready(id) && self.instances[id.index()].region == region)
                .collect();
            if let Some(last) = near.len().checked_sub(1) {
                let draw = self.draw(key, super::request::Purpose::Balance, 1) >> 32;
                let at = usize::try_from(draw * near.len() as u64 >> 32).unwrap_or(0);
                return near.get(at.min(last)).copied();
            }
        }
        cluster.primary.filter(ready)
    }

    pub(super) fn replica_mut(
        &mut self,
        database: ServiceId,
        instance: InstanceId,
    ) -> Option<&mut Replica> {
        let cluster = self.data.clusters.get_mut(database.index())?.as_mut()?;
        cluster
            .replicas
            .iter_mut()
            .find(|replica| replica.instance == instance)
    }

    /// A write has happened at the primary: the replicas will learn of it.
    pub(super) fn ship(&mut self, write: Write) {
        let database = self.blueprint.tables[write.table.index()].database;
        let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) else {
            return;
        };
        cluster.log.push_back(write);
        let full = cluster.log.len() > MAX_LOG;
        for replica in &mut cluster.replicas {
            if full && replica.follows() && replica.applied == cluster.before {
                replica.broken = true;
                replica.pending.clear();
            }
            if replica.follows() {
                *replica.pending.entry((write.table, write.key)).or_insert(0) += 1;
            }
        }
        for index in 0..cluster.replicas.len() {
            self.replay(database, index);
        }
        if let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) {
            cluster.trim();
        }
    }

    /// Have a replica apply its next write, unless it is at it, is held, or has none.
    pub(super) fn replay(&mut self, database: ServiceId, index: usize) {
        let Some(spec) = self.blueprint.services[database.index()].database else {
            return;
        };
        let Some(Some(cluster)) = self.data.clusters.get(database.index()) else {
            return;
        };
        let replica = &cluster.replicas[index];
        let state = &self.instances[replica.instance.index()];
        let idle = !replica.applying && replica.holds == 0 && replica.follows();
        if !idle || state.state == InstanceState::Starting {
            return;
        }
        let (Some(write), Some(primary)) = (cluster.write(replica.applied), cluster.primary) else {
            return;
        };
        let from = self.instances[primary.index()].region;
        let there_ns = write.at_ns + self.blueprint.latency(from, state.region);
        if replica.cut_since_ns.is_some_and(|cut_ns| there_ns > cut_ns) {
            return;
        }
        let at_ns = there_ns.max(self.now_ns) + spec.apply_ns;
        let item = AgendaItem::Replayed {
            database,
            instance: replica.instance,
        };
        if let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) {
            cluster.replicas[index].applying = true;
        }
        self.plan(at_ns, item);
    }

    /// A replica has worked through a write; a query that began in the meantime keeps it from showing it.
    pub(super) fn replayed(&mut self, database: ServiceId, instance: InstanceId) {
        let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) else {
            return;
        };
        let Some(index) = cluster.replicas.iter().position(|r| r.instance == instance) else {
            return;
        };
        cluster.replicas[index].applying = false;
        if cluster.replicas[index].holds > 0 {
            return;
        }
        let Some(write) = cluster.write(cluster.replicas[index].applied).copied() else {
            return;
        };
        let replica = &mut cluster.replicas[index];
        replica.applied += 1;
        if let Some(number) = replica.pending.get_mut(&(write.table, write.key)) {
            *number -= 1;
            if *number == 0 {
                replica.pending.remove(&(write.table, write.key));
            }
        }
        cluster.trim();
        self.replay(database, index);
    }

    pub(super) fn release_replay(&mut self, database: ServiceId, instance: InstanceId) {
        let Some(replica) = self.replica_mut(database, instance) else {
            return;
        };
        replica.holds = replica.holds.saturating_sub(1);
        self.replay_of(database, instance);
    }

    fn replay_of(&mut self, database: ServiceId, instance: InstanceId) {
        let cluster = self.data.clusters.get(database.index());
        let index = cluster
            .and_then(Option::as_ref)
            .and_then(|c| c.replicas.iter().position(|r| r.instance == instance));
        if let Some(index) = index {
            self.replay(database, index);
        }
    }

    /// A process of a database has ended; its queries hold nothing any more.
    pub(super) fn forget_database(&mut self, instance: InstanceId) {
        let database = self.instances[instance.index()].service;
        if let Some(replica) = self.replica_mut(database, instance) {
            replica.holds = 0;
        }
        if let Some(seen) = self.data.buffered.get_mut(instance.index()) {
            *seen = 0;
        }
    }

    /// A process of a database is up again and goes on following, or begins with a copy of the primary as it is.
    pub(super) fn follow_again(&mut self, instance: InstanceId) {
        let database = self.instances[instance.index()].service;
        if let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) {
            let end = cluster.end();
            let mut replicas = cluster.replicas.iter_mut();
            if let Some(absent) = replicas.find(|r| r.instance == instance && r.absent) {
                *absent = Replica::new(instance, end);
                self.replicas_feel_links();
            }
        }
        self.replay_of(database, instance);
    }

    /// The slot of a replica is off, and what it had stored is gone with it. The primary's storage stays.
    pub(super) fn leave_cluster(&mut self, instance: InstanceId) {
        let database = self.instances[instance.index()].service;
        if let Some(replica) = self.replica_mut(database, instance) {
            replica.absent = true;
            replica.applying = false;
            replica.pending.clear();
        }
        if let Some(Some(cluster)) = self.data.clusters.get_mut(database.index()) {
            cluster.trim();
        }
    }
}
