//! What a process needs beside cores: each limit bites only where it is reached, and what leaks adds up.

use brownout_sim::blueprint::{
    Blueprint, Change, Descriptors, Disk, Leak, MILLISECOND_NS, MINUTE_NS, Memory, ONE_Q16,
    ONE_Q32, Pool, Ports, ProcessEffect, SECOND_NS, Selector, Step, TimedChange, WarmUp,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::InstanceId;
use brownout_sim::probe::{CallEnd, CrashReason, Lifecycle, Probe, RootEnd, ServerEnd, Status};
use brownout_sim::world::{ResourceGauges, World};

use crate::common::{Policy, Station, chain, world};

pub(super) const MIB: u64 = 1 << 20;

/// Counts by status, crashes, and the ends of users' requests.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) served: u64,
    pub(super) server: [u64; Status::ALL.len()],
    pub(super) client: [u64; Status::ALL.len()],
    pub(super) crashes: Vec<(u64, CrashReason)>,
    pub(super) ends: Vec<(u64, u64)>,
}

impl Seen {
    pub(super) fn server(&self, status: Status) -> u64 {
        self.server[status as usize]
    }

    pub(super) fn client(&self, status: Status) -> u64 {
        self.client[status as usize]
    }
}

impl Probe for Seen {
    fn server_end(&mut self, end: &ServerEnd) {
        self.served += 1;
        self.server[end.status as usize] += 1;
    }

    fn call_end(&mut self, end: &CallEnd) {
        self.client[end.status as usize] += 1;
    }

    fn root_end(&mut self, end: &RootEnd) {
        self.ends.push((end.at_ns, end.duration_ns));
    }

    fn lifecycle(
        &mut self,
        at_ns: u64,
        _: InstanceId,
        _: brownout_sim::ids::VersionId,
        event: Lifecycle,
    ) {
        if let Lifecycle::Crashed { reason, .. } = event {
            self.crashes.push((at_ns, reason));
        }
    }
}

pub(super) fn run(blueprint: Blueprint, seed: u64, until_ns: u64) -> (Seen, World) {
    let mut world = world(blueprint, seed);
    let mut seen = Seen::default();
    world.advance_until(until_ns, u64::MAX, &mut seen);
    conserved(&world);
    (seen, world)
}

/// Every request is somewhere: it has a result or is in flight.
pub(super) fn conserved(world: &World) {
    world.audit().expect("the books balance");
}

pub(super) fn gauges(world: &World, instance: u16) -> ResourceGauges {
    world
        .instance(InstanceId(instance))
        .resources
        .expect("it has vitals")
}

pub(super) fn at(at_ns: u64, effect: ProcessEffect) -> TimedChange {
    TimedChange {
        at_ns,
        change: Change::Process {
            selector: Selector::default(),
            effect,
        },
    }
}

/// A heap of 100 MiB, 40 live, 1 MiB of garbage per request: a collection every 60 requests.
fn heap(leak: u64) -> Blueprint {
    let mut blueprint = chain(
        &[Station {
            workers: 50,
            queue: 1_000,
            ..Station::servers(4, 2 * MILLISECOND_NS)
        }],
        10 * MILLISECOND_NS,
        Policy {
            timeout_ns: 2 * SECOND_NS,
            ..Policy::PATIENT
        },
        Vec::new(),
    );
    blueprint.services[0].instance.resources.memory = Some(Memory {
        limit: 100 * MIB,
        base: 40 * MIB,
        in_flight: 0,
        garbage: MIB,
        pause_ns_per_mib: MILLISECOND_NS / 2,
    });
    blueprint.versions[0].leak.memory = leak;
    blueprint
}

/// Collections: one per headroom of garbage, each as long as tracing the live heap takes.
#[test]
fn collections_follow_from_garbage_and_headroom() {
    let mut blueprint = heap(0);
    blueprint.sources[0].limit = 50_000;
    let (seen, world) = run(blueprint, 5, 10 * MINUTE_NS);
    let gauges = gauges(&world, 0);
    assert_eq!((seen.served, gauges.collections), (50_000, 50_000 / 61));
    assert_eq!(
        gauges.paused_ns,
        gauges.collections * 40 * MILLISECOND_NS / 2,
        "40 MiB at half a millisecond each"
    );
    assert!(seen.crashes.is_empty());
}

