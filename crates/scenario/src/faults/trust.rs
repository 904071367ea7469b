//! Names, certificates, credentials, policies, clocks.

use super::Measure::{Calls, DeadLetters, Flow, Service, Status};
use super::{Fault, Group, PLAIN, SignalSign, after, falls, now, rises};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "dns-error",
        group: Group::Trust,
        what: "A name is not answered any more; clients notice as what they remember runs out.",
        written: &[now(r#"AnswerName(service: "desk", state: failing)"#)],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 90)],
        ends: &[r#"AnswerName(service: "desk", state: answered)"#],
        recovery: "at the next question",
        elsewhere: &[
            ("Chaos Mesh", "DNSChaos error"),
            ("LitmusChaos", "pod-dns-error"),
            ("Gremlin", "DNS"),
        ],
        ..PLAIN
    },
    Fault {
        name: "dns-stale",
        group: Group::Trust,
        what: "A region's instances are gone and its name is pointed elsewhere, but what is answered is old: nobody follows.",
        written: &[
            now(r#"AnswerName(service: "desk", state: stale)"#),
            now(r#"Process(service: "desk", regions: ["north"], effect: FailStart(true))"#),
            now(r#"Process(service: "desk", regions: ["north"], effect: Kill)"#),
            after(5, r#"PointName(service: "desk", region: "south")"#),
        ],
        signs: &[
            rises(Flow(SignalSign::Errors, "look-up", "north"), 50.0, 120),
            falls(Service(SignalSign::Ready, "desk", "north"), 0.1, 60),
        ],
        ends: &[r#"AnswerName(service: "desk", state: answered)"#],
        recovery: "as what clients remember runs out, once what is answered is true",
        ..PLAIN
    },
    Fault {
        name: "dns-wrong",
        group: Group::Trust,
        what: "A name leads to another service, which does not know what it is asked.",
        written: &[now(r#"PointName(service: "desk", to: "sender")"#)],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 120)],
        ends: &[r#"PointName(service: "desk")"#],
        recovery: "as what clients remember runs out",
        elsewhere: &[
            ("Chaos Mesh", "DNSChaos random"),
            ("LitmusChaos", "pod-dns-spoof"),
        ],
        ..PLAIN
    },
    Fault {
        name: "certificate-expiry",
        group: Group::Trust,
        what: "A certificate has expired: no new connection is made.",
        written: &[now(r#"Certificate(service: "desk", expires: "3m")"#)],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 60)],
        ends: &[r#"Certificate(service: "desk", expires: "20h")"#],
        recovery: "with another certificate, at once",
        elsewhere: &[("Gremlin", "Certificate Expiry")],
        ..PLAIN
    },
    Fault {
        name: "strict-mtls",
        group: Group::Trust,
        what: "A service takes connections only from those who show a certificate; one caller has none.",
        written: &[now(
            r#"Errors(service: "sender", requests: (from: "notices"), status: untrusted, share: "100%")"#,
        )],
        signs: &[
            rises(Status("Untrusted", "notices", "sender"), 20.0, 60),
            rises(DeadLetters, 10.0, 120),
        ],
        ends: &[
            r#"Errors(service: "sender", requests: (from: "notices"), status: untrusted, share: "0%")"#,
        ],
        recovery: "at once; what was given up meanwhile has to be sent again",
        elsewhere: &[("Envoy and Istio", "PeerAuthentication STRICT")],
        ..PLAIN
    },
    Fault {
        name: "secret-rotated",
        group: Group::Trust,
        what: "A credential was changed and the old one revoked; running clients have the old one.",
        written: &[
            now(r#"Credential(client: "gate", server: "desk", action: rotate)"#),
            now(r#"Credential(client: "gate", server: "desk", action: revoke_older)"#),
        ],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 60)],
        ends: &[r#"Restart(service: "gate")"#],
        recovery: "with a restart of the clients, which then read the new one",
        ..PLAIN
    },
    Fault {
        name: "authorisation-revoked",
        group: Group::Trust,
        what: "A client is not let in any more, whatever it shows.",
        written: &[now(
            r#"Credential(client: "gate", server: "desk", action: revoke_all)"#,
        )],
        signs: &[rises(Flow(SignalSign::Errors, "look-up", ""), 50.0, 60)],
        // A restart alone does not help: what it would read is revoked too.
        ends: &[r#"Restart(service: "gate")"#],
        recovery: "with a new credential and a restart; a restart alone does not help",
        ..PLAIN
    },
    Fault {
        name: "policy-deny",
        group: Group::Trust,
        what: "A policy of the mesh forbids one operation to one caller: it is turned away at once, all else goes on.",
        written: &[now(
            r#"Errors(service: "parcels-db", endpoint: "add", requests: (from: "desk"), status: denied, share: "100%")"#,
        )],
        signs: &[
            rises(Status("Denied", "desk", "parcels-db"), 20.0, 60),
            rises(Flow(SignalSign::Errors, "register", ""), 50.0, 60),
        ],
        ends: &[
            r#"Errors(service: "parcels-db", endpoint: "add", requests: (from: "desk"), status: denied, share: "0%")"#,
        ],
        recovery: "at once, with the policy",
        elsewhere: &[("Envoy and Istio", "AuthorizationPolicy DENY")],
        ..PLAIN
    },
    Fault {
        name: "clock-skew",
        group: Group::Trust,
        what: "One instance's clock is two minutes ahead: tokens look wrong to it.",
        written: &[now(
            r#"Skew(service: "gate", regions: ["north"], instance: 0, ahead: "2m")"#,
        )],
        signs: &[
            rises(Flow(SignalSign::Errors, "register", "north"), 20.0, 60),
            falls(Service(SignalSign::Rate, "desk", "north"), 0.95, 60),
        ],
        ends: &[r#"Skew(service: "gate", regions: ["north"], instance: 0)"#],
        recovery: "at once, when clocks are right",
        elsewhere: &[("Chaos Mesh", "TimeChaos"), ("Gremlin", "Time Travel")],
        ..PLAIN
    },
    Fault {
        name: "leap-second",
        group: Group::Trust,
        what: "The clocks of all instances of a service step back by a second while another company's are smeared: what is signed now looks too old there.",
        written: &[now(r#"Skew(service: "desk", behind: "1s")"#)],
        signs: &[
            rises(Status("Denied", "desk", "labels"), 20.0, 60),
            rises(Flow(SignalSign::Errors, "register", ""), 50.0, 60),
            falls(Calls(SignalSign::P50, "desk", "labels", ""), 0.7, 60),
        ],
        ends: &[r#"Skew(service: "desk")"#],
        recovery: "at once, when clocks agree again",
        elsewhere: &[("Gremlin", "Time Travel")],
        ..PLAIN
    },
];
