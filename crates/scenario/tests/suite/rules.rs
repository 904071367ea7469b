//! Limits, ranges, structure, the rules of a scenario, and warnings: each at its place, at the limit and one beyond.

use std::fmt::Write;

use crate::common::{Edit, SYSTEM, check};
use brownout_scenario::{MemoryFiles, load_system};

/// The first edit is within the limit and gives nothing, the second is one beyond.
fn check_limit(from: &str, within: &str, beyond: &str, expected: (&str, &str)) {
    check(&[(from, within)], &[]);
    check(&[(from, beyond)], &[expected]);
}

#[test]
fn ranges() {
    check_limit(
        "attempts: 2",
        "attempts: 10",
        "attempts: ◆11",
        ("E0203", "attempts must be between 1 and 10, found 11"),
    );
    check_limit(
        "attempts: 2",
        "attempts: 1",
        "attempts: ◆0",
        ("E0203", "attempts must be between 1 and 10, found 0"),
    );
    check_limit(
        "attempts: 2",
        "pool: 1",
        "pool: ◆0",
        ("E0203", "pool must be between 1 and 1000000"),
    );
    let breaker = |window: &str, failures: &str| {
        format!("breaker: (window: {window}, failures: {failures}, open: \"5s\", tries: 1)")
    };
    check_limit(
        "attempts: 2",
        &breaker("64", "64"),
        &breaker("◆65", "64"),
        ("E0203", "window must be between 1 and 64"),
    );
    check_limit(
        "attempts: 2",
        &breaker("10", "10"),
        &breaker("10", "◆11"),
        ("E0203", "failures must be between 1 and 10"),
    );
    check_limit(
        "attempts: 2",
        "hedge: \"1ms\"",
        "hedge: ◆\"0ms\"",
        ("E0203", ""),
    );
    check_limit(
        "Compute(\"3ms\")",
        "ComputeAs(\"3ms\", hyper_exponential(\"1\"))",
        "ComputeAs(\"3ms\", hyper_exponential(◆\"0.9\"))",
        ("E0203", "squared coefficient of variation"),
    );
    check_limit(
        "Compute(\"3ms\")",
        "ComputeAs(\"3ms\", erlang(100))",
        "ComputeAs(\"3ms\", erlang(◆101))",
        ("E0203", "phases"),
    );
    check_limit(
        "rates: {\"north\": \"5/s\"}",
        "users: {\"north\": (count: 100000, think: \"1s\")}",
        "users: {\"north\": (count: ◆100001, think: \"1s\")}",
        ("E0203", "count must be between 1 and 100000"),
    );
    check_limit(
        "queue: 20",
        "queue: 1000000",
        "queue: ◆1000001",
        ("E0203", "queue must be between 0 and 1000000"),
    );
    check_limit(
        "workers: 10",
        "workers: 1000000",
        "workers: ◆1000001",
        ("E0203", "workers must be between 1 and 1000000"),
    );
    check_limit(
        "workers: 10",
        "workers: 1",
        "workers: ◆0",
        ("E0203", "workers must be between 1 and 1000000"),
    );
    check_limit(
        "cores: 1",
        "cores: 1",
        "cores: ◆0",
        ("E0203", "cores must be between 1"),
    );
    check_limit(
        "\"north\": 2}",
        "\"north\": 1}",
        "\"north\": ◆0}",
        ("E0203", "replicas must be between 1"),
    );
    check_limit(
        "main: true",
        "main: true, weight: 1000000",
        "main: true, weight: ◆1000001",
        ("E0203", "weight must be"),
    );
    check_limit(
        "timeout: \"1s\"",
        "timeout: \"1ns\"",
        "timeout: ◆\"0s\"",
        ("E0203", "expected a duration above 0"),
    );
    check_limit(
        "\"5/s\"",
        "\"1000000/s\"",
        "◆\"1000001/s\"",
        ("E0201", "at most 1000000/s"),
    );
    check_limit(
        "title: \"Small\"",
        "title: \"Small\", difficulty: 5",
        "title: \"Small\", difficulty: ◆6",
        ("E0203", "difficulty"),
    );
    check_limit(
        "home: \"north\",",
        "rollout: (max_unavailable: 1),",
        "rollout: (max_unavailable: ◆0),",
        ("E0203", "max_unavailable"),
    );
    check(
        &[(
            "format: 2,\n    name: \"small\"",
            "format: ◆3,\n    name: \"small\"",
        )],
        &[(
            "E0112",
            "this release reads formats 1 to 2: a newer one is needed",
        )],
    );
    check(
        &[
            ("2026-03-04T17:40:00Z\"", "2026-02-30T17:40:00Z\""),
            ("starts: ", "starts: ◆"),
        ],
        &[("E0201", "expected a calendar time")],
    );
}

