//! The compiled scenario: what a [`World`](crate::world::World) is built from.
//!
//! Everything is a dense table; ids are indices into the table of the same name. Names are kept for telemetry and for
//! the keys of random draws, which use stable hashes of names so that adding a row shifts no other row's draws.
//!
//! Units: times and durations are integer nanoseconds of simulated time since the start of the run (`_ns`);
//! fractions are Q32 fixed point (`_q32`, 2^32 = 1); factors are Q16 fixed point (`_q16`, 2^16 = 1).

mod data;
mod edge;
mod fleet;
mod instance;
mod network;
mod program;
mod resources;
mod traffic;

pub use crate::change::{
    CallTerms, Change, ChangeKind, Condition, Conditional, DataChange, FleetAction, KeyRange,
    ProcessEffect, RequestEffect, RequestSelector, SHIFT_STEPS, Selector, TimedChange,
    UserSelector, Watched,
};
use crate::hash::StableHasher;
use crate::ids::{DeploymentId, RegionId, SegmentId, ServiceId, VersionId};
pub use data::{
    Access, CacheSpec, DatabaseSpec, Effect, KeySpace, LockMode, Plan, Query, QueryEffect,
    QueueSpec, Table,
};
pub use edge::{Breaker, Edge, Fallback, Pool, RetryBudget};
pub use fleet::{Autoscaler, Ejection, Fleet, Gate, HealthCheck};
pub use instance::{Balancer, Discipline, InstanceSpec, Sharing};
pub use network::{
    Certificate, Credential, CredentialAction, Link, MAX_LOSSES, Messages, Name, NameState, Party,
    Quality, RETRANSMIT_NS, RateLimit, StatusPage, TokenRate,
};
pub use program::{ConfigRead, ManifestRow, OnMissing, SchemaRange, Step, Version};
pub use resources::{Descriptors, Disk, Leak, Memory, Ports, Quota, Resources, WarmUp};
pub use traffic::{Criticality, Flow, Patience, RateStep, Source, Users};

/// One second in nanoseconds.
pub const SECOND_NS: u64 = 1_000_000_000;
/// One millisecond in nanoseconds.
pub const MILLISECOND_NS: u64 = 1_000_000;
/// One minute in nanoseconds.
pub const MINUTE_NS: u64 = 60 * SECOND_NS;
/// The fraction 1 in Q32.
pub const ONE_Q32: u64 = 1 << 32;
/// The factor 1 in Q16.
pub const ONE_Q16: u32 = 1 << 16;

/// A compiled scenario. See the module documentation for units.
#[derive(Clone, Debug, Default)]
pub struct Blueprint {
    /// Stable name of the scenario; part of the key of every draw.
    pub name: String,
    /// Region names.
    pub regions: Vec<String>,
    /// Customer segment names.
    pub segments: Vec<String>,
    /// Versions of the program on the users' side; empty when all have the same.
    pub clients: Vec<String>,
    /// Services.
    pub services: Vec<Service>,
    /// Endpoints of all services.
    pub endpoints: Vec<Endpoint>,
    /// Client-side edges.
    pub edges: Vec<Edge>,
    /// Released versions of all services.
    pub versions: Vec<Version>,
    /// Deployments: every (service, region) pair that exists.
    pub deployments: Vec<Deployment>,
    /// Configuration variable names.
    pub variables: Vec<String>,
    /// Texts of configuration values known at compile time. A world may add more while it runs.
    pub values: Vec<String>,
    /// Feature flags.
    pub flags: Vec<Flag>,
    /// Key spaces.
    pub key_spaces: Vec<KeySpace>,
    /// Tables of all databases.
    pub tables: Vec<Table>,
    /// Query classes of all databases.
    pub queries: Vec<Query>,
    /// User flows.
    pub flows: Vec<Flow>,
    /// Traffic sources.
    pub sources: Vec<Source>,
    /// One-way network latency from region `i` to region `j` at `i * regions + j`.
    pub latency_ns: Vec<u64>,
    /// Zones of each region; a region without a row has one.
    pub zones: Vec<u16>,
    /// Parts of the network that do more to messages than take their time.
    pub links: Vec<Link>,
    /// Rate limits and quotas that hold from the start.
    pub limits: Vec<RateLimit>,
    /// Services that are called by name; the others are known to everybody.
    pub names: Vec<Name>,
    /// Certificates of services.
    pub certificates: Vec<Certificate>,
    /// Credentials between services.
    pub credentials: Vec<Credential>,
    /// Status pages of providers.
    pub pages: Vec<StatusPage>,
    /// World changes at fixed times, sorted by time.
    pub timeline: Vec<TimedChange>,
    /// World changes that are made when something is the case.
    pub conditionals: Vec<Conditional>,
}

