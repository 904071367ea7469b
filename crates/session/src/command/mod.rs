//! What a responder can do. Commands name things as people do; a session resolves the names.

mod action;
mod hypothesis;
mod look;
mod message;

use serde::{Deserialize, Serialize};

pub use action::{Action, Intervention};
pub use hypothesis::{Expect, NewHypothesis, Prediction, Verdict};
pub use look::{Look, Metric};
pub use message::{Audience, Claim, Message, Status};

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
    /// Make a request of a flow oneself, as a user of a segment in a region would (S13). What became of it is known when it
    /// has its result.
    Try {
        /// Flow.
        flow: String,
        /// Region.
        region: String,
        /// Segment; any of those in the region when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        segment: Option<String>,
    },
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
    /// Ask for the next hint. It costs points.
    AskHint,
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
    /// Users notice nothing.
    NoImpact,
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
