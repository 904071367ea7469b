//! Waits as the window carries them out.

use std::path::Path;

use super::*;
use crate::cli;
use brownout_session::command::{Action, Audience, Intervention, Message, Status};

/// Wall time of a frame.
const FRAME_NS: u64 = 33_000_000;

/// An incident that has just been paged.
fn paged() -> Bridge {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/kiosk-config");
    let loaded = cli::scenario(&path, None, 1, None, "test").unwrap();
    let mut bridge = Bridge::new(loaded.scenario, loaded.header, 1, Record::Nowhere);
    bridge.start();
    while bridge.phase() == Phase::Hurrying {
        bridge.frame(FRAME_NS);
    }
    bridge
}

fn frames_until_over(bridge: &mut Bridge) {
    for _ in 0..20_000 {
        if bridge.waiting().is_none() {
            return;
        }
        bridge.frame(FRAME_NS);
    }
    panic!("the wait does not end");
}

/// A stated time is reached to the nanosecond, and then the clock is what it was.
#[test]
fn a_wait_for_a_time_ends_there() {
    let mut bridge = paged();
    bridge.carry_out(&[Intent::SetSpeed(2)]);
    let until_ns = bridge.view().now_ns + 31 * SECOND_NS + 7;
    bridge.carry_out(&[Intent::Wait(Until::At(until_ns))]);
    assert_eq!(bridge.clock(), (false, 10));
    frames_until_over(&mut bridge);
    assert_eq!(bridge.view().now_ns, until_ns);
    assert_eq!(bridge.clock(), (false, 2));
    assert!(bridge.notice().is_some());
}

/// What is waited for is seen within a second of simulated time.
#[test]
fn a_wait_does_not_overshoot() {
    let mut bridge = paged();
    let began_ns = bridge.view().now_ns;
    // A promise far away, so that it is not what ends the wait.
    let update = Message {
        audience: Audience::Public,
        status: Status::Investigating,
        claims: Vec::new(),
        words: "We are on it.".to_owned(),
        next_update_min: Some(30),
        answers: None,
    };
    bridge.carry_out(&[
        Intent::Command(Command::Tell(update)),
        Intent::Wait(Until::Message),
    ]);
    frames_until_over(&mut bridge);
    let said = bridge.view().talk.iter().map(|talk| talk.at_ns);
    let first_ns = said.filter(|at_ns| *at_ns > began_ns).min().unwrap();
    let late_ns = bridge.view().now_ns - first_ns;
    assert!(late_ns <= SECOND_NS, "{late_ns} ns late");
}

/// What the player does to the system ends a wait, and that is said; what the player looks at or notes does not; a wait
/// that cannot end does not begin.
#[test]
fn acting_ends_a_wait() {
    let mut bridge = paged();
    bridge.carry_out(&[Intent::Wait(Until::ActionDone)]);
    assert_eq!(bridge.waiting(), None, "no action is running");
    let look = brownout_session::command::Look::Overview;
    bridge.carry_out(&[
        Intent::Wait(Until::Alert),
        Intent::Command(Command::Observe(look)),
    ]);
    assert_eq!(bridge.waiting(), Some(Until::Alert));
    bridge.carry_out(&[Intent::Command(Command::Acknowledge)]);
    assert_eq!(bridge.waiting(), Some(Until::Alert), "a note ends nothing");
    assert_eq!(bridge.notice(), None);
    let page = Intervention {
        action: Action::CaptureEvidence {
            service: "gateway".to_owned(),
            region: None,
        },
        serves: None,
        price_accepted: true,
    };
    bridge.carry_out(&[Intent::Command(Command::Act(page))]);
    assert_eq!((bridge.waiting(), bridge.clock()), (None, (false, 1)));
    assert_eq!(bridge.notice(), Some("you began an action"));
}
