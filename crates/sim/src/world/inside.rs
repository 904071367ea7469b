//! What somebody sees who looks inside a component: what its requests are at, what clients remember of a name, what lies
//! in a dead-letter queue. Nothing here changes anything.

use std::collections::BTreeMap;

use super::World;
use super::frame::flag;
use crate::blueprint::{LockMode, Step};
use crate::ids::{
    EdgeId, EndpointId, FlowId, FrameId, InstanceId, KeySpaceId, QueryId, RegionId, SegmentId,
    ServiceId, TableId,
};
use crate::probe::Probe;

/// What a request is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// Waits for a worker.
    AwaitsWorker,
    /// Waits for a core.
    AwaitsCore,
    /// Computes.
    Computes,
    /// Is at a query.
    Query(QueryId),
    /// Waits for the reply of a call, or for the pause before the next attempt of it to end.
    AwaitsReply(EdgeId),
    /// Waits for a connection of the pool.
    AwaitsConnection(EdgeId),
    /// Waits for a lock of a table.
    AwaitsLock(TableId),
    /// Waits for another request that is fetching the same.
    AwaitsFetch,
    /// Waits for a queue to take its work.
    AwaitsQueue,
    /// Stands still with its process.
    Stands,
}

/// Requests of an endpoint at an instance that are at the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// Endpoint.
    pub endpoint: EndpointId,
    /// What they are at.
    pub doing: Doing,
    /// How many.
    pub count: u32,
    /// Time since the oldest of them came.
    pub oldest_ns: u64,
    /// Trace of the oldest.
    pub trace: u64,
}

/// A piece of work that was given up and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadWork {
    /// Trace of its last delivery.
    pub trace: u64,
    /// Call that handed it over.
    pub edge: EdgeId,
    /// When it was handed over.
    pub since_ns: u64,
}

/// Where a client is led by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Service that listens there.
    pub service: ServiceId,
    /// Region of it; `None` for the one that serves the client's.
    pub region: Option<RegionId>,
}

/// A name as it is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameLookup {
    /// What the resolver answers now; `None` when it does not.
    pub answer: Option<Resolved>,
    /// Whether that is older than what the zone says.
    pub outdated: bool,
    /// What the client remembers, and until when.
    pub remembered: Option<(Resolved, u64)>,
    /// How long answers are good for.
    pub ttl_ns: u64,
}

impl World {
    /// What the requests at an instance are at, the most frequent first.
    #[must_use]
    pub fn work_at(&self, id: InstanceId) -> Vec<Busy> {
        let mut found: BTreeMap<(EndpointId, Doing), Busy> = BTreeMap::new();
        for trace in self.arena.traces.iter().filter(|trace| trace.used) {
            let mut at = trace.head;
            while at != FrameId::NONE {
                let frame = self.arena.frame(at);
                let here = frame.instance == id && frame.is(flag::SERVED);
                if here && !frame.is(flag::RETIRED) {
                    let doing = self.doing(at);
                    let endpoint = self.blueprint.edges[frame.edge.index()].target;
                    let age_ns = self.now_ns.saturating_sub(frame.arrive_ns);
                    let busy = found.entry((endpoint, doing)).or_insert(Busy {
                        endpoint,
                        doing,
                        count: 0,
                        oldest_ns: 0,
                        trace: trace.id,
                    });
                    busy.count += 1;
                    if age_ns > busy.oldest_ns {
                        (busy.oldest_ns, busy.trace) = (age_ns, trace.id);
                    }
                }
                at = frame.sibling;
            }
        }
        let mut found: Vec<Busy> = found.into_values().collect();
        found.sort_by(|a, b| b.count.cmp(&a.count).then(b.oldest_ns.cmp(&a.oldest_ns)));
        found
    }

    fn doing(&self, id: FrameId) -> Doing {
        let frame = self.arena.frame(id);
        let instance = &self.instances[frame.instance.index()];
        let step = self
            .tables
            .code
            .get(instance.code as usize + usize::from(frame.pc));
        if frame.is(flag::QUEUED) {
            return Doing::AwaitsWorker;
        }
        if frame.is(flag::PARKED) {
            let lock = self.data.locks.waits.get(&id);
            return lock.map_or(Doing::AwaitsFetch, |(table, _)| Doing::AwaitsLock(*table));
        }
        if frame.is(flag::AWAITS_QUEUE) {
            return Doing::AwaitsQueue;
        }
        if frame.pending > 0 {
            let waits = self.waits_for(id);
            let called = match step {
                Some(Step::Call(edge)) => Some(*edge),
                _ => None,
            };
            let waits = waits.or(called.map(Doing::AwaitsReply));
            return waits.unwrap_or(Doing::Stands);
        }
        let standing = instance.vitals.as_deref().is_some_and(|v| v.paused != 0);
        match step {
            _ if standing => Doing::Stands,
            Some(Step::Query(query)) if frame.is(flag::COMPUTING) => Doing::Query(*query),
            _ if frame.is(flag::COMPUTING) || instance.shared.is_some() => Doing::Computes,
            _ => Doing::AwaitsCore,
        }
    }

