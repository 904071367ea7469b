//! The slow-mornings incident behaves as its field-guide entry (Q5) says: the day after a release a page takes seconds and
//! hardly anything fails; N+1 calls, a lost index and a slow company are told apart by evidence only.

use crate::common;

use std::sync::Arc;

use brownout_scenario::action::Action;
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::command::Metric;
use brownout_session::outcome::{Conclusion, OutcomeKind, conclude};
use brownout_session::players::{Nobody, Player, Scripted};
use brownout_sim::blueprint::MINUTE_NS;
use brownout_telemetry::signal::Signal;

const ONE_BY_ONE: usize = 0;
const INDEX: usize = 1;
const CLEARING: usize = 2;
const ALL: [usize; 3] = [ONE_BY_ONE, INDEX, CLEARING];
/// How long after the page the scripted players act.
const ACT_S: u64 = 180;

fn scenario(seed: u64, truth: usize) -> Arc<Scenario> {
    common::scenario("slow-mornings", seed, Some(truth))
}

fn played(seed: u64, truth: usize, player: &mut dyn Player) -> Session {
    common::play(&scenario(seed, truth), seed, player)
}

fn concluded(seed: u64, truth: usize, player: &mut dyn Player) -> Conclusion {
    conclude(&played(seed, truth, player))
}

/// A reading over the four minutes before a time of the run.
fn reading(session: &Session, metric: &Metric, minute: u64) -> Option<u64> {
    let at_ns = minute * MINUTE_NS;
    let series = session
        .reader()
        .series(metric, at_ns - MINUTE_NS, at_ns, 4 * MINUTE_NS);
    series.last().and_then(|(_, reading)| *reading)
}

fn p95_ms(session: &Session, minute: u64) -> u64 {
    let metric = Metric::flow(Signal::LatencyP95, "day", Some("zurich"));
    reading(session, &metric, minute).expect("lists are opened") / 1_000
}

/// Under every truth a list takes a moment while the halls are empty and seconds once they are full, and what is slow
/// does not fail.
#[test]
fn lists_grow_slow_as_the_halls_fill_and_hardly_any_fails() {
    for seed in common::seeds(1) {
        for truth in ALL {
            let session = played(seed, truth, &mut Nobody);
            let case = format!("seed {seed}, truth {truth}");
            let (early, late) = (p95_ms(&session, 10), p95_ms(&session, 40));
            assert!(early < 700, "{case}: {early} ms at the beginning");
            assert!((2_500..9_000).contains(&late), "{case}: {late} ms");
            let page_ns = session.page_ns().expect("the page came");
            let after_ns = page_ns - session.scenario().truth.onset_ns;
            assert!((MINUTE_NS..6 * MINUTE_NS).contains(&after_ns), "{case}");
            let conclusion = conclude(&session);
            let harm = conclusion.harm;
            assert_eq!(conclusion.outcome, OutcomeKind::Unresolved, "{case}");
            assert!(harm.failed * 100 < harm.requests, "{case}: {harm:?}");
            for region in ["zurich", "geneva"] {
                let metric = Metric::flow(Signal::SlowShare, "day", Some(region));
                let slow = reading(&session, &metric, 40);
                assert!(slow > Some(500_000), "{case}, {region}: {slow:?} slow");
            }
        }
    }
}

/// What separates them: calls of patients for each list, how long the diary's database takes, how long the clearing house
/// does. Each is out of its band under one truth only.
#[test]
fn one_reading_each_tells_them_apart() {
    for seed in common::seeds(1) {
        for truth in ALL {
            let session = played(seed, truth, &mut Nobody);
            let zurich = Some("zurich");
            let rate = |metric: Metric| reading(&session, &metric, 36).expect("they are called");
            let lists = rate(Metric::flow(Signal::Rate, "day", zurich));
            let names = rate(Metric::calls(Signal::Rate, "diary", "patients", zurich));
            let database = Metric::calls(Signal::LatencyP95, "diary", "diary-db", zurich);
            let clearing = Metric::calls(Signal::LatencyP95, "insurers", "assura", zurich);
            let telling = [
                names > 8 * lists,
                rate(database) > 600_000,
                rate(clearing) > 900_000,
            ];
            let only: Vec<usize> = (0..3).filter(|&i| telling[i]).collect();
            assert_eq!(only, [truth], "seed {seed}");
        }
    }
}

/// Taking the release back ends the truth in which it is guilty and none of the others.
#[test]
fn the_release_is_innocent_but_in_one() {
    let rollback = || Action::Rollback {
        service: "diary".to_owned(),
        region: None,
    };
    for seed in common::seeds(1) {
        for truth in ALL {
            let none = concluded(seed, truth, &mut Nobody).harm.weighted;
            let tried = concluded(seed, truth, &mut Scripted::action(ACT_S, rollback()));
            let harm = tried.harm.weighted;
            if truth == ONE_BY_ONE {
                assert!(harm * 2 < none, "seed {seed}: {harm} against {none}");
            } else {
                assert!(harm * 10 > none * 9, "seed {seed}: {harm} against {none}");
            }
        }
    }
}

/// Not waiting so long and asking again turns slow lists into failed ones, and asks for more of what is short.
#[test]
fn a_shorter_time_out_with_retries_makes_it_worse() {
    let impatient = || Action::CallPolicy {
        service: "portal".to_owned(),
        callee: "diary".to_owned(),
        region: None,
        timeout_ms: Some(2_000),
        attempts: Some(3),
        pool: None,
    };
    for seed in common::seeds(1) {
        for truth in ALL {
            let none = concluded(seed, truth, &mut Nobody).harm;
            let tried = concluded(seed, truth, &mut Scripted::action(ACT_S, impatient())).harm;
            let case = format!("seed {seed}, truth {truth}");
            assert!(tried.weighted > none.weighted, "{case}");
            assert!(tried.failed > none.failed + 500, "{case}: {tried:?}");
        }
    }
}

#[test]
fn the_reference_shows_every_dimension() {
    for truth in ALL {
        let session = common::reference(&scenario(7, truth), 7);
        let conclusion = conclude(&session);
        assert!(
            conclusion.diagnosed.component && conclusion.diagnosed.mechanism,
            "truth {truth}"
        );
        let none = concluded(7, truth, &mut Nobody).harm.weighted;
        assert!(
            conclusion.harm.weighted * 3 < none,
            "truth {truth}: {} against {none}",
            conclusion.harm.weighted
        );
        let card = common::evaluate(&session, conclusion.harm);
        let worst = card
            .containment
            .min(card.hypotheses)
            .min(card.communication);
        assert!(worst >= 80, "truth {truth}: {card:?}");
    }
}
