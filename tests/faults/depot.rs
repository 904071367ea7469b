//! The depot, and faults on it.

use std::fmt::Write as _;
use std::path::Path;

use brownout_scenario::faults::{Fault, LiesIn};
use brownout_scenario::{MemoryFiles, compile, load};
use brownout_sim::blueprint::Blueprint;

/// When a fault begins, in seconds, and how long before that is the time it is compared with.
pub const ONSET_S: u64 = 180;
pub const BEFORE_S: u64 = 60;

pub fn depot() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/systems/depot.ron");
    std::fs::read_to_string(path).expect("the depot")
}

/// A depot with releases and timed changes, as a trainer would write them.
pub fn blueprint(depot: &str, releases: &[&str], timeline: &str) -> Blueprint {
    let releases = releases.join(", ");
    let scenario = format!(
        r#"Scenario(format: 1, name: "fault", title: "Fault", summary: "A fault.", briefing: "A fault.", skills: [], difficulty: 1,
            system: "depot.ron", starts: "2026-05-14T06:10:00Z", horizon: "48m", objective: "98%",
            page: (alert: "registered", latest: "30m", text: "It is broken."),
            alerts: [(name: "registered", signal: FlowSuccessBelow("register", "96%"), window: "1m", hold: "1m", level: page)],
            versions: [{releases}], timeline: [{timeline}], people: [],
            severities: [(name: "SEV-1", when: "All fail", failing: "60%"), (name: "SEV-2", when: "Some fail", failing: "0%")],
            truths: [(name: "it", onset: "25m", component: "desk", regions: ["north"], mechanism: "missing-variable",
                sustaining: "missing-variable", path: ["desk"], explanation: "It.")])"#
    );
    let files = MemoryFiles::new(&[("depot.ron", depot), ("fault.ron", &scenario)]);
    let (loaded, found) = load(&files, "fault.ron");
    let errors: Vec<String> = found
        .iter()
        .filter(|d| !d.code.starts_with('W'))
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{timeline}\n{}", errors.join("\n"));
    let loaded = loaded.expect("it was read");
    let scenario = compile(&loaded, Some(0), 1).unwrap_or_else(|found| panic!("{found:#?}"));
    (*scenario.blueprint).clone()
}

fn replaced(depot: &str, from: &str, to: &str) -> String {
    assert!(depot.contains(from), "the depot has no `{from}`");
    depot.replacen(from, to, 1)
}

/// The depot with a fault, which what ends it follows at `ends_s` if that is given; with one of its preconditions taken
/// away if `without` says so.
pub fn broken(
    depot: &str,
    fault: &Fault,
    ends_s: Option<u64>,
    without: Option<usize>,
) -> Blueprint {
    let mut text = depot.to_owned();
    let mut timeline = String::new();
    let mut left_out = None;
    for (index, precondition) in fault.preconditions.iter().enumerate() {
        let gone = without == Some(index);
        match precondition.lies_in {
            LiesIn::Change(at) if gone => left_out = Some(at),
            LiesIn::Depot(from, to) if gone => text = replaced(&text, from, to),
            LiesIn::Setting(from, to) if !gone => text = replaced(&text, from, to),
            LiesIn::Lack(change) if gone => {
                let _ = write!(timeline, "(at: \"{ONSET_S}s\", change: {change}), ");
            }
            LiesIn::Change(_) | LiesIn::Depot(..) | LiesIn::Setting(..) | LiesIn::Lack(_) => {}
        }
    }
    for (index, written) in fault.written.iter().enumerate() {
        if left_out != Some(index) {
            let _ = write!(timeline, "{}, ", written.timed(ONSET_S));
        }
    }
    if let Some(ends_s) = ends_s {
        for change in fault.ends {
            let _ = write!(timeline, "(at: \"{ends_s}s\", change: {change}), ");
        }
    }
    blueprint(&text, fault.releases, &timeline)
}
