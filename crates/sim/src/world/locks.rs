//! Locks of transactions on tables and rows. Waits are first-come-first-served, so whoever waits for a whole table holds
//! up everybody who comes after, as in real databases.

use std::collections::{BTreeMap, VecDeque};

use super::agenda::AgendaItem;
use super::frame::flag;
use super::{Work, World};
use crate::blueprint::LockMode;
use crate::ids::{FrameId, ServiceId, TableId};
use crate::probe::{Probe, Status};

/// Who holds or wants a lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    Request(FrameId),
    /// A migration, by its operation.
    Migration(u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub owner: Owner,
    /// Key of the request's frame, which tells whether the frame is still the one meant.
    key: u64,
    /// Row wanted; `None` for the table.
    row: Option<u32>,
    since_ns: u64,
}

#[derive(Clone, Debug)]
pub(super) struct RowLock {
    pub holder: FrameId,
    pub waiting: VecDeque<Waiting>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct TableLocks {
    pub alone: Option<Owner>,
    /// Locks and waits for rows, which keep others from having the table alone.
    shared: u32,
    waiting: VecDeque<Waiting>,
    pub rows: BTreeMap<u32, RowLock>,
}

/// Locks of all databases.
#[derive(Clone, Debug, Default)]
pub(super) struct Locks {
    pub tables: Vec<TableLocks>,
    /// What each request holds: rows by key, tables as `None`.
    pub held: BTreeMap<FrameId, Vec<(TableId, Option<u32>)>>,
    /// What each parked request waits for.
    pub waits: BTreeMap<FrameId, (TableId, Option<u32>)>,
    /// How long requests under way have waited for locks, for their spans.
    pub waited: BTreeMap<FrameId, Waited>,
}

/// Waits of a request for locks.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_field_names, reason = "all of it is time")]
pub(super) struct Waited {
    /// When the first began.
    pub first_ns: u64,
    /// When the one under way began.
    since_ns: Option<u64>,
    /// Sum of those that are over.
    pub sum_ns: u64,
}

/// A wait for a lock, as the database's own views would show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockWait {
    /// Table.
    pub table: TableId,
    /// Row by its key; `None` for the whole table.
    pub row: Option<u32>,
    /// Trace of the request that holds it up; `None` for a migration or a queue of others.
    pub holder: Option<u64>,
    /// Whether a migration holds it up.
    pub migration: bool,
    /// Requests that wait.
    pub waiting: u32,
    /// Age of the oldest wait.
    pub oldest_ns: u64,
}

impl Locks {
    pub fn new(tables: usize) -> Self {
        Self {
            tables: vec![TableLocks::default(); tables],
            ..Self::default()
        }
    }
}

impl World {
    /// Get a lock now, or wait for it; `false` when the request does not go on now.
    pub(super) fn lock<P: Probe>(
        &mut self,
        id: FrameId,
        table: TableId,
        mode: LockMode,
        probe: &mut P,
    ) -> bool {
        let frame = self.arena.frame(id);
        let (key, trace) = (frame.key, frame.trace);
        let space = self.blueprint.tables[table.index()].space;
        let row = (mode == LockMode::Row).then(|| self.key_of(trace, space));
        let held = self.data.locks.held.get(&id);
        if held.is_some_and(|held| held.contains(&(table, row)) || held.contains(&(table, None))) {
            return true;
        }
        let waiting = Waiting {
            owner: Owner::Request(id),
            key,
            row,
            since_ns: self.now_ns,
        };
        if self.enter(table, waiting) {
            return true;
        }
        self.arena.frame_mut(id).flags |= flag::PARKED;
        self.data.locks.waits.insert(id, (table, row));
        if self.deadlocked(id) {
            self.arena.frame_mut(id).flags &= !flag::PARKED;
            self.data.locks.waits.remove(&id);
            self.finish(id, Status::LockTimeout, probe);
            return false;
        }
        let now_ns = self.now_ns;
        let waited = self.data.locks.waited.entry(id).or_insert(Waited {
            first_ns: now_ns,
            since_ns: None,
            sum_ns: 0,
        });
        waited.since_ns = Some(now_ns);
        let database = self.blueprint.tables[table.index()].database;
        let timeout_ns = self.blueprint.services[database.index()]
            .database
            .map_or(0, |spec| spec.lock_timeout_ns);
        if timeout_ns > 0 {
            let item = AgendaItem::LockTimeout {
                frame: id,
                key,
                table,
            };
            self.plan(self.now_ns + timeout_ns, item);
        }
        false
    }

