//! What a model becomes: flat programs, edges with their policy, traffic, timed changes.

use crate::common::{SCENARIO, SYSTEM};
use brownout_scenario::graph::ServiceGraph;
use brownout_scenario::{MemoryFiles, compile, compile_system, load, load_system};
use brownout_sim::blueprint::{
    Blueprint, Change, Discipline, ONE_Q16, ONE_Q32, Pool, Sharing, Step,
};
use brownout_sim::dist::Dist;

fn system(text: &str) -> Blueprint {
    let (loaded, found) = load_system(&MemoryFiles::new(&[("a.ron", text)]), "a.ron");
    assert_eq!(
        found
            .iter()
            .filter(|d| !d.code.starts_with('W'))
            .collect::<Vec<_>>(),
        Vec::<&brownout_scenario::Diagnostic>::new()
    );
    compile_system(&loaded.expect("the system loads")).expect("the system compiles")
}

fn with_steps(steps: &str) -> Blueprint {
    system(&SYSTEM.replace(
        "steps: [Compute(\"1ms\"), Call(\"store\", \"sell\")]",
        &format!("steps: [{steps}]"),
    ))
}

/// The code of `edge`'s only endpoint, in a short form.
fn check(steps: &str, expected: &str) {
    let blueprint = with_steps(steps);
    let code: Vec<String> = blueprint.versions[0]
        .code
        .iter()
        .map(|step| match step {
            Step::Compute {
                mean_ns,
                dist,
                failure_q32,
            } => {
                let dist = match dist {
                    Dist::Constant => "=".to_owned(),
                    Dist::Exponential => "~".to_owned(),
                    Dist::LogNormal { sigma_q16 } => format!("ln{sigma_q16}:"),
                    Dist::HyperExponential { scv_q16 } => format!("hyper{scv_q16}:"),
                    Dist::Erlang { phases } => format!("erlang{phases}:"),
                    Dist::Pareto { shape_q16 } => format!("pareto{shape_q16}:"),
                };
                format!("compute {dist}{mean_ns} !{failure_q32}")
            }
            Step::Call(edge) => format!("call {}", edge.0),
            Step::Parallel { first, len } => format!("parallel {first}+{len}"),
            Step::Publish(edge) => format!("publish {}", edge.0),
            Step::IfFlag { flag, otherwise } => format!("flag {} else {otherwise}", flag.0),
            Step::Write(bytes) => format!("write {bytes}"),
            Step::IfSegment { segment, otherwise } => {
                format!("segment {} else {otherwise}", segment.0)
            }
            Step::IfClient { client, otherwise } => {
                format!("client {} else {otherwise}", client.0)
            }
            Step::IfShare {
                below_q32,
                otherwise,
                ..
            } => format!("share {below_q32} else {otherwise}"),
            Step::CheckToken { leeway_ns } => format!("token {leeway_ns}"),
            Step::IfMiss { otherwise } => format!("miss else {otherwise}"),
            Step::Join { otherwise, .. } => format!("join else {otherwise}"),
            Step::Leave => "leave".to_owned(),
            Step::Return => "return".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(code.join(", "), expected);
}

#[test]
fn programs_are_flat_and_end_in_return() {
    check("", "return");
    check("Compute(\"2ms\")", "compute ~2000000 !0, return");
    check(
        "ComputeAs(\"1us\", constant), ComputeAs(\"1s\", log_normal(\"0.5\"))",
        "compute =1000 !0, compute ln32768:1000000000 !0, return",
    );
    check("FailShare(\"50%\")", "compute =0 !2147483648, return");
    check(
        "Call(\"store\", \"sell\"), Call(\"store\", \"sell\"), Publish(\"store\", \"sell\")",
        "call 0, call 0, publish 0, return",
    );
    check(
        "Parallel([(\"store\", \"sell\"), (\"store\", \"sell\")]), Parallel([(\"store\", \"sell\")])",
        "parallel 0+2, parallel 2+1, return",
    );
}

#[test]
fn a_flag_skips_its_block() {
    check(
        "IfFlag(\"gift\", [Compute(\"1ms\"), IfFlag(\"gift\", [Call(\"store\", \"sell\")]), Compute(\"2ms\")]), Compute(\"3ms\")",
        "flag 0 else 5, compute ~1000000 !0, flag 0 else 4, call 0, compute ~2000000 !0, compute ~3000000 !0, return",
    );
    check("IfFlag(\"gift\", [])", "flag 0 else 1, return");
}

/// A policy field comes from the service, then from the system, then from the defaults.
#[test]
fn policies_fall_back_field_by_field() {
    let policy = |text: &str| {
        let blueprint = system(text);
        let edge = blueprint
            .edges
            .iter()
            .find(|edge| edge.client.is_some())
            .cloned()
            .expect("edge calls store");
        (
            edge.timeout_ns / 1_000_000,
            edge.attempts,
            edge.backoff_ns / 1_000_000,
            edge.backoff_factor_q16,
            edge.jitter_q16,
            edge.optional,
        )
    };
    let own = "calls: {\"store\": (timeout: \"1s\", attempts: 2)},";
    let common = "    services: [";
    assert_eq!(
        policy(&SYSTEM.replace(own, "")),
        (1_000, 1, 50, 131_072, 13_107, false)
    );
    let with_common = SYSTEM.replace(common, "    calls: (timeout: \"3s\", attempts: 4, backoff: \"7ms\", backoff_factor: \"1.5\", jitter: \"50%\", optional: true),\n    services: [");
    assert_eq!(
        policy(&with_common.replace(own, "")),
        (3_000, 4, 7, 98_304, 32_768, true)
    );
    assert_eq!(policy(&with_common), (1_000, 2, 7, 98_304, 32_768, true));
    assert_eq!(
        policy(&with_common.replace("attempts: 2", "optional: false")),
        (1_000, 4, 7, 98_304, 32_768, false)
    );
}

/// Users enter on an edge without a client, once per flow, and give up at the flow's time-out.
#[test]
fn flows_enter_on_an_edge_of_their_own() {
    let blueprint = system(SYSTEM);
    let edge = &blueprint.edges[blueprint.flows[0].edge.index()];
    assert_eq!(
        (edge.client, edge.attempts, edge.timeout_ns),
        (None, 1, 5_000_000_000)
    );
    assert_eq!(blueprint.endpoints[edge.target.index()].name, "buy");
}

/// Without shares all segments are alike; with shares each has its part, and a segment left out has no traffic.
#[test]
fn traffic_is_split_into_segments() {
    let sources = |segments: &str| {
        let blueprint =
            system(&SYSTEM.replace("main: true", &format!("main: true, segments: {segments}")));
        blueprint
            .sources
            .iter()
            .map(|s| (s.region.0, s.segment.0, s.interarrival_ns))
            .collect::<Vec<_>>()
    };
    assert_eq!(sources("{}"), [(0, 0, 400_000_000), (0, 1, 400_000_000)]);
    assert_eq!(
        sources("{\"guest\": \"25%\", \"member\": \"75%\"}"),
        [(0, 0, 800_000_000), (0, 1, 266_666_666)]
    );
    assert_eq!(sources("{\"member\": \"100%\"}"), [(0, 1, 200_000_000)]);
}

#[test]
fn latency_home_and_deployments() {
    let blueprint = system(SYSTEM);
    assert_eq!(
        blueprint.latency_ns,
        [1_000_000, 20_000_000, 20_000_000, 1_000_000]
    );
    let rows: Vec<(u16, u16, u16)> = blueprint
        .deployments
        .iter()
        .map(|d| (d.service.0, d.region.0, d.replicas))
        .collect();
    assert_eq!(rows, [(0, 0, 1), (0, 1, 1), (1, 0, 2)]);
    assert_eq!(blueprint.services[1].home.0, 0);
    let moved = system(&SYSTEM.replace(
        "home: \"north\",\n            replicas: {\"north\": 2}",
        "replicas: {\"south\": 2}",
    ));
    assert_eq!(moved.services[1].home.0, 1);
    assert_eq!(moved.services[1].host, "store.internal");
}

fn timeline(change: &str) -> Vec<(u64, Change)> {
    let before = format!("    timeline: [\n(at: \"20m\", change: {change}),");
    let text = SCENARIO.replace("    timeline: [\n", &before);
    let files = MemoryFiles::new(&[("s/scenario.ron", &text), ("systems/shop.ron", SYSTEM)]);
    let (loaded, found) = load(&files, "s/scenario.ron");
    assert_eq!(found, []);
    let scenario = compile(&loaded.expect("it loads"), None, 1).expect("it compiles");
    let changes = scenario
        .blueprint
        .timeline
        .iter()
        .map(|timed| (timed.at_ns / 60_000_000_000, timed.change.clone()));
    changes.collect()
}

/// A change without regions goes to all deployments, one with several to each of them; layers take a selector.
#[test]
fn changes_are_spread_over_regions() {
    let deployments = |changes: &[(u64, Change)]| -> Vec<u16> {
        let restarts = changes.iter().filter_map(|(_, change)| match change {
            Change::Restart { deployment } => Some(deployment.0),
            _ => None,
        });
        restarts.collect()
    };
    assert_eq!(deployments(&timeline("Restart(service: \"edge\")")), [0, 1]);
    assert_eq!(
        deployments(&timeline(
            "Restart(service: \"edge\", regions: [\"south\", \"north\"])"
        )),
        [1, 0]
    );
    assert_eq!(deployments(&timeline("Restart(service: \"store\")")), [2]);
    let all = timeline("Slowdown(service: \"edge\", factor: \"3\")");
    assert_eq!(all.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [20, 21]);
    assert!(
        matches!(&all[0].1, Change::Slowdown { selector, factor_q16: 196_608 } if selector.region.is_none() && selector.endpoint.is_none())
    );
    assert_eq!(
        timeline("Errors(service: \"edge\", regions: [\"north\", \"south\"], share: \"1%\")").len(),
        3
    );
    assert!(matches!(
        timeline("SetFlag(flag: \"gift\", on: \"100%\")")[0].1,
        Change::SetFlag {
            region: None,
            share_q32: ONE_Q32,
            after_ns: 0,
            ..
        }
    ));
    assert_eq!(timeline("Note").len(), 1);
    let unset = timeline("SetVariable(service: \"store\", variable: \"MODE\", value: None)");
    assert!(matches!(
        &unset[0].1,
        Change::SetVariable { value: None, .. }
    ));
    let set = timeline("SetVariable(service: \"store\", variable: \"MODE\", value: \"z\")");
    assert!(matches!(&set[0].1, Change::SetVariable { value: Some(value), .. } if value == "z"));
}

/// Broken scenarios load, so that tools can show them, but never compile.
#[test]
fn errors_keep_a_scenario_from_compiling() {
    let text = SCENARIO.replace("onset: \"21m\"", "onset: \"1m\"");
    let files = MemoryFiles::new(&[("s/scenario.ron", &text), ("systems/shop.ron", SYSTEM)]);
    let (loaded, found) = load(&files, "s/scenario.ron");
    let refused =
        compile(&loaded.expect("its form is right"), None, 0).expect_err("it must not compile");
    assert_eq!(refused, found);
    let good = MemoryFiles::new(&[("s/scenario.ron", SCENARIO), ("systems/shop.ron", SYSTEM)]);
    let loaded = load(&good, "s/scenario.ron").0.expect("it loads");
    let refused = compile(&loaded, Some(1), 0).expect_err("there is one truth only");
    assert_eq!(
        refused[0].message,
        "there is no truth 1; the scenario has 1"
    );
}

/// The same files give the same hash; a change that decides the run gives another, a correction of the briefing does not.
#[test]
fn the_hash_follows_what_decides_a_run() {
    let hash = |from: &str, to: &str| {
        let (scenario, system) = (SCENARIO.replace(from, to), SYSTEM.replace(from, to));
        assert!(
            from.is_empty() || scenario != SCENARIO || system != SYSTEM,
            "{from} is in neither file"
        );
        let files =
            MemoryFiles::new(&[("s/scenario.ron", &scenario), ("systems/shop.ron", &system)]);
        let loaded = load(&files, "s/scenario.ron").0.expect("it loads");
        compile(&loaded, Some(0), 0).expect("it compiles").hash
    };
    let original = hash("", "");
    assert_eq!(original, hash("\n", "\r\n"));
    assert_eq!(original, hash("You are on call", "You have been on call"));
    assert_eq!(
        original,
        hash("It was the release", "It was the new release")
    );
    for (from, to) in [
        ("at: \"21m\"", "at: \"21m1s\""),
        ("\"97%\"", "\"96%\""),
        ("horizon: \"50m\"", "horizon: \"51m\""),
        ("onset: \"21m\"", "onset: \"22m\""),
        ("cores: 1", "cores: 2"),
        ("\"MODE\": \"y\"", "\"MODE\": \"z\""),
        ("patience: \"5m\"", "patience: \"6m\""),
        ("trigger: \"release\"", "trigger: None"),
    ] {
        assert_ne!(original, hash(from, to), "{from} → {to}");
    }
}

/// Texts lose what could deceive their reader.
#[test]
fn texts_are_cleaned() {
    let text = SCENARIO.replace("You are on call.", "You\\u{7} are\\n\\u{202e}on call.");
    let files = MemoryFiles::new(&[("s/scenario.ron", &text), ("systems/shop.ron", SYSTEM)]);
    let scenario = compile(
        &load(&files, "s/scenario.ron").0.expect("it loads"),
        None,
        0,
    )
    .expect("it compiles");
    assert_eq!(scenario.briefing, "You are\non call.");
}

const DIAMOND: &str = r#"System(
    format: 1, name: "d", title: "D", regions: ["r"], latency: (within: "1ms", between: "1ms"),
    services: [
        (name: "db", replicas: {"r": 1}, endpoints: [(name: "q", steps: [])]),
        (name: "a", replicas: {"r": 1}, endpoints: [(name: "x", steps: [Call("b", "x"), Call("db", "q")])]),
        (name: "b", replicas: {"r": 1}, endpoints: [(name: "x", steps: [Call("db", "q")])]),
        (name: "front", replicas: {"r": 1}, endpoints: [(name: "one", steps: [Call("a", "x")]), (name: "two", steps: [Call("b", "x")])]),
        (name: "alone", replicas: {"r": 1}, endpoints: [(name: "x", steps: [])]),
    ],
    flows: [
        (name: "one", title: "One", entry: ("front", "one"), slow: "1s", timeout: "1s", rates: {"r": "1/s"}, main: true),
        (name: "direct", title: "Direct", entry: ("a", "x"), slow: "1s", timeout: "1s", rates: {"r": "1/s"}),
    ],
)"#;

#[test]
fn ranks_reach_and_blast_radius() {
    let loaded = load_system(&MemoryFiles::new(&[("a.ron", DIAMOND)]), "a.ron")
        .0
        .expect("it loads");
    let graph = ServiceGraph::of(&loaded.model, &[]);
    assert_eq!(graph.ranks(), [3, 1, 2, 0, 0]);
    assert_eq!(graph.reachable(), ["db", "a", "b", "front"]);
    assert_eq!(graph.cycles(), Vec::<Vec<String>>::new());
    assert_eq!(
        (
            graph.blast_radius("b").services,
            graph.blast_radius("b").flows
        ),
        (
            vec!["a".to_owned(), "b".to_owned(), "front".to_owned()],
            vec!["one".to_owned(), "direct".to_owned()]
        )
    );
    assert_eq!(graph.blast_radius("front").flows, ["one"]);
    assert_eq!(graph.blast_radius("alone").flows, Vec::<String>::new());
    assert_eq!(graph.blast_radius("nobody").services, Vec::<String>::new());
}

/// Everything a client can be told, where it is said for one callee, for all, or not at all.
#[test]
fn client_policies_become_edges() {
    let own = "timeout: \"1s\", pool: 8, budget: (ratio: \"10%\", burst: 20), \
               breaker: (window: 20, failures: 10, open: \"5s\", tries: 3), hedge: \"30ms\", deadline: true, cancel: true";
    let blueprint = system(&SYSTEM.replace("timeout: \"1s\", attempts: 2", own));
    let edge = &blueprint.edges[0];
    assert_eq!(edge.pool, Some(Pool { size: 8 }));
    let budget = edge.budget.expect("a budget");
    assert_eq!((budget.ratio_q16, budget.burst), (ONE_Q16 / 10, 20));
    let breaker = edge.breaker.expect("a breaker");
    assert_eq!(
        (breaker.window, breaker.failures, breaker.tries),
        (20, 10, 3)
    );
    assert_eq!(breaker.open_ns, 5_000_000_000);
    assert_eq!(edge.hedge_ns, Some(30_000_000));
    assert!(edge.deadline && edge.cancel);
    let common = SYSTEM.replace("latency:", "calls: (pool: 9, cancel: true), latency:");
    let blueprint = system(&common);
    assert_eq!(blueprint.edges[0].pool, Some(Pool { size: 9 }));
    assert!(blueprint.edges[0].cancel && !blueprint.edges[0].deadline);
    let users = blueprint.edges.iter().find(|edge| edge.client.is_none());
    assert_eq!(
        users.expect("the users' edge").pool,
        None,
        "users share no pool"
    );
}

#[test]
fn disciplines_and_sharing_become_instances() {
    let with = |text: &str| {
        let blueprint = system(&SYSTEM.replace("queue: 20", &format!("queue: 20, {text}")));
        (
            blueprint.services[1].instance.discipline,
            blueprint.services[1].instance.sharing,
        )
    };
    assert_eq!(
        with("discipline: lifo"),
        (Discipline::Lifo, Sharing::FirstCome)
    );
    assert_eq!(with("sharing: equal"), (Discipline::Fifo, Sharing::Equal));
    let codel = Discipline::CoDel {
        target_ns: 5_000_000,
        interval_ns: 100_000_000,
    };
    assert_eq!(with("discipline: codel(\"5ms\", \"100ms\")").0, codel);
}

/// No user is lost in the split, and none is made up.
#[test]
fn users_of_a_closed_loop_are_split_over_segments() {
    let rates = "rates: {\"north\": \"5/s\"}";
    let split = |segments: &str| -> Vec<(u16, u32)> {
        let users = format!("users: {{\"north\": (count: 7, think: \"2s\")}}{segments}");
        let blueprint = system(&SYSTEM.replace(rates, &users));
        let counts = blueprint.sources.iter().map(|source| {
            let users = source.users.expect("a closed loop");
            assert_eq!(users.think_ns, 2_000_000_000);
            (source.segment.0, users.count)
        });
        counts.collect()
    };
    assert_eq!(split(""), [(0, 3), (1, 4)]);
    assert_eq!(
        split(", segments: {\"guest\": \"90%\", \"member\": \"10%\"}"),
        [(0, 6), (1, 1)]
    );
    assert_eq!(split(", segments: {\"guest\": \"100%\"}"), [(0, 7)]);
}

/// A ramp is a row of steps of equal height, the last of them the whole; a flap is a change and its end in turn.
#[test]
fn changes_come_little_by_little_or_on_and_off() {
    let factors = |changes: &[(u64, Change)]| -> Vec<(u64, u32)> {
        let slowdowns = changes.iter().filter_map(|(at, change)| match change {
            Change::Slowdown { factor_q16, .. } => Some((*at, *factor_q16 >> 16)),
            _ => None,
        });
        slowdowns.collect()
    };
    let slow = "Slowdown(service: \"store\", factor: \"5\")";
    let ramp = timeline(&format!("{slow}, ramp: (over: \"8m\", steps: 4)"));
    assert_eq!(factors(&ramp), [(20, 2), (22, 3), (24, 4), (26, 5)]);
    let end = "Slowdown(service: \"store\", factor: \"1\")";
    let flap = timeline(&format!(
        "{slow}, flap: (on: \"2m\", off: \"3m\", times: 2, end: {end})"
    ));
    assert_eq!(factors(&flap), [(20, 5), (22, 1), (25, 5), (27, 1)]);
}

#[test]
fn onsets_are_checked() {
    let cases = [
        (
            "Restart(service: \"store\"), ramp: ◆(over: \"8m\", steps: 4)",
            "E0203",
            "a change of a size",
        ),
        (
            "Slowdown(service: \"store\", factor: \"5\"), ramp: (over: \"8m\", steps: ◆1)",
            "E0203",
            "between 2 and 100",
        ),
        (
            "Slowdown(service: \"store\", factor: \"5\"), ramp: (over: ◆\"0s\", steps: 5)",
            "E0203",
            "above 0",
        ),
        (
            "Note, flap: (on: \"1m\", off: \"1m\", times: 3, end: Restart(service: ◆\"stor\"))",
            "E0301",
            "`store`",
        ),
    ];
    for (change, code, part) in cases {
        let timed = format!("    timeline: [\n(at: \"20m\", change: {change}),");
        crate::common::check(&[("    timeline: [\n", &timed)], &[(code, part)]);
    }
}
