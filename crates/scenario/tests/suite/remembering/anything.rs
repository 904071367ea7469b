//! Random systems with caches, databases, locks, replicas and queues, and anything done to them: whatever happens, the
//! books balance, a fork goes the same way, and in the end nothing is left behind.

use brownout_sim::blueprint::{
    Change, DataChange, FleetAction, MILLISECOND_NS, Plan, ProcessEffect, SECOND_NS, Selector,
    UserSelector,
};
use brownout_sim::hash::combine;
use brownout_sim::ids::{
    DeploymentId, EndpointId, FlowId, KeySpaceId, QueryId, RegionId, ServiceId, TableId,
};
use brownout_sim::probe::Blind;
use brownout_sim::world::World;

use super::world;

const SEEDS: u64 = 120;
/// Longer than it takes to work off what a plan flip over a grown table has left.
const LONG: u64 = 2_000_000 * SECOND_NS;

struct Draws(u64, u64);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.1 += 1;
        (combine(self.0, self.1) >> 32) * n >> 32
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
    fn narrow(&mut self, n: u64) -> u16 {
        u16::try_from(self.below(n)).expect("small")
    }
}

/// An application that reads through a cache, writes in a transaction and hands work over to a queue.
fn anything(seed: u64) -> World {
    let d = &mut Draws(combine(0x5eed, seed), 0);
    let single = d.pick(&[", single_flight: true", ""]);
    let hand_over = d.pick(&[
        "Enqueue(\"queue\", \"put\"),",
        "Publish(\"queue\", \"put\"),",
        "",
    ]);
    let pool = d.pick(&["pool: 3,", "pool: 20,", ""]);
    let lock = d.pick(&["LockRow(\"orders\"),", "LockTable(\"orders\"),", ""]);
    let then = d.pick(&["LockRow(\"stock\"),", "LockTable(\"stock\"),", ""]);
    let (first, second) = d.pick(&[("orders", "stock"), ("stock", "orders")]);
    let balancer = d.pick(&["round_robin", "least_outstanding", "by_key(\"order\")"]);
    let discipline = d.pick(&["fifo", "lifo", "priority"]);
    let lock_timeout = d.pick(&["", "lock_timeout: \"400ms\","]);
    let connections = d.pick(&["", "connections: 12,"]);
    let buffer = d.pick(&["", "buffer: 20000, disk_factor: 20,"]);
    let cancel = d.pick(&["true", "false"]);
    let letters = d.pick(&["true", "false"]);
    let cache_nodes = 1 + d.below(2);
    let services = format!(
        r#"(name: "app", replicas: {{"north": 2, "south": 1}},
            instance: (cores: 20, workers: 60, queue: 40, discipline: {discipline}, start: "2s", drain: "1s"),
            balancer: {balancer},
            endpoints: [(name: "go", steps: [Compute("2ms"),
                Cached((lookup: ("cache", "get"), fill: ("cache", "set"), miss: [Call("db", "read")]{single})),
                Call("db", "write"), Call("db", "other"), {hand_over} Compute("1ms")])],
            calls: {{"cache": (optional: true, timeout: "50ms"),
                "db": (timeout: "600ms", {pool} attempts: 2, cancel: {cancel}), "queue": (timeout: "1s")}}),
           (name: "cache", kind: cache, replicas: {{"north": {cache_nodes}, "south": 1}},
            instance: (cores: 8, workers: 200, start: "2s"), cache: (keys: "item", entries: 60, ttl: "20s", warm: true),
            endpoints: [(name: "get", steps: [Compute("500us"), Lookup]), (name: "set", steps: [Compute("500us"), Store])]),
           (name: "db", kind: database, replicas: {{"north": 2, "south": 1}}, slots: {{"north": 3, "south": 2}}, instance: (cores: 4, workers: 40, start: "2s"),
            database: (primary: "north", {lock_timeout} {connections} {buffer} apply: "2ms", failover: "3s",
                tables: [(name: "orders", keys: "order", rows: 50000), (name: "stock", keys: "item", rows: 2000)],
                queries: [(name: "find", table: "stock", row: "2us"), (name: "add", table: "orders", row: "20us", effect: insert),
                    (name: "change", table: "stock", row: "20us", effect: update)]),
            endpoints: [(name: "read", access: replica, steps: [Query("find")]),
                (name: "write", access: primary, effect: once, steps: [{lock} Query("add"), {then} Query("change")]),
                (name: "other", access: primary, steps: [LockRow("{first}"), Compute("1ms"), LockRow("{second}"), Query("change")])]),
           (name: "queue", kind: queue, replicas: {{"north": 2, "south": 2}}, instance: (cores: 4, workers: 1, queue: 50),
            balancer: by_key("order"), queue: (dead_letters: {letters}),
            endpoints: [(name: "put", steps: [Call("worker", "do")])],
            calls: {{"worker": (timeout: "300ms", attempts: 3, backoff: "100ms")}}),
           (name: "worker", replicas: {{"north": 2, "south": 1}}, instance: (cores: 2, workers: 8, start: "2s"),
            endpoints: [(name: "do", effect: once, steps: [Compute("30ms"), Call("db", "write")])],
            calls: {{"db": (timeout: "500ms", attempts: 1)}})"#
    );
    let keys = r#"(name: "item", count: 300, skew: "1"), (name: "order", count: 200)"#;
    let flow = |name: &str, criticality: &str, rate: u64, main: bool| {
        format!(
            r#"(name: "{name}", title: "F", entry: ("app", "go"), slow: "300ms", timeout: "3s", cancel: {cancel},
                rates: {{"north": "{rate}/s", "south": "8/s"}}, criticality: {criticality}, main: {main}),"#
        )
    };
    let flows = flow("f", "critical_plus", 15 + d.below(30), true)
        + &flow("g", "sheddable", 5 + d.below(30), false);
    world(keys, &services, &flows, seed)
}

