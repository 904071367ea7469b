//! Rows whose name is a result. Each is a set of preconditions on the depot; without any one of them the result, which is
//! what the signs say, does not come. Where a trigger ends, the signs are read long after that.

use super::LiesIn::{Change, Depot, Lack, Setting};
use super::Measure::{Calls, Duplicates, Flow, Hits, Resource, Service};
use super::{
    Fault, Group, PLAIN, Precondition, ResourceSign, SignalSign, after, falls, now, rises,
};

const fn needs(what: &'static str, lies_in: super::LiesIn) -> Precondition {
    Precondition { what, lies_in }
}

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "gc-thrash",
        group: Group::Resource,
        what: "Collections take ever more of the time, because ever less is free, and then the process's life.",
        written: &[now(
            r#"Process(service: "desk", regions: ["north"], effect: Leak((memory: "600KiB")))"#,
        )],
        signs: &[rises(
            Resource(ResourceSign::Pauses, "desk", "north"),
            4.0,
            45,
        )],
        ends: &[r#"Process(service: "desk", regions: ["north"], effect: Leak(()))"#],
        recovery: "with the leak, at the next start; a restart alone hides it for a minute",
        preconditions: &[
            needs("a leak fills the heap", Change(0)),
            needs(
                "requests leave garbage to be collected",
                Depot(r#"garbage: "400KiB", "#, ""),
            ),
            needs(
                "a collection stops the process for as long as the heap is large",
                Depot(r#"pause_per_mib: "100us""#, r#"pause_per_mib: "1us""#),
            ),
        ],
        elsewhere: &[
            ("OpenTelemetry demo", "adManualGc"),
            ("Chaos Mesh", "JVMChaos gc"),
        ],
        ..PLAIN
    },
    Fault {
        name: "thread-pool-exhaustion",
        group: Group::Resource,
        what: "All workers of a service wait for one far-off callee, and what has nothing to do with it waits too.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (delay: "450ms"))"#,
        )],
        signs: &[rises(Flow(SignalSign::P95, "look-up", "north"), 5.0, 90)],
        ends: &[r#"Link(from: service("desk"), to: service("labels"), both: true)"#],
        recovery: "when answers come in time again, after what has queued",
        preconditions: &[
            needs("answers of a callee come late", Change(0)),
            needs(
                "there are few workers",
                Setting(
                    "cores: 2, workers: 60, queue: 100",
                    "cores: 2, workers: 5, queue: 100",
                ),
            ),
            needs(
                "callers wait long",
                Depot(
                    r#""labels": (timeout: "900ms", attempts: 2"#,
                    r#""labels": (timeout: "100ms", attempts: 1"#,
                ),
            ),
        ],
        ..PLAIN
    },
    Fault {
        name: "connection-pool-exhaustion",
        group: Group::Resource,
        what: "Calls wait for a connection of their pool and time out, while the callee has time to spare.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("parcels-db"), both: true, quality: (delay: "100ms"))"#,
        )],
        signs: &[rises(
            Calls(SignalSign::Errors, "desk", "parcels-db", "north"),
            20.0,
            90,
        )],
        ends: &[r#"Link(from: service("desk"), to: service("parcels-db"), both: true)"#],
        recovery: "when answers come sooner, after what has queued",
        preconditions: &[
            needs("a call has its connection for long", Change(0)),
            needs(
                "pools are small",
                Setting(
                    r#""parcels-db": (timeout: "800ms", attempts: 2, pool: 30"#,
                    r#""parcels-db": (timeout: "800ms", attempts: 2, pool: 1"#,
                ),
            ),
            needs(
                "many share each pool",
                Depot(
                    r#"rates: {"north": "30/s", "south": "20/s"}"#,
                    r#"rates: {"north": "6/s", "south": "4/s"}"#,
                ),
            ),
        ],
        ..PLAIN
    },
    Fault {
        name: "retry-storm",
        group: Group::Load,
        what: "Answers come later than callers wait: each asks again, and the callee does twice the work for nobody.",
        written: &[now(
            r#"Link(from: service("desk"), to: service("labels"), both: true, quality: (delay: "450ms"))"#,
        )],
        signs: &[
            rises(Service(SignalSign::Rate, "labels", ""), 1.4, 90),
            rises(Duplicates, 20.0, 120),
        ],
        ends: &[r#"Link(from: service("desk"), to: service("labels"), both: true)"#],
        recovery: "when answers come in time again, or callers ask once",
        preconditions: &[
            needs("answers come late", Change(0)),
            needs(
                "callers ask again",
                Depot(
                    r#""labels": (timeout: "900ms", attempts: 2"#,
                    r#""labels": (timeout: "900ms", attempts: 1"#,
                ),
            ),
            needs(
                "callers do not wait for it",
                Depot(
                    r#""labels": (timeout: "900ms""#,
                    r#""labels": (timeout: "10s""#,
                ),
            ),
        ],
        ..PLAIN
    },
    Fault {
        name: "reconnect-herd",
        group: Group::Load,
        what: "Users whose connection was cut come back all together: after the outage more come than ever before.",
        written: &[
            now(r#"Errors(service: "gate", status: refused, share: "100%")"#),
            after(
                50,
                r#"Errors(service: "gate", status: refused, share: "0%")"#,
            ),
        ],
        signs: &[rises(Service(SignalSign::Rate, "gate", ""), 3.0, 52)],
        recovery: "by itself, once all are back",
        preconditions: &[
            needs("an outage", Change(0)),
            needs(
                "users come back by themselves",
                Setting(
                    r#"rates: {"north": "60/s", "south": "40/s"},"#,
                    r#"rates: {"north": "60/s", "south": "40/s"}, patience: (mean: "30s", again: "98%", pause: "5s", tries: 20),"#,
                ),
            ),
        ],
        ..PLAIN
    },
    Fault {
        name: "health-check-flap",
        group: Group::Load,
        what: "Busy instances miss their checks and are taken out; the others get their load and miss theirs.",
        written: &[now(
            r#"Slowdown(service: "desk", regions: ["north"], factor: "19")"#,
        )],
        signs: &[falls(Service(SignalSign::Ready, "desk", "north"), 0.7, 90)],
        ends: &[r#"Slowdown(service: "desk", regions: ["north"], factor: "1")"#],
        recovery: "when load is low enough for all but one",
        preconditions: &[
            needs("instances are busy", Change(0)),
            needs(
                "checks wait with the requests, and not long",
                Setting(
                    r#"rollout: (lead: "10s", restart_lead: "5s"),
            version: "4.2.0","#,
                    r#"rollout: (lead: "10s", restart_lead: "5s"), health: (interval: "2s", timeout: "150ms", unhealthy: 2, healthy: 2),
            version: "4.2.0","#,
                ),
            ),
        ],
        ..PLAIN
    },
    Fault {
        name: "metastable-workload",
        group: Group::Load,
        what: "A minute of more users overloads a callee; when they have left, retries keep it overloaded.",
        written: &[
            now(r#"Process(service: "labels", effect: Speed("0.165"))"#),
            now(r#"Traffic(flow: "register", factor: "2.5")"#),
            after(60, r#"Traffic(flow: "register", factor: "1")"#),
        ],
        signs: &[rises(Flow(SignalSign::Errors, "register", ""), 100.0, 300)],
        ends: &[r#"Limit(service: "labels", limit: (rate: "15/s", burst: 5))"#],
        recovery: "only when somebody takes load away",
        preconditions: &[
            needs("a callee has little to spare", Change(0)),
            needs("a minute of more users", Change(1)),
            needs(
                "callers ask again",
                Depot(
                    r#""labels": (timeout: "900ms", attempts: 2"#,
                    r#""labels": (timeout: "900ms", attempts: 1"#,
                ),
            ),
        ],
        ..PLAIN
    },
    Fault {
        name: "metastable-capacity",
        group: Group::Load,
        what: "A cache is emptied once. The database cannot do without it, so look-ups time out, so nothing is stored, so the cache stays empty.",
        written: &[
            now(r#"Slowdown(service: "parcels-db", endpoint: "find", factor: "90")"#),
            now(r#"FlushCache(service: "parcel-cache")"#),
        ],
        signs: &[
            rises(Flow(SignalSign::Errors, "look-up", "north"), 100.0, 300),
            falls(Hits("parcel-cache"), 0.7, 300),
        ],
        ends: &[r#"Limit(service: "parcels-db", limit: (rate: "60/s", burst: 5))"#],
        recovery: "only when somebody takes load away until the cache has filled",
        preconditions: &[
            needs("a database that cannot do without its cache", Change(0)),
            needs("the cache is emptied", Change(1)),
            needs(
                "nothing sheds what the database has no time for",
                Lack(
                    r#"Limit(service: "parcels-db", regions: ["north"], limit: (rate: "55/s", burst: 5))"#,
                ),
            ),
        ],
        ..PLAIN
    },
];
