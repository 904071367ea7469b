//! State of components that remember, and the changes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::World;
use super::agenda::{AgendaItem, OperationState, Rejected};
use super::cache::{Flight, Lru};
use super::corruption::Corruption;
use super::database::TableState;
use super::frame::flag;
use super::keys::{HotKey, Poison};
use super::locks::Locks;
use super::queue::DeadLetter;
use super::replication::Cluster;
use crate::blueprint::{Change, ONE_Q32, Plan, Step};
use crate::change::DataChange;
use crate::hash::StableHasher;
use crate::ids::{FrameId, InstanceId, KeySpaceId, QueryId, TableId};
use crate::probe::{Probe, Status};

/// Everything components remember.
#[derive(Clone, Debug, Default)]
pub(super) struct Data {
    /// Per instance.
    pub caches: Vec<Option<Lru>>,
    /// Requests that work for others waiting for the same key.
    pub flights: BTreeMap<(InstanceId, KeySpaceId, u32), Flight>,
    pub locks: Locks,
    /// Per service.
    pub clusters: Vec<Option<Cluster>>,
    pub tables: Vec<TableState>,
    pub plans: Vec<Plan>,
    /// Per service.
    pub schemas: Vec<u16>,
    /// Rows each instance has brought into memory.
    pub buffered: Vec<u64>,
    /// Rows written by transactions under way: table, key, rows added.
    pub open_writes: BTreeMap<FrameId, Vec<(TableId, u32, u64)>>,
    /// Writes per key of the spaces that are both written and cached; empty for the others.
    pub versions: Vec<Vec<u32>>,
    /// Per key space.
    pub hot: Vec<HotKey>,
    pub poisons: Vec<Poison>,
    pub corruption: Corruption,
    pub dead: Vec<DeadLetter>,
    /// Who waits for a queue to take work, by the work's trace.
    pub producers: BTreeMap<u32, (FrameId, u64)>,
    /// Connections clients hold, per service.
    pub connections: Vec<u32>,
}

impl Data {
    pub fn feed(&self, hasher: &mut StableHasher) {
        for table in &self.tables {
            hasher.word(table.rows);
        }
        for cache in self.caches.iter().flatten() {
            hasher.word(cache.counts.hits);
            hasher.word(cache.counts.misses);
        }
        for versions in &self.versions {
            hasher.word(versions.iter().map(|&n| u64::from(n)).sum());
        }
        hasher.word(self.dead.len() as u64);
        self.corruption.feed(hasher);
    }
}

impl World {
    pub(super) fn create_data(&mut self) {
        let blueprint = Arc::clone(&self.blueprint);
        let cached = |space| {
            let mut services = blueprint.services.iter().filter_map(|s| s.cache);
            services.any(|cache| cache.space == space)
        };
        let written = |space| blueprint.tables.iter().any(|table| table.space == space);
        let versions = blueprint
            .key_spaces
            .iter()
            .enumerate()
            .map(|(index, space)| {
                let id = KeySpaceId::from_index(index);
                let keys = if cached(id) && written(id) {
                    space.keys
                } else {
                    0
                };
                vec![0; keys as usize]
            });
        self.data = Data {
            versions: versions.collect(),
            locks: Locks::new(blueprint.tables.len()),
            tables: blueprint
                .tables
                .iter()
                .map(|table| TableState { rows: table.rows })
                .collect(),
            plans: blueprint.queries.iter().map(|query| query.plan).collect(),
            schemas: vec![0; blueprint.services.len()],
            buffered: vec![0; self.instances.len()],
            hot: vec![HotKey::default(); blueprint.key_spaces.len()],
            connections: vec![0; blueprint.services.len()],
            ..Data::default()
        };
        for instance in &self.instances {
            let service = &blueprint.services[instance.service.index()];
            let cache = service.cache.as_ref().map(|spec| self.new_cache(spec));
            self.data.caches.push(cache);
        }
        for (index, instance) in self.instances.iter().enumerate() {
            // The run begins in the middle of normal life: what is read has been read before.
            if let Some(spec) = blueprint.services[instance.service.index()].database {
                self.data.buffered[index] = spec.buffer_rows;
            }
        }
        self.create_clusters();
    }