/// Something that may be done to the system of [`anything`]; whether it makes sense is the world's to say.
fn change(d: &mut Draws) -> Change {
    let deployment = |d: &mut Draws, service: u16| DeploymentId(2 * service + d.narrow(2));
    let data = match d.below(19) {
        0 => DataChange::FlushCache {
            deployment: deployment(d, 1),
        },
        1 => DataChange::ResizeCache {
            deployment: deployment(d, 1),
            entries: 1 + u32::from(d.narrow(100)),
        },
        2 => DataChange::HotKey {
            space: KeySpaceId(d.narrow(2)),
            key: u32::from(d.narrow(200)),
            share_q32: d.below(1 << 32),
        },
        3 => DataChange::Poison {
            endpoint: EndpointId(d.narrow(8)),
            space: KeySpaceId(1),
            first: 0,
            last: u32::from(d.narrow(60)),
            version: None,
        },
        4 => DataChange::Heal {
            endpoint: EndpointId(d.narrow(8)),
        },
        5 => DataChange::SetPlan {
            query: QueryId(d.narrow(3)),
            plan: d.pick(&[Plan::Scan, Plan::Index]),
            after_ns: d.below(5) * SECOND_NS,
        },
        6 => DataChange::GrowTable {
            table: TableId(d.narrow(2)),
            rows: d.below(500_000),
        },
        7 => DataChange::Migrate {
            table: TableId(d.narrow(2)),
            schema: 1 + d.narrow(3),
            over_ns: d.below(8) * SECOND_NS,
            locks: d.one_in(2),
        },
        8 => DataChange::CancelMigration {
            table: TableId(d.narrow(2)),
        },
        9 | 10 => DataChange::FailOver {
            database: ServiceId(2),
            to: d.one_in(2).then(|| RegionId(d.narrow(2))),
        },
        11 => DataChange::Pause {
            deployment: deployment(d, 3),
            paused: d.one_in(2),
        },
        12 => DataChange::Purge {
            deployment: deployment(d, 3),
            most: u32::from(d.narrow(30)),
        },
        13 => DataChange::Redrive {
            deployment: deployment(d, 3),
        },
        14 => DataChange::KillQueries {
            query: QueryId(d.narrow(3)),
            region: None,
        },
        16 => DataChange::Corrupt {
            table: TableId(d.narrow(2)),
            share_q32: d.below(1 << 32),
            breaks: d.one_in(2),
        },
        17 => DataChange::Repair {
            table: TableId(d.narrow(2)),
        },
        15 => {
            let region = d.narrow(2);
            return Change::Fleet {
                deployment: DeploymentId(4 + region),
                action: FleetAction::Scale {
                    replicas: 1 + d.narrow(u64::from(3 - region)),
                },
            };
        }
        _ => {
            let service = d.narrow(5);
            if d.one_in(2) {
                return Change::Restart {
                    deployment: deployment(d, service),
                };
            }
            return Change::Process {
                selector: Selector {
                    service: Some(ServiceId(service)),
                    region: Some(RegionId(d.narrow(2))),
                    slot: Some(0),
                    ..Selector::default()
                },
                effect: d.pick(&[
                    ProcessEffect::Kill,
                    ProcessEffect::Pause {
                        for_ns: 1_500 * MILLISECOND_NS,
                    },
                ]),
            };
        }
    };
    Change::Data(data)
}

