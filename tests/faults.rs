//! Every row of the fault catalogue on the depot: what is said of it is seen in every seed with the fault, and in none
//! without it. Ten seeds each.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use brownout_scenario::faults::{Fault, Measure, ResourceSign, SignalSign, catalogue};
use brownout_scenario::{MemoryFiles, compile, load};
use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::ids::{FlowId, InstanceId, RegionId, ServiceId};
use brownout_sim::world::World;
use brownout_telemetry::recorder::{Recorder, SCRAPE_NS};
use brownout_telemetry::signal::{Resource, Scope, Signal};

const SEEDS: u64 = 10;
/// When a fault begins, in seconds, and how long before that is the time it is compared with.
const ONSET_S: u64 = 180;
const BEFORE_S: u64 = 60;

fn depot() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/systems/depot.ron");
    std::fs::read_to_string(path).expect("the depot")
}

/// The depot with changes at the onset, as a trainer would write them.
fn blueprint(depot: &str, changes: &[&str]) -> Blueprint {
    let mut timeline = String::new();
    for change in changes {
        let _ = write!(timeline, "(at: \"3m\", change: {change}), ");
    }
    let scenario = format!(
        r#"Scenario(format: 1, name: "fault", title: "Fault", summary: "A fault.", briefing: "A fault.", skills: [], difficulty: 1,
            system: "depot.ron", starts: "2026-05-14T06:10:00Z", horizon: "48m", objective: "98%",
            page: (alert: "registered", latest: "30m", text: "It is broken."),
            alerts: [(name: "registered", signal: FlowSuccessBelow("register", "96%"), window: "1m", hold: "1m", level: page)],
            versions: [], timeline: [{timeline}], people: [],
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
    assert!(errors.is_empty(), "{changes:?}\n{}", errors.join("\n"));
    let loaded = loaded.expect("it was read");
    let scenario = compile(&loaded, Some(0), 1).unwrap_or_else(|found| panic!("{found:#?}"));
    (*scenario.blueprint).clone()
}

fn service(blueprint: &Blueprint, name: &str) -> ServiceId {
    let found = blueprint.services.iter().position(|s| s.name == name);
    ServiceId::from_index(found.unwrap_or_else(|| panic!("no service {name}")))
}

fn region(blueprint: &Blueprint, name: &str) -> Option<RegionId> {
    let found = blueprint.regions.iter().position(|r| r == name);
    found.map(RegionId::from_index)
}

fn flow(blueprint: &Blueprint, name: &str) -> FlowId {
    let found = blueprint.flows.iter().position(|f| f.name == name);
    FlowId::from_index(found.unwrap_or_else(|| panic!("no flow {name}")))
}

/// A signal, and what is added to its readings so that nothing is not infinitely less than a little.
fn signal(sign: SignalSign) -> (Signal, f64) {
    match sign {
        SignalSign::Rate => (Signal::Rate, 1.0),
        SignalSign::Errors => (Signal::ErrorShare, 2_000.0),
        SignalSign::P50 => (Signal::LatencyP50, 1.0),
        SignalSign::P95 => (Signal::LatencyP95, 1.0),
        SignalSign::P99 => (Signal::LatencyP99, 1.0),
        SignalSign::Waiting => (Signal::QueueDepth, 1.0),
        SignalSign::Cpu => (Signal::Cpu, 1.0),
        SignalSign::Ready => (Signal::ReadyInstances, 0.0),
    }
}

/// A run that is looked at again and again.
struct Watched {
    world: World,
    recorder: Recorder,
    /// Cache hits and look-ups at the last look, by service.
    looked_up: Vec<(u64, u64)>,
}

impl Watched {
    fn new(blueprint: Blueprint, seed: u64) -> Self {
        let blueprint = Arc::new(blueprint);
        let world = World::new(Arc::clone(&blueprint), seed);
        Self {
            recorder: Recorder::new(&blueprint, Vec::new()),
            looked_up: vec![(0, 0); blueprint.services.len()],
            world,
        }
    }

    fn until(&mut self, second: u64) {
        while self.world.now_ns() < second * SECOND_NS {
            let next_ns = self.world.now_ns() + SCRAPE_NS;
            self.recorder.advance(&mut self.world, next_ns, u64::MAX);
            self.recorder.scrape(&self.world);
        }
    }

    fn counts(&self, count: impl Fn(&brownout_sim::world::FlowCounts) -> u64) -> f64 {
        let blueprint = self.world.blueprint();
        let flows = (0..blueprint.flows.len()).map(FlowId::from_index);
        let regions = || (0..blueprint.regions.len()).map(RegionId::from_index);
        let all = flows.flat_map(|flow| regions().map(move |region| (flow, region)));
        float(all.map(|(f, r)| count(&self.world.counts(f, r))).sum())
    }

    /// A measure over the last `window_s` seconds.
    fn read(&mut self, measure: Measure, window_s: u64) -> f64 {
        let blueprint = Arc::clone(self.world.blueprint());
        let (now_ns, window_ns) = (self.world.now_ns(), window_s * SECOND_NS);
        let read = |sign: SignalSign, scope: Scope| {
            let (signal, floor) = signal(sign);
            let signals = self.recorder.signals();
            float(signals.read(signal, scope, now_ns, window_ns).unwrap_or(0)) + floor
        };
        let of = |name: &str| service(&blueprint, name);
        match measure {
            Measure::Flow(sign, name, at) => read(
                sign,
                Scope::flow(flow(&blueprint, name), region(&blueprint, at)),
            ),
            Measure::Service(sign, name, at) => {
                read(sign, Scope::service(of(name), region(&blueprint, at)))
            }
            Measure::Calls(sign, from, to, at) => {
                read(sign, Scope::calls(of(from), of(to), region(&blueprint, at)))
            }
            Measure::Resource(sign, name, at) => {
                let resource = match sign {
                    ResourceSign::Heap => Resource::Heap,
                    ResourceSign::Pauses => Resource::Pauses,
                    ResourceSign::Descriptors => Resource::Descriptors,
                };
                let scope = Scope::service(of(name), region(&blueprint, at));
                let signals = self.recorder.signals();
                float(
                    signals
                        .resource(resource, scope, now_ns - window_ns, now_ns)
                        .unwrap_or(0),
                ) + 1.0
            }
            Measure::Restarts(name) => {
                let scope = Scope::service(of(name), None);
                let signals = self.recorder.signals();
                float(signals.restarts(scope, now_ns - window_ns, now_ns)) + 1.0
            }
            Measure::Hits(name) => {
                let id = of(name);
                let (mut hits, mut all) = (0, 0);
                for index in (0..self.world.instance_count()).map(InstanceId::from_index) {
                    if self.world.instance(index).service == id
                        && let Some(cache) = self.world.cache(index)
                    {
                        hits += cache.counts.hits;
                        all += cache.counts.hits + cache.counts.misses;
                    }
                }
                let before = std::mem::replace(&mut self.looked_up[id.index()], (hits, all));
                float(hits - before.0) / float((all - before.1).max(1))
            }
            Measure::Behind(name) => {
                let replicas = self.world.replicas(of(name));
                float(replicas.iter().map(|r| r.behind).max().unwrap_or(0)) + 1.0
            }
            Measure::LockWaits(name) => {
                let waits = self.world.lock_waits(of(name));
                float(waits.iter().map(|wait| u64::from(wait.waiting)).sum()) + 1.0
            }
            Measure::Backlog => self.counts(|c| c.published - c.consumed - c.lost - c.dead) + 5.0,
            Measure::DeadLetters => self.counts(|c| c.dead) + 1.0,
            Measure::Duplicates => self.counts(|c| c.duplicated) + 5.0,
            Measure::LostWrites => self.counts(|c| c.lost_writes) + 1.0,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "readings of a test")]
fn float(value: u64) -> f64 {
    value as f64
}

/// For each sign of a fault, by how much its measure changed.
fn changes(fault: &Fault, blueprint: &Blueprint, seed: u64) -> Vec<f64> {
    let mut run = Watched::new(blueprint.clone(), seed);
    let all = |run: &mut Watched| -> Vec<f64> {
        let signs = fault.signs.iter();
        signs.map(|sign| run.read(sign.measure, BEFORE_S)).collect()
    };
    run.until(ONSET_S - BEFORE_S);
    all(&mut run);
    run.until(ONSET_S);
    let before = all(&mut run);
    let mut ratios = vec![0.0; before.len()];
    let mut order: Vec<usize> = (0..before.len()).collect();
    order.sort_by_key(|&index| fault.signs[index].within_s);
    for index in order {
        let sign = &fault.signs[index];
        run.until(ONSET_S + sign.within_s);
        let now = run.read(sign.measure, sign.within_s.min(BEFORE_S));
        ratios[index] = now / before[index].max(1e-9);
    }
    ratios
}

fn shows(factor: f64, change: f64) -> bool {
    if factor > 1.0 {
        change >= factor
    } else {
        change <= factor
    }
}

/// Every sign of every fault of a share of the catalogue.
fn check(part: usize, of: usize) {
    let depot = depot();
    let healthy = blueprint(&depot, &[]);
    let mut wrong = String::new();
    for fault in catalogue().into_iter().skip(part).step_by(of) {
        let broken = blueprint(&depot, fault.written);
        for seed in 1..=SEEDS {
            let with = changes(fault, &broken, seed);
            let without = changes(fault, &healthy, seed);
            for ((sign, with), without) in fault.signs.iter().zip(with).zip(without) {
                let (seen, imagined) = (shows(sign.factor, with), shows(sign.factor, without));
                if !seen || imagined {
                    let _ = writeln!(
                        wrong,
                        "{} seed {seed}: {:?} expected {} within {} s: {with:.2} with, {without:.2} without",
                        fault.name, sign.measure, sign.factor, sign.within_s
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn faults_show_as_it_is_said_of_them() {
    check(0, 2);
}

#[test]
fn faults_show_as_it_is_said_of_them_too() {
    check(1, 2);
}

/// The page is what the program says, and names are names.
#[test]
fn the_page_of_faults_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FAULTS.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let made = brownout_scenario::faults::page();
    assert!(
        page == made,
        "docs/FAULTS.md is out of date: brownout docs faults > docs/FAULTS.md"
    );
    let mut names: Vec<&str> = catalogue().iter().map(|fault| fault.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two faults of one name");
    assert!(
        catalogue()
            .iter()
            .all(|f| !f.signs.is_empty() && !f.written.is_empty())
    );
}