    /// A request waits no longer for a lock.
    fn waits_no_more(&mut self, id: FrameId) {
        if let Some(waited) = self.data.locks.waited.get_mut(&id)
            && let Some(since_ns) = waited.since_ns.take()
        {
            waited.sum_ns += self.now_ns - since_ns;
        }
    }

    /// A trace is over: nobody asks any more how long its requests waited.
    pub(super) fn forget_lock_waits(&mut self, head: FrameId) {
        let mut id = head;
        while id != FrameId::NONE {
            self.data.locks.waited.remove(&id);
            id = self.arena.frame(id).sibling;
        }
    }

    /// Take what is wanted of a table, or stand in line.
    fn enter(&mut self, table: TableId, wanted: Waiting) -> bool {
        let locks = &mut self.data.locks.tables[table.index()];
        let free = locks.alone.is_none() && locks.waiting.is_empty();
        match wanted.row {
            None if free && locks.shared == 0 => {
                locks.alone = Some(wanted.owner);
                self.hold(wanted.owner, table, None);
                true
            }
            Some(row) if free => self.take_row(table, row, wanted),
            _ => {
                locks.waiting.push_back(wanted);
                false
            }
        }
    }

    fn take_row(&mut self, table: TableId, row: u32, wanted: Waiting) -> bool {
        let Owner::Request(id) = wanted.owner else {
            return false;
        };
        let locks = &mut self.data.locks.tables[table.index()];
        locks.shared += 1;
        let got = if let Some(lock) = locks.rows.get_mut(&row) {
            lock.waiting.push_back(wanted);
            false
        } else {
            let lock = RowLock {
                holder: id,
                waiting: VecDeque::new(),
            };
            locks.rows.insert(row, lock);
            true
        };
        // Waiting for a row keeps others from having the table alone, just as holding one does.
        self.hold(wanted.owner, table, Some(row));
        got
    }

    fn hold(&mut self, owner: Owner, table: TableId, row: Option<u32>) {
        if let Owner::Request(id) = owner {
            self.data
                .locks
                .held
                .entry(id)
                .or_default()
                .push((table, row));
            self.arena.frame_mut(id).flags |= flag::HOLDS;
        }
    }

    pub(super) fn still_waits(&self, waiting: &Waiting) -> bool {
        match waiting.owner {
            Owner::Migration(operation) => self.runs(operation),
            Owner::Request(id) => {
                let frame = self.arena.frame(id);
                frame.key == waiting.key && frame.is(flag::PARKED)
            }
        }
    }

    /// Give back all that a request holds and wants.
    pub(super) fn unlock_all(&mut self, id: FrameId) {
        self.waits_no_more(id);
        self.arena.frame_mut(id).flags &= !(flag::HOLDS | flag::PARKED);
        self.data.locks.waits.remove(&id);
        let held = self.data.locks.held.remove(&id).unwrap_or_default();
        for (table, row) in held {
            let locks = &mut self.data.locks.tables[table.index()];
            match row {
                None => locks.alone = None,
                Some(row) => {
                    locks.shared -= 1;
                    self.pass_row_on(table, row, id);
                }
            }
            self.admit_waiting(table);
        }
    }

    /// The next that waits for a row gets it, if the row was held by `id` at all.
    fn pass_row_on(&mut self, table: TableId, row: u32, id: FrameId) {
        loop {
            let locks = &mut self.data.locks.tables[table.index()];
            let Some(lock) = locks.rows.get_mut(&row).filter(|lock| lock.holder == id) else {
                return;
            };
            let Some(next) = lock.waiting.pop_front() else {
                locks.rows.remove(&row);
                return;
            };
            if let (true, Owner::Request(next)) = (self.still_waits(&next), next.owner) {
                if let Some(lock) = self.data.locks.tables[table.index()].rows.get_mut(&row) {
                    lock.holder = next;
                }
                return self.resume(next);
            }
        }
    }