    /// The call a request has waited for longest.
    fn waits_for(&self, id: FrameId) -> Option<Doing> {
        let trace = self.arena.frame(id).trace;
        let mut at = self.arena.traces[trace as usize].head;
        let mut oldest = None;
        while at != FrameId::NONE {
            let call = self.arena.frame(at);
            if call.parent == id && !call.is(flag::RETIRED | flag::GONE) {
                oldest = Some(if call.is(flag::AWAITS_CONNECTION) {
                    Doing::AwaitsConnection(call.edge)
                } else {
                    Doing::AwaitsReply(call.edge)
                });
            }
            at = call.sibling;
        }
        oldest
    }

    /// Holders of locks of a database, by table, with what they have locked.
    #[must_use]
    pub fn lock_holders(&self, database: ServiceId) -> Vec<(TableId, LockMode, u64)> {
        let held = self.data.locks.held.iter();
        let of = held.flat_map(|(id, held)| held.iter().map(move |lock| (*id, *lock)));
        let here =
            of.filter(|(_, (table, _))| self.blueprint.tables[table.index()].database == database);
        here.map(|(id, (table, row))| {
            let mode = if row.is_some() {
                LockMode::Row
            } else {
                LockMode::Table
            };
            let trace = self.arena.frame(id).trace;
            (table, mode, self.arena.traces[trace as usize].id)
        })
        .collect()
    }

    /// Work of a queue that was given up and kept, handed over in a region: the newest, at most `most`.
    #[must_use]
    pub fn dead_work(&self, queue: ServiceId, region: RegionId, most: usize) -> Vec<DeadWork> {
        let dead = self.data.dead.iter().rev();
        let of = dead.filter(|dead| dead.service == queue && dead.trace.region == region);
        of.map(super::queue::DeadLetter::shown).take(most).collect()
    }

    /// Keys of a space that requests under way are about, those of most requests first, and how many requests there are.
    #[must_use]
    pub fn hot_keys(&self, space: KeySpaceId, most: usize) -> (Vec<(u32, u32)>, u32) {
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        let mut all = 0;
        for (index, trace) in self.arena.traces.iter().enumerate() {
            if trace.used && trace.open {
                let key = self.key_of(u32::try_from(index).unwrap_or(u32::MAX), space);
                *counts.entry(key).or_default() += 1;
                all += 1;
            }
        }
        let mut keys: Vec<(u32, u32)> = counts.into_iter().collect();
        keys.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        keys.truncate(most);
        (keys, all)
    }

    /// When the certificate of a service expires, if it has one.
    #[must_use]
    pub fn certificate(&self, service: ServiceId) -> Option<u64> {
        self.trust.expires_ns(service)
    }

    /// Whether a process holds a credential that a service accepts; `None` where none is asked for.
    #[must_use]
    pub fn credential_accepted(&self, client: InstanceId, server: ServiceId) -> Option<bool> {
        self.trust
            .accepts(client, self.instances[client.index()].service, server)
    }

    /// What the name of a service leads a client to.
    #[must_use]
    pub fn name_lookup(&self, client: InstanceId, service: ServiceId) -> Option<NameLookup> {
        let row = self.blueprint.regions.len() + client.index();
        self.names.look_up(row, service, self.now_ns)
    }

    /// Make one request of a flow as a user of a segment in a region would, with an identity of its own. For a fork: it is
    /// a request like any other. Returns the identity of its trace; `None` where no such users are.
    pub fn try_request<P: Probe>(
        &mut self,
        flow: FlowId,
        region: RegionId,
        segment: SegmentId,
        identity: u64,
        probe: &mut P,
    ) -> Option<u64> {
        let source = self.blueprint.sources.iter().position(|source| {
            source.flow == flow && source.region == region && source.segment == segment
        })?;
        self.request(source, identity, 0, probe);
        let mut steps = 0;
        self.drain_work(&mut steps, probe);
        Some(identity)
    }
}
