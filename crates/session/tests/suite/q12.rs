//! The lunch-rush incident behaves as its field-guide entry (Q12) says: an overload that outlives what set it off. Under
//! both truths the trigger is gone, or of no weight, when the page comes, and the load is one that the city carried with
//! half its strength before.

use crate::common;

use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::command::{Action, Metric};
use brownout_session::outcome::{Conclusion, OutcomeKind, conclude};
use brownout_session::players::{Nobody, Player, Scripted};
use brownout_sim::blueprint::MINUTE_NS;
use brownout_sim::ids::RegionId;
use brownout_telemetry::signal::Signal;

/// How long after the page the scripted players act.
const ACT_S: u64 = 120;
const DUBLIN: usize = 0;
const PORTO: usize = 1;
/// Truths of the scenario.
const PUSH: usize = 0;
const CACHE: usize = 1;

fn scenario(seed: u64, truth: usize) -> Arc<Scenario> {
    common::scenario("lunch-rush", seed, Some(truth))
}

fn concluded(scenario: &Arc<Scenario>, seed: u64, player: &mut dyn Player) -> Conclusion {
    conclude(&common::play(scenario, seed, player))
}

/// Success of orders in a region over the five minutes before a time, parts per million.
fn ordered(conclusion: &Conclusion, region: usize, until_min: u64) -> u64 {
    let region = RegionId::from_index(region);
    let until_ns = until_min * MINUTE_NS;
    let success = conclusion
        .pulse
        .success_ppm(region, until_ns, 5 * MINUTE_NS);
    success.expect("people order")
}

/// A reading of the last minutes before a time, over five minutes.
fn reading(session: &Session, metric: &Metric, until_min: u64) -> u64 {
    let (from_ns, until_ns) = ((until_min - 5) * MINUTE_NS, until_min * MINUTE_NS);
    let series = session
        .reader()
        .series(metric, from_ns, until_ns, 5 * MINUTE_NS);
    series
        .last()
        .and_then(|(_, reading)| *reading)
        .expect("it is measured")
}

/// What guests ask of the city is the same before and long after the trigger; what comes of it is not.
#[test]
fn the_same_load_is_served_before_and_not_after() {
    for seed in common::seeds(1) {
        for (truth, most) in [(PUSH, 5), (CACHE, 15)] {
            let scenario = scenario(seed, truth);
            let session = common::play(&scenario, seed, &mut Nobody);
            let looks = Metric::flow(Signal::Rate, "menu", Some("dublin"));
            let (before, after) = (reading(&session, &looks, 20), reading(&session, &looks, 46));
            assert!(
                before.abs_diff(after) * 100 <= before * most,
                "seed {seed}, truth {truth}: {before} and {after} looks in 1000 s"
            );
            let conclusion = conclude(&session);
            assert!(ordered(&conclusion, DUBLIN, 20) >= 999_000, "truth {truth}");
            let later = ordered(&conclusion, DUBLIN, 46);
            assert!(later < 500_000, "seed {seed}, truth {truth}: {later}");
            assert!(ordered(&conclusion, PORTO, 46) >= 999_000, "truth {truth}");
            assert_eq!(conclusion.outcome, OutcomeKind::Unresolved);
        }
    }
}

/// What keeps it going is another thing each time: under the one truth the cores of menus are busy with three attempts for
/// each guest, under the other they are idle while every look is a query.
#[test]
fn the_loops_differ() {
    let seed = 7;
    for truth in [PUSH, CACHE] {
        let session = common::play(&scenario(seed, truth), seed, &mut Nobody);
        let at = |signal, service| {
            let metric = Metric::service(signal, service, Some("dublin"));
            (
                reading(&session, &metric, 20),
                reading(&session, &metric, 40),
            )
        };
        let (calls_before, calls) = at(Signal::Rate, "menus");
        assert!(
            calls * 10 > calls_before * 22,
            "truth {truth}: {calls_before} and {calls} calls in 1000 s"
        );
        let (menus, database) = (at(Signal::Cpu, "menus").1, at(Signal::Cpu, "menus-db").1);
        let (busy, idle) = if truth == PUSH {
            (menus, database)
        } else {
            (database, menus)
        };
        assert!(
            busy > 970_000 && idle < 400_000,
            "truth {truth}: {busy}, {idle}"
        );
    }
}

/// What usually helps does not: a restart, the old release, one instance more.
#[test]
fn nothing_usual_helps() {
    let seed = 7;
    let region = || Some("dublin".to_owned());
    let service = || "menus".to_owned();
    let moves = [
        Action::Restart {
            service: service(),
            region: region(),
        },
        Action::Rollback {
            service: service(),
            region: None,
        },
        Action::Scale {
            service: service(),
            region: region(),
            replicas: 3,
        },
    ];
    for truth in [PUSH, CACHE] {
        let scenario = scenario(seed, truth);
        let none = concluded(&scenario, seed, &mut Nobody).harm.weighted;
        for action in &moves {
            let mut player = Scripted::action(ACT_S, action.clone());
            let tried = concluded(&scenario, seed, &mut player);
            assert!(
                tried.harm.weighted * 100 >= none * 95,
                "truth {truth}, {action:?}: {} against {none}",
                tried.harm.weighted
            );
            assert_eq!(tried.contained_s, None, "truth {truth}, {action:?}");
        }
    }
}

/// The healthy city carries its own guests and no others: sent there, they take the collapse with them.
#[test]
fn the_moves_that_tempt_take_the_other_city_along() {
    let seed = 7;
    for truth in [PUSH, CACHE] {
        let scenario = scenario(seed, truth);
        let none = concluded(&scenario, seed, &mut Nobody).harm.weighted;
        let shift = Action::ShiftTraffic {
            from: "dublin".to_owned(),
            to: "porto".to_owned(),
            percent: 100,
        };
        let shifted = concluded(&scenario, seed, &mut Scripted::action(ACT_S, shift));
        assert!(
            shifted.harm.weighted * 10 > none * 12,
            "truth {truth}: {} against {none}",
            shifted.harm.weighted
        );
        assert!(ordered(&shifted, PORTO, 46) < 500_000, "truth {truth}");
    }
    // An empty cache does to the other city what it did to the first.
    let scenario = scenario(seed, CACHE);
    let none = concluded(&scenario, seed, &mut Nobody).harm.weighted;
    let restart = Action::Restart {
        service: "menu-cache".to_owned(),
        region: None,
    };
    let restarted = concluded(&scenario, seed, &mut Scripted::action(ACT_S, restart));
    assert!(
        restarted.harm.weighted * 10 > none * 12,
        "{} against {none}",
        restarted.harm.weighted
    );
}
