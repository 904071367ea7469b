//! Everything a debrief shows, as plain data: the screen, the reports and JSON read the same.

use std::collections::BTreeMap;

use brownout_session::Session;
use brownout_session::command::Metric;
use brownout_session::harm::Harm;
use brownout_session::outcome::{Conclusion, Diagnosed, OutcomeKind};
use brownout_session::score::{Criterion, Dimension, ScoreCard};
use brownout_telemetry::signal::Signal;
use serde::Serialize;

use super::belief::Belief;
use super::curves::Curve;
use super::diagnosis::{Part, parts};
use super::moments::Moment;
use super::{belief, moments, words};

/// What one reading of the main flow's errors is taken over, in nanoseconds.
const READING_NS: u64 = 30_000_000_000;

/// How a claim stands against the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was so.
    True,
    /// It was not.
    False,
    /// Nothing tells.
    Open,
}

/// A claim of a message, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The claim in words.
    pub claim: String,
    /// How it stands.
    pub standing: Standing,
}

/// A message with its claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Journal entry.
    pub seq: u64,
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// Whom it was for.
    pub audience: &'static str,
    /// Status announced.
    pub status: &'static str,
    /// Free words.
    pub words: String,
    /// Claims.
    pub claims: Vec<Checked>,
}

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Act {
    /// Its number, from 1.
    pub number: u32,
    /// Journal entry.
    pub seq: u64,
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// One line.
    pub title: String,
    /// Whether it changed the world.
    pub changes: bool,
}

/// Everything a debrief shows. The curves and the score arrive later than the rest.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Debrief {
    /// Stable name of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Seed.
    pub seed: u64,
    /// Who played.
    pub player: String,
    /// How it ended; `None` while that is computed.
    pub outcome: Option<OutcomeKind>,
    /// Seconds from the onset until containment.
    pub contained_s: Option<u64>,
    /// Nothing was broken, and the right move was to watch.
    pub control: bool,
    /// Calendar time of simulated time 0, in Unix seconds.
    pub start_unix_s: i64,
    /// When the harm began.
    pub onset_ns: u64,
    /// When the page came.
    pub page_ns: Option<u64>,
    /// When the session ended.
    pub end_ns: u64,
    /// To when harm is counted.
    pub horizon_ns: u64,
    /// Harm.
    pub harm: Harm,
    /// What the diagnosis got right.
    pub diagnosed: Diagnosed,
    /// The same with names.
    pub diagnosis: Vec<Part>,
    /// What really happened.
    pub explanation: String,
    /// Messages.
    pub messages: Vec<Sent>,
    /// Symptoms stated, with the time of each.
    pub symptoms: Vec<(u64, String)>,
    /// Actions.
    pub actions: Vec<Act>,
    /// What was believed, one line per hypothesis.
    pub beliefs: Vec<Belief>,
    /// What the hypotheses left for something else, in percent, from each time on.
    pub something_else: Vec<(u64, u8)>,
    /// What happened, in words, in the order of time.
    pub moments: Vec<Moment>,
    /// Error share of the main flow in parts per million at each scrape.
    pub errors: Vec<(u64, Option<u64>)>,
    /// Title of the main flow.
    pub main_flow: String,
    /// Harm over time.
    pub curves: Vec<Curve>,
    /// The score, once it is there.
    pub score: Option<ScoreCard>,
    /// Its criteria.
    pub criteria: Vec<Criterion>,
    /// Times of journal entries that criteria rest on, by sequence number, in nanoseconds.
    pub times: BTreeMap<u64, u64>,
}

/// A part of a debrief as it is delivered.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Everything but curves and score.
    Facts(Box<Debrief>),
    /// A curve.
    Curve(Curve),
    /// How many of the runs are done, of how many.
    Progress(usize, usize),
    /// The score; it comes last.
    Card(ScoreCard),
}

