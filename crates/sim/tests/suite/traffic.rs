//! Users: how many come, what they carry, how long they wait. Each mechanism once with what it needs and once without.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "statistics of a test"
)]

use crate::common::{Policy, Station, chain, world};
use brownout_sim::blueprint::{
    Blueprint, Change, MILLISECOND_NS, ONE_Q16, ONE_Q32, Patience, SECOND_NS, Source, Step,
    TimedChange, UserSelector,
};
use brownout_sim::dist::Dist;
use brownout_sim::hash::name_hash;
use brownout_sim::ids::{ClientId, EdgeId, FlowId, RegionId, SegmentId};
use brownout_sim::probe::{Blind, CallEnd, Probe, RootEnd, Status};
use brownout_sim::world::{FlowCounts, World};

fn counts(world: &World) -> FlowCounts {
    world.counts(FlowId(0), RegionId(0))
}

fn run(blueprint: Blueprint, seed: u64, until_ns: u64) -> World {
    let mut world = world(blueprint, seed);
    world.advance_until(until_ns, u64::MAX, &mut Blind);
    world.audit().expect("the books balance");
    world
}

/// One server at 10 ms a request whose users leave after 30 ms in the mean.
fn impatient(rate_per_s: u64, cancel: bool) -> Blueprint {
    let station = Station::servers(1, 10 * MILLISECOND_NS);
    let mut blueprint = chain(
        &[station],
        SECOND_NS / rate_per_s,
        Policy::PATIENT,
        Vec::new(),
    );
    blueprint.flows[0].patience = Some(Patience {
        mean_ns: 30 * MILLISECOND_NS,
        dist: Dist::Exponential,
        again_q32: 0,
        pause_ns: 0,
        tries: 1,
    });
    blueprint.edges[0].cancel = cancel;
    blueprint
}

/// Share of users who leave an M/M/1 queue with exponential patience, from its birth-death chain.
///
/// With n in the system deaths come at μ + (n − 1)θ: the one in service stays until it is done, even if its user has
/// left meanwhile, which a user who reaches the server does with probability θ / (μ + θ).
fn leaving_share(lambda: f64, mu: f64, theta: f64) -> f64 {
    let mut weight = 1.0;
    let (mut total, mut waiting) = (1.0, 0.0);
    for n in 1..2_000 {
        let ahead = f64::from(n - 1);
        weight *= lambda / (mu + ahead * theta);
        total += weight;
        waiting += weight * ahead;
    }
    let from_queue = theta * waiting / total / lambda;
    from_queue + (1.0 - from_queue) * theta / (mu + theta)
}

#[test]
fn users_leave_a_queue_as_often_as_the_closed_form_says() {
    for rate in [50u64, 90, 140] {
        let world = run(impatient(rate, true), 5, 3_000 * SECOND_NS);
        let counts = counts(&world);
        let share = counts.abandoned as f64 / counts.finished() as f64;
        let expected = leaving_share(rate as f64, 100.0, 1_000.0 / 30.0);
        assert!(
            (share - expected).abs() < 0.01,
            "{rate}/s: {share} against {expected}"
        );
    }
}

/// Impatience keeps an overloaded server useful only if the server learns of it. Otherwise it serves nobody at last.
#[test]
fn a_server_that_is_not_told_works_for_users_who_have_left() {
    let goodput = |cancel| {
        let world = run(impatient(140, cancel), 6, 600 * SECOND_NS);
        counts(&world).ok as f64 / 600.0
    };
    let told = goodput(true);
    let expected = 140.0 * (1.0 - leaving_share(140.0, 100.0, 1_000.0 / 30.0));
    assert!((told - expected).abs() < 2.0, "{told} against {expected}");
    assert!(goodput(false) < 2.0);
}

