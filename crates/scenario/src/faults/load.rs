//! Load, and what nobody sees.

use super::Measure::{Backlog, Flow, Hits, Service};
use super::{Fault, Group, PLAIN, SignalSign, falls, now, ramp, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "spike",
        group: Group::Load,
        what: "Four times as many users come at once, each for something else.",
        written: &[now(r#"Traffic(flow: "look-up", factor: "4")"#)],
        signs: &[
            rises(Flow(SignalSign::Rate, "look-up", ""), 3.5, 60),
            rises(Service(SignalSign::Cpu, "desk", ""), 2.0, 60),
        ],
        ends: &[r#"Traffic(flow: "look-up", factor: "1")"#],
        recovery: "when they leave, if nothing has begun to feed itself",
        elsewhere: &[("OpenTelemetry demo", "loadGeneratorFloodHomepage")],
        ..PLAIN
    },
    Fault {
        name: "flash-crowd",
        group: Group::Load,
        what: "More and more users come, nearly all for the same: a cache has it, a database feels nothing.",
        written: &[
            ramp("60s", 6, r#"Traffic(flow: "look-up", factor: "4")"#),
            now(r#"HotKey(keys: "parcel", key: 17, share: "85%")"#),
        ],
        signs: &[
            rises(Flow(SignalSign::Rate, "look-up", ""), 3.0, 120),
            rises(Hits("parcel-cache"), 1.2, 120),
        ],
        ends: &[
            r#"Traffic(flow: "look-up", factor: "1")"#,
            r#"HotKey(keys: "parcel", key: 17, share: "0%")"#,
        ],
        recovery: "when they leave",
        ..PLAIN
    },
    Fault {
        name: "expensive-tenant",
        group: Group::Load,
        what: "The users of one segment come eight times as often.",
        written: &[now(
            r#"Traffic(flow: "register", segment: "business", factor: "8")"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Rate, "register", ""), 2.5, 60),
            rises(Service(SignalSign::Cpu, "parcels-db", ""), 2.0, 60),
        ],
        ends: &[r#"Traffic(flow: "register", segment: "business", factor: "1")"#],
        recovery: "when they leave, or with a limit on that segment",
        ..PLAIN
    },
    Fault {
        name: "flood",
        group: Group::Queue,
        what: "More work is handed to a queue than its consumers do.",
        written: &[
            now(r#"Traffic(flow: "register", factor: "4")"#),
            now(r#"Slowdown(service: "sender", factor: "4")"#),
        ],
        signs: &[
            rises(Backlog, 10.0, 120),
            rises(Service(SignalSign::Waiting, "notices", ""), 10.0, 120),
        ],
        ends: &[
            r#"Traffic(flow: "register", factor: "1")"#,
            r#"Slowdown(service: "sender", factor: "1")"#,
        ],
        recovery: "long after the flood, at the rate the consumers have to spare",
        elsewhere: &[("OpenTelemetry demo", "kafkaQueueProblems")],
        ..PLAIN
    },
    Fault {
        name: "monitoring-blind",
        group: Group::Load,
        what: "The metrics and log lines of a service in a region reach nobody. Nothing is wrong, and nobody could tell.",
        written: &[now(
            r#"Monitoring(service: "desk", regions: ["north"], on: false)"#,
        )],
        signs: &[
            falls(Service(SignalSign::Rate, "desk", "north"), 0.05, 90),
            falls(Service(SignalSign::Ready, "desk", ""), 0.6, 90),
        ],
        ends: &[r#"Monitoring(service: "desk", regions: ["north"], on: true)"#],
        recovery: "at once; what was not recorded stays unknown",
        ..PLAIN
    },
];
