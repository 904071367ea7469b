//! Unknown and duplicate names: each with its place and a suggestion, many in one file at once.

use crate::common::check;

#[test]
fn the_small_scenario_is_free_of_complaints() {
    check(&[], &[]);
}

#[test]
fn unknown_names_in_a_system() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "Compute(\"1ms\")",
            "Call(◆\"stoer\", \"sell\")",
            "unknown service `stoer` (did you mean `store`?)",
        ),
        (
            "Compute(\"1ms\")",
            "Call(\"store\", ◆\"sel\")",
            "unknown endpoint `sel` of `store` (did you mean `sell`?)",
        ),
        (
            "Compute(\"1ms\")",
            "Parallel([(\"store\", \"sell\"), (\"store\", ◆\"zzz\")])",
            "known here: sell",
        ),
        (
            "Compute(\"1ms\")",
            "Publish(◆\"stor\", \"sell\")",
            "did you mean `store`?",
        ),
        (
            "IfFlag(\"gift\"",
            "Compute(\"1ms\"), IfFlag(\"gift\", []), IfFlag(◆\"gif\"",
            "unknown flag `gif` (did you mean `gift`?)",
        ),
        (
            "{\"north\": 2}",
            "{\"north\": 2, \"nroth\": ◆1}",
            "unknown region `nroth` (did you mean `north`?)",
        ),
        (
            "home: \"north\"",
            "home: ◆\"nord\"",
            "unknown region `nord`",
        ),
        (
            "calls: {\"store\":",
            "calls: {\"shop\": ◆(), \"store\":",
            "unknown service `shop`",
        ),
        (
            "flows: [\n",
            "flows: [(name: \"x\", title: \"X\", entry: (◆\"egde\", \"buy\"), slow: \"1s\", timeout: \"5s\", rates: {\"south\": \"1/s\"}),\n",
            "did you mean `edge`?",
        ),
        (
            "flows: [\n",
            "flows: [(name: \"x\", title: \"X\", entry: (\"edge\", ◆\"by\"), slow: \"1s\", timeout: \"5s\", rates: {\"south\": \"1/s\"}),\n",
            "did you mean `buy`?",
        ),
        (
            "rates: {\"north\": \"5/s\"}",
            "rates: {\"nort\": ◆\"5/s\"}",
            "did you mean `north`?",
        ),
        (
            "main: true",
            "main: true, segments: {\"member\": \"60%\", \"gues\": ◆\"40%\"}",
            "did you mean `guest`?",
        ),
    ];
    for (from, to, part) in cases {
        check(&[(from, to)], &[("E0301", part)]);
    }
}

#[test]
fn unknown_names_in_a_scenario() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "page: (alert: \"success\"",
            "page: (alert: ◆\"sucess\"",
            "unknown alert `sucess` (did you mean `success`?)",
        ),
        (
            "FlowSuccessBelow(\"buy\"",
            "FlowSuccessBelow(◆\"sell\"",
            "unknown flow `sell` (known here: buy)",
        ),
        (
            "FlowSuccessBelow(\"buy\", \"97%\")",
            "SaturationAbove(◆\"store2\", \"97%\")",
            "did you mean `store`?",
        ),
        (
            "(name: \"sell\", steps: [Compute(\"3ms\")])",
            "(name: ◆\"sale\", steps: [])",
            "unknown endpoint `sale` of `store`",
        ),
        (
            "callee: \"store\"",
            "callee: ◆\"payments\"",
            "known here: edge, store",
        ),
        (
            "record: (title: \"Old\", by: \"Ann\")",
            "record: (title: \"Old\", by: \"Ann\", service: ◆\"Store\", regions: [\"south\"])",
            "did you mean `store`?",
        ),
        (
            "record: (title: \"Old\", by: \"Ann\")",
            "record: (title: \"Old\", by: \"Ann\", regions: [\"south\", ◆\"sout\"])",
            "did you mean `south`?",
        ),
        (
            "version: \"2.0.0\", regions: [\"north\"]",
            "version: \"2.0.0\", regions: [◆\"nrth\"]",
            "did you mean `north`?",
        ),
        (
            "owns: \"store\"",
            "owns: ◆\"stores\"",
            "did you mean `store`?",
        ),
        (
            "knows: [(truth: \"t\"",
            "knows: [(truth: ◆\"u\"",
            "did you mean `t`?",
        ),
        (
            "component: \"store\",\n            regions: [\"north\"]",
            "component: \"store\",\n            regions: [◆\"east\"]",
            "known here: north, south",
        ),
        (
            "mechanism: \"bad-code\"",
            "mechanism: ◆\"bad-coed\"",
            "did you mean `bad-code`?",
        ),
        (
            "sustaining: \"bad-code\"",
            "sustaining: ◆\"inertia\"",
            "unknown mechanism `inertia`",
        ),
        (
            "trigger: \"release\"",
            "trigger: ◆\"relase\"",
            "did you mean `release`?",
        ),
        (
            "path: [\"store\", \"edge\"]",
            "path: [\"store\", ◆\"edgy\"]",
            "did you mean `edge`?",
        ),
        (
            "variable: \"MODE\")",
            "variable: ◆\"MOD\")",
            "unknown variable `MOD` of the manifest (did you mean `MODE`?)",
        ),
        (
            "region: \"north\", variable",
            "region: ◆\"south\", variable",
            "unknown region `south` of the manifest",
        ),
        (
            "version: \"2.0.0\", region: ",
            "version: ◆\"2.0.1\", region: ",
            "did you mean `2.0.0`?",
        ),
        (
            "unset: [(service: \"store\"",
            "unset: [(service: ◆\"storr\"",
            "did you mean `store`?",
        ),
        (
            "manifest: {\"north\": {\"MODE\": \"y\"}}",
            "manifest: {\"north\": {\"MODE\": \"y\"}, \"nowhere\": ◆{}}",
            "unknown region `nowhere`",
        ),
    ];
    for (from, to, part) in cases {
        check(&[(from, to)], &[("E0301", part)]);
    }
}

