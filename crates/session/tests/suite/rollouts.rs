//! The change log tells when a release came to each region, from the processes it replaced.

use crate::common;

use std::sync::Arc;

use brownout_session::Session;
use brownout_session::command::{Action, Command, Intervention};
use brownout_session::event::Event;
use brownout_session::journal::{Entry, Record};
use brownout_session::progress::CutShort;
use brownout_session::view::{ChangeView, RolloutView};
use brownout_sim::blueprint::{Change, ProcessEffect, SECOND_NS, Selector, TimedChange};
use brownout_sim::ids::VersionId;

/// The regional-gateway incident at its page: checkout 2.41.0 is out.
fn session() -> Session {
    let scenario = common::scenario("regional-gateway", 7, Some(0));
    let header = common::header(&scenario, 7, "test");
    let mut session = Session::with_header(Arc::clone(&scenario), header);
    while session.page_ns().is_none() {
        forward(&mut session, 1);
    }
    session
}

fn forward(session: &mut Session, seconds: u64) {
    let then_ns = session.now_ns() + seconds * SECOND_NS;
    session.advance_until(then_ns, u64::MAX);
}

fn change(session: &Session, title: &str) -> ChangeView {
    let changes = session.view().changes;
    let found = changes.iter().find(|change| change.title.contains(title));
    found.unwrap_or_else(|| panic!("{title}")).clone()
}

fn act(session: &mut Session, action: Action) {
    let intervention = Intervention {
        action,
        serves: None,
        price_accepted: true,
    };
    session
        .submit(Command::Act(intervention))
        .expect("accepted");
}

fn replicas(session: &Session, service: &str, region: &str) -> u16 {
    let view = session.view();
    let at = view.regions.iter().position(|name| name == region);
    let at = u16::try_from(at.expect("a region")).expect("few");
    view.node(service, at).expect("runs there").replicas
}

/// Times are those the processes themselves logged: the first that stopped taking requests, the last that was ready.
#[test]
fn a_release_has_its_own_times_in_each_region() {
    let mut session = session();
    forward(&mut session, 600);
    let release = change(&session, "Deploy checkout 2.41.0");
    assert_eq!(release.rollouts.len(), 2, "{:?}", release.rollouts);
    for rollout in &release.rollouts {
        let all = replicas(&session, "checkout", &rollout.region);
        assert_eq!(rollout.progress, (all, all));
        assert!(!rollout.overtaken);
        let done_ns = rollout.done_ns.expect("ten minutes are enough");
        assert!(i64::try_from(rollout.began_ns).expect("small") >= release.at_ns);
        assert!(rollout.began_ns < done_ns);
        let region = Some(rollout.region.as_str());
        let lines = session
            .reader()
            .logs("checkout", region, 0, session.now_ns());
        let times = |words: &str| -> Vec<u64> {
            let lines = lines.iter().filter(|line| line.text.contains(words));
            lines.map(|line| line.at_ns).collect()
        };
        assert_eq!(times("draining").first(), Some(&rollout.began_ns));
        assert_eq!(times("ready").last(), Some(&done_ns));
    }
    let note = change(&session, "Deploy checkout 2.40.3");
    assert!(note.rollouts.is_empty(), "before the run nothing was seen");
}

/// An own action says where it is; a rollback that comes in the middle of it overtakes it there and nowhere else.
#[test]
fn an_own_action_names_its_regions_and_can_be_overtaken() {
    let mut session = session();
    let here = || (String::from("checkout"), Some(String::from("eu-west")));
    let (service, region) = here();
    act(&mut session, Action::Restart { service, region });
    forward(&mut session, 1);
    let replaced = |session: &Session| {
        let restart = change(session, "Restart checkout");
        restart.rollouts.first().map_or(0, |of| of.progress.0)
    };
    while replaced(&session) == 0 {
        forward(&mut session, 1);
    }
    let (service, region) = here();
    act(&mut session, Action::Rollback { service, region });
    forward(&mut session, 900);
    let restart = change(&session, "Restart checkout");
    assert!(restart.own);
    assert_eq!(restart.regions, ["eu-west"]);
    let all = replicas(&session, "checkout", "eu-west");
    assert!(
        matches!(restart.rollouts.as_slice(),
            [RolloutView { progress: (done, of), done_ns: None, overtaken: true, .. }] if *of == all && *done < all),
        "{:?}",
        restart.rollouts
    );
    let back = change(&session, "Roll back checkout");
    assert_eq!(back.regions, ["eu-west"]);
    let [rollout] = back.rollouts.as_slice() else {
        panic!("{:?}", back.rollouts);
    };
    assert_eq!(rollout.progress, (all, all));
    assert!(rollout.done_ns.is_some() && !rollout.overtaken);
    let release = change(&session, "Deploy checkout 2.41.0");
    assert!(
        release.rollouts.iter().all(|of| of.done_ns.is_some()),
        "done before"
    );
    let from_to = ["us-east", "eu-west"].map(str::to_owned);
    let [to, from] = from_to.clone();
    let percent = 30;
    act(&mut session, Action::ShiftTraffic { from, to, percent });
    assert_eq!(change(&session, "30 %").regions, from_to);
}

/// A rollback to a release that does not start any more stops halfway, and the board says so; it is not overtaken by
/// anything, and what it has replaced stays as it is.
#[test]
fn a_rollback_that_fails_is_halted() {
    let mut scenario = (*common::scenario("regional-gateway", 7, Some(0))).clone();
    let mut blueprint = (*scenario.blueprint).clone();
    let named = |found: &str| blueprint.services.iter().position(|s| s.name == found);
    let checkout = named("checkout").expect("a service");
    let old = blueprint
        .versions
        .iter()
        .position(|version| version.service.index() == checkout && version.name == "2.40.3");
    blueprint.services[checkout].fleet.gate.crashes = 2;
    let selector = Selector {
        version: old.map(VersionId::from_index),
        ..Selector::default()
    };
    let broken = Change::Process {
        selector,
        effect: ProcessEffect::FailStart(true),
    };
    blueprint.timeline.insert(
        0,
        TimedChange {
            at_ns: 0,
            change: broken,
        },
    );
    scenario.blueprint = Arc::new(blueprint);
    let scenario = Arc::new(scenario);
    let header = common::header(&scenario, 7, "test");
    let mut session = Session::with_header(scenario, header);
    while session.page_ns().is_none() {
        forward(&mut session, 1);
    }
    act(
        &mut session,
        Action::Rollback {
            service: "checkout".to_owned(),
            region: Some("eu-west".to_owned()),
        },
    );
    forward(&mut session, 600);
    let view = session.view();
    let action = &view.actions[0];
    assert_eq!(action.cut_short, Some(CutShort::Halted), "{action:?}");
    assert!(action.progress.0 < action.progress.1, "{action:?}");
    let halted =
        |record: &&Record| matches!(record.entry, Entry::Event(Event::Halted { action: 1 }));
    assert_eq!(session.records().iter().filter(halted).count(), 1);
}
