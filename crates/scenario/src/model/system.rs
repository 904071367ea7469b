//! Quantities as text, and the system file: services, flows, flags.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instances::{
    Autoscaler, Descriptors, Disk, Ejection, Gate, HealthCheck, Memory, Ports, Quota, WarmUp,
};
use super::network::{Fallback, Link, MessageSizeText, RateLimit, StatusPage};
use super::program::Step;
use super::traffic::Flow;
use super::{Access, Cache, Database, Effect, Keys, Queue};

/// A duration as text: `"750ms"`, `"1.5s"`, `"20m"`, `"500us"`, `"2h10m"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct DurationText(pub String);

/// A rate as text: `"120/s"`, `"30/m"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct RateText(pub String);

/// A share as text: `"25%"`, `"0.5%"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct ShareText(pub String);

/// A positive decimal factor as text: `"2"`, `"0.8"`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct FactorText(pub String);

/// A reusable service graph: the top level of a system file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "System")]
pub struct System {
    /// Format version; 2.
    pub format: u32,
    /// Unique name.
    pub name: String,
    /// Title shown to people.
    pub title: String,
    /// One paragraph about the system.
    #[serde(default)]
    pub description: String,
    /// Region names.
    pub regions: Vec<String>,
    /// Customer segments.
    #[serde(default = "default_segments")]
    pub segments: Vec<String>,
    /// Versions of the program on the users' side, such as app releases; by default all users have the same.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Network latency.
    pub latency: Latency,
    /// Zones of a region; a region left out has one. Instances lie in them in turn.
    #[serde(default)]
    pub zones: BTreeMap<String, u32>,
    /// Links that differ from that, or are not perfect.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Client-side policy where a service does not say otherwise.
    #[serde(default)]
    pub calls: CallPolicy,
    /// Services.
    pub services: Vec<Service>,
    /// What requests are about.
    #[serde(default)]
    pub keys: Vec<Keys>,
    /// Feature flags.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// User flows.
    pub flows: Vec<Flow>,
}

fn default_segments() -> Vec<String> {
    vec!["all".to_owned()]
}

/// One-way network latency.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Within a region.
    pub within: DurationText,
    /// Between any two regions.
    pub between: DurationText,
}

/// Client-side policy of calls. A field left out falls back to the system's `calls`, then to the defaults here.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CallPolicy {
    /// Longest wait for one attempt; default 1 s.
    pub timeout: Option<DurationText>,
    /// Attempts in all, 1 to 10; default 1.
    pub attempts: Option<u8>,
    /// Pause before the second attempt; default 50 ms.
    pub backoff: Option<DurationText>,
    /// Growth of the pause; default 2.
    pub backoff_factor: Option<FactorText>,
    /// Random share of the pause; default 20 %.
    pub jitter: Option<ShareText>,
    /// A failure of the call does not fail the caller; default false.
    pub optional: Option<bool>,
    /// The callee is told when the caller will give up, and the callee's callees in turn; default false.
    pub deadline: Option<bool>,
    /// The callee is told when the caller has given up, and stops; default false.
    pub cancel: Option<bool>,
    /// Connections from each instance; without it there is no limit.
    pub pool: Option<u32>,
    /// Limit on retries as a share of calls; without it there is none.
    pub budget: Option<RetryBudget>,
    /// Circuit breaker of each instance; without it there is none.
    pub breaker: Option<Breaker>,
    /// What the caller goes on with when all attempts have failed; without it the failure.
    pub fallback: Option<Fallback>,
    /// Size of a request, for links with a bandwidth; default none.
    pub request_size: Option<MessageSizeText>,
    /// Size of a reply; default none.
    pub reply_size: Option<MessageSizeText>,
    /// Send a second attempt when the first has no reply after this time; without it never.
    pub hedge: Option<DurationText>,
}

/// A token bucket for retries.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryBudget {
    /// Retries as a share of calls in the long run.
    pub ratio: ShareText,
    /// Retries that may come at once.
    pub burst: u32,
}

/// A circuit breaker: opens when too many of the last calls failed, then lets single calls through to try.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    /// Last calls looked at, 1 to 64.
    pub window: u8,
    /// Failed ones among them that open it.
    pub failures: u8,
    /// How long it stays open before the first try.
    pub open: DurationText,
    /// Successful tries in a row that close it.
    pub tries: u8,
}

