//! A compiled scenario: the simulation blueprint and everything around it, all names resolved, one truth drawn.

use std::sync::Arc;

use brownout_sim::blueprint::Blueprint;
pub use brownout_sim::blueprint::ChangeKind;
use brownout_sim::ids::{FlagId, FlowId, RegionId, ServiceId, VersionId};

use crate::action::Action;
pub use crate::model::{AlertLevel, PersonRole, SignSignal, Topic};

/// A compiled scenario under one truth.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Unique name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Library card text.
    pub summary: String,
    /// Briefing.
    pub briefing: String,
    /// Field-guide ids trained.
    pub skills: Vec<String>,
    /// 1 to 5.
    pub difficulty: u8,
    /// Name, title and description of the system.
    pub system: (String, String, String),
    /// What the world is built from.
    pub blueprint: Arc<Blueprint>,
    /// Hash of the blueprint and of everything else that decides a run.
    pub hash: u64,
    /// Unix time in seconds of simulated time 0.
    pub start_unix_s: i64,
    /// Harm is integrated from the truth's onset to this time.
    pub horizon_ns: u64,
    /// Objective of the main flow, Q32 share.
    pub objective_q32: u64,
    /// Index of the paging alert in `alerts`.
    pub page_alert: usize,
    /// When a person pages if the alert has not fired.
    pub page_latest_ns: u64,
    /// Text of that page.
    pub page_text: String,
    /// Alert rules.
    pub alerts: Vec<AlertRule>,
    /// Releases with their notes, in version-id order; versions without a release note have empty texts.
    pub releases: Vec<Release>,
    /// Change log: history and visible timeline entries, sorted by time.
    pub records: Vec<ChangeRecord>,
    /// People.
    pub people: Vec<Person>,
    /// Severity levels from worst to mildest.
    pub severities: Vec<Severity>,
    /// First message due this long after the page.
    pub first_message_ns: u64,
    /// Message with scope due this long after the page.
    pub scope_message_ns: u64,
    /// Longest time between updates.
    pub update_interval_ns: u64,
    /// Per flow: title and whether it is the main one.
    pub flows: Vec<FlowText>,
    /// The main flow.
    pub main_flow: FlowId,
    /// Per service: description and owning team.
    pub services: Vec<ServiceText>,
    /// Per flag: feature users lose while it is off.
    pub flag_features: Vec<String>,
    /// Service graph rank for drawing: longest call distance from the users, per service.
    pub ranks: Vec<u16>,
    /// Services whose version at the start was released shortly before, and the version that ran until then.
    pub before: Vec<(ServiceId, VersionId)>,
    /// What is really going on. Not part of any view.
    pub truth: Truth,
    /// Number of truths the scenario has.
    pub truth_count: usize,
    /// What the player can ask for when stuck, in this order.
    pub hints: Vec<String>,
    /// Weights of the three dimensions of the score.
    pub dimension_weights: [u32; 3],
    /// Points of criteria that differ from the usual ones.
    pub criteria_points: std::collections::BTreeMap<String, u32>,
    /// Every truth there might be, with what tells it apart and what is to be done. Not part of any view; the reference
    /// responder has them as what a practised person would think of, without knowing which one holds.
    pub rivals: Vec<Rival>,
}

/// A truth there might be.
#[derive(Clone, Debug)]
pub struct Rival {
    /// Name of the truth.
    pub name: String,
    /// Component.
    pub component: String,
    /// Mechanism: an id of the glossary.
    pub mechanism: String,
    /// Title of the change that set it off, as the change log has it.
    pub trigger: Option<String>,
    /// What keeps the harm going: an id of the glossary.
    pub sustaining: String,
    /// Services the failure passes through, the guilty one first.
    pub path: Vec<String>,
    /// Readings that tell it from the others.
    pub signs: Vec<Sign>,
    /// What contains it, each variant by itself.
    pub contain: Vec<Vec<Action>>,
    /// What corrects it afterwards, each variant by itself.
    pub fix: Vec<Vec<Action>>,
    /// What suggests itself and makes it worse.
    pub tempting: Vec<Vec<Action>>,
}

/// A reading on one side of a threshold.
#[derive(Clone, Debug)]
pub struct Sign {
    /// What is read.
    pub signal: SignSignal,
    /// Flow.
    pub flow: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// Service it calls.
    pub callee: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Whether it lies above the threshold; otherwise at or below it.
    pub above: bool,
    /// Threshold: shares in parts per million, times in microseconds, rates in thousandths of a request a second.
    pub threshold: u64,
}

/// Words about a flow.
#[derive(Clone, Debug)]
pub struct FlowText {
    /// Title.
    pub title: String,
    /// Whether it is the main flow.
    pub main: bool,
}

/// Words about a service.
#[derive(Clone, Debug)]
pub struct ServiceText {
    /// What it does.
    pub description: String,
    /// Owning team.
    pub owner: String,
}

