//! What metrics are about: series, and rows of gauges.

use brownout_sim::ids::{
    ClientId, EdgeId, EndpointId, FlowId, InstanceId, RegionId, SegmentId, ServiceId, VersionId,
};
use brownout_sim::probe::Status;
use brownout_sim::world::InstanceState;

/// What a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeriesKind {
    /// Requests finished by a server (`http.server.request.duration`).
    Server {
        /// Endpoint.
        endpoint: EndpointId,
        /// Instance.
        instance: InstanceId,
        /// Version of the process.
        version: VersionId,
    },
    /// Attempts of calls as the caller saw them (`http.client.request.duration`).
    Client {
        /// Edge.
        edge: EdgeId,
        /// Calling instance.
        instance: InstanceId,
        /// Version of the calling process.
        version: VersionId,
    },
    /// Users' requests as real-user monitoring sees them.
    Flow {
        /// Flow.
        flow: FlowId,
        /// Region the user is in.
        region: RegionId,
        /// Segment of the user.
        segment: SegmentId,
        /// Version of the user's program.
        client: ClientId,
        /// Whether a success came too late.
        slow: bool,
    },
}

/// A series: what it counts, by result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// What it counts.
    pub kind: SeriesKind,
    /// Result.
    pub status: Status,
}

/// Gauges of one instance at one scrape.
#[derive(Clone, Copy, Debug)]
pub struct GaugeRow {
    /// Instance.
    pub instance: InstanceId,
    /// Version of the process.
    pub version: VersionId,
    /// State.
    pub state: InstanceState,
    /// Whether callers are sent to it.
    pub in_rotation: bool,
    /// Workers in use.
    pub busy_workers: u32,
    /// Worker limit.
    pub workers: u32,
    /// Requests waiting for a worker.
    pub queued: u32,
    /// Age of the oldest waiting request in microseconds.
    pub oldest_us: u32,
    /// Computing time since the last scrape as a share of all cores, per mille.
    pub cpu_per_mille: u32,
}

/// Dead letters of a queue at one scrape, by the region the work was handed over in. There are rows for queues that keep
/// them and have some.
#[derive(Clone, Copy, Debug)]
pub struct LetterRow {
    /// Queue.
    pub service: ServiceId,
    /// Region they were handed over in.
    pub region: RegionId,
    /// How many lie there.
    pub count: u64,
}

/// Resources of one instance at one scrape. Only instances that keep account of any have such rows.
#[derive(Clone, Copy, Debug)]
pub struct ResourceRow {
    /// Instance.
    pub instance: InstanceId,
    /// Share of the heap limit that no collection frees, per mille; 0 without a limit.
    pub live_per_mille: u16,
    /// Share of the time since the last scrape the process stood still, per mille.
    pub paused_per_mille: u16,
    /// Share of the descriptors in use, per mille; 0 without a limit.
    pub descriptors_per_mille: u16,
    /// Share of the ephemeral ports in use or resting, per mille; 0 without a limit.
    pub ports_per_mille: u16,
    /// Share of the disk in use, per mille; 0 without a limit.
    pub disk_per_mille: u16,
    /// Crashes so far.
    pub restarts: u32,
    /// Collections so far.
    pub collections: u64,
}
