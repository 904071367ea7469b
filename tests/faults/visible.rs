//! Goal: no fault is invisible, and none is announced. Method: each row on the depot beside the same depot without it, the
//! same seed; each of the field guide's signals is compared from the onset on, by differences a person would notice.
//! Expectation: some signal other than the change log shows every row within five minutes, and what is written anywhere
//! names no row. docs/SIGNALS.md is the table; `BROWNOUT_WRITE=1 cargo test --test faults visible` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use brownout_scenario::faults::{Fault, Primitive, catalogue};
use brownout_sim::blueprint::{Blueprint, SECOND_NS, ServiceKind};
use brownout_sim::hash::combine;
use brownout_sim::ids::{
    DeploymentId, EdgeId, FlagId, FlowId, InstanceId, QueryId, RegionId, ServiceId, TableId,
    VariableId,
};
use brownout_sim::probe::{Probe, RootEnd};
use brownout_sim::world::World;
use brownout_telemetry::alerts::Rule;
use brownout_telemetry::recorder::{Recorder, SCRAPE_NS};
use brownout_telemetry::signal::{Resource, Scope, Signal};

use crate::depot::{ONSET_S, broken, depot};
use crate::run::on_all_cores;

/// How long after the onset is looked at, in seconds.
const UPTO_S: u64 = 300;
const SEED: u64 = 1;
/// Telemetry is compared over so many seconds.
const WINDOW_S: u64 = 30;
/// Insides are compared, and requests tried, after so many seconds.
const LOOKS_S: [u64; 6] = [15, 30, 60, 120, 200, 300];

/// The signals, by the field guide's numbers.
const SIGNALS: [(u8, &str); 14] = [
    (1, "requests, errors, durations"),
    (2, "saturation"),
    (3, "logs"),
    (4, "traces"),
    (5, "change log"),
    (6, "diff"),
    (7, "database inside"),
    (8, "queue inside"),
    (9, "data checks"),
    (10, "status pages"),
    (11, "tickets"),
    (12, "alerts"),
    (13, "own request"),
    (14, "dumps"),
];

/// Something countable at a moment, by what it is of.
type Facts = BTreeMap<String, u64>;

/// A world with what is recorded of it.
struct Side {
    world: World,
    recorder: Recorder,
}

/// Alerts as a team has them: users of each flow, errors and workers of each service.
fn rules(blueprint: &Blueprint) -> Vec<Rule> {
    let rule = |name: String, signal, scope, threshold, below| Rule {
        name,
        signal,
        scope,
        threshold,
        below,
        short_ns: None,
        absent: false,
        window_ns: 60 * SECOND_NS,
        hold_ns: 30 * SECOND_NS,
        pages: false,
    };
    let mut rules = Vec::new();
    for (index, flow) in blueprint.flows.iter().enumerate() {
        let scope = Scope::flow(FlowId::from_index(index), None);
        rules.push(rule(
            flow.name.clone(),
            Signal::SuccessShare,
            scope,
            970_000,
            true,
        ));
        rules.push(rule(
            format!("{} slow", flow.name),
            Signal::SlowShare,
            scope,
            50_000,
            false,
        ));
    }
    for (index, service) in blueprint.services.iter().enumerate() {
        let scope = Scope::service(ServiceId::from_index(index), None);
        let name = &service.name;
        rules.push(rule(
            format!("{name} errors"),
            Signal::ErrorShare,
            scope,
            50_000,
            false,
        ));
        rules.push(rule(
            format!("{name} workers"),
            Signal::Saturation,
            scope,
            800_000,
            false,
        ));
        rules.push(Rule {
            absent: true,
            ..rule(
                format!("{name} silent"),
                Signal::ReadyInstances,
                scope,
                0,
                false,
            )
        });
    }
    rules
}

/// Whether a reading stands out against another: by this much, and in this proportion either way.
fn stands_out(with: u64, without: u64, by: u64, percent: u64) -> bool {
    let (low, high) = (with.min(without), with.max(without));
    high - low >= by && high * 100 >= low * percent
}

impl Side {
    fn new(blueprint: Blueprint) -> Self {
        let blueprint = Arc::new(blueprint);
        Self {
            recorder: Recorder::new(&blueprint, rules(&blueprint)),
            world: World::new(blueprint, SEED),
        }
    }

    fn advance(&mut self, until_s: u64) {
        while self.world.now_ns() < until_s * SECOND_NS {
            let next_ns = self.world.now_ns() + SCRAPE_NS;
            self.recorder.advance(&mut self.world, next_ns, u64::MAX);
            self.recorder.scrape(&self.world);
        }
    }

