//! What a client does beside sending: connection pools, retry budgets, circuit breakers, deadlines, hedging and
//! cancellation. Edges without any of these pay one test of a bit.

use std::collections::VecDeque;

use super::breaker::BreakerState;
use super::frame::{Frame, flag};
use super::{Work, World};
use crate::blueprint::{Blueprint, Edge, ONE_Q16};
use crate::event::EventKind;
use crate::ids::{EdgeId, FrameId, InstanceId, ServiceId};
use crate::probe::Status;

/// Bits of what an edge has.
pub(super) mod feature {
    pub const POOL: u16 = 1;
    pub const BUDGET: u16 = 1 << 1;
    pub const BREAKER: u16 = 1 << 2;
    pub const HEDGE: u16 = 1 << 3;
    pub const DEADLINE: u16 = 1 << 4;
    pub const CANCEL: u16 = 1 << 5;
    /// The callee takes a limited number of connections.
    pub const LIMITED: u16 = 1 << 6;
    /// Some version of the client cannot work with every schema of the callee.
    pub const SCHEMA: u16 = 1 << 7;
    /// Calls take descriptors or ports of their client.
    pub const RESOURCE: u16 = 1 << 13;
    /// Somebody has given its calls other terms.
    pub const TERMS: u16 = 1 << 14;
    /// Those with state of their own at each client instance.
    pub const STATE: u16 = POOL | BUDGET | BREAKER;
}

/// What each edge has.
pub(super) fn features(blueprint: &Blueprint) -> Vec<u16> {
    let scarce = |edge: &Edge| {
        let client = edge
            .client
            .and_then(|id| blueprint.services.get(id.index()));
        client.is_some_and(|client| {
            let resources = &client.instance.resources;
            resources.descriptors.is_some() || resources.ports.is_some()
        })
    };
    let bits = |edge: &Edge| {
        let own = [
            (edge.pool.is_some(), feature::POOL),
            (edge.budget.is_some(), feature::BUDGET),
            (edge.breaker.is_some(), feature::BREAKER),
            (edge.hedge_ns.is_some(), feature::HEDGE),
            (edge.deadline, feature::DEADLINE),
            (edge.cancel, feature::CANCEL),
            (scarce(edge), feature::RESOURCE),
            (limited(blueprint, edge), feature::LIMITED),
            (particular(blueprint, edge), feature::SCHEMA),
        ];
        let set = own.iter().filter(|(has, _)| *has);
        let all = set.fold(0, |all, (_, bit)| all | bit);
        // Users have neither pools nor breakers: each is on a device of their own.
        if edge.client.is_none() {
            all & !feature::STATE
        } else {
            all
        }
    };
    blueprint.edges.iter().map(bits).collect()
}

pub(super) fn callee(blueprint: &Blueprint, edge: &Edge) -> ServiceId {
    blueprint.endpoints[edge.target.index()].service
}

fn limited(blueprint: &Blueprint, edge: &Edge) -> bool {
    let database = blueprint.services[callee(blueprint, edge).index()].database;
    database.is_some_and(|database| database.connections > 0)
}

fn particular(blueprint: &Blueprint, edge: &Edge) -> bool {
    let callee = callee(blueprint, edge);
    let of_client = blueprint
        .versions
        .iter()
        .filter(|version| edge.client == Some(version.service));
    let mut schemas = of_client.flat_map(|version| &version.schemas);
    schemas.any(|range| range.database == callee)
}

/// State of one edge at one client instance.
#[derive(Clone, Debug)]
pub(super) struct ClientEdge {
    /// Connections in use.
    pub connections: u32,
    /// Connections that are open, in use or not. Kept up only where certificates are checked.
    pub open: u32,
    /// Connections the pool has opened, where their number counts.
    pub opened: u32,
    /// Attempts that wait for one. Those that gave up stay until they are passed over.
    pub waiting: VecDeque<(FrameId, u64)>,
    /// Tokens of the retry budget.
    tokens_q16: u64,
    pub breaker: BreakerState,
}

