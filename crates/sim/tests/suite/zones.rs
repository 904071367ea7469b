//! Zones of a region: what is cut between two of them, and who notices.

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Balancer, Change, Link, MILLISECOND_NS, Messages, Quality, SECOND_NS,
};
use brownout_sim::ids::{FlowId, RegionId};
use brownout_sim::probe::Blind;
use brownout_sim::world::FlowCounts;

/// Two services with two instances each, one in either zone; after ten seconds nothing gets from zone 0 to zone 1 any more.
fn cut(balancer: Balancer, keeps_to_its_zone: bool, messages: Messages) -> FlowCounts {
    let station = Station {
        replicas: 2,
        ..Station::servers(50, 2 * MILLISECOND_NS)
    };
    let policy = Policy {
        timeout_ns: SECOND_NS,
        ..Policy::PATIENT
    };
    let mut blueprint = chain(&[station; 2], 10 * MILLISECOND_NS, policy, Vec::new());
    blueprint.zones = vec![2];
    blueprint.services[0].balancer = balancer;
    blueprint.edges[0].timeout_ns = 10 * SECOND_NS;
    if keeps_to_its_zone {
        blueprint.services[1].fleet.zone_least = 1;
    }
    let mut world = world(blueprint, 8);
    world.advance_until(10 * SECOND_NS, u64::MAX, &mut Blind);
    assert_eq!(world.counts(FlowId(0), RegionId(0)).failed, 0);
    let link = Link {
        messages,
        quality: Quality {
            drops: true,
            ..Quality::default()
        },
    };
    assert!(world.apply(&Change::Link(link), &mut Blind).is_ok());
    let before = world.counts(FlowId(0), RegionId(0));
    world.advance_until(70 * SECOND_NS, u64::MAX, &mut Blind);
    assert_eq!(world.audit(), Ok(()));
    world.counts(FlowId(0), RegionId(0)).since(&before)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test")]
fn failed(counts: &FlowCounts) -> f64 {
    counts.failed as f64 / counts.finished() as f64
}

/// A call between the zones fails whichever way round it goes: the request is lost, or the reply. That is half of all
/// calls, and none when callers keep to their own zone.
#[test]
fn a_cut_between_zones_is_noticed_by_who_calls_across() {
    let there = Messages {
        from_zone: Some(0),
        to_zone: Some(1),
        ..Messages::default()
    };
    let share = failed(&cut(Balancer::RoundRobin, false, there));
    assert!((0.46..0.54).contains(&share), "{share}");
    assert_eq!(cut(Balancer::RoundRobin, true, there).failed, 0);
    // What never leaves its zone is another matter: users are in none, so only the calls within it are lost.
    let within = Messages {
        from_zone: Some(0),
        to_zone: Some(0),
        ..Messages::default()
    };
    let share = failed(&cut(Balancer::RoundRobin, false, within));
    assert!((0.21..0.29).contains(&share), "{share}");
    // Those whose calls hang have more under way, so users who go by that hardly meet them.
    let share = failed(&cut(Balancer::PowerOfTwo, false, within));
    assert!((0.005..0.05).contains(&share), "{share}");
}