    fn blueprint(&self) -> &Blueprint {
        self.world.blueprint()
    }

    fn regions(&self) -> impl Iterator<Item = RegionId> {
        (0..self.blueprint().regions.len()).map(RegionId::from_index)
    }

    fn scopes(&self) -> Vec<(String, Scope)> {
        let blueprint = self.blueprint();
        let mut scopes = Vec::new();
        for region in self.regions() {
            for (index, flow) in blueprint.flows.iter().enumerate() {
                let scope = Scope::flow(FlowId::from_index(index), Some(region));
                scopes.push((format!("{} {}", flow.name, region.0), scope));
            }
            for (index, service) in blueprint.services.iter().enumerate() {
                let scope = Scope::service(ServiceId::from_index(index), Some(region));
                scopes.push((format!("{} {}", service.name, region.0), scope));
            }
            for edge in &blueprint.edges {
                let callee = blueprint.endpoints[edge.target.index()].service;
                if let Some(client) = edge.client {
                    let scope = Scope::calls(client, callee, Some(region));
                    scopes.push((format!("{}-{} {}", client.0, callee.0, region.0), scope));
                }
            }
        }
        scopes
    }

    fn read(&self, signal: Signal, scope: Scope) -> u64 {
        let (now_ns, window_ns) = (self.world.now_ns(), WINDOW_S * SECOND_NS);
        self.recorder
            .signals()
            .read(signal, scope, now_ns, window_ns)
            .unwrap_or(0)
    }

    /// S3: lines by who wrote them and of which kind they are.
    fn lines(&self) -> Facts {
        let now_ns = self.world.now_ns();
        let mut facts = Facts::new();
        let lines = self
            .recorder
            .logs
            .between(now_ns - 2 * WINDOW_S * SECOND_NS, now_ns);
        for line in lines {
            let service = self.recorder.service_of(line.instance).0;
            let kind = std::mem::discriminant(&line.message);
            *facts
                .entry(format!("{service} {kind:?} {:?}", line.message.level()))
                .or_default() += 1;
        }
        facts
    }

    /// S4: spans by call and result, and their summed durations.
    fn spans(&self) -> (Facts, Facts) {
        let now_ns = self.world.now_ns();
        let (mut counts, mut times) = (Facts::new(), Facts::new());
        let kept = self
            .recorder
            .traces
            .between(now_ns - 2 * WINDOW_S * SECOND_NS, now_ns);
        for span in kept.flat_map(|trace| &trace.spans) {
            let key = format!("{} {:?}", span.edge.0, span.status);
            *counts.entry(key.clone()).or_default() += 1;
            *times.entry(key).or_default() += span.end_ns.saturating_sub(span.start_ns) / 1_000;
        }
        (counts, times)
    }

    /// S6: versions, variables, settings of calls, plans, flags.
    fn settings(&self) -> Facts {
        let (world, blueprint) = (&self.world, self.blueprint());
        let mut facts = Facts::new();
        let mut note = |what: String| {
            facts.insert(what, 1);
        };
        for index in 0..blueprint.deployments.len() {
            let id = DeploymentId::from_index(index);
            note(format!("{index} runs {}", world.deployment(id).version.0));
            note(format!("{index} wants {}", world.deployment(id).replicas));
            for variable in 0..blueprint.variables.len() {
                let value = world.variable(id, VariableId::from_index(variable));
                note(format!("{index} {variable} {value:?}"));
            }
        }
        for region in self.regions() {
            for edge in 0..blueprint.edges.len() {
                let policy = world.call_policy(EdgeId::from_index(edge), region);
                note(format!("{edge} {} {policy:?}", region.0));
            }
            for flag in 0..blueprint.flags.len() {
                let share = world.flag_share(FlagId::from_index(flag), region);
                note(format!("flag {flag} {} {share}", region.0));
            }
        }
        for query in 0..blueprint.queries.len() {
            note(format!(
                "{query} {:?}",
                world.plan_of(QueryId::from_index(query))
            ));
        }
        facts
    }

