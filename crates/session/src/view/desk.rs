//! What the player wrote down and did.

use crate::command::{Action, Look, NewHypothesis, Verdict};
use crate::progress::CutShort;
use crate::reader::TraceRow;

/// A hypothesis.
#[derive(Clone, Debug)]
pub struct HypothesisView {
    /// Number.
    pub id: u32,
    /// When it was written down.
    pub at_ns: u64,
    /// As written, with later refinements.
    pub written: NewHypothesis,
    /// What keeps it going.
    pub sustaining: Option<String>,
    /// Propagation path.
    pub path: Vec<String>,
    /// Percent.
    pub confidence: u8,
    /// Verdict.
    pub verdict: Verdict,
    /// Outcome per prediction.
    pub outcomes: Vec<PredictionOutcome>,
    /// Looks attached, in the order they were.
    pub evidence: Vec<EvidenceView>,
}

/// Something looked at, attached to a hypothesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceView {
    /// Sequence number of the look.
    pub observed: u64,
    /// Whether it speaks for the hypothesis; otherwise against.
    pub supports: bool,
    /// When it was looked at.
    pub at_ns: u64,
    /// What.
    pub look: Look,
    /// Reading of a single signal, as it was then.
    pub reading: Option<u64>,
    /// A single thing in words, as it was then; empty for whole panels.
    pub words: String,
}

/// A request the player made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptView {
    /// Number, from 1.
    pub number: u32,
    /// When it was made.
    pub at_ns: u64,
    /// Flow.
    pub flow: String,
    /// Region.
    pub region: String,
    /// Segment; empty without any.
    pub segment: String,
    /// What became of it, and its trace, once it has a result.
    pub result: Option<(String, Option<TraceRow>)>,
}

/// Outcome of a prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionOutcome {
    /// Not looked at yet.
    #[default]
    Undecided,
    /// It came true.
    Met,
    /// It did not.
    NotMet,
    /// There were no samples.
    NotObservable,
}

/// An action.
#[derive(Clone, Debug)]
pub struct ActionView {
    /// Number, from 1.
    pub id: u32,
    /// When it was begun.
    pub at_ns: u64,
    /// What.
    pub action: Action,
    /// One line.
    pub title: String,
    /// Hypothesis it serves.
    pub serves: Option<u32>,
    /// Steps done and in all (instances replaced, for a rollout).
    pub progress: (u16, u16),
    /// How long it was expected to take, in nanoseconds.
    pub expected_ns: u64,
    /// When it ended.
    pub done_ns: Option<u64>,
    /// How it ended then, if not by being done.
    pub cut_short: Option<CutShort>,
}

/// What an action would mean, shown before confirming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preflight {
    /// One line: what changes.
    pub title: String,
    /// Expected duration in nanoseconds.
    pub expected_ns: u64,
    /// Whether it can be undone.
    pub reversible: bool,
    /// What else it touches.
    pub blast_radius: String,
    /// Evidence that dies.
    pub evidence_lost: String,
    /// Price to accept.
    pub price: String,
}
