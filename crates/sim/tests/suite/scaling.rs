//! Scaling and places: the wanted number of instances, the autoscaler, zones, cordons and drains.

use brownout_sim::blueprint::{
    Autoscaler, Blueprint, Change, FleetAction, MILLISECOND_NS, MINUTE_NS, ONE_Q16, ONE_Q32,
    ProcessEffect, RateStep, SECOND_NS, Selector, TimedChange,
};
use brownout_sim::ids::{FlowId, InstanceId, RegionId, ServiceId};
use brownout_sim::probe::Lifecycle;
use brownout_sim::world::OperationState;

use crate::common::{Policy, Station, chain};
use crate::fleet::{Events, SERVICE, act, fleet, process, run, scale};

/// Scaling out takes the lead and a start, scaling in a drain: nobody is cut off. More than the slots is refused.
#[test]
fn scaling_takes_its_time() {
    let mut blueprint = fleet(2, 4, 8 * MILLISECOND_NS);
    blueprint.services[0].fleet.scale_lead_ns = 5 * SECOND_NS;
    let mut ready = Vec::new();
    let changes = [(20, scale(6)), (60, scale(3))];
    let (world, events) = run(blueprint, 100, &changes, |_, gauges| {
        ready.push(gauges.ready);
    });
    assert_eq!((ready[34], ready[35]), (2, 6), "5 s of lead, 10 s to start");
    assert_eq!(ready[99], 3);
    for operation in world.operations() {
        assert!(
            matches!(operation.state, OperationState::Done(_)),
            "{operation:?}"
        );
    }
    let cut = events.times(|event| matches!(event, Lifecycle::Stopped { cut } if *cut > 0));
    assert!(cut.is_empty());
    assert_eq!(world.counts(FlowId(0), RegionId(0)).failed, 0);
    let mut world = world;
    let refused = world.apply(&scale(7), &mut Events::default());
    assert_eq!(refused, Err(brownout_sim::world::Rejected::NoRoom));
}

/// Load that needs about six instances, on two.
fn autoscaled(interval_ns: u64, delay_ns: u64, cool_down_ns: u64) -> Blueprint {
    let mut blueprint = fleet(2, 28, 2_500_000);
    blueprint.services[0].fleet.autoscaler = Some(Autoscaler {
        target_q32: ONE_Q32 * 65 / 100,
        interval_ns,
        delay_ns,
        cool_down_ns,
        least: 2,
        most: 30,
    });
    // 100 a second for two minutes, then 400.
    let step = |at_ns, factor_q16| RateStep { at_ns, factor_q16 };
    blueprint.sources[0].profile = vec![step(0, ONE_Q16 / 4), step(2 * MINUTE_NS, ONE_Q16)];
    blueprint
}

/// An autoscaler that waits to see what came of a change finds the right number; one that acts again on old figures
/// overshoots both ways, and swings. Suspended it does nothing.
#[test]
fn an_autoscaler_swings_when_it_does_not_wait() {
    let numbers = |blueprint: Blueprint| {
        let mut numbers = Vec::new();
        run(blueprint, 15 * 60, &[], |_, gauges| {
            numbers.push(gauges.replicas);
        });
        numbers
    };
    let turns = |numbers: &[u16]| {
        let steps: Vec<bool> = numbers
            .windows(2)
            .filter(|w| w[0] != w[1])
            .map(|w| w[1] > w[0])
            .collect();
        steps.windows(2).filter(|w| w[0] != w[1]).count()
    };
    let calm = numbers(autoscaled(60 * SECOND_NS, 10 * SECOND_NS, 5 * MINUTE_NS));
    let most = calm.iter().max().copied().unwrap_or(0);
    assert!((6..=9).contains(&most), "{most} at most");
    let last = calm.last().copied().unwrap_or(0);
    assert!((6..=8).contains(&last), "{last} in the end");

    let hasty = numbers(autoscaled(10 * SECOND_NS, 40 * SECOND_NS, 0));
    let most = hasty.iter().max().copied().unwrap_or(0);
    assert!(most >= 15, "{most} at most");
    assert!(turns(&hasty) >= 6, "{} turns", turns(&hasty));
    assert!(turns(&calm) <= 2, "{} turns", turns(&calm));

    let off = act(FleetAction::Autoscale(false));
    let blueprint = autoscaled(60 * SECOND_NS, 10 * SECOND_NS, 5 * MINUTE_NS);
    let (world, _) = run(blueprint, 300, &[(1, off)], |_, _| {});
    assert_eq!(world.deployment(SERVICE).replicas, 2);
}

