//! Rows that are wrong: written so, read by somebody who notices or does not, and put right.

use std::collections::BTreeMap;

use super::World;
use super::frame::flag;
use super::request::Purpose;
use crate::hash::StableHasher;
use crate::ids::{FrameId, TableId};

/// How a table's rows come to be wrong.
#[derive(Clone, Copy, Debug)]
struct Source {
    table: TableId,
    share_q32: u64,
    breaks: bool,
}

/// What is wrong in all databases.
#[derive(Clone, Debug, Default)]
pub(super) struct Corruption {
    sources: Vec<Source>,
    /// Rows that are wrong, and whether their readers fail.
    rows: BTreeMap<(TableId, u32), bool>,
}

impl Corruption {
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.rows.is_empty()
    }

    pub fn set(&mut self, table: TableId, share_q32: u64, breaks: bool) {
        self.sources.retain(|source| source.table != table);
        if share_q32 > 0 {
            self.sources.push(Source {
                table,
                share_q32,
                breaks,
            });
        }
    }

    pub fn repair(&mut self, table: TableId) {
        self.rows.retain(|(of, _), _| *of != table);
    }

    pub fn feed(&self, hasher: &mut StableHasher) {
        if !self.rows.is_empty() {
            hasher.word(self.rows.len() as u64);
        }
    }
}

impl World {
    /// A request has written the row of a key for good: right, or wrong.
    pub(super) fn write_row(&mut self, frame: FrameId, table: TableId, key: u32) {
        let word = self.draw(self.arena.frame(frame).key, Purpose::Corrupt, table.0) >> 32;
        let corruption = &mut self.data.corruption;
        let mut sources = corruption.sources.iter();
        let source = sources.find(|source| source.table == table && word < source.share_q32);
        match source.copied() {
            Some(source) => corruption.rows.insert((table, key), source.breaks),
            None => corruption.rows.remove(&(table, key)),
        };
    }

    /// A request has read the row of what it is about.
    pub(super) fn read_row(&mut self, frame: FrameId, table: TableId) {
        let space = self.blueprint.tables[table.index()].space;
        let key = self.key_of(self.arena.frame(frame).trace, space);
        let Some(&breaks) = self.data.corruption.rows.get(&(table, key)) else {
            return;
        };
        let reader = self.arena.frame_mut(frame);
        reader.flags |= if breaks { flag::POISONED } else { flag::WRONG };
    }

    /// Rows of a table that a check of the data would find wrong.
    #[must_use]
    pub fn wrong_rows(&self, table: TableId) -> u64 {
        let rows = self.data.corruption.rows.keys();
        rows.filter(|(of, _)| *of == table).count() as u64
    }
}
