//! Rows that are wrong: written so, read by somebody who notices or does not, and put right.

use brownout_sim::blueprint::{DataChange, ONE_Q32};
use brownout_sim::ids::TableId;
use brownout_sim::world::World;

use super::{change, conserved, counts, flow, run, share, world};

const KEYS: &str = r#"(name: "order", count: 200)"#;
const TABLE: TableId = TableId(0);

/// Every request writes the row of what it is about, then reads it; or reads only.
fn shop(writes: bool) -> World {
    let write = if writes {
        r#"Call("db", "write"), "#
    } else {
        ""
    };
    let services = format!(
        r#"(name: "app", replicas: {{"north": 2}}, endpoints: [(name: "go", steps: [{write}Call("db", "read")])]),
        (name: "db", kind: database, replicas: {{"north": 1}},
         database: (tables: [(name: "orders", keys: "order", rows: 200)],
            queries: [(name: "write", table: "orders", row: "20us", effect: update), (name: "read", table: "orders", row: "20us")]),
         endpoints: [(name: "write", steps: [Query("write")]), (name: "read", steps: [Query("read")])])"#
    );
    world(KEYS, &services, &flow("50/s", "5s"), 11)
}

const fn corrupt(share_q32: u64, breaks: bool) -> DataChange {
    DataChange::Corrupt {
        table: TABLE,
        share_q32,
        breaks,
    }
}

#[test]
fn wrong_rows_give_wrong_answers_until_they_are_written_again() {
    let mut world = shop(true);
    change(&mut world, corrupt(ONE_Q32 / 4, false));
    run(&mut world, 60);
    conserved(&world);
    let before = counts(&world);
    // Each request reads what it has just written.
    let wrong = share(before.wrong, before.ok);
    assert!((wrong - 0.25).abs() < 0.02, "{wrong}");
    assert_eq!(before.failed, 0, "nobody notices");
    let rows = share(world.wrong_rows(TABLE), 200);
    assert!((rows - 0.25).abs() < 0.1, "{rows}");
    // What is written from now on is right, and rows are written again about every four seconds.
    change(&mut world, corrupt(0, false));
    run(&mut world, 120);
    assert_eq!(world.wrong_rows(TABLE), 0);
    assert!(counts(&world).wrong - before.wrong <= 1);
}

#[test]
fn readers_may_fail_on_wrong_rows() {
    let mut world = shop(true);
    change(&mut world, corrupt(ONE_Q32 / 4, true));
    run(&mut world, 60);
    conserved(&world);
    let counts = counts(&world);
    let failed = share(counts.failed, counts.arrivals);
    assert!((failed - 0.25).abs() < 0.02, "{failed}");
    assert_eq!(counts.wrong, 0);
}

/// What nobody writes again stays wrong until it is put right; that ends it at once.
#[test]
fn rows_are_put_right() {
    let mut world = shop(true);
    change(&mut world, corrupt(ONE_Q32, true));
    run(&mut world, 20);
    assert!(world.wrong_rows(TABLE) > 150);
    change(&mut world, corrupt(0, true));
    change(&mut world, DataChange::Repair { table: TABLE });
    assert_eq!(world.wrong_rows(TABLE), 0);
    let failed = counts(&world).failed;
    run(&mut world, 40);
    // One may have been at its reading just then.
    assert!(counts(&world).failed - failed <= 2);
    // Without writes nothing gets wrong.
    let mut reading = shop(false);
    change(&mut reading, corrupt(ONE_Q32, true));
    run(&mut reading, 20);
    assert_eq!((reading.wrong_rows(TABLE), counts(&reading).failed), (0, 0));
}
