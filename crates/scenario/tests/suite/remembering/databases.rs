//! Databases: plans, memory, locks, migrations, replication, connections, schemas.

use std::sync::Arc;

use brownout_scenario::MemoryFiles;
use brownout_sim::blueprint::{Change, DataChange, FleetAction, MILLISECOND_NS, Plan, SECOND_NS};
use brownout_sim::ids::{
    DeploymentId, FlowId, InstanceId, KeySpaceId, QueryId, RegionId, ServiceId, TableId,
};
use brownout_sim::probe::{Blind, Probe, Span, TraceEnd};
use brownout_sim::world::World;

use super::{change, conserved, counts, flow, run, world};

fn database(app: &str, database: &str, endpoints: &str, instance: &str, rate: &str) -> World {
    let services = format!(
        r#"(name: "app", replicas: {{"north": 2}}, instance: (cores: 1000, workers: 100000),
            endpoints: [(name: "go", steps: [{app}])],
            calls: {{"db": (timeout: "2s", pool: 50)}}),
           (name: "db", kind: database, replicas: {{"north": 1, "south": 1}}, instance: ({instance}),
            database: (primary: "north", {database}),
            endpoints: [{endpoints}])"#
    );
    let keys = r#"(name: "order", count: 1000, skew: "0.8")"#;
    world(keys, &services, &flow(rate, "5s"), 9)
}

const ORDERS: &str = r#"tables: [(name: "orders", keys: "order", rows: 1000000)],
    queries: [(name: "find", table: "orders", row: "100us"), (name: "add", table: "orders", row: "100us", effect: insert),
              (name: "change", table: "orders", row: "100us", effect: update)]"#;

/// What a query costs follows from its plan and the size of its table: 21 rows by an index over a million, 1,000,000
/// without. An index built later brings it back.
#[test]
fn a_plan_flip_makes_a_query_as_slow_as_its_table_is_long() {
    let mut world = database(
        r#"Call("db", "read")"#,
        &ORDERS.replace("1000000", "100000"),
        r#"(name: "read", steps: [Query("find")])"#,
        "cores: 4, workers: 100",
        "100/s",
    );
    assert_eq!(world.rows_examined(QueryId(0)), 1 + 17);
    run(&mut world, 60);
    let healthy = counts(&world);
    assert_eq!(healthy.failed, 0);
    let set = |plan, after_ns| DataChange::SetPlan {
        query: QueryId(0),
        plan,
        after_ns,
    };
    change(&mut world, set(Plan::Scan, 0));
    assert_eq!(world.rows_examined(QueryId(0)), 100_000);
    run(&mut world, 120);
    let flipped = counts(&world).since(&healthy);
    assert!(flipped.failed * 10 > flipped.arrivals * 9, "{flipped:?}");
    // Building takes a minute, and the sessions that wait are ended to let the database breathe.
    change(&mut world, set(Plan::Index, 60 * SECOND_NS));
    run(&mut world, 181);
    let query = QueryId(0);
    change(
        &mut world,
        DataChange::KillQueries {
            query,
            region: None,
        },
    );
    run(&mut world, 240);
    let before = counts(&world);
    run(&mut world, 300);
    let healed = counts(&world).since(&before);
    assert_eq!(healed.failed, 0, "{healed:?}");
    conserved(&world);
}

/// A table that grows makes its scans slower while the run goes on.
#[test]
fn a_table_grows_with_what_is_inserted() {
    let scans = ORDERS.replace("rows: 1000000", "rows: 0").replace(
        r#""find", table: "orders","#,
        r#""find", table: "orders", plan: scan,"#,
    );
    let mut world = database(
        r#"Call("db", "write")"#,
        &scans,
        r#"(name: "write", access: primary, steps: [Query("add"), Query("find")])"#,
        "cores: 8, workers: 100",
        "20/s",
    );
    run(&mut world, 60);
    let counts = counts(&world);
    let in_flight = world.in_flight(FlowId(0), RegionId(0));
    assert!(world.table_rows(TableId(0)) >= counts.ok);
    assert!(world.table_rows(TableId(0)) <= counts.ok + in_flight);
    assert_eq!(
        world.rows_examined(QueryId(0)),
        world.table_rows(TableId(0))
    );
}

