//! The observer that records a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use brownout_sim::blueprint::{Blueprint, ONE_Q32, SECOND_NS, ServiceKind};
use brownout_sim::change::Watched;
use brownout_sim::hash::combine;
use brownout_sim::ids::{DeploymentId, InstanceId, RegionId, ServiceId, VersionId};
use brownout_sim::probe::{CallEnd, Lifecycle, Probe, RootEnd, ServerEnd, Span, Status, TraceEnd};
use brownout_sim::world::{InstanceGauges, InstanceState, Progress, World};

use crate::alerts::{Alerts, Rule};
use crate::changes::Changes;
use crate::export::Recorded;
use crate::exposition::{Directory, Exposition};
use crate::lives::Lives;
use crate::logql::Lines;
use crate::logs::{Binding, LogLine, Logs, Message, micros};
use crate::metrics::{LetterRow, Metrics};
use crate::pages::Pages;
use crate::processes::Processes;
use crate::signal::SignalReader;
use crate::tickets::Tickets;
use crate::traces::Traces;

/// Time between scrapes.
pub const SCRAPE_NS: u64 = 5 * SECOND_NS;

/// From how many milliseconds between two scrapes collections are told in the log.
pub const GC_LOG_MS: u64 = 100;

/// From how long an operation of a database is told in its log.
pub const SLOW_QUERY_NS: u64 = SECOND_NS / 2;

/// Sets the draw of whether a sampling agent keeps a trace apart from all others.
const SAMPLED: u64 = 0x7361_6d70_6c65;

/// How much was recorded, and how much was dropped to keep it small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Volume {
    /// Traces that ended.
    pub traces_seen: u64,
    /// Traces kept.
    pub traces_kept: u64,
    /// Log lines kept.
    pub log_lines: u64,
    /// Log lines dropped because their kind was over quota.
    pub log_lines_dropped: u64,
    /// Metric series.
    pub series: u64,
    /// Bytes of metric samples.
    pub metric_bytes: u64,
}

/// Everything recorded of a run.
#[derive(Debug)]
pub struct Recorder {
    blueprint: Arc<Blueprint>,
    instance_region: Vec<RegionId>,
    instance_service: Vec<ServiceId>,
    /// Metrics.
    pub metrics: Metrics,
    /// Logs.
    pub logs: Logs,
    /// Traces.
    pub traces: Traces,
    /// Change log.
    pub changes: Changes,
    /// Processes that were replaced.
    pub processes: Processes,
    /// Processes as monitoring sees them.
    pub lives: Lives,
    /// Alerts.
    pub alerts: Alerts,
    /// Reports of customers.
    pub tickets: Tickets,
    /// Providers' status pages.
    pub pages: Pages,
    directory: Directory,
    is_database: Vec<bool>,
    /// Collections and time stood still of each instance at the last scrape.
    collected: Vec<(u64, u64)>,
    /// Processes that started since the last look at the world: their configuration is still to be noted.
    started: Vec<(InstanceId, u64)>,
    /// Log lines on their way: when they come and in which order they were written.
    late: BTreeMap<(u64, u64), (u16, LogLine)>,
    late_lines: u64,
    /// Instances that are not watched as they should be: all others pay one test.
    odd: Vec<bool>,
    /// How what is recorded of each instance gets here.
    watched: Vec<Watched>,
    /// Whether traces through some of them are lost.
    sampling: bool,
}

impl Recorder {
    /// A recorder for worlds of `blueprint`.
    #[must_use]
    pub fn new(blueprint: &Arc<Blueprint>, rules: Vec<Rule>) -> Self {
        let slots = || {
            blueprint
                .deployments
                .iter()
                .flat_map(|d| (0..d.slots()).map(move |_| d))
        };
        let instances = slots().count();
        Self {
            // The processes that run from the start have a configuration too.
            started: (0..instances)
                .map(|i| (InstanceId::from_index(i), 0))
                .collect(),
            late: BTreeMap::new(),
            late_lines: 0,
            odd: vec![false; instances],
            watched: vec![Watched::WELL; instances],
            sampling: false,
            instance_region: slots().map(|d| d.region).collect(),
            instance_service: slots().map(|d| d.service).collect(),
            metrics: Metrics::new(blueprint),
            logs: Logs::default(),
            traces: Traces::default(),
            changes: Changes::default(),
            processes: Processes::default(),
            is_database: slots()
                .map(|d| blueprint.services[d.service.index()].kind == ServiceKind::Database)
                .collect(),
            collected: vec![(0, 0); instances],
            lives: Lives::new(blueprint),
            directory: Directory::new(blueprint),
            tickets: Tickets::default(),
            pages: Pages::default(),
            alerts: Alerts::new(rules, blueprint.regions.len()),
            blueprint: Arc::clone(blueprint),
        }
    }

