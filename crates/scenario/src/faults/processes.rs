//! Processes and their resources.

use super::Measure::{Flow, Resource, Restarts, Service};
use super::{Fault, Group, ResourceSign, SignalSign, falls, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "crash",
        group: Group::Process,
        what: "A process is killed; the next one starts at once.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], only: (share: "60%"), effect: Kill)"#,
        ],
        signs: &[rises(Restarts("desk"), 2.0, 60)],
        recovery: "by itself, when the new process is ready",
        elsewhere: &[
            ("Chaos Mesh", "pod-kill"),
            ("LitmusChaos", "pod-delete"),
            ("Gremlin", "process killer"),
            ("AWS FIS", "AWSFIS-Run-Kill-Process"),
        ],
    },
    Fault {
        name: "crash-loop",
        group: Group::Process,
        what: "Processes end while they start, again and again, with growing pauses.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], only: (zone: 0), effect: FailStart(true))"#,
            r#"Process(service: "desk", regions: ["north"], only: (zone: 0), effect: Kill)"#,
        ],
        signs: &[
            rises(Restarts("desk"), 2.5, 120),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 120),
        ],
        recovery: "when what keeps them from starting is gone, after the last pause",
        elsewhere: &[("LitmusChaos", "container-kill")],
    },
    Fault {
        name: "pause",
        group: Group::Process,
        what: "A process stands still: it answers nothing and notices nothing.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Freeze)"#,
        ],
        signs: &[rises(
            Resource(ResourceSign::Pauses, "desk", "north"),
            5.0,
            60,
        )],
        recovery: "when it goes on: it finishes what had queued, late",
        elsewhere: &[],
    },
    Fault {
        name: "zone-power",
        group: Group::Process,
        what: "A zone of a region loses its machines.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], only: (zone: 1), effect: FailStart(true))"#,
            r#"Process(service: "gate", regions: ["north"], only: (zone: 1), effect: FailStart(true))"#,
            r#"Process(service: "desk", regions: ["north"], only: (zone: 1), effect: Kill)"#,
            r#"Process(service: "gate", regions: ["north"], only: (zone: 1), effect: Kill)"#,
        ],
        signs: &[
            falls(Service(SignalSign::Ready, "gate", "north"), 0.6, 120),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 120),
        ],
        recovery: "when processes can start there again",
        elsewhere: &[
            ("AWS FIS", "aws:ec2:stop-instances"),
            ("Gremlin", "shutdown"),
        ],
    },
    Fault {
        name: "drain",
        group: Group::Process,
        what: "A node is drained: its processes finish and end, others start elsewhere.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], only: (slot: 1), effect: Drain(true))"#,
        ],
        signs: &[falls(Service(SignalSign::Ready, "desk", "north"), 0.99, 20)],
        recovery: "by itself: nothing is lost, capacity is short for a start-up time",
        elsewhere: &[("LitmusChaos", "node-drain")],
    },
    Fault {
        name: "cpu-hog",
        group: Group::Resource,
        what: "Something else uses the machine: one instance computes at a fraction of its speed.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Speed("0.06"))"#,
        ],
        signs: &[
            rises(Flow(SignalSign::P95, "register", "north"), 1.3, 120),
            rises(Flow(SignalSign::P99, "look-up", "north"), 1.5, 120),
        ],
        recovery: "at once, when the neighbour is gone",
        elsewhere: &[
            ("Chaos Mesh", "stress-cpu"),
            ("LitmusChaos", "pod-cpu-hog"),
            ("Gremlin", "CPU"),
            ("AWS FIS", "AWSFIS-Run-CPU-Stress"),
        ],
    },
    Fault {
        name: "cpu-throttle",
        group: Group::Resource,
        what: "A limit on computing time: processes stand still for the rest of each period.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], effect: Quota((time: "7ms", period: "100ms")))"#,
        ],
        signs: &[
            rises(Resource(ResourceSign::Pauses, "desk", "north"), 5.0, 60),
            rises(Flow(SignalSign::P95, "look-up", "north"), 2.0, 60),
        ],
        recovery: "at once, with the limit",
        elsewhere: &[],
    },
    Fault {
        name: "memory-leak",
        group: Group::Resource,
        what: "Requests leave memory behind that is never freed.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], effect: Leak((memory: "60KiB")))"#,
        ],
        signs: &[rises(
            Resource(ResourceSign::Heap, "desk", "north"),
            1.2,
            120,
        )],
        recovery: "a restart hides it; it comes back",
        elsewhere: &[
            ("Chaos Mesh", "stress-memory"),
            ("OpenTelemetry demo", "emailMemoryLeak"),
            ("Gremlin", "memory"),
        ],
    },
    Fault {
        name: "gc-thrash",
        group: Group::Resource,
        what: "A leak so fast that collections take ever more of the time, and then the process's life.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], effect: Leak((memory: "600KiB")))"#,
        ],
        signs: &[
            rises(Resource(ResourceSign::Heap, "desk", "north"), 1.4, 60),
            rises(Restarts("desk"), 1.5, 180),
        ],
        recovery: "a restart hides it for a minute",
        elsewhere: &[
            ("OpenTelemetry demo", "adManualGc"),
            ("LitmusChaos", "pod-memory-hog"),
            ("AWS FIS", "AWSFIS-Run-Memory-Stress"),
        ],
    },
    Fault {
        name: "descriptor-leak",
        group: Group::Resource,
        what: "Calls whose descriptors are never closed: in the end nothing can be opened.",
        written: &[
            r#"Process(service: "desk", regions: ["north"], effect: Leak((descriptors: "20%")))"#,
        ],
        signs: &[
            rises(
                Resource(ResourceSign::Descriptors, "desk", "north"),
                2.0,
                60,
            ),
            rises(Flow(SignalSign::Errors, "register", "north"), 3.0, 180),
        ],
        recovery: "a restart hides it",
        elsewhere: &[],
    },
    Fault {
        name: "connection-leak",
        group: Group::Resource,
        what: "Connections that are never given back to their pool: in the end calls wait for one in vain.",
        written: &[
            r#"Process(service: "desk", regions: ["south"], effect: Leak((connections: "5%")))"#,
        ],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "south"), 3.0, 180),
            rises(Flow(SignalSign::P95, "register", "south"), 2.0, 180),
        ],
        recovery: "a restart hides it",
        elsewhere: &[],
    },
];
