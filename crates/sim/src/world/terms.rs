//! Terms of calls that somebody has changed: time-outs, attempts, sizes of pools, circuits held open by hand.
//!
//! A world has none until the first such change. Edges with changed terms carry a bit, so all others pay nothing.

use std::sync::Arc;

use super::frame::{Frame, flag};
use super::policy::{callee, feature};
use super::{Work, World};
use crate::blueprint::{CallTerms, Edge};
use crate::hash::StableHasher;
use crate::ids::{EdgeId, FrameId, RegionId, ServiceId};
use crate::probe::Status;

/// Longest time-out that can be set: one day.
const MAX_TIMEOUT_NS: u64 = 24 * 3_600 * 1_000_000_000;
/// Most attempts and connections that can be set: the same as a scenario's.
const MAX_ATTEMPTS: u8 = 10;
const MAX_POOL: u32 = 1_000_000;

/// Changed terms by edge and region of the client; empty while nobody has changed any.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    rows: Vec<CallTerms>,
}

impl Terms {
    pub(super) fn feed(&self, hasher: &mut StableHasher) {
        for (index, row) in self.rows.iter().enumerate() {
            if *row != CallTerms::default() {
                hasher.word(index as u64);
                hasher.word(row.timeout_ns.map_or(0, |ns| ns + 1));
                hasher.word(u64::from(row.attempts.unwrap_or(0)) << 32);
                hasher.word(row.pool.map_or(0, |size| u64::from(size) + 1));
                hasher.word(u64::from(row.open == Some(true)));
            }
        }
    }
}

impl CallTerms {
    /// The edge as these terms make it.
    pub(super) fn apply(self, edge: &mut Edge) {
        edge.timeout_ns = self.timeout_ns.unwrap_or(edge.timeout_ns);
        edge.attempts = self.attempts.unwrap_or(edge.attempts);
        if let (Some(size), Some(pool)) = (self.pool, &mut edge.pool) {
            pool.size = size;
        }
    }

    /// These terms where given, else those before.
    fn over(self, before: Self) -> Self {
        Self {
            timeout_ns: self.timeout_ns.or(before.timeout_ns),
            attempts: self.attempts.or(before.attempts),
            pool: self.pool.or(before.pool),
            open: self.open.or(before.open),
        }
    }
}

impl World {
    /// Edges of one service to another.
    fn edges_between(
        &self,
        client: ServiceId,
        server: ServiceId,
    ) -> impl Iterator<Item = (usize, &Edge)> {
        let edges = self.blueprint.edges.iter().enumerate();
        edges.filter(move |(_, edge)| {
            edge.client == Some(client) && callee(&self.blueprint, edge) == server
        })
    }

    pub(super) fn check_terms(
        &self,
        client: ServiceId,
        server: ServiceId,
        region: Option<RegionId>,
        terms: &CallTerms,
    ) -> Result<(), super::Rejected> {
        use super::Rejected::{NoChange, Unknown};
        let within = region.is_none_or(|region| region.index() < self.tables.regions)
            && terms
                .timeout_ns
                .is_none_or(|ns| (1..=MAX_TIMEOUT_NS).contains(&ns))
            && terms
                .attempts
                .is_none_or(|attempts| (1..=MAX_ATTEMPTS).contains(&attempts))
            && terms.pool.is_none_or(|size| (1..=MAX_POOL).contains(&size));
        let mut edges = self.edges_between(client, server).peekable();
        if !within || edges.peek().is_none() {
            return Err(Unknown);
        }
        // Only what a change makes different is a change. A size is set where there is a pool, and nowhere else.
        let differs = |(index, edge): (usize, &Edge)| {
            let regions = 0..self.tables.regions;
            let mut places = regions.filter(|at| region.is_none_or(|only| only.index() == *at));
            places.any(|at| {
                let now = self.terms_at(index, at);
                let mut present = edge.clone();
                now.apply(&mut present);
                terms.timeout_ns.is_some_and(|ns| ns != present.timeout_ns)
                    || terms.attempts.is_some_and(|n| n != present.attempts)
                    || terms
                        .pool
                        .zip(present.pool)
                        .is_some_and(|(size, pool)| size != pool.size)
                    || terms
                        .open
                        .is_some_and(|open| open != now.open.unwrap_or(false))
            })
        };
        if edges.any(differs) {
            Ok(())
        } else {
            Err(NoChange)
        }
    }

