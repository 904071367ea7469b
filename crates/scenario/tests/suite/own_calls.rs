//! Releases that call other services in a way of their own, in all truths or in one.

use brownout_scenario::compiled::Scenario;
use brownout_scenario::{MemoryFiles, compile, load};
use brownout_sim::blueprint::{Change, Edge, SECOND_NS, Step};

use crate::common::{SCENARIO, SYSTEM, check};

/// A second release, of the edge, that calls the store otherwise.
const RELEASE: (&str, &str) = (
    "    versions: [\n",
    "    versions: [\n(service: \"edge\", name: \"1.1.0\", notes: \"New.\", calls: {\"store\": (timeout: \"3s\")}),",
);
const DEPLOYED: (&str, &str) = (
    "    timeline: [\n",
    "    timeline: [\n(at: \"20m\", change: Deploy(service: \"edge\", version: \"1.1.0\")),",
);

fn compiled(edits: &[(&str, &str)]) -> Scenario {
    let mut text = SCENARIO.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let files = MemoryFiles::new(&[("s/scenario.ron", &text), ("systems/shop.ron", SYSTEM)]);
    let (loaded, found) = load(&files, "s/scenario.ron");
    assert_eq!(found, []);
    compile(&loaded.expect("it loads"), None, 1).expect("it compiles")
}

/// The call of a version of the edge to the store.
fn call<'s>(scenario: &'s Scenario, version: &str) -> &'s Edge {
    let blueprint = &scenario.blueprint;
    let version = blueprint.versions.iter().find(|v| v.name == version);
    let mut steps = version.expect("it is there").code.iter();
    let edge = steps.find_map(|step| match step {
        Step::Call(edge) => Some(*edge),
        _ => None,
    });
    &blueprint.edges[edge.expect("it calls").index()]
}

#[test]
fn a_release_brings_its_policy_and_keeps_the_rest() {
    let scenario = compiled(&[RELEASE, DEPLOYED]);
    let (old, new) = (call(&scenario, "1.0.0"), call(&scenario, "1.1.0"));
    assert_eq!((old.timeout_ns, old.attempts), (SECOND_NS, 2));
    assert_eq!((new.timeout_ns, new.attempts), (3 * SECOND_NS, 2));
    assert_eq!((old.client, old.target), (new.client, new.target));
}

/// A setting that is read live: how calls are made from a moment on, region by region or everywhere.
#[test]
fn a_setting_of_calls_changes_without_a_release() {
    let change = |fields: &str| {
        let text = format!(
            "    timeline: [\n(at: \"22m\", change: Calls(service: \"edge\", callee: \"store\", {fields})),"
        );
        let scenario = compiled(&[("    timeline: [\n", &text)]);
        let calls = scenario
            .blueprint
            .timeline
            .iter()
            .filter_map(|timed| match timed.change {
                Change::Calls { region, terms, .. } => Some((timed.at_ns, region, terms)),
                _ => None,
            });
        calls.collect::<Vec<_>>()
    };
    let everywhere = change("timeout: \"200ms\", attempts: 4");
    let [(at_ns, None, terms)] = everywhere[..] else {
        panic!("{everywhere:?}");
    };
    assert_eq!(at_ns, 22 * 60 * SECOND_NS);
    assert_eq!(terms.timeout_ns, Some(SECOND_NS / 5));
    assert_eq!(
        (terms.attempts, terms.pool, terms.open),
        (Some(4), None, None)
    );
    let one = change("regions: [\"north\"], attempts: 1");
    assert!(matches!(one[..], [(_, Some(_), _)]), "{one:?}");
}

#[test]
fn a_release_without_a_policy_shares_the_edge() {
    let plain = (
        RELEASE.0,
        "    versions: [\n(service: \"edge\", name: \"1.1.0\", notes: \"New.\"),",
    );
    let scenario = compiled(&[plain, DEPLOYED]);
    assert!(std::ptr::eq(
        call(&scenario, "1.0.0"),
        call(&scenario, "1.1.0")
    ));
}

/// What a truth says goes before what the release says, field by field.
#[test]
fn a_truth_goes_before_the_release() {
    let hidden = (
        "            unset: [",
        "            calls: [(service: \"edge\", version: \"1.1.0\", callee: \"store\", policy: (attempts: 4))],\n            unset: [",
    );
    let scenario = compiled(&[RELEASE, DEPLOYED, hidden]);
    let new = call(&scenario, "1.1.0");
    assert_eq!((new.timeout_ns, new.attempts), (3 * SECOND_NS, 4));
    let old = call(&scenario, "1.0.0");
    assert_eq!((old.timeout_ns, old.attempts), (SECOND_NS, 2));
}

#[test]
fn names_and_quantities_are_checked() {
    let release = |calls: &str| {
        format!(
            "    versions: [\n(service: \"edge\", name: \"1.1.0\", notes: \"New.\", calls: {calls}),"
        )
    };
    for (calls, code, words) in [
        ("{\"storr\": ◆(timeout: \"3s\")}", "E0301", "service"),
        ("{\"store\": (timeout: ◆\"0s\")}", "E0203", "above 0"),
        (
            "{\"store\": (fallback: ◆call(\"store\", \"sell\"))}",
            "E0404",
            "another call",
        ),
    ] {
        check(&[(RELEASE.0, &release(calls)), DEPLOYED], &[(code, words)]);
    }
    for (row, code, words) in [
        (
            "(service: ◆\"egde\", version: \"1.1.0\", callee: \"store\", policy: ())",
            "E0301",
            "service",
        ),
        (
            "(service: \"edge\", version: ◆\"1.1.1\", callee: \"store\", policy: ())",
            "E0301",
            "version",
        ),
        (
            "(service: \"edge\", version: \"1.1.0\", callee: ◆\"shop\", policy: ())",
            "E0301",
            "service",
        ),
        (
            "(service: \"edge\", version: \"1.1.0\", callee: \"store\", policy: (attempts: ◆0))",
            "E0203",
            "attempts",
        ),
    ] {
        let hidden = format!("            calls: [{row}],\n            unset: [");
        check(
            &[RELEASE, DEPLOYED, ("            unset: [", &hidden)],
            &[(code, words)],
        );
    }
}