    /// S7: waits for locks, replicas behind, rows examined, connections, of all databases.
    fn databases(&self) -> Facts {
        let (world, blueprint) = (&self.world, self.blueprint());
        let mut facts = Facts::new();
        for index in 0..blueprint.services.len() {
            let id = ServiceId::from_index(index);
            let waits: u64 = world
                .lock_waits(id)
                .iter()
                .map(|wait| u64::from(wait.waiting))
                .sum();
            let behind = world
                .replicas(id)
                .iter()
                .map(|r| r.behind)
                .max()
                .unwrap_or(0);
            facts.insert(format!("{index} waits"), waits);
            facts.insert(format!("{index} behind"), behind);
            facts.insert(
                format!("{index} connections"),
                u64::from(world.connections(id)),
            );
            facts.insert(
                format!("{index} primary"),
                world.primary(id).map_or(0, |at| 100 * u64::from(at.0)),
            );
            facts.insert(format!("{index} schema"), 100 * u64::from(world.schema(id)));
        }
        for query in 0..blueprint.queries.len() {
            let id = QueryId::from_index(query);
            facts.insert(format!("{query} examines"), world.rows_examined(id));
        }
        facts
    }

    /// S8: depth, age and dead letters of all queues, and what caches hold.
    fn queues(&self) -> Facts {
        let (world, blueprint) = (&self.world, self.blueprint());
        let mut facts = Facts::new();
        for index in 0..world.instance_count() {
            let gauges = world.instance(InstanceId::from_index(index));
            let service = &blueprint.services[gauges.service.index()];
            if service.kind == ServiceKind::Queue {
                facts.insert(format!("{index} depth"), u64::from(gauges.queued));
                facts.insert(format!("{index} age"), gauges.oldest_ns / SECOND_NS);
                let dead = world.dead_letters(gauges.service) as u64;
                facts.insert(format!("{} dead", gauges.service.0), dead);
            }
        }
        facts
    }

    /// S9: wrong rows, work done twice, writes lost.
    fn data(&self) -> Facts {
        let (world, blueprint) = (&self.world, self.blueprint());
        let mut facts = Facts::new();
        for table in 0..blueprint.tables.len() {
            facts.insert(
                format!("{table} wrong"),
                world.wrong_rows(TableId::from_index(table)),
            );
        }
        for (flow, region) in
            (0..blueprint.flows.len()).flat_map(|f| self.regions().map(move |r| (f, r)))
        {
            let counts = world.counts(FlowId::from_index(flow), region);
            facts.insert(format!("{flow} {} twice", region.0), counts.duplicated);
            facts.insert(
                format!("{flow} {} lost", region.0),
                counts.lost + counts.lost_writes,
            );
        }
        facts
    }

    /// S14: what requests are at, by service.
    fn dumps(&self) -> Facts {
        let mut facts = Facts::new();
        for index in 0..self.world.instance_count() {
            let id = InstanceId::from_index(index);
            let service = self.world.instance(id).service;
            for busy in self.world.work_at(id) {
                *facts
                    .entry(format!("{} {:?}", service.0, busy.doing))
                    .or_default() += u64::from(busy.count);
            }
        }
        facts
    }

    /// S13: results and durations of a request of each flow, region and segment, all made at once in a copy of the world.
    fn tried(&self, nonce: u64) -> Vec<(bool, u64)> {
        let blueprint = Arc::clone(self.world.blueprint());
        let mut fork = self.world.fork();
        let mut wanted = Tried::default();
        for (index, source) in blueprint.sources.iter().enumerate() {
            let id = combine(nonce, index as u64);
            wanted.ends.insert(id, None);
            fork.try_request(source.flow, source.region, source.segment, id, &mut wanted);
        }
        let until_ns = fork.now_ns() + 20 * SECOND_NS;
        while fork.now_ns() < until_ns && wanted.ends.values().any(Option::is_none) {
            let next_ns = fork.now_ns() + SECOND_NS / 4;
            fork.advance_until(next_ns, u64::MAX, &mut wanted);
        }
        wanted
            .ends
            .into_values()
            .map(|end| end.unwrap_or((false, 20_000)))
            .collect()
    }

    /// All that is written anywhere.
    fn words(&self) -> String {
        let mut words = String::new();
        for line in self.recorder.logs.lines() {
            self.recorder.logs.write(self.blueprint(), line, &mut words);
            words.push('\n');
        }
        words
    }
}

/// Waits for requests by their traces.
#[derive(Default)]
struct Tried {
    ends: BTreeMap<u64, Option<(bool, u64)>>,
}

impl Probe for Tried {
    fn root_end(&mut self, end: &RootEnd) {
        if let Some(result) = self.ends.get_mut(&end.trace) {
            *result = Some((
                end.status.is_ok() && !end.degraded,
                end.duration_ns / 1_000_000,
            ));
        }
    }
}