    pub(super) fn check_data(&self, change: &DataChange) -> Result<(), Rejected> {
        let known = |exists: bool| {
            if exists {
                Ok(())
            } else {
                Err(Rejected::Unknown)
            }
        };
        let differs = |same: bool| {
            if same {
                Err(Rejected::NoChange)
            } else {
                Ok(())
            }
        };
        let blueprint = &self.blueprint;
        match change {
            DataChange::FlushCache { deployment }
            | DataChange::ResizeCache { deployment, .. }
            | DataChange::Pause { deployment, .. }
            | DataChange::Purge { deployment, .. }
            | DataChange::Redrive { deployment } => {
                known(deployment.index() < self.deployments.len())?;
                match change {
                    DataChange::Pause { paused, .. } => {
                        let mut slots = self.slots(*deployment);
                        differs(slots.all(|index| self.instances[index].paused == *paused))
                    }
                    DataChange::Redrive { .. } => {
                        let service = blueprint.deployments[deployment.index()].service;
                        differs(!self.data.dead.iter().any(|dead| dead.service == service))
                    }
                    _ => Ok(()),
                }
            }
            DataChange::HotKey {
                space,
                key,
                share_q32,
            } => known(
                blueprint
                    .key_spaces
                    .get(space.index())
                    .is_some_and(|space| *key < space.keys.max(1))
                    && *share_q32 <= ONE_Q32,
            ),
            DataChange::Poison {
                endpoint, space, ..
            } => known(
                endpoint.index() < blueprint.endpoints.len()
                    && space.index() < blueprint.key_spaces.len(),
            ),
            DataChange::Heal { endpoint } => differs(
                !self
                    .data
                    .poisons
                    .iter()
                    .any(|poison| poison.endpoint == *endpoint),
            ),
            DataChange::SetPlan { query, plan, .. } => {
                known(query.index() < blueprint.queries.len())?;
                differs(self.data.plans[query.index()] == *plan)
            }
            DataChange::GrowTable { table, .. } => known(table.index() < blueprint.tables.len()),
            DataChange::Migrate { table, schema, .. } => {
                known(table.index() < blueprint.tables.len())?;
                let database = blueprint.tables[table.index()].database;
                differs(self.schema(database) == *schema)
            }
            DataChange::CancelMigration { table } => {
                known(table.index() < blueprint.tables.len())?;
                differs(self.migration_of(*table).is_none())
            }
            DataChange::Corrupt {
                table, share_q32, ..
            } => known(table.index() < blueprint.tables.len() && *share_q32 <= ONE_Q32),
            DataChange::Repair { table } => {
                known(table.index() < blueprint.tables.len())?;
                differs(self.wrong_rows(*table) == 0)
            }
            DataChange::FailOver { database, to } => {
                let replicas = self.replicas(*database);
                known(replicas.iter().any(|replica| {
                    let region = self.instances[replica.instance.index()].region;
                    !replica.broken && to.is_none_or(|to| to == region)
                }))
            }
            DataChange::KillQueries { query, .. } => known(query.index() < blueprint.queries.len()),
        }
    }

    pub(super) fn apply_data<P: Probe>(
        &mut self,
        change: &DataChange,
        operation: u32,
        probe: &mut P,
    ) {
        match *change {
            DataChange::FlushCache { deployment } => {
                for index in self.slots(deployment) {
                    if let Some(cache) = &mut self.data.caches[index] {
                        cache.clear();
                    }
                }
            }
            DataChange::ResizeCache {
                deployment,
                entries,
            } => {
                for index in self.slots(deployment) {
                    if let Some(cache) = &mut self.data.caches[index] {
                        cache.resize(entries);
                    }
                }
            }
            DataChange::HotKey {
                space,
                key,
                share_q32,
            } => {
                self.data.hot[space.index()] = HotKey { key, share_q32 };
            }
            DataChange::Poison {
                endpoint,
                space,
                first,
                last,
                version,
            } => self.data.poisons.push(Poison {
                endpoint,
                space,
                first,
                last,
                version,
            }),
            DataChange::Heal { endpoint } => {
                self.data
                    .poisons
                    .retain(|poison| poison.endpoint != endpoint);
            }
            DataChange::SetPlan {
                query,
                plan,
                after_ns,
            } if after_ns > 0 => {
                self.plan(
                    self.now_ns + after_ns,
                    AgendaItem::Planned {
                        query,
                        plan,
                        operation,
                    },
                );
                return;
            }
            DataChange::SetPlan { query, plan, .. } => self.data.plans[query.index()] = plan,
            DataChange::GrowTable { table, rows } => {
                let state = &mut self.data.tables[table.index()];
                state.rows = state.rows.saturating_add(rows);
            }
            DataChange::Migrate { table, locks, .. } => {
                if !locks || self.lock_for_migration(table, operation) {
                    self.migration_begins(operation);
                }
                return;
            }
            DataChange::CancelMigration { table } => {
                if let Some(running) = self.migration_of(table) {
                    self.supersede_one(running);
                    self.unlock_migration(table, running);
                }
            }
            DataChange::Corrupt {
                table,
                share_q32,
                breaks,
            } => self.data.corruption.set(table, share_q32, breaks),
            DataChange::Repair { table } => self.data.corruption.repair(table),
            DataChange::FailOver { database, to } => {
                return self.fail_over(database, to, operation);
            }
            DataChange::Pause { deployment, paused } => {
                self.set_paused(deployment, paused, probe);
            }
            DataChange::Purge { deployment, most } => self.purge(deployment, most, probe),
            DataChange::Redrive { deployment } => self.redrive(deployment),
            DataChange::KillQueries { query, region } => self.kill_queries(query, region, probe),
        }
        self.complete(operation);
    }

