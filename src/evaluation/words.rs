//! Messages and claims in words.

use brownout_scenario::compiled::Scenario;
use brownout_session::command::{Audience, Claim, Status, SymptomKind};
use brownout_session::desk::{ClaimCheck, Told};
use brownout_telemetry::signal::Signal;

use super::debrief::{Checked, Sent, Standing};

/// A message with its claims checked.
pub(super) fn sent(scenario: &Scenario, told: &Told) -> Sent {
    let message = &told.message;
    let claims = message.claims.iter().enumerate();
    Sent {
        seq: told.stamp.seq,
        at_ns: told.stamp.at_ns,
        audience: audience(message.audience),
        status: status(message.status),
        words: message.words.clone(),
        claims: claims
            .map(|(index, claim)| Checked {
                claim: words(scenario, claim),
                standing: standing(scenario, claim, told.checks.get(index).copied()),
            })
            .collect(),
    }
}

/// How a claim stands. Of a cause only the truth can tell.
fn standing(scenario: &Scenario, claim: &Claim, check: Option<ClaimCheck>) -> Standing {
    if let Claim::Cause { component, .. } = claim {
        let truth = scenario.truth.component.index();
        return if scenario.blueprint.services[truth].name == *component {
            Standing::True
        } else {
            Standing::False
        };
    }
    match check {
        Some(ClaimCheck::True) => Standing::True,
        Some(ClaimCheck::False) => Standing::False,
        Some(ClaimCheck::Open) | None => Standing::Open,
    }
}

fn words(scenario: &Scenario, claim: &Claim) -> String {
    match claim {
        Claim::Impact { kind, flow } => format!("{} in {flow}", symptom(*kind)),
        Claim::Scope { regions } if regions.is_empty() => "nowhere".to_owned(),
        Claim::Scope { regions } => format!("in {}", regions.join(", ")),
        Claim::Since { since_s } => {
            format!("since {}", minute(scenario, *since_s))
        }
        Claim::Figure { metric, value } => {
            let unit = metric.signal.unit();
            if unit == "ppm" {
                format!("figure {}.{} %", value / 10_000, value / 1_000 % 10)
            } else {
                format!("figure {value} {unit}")
            }
        }
        Claim::Cause { component, known } => {
            let said = if *known { "known" } else { "suspected" };
            format!("cause {component}, {said}")
        }
        Claim::CauseUnknown => "cause unknown".to_owned(),
        Claim::Mitigating => "mitigation under way".to_owned(),
        Claim::Watching => "watched on purpose".to_owned(),
        Claim::Workaround { words } => format!("workaround: {words}"),
        Claim::Recovered => "recovered".to_owned(),
        Claim::DataLoss { lost: true } => "work was lost".to_owned(),
        Claim::DataLoss { lost: false } => "no work was lost".to_owned(),
        Claim::FollowUp => "a review follows".to_owned(),
    }
}

/// Whom a message is for.
pub(super) const fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "public",
        Audience::Executives => "executives",
        Audience::Responders => "responders",
    }
}

/// What a message announces.
pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Investigating => "investigating",
        Status::Identified => "identified",
        Status::Monitoring => "monitoring",
        Status::Resolved => "resolved",
    }
}

/// Calendar time of a second of simulated time, to the minute.
pub(super) fn minute(scenario: &Scenario, second: u64) -> String {
    let at = (scenario.start_unix_s + i64::try_from(second).unwrap_or(0)).rem_euclid(86_400);
    format!("{:02}:{:02}", at / 3_600, at / 60 % 60)
}

/// What users feel.
pub(super) const fn symptom(kind: SymptomKind) -> &'static str {
    match kind {
        SymptomKind::Errors => "errors",
        SymptomKind::Slowness => "slowness",
        SymptomKind::StaleData => "stale data",
        SymptomKind::MissingFunctionality => "missing functionality",
        SymptomKind::LostOrDuplicatedWork => "lost or duplicated work",
        SymptomKind::NoImpact => "nothing that users notice",
    }
}

/// A signal.
pub(super) const fn signal(signal: Signal) -> &'static str {
    match signal {
        Signal::Rate => "requests",
        Signal::SuccessShare => "success",
        Signal::ErrorShare => "errors",
        Signal::SlowShare => "slow requests",
        Signal::LatencyP50 => "p50",
        Signal::LatencyP95 => "p95",
        Signal::LatencyP99 => "p99",
        Signal::Saturation => "workers in use",
        Signal::QueueDepth => "waiting requests",
        Signal::QueueAge => "oldest waiting request",
        Signal::DeadLetters => "dead letters",
        Signal::Cpu => "CPU",
        Signal::ReadyInstances => "ready instances",
    }
}
