//! Caches and queues.

use super::Measure::{Backlog, DeadLetters, Flow, Hits, Service, Status};
use super::{Fault, Group, PLAIN, SignalSign, falls, flapping, now, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "cache-flush",
        group: Group::Cache,
        what: "A cache is emptied: what it kept away from the database arrives there.",
        written: &[now(r#"FlushCache(service: "parcel-cache")"#)],
        signs: &[falls(Hits("parcel-cache"), 0.9, 20)],
        recovery: "by itself, as it fills",
        ..PLAIN
    },
    Fault {
        name: "expiry-stampede",
        group: Group::Cache,
        what: "Entries stored together run out together, again and again: each time everybody asks a slow database for the same at once.",
        written: &[
            now(r#"HotKey(keys: "parcel", key: 0, share: "60%")"#),
            flapping(
                ("1s", "14s", 12),
                r#"FlushCache(service: "parcel-cache")"#,
                "Note",
            ),
            now(r#"Slowdown(service: "parcels-db", endpoint: "find", factor: "40")"#),
        ],
        signs: &[
            rises(Flow(SignalSign::P95, "look-up", ""), 2.0, 60),
            rises(Service(SignalSign::Cpu, "parcels-db", "north"), 3.0, 60),
        ],
        ends: &[
            r#"HotKey(keys: "parcel", key: 0, share: "0%")"#,
            r#"Slowdown(service: "parcels-db", endpoint: "find", factor: "1")"#,
        ],
        recovery: "when lives of entries differ, or one fetches for all",
        ..PLAIN
    },
    Fault {
        name: "penetration",
        group: Group::Cache,
        what: "A release asks for what does not exist, which no cache stores: each such question goes to the database.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Looks for parcels of partners too.", endpoints: [(name: "look-up", steps: [Compute("4ms"), IfShare("unknown number", "70%", [Call("parcel-cache", "get"), Call("parcels-db", "find")]), Cached((lookup: ("parcel-cache", "get"), fill: ("parcel-cache", "set"), miss: [Call("parcels-db", "find")]))])])"#,
        ],
        written: &[now(r#"Deploy(service: "desk", version: "4.2.1")"#)],
        signs: &[
            rises(Service(SignalSign::Rate, "parcels-db", ""), 1.5, 150),
            rises(Service(SignalSign::Rate, "parcel-cache", ""), 1.3, 150),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0")"#],
        recovery: "with the old release, or a cache that stores that there is nothing",
        ..PLAIN
    },
    Fault {
        name: "cache-too-small",
        group: Group::Cache,
        what: "A cache has room for a fraction of what it needs.",
        written: &[now(r#"ResizeCache(service: "parcel-cache", entries: 20)"#)],
        signs: &[
            falls(Hits("parcel-cache"), 0.7, 60),
            rises(Service(SignalSign::Rate, "parcels-db", ""), 1.3, 60),
        ],
        ends: &[r#"ResizeCache(service: "parcel-cache", entries: 1200)"#],
        recovery: "with room, as it fills",
        ..PLAIN
    },
    Fault {
        name: "cache-lost",
        group: Group::Cache,
        what: "The cache is gone: everything goes to the database, after a failed look-up.",
        written: &[
            now(r#"Process(service: "parcel-cache", effect: FailStart(true))"#),
            now(r#"Process(service: "parcel-cache", effect: Kill)"#),
        ],
        signs: &[rises(Service(SignalSign::Rate, "parcels-db", ""), 1.5, 60)],
        ends: &[r#"Process(service: "parcel-cache", effect: FailStart(false))"#],
        recovery: "with the cache, as it fills",
        elsewhere: &[("LitmusChaos", "pod-delete")],
        ..PLAIN
    },
    Fault {
        name: "cache-password",
        group: Group::Cache,
        what: "The cache's password was changed; running clients have the old one and do without the cache.",
        written: &[
            now(r#"Credential(client: "desk", server: "parcel-cache", action: rotate)"#),
            now(r#"Credential(client: "desk", server: "parcel-cache", action: revoke_older)"#),
        ],
        signs: &[
            rises(Status("Denied", "desk", "parcel-cache"), 20.0, 60),
            rises(Service(SignalSign::Rate, "parcels-db", ""), 1.5, 60),
        ],
        ends: &[r#"Restart(service: "desk")"#],
        recovery: "with a restart of the clients; the cache still has what it had",
        ..PLAIN
    },
    Fault {
        name: "slow-consumer",
        group: Group::Queue,
        what: "Consumers need longer for each piece of work than there is between two.",
        written: &[now(r#"Slowdown(service: "sender", factor: "12")"#)],
        signs: &[
            rises(Backlog, 10.0, 120),
            rises(Service(SignalSign::Waiting, "notices", ""), 10.0, 120),
        ],
        ends: &[r#"Slowdown(service: "sender", factor: "1")"#],
        recovery: "at the rate the consumers have to spare",
        elsewhere: &[("OpenTelemetry demo", "kafkaQueueProblems")],
        ..PLAIN
    },
    Fault {
        name: "poison-message",
        group: Group::Queue,
        what: "Work about one key fails at every delivery, then lies among the dead letters.",
        written: &[now(
            r#"Poison(service: "sender", endpoint: "send", keys: "depot", first: 0, last: 1)"#,
        )],
        signs: &[rises(DeadLetters, 10.0, 120)],
        ends: &[r#"Heal(service: "sender", endpoint: "send")"#],
        recovery: "when it is cured and sent again",
        ..PLAIN
    },
    Fault {
        name: "full-partition",
        group: Group::Queue,
        what: "Most work is about one key: its partition gets more than its one consumer does, the others have little to do.",
        written: &[
            now(r#"HotKey(keys: "depot", key: 0, share: "80%")"#),
            now(r#"Slowdown(service: "sender", factor: "2.5")"#),
        ],
        signs: &[
            rises(Service(SignalSign::Waiting, "notices", "north"), 10.0, 120),
            rises(Backlog, 10.0, 120),
        ],
        ends: &[
            r#"HotKey(keys: "depot", key: 0, share: "0%")"#,
            r#"Slowdown(service: "sender", factor: "1")"#,
        ],
        recovery: "at the rate that one consumer has to spare",
        ..PLAIN
    },
    Fault {
        name: "producer-leak",
        group: Group::Queue,
        what: "A release hands every piece of work over many times; users notice nothing.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Notices by station.", endpoints: [(name: "register", steps: [Compute("6ms"), Write("4KiB"), Call("parcels-db", "add"), Call("labels", "print"), Publish("notices", "send"), Publish("notices", "send"), Publish("notices", "send"), Publish("notices", "send"), Publish("notices", "send"), Publish("notices", "send"), Publish("notices", "send"), Publish("notices", "send")])])"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[
            rises(Backlog, 10.0, 180),
            rises(Service(SignalSign::Rate, "sender", "north"), 2.0, 180),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "long after the old release is back",
        ..PLAIN
    },
    Fault {
        name: "consumers-paused",
        group: Group::Queue,
        what: "The consumers of a queue stand still.",
        written: &[now(r#"Pause(service: "notices")"#)],
        signs: &[
            rises(Backlog, 20.0, 60),
            falls(Service(SignalSign::Rate, "sender", ""), 0.2, 90),
        ],
        ends: &[r#"Resume(service: "notices")"#],
        recovery: "when they go on, at the rate they have to spare",
        ..PLAIN
    },
];