    /// The data change behind an operation.
    pub(super) fn data_change(&self, operation: u32) -> Option<DataChange> {
        match &self.operations.get(operation as usize)?.change {
            Change::Data(change) => Some(change.clone()),
            _ => None,
        }
    }

    pub(super) fn runs(&self, operation: u32) -> bool {
        let found = self.operations.get(operation as usize);
        found.is_some_and(|operation| operation.state == OperationState::Running)
    }

    pub(super) fn supersede_one(&mut self, operation: u32) {
        let state = &mut self.operations[operation as usize].state;
        if *state == OperationState::Running {
            *state = OperationState::Superseded(self.now_ns);
        }
    }

    fn migration_of(&self, wanted: TableId) -> Option<u32> {
        let found = self.operations.iter().position(|operation| {
            operation.state == OperationState::Running
                && matches!(&operation.change, Change::Data(DataChange::Migrate { table, .. }) if *table == wanted)
        });
        found.and_then(|index| u32::try_from(index).ok())
    }

    /// A migration has done its work.
    pub(super) fn migrated(&mut self, operation: u32) {
        let Some(DataChange::Migrate { table, schema, .. }) = self.data_change(operation) else {
            return;
        };
        if !self.runs(operation) {
            return;
        }
        let database = self.blueprint.tables[table.index()].database;
        self.data.schemas[database.index()] = schema;
        self.complete(operation);
        self.unlock_migration(table, operation);
    }

    pub(super) fn planned(&mut self, query: QueryId, plan: Plan, operation: u32) {
        if self.runs(operation) {
            self.data.plans[query.index()] = plan;
            self.complete(operation);
        }
    }

    /// End the requests that are at a query, as an administrator would end their sessions.
    fn kill_queries<P: Probe>(
        &mut self,
        query: QueryId,
        region: Option<crate::ids::RegionId>,
        probe: &mut P,
    ) {
        let mut found = Vec::new();
        for (index, frame) in self.arena.frames.iter().enumerate() {
            if !frame.is(flag::SERVED) || frame.is(flag::RETIRED | flag::QUEUED | flag::CANCELLED) {
                continue;
            }
            let instance = &self.instances[frame.instance.index()];
            let code = instance.code + u32::from(frame.pc);
            let at_it = matches!(self.tables.code[code as usize], Step::Query(id) if id == query);
            if at_it && region.is_none_or(|region| region == instance.region) {
                found.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
            }
        }
        for id in found {
            self.kill_request(id, probe);
        }
    }

    /// End one request at its server while it computes or waits for a core. Its caller sees a reset.
    fn kill_request<P: Probe>(&mut self, id: FrameId, probe: &mut P) {
        let frame = *self.arena.frame(id);
        let index = frame.instance.index();
        if !frame.is(flag::COMPUTING) || self.instances[index].shared.is_some() {
            // Not begun, or sharing the cores: it ends as soon as it is its turn or its work is done.
            self.arena.frame_mut(id).flags |= flag::CANCELLED;
            return;
        }
        let database = self.instances[index].service;
        if frame.is(flag::HOLDS_REPLAY) {
            self.release_replay(database, frame.instance);
        }
        self.arena.frame_mut(id).flags |= flag::KILLED;
        self.release_core(frame.instance);
        self.end_service(id, Status::Reset, probe);
        if !frame.is(flag::GONE) {
            self.result(id, Status::Reset, probe);
        }
    }

    /// Instance slots of a deployment.
    pub(super) fn slots(&self, id: crate::ids::DeploymentId) -> core::ops::Range<usize> {
        let state = &self.deployments[id.index()];
        usize::from(state.first)..usize::from(state.first + state.slots)
    }
}
