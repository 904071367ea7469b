//! Actions on how much of something runs.

use crate::common;

use std::sync::Arc;

use brownout_session::Session;
use brownout_session::command::{Action, Command, Intervention};
use brownout_sim::blueprint::SECOND_NS;

/// The ticket machines at their page, with room for more instances of tickets.
fn session() -> Session {
    let mut scenario = (*common::scenario("kiosk-config", 3, None)).clone();
    let mut blueprint = (*scenario.blueprint).clone();
    let tickets = blueprint.services.iter().position(|s| s.name == "tickets");
    for deployment in &mut blueprint.deployments {
        if Some(deployment.service.index()) == tickets {
            deployment.spare = 3;
        }
    }
    scenario.blueprint = Arc::new(blueprint);
    let scenario = Arc::new(scenario);
    let header = common::header(&scenario, 3, "test");
    let mut session = Session::with_header(scenario, header);
    while session.page_ns().is_none() {
        forward(&mut session, 1);
    }
    session
}

fn forward(session: &mut Session, seconds: u64) {
    let then_ns = session.now_ns() + seconds * SECOND_NS;
    session.advance_until(then_ns, u64::MAX);
}

fn act(session: &mut Session, action: Action) -> Result<(), String> {
    let intervention = Intervention {
        action,
        serves: None,
        price_accepted: true,
    };
    let done = session.submit(Command::Act(intervention));
    done.map(|_| ()).map_err(|refused| refused.to_string())
}

fn scale(replicas: u16) -> Action {
    Action::Scale {
        service: "tickets".to_owned(),
        region: Some("south".to_owned()),
        replicas,
    }
}

/// What is wanted is there at once, what runs after its start-up time, and the change log has it with its region. More
/// than there is room for is refused, and so is what is already so.
#[test]
fn a_service_is_scaled_as_far_as_there_is_room() {
    let mut session = session();
    let node = |session: &Session| session.view().node("tickets", 1).expect("a node").clone();
    let before = node(&session);
    assert_eq!((before.replicas, before.slots, before.ready), (2, 5, 2));
    act(&mut session, scale(4)).expect("there is room");
    assert_eq!(node(&session).replicas, 4);
    forward(&mut session, 40);
    assert_eq!(node(&session).ready, 4);
    let view = session.view();
    assert!(view.actions[0].done_ns.is_some(), "{:?}", view.actions[0]);
    let change = view
        .changes
        .iter()
        .find(|change| change.own)
        .expect("a line");
    assert_eq!(change.regions, ["south"]);
    assert!(act(&mut session, scale(4)).is_err());
    let refused = act(&mut session, scale(9)).expect_err("no room");
    assert!(refused.contains("instance slots"), "{refused}");
    act(&mut session, scale(2)).expect("back");
    forward(&mut session, 40);
    assert_eq!(node(&session).ready, 2);
}

/// Work waits while consumers pause and is done when they go on. What is no queue has none.
#[test]
fn consumers_pause_and_go_on() {
    let mut session = session();
    let consumers = |service: &str, paused| Action::Consumers {
        service: service.to_owned(),
        region: Some("south".to_owned()),
        paused,
    };
    let waiting = |session: &Session| session.view().node("print-jobs", 1).expect("a node").queued;
    act(&mut session, consumers("print-jobs", true)).expect("they run");
    forward(&mut session, 60);
    let backlog = waiting(&session);
    assert!(backlog > 300, "{backlog}");
    act(&mut session, consumers("print-jobs", false)).expect("they stand still");
    forward(&mut session, 60);
    assert!(waiting(&session) < backlog / 10);
    let refused = act(&mut session, consumers("tickets", true)).expect_err("no queue");
    assert!(refused.contains("is no queue"), "{refused}");
    let redrive = Action::Redrive {
        service: "tickets".to_owned(),
        region: None,
    };
    assert!(act(&mut session, redrive).is_err());
}
