//! A run is (scenario, seed, commands).

use crate::common;

use std::sync::Arc;

use brownout_session::players::{Nobody, Reference, RestartAll};
use brownout_session::score::trial_moves;
use brownout_session::whatif::Variant;
use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::probe::Blind;
use brownout_sim::world::{Nudge, World};
use brownout_telemetry::signal::Signal;

/// World hashes at the end of whole runs. They change only with the physics: raise `PHYSICS_VERSION` when they do.
/// Tests run them in the dev profile; the command-line tests compare a release build where there is one.
const GOLDEN: [(&str, u64, &str); 2] = [
    ("regional-gateway", 0, "7365d099dcaac0e4"),
    ("kiosk-config", 0, "2e3ad8dbcd37ebdf"),
];

#[test]
fn golden_hashes() {
    for (name, truth, golden) in GOLDEN {
        let scenario = common::scenario(name, 7, usize::try_from(truth).ok());
        let session = common::play(&scenario, 7, &mut RestartAll::default());
        assert_eq!(format!("{:016x}", session.world_hash()), golden, "{name}");
    }
}

#[test]
fn the_same_run_twice_gives_the_same_records() {
    let scenario = common::scenario("kiosk-config", 3, None);
    let first = common::play(&scenario, 3, &mut Reference::default());
    let second = common::play(&scenario, 3, &mut Reference::default());
    assert_eq!(first.records(), second.records());
    let other = common::play(
        &common::scenario("kiosk-config", 4, Some(0)),
        4,
        &mut Reference::default(),
    );
    assert_ne!(
        first.records(),
        other.records(),
        "another seed gives another run"
    );
}

/// How the clock is cut into frames does not matter.
#[test]
fn frame_rate_does_not_matter() {
    let scenario = common::scenario("kiosk-config", 5, Some(0));
    let until_ns = 24 * MINUTE_NS;
    let run = |frame_ns: u64, budget: u64| {
        let mut session = brownout_session::Session::new(Arc::clone(&scenario), 5);
        while session.now_ns() < until_ns {
            let next_ns = (session.now_ns() + frame_ns).min(until_ns);
            while !session.advance_until(next_ns, budget) {}
        }
        (session.world_hash(), session.records().to_vec())
    };
    let whole = run(until_ns, u64::MAX);
    assert_eq!(whole, run(SECOND_NS / 60, u64::MAX));
    assert_eq!(whole, run(SECOND_NS / 144, 13));
}

/// A change that should not matter changes harm by nothing, at a load where queues are long (ρ = 0.875).
#[test]
fn a_neutral_nudge_changes_no_harm() {
    let scenario = common::scenario("regional-gateway", 7, Some(0));
    let mut blueprint = (*scenario.blueprint).clone();
    // us-east's gateway, three cores at 12 ms each, is at 0.5 with 125 requests/s: 1.75 times that is 0.875.
    for source in &mut blueprint.sources {
        source.interarrival_ns = source.interarrival_ns * 4 / 7;
    }
    blueprint.timeline.clear();
    let mut world = World::new(Arc::new(blueprint), 7);
    world.advance_until(60 * SECOND_NS, u64::MAX, &mut Blind);
    let harm = |world: &World| -> u64 {
        let blueprint = world.blueprint();
        (0..blueprint.flows.len())
            .flat_map(|f| (0..blueprint.regions.len()).map(move |r| (f, r)))
            .map(|(f, r)| world.counts(FlowId::from_index(f), RegionId::from_index(r)))
            .map(|counts| counts.failed + counts.slow + counts.lost)
            .sum()
    };
    let before = harm(&world);
    let run = |nudge: Option<Nudge>| {
        let mut fork = world.fork();
        if let Some(nudge) = nudge {
            fork.nudge(nudge);
        }
        fork.advance_until(180 * SECOND_NS, u64::MAX, &mut Blind);
        harm(&fork) - before
    };
    let untouched = run(None);
    assert!(untouched > 0, "nobody suffers, so nothing is compared");
    assert_eq!(untouched, run(Some(Nudge::ExtraDraw)));
    assert_eq!(untouched, run(Some(Nudge::BalancerPointer)));
}

