//! Hypotheses: what was believed, how it was tested, and how right it was.

use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};

use super::{Case, Row, all_or_nothing, share};
use crate::command::{Action, Look, Prediction, Verdict};
use crate::desk::{Acted, Hypothesis};
use crate::outcome::{diagnosis, names_truth};
use crate::view::PredictionOutcome;

/// From this long after the page on, beliefs count.
const GRACE_NS: u64 = 2 * MINUTE_NS;

pub(super) fn rows(case: &Case<'_>) -> Vec<Row> {
    vec![
        before_acting(case),
        predictions(case),
        verdicts(case),
        calibration(case),
        diagnosed(case),
        compared(case),
    ]
}

/// Whether a hypothesis is about what it was.
fn is_right(case: &Case<'_>, hypothesis: &Hypothesis) -> bool {
    names_truth(case.session.scenario(), hypothesis)
}

fn any_right(case: &Case<'_>) -> bool {
    case.session
        .desk
        .hypotheses
        .iter()
        .any(|h| is_right(case, h))
}

/// A rollback of something the change log showed, with the symptom stated before, needs no hypothesis.
fn may_go_without(case: &Case<'_>, acted: &Acted) -> bool {
    let desk = &case.session.desk;
    let stated = desk
        .symptoms
        .iter()
        .any(|(stamp, _)| stamp.seq < acted.stamp.seq);
    let seen = desk.looks.iter().any(|look| {
        look.stamp.seq < acted.stamp.seq && matches!(look.look.whole(), Look::Changes { .. })
    });
    let contained = matches!(
        acted.action(),
        Action::Rollback { .. } | Action::ShiftTraffic { .. }
    );
    contained && stated && (seen || matches!(acted.action(), Action::ShiftTraffic { .. }))
}

fn before_acting(case: &Case<'_>) -> Row {
    let desk = &case.session.desk;
    let changes: Vec<&Acted> = desk.actions.iter().filter(|a| a.is_change()).collect();
    let justified = |acted: &&&Acted| {
        let serves = acted
            .intervention
            .serves
            .and_then(|h| desk.hypotheses.get(h as usize));
        let written = serves
            .is_some_and(|h| h.stamp.seq < acted.stamp.seq && h.verdict() != Verdict::Refuted);
        written || may_go_without(case, acted)
    };
    let good = changes.iter().filter(justified).count() as u64;
    let all = changes.len() as u64;
    let written = !desk.hypotheses.is_empty();
    // Right words in front of the wrong act are worth little: half at most unless some hypothesis named the culprit.
    let ceiling = if any_right(case) { 1_000 } else { 300 };
    Row {
        id: "before-acting",
        max: 12,
        share: if all == 0 {
            all_or_nothing(written)
        } else {
            share(good, all)
        }
        .min(ceiling),
        evidence: changes.iter().map(|a| a.stamp.seq).collect(),
        why: if all == 0 {
            let words = if written { "a hypothesis" } else { "nothing" };
            format!("nothing was changed, and {words} was written down")
        } else {
            format!(
                "{good} of {all} changes served a hypothesis written before, or were containment of a seen change"
            )
        },
        better: "Write component, mechanism and a prediction down before you change something.",
        rules: &["P5", "M1"],
    }
}

/// Whether two predictions about one signal cannot both come true for some reading, and differ for this one.
fn disagree(a: &Prediction, b: &Prediction, reading: u64) -> bool {
    a.metric == b.metric
        && a.versus == b.versus
        && a.expect.holds(reading, a.threshold) != b.expect.holds(reading, b.threshold)
}

/// Predictions decided by the player's own look, not seen before they were written, that a rival predicted otherwise.
fn discriminating<'a>(case: &'a Case<'_>) -> Vec<(&'a Hypothesis, usize)> {
    let desk = &case.session.desk;
    let mut found = Vec::new();
    for hypothesis in &desk.hypotheses {
        for (index, prediction) in hypothesis.written.predictions.iter().enumerate() {
            let (outcome, reading, decided) = hypothesis.outcomes[index];
            let (Some(reading), Some(decided)) = (reading, decided) else {
                continue;
            };
            let looked = desk.looks.iter().any(|look| look.stamp.seq == decided.seq);
            let seen_before = desk.looks.iter().any(|look| {
                look.stamp.seq < hypothesis.stamp.seq
                    && look.stamp.at_ns + 2 * MINUTE_NS > hypothesis.stamp.at_ns
                    && matches!(&look.look, Look::Metric { metric, .. } if *metric == prediction.metric)
            });
            let rival = desk.hypotheses.iter().any(|other| {
                other.stamp.seq != hypothesis.stamp.seq
                    && other.stamp.seq < decided.seq
                    && other.written.suspect != hypothesis.written.suspect
                    && other
                        .written
                        .predictions
                        .iter()
                        .any(|p| disagree(p, prediction, reading))
            });
            let clear = matches!(outcome, PredictionOutcome::Met | PredictionOutcome::NotMet);
            if looked && !seen_before && rival && clear {
                found.push((hypothesis, index));
            }
        }
    }
    found
}

