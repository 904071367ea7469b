//! Containment: what was done about the harm, judged by what would have happened otherwise.

use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};

use super::{Case, Row, all_or_nothing, clock, grouped, share};
use crate::command::{Action, Look};
use crate::desk::{Acted, Stamp};
use crate::outcome::OutcomeKind;

pub(super) fn rows(case: &Case<'_>) -> Vec<Row> {
    vec![
        symptom_first(case, 12),
        harm_averted(case),
        decisive(case),
        in_time(case),
        verified(case),
        corrected(case),
        evidence_kept(case),
        price_named(case),
    ]
}

/// World-changing actions with the prefix index each has.
pub(super) fn changes<'a>(case: &'a Case<'_>) -> Vec<&'a Acted> {
    case.session
        .desk
        .actions
        .iter()
        .filter(|acted| acted.is_change())
        .collect()
}

pub(super) fn seqs(acted: &[&Acted]) -> Vec<u64> {
    acted.iter().map(|a| a.stamp.seq).collect()
}

/// Parts of a stated symptom that are right: kind, flow, regions. The truth's regions decide, as the telemetry shows them.
fn correct_parts(case: &Case<'_>, symptom: &crate::command::Symptom) -> u64 {
    let scenario = case.session.scenario();
    let blueprint = &scenario.blueprint;
    let facts = case.session.facts();
    let claim = crate::command::Claim::Impact {
        kind: symptom.kind,
        flow: symptom.flow.clone(),
    };
    let kind = facts.check(&claim) == crate::desk::ClaimCheck::True;
    let flow = blueprint.flows[scenario.main_flow.index()].name == symptom.flow;
    let mut truth: Vec<&str> = scenario
        .truth
        .regions
        .iter()
        .map(|r| blueprint.regions[r.index()].as_str())
        .collect();
    let mut stated: Vec<&str> = symptom.regions.iter().map(String::as_str).collect();
    if scenario.truth.control {
        // Nobody is affected, so nowhere is right.
        truth.clear();
    }
    truth.sort_unstable();
    stated.sort_unstable();
    u64::from(kind) + u64::from(flow) + u64::from(truth == stated)
}

pub(super) fn symptom_first(case: &Case<'_>, max: u32) -> Row {
    let desk = &case.session.desk;
    let acted = changes(case).first().map(|a| a.stamp);
    let cause_told = desk
        .messages
        .iter()
        .find(|told| {
            told.message
                .claims
                .iter()
                .any(|c| matches!(c, crate::command::Claim::Cause { .. }))
        })
        .map(|told| told.stamp);
    let theory = [acted, cause_told]
        .into_iter()
        .flatten()
        .min_by_key(|stamp: &Stamp| stamp.seq);
    let stated = desk
        .symptoms
        .iter()
        .find(|(stamp, _)| theory.is_none_or(|t| stamp.seq < t.seq));
    let (points, why, evidence) = match (stated, theory) {
        (Some((stamp, symptom)), _) => {
            let right = correct_parts(case, symptom);
            let prompt = stamp.at_ns <= case.page.at_ns + 4 * MINUTE_NS;
            let points = share(right, 3) / if prompt { 1 } else { 2 };
            (
                points,
                format!(
                    "stated at {}; {right} of 3 parts right",
                    clock(case, stamp.at_ns)
                ),
                vec![stamp.seq],
            )
        }
        (None, Some(theory)) => (
            0,
            format!(
                "acted or named a cause at {} before any symptom was stated",
                clock(case, theory.at_ns)
            ),
            vec![theory.seq],
        ),
        (None, None) => (0, "no symptom was stated".to_owned(), Vec::new()),
    };
    Row {
        id: "symptom-first",
        max,
        share: points,
        evidence,
        why,
        better: "State kind, flow, regions and start of the symptom before acting or naming a cause.",
        rules: &["P1", "M1"],
    }
}

