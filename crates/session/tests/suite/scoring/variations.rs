//! Journals that differ from the reference's in one command, one for each criterion.

use std::sync::Arc;

use crate::common::{self, Recorded};
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::command::{Action, Audience, Claim, Command, Intervention, Verdict};
use brownout_session::score::ScoreCard;
use brownout_sim::blueprint::SECOND_NS;

pub type Script = Vec<(u64, Command)>;

pub const SEED: u64 = 7;

pub fn kiosk() -> Arc<Scenario> {
    common::scenario("kiosk-config", SEED, Some(0))
}

pub fn replayed(scenario: &Arc<Scenario>, script: Script) -> Session {
    common::play(scenario, SEED, &mut Recorded::new(script))
}

pub fn earned(card: &ScoreCard, id: &str) -> u32 {
    card.criteria
        .iter()
        .find(|c| c.id == id)
        .unwrap_or_else(|| panic!("no criterion {id}"))
        .earned
}

/// Drop the first command that `which` picks.
pub fn without(script: &Script, which: impl Fn(&Command) -> bool) -> Script {
    let position = script
        .iter()
        .position(|(_, c)| which(c))
        .expect("the reference gives such a command");
    let mut changed = script.clone();
    changed.remove(position);
    changed
}

/// Change the first command that `change` knows how to.
pub fn altered(script: &Script, change: impl Fn(&mut u64, &mut Command) -> bool) -> Script {
    let mut changed = script.clone();
    assert!(
        changed.iter_mut().any(|(at_ns, c)| change(at_ns, c)),
        "the reference gives such a command"
    );
    changed.sort_by_key(|(at_ns, _)| *at_ns);
    changed
}

pub fn is_change(command: &Command) -> bool {
    matches!(command, Command::Act(Intervention { action, .. })
        if !matches!(action, Action::CaptureEvidence { .. } | Action::PagePerson { .. }))
}

/// A variation for each criterion. `base` is what the reference did.
pub fn variations(base: &Script) -> Vec<(&'static str, Script, Script)> {
    let tell = |change: &dyn Fn(&mut Vec<Claim>)| {
        altered(base, |_, command| {
            if let Command::Tell(message) = command {
                change(&mut message.claims);
            }
            matches!(command, Command::Tell(_))
        })
    };
    // Only the first message, so that no later one makes up for it.
    let first_only: Script = {
        let mut seen = 0;
        base.iter()
            .filter(|(_, c)| {
                seen += u32::from(matches!(c, Command::Tell(_)));
                !matches!(c, Command::Tell(_)) || seen == 1
            })
            .cloned()
            .collect()
    };
    let unscoped = altered(&first_only, |_, command| {
        if let Command::Tell(message) = command {
            message
                .claims
                .retain(|claim| !matches!(claim, Claim::Scope { .. }));
        }
        matches!(command, Command::Tell(_))
    });
    let act = |change: &dyn Fn(&mut u64, &mut Intervention)| {
        altered(base, |at_ns, command| {
            let picked = is_change(command);
            if let (true, Command::Act(intervention)) = (picked, command) {
                change(at_ns, intervention);
            }
            picked
        })
    };
    let mut restart_too = base.clone();
    let position = base
        .iter()
        .position(|(_, c)| is_change(c))
        .expect("it acts");
    let other = Action::Restart {
        service: "seats".to_owned(),
        region: None,
    };
    let poke = Command::Act(Intervention {
        action: other,
        serves: None,
        price_accepted: true,
    });
    restart_too.insert(position, (base[position].0, poke));
    let done_ns = base[position].0 + 200 * SECOND_NS;
    let last_update = {
        let tells: Vec<usize> = (0..base.len())
            .filter(|&i| matches!(&base[i].1, Command::Tell(m) if m.answers.is_none() && m.next_update_min.is_some()))
            .collect();
        let mut changed = base.clone();
        changed.remove(tells[tells.len() - 1]);
        changed
    };
    let rows: Vec<(&'static str, Script)> = vec![
        (
            "symptom-first",
            without(base, |c| matches!(c, Command::StateSymptom(_))),
        ),
        ("harm-averted", without(base, is_change)),
        ("decisive", restart_too),
        ("in-time", act(&|at_ns, _| *at_ns += 180 * SECOND_NS)),
        (
            "verified",
            altered(base, |at_ns, c| {
                if matches!(c, Command::Resolve) {
                    *at_ns = done_ns;
                }
                matches!(c, Command::Resolve)
            }),
        ),
        (
            "corrected",
            act(&|_, intervention| {
                intervention.action = Action::Rollback {
                    service: "tickets".to_owned(),
                    region: None,
                };
            }),
        ),
        (
            "evidence-kept",
            without(base, |c| {
                matches!(
                    c,
                    Command::Act(Intervention {
                        action: Action::CaptureEvidence { .. },
                        ..
                    })
                )
            }),
        ),
        (
            "price-named",
            act(&|_, intervention| intervention.price_accepted = false),
        ),
        (
            "before-acting",
            act(&|_, intervention| intervention.serves = None),
        ),
        (
            "predictions",
            altered(base, |_, c| {
                if let Command::Hypothesise(written) = c {
                    written.predictions.clear();
                }
                matches!(c, Command::Hypothesise(_))
            }),
        ),
        (
            "verdicts",
            altered(base, |_, c| {
                if let Command::Judge { verdict, .. } = c {
                    *verdict = Verdict::Refuted;
                }
                matches!(c, Command::Judge { .. })
            }),
        ),
        (
            "calibration",
            altered(base, |_, c| {
                if let Command::SetConfidence { percent, .. } = c {
                    *percent = 10;
                }
                matches!(c, Command::SetConfidence { .. })
            }),
        ),
        (
            "diagnosis",
            without(base, |c| matches!(c, Command::Refine { .. })),
        ),
        (
            "compared",
            without(base, |c| matches!(c, Command::AttachEvidence { .. })),
        ),
        (
            "acknowledged",
            without(base, |c| matches!(c, Command::Acknowledge)),
        ),
        (
            "severity",
            without(base, |c| matches!(c, Command::DeclareSeverity { .. })),
        ),
        ("updates", last_update),
        ("content", tell(&|claims| claims.truncate(1))),
        (
            "honest",
            tell(&|claims| {
                claims.push(Claim::Cause {
                    component: "seats".to_owned(),
                    known: true,
                });
            }),
        ),
        (
            "answers",
            without(
                base,
                |c| matches!(c, Command::Tell(m) if m.answers.is_some()),
            ),
        ),
        (
            "closing",
            altered(base, |_, c| {
                let picked = matches!(&*c, Command::Tell(m) if m.claims.contains(&Claim::Recovered) && m.audience == Audience::Executives);
                if let (true, Command::Tell(m)) = (picked, c) {
                    m.claims
                        .retain(|claim| !matches!(claim, Claim::DataLoss { .. }));
                }
                picked
            }),
        ),
    ];
    let mut all: Vec<(&'static str, Script, Script)> = rows
        .into_iter()
        .map(|(id, changed)| (id, base.clone(), changed))
        .collect();
    let silent = without(&first_only, |c| matches!(c, Command::Tell(_)));
    all.push(("first-message", first_only.clone(), silent));
    all.push(("scope-message", first_only, unscoped));
    all
}
