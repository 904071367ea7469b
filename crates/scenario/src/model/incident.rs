//! The scenario file: what happens on a system, and what really goes on.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::data::{Plan, Schemas};
use super::instances::{Leak, Only, ProcessEffect};
use super::network::{CredentialAction, NameState, Party, Quality, RateLimit};
use super::people::Person;
use super::system::{DurationText, Endpoint, FactorText, ShareText};

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
    /// Schemas of databases it works with; with those not named, any.
    #[serde(default)]
    pub schemas: Schemas,
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
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
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
    /// Empty a cache.
    FlushCache {
        /// Cache.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Give a cache's instances room for another number of entries.
    ResizeCache {
        /// Cache.
        service: String,
        /// Entries of each instance.
        entries: u32,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Have a share of all requests be about one key; `0%` ends it.
    HotKey {
        /// Key space.
        keys: String,
        /// Key, from 0; 0 is the most asked-for anyway.
        key: u32,
        /// Share.
        share: ShareText,
    },
    /// Have an endpoint fail for requests about keys from `first` to `last`.
    Poison {
        /// Service.
        service: String,
        /// Endpoint.
        endpoint: String,
        /// Key space.
        keys: String,
        /// First key.
        first: u32,
        /// Last key.
        last: u32,
    },
    /// Have an endpoint fail for no keys any more.
    Heal {
        /// Service.
        service: String,
        /// Endpoint.
        endpoint: String,
    },
    /// Change how a query finds its rows: an index is dropped or built, statistics mislead the planner.
    SetPlan {
        /// Database.
        service: String,
        /// Query.
        query: String,
        /// New plan.
        plan: Plan,
        /// Time until it is in force, such as that of building an index; default none.
        #[serde(default)]
        after: Option<DurationText>,
    },
    /// Add rows to a table.
    GrowTable {
        /// Database.
        service: String,
        /// Table.
        table: String,
        /// Rows.
        rows: u64,
    },
    /// Bring a database to another schema by rebuilding a table.
    Migrate {
        /// Database.
        service: String,
        /// Table.
        table: String,
        /// Schema afterwards; the run begins with 0.
        schema: u16,
        /// How long it takes once it has begun.
        over: DurationText,
        /// It has the table to itself meanwhile; default true.
        #[serde(default = "yes")]
        locks: bool,
    },
    /// Make a replica the primary.
    FailOver {
        /// Database.
        service: String,
        /// Region of the new primary; default that of the replica that has most.
        #[serde(default)]
        to: Option<String>,
    },
    /// Stop the consumers of a queue.
    Pause {
        /// Queue.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Start the consumers of a queue again.
    Resume {
        /// Queue.
        service: String,
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
        /// Instances concerned; default all.
        #[serde(default)]
        only: Only,
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
        /// Instances concerned; default all.
        #[serde(default)]
        only: Only,
        /// Share.
        share: ShareText,
    },
    /// Something happens to the processes of a service.
    Process {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Instances concerned; default all.
        #[serde(default)]
        only: Only,
        /// What happens.
        effect: ProcessEffect,
    },
    /// Run another number of instances.
    Scale {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Instances in each region.
        replicas: u32,
    },
    /// Deploy a version to a share of the instances, wait, then to the rest.
    Canary {
        /// Service.
        service: String,
        /// Version.
        version: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Share of the instances, rounded up.
        share: ShareText,
        /// Pause once they are ready; left out, it waits for `Proceed`.
        #[serde(default)]
        pause: Option<DurationText>,
    },
    /// Go on with a canary that waits.
    Proceed {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
    },
    /// Let the autoscaler work, or not.
    Autoscale {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Whether it works.
        on: bool,
    },
    /// Multiply the arrival rate of some of the users: a spike, a campaign, a flash crowd, or its end.
    Traffic {
        /// Flow, or all.
        #[serde(default)]
        flow: Option<String>,
        /// Regions of the users.
        #[serde(default)]
        regions: Vec<String>,
        /// Segment, or all.
        #[serde(default)]
        segment: Option<String>,
        /// Client version, or all.
        #[serde(default)]
        client: Option<String>,
        /// Factor on top of the flow's own profile.
        factor: FactorText,
    },
    /// Limit the rate of requests at the door of a service's deployments, in the place of a limit of the same scope.
    Limit {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Limit.
        limit: RateLimit,
    },
    /// Take the limit of a scope away.
    Unlimit {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Flow of the limit.
        #[serde(default)]
        flow: Option<String>,
        /// Segment of the limit.
        #[serde(default)]
        segment: Option<String>,
    },
    /// Give messages another quality beside that of the system's links; a quality left out ends it.
    Link {
        /// Region they come from, or all.
        #[serde(default)]
        from_region: Option<String>,
        /// Region they go to, or all.
        #[serde(default)]
        to_region: Option<String>,
        /// Sender.
        #[serde(default)]
        from: Party,
        /// Receiver.
        #[serde(default)]
        to: Party,
        /// Messages in the other direction too.
        #[serde(default)]
        both: bool,
        /// Quality.
        #[serde(default)]
        quality: Quality,
    },
    /// Let a service's name point elsewhere.
    PointName {
        /// Service.
        service: String,
        /// Service it points to, by mistake; without it the right one.
        #[serde(default)]
        to: Option<String>,
        /// Region it points to; without it the one that serves the client's region.
        #[serde(default)]
        region: Option<String>,
    },
    /// Let a service's name be answered in another way.
    AnswerName {
        /// Service.
        service: String,
        /// How.
        state: NameState,
    },
    /// Give a service another certificate.
    Certificate {
        /// Service.
        service: String,
        /// Simulated time at which it expires.
        expires: DurationText,
    },
    /// Rotate or revoke the credential of one service with another.
    Credential {
        /// Service that holds it.
        client: String,
        /// Service that checks it.
        server: String,
        /// What is done.
        action: CredentialAction,
    },
    /// Set clocks; neither ahead nor behind sets them right.
    Skew {
        /// Service.
        service: String,
        /// Regions.
        #[serde(default)]
        regions: Vec<String>,
        /// Position of one instance in each deployment, from 0; all without.
        #[serde(default)]
        instance: Option<u16>,
        /// How far they are ahead.
        #[serde(default)]
        ahead: Option<DurationText>,
        /// How far they are behind.
        #[serde(default)]
        behind: Option<DurationText>,
    },
    /// A note in the change log without any effect on the world (a decoy such as a rebuilt index).
    Note,
}

const fn yes() -> bool {
    true
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
