//! Scores from evidence: three dimensions of named criteria, each citing journal entries and a field-guide rule.
//!
//! Where nothing is broken (a control), containment and communication have criteria of their own.
//!
//! Containment is judged by what-if over forks of the same world; hypotheses by what was written down before it was
//! looked at and by the scenario's truth; communication by what the telemetry said when a message was sent.

mod communication;
mod containment;
mod control;
mod hypotheses;
mod trial;

use brownout_scenario::rubric::HINT_COSTS;
use serde::Serialize;

use crate::outcome::Conclusion;
use crate::session::Session;

pub use trial::{Trial, moves as trial_moves, trial_variants};

/// Dimension of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// What was done about the harm, and in which order.
    Containment,
    /// What was believed, and how it was tested.
    Hypotheses,
    /// What was said, to whom, when.
    Communication,
}

/// A criterion with what was earned and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Criterion {
    /// Stable name.
    pub id: &'static str,
    /// Dimension.
    pub dimension: Dimension,
    /// Points earned.
    pub earned: u32,
    /// Points possible.
    pub max: u32,
    /// Journal entries it rests on; never empty.
    pub evidence: Vec<u64>,
    /// What was found, in one or two sentences.
    pub why: String,
    /// The better move; empty when nothing was lost.
    pub better: &'static str,
    /// Field-guide ids of the rule.
    pub rules: &'static [&'static str],
}

/// A score card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScoreCard {
    /// 0 to 100.
    pub containment: u32,
    /// 0 to 100.
    pub hypotheses: u32,
    /// 0 to 100.
    pub communication: u32,
    /// Mean of the three by the weights of the scenario's rubric, less what the hints cost.
    pub overall: u32,
    /// Hints that were asked for, each at [`HINT_COSTS`] points of the overall score.
    pub hints: u32,
    /// All criteria.
    #[serde(skip)]
    pub criteria: Vec<Criterion>,
}

/// What the criteria are judged from.
pub(crate) struct Case<'a> {
    pub session: &'a Session,
    pub conclusion: &'a Conclusion,
    pub trial: &'a Trial,
    /// When the page came and which entry says so.
    pub page: crate::desk::Stamp,
    /// When the session ended.
    pub end_ns: u64,
}

/// One row before it becomes a [`Criterion`].
pub(crate) struct Row {
    pub id: &'static str,
    pub max: u32,
    /// Thousandths of the maximum.
    pub share: u32,
    pub evidence: Vec<u64>,
    pub why: String,
    pub better: &'static str,
    pub rules: &'static [&'static str],
}

/// Judge a finished session.
#[must_use]
pub fn score(session: &Session, conclusion: &Conclusion, trial: &Trial) -> ScoreCard {
    let first = crate::desk::Stamp { at_ns: 0, seq: 1 };
    let case = Case {
        session,
        conclusion,
        trial,
        page: session.page.as_ref().map_or(first, |page| page.stamp),
        end_ns: session
            .ended
            .map_or(session.now_ns(), |(stamp, _)| stamp.at_ns),
    };
    let points = &session.scenario().criteria_points;
    let mut criteria = Vec::new();
    let mut add = |dimension, rows: Vec<Row>| {
        let max: u32 = rows.iter().map(|row| row.max).sum();
        debug_assert_eq!(max, 100, "weights of {dimension:?}");
        criteria.extend(rows.into_iter().map(|mut row| {
            row.max = points.get(row.id).copied().unwrap_or(row.max);
            let earned = (row.max * row.share.min(1_000) + 500) / 1_000;
            Criterion {
                id: row.id,
                dimension,
                earned,
                max: row.max,
                evidence: if row.evidence.is_empty() {
                    vec![case.page.seq]
                } else {
                    row.evidence
                },
                why: row.why,
                better: if earned == row.max { "" } else { row.better },
                rules: row.rules,
            }
        }));
    };
    let (contained, told) = if session.scenario().truth.control {
        (control::containment(&case), control::communication(&case))
    } else {
        (containment::rows(&case), communication::rows(&case))
    };
    add(Dimension::Containment, contained);
    add(Dimension::Hypotheses, hypotheses::rows(&case));
    add(Dimension::Communication, told);
    let sum = |dimension| {
        let of = || criteria.iter().filter(|c| c.dimension == dimension);
        let max: u32 = of().map(|c| c.max).sum();
        let earned: u32 = of().map(|c| c.earned).sum();
        // Of a hundred points unless the rubric says otherwise; of none nothing can be lost.
        (earned * 100 + max / 2).checked_div(max).unwrap_or(100)
    };
    let (containment, hypotheses, communication) = (
        sum(Dimension::Containment),
        sum(Dimension::Hypotheses),
        sum(Dimension::Communication),
    );
    let [first, second, third] = session.scenario().dimension_weights;
    let weights = (first + second + third).max(1);
    let weighted = containment * first + hypotheses * second + communication * third;
    let overall = (weighted + weights / 3) / weights;
    let hints = u32::try_from(session.desk().hints.len()).unwrap_or(u32::MAX);
    ScoreCard {
        containment,
        hypotheses,
        communication,
        overall: overall.saturating_sub(hints * HINT_COSTS),
        hints,
        criteria,
    }
}

/// A number in groups of three digits, as people read it.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `part` of `whole` in thousandths, at most 1000.
pub(crate) fn share(part: u64, whole: u64) -> u32 {
    let whole = whole.max(1);
    u32::try_from((u128::from(part.min(whole)) * 1_000 / u128::from(whole)).min(1_000))
        .unwrap_or(1_000)
}

/// A yes or no in thousandths.
pub(crate) const fn all_or_nothing(yes: bool) -> u32 {
    if yes { 1_000 } else { 0 }
}

/// Thousandths for something that was due: all in time, half up to twice as late, none after that or never.
pub(crate) fn by_clock(took_ns: Option<u64>, due_ns: u64) -> u32 {
    match took_ns {
        Some(ns) if ns <= due_ns => 1_000,
        Some(ns) if ns <= 2 * due_ns => 500,
        _ => 0,
    }
}

/// A time span after the page, for texts.
pub(crate) fn clock(case: &Case<'_>, at_ns: u64) -> String {
    let seconds = at_ns.saturating_sub(case.page.at_ns) / 1_000_000_000;
    format!("T+{:02}:{:02}", seconds / 60, seconds % 60)
}
