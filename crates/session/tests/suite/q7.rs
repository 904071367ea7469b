//! The premiere-evening incident behaves as its field-guide entry (Q7) says: a slow dependency takes the workers of the
//! service before it, and flows that have nothing to do with it fail. Two truths that look alike ask for different moves.

use crate::common;

use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::command::{Action, Metric};
use brownout_session::outcome::{OutcomeKind, conclude};
use brownout_session::players::{Nobody, Player, Scripted};
use brownout_session::run;
use brownout_session::view::PageState;
use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_telemetry::signal::Signal;

/// How long after the page the scripted players act.
const ACT_S: u64 = 120;
const REGIONS: [&str; 3] = ["americas", "europe", "asia"];
/// Truths of the scenario.
const EXCHANGE: usize = 0;
const WAIT: usize = 1;
/// Minutes: normal life before all releases, and long after the onset.
const BEFORE: u64 = 12;
const AFTER: u64 = 40;

fn scenario(seed: u64, truth: usize) -> Arc<Scenario> {
    common::scenario("premiere-evening", seed, Some(truth))
}

fn harm(scenario: &Arc<Scenario>, seed: u64, player: &mut dyn Player) -> u64 {
    conclude(&common::play(scenario, seed, player))
        .harm
        .weighted
}

/// A reading over the five minutes before a time.
fn reading(session: &Session, metric: &Metric, until_min: u64) -> u64 {
    let (from_ns, until_ns) = ((until_min - 5) * MINUTE_NS, until_min * MINUTE_NS);
    let series = session
        .reader()
        .series(metric, from_ns, until_ns, 5 * MINUTE_NS);
    let last = series.last().and_then(|(_, reading)| *reading);
    last.unwrap_or_else(|| panic!("{metric:?} is measured"))
}

/// Workers are all taken while cores are idle; who needs a worker suffers, whatever for, and who does not need one does not.
fn unrelated_flows_fail(session: &Session, of: &str) {
    for region in REGIONS {
        let door = |signal| Metric::service(signal, "device-api", Some(region));
        let taken = reading(session, &door(Signal::Saturation), AFTER);
        let busy = reading(session, &door(Signal::Cpu), AFTER);
        assert!(
            taken > 950_000 && busy < 400_000,
            "{of}, {region}: {taken} of the workers, {busy} of the cores"
        );
        for flow in ["play", "home", "search", "title"] {
            let metric = Metric::flow(Signal::SuccessShare, flow, Some(region));
            let before = reading(session, &metric, BEFORE);
            let after = reading(session, &metric, AFTER);
            assert!(before >= 999_000, "{of}, {region}, {flow}: {before}");
            assert!(after < 800_000, "{of}, {region}, {flow}: {after}");
        }
        let beats = Metric::flow(Signal::SuccessShare, "heartbeat", Some(region));
        assert!(reading(session, &beats, AFTER) >= 999_000, "{of}, {region}");
    }
}

/// Under the one truth a dependency is slower than it was. Under the other none is: fewer of the calls fail than before,
/// because they are waited for.
fn it_shows_who_has_changed(session: &Session, truth: usize, of: &str) {
    let both = |metric: &Metric| {
        let at = |minute| reading(session, metric, minute);
        (at(BEFORE), at(AFTER))
    };
    let similar = |signal| Metric::calls(signal, "device-api", "similar", Some("europe"));
    let auctions = both(&Metric::service(Signal::LatencyP50, "ad-exchange", None));
    let waits = both(&similar(Signal::LatencyP95));
    let failures = both(&similar(Signal::ErrorShare));
    assert!(waits.0 < 500_000, "{of}: {waits:?}");
    if truth == EXCHANGE {
        assert!(auctions.1 > 20 * auctions.0, "{of}: {auctions:?}");
        assert!(waits.1 < 500_000, "{of}: {waits:?}");
        assert!(failures.1 * 2 > failures.0, "{of}: {failures:?}");
    } else {
        let change = auctions.1.abs_diff(auctions.0);
        assert!(change * 10 < auctions.0, "{of}: {auctions:?}");
        assert!(waits.1 > 5_000_000, "{of}: {waits:?}");
        assert!(failures.1 * 2 < failures.0, "{of}: {failures:?}");
    }
}

/// The page comes by the alert, two to five minutes after the onset.
fn the_alert_pages_within_minutes(session: &Session, of: &str) {
    let page_ns = session.page_ns().expect("the page came");
    let after_ns = page_ns - session.scenario().truth.onset_ns;
    assert!(
        (2 * MINUTE_NS..=5 * MINUTE_NS).contains(&after_ns),
        "{of}: {} s",
        after_ns / SECOND_NS
    );
}

