//! Processes that stand still, to the nanosecond; and every resource with every fault at once.

use brownout_sim::blueprint::{
    Blueprint, Change, Descriptors, MILLISECOND_NS, Memory, ONE_Q16, Pool, Ports, ProcessEffect,
    Quota, RateStep, SECOND_NS, Selector, Sharing, Step, TimedChange, WarmUp,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{FlowId, InstanceId, RegionId, ServiceId};
use brownout_sim::probe::Status;

use crate::common::{Policy, Station, chain, world};
use crate::resources::{MIB, Seen, at, conserved, gauges, run};

/// One request at time 0, at a station whose computation takes `service_ns` exactly.
fn one_request(service_ns: u64, sharing: Sharing) -> Blueprint {
    let mut blueprint = chain(
        &[Station::servers(1, service_ns)],
        1,
        Policy::PATIENT,
        Vec::new(),
    );
    if let Step::Compute { dist, .. } = &mut blueprint.versions[0].code[0] {
        *dist = Dist::Constant;
    }
    blueprint.services[0].instance.sharing = sharing;
    blueprint.sources[0].limit = 1;
    blueprint
}

/// A pause in the middle of a computation makes it longer by the pause, to the nanosecond, under both disciplines; a
/// pause before or after makes no difference, and two overlapping ones count once.
#[test]
fn a_pause_is_exact() {
    for sharing in [Sharing::FirstCome, Sharing::Equal] {
        let end = |changes: &[TimedChange]| {
            let mut blueprint = one_request(100 * MILLISECOND_NS, sharing);
            blueprint.timeline = changes.to_vec();
            run(blueprint, 1, 10 * SECOND_NS).0.ends[0].1
        };
        let pause = |from_ms: u64, for_ms: u64| {
            let for_ns = for_ms * MILLISECOND_NS;
            at(from_ms * MILLISECOND_NS, ProcessEffect::Pause { for_ns })
        };
        let plain = end(&[]);
        assert_eq!(plain, 100 * MILLISECOND_NS);
        assert_eq!(end(&[pause(30, 50)]), plain + 50 * MILLISECOND_NS);
        assert_eq!(end(&[pause(30, 3_000)]), plain + 3_000 * MILLISECOND_NS);
        assert_eq!(
            end(&[pause(30, 50), pause(90, 7)]),
            plain + 57 * MILLISECOND_NS
        );
        assert_eq!(end(&[pause(200, 50)]), plain);
        // Until it is resumed.
        let resume = at(430 * MILLISECOND_NS, ProcessEffect::Resume);
        assert_eq!(end(&[pause(30, 0), resume]), plain + 400 * MILLISECOND_NS);
    }
}

/// A frozen process notices nothing: its calls run out and are answered, and it acts on that when it goes on.
#[test]
fn a_frozen_caller_acts_when_it_goes_on() {
    let mut blueprint = chain(
        &[
            Station::servers(10, MILLISECOND_NS),
            Station::servers(10, 5 * MILLISECOND_NS),
        ],
        10 * MILLISECOND_NS,
        Policy {
            timeout_ns: 200 * MILLISECOND_NS,
            attempts: 3,
            backoff_ns: 10 * MILLISECOND_NS,
            jitter_q16: 0,
        },
        Vec::new(),
    );
    blueprint.edges[0].timeout_ns = 10 * SECOND_NS;
    blueprint.edges[0].attempts = 1;
    let selector = Selector {
        service: Some(ServiceId(0)),
        ..Selector::default()
    };
    blueprint.timeline.push(TimedChange {
        at_ns: 10 * SECOND_NS,
        change: Change::Process {
            selector,
            effect: ProcessEffect::Pause {
                for_ns: 3 * SECOND_NS,
            },
        },
    });
    let mut world = world(blueprint, 3);
    let mut seen = Seen::default();
    world.advance_until(10 * SECOND_NS + 1, u64::MAX, &mut seen);
    let (ended, called) = (seen.ends.len(), seen.client.iter().sum::<u64>());
    world.advance_until(13 * SECOND_NS, u64::MAX, &mut seen);
    assert_eq!(seen.ends.len(), ended, "nobody was answered meanwhile");
    assert_eq!(
        seen.client.iter().sum::<u64>(),
        called,
        "no call ended or began meanwhile"
    );
    world.advance_until(60 * SECOND_NS, u64::MAX, &mut seen);
    conserved(&world);
    let counts = world.counts(FlowId(0), RegionId(0));
    assert_eq!(counts.failed, 0, "everybody was answered in the end");
}

/// At half speed a computation takes twice as long: from the next one on where each has a core, at once where they share.
#[test]
fn speed_applies_as_the_sharing_has_it() {
    let end = |sharing| {
        let mut blueprint = one_request(100 * MILLISECOND_NS, sharing);
        let speed_q16 = ONE_Q16 / 2;
        blueprint
            .timeline
            .push(at(40 * MILLISECOND_NS, ProcessEffect::Speed { speed_q16 }));
        run(blueprint, 1, 10 * SECOND_NS).0.ends[0].1
    };
    assert_eq!(end(Sharing::FirstCome), 100 * MILLISECOND_NS);
    assert_eq!(end(Sharing::Equal), (40 + 120) * MILLISECOND_NS);
    // The next one.
    let mut blueprint = one_request(100 * MILLISECOND_NS, Sharing::FirstCome);
    let speed_q16 = ONE_Q16 / 2;
    blueprint
        .timeline
        .push(at(0, ProcessEffect::Speed { speed_q16 }));
    assert_eq!(
        run(blueprint, 1, SECOND_NS).0.ends[0].1,
        200 * MILLISECOND_NS
    );
}

/// 25 ms of computing in each 100 ms: a computation of 99 ms that has a core to itself ends after 3 whole periods and
/// 24 ms; two at once use the time up twice as fast.
#[test]
fn a_quota_stops_a_process_for_the_rest_of_the_period() {
    let quota = Quota {
        time_ns: 25 * MILLISECOND_NS,
        period_ns: 100 * MILLISECOND_NS,
    };
    for sharing in [Sharing::FirstCome, Sharing::Equal] {
        let mut blueprint = one_request(99 * MILLISECOND_NS, sharing);
        blueprint.services[0].instance.resources.quota = Some(quota);
        // The request comes within the first nanosecond.
        let (seen, world) = run(blueprint.clone(), 1, 10 * SECOND_NS);
        let late = seen.ends[0].0;
        assert!(
            late.abs_diff(324 * MILLISECOND_NS) <= 8,
            "{sharing:?}: ended at {late}"
        );
        assert_eq!(gauges(&world, 0).throttled, 3);
        blueprint.sources[0].limit = 2;
        blueprint.services[0].instance.cores = 2;
        blueprint.services[0].instance.workers = 2;
        let (seen, _) = run(blueprint, 1, 10 * SECOND_NS);
        let late = seen.ends[1].0;
        assert!(
            late.abs_diff(711_500_000) <= 100,
            "{sharing:?}: both ended at {late}"
        );
    }
}

/// Everything at once, with faults on top: requests are conserved at any time, and once traffic has stopped nothing is
/// left in flight or in use.
#[test]
fn nothing_leaks_with_everything_at_once() {
    for seed in 0..6 {
        let stop = RateStep {
            at_ns: 200 * SECOND_NS,
            factor_q16: 0,
        };
        let mut blueprint = chain(
            &[
                Station {
                    replicas: 3,
                    workers: 40,
                    queue: 50,
                    ..Station::servers(2, 2 * MILLISECOND_NS)
                },
                Station {
                    replicas: 3,
                    workers: 30,
                    queue: 30,
                    ..Station::servers(2, 6 * MILLISECOND_NS)
                },
            ],
            2_500_000,
            Policy {
                timeout_ns: 150 * MILLISECOND_NS,
                attempts: 3,
                backoff_ns: 20 * MILLISECOND_NS,
                jitter_q16: ONE_Q16 / 5,
            },
            vec![stop],
        );
        for (index, service) in blueprint.services.iter_mut().enumerate() {
            service.instance.start_ns = 5 * SECOND_NS;
            if index == 1 && seed % 2 == 1 {
                service.instance.sharing = Sharing::Equal;
            }
            service.instance.resources.memory = Some(Memory {
                limit: 80 * MIB,
                base: 30 * MIB,
                in_flight: 200_000,
                garbage: MIB,
                pause_ns_per_mib: MILLISECOND_NS,
            });
            service.instance.resources.descriptors = Some(Descriptors {
                limit: 150,
                base: 10,
            });
            service.instance.resources.ports = Some(Ports {
                limit: 4_000,
                rest_ns: 10 * SECOND_NS,
            });
            service.instance.resources.warm_up = Some(WarmUp {
                factor_q16: 2 * ONE_Q16,
                over_ns: 20 * SECOND_NS,
            });
            service.instance.resources.quota = Some(Quota {
                time_ns: 150 * MILLISECOND_NS,
                period_ns: 100 * MILLISECOND_NS,
            });
        }
        let edge = &mut blueprint.edges[1];
        edge.cancel = seed % 3 > 0;
        edge.deadline = true;
        edge.hedge_ns = (seed % 3 == 2).then_some(60 * MILLISECOND_NS);
        if seed < 3 {
            edge.pool = Some(Pool { size: 30 });
        }
        blueprint.edges[0].cancel = true;
        blueprint.edges[0].timeout_ns = 400 * MILLISECOND_NS;
        blueprint.versions[1].leak.memory = 3_000;
        let slot = |slot| Selector {
            slot: Some(slot),
            ..Selector::default()
        };
        for (second, selector, effect) in [
            (
                20,
                slot(0),
                ProcessEffect::Pause {
                    for_ns: 2 * SECOND_NS,
                },
            ),
            (21, slot(0), ProcessEffect::Pause { for_ns: SECOND_NS }),
            (30, slot(1), ProcessEffect::Pause { for_ns: 0 }),
            (33, slot(1), ProcessEffect::Kill),
            (50, Selector::default(), ProcessEffect::Kill),
            (
                80,
                slot(2),
                ProcessEffect::Speed {
                    speed_q16: ONE_Q16 / 3,
                },
            ),
            (110, slot(2), ProcessEffect::Speed { speed_q16: ONE_Q16 }),
            (
                120,
                Selector::default(),
                ProcessEffect::Pause {
                    for_ns: 500 * MILLISECOND_NS,
                },
            ),
        ] {
            blueprint.timeline.push(TimedChange {
                at_ns: second * SECOND_NS,
                change: Change::Process { selector, effect },
            });
        }
        let mut world = crate::common::world(blueprint, seed);
        let mut seen = Seen::default();
        for second in 1..=260 {
            world.advance_until(second * SECOND_NS, u64::MAX, &mut seen);
            conserved(&world);
        }
        assert!(seen.client(Status::Ok) > 10_000, "seed {seed}: it lives");
        assert_eq!(world.in_flight(FlowId(0), RegionId(0)), 0, "seed {seed}");
        assert_eq!(world.live_frames(), 0, "seed {seed}");
        for index in 0..6 {
            let instance = world.instance(InstanceId(index));
            assert_eq!(
                (instance.busy_workers, instance.busy_cores, instance.queued),
                (0, 0, 0)
            );
            let resources = gauges(&world, index);
            assert_eq!(resources.descriptors, 10, "seed {seed}, instance {index}");
            assert_eq!(resources.ports, 0, "seed {seed}, instance {index}");
        }
    }
}
