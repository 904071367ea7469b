//! The scenario language as it is written: one Rust type per RON construct, quantities still as text.
//!
//! Nothing here is checked beyond its shape; [`validate`](crate::validate) finds what is wrong, with positions, and
//! [`compile`](crate::compile) turns a valid model into a [`Scenario`](crate::compiled::Scenario).

use std::collections::BTreeMap;

use serde::Deserialize;

/// A duration as text: `"750ms"`, `"1.5s"`, `"20m"`, `"500us"`, `"2h10m"`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct DurationText(pub String);

/// A rate as text: `"120/s"`, `"30/m"`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct RateText(pub String);

/// A share as text: `"25%"`, `"0.5%"`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct ShareText(pub String);

/// A positive decimal factor as text: `"2"`, `"0.8"`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct FactorText(pub String);

/// A reusable service graph: the top level of a system file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename = "System")]
pub struct System {
    /// Format version; 1.
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
    /// Network latency.
    pub latency: Latency,
    /// Client-side policy where a service does not say otherwise.
    #[serde(default)]
    pub calls: CallPolicy,
    /// Services.
    pub services: Vec<Service>,
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Within a region.
    pub within: DurationText,
    /// Between any two regions.
    pub between: DurationText,
}

/// Client-side policy of calls. A field left out falls back to the system's `calls`, then to the defaults here.
#[derive(Clone, Debug, Default, Deserialize)]
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
}

/// A service.
#[derive(Clone, Debug, Deserialize)]
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
    /// Capacity and life cycle of an instance.
    #[serde(default)]
    pub instance: Instance,
    /// Load balancing over the instances.
    #[serde(default)]
    pub balancer: Balancer,
    /// How releases and restarts proceed.
    #[serde(default)]
    pub rollout: Rollout,
    /// Version that runs at the start.
    #[serde(default = "default_version")]
    pub version: String,
    /// Endpoints of that version.
    pub endpoints: Vec<Endpoint>,
    /// Client-side policy towards other services, by callee.
    #[serde(default)]
    pub calls: BTreeMap<String, CallPolicy>,
}

fn default_version() -> String {
    "1.0.0".to_owned()
}

/// Kind of a component.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
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
#[derive(Clone, Debug, Default, Deserialize)]
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
}

/// Load balancing.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Balancer {
    /// In turn.
    RoundRobin,
    /// Fewest requests.
    LeastOutstanding,
    /// Better of two.
    #[default]
    PowerOfTwo,
}

/// How releases and restarts proceed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rollout {
    /// Instances out of service at once; default 1.
    pub max_unavailable: Option<u32>,
    /// Time before the first instance is touched; default 15 s.
    pub lead: Option<DurationText>,
    /// Time before a restart or configuration push touches the first instance; default 5 s.
    pub restart_lead: Option<DurationText>,
}

/// An endpoint with its program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Route or operation name.
    pub name: String,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

/// One step of an endpoint.
#[derive(Clone, Debug, Deserialize)]
pub enum Step {
    /// Compute for a random time with this mean, exponentially distributed.
    Compute(DurationText),
    /// Compute for a random time with a chosen distribution.
    ComputeAs(DurationText, Distribution),
    /// Call `(service, endpoint)` and wait.
    Call(String, String),
    /// Call all of these at once and wait for all.
    Parallel(Vec<(String, String)>),
    /// Call without waiting: hand over to a queue.
    Publish(String, String),
    /// Do these steps only for requests the flag is on for.
    IfFlag(String, Vec<Step>),
    /// Fail with an internal error for this share of requests.
    FailShare(ShareText),
}

/// Distribution of a computing time around its mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Always the mean.
    Constant,
    /// Exponential.
    Exponential,
    /// Lognormal with this standard deviation of the logarithm.
    LogNormal(FactorText),
}

/// A feature flag.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Unique name.
    pub name: String,
    /// What users lose while it is off.
    #[serde(default)]
    pub feature: String,
    /// Share of requests it is on for at the start, in every region.
    pub on: ShareText,
}

/// A user flow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Unique name.
    pub name: String,
    /// Title shown to people.
    pub title: String,
    /// `(service, endpoint)` it enters by.
    pub entry: (String, String),
    /// A reply later than this is slow.
    pub slow: DurationText,
    /// When a user gives up.
    pub timeout: DurationText,
    /// Arrival rate of the users of each region.
    pub rates: BTreeMap<String, RateText>,
    /// Share of each segment; by default all segments alike.
    #[serde(default)]
    pub segments: BTreeMap<String, ShareText>,
    /// Users one simulated request stands for, for harm.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// The flow that objectives and the page are about. Exactly one.
    #[serde(default)]
    pub main: bool,
}

const fn default_weight() -> u32 {
    1
}