    /// Let in those who stand in line for a table, as far as they can go.
    fn admit_waiting(&mut self, table: TableId) {
        loop {
            let locks = &self.data.locks.tables[table.index()];
            let Some(first) = locks.waiting.front().copied() else {
                return;
            };
            let (busy, shared) = (locks.alone.is_some(), locks.shared > 0);
            if self.still_waits(&first) && (busy || first.row.is_none() && shared) {
                return;
            }
            let alive = self.still_waits(&first);
            self.data.locks.tables[table.index()].waiting.pop_front();
            if !alive {
                continue;
            }
            match (first.row, first.owner) {
                (Some(row), Owner::Request(id)) => {
                    if self.take_row(table, row, first) {
                        self.resume(id);
                    } else if self.deadlocked(id) {
                        // It waits for somebody else now, who waits for it.
                        let item = AgendaItem::LockTimeout {
                            frame: id,
                            key: first.key,
                            table,
                        };
                        self.plan(self.now_ns, item);
                    }
                }
                (_, owner) => {
                    self.data.locks.tables[table.index()].alone = Some(owner);
                    self.hold(owner, table, None);
                    match owner {
                        Owner::Request(id) => self.resume(id),
                        Owner::Migration(operation) => self.migration_begins(operation),
                    }
                }
            }
        }
    }

    fn resume(&mut self, id: FrameId) {
        self.waits_no_more(id);
        self.data.locks.waits.remove(&id);
        let frame = self.arena.frame_mut(id);
        frame.flags &= !flag::PARKED;
        frame.pc += 1;
        self.work.push(Work::Step(id));
    }

    /// A request has waited for a lock as long as its database allows.
    pub(super) fn lock_timeout<P: Probe>(
        &mut self,
        id: FrameId,
        key: u64,
        table: TableId,
        probe: &mut P,
    ) {
        let frame = self.arena.frame(id);
        let waits_here = self
            .data
            .locks
            .waits
            .get(&id)
            .is_some_and(|(waited, _)| *waited == table);
        if frame.key == key && frame.is(flag::PARKED) && waits_here {
            self.waits_no_more(id);
            self.arena.frame_mut(id).flags &= !flag::PARKED;
            self.finish(id, Status::LockTimeout, probe);
        }
    }

    /// A migration asks for its table alone; `true` if it has it now.
    pub(super) fn lock_for_migration(&mut self, table: TableId, operation: u32) -> bool {
        let wanted = Waiting {
            owner: Owner::Migration(operation),
            key: 0,
            row: None,
            since_ns: self.now_ns,
        };
        self.enter(table, wanted)
    }

    /// A migration is over, or given up before it had its table.
    pub(super) fn unlock_migration(&mut self, table: TableId, operation: u32) {
        let locks = &mut self.data.locks.tables[table.index()];
        if locks.alone == Some(Owner::Migration(operation)) {
            locks.alone = None;
        }
        self.admit_waiting(table);
    }

    /// Who waits for whom in a database, one entry per lock that is waited for.
    #[must_use]
    pub fn lock_waits(&self, database: ServiceId) -> Vec<LockWait> {
        let mut waits = Vec::new();
        let trace_of = |id: FrameId| self.arena.traces[self.arena.frame(id).trace as usize].id;
        for (index, locks) in self.data.locks.tables.iter().enumerate() {
            if self.blueprint.tables[index].database != database {
                continue;
            }
            let table = TableId::from_index(index);
            let mut add = |row, owner: Option<Owner>, line: &VecDeque<Waiting>| {
                let alive = || line.iter().filter(|waiting| self.still_waits(waiting));
                let Some(oldest) = alive().map(|w| w.since_ns).min() else {
                    return;
                };
                waits.push(LockWait {
                    table,
                    row,
                    holder: match owner {
                        Some(Owner::Request(id)) => Some(trace_of(id)),
                        _ => None,
                    },
                    migration: matches!(owner, Some(Owner::Migration(_))),
                    waiting: u32::try_from(alive().count()).unwrap_or(u32::MAX),
                    oldest_ns: self.now_ns - oldest,
                });
            };
            // Behind a table lock that is itself waiting stand all who came later; what holds it up is some row's holder.
            let first_row = locks
                .rows
                .values()
                .next()
                .map(|lock| Owner::Request(lock.holder));
            add(None, locks.alone.or(first_row), &locks.waiting);
            for (row, lock) in &locks.rows {
                add(Some(*row), Some(Owner::Request(lock.holder)), &lock.waiting);
            }
        }
        waits
    }
}
