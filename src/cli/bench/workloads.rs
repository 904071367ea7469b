//! The fixed workloads, as system files.
//!
//! W1 is one server, W2 a chain of ten stations, W3 a call tree of ten with time-outs and retries; a millisecond is their
//! unit of time. S20 is a system of ordinary size; S500 is the same load over 25 copies of it.

use std::fmt::Write;

/// What one part of a run does after its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing.
    None,
    /// The last service of the first copy takes many times as long from a minute on: calls time out and are repeated.
    Storm,
}

/// A workload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload {
    pub name: &'static str,
    shape: Shape,
    pub trouble: Trouble,
    /// Requests of users where the command line says nothing.
    pub requests: u64,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Stations of this many cores and 1 ms.
    Stations {
        cores: u32,
        rate_per_s: u32,
        calls: &'static [&'static [usize]],
        policy: &'static str,
    },
    /// Copies of a system of 20 services in two regions with three instances each, at 500 requests/s in all.
    System { copies: u32 },
}

const CHAIN: &[&[usize]] = &[&[1], &[2], &[3], &[4], &[5], &[6], &[7], &[8], &[9], &[]];
const TREE: &[&[usize]] = &[
    &[1, 2, 3],
    &[4, 5],
    &[6, 7],
    &[8, 9],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
];
const PATIENT: &str = "timeout: \"1h\", attempts: 1, backoff: \"0s\"";
const MILLION: u64 = 1_000_000;
/// An hour of the system's users.
const HOUR: u64 = SYSTEM_RATE_PER_S * 3_600;
const SYSTEM_RATE_PER_S: u64 = 500;
/// Services of one copy of the system.
const SERVICES: usize = 20;

const fn stations(
    name: &'static str,
    cores: u32,
    rate_per_s: u32,
    calls: &'static [&'static [usize]],
    policy: &'static str,
) -> Workload {
    Workload {
        name,
        shape: Shape::Stations {
            cores,
            rate_per_s,
            calls,
            policy,
        },
        trouble: Trouble::None,
        requests: MILLION,
    }
}

const fn system(name: &'static str, copies: u32, trouble: Trouble) -> Workload {
    Workload {
        name,
        shape: Shape::System { copies },
        trouble,
        requests: HOUR,
    }
}

/// The workloads of the report, then those of the growth curve.
pub(super) const WORKLOADS: [Workload; 9] = [
    stations("W1", 1, 800, &[&[]], PATIENT),
    stations("W2", 4, 2_800, CHAIN, PATIENT),
    stations(
        "W3",
        4,
        2_800,
        TREE,
        "timeout: \"20ms\", attempts: 3, backoff: \"0s\"",
    ),
    system("S20", 1, Trouble::None),
    system("S20-storm", 1, Trouble::Storm),
    system("S500", 25, Trouble::None),
    system("S40", 2, Trouble::None),
    system("S100", 5, Trouble::None),
    system("S200", 10, Trouble::None),
];

/// How many of the workloads belong to the report.
pub(super) const REPORTED: usize = 6;

impl Workload {
    /// Requests of all users a second.
    pub fn rate_per_s(&self) -> u64 {
        match self.shape {
            Shape::Stations { rate_per_s, .. } => u64::from(rate_per_s),
            Shape::System { .. } => SYSTEM_RATE_PER_S,
        }
    }

    /// The workload as a system file.
    pub fn text(&self) -> String {
        match self.shape {
            Shape::Stations {
                cores,
                rate_per_s,
                calls,
                policy,
            } => stations_text(cores, rate_per_s, calls, policy),
            Shape::System { copies } => system_text(copies),
        }
    }
}

fn steps(compute: &str, callees: &[String]) -> String {
    let called: Vec<String> = callees
        .iter()
        .map(|callee| format!("(\"{callee}\", \"go\")"))
        .collect();
    match called.as_slice() {
        [] => compute.to_owned(),
        [one] => format!("{compute}, Call{one}"),
        several => format!("{compute}, Parallel([{}])", several.join(", ")),
    }
}

fn stations_text(cores: u32, rate_per_s: u32, calls: &[&[usize]], policy: &str) -> String {
    let mut services = String::new();
    for (index, callees) in calls.iter().enumerate() {
        let callees: Vec<String> = callees.iter().map(|callee| format!("s{callee}")).collect();
        let steps = steps("Compute(\"1ms\")", &callees);
        // Writing to a string cannot fail.
        let _ = writeln!(
            services,
            "(name: \"s{index}\", replicas: {{\"r\": 1}}, instance: (cores: {cores}, workers: 1000000, queue: 1000000), \
             endpoints: [(name: \"go\", steps: [{steps}])]),"
        );
    }
    format!(
        "System(format: 1, name: \"bench\", title: \"Bench\", regions: [\"r\"], latency: (within: \"0s\", between: \"0s\"), \
         calls: ({policy}), services: [{services}], \
         flows: [(name: \"f\", title: \"f\", entry: (\"s0\", \"go\"), slow: \"1h\", timeout: \"1h\", \
         rates: {{\"r\": \"{rate_per_s}/s\"}}, main: true)])"
    )
}

/// A binary tree of 20 services, each visited once by a request: 20 spans, five levels.
fn system_text(copies: u32) -> String {
    let (mut services, mut flows) = (String::new(), String::new());
    for copy in 0..copies {
        let name = |index: usize| format!("c{copy}-s{index}");
        for index in 0..SERVICES {
            let callees: Vec<String> = [2 * index + 1, 2 * index + 2]
                .into_iter()
                .filter(|callee| *callee < SERVICES)
                .map(name)
                .collect();
            let steps = steps("Compute(\"4ms\")", &callees);
            let _ = writeln!(
                services,
                "(name: \"{}\", replicas: {{\"north\": 3, \"south\": 3}}, instance: (cores: 2, workers: 64, queue: 128), \
                 endpoints: [(name: \"go\", steps: [{steps}])]),",
                name(index)
            );
        }
        let rate = format!("{}/m", SYSTEM_RATE_PER_S * 30 / u64::from(copies));
        let _ = writeln!(
            flows,
            "(name: \"f{copy}\", title: \"f\", entry: (\"{}\", \"go\"), slow: \"500ms\", timeout: \"2s\", \
             rates: {{\"north\": \"{rate}\", \"south\": \"{rate}\"}}, main: {}),",
            name(0),
            copy == 0
        );
    }
    format!(
        "System(format: 1, name: \"bench\", title: \"Bench\", regions: [\"north\", \"south\"], \
         latency: (within: \"500us\", between: \"20ms\"), \
         calls: (timeout: \"250ms\", attempts: 3, backoff: \"20ms\"), services: [{services}], flows: [{flows}])"
    )
}
