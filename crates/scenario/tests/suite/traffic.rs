//! Users in the language: client versions, branches by what they are, profiles, patience, changes of traffic.

use crate::common::{SCENARIO, SYSTEM, check};
use brownout_scenario::{MemoryFiles, compile, compile_system, load, load_system};
use brownout_sim::blueprint::{
    Blueprint, Change, Criticality, MINUTE_NS, ONE_Q16, ONE_Q32, Patience, RateStep, SECOND_NS,
    Step, UserSelector,
};
use brownout_sim::dist::Dist;
use brownout_sim::hash::name_hash;
use brownout_sim::ids::{ClientId, FlowId, RegionId, SegmentId};

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

const RATES: &str = "rates: {\"north\": \"5/s\"}";

fn with_flow(fields: &str) -> Blueprint {
    system(&[(RATES, &format!("{RATES}, {fields}"))])
}

/// Rate factor of the first source at a time, as a share of its base in per mille.
fn per_mille(steps: &[RateStep], at_s: u64) -> u64 {
    let at_ns = at_s * SECOND_NS;
    let step = steps.iter().rev().find(|step| step.at_ns <= at_ns);
    (u64::from(step.map_or(ONE_Q16, |step| step.factor_q16)) * 1_000 + 32_768) >> 16
}

#[test]
fn client_versions_split_sources_and_stand_in_no_name_where_there_are_none() {
    let plain = system(&[]);
    assert_eq!((plain.clients.len(), plain.sources.len()), (0, 2));
    let blueprint = system(&[
        ("segments: [", "clients: [\"1.0\", \"1.1\"], segments: ["),
        (
            RATES,
            "rates: {\"north\": \"6/s\"}, clients: {\"1.0\": \"75%\", \"1.1\": \"25%\"}",
        ),
    ]);
    let gaps: Vec<(u16, u16, u64)> = blueprint
        .sources
        .iter()
        .map(|source| (source.segment.0, source.client.0, source.interarrival_ns))
        .collect();
    let third = 333_333_334;
    assert_eq!(
        gaps,
        [
            (0, 0, third * 4 / 3),
            (0, 1, third * 4),
            (1, 0, third * 4 / 3),
            (1, 1, third * 4)
        ]
    );
    let closed = system(&[
        ("segments: [", "clients: [\"1.0\", \"1.1\"], segments: ["),
        (RATES, "users: {\"north\": (count: 10, think: \"1s\")}"),
    ]);
    let counts: Vec<u32> = closed
        .sources
        .iter()
        .filter_map(|source| source.users.map(|users| users.count))
        .collect();
    assert_eq!(counts.iter().sum::<u32>(), 10);
    assert_eq!(counts.len(), 4);
}

#[test]
fn branches_become_steps() {
    let steps = "steps: [Compute(\"1ms\"), Call(\"store\", \"sell\")]";
    let blueprint = system(&[
        ("segments: [", "clients: [\"1.0\", \"1.1\"], segments: ["),
        (
            steps,
            "steps: [IfSegment(\"member\", [IfClient(\"1.1\", [IfShare(\"large\", \"25%\", [Call(\"store\", \"sell\")])])]), IfShare(\"any\", \"100%\", [])]",
        ),
    ]);
    let code = &blueprint.versions[0].code;
    let Step::IfSegment { segment, otherwise } = code[0] else {
        panic!("{code:?}");
    };
    assert_eq!((segment, otherwise), (SegmentId(1), 4));
    let Step::IfClient { client, otherwise } = code[1] else {
        panic!("{code:?}");
    };
    assert_eq!((client, otherwise), (ClientId(1), 4));
    let Step::IfShare {
        name,
        from_q32: 0,
        below_q32: share_q32,
        otherwise,
    } = code[2]
    else {
        panic!("{code:?}");
    };
    assert_eq!(
        (name, share_q32, otherwise),
        (name_hash("large"), 1 << 30, 4)
    );
    assert!(matches!(
        code[4],
        Step::IfShare {
            below_q32: u32::MAX,
            otherwise: 5,
            ..
        }
    ));
    assert!(matches!(code[5], Step::Return));
    // One draw, cut where the shares meet; what is left over does nothing.
    let one_of = "steps: [OneOf(\"by\", [(\"25%\", [Call(\"store\", \"sell\")]), (\"50%\", [Compute(\"1ms\")])])]";
    let chosen = system(&[(steps, one_of)]);
    let bounds: Vec<(u64, u32, u32)> = chosen.versions[0]
        .code
        .iter()
        .filter_map(|step| match step {
            Step::IfShare {
                name,
                from_q32,
                below_q32,
                ..
            } => Some((*name, *from_q32, *below_q32)),
            _ => None,
        })
        .collect();
    let by = name_hash("by");
    assert_eq!(bounds, [(by, 0, 1 << 30), (by, 1 << 30, 3 << 30)]);
    let help = ("E0203", "add up to more than 100%");
    check(
        &[(
            steps,
            "steps: [OneOf(\"by\", ◆[(\"60%\", [Compute(\"1ms\")]), (\"50%\", [Call(\"store\", \"sell\")])])]",
        )],
        &[help],
    );
    let help = ("E0301", "unknown segment `vip`");
    check(
        &[(
            steps,
            "steps: [IfSegment(◆\"vip\", [Call(\"store\", \"sell\")])]",
        )],
        &[help],
    );
    let help = ("E0301", "unknown client version `2`");
    check(
        &[(
            steps,
            "steps: [IfClient(◆\"2\", [Call(\"store\", \"sell\")])]",
        )],
        &[help],
    );
    let help = ("E0201", "expected a share");
    check(
        &[(
            steps,
            "steps: [IfShare(\"x\", ◆\"1\", [Call(\"store\", \"sell\")])]",
        )],
        &[help],
    );
}

