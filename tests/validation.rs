//! The engine against closed forms and published measurements: the table of `brownout validate`, at sizes that fit here.

use std::path::Path;

use brownout::validation::formulas::{mm1k_loss, mmc_sojourn};
use brownout::validation::network::compile_text;
use brownout::validation::stations::{Survey, observe, survey};
use brownout::validation::{Case, cases};

fn quick(case: &Case, stretch_percent: u64) -> Vec<brownout::validation::Finding> {
    let size = case.quick.expect("a case for tests");
    case.check(size, stretch_percent)
        .unwrap_or_else(|e| panic!("{}: {e:#}", case.name))
}

/// Every second case from `first`, so that two threads share the work.
fn half(first: usize) -> impl Iterator<Item = &'static Case> {
    let fit = cases().filter(|case| case.quick.is_some());
    fit.skip(first).step_by(2)
}

fn all_hold(first: usize) {
    let missed: Vec<_> = half(first)
        .flat_map(|case| quick(case, 100))
        .filter(|finding| !finding.ok)
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn the_engine_is_what_theory_says() {
    all_hold(0);
}

#[test]
fn the_engine_is_what_theory_says_too() {
    all_hold(1);
}

/// A gate that lets a computation take 5 % longer is no gate.
fn longer_is_noticed(first: usize) {
    for case in half(first) {
        let timed = case.quantities.iter().map(|q| q.timed);
        if !timed.clone().any(|timed| timed) {
            continue;
        }
        for (finding, timed) in quick(case, 105).iter().zip(timed) {
            assert!(
                !timed || !finding.ok,
                "5 % more would pass unnoticed: {finding:#?}"
            );
        }
    }
}

#[test]
fn five_percent_longer_would_be_noticed() {
    longer_is_noticed(0);
}

#[test]
fn five_percent_longer_would_be_noticed_too() {
    longer_is_noticed(1);
}

/// Names are how cases are chosen; the table covers what it is meant to cover.
#[test]
fn cases_have_names_of_their_own() {
    let mut names: Vec<&str> = cases().map(|case| case.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two cases of one name");
    assert!(cases().all(|case| !case.quantities.is_empty() && !case.source.is_empty()));
}

fn surveyed(file: &str) -> Survey {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/stations");
    let text = std::fs::read_to_string(path.join(file)).expect("an example");
    let blueprint = compile_text(&text).unwrap_or_else(|e| panic!("{file}: {e:#}"));
    let seeds: Vec<_> = (1..=8)
        .map(|seed| observe(&blueprint, seed, 100_000).expect("a run"))
        .collect();
    survey(&blueprint, 100_000, &seeds)
}

#[track_caller]
fn assert_near(measured: f64, expected: f64, what: &str) {
    assert!(
        (measured / expected - 1.0).abs() < 0.03,
        "{what}: {measured}, expected {expected}"
    );
}

/// The examples of docs/STATIONS.md give what the page says theory gives.
#[test]
fn examples_give_what_theory_says() {
    let single = surveyed("single.ron");
    assert_near(single.stations[0].wait_ms.mean, 4.0, "wait");
    assert_near(single.stations[0].utilisation.mean, 0.8, "utilisation");
    assert_near(single.sojourn_ms.mean, 5.0, "sojourn");
    assert_near(single.rate_per_s.mean, 800.0, "rate");
    let width = single.sojourn_ms.half_width.expect("several seeds");
    assert!(width > 0.0 && width < 0.5, "half width {width}");
    let chain = surveyed("chain.ron");
    assert_near(chain.sojourn_ms.mean, 3.0 * mmc_sojourn(2, 0.7), "chain");
    let tree = surveyed("tree.ron");
    assert_near(tree.sojourn_ms.mean, 1.5, "tree");
    let network = surveyed("network.ron");
    assert_near(network.stations[0].wait_ms.mean, 0.6 / 0.4, "front");
    let detour = network.stations[1].sojourn_ms.mean;
    assert_near(detour, 2.0 / (1.0 - 0.48), "detour");
    let loss = mm1k_loss(0.9, 10);
    assert_near(network.stations[2].loss.mean, loss, "store's loss");
    assert_near(network.loss.mean, loss, "users' loss");
}

/// Every block of the page is in the language: whole systems, or fields put into one.
#[test]
fn the_page_about_stations_is_in_the_language() {
    let page = include_str!("../docs/STATIONS.md");
    let blocks: Vec<&str> = page
        .split("```ron\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() >= 5, "{}", blocks.len());
    for block in blocks {
        let block = block.trim();
        let leaf = |name: &str| {
            format!(
                "(name: \"{name}\", replicas: {{\"r\": 1}}, endpoints: [(name: \"go\", steps: [Compute(\"1ms\")])]),"
            )
        };
        let (mut steps, mut traffic, mut calls) =
            ("steps: [Compute(\"1ms\")]", "rates: {\"r\": \"10/s\"}", "");
        match block.split(':').next() {
            Some("steps") => steps = block,
            Some("users") => traffic = block,
            Some("calls") => calls = block,
            _ => {
                compile_text(block).unwrap_or_else(|e| panic!("{block}\n{e:#}"));
                continue;
            }
        }
        let more = if calls.is_empty() { "" } else { "," };
        let others: String = ["detour", "left", "right", "last"].map(leaf).concat();
        let text = format!(
            "System(format: 1, name: \"mine\", title: \"Mine\", regions: [\"r\"], \
             latency: (within: \"0s\", between: \"0s\"), {calls}{more} \
             flags: [(name: \"detour\", on: \"40%\")], services: [(name: \"station\", replicas: {{\"r\": 1}}, \
             endpoints: [(name: \"go\", {steps})]), {others}], flows: [(name: \"users\", title: \"Users\", \
             entry: (\"station\", \"go\"), slow: \"1h\", timeout: \"1h\", main: true, {traffic})])"
        );
        compile_text(&text).unwrap_or_else(|e| panic!("{block}\n{e:#}"));
    }
}
