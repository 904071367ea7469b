//! Random systems with everything at once: what must hold of every run must hold of these.
//!
//! The generator is our own and draws from hashes, so a number names a system for good.

use std::sync::Arc;

use brownout_sim::blueprint::{
    Balancer, Blueprint, Breaker, Change, Deployment, Discipline, Edge, Endpoint, Flag, Flow,
    InstanceSpec, MILLISECOND_NS, ONE_Q16, ONE_Q32, Pool, RateStep, Resources, RetryBudget,
    SECOND_NS, Selector, Service, Sharing, Source, Step, TimedChange, Users, Version,
};
use brownout_sim::dist::Dist;
use brownout_sim::hash::combine;
use brownout_sim::ids::{
    DeploymentId, EdgeId, EndpointId, FlagId, FlowId, InstanceId, RegionId, SegmentId, ServiceId,
    VersionId,
};
use brownout_sim::probe::{Blind, CallEnd, Probe, RootEnd, ServerEnd};
use brownout_sim::world::{PoolGauges, Progress, World};

/// Systems each property is tried on.
const SYSTEMS: u64 = 200;
/// Arrivals stop after this many requests of each source.
const REQUESTS: u64 = 60;
const LENGTH_NS: u64 = 30 * SECOND_NS;
/// By then everything has ended that can end.
const DRAINED_NS: u64 = 3_600 * SECOND_NS;

/// Draws of one system.
struct Draws {
    key: u64,
    drawn: u64,
}

impl Draws {
    fn word(&mut self) -> u64 {
        self.drawn += 1;
        combine(self.key, self.drawn)
    }

    /// From `low` to `high`, both included.
    fn from(&mut self, low: u64, high: u64) -> u64 {
        low + self.word() % (high - low + 1)
    }

    fn small(&mut self, low: u64, high: u64) -> u8 {
        u8::try_from(self.from(low, high)).expect("a small number")
    }

    fn count(&mut self, low: u64, high: u64) -> u32 {
        u32::try_from(self.from(low, high)).expect("a count")
    }

    /// Once in `n`.
    fn once_in(&mut self, n: u64) -> bool {
        self.word().is_multiple_of(n)
    }

    fn dist(&mut self) -> Dist {
        match self.from(0, 4) {
            0 => Dist::Constant,
            1 => Dist::LogNormal { sigma_q16: ONE_Q16 },
            2 => Dist::HyperExponential { scv_q16: 4 << 16 },
            3 => Dist::Erlang { phases: 3 },
            _ => Dist::Exponential,
        }
    }
}

/// Services call only later ones, so every request ends.
fn system(number: u64) -> Blueprint {
    let mut draws = Draws {
        key: combine(0x7a11, number),
        drawn: 0,
    };
    let services = draws.from(2, 7);
    let regions = usize::try_from(draws.from(1, 2)).expect("one or two");
    let mut blueprint = Blueprint {
        name: format!("random {number}"),
        regions: (0..regions).map(|r| format!("r{r}")).collect(),
        segments: vec!["all".to_owned()],
        flags: vec![Flag {
            name: "flag".to_owned(),
            share_q32: vec![ONE_Q32 / 3; regions],
            ..Flag::default()
        }],
        ..Blueprint::default()
    };
    let hop_ns = draws.from(0, 2) * MILLISECOND_NS;
    for pair in 0..regions * regions {
        let own = pair % (regions + 1) == 0;
        blueprint
            .latency_ns
            .push(if own { hop_ns } else { 20 * MILLISECOND_NS });
    }
    let ids = || (0..services).map(|s| ServiceId(u16::try_from(s).expect("few")));
    for id in ids() {
        service(&mut blueprint, &mut draws, id, regions);
    }
    for id in ids() {
        // Two releases: the second is deployed while the system runs.
        for release in 1..=2 {
            version(&mut blueprint, &mut draws, id, release, services);
        }
    }
    for region in (0..regions).map(RegionId::from_index) {
        for id in ids() {
            // A later service may be missing in the second region.
            let missing = region.0 > 0 && id.0 > 0 && draws.once_in(4);
            if !missing {
                blueprint.deployments.push(Deployment {
                    service: id,
                    region,
                    replicas: u16::from(draws.small(1, 3)),
                    spare: 0,
                    version: VersionId(2 * id.0),
                });
            }
        }
    }
    traffic(&mut blueprint, &mut draws, regions);
    timeline(&mut blueprint, &mut draws);
    blueprint
}