/// A leak eats the headroom: collections come faster and take longer until the process does little else, then it is
/// killed and begins anew; the restart hides the leak. Without the leak, or with endless memory, nothing of it happens.
#[test]
fn a_leak_thrashes_then_kills_and_the_restart_hides_it() {
    let (seen, world) = run(heap(2 * 1_024), 5, 10 * MINUTE_NS);
    // 60 MiB at 2 KiB a request and 100 requests a second take 307 s; fewer requests get through in the end.
    let (first, reason) = seen.crashes[0];
    assert_eq!(reason, CrashReason::OutOfMemory);
    assert!(
        (307..360).contains(&(first / SECOND_NS)),
        "killed at {first}"
    );
    assert_eq!(gauges(&world, 0).restarts, 1);
    assert!(
        gauges(&world, 0).live_bytes < 100 * MIB,
        "the next process began anew"
    );
    // Time stood still per second of the run: early, and in the last half minute before the end.
    let share = |until_ns: u64, from_ns: u64| {
        let mut world = crate::common::world(heap(2 * 1_024), 5);
        world.advance_until(from_ns, u64::MAX, &mut Seen::default());
        let before = gauges(&world, 0).paused_ns;
        world.advance_until(until_ns, u64::MAX, &mut Seen::default());
        (gauges(&world, 0).paused_ns - before) * 1_000 / (until_ns - from_ns)
    };
    let early = share(30 * SECOND_NS, 0);
    let late = share(first - 5 * SECOND_NS, first - 15 * SECOND_NS);
    assert!(early < 50, "{early} per mille at first");
    assert!(late > 500, "{late} per mille in the end");

    assert!(run(heap(0), 5, 10 * MINUTE_NS).0.crashes.is_empty());
    let mut endless = heap(2 * 1_024);
    endless.services[0].instance.resources.memory = None;
    assert!(run(endless, 5, 10 * MINUTE_NS).0.crashes.is_empty());
}

/// A caller with 60 descriptors, 10 for itself, and a callee that takes 0.1 s.
fn descriptors(leak_q32: u64) -> Blueprint {
    let mut blueprint = chain(
        &[
            Station {
                workers: 1_000,
                ..Station::servers(100, 1)
            },
            Station::servers(100, 100 * MILLISECOND_NS),
        ],
        10 * MILLISECOND_NS,
        Policy {
            timeout_ns: SECOND_NS,
            ..Policy::PATIENT
        },
        Vec::new(),
    );
    blueprint.services[0].instance.resources.descriptors = Some(Descriptors {
        limit: 60,
        base: 10,
    });
    blueprint.versions[0].leak.descriptors_q32 = leak_q32;
    blueprint
}

/// About 10 requests and 10 calls are under way at once, which 50 descriptors carry. If 1 in 20 is never closed, they
/// run out; a restart gives them back.
#[test]
fn descriptors_run_out_when_they_leak() {
    let (seen, world) = run(descriptors(0), 2, 2 * MINUTE_NS);
    assert_eq!(
        seen.server(Status::Refused) + seen.client(Status::Exhausted),
        0
    );
    assert!(gauges(&world, 0).descriptors < 60);

    let (seen, leaking) = run(descriptors(ONE_Q32 / 20), 2, 2 * MINUTE_NS);
    assert!(
        seen.client(Status::Exhausted) > 1_000,
        "calls cannot be made"
    );
    assert!(
        seen.server(Status::Refused) > 0,
        "at times the door is shut"
    );
    let in_use = gauges(&leaking, 0).descriptors;
    assert!((58..=60).contains(&in_use), "{in_use} in use");

    let mut restarted = descriptors(ONE_Q32 / 20);
    restarted
        .timeline
        .push(at(60 * SECOND_NS, ProcessEffect::Kill));
    let mut world = crate::common::world(restarted, 2);
    let mut seen = Seen::default();
    world.advance_until(70 * SECOND_NS, u64::MAX, &mut seen);
    let before = seen.server(Status::Refused) + seen.client(Status::Exhausted);
    world.advance_until(72 * SECOND_NS, u64::MAX, &mut seen);
    assert_eq!(
        seen.server(Status::Refused) + seen.client(Status::Exhausted),
        before,
        "fresh after the restart"
    );
}

/// Each call without a pool takes a port, and leaves it resting for 60 s: 100 calls a second need 6,000 of them. With a
/// pool none is needed.
#[test]
fn ports_run_out_without_a_pool() {
    let with = |limit: u32, pool: Option<u32>| {
        let mut blueprint = descriptors(0);
        blueprint.services[0].instance.resources.descriptors = None;
        blueprint.services[0].instance.resources.ports = Some(Ports {
            limit,
            rest_ns: 60 * SECOND_NS,
        });
        blueprint.edges[1].pool = pool.map(|size| Pool { size });
        run(blueprint, 4, 3 * MINUTE_NS).0.client(Status::Exhausted)
    };
    assert_eq!(with(7_000, None), 0);
    assert!(
        with(3_000, None) > 5_000,
        "half of the calls of two minutes"
    );
    assert_eq!(with(3_000, Some(50)), 0);
}

