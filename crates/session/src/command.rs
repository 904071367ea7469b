//! What a responder can do. Commands name things as people do; a session resolves the names.

use brownout_telemetry::signal::Signal;
use serde::{Deserialize, Serialize};

/// A responder's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Acknowledge the page (C1).
    Acknowledge,
    /// Declare the severity (C1).
    DeclareSeverity {
        /// Name from the scenario's severity policy.
        severity: String,
    },
    /// State the symptom before any theory (P1).
    StateSymptom(Symptom),
    /// Look at something for long enough to read it.
    Observe(Look),
    /// Write a hypothesis down (P5).
    Hypothesise(NewHypothesis),
    /// Change the confidence of a hypothesis.
    SetConfidence {
        /// Hypothesis.
        hypothesis: u32,
        /// Percent.
        percent: u8,
    },
    /// Attach something looked at to a hypothesis.
    AttachEvidence {
        /// Hypothesis.
        hypothesis: u32,
        /// Sequence number of the `Observe`.
        observed: u64,
        /// Whether it speaks for the hypothesis; otherwise against.
        supports: bool,
    },
    /// Decide a hypothesis.
    Judge {
        /// Hypothesis.
        hypothesis: u32,
        /// Verdict.
        verdict: Verdict,
    },
    /// Complete a hypothesis with what became known later.
    Refine {
        /// Hypothesis.
        hypothesis: u32,
        /// Change held to have set it off, as titled in the change log; empty for none.
        trigger: Option<String>,
        /// What keeps it going.
        sustaining: Option<String>,
        /// Services the failure passes through, the guilty one first.
        path: Vec<String>,
    },
    /// Tell people something (C2–C9).
    Tell(Message),
    /// Do something to the system, or ask somebody to.
    Act(Intervention),
    /// Declare the incident resolved (P7).
    Resolve,
}

/// A stated symptom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// What users feel.
    pub kind: SymptomKind,
    /// Flow.
    pub flow: String,
    /// Regions affected; empty for all.
    pub regions: Vec<String>,
    /// Since when, in seconds of simulated time.
    pub since_s: u64,
    /// Severity.
    pub severity: String,
    /// Direction.
    pub trend: Trend,
}

/// What users feel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SymptomKind {
    /// Requests fail.
    Errors,
    /// Requests are slow.
    Slowness,
    /// Old data.
    StaleData,
    /// Something is not there.
    MissingFunctionality,
    /// Work is lost or done twice.
    LostOrDuplicatedWork,
}

/// Direction of a symptom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Getting worse.
    Worse,
    /// Neither.
    Steady,
    /// Getting better.
    Better,
}

/// Something to look at. `window_s` is how far back the look goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The table of all flows by region: requests, success, p95.
    Overview,
    /// The live topology.
    Topology,
    /// One signal.
    Metric {
        /// Signal and scope.
        metric: Metric,
        /// Window.
        window_s: u64,
    },
    /// Log lines of a service.
    Logs {
        /// Service.
        service: String,
        /// Region; all when left out.
        region: Option<String>,
        /// Window.
        window_s: u64,
    },
    /// Traces of a flow.
    Traces {
        /// Flow.
        flow: String,
        /// Region of the users; all when left out.
        region: Option<String>,
        /// Only failed or slow ones.
        failing: bool,
        /// Window.
        window_s: u64,
    },
    /// The change log.
    Changes {
        /// Window.
        window_s: u64,
    },
    /// Configuration and versions of a service across its regions.
    Diff {
        /// Service.
        service: String,
    },
    /// Release note and patch of a version.
    Release {
        /// Service.
        service: String,
        /// Version.
        version: String,
    },
}

/// A signal with its scope, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// Signal.
    pub signal: Signal,
    /// Flow, for users' requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Called service, for calls as their caller sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<String>,
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Metric {
    /// A signal of a flow's users in a region.
    #[must_use]
    pub fn flow(signal: Signal, flow: &str, region: Option<&str>) -> Self {
        Self {
            flow: Some(flow.to_owned()),
            ..Self::bare(signal, region)
        }
    }

    /// A signal of a service in a region.
    #[must_use]
    pub fn service(signal: Signal, service: &str, region: Option<&str>) -> Self {
        Self {
            service: Some(service.to_owned()),
            ..Self::bare(signal, region)
        }
    }

    /// A signal of a service's calls to another.
    #[must_use]
    pub fn calls(signal: Signal, service: &str, callee: &str, region: Option<&str>) -> Self {
        Self {
            callee: Some(callee.to_owned()),
            ..Self::service(signal, service, region)
        }
    }

    fn bare(signal: Signal, region: Option<&str>) -> Self {
        Self {
            signal,
            flow: None,
            service: None,
            callee: None,
            region: region.map(str::to_owned),
            version: None,
        }
    }
}