    /// Advance a world under this observer. The event loop is compiled here, with this crate's optimisation, whoever
    /// calls it.
    pub fn advance(&mut self, world: &mut World, limit_ns: u64, budget: u64) -> Progress {
        world.advance_until(limit_ns, budget, self)
    }

    /// Read every instance's gauges, close the metrics interval and evaluate the alerts.
    pub fn scrape(&mut self, world: &World) {
        self.note_configurations(world);
        let instances = (0..world.instance_count())
            .map(InstanceId::from_index)
            .map(|id| (id, world.instance(id)))
            .filter(|(_, gauges)| gauges.state != InstanceState::Off);
        let (dark, seen): (Vec<_>, Vec<_>) =
            instances.partition(|(id, _)| self.watched.get(id.index()).is_some_and(|of| of.dark));
        for (id, gauges) in dark {
            self.metrics.pass_over(id, &gauges);
        }
        for (id, gauges) in &seen {
            self.note_collections(world.now_ns(), *id, gauges);
        }
        self.metrics.scrape(world.now_ns(), seen.into_iter());
        self.take_late(world.now_ns());
        self.note_letters(world);
        self.pages.note(world);
        let reader = SignalReader {
            blueprint: &self.blueprint,
            instance_region: &self.instance_region,
            instance_service: &self.instance_service,
            metrics: &self.metrics,
        };
        self.alerts.evaluate(world.now_ns(), reader);
    }

    /// A line of what was collected since the last scrape, where it held up anybody.
    fn note_collections(&mut self, at_ns: u64, id: InstanceId, gauges: &InstanceGauges) {
        let Some(resources) = gauges.resources else {
            return;
        };
        let now = (resources.collections, resources.paused_ns);
        let before = std::mem::replace(&mut self.collected[id.index()], now);
        let times = now.0.saturating_sub(before.0);
        let paused_ms = now.1.saturating_sub(before.1) / 1_000_000;
        if times > 0 && paused_ms >= GC_LOG_MS {
            let message = Message::Collected {
                times: u32::try_from(times).unwrap_or(u32::MAX),
                paused_ms: u32::try_from(paused_ms).unwrap_or(u32::MAX),
            };
            self.log((at_ns, 0), id, 0, message);
        }
    }

    fn note_letters(&mut self, world: &World) {
        let blueprint = &self.blueprint;
        let keepers = blueprint.services.iter().enumerate();
        for (index, _) in keepers.filter(|(_, service)| service.queue.dead_letters) {
            let service = ServiceId::from_index(index);
            for region in (0..blueprint.regions.len()).map(RegionId::from_index) {
                let count = world.dead_letters_of(service, region) as u64;
                if count > 0 {
                    self.metrics.note_letters(LetterRow {
                        service,
                        region,
                        count,
                    });
                }
            }
        }
    }

    /// Note the configuration of processes that started since the last call.
    pub fn note_configurations(&mut self, world: &World) {
        for (instance, since_ns) in self.started.drain(..) {
            let addresses = world.addresses(instance);
            self.logs.bind(
                instance,
                Binding {
                    since_ns,
                    addresses,
                },
            );
        }
    }