fn harm_averted(case: &Case<'_>) -> Row {
    let trial = case.trial;
    let averted = trial.none.weighted.saturating_sub(trial.actual());
    let counted = if averted <= trial.noise { 0 } else { averted };
    Row {
        id: "harm-averted",
        max: 34,
        share: share(counted, trial.avertable()),
        evidence: seqs(&changes(case)),
        why: format!(
            "harm {} against {} with nothing done and {} by the reference; chance ±{}",
            grouped(trial.actual()),
            grouped(trial.none.weighted),
            grouped(trial.reference.weighted),
            grouped(trial.noise)
        ),
        better: "Contain first when the harm is active and the mitigation is reversible.",
        rules: &["P3"],
    }
}

/// What each change added: harm before it minus harm after it, as signed weighted harm.
pub(super) fn marginals(case: &Case<'_>) -> Vec<i128> {
    let prefixes = &case.trial.prefixes;
    prefixes
        .windows(2)
        .map(|pair| i128::from(pair[0].weighted) - i128::from(pair[1].weighted))
        .collect()
}

/// A number of changes in words.
pub(super) fn counted_changes(count: u64) -> String {
    format!("{count} change{}", if count == 1 { "" } else { "s" })
}

fn decisive(case: &Case<'_>) -> Row {
    let acted = changes(case);
    let noise = i128::from(case.trial.noise);
    let gains = marginals(case);
    let helpful = gains.iter().filter(|&&gain| gain > noise).count() as u64;
    let harmful = gains.iter().filter(|&&gain| gain < -noise).count() as u64;
    let idle = (gains.len() as u64).saturating_sub(helpful + harmful);
    // One idle change beside a helpful one may be prudence; more is poking about.
    let counted = (2 * helpful).saturating_sub(2 * harmful);
    Row {
        id: "decisive",
        max: 12,
        share: share(
            counted,
            2 * helpful + 2 * harmful + 2 * idle.saturating_sub(1) + u64::from(idle > 0),
        ),
        evidence: seqs(&acted),
        why: format!(
            "{} averted harm, {idle} changed nothing, {harmful} did harm",
            counted_changes(helpful)
        ),
        better: "Change one thing at a time, and only what the evidence points at.",
        rules: &["P6", "M4", "M7", "M14"],
    }
}

fn in_time(case: &Case<'_>) -> Row {
    let trial = case.trial;
    let averted = trial.none.weighted.saturating_sub(trial.actual());
    let mut lost = 0;
    let mut evidence = Vec::new();
    for (acted, earlier) in changes(case).iter().zip(&trial.earlier) {
        let loss = earlier
            .as_ref()
            .map_or(0, |harm| trial.actual().saturating_sub(harm.weighted));
        if loss > trial.noise {
            lost = lost.max(loss);
        }
        evidence.push(acted.stamp.seq);
    }
    let effective = averted > trial.noise;
    Row {
        id: "in-time",
        max: 10,
        share: if effective {
            1_000 - share(lost, trial.avertable())
        } else {
            0
        },
        evidence,
        why: if effective {
            format!(
                "acting as soon as the evidence had been seen would have averted {} more",
                grouped(lost)
            )
        } else {
            "nothing that was done averted harm".to_owned()
        },
        better: "Act when you have seen enough; the time after that is paid by users.",
        rules: &["P3"],
    }
}

/// Whether a look shows what users feel.
pub(super) const fn is_on_users(look: &Look) -> bool {
    match look {
        Look::Overview | Look::Topology | Look::Tickets { .. } => true,
        Look::Metric { metric, .. } => metric.flow.is_some(),
        _ => false,
    }
}