/// Sums of durations and products of pauses must stay far from the end of the clock.
#[test]
fn quantities_stay_far_from_overflow() {
    check_limit(
        "within: \"1ms\"",
        "within: \"720h\"",
        "within: ◆\"720h1ns\"",
        ("E0202", "at most 30 days"),
    );
    check_limit(
        "attempts: 2",
        "backoff_factor: \"100\"",
        "backoff_factor: ◆\"100.1\"",
        ("E0203", "at most 100"),
    );
    check_limit(
        "\"5/s\"",
        "\"0.002/h\"",
        "◆\"0.001/h\"",
        ("E0203", "fewer than one request in 30 days"),
    );
    check_limit(
        "before: \"2h\"",
        "before: \"87600h\"",
        "before: ◆\"87601h\"",
        ("E0202", "at most 10 years"),
    );
}

#[test]
fn alerts_that_make_sense() {
    let signal = "FlowSuccessBelow(\"buy\", \"97%\")";
    check_limit(
        "\"97%\"",
        "\"99.99%\"",
        "◆\"101%\"",
        ("E0201", "between \"0%\" and \"100%\""),
    );
    check_limit(
        "\"97%\"",
        "\"0.1%\"",
        "◆\"0%\"",
        ("E0203", "can never fire"),
    );
    check_limit(
        signal,
        "SaturationAbove(\"edge\", \"99%\")",
        "SaturationAbove(\"edge\", ◆\"100%\")",
        ("E0203", "can never fire"),
    );
    check_limit(
        signal,
        "FlowLatencyAbove(\"buy\", \"1ns\")",
        "FlowLatencyAbove(\"buy\", ◆\"0s\")",
        ("E0203", "above 0"),
    );
    check_limit(
        "window: \"1m\"",
        "window: \"60m\"",
        "window: ◆\"3601s\"",
        ("E0203", "between 1s and 60m"),
    );
    check_limit(
        "window: \"1m\"",
        "window: \"1s\"",
        "window: ◆\"999ms\"",
        ("E0203", "between 1s and 60m"),
    );
    check_limit(
        "hold: \"1m\"",
        "hold: \"60m\"",
        "hold: ◆\"61m\"",
        ("E0203", "at most 60m"),
    );
    check_limit(
        "level: page",
        "level: page",
        "level: ◆warning",
        ("W0606", "labelled as a warning"),
    );
    check_limit(
        "\"97%\"",
        "\"99.999%\"",
        "◆\"100%\"",
        ("W0608", "any single failure"),
    );
    check_limit(
        signal,
        "FlowLatencyAbove(\"buy\", \"4999ms\")",
        "FlowLatencyAbove(\"buy\", ◆\"5s\")",
        ("W0608", "nobody waits that long"),
    );
    // One that nobody calls has nothing to alert on.
    let alone =
        "(name: \"idle\", replicas: {\"north\": 1}, endpoints: [(name: \"x\", steps: [])]),";
    let idle = alone.replacen("\"idle\"", "◆\"idle\"", 1);
    check(
        &[
            (signal, "ServiceErrorsAbove(◆\"idle\", \"5%\")"),
            ("services: [", &format!("services: [{idle}")),
        ],
        &[("W0609", "nobody calls `idle`"), ("W0601", "never called")],
    );
}

#[test]
fn names_and_texts() {
    let long = |length: usize, mark: &str| {
        format!(
            "notes: \"New.\", feature: \"\", hunks: [({mark}\"{}\", \"\")]",
            "x".repeat(length)
        )
    };
    check_limit(
        "notes: \"New.\"",
        &long(256, ""),
        &long(257, "◆"),
        ("E0202", "257 bytes; at most 256"),
    );
    check(
        &[("name: \"small\"", "name: ◆\"\"")],
        &[("E0303", "must not be empty")],
    );
    check(
        &[("summary: \"Something is wrong.\"", "summary: ◆\" \"")],
        &[("E0303", "expected a text")],
    );
    check(
        &[("name: \"small\"", "name: ◆\"sm\\u{202e}all\"")],
        &[("E0303", "cannot be seen")],
    );
    check(
        &[("name: \"small\"", "name: ◆\" small\"")],
        &[("E0303", "spaces at the ends")],
    );
}

