//! Criteria of a control: nothing is broken, and the right move is to find that out, to watch on purpose, and to say so to
//! those who ask. What is judged elsewhere by harm averted is judged here by harm not done.
//!
//! Doing nothing at all is no watching: without a look at the users' side after the page nothing here is earned.

use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};

use super::communication::{has_true, is_impact, substantial};
use super::containment::{changes, counted_changes, is_on_users, marginals, seqs};
use super::{Case, Row, all_or_nothing, by_clock, clock, grouped, share};
use crate::command::{Audience, Claim, Status, SymptomKind};
use crate::desk::{Stamp, Told};
use crate::outcome::OutcomeKind;

/// A watch of this many minutes is long enough to be one.
const WATCH_MIN: u64 = 5;
/// How long the users' side is to be looked at before it is called nothing.
const VERIFIED_S: u64 = 180;

pub(super) fn containment(case: &Case<'_>) -> Vec<Row> {
    vec![
        super::containment::symptom_first(case, 14),
        no_harm_done(case),
        left_alone(case),
        watched(case),
        verified(case),
        closed(case),
    ]
}

pub(super) fn communication(case: &Case<'_>) -> Vec<Row> {
    vec![
        super::communication::acknowledged(case),
        severity(case),
        first_word(case),
        no_false_alarm(case),
        super::communication::updates(case),
        content(case),
        super::communication::honest(case),
        super::communication::answers(case),
        closing(case),
    ]
}

/// Looks at what users feel, from the page on.
fn users_seen(case: &Case<'_>) -> Vec<Stamp> {
    let looks = case.session.desk.looks.iter();
    looks
        .filter(|look| is_on_users(&look.look))
        .map(|look| look.stamp)
        .collect()
}

fn no_harm_done(case: &Case<'_>) -> Row {
    let trial = case.trial;
    let done = trial.actual().saturating_sub(trial.none.weighted);
    let counted = if done <= trial.noise { 0 } else { done };
    // All is lost once as much harm is done as if a hundredth of all requests had failed.
    let limit = trial.none.requests / 100;
    let seen = users_seen(case);
    let why = if seen.is_empty() {
        "nobody looked whether users notice anything, so that nothing happened is luck".to_owned()
    } else {
        format!(
            "harm {} against {} with nothing done; chance ±{}",
            grouped(trial.actual()),
            grouped(trial.none.weighted),
            grouped(trial.noise)
        )
    };
    let mut evidence = seqs(&changes(case));
    evidence.extend(seen.first().map(|stamp| stamp.seq));
    Row {
        id: "no-harm-done",
        max: 30,
        share: if seen.is_empty() {
            0
        } else {
            1_000 - share(counted, limit)
        },
        evidence,
        why,
        better: "Where users notice nothing, every change is a risk that nobody has asked for.",
        rules: &["A21", "M4"],
    }
}

fn left_alone(case: &Case<'_>) -> Row {
    let acted = changes(case);
    let noise = i128::from(case.trial.noise);
    let harmful = marginals(case)
        .iter()
        .filter(|gain| **gain < -noise)
        .count() as u64;
    let seen = users_seen(case);
    let points = match (seen.is_empty(), harmful, acted.len()) {
        (true, ..) | (_, 1.., _) => 0,
        (_, _, 0) => 1_000,
        (_, _, 1) => 500,
        _ => 0,
    };
    let mut evidence = seqs(&acted);
    evidence.extend(seen.first().map(|stamp| stamp.seq));
    Row {
        id: "left-alone",
        max: 14,
        share: points,
        evidence,
        why: match acted.len() as u64 {
            0 if seen.is_empty() => "nothing was changed, and nothing was looked at".to_owned(),
            0 => "nothing was changed".to_owned(),
            all => format!("{}, {harmful} of which did harm", counted_changes(all)),
        },
        better: "An alarm is a question. Look before you touch, and leave alone what works.",
        rules: &["M14", "M4"],
    }
}

