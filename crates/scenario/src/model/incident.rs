//! The scenario file: what happens on a system, and what really goes on.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::change::TimedChange;
use super::data::Schemas;
use super::instances::Leak;
use super::people::Person;
use super::system::{CallPolicy, DurationText, Endpoint, FactorText, ShareText};
use crate::action::Action;

/// An incident on a system: the top level of a scenario file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Scenario")]
pub struct ScenarioFile {
    /// Format version; 2.
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
    /// Files of people that several scenarios share, relative to this file.
    #[serde(default)]
    pub shared_people: Vec<String>,
    /// What the player can ask for when stuck, the next one each time. Each costs 5 points.
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// Other weights of the score than the usual ones.
    #[serde(default)]
    pub rubric: Rubric,
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

/// Something that helps on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// What it says: where to look rather than what is there.
    pub text: String,
    /// Truth under which it helps; under all without.
    #[serde(default)]
    pub truth: Option<String>,
}

/// Weights of the score.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rubric {
    /// Weight of a dimension in the overall score, 0 to 100; 1 for those not named.
    pub dimensions: BTreeMap<String, u32>,
    /// Points of a criterion, 0 to 100, in the place of its usual ones. A dimension is scored as the share of its points.
    pub criteria: BTreeMap<String, u32>,
}

/// How the player learns of the incident.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
    /// What the runbook says to whoever gets it, step by step.
    #[serde(default)]
    pub runbook: Vec<String>,
}

/// What an alert watches, for each region by itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum AlertSignal {
    /// Share of a flow's requests that succeed, below a threshold.
    FlowSuccessBelow(String, ShareText),
    /// 95th percentile of a flow's latency, above a threshold.
    FlowLatencyAbove(String, DurationText),
    /// Share of a service's replies that are errors, above a threshold.
    ServiceErrorsAbove(String, ShareText),
    /// Share of a service's workers in use, above a threshold.
    SaturationAbove(String, ShareText),
    /// Share of a service's cores in use, above a threshold.
    CpuAbove(String, ShareText),
    /// Requests that wait for a worker of a service (of a queue: its backlog), above a number.
    WaitingAbove(String, u32),
    /// Age of the oldest work that waits in a queue, or of the oldest request waiting for a service, above a threshold.
    QueueAgeAbove(String, DurationText),
    /// Work that a queue has given up and keeps, above a number.
    DeadLettersAbove(String, u32),
    /// How many times as fast as the objective allows a flow's requests fail, above a factor: over the window, and over this
    /// shorter one as well, so that it ends soon after the failures do.
    BurnRateAbove(String, FactorText, DurationText),
    /// No sample of a service: its exporters are dark, or none of its processes runs.
    Absent(String),
}

/// Severity label of an alert.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum AlertLevel {
    /// Wakes somebody.
    Page,
    /// Shown on the dashboard.
    Warning,
}

/// A release.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
    /// Schemas of databases it works with; with those not named, any.
    #[serde(default)]
    pub schemas: Schemas,
    /// Client-side policy it brings towards other services, by callee; a field left out is as before.
    #[serde(default)]
    pub calls: BTreeMap<String, CallPolicy>,
    /// Configuration it reads at process start.
    #[serde(default)]
    pub reads: Vec<ConfigRead>,
    /// Bundled manifest: variable to value, per region. A missing entry is an unset variable.
    #[serde(default)]
    pub manifest: BTreeMap<String, BTreeMap<String, String>>,
    /// What its processes never give back.
    #[serde(default)]
    pub leak: Leak,
}

/// An address read from a variable at process start.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigRead {
    /// Variable.
    pub variable: String,
    /// Service whose calls go to the address it holds.
    pub callee: String,
    /// Value the code falls back to when it is unset.
    pub default: String,
    /// What a process does when it is unset; by default it takes the default.
    #[serde(default)]
    pub on_missing: OnMissing,
}

/// What a process does about an unset variable.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum OnMissing {
    /// Takes the default.
    #[default]
    Default,
    /// Ends during its start, each time.
    Crash,
    /// Never gets ready.
    Hang,
    /// Runs; the calls concerned fail at once.
    Fail,
}

/// A change record from before the run.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryRecord {
    /// How long before simulated time 0.
    pub before: DurationText,
    /// Unique name, for a truth to name it as its trigger.
    #[serde(default)]
    pub name: Option<String>,
    /// It released the version of its service that runs at the start, and this one ran before: what a rollback goes back
    /// to. Without it nothing was released.
    #[serde(default)]
    pub from: Option<String>,
    /// What the change log says.
    pub record: Record,
}

/// What the change log says about a change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
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
    /// A migration of a database.
    Migration,
    /// More or fewer instances.
    Scaling,
    /// Planned work on what runs the services.
    Maintenance,
    /// A notice of a provider.
    Provider,
    /// Anything else.
    Note,
}

