//! Databases: what queries cost, what is written, and migrations.

use super::World;
use super::frame::flag;
use crate::blueprint::{ONE_Q16, Plan, QueryEffect};
use crate::ids::{FlowId, FrameId, QueryId, RegionId, ServiceId, TableId};

/// A table as it is now.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableState {
    pub rows: u64,
}

/// One row changed or added by a finished transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// When the transaction ended.
    pub at_ns: u64,
    /// Table.
    pub table: TableId,
    /// Key of the row.
    pub key: u32,
    /// The user's request it comes from.
    pub origin: u64,
    /// Flow of that request.
    pub flow: FlowId,
    /// Region of that user.
    pub region: RegionId,
}

impl World {
    /// Rows a query examines with the plan and the table as they are now.
    #[must_use]
    pub fn rows_examined(&self, id: QueryId) -> u64 {
        let query = &self.blueprint.queries[id.index()];
        let rows = self.data.tables[query.table.index()].rows;
        match self.data.plans[id.index()] {
            Plan::Index => query.rows + u64::from((rows + 1).next_power_of_two().trailing_zeros()),
            Plan::Scan => rows.max(query.rows),
        }
    }

    /// Mean core time of a query on an instance, before layers. What it examines will be in memory from now on.
    pub(super) fn query_mean(&mut self, id: QueryId, instance: usize) -> u64 {
        let examined = self.rows_examined(id);
        let query = &self.blueprint.queries[id.index()];
        let database = self.blueprint.services[query_database(self, id).index()].database;
        let spec = database.unwrap_or_default();
        let mut row_q16 = u128::from(query.row_ns) << 16;
        if spec.buffer_rows > 0 && spec.disk_factor > 1 {
            let rows = self.data.tables[query.table.index()].rows.max(1);
            let seen = &mut self.data.buffered[instance];
            let warmth_q16 =
                (u128::from((*seen).min(spec.buffer_rows)) << 16) / u128::from(spec.buffer_rows);
            let fits_q16 = (u128::from(spec.buffer_rows.min(rows)) << 16) / u128::from(rows);
            let disk_q16 = u128::from(ONE_Q16) - (warmth_q16 * fits_q16 >> 16);
            row_q16 += u128::from(query.row_ns) * u128::from(spec.disk_factor - 1) * disk_q16;
            *seen = seen.saturating_add(examined).min(spec.buffer_rows);
        }
        let rows_ns = u128::from(examined) * row_q16 >> 16;
        u64::try_from(u128::from(query.fixed_ns) + rows_ns).unwrap_or(u64::MAX >> 8)
    }

    /// A query begins on an instance: a replica may hold its replay, and a read may find a row as it was.
    pub(super) fn query_begins(&mut self, frame: FrameId, id: QueryId) {
        let query = &self.blueprint.queries[id.index()];
        let (table, reads, holds) = (
            query.table,
            query.effect == QueryEffect::Read,
            query.holds_replay,
        );
        let state = *self.arena.frame(frame);
        let database = self.blueprint.tables[table.index()].database;
        let Some(replica) = self.replica_mut(database, state.instance) else {
            return;
        };
        if holds {
            replica.holds += 1;
            self.arena.frame_mut(frame).flags |= flag::HOLDS_REPLAY;
        }
        if reads {
            let space = self.blueprint.tables[table.index()].space;
            let key = self.key_of(state.trace, space);
            let behind = self
                .replica_mut(database, state.instance)
                .is_some_and(|replica| replica.pending.contains_key(&(table, key)));
            if behind {
                self.arena.frame_mut(frame).flags |= flag::STALE;
            }
        }
    }

    /// A query has done its work.
    pub(super) fn query_ends(&mut self, frame: FrameId, id: QueryId) {
        let query = &self.blueprint.queries[id.index()];
        let (table, effect, rows) = (query.table, query.effect, query.rows);
        let database = self.blueprint.tables[table.index()].database;
        let state = *self.arena.frame(frame);
        if state.is(flag::HOLDS_REPLAY) {
            self.arena.frame_mut(frame).flags &= !flag::HOLDS_REPLAY;
            self.release_replay(database, state.instance);
        }
        if effect == QueryEffect::Read {
            if !self.data.corruption.is_empty() {
                self.read_row(frame, table);
            }
            return;
        }
        let space = self.blueprint.tables[table.index()].space;
        let key = self.key_of(state.trace, space);
        let added = if effect == QueryEffect::Insert {
            rows
        } else {
            0
        };
        self.data
            .open_writes
            .entry(frame)
            .or_default()
            .push((table, key, added));
        self.arena.frame_mut(frame).flags |= flag::WROTE;
    }

    /// A transaction ends: what it wrote counts from now on, or never.
    pub(super) fn end_transaction(&mut self, frame: FrameId, ok: bool) {
        self.arena.frame_mut(frame).flags &= !flag::WROTE;
        let writes = self.data.open_writes.remove(&frame).unwrap_or_default();
        if !ok {
            return;
        }
        let trace = self.arena.traces[self.arena.frame(frame).trace as usize];
        for (table, key, added) in writes {
            let state = &mut self.data.tables[table.index()];
            state.rows = state.rows.saturating_add(added);
            let space = self.blueprint.tables[table.index()].space;
            if let Some(version) = self.data.versions[space.index()].get_mut(key as usize) {
                *version += 1;
            }
            if !self.data.corruption.is_empty() {
                self.write_row(frame, table, key);
            }
            self.ship(Write {
                at_ns: self.now_ns,
                table,
                key,
                origin: trace.origin,
                flow: trace.flow,
                region: trace.region,
            });
        }
    }

    /// How often a key has been written, where that is of interest to a cache.
    pub(super) fn version_of(&self, space: crate::ids::KeySpaceId, key: u32) -> u32 {
        self.data.versions[space.index()]
            .get(key as usize)
            .copied()
            .unwrap_or(0)
    }

    /// A migration has its table: it takes its time.
    pub(super) fn migration_begins(&mut self, operation: u32) {
        let Some(change) = self.data_change(operation) else {
            return;
        };
        if let crate::change::DataChange::Migrate { over_ns, .. } = change {
            self.plan(
                self.now_ns + over_ns,
                super::agenda::AgendaItem::Migrated { operation },
            );
        }
    }

    /// Rows of a table.
    #[must_use]
    pub fn table_rows(&self, table: TableId) -> u64 {
        self.data
            .tables
            .get(table.index())
            .map_or(0, |table| table.rows)
    }

    /// Plan of a query.
    #[must_use]
    pub fn plan_of(&self, query: QueryId) -> Plan {
        self.data
            .plans
            .get(query.index())
            .copied()
            .unwrap_or_default()
    }

    /// Schema of a database; 0 until a migration changes it.
    #[must_use]
    pub fn schema(&self, database: ServiceId) -> u16 {
        self.data
            .schemas
            .get(database.index())
            .copied()
            .unwrap_or(0)
    }
}

fn query_database(world: &World, id: QueryId) -> ServiceId {
    let table = world.blueprint.queries[id.index()].table;
    world.blueprint.tables[table.index()].database
}