/// An incident on a system: the top level of a scenario file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename = "Scenario")]
pub struct ScenarioFile {
    /// Format version; 1.
    pub format: u32,
    /// Unique name, the same as its folder's.
    pub name: String,
    /// Title shown to people.
    pub title: String,
    /// One or two sentences for the library card; must not give the cause away.
    pub summary: String,
    /// Who the player is and what they own.
    pub briefing: String,
    /// Field-guide ids it trains.
    #[serde(default)]
    pub skills: Vec<String>,
    /// 1 (gentle) to 5.
    #[serde(default = "default_difficulty")]
    pub difficulty: u8,
    /// System file, relative to this file.
    pub system: String,
    /// Calendar time of simulated time 0, `YYYY-MM-DDTHH:MM:SSZ`.
    pub starts: String,
    /// Harm is counted until this simulated time, whatever the player does.
    pub horizon: DurationText,
    /// Share of main-flow requests that must succeed in every region.
    pub objective: ShareText,
    /// How the player learns of the incident.
    pub page: Page,
    /// Alert rules.
    pub alerts: Vec<Alert>,
    /// Releases beside those that run at the start.
    #[serde(default)]
    pub versions: Vec<Version>,
    /// Change records older than the run, newest last.
    #[serde(default)]
    pub history: Vec<HistoryRecord>,
    /// World changes common to all truths.
    #[serde(default)]
    pub timeline: Vec<TimedChange>,
    /// People around the incident.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Severity levels from worst to mildest.
    pub severities: Vec<Severity>,
    /// Communication policy.
    #[serde(default)]
    pub communication: Communication,
    /// What may really be going on; one is drawn by the seed.
    pub truths: Vec<Truth>,
}

const fn default_difficulty() -> u8 {
    2
}

/// How the player learns of the incident.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Alert whose firing pages the player.
    pub alert: String,
    /// A person pages at this simulated time if the alert has not fired.
    pub latest: DurationText,
    /// Text of that late page.
    pub text: String,
}

/// An alert on a flow's success share in any region, over a window, for a while.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Unique name.
    pub name: String,
    /// What is watched.
    pub signal: AlertSignal,
    /// Look-back window.
    pub window: DurationText,
    /// How long the condition must hold.
    pub hold: DurationText,
    /// Severity label of the alert.
    pub level: AlertLevel,
}

/// What an alert watches, for each region by itself.
#[derive(Clone, Debug, Deserialize)]
pub enum AlertSignal {
    /// Share of a flow's requests that succeed, below a threshold.
    FlowSuccessBelow(String, ShareText),
    /// 95th percentile of a flow's latency, above a threshold.
    FlowLatencyAbove(String, DurationText),
    /// Share of a service's replies that are errors, above a threshold.
    ServiceErrorsAbove(String, ShareText),
    /// Share of a service's workers in use, above a threshold.
    SaturationAbove(String, ShareText),
}

/// Severity label of an alert.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum AlertLevel {
    /// Wakes somebody.
    Page,
    /// Shown on the dashboard.
    Warning,
}

/// A release.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Service.
    pub service: String,
    /// Release name.
    pub name: String,
    /// Release note.
    pub notes: String,
    /// Feature users lose when this release is rolled back; empty if none.
    #[serde(default)]
    pub feature: String,
    /// Plausible patch excerpts as `(file, text)`.
    #[serde(default)]
    pub hunks: Vec<(String, String)>,
    /// Endpoints that differ from the version that runs at the start.
    #[serde(default)]
    pub endpoints: Vec<Endpoint>,
    /// Configuration it reads at process start.
    #[serde(default)]
    pub reads: Vec<ConfigRead>,
    /// Bundled manifest: variable to value, per region. A missing entry is an unset variable.
    #[serde(default)]
    pub manifest: BTreeMap<String, BTreeMap<String, String>>,
}

/// An address read from a variable at process start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigRead {
    /// Variable.
    pub variable: String,
    /// Service whose calls go to the address it holds.
    pub callee: String,
    /// Value the code falls back to when it is unset.
    pub default: String,
}

/// A change record from before the run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRecord {
    /// How long before simulated time 0.
    pub before: DurationText,
    /// What the change log says.
    pub record: Record,
}

/// What the change log says about a change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// One line.
    pub title: String,
    /// Who made it.
    pub by: String,
    /// Details: several lines are fine.
    #[serde(default)]
    pub detail: String,
    /// Service it is about, if one.
    #[serde(default)]
    pub service: Option<String>,
    /// Kind of change; by default what the change itself is, and a note for history.
    #[serde(default)]
    pub kind: Option<RecordKind>,
    /// Regions it touches; by default those of the change itself, and all for history.
    #[serde(default)]
    pub regions: Vec<String>,
}