/// Users stop coming, queues go on.
fn ends(world: &mut World) {
    let calm = Change::Traffic {
        users: UserSelector::default(),
        factor_q16: 0,
    };
    assert!(world.apply(&calm, &mut Blind).is_ok());
    for region in 0..2 {
        let resume = DataChange::Pause {
            deployment: DeploymentId(6 + region),
            paused: false,
        };
        // Where nothing is paused there is nothing to resume.
        let _ = world.apply(&Change::Data(resume), &mut Blind);
    }
}

/// Runs for a minute of trouble and until all is done. `audited` looks at the books all the time.
fn course(seed: u64, audited: bool) -> (World, u64) {
    let mut world = anything(seed);
    let d = &mut Draws(combine(0xc0de, seed), 0);
    let mut accepted = 0;
    for step in 1..=180u64 {
        world.advance_until(step * SECOND_NS / 3, u64::MAX, &mut Blind);
        if audited {
            assert_eq!(world.audit(), Ok(()), "seed {seed}, step {step}");
        }
        if step % 12 == 0 {
            let change = change(d);
            accepted += u64::from(world.apply(&change, &mut Blind).is_ok());
            if audited {
                assert_eq!(world.audit(), Ok(()), "seed {seed}, after {change:?}");
            }
        }
    }
    ends(&mut world);
    (world, accepted)
}

#[test]
fn whatever_happens_to_what_remembers_the_books_balance() {
    let mut accepted = 0;
    let mut fates = [0u64; 9];
    for seed in 0..SEEDS {
        let (mut world, changes) = course(seed, true);
        accepted += changes;
        let mut fork = world.fork();
        world.advance_until(LONG, u64::MAX, &mut Blind);
        assert_eq!(world.audit(), Ok(()), "seed {seed}");
        assert_eq!(world.live_frames(), 0, "seed {seed}");
        fork.advance_until(LONG, u64::MAX, &mut Blind);
        assert_eq!(fork.hash(), world.hash(), "seed {seed}: a fork");
        for flow in 0..2 {
            for region in 0..2 {
                let counts = world.counts(FlowId(flow), RegionId(region));
                assert_eq!(counts.arrivals, counts.finished(), "seed {seed}");
                let all = [
                    counts.ok,
                    counts.failed,
                    counts.slow,
                    counts.consumed,
                    counts.lost,
                    counts.dead,
                    counts.stale,
                    counts.duplicated,
                    counts.lost_writes,
                ];
                for (sum, count) in fates.iter_mut().zip(all) {
                    *sum += count;
                }
            }
        }
        if seed % 10 == 0 {
            let (mut again, _) = course(seed, false);
            again.advance_until(LONG, u64::MAX, &mut Blind);
            assert_eq!(again.hash(), world.hash(), "seed {seed}: once more");
        }
    }
    // The cases are meant to be of all kinds.
    assert!(accepted > SEEDS * 5, "{accepted} changes made sense");
    assert!(fates.iter().all(|count| *count > 20), "{fates:?}");
}
