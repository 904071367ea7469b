//! What happens to single requests.

use super::Measure::{Calls, Flow, Hits, Segment, Service, Status, WrongRows};
use super::{Fault, Group, PLAIN, SignalSign, falls, now, ramp, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "abort",
        group: Group::Request,
        what: "A share of requests is turned away with status 503 before the service sees them.",
        written: &[now(
            r#"Errors(service: "labels", status: unavailable, share: "40%")"#,
        )],
        signs: &[
            rises(Status("Unavailable", "desk", "labels"), 20.0, 60),
            rises(Flow(SignalSign::Errors, "register", ""), 10.0, 60),
        ],
        ends: &[r#"Errors(service: "labels", status: unavailable, share: "0%")"#],
        recovery: "at once",
        elsewhere: &[
            ("Envoy and Istio", "fault.abort"),
            ("Chaos Mesh", "HTTPChaos abort"),
            ("LitmusChaos", "pod-http-status-code"),
            ("LitmusChaos", "pod-http-reset-peer"),
            ("OpenTelemetry demo", "paymentFailure"),
            ("OpenTelemetry demo", "adFailure"),
            ("OpenTelemetry demo", "cartFailure"),
            ("AWS FIS", "aws:fis:inject-api-unavailable-error"),
            ("AWS FIS", "aws:fis:inject-api-internal-error"),
        ],
        ..PLAIN
    },
    Fault {
        name: "slow-service",
        group: Group::Request,
        what: "A service takes ever longer for everything.",
        written: &[ramp(
            "30s",
            5,
            r#"Slowdown(service: "labels", factor: "5")"#,
        )],
        signs: &[
            rises(Calls(SignalSign::P50, "desk", "labels", ""), 2.5, 90),
            rises(Flow(SignalSign::P50, "register", ""), 2.0, 90),
        ],
        ends: &[r#"Slowdown(service: "labels", factor: "1")"#],
        recovery: "at once",
        elsewhere: &[
            ("Envoy and Istio", "fault.delay"),
            ("Chaos Mesh", "HTTPChaos delay"),
            ("LitmusChaos", "pod-http-latency"),
            ("OpenTelemetry demo", "imageSlowLoad"),
            ("OpenTelemetry demo", "intlShippingSlowdown"),
            ("Chaos Mesh", "JVMChaos latency"),
        ],
        ..PLAIN
    },
    Fault {
        name: "header-lost",
        group: Group::Request,
        what: "A proxy drops a header that only the newer program of the users sends: their requests come without credentials.",
        written: &[now(
            r#"Errors(service: "desk", requests: (client: "7.2", from: "gate"), status: denied, share: "100%")"#,
        )],
        signs: &[
            rises(Status("Denied", "gate", "desk"), 20.0, 60),
            rises(Flow(SignalSign::Errors, "look-up", ""), 20.0, 60),
        ],
        ends: &[
            r#"Errors(service: "desk", requests: (client: "7.2", from: "gate"), status: denied, share: "0%")"#,
        ],
        recovery: "at once",
        elsewhere: &[
            ("Chaos Mesh", "HTTPChaos replace"),
            ("Chaos Mesh", "HTTPChaos patch"),
            ("LitmusChaos", "pod-http-modify-header"),
        ],
        ..PLAIN
    },
    Fault {
        name: "regex-burn",
        group: Group::Request,
        what: "One endpoint computes for very long: it takes the cores from the others of its service.",
        written: &[now(
            r#"Slowdown(service: "desk", endpoint: "look-up", regions: ["north"], factor: "12")"#,
        )],
        signs: &[
            rises(Service(SignalSign::Cpu, "desk", "north"), 2.0, 60),
            rises(Flow(SignalSign::P50, "look-up", "north"), 2.0, 60),
        ],
        ends: &[
            r#"Slowdown(service: "desk", endpoint: "look-up", regions: ["north"], factor: "1")"#,
        ],
        recovery: "at once",
        elsewhere: &[
            ("OpenTelemetry demo", "adHighCpu"),
            ("Chaos Mesh", "JVMChaos stress"),
        ],
        ..PLAIN
    },
    Fault {
        name: "bad-key",
        group: Group::Request,
        what: "Requests about some keys fail, whoever asks.",
        written: &[now(
            r#"Poison(service: "desk", endpoint: "register", keys: "parcel", first: 0, last: 9)"#,
        )],
        signs: &[rises(Flow(SignalSign::Errors, "register", ""), 10.0, 60)],
        ends: &[r#"Heal(service: "desk", endpoint: "register")"#],
        recovery: "at once, with the cure of the data or the code",
        elsewhere: &[("OpenTelemetry demo", "productCatalogFailure")],
        ..PLAIN
    },
    Fault {
        name: "bad-tenant",
        group: Group::Request,
        what: "The requests of one segment fail; all others do not notice.",
        written: &[now(
            r#"Errors(service: "desk", endpoint: "register", requests: (segment: "business"), share: "100%")"#,
        )],
        signs: &[
            rises(Segment("register", "business"), 50.0, 60),
            rises(Flow(SignalSign::Errors, "register", ""), 10.0, 60),
        ],
        ends: &[
            r#"Errors(service: "desk", endpoint: "register", requests: (segment: "business"), share: "0%")"#,
        ],
        recovery: "at once",
        ..PLAIN
    },
    Fault {
        name: "null-on-optional",
        group: Group::Request,
        what: "A release takes for granted what a cache may not have: it fails on every miss, and so the cache never learns.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Simpler look-up.", endpoints: [(name: "look-up", steps: [Compute("4ms"), Cached((lookup: ("parcel-cache", "get"), miss: [FailShare("100%")]))])])"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "look-up", "north"), 20.0, 150),
            falls(Hits("parcel-cache"), 0.95, 180),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release",
        ..PLAIN
    },
    Fault {
        name: "n-plus-one",
        group: Group::Request,
        what: "A release asks the database once more for every row of a list.",
        releases: &[
            r#"(service: "desk", name: "4.2.1", notes: "Shows all stations of a parcel.", endpoints: [(name: "look-up", steps: [Compute("4ms"), Call("parcels-db", "find"), Call("parcels-db", "find"), Call("parcels-db", "find"), Call("parcels-db", "find"), Call("parcels-db", "find"), Call("parcels-db", "find"), Call("parcels-db", "find"), Call("parcels-db", "find")])])"#,
        ],
        written: &[now(
            r#"Deploy(service: "desk", version: "4.2.1", regions: ["north"])"#,
        )],
        signs: &[
            rises(Service(SignalSign::Rate, "parcels-db", "north"), 3.0, 150),
            rises(Flow(SignalSign::P50, "look-up", "north"), 1.8, 150),
        ],
        ends: &[r#"Deploy(service: "desk", version: "4.2.0", regions: ["north"])"#],
        recovery: "with the old release",
        ..PLAIN
    },
    Fault {
        name: "heavier-payload",
        group: Group::Request,
        what: "What a cache stores has grown a hundredfold: the network of a region is full of it, and all others wait too.",
        written: &[now(
            r#"Payload(service: "parcel-cache", endpoint: "get", factor: "110")"#,
        )],
        signs: &[
            rises(Flow(SignalSign::P95, "register", "north"), 1.5, 90),
            rises(
                Calls(SignalSign::P50, "desk", "parcel-cache", "north"),
                3.0,
                90,
            ),
        ],
        ends: &[r#"Payload(service: "parcel-cache", endpoint: "get", factor: "1")"#],
        recovery: "at once, after what has queued",
        ..PLAIN
    },
    Fault {
        name: "missing-validation",
        group: Group::Request,
        what: "What should have been refused is stored: whoever reads it fails, later and elsewhere.",
        written: &[now(
            r#"Corrupt(service: "parcels-db", table: "parcels", share: "40%", readers: fail)"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "look-up", ""), 5.0, 120),
            rises(WrongRows("parcels-db"), 20.0, 60),
        ],
        ends: &[
            r#"Corrupt(service: "parcels-db", table: "parcels", share: "0%")"#,
            r#"Repair(service: "parcels-db", table: "parcels")"#,
        ],
        recovery: "with the rows; a check at the door alone leaves what is stored",
        elsewhere: &[("LitmusChaos", "pod-http-modify-body")],
        ..PLAIN
    },
];