#[test]
fn times_of_a_scenario() {
    let edit = |from: &'static str, to: &'static str| -> Edit<'static> { (from, to) };
    check_limit(
        "horizon: \"50m\"",
        "horizon: \"720h\"",
        "horizon: ◆\"720h1s\"",
        ("E0202", "at most 30 days"),
    );
    check_limit(
        "latest: \"30m\"",
        "latest: \"2999s\"",
        "latest: ◆\"50m\"",
        ("E0507", "at or after the horizon"),
    );
    // The trigger goes with the onset, or it would come after it.
    check(
        &[
            edit("onset: \"21m\"", "onset: \"20m\""),
            edit("at: \"21m\"", "at: \"20m\""),
        ],
        &[],
    );
    check(
        &[
            edit("onset: \"21m\"", "onset: ◆\"1199s\""),
            edit("at: \"21m\"", "at: \"1199s\""),
        ],
        &[("E0502", "at least 20 simulated minutes")],
    );
    check(
        &[edit("onset: \"21m\"", "onset: ◆\"1259s\"")],
        &[("W0610", "the trigger comes after the onset")],
    );
    check_limit(
        "onset: \"21m\"",
        "onset: \"2999s\"",
        "onset: ◆\"50m\"",
        ("E0503", "at or after the horizon"),
    );
    check(
        &[
            edit("onset: \"21m\"", "onset: \"2999s\""),
            edit("at: \"21m\"", "at: \"2999s\""),
        ],
        &[],
    );
    check(
        &[edit("at: \"21m\"", "at: ◆\"3001s\"")],
        &[("E0501", "after the horizon")],
    );
    check(
        &[edit("before: \"2h\"", "before: ◆\"0s\"")],
        &[("E0203", "above 0")],
    );
}

/// A control names mechanisms under which nothing is broken, and only a control does.
#[test]
fn controls_and_their_mechanisms() {
    let harmless = "mechanism: \"background-work\"";
    let onset = ("onset: \"21m\"", "onset: \"21m\", control: true");
    check(
        &[
            onset,
            ("mechanism: \"bad-code\"", harmless),
            ("sustaining: \"bad-code\"", "sustaining: \"expected-load\""),
        ],
        &[],
    );
    check(
        &[
            onset,
            ("mechanism: \"bad-code\"", harmless),
            ("sustaining: \"bad-code\"", "sustaining: ◆\"bad-code\""),
        ],
        &[("E0511", "`bad-code` is something that is")],
    );
    check(
        &[("mechanism: \"bad-code\"", "mechanism: ◆\"mistaken-alarm\"")],
        &[("E0511", "this truth is no control")],
    );
}

/// Alerts on cores and on backlogs: what they watch has to exist, and a share has to be one.
#[test]
fn alerts_on_cores_and_backlogs() {
    let alert = "FlowSuccessBelow(\"buy\", \"97%\")";
    check(&[(alert, "CpuAbove(\"store\", \"80%\")")], &[]);
    check(&[(alert, "WaitingAbove(\"store\", 0)")], &[]);
    check(
        &[(alert, "CpuAbove(\"store\", ◆\"100%\")")],
        &[("E0203", "can never rise above 100%")],
    );
    check(
        &[(alert, "CpuAbove(◆\"stor\", \"80%\")")],
        &[("E0301", "did you mean `store`?")],
    );
    check(
        &[(alert, "WaitingAbove(◆\"stor\", 10)")],
        &[("E0301", "did you mean `store`?")],
    );
}

#[test]
fn structure_of_a_system() {
    check(
        &[("main: true", "main: false"), ("flows: [", "flows: ◆[")],
        &[("E0403", "no flow is the main one")],
    );
    let two = "flows: [(name: \"x\", title: \"X\", entry: (\"edge\", \"buy\"), slow: \"1s\", timeout: \"5s\", rates: {\"south\": \"1/s\"}, main: true),";
    check(
        &[
            ("flows: [", two),
            (
                "{\"north\": \"5/s\"}, main: true",
                "{\"north\": \"5/s\"}, main: ◆true",
            ),
        ],
        &[("E0403", "`x` already is")],
    );
    check(
        &[("home: \"north\"", "home: ◆\"south\"")],
        &[("E0404", "no replicas in its home region")],
    );
    check(
        &[("rates: {\"north\": \"5/s\"}", "rates: ◆{}")],
        &[("E0402", "at least one region")],
    );
    check(
        &[(
            "main: true",
            "main: true, segments: ◆{\"guest\": \"50%\", \"member\": \"49%\"}",
        )],
        &[("E0203", "add up to 100%")],
    );
    check(
        &[(
            "main: true",
            "main: true, segments: {\"guest\": \"33.3%\", \"member\": \"66.7%\"}",
        )],
        &[],
    );
    check(
        &[("home: \"north\"", "host: ◆\"edge.internal\"")],
        &[("E0302", "duplicate host `edge.internal`")],
    );
    check(
        &[(
            "regions: [\"north\"]),\n            record",
            "regions: [◆\"south\"]),\n            record",
        )],
        &[("E0404", "`store` does not run in `south`")],
    );
}