fn service(blueprint: &mut Blueprint, draws: &mut Draws, id: ServiceId, regions: usize) {
    let discipline = match draws.from(0, 5) {
        0 => Discipline::Lifo,
        1 => Discipline::Deadline,
        3 => Discipline::Priority,
        2 => Discipline::CoDel {
            target_ns: 5 * MILLISECOND_NS,
            interval_ns: 50 * MILLISECOND_NS,
        },
        _ => Discipline::Fifo,
    };
    blueprint.services.push(Service {
        name: format!("s{}", id.0),
        home: RegionId(0),
        instance: InstanceSpec {
            resources: Resources::default(),
            cores: draws.count(1, 3),
            workers: draws.count(1, 8),
            queue: draws.count(0, 12),
            start_ns: draws.from(0, 3) * SECOND_NS,
            drain_ns: draws.from(0, 2) * SECOND_NS,
            discipline,
            sharing: if draws.once_in(3) {
                Sharing::Equal
            } else {
                Sharing::FirstCome
            },
        },
        balancer: match draws.from(0, 2) {
            0 => Balancer::RoundRobin,
            1 => Balancer::LeastOutstanding,
            _ => Balancer::PowerOfTwo,
        },
        max_unavailable: u16::try_from(regions).expect("few"),
        rollout_lead_ns: SECOND_NS,
        restart_lead_ns: SECOND_NS / 2,
        ..Service::default()
    });
    blueprint.endpoints.push(Endpoint {
        service: id,
        name: "go".to_owned(),
        ..Endpoint::default()
    });
}

fn edge(blueprint: &mut Blueprint, draws: &mut Draws, from: Option<ServiceId>, to: u64) -> EdgeId {
    let target = EndpointId(u16::try_from(to).expect("few"));
    let same = |e: &Edge| e.client == from && e.target == target;
    if let Some(known) = blueprint.edges.iter().position(same) {
        return EdgeId::from_index(known);
    }
    blueprint.edges.push(Edge {
        client: from,
        target,
        timeout_ns: draws.from(5, 200) * MILLISECOND_NS,
        attempts: draws.small(1, 3),
        backoff_ns: draws.from(0, 20) * MILLISECOND_NS,
        backoff_factor_q16: 2 * ONE_Q16,
        jitter_q16: if draws.once_in(2) { ONE_Q16 / 2 } else { 0 },
        optional: draws.once_in(5),
        deadline: draws.once_in(2),
        cancel: draws.once_in(2),
        pool: draws.once_in(3).then(|| Pool {
            size: draws.count(1, 4),
        }),
        budget: draws.once_in(3).then(|| RetryBudget {
            ratio_q16: ONE_Q16 / 5,
            burst: draws.count(1, 10),
        }),
        breaker: draws.once_in(3).then(|| Breaker {
            window: 10,
            failures: draws.small(3, 9),
            open_ns: SECOND_NS,
            tries: draws.small(1, 3),
        }),
        hedge_ns: draws.once_in(3).then(|| draws.from(1, 50) * MILLISECOND_NS),
        ..Edge::default()
    });
    EdgeId::from_index(blueprint.edges.len() - 1)
}

fn version(blueprint: &mut Blueprint, draws: &mut Draws, id: ServiceId, release: u16, all: u64) {
    let own = u64::from(id.0);
    let mut code = Vec::new();
    let mut fans = Vec::new();
    let compute = |draws: &mut Draws| Step::Compute {
        mean_ns: draws.from(0, 12) * MILLISECOND_NS,
        dist: draws.dist(),
        failure_q32: if draws.once_in(3) { ONE_Q32 / 20 } else { 0 },
    };
    code.push(compute(draws));
    if own + 1 < all {
        for _ in 0..draws.from(1, 2) {
            let called = draws.from(own + 1, all - 1);
            match draws.from(0, 4) {
                0 => {
                    let first = u16::try_from(fans.len()).expect("few");
                    let len = draws.small(2, 3);
                    for _ in 0..len {
                        let called = draws.from(own + 1, all - 1);
                        fans.push(edge(blueprint, draws, Some(id), called));
                    }
                    code.push(Step::Parallel { first, len });
                }
                1 => code.push(Step::Publish(edge(blueprint, draws, Some(id), called))),
                2 => {
                    let otherwise = u16::try_from(code.len() + 2).expect("few");
                    code.push(Step::IfFlag {
                        flag: FlagId(0),
                        otherwise,
                    });
                    code.push(Step::Call(edge(blueprint, draws, Some(id), called)));
                }
                _ => code.push(Step::Call(edge(blueprint, draws, Some(id), called))),
            }
        }
        code.push(compute(draws));
    }
    code.push(Step::Return);
    blueprint.versions.push(Version {
        service: id,
        name: format!("{release}"),
        entries: vec![(EndpointId(id.0), 0)],
        code,
        fans,
        ..Version::default()
    });
}