#[test]
fn patience_has_defaults() {
    let read = |fields: &str| with_flow(&format!("patience: ({fields})")).flows[0].patience;
    let plain = Patience {
        mean_ns: 8 * SECOND_NS,
        dist: Dist::Exponential,
        again_q32: 0,
        pause_ns: 0,
        tries: 1,
    };
    assert_eq!(read("mean: \"8s\""), Some(plain));
    assert_eq!(
        read("mean: \"8s\", distribution: erlang(3), again: \"50%\", pause: \"2s\""),
        Some(Patience {
            dist: Dist::Erlang { phases: 3 },
            again_q32: ONE_Q32 / 2,
            pause_ns: 2 * SECOND_NS,
            tries: 2,
            ..plain
        })
    );
    let flow = |fields: &str| (RATES, format!("{RATES}, patience: ({fields})"));
    let bad = |fields: &str, expected| {
        let (from, to) = flow(fields);
        check(&[(from, &to)], &[expected]);
    };
    bad("mean: ◆\"0s\"", ("E0203", "above 0"));
    bad(
        "mean: \"1s\", tries: ◆21",
        ("E0203", "tries must be between 1 and 20"),
    );
    bad(
        "mean: \"1s\", tries: ◆0",
        ("E0203", "tries must be between 1 and 20"),
    );
    bad("mean: \"1s\", again: ◆\"101%\"", ("E0201", "between"));
    bad(
        "mean: \"1s\", distribution: erlang(◆0)",
        ("E0203", "phases"),
    );
}

#[test]
fn a_wave_has_its_peak_where_it_says() {
    let blueprint = with_flow("profile: [diurnal(period: \"24h\", peak: \"6h\", low: \"20%\")]");
    let steps = &blueprint.sources[0].profile;
    assert!((90..=97).contains(&steps.len()), "{}", steps.len());
    let hour = 3_600;
    assert!(per_mille(steps, 6 * hour) >= 999);
    assert!(per_mille(steps, 18 * hour) <= 201);
    assert!(per_mille(steps, 12 * hour).abs_diff(600) < 30);
    assert!(per_mille(steps, 60).abs_diff(600) < 30);
    // The mean of a wave is halfway between its ends.
    let sum: u64 = (0..24 * 60)
        .map(|minute| per_mille(steps, minute * 60))
        .sum();
    assert!((sum / (24 * 60)).abs_diff(600) <= 2);
}

#[test]
fn ramps_spikes_and_replays_are_what_they_say() {
    let steps = |profile: &str| {
        with_flow(&format!("profile: [{profile}]")).sources[0]
            .profile
            .clone()
    };
    let ramp = steps("ramp(from: \"10m\", over: \"100s\", to: \"3\")");
    assert_eq!(per_mille(&ramp, 599), 1_000);
    assert!(per_mille(&ramp, 650).abs_diff(2_000) <= 20);
    assert_eq!(per_mille(&ramp, 701), 3_000);
    assert_eq!(per_mille(&ramp, 80_000), 3_000);
    let spike =
        steps("spike(at: \"20m\", rise: \"10s\", hold: \"2m\", fall: \"0s\", factor: \"8\")");
    assert_eq!(per_mille(&spike, 1_199), 1_000);
    assert!(per_mille(&spike, 1_205).abs_diff(4_850) <= 10);
    assert_eq!(per_mille(&spike, 1_211), 8_000);
    assert_eq!(per_mille(&spike, 1_329), 8_000);
    assert_eq!(per_mille(&spike, 1_330), 1_000);
    let replay = steps("replay(at: \"1m\", every: \"10s\", factors: [\"2\", \"5\", \"0.5\"])");
    let seen: Vec<u64> = [59, 60, 70, 80, 90]
        .iter()
        .map(|at| per_mille(&replay, *at))
        .collect();
    assert_eq!(seen, [1_000, 2_000, 5_000, 500, 1_000]);
    let product = steps("constant(\"2\"), replay(at: \"1m\", every: \"10s\", factors: [\"3\"])");
    let seen: Vec<u64> = [0, 60, 70]
        .iter()
        .map(|at| per_mille(&product, *at))
        .collect();
    assert_eq!(seen, [2_000, 6_000, 2_000]);
    assert!(steps("constant(\"1\")").is_empty());
}

