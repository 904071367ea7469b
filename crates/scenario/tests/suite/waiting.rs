//! Changes that wait for something, changes about some requests only, wrong rows, monitoring: read, checked, compiled.

use std::sync::Arc;

use crate::common::{SCENARIO, SYSTEM, check};
use brownout_scenario::{MemoryFiles, compile, load};
use brownout_sim::blueprint::{
    Blueprint, Change, Condition, DataChange, KeyRange, MINUTE_NS, ONE_Q16, ONE_Q32, RequestEffect,
    RequestSelector, SECOND_NS, Watched,
};
use brownout_sim::ids::{
    FlagId, FlowId, KeySpaceId, QueryId, RegionId, SegmentId, ServiceId, TableId,
};
use brownout_sim::probe::{Blind, Status};
use brownout_sim::world::World;

const SERVICES: &str = "services: [";
/// A database the store uses, and keys.
const DATABASE: &str = r#"keys: [(name: "item", count: 100)], services: [
    (name: "db", kind: database, replicas: {"north": 1},
     database: (tables: [(name: "sales", keys: "item", rows: 100)], queries: [(name: "add", table: "sales", row: "100us", effect: insert), (name: "read", table: "sales", row: "100us")]),
     endpoints: [(name: "sell", steps: [Query("add"), Query("read")])]),"#;
const SELL: &str = r#"FailShare("0.1%")])],"#;
const SELL_IN_DB: &str = r#"FailShare("0.1%"), Call("db", "sell")])], calls: {"db": (pool: 4)},"#;
const RELEASE: &str = "(\n            at: \"21m\",\n            name: \"release\",";

fn scenario(timeline: &str) -> Blueprint {
    let system = SYSTEM
        .replacen(SERVICES, DATABASE, 1)
        .replacen(SELL, SELL_IN_DB, 1);
    let text = SCENARIO.replacen(RELEASE, &format!("{timeline} {RELEASE}"), 1);
    assert_ne!(text, SCENARIO);
    let files = MemoryFiles::new(&[("small/scenario.ron", &text), ("systems/shop.ron", &system)]);
    let (loaded, found) = load(&files, "small/scenario.ron");
    let errors: Vec<_> = found.iter().filter(|d| !d.code.starts_with('W')).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let loaded = loaded.expect("it was read");
    let scenario = compile(&loaded, Some(0), 1).unwrap_or_else(|found| panic!("{found:#?}"));
    (*scenario.blueprint).clone()
}

/// A timed change in the small scenario with a database is refused.
fn bad(timed: &str, expected: &[(&str, &str)]) {
    check(
        &[
            (SERVICES, DATABASE),
            (SELL, SELL_IN_DB),
            (RELEASE, &format!("{timed}, {RELEASE}")),
        ],
        expected,
    );
}

#[test]
fn conditions_compile() {
    let blueprint = scenario(
        r#"(when: Waiting(service: "store", region: "north", above: 5), name: "first", change: Note),
        (at: "2m", when: Ready(service: "store", below: 2), change: Note),
        (when: Rows(service: "db", table: "sales", above: 500), change: Note),
        (when: Pool(client: "store", server: "db", above: "75%"), change: Note),
        (when: Made("first"), ramp: (over: "20s", steps: 2), change: Traffic(factor: "3")),
        (at: "1m", when: Made("release"), change: Note),"#,
    );
    // The database stands first.
    let (store, db) = (ServiceId(2), ServiceId(0));
    let conditions: Vec<(u64, Condition)> = blueprint
        .conditionals
        .iter()
        .map(|conditional| (conditional.from_ns, conditional.when))
        .collect();
    let expected = [
        (
            0,
            Condition::Waiting {
                service: store,
                region: Some(RegionId(0)),
                above: 5,
            },
        ),
        (
            2 * MINUTE_NS,
            Condition::Ready {
                service: store,
                region: None,
                below: 2,
            },
        ),
        (
            0,
            Condition::Rows {
                table: TableId(0),
                above: 500,
            },
        ),
        (
            0,
            Condition::Pool {
                client: store,
                server: db,
                region: None,
                above_q32: ONE_Q32 / 4 * 3,
            },
        ),
        (0, Condition::Made { other: 0 }),
        // What comes at a fixed time is waited for by the clock.
        (21 * MINUTE_NS, Condition::Always),
    ];
    assert_eq!(conditions, expected);
    let steps: Vec<u64> = blueprint.conditionals[4]
        .changes
        .iter()
        .map(|(after_ns, _)| *after_ns)
        .collect();
    assert_eq!(steps, [0, 10 * SECOND_NS]);
    assert_eq!(blueprint.timeline.len(), 1, "they are not in the timeline");
}

