//! Databases, caches, queues.

use super::Measure::{Backlog, Behind, DeadLetters, Flow, Hits, LockWaits, Service};
use super::{Fault, Group, SignalSign, falls, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "fail-over",
        group: Group::Data,
        what: "The primary is given up; until a replica has taken over nobody writes.",
        written: &[r#"FailOver(service: "parcels-db")"#],
        signs: &[rises(Flow(SignalSign::Errors, "register", ""), 20.0, 30)],
        recovery: "by itself; what had not been shipped is lost",
        elsewhere: &[("AWS FIS", "aws:rds:failover-db-cluster")],
    },
    Fault {
        name: "replica-lag",
        group: Group::Data,
        what: "What the primary ships does not get through: replicas fall behind.",
        written: &[
            r#"Link(from_region: "north", to_region: "south", from: service("parcels-db"), to: service("parcels-db"), quality: (drops: true))"#,
        ],
        signs: &[rises(Behind("parcels-db"), 20.0, 60)],
        recovery: "replicas catch up, one write after the other",
        elsewhere: &[],
    },
    Fault {
        name: "lock-contention",
        group: Group::Data,
        what: "Most requests are about one row: they wait for each other's locks.",
        written: &[
            r#"HotKey(keys: "depot", key: 0, share: "95%")"#,
            r#"Slowdown(service: "parcels-db", endpoint: "add", factor: "18")"#,
        ],
        signs: &[
            rises(LockWaits("parcels-db"), 3.0, 120),
            rises(Flow(SignalSign::P95, "register", ""), 1.5, 120),
        ],
        recovery: "when requests spread again, or transactions are short",
        elsewhere: &[],
    },
    Fault {
        name: "plan-flip",
        group: Group::Data,
        what: "The planner reads the whole table instead of the index.",
        written: &[r#"SetPlan(service: "parcels-db", query: "find", plan: scan)"#],
        signs: &[
            rises(Service(SignalSign::Cpu, "parcels-db", ""), 3.0, 90),
            rises(Flow(SignalSign::Errors, "look-up", ""), 5.0, 120),
        ],
        recovery: "with the old plan; queries under way go on",
        elsewhere: &[],
    },
    Fault {
        name: "locking-migration",
        group: Group::Data,
        what: "A migration has its table to itself while it runs.",
        written: &[
            r#"Migrate(service: "parcels-db", table: "depots", schema: 2, over: "90s", locks: true)"#,
        ],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", ""), 20.0, 60),
            rises(LockWaits("parcels-db"), 10.0, 60),
        ],
        recovery: "when it is done or given up",
        elsewhere: &[],
    },
    Fault {
        name: "slow-disk",
        group: Group::Data,
        what: "A database computes at a fifth of its speed.",
        written: &[r#"Slowdown(service: "parcels-db", factor: "12")"#],
        signs: &[
            rises(Service(SignalSign::P95, "parcels-db", ""), 4.0, 60),
            rises(Service(SignalSign::Cpu, "parcels-db", ""), 2.0, 60),
        ],
        recovery: "at once, then the backlog",
        elsewhere: &[
            ("Chaos Mesh", "IOChaos latency"),
            ("Chaos Mesh", "BlockChaos delay"),
            ("LitmusChaos", "pod-io-stress"),
            ("Gremlin", "IO"),
            ("AWS FIS", "AWSFIS-Run-IO-Stress"),
        ],
    },
    Fault {
        name: "cache-flush",
        group: Group::Cache,
        what: "A cache is emptied: what it kept away from the database arrives there.",
        written: &[r#"FlushCache(service: "parcel-cache")"#],
        signs: &[falls(Hits("parcel-cache"), 0.9, 20)],
        recovery: "by itself, as it fills",
        elsewhere: &[],
    },
    Fault {
        name: "cache-too-small",
        group: Group::Cache,
        what: "A cache has room for a fraction of what it needs.",
        written: &[r#"ResizeCache(service: "parcel-cache", entries: 20)"#],
        signs: &[
            falls(Hits("parcel-cache"), 0.7, 60),
            rises(Service(SignalSign::Rate, "parcels-db", ""), 1.3, 60),
        ],
        recovery: "with room, as it fills",
        elsewhere: &[("OpenTelemetry demo", "recommendationCacheFailure")],
    },
    Fault {
        name: "cache-lost",
        group: Group::Cache,
        what: "The cache is gone: everything goes to the database, after a failed look-up.",
        written: &[r#"Errors(service: "parcel-cache", share: "100%")"#],
        signs: &[rises(Service(SignalSign::Rate, "parcels-db", ""), 1.5, 60)],
        recovery: "with the cache, as it fills",
        elsewhere: &[("OpenTelemetry demo", "cartFailure")],
    },
    Fault {
        name: "slow-consumer",
        group: Group::Queue,
        what: "Consumers need longer for each piece of work than there is between two.",
        written: &[r#"Slowdown(service: "sender", factor: "12")"#],
        signs: &[
            rises(Backlog, 10.0, 120),
            rises(Service(SignalSign::Waiting, "notices", ""), 10.0, 120),
        ],
        recovery: "at the rate the consumers have to spare",
        elsewhere: &[("OpenTelemetry demo", "kafkaQueueProblems")],
    },
    Fault {
        name: "poison-message",
        group: Group::Queue,
        what: "Work about one key fails at every delivery, then lies among the dead letters.",
        written: &[
            r#"Poison(service: "sender", endpoint: "send", keys: "depot", first: 0, last: 1)"#,
        ],
        signs: &[rises(DeadLetters, 10.0, 120)],
        recovery: "when it is cured and sent again",
        elsewhere: &[],
    },
    Fault {
        name: "consumers-paused",
        group: Group::Queue,
        what: "The consumers of a queue stand still.",
        written: &[r#"Pause(service: "notices")"#],
        signs: &[
            rises(Backlog, 20.0, 60),
            falls(Service(SignalSign::Rate, "sender", ""), 0.2, 90),
        ],
        recovery: "when they go on, at the rate they have to spare",
        elsewhere: &[],
    },
];
