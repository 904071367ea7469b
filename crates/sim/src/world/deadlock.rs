//! Waits for locks that go round in a circle.

use std::collections::BTreeSet;

use super::World;
use super::locks::Owner;
use crate::ids::FrameId;

impl World {
    /// Whether a request waits, over however many others, for itself. It goes on only when all that hold it up are gone,
    /// so one way round is enough.
    pub(super) fn deadlocked(&self, id: FrameId) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = self.held_up_by(id);
        while let Some(at) = next.pop() {
            if at == id {
                return true;
            }
            if seen.insert(at) {
                next.extend(self.held_up_by(at));
            }
        }
        false
    }

    /// The requests that have to end, or to get their own lock, before a request gets the one it waits for. For those in
    /// line for a table it is what the first in line waits for.
    fn held_up_by(&self, id: FrameId) -> Vec<FrameId> {
        let Some(&(table, row)) = self.data.locks.waits.get(&id) else {
            return Vec::new();
        };
        let locks = &self.data.locks.tables[table.index()];
        let held = self.data.locks.held.get(&id);
        if let Some(row) = row
            && held.is_some_and(|held| held.contains(&(table, Some(row))))
        {
            return locks
                .rows
                .get(&row)
                .map(|lock| lock.holder)
                .into_iter()
                .collect();
        }
        match locks.alone {
            Some(Owner::Request(alone)) => vec![alone],
            // It ends by itself.
            Some(Owner::Migration(_)) => Vec::new(),
            None => {
                let within = locks.rows.values().flat_map(|lock| {
                    let waiting = lock.waiting.iter().filter(|w| self.still_waits(w));
                    let waiting = waiting.filter_map(|waiting| match waiting.owner {
                        Owner::Request(id) => Some(id),
                        Owner::Migration(_) => None,
                    });
                    waiting.chain([lock.holder])
                });
                within.collect()
            }
        }
    }
}