/// A service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Unique name.
    pub name: String,
    /// Kind of component.
    #[serde(default)]
    pub kind: ServiceKind,
    /// What it does, in a few words.
    #[serde(default)]
    pub description: String,
    /// Owning team.
    #[serde(default)]
    pub owner: String,
    /// Host name that configuration values address it by; default `NAME.internal`.
    #[serde(default)]
    pub host: Option<String>,
    /// Region whose deployment serves callers that have none; default the first region it has replicas in.
    #[serde(default)]
    pub home: Option<String>,
    /// Instances per region.
    pub replicas: BTreeMap<String, u32>,
    /// Instance slots per region, those that are off at the start included; default what rollouts and scaling need.
    #[serde(default)]
    pub slots: BTreeMap<String, u32>,
    /// Capacity and life cycle of an instance.
    #[serde(default)]
    pub instance: Instance,
    /// Active health checks; without them there are none.
    #[serde(default)]
    pub health: Option<HealthCheck>,
    /// Ejection of failing instances; without it there is none.
    #[serde(default)]
    pub ejection: Option<Ejection>,
    /// Callers prefer instances of their own zone while this many of them take requests; without it they do not.
    #[serde(default)]
    pub zone_least: Option<u32>,
    /// Scaling by load; without it there is none.
    #[serde(default)]
    pub autoscaler: Option<Autoscaler>,
    /// Time from the decision to scale until new processes begin; default 0.
    #[serde(default)]
    pub scale_lead: Option<DurationText>,
    /// Load balancing over the instances.
    #[serde(default)]
    pub balancer: Balancer,
    /// How releases and restarts proceed.
    #[serde(default)]
    pub rollout: Rollout,
    /// What it stores, if it is a cache.
    #[serde(default)]
    pub cache: Option<Cache>,
    /// Tables, queries and replication, if it is a database.
    #[serde(default)]
    pub database: Option<Database>,
    /// What becomes of undelivered work, if it is a queue.
    #[serde(default)]
    pub queue: Queue,
    /// Version that runs at the start.
    #[serde(default = "default_version")]
    pub version: String,
    /// Endpoints of that version.
    pub endpoints: Vec<Endpoint>,
    /// Client-side policy towards other services, by callee.
    #[serde(default)]
    pub calls: BTreeMap<String, CallPolicy>,
    /// Rate limits at the door of each deployment.
    #[serde(default)]
    pub limits: Vec<RateLimit>,
    /// Clients find it by name and remember the answer for this long; without it everybody knows where it is.
    #[serde(default)]
    pub name_ttl: Option<DurationText>,
    /// Simulated time at which its certificate expires; without it connections need none.
    #[serde(default)]
    pub certificate: Option<DurationText>,
    /// Services whose requests it lets in only with a credential.
    #[serde(default)]
    pub credentials: Vec<String>,
    /// Public page that tells how the service is.
    #[serde(default)]
    pub status_page: Option<StatusPage>,
}

fn default_version() -> String {
    "1.0.0".to_owned()
}

/// Kind of a component.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// Where user requests enter.
    Edge,
    /// An application service.
    #[default]
    Service,
    /// A database.
    Database,
    /// A cache.
    Cache,
    /// A queue; its workers are the consumers' concurrency.
    Queue,
    /// Somebody else's service.
    ThirdParty,
}

/// Capacity and life cycle of an instance.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Instance {
    /// Cores; default 4.
    pub cores: Option<u32>,
    /// Requests in progress at once; default 64.
    pub workers: Option<u32>,
    /// Requests that may wait for a worker; default 256.
    pub queue: Option<u32>,
    /// Start-up time; default 20 s.
    pub start: Option<DurationText>,
    /// Longest drain; default 10 s.
    pub drain: Option<DurationText>,
    /// Which waiting request a free worker takes; default the oldest.
    pub discipline: Discipline,
    /// How computing requests share the cores; default each has one to itself.
    pub sharing: Sharing,
    /// Heap; without it memory never matters.
    pub memory: Option<Memory>,
    /// File descriptors; without them there is no limit.
    pub descriptors: Option<Descriptors>,
    /// Ephemeral ports; without them there is no limit.
    pub ports: Option<Ports>,
    /// Disk; without it there is no limit.
    pub disk: Option<Disk>,
    /// Slower computing right after a start; without it none.
    pub warm_up: Option<WarmUp>,
    /// Limit on computing time; without it none.
    pub quota: Option<Quota>,
}

/// Which waiting request a free worker takes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Discipline {
    /// The oldest.
    #[default]
    Fifo,
    /// The newest.
    Lifo,
    /// The oldest, dropping some when all have waited longer than the first time for longer than the second (RFC 8289).
    Codel(DurationText, DurationText),
    /// The oldest whose deadline has not passed. Callers must tell their deadline.
    Deadline,
    /// The oldest of those whose flow is most critical; a full queue turns away the least critical.
    Priority,
}

/// How computing requests share the cores.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// Each has a core until it is done; the others wait their turn.
    #[default]
    FirstCome,
    /// All at once at equal shares.
    Equal,
}

/// Load balancing.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Balancer {
    /// In turn.
    RoundRobin,
    /// Fewest requests.
    LeastOutstanding,
    /// Better of two.
    #[default]
    PowerOfTwo,
    /// The instance that the request's key belongs to: shards, partitions, cache nodes.
    ByKey(String),
}

/// How releases and restarts proceed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rollout {
    /// Instances out of service at once; default 1, with a surge 0.
    pub max_unavailable: Option<u32>,
    /// Time before the first instance is touched; default 15 s.
    pub lead: Option<DurationText>,
    /// Time before a restart or configuration push touches the first instance; default 5 s.
    pub restart_lead: Option<DurationText>,
    /// Instances a rollout may run beside the wanted number; default 0.
    pub max_surge: Option<u32>,
    /// What halts a rollout.
    pub gate: Gate,
}

/// An endpoint with its program.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Route or operation name.
    pub name: String,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Which instances of a database serve it; default all.
    #[serde(default)]
    pub access: Access,
    /// How often what it does may happen; default as often as it likes.
    #[serde(default)]
    pub effect: Effect,
}

/// A feature flag.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Unique name.
    pub name: String,
    /// What users lose while it is off.
    #[serde(default)]
    pub feature: String,
    /// Share of requests it is on for at the start, in every region.
    pub on: ShareText,
    /// Share for the users of a segment, where it is another.
    #[serde(default)]
    pub segments: BTreeMap<String, ShareText>,
}
