//! Communication: what was said, to whom, when, and whether it was so.

use brownout_sim::blueprint::MINUTE_NS;

use super::{Case, Row, all_or_nothing, by_clock, clock, share};
use crate::command::{Audience, Claim, Verdict};
use crate::desk::{ClaimCheck, Told};
use crate::outcome::diagnosis;
use crate::people::contains;
use crate::viewing::severities;
use brownout_scenario::compiled::{PersonRole, Topic};

pub(super) fn rows(case: &Case<'_>) -> Vec<Row> {
    vec![
        acknowledged(case),
        severity(case),
        first_message(case),
        scope_message(case),
        updates(case),
        content(case),
        honest(case),
        answers(case),
        closing(case),
    ]
}

/// Whether some claim of a kind in a message agrees with the telemetry.
pub(super) fn has_true(told: &Told, kind: impl Fn(&Claim) -> bool) -> bool {
    told.message
        .claims
        .iter()
        .zip(&told.checks)
        .any(|(claim, check)| kind(claim) && *check == ClaimCheck::True)
}

pub(super) const fn is_impact(claim: &Claim) -> bool {
    matches!(claim, Claim::Impact { .. })
}

/// A message that tells somebody something true about the incident.
pub(super) fn substantial(told: &Told) -> bool {
    has_true(told, |claim| {
        !matches!(claim, Claim::Mitigating | Claim::Watching)
    }) && !told.checks.contains(&ClaimCheck::False)
}

pub(super) fn acknowledged(case: &Case<'_>) -> Row {
    let stamp = case.session.desk.acknowledged;
    let late_ns = stamp.map(|s| s.at_ns - case.page.at_ns);
    let points = match late_ns {
        Some(ns) if ns <= 2 * MINUTE_NS => 1_000,
        Some(ns) if ns <= 5 * MINUTE_NS => 500,
        _ => 0,
    };
    Row {
        id: "acknowledged",
        max: 6,
        share: points,
        evidence: stamp.map(|s| s.seq).into_iter().collect(),
        why: stamp.map_or_else(
            || "never".to_owned(),
            |s| format!("at {}", clock(case, s.at_ns)),
        ),
        better: "Acknowledge the page at once, so that nobody else has to.",
        rules: &["C1"],
    }
}

fn severity(case: &Case<'_>) -> Row {
    let scenario = case.session.scenario();
    let facts = case.session.facts();
    let (failing_ppm, slow_ppm) = (facts.worst_failing_ppm(), facts.worst_slow_ppm());
    let late_us = facts.oldest_us();
    let right = severities(scenario)
        .iter()
        .position(|level| level.applies(failing_ppm, slow_ppm, late_us))
        .unwrap_or(0);
    let by_slowness = scenario.severities.iter().any(|l| l.slow_q32.is_some());
    let by_age = scenario.severities.iter().any(|l| l.late_ns.is_some());
    let declared = case
        .session
        .desk
        .severities
        .iter()
        .rev()
        .find(|(s, _)| s.at_ns <= case.page.at_ns + 6 * MINUTE_NS);
    let level =
        declared.and_then(|(_, name)| scenario.severities.iter().position(|l| l.name == *name));
    // Unsure means the higher one: one level too severe is as good.
    let fits = level.is_some_and(|level| level == right || level + 1 == right);
    Row {
        id: "severity",
        max: 8,
        share: all_or_nothing(fits),
        evidence: declared.map(|(s, _)| s.seq).into_iter().collect(),
        why: declared.map_or_else(
            || "no severity was declared in the first six minutes".to_owned(),
            |(_, name)| {
                let fit = scenario
                    .severities
                    .get(right)
                    .map_or("", |l| l.name.as_str());
                let slow = match slow_ppm / 10_000 {
                    percent if by_slowness => format!(" and {percent} % slow"),
                    _ => String::new(),
                };
                let late = match late_us / 1_000_000 {
                    seconds if by_age => format!(", work that waited for {seconds} s"),
                    _ => String::new(),
                };
                format!(
                    "{name} was declared; {} % failing{slow}{late} at worst makes it {fit}",
                    failing_ppm / 10_000
                )
            },
        ),
        better: "Declare a severity early; when unsure, the higher one.",
        rules: &["C1"],
    }
}

fn first_message(case: &Case<'_>) -> Row {
    let messages = &case.session.desk.messages;
    let first = messages
        .iter()
        .find(|told| told.message.audience == Audience::Public && has_true(told, is_impact));
    let due_ns = case.session.scenario().first_message_ns;
    let took_ns = first.map(|told| told.stamp.at_ns - case.page.at_ns);
    let points = by_clock(took_ns, due_ns);
    Row {
        id: "first-message",
        max: 14,
        share: points,
        evidence: first.map(|told| told.stamp.seq).into_iter().collect(),
        why: first.map_or_else(
            || "the public was never told what it feels".to_owned(),
            |told| {
                format!(
                    "first true impact statement at {}",
                    clock(case, told.stamp.at_ns)
                )
            },
        ),
        better: "Tell users early what they feel, even when you know nothing else.",
        rules: &["C2", "M5"],
    }
}

