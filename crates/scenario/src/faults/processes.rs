//! Processes, nodes, zones, regions.

use super::Measure::{Calls, Flow, Resource, Restarts, Service, Standing, Starting};
use super::{Fault, PLAIN, ResourceSign, SignalSign, after, falls, now, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "crash",
        what: "Processes are killed; the next ones start at once.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], only: (share: "60%"), effect: Kill)"#,
        )],
        signs: &[rises(Restarts("desk"), 2.0, 60)],
        recovery: "by itself, when the new processes are ready",
        elsewhere: &[
            ("Chaos Mesh", "pod-kill"),
            ("LitmusChaos", "pod-delete"),
            ("Gremlin", "Process Killer"),
            ("AWS FIS", "AWSFIS-Run-Kill-Process"),
            ("AWS FIS", "aws:ecs:stop-task"),
        ],
        ..PLAIN
    },
    Fault {
        name: "crash-loop",
        what: "Processes end while they start, again and again, with growing pauses.",
        written: &[
            now(
                r#"Process(service: "desk", regions: ["north"], only: (zone: 0), effect: FailStart(true))"#,
            ),
            now(r#"Process(service: "desk", regions: ["north"], only: (zone: 0), effect: Kill)"#),
        ],
        signs: &[
            rises(Restarts("desk"), 2.5, 120),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 120),
        ],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (zone: 0), effect: FailStart(false))"#,
        ],
        recovery: "when what keeps them from starting is gone, after the last pause",
        elsewhere: &[
            ("Chaos Mesh", "pod-failure"),
            ("Chaos Mesh", "container-kill"),
            ("LitmusChaos", "container-kill"),
            ("OpenTelemetry demo", "failedReadinessProbe"),
        ],
        ..PLAIN
    },
    Fault {
        name: "pause",
        what: "A process stands still: it answers nothing and notices nothing.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Freeze)"#,
        )],
        signs: &[rises(
            Resource(ResourceSign::Pauses, "desk", "north"),
            5.0,
            60,
        )],
        ends: &[r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Resume)"#],
        recovery: "when it goes on: it finishes what had queued, late",
        ..PLAIN
    },
    Fault {
        name: "oom-kill",
        what: "One process needs more memory for each request than there is: it is killed within seconds of each start.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Leak((memory: "3MiB")))"#,
        )],
        signs: &[
            rises(Restarts("desk"), 2.5, 60),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.95, 60),
        ],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Leak(()))"#,
        ],
        recovery: "with the next start after what it needs is there",
        elsewhere: &[
            ("LitmusChaos", "pod-memory-hog"),
            ("LitmusChaos", "node-memory-hog"),
            ("AWS FIS", "AWSFIS-Run-Memory-Stress"),
        ],
        ..PLAIN
    },
    Fault {
        name: "bad-image",
        what: "A release that does not start: the rollout waits for its first process for ever.",
        releases: &[r#"(service: "desk", name: "4.2.1", notes: "Base image renewed.")"#],
        written: &[
            now(r#"Process(service: "desk", only: (version: "4.2.1"), effect: FailStart(true))"#),
            now(r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#),
        ],
        signs: &[
            rises(Restarts("desk"), 1.5, 120),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 120),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release",
        ..PLAIN
    },
    Fault {
        name: "wrong-binary",
        what: "What is rolled out is another service's build: it starts, and knows nothing it is asked.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Nightly.", endpoints: [(name: "register", steps: [FailShare("100%")]), (name: "look-up", steps: [FailShare("100%")])])"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "look-up", "north"), 50.0, 150),
            falls(Service(SignalSign::Rate, "labels", ""), 0.7, 150),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release",
        ..PLAIN
    },
    Fault {
        name: "init-hang",
        what: "A new release waits at its start for an address nobody has set: the rollout stands at its first process.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Labels by a new printer.", reads: [(variable: "PRINTER_URL", callee: "labels", default: "http://labels.internal", on_missing: hang)])"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 120),
            rises(Starting("desk", "north"), 1.5, 120),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release, or the address",
        ..PLAIN
    },
    Fault {
        name: "node-stop",
        what: "A machine is gone with all that ran on it: an instance of a service, and the cache.",
        written: &[
            now(
                r#"Process(service: "desk", regions: ["north"], only: (slot: 1), effect: FailStart(true))"#,
            ),
            now(
                r#"Process(service: "parcel-cache", regions: ["north"], only: (slot: 0), effect: FailStart(true))"#,
            ),
            now(r#"Process(service: "desk", regions: ["north"], only: (slot: 1), effect: Kill)"#),
            now(
                r#"Process(service: "parcel-cache", regions: ["north"], only: (slot: 0), effect: Kill)"#,
            ),
        ],
        signs: &[
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 60),
            rises(
                Calls(SignalSign::Errors, "desk", "parcel-cache", "north"),
                20.0,
                60,
            ),
        ],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (slot: 1), effect: FailStart(false))"#,
            r#"Process(service: "parcel-cache", regions: ["north"], only: (slot: 0), effect: FailStart(false))"#,
        ],
        recovery: "when the machine is back; the cache begins empty",
        elsewhere: &[
            ("LitmusChaos", "node-poweroff"),
            ("LitmusChaos", "node-restart"),
            ("AWS FIS", "aws:ec2:stop-instances"),
            ("AWS FIS", "aws:ec2:terminate-instances"),
            ("AWS FIS", "aws:ec2:reboot-instances"),
            ("Gremlin", "Shutdown"),
        ],
        ..PLAIN
    },
    Fault {
        name: "zone-power",
        what: "A zone of a region loses its machines.",
        written: &[
            now(
                r#"Process(service: "desk", regions: ["north"], only: (zone: 1), effect: FailStart(true))"#,
            ),
            now(
                r#"Process(service: "gate", regions: ["north"], only: (zone: 1), effect: FailStart(true))"#,
            ),
            now(r#"Process(service: "desk", regions: ["north"], only: (zone: 1), effect: Kill)"#),
            now(r#"Process(service: "gate", regions: ["north"], only: (zone: 1), effect: Kill)"#),
        ],
        signs: &[
            falls(Service(SignalSign::Ready, "gate", "north"), 0.6, 120),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 120),
        ],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (zone: 1), effect: FailStart(false))"#,
            r#"Process(service: "gate", regions: ["north"], only: (zone: 1), effect: FailStart(false))"#,
        ],
        recovery: "when processes can start there again",
        elsewhere: &[
            ("AWS FIS", "aws:elasticache:interrupt-cluster-az-power"),
            ("AWS FIS", "aws:eks:terminate-nodegroup-instances"),
        ],
        ..PLAIN
    },
    Fault {
        name: "region-isolated",
        what: "Nothing gets into a region or out of it, users included.",
        written: &[
            now(
                r#"Link(from_region: "south", to_region: "north", both: true, quality: (drops: true))"#,
            ),
            now(r#"Link(from: users, to_region: "south", both: true, quality: (drops: true))"#),
        ],
        signs: &[rises(
            Flow(SignalSign::Errors, "look-up", "south"),
            50.0,
            60,
        )],
        ends: &[
            r#"Link(from_region: "south", to_region: "north", both: true)"#,
            r#"Link(from: users, to_region: "south", both: true)"#,
        ],
        recovery: "when it is reached again; replicas catch up",
        elsewhere: &[(
            "AWS FIS",
            "aws:network:route-table-disrupt-cross-region-connectivity",
        )],
        ..PLAIN
    },
    Fault {
        name: "drain",
        what: "A node is drained: its processes finish and end, others start elsewhere.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], only: (slot: 1), effect: Drain(true))"#,
        )],
        signs: &[falls(Service(SignalSign::Ready, "desk", "north"), 0.99, 20)],
        recovery: "by itself: nothing is lost, capacity is short for a start-up time",
        elsewhere: &[
            ("LitmusChaos", "node-drain"),
            ("AWS FIS", "aws:ecs:drain-container-instances"),
        ],
        ..PLAIN
    },
    Fault {
        name: "cordon",
        what: "Processes of a zone run but are sent nothing: somebody has taken them out and forgotten them.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], only: (zone: 0), effect: Cordon(true))"#,
        )],
        signs: &[falls(Service(SignalSign::Ready, "desk", "north"), 0.6, 30)],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (zone: 0), effect: Cordon(false))"#,
        ],
        recovery: "at once, when they are put back",
        elsewhere: &[("LitmusChaos", "node-taint")],
        ..PLAIN
    },
    Fault {
        name: "spot-reclaim",
        what: "Machines are reclaimed at short notice, some in each region; others are found.",
        written: &[
            now(r#"Process(service: "desk", only: (share: "50%"), effect: Drain(true))"#),
            now(r#"Process(service: "sender", only: (slot: 0), effect: Drain(true))"#),
            after(
                5,
                r#"Process(service: "desk", only: (share: "50%"), effect: Kill)"#,
            ),
        ],
        signs: &[
            falls(Service(SignalSign::Ready, "desk", ""), 0.95, 20),
            falls(Service(SignalSign::Ready, "sender", ""), 0.6, 20),
        ],
        ends: &[
            r#"Process(service: "desk", only: (share: "50%"), effect: Drain(false))"#,
            r#"Process(service: "sender", only: (slot: 0), effect: Drain(false))"#,
        ],
        recovery: "as far as there are other machines, after a start-up time",
        elsewhere: &[("AWS FIS", "aws:ec2:send-spot-instance-interruptions")],
        ..PLAIN
    },
    Fault {
        name: "no-capacity",
        what: "Nodes are drained, and there is no machine for what ran on them.",
        written: &[
            now(
                r#"Process(service: "desk", regions: ["north"], only: (slot: 4), effect: Drain(true))"#,
            ),
            now(
                r#"Process(service: "desk", regions: ["north"], only: (slot: 5), effect: Drain(true))"#,
            ),
            now(
                r#"Process(service: "desk", regions: ["north"], only: (slot: 0), effect: Drain(true))"#,
            ),
            now(
                r#"Process(service: "desk", regions: ["north"], only: (slot: 1), effect: Drain(true))"#,
            ),
        ],
        signs: &[
            falls(Service(SignalSign::Ready, "desk", "north"), 0.6, 90),
            falls(Standing("desk", "north"), 0.6, 90),
        ],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (slot: 4), effect: Drain(false))"#,
        ],
        recovery: "when there is a machine, after a start-up time",
        elsewhere: &[
            (
                "AWS FIS",
                "aws:ec2:asg-insufficient-instance-capacity-error",
            ),
            (
                "AWS FIS",
                "aws:ec2:api-insufficient-instance-capacity-error",
            ),
        ],
        ..PLAIN
    },
];
