//! Where the series of a hot-path event is found.

use brownout_sim::blueprint::Blueprint;
use brownout_sim::ids::{InstanceId, ServiceId, VersionId};
use brownout_sim::probe::Status;

use crate::metrics::narrow;

/// A slot without a series.
pub(crate) const NO_SERIES: u32 = u32::MAX;
/// Slots of one endpoint or edge of one instance.
pub(crate) const STATUSES: usize = Status::ALL.len();

/// The series an event was last counted under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub series: u32,
    /// Version of the process the series is about.
    pub version: VersionId,
}

/// Series by instance, endpoint or edge, and status. An instance has rows for what its own service serves or calls and
/// for nothing else, so that the table grows with the system and not with its square.
#[derive(Debug)]
pub(crate) struct Slots {
    pub series: Vec<Slot>,
    /// First slot of each instance.
    instances: Vec<u32>,
    /// Position of an endpoint or edge among those of its service, in slots.
    rows: Vec<u32>,
}

impl Slots {
    /// `owners` gives the service each endpoint or edge belongs to, if any.
    pub fn new(blueprint: &Blueprint, owners: impl Iterator<Item = Option<ServiceId>>) -> Self {
        let mut owned = vec![0; blueprint.services.len()];
        let rows = owners.map(|owner| {
            owner.map_or(0, |service| {
                let row = owned[service.index()];
                owned[service.index()] += narrow(STATUSES);
                row
            })
        });
        let rows = rows.collect();
        let mut slots = 0;
        let mut instances = Vec::new();
        for deployment in &blueprint.deployments {
            for _ in 0..deployment.slots() {
                instances.push(slots);
                slots += owned[deployment.service.index()];
            }
        }
        Self {
            series: vec![
                Slot {
                    series: NO_SERIES,
                    version: VersionId(0),
                };
                slots as usize
            ],
            instances,
            rows,
        }
    }

    #[inline]
    pub fn slot(&self, instance: InstanceId, row: usize, status: Status) -> usize {
        self.instances[instance.index()] as usize + self.rows[row] as usize + status as usize
    }
}