fn scope_message(case: &Case<'_>) -> Row {
    let limit_ns = case.page.at_ns + case.session.scenario().scope_message_ns;
    let messages = &case.session.desk.messages;
    let by_then = || {
        messages
            .iter()
            .filter(|t| t.message.audience == Audience::Public && t.stamp.at_ns <= limit_ns)
    };
    let scope = by_then().find(|told| has_true(told, |claim| matches!(claim, Claim::Scope { .. })));
    let since = by_then().find(|told| has_true(told, |claim| matches!(claim, Claim::Since { .. })));
    Row {
        id: "scope-message",
        max: 14,
        share: all_or_nothing(scope.is_some()) * 6 / 10 + all_or_nothing(since.is_some()) * 4 / 10,
        evidence: [scope, since]
            .into_iter()
            .flatten()
            .map(|told| told.stamp.seq)
            .collect(),
        why: format!(
            "by the time it was due, who is affected {} and since when {}",
            if scope.is_some() {
                "had been said"
            } else {
                "had not been said rightly"
            },
            if since.is_some() {
                "had been said"
            } else {
                "had not been said rightly"
            }
        ),
        better: "Follow up within minutes with who is affected, where and since when.",
        rules: &["C2", "C4"],
    }
}

pub(super) fn updates(case: &Case<'_>) -> Row {
    let messages: Vec<&Told> = case
        .session
        .desk
        .messages
        .iter()
        .filter(|told| substantial(told))
        .collect();
    let on_time = messages
        .iter()
        .filter(|told| told.due_ns.is_none_or(|due| told.stamp.at_ns <= due))
        .count() as u64;
    // Silence since the last message counts as one more interval when its update is overdue at the end.
    let silent = case.session.desk.resolved.is_none()
        && case
            .session
            .update_due()
            .is_some_and(|(due_ns, _)| due_ns < case.end_ns);
    let overdue_ns = case
        .session
        .update_due()
        .map_or(0, |(due_ns, _)| case.end_ns.saturating_sub(due_ns));
    let missed = if silent {
        1 + overdue_ns / case.session.scenario().update_interval_ns.max(1)
    } else {
        0
    };
    let all = messages.len() as u64 + missed;
    let promised = messages
        .iter()
        .filter(|told| told.message.next_update_min.is_some())
        .count() as u64;
    let kept = share(on_time, all);
    Row {
        id: "updates",
        max: 14,
        share: if messages.is_empty() {
            0
        } else {
            kept * 7 / 10 + share(promised, all) * 3 / 10
        },
        evidence: messages.iter().map(|told| told.stamp.seq).collect(),
        why: format!("{on_time} of {all} updates came by the time set; {missed} never came"),
        better: "Say when the next update comes, and keep it even if there is nothing new.",
        rules: &["C3", "M5"],
    }
}

fn content(case: &Case<'_>) -> Row {
    let topics = [
        Topic::Impact,
        Topic::Scope,
        Topic::Cause,
        Topic::Action,
        Topic::NextUpdate,
    ];
    let messages: Vec<&Told> = case
        .session
        .desk
        .messages
        .iter()
        .filter(|t| t.message.audience != Audience::Responders)
        .collect();
    // The closing message has its own criterion.
    let open: Vec<&&Told> = messages
        .iter()
        .filter(|t| !t.message.claims.contains(&Claim::Recovered))
        .collect();
    let mut sum = 0u64;
    let mut missing = [0u64; 5];
    let mut baseless = 0u64;
    for told in &open {
        for (count, topic) in missing.iter_mut().zip(topics) {
            *count += u64::from(!contains(&told.message, topic));
        }
        let covered = topics
            .iter()
            .filter(|topic| contains(&told.message, **topic))
            .count() as u64;
        let wrong = told
            .checks
            .iter()
            .filter(|check| **check == ClaimCheck::False)
            .count() as u64;
        let grounded = u64::from(substantial(told));
        baseless += 1 - grounded;
        sum += covered.saturating_sub(2 * wrong) * grounded;
    }
    let executives = open
        .iter()
        .any(|told| told.message.audience == Audience::Executives && substantial(told));
    // Where there is no executive, nobody misses a message to them.
    let has_executives = case
        .session
        .scenario()
        .people
        .iter()
        .any(|person| person.role == PersonRole::Executive);
    let depth = share(sum, open.len() as u64 * topics.len() as u64);
    Row {
        id: "content",
        max: 16,
        share: if open.is_empty() {
            0
        } else {
            depth * 8 / 10 + all_or_nothing(executives || !has_executives) * 2 / 10
        },
        evidence: open.iter().map(|told| told.stamp.seq).collect(),
        why: content_words(
            sum,
            open.len(),
            missing,
            baseless,
            has_executives && !executives,
        ),
        better: "An update says impact, scope, what is known and unknown, what is being done, and when the next comes.",
        rules: &["C4", "C6"],
    }
}

