//! Terms of calls that are changed while the calls go on, and versions that are taken out.
#![expect(clippy::cast_precision_loss, reason = "ratios of a test")]

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, CallTerms, Change, FleetAction, MILLISECOND_NS, ONE_Q32, Pool, SECOND_NS, Selector,
};
use brownout_sim::ids::{DeploymentId, EdgeId, InstanceId, RegionId, ServiceId, VersionId};
use brownout_sim::probe::{Blind, CallEnd, Probe, Status};
use brownout_sim::world::{Rejected, World};

/// The ends of the second tier's calls.
#[derive(Default)]
struct Ends(Vec<CallEnd>);

impl Probe for Ends {
    fn call_end(&mut self, end: &CallEnd) {
        if end.edge == EdgeId(1) {
            self.0.push(*end);
        }
    }
}

const PATIENT_S: u64 = 20;

fn two_tier(service_ns: u64, attempts: u8) -> Blueprint {
    let ample = |ns| Station {
        cores: 100_000,
        workers: 1_000_000,
        ..Station::servers(1, ns)
    };
    let policy = Policy {
        timeout_ns: PATIENT_S * SECOND_NS,
        attempts,
        backoff_ns: MILLISECOND_NS,
        jitter_q16: 0,
    };
    let mut blueprint = chain(
        &[ample(0), ample(service_ns)],
        10 * MILLISECOND_NS,
        policy,
        Vec::new(),
    );
    blueprint.edges[0].attempts = 1;
    blueprint.edges[0].timeout_ns = 1_000 * SECOND_NS;
    blueprint
}

fn terms(terms: CallTerms) -> Change {
    Change::Calls {
        client: ServiceId(0),
        server: ServiceId(1),
        region: None,
        terms,
    }
}

fn timeout(seconds: u64) -> Change {
    terms(CallTerms {
        timeout_ns: Some(seconds * SECOND_NS),
        ..CallTerms::default()
    })
}

fn until(world: &mut World, seconds: u64) -> Vec<CallEnd> {
    let mut ends = Ends::default();
    world.advance_until(seconds * SECOND_NS, u64::MAX, &mut ends);
    ends.0
}

/// A server that never answers: calls run out after exactly the time-out they began with, shorter ones before older,
/// longer ones, and the other way round when it is made longer again.
#[test]
fn each_call_keeps_the_time_out_it_began_with() {
    let mut world = world(two_tier(1_000_000 * SECOND_NS, 1), 3);
    let mut ends = until(&mut world, 5);
    assert!(ends.is_empty(), "nothing runs out before {PATIENT_S} s");
    world.apply(&timeout(1), &mut Blind).expect("a change");
    ends.extend(until(&mut world, 8));
    let short = ends.len();
    assert!(short > 150, "two seconds of calls at 100/s: {short}");
    world.apply(&timeout(4), &mut Blind).expect("a change");
    ends.extend(until(&mut world, 40));
    for end in &ends {
        let began_ns = end.at_ns - end.duration_ns;
        let wanted_s = match began_ns / SECOND_NS {
            0..5 => PATIENT_S,
            5..8 => 1,
            _ => 4,
        };
        assert_eq!(end.status, Status::Timeout);
        assert_eq!(
            end.duration_ns,
            wanted_s * SECOND_NS,
            "began at {began_ns} ns"
        );
    }
    let began_before = |s: u64| {
        ends.iter()
            .filter(|e| e.at_ns - e.duration_ns < s * SECOND_NS)
            .count()
    };
    assert!(began_before(5) > 400, "those from before run out too");
    assert!(began_before(36) > 3_400, "and none is forgotten");
}

#[test]
fn attempts_follow_the_terms() {
    let mut world = world(two_tier(MILLISECOND_NS, 4), 5);
    let fail = Change::Errors {
        selector: Selector {
            service: Some(ServiceId(1)),
            ..Selector::default()
        },
        failure_q32: ONE_Q32,
    };
    world.apply(&fail, &mut Blind).expect("a change");
    let ratio = |ends: &[CallEnd]| {
        let first = ends.iter().filter(|e| e.attempt == 0).count();
        ends.len() as f64 / first as f64
    };
    let before = ratio(&until(&mut world, 20));
    assert!((before - 4.0).abs() < 0.02, "{before} attempts a call");
    let once = terms(CallTerms {
        attempts: Some(1),
        ..CallTerms::default()
    });
    world.apply(&once, &mut Blind).expect("a change");
    until(&mut world, 21);
    let after = ratio(&until(&mut world, 40));
    assert!((after - 1.0).abs() < 1e-9, "{after} attempts a call");
    assert_eq!(world.apply(&once, &mut Blind), Err(Rejected::NoChange));
}