    pub(super) fn set_terms(
        &mut self,
        client: ServiceId,
        server: ServiceId,
        region: Option<RegionId>,
        terms: &CallTerms,
    ) {
        let regions = self.tables.regions;
        let edges: Vec<usize> = self
            .edges_between(client, server)
            .map(|(index, _)| index)
            .collect();
        self.terms
            .rows
            .resize(self.blueprint.edges.len() * regions, CallTerms::default());
        let tables = Arc::make_mut(&mut self.tables);
        for &edge in &edges {
            tables.edges[edge].features |= feature::TERMS;
        }
        for &edge in &edges {
            for at in (0..regions).filter(|at| region.is_none_or(|only| only.index() == *at)) {
                let row = edge * regions + at;
                self.terms.rows[row] = terms.over(self.terms.rows[row]);
            }
            if let Some(size) = terms.pool {
                self.fill_pools(edge, region, size);
            }
        }
    }

    fn terms_at(&self, edge: usize, region: usize) -> CallTerms {
        let row = self.terms.rows.get(edge * self.tables.regions + region);
        row.copied().unwrap_or_default()
    }

    /// How a client's processes in a region make a call now: the edge as it stands, and whether its circuit is held open by
    /// hand.
    #[must_use]
    pub fn call_policy(&self, edge: EdgeId, region: RegionId) -> Option<(Edge, bool)> {
        let mut found = self.blueprint.edges.get(edge.index())?.clone();
        let terms = self.terms_at(edge.index(), region.index());
        terms.apply(&mut found);
        Some((found, terms.open == Some(true)))
    }

    /// Terms an attempt is made on. Work handed over belongs to no process any more, and has the system's own.
    pub(super) fn terms_of(&self, frame: &Frame) -> CallTerms {
        if frame.parent == FrameId::NONE {
            return CallTerms::default();
        }
        let client = self.arena.frame(frame.parent).instance;
        match self.instances.get(client.index()) {
            Some(client) => self.terms_at(frame.edge.index(), client.region.index()),
            None => CallTerms::default(),
        }
    }

    pub(super) fn timeout_of(&self, id: FrameId) -> u64 {
        let frame = self.arena.frame(id);
        let own = self.tables.edges[frame.edge.index()].timeout_ns;
        self.terms_of(frame).timeout_ns.unwrap_or(own)
    }

    /// Size of the pool an attempt's connection belongs to.
    pub(super) fn pool_size(&self, frame: &Frame) -> u32 {
        let Some(pool) = self.blueprint.edges[frame.edge.index()].pool else {
            return u32::MAX;
        };
        self.terms_of(frame).pool.unwrap_or(pool.size)
    }

    /// Size of the pool behind a row of client state, of one of the client's instances.
    pub(super) fn size_of_row(&self, row: u32, client: crate::ids::InstanceId) -> u32 {
        // Rows lie by edge; edges without any share the base of the next.
        let edge = self
            .client_base
            .partition_point(|base| *base <= row)
            .saturating_sub(1);
        let own = self.blueprint.edges.get(edge).and_then(|edge| edge.pool);
        let region = self.instances[client.index()].region;
        own.map_or(u32::MAX, |pool| {
            self.size_at(EdgeId::from_index(edge), region, pool.size)
        })
    }

    pub(super) fn size_at(&self, edge: EdgeId, region: RegionId, own: u32) -> u32 {
        let terms = self.terms_at(edge.index(), region.index());
        terms.pool.unwrap_or(own)
    }

    /// Let attempts that wait for a connection have those their pools have more by now.
    fn fill_pools(&mut self, edge: usize, region: Option<RegionId>, size: u32) {
        let spec = self.blueprint.edges[edge].clone();
        let limited = self.tables.edges[edge].features & feature::LIMITED != 0;
        let clients: Vec<u32> = self
            .instances
            .iter()
            .filter(|i| Some(i.service) == spec.client && region.is_none_or(|r| r == i.region))
            .map(|i| i.ordinal)
            .collect();
        for ordinal in clients {
            let row = (self.client_base[edge] + ordinal) as usize;
            while let Some(state) = self.client_edges.get_mut(row)
                && state.connections < size
                && let Some((id, key)) = state.waiting.pop_front()
            {
                let opens = limited && state.connections >= state.opened;
                let waiting = self.arena.frame(id);
                if waiting.key != key || !waiting.is(flag::AWAITS_CONNECTION) {
                    continue;
                }
                self.arena.frame_mut(id).flags &= !flag::AWAITS_CONNECTION;
                if opens && !self.open_connection(&spec) {
                    self.fail_at_client(id, Status::Refused);
                    continue;
                }
                self.client_edges[row].connections += 1;
                self.client_edges[row].opened += u32::from(opens);
                self.arena.frame_mut(id).flags |= flag::CONNECTED;
                self.work.push(Work::Connect(id));
            }
        }
    }

    /// Whether a version may still be deployed.
    pub(super) fn check_not_withdrawn(
        &self,
        version: crate::ids::VersionId,
    ) -> Result<(), super::Rejected> {
        if self.withdrawn.contains(&version) {
            return Err(super::Rejected::Withdrawn);
        }
        Ok(())
    }
}