/// What updates had, what they lacked, and who was told nothing.
fn content_words(
    sum: u64,
    updates: usize,
    missing: [u64; 5],
    baseless: u64,
    silent: bool,
) -> String {
    let parts = [
        "impact",
        "scope",
        "cause or that it is unknown",
        "what is being done",
        "next update",
    ];
    let mut words = format!(
        "{sum} of {} parts of good updates were there and right",
        updates * parts.len()
    );
    let lacking: Vec<String> = parts
        .into_iter()
        .zip(missing)
        .filter(|(_, count)| *count > 0)
        .map(|(part, count)| format!("{part} ({count} of {updates})"))
        .collect();
    if !lacking.is_empty() {
        words.push_str("; missing: ");
        words.push_str(&lacking.join(", "));
    }
    if baseless > 0 {
        let updates = if baseless == 1 { "update" } else { "updates" };
        let rest = "said nothing true about users, or something untrue";
        words = format!("{words}; {baseless} {updates} {rest}");
    }
    if silent {
        words.push_str("; executives were not told");
    }
    words
}

pub(super) fn honest(case: &Case<'_>) -> Row {
    let session = case.session;
    let scenario = session.scenario();
    let guilty = &scenario.blueprint.services[scenario.truth.component.index()].name;
    let (mut said, mut wrong, mut evidence) = (0u64, 0u64, Vec::new());
    for told in &session.desk.messages {
        said += u64::from(substantial(told));
        for (claim, check) in told.message.claims.iter().zip(&told.checks) {
            let overclaim = match claim {
                Claim::Cause {
                    component,
                    known: true,
                } => {
                    let supported = diagnosis(session).is_some_and(|h| {
                        h.verdicts
                            .iter()
                            .any(|(s, v)| *v == Verdict::Supported && s.at_ns <= told.stamp.at_ns)
                    });
                    component != guilty || !supported
                }
                // A wrong suspicion, said as one, is no lie.
                Claim::Cause { known: false, .. } => false,
                _ => *check == ClaimCheck::False,
            };
            if overclaim {
                wrong += 1;
                evidence.push(told.stamp.seq);
            }
        }
    }
    Row {
        id: "honest",
        max: 10,
        share: if said == 0 {
            0
        } else {
            1_000u32.saturating_sub(u32::try_from(wrong * 400).unwrap_or(1_000))
        },
        evidence,
        why: format!("{wrong} claims were not so, or were certain before there was evidence"),
        better: "Say suspected until a test has spoken, and unknown when you do not know.",
        rules: &["C5", "M11"],
    }
}

pub(super) fn answers(case: &Case<'_>) -> Row {
    let session = case.session;
    let asked = &session.crowd.asked;
    let grounded = |seq: u64| {
        session
            .desk
            .messages
            .iter()
            .any(|told| told.stamp.seq == seq && substantial(told))
    };
    let (mut points, mut evidence) = (0u64, Vec::new());
    for question in asked {
        evidence.push(question.stamp.seq);
        if let Some(answer) = question.answered.filter(|answer| grounded(answer.seq)) {
            let in_time = answer.at_ns <= question.patience_ends_ns;
            points += 2 * u64::from(in_time && question.satisfied)
                + u64::from(in_time != question.satisfied);
        }
    }
    let all = asked.len() as u64;
    let spoke = session.desk.messages.iter().any(substantial);
    Row {
        id: "answers",
        max: 10,
        share: if all == 0 {
            all_or_nothing(spoke)
        } else {
            share(points, 2 * all)
        },
        evidence,
        why: format!(
            "{points} of {} points for answering {all} questions in time with what was asked for",
            2 * all
        ),
        better: "Answer people who ask within minutes, with what they asked for.",
        rules: &["C8"],
    }
}

fn closing(case: &Case<'_>) -> Row {
    let messages = &case.session.desk.messages;
    let last = messages
        .iter()
        .rev()
        .find(|told| has_true(told, |claim| matches!(claim, Claim::Recovered)));
    let lost = case.conclusion.harm.lost > 0;
    let data = last.is_some_and(|told| told.message.claims.contains(&Claim::DataLoss { lost }));
    let review = last.is_some_and(|told| told.message.claims.contains(&Claim::FollowUp));
    Row {
        id: "closing",
        max: 8,
        share: all_or_nothing(last.is_some()) * 5 / 10
            + all_or_nothing(data) * 3 / 10
            + all_or_nothing(review) * 2 / 10,
        evidence: last.map(|told| told.stamp.seq).into_iter().collect(),
        why: last.map_or_else(
            || "no message said rightly that it is over".to_owned(),
            |told| format!("closed at {}", clock(case, told.stamp.at_ns)),
        ),
        better: "Close with recovered and verified, whether data was lost, and that a review follows.",
        rules: &["C9"],
    }
}
