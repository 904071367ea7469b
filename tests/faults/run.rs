//! Runs of the depot: run once, read at any time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use brownout_scenario::faults::{Measure, ResourceSign, SignalSign};
use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::ids::{FlowId, InstanceId, RegionId, ServiceId, TableId};
use brownout_sim::world::{FlowCounts, InstanceState, World};
use brownout_telemetry::metrics::SeriesKind;
use brownout_telemetry::recorder::{Recorder, SCRAPE_NS};
use brownout_telemetry::signal::{Resource, Scope, Signal, Tally};

/// Seconds between two looks at what telemetry does not have.
const STEP_S: u64 = SCRAPE_NS / SECOND_NS;

/// What a look at a world finds beside its telemetry.
#[derive(Clone, Default)]
struct Look {
    counts: FlowCounts,
    backlog: u64,
    /// By service: hits and look-ups of its caches, writes its replicas are behind, waits for locks, wrong rows.
    services: Vec<(u64, u64, u64, u64, u64)>,
}

/// A run that is over.
pub struct Run {
    blueprint: Arc<Blueprint>,
    recorder: Recorder,
    /// One at the start, then one every [`STEP_S`].
    looks: Vec<Look>,
}

/// A signal, and what is added to its readings so that nothing is not infinitely less than a little.
fn signal(sign: SignalSign) -> (Signal, f64) {
    match sign {
        SignalSign::Rate => (Signal::Rate, 1_000.0),
        SignalSign::Errors => (Signal::ErrorShare, 2_000.0),
        SignalSign::P50 => (Signal::LatencyP50, 1.0),
        SignalSign::P95 => (Signal::LatencyP95, 1.0),
        SignalSign::P99 => (Signal::LatencyP99, 1.0),
        SignalSign::Waiting => (Signal::QueueDepth, 1.0),
        SignalSign::Cpu => (Signal::Cpu, 1_000.0),
        SignalSign::Ready => (Signal::ReadyInstances, 0.1),
    }
}

#[expect(clippy::cast_precision_loss, reason = "readings of a test")]
pub fn float(value: u64) -> f64 {
    value as f64
}

impl Run {
    /// Run a blueprint until a time in seconds.
    pub fn new(blueprint: Blueprint, seed: u64, until_s: u64) -> Self {
        let blueprint = Arc::new(blueprint);
        let mut world = World::new(Arc::clone(&blueprint), seed);
        let mut recorder = Recorder::new(&blueprint, Vec::new());
        let mut looks = vec![look(&world)];
        while world.now_ns() < until_s * SECOND_NS {
            let next_ns = world.now_ns() + SCRAPE_NS;
            recorder.advance(&mut world, next_ns, u64::MAX);
            recorder.scrape(&world);
            looks.push(look(&world));
        }
        assert_eq!(world.aborted(), None);
        Self {
            blueprint,
            recorder,
            looks,
        }
    }

    fn service(&self, name: &str) -> ServiceId {
        let found = self.blueprint.services.iter().position(|s| s.name == name);
        ServiceId::from_index(found.unwrap_or_else(|| panic!("no service {name}")))
    }

    fn region(&self, name: &str) -> Option<RegionId> {
        let found = self.blueprint.regions.iter().position(|r| r == name);
        found.map(RegionId::from_index)
    }

    fn flow(&self, name: &str) -> FlowId {
        let found = self.blueprint.flows.iter().position(|f| f.name == name);
        FlowId::from_index(found.unwrap_or_else(|| panic!("no flow {name}")))
    }

    fn look(&self, at_s: u64) -> &Look {
        let index = usize::try_from(at_s / STEP_S).unwrap_or(usize::MAX);
        &self.looks[index.min(self.looks.len() - 1)]
    }

    /// A measure over `window_s` seconds that end at a time in seconds.
    pub fn read(&self, measure: Measure, at_s: u64, window_s: u64) -> f64 {
        let (at_ns, window_ns) = (at_s * SECOND_NS, window_s * SECOND_NS);
        let signals = self.recorder.signals();
        let read = |sign: SignalSign, scope: Scope| {
            let (signal, floor) = signal(sign);
            float(signals.read(signal, scope, at_ns, window_ns).unwrap_or(0)) + floor
        };
        let of = |name: &str| self.service(name);
        let look = self.look(at_s);
        let index = |name: &str| self.service(name).index();
        match measure {
            Measure::Flow(sign, name, at) => {
                read(sign, Scope::flow(self.flow(name), self.region(at)))
            }
            Measure::Segment(name, segment) => self.segment(name, segment, at_ns, window_ns),
            Measure::Service(sign, name, at) => {
                read(sign, Scope::service(of(name), self.region(at)))
            }
            Measure::Calls(sign, from, to, at) => {
                read(sign, Scope::calls(of(from), of(to), self.region(at)))
            }
            Measure::Status(status, from, to) => {
                self.ended(status, (of(from), of(to)), at_ns, window_ns)
            }
            Measure::Resource(sign, name, at) => {
                let resource = match sign {
                    ResourceSign::Heap => Resource::Heap,
                    ResourceSign::Pauses => Resource::Pauses,
                    ResourceSign::Descriptors => Resource::Descriptors,
                    ResourceSign::Ports => Resource::Ports,
                    ResourceSign::Disk => Resource::Disk,
                };
                let scope = Scope::service(of(name), self.region(at));
                let worst = signals.resource(resource, scope, at_ns - window_ns, at_ns);
                float(worst.unwrap_or(0)) + 1.0
            }
            Measure::Standing(name, at) => self.instances(name, at, at_ns, false) + 0.1,
            Measure::Starting(name, at) => self.instances(name, at, at_ns, true) + 1.0,
            Measure::Restarts(name) => {
                let scope = Scope::service(of(name), None);
                float(signals.restarts(scope, at_ns - window_ns, at_ns)) + 1.0
            }
            Measure::Hits(name) => {
                let (now, then) = (look, self.look(at_s - window_s));
                let (now, then) = (now.services[index(name)], then.services[index(name)]);
                // A hundredth more, so that a cache that answers nothing can be compared with.
                float(now.0 - then.0) / float((now.1 - then.1).max(1)) + 0.01
            }
            Measure::Behind(name) => float(look.services[index(name)].2) + 1.0,
            Measure::LockWaits(name) => float(look.services[index(name)].3) + 1.0,
            Measure::WrongRows(name) => float(look.services[index(name)].4) + 5.0,
            Measure::Backlog => float(look.backlog) + 5.0,
            Measure::DeadLetters => float(look.counts.dead) + 1.0,
            Measure::Duplicates => float(look.counts.duplicated) + 5.0,
            Measure::LostWrites => float(look.counts.lost_writes) + 1.0,
            Measure::WrongAnswers => float(look.counts.wrong) + 5.0,
        }
    }