#[test]
fn conditions_are_checked() {
    bad("◆(change: Note)", &[("E0104", "missing field `at`")]);
    bad(
        r#"(when: Waiting(service: ◆"shop", above: 5), change: Note)"#,
        &[("E0301", "unknown service `shop`")],
    );
    bad(
        r#"(when: Waiting(service: "store", region: ◆"south", above: 5), change: Note)"#,
        &[("E0404", "does not run in `south`")],
    );
    bad(
        r#"(when: Ready(service: "store", below: ◆0), change: Note)"#,
        &[("E0203", "at least 1")],
    );
    bad(
        r#"(when: Rows(service: "db", table: ◆"sale", above: 5), change: Note)"#,
        &[("E0301", "did you mean `sales`")],
    );
    bad(
        r#"(when: Rows(service: ◆"store", table: "sales", above: 5), change: Note)"#,
        &[("E0404", "has no `database`")],
    );
    bad(
        r#"(when: Pool(client: "edge", server: ◆"store", above: "50%"), change: Note)"#,
        &[("E0404", "has no pool of connections")],
    );
    bad(
        r#"(when: Pool(client: "store", server: "db", above: ◆"100%"), change: Note)"#,
        &[("E0203", "less than 100%")],
    );
    bad(
        r#"(when: Made(◆"releases"), change: Note)"#,
        &[("E0301", "did you mean `release`")],
    );
    bad(
        r#"(name: "me", when: Made(◆"me"), change: Note)"#,
        &[("E0301", "unknown timed change `me`")],
    );
    let many = r#"(when: Made("release"), change: Note), "#.repeat(65);
    let found = crate::common::diagnostics(&[(RELEASE, &format!("{many}{RELEASE}"))]);
    let messages: Vec<&str> = found.iter().map(|d| d.message.as_str()).collect();
    assert!(
        messages == ["65 changes that wait for something under one truth; at most 64 are allowed"],
        "{messages:?}"
    );
}

#[test]
fn changes_about_some_requests_compile() {
    let blueprint = scenario(
        r#"(at: "1m", change: Slowdown(service: "store", factor: "2", requests: (flow: "buy", segment: "member", flag: "gift"))),
        (at: "1m", change: Errors(service: "store", share: "50%", requests: (from: "edge"))),
        (at: "1m", change: Errors(service: "db", share: "50%", requests: (query: "read", keys: (space: "item", first: 3, last: 9)))),
        (at: "1m", change: Errors(service: "store", endpoint: "sell", share: "25%", status: denied)),
        (at: "1m", change: Payload(service: "store", factor: "4")),
        (at: "1m", change: Monitoring(service: "edge", regions: ["south"], on: false)),
        (at: "1m", change: Corrupt(service: "db", table: "sales", share: "50%", readers: fail)),
        (at: "1m", change: Repair(service: "db", table: "sales")),"#,
    );
    let changes: Vec<&Change> = blueprint.timeline.iter().map(|t| &t.change).collect();
    let some = |index: usize| match changes[index] {
        Change::Requests {
            requests, effect, ..
        } => (*requests, *effect),
        other => panic!("{other:?}"),
    };
    let all = RequestSelector::default();
    let members = RequestSelector {
        flow: Some(FlowId(0)),
        segment: Some(SegmentId(1)),
        flag: Some(FlagId(0)),
        ..all
    };
    let factor_q16 = 2 * ONE_Q16;
    assert_eq!(some(0), (members, RequestEffect::Slow { factor_q16 }));
    let from_edge = RequestSelector {
        from: Some(ServiceId(1)),
        ..all
    };
    let share_q32 = ONE_Q32 / 2;
    assert_eq!(some(1), (from_edge, RequestEffect::Fail { share_q32 }));
    let reads = RequestSelector {
        query: Some(QueryId(1)),
        keys: Some(KeyRange {
            space: KeySpaceId(0),
            first: 3,
            last: 9,
        }),
        ..all
    };
    assert_eq!(some(2), (reads, RequestEffect::Fail { share_q32 }));
    let refused = RequestEffect::Refuse {
        share_q32: ONE_Q32 / 4,
        status: Status::Denied,
    };
    assert_eq!(some(3), (all, refused));
    let factor_q16 = 4 * ONE_Q16;
    assert_eq!(some(4), (all, RequestEffect::Size { factor_q16 }));
    assert!(matches!(
        changes[5],
        Change::Monitoring {
            watched: Watched::DARK,
            ..
        }
    ));
    let corrupt = DataChange::Corrupt {
        table: TableId(0),
        share_q32,
        breaks: true,
    };
    assert_eq!(*changes[6], Change::Data(corrupt));
    let repair = DataChange::Repair { table: TableId(0) };
    assert_eq!(*changes[7], Change::Data(repair));
}