/// Users who try again by hand turn a short overload into a lasting one; users who leave for good do not.
#[test]
fn trying_again_by_hand_sustains_an_overload() {
    let late_success = |again: f64| {
        let mut blueprint = impatient(85, false);
        blueprint.flows[0].patience = Some(Patience {
            mean_ns: 500 * MILLISECOND_NS,
            dist: Dist::Constant,
            again_q32: (ONE_Q32 as f64 * again) as u64,
            pause_ns: 200 * MILLISECOND_NS,
            tries: 10,
        });
        for (at, factor) in [(60, 3), (75, 1)] {
            blueprint
                .timeline
                .push(traffic(at, UserSelector::default(), factor * ONE_Q16));
        }
        let mut world = world(blueprint, 8);
        world.advance_until(240 * SECOND_NS, u64::MAX, &mut Blind);
        let before = counts(&world);
        world.advance_until(360 * SECOND_NS, u64::MAX, &mut Blind);
        world.audit().expect("the books balance");
        let counts = counts(&world).since(&before);
        counts.ok as f64 / counts.finished() as f64
    };
    assert!(
        late_success(0.0) > 0.9,
        "those who leave for good let the queue empty"
    );
    assert!(late_success(0.95) < 0.1);
}

/// Tries by hand are bounded and counted as requests of their own.
#[test]
fn tries_by_hand_are_bounded() {
    let made = |tries| {
        let mut blueprint = impatient(50, false);
        blueprint.flows[0].patience = Some(Patience {
            mean_ns: 1_000_000 * SECOND_NS,
            dist: Dist::Constant,
            again_q32: ONE_Q32,
            pause_ns: 10 * MILLISECOND_NS,
            tries,
        });
        let Step::Compute { failure_q32, .. } = &mut blueprint.versions[0].code[0] else {
            panic!("the station computes");
        };
        *failure_q32 = ONE_Q32;
        blueprint.sources[0].limit = 1_000;
        let world = run(blueprint, 3, 600 * SECOND_NS);
        assert_eq!(world.live_frames(), 0);
        counts(&world).arrivals
    };
    assert_eq!(made(1), 1_000);
    assert_eq!(made(4), 4_000);
}

fn traffic(at_s: u64, users: UserSelector, factor_q16: u32) -> TimedChange {
    TimedChange {
        at_ns: at_s * SECOND_NS,
        change: Change::Traffic { users, factor_q16 },
    }
}

/// Times of all arrivals of an idle station, with its scaling changes.
fn arrivals(changes: Vec<TimedChange>, profile_of: impl Fn(&mut Source)) -> Vec<u64> {
    struct Times(Vec<u64>);
    impl Probe for Times {
        fn root_end(&mut self, end: &RootEnd) {
            self.0.push(end.at_ns - end.duration_ns);
        }
    }
    let station = Station {
        cores: 100_000,
        workers: 1_000_000,
        ..Station::servers(1, 0)
    };
    let mut blueprint = chain(&[station], SECOND_NS / 200, Policy::PATIENT, Vec::new());
    profile_of(&mut blueprint.sources[0]);
    blueprint.timeline = changes;
    let mut world = world(blueprint, 21);
    let mut times = Times(Vec::new());
    world.advance_until(300 * SECOND_NS, u64::MAX, &mut times);
    world.audit().expect("the books balance");
    times.0
}

/// A change of the rate is the same as a profile that says so from the start: the unit-rate process stays the same.
#[test]
fn scaling_traffic_is_a_change_of_the_rate_and_of_no_draw() {
    use brownout_sim::blueprint::RateStep;
    let all = UserSelector::default();
    let scaled = arrivals(
        vec![
            traffic(100, all, 5 * ONE_Q16),
            traffic(200, all, ONE_Q16 / 2),
        ],
        |_| (),
    );
    let profiled = arrivals(Vec::new(), |source| {
        source.profile = vec![
            RateStep {
                at_ns: 100 * SECOND_NS,
                factor_q16: 5 * ONE_Q16,
            },
            RateStep {
                at_ns: 200 * SECOND_NS,
                factor_q16: ONE_Q16 / 2,
            },
        ];
    });
    assert_eq!(scaled.len(), profiled.len());
    for (scaled, profiled) in scaled.iter().zip(&profiled) {
        // A change cuts one gap in two, each rounded down.
        assert!(scaled.abs_diff(*profiled) <= 4, "{scaled} {profiled}");
    }
    let during = scaled
        .iter()
        .filter(|at| (100..200).contains(&(**at / SECOND_NS)))
        .count();
    assert!((during as f64 / 100_000.0 - 1.0).abs() < 0.02, "{during}");
    let untouched = arrivals(Vec::new(), |_| ());
    let normal = scaled.iter().take_while(|at| **at < 100 * SECOND_NS);
    assert!(normal.eq(untouched.iter().take_while(|at| **at < 100 * SECOND_NS)));
}

