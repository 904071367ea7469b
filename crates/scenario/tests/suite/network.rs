//! The network in the language: links, limits, names, certificates, credentials, clocks, fallbacks, status pages.

use crate::common::{SCENARIO, SYSTEM, check};
use brownout_scenario::units::{bits_per_second, message_bytes};
use brownout_scenario::{MemoryFiles, compile, compile_system, load, load_system};
use brownout_sim::blueprint::{
    Blueprint, Certificate, Change, Credential, CredentialAction, Fallback, Link, MILLISECOND_NS,
    MINUTE_NS, Messages, Name, NameState, ONE_Q32, Party, Quality, RateLimit, SECOND_NS,
    StatusPage, Step, TokenRate,
};
use brownout_sim::ids::{DeploymentId, EdgeId, FlowId, RegionId, SegmentId, ServiceId};

fn system(edits: &[(&str, &str)]) -> Blueprint {
    let mut text = SYSTEM.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let (loaded, found) = load_system(&MemoryFiles::new(&[("a.ron", &text)]), "a.ron");
    let errors: Vec<_> = found.iter().filter(|d| !d.code.starts_with('W')).collect();
    assert!(errors.is_empty(), "{errors:?}");
    compile_system(&loaded.expect("the system loads")).expect("the system compiles")
}

const STORE: &str = "home: \"north\",";
const CALLS: &str = "(timeout: \"1s\", attempts: 2)";
const LATENCY: &str = "latency: (within: \"1ms\", between: \"20ms\"),";

fn with_store(fields: &str) -> Blueprint {
    system(&[(STORE, &format!("{STORE} {fields}"))])
}

fn bad_store(fields: &str, expected: (&str, &str)) {
    check(&[(STORE, &format!("{STORE} {fields}"))], &[expected]);
}

#[test]
fn links_have_directions_and_qualities() {
    let blueprint = system(&[(
        LATENCY,
        &format!(
            "{LATENCY} links: [(from: \"north\", to: \"south\", latency: \"35ms\", quality: (jitter: \"2ms\", loss: \"0.5%\", bandwidth: \"10Mbit/s\")), (from: \"south\", to: \"south\", quality: (delay: \"4ms\", reset: \"1%\"))],"
        ),
    )]);
    let ms = MILLISECOND_NS;
    assert_eq!(blueprint.latency_ns, [ms, 35 * ms, 35 * ms, ms]);
    let messages = |from, to| Messages {
        from_region: Some(RegionId(from)),
        to_region: Some(RegionId(to)),
        ..Messages::default()
    };
    let quality = Quality {
        jitter_ns: 2 * ms,
        loss_q32: ONE_Q32 / 200,
        bandwidth: 10_000_000,
        ..Quality::default()
    };
    let local = Quality {
        delay_ns: 4 * ms,
        reset_q32: blueprint.links[2].quality.reset_q32,
        ..Quality::default()
    };
    let link = |messages, quality| Link { messages, quality };
    assert_eq!(
        blueprint.links,
        [
            link(messages(0, 1), quality),
            link(messages(1, 0), quality),
            link(messages(1, 1), local)
        ]
    );
    assert!(local.reset_q32.abs_diff(ONE_Q32 / 100) <= 1);
    let one_way = system(&[(
        LATENCY,
        &format!(
            "{LATENCY} links: [(from: \"north\", to: \"south\", both: false, latency: \"9ms\")],"
        ),
    )]);
    assert_eq!(one_way.latency_ns, [ms, 9 * ms, 20 * ms, ms]);
    assert!(one_way.links.is_empty());
    let bad = |link: &str, expected| {
        check(
            &[(LATENCY, &format!("{LATENCY} links: [({link})],"))],
            &[expected],
        );
    };
    bad(
        "from: ◆\"east\", to: \"south\"",
        ("E0301", "unknown region `east`"),
    );
    bad(
        "from: \"north\", to: \"south\", quality: (loss: ◆\"101%\")",
        ("E0201", "between"),
    );
    bad(
        "from: \"north\", to: \"south\", quality: (bandwidth: ◆\"0bit/s\")",
        ("E0201", "at least 1bit/s"),
    );
    bad(
        "from: \"north\", to: \"south\", quality: (bandwidth: ◆\"10Mbps\")",
        ("E0201", "Mbit/s"),
    );
}