fn predictions(case: &Case<'_>) -> Row {
    let found = discriminating(case);
    // A test between two wrong ideas has still ruled something out, but it was not the test that was needed.
    let points = match (
        found.is_empty(),
        found.iter().any(|(h, _)| is_right(case, h)),
    ) {
        (true, _) => 0,
        (false, true) => 1_000,
        (false, false) => 350,
    };
    let evidence = found
        .iter()
        .filter_map(|(h, index)| h.outcomes[*index].2.map(|stamp| stamp.seq))
        .collect();
    Row {
        id: "predictions",
        max: 18,
        share: points,
        evidence,
        why: format!(
            "{} predictions were written before looking and would have come out otherwise for a rival",
            found.len()
        ),
        better: "Before you look, write what you expect to see, and what the rival explanation would expect.",
        rules: &["P5", "M13"],
    }
}

fn verdicts(case: &Case<'_>) -> Row {
    let desk = &case.session.desk;
    let (mut fair, mut judged, mut evidence) = (0u64, 0u64, Vec::new());
    for hypothesis in &desk.hypotheses {
        let verdict = hypothesis.verdict();
        if let Some((stamp, _)) = hypothesis.verdicts.last() {
            evidence.push(stamp.seq);
        }
        if matches!(verdict, Verdict::Open | Verdict::Abandoned) {
            continue;
        }
        judged += 1;
        let right = is_right(case, hypothesis);
        fair += u64::from((verdict == Verdict::Supported) == right);
    }
    Row {
        id: "verdicts",
        max: 10,
        share: if any_right(case) {
            share(fair, judged)
        } else {
            0
        },
        evidence,
        why: format!("{fair} of {judged} verdicts agree with what really happened"),
        better: "Decide each hypothesis by the test you set it, and say so.",
        rules: &["P5", "M11"],
    }
}

/// Brier score of the distribution over hypotheses and "something else", averaged over time, per mille of its worst.
fn brier(case: &Case<'_>) -> u32 {
    let desk = &case.session.desk;
    let from_ns = case.page.at_ns + GRACE_NS;
    let step_ns = 5 * SECOND_NS;
    let (mut sum, mut count) = (0u64, 0u64);
    let mut at_ns = from_ns;
    while at_ns <= case.end_ns.max(from_ns) {
        let beliefs: Vec<(u64, bool)> = desk
            .hypotheses
            .iter()
            .map(|h| (u64::from(h.confidence_at(at_ns)), is_right(case, h)))
            .collect();
        let total: u64 = beliefs.iter().map(|(percent, _)| percent).sum();
        // More than 100 % is scaled down to a distribution.
        let scale = |percent: u64| percent * 100 / total.max(100);
        let something_else = 100u64.saturating_sub(total);
        let on_truth: u64 = beliefs
            .iter()
            .filter(|(_, right)| *right)
            .map(|(percent, _)| scale(*percent))
            .sum();
        let wrong: u64 = beliefs
            .iter()
            .filter(|(_, right)| !right)
            .map(|(percent, _)| scale(*percent).pow(2))
            .sum();
        sum += (100 - on_truth.min(100)).pow(2) + wrong + something_else.pow(2);
        count += 1;
        at_ns += step_ns;
    }
    // The worst is 2 × 100²: everything on something that is not so.
    u32::try_from(sum * 1_000 / (count.max(1) * 20_000)).unwrap_or(1_000)
}

fn calibration(case: &Case<'_>) -> Row {
    let brier = brier(case);
    let share = if any_right(case) {
        1_000 - brier.min(1_000)
    } else {
        0
    };
    Row {
        id: "calibration",
        max: 25,
        share,
        evidence: case
            .session
            .desk
            .hypotheses
            .iter()
            .map(|h| h.stamp.seq)
            .collect(),
        why: format!(
            "time-averaged Brier score {}.{:03} of 2",
            brier / 500,
            brier % 500 * 2
        ),
        better: "Spread your confidence over what is possible, and move it when evidence comes in.",
        rules: &["M11", "M13"],
    }
}