/// A database whose memory is cold takes its rows from disk until they have been read once.
#[test]
fn a_restart_empties_the_buffer() {
    let slow = |buffer: &str| {
        let mut world = database(
            r#"Call("db", "read")"#,
            &format!("{ORDERS}, {buffer}"),
            r#"(name: "read", steps: [Query("find")])"#,
            r#"cores: 4, workers: 100, start: "1s", drain: "0s""#,
            "100/s",
        );
        run(&mut world, 60);
        let before = world.instance(InstanceId(2)).cpu_ns;
        let deployment = DeploymentId(1);
        world
            .apply(&Change::Restart { deployment }, &mut Blind)
            .expect("a restart is always possible");
        run(&mut world, 90);
        let after = world.instance(InstanceId(2)).cpu_ns;
        conserved(&world);
        (after - before) / (24 * 100)
    };
    let (all, some) = (
        slow("disk_factor: 50"),
        slow("buffer: 1000000, disk_factor: 50"),
    );
    assert!(
        some > 5 * all,
        "{some} against {all} ns of core time a query"
    );
}

/// Row locks: requests about the same order wait for each other, however many cores there are.
#[test]
fn transactions_on_the_same_row_wait_for_each_other() {
    let failed = |lock: &str| {
        let services = format!(
            r#"(name: "app", replicas: {{"north": 1}}, instance: (cores: 1000, workers: 100000),
                endpoints: [(name: "go", steps: [Call("db", "write")])], calls: {{"db": (timeout: "1s")}}),
               (name: "db", kind: database, replicas: {{"north": 1}}, instance: (cores: 100, workers: 200, queue: 200),
                database: ({ORDERS}),
                endpoints: [(name: "write", access: primary, steps: [{lock} ComputeAs("20ms", constant)])])"#
        );
        let keys = r#"(name: "order", count: 1000)"#;
        let mut world = world(keys, &services, &flow("400/s", "5s"), 3);
        let hot = DataChange::HotKey {
            space: KeySpaceId(0),
            key: 0,
            share_q32: 1 << 30,
        };
        change(&mut world, hot);
        run(&mut world, 30);
        conserved(&world);
        let waits = world.lock_waits(ServiceId(1));
        (counts(&world).failed, waits)
    };
    // A quarter of 400/s is about one row, which bears 50/s.
    let (free, no_waits) = failed("");
    assert_eq!((free, no_waits.len()), (0, 0));
    let (failures, waits) = failed(r#"LockRow("orders"),"#);
    assert!(failures > 500, "{failures}");
    let longest = waits.iter().max_by_key(|wait| wait.waiting).expect("waits");
    assert_eq!(longest.row, Some(0), "{longest:?}");
    assert!(
        longest.waiting > 50 && longest.holder.is_some(),
        "{longest:?}"
    );
}

/// A migration that needs its table alone waits for a long transaction; whoever comes later waits behind it. Without the
/// lock, or without the long transaction, nobody notices.
#[test]
fn a_migration_behind_a_long_transaction_stops_everybody() {
    let failed = |long: &str, locks: bool| {
        let services = format!(
            r#"(name: "app", replicas: {{"north": 1}}, instance: (cores: 1000, workers: 100000),
                endpoints: [(name: "go", steps: [Call("db", "write")]), (name: "report", steps: [Call("db", "report")])],
                calls: {{"db": (timeout: "120s")}}),
               (name: "db", kind: database, replicas: {{"north": 1}}, instance: (cores: 100, workers: 300, queue: 200),
                database: ({ORDERS}),
                endpoints: [(name: "write", access: primary, steps: [LockRow("orders"), ComputeAs("10ms", constant)]),
                            (name: "report", access: primary, steps: [LockRow("orders"), ComputeAs("{long}", constant)])])"#
        );
        let keys = r#"(name: "order", count: 1000000)"#;
        let report = r#"(name: "r", title: "R", entry: ("app", "report"), slow: "100s", timeout: "120s", rates: {"north": "1/m"})"#;
        let flows = format!("{}, {report}", flow("100/s", "2s"));
        let mut world = world(keys, &services, &flows, 12);
        run(&mut world, 100);
        let before = counts(&world);
        assert_eq!(before.failed, 0);
        let migrate = DataChange::Migrate {
            table: TableId(0),
            schema: 1,
            over_ns: SECOND_NS,
            locks,
        };
        change(&mut world, migrate);
        run(&mut world, 220);
        conserved(&world);
        assert_eq!(world.schema(ServiceId(1)), 1, "the migration ends");
        counts(&world).since(&before).failed
    };
    let (both, short, online) = (
        failed("60s", true),
        failed("1ms", true),
        failed("60s", false),
    );
    assert!(both > 1_000, "{both}");
    assert_eq!((short, online), (0, 0));
}

