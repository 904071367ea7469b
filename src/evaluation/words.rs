//! Messages and claims in words.

use brownout_scenario::compiled::Scenario;
use brownout_session::command::{Audience, Claim, Status, SymptomKind};
use brownout_session::desk::{ClaimCheck, Told};

use super::debrief::{Checked, Sent, Standing};

/// A message with its claims checked.
pub(super) fn sent(scenario: &Scenario, told: &Told) -> Sent {
    let message = &told.message;
    let claims = message.claims.iter().enumerate();
    Sent {
        at_ns: told.stamp.at_ns,
        audience: match message.audience {
            Audience::Public => "public",
            Audience::Executives => "executives",
            Audience::Responders => "responders",
        },
        status: match message.status {
            Status::Investigating => "investigating",
            Status::Identified => "identified",
            Status::Monitoring => "monitoring",
            Status::Resolved => "resolved",
        },
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
            let at =
                (scenario.start_unix_s + i64::try_from(*since_s).unwrap_or(0)).rem_euclid(86_400);
            format!("since {:02}:{:02}", at / 3_600, at / 60 % 60)
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
        Claim::Workaround { words } => format!("workaround: {words}"),
        Claim::Recovered => "recovered".to_owned(),
        Claim::DataLoss { lost: true } => "work was lost".to_owned(),
        Claim::DataLoss { lost: false } => "no work was lost".to_owned(),
        Claim::FollowUp => "a review follows".to_owned(),
    }
}

fn symptom(kind: SymptomKind) -> String {
    format!("{kind:?}").to_lowercase()
}