impl ClientEdge {
    fn new(edge: &Edge) -> Self {
        Self {
            connections: 0,
            open: 0,
            opened: 0,
            waiting: VecDeque::new(),
            tokens_q16: edge
                .budget
                .map_or(0, |budget| u64::from(budget.burst) << 16),
            breaker: BreakerState::default(),
        }
    }
}

/// A client's connections over one edge, as its own metrics would report them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolGauges {
    /// Connections in use.
    pub used: u32,
    /// Size of the pool.
    pub size: u32,
    /// Attempts that wait for a connection.
    pub waiting: u32,
}

impl World {
    /// Tables of client state: a row per (edge with state, instance of its client).
    pub(super) fn create_client_edges(&mut self) {
        let blueprint = std::sync::Arc::clone(&self.blueprint);
        let mut seen = vec![0u32; blueprint.services.len()];
        for instance in &mut self.instances {
            let seen = &mut seen[instance.service.index()];
            instance.ordinal = *seen;
            *seen += 1;
        }
        let tables = std::sync::Arc::clone(&self.tables);
        for (edge, row) in blueprint.edges.iter().zip(&tables.edges) {
            self.client_base
                .push(u32::try_from(self.client_edges.len()).unwrap_or(u32::MAX));
            if let (Some(client), true) = (edge.client, row.features & feature::STATE != 0) {
                let rows = (0..seen[client.index()]).map(|_| ClientEdge::new(edge));
                self.client_edges.extend(rows);
            }
        }
    }

    /// State of an edge at the instance that makes the attempt. Work handed over belongs to no instance any more: it
    /// waits for no connection and spends no budget.
    pub(super) fn client_edge(&mut self, frame: &Frame) -> Option<&mut ClientEdge> {
        if frame.parent == FrameId::NONE {
            return None;
        }
        let caller = self.arena.frame(frame.parent).instance;
        let row =
            self.client_base[frame.edge.index()] + self.instances.get(caller.index())?.ordinal;
        self.client_edges.get_mut(row as usize)
    }

    /// Row of that state, and the instance.
    fn client_row(&self, frame: &Frame) -> Option<(u32, InstanceId)> {
        if frame.parent == FrameId::NONE {
            return None;
        }
        let caller = self.arena.frame(frame.parent).instance;
        let ordinal = self.instances.get(caller.index())?.ordinal;
        Some((self.client_base[frame.edge.index()] + ordinal, caller))
    }

    /// Forget the client state of a process that has ended.
    pub(super) fn reset_client_edges(&mut self, id: InstanceId) {
        let (service, ordinal) = {
            let instance = &self.instances[id.index()];
            (instance.service, instance.ordinal)
        };
        for (index, edge) in self.blueprint.edges.iter().enumerate() {
            if edge.client == Some(service)
                && self.tables.edges[index].features & feature::STATE != 0
            {
                let row = (self.client_base[index] + ordinal) as usize;
                self.data.connections[callee(&self.blueprint, edge).index()] -=
                    self.client_edges[row].opened;
                self.client_edges[row] = ClientEdge::new(edge);
            }
        }
    }