/// Two transactions that lock in opposite orders: one is ended instead of both waiting for ever. In the same order they
/// only wait.
#[test]
fn deadlocks_end() {
    let failed = |first: &str, second: &str| {
        let services = format!(
            r#"(name: "app", replicas: {{"north": 1}}, instance: (cores: 1000, workers: 100000),
                endpoints: [(name: "go", steps: [Parallel([("db", "one"), ("db", "other")])])], calls: {{"db": (timeout: "30s")}}),
               (name: "db", kind: database, replicas: {{"north": 1}}, instance: (cores: 100, workers: 300),
                database: (tables: [(name: "a", keys: "k", rows: 1), (name: "b", keys: "k", rows: 1)]),
                endpoints: [(name: "one", access: primary, steps: [Compute("10ms"), LockRow("a"), Compute("3ms"), LockRow("b"), Compute("3ms")]),
                            (name: "other", access: primary, steps: [Compute("10ms"), LockRow("{first}"), Compute("3ms"), LockRow("{second}"), Compute("3ms")])])"#
        );
        let keys = r#"(name: "k", count: 1000000)"#;
        let mut world = world(keys, &services, &flow("50/s", "60s"), 4);
        run(&mut world, 60);
        conserved(&world);
        assert!(world.in_flight(FlowId(0), RegionId(0)) < 20);
        let counts = counts(&world);
        (counts.failed, counts.arrivals)
    };
    let (opposite, of) = failed("b", "a");
    assert!(
        opposite > of / 20 && opposite < of / 2,
        "{opposite} of {of}"
    );
    assert_eq!(failed("a", "b").0, 0);
}

/// Spans of the database's requests.
#[derive(Default)]
struct Kept(Vec<Span>);

impl Probe for Kept {
    fn wants_trace(&mut self, _end: &TraceEnd) -> bool {
        true
    }

    fn trace_end(&mut self, _end: &TraceEnd, spans: &[Span]) {
        self.0
            .extend(spans.iter().filter(|span| span.parent.is_some()));
    }
}

/// Goal: spans tell how long their requests waited for locks. Method: one row that everybody locks for 10 ms is an M/D/1
/// queue at 60 a second. Expectation: each span is its wait and those 10 ms, to the nanosecond, and the mean wait is
/// ρS/2(1−ρ) = 7.5 ms within 6 %.
#[test]
fn spans_tell_waits_for_locks() {
    let services = r#"(name: "app", replicas: {"north": 1}, instance: (cores: 1000, workers: 100000),
        endpoints: [(name: "go", steps: [Call("db", "one")])], calls: {"db": (timeout: "30s")}),
       (name: "db", kind: database, replicas: {"north": 1}, instance: (cores: 100, workers: 300),
        database: (tables: [(name: "a", keys: "k", rows: 1)]),
        endpoints: [(name: "one", access: primary, steps: [LockRow("a"), ComputeAs("10ms", constant)])])"#;
    let mut world = world(
        r#"(name: "k", count: 1)"#,
        services,
        &flow("60/s", "60s"),
        4,
    );
    let mut kept = Kept::default();
    world.advance_until(900 * SECOND_NS, u64::MAX, &mut kept);
    let spans = kept.0;
    assert!(spans.len() > 50_000, "{}", spans.len());
    for span in &spans {
        assert_eq!(
            span.end_ns - span.arrive_ns,
            span.lock_ns + 10_000_000,
            "{span:?}"
        );
        assert!(
            span.lock_ns == 0 || span.lock_at_ns == span.arrive_ns,
            "{span:?}"
        );
    }
    let sum: u64 = spans.iter().map(|span| span.lock_ns).sum();
    let mean_us = sum / spans.len() as u64 / 1_000;
    assert!(mean_us.abs_diff(7_500) < 450, "{mean_us}");
}

