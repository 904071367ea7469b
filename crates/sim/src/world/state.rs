//! What can be read from a world: counts, gauges, bindings.

use super::counts::FlowCounts;
use super::frame::flag;
use super::resources::{live_bytes, open_descriptors};
use super::{InstanceState, World};
use crate::ids::{
    DeploymentId, EdgeId, FlagId, FlowId, InstanceId, RegionId, SegmentId, ServiceId, ValueId,
    VariableId, VersionId,
};

/// An instance as its own metrics endpoint would report it.
#[derive(Clone, Copy, Debug)]
pub struct InstanceGauges {
    /// Service.
    pub service: ServiceId,
    /// Region.
    pub region: RegionId,
    /// Version of the running process.
    pub version: VersionId,
    /// State.
    pub state: InstanceState,
    /// Whether callers are sent to it.
    pub in_rotation: bool,
    /// Worker limit.
    pub workers: u32,
    /// Workers in use.
    pub busy_workers: u32,
    /// Cores.
    pub cores: u32,
    /// Cores in use.
    pub busy_cores: u32,
    /// Requests waiting for a worker.
    pub queued: u32,
    /// Age of the oldest of them in nanoseconds; 0 when none waits.
    pub oldest_ns: u64,
    /// Total computing time.
    pub cpu_ns: u64,
    /// Resources beside cores and workers; `None` for an instance without limits on any.
    pub resources: Option<ResourceGauges>,
    /// Total time requests have waited for a worker or a core.
    pub wait_ns: u64,
}

/// Resources of an instance. A limit of 0 means there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceGauges {
    /// Bytes no collection frees.
    pub live_bytes: u64,
    /// Those and the garbage.
    pub heap_bytes: u64,
    /// Most of them.
    pub heap_limit: u64,
    /// Collections so far.
    pub collections: u64,
    /// Time the processes of this slot have stood still so far.
    pub paused_ns: u64,
    /// Periods in which the computing quota was used up.
    pub throttled: u64,
    /// Descriptors open.
    pub descriptors: u32,
    /// Most of them.
    pub descriptor_limit: u32,
    /// Ephemeral ports in use or resting.
    pub ports: u32,
    /// Most of them.
    pub port_limit: u32,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Most of them.
    pub disk_limit: u64,
    /// Crashes so far.
    pub restarts: u32,
    /// Out of rotation by health checks.
    pub unhealthy: bool,
    /// Out of rotation by ejection.
    pub ejected: bool,
}

/// A deployment as the control plane reports it.
#[derive(Clone, Copy, Debug)]
pub struct DeploymentGauges {
    /// Version new processes start with.
    pub version: VersionId,
    /// Wanted number of instances.
    pub replicas: u16,
    /// Instance slots.
    pub slots: u16,
    /// Instances that are not off.
    pub standing: u16,
    /// Instances that take requests.
    pub ready: u16,
    /// Instances already replaced by the current rollout.
    pub current: u16,
    /// The last rollout has halted halfway.
    pub halted: bool,
    /// A canary is out, the rest waits.
    pub canary: bool,
    /// Too few instances are healthy: load goes to all that run.
    pub fails_open: bool,
}

impl World {
    /// Counts of one flow from the users of one region.
    #[must_use]
    pub fn counts(&self, flow: FlowId, region: RegionId) -> FlowCounts {
        self.books
            .get(flow.index() * self.blueprint.regions.len() + region.index())
            .map(|book| book.counts)
            .unwrap_or_default()
    }

    /// Users' requests without a result, counted afresh.
    #[must_use]
    pub fn in_flight(&self, flow: FlowId, region: RegionId) -> u64 {
        self.arena
            .traces
            .iter()
            .filter(|t| t.used && t.open && t.link == 0 && t.flow == flow && t.region == region)
            .count() as u64
    }

    /// Handed-over work without a result, counted afresh.
    #[must_use]
    pub fn handed_over(&self, flow: FlowId, region: RegionId) -> u64 {
        self.arena
            .traces
            .iter()
            .filter(|t| t.used && t.open && t.link != 0 && t.flow == flow && t.region == region)
            .count() as u64
    }