fn verified(case: &Case<'_>) -> Row {
    let desk = &case.session.desk;
    let last_done = changes(case)
        .iter()
        .map(|a| a.done_ns.unwrap_or(a.stamp.at_ns))
        .max();
    let after: Vec<Stamp> = desk
        .looks
        .iter()
        .filter(|look| {
            last_done.is_some_and(|done| look.stamp.at_ns >= done) && is_on_users(&look.look)
        })
        .filter(|look| {
            desk.resolved
                .is_none_or(|resolved| look.stamp.at_ns <= resolved.at_ns)
        })
        .map(|look| look.stamp)
        .collect();
    let span_ns = match (after.first(), after.last()) {
        (Some(first), Some(last)) => last.at_ns - first.at_ns,
        _ => 0,
    };
    let contained = case.conclusion.contained_s.is_some();
    let points = if contained {
        share(span_ns / SECOND_NS, 180)
    } else {
        0
    };
    Row {
        id: "verified",
        max: 10,
        share: points,
        evidence: after.iter().map(|stamp| stamp.seq).collect(),
        why: format!(
            "watched the users' side for {} s after the last change, where 180 s are enough; the overview, the map and \
             any chart of a flow's users count",
            span_ns / SECOND_NS
        ),
        better: "Watch user-facing success for three minutes after the change before calling it over.",
        rules: &["P7", "M15"],
    }
}

fn corrected(case: &Case<'_>) -> Row {
    let resolved = case.conclusion.outcome == OutcomeKind::Resolved;
    let evidence = case
        .session
        .desk
        .resolved
        .map(|stamp| stamp.seq)
        .into_iter()
        .collect();
    let why = match (resolved, case.session.desk.resolved) {
        (true, _) => "declared over; it holds when the trigger comes again",
        (false, Some(_)) => {
            "declared over, but the objective was not met or the trigger would bring it back"
        }
        (false, None) => "never declared over",
    };
    Row {
        id: "corrected",
        max: 10,
        share: all_or_nothing(resolved),
        evidence,
        why: why.to_owned(),
        better: "After containment, remove the cause, so that the next release does not bring it back.",
        rules: &["P6", "P7", "M10"],
    }
}

fn evidence_kept(case: &Case<'_>) -> Row {
    let desk = &case.session.desk;
    let replacing: Vec<&Acted> = changes(case)
        .into_iter()
        .filter(|a| !a.replaces.is_empty())
        .collect();
    let dumped = |acted: &&Acted| {
        let replacing = acted.action().replaces_processes();
        let Some(service) = acted.action().component().filter(|_| replacing) else {
            return true;
        };
        desk.actions.iter().any(|other| {
            other.done_ns.is_some_and(|done| done <= acted.stamp.at_ns)
                && matches!(other.action(), Action::CaptureEvidence { service: s, .. } if s == service)
        })
    };
    let kept = replacing.iter().filter(|a| dumped(a)).count() as u64;
    let all = replacing.len() as u64;
    let acted = !changes(case).is_empty();
    Row {
        id: "evidence-kept",
        max: 6,
        share: if all == 0 {
            all_or_nothing(acted)
        } else {
            share(kept, all)
        },
        evidence: seqs(&replacing),
        why: format!(
            "{kept} of {} replacing processes came after a dump of what would be lost",
            counted_changes(all)
        ),
        better: "Take a dump before a restart or rollback destroys the state it would show.",
        rules: &["M16", "S14"],
    }
}

fn price_named(case: &Case<'_>) -> Row {
    let acted = changes(case);
    let named = acted
        .iter()
        .filter(|a| a.intervention.price_accepted)
        .count() as u64;
    let helped = case.trial.none.weighted.saturating_sub(case.trial.actual()) > case.trial.noise;
    Row {
        id: "price-named",
        max: 6,
        share: if helped {
            share(named, acted.len() as u64)
        } else {
            0
        },
        evidence: seqs(&acted),
        why: format!(
            "the price of {named} of {} was accepted knowingly",
            counted_changes(acted.len() as u64)
        ),
        better: "Say what a mitigation costs when you choose it.",
        rules: &["P3"],
    }
}