#[test]
fn a_circuit_held_open_sends_nothing_until_it_is_closed() {
    let mut world = world(two_tier(MILLISECOND_NS, 1), 7);
    let held = |open| {
        terms(CallTerms {
            open: Some(open),
            ..CallTerms::default()
        })
    };
    assert!(until(&mut world, 10).iter().all(|e| e.status.is_ok()));
    world.apply(&held(true), &mut Blind).expect("a change");
    until(&mut world, 11);
    let open = until(&mut world, 20);
    assert!(open.len() > 800);
    assert!(
        open.iter()
            .all(|e| e.status == Status::CircuitOpen && e.duration_ns == 0)
    );
    world.apply(&held(false), &mut Blind).expect("a change");
    assert!(until(&mut world, 30).iter().all(|e| e.status.is_ok()));
}

/// 100 calls a second of 100 ms want ten connections. With five they wait; with twenty those that waited go at once;
/// with eight again no more than eight are in use once the others are back.
#[test]
fn a_pool_grows_and_shrinks() {
    let mut blueprint = two_tier(100 * MILLISECOND_NS, 1);
    blueprint.edges[1].pool = Some(Pool { size: 5 });
    let mut world = world(blueprint, 11);
    let size = |size| {
        terms(CallTerms {
            pool: Some(size),
            ..CallTerms::default()
        })
    };
    until(&mut world, 10);
    let at = |world: &World| world.pool(InstanceId(0), EdgeId(1)).expect("a pool");
    assert_eq!((at(&world).used, at(&world).size), (5, 5));
    let waited = at(&world).waiting;
    assert!(waited > 300, "{waited} wait");
    world.apply(&size(400), &mut Blind).expect("a change");
    let now = at(&world);
    assert_eq!(now.size, 400);
    assert_eq!(
        now.used,
        (5 + waited).min(400),
        "those that waited go at once"
    );
    until(&mut world, 60);
    assert_eq!(at(&world).waiting, 0);
    world.apply(&size(8), &mut Blind).expect("a change");
    until(&mut world, 62);
    assert_eq!((at(&world).used, at(&world).size), (8, 8));
    assert!(world.audit().is_ok(), "books balance");
}

/// Terms of one region leave the calls of others alone, and what is not there cannot be set.
#[test]
fn terms_are_checked() {
    let mut world = world(two_tier(MILLISECOND_NS, 1), 13);
    let other = |client, server, region| Change::Calls {
        client: ServiceId(client),
        server: ServiceId(server),
        region,
        terms: CallTerms {
            timeout_ns: Some(SECOND_NS),
            ..CallTerms::default()
        },
    };
    let unknown = Err(Rejected::Unknown);
    assert_eq!(world.apply(&other(1, 0, None), &mut Blind), unknown);
    assert_eq!(
        world.apply(&other(0, 1, Some(RegionId(4))), &mut Blind),
        unknown
    );
    let none = terms(CallTerms::default());
    assert_eq!(world.apply(&none, &mut Blind), Err(Rejected::NoChange));
    let no_pool = terms(CallTerms {
        pool: Some(4),
        ..CallTerms::default()
    });
    assert_eq!(world.apply(&no_pool, &mut Blind), Err(Rejected::NoChange));
    let zero = terms(CallTerms {
        attempts: Some(0),
        ..CallTerms::default()
    });
    assert_eq!(world.apply(&zero, &mut Blind), unknown);
    assert!(
        world
            .apply(&other(0, 1, Some(RegionId(0))), &mut Blind)
            .is_ok()
    );
}

#[test]
fn a_withdrawn_version_cannot_be_deployed_again() {
    let mut blueprint = two_tier(MILLISECOND_NS, 1);
    let next = brownout_sim::blueprint::Version {
        name: "2".to_owned(),
        ..blueprint.versions[1].clone()
    };
    blueprint.versions.push(next);
    let mut world = world(blueprint, 17);
    let version = VersionId(2);
    world
        .apply(&Change::Withdraw { version }, &mut Blind)
        .expect("a change");
    let deploy = Change::Deploy {
        deployment: DeploymentId(1),
        version,
    };
    assert_eq!(world.apply(&deploy, &mut Blind), Err(Rejected::Withdrawn));
    let canary = Change::Fleet {
        deployment: DeploymentId(1),
        action: FleetAction::Canary {
            version,
            share_q32: ONE_Q32 / 2,
            pause_ns: 0,
        },
    };
    assert_eq!(world.apply(&canary, &mut Blind), Err(Rejected::Withdrawn));
}
