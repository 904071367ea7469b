//! The player's own desk: everything they stated, looked at, believed, did and said. Kept with the moment and the
//! journal entry of each, so that scoring can cite it.

use brownout_sim::blueprint::Change;
use brownout_sim::ids::DeploymentId;

use crate::command::{
    Action, Intervention, Look, Message, NewHypothesis, Status, Symptom, Verdict,
};
use crate::inside::Inside;
use crate::progress::CutShort;
use crate::view::PredictionOutcome;

/// When something was done and which journal entry says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Simulated time in nanoseconds.
    pub at_ns: u64,
    /// Sequence number in the journal.
    pub seq: u64,
}

/// A look with what it showed.
#[derive(Clone, Debug)]
pub struct Looked {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub look: Look,
    /// Reading of a single signal.
    pub reading: Option<u64>,
    /// Rows shown.
    pub rows: u32,
    /// A single thing in words; empty for whole panels.
    pub words: String,
}

/// A hypothesis over time.
#[derive(Clone, Debug)]
pub struct Hypothesis {
    /// When it was written down.
    pub stamp: Stamp,
    /// As written.
    pub written: NewHypothesis,
    /// What keeps it going.
    pub sustaining: Option<String>,
    /// Propagation path.
    pub path: Vec<String>,
    /// Confidence over time, in percent; the first entry is the original one.
    pub confidences: Vec<(u64, u8)>,
    /// Verdicts over time.
    pub verdicts: Vec<(Stamp, Verdict)>,
    /// Per prediction: outcome, reading and when it was decided.
    pub outcomes: Vec<(PredictionOutcome, Option<u64>, Option<Stamp>)>,
    /// Attached looks: sequence number of the look, whether it supports, when it was attached.
    pub evidence: Vec<(u64, bool, Stamp)>,
}

impl Hypothesis {
    /// Latest verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdicts
            .last()
            .map_or(Verdict::Open, |(_, verdict)| *verdict)
    }

    /// Confidence at a time, in percent; 0 before it was written down and once it was refuted or abandoned.
    #[must_use]
    pub fn confidence_at(&self, at_ns: u64) -> u8 {
        let decided = self
            .verdicts
            .iter()
            .rev()
            .find(|(stamp, _)| stamp.at_ns <= at_ns)
            .map(|(_, v)| *v);
        if matches!(decided, Some(Verdict::Refuted | Verdict::Abandoned)) {
            return 0;
        }
        self.confidences
            .iter()
            .rev()
            .find(|(at, _)| *at <= at_ns)
            .map_or(0, |(_, percent)| *percent)
    }
}

/// An action under way or done.
#[derive(Clone, Debug)]
pub struct Acted {
    /// When it was begun.
    pub stamp: Stamp,
    /// What and what for.
    pub intervention: Intervention,
    /// One line.
    pub title: String,
    /// How long it was expected to take, in nanoseconds.
    pub expected_ns: u64,
    /// World changes it consists of; empty for looking and asking.
    pub changes: Vec<Change>,
    /// Their operations in the world.
    pub operations: Vec<u32>,
    /// Deployments whose processes it replaces.
    pub replaces: Vec<DeploymentId>,
    /// For actions without world changes: when they are done.
    pub due_ns: Option<u64>,
    /// When it ended.
    pub done_ns: Option<u64>,
    /// How it ended then, if not by being done.
    pub cut_short: Option<CutShort>,
}

impl Acted {
    /// The action.
    #[must_use]
    pub const fn action(&self) -> &Action {
        &self.intervention.action
    }

    /// Whether it is to do nothing on purpose, for a stated time.
    #[must_use]
    pub const fn is_watch(&self) -> bool {
        matches!(self.action(), Action::Watch { .. })
    }

    /// Whether it changes the world.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !self.changes.is_empty()
    }
}

/// What a component said of itself when its evidence was captured.
#[derive(Clone, Debug)]
pub struct Dump {
    /// When it was written.
    pub at_ns: u64,
    /// Service.
    pub service: String,
    /// Region.
    pub region: String,
    /// What it said.
    pub inside: Inside,
}

/// A message with what the telemetry said of its claims when it was sent.
#[derive(Clone, Debug)]
pub struct Told {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub message: Message,
    /// Verdict per claim.
    pub checks: Vec<ClaimCheck>,
    /// When the next update was due before this one, if one was.
    pub due_ns: Option<u64>,
    /// Whether that time had been promised by the player, not just set by policy.
    pub promised: bool,
}

/// What the telemetry says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimCheck {
    /// It agrees.
    True,
    /// It disagrees.
    False,
    /// It says nothing, or the claim is about what only the truth can tell; judged in the debrief.
    Open,
}

/// Everything on the desk.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Acknowledgement.
    pub acknowledged: Option<Stamp>,
    /// Severities declared.
    pub severities: Vec<(Stamp, String)>,
    /// Symptoms stated.
    pub symptoms: Vec<(Stamp, Symptom)>,
    /// Looks.
    pub looks: Vec<Looked>,
    /// Requests made to see what becomes of them.
    pub attempts: Vec<crate::attempts::Attempt>,
    /// Dumps that were captured: they stay when the processes are gone.
    pub dumps: Vec<Dump>,
    /// Hypotheses.
    pub hypotheses: Vec<Hypothesis>,
    /// Actions.
    pub actions: Vec<Acted>,
    /// Messages.
    pub messages: Vec<Told>,
    /// Hints asked for.
    pub hints: Vec<Stamp>,
    /// Declared resolved.
    pub resolved: Option<Stamp>,
}

impl Desk {
    /// Status last announced.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.messages.last().map(|told| told.message.status)
    }

    /// Watches on purpose, begun or done.
    pub fn watches(&self) -> impl Iterator<Item = &Acted> {
        self.actions.iter().filter(|acted| acted.is_watch())
    }

    /// Whether there was a watch on purpose, and nothing was changed.
    #[must_use]
    pub fn only_watched(&self) -> bool {
        self.watches().next().is_some() && !self.actions.iter().any(Acted::is_change)
    }

    /// Confidence in "something else" at a time: what the open hypotheses leave, in percent.
    #[must_use]
    pub fn something_else_at(&self, at_ns: u64) -> u8 {
        let sum: u32 = self
            .hypotheses
            .iter()
            .map(|h| u32::from(h.confidence_at(at_ns)))
            .sum();
        u8::try_from(100u32.saturating_sub(sum)).unwrap_or(0)
    }
}
