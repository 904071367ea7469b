//! Which instances take requests: health checks, eviction cascades, ejection; and everything about a fleet at once.

use brownout_sim::blueprint::{
    Autoscaler, Balancer, Blueprint, Change, Ejection, FleetAction, HealthCheck, MILLISECOND_NS,
    ONE_Q32, ProcessEffect, RateStep, SECOND_NS, Selector, TimedChange,
};
use brownout_sim::ids::{FlowId, RegionId, VersionId};
use brownout_sim::probe::Lifecycle;
use brownout_sim::world::OperationState;

use crate::fleet::{SERVICE, act, deploy, fleet, process, run, slot, versions};

/// Four instances of which two carry the load, checked each 5 s.
fn checked(interarrival_ns: u64, fail_open_q32: u64) -> Blueprint {
    let mut blueprint = fleet(4, 0, interarrival_ns);
    blueprint.services[0].instance.workers = 4;
    blueprint.services[0].instance.queue = 50;
    blueprint.services[0].fleet.health = Some(HealthCheck {
        interval_ns: 5 * SECOND_NS,
        timeout_ns: 300 * MILLISECOND_NS,
        unhealthy: 2,
        healthy: 2,
        fail_open_q32,
    });
    blueprint
}

/// A frozen instance is found by its checks and avoided until it answers again; without checks its requests are lost.
#[test]
fn checks_find_a_frozen_instance() {
    let failed = |with_checks: bool| {
        let mut blueprint = checked(10 * MILLISECOND_NS, 0);
        blueprint.services[0].balancer = Balancer::RoundRobin;
        if !with_checks {
            blueprint.services[0].fleet.health = None;
        }
        let pause = process(
            slot(1),
            ProcessEffect::Pause {
                for_ns: 60 * SECOND_NS,
            },
        );
        let (world, events) = run(blueprint, 150, &[(20, pause)], |second, gauges| {
            if with_checks && (40..80).contains(&second) {
                assert_eq!(gauges.ready, 3, "at {second}");
            }
        });
        assert_eq!(world.deployment(SERVICE).ready, 4);
        let out = events.times(|event| *event == Lifecycle::Unhealthy);
        (world.counts(FlowId(0), RegionId(0)).failed, out.len())
    };
    let (with, out) = failed(true);
    let (without, _) = failed(false);
    assert_eq!(out, 1);
    assert!(
        without > 1_400,
        "a quarter of a minute's requests: {without}"
    );
    assert!(with * 3 < without, "{with} against {without}");
}

/// Eviction cascade: load beyond capacity makes checks fail, each eviction leaves more for the others, and the service
/// serves less than it could. With fail-open it goes on at capacity; at half the load nothing happens.
#[test]
fn evictions_cascade_under_overload() {
    // Four instances serve 400 a second.
    let run_at = |interarrival_ns: u64, fail_open_q32: u64| {
        let mut none_left = 0;
        let (world, events) = run(
            checked(interarrival_ns, fail_open_q32),
            180,
            &[],
            |_, gauges| none_left += u32::from(gauges.ready == 0),
        );
        let counts = world.counts(FlowId(0), RegionId(0));
        let out = events.times(|event| *event == Lifecycle::Unhealthy).len();
        (counts.ok * 100 / counts.arrivals, out, none_left)
    };
    let overload = SECOND_NS / 520;
    let (ok, out, none_left) = run_at(overload, 0);
    assert!(
        out >= 10 && none_left >= 20,
        "{out} evictions, {none_left} s without any"
    );
    let (ok_open, _, none_left_open) = run_at(overload, ONE_Q32 / 2);
    assert_eq!(none_left_open, 0);
    assert!(ok_open > ok + 10, "{ok_open} % against {ok} %");
    let (ok_calm, out_calm, _) = run_at(SECOND_NS / 200, 0);
    assert_eq!((ok_calm, out_calm), (100, 0));
}

