//! What was believed when, hypothesis by hypothesis, and what the evidence said.

use brownout_scenario::glossary;
use brownout_session::Session;
use brownout_session::command::Verdict;
use brownout_session::desk::Hypothesis;
use brownout_session::outcome::names_truth;
use brownout_session::view::PredictionOutcome;
use serde::Serialize;

/// What happened to a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnKind {
    /// Evidence for it was attached.
    For,
    /// Evidence against it was attached.
    Against,
    /// A prediction came true.
    Met,
    /// A prediction did not come true.
    NotMet,
    /// It was held to be right.
    Supported,
    /// It was held to be wrong.
    Refuted,
    /// It was given up.
    Abandoned,
}

impl TurnKind {
    /// In a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::For => "evidence for",
            Self::Against => "evidence against",
            Self::Met => "prediction came true",
            Self::NotMet => "prediction failed",
            Self::Supported => "you said supported",
            Self::Refuted => "you said refuted",
            Self::Abandoned => "given up",
        }
    }

    /// Whether it speaks for the hypothesis.
    #[must_use]
    pub const fn speaks_for(self) -> bool {
        matches!(self, Self::For | Self::Met | Self::Supported)
    }
}

/// Something that happened to a belief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// Journal entry.
    pub seq: u64,
    /// What.
    pub kind: TurnKind,
}

/// A hypothesis over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Belief {
    /// Its number, from 1.
    pub number: u32,
    /// Suspect and mechanism.
    pub name: String,
    /// It suspects the component that was guilty; where nothing was broken, that this is so.
    pub right: bool,
    /// Confidence in percent, from each time on; 0 once it was refuted or given up.
    pub confidence: Vec<(u64, u8)>,
    /// Share of its decided predictions that came true, in percent, from each time on.
    pub borne_out: Vec<(u64, u8)>,
    /// What happened to it, in the order of time.
    pub turns: Vec<Turn>,
}

impl Belief {
    /// What the evidence said, in one line.
    #[must_use]
    pub fn evidence(&self) -> String {
        let count = |kind| self.turns.iter().filter(|turn| turn.kind == kind).count();
        let (met, not_met) = (count(TurnKind::Met), count(TurnKind::NotMet));
        let predictions = match met + not_met {
            0 => "no prediction was decided".to_owned(),
            all => format!("{met} of {all} predictions came true"),
        };
        format!(
            "{predictions}, {} pinned for and {} against",
            count(TurnKind::For),
            count(TurnKind::Against)
        )
    }
}

/// All hypotheses of a session over time.
pub(super) fn beliefs(session: &Session) -> Vec<Belief> {
    let scenario = session.scenario();
    let hypotheses = session.desk().hypotheses.iter().zip(1..);
    hypotheses
        .map(|(hypothesis, number)| {
            let right = names_truth(scenario, hypothesis);
            belief(hypothesis, number, right)
        })
        .collect()
}

fn belief(hypothesis: &Hypothesis, number: u32, right: bool) -> Belief {
    let written = &hypothesis.written;
    let mechanism = glossary::mechanism(&written.mechanism)
        .map_or(written.mechanism.as_str(), |mechanism| mechanism.title);
    let turns = turns(hypothesis);
    Belief {
        number,
        name: format!("{} · {mechanism}", written.suspect),
        right,
        confidence: changes(&[hypothesis], |at_ns| hypothesis.confidence_at(at_ns)),
        borne_out: borne_out(&turns),
        turns,
    }
}

fn turns(hypothesis: &Hypothesis) -> Vec<Turn> {
    let pinned = hypothesis.evidence.iter().map(|(_, supports, stamp)| {
        let kind = if *supports {
            TurnKind::For
        } else {
            TurnKind::Against
        };
        (*stamp, kind)
    });
    let decided = hypothesis
        .outcomes
        .iter()
        .filter_map(|(outcome, _, stamp)| {
            let kind = match outcome {
                PredictionOutcome::Met => TurnKind::Met,
                PredictionOutcome::NotMet => TurnKind::NotMet,
                PredictionOutcome::Undecided | PredictionOutcome::NotObservable => return None,
            };
            Some(((*stamp)?, kind))
        });
    let judged = hypothesis.verdicts.iter().filter_map(|(stamp, verdict)| {
        let kind = match verdict {
            Verdict::Supported => TurnKind::Supported,
            Verdict::Refuted => TurnKind::Refuted,
            Verdict::Abandoned => TurnKind::Abandoned,
            Verdict::Open => return None,
        };
        Some((*stamp, kind))
    });
    let mut turns: Vec<Turn> = pinned
        .chain(decided)
        .chain(judged)
        .map(|(stamp, kind)| Turn {
            at_ns: stamp.at_ns,
            seq: stamp.seq,
            kind,
        })
        .collect();
    turns.sort_by_key(|turn| turn.seq);
    turns
}

/// Share of the predictions decided so far that came true, after each decision.
fn borne_out(turns: &[Turn]) -> Vec<(u64, u8)> {
    let (mut met, mut all) = (0u32, 0u32);
    let mut shares = Vec::new();
    for turn in turns {
        match turn.kind {
            TurnKind::Met => met += 1,
            TurnKind::NotMet => {}
            _ => continue,
        }
        all += 1;
        shares.push((turn.at_ns, u8::try_from(met * 100 / all).unwrap_or(100)));
    }
    shares
}

/// What the hypotheses left for something else, from each time on that one of them changed.
pub(super) fn something_else(session: &Session) -> Vec<(u64, u8)> {
    let desk = session.desk();
    let hypotheses: Vec<&Hypothesis> = desk.hypotheses.iter().collect();
    changes(&hypotheses, |at_ns| desk.something_else_at(at_ns))
}

/// A percentage at each time at which confidence in one of the hypotheses may have changed.
fn changes(hypotheses: &[&Hypothesis], percent_at: impl Fn(u64) -> u8) -> Vec<(u64, u8)> {
    let mut times: Vec<u64> = hypotheses
        .iter()
        .flat_map(|hypothesis| {
            let stated = hypothesis.confidences.iter().map(|(at_ns, _)| *at_ns);
            stated.chain(hypothesis.verdicts.iter().map(|(stamp, _)| stamp.at_ns))
        })
        .collect();
    times.sort_unstable();
    times.dedup();
    times
        .into_iter()
        .map(|at_ns| (at_ns, percent_at(at_ns)))
        .collect()
}
