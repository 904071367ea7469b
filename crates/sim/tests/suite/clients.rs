//! What clients do beside sending: budgets, breakers, deadlines, cancellation, hedging. Each with the figure it is known
//! for, and with the case in which it makes no difference.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    reason = "statistics of a test"
)]

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Breaker, Change, Discipline, MILLISECOND_NS, ONE_Q16, ONE_Q32, RateStep,
    RetryBudget, SECOND_NS, Selector, Step, TimedChange,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{FlowId, InstanceId, RegionId, ServiceId};
use brownout_sim::probe::{Blind, CallEnd, Probe, RootEnd, ServerEnd, Status};
use brownout_sim::world::World;

/// Counts what goes over each edge and what servers do.
#[derive(Default)]
struct Traffic {
    from_ns: u64,
    calls: Vec<u64>,
    served: Vec<u64>,
    by_status: [u64; Status::ALL.len()],
    roots: u64,
    ok: u64,
    durations: Vec<u64>,
}

impl Probe for Traffic {
    fn call_end(&mut self, end: &CallEnd) {
        if end.at_ns < self.from_ns {
            return;
        }
        let edge = end.edge.index();
        self.calls.resize(self.calls.len().max(edge + 1), 0);
        self.calls[edge] += 1;
        self.by_status[end.status as usize] += 1;
    }
    fn server_end(&mut self, end: &ServerEnd) {
        if end.at_ns >= self.from_ns {
            let endpoint = end.endpoint.index();
            self.served.resize(self.served.len().max(endpoint + 1), 0);
            self.served[endpoint] += 1;
        }
    }
    fn root_end(&mut self, end: &RootEnd) {
        if end.at_ns >= self.from_ns {
            self.roots += 1;
            self.ok += u64::from(end.status.is_ok());
            self.durations.push(end.duration_ns);
        }
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

/// Without a budget a call that always fails is made as often as allowed; 10 % of budget caps that at 1.1 calls.
#[test]
fn a_retry_budget_caps_amplification() {
    let amplification = |budget: Option<RetryBudget>, share: f64| {
        let mut blueprint = two_tier(RETRYING);
        blueprint.edges[1].budget = budget;
        blueprint.timeline.push(failing(share));
        let (traffic, _) = run(blueprint, 4, 120 * SECOND_NS);
        traffic.calls[1] as f64 / traffic.roots as f64
    };
    let budget = RetryBudget {
        ratio_q16: ONE_Q16 / 10,
        burst: 10,
    };
    assert!((amplification(None, 1.0) - 4.0).abs() < 0.01);
    let capped = amplification(Some(budget), 1.0);
    assert!((capped - 1.1).abs() < 0.005, "{capped}");
    // Rare failures are retried all the same: (1 − p^a) / (1 − p) calls.
    let (share, attempts): (f64, i32) = (0.05, 4);
    let expected = (1.0 - share.powi(attempts)) / (1.0 - share);
    let rare = amplification(Some(budget), share);
    assert!(
        (rare / expected - 1.0).abs() < 0.005,
        "{rare}, expected {expected}"
    );
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

/// A server of 20/s with a burst of 100/s for ten seconds and patient retries: the state it is left in.
fn after_a_burst(change: impl Fn(&mut Blueprint)) -> (f64, f64) {
    let station = Station {
        queue: 2_000,
        ..Station::servers(1, 50 * MILLISECOND_NS)
    };
    let policy = Policy {
        timeout_ns: SECOND_NS,
        attempts: 2,
        backoff_ns: 50 * MILLISECOND_NS,
        jitter_q16: ONE_Q16 / 5,
    };
    let base = SECOND_NS / 14;
    let profile = vec![
        RateStep {
            at_ns: 60 * SECOND_NS,
            factor_q16: 7 * ONE_Q16,
        },
        RateStep {
            at_ns: 70 * SECOND_NS,
            factor_q16: ONE_Q16,
        },
    ];
    let mut blueprint = chain(&[station], base, policy, profile);
    for step in &mut blueprint.versions[0].code {
        if let Step::Compute { dist, .. } = step {
            *dist = Dist::Constant;
        }
    }
    change(&mut blueprint);
    let mut world = world(blueprint, 2);
    let mut calm = Traffic::default();
    world.advance_until(60 * SECOND_NS, u64::MAX, &mut calm);
    world.advance_until(600 * SECOND_NS, u64::MAX, &mut Blind);
    let mut after = Traffic::default();
    world.advance_until(900 * SECOND_NS, u64::MAX, &mut after);
    let share = |traffic: &Traffic| traffic.ok as f64 / traffic.roots.max(1) as f64;
    (share(&calm), share(&after))
}

/// Work nobody waits for sustains a collapse; any of four ways not to do it ends it. Nothing else differs.
#[test]
fn collapse_is_sustained_by_work_nobody_waits_for() {
    let (calm, after) = after_a_burst(|_| ());
    assert!(
        calm > 0.97 && after < 0.05,
        "first in, first out: {calm}, then {after}"
    );
    let (_, lifo) = after_a_burst(|b| b.services[0].instance.discipline = Discipline::Lifo);
    assert!(lifo > 0.9, "newest first: {lifo}");
    let (_, deadline) = after_a_burst(|b| {
        b.edges[0].deadline = true;
        b.services[0].instance.discipline = Discipline::Deadline;
    });
    assert!(deadline > 0.9, "deadline-aware: {deadline}");
    let (_, untold) = after_a_burst(|b| b.services[0].instance.discipline = Discipline::Deadline);
    assert!(
        untold < 0.05,
        "deadline-aware, but nobody says a deadline: {untold}"
    );
    let (_, cancelled) = after_a_burst(|b| b.edges[0].cancel = true);
    assert!(cancelled > 0.9, "cancellation: {cancelled}");
    let (_, codel) = after_a_burst(|b| {
        b.services[0].instance.discipline = Discipline::CoDel {
            target_ns: 200 * MILLISECOND_NS,
            interval_ns: SECOND_NS,
        };
    });
    assert!(codel > 0.9, "controlled delay: {codel}");
}

/// Hedging at the 95th percentile: 5 % more load, the far tail at most half (Dean and Barroso 2013).
#[test]
fn hedging_at_p95_halves_the_tail_for_a_twentieth_more_load() {
    let base = |hedge_ns: Option<u64>| {
        let mut blueprint = two_tier(Policy::PATIENT);
        blueprint.edges[1].hedge_ns = hedge_ns;
        for step in &mut blueprint.versions[1].code {
            if let Step::Compute { dist, mean_ns, .. } = step {
                *dist = Dist::LogNormal { sigma_q16: ONE_Q16 };
                *mean_ns = 10 * MILLISECOND_NS;
            }
        }
        let (mut traffic, _) = run(blueprint, 6, 400 * SECOND_NS);
        traffic.durations.sort_unstable();
        traffic
    };
    let quantile = |traffic: &Traffic, q: f64| {
        let position = (traffic.durations.len() as f64 * q) as usize;
        traffic.durations[position]
    };
    let plain = base(None);
    let hedged = base(Some(quantile(&plain, 0.95)));
    let load = hedged.served[1] as f64 / hedged.roots as f64;
    assert!((load - 1.05).abs() <= 0.005, "load {load}");
    let (before, after) = (quantile(&plain, 0.999), quantile(&hedged, 0.999));
    assert!(after * 2 <= before, "p99.9 from {before} ns to {after} ns");
    assert_eq!(plain.served[1], plain.roots);
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
