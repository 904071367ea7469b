//! The wallet-payments incident behaves as its field-guide entry (Q3) says: after a release a part of the payments fails,
//! on one payment path only, and two truths that look alike at first ask for different moves.
#![expect(
    clippy::cast_precision_loss,
    reason = "statistics and positions of a test"
)]

use crate::common;

use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_session::command::Action;
use brownout_session::outcome::{Conclusion, OutcomeKind, conclude};
use brownout_session::players::{Nobody, Player, RestartAll, Scripted};
use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_sim::ids::RegionId;

/// How long after the page the scripted players act.
const ACT_S: u64 = 120;
const EU: usize = 0;
const US: usize = 1;
/// Of the system and the scenario: shoppers who pay with a wallet, and the share of them that the bad release fails.
const WALLET: f64 = 0.28;
const FAILED_BY_RELEASE: f64 = 0.85;

fn scenario(seed: u64, truth: usize) -> Arc<Scenario> {
    common::scenario("wallet-payments", seed, Some(truth))
}

fn concluded(scenario: &Arc<Scenario>, seed: u64, player: &mut dyn Player) -> Conclusion {
    conclude(&common::play(scenario, seed, player))
}

/// Share of payments in a region that fail, over six minutes late in the run.
fn failing(conclusion: &Conclusion, region: usize) -> f64 {
    let success = conclusion
        .pulse
        .success_ppm(RegionId::from_index(region), 38 * MINUTE_NS, 6 * MINUTE_NS)
        .expect("people pay");
    1.0 - success as f64 / 1e6
}

fn wallets_off(region: Option<&str>) -> Action {
    Action::SetFlag {
        flag: "wallet-at-once".to_owned(),
        region: region.map(str::to_owned),
        percent: 0,
    }
}

fn rollback() -> Action {
    Action::Rollback {
        service: "wallets".to_owned(),
        region: None,
    }
}

fn shift() -> Action {
    Action::ShiftTraffic {
        from: "eu".to_owned(),
        to: "us".to_owned(),
        percent: 100,
    }
}

/// About 10,800 payments in the six minutes of the EU and 8,600 of the US: the standard error of the share is 0.5 points.
#[test]
fn the_release_fails_wallets_in_both_regions_and_nothing_else() {
    for seed in common::seeds(2) {
        let conclusion = concluded(&scenario(seed, 0), seed, &mut Nobody);
        for region in [EU, US] {
            let share = failing(&conclusion, region);
            let expected = WALLET * FAILED_BY_RELEASE;
            assert!(
                (share - expected).abs() < 0.02,
                "seed {seed}, region {region}: {share} fail, {expected} expected"
            );
        }
    }
}

#[test]
fn the_slow_provider_fails_wallets_in_one_region() {
    for seed in common::seeds(2) {
        let conclusion = concluded(&scenario(seed, 1), seed, &mut Nobody);
        let (eu, us) = (failing(&conclusion, EU), failing(&conclusion, US));
        assert!((eu - WALLET).abs() < 0.02, "seed {seed}: {eu} fail");
        assert!(us < 0.005, "seed {seed}: {us} fail");
    }
}

#[test]
fn the_reference_finds_both_truths_with_under_a_third_of_the_harm() {
    for seed in common::seeds(1) {
        for truth in [0, 1] {
            let scenario = scenario(seed, truth);
            let none = concluded(&scenario, seed, &mut Nobody);
            assert_eq!(none.outcome, OutcomeKind::Unresolved, "truth {truth}");
            let reference = conclude(&common::reference(&scenario, seed));
            assert!(
                reference.harm.weighted * 3 < none.harm.weighted,
                "seed {seed}, truth {truth}: {} against {}",
                reference.harm.weighted,
                none.harm.weighted
            );
            assert!(
                reference.contained_s.is_some(),
                "seed {seed}, truth {truth}"
            );
            assert!(
                reference.diagnosed.component && reference.diagnosed.mechanism,
                "seed {seed}, truth {truth}"
            );
        }
    }
}

/// Two ways out of each truth; ten minutes later the payments of both regions are made.
#[test]
fn each_truth_has_two_containments() {
    let ways = [
        (0, "rollback", rollback()),
        (0, "flag", wallets_off(None)),
        (1, "flag", wallets_off(Some("eu"))),
        (1, "shift", shift()),
    ];
    for seed in common::seeds(1) {
        for (truth, name, action) in &ways {
            let scenario = scenario(seed, *truth);
            let mut player = Scripted::action(ACT_S, action.clone());
            let session = common::play(&scenario, seed, &mut player);
            let page_ns = session.page_ns().expect("the page came");
            let back_ns = page_ns + ACT_S * SECOND_NS + 10 * MINUTE_NS;
            let conclusion = conclude(&session);
            for region in [EU, US] {
                let success = conclusion.pulse.success_ppm(
                    RegionId::from_index(region),
                    back_ns,
                    2 * MINUTE_NS,
                );
                assert!(
                    success >= Some(990_000),
                    "seed {seed}, truth {truth}, {name}, region {region}: {success:?}"
                );
            }
        }
    }
}

/// What contains one truth does not contain the other, and turning everything off and on again makes both worse.
#[test]
fn the_moves_that_tempt_do_not_help() {
    let seed = 7;
    for (truth, wrong) in [(0, shift()), (1, rollback())] {
        let scenario = scenario(seed, truth);
        let none = concluded(&scenario, seed, &mut Nobody).harm.weighted;
        let tried = concluded(&scenario, seed, &mut Scripted::action(ACT_S, wrong));
        assert!(
            tried.harm.weighted * 100 >= none * 95,
            "truth {truth}: {} against {none}",
            tried.harm.weighted
        );
        let restarted = concluded(&scenario, seed, &mut RestartAll::default());
        assert!(
            restarted.harm.weighted * 10 > none * 12,
            "truth {truth}: {} against {none}",
            restarted.harm.weighted
        );
    }
}

/// The reference tests its belief against the rival's: what the one expects, the other excludes.
#[test]
fn the_reference_shows_every_dimension() {
    for truth in [0, 1] {
        let scenario = scenario(7, truth);
        let session = common::reference(&scenario, 7);
        let card = common::evaluate(&session, conclude(&session).harm);
        let worst = card
            .containment
            .min(card.hypotheses)
            .min(card.communication);
        assert!(worst >= 85, "truth {truth}: {card:?}");
    }
}
