//! The regional-gateway incident behaves as its field-guide entry (Q1) says, and so does its namesake elsewhere.
#![expect(
    clippy::cast_precision_loss,
    reason = "statistics and positions of a test"
)]

use crate::common;

use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_session::command::Action;
use brownout_session::harm::Harm;
use brownout_session::outcome::{Conclusion, OutcomeKind, conclude};
use brownout_session::players::{Nobody, Player, RestartAll, Scripted};
use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_sim::ids::RegionId;

/// How long after the page the scripted players act.
const ACT_S: u64 = 120;

fn bad_share(harm: &Harm, region: &str) -> f64 {
    let row = harm.by_region[region];
    (row.failed + row.slow) as f64 / row.requests as f64
}

fn suffered(harm: &Harm) -> u64 {
    harm.failed + harm.slow
}

fn concluded(scenario: &Arc<Scenario>, seed: u64, player: &mut dyn Player) -> Conclusion {
    conclude(&common::play(scenario, seed, player))
}

/// The three ways out of a variable missing in one region, written once for any service and place.
fn containments(
    service: &str,
    variable: &str,
    value: &str,
    bad: &str,
    good: &str,
) -> [(&'static str, Action); 3] {
    [
        (
            "rollback",
            Action::Rollback {
                service: service.to_owned(),
                region: None,
            },
        ),
        (
            "shift",
            Action::ShiftTraffic {
                from: bad.to_owned(),
                to: good.to_owned(),
                percent: 100,
            },
        ),
        (
            "variable",
            Action::SetVariable {
                service: service.to_owned(),
                region: Some(bad.to_owned()),
                variable: variable.to_owned(),
                value: Some(value.to_owned()),
            },
        ),
    ]
}

/// Play an action and check that the main flow of the region is back within ten minutes and stays.
fn contains(scenario: &Arc<Scenario>, seed: u64, name: &str, action: &Action, bad: &str) -> Harm {
    let session = common::play(scenario, seed, &mut Scripted::action(ACT_S, action.clone()));
    let conclusion = conclude(&session);
    let page_ns = session.page_ns().expect("the page came");
    let region = scenario
        .blueprint
        .regions
        .iter()
        .position(|r| r == bad)
        .expect("region");
    let back_ns = page_ns + ACT_S * SECOND_NS + 10 * MINUTE_NS;
    let success =
        conclusion
            .pulse
            .success_ppm(RegionId::from_index(region), back_ns, 2 * MINUTE_NS);
    assert!(
        success >= Some(990_000),
        "seed {seed}, {name}: success {success:?} ten minutes after acting"
    );
    conclusion.harm
}

#[test]
fn one_region_suffers_and_the_other_does_not() {
    for seed in common::seeds(2) {
        let scenario = common::scenario("regional-gateway", seed, Some(0));
        let harm = concluded(&scenario, seed, &mut Nobody).harm;
        assert!(
            bad_share(&harm, "eu-west") >= 0.20,
            "seed {seed}: {}",
            bad_share(&harm, "eu-west")
        );
        assert!(
            bad_share(&harm, "us-east") <= 0.005,
            "seed {seed}: {}",
            bad_share(&harm, "us-east")
        );
    }
}

#[test]
fn the_reference_resolves_both_truths_with_under_a_third_of_the_harm() {
    for seed in common::seeds(1) {
        for truth in [0, 1] {
            let scenario = common::scenario("regional-gateway", seed, Some(truth));
            let none = concluded(&scenario, seed, &mut Nobody);
            assert_eq!(
                none.outcome,
                OutcomeKind::Unresolved,
                "seed {seed}, truth {truth}"
            );
            let reference = conclude(&common::reference(&scenario, seed));
            assert_eq!(
                reference.outcome,
                OutcomeKind::Resolved,
                "seed {seed}, truth {truth}"
            );
            assert!(
                suffered(&reference.harm) * 3 < suffered(&none.harm),
                "seed {seed}, truth {truth}"
            );
            assert!(
                reference.diagnosed.component && reference.diagnosed.mechanism,
                "seed {seed}, truth {truth}"
            );
        }
    }
}

#[test]
fn restarting_everything_harms_at_least_as_much_as_doing_nothing() {
    for seed in common::seeds(1) {
        for truth in [0, 1] {
            let scenario = common::scenario("regional-gateway", seed, Some(truth));
            let none = concluded(&scenario, seed, &mut Nobody).harm;
            let restarted = concluded(&scenario, seed, &mut RestartAll::default()).harm;
            assert!(
                restarted.weighted >= none.weighted,
                "seed {seed}, truth {truth}"
            );
        }
    }
}

#[test]
fn three_containments_work_and_differ() {
    let mut harms = [Vec::new(), Vec::new(), Vec::new()];
    for seed in common::seeds(3) {
        let scenario = common::scenario("regional-gateway", seed, Some(0));
        let moves = containments(
            "checkout",
            "PAYMENTS_GATEWAY_URL",
            "http://payments.internal",
            "eu-west",
            "us-east",
        );
        for (list, (name, action)) in harms.iter_mut().zip(&moves) {
            list.push(contains(&scenario, seed, name, action, "eu-west").weighted);
        }
    }
    let medians = harms.map(|mut list| {
        list.sort_unstable();
        list[list.len() / 2] as f64
    });
    for (i, a) in medians.iter().enumerate() {
        for b in &medians[i + 1..] {
            assert!(
                a.max(*b) / a.min(*b) >= 1.10,
                "median harms too close: {medians:?}"
            );
        }
    }
}

/// The same three moves, by the same code, on a system of other names.
#[test]
fn the_containments_are_not_made_for_one_system() {
    for seed in common::seeds(1) {
        let scenario = common::scenario("kiosk-config", seed, Some(0));
        for (name, action) in &containments(
            "tickets",
            "FARES_URL",
            "http://fares.internal",
            "north",
            "south",
        ) {
            contains(&scenario, seed, name, action, "north");
        }
    }
}

/// Rolling back the last deploy is not always right: under the second truth it changes nothing.
#[test]
fn rolling_back_an_innocent_deploy_does_not_help() {
    let scenario = common::scenario("regional-gateway", 7, Some(1));
    let none = concluded(&scenario, 7, &mut Nobody).harm;
    let rollback = Action::Rollback {
        service: "checkout".to_owned(),
        region: None,
    };
    let rolled = concluded(&scenario, 7, &mut Scripted::action(ACT_S, rollback)).harm;
    assert!(
        rolled.weighted * 100 >= none.weighted * 95,
        "{} against {}",
        rolled.weighted,
        none.weighted
    );
    let off = Action::SetFlag {
        flag: "live-parcel-quotes".to_owned(),
        region: None,
        percent: 0,
    };
    let switched = concluded(&scenario, 7, &mut Scripted::action(ACT_S, off)).harm;
    assert!(
        switched.weighted * 3 < none.weighted,
        "{} against {}",
        switched.weighted,
        none.weighted
    );
}

/// The second truth must not be a first truth in disguise: switching the flag off does not help against a missing variable.
#[test]
fn switching_the_flag_off_does_not_help_against_a_missing_variable() {
    let scenario = common::scenario("regional-gateway", 7, Some(0));
    let none = concluded(&scenario, 7, &mut Nobody).harm;
    let off = Action::SetFlag {
        flag: "live-parcel-quotes".to_owned(),
        region: None,
        percent: 0,
    };
    let switched = concluded(&scenario, 7, &mut Scripted::action(ACT_S, off)).harm;
    assert!(
        switched.failed * 100 >= none.failed * 95,
        "{} against {}",
        switched.failed,
        none.failed
    );
}

/// A traffic shift needs room where it goes: with less than 30 % headroom the other region's users suffer too.
#[test]
fn shifting_traffic_onto_a_region_without_headroom_overloads_it() {
    let shift = Action::ShiftTraffic {
        from: "eu-west".to_owned(),
        to: "us-east".to_owned(),
        percent: 100,
    };
    let roomy = common::scenario("regional-gateway", 7, Some(0));
    let with_room = concluded(&roomy, 7, &mut Scripted::action(ACT_S, shift.clone())).harm;
    let mut tight = (*roomy).clone();
    let mut blueprint = (*tight.blueprint).clone();
    // us-east at 1.5 times its traffic: its gateway cores are then at 75 % before anybody is sent there.
    let us_east = blueprint
        .regions
        .iter()
        .position(|r| r == "us-east")
        .expect("region");
    for source in blueprint
        .sources
        .iter_mut()
        .filter(|s| s.region.index() == us_east)
    {
        source.interarrival_ns = source.interarrival_ns * 2 / 3;
    }
    tight.blueprint = Arc::new(blueprint);
    let tight = Arc::new(tight);
    let alone = concluded(&tight, 7, &mut Nobody).harm;
    assert!(
        bad_share(&alone, "us-east") < 0.01,
        "the region copes by itself: {}",
        bad_share(&alone, "us-east")
    );
    let without_room = concluded(&tight, 7, &mut Scripted::action(ACT_S, shift)).harm;
    assert!(
        bad_share(&with_room, "us-east") < 0.02,
        "{}",
        bad_share(&with_room, "us-east")
    );
    assert!(
        bad_share(&without_room, "us-east") > 0.20,
        "{}",
        bad_share(&without_room, "us-east")
    );
}

/// Releasing the same version again brings the fault back after a rollback, and does not after the variable is set.
#[test]
fn releasing_again_brings_the_fault_back_unless_the_variable_is_set() {
    use brownout_session::command::{Command, Intervention};
    let scenario = common::scenario("regional-gateway", 7, Some(0));
    let act = |after_s: u64, action: Action| {
        (
            after_s * SECOND_NS,
            Command::Act(Intervention {
                action,
                serves: None,
                price_accepted: false,
            }),
        )
    };
    let again = || Action::Deploy {
        service: "checkout".to_owned(),
        region: None,
        version: "2.41.0".to_owned(),
    };
    let [(_, rollback), _, (_, variable)] = containments(
        "checkout",
        "PAYMENTS_GATEWAY_URL",
        "http://payments.internal",
        "eu-west",
        "us-east",
    );
    let success_at_end = |script: Vec<(u64, Command)>| {
        let session = common::play(&scenario, 7, &mut Scripted { script, next: 0 });
        let eu_west = scenario
            .blueprint
            .regions
            .iter()
            .position(|r| r == "eu-west")
            .expect("region");
        let pulse = conclude(&session).pulse;
        pulse.success_ppm(
            RegionId::from_index(eu_west),
            scenario.horizon_ns,
            2 * MINUTE_NS,
        )
    };
    assert!(success_at_end(vec![act(60, rollback.clone()), act(420, again())]) < Some(100_000));
    assert!(
        success_at_end(vec![
            act(60, variable),
            act(240, rollback),
            act(600, again())
        ]) > Some(990_000)
    );
}
