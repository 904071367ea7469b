//! Databases.

use super::Measure::{
    Behind, Duplicates, Flow, LockWaits, Service, Status, WrongAnswers, WrongRows,
};
use super::{Fault, Group, PLAIN, SignalSign, flapping, now, rises, when};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "fail-over",
        group: Group::Data,
        what: "The primary is given up; until a replica has taken over nobody writes.",
        written: &[now(r#"FailOver(service: "parcels-db")"#)],
        signs: &[rises(Flow(SignalSign::Errors, "register", ""), 20.0, 30)],
        recovery: "by itself; what had not been shipped is lost",
        elsewhere: &[
            ("AWS FIS", "aws:rds:failover-db-cluster"),
            ("AWS FIS", "aws:rds:reboot-db-instances"),
        ],
        ..PLAIN
    },
    Fault {
        name: "replica-lag",
        group: Group::Data,
        what: "What the primary ships does not get through: replicas fall behind.",
        written: &[now(
            r#"Link(from_region: "north", to_region: "south", from: service("parcels-db"), to: service("parcels-db"), quality: (drops: true))"#,
        )],
        signs: &[rises(Behind("parcels-db"), 20.0, 60)],
        ends: &[
            r#"Link(from_region: "north", to_region: "south", from: service("parcels-db"), to: service("parcels-db"))"#,
        ],
        recovery: "replicas catch up, one write after the other",
        elsewhere: &[
            ("AWS FIS", "aws:dynamodb:global-table-pause-replication"),
            ("AWS FIS", "aws:s3:bucket-pause-replication"),
        ],
        ..PLAIN
    },
    Fault {
        name: "lock-contention",
        group: Group::Data,
        what: "Most requests are about one row: they wait for each other's locks.",
        written: &[
            now(r#"HotKey(keys: "depot", key: 0, share: "95%")"#),
            now(r#"Slowdown(service: "parcels-db", endpoint: "add", factor: "18")"#),
        ],
        signs: &[
            rises(LockWaits("parcels-db"), 3.0, 120),
            rises(Flow(SignalSign::P95, "register", ""), 1.5, 120),
        ],
        ends: &[
            r#"HotKey(keys: "depot", key: 0, share: "0%")"#,
            r#"Slowdown(service: "parcels-db", endpoint: "add", factor: "1")"#,
        ],
        recovery: "when requests spread again, or transactions are short",
        ..PLAIN
    },
    Fault {
        name: "plan-flip",
        group: Group::Data,
        what: "The planner wavers: now it reads the whole table, now it takes the index.",
        written: &[flapping(
            ("20s", "30s", 6),
            r#"SetPlan(service: "parcels-db", query: "find", plan: scan)"#,
            r#"SetPlan(service: "parcels-db", query: "find", plan: index)"#,
        )],
        signs: &[
            rises(Service(SignalSign::Cpu, "parcels-db", ""), 3.0, 90),
            rises(Flow(SignalSign::Errors, "look-up", ""), 5.0, 90),
        ],
        recovery: "with a plan that is pinned; queries under way go on",
        ..PLAIN
    },
    Fault {
        name: "missing-index",
        group: Group::Data,
        what: "An index was dropped: queries read the whole table until it is built again.",
        written: &[now(
            r#"SetPlan(service: "parcels-db", query: "find", plan: scan)"#,
        )],
        signs: &[
            rises(Service(SignalSign::Cpu, "parcels-db", ""), 3.0, 90),
            rises(Flow(SignalSign::Errors, "look-up", ""), 5.0, 120),
        ],
        ends: &[r#"SetPlan(service: "parcels-db", query: "find", plan: index, after: "40s")"#],
        recovery: "once the index is built; queries under way go on",
        ..PLAIN
    },
    Fault {
        name: "integer-overflow",
        group: Group::Data,
        what: "When a table has more rows than its key can number, nothing is inserted any more; another primary has the same key.",
        written: &[when(
            r#"Rows(service: "parcels-db", table: "parcels", above: 211500)"#,
            r#"Errors(service: "parcels-db", requests: (query: "add"), share: "100%")"#,
        )],
        signs: &[rises(Flow(SignalSign::Errors, "register", ""), 50.0, 180)],
        // A fail-over is what many would try.
        ends: &[r#"FailOver(service: "parcels-db", to: "south")"#],
        recovery: "with a wider key; a fail-over does not help",
        ..PLAIN
    },
    Fault {
        name: "locking-migration",
        group: Group::Data,
        what: "A migration has its table to itself while it runs.",
        written: &[now(
            r#"Migrate(service: "parcels-db", table: "depots", schema: 2, over: "90s", locks: true)"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", ""), 20.0, 60),
            rises(LockWaits("parcels-db"), 10.0, 60),
        ],
        recovery: "when it is done or given up",
        ..PLAIN
    },
    Fault {
        name: "bad-migration",
        group: Group::Data,
        what: "A migration renames what the running release still reads: all its calls fail from then on, and a restart changes nothing.",
        releases: &[
            r#"(service: "desk", name: "4.2.0", notes: "Parcels and labels.", schemas: {"parcels-db": (0, 0)})"#,
        ],
        written: &[now(
            r#"Migrate(service: "parcels-db", table: "depots", schema: 1, over: "20s", locks: false)"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", ""), 50.0, 90),
            rises(Flow(SignalSign::Errors, "look-up", ""), 5.0, 90),
        ],
        ends: &[
            r#"Migrate(service: "parcels-db", table: "depots", schema: 0, over: "20s", locks: false)"#,
        ],
        recovery: "with a migration back, or a release that knows the new schema",
        ..PLAIN
    },
    Fault {
        name: "schema-mismatch",
        group: Group::Data,
        what: "A release comes before the migration it needs: what has been replaced fails, what has not works.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Weights.", schemas: {"parcels-db": (1, 1)})"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[rises(
            Flow(SignalSign::Errors, "register", "north"),
            20.0,
            120,
        )],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release, or the migration",
        ..PLAIN
    },
    Fault {
        name: "silent-corruption",
        group: Group::Data,
        what: "A share of what is written is wrong. Nobody fails; only a check of the data tells.",
        written: &[now(
            r#"Corrupt(service: "parcels-db", table: "parcels", share: "20%")"#,
        )],
        signs: &[
            rises(WrongRows("parcels-db"), 20.0, 60),
            rises(WrongAnswers, 3.0, 120),
        ],
        ends: &[
            r#"Corrupt(service: "parcels-db", table: "parcels", share: "0%")"#,
            r#"Repair(service: "parcels-db", table: "parcels")"#,
        ],
        recovery: "only with the rows: what is wrong stays wrong",
        elsewhere: &[
            ("Chaos Mesh", "IOChaos mistake"),
            ("OpenTelemetry demo", "llmInaccurateResponse"),
        ],
        ..PLAIN
    },
    Fault {
        name: "duplicate-writes",
        group: Group::Data,
        what: "Replies of a database are cut after it has written: who asks again writes again.",
        written: &[now(
            r#"Link(from: service("parcels-db"), to: service("desk"), quality: (reset: "15%"))"#,
        )],
        signs: &[
            rises(Duplicates, 20.0, 90),
            rises(Status("Reset", "desk", "parcels-db"), 20.0, 60),
        ],
        ends: &[r#"Link(from: service("parcels-db"), to: service("desk"))"#],
        recovery: "at once; what was written twice was written twice",
        ..PLAIN
    },
];