fn diagnosed(case: &Case<'_>) -> Row {
    let found = case.conclusion.diagnosed;
    let scenario = case.session.scenario();
    let truth: Vec<&str> = scenario
        .truth
        .path
        .iter()
        .map(|id| scenario.blueprint.services[id.index()].name.as_str())
        .collect();
    let hypothesis = diagnosis(case.session);
    let path = hypothesis.is_some_and(|h| {
        found.component && h.path.iter().map(String::as_str).eq(truth.iter().copied())
    });
    let parts = [
        (found.component, 9),
        (found.mechanism, 7),
        (found.trigger, 4),
        (found.sustaining, 3),
        (path, 2),
    ];
    let points: u64 = parts
        .iter()
        .filter(|(right, _)| *right)
        .map(|(_, points)| *points)
        .sum();
    let word = |yes: bool| if yes { "right" } else { "not named" };
    Row {
        id: "diagnosis",
        max: 25,
        share: share(points, 25),
        evidence: hypothesis
            .and_then(|h| h.verdicts.last())
            .map(|(stamp, _)| stamp.seq)
            .into_iter()
            .collect(),
        why: format!(
            "component {}, mechanism {}, trigger {}, sustaining cause {}, path {}",
            word(found.component),
            word(found.mechanism),
            word(found.trigger),
            word(found.sustaining),
            word(path)
        ),
        better: "A rollback that helps does not explain: name component, mechanism, trigger and what kept it going.",
        rules: &["M8", "M10"],
    }
}

/// Whether a look compares affected with unaffected.
fn compares(look: &Look, others: &[&Look]) -> bool {
    match &look.whole() {
        Look::Overview | Look::Topology | Look::Diff { .. } => true,
        Look::Metric { metric, .. } => others.iter().any(|other| {
            matches!(other, Look::Metric { metric: m, .. }
                if m.signal == metric.signal && m.service == metric.service && m.flow == metric.flow && m.region != metric.region)
        }),
        Look::Inside { service, region } => others.iter().any(|other| {
            matches!(other, Look::Inside { service: s, region: r } if s == service && r != region)
        }),
        _ => false,
    }
}

/// Whether a look is about what a hypothesis says.
fn concerns(look: &Look, hypothesis: &Hypothesis) -> bool {
    let suspect = &hypothesis.written.suspect;
    if let Look::StatusPage { service } = look {
        return service == suspect;
    }
    match &look.whole() {
        Look::Metric { metric, .. } => {
            metric.service.as_ref() == Some(suspect)
                || metric.callee.as_ref() == Some(suspect)
                || hypothesis
                    .written
                    .predictions
                    .iter()
                    .any(|p| p.metric == *metric)
        }
        Look::Query { text, .. } => text.contains(&format!("\"{suspect}\"")),
        Look::Logs { service, .. }
        | Look::Diff { service }
        | Look::Release { service, .. }
        | Look::Inside { service, .. }
        | Look::Dump { service, .. }
        | Look::Data { service } => service == suspect,
        Look::Traces { failing, .. } => *failing,
        Look::Changes { .. } => hypothesis.written.trigger.is_some(),
        // Parts are not wholes.
        _ => false,
    }
}

fn compared(case: &Case<'_>) -> Row {
    let desk = &case.session.desk;
    let looks: Vec<&Look> = desk.looks.iter().map(|look| &look.look).collect();
    let comparing = desk.looks.iter().find(|look| compares(&look.look, &looks));
    let attached = desk
        .hypotheses
        .iter()
        .filter(|h| is_right(case, h))
        .any(|h| {
            h.evidence.iter().any(|(seq, supports, _)| {
                *supports
                    && desk
                        .looks
                        .iter()
                        .any(|l| l.stamp.seq == *seq && concerns(&l.look, h))
            })
        });
    let evidence = comparing.map(|look| look.stamp.seq).into_iter();
    let pinned = desk
        .hypotheses
        .iter()
        .flat_map(|h| h.evidence.iter().map(|(_, _, stamp)| stamp.seq));
    Row {
        id: "compared",
        max: 10,
        share: all_or_nothing(comparing.is_some()) * 4 / 10 + all_or_nothing(attached) * 6 / 10,
        evidence: evidence.chain(pinned).collect(),
        why: format!(
            "affected {} compared with unaffected; evidence {} attached to the right hypothesis",
            if comparing.is_some() {
                "was"
            } else {
                "was not"
            },
            if attached { "was" } else { "was not" }
        ),
        better: "Put failing beside healthy, and attach what you saw to the hypothesis it speaks for.",
        rules: &["P4", "S4", "S6"],
    }
}