/// A severity level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// Name such as `SEV-2`.
    pub name: String,
    /// When it applies, in words.
    pub when: String,
    /// Failing share of the main flow in the worst region from which it applies.
    pub failing: ShareText,
    /// Slow share of the main flow in the worst region from which it applies too; default never.
    #[serde(default)]
    pub slow: Option<ShareText>,
    /// Age of the oldest work in a queue with a bound from which it applies too; default never.
    #[serde(default)]
    pub late: Option<DurationText>,
}

/// Communication policy; defaults are field guide C2 and C3 for short incidents.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Communication {
    /// First message after the page; default 3 min.
    pub first: Option<DurationText>,
    /// Message with scope after the page; default 6 min.
    pub scope: Option<DurationText>,
    /// Longest time between updates; default 6 min.
    pub update: Option<DurationText>,
}

/// What a release makes of its calls to a service under one truth; it goes before what the release itself says.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HiddenCalls {
    /// Service whose release it is.
    pub service: String,
    /// Release.
    pub version: String,
    /// Service called.
    pub callee: String,
    /// Client-side policy; a field left out is as without it.
    pub policy: CallPolicy,
}

/// What may really be going on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Unique name. Never shown before the debrief.
    pub name: String,
    /// When harm begins to count.
    pub onset: DurationText,
    /// Nothing is broken and the right move is to watch; then the mechanism is one of the family F9.
    #[serde(default)]
    pub control: bool,
    /// World changes only under this truth.
    #[serde(default)]
    pub timeline: Vec<TimedChange>,
    /// Manifest entries missing only under this truth.
    #[serde(default)]
    pub unset: Vec<Unset>,
    /// What releases make of their calls only under this truth.
    #[serde(default)]
    pub calls: Vec<HiddenCalls>,
    /// What endpoints of versions really do under this truth.
    #[serde(default)]
    pub does: Vec<Does>,
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
    /// Readings that tell it from the other truths once it has begun: what the reference responder looks at. Without any
    /// the responder works from failing traces alone.
    #[serde(default)]
    pub signs: Vec<Sign>,
    /// What contains it, each variant by itself; the reference responder takes the first.
    #[serde(default)]
    pub contain: Vec<Vec<Action>>,
    /// What corrects it once it is contained, each variant by itself; the reference responder takes the first.
    #[serde(default)]
    pub fix: Vec<Vec<Action>>,
    /// What suggests itself and makes it worse.
    #[serde(default)]
    pub tempting: Vec<Vec<Action>>,
}

/// A reading on one side of a threshold.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// What is read.
    pub signal: SignSignal,
    /// Flow, for users' requests.
    #[serde(default)]
    pub flow: Option<String>,
    /// Service.
    #[serde(default)]
    pub service: Option<String>,
    /// Service it calls, for calls as their caller sees them.
    #[serde(default)]
    pub callee: Option<String>,
    /// Region; all together without.
    #[serde(default)]
    pub region: Option<String>,
    /// Version of the service's instances.
    #[serde(default)]
    pub version: Option<String>,
    /// It lies above this: a share such as `5%`, a time such as `300ms`, a rate such as `40/s`, or a number.
    #[serde(default)]
    pub above: Option<String>,
    /// It lies at or below this.
    #[serde(default)]
    pub at_most: Option<String>,
}

/// What is read as a sign.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum SignSignal {
    /// Requests per second.
    Rate,
    /// Share of requests that succeeded, slow ones included.
    SuccessShare,
    /// Share of requests that failed.
    ErrorShare,
    /// Share of users' requests that succeeded later than their flow's bound.
    SlowShare,
    /// Median duration.
    LatencyP50,
    /// 95th percentile of the duration.
    LatencyP95,
    /// 99th percentile of the duration.
    LatencyP99,
    /// Share of workers in use.
    Saturation,
    /// Requests waiting for a worker, summed over instances.
    QueueDepth,
    /// Age of the oldest waiting request.
    QueueAge,
    /// Work that a queue has given up and keeps.
    DeadLetters,
    /// Share of computing capacity in use.
    Cpu,
    /// Instances that take requests.
    ReadyInstances,
}

/// What a version really does, whatever is written of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Does {
    /// Service.
    pub service: String,
    /// Version.
    pub version: String,
    /// Endpoints that differ from what is written.
    pub endpoints: Vec<Endpoint>,
}

/// An entry that is missing from a release's manifest.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unset {
    /// Service.
    pub service: String,
    /// Release whose manifest lacks it.
    pub version: String,
    /// Region whose manifest lacks it.
    pub region: String,
    /// Variable.
    pub variable: String,
}