#[test]
fn circles_of_calls() {
    check(
        &[
            ("FailShare(\"0.1%\")", "Call(\"edge\", \"buy\")"),
            ("endpoints: [(name: \"buy\"", "endpoints: [◆(name: \"buy\""),
        ],
        &[("E0401", "edge `buy` → store `sell` → edge `buy`")],
    );
    check(
        &[
            ("FailShare(\"0.1%\")", "Publish(\"store\", \"sell\")"),
            (
                "endpoints: [(name: \"sell\", steps: [If",
                "endpoints: [◆(name: \"sell\", steps: [If",
            ),
        ],
        &[("E0401", "store `sell` → store `sell`")],
    );
    // Also through a release only.
    check(
        &[
            ("Compute(\"3ms\")", "Call(\"edge\", \"buy\")"),
            ("endpoints: [(name: \"buy\"", "endpoints: [◆(name: \"buy\""),
        ],
        &[("E0401", "circle")],
    );
}

#[test]
fn rules_of_truths_and_people() {
    check(
        &[(
            "path: [\"store\", \"edge\"]",
            "path: [◆\"edge\", \"store\"]",
        )],
        &[("E0504", "must begin with the guilty component `store`")],
    );
    check(
        &[
            ("record: (title: \"Deploy store 2.0.0\", by: \"Ann\"),", ""),
            ("trigger: ", "trigger: ◆"),
        ],
        &[("E0505", "leaves no record")],
    );
    check(
        &[("failing: \"5%\"", "failing: ◆\"50%\"")],
        &[("E0506", "from worst to mildest")],
    );
    check(
        &[("people: [(", "people: [◆("), ("owns: \"store\", ", "")],
        &[("E0405", "answers for no service")],
    );
    check(
        &[(
            "component: \"store\",\n            regions: [\"north\"]",
            "component: \"store\",\n            regions: ◆[]",
        )],
        &[("E0402", "at least one of regions")],
    );
}

#[test]
fn warnings() {
    check(
        &[
            ("Call(\"store\", \"sell\")", "Compute(\"1ms\")"),
            ("path: [\"store\", \"edge\"]", "path: [\"store\"]"),
            (
                "name: \"store\",\n            home",
                "name: ◆\"store\",\n            home",
            ),
        ],
        &[("W0601", "service `store` is never called")],
    );
    check(
        &[
            ("IfFlag(\"gift\", [Compute(\"2ms\")])", "Compute(\"1ms\")"),
            ("(name: \"gift\"", "(name: ◆\"gift\""),
        ],
        &[("W0602", "never asked")],
    );
    check(
        &[
            (
                "Deploy(service: \"store\", version: \"2.0.0\", regions: [\"north\"])",
                "Note",
            ),
            ("name: \"2.0.0\"", "name: ◆\"2.0.0\""),
        ],
        &[("W0603", "never deployed")],
    );
    check(
        &[("variable: \"MODE\"", "variable: ◆\"MOOD\"")],
        &[("W0604", "stands in no manifest")],
    );
    check(
        &[(
            "    timeline: [\n",
            "    timeline: [(at: ◆\"22m\", change: Note, record: (title: \"Late\", by: \"Bob\")),\n",
        )],
        &[("W0605", "after the onset")],
    );
}

/// A generated system of `services` services with `replicas` replicas each; every service calls the next `calls` ones.
fn generated(services: usize, replicas: &[usize], calls: usize) -> String {
    let mut text = "System(format: 1, name: \"g\", title: \"G\", regions: [\"r\"], latency: (within: \"1ms\", between: \"1ms\"), services: [".to_owned();
    for index in 0..services {
        let replicas = replicas[index % replicas.len()];
        let targets: String =
            (index + 1..services.min(index + 1 + calls)).fold(String::new(), |mut text, to| {
                let _ = write!(text, "Call(\"s{to}\",\"e\"),");
                text
            });
        let _ = write!(
            text,
            "(name:\"s{index}\",replicas:{{\"r\":{replicas}}},endpoints:[(name:\"e\",steps:[{targets}])]),"
        );
    }
    text + "], flows: [(name: \"f\", title: \"F\", entry: (\"s0\", \"e\"), slow: \"1s\", timeout: \"1s\", rates: {\"r\": \"1/s\"}, main: true)])"
}

