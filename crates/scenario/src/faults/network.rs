//! Messages between services.

use super::Measure::{Behind, Calls, Duplicates, Flow, Status};
use super::{Fault, Group, PLAIN, SignalSign, now, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "delay",
        group: Group::Network,
        what: "Messages between two services take longer, and not all alike.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (delay: "60ms", jitter: "30ms"))"#,
        )],
        signs: &[
            rises(Calls(SignalSign::P50, "desk", "labels", ""), 1.8, 60),
            rises(Flow(SignalSign::P50, "register", ""), 1.4, 60),
        ],
        ends: &[r#"Link(from: service("desk"), to: service("labels"), both: true)"#],
        recovery: "at once",
        elsewhere: &[
            ("Chaos Mesh", "delay"),
            ("LitmusChaos", "pod-network-latency"),
            ("Toxiproxy", "latency"),
            ("AWS FIS", "AWSFIS-Run-Network-Latency"),
            ("Gremlin", "Latency"),
        ],
        ..PLAIN
    },
    Fault {
        name: "loss",
        group: Group::Network,
        what: "Messages are lost and sent again: some take 200 ms longer, some 600, a few are given up.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (loss: "15%"))"#,
        )],
        signs: &[rises(Calls(SignalSign::P95, "desk", "labels", ""), 2.0, 60)],
        ends: &[r#"Link(from: service("desk"), to: service("labels"), both: true)"#],
        recovery: "at once",
        elsewhere: &[
            ("Chaos Mesh", "loss"),
            ("LitmusChaos", "pod-network-loss"),
            ("Gremlin", "Packet Loss"),
            ("AWS FIS", "AWSFIS-Run-Network-Packet-Loss"),
        ],
        ..PLAIN
    },
    Fault {
        name: "corruption",
        group: Group::Network,
        what: "Bits flip on the way: most packets fail their checksum and are sent again, some break their connection.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (loss: "6%", reset: "6%"))"#,
        )],
        signs: &[
            rises(Calls(SignalSign::Errors, "desk", "labels", ""), 5.0, 60),
            rises(Calls(SignalSign::P95, "desk", "labels", ""), 1.8, 60),
        ],
        ends: &[r#"Link(from: service("desk"), to: service("labels"), both: true)"#],
        recovery: "at once",
        elsewhere: &[
            ("Chaos Mesh", "corrupt"),
            ("LitmusChaos", "pod-network-corruption"),
        ],
        ..PLAIN
    },
    Fault {
        name: "reordering",
        group: Group::Network,
        what: "Packets overtake each other: a message waits for the part that was overtaken, and some of those are taken for lost and sent again.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (jitter: "12ms", loss: "3%"))"#,
        )],
        signs: &[
            rises(Calls(SignalSign::P50, "desk", "labels", ""), 1.2, 60),
            rises(Calls(SignalSign::P95, "desk", "labels", ""), 1.5, 60),
        ],
        ends: &[r#"Link(from: service("desk"), to: service("labels"), both: true)"#],
        recovery: "at once",
        elsewhere: &[("Chaos Mesh", "reorder")],
        ..PLAIN
    },
    Fault {
        name: "duplication",
        group: Group::Network,
        what: "Acknowledgements of deliveries are cut: the queue delivers again what has been done.",
        written: &[now(
            r#"Link(from: service("sender"), to: service("notices"), quality: (reset: "25%"))"#,
        )],
        signs: &[
            rises(Duplicates, 20.0, 90),
            rises(Calls(SignalSign::Errors, "notices", "sender", ""), 20.0, 60),
        ],
        ends: &[r#"Link(from: service("sender"), to: service("notices"))"#],
        recovery: "at once; what was done twice was done twice",
        elsewhere: &[
            ("Chaos Mesh", "duplicate"),
            ("LitmusChaos", "pod-network-duplication"),
        ],
        ..PLAIN
    },
    Fault {
        name: "bandwidth",
        group: Group::Network,
        what: "A line between two regions carries less than is sent over it.",
        written: &[now(
            r#"Link(from_region: "north", to_region: "south", quality: (bandwidth: "6500kbit/s"))"#,
        )],
        signs: &[
            rises(Calls(SignalSign::P50, "desk", "labels", "south"), 2.0, 90),
            rises(Flow(SignalSign::P50, "register", "south"), 1.5, 90),
        ],
        ends: &[r#"Link(from_region: "north", to_region: "south")"#],
        recovery: "when it carries enough, after what has queued",
        elsewhere: &[
            ("Chaos Mesh", "bandwidth"),
            ("Toxiproxy", "bandwidth"),
            ("Envoy and Istio", "response_rate_limit"),
        ],
        ..PLAIN
    },
    Fault {
        name: "reset",
        group: Group::Network,
        what: "Connections are cut under requests.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (reset: "20%"))"#,
        )],
        signs: &[
            rises(Calls(SignalSign::Errors, "desk", "labels", ""), 5.0, 60),
            rises(Status("Reset", "desk", "labels"), 20.0, 60),
        ],
        ends: &[r#"Link(from: service("desk"), to: service("labels"), both: true)"#],
        recovery: "at once",
        elsewhere: &[("Toxiproxy", "reset_peer")],
        ..PLAIN
    },
    Fault {
        name: "slow-close",
        group: Group::Network,
        what: "Connections stay taken for seconds after their calls are over: the pools run out while the callee has little to do.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("parcels-db"), quality: (linger: "8s"))"#,
        )],
        signs: &[
            rises(Status("Timeout", "desk", "parcels-db"), 20.0, 90),
            rises(Flow(SignalSign::Errors, "register", "north"), 20.0, 90),
        ],
        ends: &[r#"Link(from: service("desk"), to: service("parcels-db"))"#],
        recovery: "as the last connections close",
        elsewhere: &[("Toxiproxy", "slow_close")],
        ..PLAIN
    },
    Fault {
        name: "partition",
        group: Group::Network,
        what: "Nothing gets from one region to the other, either way.",
        written: &[now(
            r#"Link(from_region: "north", to_region: "south", both: true, quality: (drops: true))"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "south"), 20.0, 90),
            rises(Behind("parcels-db"), 20.0, 90),
        ],
        ends: &[r#"Link(from_region: "north", to_region: "south", both: true)"#],
        recovery: "replicas catch up when it heals",
        elsewhere: &[
            ("Chaos Mesh", "partition"),
            ("LitmusChaos", "pod-network-partition"),
            ("AWS FIS", "aws:network:disrupt-connectivity"),
            (
                "AWS FIS",
                "aws:network:transit-gateway-disrupt-cross-region-connectivity",
            ),
        ],
        ..PLAIN
    },
    Fault {
        name: "one-way-partition",
        group: Group::Network,
        what: "Nothing gets from the north to the south; the other way all is well. Requests arrive, replies do not.",
        written: &[now(
            r#"Link(from_region: "north", to_region: "south", quality: (drops: true))"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "south"), 20.0, 90),
            rises(Behind("parcels-db"), 20.0, 90),
            rises(Duplicates, 20.0, 90),
        ],
        ends: &[r#"Link(from_region: "north", to_region: "south")"#],
        recovery: "replicas catch up; what was asked twice was done twice",
        elsewhere: &[("Chaos Mesh", "partition")],
        ..PLAIN
    },
    Fault {
        name: "black-hole",
        group: Group::Network,
        what: "Whatever is sent to a service disappears: every call ends by its time-out.",
        written: &[now(
            r#"Link(to: service("labels"), quality: (drops: true))"#,
        )],
        signs: &[
            rises(Calls(SignalSign::Errors, "desk", "labels", ""), 20.0, 60),
            rises(Flow(SignalSign::P50, "register", ""), 5.0, 60),
        ],
        ends: &[r#"Link(to: service("labels"))"#],
        recovery: "at once",
        elsewhere: &[
            ("Toxiproxy", "timeout"),
            ("Gremlin", "Blackhole"),
            ("AWS FIS", "AWSFIS-Run-Network-Blackhole-Port"),
        ],
        ..PLAIN
    },
];