fn watched(case: &Case<'_>) -> Row {
    let desk = &case.session.desk;
    let seen = users_seen(case);
    // A watch begun before anybody looked is waiting.
    let watches: Vec<_> = desk
        .watches()
        .filter(|acted| seen.first().is_some_and(|look| look.seq < acted.stamp.seq))
        .collect();
    let held_ns = |acted: &&&crate::desk::Acted| {
        acted
            .done_ns
            .unwrap_or(case.end_ns)
            .saturating_sub(acted.stamp.at_ns)
    };
    let longest_ns = watches
        .iter()
        .map(|acted| held_ns(&acted))
        .max()
        .unwrap_or(0);
    let minutes = longest_ns / MINUTE_NS;
    let told = desk.messages.iter().find(|told| {
        has_true(told, |claim| matches!(claim, Claim::Watching))
            && told.message.next_update_min.is_some()
    });
    let mut evidence: Vec<u64> = watches.iter().map(|acted| acted.stamp.seq).collect();
    evidence.extend(told.map(|told| told.stamp.seq));
    let said = if told.is_some() { "was" } else { "was not" };
    Row {
        id: "watched",
        max: 20,
        share: if watches.is_empty() {
            0
        } else {
            share(minutes, WATCH_MIN) * 7 / 10 + all_or_nothing(told.is_some()) * 3 / 10
        },
        evidence,
        why: if watches.is_empty() {
            "nobody decided to watch for a stated time after a look at the users' side".to_owned()
        } else {
            format!(
                "watched on purpose for {minutes} min; it {said} said so, with when it is looked at again"
            )
        },
        better: "Decide to watch, for how long, and what would change your mind; say so.",
        rules: &["A21"],
    }
}

fn verified(case: &Case<'_>) -> Row {
    let seen = users_seen(case);
    let span_ns = match (seen.first(), seen.last()) {
        (Some(first), Some(last)) => last.at_ns - first.at_ns,
        _ => 0,
    };
    Row {
        id: "verified",
        max: 12,
        share: share(span_ns / SECOND_NS, VERIFIED_S),
        evidence: seen.iter().map(|stamp| stamp.seq).collect(),
        why: format!(
            "watched the users' side over {} s, where {VERIFIED_S} s are enough; the overview, the map and any chart of a \
             flow's users count",
            span_ns / SECOND_NS
        ),
        better: "Look at the users' side again for some minutes before you call it nothing.",
        rules: &["P7", "M15"],
    }
}

fn closed(case: &Case<'_>) -> Row {
    let declared = case.session.desk.resolved;
    let over = case.conclusion.outcome == OutcomeKind::Resolved;
    let why = match (over, declared) {
        (true, _) => "closed; users had been served for the five minutes before",
        (false, Some(_)) => "closed while users were not served",
        (false, None) => "never closed",
    };
    Row {
        id: "corrected",
        max: 10,
        share: all_or_nothing(over),
        evidence: declared.map(|stamp| stamp.seq).into_iter().collect(),
        why: why.to_owned(),
        better: "When the watch is over and nothing came of it, close it.",
        rules: &["P7"],
    }
}

fn severity(case: &Case<'_>) -> Row {
    let levels = &case.session.scenario().severities;
    let declared = case.session.desk.severities.iter().rev();
    let declared = declared
        .filter(|(stamp, _)| stamp.at_ns <= case.page.at_ns + 6 * MINUTE_NS)
        .max_by_key(|(stamp, _)| stamp.seq);
    let above = declared.and_then(|(_, name)| levels.iter().rev().position(|l| l.name == *name));
    let mildest = levels.last().map_or("", |level| level.name.as_str());
    Row {
        id: "severity",
        max: 8,
        share: match above {
            Some(0) => 1_000,
            Some(1) => 500,
            _ => 0,
        },
        evidence: declared.map(|(stamp, _)| stamp.seq).into_iter().collect(),
        why: declared.map_or_else(
            || "no severity was declared in the first six minutes".to_owned(),
            |(_, name)| format!("{name} was declared; nobody affected makes it {mildest}"),
        ),
        better: "Declare what users feel, not what the dashboard shows: here the mildest level.",
        rules: &["C1"],
    }
}

/// A message that says rightly that users notice nothing.
fn reassures(told: &Told) -> bool {
    has_true(told, |claim| {
        matches!(
            claim,
            Claim::Impact {
                kind: SymptomKind::NoImpact,
                ..
            }
        )
    })
}

fn first_word(case: &Case<'_>) -> Row {
    let first = case
        .session
        .desk
        .messages
        .iter()
        .find(|told| reassures(told));
    // The clock of the mildest severity.
    let due_ns = 2 * case.session.scenario().first_message_ns;
    let took_ns = first.map(|told| told.stamp.at_ns - case.page.at_ns);
    let points = by_clock(took_ns, due_ns);
    Row {
        id: "first-message",
        max: 16,
        share: points,
        evidence: first.map(|told| told.stamp.seq).into_iter().collect(),
        why: first.map_or_else(
            || "nobody was told that users notice nothing".to_owned(),
            |told| {
                format!(
                    "that users notice nothing was said first at {}",
                    clock(case, told.stamp.at_ns)
                )
            },
        ),
        better: "Tell those who see the red dashboard that users notice nothing, before they ask.",
        rules: &["C2", "M5"],
    }
}