impl Debrief {
    /// What is known without what-if runs.
    #[must_use]
    pub fn of(session: &Session, conclusion: &Conclusion) -> Self {
        let scenario = session.scenario();
        let header = session.header();
        let times = session
            .records()
            .iter()
            .map(|record| (record.seq, record.at_ms * 1_000_000))
            .collect();
        let actions = session.desk().actions.iter().zip(1..);
        let flow = scenario.blueprint.flows.get(scenario.main_flow.index());
        Self {
            beliefs: belief::beliefs(session),
            something_else: belief::something_else(session),
            moments: moments::moments(session),
            errors: flow.map_or_else(Vec::new, |flow| errors(session, &flow.name)),
            main_flow: scenario
                .flows
                .get(scenario.main_flow.index())
                .map_or_else(String::new, |flow| flow.title.clone()),
            scenario: header.scenario.clone(),
            title: scenario.title.clone(),
            seed: header.seed,
            player: header.player.clone(),
            outcome: Some(conclusion.outcome),
            contained_s: conclusion.contained_s,
            control: scenario.truth.control,
            start_unix_s: scenario.start_unix_s,
            onset_ns: scenario.truth.onset_ns,
            page_ns: session.page_ns(),
            end_ns: session.now_ns(),
            horizon_ns: scenario.horizon_ns,
            harm: conclusion.harm.clone(),
            diagnosed: conclusion.diagnosed,
            diagnosis: parts(session, &conclusion.diagnosed),
            explanation: scenario.truth.explanation.clone(),
            symptoms: moments::symptoms(session),
            messages: session
                .desk()
                .messages
                .iter()
                .map(|told| words::sent(scenario, told))
                .collect(),
            actions: actions
                .map(|(acted, number)| Act {
                    number,
                    seq: acted.stamp.seq,
                    at_ns: acted.stamp.at_ns,
                    title: acted.title.clone(),
                    changes: acted.is_change(),
                })
                .collect(),
            times,
            ..Self::default()
        }
    }

    /// Adds a piece.
    pub fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Facts(facts) => {
                let curves = std::mem::take(&mut self.curves);
                *self = *facts;
                self.curves.extend(curves);
            }
            Piece::Curve(curve) => {
                self.curves.push(curve);
                self.curves.sort_by_key(|curve| curve.kind);
            }
            // What is still to come is no part of a debrief.
            Piece::Progress(..) => {}
            Piece::Card(card) => {
                self.criteria.clone_from(&card.criteria);
                self.score = Some(card);
            }
        }
    }

    /// Criteria of a dimension.
    pub fn criteria_of(&self, dimension: Dimension) -> impl Iterator<Item = &Criterion> {
        self.criteria
            .iter()
            .filter(move |row| row.dimension == dimension)
    }

    /// The criteria that lost most points, at most three.
    #[must_use]
    pub fn would_have_helped(&self) -> Vec<&Criterion> {
        let mut lost: Vec<&Criterion> = self
            .criteria
            .iter()
            .filter(|row| row.earned < row.max && !row.better.is_empty())
            .collect();
        lost.sort_by_key(|row| std::cmp::Reverse(row.max - row.earned));
        lost.truncate(3);
        lost
    }

    /// When the first journal entries of a criterion were made.
    pub fn evidence_times<'a>(&'a self, row: &'a Criterion) -> impl Iterator<Item = u64> + 'a {
        row.evidence
            .iter()
            .filter_map(|seq| self.times.get(seq).copied())
    }

    /// The moment of a journal entry, or the one before it that is told in words.
    #[must_use]
    pub fn moment_at(&self, seq: u64) -> Option<usize> {
        self.moments
            .partition_point(|moment| moment.seq <= seq)
            .checked_sub(1)
    }

    /// How it ended, in words.
    #[must_use]
    pub fn ending(&self) -> String {
        if let (true, Some(outcome)) = (self.control, self.outcome) {
            return ending_of_a_control(outcome, self.contained_s);
        }
        let contained = self
            .contained_s
            .map(|s| format!("contained {}:{:02} after the onset", s / 60, s % 60));
        let outcome = match self.outcome {
            None => return "being concluded".to_owned(),
            // The time of it says so already.
            Some(OutcomeKind::Contained) => {
                return contained.unwrap_or_else(|| "contained".to_owned());
            }
            Some(OutcomeKind::Resolved) => "resolved",
            Some(OutcomeKind::Unresolved) => "unresolved",
            Some(OutcomeKind::Aborted) => "aborted",
        };
        let contained = contained.as_deref().unwrap_or("not contained");
        format!("{outcome}, {contained}")
    }

    /// What a hypothesis was, in words, as [`Belief::right`] says.
    #[must_use]
    pub const fn verdict_on(&self, right: bool) -> &'static str {
        match (self.control, right) {
            (false, true) => "the guilty component",
            (false, false) => "not the guilty component",
            (true, true) => "what it was",
            (true, false) => "not what it was",
        }
    }

    /// Calendar time of a simulated time, to the second.
    #[must_use]
    pub fn clock(&self, at_ns: u64) -> String {
        let seconds = self.start_unix_s + i64::try_from(at_ns / 1_000_000_000).unwrap_or(0);
        let day = seconds.rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", day / 3_600, day / 60 % 60, day % 60)
    }
}