#[test]
fn changes_about_some_requests_are_checked() {
    let errors = |fields: &str| format!(r#"(at: "1m", change: Errors({fields}, share: "5%"))"#);
    bad(
        &errors(r#"service: "store", requests: (segment: ◆"guests")"#),
        &[("E0301", "did you mean `guest`")],
    );
    bad(
        &errors(r#"service: "edge", requests: (from: ◆"store")"#),
        &[("E0404", "`store` never calls `edge`")],
    );
    bad(
        &errors(r#"service: "store", requests: (query: ◆"read")"#),
        &[("E0404", "has no `database`")],
    );
    bad(
        &errors(r#"service: "db", requests: (query: ◆"read"), status: denied"#),
        &[("E0203", "about whole requests")],
    );
    bad(
        &errors(r#"service: "db", requests: (keys: (space: "item", first: ◆9, last: 3))"#),
        &[("E0203", "comes after the last")],
    );
    bad(
        &errors(r#"service: "db", requests: (keys: (space: "item", first: 0, last: ◆100))"#),
        &[("E0203", "between 0 and 99")],
    );
    bad(
        r#"(at: "1m", change: Corrupt(service: "db", table: ◆"sold", share: "5%"))"#,
        &[("E0301", "unknown table `sold`")],
    );
    bad(
        r#"(at: "1m", change: Link(quality: (linger: ◆"2")))"#,
        &[("E0201", "")],
    );
}

/// A conditional change is made at the first whole second at which its condition holds, once, and one that waits for it at
/// the next look at the latest; however the run is cut, and in a fork as well.
#[test]
fn conditional_changes_are_made_once() {
    let blueprint = Arc::new(scenario(
        r#"(when: Rows(service: "db", table: "sales", above: 150), name: "full", change: Slowdown(service: "store", factor: "2")),
        (when: Made("full"), change: Errors(service: "store", share: "100%")),
        (at: "30s", when: Made("full"), change: GrowTable(service: "db", table: "sales", rows: 10)),
        (when: Ready(service: "store", below: 1), change: GrowTable(service: "db", table: "sales", rows: 1000)),"#,
    ));
    let run = |slice_ns: u64| {
        let mut world = World::new(Arc::clone(&blueprint), 3);
        let mut before = 0;
        while world.now_ns() < MINUTE_NS {
            let next_ns = (world.now_ns() + slice_ns).min(MINUTE_NS);
            if world.made(0).is_none() {
                before = world.table_rows(TableId(0));
            }
            world.advance_until(next_ns, u64::MAX, &mut Blind);
        }
        (
            world.hash(),
            world.made(0),
            world.table_rows(TableId(0)),
            before,
        )
    };
    let (hash, made, rows, before) = run(SECOND_NS);
    let made_ns = made.expect("the table has grown");
    assert!(
        made_ns.is_multiple_of(SECOND_NS) && made_ns < 30 * SECOND_NS,
        "{made_ns}"
    );
    assert!(before <= 151, "{before} rows before it was made");
    assert_eq!(run(SECOND_NS / 7).0, hash);
    let mut world = World::new(Arc::clone(&blueprint), 3);
    world.advance_until(made_ns - SECOND_NS / 2, u64::MAX, &mut Blind);
    assert_eq!(world.made(0), None);
    let mut fork = world.fork();
    for world in [&mut world, &mut fork] {
        world.advance_until(MINUTE_NS, u64::MAX, &mut Blind);
        assert_eq!(world.hash(), hash);
        assert_eq!(world.made(0), Some(made_ns));
        assert_eq!(world.made(1), Some(made_ns), "in the order of the list");
        assert_eq!(world.made(2), Some(30 * SECOND_NS), "not before its time");
        assert_eq!(world.made(3), None, "an instance was ready throughout");
    }
    // Sales end with the errors: what came later is the ten rows, once.
    assert!((160..=175).contains(&rows), "{rows}");
}