#[test]
fn unknown_names_in_timed_changes() {
    let cases = [
        (
            "SetFlag(flag: ◆\"gifts\", on: \"5%\")",
            "did you mean `gift`?",
        ),
        (
            "Slowdown(service: ◆\"stor\", factor: \"2\")",
            "did you mean `store`?",
        ),
        (
            "Slowdown(service: \"store\", endpoint: ◆\"seel\", factor: \"2\")",
            "did you mean `sell`?",
        ),
        (
            "Errors(service: \"store\", endpoint: Some(◆\"sells\"), share: \"2%\")",
            "did you mean `sell`?",
        ),
        ("Restart(service: ◆\"shop\")", "known here: edge, store"),
        (
            "SetVariable(service: ◆\"stor\", variable: \"A\", value: None)",
            "did you mean `store`?",
        ),
    ];
    for (change, part) in cases {
        let before_release =
            format!("at: \"20m\", change: {change}), (at: \"21m\",\n            name");
        check(
            &[("at: \"21m\",\n            name", &before_release)],
            &[("E0301", part)],
        );
    }
    check(
        &[
            ("version: \"2.0.0\", regions", "version: ◆\"2.0\", regions"),
            ("name: \"2.0.0\"", "name: ◆\"2.0.0\""),
        ],
        &[
            ("W0603", "version `2.0.0` of `store` is never deployed"),
            ("E0301", "known here: 1.0.0, 2.0.0"),
        ],
    );
}

#[test]
fn duplicate_names() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "[\"north\", \"south\"],\n    segments",
            "[\"north\", \"south\", ◆\"south\"],\n    segments",
            "duplicate region `south`, first given in line 5",
        ),
        (
            "[\"guest\", \"member\"]",
            "[\"guest\", \"member\", ◆\"guest\"]",
            "duplicate segment",
        ),
        (
            "flags: [",
            "flags: [(name: \"gift\", on: \"0%\"), ",
            "duplicate flag",
        ),
        (
            "endpoints: [(name: \"sell\", steps: [IfFlag",
            "endpoints: [(name: \"sell\", steps: []), (name: ◆\"sell\", steps: [IfFlag",
            "duplicate endpoint",
        ),
        (
            "alerts: [",
            "alerts: [(name: \"success\", signal: SaturationAbove(\"edge\", \"5%\"), window: \"1m\", hold: \"1m\", level: page), ",
            "duplicate alert",
        ),
        (
            "reads: [",
            "reads: [(variable: \"MODE\", callee: \"edge\", default: \"\"), ",
            "duplicate variable",
        ),
        (
            "    timeline: [\n",
            "    timeline: [(at: \"20m\", name: \"release\", change: Note, record: (title: \"Old\", by: \"Ann\")),",
            "duplicate timed change",
        ),
        (
            "unset: [",
            "timeline: [(at: \"22m\", name: ◆\"release\", change: Note, record: (title: \"Old\", by: \"Ann\"))], unset: [",
            "duplicate timed change",
        ),
        (
            "people: [",
            "people: [(name: \"Ann\", role: executive, patience: \"1m\"), ",
            "duplicate person",
        ),
        ("name: \"SEV-2\"", "name: ◆\"SEV-1\"", "duplicate severity"),
    ];
    for (from, to, part) in cases {
        if to.contains('◆') {
            check(&[(from, to)], &[("E0302", part)]);
        } else {
            let found = crate::common::diagnostics(&[(from, to)]);
            assert_eq!(
                found.iter().map(|d| d.code).collect::<Vec<_>>(),
                ["E0302"],
                "{found:?}"
            );
            assert!(found[0].message.contains(part), "{}", found[0]);
        }
    }
    check(
        &[
            (
                "    services: [\n",
                "    services: [(name: \"store\", replicas: {\"north\": 1}, endpoints: [(name: \"sell\", steps: [])]),\n",
            ),
            (
                "name: \"store\",\n            home",
                "name: ◆\"store\",\n            home",
            ),
        ],
        &[("E0302", "duplicate service `store`")],
    );
}

/// Several mistakes in both files come back together.
#[test]
fn all_mistakes_at_once() {
    check(
        &[
            (
                "alert: \"success\", latest: \"30m\"",
                "alert: ◆\"succes\", latest: ◆\"soon\"",
            ),
            ("failing: \"50%\"", "failing: ◆\"150%\""),
            ("mechanism: \"bad-code\"", "mechanism: ◆\"bad code\""),
            ("within: \"1ms\"", "within: ◆\"1 ms\""),
            ("attempts: 2", "attempts: ◆11"),
            ("\"0.1%\"", "◆\"0.1\""),
        ],
        &[
            ("E0301", "did you mean `success`?"),
            ("E0201", "expected a duration"),
            ("E0201", "expected a share between \"0%\" and \"100%\""),
            ("E0301", "did you mean `bad-code`?"),
            ("E0201", "expected a duration such as"),
            ("E0203", "attempts must be between 1 and 10, found 11"),
            ("E0201", "expected a share such as"),
        ],
    );
}
