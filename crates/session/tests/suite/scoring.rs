//! Scores follow from evidence: for each criterion two journals that differ in one command, and what must not pay.

use crate::common;

use std::sync::Arc;

use crate::common::Recorded;
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::command::{
    Action, Audience, Claim, Command, Intervention, SymptomKind, Verdict,
};
use brownout_session::outcome::conclude;
use brownout_session::players::{RestartAll, RollbackAll};
use brownout_session::score::{ScoreCard, Trial, score};
use brownout_sim::blueprint::SECOND_NS;

type Script = Vec<(u64, Command)>;

const SEED: u64 = 7;

fn kiosk() -> Arc<Scenario> {
    common::scenario("kiosk-config", SEED, Some(0))
}

fn replayed(scenario: &Arc<Scenario>, script: Script) -> Session {
    common::play(scenario, SEED, &mut Recorded::new(script))
}

fn earned(card: &ScoreCard, id: &str) -> u32 {
    card.criteria
        .iter()
        .find(|c| c.id == id)
        .unwrap_or_else(|| panic!("no criterion {id}"))
        .earned
}

/// Drop the first command that `which` picks.
fn without(script: &Script, which: impl Fn(&Command) -> bool) -> Script {
    let position = script
        .iter()
        .position(|(_, c)| which(c))
        .expect("the reference gives such a command");
    let mut changed = script.clone();
    changed.remove(position);
    changed
}

/// Change the first command that `change` knows how to.
fn altered(script: &Script, change: impl Fn(&mut u64, &mut Command) -> bool) -> Script {
    let mut changed = script.clone();
    assert!(
        changed.iter_mut().any(|(at_ns, c)| change(at_ns, c)),
        "the reference gives such a command"
    );
    changed.sort_by_key(|(at_ns, _)| *at_ns);
    changed
}

fn is_change(command: &Command) -> bool {
    matches!(command, Command::Act(Intervention { action, .. })
        if !matches!(action, Action::CaptureEvidence { .. } | Action::PagePerson { .. }))
}

