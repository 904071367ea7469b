//! What was released before the run, what a release really does, and alerts about queues.

use brownout_scenario::compiled::{ChangeKind, Scenario};
use brownout_scenario::{MemoryFiles, compile, load};
use brownout_sim::blueprint::Step;

use crate::common::{Edit, SCENARIO, SYSTEM, check};

/// The version at the start came out two hours before, after 0.9; the truth says what it really does.
const RELEASED: [Edit<'_>; 3] = [
    (
        r#"history: [(before: "2h", record: (title: "Old", by: "Ann"))]"#,
        r#"history: [(before: "2h", name: "evening", from: "0.9", record: (title: "Old", by: "Ann", service: "store"))]"#,
    ),
    (
        "    versions: [",
        r#"    versions: [(service: "store", name: "0.9", notes: "Older."),"#,
    ),
    (r#"trigger: "release""#, r#"trigger: "evening""#),
];
const DOES: &str = r#"does: [(service: "store", version: "1.0.0", endpoints: [(name: "sell", steps: [Compute("4ms"), Compute("5ms")])])], component"#;

fn compiled(edits: &[Edit<'_>]) -> Scenario {
    let mut text = SCENARIO.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let files = MemoryFiles::new(&[("s/scenario.ron", &text), ("systems/shop.ron", SYSTEM)]);
    let (loaded, found) = load(&files, "s/scenario.ron");
    let loaded = loaded.unwrap_or_else(|| panic!("{found:#?}"));
    compile(&loaded, Some(0), 1).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// The record is a release of the version that runs, a truth may name it, and what ran before is known.
#[test]
fn a_release_before_the_run_is_a_release() {
    check(&RELEASED, &[]);
    let scenario = compiled(&RELEASED);
    let record = &scenario.records[0];
    assert_eq!(record.kind, ChangeKind::Deploy);
    let name = |version: brownout_sim::ids::VersionId| {
        scenario.blueprint.versions[version.index()].name.as_str()
    };
    assert_eq!(record.version.map(name), Some("1.0.0"));
    assert_eq!(scenario.truth.trigger, Some(0));
    let before: Vec<&str> = scenario.before.iter().map(|row| name(row.1)).collect();
    assert_eq!(before, ["0.9"]);
    assert!(compiled(&[]).before.is_empty());
}

/// Under the truth the endpoint has the other steps; the release that comes later keeps its own.
#[test]
fn a_truth_says_what_a_release_really_does() {
    check(&[("component", DOES)], &[]);
    let computing = |scenario: &Scenario, version: usize| -> Vec<u64> {
        let code = &scenario.blueprint.versions[version].code;
        let times = code.iter().filter_map(|step| match step {
            Step::Compute { mean_ns, .. } => Some(*mean_ns / 1_000_000),
            _ => None,
        });
        // A share that fails takes no time.
        times.filter(|ms| *ms > 0).collect()
    };
    let written = compiled(&[]);
    let really = compiled(&[("component", DOES)]);
    assert_eq!(computing(&written, 1), [2]);
    assert_eq!(computing(&really, 1), [4, 5]);
    assert_eq!(computing(&really, 2), computing(&written, 2));
    assert_ne!(written.hash, really.hash);
}

#[test]
fn what_happened_before_is_checked() {
    let [release, versions, trigger] = RELEASED;
    let from = |to: &'static str| (r#"from: "0.9""#, to);
    let cases: [(&str, (&str, &str)); 2] = [
        (r#"from: ◆"0.8""#, ("E0301", "unknown earlier version")),
        (r#"from: ◆"1.0.0""#, ("E0301", "unknown earlier version")),
    ];
    for (to, expected) in cases {
        // 0.9 is then neither released nor was it before.
        let unused = (r#"name: "0.9""#, r#"name: ◆"0.9""#);
        let edits = [release, versions, trigger, from(to), unused];
        check(&edits, &[("W0603", "never deployed"), expected]);
    }
    let nobody = (r#", service: "store"))]"#, "))]");
    let unused = (r#"name: "0.9""#, r#"name: ◆"0.9""#);
    let edits = [
        release,
        versions,
        trigger,
        nobody,
        from(r#"from: ◆"0.9""#),
        unused,
    ];
    let expected = [
        ("W0603", "never deployed"),
        ("E0404", "which service was released"),
    ];
    check(&edits, &expected);
}

#[test]
fn what_a_release_does_is_checked() {
    let cases = [
        (
            r#"(service: "store", version: "1.0.0""#,
            r#"(service: ◆"shelf", version: "1.0.0""#,
            "service",
        ),
        (
            r#"(service: "store", version: "1.0.0""#,
            r#"(service: "store", version: ◆"3.0.0""#,
            "unknown version `3.0.0`",
        ),
        (
            r#"[(name: "sell", steps: [Compute("4ms")"#,
            r#"[(name: ◆"buy", steps: [Compute("4ms")"#,
            "unknown endpoint",
        ),
        (r#"Compute("4ms")"#, r#"Call(◆"shelf", "go")"#, "`shelf`"),
    ];
    for (from, to, part) in cases {
        let edits = [("component", DOES), (from, to)];
        check(&edits, &[("E0301", part)]);
    }
}

#[test]
fn alerts_about_queues_are_checked() {
    let signal = r#"FlowSuccessBelow("buy", "97%")"#;
    check(&[(signal, r#"QueueAgeAbove("store", "5s")"#)], &[]);
    check(&[(signal, r#"BurnRateAbove("buy", "5", "20s")"#)], &[]);
    check(&[(signal, r#"Absent("store")"#)], &[]);
    let cases = [
        (
            r#"QueueAgeAbove(◆"stor", "5s")"#,
            ("E0301", "unknown service `stor`"),
        ),
        (r#"QueueAgeAbove("store", ◆"0s")"#, ("E0203", "above 0")),
        (
            r#"BurnRateAbove("buy", ◆"2000", "20s")"#,
            ("E0203", "can never fire or never end"),
        ),
        (
            r#"BurnRateAbove("buy", "5", ◆"1m")"#,
            ("E0203", "must be shorter than the alert's window"),
        ),
        (r#"Absent(◆"stor")"#, ("E0301", "unknown service `stor`")),
        (
            r#"DeadLettersAbove(◆"store", 5)"#,
            ("E0301", "queue with dead letters"),
        ),
    ];
    for (to, expected) in cases {
        check(&[(signal, to)], &[expected]);
    }
    let levels = (
        r#"failing: "5%")"#,
        r#"failing: "5%", slow: ◆"105%", late: ◆"1 minute")"#,
    );
    check(&[levels], &[("E0201", "100%"), ("E0201", "duration")]);
}
