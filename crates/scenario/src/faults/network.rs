//! Links, names, certificates, credentials, clocks.

use super::Measure::{Behind, Calls, Flow, Service};
use super::{Fault, Group, SignalSign, falls, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "delay",
        group: Group::Network,
        what: "Messages between two services take longer, and not all alike.",
        written: &[
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (delay: "60ms", jitter: "30ms"))"#,
        ],
        signs: &[
            rises(Calls(SignalSign::P50, "desk", "labels", ""), 1.8, 60),
            rises(Flow(SignalSign::P50, "register", ""), 1.4, 60),
        ],
        recovery: "at once",
        elsewhere: &[
            ("Chaos Mesh", "delay"),
            ("LitmusChaos", "pod-network-latency"),
            ("Toxiproxy", "latency"),
            ("AWS FIS", "AWSFIS-Run-Network-Latency"),
            ("Gremlin", "latency"),
        ],
    },
    Fault {
        name: "loss",
        group: Group::Network,
        what: "Messages are lost and sent again: some take 200 ms longer, some 600, a few are given up.",
        written: &[
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (loss: "15%"))"#,
        ],
        signs: &[rises(Calls(SignalSign::P95, "desk", "labels", ""), 2.0, 60)],
        recovery: "at once",
        elsewhere: &[
            ("Chaos Mesh", "loss"),
            ("LitmusChaos", "pod-network-loss"),
            ("Gremlin", "packet loss"),
            ("AWS FIS", "AWSFIS-Run-Network-Packet-Loss"),
        ],
    },
    Fault {
        name: "reset",
        group: Group::Network,
        what: "Connections are cut under requests.",
        written: &[
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (reset: "20%"))"#,
        ],
        signs: &[rises(
            Calls(SignalSign::Errors, "desk", "labels", ""),
            5.0,
            60,
        )],
        recovery: "at once",
        elsewhere: &[("Toxiproxy", "reset_peer")],
    },
    Fault {
        name: "partition",
        group: Group::Network,
        what: "Nothing gets from one region to the other, either way.",
        written: &[
            r#"Link(from_region: "north", to_region: "south", both: true, quality: (drops: true))"#,
        ],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "south"), 20.0, 90),
            rises(Behind("parcels-db"), 5.0, 90),
        ],
        recovery: "replicas catch up when it heals",
        elsewhere: &[
            ("Chaos Mesh", "partition"),
            ("LitmusChaos", "pod-network-partition"),
            ("AWS FIS", "aws:network:disrupt-connectivity"),
            ("Gremlin", "blackhole"),
        ],
    },
    Fault {
        name: "one-way-partition",
        group: Group::Network,
        what: "Nothing gets from the north to the south; the other way all is well. Requests arrive, replies do not.",
        written: &[r#"Link(from_region: "north", to_region: "south", quality: (drops: true))"#],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "south"), 20.0, 90),
            rises(Behind("parcels-db"), 5.0, 90),
        ],
        recovery: "replicas catch up; what was asked twice was done twice",
        elsewhere: &[("Chaos Mesh", "partition")],
    },
    Fault {
        name: "black-hole",
        group: Group::Network,
        what: "Whatever is sent to a service disappears: every call ends by its time-out.",
        written: &[r#"Link(to: service("labels"), quality: (drops: true))"#],
        signs: &[
            rises(Calls(SignalSign::Errors, "desk", "labels", ""), 20.0, 60),
            rises(Flow(SignalSign::P50, "register", ""), 5.0, 60),
        ],
        recovery: "at once",
        elsewhere: &[
            ("Toxiproxy", "timeout"),
            ("Gremlin", "blackhole"),
            ("AWS FIS", "AWSFIS-Run-Network-Blackhole-Port"),
            ("OpenTelemetry demo", "paymentUnreachable"),
        ],
    },
    Fault {
        name: "dns-error",
        group: Group::Trust,
        what: "A name is not answered any more; clients notice as what they remember runs out.",
        written: &[r#"AnswerName(service: "desk", state: failing)"#],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 90)],
        recovery: "at the next question",
        elsewhere: &[
            ("Chaos Mesh", "DNSChaos error"),
            ("LitmusChaos", "pod-dns-error"),
            ("Gremlin", "DNS"),
        ],
    },
    Fault {
        name: "dns-wrong",
        group: Group::Trust,
        what: "A name leads to another service, which does not know what it is asked.",
        written: &[r#"PointName(service: "desk", to: "sender")"#],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 120)],
        recovery: "as what clients remember runs out",
        elsewhere: &[
            ("Chaos Mesh", "DNSChaos random"),
            ("LitmusChaos", "pod-dns-spoof"),
        ],
    },
    Fault {
        name: "certificate-expiry",
        group: Group::Trust,
        what: "A certificate has expired: no new connection is made.",
        written: &[r#"Certificate(service: "desk", expires: "3m")"#],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 60)],
        recovery: "with another certificate, at once",
        elsewhere: &[("Gremlin", "certificate expiry")],
    },
    Fault {
        name: "secret-rotated",
        group: Group::Trust,
        what: "A credential was changed and the old one revoked; running clients have the old one.",
        written: &[
            r#"Credential(client: "gate", server: "desk", action: rotate)"#,
            r#"Credential(client: "gate", server: "desk", action: revoke_older)"#,
        ],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 60)],
        recovery: "with a restart of the clients, which then read the new one",
        elsewhere: &[],
    },
    Fault {
        name: "authorisation-revoked",
        group: Group::Trust,
        what: "A client is not let in any more, whatever it shows.",
        written: &[r#"Credential(client: "gate", server: "desk", action: revoke_all)"#],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 60)],
        recovery: "with a new credential and a restart; a restart alone does not help",
        elsewhere: &[("Istio", "AuthorizationPolicy DENY")],
    },
    Fault {
        name: "clock-skew",
        group: Group::Trust,
        what: "One instance's clock is two minutes ahead: tokens look wrong to it.",
        written: &[r#"Skew(service: "gate", regions: ["north"], instance: 0, ahead: "2m")"#],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "north"), 20.0, 60),
            falls(Service(SignalSign::Rate, "desk", "north"), 0.95, 60),
        ],
        recovery: "at once, when clocks are right",
        elsewhere: &[("Chaos Mesh", "TimeChaos"), ("Gremlin", "time travel")],
    },
];
