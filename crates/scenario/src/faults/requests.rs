//! Requests, changes people make, load.

use super::Measure::{Backlog, Calls, Duplicates, Flow, Service};
use super::{Fault, Group, SignalSign, falls, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "abort",
        group: Group::Request,
        what: "A share of a service's replies are errors.",
        written: &[r#"Errors(service: "labels", share: "40%")"#],
        signs: &[
            rises(Calls(SignalSign::Errors, "desk", "labels", ""), 20.0, 60),
            rises(Flow(SignalSign::Errors, "register", ""), 10.0, 60),
        ],
        recovery: "at once",
        elsewhere: &[
            ("Istio", "fault.abort"),
            ("Envoy", "fault.abort"),
            ("Chaos Mesh", "HTTPChaos abort"),
            ("LitmusChaos", "pod-http-status-code"),
            ("OpenTelemetry demo", "paymentFailure"),
        ],
    },
    Fault {
        name: "slow-service",
        group: Group::Request,
        what: "A service takes several times as long for everything.",
        written: &[r#"Slowdown(service: "labels", factor: "5")"#],
        signs: &[
            rises(Calls(SignalSign::P50, "desk", "labels", ""), 2.5, 60),
            rises(Flow(SignalSign::P50, "register", ""), 2.0, 60),
        ],
        recovery: "at once",
        elsewhere: &[
            ("Istio", "fault.delay"),
            ("Envoy", "fault.delay"),
            ("Chaos Mesh", "HTTPChaos delay"),
            ("LitmusChaos", "pod-http-latency"),
            ("OpenTelemetry demo", "imageSlowLoad"),
        ],
    },
    Fault {
        name: "regex-burn",
        group: Group::Request,
        what: "One endpoint computes for very long: it takes the cores from the others of its service.",
        written: &[
            r#"Slowdown(service: "desk", endpoint: "look-up", regions: ["north"], factor: "12")"#,
        ],
        signs: &[
            rises(Service(SignalSign::Cpu, "desk", "north"), 2.0, 60),
            rises(Flow(SignalSign::P50, "look-up", "north"), 2.0, 60),
        ],
        recovery: "at once",
        elsewhere: &[("OpenTelemetry demo", "adHighCpu")],
    },
    Fault {
        name: "bad-key",
        group: Group::Request,
        what: "Requests about some keys fail, whoever asks.",
        written: &[
            r#"Poison(service: "desk", endpoint: "register", keys: "parcel", first: 0, last: 9)"#,
        ],
        signs: &[rises(Flow(SignalSign::Errors, "register", ""), 10.0, 60)],
        recovery: "at once, with the cure of the data or the code",
        elsewhere: &[("OpenTelemetry demo", "productCatalogFailure")],
    },
    Fault {
        name: "bad-binary",
        group: Group::Change,
        what: "What runs in one zone fails a third of its requests.",
        written: &[r#"Errors(service: "desk", regions: ["north"], only: (zone: 1), share: "30%")"#],
        signs: &[rises(
            Flow(SignalSign::Errors, "look-up", "north"),
            10.0,
            60,
        )],
        recovery: "with the old release",
        elsewhere: &[("OpenTelemetry demo", "adFailure")],
    },
    Fault {
        name: "scaled-in",
        group: Group::Change,
        what: "Somebody scales a service in to one instance.",
        written: &[r#"Scale(service: "desk", regions: ["north"], replicas: 1)"#],
        signs: &[
            falls(Service(SignalSign::Ready, "desk", "north"), 0.5, 90),
            rises(Service(SignalSign::Cpu, "desk", "north"), 2.0, 90),
        ],
        recovery: "with instances, after their start-up time",
        elsewhere: &[],
    },
    Fault {
        name: "quota",
        group: Group::Change,
        what: "A provider lowers a rate limit: what is beyond it is refused.",
        written: &[r#"Limit(service: "labels", limit: (rate: "25/s", burst: 10))"#],
        signs: &[
            rises(Calls(SignalSign::Errors, "desk", "labels", ""), 20.0, 60),
            rises(Flow(SignalSign::Errors, "register", ""), 10.0, 60),
        ],
        recovery: "with the limit, or with fewer calls",
        elsewhere: &[("AWS FIS", "aws:fis:inject-api-throttle-error")],
    },
    Fault {
        name: "flag-for-a-segment",
        group: Group::Change,
        what: "A flag is switched on for one segment; behind it is a slow call path that shows for those users only.",
        written: &[
            r#"SetFlag(flag: "new-checks", on: "100%", segments: ["business"])"#,
            r#"Slowdown(service: "desk", endpoint: "register", factor: "1.5")"#,
        ],
        signs: &[rises(Service(SignalSign::Cpu, "desk", ""), 1.15, 60)],
        recovery: "with the flag, at once",
        elsewhere: &[],
    },
    Fault {
        name: "spike",
        group: Group::Load,
        what: "Four times as many users come.",
        written: &[r#"Traffic(flow: "look-up", factor: "4")"#],
        signs: &[
            rises(Flow(SignalSign::Rate, "look-up", ""), 3.5, 60),
            rises(Service(SignalSign::Cpu, "desk", ""), 2.0, 60),
        ],
        recovery: "when they leave, if nothing has begun to feed itself",
        elsewhere: &[("OpenTelemetry demo", "loadGeneratorFloodHomepage")],
    },
    Fault {
        name: "expensive-tenant",
        group: Group::Load,
        what: "The users of one segment come eight times as often.",
        written: &[r#"Traffic(flow: "register", segment: "business", factor: "8")"#],
        signs: &[
            rises(Flow(SignalSign::Rate, "register", ""), 2.5, 60),
            rises(Service(SignalSign::Cpu, "parcels-db", ""), 2.0, 60),
        ],
        recovery: "when they leave, or with a limit on that segment",
        elsewhere: &[],
    },
    Fault {
        name: "retry-storm",
        group: Group::Load,
        what: "A callee is slower than its callers wait: each asks again, and the callee does twice the work.",
        written: &[r#"Slowdown(service: "labels", factor: "22")"#],
        signs: &[
            rises(Service(SignalSign::Rate, "labels", ""), 1.4, 90),
            rises(Duplicates, 20.0, 120),
            rises(Flow(SignalSign::Errors, "register", ""), 20.0, 90),
        ],
        recovery: "when the callee is fast again or callers ask once; without retries there is no storm",
        elsewhere: &[],
    },
    Fault {
        name: "flood",
        group: Group::Load,
        what: "More work is handed to a queue than its consumers do.",
        written: &[
            r#"Traffic(flow: "register", factor: "4")"#,
            r#"Slowdown(service: "sender", factor: "4")"#,
        ],
        signs: &[
            rises(Backlog, 10.0, 120),
            rises(Service(SignalSign::Waiting, "notices", ""), 10.0, 120),
        ],
        recovery: "long after the flood, at the rate the consumers have to spare",
        elsewhere: &[("OpenTelemetry demo", "kafkaQueueProblems")],
    },
];