/// One instance of four fails all its requests: ejection takes it out for longer each time. If all fail, at most the
/// allowed share goes.
#[test]
fn outliers_are_ejected() {
    let with = |selector: Selector, max_share_q32: u64, failures: u16| {
        let mut blueprint = fleet(4, 0, 10 * MILLISECOND_NS);
        blueprint.services[0].balancer = Balancer::RoundRobin;
        if failures > 0 {
            blueprint.services[0].fleet.ejection = Some(Ejection {
                failures,
                base_ns: 10 * SECOND_NS,
                max_share_q32,
            });
        }
        blueprint.timeline.push(TimedChange {
            at_ns: 20 * SECOND_NS,
            change: Change::Errors {
                selector,
                failure_q32: ONE_Q32,
            },
        });
        let mut least = u16::MAX;
        let (world, events) = run(blueprint, 140, &[], |_, gauges| {
            least = least.min(gauges.ready);
        });
        let out = events.times(|event| *event == Lifecycle::Ejected);
        (world.counts(FlowId(0), RegionId(0)).failed, out, least)
    };
    let (failed, out, least) = with(slot(2), ONE_Q32 / 2, 5);
    let gaps: Vec<u64> = out.windows(2).map(|w| (w[1] - w[0]) / SECOND_NS).collect();
    assert_eq!(gaps[..3], [10, 20, 30]);
    assert_eq!(least, 3);
    let (unwatched, _, _) = with(slot(2), ONE_Q32 / 2, 0);
    assert!(
        failed < 60 && unwatched > 2_500,
        "{failed} against {unwatched}"
    );
    let (_, out, least) = with(Selector::default(), ONE_Q32 / 2, 5);
    assert!(out.len() > 3);
    assert_eq!(least, 2, "half of them");
}

/// Surge, canary, checks, ejection, autoscaler, kills and drains all at once: once traffic stops nothing is left.
#[test]
fn nothing_leaks_with_a_restless_fleet() {
    for interval in 2..6 {
        let mut blueprint = checked(3 * MILLISECOND_NS, ONE_Q32 / 2);
        blueprint.zones = vec![3];
        blueprint.deployments[0].spare = 8;
        blueprint.sources[0].profile = vec![RateStep {
            at_ns: 300 * SECOND_NS,
            factor_q16: 0,
        }];
        blueprint.edges[0].attempts = 3;
        blueprint.edges[0].timeout_ns = 300 * MILLISECOND_NS;
        blueprint.edges[0].cancel = interval % 2 == 0;
        let fleet = &mut blueprint.services[0].fleet;
        fleet.max_surge = 2;
        fleet.ejection = Some(Ejection {
            failures: 10,
            base_ns: 5 * SECOND_NS,
            max_share_q32: ONE_Q32 / 3,
        });
        fleet.autoscaler = Some(Autoscaler {
            target_q32: ONE_Q32 / 2,
            interval_ns: interval * 5 * SECOND_NS,
            delay_ns: 2 * SECOND_NS,
            cool_down_ns: 20 * SECOND_NS,
            least: 2,
            most: 10,
        });
        let canary = act(FleetAction::Canary {
            version: VersionId(1),
            share_q32: ONE_Q32 / 3,
            pause_ns: 40 * SECOND_NS,
        });
        let zone = Selector {
            zone: Some(2),
            ..Selector::default()
        };
        let changes = [
            (
                20,
                process(
                    slot(0),
                    ProcessEffect::Pause {
                        for_ns: 30 * SECOND_NS,
                    },
                ),
            ),
            (30, canary),
            (60, process(slot(1), ProcessEffect::Kill)),
            (110, process(zone, ProcessEffect::Drain(true))),
            (150, deploy(0)),
            (160, process(Selector::default(), ProcessEffect::Kill)),
            (200, process(zone, ProcessEffect::Drain(false))),
            (
                220,
                Change::Restart {
                    deployment: SERVICE,
                },
            ),
        ];
        let (world, _) = run(blueprint, 420, &changes, |_, gauges| {
            assert!(gauges.standing <= gauges.slots);
        });
        assert_eq!(world.in_flight(FlowId(0), RegionId(0)), 0);
        assert_eq!(world.live_frames(), 0);
        let gauges = world.deployment(SERVICE);
        assert_eq!(
            gauges.standing, gauges.replicas,
            "as many as wanted in the end"
        );
        assert_eq!(gauges.ready, gauges.replicas);
        assert_eq!(versions(&world), vec![0; usize::from(gauges.replicas)]);
        for operation in world.operations() {
            assert_ne!(operation.state, OperationState::Running, "{operation:?}");
        }
    }
}