/// Whether some fact of one side stands out against the other.
fn differ(with: &Facts, without: &Facts, by: u64, percent: u64) -> bool {
    let keys = with.keys().chain(without.keys());
    let of = |facts: &Facts, key: &String| facts.get(key).copied().unwrap_or(0);
    let mut keys = keys.map(|key| (of(with, key), of(without, key)));
    keys.any(|(with, without)| stands_out(with, without, by, percent))
}

/// Which signals show a difference now.
fn showing(with: &Side, without: &Side, inside: bool, nonce: u64) -> Vec<u8> {
    let mut found = Vec::new();
    let mut see = |signal: u8, seen: bool| {
        if seen {
            found.push(signal);
        }
    };
    let both = |signal, scope| (with.read(signal, scope), without.read(signal, scope));
    let scopes = with.scopes();
    let golden = scopes.iter().any(|(_, scope)| {
        let (errors, without_errors) = both(Signal::ErrorShare, *scope);
        let (p95, without_p95) = both(Signal::LatencyP95, *scope);
        let (p50, without_p50) = both(Signal::LatencyP50, *scope);
        let (rate, without_rate) = both(Signal::Rate, *scope);
        stands_out(errors, without_errors, 10_000, 150)
            || stands_out(p95, without_p95, 20_000, 150)
            || stands_out(p50, without_p50, 5_000, 150)
            || stands_out(rate, without_rate, 1_000, 140)
    });
    see(1, golden);
    let now_ns = with.world.now_ns();
    let from_ns = now_ns - WINDOW_S * SECOND_NS;
    let saturated = scopes.iter().any(|(_, scope)| {
        let gauges = [
            (Signal::Saturation, 150_000),
            (Signal::Cpu, 150_000),
            (Signal::QueueDepth, 10),
            (Signal::ReadyInstances, 1),
        ];
        let gauge = gauges.into_iter().any(|(signal, by)| {
            let (with, without) = both(signal, *scope);
            stands_out(with, without, by, 130)
        });
        let all = [
            Resource::Heap,
            Resource::Pauses,
            Resource::Descriptors,
            Resource::Ports,
            Resource::Disk,
        ];
        let resource = all.into_iter().any(|resource| {
            let of = |side: &Side| {
                let read = side
                    .recorder
                    .signals()
                    .resource(resource, *scope, from_ns, now_ns);
                read.unwrap_or(0)
            };
            stands_out(of(with), of(without), 100_000, 130)
        });
        let restarts = |side: &Side| side.recorder.signals().restarts(*scope, 0, now_ns);
        gauge || resource || restarts(with) > restarts(without)
    });
    see(2, saturated);
    see(3, differ(&with.lines(), &without.lines(), 5, 300));
    let ((counts, times), (without_counts, without_times)) = (with.spans(), without.spans());
    let mean = |counts: &Facts, times: &Facts| -> Facts {
        let several = counts.iter().filter(|(_, count)| **count >= 4);
        several
            .map(|(key, count)| (key.clone(), times[key] / count))
            .collect()
    };
    let (means, without_means) = (mean(&counts, &times), mean(&without_counts, &without_times));
    let slower = means.iter().any(|(key, mean)| {
        let without = without_means.get(key);
        without.is_some_and(|without| stands_out(*mean, *without, 5_000, 150))
    });
    see(4, slower || differ(&counts, &without_counts, 4, 300));
    let tickets = |side: &Side| side.recorder.tickets.until(now_ns).len();
    see(11, tickets(with) >= tickets(without) + 2);
    let fired = |side: &Side| -> Facts {
        let events = side
            .recorder
            .alerts
            .events()
            .iter()
            .filter(|event| event.firing);
        events
            .map(|event| (format!("{} {}", event.rule, event.region.0), 1))
            .collect()
    };
    see(12, differ(&fired(with), &fired(without), 1, 100));
    if inside {
        see(6, differ(&with.settings(), &without.settings(), 1, 100));
        see(7, differ(&with.databases(), &without.databases(), 5, 200));
        see(8, differ(&with.queues(), &without.queues(), 5, 200));
        see(9, differ(&with.data(), &without.data(), 1, 150));
        see(14, differ(&with.dumps(), &without.dumps(), 5, 300));
        let pages = |side: &Side| -> Facts {
            let services = 0..side.blueprint().services.len();
            let pages = services.map(|index| side.world.status_page(ServiceId::from_index(index)));
            pages
                .enumerate()
                .map(|(index, page)| (format!("{index} {page:?}"), 1))
                .collect()
        };
        see(10, differ(&pages(with), &pages(without), 1, 100));
        let (tried, without_tried) = (with.tried(nonce), without.tried(nonce));
        let apart = tried
            .iter()
            .zip(&without_tried)
            .any(|((ok, ms), (well, without_ms))| {
                ok != well || stands_out(*ms, *without_ms, 50, 200)
            });
        see(13, apart);
    }
    found
}