/// Callers of three zones keep to their own while there are two instances in it; with fewer they use all.
#[test]
fn callers_prefer_their_zone() {
    let strangers = |zone_least: u16, replicas: u16| {
        let station = |replicas| Station {
            replicas,
            workers: 100,
            ..Station::servers(10, MILLISECOND_NS)
        };
        let mut blueprint = chain(
            &[station(3), station(replicas)],
            5 * MILLISECOND_NS,
            Policy::PATIENT,
            Vec::new(),
        );
        blueprint.zones = vec![3];
        blueprint.services[1].fleet.zone_least = zone_least;
        // Only callers of zone 0 call.
        let others = Selector {
            service: Some(ServiceId(0)),
            ..Selector::default()
        };
        for zone in 1..3 {
            blueprint.timeline.push(TimedChange {
                at_ns: 0,
                change: process(
                    Selector {
                        zone: Some(zone),
                        ..others
                    },
                    ProcessEffect::Cordon(true),
                ),
            });
        }
        let (world, events) = run(blueprint, 20, &[], |_, _| {});
        let callee = events
            .served
            .iter()
            .filter(|(at_ns, i, _)| *i >= 3 && *at_ns > SECOND_NS);
        let zones: Vec<u16> = callee.map(|(_, i, _)| world.zone(InstanceId(*i))).collect();
        assert!(zones.len() > 3_000);
        zones.iter().filter(|zone| **zone != 0).count() * 100 / zones.len()
    };
    assert_eq!(strangers(2, 6), 0);
    assert!(
        (60..75).contains(&strangers(0, 6)),
        "no preference: two thirds elsewhere"
    );
    assert!(
        (60..75).contains(&strangers(2, 3)),
        "one in the zone is not enough"
    );
}

/// A zone is emptied: its instances finish and go, others start in the remaining zones; nobody is cut off. Afterwards
/// the zone can be used again.
#[test]
fn a_zone_is_drained() {
    let mut blueprint = fleet(4, 2, 10 * MILLISECOND_NS);
    blueprint.zones = vec![2];
    let zone = Selector {
        zone: Some(1),
        ..Selector::default()
    };
    let changes = [
        (20, process(zone, ProcessEffect::Drain(true))),
        (60, process(zone, ProcessEffect::Drain(false))),
    ];
    let mut ready = Vec::new();
    let (world, events) = run(blueprint.clone(), 100, &changes, |_, gauges| {
        ready.push(gauges.ready);
    });
    // Slots 0, 2 and 4 are in zone 0: there is room for one more than the two.
    assert_eq!(ready[50], 3);
    assert_eq!(ready[99], 4);
    let served_by_zone = |from: u64, to: u64| {
        events
            .served
            .iter()
            .filter(|(at_ns, i, _)| {
                (from..to).contains(&(at_ns / SECOND_NS)) && world.zone(InstanceId(*i)) == 1
            })
            .count()
    };
    assert!(served_by_zone(0, 20) > 500);
    assert_eq!(served_by_zone(22, 60), 0);
    assert!(served_by_zone(80, 100) > 100);
    assert_eq!(world.counts(FlowId(0), RegionId(0)).failed, 0);
    // Cordoned they stay, and take nothing.
    let cordon = [(20, process(zone, ProcessEffect::Cordon(true)))];
    let (world, _) = run(blueprint, 60, &cordon, |_, _| {});
    let gauges = world.deployment(SERVICE);
    assert_eq!((gauges.ready, gauges.standing), (2, 4));
}

/// A share of the instances is the same one each time, and takes in those that are created later.
#[test]
fn a_share_is_chosen_by_name() {
    let half = Selector {
        share_q32: Some(ONE_Q32 / 2),
        ..Selector::default()
    };
    let slow = |blueprint: Blueprint, changes: &[(u64, Change)]| {
        let mut changes = changes.to_vec();
        changes.push((1, process(half, ProcessEffect::Cordon(true))));
        let (world, _) = run(blueprint, 60, &changes, |_, _| {});
        world.deployment(SERVICE)
    };
    let few = slow(fleet(20, 20, 20 * MILLISECOND_NS), &[]);
    assert!((5..=15).contains(&few.ready), "{}", few.ready);
    let again = slow(fleet(20, 20, 20 * MILLISECOND_NS), &[]);
    assert_eq!(again.ready, few.ready);
    let many = slow(fleet(20, 20, 20 * MILLISECOND_NS), &[(10, scale(35))]);
    let all = slow(fleet(40, 0, 20 * MILLISECOND_NS), &[]);
    assert_eq!(many.ready, few.ready.max(many.ready));
    assert!(
        many.ready < 35 && all.ready < 40,
        "new ones are concerned too"
    );
}