#[test]
fn traffic_that_stops_can_come_back() {
    let all = UserSelector::default();
    let times = arrivals(
        vec![traffic(50, all, 0), traffic(150, all, ONE_Q16)],
        |_| (),
    );
    let within = |from: u64, to: u64| {
        times
            .iter()
            .filter(|at| (from..to).contains(&(**at / SECOND_NS)))
            .count()
    };
    assert_eq!(within(50, 150), 0);
    assert!(within(150, 300) > 29_000, "{}", within(150, 300));
}

/// Requests by what their users are; calls over the edge to the second station by client version.
#[derive(Default)]
struct Kinds {
    roots: Vec<(ClientId, SegmentId, bool)>,
    calls: Vec<u64>,
}

impl Probe for Kinds {
    fn root_end(&mut self, end: &RootEnd) {
        self.roots
            .push((end.client, end.segment, end.status == Status::Ok));
    }
    fn call_end(&mut self, end: &CallEnd) {
        if end.edge == EdgeId(1) {
            self.calls.push(end.trace);
        }
    }
}

/// Two client versions and two segments; the second station is called only by whom the branch lets through, and fails.
fn branching(branch: Step) -> Blueprint {
    let idle = Station {
        cores: 100_000,
        workers: 1_000_000,
        ..Station::servers(1, 0)
    };
    let mut blueprint = chain(&[idle; 2], SECOND_NS / 100, Policy::PATIENT, Vec::new());
    blueprint.clients = vec!["1.0".to_owned(), "1.1".to_owned()];
    blueprint.segments = vec!["guest".to_owned(), "member".to_owned()];
    let base = blueprint.sources.remove(0);
    for (client, segment) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        blueprint.sources.push(Source {
            client: ClientId(client),
            segment: SegmentId(segment),
            ..base.clone()
        });
    }
    blueprint.versions[0].code = vec![branch, Step::Call(EdgeId(1)), Step::Return];
    let Step::Compute { failure_q32, .. } = &mut blueprint.versions[1].code[0] else {
        panic!("the station computes");
    };
    *failure_q32 = ONE_Q32;
    blueprint
}

fn kinds(branch: Step) -> Kinds {
    let mut world = world(branching(branch), 13);
    let mut kinds = Kinds::default();
    world.advance_until(60 * SECOND_NS, u64::MAX, &mut kinds);
    world.audit().expect("the books balance");
    assert!(kinds.roots.len() > 23_000);
    kinds
}

#[test]
fn branches_ask_who_the_user_is() {
    let by_segment = kinds(Step::IfSegment {
        segment: SegmentId(1),
        otherwise: 2,
    });
    assert!(
        by_segment
            .roots
            .iter()
            .all(|(_, segment, ok)| *ok == (segment.0 == 0))
    );
    let by_client = kinds(Step::IfClient {
        client: ClientId(1),
        otherwise: 2,
    });
    assert!(
        by_client
            .roots
            .iter()
            .all(|(client, _, ok)| *ok == (client.0 == 0))
    );
    for client in 0..2 {
        let of_it = by_client
            .roots
            .iter()
            .filter(|(c, ..)| c.0 == client)
            .count();
        assert!((of_it as f64 / 12_000.0 - 1.0).abs() < 0.05, "{of_it}");
    }
}