/// A hypothesis as it is first written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewHypothesis {
    /// Suspected component.
    pub suspect: String,
    /// Mechanism: an id of the glossary.
    pub mechanism: String,
    /// Regions it holds for; empty for all.
    pub regions: Vec<String>,
    /// Change held to have set it off, as titled in the change log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// Signals that would confirm or kill it.
    pub predictions: Vec<Prediction>,
    /// Percent.
    pub confidence: u8,
}

/// A machine-checkable prediction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    /// Signal and scope.
    pub metric: Metric,
    /// Which side of the threshold.
    pub expect: Expect,
    /// Threshold in the signal's unit: see [`Signal`].
    pub threshold: u64,
    /// Window the signal is read over.
    pub window_s: u64,
    /// Decided at the latest this long after it was written down.
    pub within_s: u64,
}

/// Side of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// Above it.
    Above,
    /// At or below it.
    AtMost,
}

impl Expect {
    /// Whether a reading is on this side.
    #[must_use]
    pub const fn holds(self, reading: u64, threshold: u64) -> bool {
        match self {
            Self::Above => reading > threshold,
            Self::AtMost => reading <= threshold,
        }
    }
}

/// Verdict on a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Undecided.
    Open,
    /// Evidence speaks for it.
    Supported,
    /// Evidence speaks against it.
    Refuted,
    /// Not pursued.
    Abandoned,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Whom it is for.
    pub audience: Audience,
    /// Status it announces.
    pub status: Status,
    /// What it claims.
    pub claims: Vec<Claim>,
    /// Free words, at most 140 characters.
    #[serde(default)]
    pub words: String,
    /// When the next update comes, in minutes from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update_min: Option<u32>,
    /// Question it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u32>,
}

/// Whom a message is for (C6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Users.
    Public,
    /// Leadership.
    Executives,
    /// The people working on it.
    Responders,
}

/// Status of the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Cause unknown.
    Investigating,
    /// Cause known, not yet contained.
    Identified,
    /// Contained, being watched.
    Monitoring,
    /// Over.
    Resolved,
}

/// One checkable statement of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// What users feel in which flow.
    Impact {
        /// Kind.
        kind: SymptomKind,
        /// Flow.
        flow: String,
    },
    /// Where.
    Scope {
        /// Regions affected.
        regions: Vec<String>,
    },
    /// Since when, in seconds of simulated time.
    Since {
        /// Time.
        since_s: u64,
    },
    /// A figure as the sender saw it.
    Figure {
        /// Signal.
        metric: Metric,
        /// Reading in the signal's unit.
        value: u64,
    },
    /// A cause.
    Cause {
        /// Component.
        component: String,
        /// Whether it is stated as known; otherwise as suspected.
        known: bool,
    },
    /// The cause is not known yet.
    CauseUnknown,
    /// What is being done: a mitigation is under way or in place.
    Mitigating,
    /// What users can do meanwhile, or that there is nothing.
    Workaround {
        /// Words.
        words: String,
    },
    /// Users are served again.
    Recovered,
    /// Whether work was lost.
    DataLoss {
        /// Some was.
        lost: bool,
    },
    /// A review will follow.
    FollowUp,
}

/// An action with what it is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intervention {
    /// Action.
    pub action: Action,
    /// Hypothesis it tests or serves; `None` for containment without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<u32>,
    /// The price shown before confirming was accepted.
    #[serde(default)]
    pub price_accepted: bool,
}

/// An action. Regions left out mean all regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Deploy the version that ran before the last deploy (A1).
    Rollback {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Deploy a version (A16).
    Deploy {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Version.
        version: String,
    },
    /// Set a flag's share (A2).
    SetFlag {
        /// Flag.
        flag: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Percent of requests.
        percent: u8,
    },
    /// Set a configuration value and restart what reads it (A3).
    SetVariable {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// Variable.
        variable: String,
        /// Value; `None` removes it from the overlay.
        value: Option<String>,
    },
    /// Send users of a region to another (A4).
    ShiftTraffic {
        /// From.
        from: String,
        /// To.
        to: String,
        /// Percent of users.
        percent: u8,
    },
    /// Restart a service, one batch at a time (A10).
    Restart {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Take a thread and connection dump of a service's instances, which a restart would destroy (A18).
    CaptureEvidence {
        /// Service.
        service: String,
        /// Region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    /// Ask somebody who may know (A19).
    PagePerson {
        /// Name.
        person: String,
    },
}