    /// Reader of signals.
    #[must_use]
    pub fn signals(&self) -> SignalReader<'_> {
        SignalReader {
            blueprint: &self.blueprint,
            instance_region: &self.instance_region,
            instance_service: &self.instance_service,
            metrics: &self.metrics,
        }
    }

    /// The metrics as a server would scrape them, where simulated time 0 is so many seconds after the Unix epoch.
    #[must_use]
    pub fn exposition(&self, start_unix_s: i64) -> Exposition<'_> {
        Exposition {
            blueprint: &self.blueprint,
            metrics: &self.metrics,
            lives: &self.lives,
            directory: &self.directory,
            start_ms: start_unix_s.saturating_mul(1_000),
        }
    }

    /// Everything for export, where simulated time 0 is so many seconds after the Unix epoch.
    #[must_use]
    pub fn recorded(&self, start_unix_s: i64) -> Recorded<'_> {
        Recorded {
            blueprint: &self.blueprint,
            directory: &self.directory,
            exposition: self.exposition(start_unix_s),
            logs: &self.logs,
            traces: &self.traces,
            start_unix_ns: u64::try_from(start_unix_s)
                .unwrap_or(0)
                .saturating_mul(SECOND_NS),
        }
    }

    /// The logs for queries, where simulated time 0 is so many seconds after the Unix epoch.
    #[must_use]
    pub fn lines(&self, start_unix_s: i64) -> Lines<'_> {
        Lines {
            blueprint: &self.blueprint,
            directory: &self.directory,
            logs: &self.logs,
            start_ms: start_unix_s.saturating_mul(1_000),
        }
    }

    /// How much was recorded and dropped so far.
    #[must_use]
    pub fn volume(&self) -> Volume {
        let (traces_seen, traces_kept) = self.traces.volume();
        Volume {
            traces_seen,
            traces_kept,
            log_lines: self.logs.lines().len() as u64,
            log_lines_dropped: self.logs.dropped(),
            series: self.metrics.series().len() as u64,
            metric_bytes: self.metrics.bytes() as u64,
        }
    }

    /// Service of an instance.
    #[must_use]
    pub fn service_of(&self, instance: InstanceId) -> ServiceId {
        self.instance_service[instance.index()]
    }

    /// Region of an instance.
    #[must_use]
    pub fn region_of(&self, instance: InstanceId) -> RegionId {
        self.instance_region[instance.index()]
    }

    /// Counts what an instance tells that is not watched as it should be; whether its lines get anywhere.
    #[cold]
    fn served_oddly(&mut self, end: &ServerEnd) -> bool {
        let watched = &self.watched[end.instance.index()];
        if watched.dark {
            return false;
        }
        // The exporter multiplies; the log does not.
        let told = u128::from(end.duration_ns) * u128::from(watched.unit_q16) >> 16;
        let duration_ns = u64::try_from(told).unwrap_or(u64::MAX >> 8);
        self.metrics.server_end(&ServerEnd {
            duration_ns,
            ..*end
        });
        true
    }

    /// Lines that were on their way have come.
    fn take_late(&mut self, now_ns: u64) {
        while let Some(first) = self.late.first_entry() {
            if first.key().0 > now_ns {
                return;
            }
            let (service, line) = first.remove();
            self.logs.push(service, line);
        }
    }

    /// Whether a trace never gets here: an agent on its way samples, and this one is not of its share.
    fn is_lost(&self, id: u64, spans: &[Span]) -> bool {
        let mut shares = spans
            .iter()
            .filter_map(|span| self.watched.get(span.instance?.index()))
            .map(|watched| watched.traces_q32);
        let word = combine(id, SAMPLED) >> 32;
        shares.any(|share| word >= share)
    }

    fn log(&mut self, at: (u64, i64), instance: InstanceId, trace: u64, message: Message) {
        let (at_ns, skew_ns) = at;
        let late_ns = self.watched[instance.index()].logs_late_ns;
        // What comes late carries the time at which it was written.
        let skew_ms = (skew_ns - i64::try_from(late_ns).unwrap_or(i64::MAX)) / 1_000_000;
        let service = self.instance_service[instance.index()].0;
        let line = LogLine {
            at_ns: at_ns + late_ns,
            skew_ms: i32::try_from(skew_ms).unwrap_or(i32::MAX),
            instance,
            trace,
            message,
        };
        if late_ns > 0 {
            self.late_lines += 1;
            self.late
                .insert((line.at_ns, self.late_lines), (service, line));
            return;
        }
        if !self.late.is_empty() {
            self.take_late(at_ns);
        }
        self.logs.push(service, line);
    }
}