/// When each signal shows a row first, in seconds after the onset; and whether something names it.
fn visible(depot: &str, fault: &'static Fault) -> (BTreeMap<u8, u64>, bool) {
    let nothing = Fault {
        written: &[],
        ..*fault
    };
    let mut with = Side::new(broken(depot, fault, None, None));
    let mut without = Side::new(broken(depot, &nothing, None, None));
    with.advance(ONSET_S);
    without.advance(ONSET_S);
    let mut first: BTreeMap<u8, u64> = BTreeMap::new();
    // Rollouts, settings, scaling: somebody did that, and it stands in the change log.
    let logged = fault.written.iter().filter(|written| {
        let primitive = Primitive::of(written.change);
        matches!(
            primitive,
            Some(Primitive::Release | Primitive::Fleet | Primitive::Limit)
        )
    });
    if let Some(at_s) = logged.map(|written| written.after_s).min() {
        first.insert(5, at_s);
    }
    for step in 1..=UPTO_S * SECOND_NS / SCRAPE_NS {
        let after_s = step * SCRAPE_NS / SECOND_NS;
        with.advance(ONSET_S + after_s);
        without.advance(ONSET_S + after_s);
        let inside = LOOKS_S.contains(&after_s);
        for signal in showing(&with, &without, inside, after_s) {
            first.entry(signal).or_insert(after_s);
        }
    }
    // A name of one word, such as `reset`, is a word of ordinary logs as well.
    let words = with.words().to_lowercase();
    let told = ["fault", "inject", "scenario", "chaos"];
    let named = fault.name.contains('-') && words.contains(fault.name);
    (first, named || told.iter().any(|word| words.contains(word)))
}

#[test]
fn no_fault_is_invisible_and_none_is_announced() {
    let (depot, rows) = (depot(), catalogue());
    let found = on_all_cores(rows.len(), |index| visible(&depot, rows[index]));
    let mut page = String::from(
        "# Which signals show which fault, and when\n\n\
         Each row of [the catalogue](FAULTS.md) on the depot (`scenarios/systems/depot.ron`, seed 1) beside the same depot\n\
         without it. A figure is the time from the onset, in seconds, until the signal first differs by as much as a person\n\
         would notice; empty means not within five minutes. The columns are the field guide's signals:\n\n",
    );
    for (number, what) in SIGNALS {
        let _ = writeln!(page, "- S{number}: {what}");
    }
    page.push_str(
        "\nTelemetry (S1 to S4, S11, S12) is compared at every scrape, over half a minute for figures and a minute for lines and\n\
         traces; insides (S6 to S10, S14) and own requests (S13) after 15, 30, 60, 120, 200 and 300 seconds. S5 is what was done\n\
         by somebody: releases, settings, scaling, limits stand in the change log at once. S9 grows: what is wrong is found by whoever\n\
         looks. The depot's alerts here are success and slowness of each flow, errors, workers and silence of each service.\n\n",
    );
    page.push_str("| fault |");
    for (number, _) in SIGNALS {
        let _ = write!(page, " S{number} |");
    }
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(SIGNALS.len()));
    page.push('\n');
    let mut wrong = String::new();
    for (fault, (first, named)) in rows.iter().zip(&found) {
        let _ = write!(page, "| `{}` |", fault.name);
        for (number, _) in SIGNALS {
            let at = first.get(&number).map_or(String::new(), u64::to_string);
            let _ = write!(page, " {at} |");
        }
        page.push('\n');
        if !first.keys().any(|signal| *signal != 5) {
            let _ = writeln!(wrong, "{} is invisible", fault.name);
        }
        if *named {
            let _ = writeln!(wrong, "{} is announced", fault.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SIGNALS.md");
    if std::env::var_os("BROWNOUT_WRITE").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/SIGNALS.md is out of date: BROWNOUT_WRITE=1 cargo test --test faults visible"
    );
}