fn traffic(blueprint: &mut Blueprint, draws: &mut Draws, regions: usize) {
    let entry = edge(blueprint, draws, None, 0);
    blueprint.flows.push(Flow {
        name: "f".to_owned(),
        edge: entry,
        slow_ns: 50 * MILLISECOND_NS,
        weight: 1,
        ..Flow::default()
    });
    for region in (0..regions).map(RegionId::from_index) {
        blueprint.sources.push(Source {
            flow: FlowId(0),
            region,
            segment: SegmentId(0),
            interarrival_ns: draws.from(5, 60) * MILLISECOND_NS,
            profile: vec![RateStep {
                at_ns: SECOND_NS,
                factor_q16: draws.count(1, 4) * ONE_Q16,
            }],
            limit: REQUESTS,
            ..Source::default()
        });
    }
}

/// Users who wait for their replies never stop coming, so only systems that need not drain have them.
fn with_users(mut blueprint: Blueprint) -> Blueprint {
    blueprint.sources.push(Source {
        flow: FlowId(0),
        region: RegionId(0),
        segment: SegmentId(0),
        interarrival_ns: SECOND_NS,
        profile: Vec::new(),
        limit: 0,
        users: Some(Users {
            count: 3,
            think_ns: 200 * MILLISECOND_NS,
            think: Dist::Exponential,
        }),
        ..Source::default()
    });
    blueprint
}

fn timeline(blueprint: &mut Blueprint, draws: &mut Draws) {
    let services = blueprint.services.len() as u64;
    let selector = |draws: &mut Draws| Selector {
        service: Some(ServiceId(u16::from(draws.small(0, services - 1)))),
        ..Selector::default()
    };
    let mut at_ns = 0;
    for _ in 0..draws.from(2, 6) {
        at_ns += draws.from(1, 900) * MILLISECOND_NS;
        let place = draws.from(0, blueprint.deployments.len() as u64 - 1);
        let deployment = DeploymentId(u16::try_from(place).expect("few"));
        let service = blueprint.deployments[deployment.index()].service;
        let change = match draws.from(0, 5) {
            0 => Change::Deploy {
                deployment,
                version: VersionId(2 * service.0 + 1),
            },
            1 => Change::Restart { deployment },
            2 => Change::SetFlag {
                flag: FlagId(0),
                region: None,
                segment: None,
                share_q32: draws.from(0, 4) * (ONE_Q32 / 4),
                after_ns: draws.from(0, 500) * MILLISECOND_NS,
            },
            3 => Change::Errors {
                selector: selector(draws),
                failure_q32: ONE_Q32 / draws.from(2, 10),
            },
            4 if blueprint.regions.len() > 1 => Change::ShiftTraffic {
                from: RegionId(0),
                to: RegionId(1),
                share_q32: ONE_Q32 / 2,
                over_ns: SECOND_NS,
            },
            _ => Change::Slowdown {
                selector: selector(draws),
                factor_q16: draws.count(1, 20) * ONE_Q16,
            },
        };
        blueprint.timeline.push(TimedChange { at_ns, change });
    }
}

/// Everything an observer is told, in order; two runs are compared by it, and the first difference is shown.
#[derive(Default)]
struct Transcript(Vec<String>);

impl Probe for Transcript {
    fn server_end(&mut self, end: &ServerEnd) {
        self.0.push(format!("{end:?}"));
    }
    fn call_end(&mut self, end: &CallEnd) {
        self.0.push(format!("{end:?}"));
    }
    fn root_end(&mut self, end: &RootEnd) {
        self.0.push(format!("{end:?}"));
    }
}

#[track_caller]
fn assert_same(one: &World, other: &World, again: impl Fn(bool) -> Transcript, what: &str) {
    if one.hash() == other.hash() {
        return;
    }
    let (first, second) = (again(false).0, again(true).0);
    let differ = first.iter().zip(&second).position(|(a, b)| a != b);
    let at = differ.unwrap_or(first.len().min(second.len()));
    panic!(
        "{what}: {} differs from event {at} on: {:?} against {:?}",
        one.blueprint().name,
        first.get(at),
        second.get(at)
    );
}

/// Run in slices of odd lengths with small budgets.
fn sliced<P: Probe>(world: &mut World, until_ns: u64, number: u64, probe: &mut P) {
    let mut slice = 0;
    while world.now_ns() < until_ns {
        slice += 1;
        let length_ns = combine(number, slice) % (700 * MILLISECOND_NS) + 1;
        let next_ns = (world.now_ns() + length_ns).min(until_ns);
        let budget = combine(slice, number) % 9 + 1;
        while world.advance_until(next_ns, budget, probe) == Progress::Budget {}
    }
}

