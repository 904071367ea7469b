//! Instances in the language: resources, checks, rollouts, scaling, and what happens to processes.

use crate::common::{Edit, SCENARIO, SYSTEM, check};
use brownout_scenario::units::bytes;
use brownout_scenario::{MemoryFiles, compile, load};
use brownout_sim::blueprint::{
    Autoscaler, Blueprint, Change, Descriptors, Disk, Ejection, FleetAction, Gate, HealthCheck,
    Leak, Memory, ONE_Q16, ONE_Q32, OnMissing, Ports, ProcessEffect, Quota, SECOND_NS, Selector,
    Step, WarmUp,
};
use brownout_sim::ids::{DeploymentId, RegionId, ServiceId, VersionId};

const MILLISECOND_NS: u64 = SECOND_NS / 1_000;
const MIB: u64 = 1 << 20;

/// The small scenario after edits, compiled.
fn compiled(edits: &[Edit<'_>]) -> Blueprint {
    let (mut scenario, mut system) = (SCENARIO.to_owned(), SYSTEM.to_owned());
    for (from, to) in edits {
        scenario = scenario.replacen(from, to, 1);
        system = system.replacen(from, to, 1);
    }
    let files = MemoryFiles::new(&[
        ("small/scenario.ron", &scenario),
        ("systems/shop.ron", &system),
    ]);
    let (loaded, found) = load(&files, "small/scenario.ron");
    assert!(found.iter().all(|d| d.code.starts_with('W')), "{found:#?}");
    let scenario = compile(&loaded.expect("it loads"), Some(0), 1).expect("it compiles");
    (*scenario.blueprint).clone()
}

/// Fields of the store's instance.
const STORE: &str = "instance: (cores: 1, workers: 10, queue: 20)";

fn instance(fields: &str) -> String {
    format!("instance: (cores: 1, workers: 10, queue: 20, {fields})")
}

fn beside(fields: &str) -> String {
    format!("{STORE}, {fields}")
}

/// The only timed change of the scenario.
const CHANGE: &str = r#"Deploy(service: "store", version: "2.0.0", regions: ["north"])"#;

#[test]
fn bytes_are_read_exactly() {
    assert_eq!(bytes("512MiB"), Ok(512 * MIB));
    assert_eq!(bytes("1.5GB"), Ok(1_500_000_000));
    assert_eq!(bytes("900B"), Ok(900));
    assert_eq!(bytes("0.5KiB"), Ok(512));
    assert_eq!(bytes("2kB"), Ok(2_000));
    assert_eq!(bytes("1048576GiB"), Ok(1 << 50));
    for wrong in ["", "5", "5 MiB", "-1B", "1e3B", "5mb", "1048577GiB", "B"] {
        assert!(bytes(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn resources_become_those_of_an_instance() {
    let fields = instance(
        r#"memory: (limit: "512MiB", base: "100MiB", in_flight: "1MiB", garbage: "2MiB", pause_per_mib: "2ms"),
           descriptors: (limit: 100), ports: (limit: 2000), disk: (capacity: "1GiB", used: "1MiB", per_request: "1kB"),
           warm_up: (factor: "3", over: "1m"), quota: (time: "50ms")"#,
    );
    let blueprint = compiled(&[(STORE, &fields)]);
    let resources = blueprint.services[1].instance.resources;
    assert_eq!(
        resources.memory,
        Some(Memory {
            limit: 512 * MIB,
            base: 100 * MIB,
            in_flight: MIB,
            garbage: 2 * MIB,
            pause_ns_per_mib: 2 * MILLISECOND_NS,
        })
    );
    assert_eq!(
        resources.descriptors,
        Some(Descriptors {
            limit: 100,
            base: 16
        })
    );
    let rest_ns = 60 * SECOND_NS;
    assert_eq!(
        resources.ports,
        Some(Ports {
            limit: 2_000,
            rest_ns
        })
    );
    assert_eq!(
        resources.disk,
        Some(Disk {
            capacity: 1 << 30,
            used: MIB,
            per_request: 1_000
        })
    );
    let factor_q16 = 3 * ONE_Q16;
    assert_eq!(
        resources.warm_up,
        Some(WarmUp {
            factor_q16,
            over_ns: 60 * SECOND_NS
        })
    );
    assert_eq!(
        resources.quota,
        Some(Quota {
            time_ns: 50 * MILLISECOND_NS,
            period_ns: 100 * MILLISECOND_NS
        })
    );
    assert!(!blueprint.services[0].instance.resources.any());
}

#[test]
fn a_fleet_becomes_what_it_says() {
    let fields = beside(
        r#"health: (interval: "5s", timeout: "1s", fail_open: "50%"), ejection: (failures: 5, base: "30s"), zone_least: 2,
           rollout: (max_surge: 1, gate: (ready_within: "2m", crashes: 3, failing: "5%")), scale_lead: "20s",
           autoscaler: (target: "50%", most: 6)"#,
    );
    let blueprint = compiled(&[
        (STORE, &fields),
        ("latency:", "zones: {\"south\": 3}, latency:"),
    ]);
    let (service, fleet) = (&blueprint.services[1], blueprint.services[1].fleet);
    assert_eq!(
        fleet.health,
        Some(HealthCheck {
            interval_ns: 5 * SECOND_NS,
            timeout_ns: SECOND_NS,
            unhealthy: 3,
            healthy: 2,
            fail_open_q32: ONE_Q32 / 2,
        })
    );
    assert_eq!(
        fleet.ejection,
        Some(Ejection {
            failures: 5,
            base_ns: 30 * SECOND_NS,
            max_share_q32: ONE_Q32 / 2
        })
    );
    assert_eq!(
        (fleet.zone_least, fleet.max_surge, service.max_unavailable),
        (2, 1, 0)
    );
    assert_eq!(
        fleet.gate,
        Gate {
            ready_within_ns: 120 * SECOND_NS,
            crashes: 3,
            failing_q32: 214_748_365
        }
    );
    assert_eq!(fleet.scale_lead_ns, 20 * SECOND_NS);
    assert_eq!(
        fleet.autoscaler,
        Some(Autoscaler {
            target_q32: ONE_Q32 / 2,
            interval_ns: 15 * SECOND_NS,
            delay_ns: 0,
            cool_down_ns: 300 * SECOND_NS,
            least: 1,
            most: 6
        })
    );
    assert_eq!(blueprint.zones, [1, 3]);
    let store = blueprint
        .deployments
        .iter()
        .find(|d| d.service == ServiceId(1));
    let store = store.expect("it runs");
    assert_eq!(
        (store.replicas, store.spare),
        (2, 5),
        "six and one for the surge"
    );
    let plain = compiled(&[]);
    assert!(plain.deployments.iter().all(|d| d.spare == 0));
    assert_eq!(plain.services[1].max_unavailable, 1);
    let roomy = compiled(&[(STORE, &beside("slots: {\"north\": 9}"))]);
    assert_eq!(roomy.deployments[2].spare, 7);
}

#[test]
fn a_version_says_what_it_leaks_and_needs() {
    let blueprint = compiled(&[
        (
            "notes: \"New.\",",
            "notes: \"New.\", leak: (memory: \"40KiB\", descriptors: \"50%\", connections: \"25%\"),",
        ),
        ("default: \"x\")", "default: \"x\", on_missing: crash)"),
        ("Compute(\"3ms\")", "Compute(\"3ms\"), Write(\"4KiB\")"),
    ]);
    let version = blueprint
        .versions
        .iter()
        .find(|v| v.name == "2.0.0")
        .expect("it exists");
    assert_eq!(
        version.leak,
        Leak {
            memory: 40 * 1_024,
            descriptors_q32: ONE_Q32 / 2,
            connections_q32: ONE_Q32 / 4
        }
    );
    assert_eq!(version.reads[0].on_missing, OnMissing::Crash);
    assert!(matches!(version.code[1], Step::Write(4_096)));
}

#[test]
fn changes_of_processes_and_fleets() {
    let change = |text: &str| {
        let fields = beside("slots: {\"north\": 9}, autoscaler: (target: \"50%\", most: 6)");
        let zones = "zones: {\"north\": 3}, latency:";
        let edits = [
            (CHANGE, text),
            (STORE, fields.as_str()),
            ("latency:", zones),
        ];
        let timeline = compiled(&edits).timeline;
        timeline
            .into_iter()
            .map(|timed| timed.change)
            .collect::<Vec<_>>()
    };
    let store = Selector {
        service: Some(ServiceId(1)),
        ..Selector::default()
    };
    let process = |selector, effect| vec![Change::Process { selector, effect }];
    assert_eq!(
        change(r#"Process(service: "store", effect: Kill)"#),
        process(store, ProcessEffect::Kill)
    );
    let narrow = Selector {
        region: Some(RegionId(0)),
        version: Some(VersionId(2)),
        zone: Some(2),
        slot: Some(8),
        share_q32: Some(ONE_Q32 / 4),
        ..store
    };
    assert_eq!(
        change(
            r#"Process(service: "store", regions: ["north"], only: (version: "2.0.0", zone: 2, slot: 8, share: "25%"),
               effect: Pause("2s"))"#
        ),
        process(
            narrow,
            ProcessEffect::Pause {
                for_ns: 2 * SECOND_NS
            }
        )
    );
    for (text, effect) in [
        ("Freeze", ProcessEffect::Pause { for_ns: 0 }),
        ("Resume", ProcessEffect::Resume),
        (
            "Speed(\"0.5\")",
            ProcessEffect::Speed {
                speed_q16: ONE_Q16 / 2,
            },
        ),
        ("NoQuota", ProcessEffect::Quota(Quota::default())),
        ("FailStart(true)", ProcessEffect::FailStart(true)),
        ("Cordon(true)", ProcessEffect::Cordon(true)),
        ("Drain(false)", ProcessEffect::Drain(false)),
        ("CleanDisk", ProcessEffect::CleanDisk),
    ] {
        let text = format!("Process(service: \"store\", effect: {text})");
        assert_eq!(change(&text), process(store, effect));
    }
    let zone = Selector {
        zone: Some(1),
        ..store
    };
    assert_eq!(
        change(r#"Slowdown(service: "store", only: (zone: 1), factor: "2")"#),
        [Change::Slowdown {
            selector: zone,
            factor_q16: 2 * ONE_Q16
        }]
    );
    assert_eq!(
        change(r#"Errors(service: "store", only: (zone: 1), share: "25%")"#),
        [Change::Errors {
            selector: zone,
            failure_q32: ONE_Q32 / 4
        }]
    );
    let fleet = |action| {
        [Change::Fleet {
            deployment: DeploymentId(2),
            action,
        }]
    };
    assert_eq!(
        change(r#"Scale(service: "store", replicas: 9)"#),
        fleet(FleetAction::Scale { replicas: 9 })
    );
    assert_eq!(
        change(r#"Canary(service: "store", version: "2.0.0", share: "25%", pause: "5m")"#),
        fleet(FleetAction::Canary {
            version: VersionId(2),
            share_q32: ONE_Q32 / 4,
            pause_ns: 300 * SECOND_NS
        })
    );
    assert_eq!(
        change(r#"Proceed(service: "store")"#),
        fleet(FleetAction::Proceed)
    );
    assert_eq!(
        change(r#"Autoscale(service: "store", on: false)"#),
        fleet(FleetAction::Autoscale(false))
    );
}

/// Each limit: the value at it gives nothing, one beyond gives the finding.
#[test]
fn limits() {
    let within = |text: &str| {
        let fields = instance(text);
        check(&[(STORE, &fields)], &[]);
    };
    let beyond = |text: &str, part: &str| {
        let fields = instance(text);
        check(&[(STORE, &fields)], &[("E0203", part)]);
    };
    within("memory: (limit: \"100MiB\", base: \"99MiB\", garbage: \"100MiB\")");
    beyond(
        "memory: (limit: \"100MiB\", base: ◆\"100MiB\")",
        "less than the limit",
    );
    beyond(
        "memory: (limit: \"100MiB\", base: \"1MiB\", garbage: ◆\"101MiB\")",
        "more garbage",
    );
    within("descriptors: (limit: 1000000, base: 1000000)");
    beyond(
        "descriptors: (limit: ◆1000001)",
        "limit must be between 1 and 1000000",
    );
    beyond(
        "descriptors: (limit: 20, base: ◆21)",
        "base must be between 0 and 20",
    );
    within("ports: (limit: 65535)");
    beyond(
        "ports: (limit: ◆65536)",
        "limit must be between 1 and 65535",
    );
    within("disk: (capacity: \"1MiB\", used: \"1MiB\")");
    beyond("disk: (capacity: \"1MiB\", used: ◆\"2MiB\")", "more in use");
    within("warm_up: (factor: \"1000\", over: \"1s\")");
    beyond(
        "warm_up: (factor: ◆\"1000.1\", over: \"1s\")",
        "at most 1000",
    );
    beyond("warm_up: (factor: ◆\"0.9\", over: \"1s\")", "at least 1");
    beyond("warm_up: (factor: \"2\", over: ◆\"0s\")", "above 0");
    within("quota: (time: \"1us\", period: \"1ms\")");
    beyond("quota: (time: \"1us\", period: ◆\"999us\")", "at least 1ms");

    let within = |text: &str| {
        let fields = beside(text);
        check(&[(STORE, &fields)], &[]);
    };
    let beyond = |text: &str, part: &str| {
        let fields = beside(text);
        check(&[(STORE, &fields)], &[("E0203", part)]);
    };
    within("health: (interval: \"100ms\", timeout: \"100ms\", unhealthy: 1000)");
    beyond(
        "health: (interval: ◆\"99ms\", timeout: \"1ms\")",
        "at least 100ms",
    );
    beyond(
        "health: (interval: \"1s\", timeout: ◆\"2s\")",
        "at most the interval",
    );
    beyond(
        "health: (interval: \"1s\", timeout: \"1s\", unhealthy: ◆1001)",
        "unhealthy must be between 1 and 1000",
    );
    beyond(
        "ejection: (failures: ◆0, base: \"1s\")",
        "failures must be between",
    );
    within("autoscaler: (target: \"1%\", least: 6, most: 6)");
    beyond("autoscaler: (target: ◆\"0%\", most: 6)", "above 0");
    beyond(
        "autoscaler: (target: \"1%\", least: ◆7, most: 6)",
        "least must be between 1 and 6",
    );
    within("slots: {\"north\": 2}");
    beyond(
        "slots: {\"north\": ◆1}",
        "slots must be between 2 and 10000",
    );
    within("rollout: (max_surge: 1, max_unavailable: 0)");
    beyond(
        "rollout: (max_unavailable: ◆0)",
        "at least 1 without a surge",
    );
    let fields = beside("slots: {\"north\": ◆10001}");
    let found = crate::common::diagnostics(&[(STORE, &fields.replace('◆', ""))]);
    let codes: Vec<&str> = found.iter().map(|d| d.code).collect();
    assert!(
        codes.contains(&"E0203") && codes.contains(&"E0202"),
        "{found:#?}"
    );
}

/// Changes that name what there is not.
#[test]
fn changes_name_what_exists() {
    // Beside the deploy, which keeps its record: a release that nothing deploys is a finding of its own.
    let check_one = |text: &str, code: &str, part: &str| {
        let both = format!("timeline: [(at: \"20m30s\", change: {text}), ");
        check(&[("timeline: [", &both)], &[(code, part)]);
    };
    check_one(
        "Process(service: ◆\"stroe\", effect: Kill)",
        "E0301",
        "unknown service",
    );
    check_one(
        "Process(service: \"store\", only: (zone: ◆1), effect: Kill)",
        "E0203",
        "zone must be between 0 and 0",
    );
    check_one(
        "Process(service: \"store\", only: (slot: ◆2), effect: Kill)",
        "E0203",
        "slot must be between 0 and 1",
    );
    check_one(
        "Process(service: \"store\", only: (version: ◆\"3\"), effect: Kill)",
        "E0301",
        "unknown version",
    );
    check_one(
        "Process(service: \"store\", effect: Pause(◆\"0s\"))",
        "E0203",
        "above 0",
    );
    check_one(
        "Process(service: \"store\", effect: Leak((memory: ◆\"5\")))",
        "E0201",
        "a number of bytes",
    );
    check_one(
        "Process(service: \"store\", effect: Quota((time: \"1ms\", period: ◆\"1us\")))",
        "E0203",
        "at least 1ms",
    );
    check_one(
        "Scale(service: \"store\", replicas: ◆3)",
        "E0203",
        "has 2 instance slots",
    );
    check_one(
        "Canary(service: \"store\", version: ◆\"9\", share: \"5%\")",
        "E0301",
        "unknown version",
    );
    check_one(
        "Canary(service: \"store\", version: \"2.0.0\", share: ◆\"0%\")",
        "E0203",
        "above 0",
    );
    check_one(
        "Autoscale(service: ◆\"store\", on: true)",
        "E0404",
        "has no autoscaler",
    );
    check_one(
        "Slowdown(service: \"store\", only: (zone: ◆1), factor: \"2\")",
        "E0203",
        "zone must be",
    );
    check(
        &[("latency:", "zones: {\"north\": ◆17}, latency:")],
        &[("E0203", "zones must be between 1 and 16")],
    );
    check(
        &[("latency:", "zones: {\"west\": ◆2}, latency:")],
        &[("E0301", "unknown region")],
    );
}
