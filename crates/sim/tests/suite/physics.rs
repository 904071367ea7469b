//! What holds of every run: requests are conserved, nothing leaks, slices and observers do not matter.

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{MILLISECOND_NS, SECOND_NS};
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::measure::Measure;
use brownout_sim::probe::Blind;
use brownout_sim::world::Progress;

/// Every request is somewhere: exact identities at many moments of an overloaded run.
#[test]
fn requests_are_conserved() {
    let policy = Policy {
        timeout_ns: 100 * MILLISECOND_NS,
        attempts: 3,
        backoff_ns: 10 * MILLISECOND_NS,
        jitter_q16: 0,
    };
    let station = Station {
        replicas: 2,
        queue: 20,
        ..Station::servers(2, 10 * MILLISECOND_NS)
    };
    let mut world = world(chain(&[station; 3], SECOND_NS / 350, policy, Vec::new()), 3);
    for second in 1..=30 {
        world.advance_until(second * SECOND_NS, u64::MAX, &mut Blind);
        let counts = world.counts(FlowId(0), RegionId(0));
        let in_flight = world.in_flight(FlowId(0), RegionId(0));
        assert_eq!(
            counts.arrivals,
            counts.ok + counts.slow + counts.failed + in_flight,
            "at {second} s"
        );
        assert!(
            counts.failed > 0 || second < 3,
            "the case is meant to be overloaded"
        );
    }
}

/// A world that stops being fed empties: no frame is forgotten, whatever was retried or abandoned.
#[test]
fn nothing_leaks_when_arrivals_stop() {
    let policy = Policy {
        timeout_ns: 50 * MILLISECOND_NS,
        attempts: 3,
        backoff_ns: 10 * MILLISECOND_NS,
        jitter_q16: 0,
    };
    let station = Station {
        queue: 50,
        ..Station::servers(2, 10 * MILLISECOND_NS)
    };
    let mut blueprint = chain(&[station; 3], SECOND_NS / 300, policy, Vec::new());
    blueprint.sources[0].limit = 5_000;
    let mut world = world(blueprint, 11);
    world.advance_until(600 * SECOND_NS, u64::MAX, &mut Blind);
    let counts = world.counts(FlowId(0), RegionId(0));
    assert_eq!(counts.arrivals, 5_000);
    assert_eq!(counts.ok + counts.slow + counts.failed, 5_000);
    assert_eq!(world.live_frames(), 0);
}

/// How a run is cut into slices and who watches it must not matter.
#[test]
fn slicing_and_watching_change_nothing() {
    let build = || {
        let policy = Policy {
            timeout_ns: 80 * MILLISECOND_NS,
            attempts: 2,
            backoff_ns: 10 * MILLISECOND_NS,
            jitter_q16: 6_000,
        };
        world(
            chain(
                &[Station::servers(2, 10 * MILLISECOND_NS); 3],
                SECOND_NS / 180,
                policy,
                Vec::new(),
            ),
            5,
        )
    };
    let mut whole = build();
    whole.advance_until(60 * SECOND_NS, u64::MAX, &mut Blind);
    let mut sliced = build();
    let mut measure = Measure::new(sliced.blueprint(), 0);
    for slice in 1..=3_600u64 {
        while sliced.advance_until(slice * SECOND_NS / 60, 7, &mut measure) == Progress::Budget {}
    }
    assert_eq!(whole.hash(), sliced.hash());
    let mut other = build();
    other.advance_until(60 * SECOND_NS - 1, u64::MAX, &mut Blind);
    assert_ne!(whole.hash(), other.hash(), "the hash sees time");
}