/// Kind of change a record tells of.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A release.
    Deploy,
    /// A restart.
    Restart,
    /// A configuration change.
    Config,
    /// A flag change.
    Flag,
    /// Traffic moved between regions.
    Traffic,
    /// Anything else.
    Note,
}

/// A world change at a fixed time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedChange {
    /// Simulated time.
    pub at: DurationText,
    /// Unique name, for a truth to name it as its trigger.
    #[serde(default)]
    pub name: Option<String>,
    /// What happens.
    pub change: Change,
    /// What the change log says; without it the change leaves no record.
    #[serde(default)]
    pub record: Option<Record>,
}

/// A world change. Regions left out mean all regions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Change {
    /// Deploy a version.
    Deploy {
        /// Service.
        service: String,
        /// Version.
        version: String,
        /// Regions, one after the other in one rollout each, at the same time.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Restart a service.
    Restart {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Set (or with `value: None` unset) a variable in the overlay.
    SetVariable {
        /// Service.
        service: String,
        /// Variable.
        variable: String,
        /// Value.
        value: Option<String>,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Change a flag's share.
    SetFlag {
        /// Flag.
        flag: String,
        /// Share of requests.
        on: ShareText,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Multiply computing time.
    Slowdown {
        /// Service.
        service: String,
        /// Endpoint, or all.
        #[serde(default)]
        endpoint: Option<String>,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Factor.
        factor: FactorText,
    },
    /// Fail a share of requests with an internal error.
    Errors {
        /// Service.
        service: String,
        /// Endpoint, or all.
        #[serde(default)]
        endpoint: Option<String>,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Share.
        share: ShareText,
    },
    /// A note in the change log without any effect on the world (a decoy such as a rebuilt index).
    Note,
}

/// Somebody around the incident.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Unique name.
    pub name: String,
    /// Role.
    pub role: PersonRole,
    /// Service they own, for owners and provider support.
    #[serde(default)]
    pub owns: Option<String>,
    /// How long they wait for an answer before they grow impatient.
    pub patience: DurationText,
    /// How long they take to answer when asked; default 90 s.
    #[serde(default)]
    pub answers_after: Option<DurationText>,
    /// What they ask without being asked.
    #[serde(default)]
    pub asks: Vec<Question>,
    /// What they say when they are paged.
    #[serde(default)]
    pub knows: Vec<Knowledge>,
}

/// Role of a person.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum PersonRole {
    /// Leads customer support.
    SupportLead,
    /// Decides about money and risk.
    Executive,
    /// Speaks for big customers.
    CustomerSuccess,
    /// On call for a service.
    ServiceOwner,
    /// A third party's support desk.
    ProviderSupport,
}

/// Something a person asks by themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// How long after the page.
    pub after: DurationText,
    /// Words.
    pub text: String,
    /// What a good answer contains.
    pub wants: Vec<Topic>,
}

/// A part of a message (field guide C4).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What users feel.
    Impact,
    /// Who, where, since when.
    Scope,
    /// What is known of the cause.
    Cause,
    /// What is being done.
    Action,
    /// When the next update comes.
    NextUpdate,
}

/// Something a person says when paged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knowledge {
    /// Truth under which they say it; all when left out.
    #[serde(default)]
    pub truth: Option<String>,
    /// Words.
    pub text: String,
}

/// A severity level.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// Name such as `SEV-2`.
    pub name: String,
    /// When it applies, in words.
    pub when: String,
    /// Failing share of the main flow in the worst region from which it applies.
    pub failing: ShareText,
}

/// Communication policy; defaults are field guide C2 and C3 for short incidents.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Communication {
    /// First message after the page; default 3 min.
    pub first: Option<DurationText>,
    /// Message with scope after the page; default 6 min.
    pub scope: Option<DurationText>,
    /// Longest time between updates; default 6 min.
    pub update: Option<DurationText>,
}

/// What may really be going on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Unique name. Never shown before the debrief.
    pub name: String,
    /// When harm begins to count.
    pub onset: DurationText,
    /// World changes only under this truth.
    #[serde(default)]
    pub timeline: Vec<TimedChange>,
    /// Manifest entries missing only under this truth, as `(service, version, region, variable)`.
    #[serde(default)]
    pub unset: Vec<(String, String, String, String)>,
    /// Guilty component.
    pub component: String,
    /// Regions affected.
    pub regions: Vec<String>,
    /// Mechanism, an id of the glossary.
    pub mechanism: String,
    /// Name of the timed change that set it off; `None` if no change did.
    #[serde(default)]
    pub trigger: Option<String>,
    /// What keeps the harm going: an id of the glossary, or the mechanism itself.
    pub sustaining: String,
    /// Services the failure passes through on its way to the user, the guilty one first.
    pub path: Vec<String>,
    /// What happened, for the debrief.
    pub explanation: String,
}
