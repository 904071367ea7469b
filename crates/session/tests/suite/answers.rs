//! What scenarios say contains an incident contains it, what they say is tempting makes it worse, and the reference
//! responder, who does not know which truth holds, finds the right one by its signs.

use crate::common;

use std::sync::Arc;

use brownout_scenario::compiled::{Rival, Scenario};
use brownout_session::outcome::{Conclusion, conclude};
use brownout_session::players::{Nobody, Player, Scripted};

fn concluded(scenario: &Arc<Scenario>, seed: u64, player: &mut dyn Player) -> Conclusion {
    conclude(&common::play(scenario, seed, player))
}

/// The rival that holds.
fn holding(scenario: &Scenario) -> &Rival {
    let found = scenario
        .rivals
        .iter()
        .find(|r| r.name == scenario.truth.name);
    found.expect("every truth is among the rivals")
}

fn incident(name: &str) {
    for seed in common::seeds(1) {
        let truths = common::scenario(name, seed, Some(0)).truth_count;
        for truth in 0..truths {
            let scenario = common::scenario(name, seed, Some(truth));
            let rival = holding(&scenario);
            let none = concluded(&scenario, seed, &mut Nobody);
            let of = format!("{name}, seed {seed}, {}", rival.name);
            assert!(rival.contain.len() >= 2, "{of}: two ways to contain it");
            assert!(!rival.tempting.is_empty(), "{of}: something tempting");
            // Wide test runs try every variant, ordinary ones the first two and what tempts first.
            let (most, tempting) = if common::wide() { (16, 16) } else { (2, 1) };
            for actions in rival.contain.iter().take(most) {
                let done = concluded(&scenario, seed, &mut Scripted::actions(actions));
                let what = format!("{of}: {actions:?}");
                assert!(done.contained_s.is_some(), "{what} does not contain it");
                assert!(
                    done.harm.weighted * 10 < none.harm.weighted * 7,
                    "{what}: harm {} of {}",
                    done.harm.weighted,
                    none.harm.weighted
                );
            }
            for actions in rival.tempting.iter().take(tempting) {
                let done = concluded(&scenario, seed, &mut Scripted::actions(actions));
                assert!(
                    done.harm.weighted > none.harm.weighted,
                    "{of}: {actions:?} is no worse than nothing: harm {} of {}",
                    done.harm.weighted,
                    none.harm.weighted
                );
            }
            let reference = conclude(&common::reference(&scenario, seed));
            let found = reference.diagnosed;
            assert!(
                found.component && found.mechanism && found.trigger && found.sustaining,
                "{of}: {found:?}"
            );
            assert!(
                reference.harm.weighted * 3 < none.harm.weighted,
                "{of}: the reference's harm is {} of {}",
                reference.harm.weighted,
                none.harm.weighted
            );
        }
    }
}

#[test]
fn wallet_payments() {
    incident("wallet-payments");
}

#[test]
fn lunch_rush() {
    incident("lunch-rush");
}

#[test]
fn premiere_evening() {
    incident("premiere-evening");
}

#[test]
fn poisoned_stream() {
    incident("poisoned-stream");
}

#[test]
fn slow_mornings() {
    incident("slow-mornings");
}