#[test]
fn profiles_have_limits() {
    let with = |profile: &str| (RATES, format!("{RATES}, profile: [{profile}]"));
    let bad = |profile: &str, expected| {
        let (from, to) = with(profile);
        check(&[(from, &to)], &[expected]);
    };
    let good = |profile: &str| {
        let (from, to) = with(profile);
        check(&[(from, &to)], &[]);
    };
    good("constant(\"1000\")");
    bad("constant(◆\"1001\")", ("E0203", "at most 1000"));
    good("diurnal(period: \"1m\", peak: \"0s\", low: \"0%\")");
    bad(
        "diurnal(period: ◆\"59s\", peak: \"0s\", low: \"0%\")",
        ("E0203", "at least 1 minute"),
    );
    bad(
        "replay(at: \"0s\", every: ◆\"0s\", factors: [\"1\"])",
        ("E0203", "above 0"),
    );
    bad(
        "replay(at: \"0s\", every: \"1s\", factors: ◆[])",
        ("E0402", "at least one of factors"),
    );
    let many = |count: usize| vec!["constant(\"2\")"; count].join(", ");
    good(&many(16));
    let (from, to) = (RATES, format!("{RATES}, profile: ◆[{}]", many(17)));
    check(&[(from, &to)], &[("E0202", "17 profiles; at most 16")]);
}

/// A change of traffic in a scenario becomes one per region named, or one for all.
#[test]
fn changes_of_traffic_compile() {
    let change = "change: Deploy(service: \"store\", version: \"2.0.0\", regions: [\"north\"])";
    let changes = |text: &str| -> Vec<(u64, Change)> {
        let scenario = SCENARIO
            .replacen(change, &format!("change: {text}"), 1)
            .replacen("trigger: \"release\"", "trigger: None", 1);
        let files = MemoryFiles::new(&[
            ("small/scenario.ron", &scenario),
            ("systems/shop.ron", SYSTEM),
        ]);
        let (loaded, found) = load(&files, "small/scenario.ron");
        let loaded = loaded.unwrap_or_else(|| panic!("{found:?}"));
        let compiled = compile(&loaded, None, 1).unwrap_or_else(|found| panic!("{found:?}"));
        let timeline = compiled.blueprint.timeline.iter();
        timeline
            .map(|timed| (timed.at_ns, timed.change.clone()))
            .collect()
    };
    assert_eq!(
        changes("Traffic(flow: \"buy\", segment: \"member\", regions: [\"south\"], factor: \"4\")"),
        [(
            21 * MINUTE_NS,
            Change::Traffic {
                users: UserSelector {
                    flow: Some(FlowId(0)),
                    region: Some(RegionId(1)),
                    segment: Some(SegmentId(1)),
                    client: None,
                },
                factor_q16: 4 * ONE_Q16,
            }
        )]
    );
    assert_eq!(
        changes("Traffic(factor: \"0.5\")"),
        [(
            21 * MINUTE_NS,
            Change::Traffic {
                users: UserSelector::default(),
                factor_q16: ONE_Q16 / 2,
            }
        )]
    );
    let bad = |text: &str, expected| {
        let to = format!("timeline: [(at: \"20m\", change: {text}),");
        check(&[("timeline: [", &to)], &[expected]);
    };
    bad(
        "Traffic(flow: ◆\"sell\", factor: \"4\")",
        ("E0301", "unknown flow `sell`"),
    );
    bad(
        "Traffic(client: ◆\"9\", factor: \"4\")",
        ("E0301", "unknown client version `9`"),
    );
    bad(
        "Traffic(regions: [◆\"east\"], factor: \"4\")",
        ("E0301", "unknown region `east`"),
    );
    bad("Traffic(factor: ◆\"1001\")", ("E0203", "at most 1000"));
}

/// Criticality, shares of segments and what nobody says come out as written.
#[test]
fn criticality_and_flags_of_segments_compile() {
    let blueprint = with_flow("criticality: sheddable");
    assert_eq!(blueprint.flows[0].criticality, Criticality::Sheddable);
    let blueprint = system(&[(
        "on: \"10%\"",
        "on: \"10%\", segments: {\"member\": \"100%\"}",
    )]);
    assert_eq!(blueprint.flags[0].segments, [(SegmentId(1), ONE_Q32)]);
    assert_eq!(blueprint.flows[0].criticality, Criticality::Critical);
}