impl Probe for Recorder {
    fn server_end(&mut self, end: &ServerEnd) {
        if !self.odd[end.instance.index()] {
            self.metrics.server_end(end);
        } else if !self.served_oddly(end) {
            return;
        }
        if end.duration_ns >= SLOW_QUERY_NS && self.is_database[end.instance.index()] {
            let message = Message::SlowQuery {
                endpoint: end.endpoint,
                duration_us: micros(end.duration_ns),
            };
            self.log((end.at_ns, end.skew_ns), end.instance, end.trace, message);
        }
        if end.status == Status::Ok && !Logs::samples(end.trace) {
            return;
        }
        let (endpoint, status, duration_us) = (end.endpoint, end.status, micros(end.duration_ns));
        let message = match status {
            Status::Ok => Message::Access {
                endpoint,
                status,
                duration_us,
            },
            Status::Overloaded => Message::Refused { endpoint },
            _ => Message::Failed {
                endpoint,
                status,
                duration_us,
            },
        };
        self.log((end.at_ns, end.skew_ns), end.instance, end.trace, message);
    }

    fn call_end(&mut self, end: &CallEnd) {
        if end
            .client
            .is_some_and(|client| self.watched[client.index()].dark)
        {
            return;
        }
        self.metrics.call_end(end);
        let (Some(instance), false) = (end.client, end.status.is_ok()) else {
            return;
        };
        let (edge, attempt, status) = (end.edge, end.attempt, end.status);
        let message = match status {
            Status::Timeout => Message::CallTimeout {
                edge,
                attempt,
                waited_us: micros(end.duration_ns),
            },
            _ => Message::CallFailed {
                edge,
                attempt,
                status,
            },
        };
        self.log((end.at_ns, end.skew_ns), instance, end.trace, message);
    }

    fn root_end(&mut self, end: &RootEnd) {
        self.metrics.root_end(end);
        self.tickets.hear(end);
    }

    fn wants_trace(&mut self, end: &TraceEnd) -> bool {
        let wanted = self.traces.wants(end);
        wanted || self.tickets.awaits() && self.tickets.is_about(end.id)
    }

    fn trace_end(&mut self, end: &TraceEnd, spans: &[Span]) {
        if self.sampling && self.is_lost(end.id, spans) {
            return self.traces.pass_over();
        }
        if self.tickets.is_about(end.id) {
            self.tickets.kept();
            self.traces.keep(end, spans);
        } else {
            self.traces.store(end, spans);
        }
    }

    fn lifecycle(
        &mut self,
        at_ns: u64,
        instance: InstanceId,
        version: VersionId,
        event: Lifecycle,
    ) {
        self.processes.note(at_ns, instance, version, event);
        self.lives.note(at_ns, instance, version, event);
        let message = match event {
            Lifecycle::Draining => Message::Draining,
            Lifecycle::Stopped { cut } => Message::Stopped { cut },
            Lifecycle::Starting => {
                self.started.push((instance, at_ns));
                Message::Started { version }
            }
            Lifecycle::Ready => Message::Ready,
            Lifecycle::Crashed { reason, cut } => Message::Crashed { reason, cut },
            Lifecycle::Unhealthy => Message::Unhealthy,
            Lifecycle::Healthy => Message::Healthy,
            Lifecycle::Ejected => Message::Ejected,
            Lifecycle::Returned => Message::Returned,
            Lifecycle::Off => Message::Off,
        };
        // Told by the platform, by its own clock.
        self.log((at_ns, 0), instance, 0, message);
    }

    fn monitoring(&mut self, at_ns: u64, deployment: DeploymentId, watched: &Watched) {
        let rows = &self.blueprint.deployments;
        let before = rows.iter().take(deployment.index());
        let first: usize = before.map(|row| usize::from(row.slots())).sum();
        let slots = rows
            .get(deployment.index())
            .map_or(0, brownout_sim::blueprint::Deployment::slots);
        let range = first..first + usize::from(slots);
        for instance in range.clone().map(InstanceId::from_index) {
            self.lives.darken(at_ns, instance, watched.dark);
        }
        if let Some(instances) = self.odd.get_mut(range.clone()) {
            instances.fill(*watched != Watched::WELL);
        }
        if let Some(instances) = self.watched.get_mut(range) {
            instances.fill(*watched);
        }
        self.sampling = self.watched.iter().any(|of| of.traces_q32 < ONE_Q32);
    }

    fn condition_met(&mut self, at_ns: u64, conditional: usize) {
        self.changes.made(conditional, at_ns);
    }
}
