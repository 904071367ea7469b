//! Where the series of a hot-path event is found.

use brownout_sim::blueprint::Blueprint;
use brownout_sim::ids::{InstanceId, ServiceId, VersionId};
use brownout_sim::probe::Status;

/// A slot without a series.
pub(crate) const NO_SERIES: u32 = u32::MAX;
/// Slots of one endpoint, edge or source of one instance.
pub(crate) const STATUSES: usize = Status::ALL.len();

/// The series an event was last counted under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub series: u32,
    /// Version of the process the series is about.
    pub version: VersionId,
}

/// Series by instance, endpoint or edge, and status. An instance has rows for what its own service serves and calls and
/// for nothing else, so that the table grows with the system and not with its square. Successes lie side by side, apart
/// from all else: they are most of what happens, and those of an instance share a cache line.
#[derive(Debug)]
pub(crate) struct Slots {
    ok: Vec<Slot>,
    others: Vec<Slot>,
    /// First row of each instance.
    instances: Vec<u32>,
    /// Position of each endpoint and edge among the rows of its service.
    pub endpoints: Vec<u32>,
    pub edges: Vec<u32>,
}

impl Slots {
    pub fn new(blueprint: &Blueprint) -> Self {
        let mut owned = vec![0; blueprint.services.len()];
        let mut next = |owner: Option<ServiceId>| {
            owner.map_or(0, |service| {
                owned[service.index()] += 1;
                owned[service.index()] - 1
            })
        };
        let endpoints = blueprint.endpoints.iter();
        let endpoints = endpoints.map(|e| next(Some(e.service))).collect();
        let edges = blueprint.edges.iter().map(|e| next(e.client)).collect();
        let mut rows = 0;
        let mut instances = Vec::new();
        for deployment in &blueprint.deployments {
            for _ in 0..deployment.slots() {
                instances.push(rows);
                rows += owned[deployment.service.index()];
            }
        }
        let empty = Slot {
            series: NO_SERIES,
            version: VersionId(0),
        };
        Self {
            ok: vec![empty; rows as usize],
            others: vec![empty; rows as usize * (STATUSES - 1)],
            instances,
            endpoints,
            edges,
        }
    }

    /// The slot of a row of an instance and a status.
    #[inline]
    pub fn slot(&mut self, instance: InstanceId, row: u32, status: Status) -> &mut Slot {
        let row = (self.instances[instance.index()] + row) as usize;
        match (status as usize).checked_sub(1) {
            None => &mut self.ok[row],
            Some(other) => &mut self.others[row * (STATUSES - 1) + other],
        }
    }

    /// Number of slots.
    pub fn len(&self) -> usize {
        self.ok.len() + self.others.len()
    }
}