/// A connection in a hundred is never given back to a pool of 20: after some 2,000 calls there is none left.
#[test]
fn a_pool_that_leaks_runs_dry() {
    let with = |connections_q32: u64| {
        let mut blueprint = descriptors(0);
        blueprint.services[0].instance.resources.descriptors = None;
        blueprint.edges[1].pool = Some(Pool { size: 20 });
        let leak = Leak {
            connections_q32,
            ..Leak::NONE
        };
        blueprint
            .timeline
            .push(at(10 * SECOND_NS, ProcessEffect::Leak(leak)));
        let (seen, world) = run(blueprint, 4, 2 * MINUTE_NS);
        (
            seen.client(Status::Timeout),
            world
                .pool(InstanceId(0), brownout_sim::ids::EdgeId(1))
                .map(|pool| pool.used),
        )
    };
    let (waited_in_vain, used) = with(ONE_Q32 / 100);
    assert!(waited_in_vain > 3_000, "{waited_in_vain}");
    assert_eq!(used, Some(20));
    assert_eq!(with(0).0, 0);
}

/// Logs fill the disk; from then on what has to be written cannot be. Cleaning up helps; a larger disk does not fill.
#[test]
fn a_full_disk_fails_writes() {
    let with = |capacity: u64, cleaned: bool| {
        let mut blueprint = chain(
            &[Station::servers(4, MILLISECOND_NS)],
            10 * MILLISECOND_NS,
            Policy::PATIENT,
            Vec::new(),
        );
        blueprint.versions[0].code.insert(1, Step::Write(100));
        blueprint.services[0].instance.resources.disk = Some(Disk {
            capacity,
            used: MIB,
            per_request: 900,
        });
        if cleaned {
            blueprint
                .timeline
                .push(at(150 * SECOND_NS, ProcessEffect::CleanDisk));
        }
        let mut world = crate::common::world(blueprint, 6);
        let mut seen = Seen::default();
        world.advance_until(150 * SECOND_NS, u64::MAX, &mut seen);
        let before = seen.server(Status::Internal);
        world.advance_until(170 * SECOND_NS, u64::MAX, &mut seen);
        (before, seen.server(Status::Internal) - before)
    };
    // 10 MiB of room at 100 kB a second: full after 105 s.
    let (before, after) = with(11 * MIB, false);
    assert!((3_500..5_500).contains(&before), "{before}");
    assert!(after > 1_500, "{after}");
    assert_eq!(with(11 * MIB, true).1, 0);
    assert_eq!(with(50 * MIB, false), (0, 0));
}

/// Right after a start computing takes three times as long, halfway through the warm-up twice as long.
#[test]
fn a_process_warms_up() {
    let mut blueprint = chain(
        &[Station::servers(1_000, 10 * MILLISECOND_NS)],
        MILLISECOND_NS,
        Policy::PATIENT,
        Vec::new(),
    );
    if let Step::Compute { dist, .. } = &mut blueprint.versions[0].code[0] {
        *dist = Dist::Constant;
    }
    blueprint.services[0].instance.start_ns = 10 * SECOND_NS;
    blueprint.services[0].instance.resources.warm_up = Some(WarmUp {
        factor_q16: 3 * ONE_Q16,
        over_ns: 100 * SECOND_NS,
    });
    blueprint
        .timeline
        .push(at(10 * SECOND_NS, ProcessEffect::Kill));
    let (seen, _) = run(blueprint, 8, 150 * SECOND_NS);
    let around = |second: u64| {
        let near = seen
            .ends
            .iter()
            .filter(|(at_ns, _)| at_ns / SECOND_NS == second);
        let times: Vec<u64> = near.map(|(_, duration_ns)| *duration_ns).collect();
        times.iter().sum::<u64>() / times.len() as u64
    };
    assert_eq!(
        around(5),
        10 * MILLISECOND_NS,
        "warm from the start of the run"
    );
    let just_started = around(20);
    assert!(just_started.abs_diff(30 * MILLISECOND_NS) < MILLISECOND_NS / 2);
    let halfway = around(70);
    assert!(halfway.abs_diff(20 * MILLISECOND_NS) < MILLISECOND_NS / 2);
    assert_eq!(around(130), 10 * MILLISECOND_NS);
}