#[test]
fn one_slow_call_takes_everybodys_workers() {
    for seed in common::seeds(1) {
        for truth in [EXCHANGE, WAIT] {
            let of = format!("seed {seed}, truth {truth}");
            let session = common::play(&scenario(seed, truth), seed, &mut Nobody);
            the_alert_pages_within_minutes(&session, &of);
            unrelated_flows_fail(&session, &of);
            it_shows_who_has_changed(&session, truth, &of);
            assert_eq!(conclude(&session).outcome, OutcomeKind::Unresolved);
        }
    }
}

/// What ends the one truth does nothing about the other. And an empty cache of similar titles is nothing as long as nobody
/// waits for them, and everything once somebody does.
#[test]
fn each_truth_asks_for_its_own_move() {
    let seed = 7;
    let rollback = Action::Rollback {
        service: "device-api".to_owned(),
        region: None,
    };
    let spots_off = Action::SetFlag {
        flag: "pre-roll".to_owned(),
        region: None,
        percent: 0,
    };
    let emptied = Action::Restart {
        service: "similar-cache".to_owned(),
        region: None,
    };
    for (truth, right, wrong) in [
        (EXCHANGE, &spots_off, &rollback),
        (WAIT, &rollback, &spots_off),
    ] {
        let scenario = scenario(seed, truth);
        let none = harm(&scenario, seed, &mut Nobody);
        let tried = |action: &Action| {
            let mut player = Scripted::action(ACT_S, action.clone());
            harm(&scenario, seed, &mut player)
        };
        let (ended, not) = (tried(right), tried(wrong));
        assert!(ended * 3 < none, "truth {truth}: {ended} of {none}");
        assert!(not * 100 >= none * 90, "truth {truth}: {not} of {none}");
        let cold = tried(&emptied);
        if truth == WAIT {
            assert!(cold * 10 > none * 12, "{cold} of {none}");
        } else {
            assert!(cold.abs_diff(none) * 20 < none, "{cold} of {none}");
        }
    }
}

/// How long device-api waits for similar titles can be read of what runs: nothing of a release shows before it is out.
#[test]
fn the_wait_shows_once_the_release_runs() {
    let waits = |session: &Session| {
        let calls = session.reader().levers("device-api", "europe").calls;
        let similar = calls.into_iter().find(|call| call.callee == "similar");
        similar.map(|call| call.timeout_ms)
    };
    for (truth, later) in [(EXCHANGE, 350), (WAIT, 30_000)] {
        let scenario = scenario(7, truth);
        let header = common::header(&scenario, 7, "test");
        let mut session = Session::with_header(scenario, header);
        let mut early = Vec::new();
        // Until the page, which comes minutes after the release.
        let driven = run::drive(&mut session, &mut Nobody, Some(0), |session| {
            if session.now_ns() < 18 * MINUTE_NS {
                early.push(waits(session));
            }
            Ok::<(), String>(())
        });
        assert_eq!(driven, Ok(()));
        early.dedup();
        assert_eq!(early, [Some(350)], "truth {truth}");
        assert_eq!(waits(&session), Some(later), "truth {truth}");
    }
}

/// The reference tests its belief against the rival's, acts on it, and says so.
#[test]
fn the_reference_shows_every_dimension() {
    let session = common::reference(&scenario(7, WAIT), 7);
    let conclusion = conclude(&session);
    assert_eq!(conclusion.outcome, OutcomeKind::Resolved);
    let card = common::evaluate(&session, conclusion.harm);
    let worst = card
        .containment
        .min(card.hypotheses)
        .min(card.communication);
    assert!(worst >= 80, "{card:?}");
}

/// The exchange's own page stays green while everybody waits for it: what it says is late, and its provider's word.
#[test]
fn the_status_page_of_the_slow_exchange_is_green() {
    let scenario = scenario(1, EXCHANGE);
    let page_ns = common::play(&scenario, 1, &mut Nobody)
        .page_ns()
        .expect("a page");
    let mut session = Session::new(Arc::clone(&scenario), 1);
    session.advance_until(page_ns + 2 * MINUTE_NS, u64::MAX);
    let view = session.view();
    let says = |service: &str| {
        let node = view.nodes.iter().find(|node| node.service == service);
        node.expect("it is there").status_page
    };
    assert_eq!(says("ad-exchange"), Some(PageState::Operational));
    assert_eq!(says("playback"), None, "what is ours has none");
}