fn replicated(apply: &str, rate: &str) -> World {
    database(
        r#"Call("db", "write"), Call("db", "read")"#,
        &format!(r#"{ORDERS}, apply: "{apply}", failover: "10s""#),
        r#"(name: "write", access: primary, steps: [Query("change")]),
           (name: "read", access: replica, steps: [Query("find")])"#,
        "cores: 8, workers: 100",
        rate,
    )
}

/// Replication lag is the list of writes not applied: it grows as fast as writes come in beyond what a replica applies,
/// and a fail-over loses exactly the writes the new primary has not received.
#[test]
fn lag_and_what_a_fail_over_loses() {
    let database = ServiceId(1);
    let mut world = replicated("1ms", "100/s");
    run(&mut world, 60);
    let calm = world.replicas(database)[0];
    // 20 ms away and 1 ms each: two or three at a time.
    assert!(calm.behind <= 12, "{calm:?}");
    // 40 of 100 writes a second are applied.
    let mut slow = replicated("25ms", "100/s");
    run(&mut slow, 60);
    let writes = counts(&slow).ok;
    let lagging = slow.replicas(database)[0];
    let applied = writes - lagging.behind.min(writes);
    assert!((2_350..=2_450).contains(&applied), "{applied} of {writes}");
    // What has been received is applied before the promotion, however long that takes; only what was on its way is lost.
    let behind_ns = 20 * MILLISECOND_NS;
    let lost_before = counts(&slow).lost_writes;
    let to = None;
    change(&mut slow, DataChange::FailOver { database, to });
    let lost = slow.lost_writes(database).to_vec();
    assert_eq!(counts(&slow).lost_writes - lost_before, lost.len() as u64);
    assert!(
        lost.iter()
            .all(|write| write.at_ns + behind_ns > 60 * SECOND_NS)
    );
    assert!(lost.len() <= 12, "{}", lost.len());
    assert_eq!(slow.primary(database), None);
    let before = counts(&slow);
    run(&mut slow, 68);
    let meanwhile = counts(&slow).since(&before);
    assert!(
        meanwhile.failed > 500,
        "no primary takes writes: {meanwhile:?}"
    );
    run(&mut slow, 300);
    assert_eq!(slow.primary(database), Some(InstanceId(3)));
    let before = counts(&slow);
    run(&mut slow, 330);
    assert_eq!(counts(&slow).since(&before).failed, 0);
    conserved(&slow);
}

/// A replica that is scaled out begins with a copy: it has all that was written before it came, so a fail-over to it loses
/// no more than what was on its way. One that is scaled in keeps nothing, and holds up nobody's log.
#[test]
fn a_replica_that_is_scaled_out_begins_with_a_copy() {
    let database = ServiceId(1);
    let services = format!(
        r#"(name: "app", replicas: {{"north": 2}}, instance: (cores: 1000, workers: 100000),
            endpoints: [(name: "go", steps: [Call("db", "write"), Call("db", "read")])], calls: {{"db": (timeout: "2s")}}),
           (name: "db", kind: database, replicas: {{"north": 1}}, slots: {{"north": 3}},
            instance: (cores: 8, workers: 100, start: "20s"),
            database: (primary: "north", {ORDERS}, apply: "1ms", failover: "5s"),
            endpoints: [(name: "write", access: primary, steps: [Query("change")]),
                        (name: "read", access: replica, steps: [Query("find")])])"#
    );
    let mut world = world(
        r#"(name: "order", count: 1000)"#,
        &services,
        &flow("100/s", "5s"),
        12,
    );
    let scale = |world: &mut World, replicas| {
        let change = Change::Fleet {
            deployment: DeploymentId(1),
            action: FleetAction::Scale { replicas },
        };
        world.apply(&change, &mut Blind).expect("there are slots");
    };
    run(&mut world, 60);
    assert!(world.replicas(database).is_empty());
    scale(&mut world, 2);
    run(&mut world, 90);
    let replica = world.replicas(database)[0];
    assert!(replica.behind < 10, "{replica:?}");
    let read = world.instance(replica.instance).cpu_ns;
    assert!(read > 0, "it serves reads");
    let mut failed_over = world.fork();
    let to = None;
    change(&mut failed_over, DataChange::FailOver { database, to });
    assert!(failed_over.lost_writes(database).len() < 10);
    run(&mut failed_over, 120);
    assert_eq!(failed_over.primary(database), Some(replica.instance));
    scale(&mut world, 1);
    run(&mut world, 120);
    assert!(world.replicas(database).is_empty());
    let before = counts(&world);
    run(&mut world, 180);
    assert_eq!(
        counts(&world).since(&before).failed,
        0,
        "the primary stays and serves reads again"
    );
    conserved(&world);
}