    /// Number of instance slots.
    #[must_use]
    pub fn instance_count(&self) -> usize {
        self.instances.len()
    }

    /// Gauges of an instance.
    #[must_use]
    pub fn instance(&self, id: InstanceId) -> InstanceGauges {
        let instance = &self.instances[id.index()];
        let oldest = instance.oldest_waiting(&self.arena);
        let oldest_ns = oldest.map_or(0, |id| self.now_ns - self.arena.frame(id).arrive_ns);
        InstanceGauges {
            service: instance.service,
            region: instance.region,
            version: instance.version,
            state: instance.state,
            in_rotation: self.deployments[instance.deployment.index()]
                .ready
                .binary_search(&id.0)
                .is_ok(),
            workers: instance.workers,
            busy_workers: instance.busy_workers,
            cores: instance.cores,
            busy_cores: instance.busy_cores,
            queued: instance.accept.len,
            oldest_ns,
            cpu_ns: instance.cpu_ns,
            resources: self.resource_gauges(id),
            wait_ns: instance.waited_ns(self.now_ns),
        }
    }

    fn resource_gauges(&self, id: InstanceId) -> Option<ResourceGauges> {
        let instance = &self.instances[id.index()];
        let vitals = instance.vitals.as_deref()?;
        let spec = &self.blueprint.services[instance.service.index()]
            .instance
            .resources;
        let live_bytes = spec
            .memory
            .map_or(0, |memory| live_bytes(&memory, instance));
        let standing_ns = if vitals.paused == 0 {
            0
        } else {
            self.now_ns - vitals.paused_since_ns
        };
        let resting = vitals
            .resting_ports
            .iter()
            .filter(|&&until_ns| until_ns > self.now_ns)
            .count();
        Some(ResourceGauges {
            live_bytes,
            heap_bytes: live_bytes + vitals.garbage_bytes,
            heap_limit: spec.memory.map_or(0, |memory| memory.limit),
            collections: vitals.collections,
            paused_ns: vitals.paused_ns + standing_ns,
            throttled: vitals.quota.exhausted,
            descriptors: spec
                .descriptors
                .map_or(0, |limit| open_descriptors(limit.base, instance, vitals)),
            descriptor_limit: spec.descriptors.map_or(0, |limit| limit.limit),
            ports: vitals
                .ports
                .saturating_add(u32::try_from(resting).unwrap_or(u32::MAX)),
            port_limit: spec.ports.map_or(0, |ports| ports.limit),
            disk_bytes: vitals.disk_bytes,
            disk_limit: spec.disk.map_or(0, |disk| disk.capacity),
            restarts: vitals.restarts,
            unhealthy: vitals.watch.unhealthy,
            ejected: vitals.watch.ejected,
        })
    }

    /// Zone of an instance within its region.
    #[must_use]
    pub fn zone(&self, id: InstanceId) -> u16 {
        self.instances[id.index()].zone
    }

    /// Position of an instance within its deployment, from 0.
    #[must_use]
    pub fn instance_slot(&self, id: InstanceId) -> u16 {
        let deployment = self.instances[id.index()].deployment;
        id.0 - self.deployments[deployment.index()].first
    }

    /// State of a deployment.
    #[must_use]
    pub fn deployment(&self, id: DeploymentId) -> DeploymentGauges {
        let state = &self.deployments[id.index()];
        let slots = self.instances_of(id);
        let current = slots
            .iter()
            .filter(|i| i.generation == state.generation && i.state == InstanceState::Ready)
            .count();
        let standing = slots
            .iter()
            .filter(|i| i.state != InstanceState::Off)
            .count();
        let narrow = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        DeploymentGauges {
            version: state.version,
            replicas: state.replicas,
            slots: state.slots,
            standing: narrow(standing),
            ready: narrow(state.ready.len()),
            current: narrow(current),
            halted: state.halted,
            canary: state.canary.is_some(),
            fails_open: state.fails_open,
        }
    }

