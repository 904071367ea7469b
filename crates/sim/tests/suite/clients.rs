//! What clients do beside sending: breakers, deadlines, and everything at once. Budgets, hedging and what ends a collapse
//! are cases of the validation table.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "statistics of a test"
)]

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Breaker, Change, MILLISECOND_NS, ONE_Q16, ONE_Q32, RetryBudget, SECOND_NS, Selector,
    TimedChange,
};
use brownout_sim::ids::{FlowId, InstanceId, RegionId, ServiceId};
use brownout_sim::probe::{Blind, CallEnd, Probe, RootEnd, ServerEnd, Status};
use brownout_sim::world::World;

/// Counts what goes over each edge and what servers do.
#[derive(Default)]
struct Traffic {
    served: Vec<u64>,
    by_status: [u64; Status::ALL.len()],
    roots: u64,
    ok: u64,
}

impl Probe for Traffic {
    fn call_end(&mut self, end: &CallEnd) {
        self.by_status[end.status as usize] += 1;
    }
    fn server_end(&mut self, end: &ServerEnd) {
        let endpoint = end.endpoint.index();
        self.served.resize(self.served.len().max(endpoint + 1), 0);
        self.served[endpoint] += 1;
    }
    fn root_end(&mut self, end: &RootEnd) {
        self.roots += 1;
        self.ok += u64::from(end.status.is_ok());
    }
}

fn ample(service_ns: u64) -> Station {
    Station {
        cores: 100_000,
        workers: 1_000_000,
        ..Station::servers(1, service_ns)
    }
}

fn failing(share: f64) -> TimedChange {
    TimedChange {
        at_ns: 0,
        change: Change::Errors {
            selector: Selector {
                service: Some(ServiceId(1)),
                ..Selector::default()
            },
            failure_q32: (ONE_Q32 as f64 * share) as u64,
        },
    }
}

fn run(blueprint: Blueprint, seed: u64, until_ns: u64) -> (Traffic, World) {
    let mut world = world(blueprint, seed);
    let mut traffic = Traffic::default();
    world.advance_until(until_ns, u64::MAX, &mut traffic);
    (traffic, world)
}

const RETRYING: Policy = Policy {
    timeout_ns: 10 * SECOND_NS,
    attempts: 4,
    backoff_ns: MILLISECOND_NS,
    jitter_q16: 0,
};

fn two_tier(policy: Policy) -> Blueprint {
    let mut blueprint = chain(
        &[ample(0), ample(MILLISECOND_NS)],
        2 * MILLISECOND_NS,
        policy,
        Vec::new(),
    );
    blueprint.edges[0].attempts = 1;
    blueprint.edges[0].timeout_ns = 100 * SECOND_NS;
    blueprint
}

/// A breaker stops calling a server that fails, tries now and then, and comes back by itself.
#[test]
fn a_breaker_opens_and_heals() {
    let breaker = Breaker {
        window: 20,
        failures: 10,
        open_ns: 5 * SECOND_NS,
        tries: 3,
    };
    let once = Policy {
        attempts: 1,
        ..RETRYING
    };
    let mut blueprint = two_tier(once);
    blueprint.edges[1].breaker = Some(breaker);
    blueprint.timeline.push(TimedChange {
        at_ns: 20 * SECOND_NS,
        ..failing(1.0)
    });
    blueprint.timeline.push(TimedChange {
        at_ns: 60 * SECOND_NS,
        ..failing(0.0)
    });
    let mut world = world(blueprint, 9);
    let phase = |world: &mut World, until_s: u64| {
        let mut traffic = Traffic::default();
        world.advance_until(until_s * SECOND_NS, u64::MAX, &mut traffic);
        traffic
    };
    let before = phase(&mut world, 20);
    assert_eq!(before.ok, before.roots);
    let broken = phase(&mut world, 60);
    assert_eq!(broken.by_status[Status::Ok as usize], 0);
    // 500 calls a second come in for 40 s; ten failures open it, then one try each five seconds.
    let sent = broken.served[1];
    assert!(
        (10..=20).contains(&sent),
        "{sent} requests reached the failing server"
    );
    assert!(broken.by_status[Status::CircuitOpen as usize] > 19_000);
    let healed = phase(&mut world, 75);
    assert!(
        healed.served[1] > 3_000,
        "it closes within one open time and three tries"
    );
    let after = phase(&mut world, 90);
    assert_eq!(after.ok, after.roots);
}