/// How it ended where nothing was broken: whether users were served, and whether it was closed.
#[must_use]
pub fn ending_of_a_control(outcome: OutcomeKind, contained_s: Option<u64>) -> String {
    let served = match contained_s {
        Some(0) => "users were served all the time".to_owned(),
        Some(s) => format!(
            "what was done cost users, who were served again {}:{:02} after it began",
            s / 60,
            s % 60
        ),
        None => "what was done cost users, who are not served again".to_owned(),
    };
    let closed = match outcome {
        OutcomeKind::Resolved => "closed",
        OutcomeKind::Contained | OutcomeKind::Unresolved => "not closed",
        OutcomeKind::Aborted => return "aborted".to_owned(),
    };
    format!("nothing was broken: {served}; {closed}")
}

/// Error share of a flow's users over all regions.
fn errors(session: &Session, flow: &str) -> Vec<(u64, Option<u64>)> {
    let metric = Metric::flow(Signal::ErrorShare, flow, None);
    session
        .reader()
        .series(&metric, 0, session.now_ns(), READING_NS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::CurveKind;

    fn row(id: &'static str, earned: u32, max: u32) -> Criterion {
        Criterion {
            id,
            dimension: Dimension::Containment,
            earned,
            max,
            evidence: vec![1],
            why: String::new(),
            better: if earned == max { "" } else { "do better" },
            rules: &[],
        }
    }

    /// The three with most points lost, most first; what lost nothing is not among them.
    #[test]
    fn what_lost_most_helps_most() {
        let debrief = Debrief {
            criteria: vec![
                row("a", 5, 10),
                row("b", 20, 20),
                row("c", 0, 30),
                row("d", 9, 10),
                row("e", 1, 4),
            ],
            ..Debrief::default()
        };
        let ids: Vec<_> = debrief.would_have_helped().iter().map(|r| r.id).collect();
        assert_eq!(ids, ["c", "a", "e"]);
    }

    /// How it ended is said once, whether or not anything was declared.
    #[test]
    fn endings_are_said_once() {
        let ended = |outcome, contained_s| {
            let debrief = Debrief {
                outcome: Some(outcome),
                contained_s,
                ..Debrief::default()
            };
            debrief.ending()
        };
        let words = ended(OutcomeKind::Contained, Some(665));
        assert_eq!(words, "contained 11:05 after the onset");
        let words = ended(OutcomeKind::Resolved, Some(665));
        assert_eq!(words, "resolved, contained 11:05 after the onset");
        let words = ended(OutcomeKind::Unresolved, None);
        assert_eq!(words, "unresolved, not contained");
    }

    /// Where nothing was broken nothing was contained either.
    #[test]
    fn a_control_ends_without_containment() {
        let ended = |outcome, contained_s| {
            let debrief = Debrief {
                control: true,
                outcome: Some(outcome),
                contained_s,
                ..Debrief::default()
            };
            debrief.ending()
        };
        let words = ended(OutcomeKind::Resolved, Some(0));
        assert_eq!(
            words,
            "nothing was broken: users were served all the time; closed"
        );
        let words = ended(OutcomeKind::Contained, Some(0));
        assert_eq!(
            words,
            "nothing was broken: users were served all the time; not closed"
        );
        for outcome in [OutcomeKind::Contained, OutcomeKind::Unresolved] {
            let words = ended(outcome, Some(600));
            assert!(
                words.contains("10:00") && !words.contains("contained"),
                "{words}"
            );
        }
    }

    /// Pieces may come in any order, and curves are kept in the order they are drawn in.
    #[test]
    fn pieces_come_in_any_order() {
        let mut debrief = Debrief::default();
        debrief.take(Piece::Curve(Curve::new(CurveKind::You, 5, vec![(9, 4)])));
        debrief.take(Piece::Facts(Box::new(Debrief {
            seed: 3,
            ..Debrief::default()
        })));
        debrief.take(Piece::Curve(Curve::new(
            CurveKind::Nothing,
            5,
            vec![(9, 7)],
        )));
        assert_eq!(debrief.seed, 3);
        assert_eq!(debrief.curves[0].kind, CurveKind::Nothing);
        assert_eq!(debrief.curves[1].points, [(5, 0), (9, 4)]);
    }
}