/// What kind of component a service is. The engine treats all alike; telemetry, layout and people do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ServiceKind {
    /// Where user requests enter.
    Edge,
    /// An application service.
    #[default]
    Service,
    /// A database: workers are its sessions, cores their parallelism.
    Database,
    /// A cache.
    Cache,
    /// A queue: instances are its partitions, workers its consumers, the accept queue is the backlog.
    Queue,
    /// Somebody else's service: no versions or instances that a responder could act on.
    ThirdParty,
}

/// One component of the graph.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Unique name.
    pub name: String,
    /// Kind.
    pub kind: ServiceKind,
    /// Host name under which configuration values address it.
    pub host: String,
    /// Region whose deployment serves callers that have none of their own.
    pub home: RegionId,
    /// Capacity and life cycle of each instance.
    pub instance: InstanceSpec,
    /// How load is spread over the instances of a deployment.
    pub balancer: Balancer,
    /// How many instances of a deployment a rollout may take out of service at once; at least 1.
    pub max_unavailable: u16,
    /// Pause of a release or rollback before its first instance is touched (build, image pull, approval).
    pub rollout_lead_ns: u64,
    /// Pause of a restart or configuration push before its first instance is touched.
    pub restart_lead_ns: u64,
    /// Health checks, rollouts and scaling beyond that.
    pub fleet: Fleet,
    /// What it remembers, if it is a cache.
    pub cache: Option<CacheSpec>,
    /// What it is, if it has tables and replicas.
    pub database: Option<DatabaseSpec>,
    /// What becomes of undelivered work, if it is a queue.
    pub queue: QueueSpec,
}

/// An endpoint.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// Owning service.
    pub service: ServiceId,
    /// Route or operation name, such as `POST /checkout`.
    pub name: String,
    /// Which instances of a database serve it.
    pub access: Access,
    /// How often what it does may happen.
    pub effect: Effect,
}

/// A service in a region.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deployment {
    /// Service.
    pub service: ServiceId,
    /// Region.
    pub region: RegionId,
    /// Instances that run at the start.
    pub replicas: u16,
    /// Instance slots beyond those, off at the start: room for scaling and surges.
    pub spare: u16,
    /// Version that runs at the start.
    pub version: VersionId,
}

impl Deployment {
    /// Instance slots in all.
    #[must_use]
    pub const fn slots(&self) -> u16 {
        self.replicas.saturating_add(self.spare)
    }
}

/// A feature flag: the share of requests it is on for, per region and segment.
#[derive(Clone, Debug, Default)]
pub struct Flag {
    /// Unique name.
    pub name: String,
    /// Share at the start, per region.
    pub share_q32: Vec<u64>,
    /// Shares at the start of segments that have another, in every region.
    pub segments: Vec<(SegmentId, u64)>,
}

impl Flag {
    /// Share at the start for the users of a segment in a region.
    #[must_use]
    pub fn share(&self, region: RegionId, segment: SegmentId) -> u64 {
        let own = self.segments.iter().find(|(found, _)| *found == segment);
        let all = self.share_q32.get(region.index()).copied();
        own.map_or(all.unwrap_or(0), |(_, share)| *share)
    }
}

impl Blueprint {
    /// The deployment of `service` in `region`, if there is one.
    #[must_use]
    pub fn deployment(&self, service: ServiceId, region: RegionId) -> Option<DeploymentId> {
        self.deployments
            .iter()
            .position(|d| d.service == service && d.region == region)
            .map(DeploymentId::from_index)
    }

    /// Number of zones of a region.
    #[must_use]
    pub fn zone_count(&self, region: RegionId) -> u16 {
        self.zones.get(region.index()).map_or(1, |&n| n.max(1))
    }

    /// One-way latency between two regions in nanoseconds; 0 if the table has no such pair.
    #[inline]
    #[must_use]
    pub fn latency(&self, from: RegionId, to: RegionId) -> u64 {
        self.latency_ns
            .get(from.index() * self.regions.len() + to.index())
            .copied()
            .unwrap_or(0)
    }

    /// The service a configuration value addresses: the one whose host name stands in its URL. `None` is unroutable.
    #[must_use]
    pub fn resolve_address(&self, value: &str) -> Option<ServiceId> {
        let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
        let host = rest.split(['/', ':']).next().unwrap_or(rest);
        self.services
            .iter()
            .position(|s| !s.host.is_empty() && s.host == host)
            .map(ServiceId::from_index)
    }

    /// Hash over everything that determines a run except seed and commands, independent of the files' layout.
    #[must_use]
    pub fn hash(&self) -> u64 {
        // The debug text covers every field and holds integers and names only, so it is the same on every platform.
        struct Feed(StableHasher);
        impl core::fmt::Write for Feed {
            fn write_str(&mut self, text: &str) -> core::fmt::Result {
                self.0.bytes(text.as_bytes());
                Ok(())
            }
        }
        let mut feed = Feed(StableHasher::new());
        if core::fmt::write(&mut feed, format_args!("{self:?}")).is_err() {
            return 0;
        }
        feed.0.finish()
    }
}
