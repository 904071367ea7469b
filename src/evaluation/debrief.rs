//! Everything a debrief shows, as plain data: the screen, the reports and JSON read the same.

use std::collections::BTreeMap;

use brownout_session::Session;
use brownout_session::harm::Harm;
use brownout_session::outcome::{Conclusion, Diagnosed, OutcomeKind, diagnosis};
use brownout_session::score::{Criterion, Dimension, ScoreCard};
use serde::Serialize;

use super::words;

/// Which course of events a curve follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Nothing done.
    Nothing,
    /// Without the player's action of this number.
    Without(u32),
    /// The reference responder.
    Reference,
    /// What the player did.
    You,
}

impl CurveKind {
    /// What the legend says.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Nothing => "nothing done".to_owned(),
            Self::Without(number) => format!("without action {number}"),
            Self::Reference => "reference".to_owned(),
            Self::You => "you".to_owned(),
        }
    }

    /// Smaller is computed sooner.
    pub(super) const fn urgency(self) -> u8 {
        match self {
            Self::Nothing | Self::You | Self::Reference => 0,
            Self::Without(_) => 1,
        }
    }
}

/// Weighted harm since the onset over simulated time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Curve {
    /// Course of events.
    pub kind: CurveKind,
    /// Nanoseconds and weighted harm, in the order of time.
    pub points: Vec<(u64, u64)>,
}

impl Curve {
    /// A curve that begins with no harm at the onset.
    #[must_use]
    pub fn new(kind: CurveKind, onset_ns: u64, points: Vec<(u64, u64)>) -> Self {
        let begin = points
            .first()
            .is_some_and(|(at_ns, _)| *at_ns > onset_ns)
            .then_some((onset_ns, 0));
        Self {
            kind,
            points: begin.into_iter().chain(points).collect(),
        }
    }

    /// Harm at the end.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.points.last().map_or(0, |(_, harm)| *harm)
    }
}

/// One part of a diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Component, mechanism, trigger or sustaining.
    pub name: &'static str,
    /// What was true.
    pub truth: String,
    /// What the player named; empty if nothing.
    pub named: String,
    /// Whether that was right.
    pub right: bool,
}

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
    /// Actions.
    pub actions: Vec<Act>,
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
        Self {
            scenario: header.scenario.clone(),
            title: scenario.title.clone(),
            seed: header.seed,
            player: header.player.clone(),
            outcome: Some(conclusion.outcome),
            contained_s: conclusion.contained_s,
            start_unix_s: scenario.start_unix_s,
            onset_ns: scenario.truth.onset_ns,
            page_ns: session.page_ns(),
            end_ns: session.now_ns(),
            horizon_ns: scenario.horizon_ns,
            harm: conclusion.harm.clone(),
            diagnosed: conclusion.diagnosed,
            diagnosis: parts(session, &conclusion.diagnosed),
            explanation: scenario.truth.explanation.clone(),
            messages: session
                .desk()
                .messages
                .iter()
                .map(|told| words::sent(scenario, told))
                .collect(),
            actions: actions
                .map(|(acted, number)| Act {
                    number,
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

    /// How it ended, in words.
    #[must_use]
    pub fn ending(&self) -> String {
        let outcome = match self.outcome {
            None => return "being concluded".to_owned(),
            Some(OutcomeKind::Resolved) => "resolved",
            Some(OutcomeKind::Contained) => "contained",
            Some(OutcomeKind::Unresolved) => "unresolved",
            Some(OutcomeKind::Aborted) => "aborted",
        };
        self.contained_s.map_or_else(
            || format!("{outcome}, not contained"),
            |s| {
                format!(
                    "{outcome}, contained {}:{:02} after the onset",
                    s / 60,
                    s % 60
                )
            },
        )
    }

    /// Calendar time of a simulated time, to the second.
    #[must_use]
    pub fn clock(&self, at_ns: u64) -> String {
        let seconds = self.start_unix_s + i64::try_from(at_ns / 1_000_000_000).unwrap_or(0);
        let day = seconds.rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", day / 3_600, day / 60 % 60, day % 60)
    }
}

/// The diagnosis part by part.
fn parts(session: &Session, right: &Diagnosed) -> Vec<Part> {
    let scenario = session.scenario();
    let truth = &scenario.truth;
    let trigger = truth
        .trigger
        .and_then(|index| scenario.records.get(index))
        .map_or("no change", |record| record.title.as_str());
    let held = diagnosis(session);
    let named = |pick: fn(&brownout_session::desk::Hypothesis) -> Option<&str>| {
        held.and_then(pick).unwrap_or_default().to_owned()
    };
    let part = |name, truth: &str, named, right| Part {
        name,
        truth: truth.to_owned(),
        named,
        right,
    };
    vec![
        part(
            "component",
            &scenario.blueprint.services[truth.component.index()].name,
            named(|h| Some(&h.written.suspect)),
            right.component,
        ),
        part(
            "mechanism",
            &truth.mechanism,
            named(|h| Some(&h.written.mechanism)),
            right.mechanism,
        ),
        part(
            "trigger",
            trigger,
            named(|h| h.written.trigger.as_deref()),
            right.trigger,
        ),
        part(
            "sustaining",
            &truth.sustaining,
            named(|h| h.sustaining.as_deref()),
            right.sustaining,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

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