/// A what-if run with the player's own moves is the run itself.
#[test]
fn the_base_of_what_if_is_the_run() {
    let scenario = common::scenario("kiosk-config", 6, Some(0));
    let session = common::reference(&scenario, 6);
    let conclusion = brownout_session::outcome::conclude(&session);
    let trial = common::trial(&session, conclusion.harm.clone());
    assert_eq!(trial.prefixes.last(), Some(&conclusion.harm));
    assert!(
        trial.none.weighted > trial.actual(),
        "the reference averted something"
    );
}

/// Telemetry is no part of the world: a session's world is the world that runs blind.
#[test]
fn watching_changes_nothing() {
    let scenario = common::scenario("kiosk-config", 2, Some(0));
    let session = common::play(&scenario, 2, &mut Nobody);
    let mut blind = World::new(Arc::clone(&scenario.blueprint), 2);
    blind.advance_until(session.now_ns(), u64::MAX, &mut Blind);
    assert_eq!(session.world_hash(), blind.hash());
}

/// Coupling is real: twice the search traffic is felt in services that have nothing to do with searching.
#[test]
fn doubling_search_traffic_moves_latency_in_four_services() {
    let scenario = common::scenario("regional-gateway", 7, Some(0));
    let p95 = |double: bool| -> Vec<Option<u64>> {
        let mut changed = (*scenario).clone();
        let mut blueprint = (*changed.blueprint).clone();
        let search = blueprint
            .flows
            .iter()
            .position(|f| f.name == "search")
            .expect("flow");
        for source in blueprint
            .sources
            .iter_mut()
            .filter(|s| double && s.flow.index() == search)
        {
            source.interarrival_ns /= 2;
        }
        changed.blueprint = Arc::new(blueprint);
        let mut session = brownout_session::Session::new(Arc::new(changed), 7);
        session.advance_until(10 * MINUTE_NS, u64::MAX);
        let reader = session.reader();
        let services = scenario.blueprint.services.iter();
        services
            .map(|service| {
                let metric = brownout_session::command::Metric::service(
                    Signal::LatencyP95,
                    &service.name,
                    Some("us-east"),
                );
                reader.read(&metric, 5 * MINUTE_NS)
            })
            .collect()
    };
    let (normal, doubled) = (p95(false), p95(true));
    let moved: Vec<&str> = scenario
        .blueprint
        .services
        .iter()
        .zip(normal.iter().zip(&doubled))
        .filter(|(_, (a, b))| matches!((a, b), (Some(a), Some(b)) if *b * 100 >= *a * 115))
        .map(|(service, _)| service.name.as_str())
        .collect();
    assert!(
        moved.len() >= 4,
        "p95 moved by 15 % or more only in {moved:?}"
    );
}

/// Taking samples on the way changes nothing, and they rise from the page to the harm of the whole run.
#[test]
fn samples_do_not_disturb_a_what_if_run() {
    const STEP_NS: u64 = 10 * SECOND_NS;
    let scenario = common::scenario("kiosk-config", 7, Some(0));
    let session = common::reference(&scenario, 7);
    let fork = session.fork().expect("the page came");
    let variant = Variant {
        label: "as played".to_owned(),
        moves: trial_moves(&session),
        reseed: None,
    };
    let (outcome, samples) = fork.run_sampled(&variant, STEP_NS);
    assert_eq!(outcome, fork.run(&variant));
    assert!(samples.len() > 60, "{}", samples.len());
    let (first_ns, _) = samples[0];
    assert_eq!(Some(first_ns), session.page_ns());
    assert!(
        samples[1..samples.len() - 1]
            .iter()
            .all(|(at_ns, _)| at_ns % STEP_NS == 0)
    );
    assert!(
        samples
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1)
    );
    assert_eq!(
        samples.last(),
        Some(&(scenario.horizon_ns, outcome.harm.weighted))
    );
}