/// Whether a message alarms: it tells the public of trouble that is none. Answers go to who asked, not to the public.
fn alarms(told: &Told) -> bool {
    told.message.audience == Audience::Public
        && told.message.answers.is_none()
        && told
            .message
            .claims
            .iter()
            .zip(&told.checks)
            .any(|(claim, check)| is_impact(claim) && *check == crate::desk::ClaimCheck::False)
}

fn no_false_alarm(case: &Case<'_>) -> Row {
    let messages = &case.session.desk.messages;
    let alarming: Vec<u64> = messages
        .iter()
        .filter(|told| alarms(told))
        .map(|told| told.stamp.seq)
        .collect();
    let first = messages.iter().find(|told| substantial(told));
    Row {
        id: "no-false-alarm",
        max: 14,
        share: all_or_nothing(alarming.is_empty() && first.is_some()),
        evidence: if alarming.is_empty() {
            first.map(|told| told.stamp.seq).into_iter().collect()
        } else {
            alarming.clone()
        },
        why: match (alarming.len(), first) {
            (0, Some(_)) => "the public was told of no trouble that was none".to_owned(),
            (0, None) => "nothing true was said to anybody".to_owned(),
            (count, _) => format!("{count} messages told the public of trouble that was none"),
        },
        better: "Do not tell the public of what they do not feel; tell your own people that there is nothing.",
        rules: &["C5", "C6"],
    }
}

fn content(case: &Case<'_>) -> Row {
    let open: Vec<&Told> = case
        .session
        .desk
        .messages
        .iter()
        .filter(|told| told.message.status != Status::Resolved)
        .collect();
    let (mut sum, mut lacking) = (0u64, [0u64; 4]);
    for told in &open {
        let claims = || told.message.claims.iter();
        let has = [
            reassures(told),
            claims().any(|c| matches!(c, Claim::Cause { .. } | Claim::CauseUnknown)),
            has_true(told, |c| matches!(c, Claim::Watching)),
            told.message.next_update_min.is_some(),
        ];
        // What is not so takes all credit with it.
        let sound = substantial(told);
        for (count, has) in lacking.iter_mut().zip(has) {
            *count += u64::from(!(has && sound));
            sum += u64::from(has && sound);
        }
    }
    let parts = [
        "that users notice nothing",
        "what it is, or that it is unknown",
        "that it is watched",
        "next update",
    ];
    let missing: Vec<String> = parts
        .into_iter()
        .zip(lacking)
        .filter(|(_, count)| *count > 0)
        .map(|(part, count)| format!("{part} ({count} of {})", open.len()))
        .collect();
    let all = open.len() * parts.len();
    let mut why = format!("{sum} of {all} parts of good updates were there and right");
    if !missing.is_empty() {
        why.push_str("; missing: ");
        why.push_str(&missing.join(", "));
    }
    Row {
        id: "content",
        max: 14,
        share: if open.is_empty() {
            0
        } else {
            share(sum, all as u64)
        },
        evidence: open.iter().map(|told| told.stamp.seq).collect(),
        why,
        better: "Say that users notice nothing, what it is or that you do not know, that you watch, and when you look again.",
        rules: &["C4"],
    }
}

fn closing(case: &Case<'_>) -> Row {
    let last = case.session.desk.messages.iter().rev().find(|told| {
        told.message.status == Status::Resolved
            && (reassures(told) || has_true(told, |claim| matches!(claim, Claim::Recovered)))
    });
    let review = last.is_some_and(|told| told.message.claims.contains(&Claim::FollowUp));
    Row {
        id: "closing",
        max: 8,
        share: all_or_nothing(last.is_some()) * 6 / 10 + all_or_nothing(review) * 4 / 10,
        evidence: last.map(|told| told.stamp.seq).into_iter().collect(),
        why: last.map_or_else(
            || "no message said rightly that it is over".to_owned(),
            |told| format!("closed at {}", clock(case, told.stamp.at_ns)),
        ),
        better: "Close with what it was, and that the alarm will be seen to so that it wakes nobody again.",
        rules: &["C9", "P9"],
    }
}
