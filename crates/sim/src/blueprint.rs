//! The compiled scenario: what a [`World`](crate::world::World) is built from.
//!
//! Everything is a dense table; ids are indices into the table of the same name. Names are kept for telemetry and for
//! the keys of random draws, which use stable hashes of names so that adding a row shifts no other row's draws.
//!
//! Units: times and durations are integer nanoseconds of simulated time since the start of the run (`_ns`);
//! fractions are Q32 fixed point (`_q32`, 2^32 = 1); factors are Q16 fixed point (`_q16`, 2^16 = 1).

pub use crate::change::{Change, ChangeKind, SHIFT_STEPS, Selector, TimedChange};
use crate::dist::Dist;
use crate::hash::StableHasher;
use crate::ids::{
    DeploymentId, EdgeId, EndpointId, FlagId, FlowId, RegionId, SegmentId, ServiceId, ValueId,
    VariableId, VersionId,
};

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
    /// User flows.
    pub flows: Vec<Flow>,
    /// Traffic sources.
    pub sources: Vec<Source>,
    /// One-way network latency from region `i` to region `j` at `i * regions + j`.
    pub latency_ns: Vec<u64>,
    /// World changes at fixed times, sorted by time.
    pub timeline: Vec<TimedChange>,
}

/// What kind of component a service is. The engine treats all alike; telemetry, layout and people do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ServiceKind {
    /// Where user requests enter.
    Edge,
    /// An application service.
    #[default]
    Service,
    /// A database, for now a plain station: connections are workers, cores are its parallelism.
    Database,
    /// A cache, for now a plain station.
    Cache,
    /// A queue, for now a plain station whose workers are its consumers and whose accept queue is the backlog.
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
}

/// Capacity and life cycle of an instance.
#[derive(Clone, Copy, Debug)]
pub struct InstanceSpec {
    /// Requests that can compute at once; the rest wait first-come-first-served for a core.
    pub cores: u32,
    /// Requests that can be in progress at once, waiting for downstream calls included.
    pub workers: u32,
    /// Requests that may wait for a worker; one more is refused.
    pub queue: u32,
    /// Time from the start of a process until it takes requests.
    pub start_ns: u64,
    /// Longest time a stopping instance may spend finishing its requests; what remains is cut off.
    pub drain_ns: u64,
    /// Which waiting request a free worker takes.
    pub discipline: Discipline,
    /// How computing requests share the cores.
    pub sharing: Sharing,
}

/// Which waiting request a free worker takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Discipline {
    /// The oldest.
    #[default]
    Fifo,
    /// The newest.
    Lifo,
    /// The oldest, dropping some when all have waited too long for too long (RFC 8289).
    CoDel {
        /// Wait that is acceptable for good.
        target_ns: u64,
        /// How long waits may exceed it before requests are dropped.
        interval_ns: u64,
    },
    /// The oldest whose deadline has not passed; the others are refused.
    Deadline,
}

/// How computing requests share the cores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sharing {
    /// Each has a core to itself until it is done; the others wait in the order they came.
    #[default]
    FirstCome,
    /// All at once, each at an equal share of the cores and at most one core (processor sharing).
    Equal,
}

impl Default for InstanceSpec {
    fn default() -> Self {
        Self {
            cores: 1,
            workers: 1,
            queue: 1_000_000,
            start_ns: 10 * SECOND_NS,
            drain_ns: 10 * SECOND_NS,
            discipline: Discipline::Fifo,
            sharing: Sharing::FirstCome,
        }
    }
}

/// How a caller picks an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Balancer {
    /// In turn, one pointer per deployment.
    RoundRobin,
    /// The instance with the fewest requests; ties go to the lower slot.
    LeastOutstanding,
    /// The better of two instances drawn by the request's key.
    #[default]
    PowerOfTwo,
}

/// An endpoint.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// Owning service.
    pub service: ServiceId,
    /// Route or operation name, such as `POST /checkout`.
    pub name: String,
}

/// Client-side policy for the calls of one service to one endpoint.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Calling service; `None` for the users themselves.
    pub client: Option<ServiceId>,
    /// Called endpoint.
    pub target: EndpointId,
    /// How long one attempt may take, from launch to reply.
    pub timeout_ns: u64,
    /// Attempts in all, the first included; at least 1.
    pub attempts: u8,
    /// Pause before the second attempt; doubled by `backoff_factor_q16` for each further one.
    pub backoff_ns: u64,
    /// Growth of the pause per attempt.
    pub backoff_factor_q16: u32,
    /// The pause is multiplied by a draw from `[1 − jitter, 1 + jitter]`.
    pub jitter_q16: u32,
    /// A failure of the call does not fail the caller.
    pub optional: bool,
    /// The client tells the server when it will give up, and passes on what it was told itself.
    pub deadline: bool,
    /// The client tells the server when it has given up, and the server stops working on the request.
    pub cancel: bool,
    /// Connections from one instance of the client.
    pub pool: Option<Pool>,
    /// Limit on retries as a share of calls.
    pub budget: Option<RetryBudget>,
    /// Circuit breaker.
    pub breaker: Option<Breaker>,
    /// A second attempt is launched when the first has no reply after this time; the first reply wins.
    pub hedge_ns: Option<u64>,
}