/// A replica that is cut off receives nothing: a fail-over to it loses all that was written since, and without the cut
/// only what was on its way. When the link heals instead, it catches up.
#[test]
fn a_fail_over_behind_a_partition_loses_what_was_not_shipped() {
    use brownout_sim::blueprint::{Link, Messages, Quality};
    let database = ServiceId(1);
    let cut = |world: &mut World, drops: bool| {
        let link = Link {
            messages: Messages {
                from_region: Some(RegionId(0)),
                to_region: Some(RegionId(1)),
                ..Messages::default()
            },
            quality: Quality {
                drops,
                ..Quality::default()
            },
        };
        world
            .apply(&Change::Link(link), &mut Blind)
            .expect("links can be cut");
    };
    let mut world = replicated("1ms", "50/s");
    run(&mut world, 60);
    cut(&mut world, true);
    let before = counts(&world).ok;
    run(&mut world, 70);
    let written = counts(&world).ok - before;
    let behind = world.replicas(database)[0].behind;
    assert!(behind.abs_diff(written) < 10, "{behind} of {written}");
    let mut healed = world.fork();
    cut(&mut healed, false);
    run(&mut healed, 75);
    assert!(healed.replicas(database)[0].behind < 10);
    let to = None;
    change(&mut world, DataChange::FailOver { database, to });
    let lost = world.lost_writes(database);
    assert!(
        (lost.len() as u64).abs_diff(written) < 10,
        "{} of {written}",
        lost.len()
    );
    assert!(
        lost.iter()
            .all(|write| write.at_ns + 20 * MILLISECOND_NS > 60 * SECOND_NS)
    );
}

/// Whoever reads at once what was just written, from a replica that has not got it, sees old data.
#[test]
fn reading_ones_own_write_from_a_replica_is_stale() {
    let south = |apply: &str| {
        let services = format!(
            r#"(name: "app", replicas: {{"south": 1}}, home: "south", instance: (cores: 100, workers: 1000),
                endpoints: [(name: "go", steps: [Call("db", "write"), Compute("100ms"), Call("db", "read")])], calls: {{"db": (timeout: "2s")}}),
               (name: "db", kind: database, replicas: {{"north": 1, "south": 1}}, instance: (cores: 8, workers: 100),
                database: ({ORDERS}, primary: "north", apply: "{apply}"),
                endpoints: [(name: "write", access: primary, steps: [Query("change")]), (name: "read", access: replica, steps: [Query("find")])])"#
        );
        let keys = r#"(name: "order", count: 1000000)"#;
        let mut world = world(keys, &services, &flow("30/s", "5s"), 8);
        run(&mut world, 120);
        conserved(&world);
        let counts = counts(&world);
        (counts.stale, counts.ok)
    };
    let ((some, of), (nearly_all, all)) = (south("1ms"), south("100ms"));
    assert!(some * 2 < of, "{some} of {of}");
    assert!(nearly_all * 10 > all * 9, "{nearly_all} of {all}");
}

/// A long query that holds the replay of a replica makes everything there old (field guide Q2); ending it helps.
#[test]
fn a_long_query_holds_up_replication() {
    let held = |holds: bool| {
        let queries = ORDERS.replace(
            "queries: [",
            &format!(r#"queries: [(name: "report", table: "orders", fixed: "200s", row: "1us", distribution: constant, holds_replay: {holds}), "#),
        );
        let services = format!(
            r#"(name: "app", replicas: {{"north": 1}}, instance: (cores: 100, workers: 1000),
                endpoints: [(name: "go", steps: [Call("db", "write")]), (name: "report", steps: [Call("db", "report")])], calls: {{"db": (timeout: "300s")}}),
               (name: "db", kind: database, replicas: {{"north": 2}}, instance: (cores: 8, workers: 100),
                database: ({queries}),
                endpoints: [(name: "write", access: primary, steps: [Query("change")]), (name: "report", access: replica, steps: [Query("report")])])"#
        );
        let report = r#"(name: "r", title: "R", entry: ("app", "report"), slow: "400s", timeout: "400s", rates: {"north": "2/m"})"#;
        let keys = r#"(name: "order", count: 1000)"#;
        world(
            keys,
            &services,
            &format!("{}, {report}", flow("50/s", "5s")),
            2,
        )
    };
    let database = ServiceId(1);
    let mut free = held(false);
    run(&mut free, 150);
    assert!(free.replicas(database)[0].behind < 5);
    let mut world = held(true);
    run(&mut world, 150);
    let replica = world.replicas(database)[0];
    assert!(replica.held && replica.behind > 1_000, "{replica:?}");
    assert!(replica.lag_ns > 30 * SECOND_NS);
    let query = QueryId(0);
    change(
        &mut world,
        DataChange::KillQueries {
            query,
            region: None,
        },
    );
    run(&mut world, 160);
    let after = world.replicas(database)[0];
    assert!(after.behind < replica.behind / 2, "{after:?}");
}