/// A payload is a property of the request: the same name gives the same requests, another name gives others.
#[test]
fn branches_ask_what_a_request_carries() {
    let carrying = |name: &str, share_q32| {
        let kinds = kinds(Step::IfShare {
            name: name_hash(name),
            from_q32: 0,
            below_q32: share_q32,
            otherwise: 2,
        });
        assert_eq!(
            kinds.calls.len(),
            kinds.roots.iter().filter(|(.., ok)| !ok).count()
        );
        kinds.calls
    };
    let (large, again) = (
        carrying("large", u32::MAX / 4),
        carrying("large", u32::MAX / 4),
    );
    assert_eq!(large, again);
    assert!(
        (large.len() as f64 / 6_000.0 - 1.0).abs() < 0.05,
        "{}",
        large.len()
    );
    // A request that is not of the first quarter is of one of the others, never of two.
    let range = |from_q32, below_q32| {
        kinds(Step::IfShare {
            name: name_hash("large"),
            from_q32,
            below_q32,
            otherwise: 2,
        })
        .calls
    };
    let quarter = u32::MAX / 4;
    let others = [range(quarter, 2 * quarter), range(2 * quarter, u32::MAX)];
    let mut all: Vec<_> = others.concat();
    all.extend(&large);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), kinds_total());
    assert_eq!(others[0].len() + others[1].len() + large.len(), all.len());
    let foreign = carrying("foreign", u32::MAX / 4);
    let both = foreign.iter().filter(|trace| large.contains(trace)).count();
    // Independent properties: a quarter of a quarter.
    assert!((both as f64 / 1_500.0 - 1.0).abs() < 0.15, "{both}");
    assert!(carrying("none", 0).is_empty());
    assert_eq!(carrying("all", u32::MAX).len(), kinds_total());
}

fn kinds_total() -> usize {
    kinds(Step::IfShare {
        name: 0,
        from_q32: 0,
        below_q32: 0,
        otherwise: 2,
    })
    .roots
    .len()
}

/// The books balance at any moment of worlds of any shape, down to the nanosecond.
#[test]
fn the_books_balance_in_random_worlds() {
    for seed in 0..40u64 {
        let word = |purpose: u64| brownout_sim::hash::combine(seed, purpose);
        let station = |n: u64| Station {
            replicas: 1 + (word(n) % 3) as u16,
            queue: 5 + (word(n + 10) % 40) as u32,
            ..Station::servers(
                1 + (word(n + 20) % 3) as u32,
                MILLISECOND_NS * (1 + word(n + 30) % 12),
            )
        };
        let policy = Policy {
            timeout_ns: MILLISECOND_NS * (20 + word(50) % 200),
            attempts: 1 + (word(51) % 4) as u8,
            backoff_ns: MILLISECOND_NS * (word(52) % 50),
            jitter_q16: (word(53) % 65_536) as u32,
        };
        let stations: Vec<Station> = (0..=word(54) % 4).map(station).collect();
        let mut blueprint = chain(
            &stations,
            SECOND_NS / (50 + word(55) % 400),
            policy,
            Vec::new(),
        );
        blueprint.edges[0].cancel = word(56) % 2 == 0;
        if word(57) % 3 > 0 {
            blueprint.flows[0].patience = Some(Patience {
                mean_ns: MILLISECOND_NS * (10 + word(58) % 300),
                dist: Dist::Exponential,
                again_q32: word(59) >> 32,
                pause_ns: MILLISECOND_NS * (word(60) % 500),
                tries: 1 + (word(61) % 5) as u8,
            });
        }
        blueprint.sources[0].limit = 2_000;
        let mut world = world(blueprint, seed);
        for step in 1..=60 {
            world.advance_until(step * 333_333_333, u64::MAX, &mut Blind);
            assert_eq!(world.audit(), Ok(()), "seed {seed}, step {step}");
        }
        world.advance_until(2_000 * SECOND_NS, u64::MAX, &mut Blind);
        assert_eq!(world.audit(), Ok(()));
        assert_eq!(world.live_frames(), 0, "seed {seed}");
        let residence = world.residence(FlowId(0), RegionId(0));
        assert_eq!((residence.present, residence.age_ns), (0, 0));
        assert!(residence.presence_ns > 0);
    }
}
