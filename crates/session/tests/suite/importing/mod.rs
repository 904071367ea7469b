//! Goal: an imported system takes as long as what its traces are of. Method: known systems run with tracers, their traces
//! are imported, and the result runs under the product's own telemetry. Expectation: median and 95th percentile of every
//! service within 15 % of those of the spans, rates within 5 %, and the same shares of failures.

mod traced;

use std::fmt::Write;

use brownout_scenario::import::{Format, Imported, Input, Options, import};
use brownout_sim::blueprint::SECOND_NS;
use brownout_sim::ids::ServiceId;
use brownout_sim::world::World;
use brownout_telemetry::Recorder;
use brownout_telemetry::histogram::{Histogram, bucket};
use brownout_telemetry::recorder::SCRAPE_NS;
use brownout_telemetry::signal::{Scope, Signal};

use traced::{Traced, blueprint, run};

/// Largest relative difference, in per cent.
const WITHIN: u64 = 15;

fn library(name: &str) -> String {
    let path = format!(
        "{}/../../scenarios/systems/{name}.ron",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(path).expect("a system of the library")
}

fn imported(format: Format, text: &str) -> Imported {
    let input = Input {
        file: "traces.json",
        text,
    };
    import(format, &[input], &Options::default()).unwrap_or_else(|found| panic!("{found:?}"))
}

/// The durations in the buckets telemetry has.
fn histogram(durations: &[u64]) -> Histogram {
    let mut histogram = Histogram::default();
    for &ns in durations {
        histogram.buckets[bucket(ns)] += 1;
        histogram.sum_ns += ns;
    }
    histogram
}

/// Runs an imported system and compares what telemetry says of each service with its spans.
fn compare(imported: &Imported, traced: &Traced, seconds: u64) {
    let blueprint = blueprint(&imported.text);
    let mut recorder = Recorder::new(&blueprint, Vec::new());
    let mut world = World::new(std::sync::Arc::clone(&blueprint), 11);
    let until_ns = seconds * SECOND_NS;
    let mut at_ns = 0;
    while at_ns < until_ns {
        at_ns += SCRAPE_NS;
        recorder.advance(&mut world, at_ns, u64::MAX);
        recorder.scrape(&world);
    }
    let durations = traced.durations();
    assert!(durations.len() >= 2, "something was traced");
    let mut report = String::new();
    let mut off = 0;
    for (name, durations) in &durations {
        let service = blueprint
            .services
            .iter()
            .position(|service| service.name == *name);
        let service =
            ServiceId::from_index(service.unwrap_or_else(|| panic!("{name} was imported")));
        let scope = Scope::service(service, None);
        let expected = histogram(durations);
        for (signal, per_mille) in [(Signal::LatencyP50, 500), (Signal::LatencyP95, 950)] {
            let was = expected.quantile_ns(per_mille).expect("spans") / 1_000;
            let is = recorder
                .signals()
                .read(signal, scope, until_ns, until_ns)
                .expect("requests");
            let bad = is.abs_diff(was) * 100 > was * WITHIN;
            off += u32::from(bad);
            let _ = writeln!(
                report,
                "{name} {signal:?}: spans {was} µs, run {is} µs{}",
                if bad { "  ←" } else { "" }
            );
        }
        // As many requests as there were, within 5 % and what chance allows for few.
        let is = recorder.signals().tally(scope, 0, until_ns);
        let was = durations.len() as u64;
        let chance = 4 * (1 + was.isqrt());
        assert!(
            is.total().abs_diff(was) * 20 <= was + 20 * chance,
            "{name}: {} requests of {was}",
            is.total()
        );
    }
    assert_eq!(off, 0, "{report}\n{}", imported.text);
    // What the import itself says of its times is measured without buckets.
    assert_eq!(imported.times.len(), durations.len());
    for times in &imported.times {
        for (run, spans) in [
            (times.run_p50_ns, times.spans_p50_ns),
            (times.run_p95_ns, times.spans_p95_ns),
        ] {
            assert!(
                run.abs_diff(spans) * 100 <= spans * WITHIN,
                "{times:?}\n{report}"
            );
        }
    }
}

#[test]
fn ticket_machines_take_as_long_as_their_traces() {
    let traced = run(&library("kiosk"), 60);
    let found = imported(Format::Otlp, &traced.otlp());
    compare(&found, &traced, 60);
}

#[test]
fn a_storefront_in_two_regions_takes_as_long_as_its_traces() {
    let traced = run(&library("storefront"), 30);
    let found = imported(Format::Jaeger, &traced.jaeger());
    compare(&found, &traced, 30);
}

/// Payments choose between cards, wallets and transfers.
#[test]
fn payments_take_as_long_as_their_traces() {
    let traced = run(&library("payments"), 60);
    let found = imported(Format::Otlp, &traced.otlp());
    let choice = found.text.split("OneOf(").nth(1).expect("a choice");
    for callee in ["\"cards\"", "\"wallets\"", "\"transfers\""] {
        assert!(choice.contains(callee), "{callee}: {choice}");
    }
    compare(&found, &traced, 60);
}

/// Large orders are slow at both of two services, and spans do not say that they are large: at an import each service has
/// slow requests of its own. Who calls both is noted, on the terminal and in the file; the two themselves are as their spans.
#[test]
fn what_comes_out_otherwise_is_said() {
    let service = |name: &str, steps: &str| {
        format!(
            r#"(name: "{name}", owner: "Orders", replicas: {{"eu": 4}}, version: "1", instance: (cores: 8, workers: 64, queue: 64),
                endpoints: [(name: "do", steps: [{steps}])]),"#
        )
    };
    let slow = r#"Compute("4ms"), IfShare("large", "8%", [ComputeAs("300ms", constant)])"#;
    let text = format!(
        r#"System(format: 2, name: "orders", title: "Orders", description: "Orders.", regions: ["eu"], latency: (within: "1ms", between: "9ms"),
            flows: [(name: "order", title: "Order", entry: ("front", "do"), slow: "1s", timeout: "5s", main: true, rates: {{"eu": "60/s"}})],
            services: [{}{}{}])"#,
        service(
            "front",
            r#"Compute("2ms"), Call("stock", "do"), Call("prices", "do")"#
        ),
        service("stock", slow),
        service("prices", slow),
    );
    let traced = run(&text, 60);
    let found = imported(Format::Otlp, &traced.otlp());
    let mut off = Vec::new();
    for times in &found.times {
        let differs = |run: u64, spans: u64| run.abs_diff(spans) * 100 > spans * WITHIN;
        let is_off = differs(times.run_p50_ns, times.spans_p50_ns)
            || differs(times.run_p95_ns, times.spans_p95_ns);
        let said = found.notes.iter().any(|note| {
            note.about == times.service && note.reason.contains("differ by more than 15 %")
        });
        assert_eq!(is_off, said, "{times:?}");
        let line = format!("// - {}: durations in a run differ", times.service);
        assert_eq!(found.text.contains(&line), said, "{times:?}");
        off.extend(is_off.then_some(times.service.as_str()));
    }
    assert_eq!(off, ["front"]);
    // With the lines added it is a system file still.
    blueprint(&found.text);
}
