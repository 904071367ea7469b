//! Changes people make: releases, configuration, flags, scaling, limits.

use super::Measure::{Calls, DeadLetters, Flow, Segment, Service, Standing, Status};
use super::{Fault, Group, PLAIN, SignalSign, after, falls, now, rises};

/// The running release, with the address of the label company read from its configuration.
const CONFIGURED: &str = r#"(service: "desk", name: "4.2.0", notes: "Parcels and labels.", reads: [(variable: "LABELS_URL", callee: "labels", default: "http://labels.internal", on_missing: fail)], manifest: {"north": {"LABELS_URL": "http://labels.internal"}, "south": {"LABELS_URL": "http://labels.internal"}})"#;

/// A release that fails some look-ups.
const BAD: &str = r#"(service: "desk", name: "4.2.1", notes: "Faster look-up.", endpoints: [(name: "look-up", steps: [Compute("4ms"), FailShare("30%"), Cached((lookup: ("parcel-cache", "get"), fill: ("parcel-cache", "set"), miss: [Call("parcels-db", "find")]))])])"#;

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "bad-binary",
        group: Group::Change,
        what: "A release fails a third of what it is asked, whatever that is about.",
        releases: &[BAD],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[rises(
            Flow(SignalSign::Errors, "look-up", "north"),
            10.0,
            120,
        )],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release",
        elsewhere: &[("Chaos Mesh", "JVMChaos exception")],
        ..PLAIN
    },
    Fault {
        name: "rollback-fails",
        group: Group::Change,
        what: "A bad release is rolled back, but what the old one needs to start is gone: the rollback stands halfway.",
        releases: &[BAD],
        written: &[
            now(r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#),
            after(
                100,
                r#"Process(service: "desk", regions: ["north"], only: (version: "4.2.0"), effect: FailStart(true))"#,
            ),
            after(
                110,
                r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#,
            ),
        ],
        signs: &[
            rises(Flow(SignalSign::Errors, "look-up", "north"), 10.0, 240),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.8, 240),
        ],
        ends: &[
            r#"Process(service: "desk", regions: ["north"], only: (version: "4.2.0"), effect: FailStart(false))"#,
        ],
        recovery: "when the old release can start: then the rollback goes on",
        ..PLAIN
    },
    Fault {
        name: "bad-config",
        group: Group::Change,
        what: "A service's own limit was meant for each second and is set for each minute.",
        written: &[now(
            r#"Limit(service: "desk", regions: ["north"], limit: (rate: "120/m", burst: 10))"#,
        )],
        signs: &[
            rises(Status("Throttled", "gate", "desk"), 20.0, 60),
            rises(Flow(SignalSign::Errors, "look-up", "north"), 50.0, 60),
        ],
        ends: &[r#"Unlimit(service: "desk", regions: ["north"])"#],
        recovery: "at once, with the limit",
        ..PLAIN
    },
    Fault {
        name: "missing-variable",
        group: Group::Change,
        what: "A variable is taken away: processes that start from then on fail all calls it is for, at once.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Labels by another way.", reads: [(variable: "LABELS_URL", callee: "labels", default: "http://labels.internal", on_missing: fail)], manifest: {"north": {"LABELS_URL": "http://labels.internal"}})"#,
        ],
        written: &[now(r#"Deploy(service: "desk", version: "4.2.1")"#)],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "south"), 20.0, 150),
            falls(Service(SignalSign::Rate, "labels", ""), 0.8, 150),
        ],
        ends: &[
            r#"SetVariable(service: "desk", variable: "LABELS_URL", value: "http://labels.internal", regions: ["south"])"#,
        ],
        recovery: "with the variable, one restart after the other",
        ..PLAIN
    },
    Fault {
        name: "wrong-port",
        group: Group::Change,
        what: "An address leads nowhere: nothing refuses, nothing answers, every call ends by its time-out.",
        releases: &[CONFIGURED],
        written: &[now(
            r#"SetVariable(service: "desk", variable: "LABELS_URL", value: "http://labels-new.internal:8081", regions: ["north"])"#,
        )],
        signs: &[
            rises(Status("Timeout", "desk", "labels"), 20.0, 150),
            rises(Flow(SignalSign::P50, "register", "north"), 5.0, 150),
        ],
        ends: &[
            r#"SetVariable(service: "desk", variable: "LABELS_URL", value: "http://labels.internal", regions: ["north"])"#,
        ],
        recovery: "with the right address, one restart after the other",
        elsewhere: &[("OpenTelemetry demo", "paymentUnreachable")],
        ..PLAIN
    },
    Fault {
        name: "drift",
        group: Group::Change,
        what: "One instance of a region runs an old release that nobody has looked at for long.",
        releases: &[
            r#"(service: "desk", name: "4.1.8", notes: "Old.", endpoints: [(name: "register", steps: [Compute("120ms"), Write("4KiB"), Call("parcels-db", "add"), Call("labels", "print"), Publish("notices", "send")])])"#,
        ],
        written: &[now(
            r#"Canary(service: "desk", version: "4.1.8", regions: ["north"], share: "25%")"#,
        )],
        signs: &[rises(Flow(SignalSign::P95, "register", "north"), 1.3, 120)],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the same release everywhere",
        ..PLAIN
    },
    Fault {
        name: "flag-for-a-segment",
        group: Group::Change,
        what: "A flag is switched on for one segment; what is behind it fails for those users only, and only them.",
        written: &[
            now(r#"SetFlag(flag: "new-checks", on: "60%", segments: ["business"])"#),
            now(
                r#"Errors(service: "desk", endpoint: "register", requests: (flag: "new-checks"), share: "100%")"#,
            ),
        ],
        signs: &[rises(Segment("register", "business"), 50.0, 60)],
        ends: &[r#"SetFlag(flag: "new-checks", on: "0%")"#],
        recovery: "with the flag, at once",
        ..PLAIN
    },
    Fault {
        name: "scaled-in",
        group: Group::Change,
        what: "Somebody scales a service in to one instance.",
        written: &[now(
            r#"Scale(service: "desk", regions: ["north"], replicas: 1)"#,
        )],
        signs: &[
            falls(Service(SignalSign::Ready, "desk", "north"), 0.5, 90),
            rises(Service(SignalSign::Cpu, "desk", "north"), 2.0, 90),
        ],
        ends: &[r#"Scale(service: "desk", regions: ["north"], replicas: 4)"#],
        recovery: "with instances, after their start-up time",
        elsewhere: &[("LitmusChaos", "pod-autoscaler")],
        ..PLAIN
    },
    Fault {
        name: "scaled-to-zero",
        group: Group::Change,
        what: "Consumers of a queue are scaled to none at night, and nobody scales them back.",
        written: &[now(r#"Scale(service: "sender", replicas: 0)"#)],
        signs: &[
            falls(Standing("sender", ""), 0.1, 90),
            rises(DeadLetters, 10.0, 120),
        ],
        ends: &[r#"Scale(service: "sender", replicas: 2)"#],
        recovery: "with instances, after their start-up time; what was given up has to be sent again",
        ..PLAIN
    },
    Fault {
        name: "autoscaler-limit",
        group: Group::Change,
        what: "Load would take more instances than an autoscaler may start.",
        written: &[
            now(r#"Autoscale(service: "gate", on: false)"#),
            now(r#"Slowdown(service: "gate", factor: "75")"#),
        ],
        signs: &[
            rises(Service(SignalSign::Cpu, "gate", "north"), 10.0, 90),
            rises(Flow(SignalSign::P95, "look-up", "north"), 2.0, 90),
        ],
        ends: &[r#"Autoscale(service: "gate", on: true)"#],
        recovery: "with the limit, when instances have started",
        ..PLAIN
    },
    Fault {
        name: "quota",
        group: Group::Change,
        what: "A provider lowers a rate limit: what is beyond it is refused.",
        written: &[now(
            r#"Limit(service: "labels", limit: (rate: "25/s", burst: 10))"#,
        )],
        signs: &[
            rises(Status("Throttled", "desk", "labels"), 20.0, 60),
            rises(Calls(SignalSign::Errors, "desk", "labels", ""), 20.0, 60),
            rises(Flow(SignalSign::Errors, "register", ""), 10.0, 60),
        ],
        ends: &[r#"Limit(service: "labels", limit: (rate: "400/s", burst: 100))"#],
        recovery: "with the limit, or with fewer calls",
        elsewhere: &[
            ("AWS FIS", "aws:fis:inject-api-throttle-error"),
            ("OpenTelemetry demo", "llmRateLimitError"),
        ],
        ..PLAIN
    },
];
