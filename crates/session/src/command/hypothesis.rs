//! Hypotheses as they are written down, and what they predict.

use serde::{Deserialize, Serialize};

use super::Metric;

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
    /// Threshold in the signal's unit: see [`Signal`](brownout_telemetry::signal::Signal).
    pub threshold: u64,
    /// Region it is compared with: then the threshold is for the difference between both readings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versus: Option<String>,
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
