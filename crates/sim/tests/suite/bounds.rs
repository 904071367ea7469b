//! Bounds of a run: what has no end is ended, and named.

use std::sync::Arc;

use brownout_sim::blueprint::{Balancer, Edge, SECOND_NS, Step};
use brownout_sim::ids::{EdgeId, EndpointId, FlowId, RegionId, ServiceId};
use brownout_sim::probe::Blind;
use brownout_sim::world::{Abort, MAX_FRAMES, MAX_STEPS_PER_INSTANT, Progress, World};

use crate::common::{Policy, Station, chain};

const DAY_NS: u64 = 86_400 * SECOND_NS;

/// A million requests a second to a station that never answers: each is one request in flight. The run goes on with as
/// many as there may be, and ends with the first one more; it takes no more memory than it has.
#[test]
fn a_run_with_too_many_requests_in_flight_is_aborted() {
    let slow = Station {
        replicas: 3,
        balancer: Balancer::RoundRobin,
        ..Station::servers(1, DAY_NS)
    };
    let blueprint = chain(&[slow], 1_000, Policy::PATIENT, Vec::new());
    let mut world = World::new(Arc::new(blueprint), 1);
    let in_flight = |world: &World| world.in_flight(FlowId(0), RegionId(0));
    // Close to the limit in one go: counting what is in flight looks at all of it.
    let mut at_ns = 1_980_000_000;
    let mut last = 0;
    let ended = loop {
        match world.advance_until(at_ns, u64::MAX, &mut Blind) {
            Progress::Aborted(abort) => break abort,
            _ => last = in_flight(&world),
        }
        at_ns += SECOND_NS / 1_000;
        assert!(at_ns < 3 * SECOND_NS, "{last} in flight");
    };
    assert_eq!(ended, Abort::FramesInFlight);
    assert_eq!(world.aborted(), Some(ended));
    assert!(
        last <= u64::from(MAX_FRAMES) && last > u64::from(MAX_FRAMES) - 2_000,
        "{last}"
    );
    // An aborted run stays where it is.
    let again = world.advance_until(DAY_NS, u64::MAX, &mut Blind);
    assert_eq!(again, Progress::Aborted(ended));
}

/// Two stations that call each other without computing anything: no time passes, and the run says so.
#[test]
fn calls_without_delay_that_go_in_a_circle_end_the_run() {
    let quick = Station {
        replicas: 1,
        balancer: Balancer::RoundRobin,
        cores: 1_000_000,
        workers: 1_000_000,
        queue: 1_000_000,
        service_ns: 0,
    };
    let mut blueprint = chain(&[quick, quick], SECOND_NS, Policy::PATIENT, Vec::new());
    let back = EdgeId(2);
    blueprint.edges.push(Edge {
        client: Some(ServiceId(1)),
        target: EndpointId(0),
        ..blueprint.edges[1].clone()
    });
    for (service, callee) in [(0, EdgeId(1)), (1, back)] {
        blueprint.versions[service].code = vec![Step::Call(callee), Step::Return];
    }
    let mut world = World::new(Arc::new(blueprint), 1);
    let progress = world.advance_until(
        60 * SECOND_NS,
        u64::from(MAX_STEPS_PER_INSTANT) * 4,
        &mut Blind,
    );
    assert_eq!(progress, Progress::Aborted(Abort::ZeroDelayLoop));
    assert!(world.now_ns() < 60 * SECOND_NS);
}