    /// Value of a variable as a process started now would see it, and whether it comes from the overlay.
    #[must_use]
    pub fn variable(&self, deployment: DeploymentId, variable: VariableId) -> Option<(&str, bool)> {
        let version = self.deployments[deployment.index()].version;
        let (value, overlaid) = self.variable_value(deployment, version, variable)?;
        Some((&self.values[value.index()], overlaid))
    }

    pub(super) fn variable_value(
        &self,
        deployment: DeploymentId,
        version: VersionId,
        variable: VariableId,
    ) -> Option<(ValueId, bool)> {
        let state = &self.deployments[deployment.index()];
        if let Some(&(_, value)) = state.overlay.iter().find(|(v, _)| *v == variable) {
            return Some((value, true));
        }
        let region = self.blueprint.deployments[deployment.index()].region;
        let version = &self.blueprint.versions[version.index()];
        let row = version
            .manifest
            .iter()
            .find(|row| row.region == region && row.variable == variable)?;
        Some((row.value, false))
    }

    pub(super) fn create_flags(&mut self) {
        let (regions, segments) = (self.tables.regions, self.tables.segments);
        for flag in &self.blueprint.flags {
            for region in (0..regions).map(RegionId::from_index) {
                let share = |segment| flag.share(region, SegmentId::from_index(segment));
                self.flags.extend((0..segments).map(share));
            }
        }
    }

    /// Share of requests a flag is on for in a region, Q32: of all segments, by how many requests their users make.
    #[must_use]
    pub fn flag_share(&self, flag: FlagId, region: RegionId) -> u64 {
        let rows = self.flag_rows(flag, Some(region), None);
        let weights = self.tables.segment_weights(region);
        let (sum, all) = rows.zip(weights).fold((0, 0), |(sum, all), (row, weight)| {
            let share = self.flags.get(row).copied().unwrap_or(0);
            let weight = u128::from(*weight);
            (sum + u128::from(share) * weight, all + weight)
        });
        u64::try_from(sum.checked_div(all).unwrap_or(0)).unwrap_or(u64::MAX)
    }

    /// Share of the requests of a segment's users a flag is on for in a region, Q32.
    #[must_use]
    pub fn flag_share_of(&self, flag: FlagId, region: RegionId, segment: SegmentId) -> u64 {
        let mut rows = self.flag_rows(flag, Some(region), Some(segment));
        let row = rows.next().and_then(|row| self.flags.get(row));
        row.copied().unwrap_or(0)
    }

    /// Rows of a flag in the table of shares: by flag, region and segment.
    pub(super) fn flag_rows(
        &self,
        flag: FlagId,
        region: Option<RegionId>,
        segment: Option<SegmentId>,
    ) -> impl Iterator<Item = usize> + use<> {
        let (regions, segments) = (self.tables.regions, self.tables.segments);
        let one = |chosen: Option<usize>, all: usize| {
            chosen.map_or(0..all, |chosen| chosen..(chosen + 1).min(all))
        };
        let segment = one(segment.map(SegmentId::index), segments);
        let region = one(region.map(RegionId::index), regions);
        region.flat_map(move |region| {
            let first = (flag.index() * regions + region) * segments;
            segment.clone().map(move |segment| first + segment)
        })
    }

    /// Share of the users of a region served elsewhere, Q32, and where.
    #[must_use]
    pub fn shifted(&self, region: RegionId) -> Option<(RegionId, u64)> {
        self.shifts[region.index()]
            .as_ref()
            .map(|shift| (shift.to, shift.share_q32))
    }

    /// Base addresses a running process has read from its configuration, as (edge, text).
    #[must_use]
    pub fn addresses(&self, id: InstanceId) -> Vec<(EdgeId, String)> {
        let addresses = &self.instances[id.index()].addresses;
        addresses
            .iter()
            .map(|a| (a.edge, self.values[a.value.index()].clone()))
            .collect()
    }

    /// Requests in flight at servers or on the way: frames that are neither retired nor free.
    #[must_use]
    pub fn live_frames(&self) -> u64 {
        self.arena
            .frames
            .iter()
            .filter(|f| !f.is(flag::RETIRED))
            .count() as u64
    }
}