    /// Error share of a segment's users, parts per million, with the same floor as other error shares.
    fn segment(&self, flow: &str, segment: &str, at_ns: u64, window_ns: u64) -> f64 {
        let flow = self.flow(flow);
        let wanted = self.blueprint.segments.iter().position(|s| s == segment);
        let mut tally = Tally::default();
        self.recorder.metrics.visit(
            at_ns - window_ns,
            at_ns,
            |series| matches!(series.kind, SeriesKind::Flow { flow: f, segment, .. } if f == flow && Some(segment.index()) == wanted),
            |_, series, gained| tally.add(series, gained),
        );
        let share = tally.reading(Signal::ErrorShare, window_ns);
        float(share.unwrap_or(0)) + 2_000.0
    }

    /// Calls of one service to another that ended with a status.
    fn ended(
        &self,
        status: &str,
        (from, to): (ServiceId, ServiceId),
        at_ns: u64,
        window_ns: u64,
    ) -> f64 {
        let target = |edge: brownout_sim::ids::EdgeId| {
            let edge = &self.blueprint.edges[edge.index()];
            (
                edge.client,
                self.blueprint.endpoints[edge.target.index()].service,
            )
        };
        let mut calls = 0;
        self.recorder.metrics.visit(
            at_ns - window_ns,
            at_ns,
            |series| matches!(series.kind, SeriesKind::Client { edge, .. } if target(edge) == (Some(from), to) && format!("{:?}", series.status) == status),
            |_, _, gained| calls += gained.buckets.iter().sum::<u64>(),
        );
        float(calls) + 5.0
    }

    /// Instances of a service that have a process or wait for one; only those that come up if asked for.
    fn instances(&self, name: &str, at: &str, at_ns: u64, coming_up: bool) -> f64 {
        let (service, region) = (self.service(name), self.region(at));
        let rows = self.recorder.metrics.gauges(at_ns - SCRAPE_NS, at_ns);
        let rows = rows.filter(|(_, row)| {
            self.recorder.service_of(row.instance) == service
                && region.is_none_or(|region| self.recorder.region_of(row.instance) == region)
                && (!coming_up || row.state == InstanceState::Starting)
        });
        float(rows.count() as u64)
    }
}

fn look(world: &World) -> Look {
    let blueprint = world.blueprint();
    let flows = (0..blueprint.flows.len()).map(FlowId::from_index);
    let regions = || (0..blueprint.regions.len()).map(RegionId::from_index);
    let mut look = Look::default();
    for (flow, region) in flows.flat_map(|f| regions().map(move |r| (f, r))) {
        let counts = world.counts(flow, region);
        look.backlog += counts.published - counts.consumed - counts.lost - counts.dead;
        look.counts.dead += counts.dead;
        look.counts.duplicated += counts.duplicated;
        look.counts.lost_writes += counts.lost_writes;
        look.counts.wrong += counts.wrong;
    }
    for id in (0..blueprint.services.len()).map(ServiceId::from_index) {
        let replicas = world.replicas(id);
        let waits = world.lock_waits(id);
        let tables = blueprint.tables.iter().enumerate();
        let tables = tables.filter(|(_, table)| table.database == id);
        let wrong = tables.map(|(index, _)| world.wrong_rows(TableId::from_index(index)));
        look.services.push((
            0,
            0,
            replicas.iter().map(|r| r.behind).max().unwrap_or(0),
            waits.iter().map(|wait| u64::from(wait.waiting)).sum(),
            wrong.sum(),
        ));
    }
    for id in (0..world.instance_count()).map(InstanceId::from_index) {
        if let Some(cache) = world.cache(id) {
            let row = &mut look.services[world.instance(id).service.index()];
            row.0 += cache.counts.hits;
            row.1 += cache.counts.hits + cache.counts.misses;
        }
    }
    look
}

/// The results of some tasks, each done once, on all cores.
pub fn on_all_cores<T: Send>(count: usize, task: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return done;
                }
                done.push((index, task(index)));
            }
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let all = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        all.flat_map(|part| part.expect("a task has failed"))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
