//! A scenario of the smallest sensible size, and a way to break it.

use brownout_scenario::{Diagnostic, MemoryFiles, load};

pub const SYSTEM: &str = r#"System(
    format: 2,
    name: "shop",
    title: "Shop",
    regions: ["north", "south"],
    segments: ["guest", "member"],
    latency: (within: "1ms", between: "20ms"),
    services: [
        (
            name: "edge",
            kind: edge,
            replicas: {"north": 1, "south": 1},
            endpoints: [(name: "buy", steps: [Compute("1ms"), Call("store", "sell")])],
            calls: {"store": (timeout: "1s", attempts: 2)},
        ),
        (
            name: "store",
            home: "north",
            replicas: {"north": 2},
            instance: (cores: 1, workers: 10, queue: 20),
            endpoints: [(name: "sell", steps: [IfFlag("gift", [Compute("2ms")]), FailShare("0.1%")])],
        ),
    ],
    flags: [(name: "gift", on: "10%")],
    flows: [
        (name: "buy", title: "Buy", entry: ("edge", "buy"), slow: "1s", timeout: "5s", rates: {"north": "5/s"}, main: true),
    ],
)
"#;

pub const SCENARIO: &str = r#"Scenario(
    format: 2,
    name: "small",
    title: "Small",
    summary: "Something is wrong.",
    briefing: "You are on call.",
    system: "../systems/shop.ron",
    starts: "2026-03-04T17:40:00Z",
    horizon: "50m",
    objective: "99%",
    page: (alert: "success", latest: "30m", text: "Help!"),
    alerts: [(name: "success", signal: FlowSuccessBelow("buy", "97%"), window: "1m", hold: "1m", level: page)],
    versions: [
        (
            service: "store",
            name: "2.0.0",
            notes: "New.",
            endpoints: [(name: "sell", steps: [Compute("3ms")])],
            reads: [(variable: "MODE", callee: "store", default: "x")],
            manifest: {"north": {"MODE": "y"}},
        ),
    ],
    history: [(before: "2h", record: (title: "Old", by: "Ann"))],
    timeline: [
        (
            at: "21m",
            name: "release",
            change: Deploy(service: "store", version: "2.0.0", regions: ["north"]),
            record: (title: "Deploy store 2.0.0", by: "Ann"),
        ),
    ],
    people: [(name: "Ann", role: service_owner, owns: "store", patience: "5m", asks: [(after: "2m", text: "Well?", wants: [impact])], knows: [(truth: "t", text: "Hm.")])],
    severities: [(name: "SEV-1", when: "Bad", failing: "50%"), (name: "SEV-2", when: "Less", failing: "5%")],
    truths: [
        (
            name: "t",
            onset: "21m",
            unset: [(service: "store", version: "2.0.0", region: "north", variable: "MODE")],
            component: "store",
            regions: ["north"],
            mechanism: "bad-code",
            trigger: "release",
            sustaining: "bad-code",
            path: ["store", "edge"],
            explanation: "It was the release.",
        ),
    ],
)
"#;

/// A change to one of the two files: the first occurrence of `.0` becomes `.1`.
pub type Edit<'a> = (&'a str, &'a str);

fn edited(text: &str, edits: &[Edit<'_>]) -> (String, usize) {
    let mut text = text.to_owned();
    let mut used = 0;
    for (from, to) in edits {
        if text.contains(from) {
            text = text.replacen(from, to, 1);
            used += 1;
        }
    }
    (text, used)
}

/// Removes the `◆` marks and returns where they stood, as `line:column`.
fn marks(text: &str) -> (String, Vec<String>) {
    let (mut plain, mut places) = (String::new(), Vec::new());
    let (mut line, mut column) = (1, 1);
    for c in text.chars() {
        match c {
            '◆' => places.push(format!("{line}:{column}")),
            '\n' => {
                plain.push(c);
                (line, column) = (line + 1, 1);
            }
            _ => {
                plain.push(c);
                column += 1;
            }
        }
    }
    (plain, places)
}

/// Loads the small scenario after `edits`.
pub fn diagnostics(edits: &[Edit<'_>]) -> Vec<Diagnostic> {
    let (scenario, first) = edited(SCENARIO, edits);
    let (system, second) = edited(SYSTEM, edits);
    assert_eq!(
        first + second,
        edits.len(),
        "each edit must apply to exactly one file: {edits:?}"
    );
    load(
        &MemoryFiles::new(&[
            ("small/scenario.ron", &marks(&scenario).0),
            ("systems/shop.ron", &marks(&system).0),
        ]),
        "small/scenario.ron",
    )
    .1
}

/// The edits must give exactly the `expected` findings `(code, part of the message or help)`, each at its mark `◆`, in
/// the order of the marks: those in the scenario first, then those in the system.
pub fn check(edits: &[Edit<'_>], expected: &[(&str, &str)]) {
    let found = diagnostics(edits);
    let (_, in_scenario) = marks(&edited(SCENARIO, edits).0);
    let (_, in_system) = marks(&edited(SYSTEM, edits).0);
    let scenario = in_scenario
        .iter()
        .map(|place| format!("small/scenario.ron:{place}"));
    let places: Vec<String> = scenario
        .chain(
            in_system
                .iter()
                .map(|place| format!("systems/shop.ron:{place}")),
        )
        .collect();
    assert_eq!(
        places.len(),
        expected.len(),
        "one mark per expected finding"
    );
    let mut sorted: Vec<&Diagnostic> = found.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.file.clone(), diagnostic.line, diagnostic.column));
    let shown: Vec<String> = sorted
        .iter()
        .map(|d| format!("{}:{}:{} {}", d.file, d.line, d.column, d.code))
        .collect();
    let wanted: Vec<String> = places
        .iter()
        .zip(expected)
        .map(|(place, (code, _))| format!("{place} {code}"))
        .collect();
    assert_eq!(shown, wanted, "{found:#?}");
    for (diagnostic, (_, part)) in sorted.iter().zip(expected) {
        let text = diagnostic.to_string();
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}