/// The same run again, a run in slices under an observer, and a run from a fork at a random moment are the same run.
#[test]
fn again_in_slices_and_from_a_fork_is_the_same() {
    let mut failed = 0;
    for number in 0..SYSTEMS {
        let blueprint = Arc::new(with_users(system(number)));
        let fresh = || World::new(Arc::clone(&blueprint), number);
        let mut whole = fresh();
        assert_eq!(
            whole.advance_until(LENGTH_NS, u64::MAX, &mut Blind),
            Progress::Reached
        );
        let mut again = fresh();
        again.advance_until(LENGTH_NS, u64::MAX, &mut Blind);
        let transcript = |in_slices: bool| {
            let (mut world, mut transcript) = (fresh(), Transcript::default());
            if in_slices {
                sliced(&mut world, LENGTH_NS, number, &mut transcript);
            } else {
                world.advance_until(LENGTH_NS, u64::MAX, &mut transcript);
            }
            transcript
        };
        assert_same(&whole, &again, transcript, "the same run again");
        let mut cut = fresh();
        sliced(&mut cut, LENGTH_NS, number, &mut Transcript::default());
        assert_same(&whole, &cut, transcript, "in slices, watched");
        let mut original = fresh();
        let moment_ns = combine(number, 77) % LENGTH_NS;
        original.advance_until(moment_ns, u64::MAX, &mut Blind);
        let mut fork = original.fork();
        assert_eq!(original.hash(), fork.hash());
        fork.advance_until(LENGTH_NS, u64::MAX, &mut Blind);
        assert_same(&whole, &fork, transcript, "from a fork");
        original.advance_until(LENGTH_NS, u64::MAX, &mut Blind);
        assert_same(&whole, &original, transcript, "after a fork was taken");
        failed += whole.counts(FlowId(0), RegionId(0)).failed;
        let mut other = World::new(Arc::clone(&blueprint), number + 1);
        other.advance_until(LENGTH_NS, u64::MAX, &mut Blind);
        assert_ne!(whole.hash(), other.hash(), "another seed is another run");
    }
    assert!(failed > SYSTEMS, "the systems are meant to be in trouble");
}

fn for_each_pool(world: &World, check: impl Fn(PoolGauges)) {
    for instance in (0..world.instance_count()).map(InstanceId::from_index) {
        for edge in (0..world.blueprint().edges.len()).map(EdgeId::from_index) {
            if let Some(pool) = world.pool(instance, edge) {
                check(pool);
            }
        }
    }
}

/// At any moment every request is somewhere; once traffic has ended nothing is left anywhere.
#[test]
fn nothing_is_lost_and_nothing_is_left() {
    let mut finished = 0;
    for number in 0..SYSTEMS {
        let blueprint = Arc::new(system(number));
        let mut world = World::new(Arc::clone(&blueprint), number);
        let regions = || (0..blueprint.regions.len()).map(RegionId::from_index);
        for moment in 1..=20 {
            world.advance_until(moment * SECOND_NS / 4, u64::MAX, &mut Blind);
            for_each_pool(&world, |pool| {
                let fits = pool.used <= pool.size && (pool.waiting == 0 || pool.used == pool.size);
                assert!(fits, "system {number}, moment {moment}: {pool:?}");
            });
            for region in regions() {
                let counts = world.counts(FlowId(0), region);
                let open = world.in_flight(FlowId(0), region);
                assert_eq!(
                    counts.arrivals,
                    counts.ok + counts.slow + counts.failed + open,
                    "system {number}, moment {moment}: {counts:?}"
                );
                let under_way = world.handed_over(FlowId(0), region);
                assert_eq!(
                    counts.published,
                    counts.consumed + counts.lost + under_way,
                    "system {number}, moment {moment}: {counts:?}"
                );
            }
        }
        world.advance_until(DRAINED_NS, u64::MAX, &mut Blind);
        for region in regions() {
            let counts = world.counts(FlowId(0), region);
            assert_eq!(counts.arrivals, REQUESTS, "system {number}");
            assert_eq!(counts.ok + counts.slow + counts.failed, REQUESTS);
            finished += REQUESTS;
        }
        assert_eq!(world.live_frames(), 0, "system {number} has left frames");
        for instance in (0..world.instance_count()).map(InstanceId::from_index) {
            let gauges = world.instance(instance);
            assert_eq!(
                (gauges.busy_workers, gauges.busy_cores, gauges.queued),
                (0, 0, 0),
                "system {number}, {instance:?}"
            );
            assert!(
                gauges.wait_ns < DRAINED_NS * REQUESTS * 100,
                "system {number}: requests waited for {} ns",
                gauges.wait_ns
            );
        }
        for_each_pool(&world, |pool| {
            assert_eq!((pool.used, pool.waiting), (0, 0), "system {number}");
        });
    }
    assert!(finished >= SYSTEMS * REQUESTS);
}