    /// Before an attempt is sent. `false` when it is not sent now: it waits, or has got its failure.
    pub(super) fn admit(&mut self, id: FrameId, features: u16) -> bool {
        let frame = *self.arena.frame(id);
        let now_ns = self.now_ns;
        let mut edge = self.blueprint.edges[frame.edge.index()].clone();
        if features & feature::TERMS != 0 {
            let terms = self.terms_of(&frame);
            if terms.open == Some(true) {
                self.fail_at_client(id, Status::CircuitOpen);
                return false;
            }
            terms.apply(&mut edge);
        }
        if features & feature::DEADLINE != 0 {
            let told_ns = match frame.parent {
                FrameId::NONE => Frame::NO_DEADLINE,
                parent => self.arena.frame(parent).deadline_ns,
            };
            let own_ns = now_ns + edge.timeout_ns;
            self.arena.frame_mut(id).deadline_ns = own_ns.min(told_ns);
            if told_ns <= now_ns {
                self.fail_at_client(id, Status::Expired);
                return false;
            }
            if told_ns < own_ns {
                self.queue.push(told_ns, EventKind::Deadline, id.0);
            }
        }
        if features & feature::BUDGET != 0
            && frame.attempt == 0
            && let (Some(budget), Some(state)) = (edge.budget, self.client_edge(&frame))
        {
            let most = u64::from(budget.burst) << 16;
            state.tokens_q16 = (state.tokens_q16 + u64::from(budget.ratio_q16)).min(most);
        }
        if features & feature::BREAKER != 0
            && let Some(state) = self.client_edge(&frame)
            && !state.breaker.admits(now_ns)
        {
            self.fail_at_client(id, Status::CircuitOpen);
            return false;
        }
        if features & feature::HEDGE != 0 && frame.attempt == 0 && frame.twin == FrameId::NONE {
            self.plan_hedge(id, edge.hedge_ns.unwrap_or(0));
        }
        if features & feature::POOL != 0
            && let (Some(pool), Some(state)) = (edge.pool, self.client_edge(&frame))
        {
            if state.connections >= pool.size {
                state.waiting.push_back((id, frame.key));
                self.arena.frame_mut(id).flags |= flag::AWAITS_CONNECTION;
                return false;
            }
            let opens = features & feature::LIMITED != 0 && state.connections >= state.opened;
            if opens && !self.open_connection(&edge) {
                self.fail_at_client(id, Status::Refused);
                return false;
            }
            if let Some(state) = self.client_edge(&frame) {
                state.connections += 1;
                state.opened += u32::from(opens);
            }
            self.arena.frame_mut(id).flags |= flag::CONNECTED;
        } else if features & feature::LIMITED != 0 {
            if !self.open_connection(&edge) {
                self.fail_at_client(id, Status::Refused);
                return false;
            }
            self.arena.frame_mut(id).flags |= flag::CONNECTED;
        }
        true
    }

    /// One more connection to a database, if it takes one.
    pub(super) fn open_connection(&mut self, edge: &Edge) -> bool {
        let database = callee(&self.blueprint, edge).index();
        let limit = self.blueprint.services[database]
            .database
            .map_or(0, |database| database.connections);
        let open = &mut self.data.connections[database];
        let free = *open < limit;
        *open += u32::from(free);
        free
    }

    /// A connection that was not a pool's is closed.
    pub(super) fn close_connection(&mut self, edge: EdgeId) {
        let edge = &self.blueprint.edges[edge.index()];
        if edge.pool.is_none() || edge.client.is_none() {
            self.data.connections[callee(&self.blueprint, edge).index()] -= 1;
        }
    }

    /// Connections that clients hold to a database.
    #[must_use]
    pub fn connections(&self, database: ServiceId) -> u32 {
        self.data
            .connections
            .get(database.index())
            .copied()
            .unwrap_or(0)
    }

    /// Whether the version that makes a call can work with the callee's schema.
    pub(super) fn schema_fits(&self, id: FrameId) -> bool {
        let frame = self.arena.frame(id);
        if frame.parent == FrameId::NONE {
            return true;
        }
        let caller = &self.instances[self.arena.frame(frame.parent).instance.index()];
        let edge = &self.blueprint.edges[frame.edge.index()];
        let database = callee(&self.blueprint, edge);
        let schema = self.schema(database);
        let version = &self.blueprint.versions[caller.version.index()];
        let mut ranges = version.schemas.iter();
        ranges
            .all(|range| range.database != database || (range.first..=range.last).contains(&schema))
    }

    /// The attempt fails where it begins; nothing is sent.
    pub(super) fn fail_at_client(&mut self, id: FrameId, status: Status) {
        self.arena.frame_mut(id).status = status;
        self.work.push(Work::Deliver(id));
    }