/// An alert rule; it watches every region by itself.
#[derive(Clone, Debug)]
pub struct AlertRule {
    /// Unique name.
    pub name: String,
    /// What is watched.
    pub signal: AlertSignal,
    /// Look-back window.
    pub window_ns: u64,
    /// How long the condition must hold.
    pub hold_ns: u64,
    /// Level.
    pub level: AlertLevel,
    /// Steps of the runbook.
    pub runbook: Vec<String>,
}

/// What an alert watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertSignal {
    /// Success share of a flow below a Q32 threshold.
    FlowSuccessBelow(FlowId, u64),
    /// p95 of a flow above a threshold in nanoseconds.
    FlowLatencyAbove(FlowId, u64),
    /// Error share of a service above a Q32 threshold.
    ServiceErrorsAbove(ServiceId, u64),
    /// Share of busy workers of a service above a Q32 threshold.
    SaturationAbove(ServiceId, u64),
    /// Share of busy cores of a service above a Q32 threshold.
    CpuAbove(ServiceId, u64),
    /// Requests waiting for a worker of a service above a number.
    WaitingAbove(ServiceId, u64),
    /// Age of the oldest waiting request of a service above a threshold in nanoseconds.
    QueueAgeAbove(ServiceId, u64),
    /// Dead letters of a queue above a number.
    DeadLettersAbove(ServiceId, u64),
    /// Failing share of a flow above a Q32 threshold over the window and over a shorter one, in nanoseconds.
    BurnRateAbove(FlowId, u64, u64),
    /// No sample of a service.
    Absent(ServiceId),
}

/// Words about a version.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Release note.
    pub notes: String,
    /// Feature lost when rolled back.
    pub feature: String,
    /// Patch excerpts as (file, text).
    pub hunks: Vec<(String, String)>,
}

/// One line of the change log.
#[derive(Clone, Debug)]
pub struct ChangeRecord {
    /// Nanoseconds relative to simulated time 0; negative for history, [`i64::MAX`] where it waits for something.
    pub at_ns: i64,
    /// Kind of change.
    pub kind: ChangeKind,
    /// One line.
    pub title: String,
    /// Who made it.
    pub by: String,
    /// Details.
    pub detail: String,
    /// Service it is about.
    pub service: Option<ServiceId>,
    /// Version it deploys.
    pub version: Option<VersionId>,
    /// Flag it changes.
    pub flag: Option<FlagId>,
    /// Regions it touches; empty for all.
    pub regions: Vec<RegionId>,
    /// Name in the scenario file, for the truth's trigger. Not part of any view.
    pub key: Option<String>,
    /// Position among the blueprint's conditional changes, if it is one.
    pub conditional: Option<usize>,
}

/// Somebody around the incident.
#[derive(Clone, Debug)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Role.
    pub role: PersonRole,
    /// Service they answer for.
    pub owns: Option<ServiceId>,
    /// Patience.
    pub patience_ns: u64,
    /// Delay of an answer.
    pub answers_after_ns: u64,
    /// Unprompted questions, sorted by time after the page.
    pub asks: Vec<Question>,
    /// What they say when paged, under the drawn truth.
    pub says: Vec<String>,
}

/// An unprompted question.
#[derive(Clone, Debug)]
pub struct Question {
    /// Time after the page.
    pub after_ns: u64,
    /// Words.
    pub text: String,
    /// What a good answer contains.
    pub wants: Vec<Topic>,
}

/// A severity level.
#[derive(Clone, Debug)]
pub struct Severity {
    /// Name.
    pub name: String,
    /// When it applies, in words.
    pub when: String,
    /// Failing share of the main flow from which it applies, Q32.
    pub failing_q32: u64,
    /// Slow share of the main flow from which it applies too, Q32.
    pub slow_q32: Option<u64>,
    /// Age of the oldest work in a queue with a bound from which it applies too.
    pub late_ns: Option<u64>,
}

/// What is really going on.
#[derive(Clone, Debug)]
pub struct Truth {
    /// Position among the scenario's truths.
    pub index: usize,
    /// Name.
    pub name: String,
    /// When harm begins to count.
    pub onset_ns: u64,
    /// Nothing is broken and the right move is to watch. Says the same as the mechanism's family.
    pub control: bool,
    /// Guilty component.
    pub component: ServiceId,
    /// Regions affected.
    pub regions: Vec<RegionId>,
    /// Mechanism: an id of the glossary.
    pub mechanism: String,
    /// Position in `records` of the change that set it off.
    pub trigger: Option<usize>,
    /// What keeps the harm going: an id of the glossary.
    pub sustaining: String,
    /// Services the failure passes through, the guilty one first.
    pub path: Vec<ServiceId>,
    /// What happened.
    pub explanation: String,
}