/// A variation for each criterion. `base` is what the reference did.
fn variations(base: &Script) -> Vec<(&'static str, Script, Script)> {
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

const BY_WHAT_IF: [&str; 4] = ["harm-averted", "decisive", "in-time", "price-named"];

#[test]
fn every_criterion_tells_two_journals_apart_that_differ_in_one_command() {
    let scenario = kiosk();
    let session = common::reference(&scenario, SEED);
    let base = Recorded::of(&session);
    let harm = conclude(&session).harm;
    let trial = common::trial(&session, harm.clone());
    let played = score(&session, &conclude(&session), &trial);
    let mut known: Vec<&str> = played.criteria.iter().map(|c| c.id).collect();
    let card = |script: &Script, id: &str| {
        let session = replayed(&scenario, script.clone());
        // What-if runs are only needed where they decide.
        let own: Trial = if BY_WHAT_IF.contains(&id) {
            common::trial(&session, harm.clone())
        } else {
            trial.clone()
        };
        score(&session, &conclude(&session), &own)
    };
    for (id, before, after) in variations(&base) {
        let with = if before == base {
            played.clone()
        } else {
            card(&before, id)
        };
        let without = card(&after, id);
        assert!(
            earned(&with, id) > earned(&without, id),
            "{id}: {} and {}",
            earned(&with, id),
            earned(&without, id)
        );
        known.retain(|other| *other != id);
    }
    assert!(
        known.is_empty(),
        "criteria without a pair of journals: {known:?}"
    );
}

#[test]
fn every_criterion_cites_entries_and_rules() {
    let scenario = kiosk();
    for session in [
        common::reference(&scenario, SEED),
        common::play(&scenario, SEED, &mut RestartAll::default()),
    ] {
        let card = common::evaluate(&session, conclude(&session).harm);
        for criterion in &card.criteria {
            assert!(
                !criterion.rules.is_empty() && !criterion.why.is_empty(),
                "{}",
                criterion.id
            );
            assert!(!criterion.evidence.is_empty(), "{}", criterion.id);
            let last = session.records().len() as u64;
            assert!(
                criterion
                    .evidence
                    .iter()
                    .all(|seq| (1..=last).contains(seq)),
                "{}",
                criterion.id
            );
            assert!(criterion.earned <= criterion.max);
            assert_eq!(
                criterion.better.is_empty(),
                criterion.earned == criterion.max,
                "{}",
                criterion.id
            );
        }
    }
}

/// All the right kinds of entries at the right times, with the wrong things in them.
#[test]
fn presence_without_content_stays_under_35() {
    let scenario = kiosk();
    let session = common::reference(&scenario, SEED);
    let mut script = Recorded::of(&session);
    for (_, command) in &mut script {
        match command {
            Command::StateSymptom(symptom) => {
                symptom.kind = SymptomKind::StaleData;
                symptom.regions = vec!["south".to_owned()];
            }
            Command::DeclareSeverity { severity } => *severity = "SEV-4".to_owned(),
            Command::Hypothesise(written) => {
                written.mechanism = "disk-full".to_owned();
                written.trigger = Some("Deploy seats 2.0.2".to_owned());
                written.suspect = if written.suspect == "tickets" {
                    "seats".to_owned()
                } else {
                    "print-jobs".to_owned()
                };
            }
            Command::Refine { path, trigger, .. } => {
                path.clear();
                *trigger = Some("Deploy seats 2.0.2".to_owned());
            }
            Command::Tell(message) => {
                message.claims = vec![
                    Claim::Impact {
                        kind: SymptomKind::StaleData,
                        flow: "buy".to_owned(),
                    },
                    Claim::Scope {
                        regions: vec!["south".to_owned()],
                    },
                    Claim::Since { since_s: 60 },
                    Claim::Cause {
                        component: "seats".to_owned(),
                        known: true,
                    },
                    Claim::FollowUp,
                ];
            }
            _ => {}
        }
    }
    let wrong = replayed(&scenario, script);
    let card = common::evaluate(&wrong, conclude(&session).harm);
    assert!(card.hypotheses < 35, "hypotheses {}", card.hypotheses);
    assert!(
        card.communication < 35,
        "communication {}",
        card.communication
    );
}

/// The same message fifty times, the same look fifty times, ten hypotheses: nothing is gained.
#[test]
fn nothing_is_gained_by_volume() {
    let scenario = kiosk();
    let session = common::reference(&scenario, SEED);
    let harm = conclude(&session).harm;
    let trial = common::trial(&session, harm);
    let base = score(&session, &conclude(&session), &trial);
    let script = Recorded::of(&session);
    let mut stuffed = Script::new();
    for (at_ns, command) in script {
        let copies = if matches!(command, Command::Tell(_) | Command::Observe(_)) {
            10
        } else {
            1
        };
        for _ in 0..copies {
            stuffed.push((at_ns, command.clone()));
        }
    }
    let session = replayed(&scenario, stuffed);
    let card = score(&session, &conclude(&session), &trial);
    assert!(
        card.communication <= base.communication,
        "{} against {}",
        card.communication,
        base.communication
    );
    assert!(
        card.hypotheses <= base.hypotheses,
        "{} against {}",
        card.hypotheses,
        base.hypotheses
    );
}

#[test]
fn the_reference_beats_the_cheats_by_ten_points() {
    for seed in common::seeds(1) {
        let scenario = common::scenario("regional-gateway", seed, None);
        let reference = common::reference(&scenario, seed);
        let harm = conclude(&reference).harm;
        let best = common::evaluate(&reference, harm.clone()).overall;
        let restarted = common::play(&scenario, seed, &mut RestartAll::default());
        let rolled = common::play(&scenario, seed, &mut RollbackAll::default());
        for (name, session) in [("restart-all", restarted), ("rollback-all", rolled)] {
            let card = common::evaluate(&session, harm.clone());
            assert!(
                best >= card.overall + 10,
                "seed {seed}: reference {best}, {name} {}",
                card.overall
            );
        }
    }
}

/// Rolling back a seen release at once, with the symptom stated, needs no hypothesis for full credit before acting.
#[test]
fn a_rollback_first_is_no_fault() {
    let scenario = kiosk();
    let session = common::reference(&scenario, SEED);
    let script = Recorded::of(&session);
    let rollback = altered(&script, |_, command| {
        let picked = is_change(command);
        if let (true, Command::Act(intervention)) = (picked, command) {
            intervention.action = Action::Rollback {
                service: "tickets".to_owned(),
                region: Some("north".to_owned()),
            };
            intervention.serves = None;
        }
        picked
    });
    let session = replayed(&scenario, rollback);
    let harm = conclude(&session).harm;
    let trial = common::trial(&session, harm);
    let card = score(&session, &conclude(&session), &trial);
    let before = card
        .criteria
        .iter()
        .find(|c| c.id == "before-acting")
        .expect("criterion");
    assert_eq!(before.earned, before.max);
}
