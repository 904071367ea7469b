//! What processes run out of.

use super::Measure::{Calls, Flow, Resource, Service};
use super::{Fault, Group, PLAIN, ResourceSign, SignalSign, flapping, now, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "cpu-hog",
        group: Group::Resource,
        what: "Something else uses the machine: one instance computes at a fraction of its speed.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Speed("0.06"))"#,
        )],
        signs: &[
            rises(Flow(SignalSign::P95, "register", "north"), 1.3, 120),
            rises(Flow(SignalSign::P99, "look-up", "north"), 1.5, 120),
        ],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Speed("1"))"#,
        ],
        recovery: "at once, when the other is gone",
        elsewhere: &[
            ("Chaos Mesh", "stress-cpu"),
            ("LitmusChaos", "pod-cpu-hog"),
            ("LitmusChaos", "node-cpu-hog"),
            ("Gremlin", "CPU"),
            ("AWS FIS", "AWSFIS-Run-CPU-Stress"),
        ],
        ..PLAIN
    },
    Fault {
        name: "noisy-neighbour",
        group: Group::Resource,
        what: "Every other twenty seconds somebody else's work takes nearly all of a zone's machines.",
        written: &[
            flapping(
                ("20s", "20s", 6),
                r#"Process(service: "desk", only: (zone: 0), effect: Speed("0.02"))"#,
                r#"Process(service: "desk", only: (zone: 0), effect: Speed("1"))"#,
            ),
            flapping(
                ("20s", "20s", 6),
                r#"Process(service: "sender", only: (zone: 0), effect: Speed("0.05"))"#,
                r#"Process(service: "sender", only: (zone: 0), effect: Speed("1"))"#,
            ),
        ],
        signs: &[
            rises(Flow(SignalSign::P95, "look-up", "south"), 1.5, 60),
            rises(Service(SignalSign::P95, "sender", ""), 2.0, 60),
        ],
        recovery: "when the neighbour has moved",
        ..PLAIN
    },
    Fault {
        name: "cpu-throttle",
        group: Group::Resource,
        what: "A limit on computing time: processes stand still for the rest of each period.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], effect: Quota((time: "7ms", period: "100ms")))"#,
        )],
        signs: &[
            rises(Resource(ResourceSign::Pauses, "desk", "north"), 5.0, 60),
            rises(Flow(SignalSign::P95, "look-up", "north"), 2.0, 60),
        ],
        ends: &[r#"Process(service: "desk", regions: ["north"], effect: NoQuota)"#],
        recovery: "at once, with the limit",
        ..PLAIN
    },
    Fault {
        name: "memory-leak",
        group: Group::Resource,
        what: "Requests leave memory behind that is never freed.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], effect: Leak((memory: "60KiB")))"#,
        )],
        signs: &[rises(
            Resource(ResourceSign::Heap, "desk", "north"),
            1.2,
            120,
        )],
        ends: &[r#"Restart(service: "desk", regions: ["north"])"#],
        recovery: "a restart hides it; it comes back",
        elsewhere: &[
            ("Chaos Mesh", "stress-memory"),
            ("OpenTelemetry demo", "emailMemoryLeak"),
            ("OpenTelemetry demo", "recommendationCacheFailure"),
            ("Gremlin", "Memory"),
        ],
        ..PLAIN
    },
    Fault {
        name: "disk-full",
        group: Group::Resource,
        what: "A release writes too much and fills the disks, which outlive its processes.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Keeps a picture of each parcel.", endpoints: [(name: "register", steps: [Compute("6ms"), Write("64MiB"), Call("parcels-db", "add"), Call("labels", "print"), Publish("notices", "send")])])"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[
            rises(Resource(ResourceSign::Disk, "desk", "north"), 1.4, 120),
            rises(Flow(SignalSign::Errors, "register", "north"), 20.0, 150),
        ],
        ends: &[
            r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#,
            r#"Process(service: "desk", regions: ["north"], effect: CleanDisk)"#,
        ],
        recovery: "when the disks are cleaned up and nothing fills them again; a rollback alone does not help",
        elsewhere: &[
            ("LitmusChaos", "disk-fill"),
            ("Gremlin", "Disk"),
            ("AWS FIS", "AWSFIS-Run-Disk-Fill"),
        ],
        ..PLAIN
    },
    Fault {
        name: "disk-latency",
        group: Group::Resource,
        what: "A database's disk is slow: what writes waits for it, what reads finds its rows in memory.",
        written: &[now(
            r#"Slowdown(service: "parcels-db", requests: (query: "add"), factor: "60")"#,
        )],
        signs: &[
            rises(Calls(SignalSign::P50, "desk", "parcels-db", ""), 5.0, 60),
            rises(Flow(SignalSign::P50, "register", ""), 1.5, 60),
        ],
        ends: &[r#"Slowdown(service: "parcels-db", requests: (query: "add"), factor: "1")"#],
        recovery: "at once, then the backlog",
        elsewhere: &[
            ("Chaos Mesh", "IOChaos latency"),
            ("Chaos Mesh", "BlockChaos delay"),
            ("LitmusChaos", "pod-io-stress"),
            ("LitmusChaos", "node-io-stress"),
            ("Gremlin", "IO"),
            ("AWS FIS", "AWSFIS-Run-IO-Stress"),
        ],
        ..PLAIN
    },
    Fault {
        name: "disk-errors",
        group: Group::Resource,
        what: "The primary's disk fails half of all writes; reads go on, and so would another primary.",
        written: &[now(
            r#"Errors(service: "parcels-db", regions: ["north"], requests: (query: "add"), share: "50%")"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", ""), 20.0, 60),
            rises(Service(SignalSign::Errors, "parcels-db", "north"), 20.0, 60),
        ],
        ends: &[r#"FailOver(service: "parcels-db", to: "south")"#],
        recovery: "with another primary, after the fail-over",
        elsewhere: &[("Chaos Mesh", "IOChaos fault")],
        ..PLAIN
    },
    Fault {
        name: "descriptor-leak",
        group: Group::Resource,
        what: "Calls whose descriptors are never closed: in the end nothing can be opened.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], effect: Leak((descriptors: "20%")))"#,
        )],
        signs: &[
            rises(
                Resource(ResourceSign::Descriptors, "desk", "north"),
                2.0,
                60,
            ),
            rises(Flow(SignalSign::Errors, "register", "north"), 3.0, 180),
        ],
        ends: &[r#"Restart(service: "desk", regions: ["north"])"#],
        recovery: "a restart hides it",
        ..PLAIN
    },
    Fault {
        name: "connection-leak",
        group: Group::Resource,
        what: "Connections that are never given back to their pool: in the end calls wait for one in vain.",
        written: &[now(
            r#"Process(service: "desk", regions: ["south"], effect: Leak((connections: "5%")))"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "south"), 3.0, 180),
            rises(Flow(SignalSign::P95, "register", "south"), 2.0, 180),
        ],
        ends: &[r#"Restart(service: "desk", regions: ["south"])"#],
        recovery: "a restart hides it",
        ..PLAIN
    },
    Fault {
        name: "port-exhaustion",
        group: Group::Resource,
        what: "A release opens a connection for each of many calls: the ports of closed ones rest, and in the end there is none left.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Prints copies.", endpoints: [(name: "register", steps: [Compute("6ms"), Write("4KiB"), Call("parcels-db", "add"), Parallel([("labels", "print"), ("labels", "print"), ("labels", "print"), ("labels", "print"), ("labels", "print"), ("labels", "print")]), Publish("notices", "send")])])"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[
            rises(Resource(ResourceSign::Ports, "desk", "north"), 2.0, 150),
            rises(Flow(SignalSign::Errors, "register", "north"), 5.0, 240),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release; a new process on the same host begins with the same ports",
        ..PLAIN
    },
];
