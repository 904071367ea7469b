//! Hints are asked for one by one, stay, and cost points; a rubric weighs the score anew.

use crate::common;

use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_scenario::rubric::HINT_COSTS;
use brownout_session::command::Command;
use brownout_session::outcome::conclude;
use brownout_session::score::score;

use crate::common::Recorded;

const NAME: &str = "wallet-payments";
const SEED: u64 = 7;

fn scenario() -> Arc<Scenario> {
    common::scenario(NAME, SEED, Some(0))
}

#[test]
fn hints_come_one_by_one_and_cost_points() {
    let scenario = scenario();
    let session = common::reference(&scenario, SEED);
    let trial = common::trial(&session, conclude(&session).harm);
    let without = score(&session, &conclude(&session), &trial);
    assert!(session.view().hints.is_empty(), "nobody is told unasked");
    let commands = Recorded::of(&session);
    // Before the last command: evidence names earlier entries by their numbers.
    let last = commands.len() - 1;
    let (last_ns, _) = commands[last];
    let all = scenario.hints.len();
    assert_eq!(all, 2);
    // One more than there are: that one is refused, and costs nothing.
    let mut asked = commands.clone();
    for _ in 0..=all {
        asked.insert(last, (last_ns, Command::AskHint));
    }
    let session = common::play(&scenario, SEED, &mut Recorded::new(asked));
    assert_eq!(session.view().hints, scenario.hints);
    assert_eq!(session.view().hints_left, 0);
    let with = score(&session, &conclude(&session), &trial);
    assert_eq!(with.hints, 2);
    assert_eq!(with.overall, without.overall - 2 * HINT_COSTS);
}

#[test]
fn a_rubric_weighs_dimensions_and_criteria() {
    let plain = scenario();
    let session = common::reference(&plain, SEED);
    let conclusion = conclude(&session);
    let trial = common::trial(&session, conclusion.harm.clone());
    let usual = score(&session, &conclusion, &trial);
    let short = usual.criteria.iter().find(|c| c.earned < c.max);
    let short = short.expect("something the reference does not earn in full");
    let mut other = Scenario::clone(&plain);
    other.dimension_weights = [0, 0, 1];
    other.criteria_points.insert(short.id.to_owned(), 0);
    let session = common::reference(&Arc::new(other), SEED);
    let card = score(&session, &conclude(&session), &trial);
    assert_eq!(card.overall, card.communication);
    let row = card.criteria.iter().find(|c| c.id == short.id);
    assert_eq!(row.map(|row| (row.earned, row.max)), Some((0, 0)));
}

/// The names a scenario's rubric may use are those of the criteria there are, controls included.
#[test]
fn rubrics_know_every_criterion() {
    let mut ids: Vec<&str> = Vec::new();
    for (name, truth) in [(NAME, 0), ("quiet-evening", 0)] {
        let scenario = common::scenario(name, SEED, Some(truth));
        let session = common::reference(&scenario, SEED);
        let conclusion = conclude(&session);
        let trial = common::trial(&session, conclusion.harm.clone());
        let card = score(&session, &conclusion, &trial);
        ids.extend(card.criteria.iter().map(|criterion| criterion.id));
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, brownout_scenario::rubric::CRITERIA);
}
