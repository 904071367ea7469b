//! What follows from commands and from the passing of time, as the journal records it.

use serde::{Deserialize, Serialize};

use crate::view::PredictionOutcome;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// An alert began or ceased to fire.
    Alert {
        /// Rule.
        rule: String,
        /// Region.
        region: String,
        /// Began; otherwise ceased.
        firing: bool,
        /// Reading.
        reading: u64,
    },
    /// The player was paged.
    Paged {
        /// Text.
        text: String,
    },
    /// Somebody asked something.
    Asked {
        /// Number of the question.
        question: u32,
        /// Who.
        person: String,
        /// Words.
        text: String,
    },
    /// Somebody has waited too long for an answer.
    Impatient {
        /// Number of the question.
        question: u32,
        /// Who.
        person: String,
    },
    /// A question was answered.
    Answered {
        /// Number of the question.
        question: u32,
    },
    /// Somebody who was asked answers.
    Said {
        /// Who.
        person: String,
        /// Words.
        text: String,
    },
    /// A hint was asked for.
    Hinted {
        /// Words.
        text: String,
    },
    /// A command was refused.
    Refused {
        /// Why, in one line.
        why: String,
    },
    /// What a look showed.
    Seen {
        /// Reading of a single signal.
        reading: Option<u64>,
        /// Rows shown (flows, lines, traces, changes).
        rows: u32,
        /// A single thing in words: a log line, a span, a row, a change; of a component from inside, its first line. Empty for
        /// other whole panels.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
    },
    /// A request the player made has its result.
    Tried {
        /// Number, from 1.
        attempt: u32,
        /// What became of it.
        words: String,
    },
    /// A prediction was decided.
    Decided {
        /// Hypothesis.
        hypothesis: u32,
        /// Prediction, from 0.
        prediction: u32,
        /// Outcome.
        outcome: PredictionOutcome,
        /// Reading it was decided by.
        reading: Option<u64>,
    },
    /// An action began.
    Began {
        /// Number of the action.
        action: u32,
    },
    /// An action was done.
    Done {
        /// Number of the action.
        action: u32,
    },
    /// An action was overtaken by a later one.
    Superseded {
        /// Number of the action.
        action: u32,
    },
    /// An action stopped halfway because what it brought did not work.
    Halted {
        /// Number of the action.
        action: u32,
    },
    /// The session ended.
    Ended {
        /// Why.
        why: EndReason,
    },
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The player declared it resolved.
    Declared,
    /// The scenario's horizon was reached.
    Horizon,
    /// The world could not go on: too many requests in flight.
    LimitInFlight,
    /// The world could not go on: calls without delay call each other.
    LimitZeroDelay,
}