fn codes(text: &str) -> Vec<(&'static str, String)> {
    let found = load_system(&MemoryFiles::new(&[("a.ron", text)]), "a.ron").1;
    found
        .into_iter()
        .map(|diagnostic| (diagnostic.code, diagnostic.message))
        .collect()
}

#[test]
fn limits_of_the_graph() {
    assert_eq!(codes(&generated(512, &[1], 1)), []);
    assert_eq!(
        codes(&generated(513, &[1], 1)),
        [("E0202", "513 services; at most 512 are allowed".to_owned())]
    );
    assert_eq!(codes(&generated(100, &[100], 1)), []);
    let one_more: Vec<usize> = (0..100)
        .map(|index| if index == 0 { 101 } else { 100 })
        .collect();
    assert_eq!(
        codes(&generated(100, &one_more, 1)),
        [(
            "E0202",
            "10001 replicas in all services and regions; at most 10000 are allowed".to_owned()
        )]
    );
    // 91 services that all call each other in one direction have 4095 edges, and the flow has one.
    assert_eq!(codes(&generated(91, &[1], 91)), []);
    let found = codes(&generated(91, &[1], 91).replace("flows: [", "flows: [(name: \"g\", title: \"G\", entry: (\"s0\", \"e\"), slow: \"1s\", timeout: \"1s\", rates: {\"r\": \"1/s\"}),"));
    assert_eq!(
        found,
        [(
            "E0202",
            "4097 edges (calling service, called endpoint); at most 4096 are allowed".to_owned()
        )]
    );
}

/// The longest chain of calls that fits into a file must not exhaust the stack.
#[test]
fn long_chains_of_calls_are_followed() {
    let length = 6_000;
    let endpoint = |index: usize| {
        let next = index + 1;
        let step = if next < length {
            format!("Call(\"{}\",\"{next}\")", next / 3_000)
        } else {
            String::new()
        };
        format!("(name:\"{index}\",steps:[{step}]),")
    };
    let service = |from: usize| {
        let endpoints: String = (from..from + 3_000).map(endpoint).collect();
        format!(
            "(name:\"{}\",replicas:{{\"r\":1}},endpoints:[{endpoints}]),",
            from / 3_000
        )
    };
    let flow = "(name:\"f\",title:\"F\",entry:(\"0\",\"0\"),slow:\"1s\",timeout:\"1s\",rates:{\"r\":\"1/s\"},main:true)";
    let head = "System(format:1,name:\"g\",title:\"G\",regions:[\"r\"],latency:(within:\"1ms\",between:\"1ms\")";
    let text = format!(
        "{head},services:[{}{}],flows:[{flow}])",
        service(0),
        service(3_000)
    );
    assert!(text.len() <= 256 * 1024);
    assert_eq!(
        codes(&text)
            .iter()
            .map(|(code, _)| *code)
            .collect::<Vec<_>>(),
        ["E0202"],
        "6000 edges"
    );
}

#[test]
fn limit_of_timed_changes() {
    let notes = |count: usize| "(at: \"1m\", change: Note),".repeat(count);
    let edits = |common: usize, own: usize| {
        (
            format!("    timeline: [\n{}", notes(common)),
            format!("timeline: [{}], unset: [", notes(own)),
        )
    };
    // One change is there already.
    let (common, own) = edits(3_000, 1_095);
    check(&[("    timeline: [\n", &common), ("unset: [", &own)], &[]);
    let (common, own) = edits(3_000, 1_096);
    check(
        &[
            (
                "    timeline: [\n",
                &common.replacen("timeline: [", "timeline: ◆[", 1),
            ),
            ("unset: [", &own),
        ],
        &[("E0202", "4097 timed changes")],
    );
}

/// What `check --json` needs: every finding has a place, a code and a path that says where.
#[test]
fn diagnostics_print_in_the_compilers_form() {
    let found = load_system(
        &MemoryFiles::new(&[(
            "systems/shop.ron",
            &SYSTEM.replace("attempts: 2", "attempts: 0"),
        )]),
        "systems/shop.ron",
    )
    .1;
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["systems/shop.ron:14:56: error[E0203]: attempts must be between 1 and 10, found 0"]
    );
    assert_eq!(found[0].path, "services[0].calls.store.attempts");
}