/// Every client instance's pool keeps its connections: more instances than the database has connections for, and the
/// last to come are refused.
#[test]
fn scaling_out_can_use_up_a_databases_connections() {
    let failed = |instances: u32| {
        let services = format!(
            r#"(name: "app", replicas: {{"north": {instances}}}, instance: (cores: 100, workers: 1000),
                endpoints: [(name: "go", steps: [Call("db", "read")])], calls: {{"db": (timeout: "2s", pool: 20)}}),
               (name: "db", kind: database, replicas: {{"north": 1}}, instance: (cores: 100, workers: 400),
                database: ({ORDERS}, connections: 100),
                endpoints: [(name: "read", steps: [ComputeAs("50ms", constant)])])"#
        );
        let keys = r#"(name: "order", count: 1000)"#;
        let mut world = world(keys, &services, &flow("1500/s", "5s"), 7);
        run(&mut world, 60);
        conserved(&world);
        assert!(world.connections(ServiceId(1)) <= 100);
        counts(&world).failed
    };
    assert_eq!(failed(5), 0);
    assert!(failed(12) > 100, "{}", failed(12));
}

/// A version that does not know the schema fails at the database, a rollback does not bring the schema back.
#[test]
fn a_rollback_does_not_revert_the_schema() {
    use crate::common::{SCENARIO, SYSTEM};
    let system = SYSTEM
        .replace("segments:", r#"keys: [(name: "k", count: 10)], segments:"#)
        .replace(r#"IfFlag("gift", [Compute("2ms")]), FailShare("0.1%")"#, r#"IfFlag("gift", []), Call("db", "read")"#)
        .replace("    ],\n    flags", r#"        (name: "db", kind: database, replicas: {"north": 1}, database: (tables: [(name: "t", keys: "k", rows: 10)]), endpoints: [(name: "read", steps: [Compute("1ms")])]),
    ],
    flags"#);
    let scenario = SCENARIO
        .replace(r#"endpoints: [(name: "sell", steps: [Compute("3ms")])]"#, r#"schemas: {"db": (0, 1)}"#)
        .replace("versions: [", r#"versions: [(service: "store", name: "1.0.0", notes: "Old.", schemas: {"db": (0, 0)}), "#);
    let files = MemoryFiles::new(&[
        ("small/scenario.ron", &scenario),
        ("systems/shop.ron", &system),
    ]);
    let (loaded, found) = brownout_scenario::load(&files, "small/scenario.ron");
    let loaded = loaded.unwrap_or_else(|| panic!("{found:#?}"));
    let scenario = brownout_scenario::compile(&loaded, Some(0), 1)
        .unwrap_or_else(|found| panic!("{found:#?}"));
    let mut world = World::new(Arc::clone(&scenario.blueprint), 1);
    run(&mut world, 25 * 60);
    assert_eq!(counts(&world).failed, 0);
    let migrate = DataChange::Migrate {
        table: TableId(0),
        schema: 1,
        over_ns: SECOND_NS,
        locks: true,
    };
    change(&mut world, migrate);
    run(&mut world, 26 * 60);
    assert_eq!(
        counts(&world).failed,
        0,
        "the new version knows both schemas"
    );
    let store = scenario
        .blueprint
        .deployment(ServiceId(1), RegionId(0))
        .expect("store");
    let rollback = Change::Deploy {
        deployment: store,
        version: brownout_sim::ids::VersionId(1),
    };
    world
        .apply(&rollback, &mut Blind)
        .expect("a rollback is possible");
    run(&mut world, 28 * 60);
    let before = counts(&world);
    run(&mut world, 29 * 60);
    let after = counts(&world).since(&before);
    assert!(after.failed * 10 > after.arrivals * 9, "{after:?}");
    assert_eq!(world.schema(ServiceId(2)), 1);
}

/// All of it at once, twice and in slices: the same bytes.
#[test]
fn what_is_remembered_is_part_of_the_run() {
    let build = || replicated("5ms", "100/s");
    let (mut whole, mut sliced) = (build(), build());
    run(&mut whole, 90);
    for ms in (0..=90_000).step_by(777) {
        let _ = sliced.advance_until(ms * MILLISECOND_NS, u64::MAX, &mut Blind);
        sliced = sliced.fork();
    }
    run(&mut sliced, 90);
    assert_eq!(whole.hash(), sliced.hash());
}
