//! Scores follow from evidence: for each criterion two journals that differ in one command, and what must not pay.

mod control;
mod variations;

use std::sync::Arc;

use crate::common;

use crate::common::Recorded;
use brownout_scenario::compiled::Scenario;
use brownout_session::command::{Action, Claim, Command, SymptomKind};
use brownout_session::outcome::conclude;
use brownout_session::players::{RestartAll, RollbackAll};
use brownout_session::score::{Trial, score};
use variations::{SEED, Script, altered, earned, is_change, kiosk, replayed, variations};

const BY_WHAT_IF: [&str; 4] = ["harm-averted", "decisive", "in-time", "price-named"];

#[test]
fn every_criterion_tells_two_journals_apart_that_differ_in_one_command() {
    tells_apart(&kiosk(), variations, &BY_WHAT_IF);
}

/// Every criterion earns less in the second of two journals that `variations` makes of the reference's for it. Those named
/// in `by_what_if` need what-if runs of their own; nowhere else do they decide.
fn tells_apart(
    scenario: &Arc<Scenario>,
    variations: fn(&Script) -> Vec<(&'static str, Script, Script)>,
    by_what_if: &[&str],
) {
    let session = common::reference(scenario, SEED);
    let base = Recorded::of(&session);
    let harm = conclude(&session).harm;
    let trial = common::trial(&session, harm.clone());
    let played = score(&session, &conclude(&session), &trial);
    let mut known: Vec<&str> = played.criteria.iter().map(|c| c.id).collect();
    let card = |script: &Script, id: &str| {
        let session = replayed(scenario, script.clone());
        let own: Trial = if by_what_if.contains(&id) {
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
