//! What people are told.

use serde::{Deserialize, Serialize};

use super::{Metric, SymptomKind};

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

impl Message {
    /// Whether it holds neither a statement nor words. A promise alone tells nobody anything.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.claims.is_empty() && self.words.trim().is_empty()
    }
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
        /// Regions affected; empty for none.
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
    /// What is being done: it is watched on purpose and nothing is changed.
    Watching,
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