/// A deadline told at the top reaches the bottom: nothing is begun that cannot be used.
#[test]
fn a_propagated_deadline_stops_work_further_down() {
    let last = |deadline: bool| {
        let tier = |service_ms: u64| Station {
            workers: 1_000_000,
            ..Station::servers(1, service_ms * MILLISECOND_NS)
        };
        let mut blueprint = chain(
            &[ample(0), tier(9), ample(MILLISECOND_NS)],
            10 * MILLISECOND_NS,
            Policy {
                attempts: 1,
                ..RETRYING
            },
            Vec::new(),
        );
        blueprint.edges[0].timeout_ns = 20 * MILLISECOND_NS;
        for edge in &mut blueprint.edges {
            edge.deadline = deadline;
        }
        let (traffic, world) = run(blueprint, 8, 100 * SECOND_NS);
        assert!(world.live_frames() < 2_000);
        (traffic.served[2], traffic.roots, traffic.ok)
    };
    let (told, roots, ok) = last(true);
    let (untold, _, _) = last(false);
    assert!(ok * 10 < roots * 9, "many are too late: {ok} of {roots}");
    assert!(
        untold > roots * 9 / 10,
        "without it nearly every request reaches the bottom"
    );
    assert!(
        told < untold && told >= ok,
        "told {told}, untold {untold}, useful {ok}"
    );
    assert!(
        told * 10 < ok * 13,
        "little is begun in vain: {told} for {ok}"
    );
}

/// Nothing leaks: once traffic ends, everything in flight ends, with every feature at once.
#[test]
fn all_features_together_leave_nothing_behind() {
    let mut blueprint = chain(
        &[
            ample(0),
            Station::servers(2, 3 * MILLISECOND_NS),
            Station::servers(2, 2 * MILLISECOND_NS),
        ],
        5 * MILLISECOND_NS,
        Policy {
            timeout_ns: 30 * MILLISECOND_NS,
            ..RETRYING
        },
        Vec::new(),
    );
    blueprint.sources[0].limit = 20_000;
    for edge in &mut blueprint.edges[1..] {
        edge.pool = Some(brownout_sim::blueprint::Pool { size: 8 });
        edge.budget = Some(RetryBudget {
            ratio_q16: ONE_Q16 / 5,
            burst: 10,
        });
        edge.breaker = Some(Breaker {
            window: 30,
            failures: 25,
            open_ns: SECOND_NS,
            tries: 2,
        });
        edge.hedge_ns = Some(6 * MILLISECOND_NS);
        edge.deadline = true;
        edge.cancel = true;
    }
    blueprint.timeline.push(TimedChange {
        at_ns: 5 * SECOND_NS,
        change: Change::Restart {
            deployment: brownout_sim::ids::DeploymentId(1),
        },
    });
    let mut world = world(blueprint, 3);
    world.advance_until(200 * SECOND_NS, u64::MAX, &mut Blind);
    let counts = world.counts(FlowId(0), RegionId(0));
    assert_eq!(counts.arrivals, 20_000);
    assert_eq!(counts.ok + counts.slow + counts.failed, 20_000);
    assert!(counts.ok > 15_000 && counts.failed > 200, "{counts:?}");
    assert_eq!(world.live_frames(), 0);
    for instance in 0..world.instance_count() {
        let gauges = world.instance(InstanceId::from_index(instance));
        assert_eq!(
            (gauges.busy_workers, gauges.busy_cores, gauges.queued),
            (0, 0, 0)
        );
    }
    for edge in 1..3 {
        let client = InstanceId::from_index(edge - 1);
        let pool = world
            .pool(client, brownout_sim::ids::EdgeId::from_index(edge))
            .expect("a pool");
        assert_eq!((pool.used, pool.waiting), (0, 0), "edge {edge}");
    }
}