/// A pool of connections of one client instance; an attempt holds one from launch to result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pool {
    /// Connections. Attempts beyond it wait, first-come-first-served, with their time-out running.
    pub size: u32,
}

/// A token bucket: each call puts `ratio` of a token in, each retry takes one out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryBudget {
    /// Tokens per call.
    pub ratio_q16: u32,
    /// Most tokens the bucket holds, and what it holds at the start.
    pub burst: u32,
}

/// A circuit breaker over the last calls of one client instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Breaker {
    /// Number of last calls looked at, 1 to 64. It stays closed until there were as many.
    pub window: u8,
    /// Failed ones among them that open it.
    pub failures: u8,
    /// How long it stays open; then one call at a time is let through to try.
    pub open_ns: u64,
    /// Successful tries in a row that close it.
    pub tries: u8,
}

/// A released version of a service: a program per endpoint and what it reads from its configuration.
#[derive(Clone, Debug, Default)]
pub struct Version {
    /// Owning service.
    pub service: ServiceId,
    /// Release name, such as `2.41.0`.
    pub name: String,
    /// Entry into `code` of each endpoint of the service, in the order of the endpoint table.
    pub entries: Vec<(EndpointId, u16)>,
    /// Steps of all endpoints.
    pub code: Vec<Step>,
    /// Edge lists of the parallel calls in `code`.
    pub fans: Vec<EdgeId>,
    /// Configuration read at process start.
    pub reads: Vec<ConfigRead>,
    /// The manifest bundled with the release: values per region. A missing row is an unset variable.
    pub manifest: Vec<ManifestRow>,
}

/// One value of a bundled manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestRow {
    /// Region the value is for.
    pub region: RegionId,
    /// Variable.
    pub variable: VariableId,
    /// Value.
    pub value: ValueId,
}

/// A variable read at process start that holds the address of edges' target.
#[derive(Clone, Debug)]
pub struct ConfigRead {
    /// Variable read.
    pub variable: VariableId,
    /// Edges whose calls go to the address the variable holds.
    pub edges: Vec<EdgeId>,
    /// What the code falls back to when the variable is unset.
    pub default: ValueId,
}

/// One step of an endpoint's program.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Use a core for a random time.
    Compute {
        /// Mean time.
        mean_ns: u64,
        /// Distribution around the mean.
        dist: Dist,
        /// Probability that the step fails with an internal error.
        failure_q32: u64,
    },
    /// Call and wait for the reply.
    Call(EdgeId),
    /// Launch `len` calls at once, `fans[first..first + len]`, and wait for all replies.
    Parallel {
        /// First entry in [`Version::fans`].
        first: u16,
        /// Number of calls.
        len: u8,
    },
    /// Launch a call, do not wait. It starts a trace of its own, linked to this one.
    Publish(EdgeId),
    /// Skip to `otherwise` unless the flag is on for this request.
    IfFlag {
        /// Flag asked.
        flag: FlagId,
        /// Step to go to when the flag is off.
        otherwise: u16,
    },
    /// End of the program: reply.
    Return,
}

/// A service in a region.
#[derive(Clone, Copy, Debug)]
pub struct Deployment {
    /// Service.
    pub service: ServiceId,
    /// Region.
    pub region: RegionId,
    /// Instance slots.
    pub replicas: u16,
    /// Version that runs at the start.
    pub version: VersionId,
}

/// A feature flag: the share of requests it is on for, per region.
#[derive(Clone, Debug, Default)]
pub struct Flag {
    /// Unique name.
    pub name: String,
    /// Share at the start, per region.
    pub share_q32: Vec<u64>,
}

/// A user flow.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Unique name.
    pub name: String,
    /// Edge on which its users enter.
    pub edge: EdgeId,
    /// A reply later than this counts as slow.
    pub slow_ns: u64,
    /// How many real users one simulated request stands for; applies to harm only.
    pub weight: u32,
}

/// Arrivals of one flow from the users of one region and segment: Poisson at a given rate whatever becomes of the
/// requests (open loop), or from a fixed number of users who wait for each reply and think before the next (closed loop).
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Flow.
    pub flow: FlowId,
    /// Region the users are in.
    pub region: RegionId,
    /// Segment the users belong to.
    pub segment: SegmentId,
    /// Mean time between arrivals at factor 1.
    pub interarrival_ns: u64,
    /// Rate factor over time: from `at_ns` on the rate is `factor_q16` times the base. Sorted; factor 1 before the first.
    pub profile: Vec<RateStep>,
    /// No more arrivals after this many; 0 for no limit.
    pub limit: u64,
    /// Closed loop, if there is one; `interarrival_ns` and `profile` count for nothing then.
    pub users: Option<Users>,
}

/// Users of a closed loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Users {
    /// How many.
    pub count: u32,
    /// Mean time between a reply and the next request.
    pub think_ns: u64,
    /// Distribution of that time.
    pub think: Dist,
}

/// A step of a rate profile.
#[derive(Clone, Copy, Debug)]
pub struct RateStep {
    /// When the step begins.
    pub at_ns: u64,
    /// Rate relative to the base.
    pub factor_q16: u32,
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

    /// One-way latency between two regions in nanoseconds; 0 if the table has no such pair.
    #[must_use]
    #[inline]
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
