//! What is refused in key spaces, caches, databases and queues, and where; and that the documentation's examples are
//! not.

use crate::common::{Edit, check};

/// A database, a cache and a queue beside the shop.
const REMEMBERING: &str = r#"
        (
            name: "db", kind: database, replicas: {"north": 1, "south": 1},
            database: (tables: [(name: "t", keys: "k", rows: 10)], queries: [(name: "q", table: "t", row: "1ms")]),
            endpoints: [(name: "read", access: replica, steps: [LockRow("t"), Query("q")])],
        ),
        (name: "cache", kind: cache, replicas: {"north": 1}, cache: (keys: "k", entries: 5), endpoints: [(name: "get", steps: [Lookup])]),
    ],
    keys: [(name: "k", count: 10)],
    flags"#;

fn check_remembering(edits: &[Edit<'_>], expected: &[(&str, &str)]) {
    let mut text = REMEMBERING.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    // Nothing calls them, which is worth a warning, but not what is tested here.
    let used = (
        r#"IfFlag("gift", [Compute("2ms")])"#,
        r#"IfFlag("gift", [Compute("2ms")]), Cached((lookup: ("cache", "get"), miss: [Call("db", "read")]))"#,
    );
    check(&[used, ("\n    ],\n    flags", &text)], expected);
}

#[test]
fn what_remembers_is_checked() {
    check_remembering(&[], &[]);
    let cases: [(&str, &str, (&str, &str)); 16] = [
        (
            "count: 10)",
            "count: ◆0)",
            ("E0203", "count must be between 1 and 1048576"),
        ),
        (
            "count: 10)",
            "count: 10, skew: ◆\"5\")",
            ("E0203", "skew must be at most 4"),
        ),
        (
            "keys: \"k\", entries: 5",
            "keys: ◆\"c\", entries: 5",
            ("E0301", "unknown key space `c`"),
        ),
        (
            "entries: 5",
            "entries: ◆0",
            ("E0203", "entries must be between 1"),
        ),
        (
            "entries: 5",
            "entries: 5, ttl: ◆\"0s\"",
            ("E0203", "above 0"),
        ),
        (
            "kind: cache, replicas: {\"north\": 1}, cache: ",
            "replicas: {\"north\": 1}, cache: ◆",
            ("E0404", "`cache` is for a service of kind cache"),
        ),
        (
            "table: \"t\"",
            "table: ◆\"u\"",
            ("E0301", "unknown table `u`"),
        ),
        (
            "Query(\"q\")",
            "Query(◆\"r\")",
            ("E0301", "unknown query `r`"),
        ),
        (
            "LockRow(\"t\")",
            "LockTable(◆\"u\")",
            ("E0301", "unknown table `u`"),
        ),
        (
            "steps: [Lookup]",
            "steps: [◆Query(\"q\")]",
            ("E0404", "only the endpoints of a service with `database`"),
        ),
        (
            "LockRow(\"t\"), ",
            "◆Store, ",
            ("E0404", "only the endpoints of a service with `cache`"),
        ),
        ("row: \"1ms\"", "row: ◆\"1\"", ("E0201", "")),
        (
            "database: (",
            "database: (primary: ◆\"west\", ",
            ("E0301", "unknown region `west`"),
        ),
        (
            "database: (",
            "database: (connections: ◆0, ",
            ("E0203", "connections must be between 1"),
        ),
        (
            "name: \"get\", ",
            "name: \"get\", access: ◆primary, ",
            ("E0404", "only a database has a primary"),
        ),
        (
            "cache: (keys",
            "balancer: by_key(◆\"c\"), cache: (keys",
            ("E0301", "unknown key space `c`"),
        ),
    ];
    for (from, to, expected) in cases {
        check_remembering(&[(from, to)], &[expected]);
    }
}

#[test]
fn changes_of_what_is_remembered_are_checked() {
    let good = r#"Deploy(service: "store", version: "2.0.0", regions: ["north"])"#;
    let cases: [(&str, (&str, &str)); 9] = [
        (r#"FlushCache(service: ◆"db")"#, ("E0404", "not a cache")),
        (
            r#"ResizeCache(service: "cache", entries: ◆0)"#,
            ("E0203", "entries must be between 1"),
        ),
        (
            r#"HotKey(keys: "k", key: ◆10, share: "5%")"#,
            ("E0203", "key must be between 0 and 9"),
        ),
        (
            r#"Poison(service: "db", endpoint: "read", keys: "k", first: ◆5, last: 4)"#,
            ("E0203", "comes after the last"),
        ),
        (
            r#"SetPlan(service: "db", query: ◆"x", plan: scan)"#,
            ("E0301", "unknown query `x`"),
        ),
        (
            r#"GrowTable(service: ◆"cache", table: "t", rows: 5)"#,
            ("E0404", "has no `database`"),
        ),
        (
            r#"Migrate(service: "db", table: "t", schema: 1, over: ◆"soon")"#,
            ("E0201", ""),
        ),
        (
            r#"FailOver(service: ◆"store")"#,
            ("E0404", "not a database"),
        ),
        (r#"Pause(service: ◆"db")"#, ("E0404", "not a queue")),
    ];
    for (change, expected) in cases {
        let (mark, plain) = (change, change.replace('◆', ""));
        assert_ne!(mark, plain);
        let used = (
            r#"IfFlag("gift", [Compute("2ms")])"#,
            r#"IfFlag("gift", [Compute("2ms")]), Cached((lookup: ("cache", "get"), miss: [Call("db", "read")]))"#,
        );
        let also = format!(
            "{good},\n            record: (title: \"Deploy store 2.0.0\", by: \"Ann\"),\n        ),\n        (at: \"22m\", change: {mark}"
        );
        check(
            &[
                used,
                ("\n    ],\n    flags", REMEMBERING),
                (
                    &format!(
                        "{good},\n            record: (title: \"Deploy store 2.0.0\", by: \"Ann\")"
                    ),
                    &also,
                ),
            ],
            &[expected],
        );
    }
}