#[test]
fn sizes_and_bandwidths_are_exact() {
    assert_eq!(message_bytes("500B"), Ok(500));
    assert_eq!(message_bytes("1.5kB"), Ok(1_500));
    assert_eq!(message_bytes("4KiB"), Ok(4_096));
    assert_eq!(message_bytes("1GiB"), Ok(1 << 30));
    for wrong in [
        "1.1GiB",
        "0.5B",
        "4",
        "4kb",
        "-1B",
        "",
        "99999999999999999GiB",
    ] {
        assert!(message_bytes(wrong).is_err(), "{wrong}");
    }
    assert_eq!(bits_per_second("0.5Mbit/s"), Ok(500_000));
    assert_eq!(bits_per_second("1000000Gbit/s"), Ok(1_000_000_000_000_000));
    for wrong in ["0bit/s", "1000001Gbit/s", "0.5bit/s", "1MB/s", "fast"] {
        assert!(bits_per_second(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_service_has_a_door() {
    let blueprint = with_store(
        "limits: [(rate: \"50/s\", burst: 10), (rate: \"6/m\", flow: \"buy\", segment: \"member\")], name_ttl: \"30s\", certificate: \"40m\", credentials: [\"edge\"], status_page: (admits: \"25%\", delay: \"2m\"),",
    );
    // The store runs in the north only, behind the two deployments of the edge.
    let limit = |flow, segment, interval_ns, burst| RateLimit {
        deployment: DeploymentId(2),
        flow,
        segment,
        rate: TokenRate { interval_ns, burst },
    };
    assert_eq!(
        blueprint.limits,
        [
            limit(None, None, SECOND_NS / 50, 10),
            limit(Some(FlowId(0)), Some(SegmentId(1)), 10 * SECOND_NS, 1)
        ]
    );
    let store = ServiceId(1);
    assert_eq!(
        blueprint.names,
        [Name {
            service: store,
            ttl_ns: 30 * SECOND_NS
        }]
    );
    assert_eq!(
        blueprint.certificates,
        [Certificate {
            service: store,
            expires_ns: 40 * MINUTE_NS
        }]
    );
    assert_eq!(
        blueprint.credentials,
        [Credential {
            client: ServiceId(0),
            server: store
        }]
    );
    let page = StatusPage {
        service: store,
        delay_ns: 2 * MINUTE_NS,
        window_ns: 5 * MINUTE_NS,
        threshold_q32: ONE_Q32 / 4,
        slow_ns: 10 * SECOND_NS,
    };
    assert_eq!(blueprint.pages, [page]);
    let lying = with_store("status_page: (admits: None),").pages[0];
    assert!(lying.threshold_q32 > ONE_Q32);
    bad_store("limits: [(rate: ◆\"0/s\")],", ("E0201", "a rate above 0"));
    bad_store(
        "limits: [(rate: \"1/s\", burst: ◆0)],",
        ("E0203", "burst must be between 1 and 1000000"),
    );
    bad_store(
        "limits: [(rate: \"1/s\", flow: ◆\"sell\")],",
        ("E0301", "unknown flow `sell`"),
    );
    bad_store(
        "credentials: [◆\"stor\"],",
        ("E0301", "unknown service `stor`"),
    );
    bad_store(
        "credentials: [\"edge\", ◆\"edge\"],",
        ("E0302", "duplicate client `edge`"),
    );
    bad_store("name_ttl: ◆\"soon\",", ("E0201", "a duration"));
    bad_store(
        "status_page: (admits: \"1%\", window: ◆\"0s\"),",
        ("E0203", "above 0"),
    );
    let many = vec!["(rate: \"1/s\")"; 65].join(", ");
    bad_store(
        &format!("limits: ◆[{many}],"),
        ("E0202", "65 limits; at most 64"),
    );
}

#[test]
fn calls_have_sizes_and_fallbacks() {
    let calls = |fields: &str| {
        let to = format!("(timeout: \"1s\", attempts: 2, {fields})");
        system(&[(CALLS, &to)])
    };
    let edge = |blueprint: &Blueprint| {
        let mut edges = blueprint.edges.iter();
        edges
            .find(|edge| edge.client.is_some())
            .cloned()
            .expect("edge calls store")
    };
    let sized = edge(&calls("request_size: \"2KiB\", reply_size: \"64KiB\""));
    assert_eq!((sized.request_bytes, sized.reply_bytes), (2_048, 65_536));
    assert_eq!(
        edge(&calls("fallback: answer")).fallback,
        Some(Fallback::Answer)
    );
    // A call cannot fall back on itself.
    let circle = calls("fallback: call(\"store\", \"sell\")");
    assert_eq!(edge(&circle).fallback, None);
    let spare =
        "(name: \"sell\", steps: [IfFlag(\"gift\", [Compute(\"2ms\")]), FailShare(\"0.1%\")])";
    let blueprint = system(&[
        (
            CALLS,
            "(timeout: \"1s\", fallback: call(\"store\", \"old\"))",
        ),
        (
            spare,
            &format!("{spare}, (name: \"old\", steps: [Compute(\"9ms\")])"),
        ),
    ]);
    assert_eq!(blueprint.edges[0].fallback, Some(Fallback::Call(EdgeId(1))));
    let bad = |fields: &str, expected| {
        check(
            &[(CALLS, &format!("(timeout: \"1s\", {fields})"))],
            &[expected],
        );
    };
    bad("request_size: ◆\"2\"", ("E0201", "a size such as"));
    bad(
        "fallback: call(◆\"stor\", \"sell\")",
        ("E0301", "unknown service `stor`"),
    );
    // A fallback that leads back to its caller never ends.
    let circle = (
        CALLS,
        "(timeout: \"1s\", fallback: call(\"edge\", \"buy\"))",
    );
    let place = "endpoints: [(name: \"buy\"";
    let marked = "endpoints: [◆(name: \"buy\"";
    check(&[circle, (place, marked)], &[("E0401", "in a circle")]);
    let steps = "steps: [Compute(\"1ms\"), Call(\"store\", \"sell\")]";
    let token = system(&[(
        steps,
        "steps: [CheckToken(\"30s\"), Call(\"store\", \"sell\")]",
    )]);
    assert!(matches!(
        token.versions[0].code[0],
        Step::CheckToken { leeway_ns } if leeway_ns == 30 * SECOND_NS
    ));
}

/// The store with everything a change could be about.
const OPEN: &str =
    "home: \"north\", name_ttl: \"30s\", certificate: \"40m\", credentials: [\"edge\"],";

fn changes(change: &str) -> Vec<Change> {
    let scenario = SCENARIO.replacen(
        "timeline: [",
        &format!("timeline: [(at: \"20m\", change: {change}),"),
        1,
    );
    let system = SYSTEM.replacen(STORE, OPEN, 1);
    let files = MemoryFiles::new(&[
        ("small/scenario.ron", &scenario),
        ("systems/shop.ron", &system),
    ]);
    let (loaded, found) = load(&files, "small/scenario.ron");
    let loaded = loaded.unwrap_or_else(|| panic!("{found:?}"));
    let compiled = compile(&loaded, None, 1).unwrap_or_else(|found| panic!("{found:?}"));
    let timeline = compiled.blueprint.timeline.iter();
    timeline
        .filter(|timed| timed.at_ns == 20 * MINUTE_NS)
        .map(|timed| timed.change.clone())
        .collect()
}

#[test]
fn changes_of_the_network_compile() {
    let (edge, store) = (ServiceId(0), ServiceId(1));
    let limit = |deployment, flow, interval_ns, burst, sets| Change::Limit {
        limit: RateLimit {
            deployment: DeploymentId(deployment),
            flow,
            segment: None,
            rate: TokenRate { interval_ns, burst },
        },
        sets,
    };
    assert_eq!(
        changes("Limit(service: \"edge\", limit: (rate: \"4/s\", burst: 8))"),
        [
            limit(0, None, SECOND_NS / 4, 8, true),
            limit(1, None, SECOND_NS / 4, 8, true)
        ]
    );
    assert_eq!(
        changes("Unlimit(service: \"edge\", regions: [\"south\"], flow: \"buy\")"),
        [limit(1, Some(FlowId(0)), SECOND_NS, 1, false)]
    );
    let drops = Quality {
        drops: true,
        ..Quality::default()
    };
    let there = Messages {
        from_region: Some(RegionId(0)),
        to: Party::Service(store),
        ..Messages::default()
    };
    let back = Messages {
        to_region: Some(RegionId(0)),
        from: Party::Service(store),
        ..Messages::default()
    };
    let link = |messages, quality| Change::Link(Link { messages, quality });
    let text = "from_region: \"north\", to: service(\"store\")";
    assert_eq!(
        changes(&format!("Link({text}, quality: (drops: true))")),
        [link(there, drops)]
    );
    assert_eq!(
        changes(&format!("Link({text}, both: true)")),
        [
            link(there, Quality::default()),
            link(back, Quality::default())
        ]
    );
    let point = |to, region| Change::PointName {
        service: store,
        to,
        region,
    };
    assert_eq!(
        changes("PointName(service: \"store\", region: \"south\")"),
        [point(store, Some(RegionId(1)))]
    );
    assert_eq!(
        changes("PointName(service: \"store\", to: \"edge\")"),
        [point(edge, None)]
    );
    assert_eq!(
        changes("AnswerName(service: \"store\", state: stale)"),
        [Change::AnswerName {
            service: store,
            state: NameState::Stale
        }]
    );
    assert_eq!(
        changes("Certificate(service: \"store\", expires: \"1h\")"),
        [Change::Certificate {
            service: store,
            expires_ns: 60 * MINUTE_NS
        }]
    );
    assert_eq!(
        changes("Credential(client: \"edge\", server: \"store\", action: revoke_older)"),
        [Change::Credential {
            client: edge,
            server: store,
            action: CredentialAction::RevokeOlder
        }]
    );
    let skew = |deployment, slot, skew_ns| Change::Skew {
        deployment: DeploymentId(deployment),
        slot,
        skew_ns,
    };
    assert_eq!(
        changes("Skew(service: \"edge\", behind: \"90s\")"),
        [
            skew(0, None, -90_000_000_000),
            skew(1, None, -90_000_000_000)
        ]
    );
    assert_eq!(
        changes("Skew(service: \"store\", instance: 1, ahead: \"1s\")"),
        [skew(2, Some(1), 1_000_000_000)]
    );
}

#[test]
fn changes_of_the_network_are_checked() {
    let bad = |change: &str, expected| {
        let to = format!("timeline: [(at: \"20m\", change: {change}),");
        check(&[("timeline: [", &to)], &[expected]);
    };
    bad(
        "Limit(service: ◆\"stor\", limit: (rate: \"1/s\"))",
        ("E0301", "unknown service `stor`"),
    );
    bad(
        "Limit(service: \"store\", regions: [◆\"south\"], limit: (rate: \"1/s\"))",
        ("E0404", "does not run in `south`"),
    );
    bad(
        "Limit(service: \"edge\", limit: (rate: \"1/s\", segment: ◆\"vip\"))",
        ("E0301", "unknown segment `vip`"),
    );
    bad(
        "Link(from: service(◆\"x\"))",
        ("E0301", "unknown service `x`"),
    );
    bad("Link(to_region: ◆\"x\")", ("E0301", "unknown region `x`"));
    bad("Link(quality: (reset: ◆\"2\"))", ("E0201", "a share"));
    bad(
        "PointName(service: ◆\"store\")",
        ("E0404", "service `store` has no `name_ttl`"),
    );
    bad(
        "AnswerName(service: ◆\"edge\", state: failing)",
        ("E0404", "service `edge` has no `name_ttl`"),
    );
    bad(
        "Certificate(service: ◆\"store\", expires: \"1h\")",
        ("E0404", "service `store` has no `certificate`"),
    );
    bad(
        "Credential(client: \"edge\", server: ◆\"store\", action: rotate)",
        ("E0404", "has no `credentials: [\"edge\"]`"),
    );
    bad(
        "Skew(service: \"store\", instance: ◆2, ahead: \"1s\")",
        ("E0404", "has no instance 2"),
    );
    bad(
        "Skew(service: \"store\", ahead: \"1s\", behind: ◆\"1s\")",
        ("E0203", "either ahead or behind"),
    );
}