    /// After an attempt's result is known: its connection is free, the breaker has one result more.
    pub(super) fn settle(&mut self, id: FrameId, features: u16, status: Status) {
        let frame = *self.arena.frame(id);
        let now_ns = self.now_ns;
        if features & feature::BREAKER != 0 && status != Status::CircuitOpen {
            let policy = self.blueprint.edges[frame.edge.index()].breaker;
            if let (Some(policy), Some(state)) = (policy, self.client_edge(&frame)) {
                state.breaker.record(&policy, now_ns, status.is_ok());
            }
        }
        self.close_socket(id);
        if self.trust.has_certificates() {
            self.doubt_connection(&frame, status);
        }
        self.disconnect(id);
    }

    /// Give an attempt's connection to the next that waits.
    pub(super) fn disconnect(&mut self, id: FrameId) {
        let frame = *self.arena.frame(id);
        if !frame.is(flag::CONNECTED) {
            return;
        }
        self.arena.frame_mut(id).flags &= !flag::CONNECTED;
        if self.tables.edges[frame.edge.index()].features & feature::POOL == 0 {
            return self.close_connection(frame.edge);
        }
        if self.forgets_connection(&frame) {
            return;
        }
        let Some((row, caller)) = self.client_row(&frame) else {
            return;
        };
        let linger_ns = self.linger_ns(&frame);
        if linger_ns == 0 {
            return self.free_connection(row, self.pool_size(&frame));
        }
        let item = super::agenda::AgendaItem::Linger {
            row,
            instance: caller,
            process: self.instances[caller.index()].process,
        };
        self.plan(self.now_ns + linger_ns, item);
    }

    /// Give a connection of a pool to the next that waits.
    pub(super) fn free_connection(&mut self, row: u32, size: u32) {
        let Some(state) = self.client_edges.get_mut(row as usize) else {
            return;
        };
        state.connections -= 1;
        if state.connections >= size {
            // The pool has become smaller than what is in use.
            return;
        }
        let mut next = None;
        while let Some((waiting, key)) = state.waiting.pop_front() {
            let candidate = self.arena.frame(waiting);
            if candidate.key == key && candidate.is(flag::AWAITS_CONNECTION) {
                next = Some(waiting);
                break;
            }
        }
        state.connections += u32::from(next.is_some());
        if let Some(next) = next {
            let waiting = self.arena.frame_mut(next);
            waiting.flags = waiting.flags & !flag::AWAITS_CONNECTION | flag::CONNECTED;
            self.work.push(Work::Connect(next));
        }
    }

    /// Whether the budget allows one more attempt; takes a token if so.
    pub(super) fn may_retry(&mut self, frame: &Frame, features: u16) -> bool {
        if features & feature::BUDGET == 0 {
            return true;
        }
        let Some(state) = self.client_edge(frame) else {
            return true;
        };
        let allowed = state.tokens_q16 >= u64::from(ONE_Q16);
        if allowed {
            state.tokens_q16 -= u64::from(ONE_Q16);
        }
        allowed
    }

    /// Connections of a client instance over an edge with a pool.
    #[must_use]
    pub fn pool(&self, id: InstanceId, edge: EdgeId) -> Option<PoolGauges> {
        let pool = self.blueprint.edges.get(edge.index())?.pool?;
        let instance = self.instances.get(id.index())?;
        if self.blueprint.edges[edge.index()].client != Some(instance.service) {
            return None;
        }
        let row = self.client_base[edge.index()] + instance.ordinal;
        let state = self.client_edges.get(row as usize)?;
        let waits = |(id, key): &&(FrameId, u64)| {
            let frame = self.arena.frame(*id);
            frame.key == *key && frame.is(flag::AWAITS_CONNECTION)
        };
        Some(PoolGauges {
            used: state.connections,
            size: self.size_at(edge, instance.region, pool.size),
            waiting: u32::try_from(state.waiting.iter().filter(waits).count()).unwrap_or(u32::MAX),
        })
    }
}
