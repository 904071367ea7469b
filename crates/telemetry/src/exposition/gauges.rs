//! Gauges and counters that every process exposes of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use brownout_sim::blueprint::ServiceKind;
use brownout_sim::ids::{InstanceId, VersionId};

use super::{Exposition, Family, Kind, Wanted};
use crate::numbers::float;
use crate::promql::labels::{Labels, NAME, Text};
use crate::promql::source::{STALE, Sample, Stored};
use crate::series::{GaugeRow, ResourceRow};

/// A gauge or counter, and where its value comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gauge {
    pub family: Family,
    value: Value,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    /// The scrape itself.
    Up,
    Process(fn(&GaugeRow) -> f64),
    /// Of processes that keep account of resources.
    Resource(fn(&ResourceRow) -> f64),
    DeadLetters,
}

const fn gauge(
    name: &'static str,
    otel: &'static str,
    unit: &'static str,
    value: Value,
    help: &'static str,
) -> Gauge {
    Gauge {
        family: Family {
            name,
            otel,
            kind: Kind::Gauge,
            unit,
            help,
        },
        value,
    }
}

const fn counter(
    name: &'static str,
    otel: &'static str,
    value: Value,
    help: &'static str,
) -> Gauge {
    Gauge {
        family: Family {
            name,
            otel,
            kind: Kind::Counter,
            unit: "",
            help,
        },
        value,
    }
}

fn share(per_mille: u16) -> f64 {
    f64::from(per_mille) / 1_000.0
}

pub(super) const GAUGES: [Gauge; 16] = [
    gauge(
        "up",
        "up",
        "",
        Value::Up,
        "1 if the process answered the scrape.",
    ),
    gauge(
        "instance_ready",
        "instance.ready",
        "",
        Value::Process(|row| f64::from(u8::from(row.in_rotation))),
        "1 if callers are sent to the process.",
    ),
    gauge(
        "http_server_active_requests",
        "http.server.active_requests",
        "",
        Value::Process(|row| f64::from(row.busy_workers) + f64::from(row.queued)),
        "Requests in progress or waiting.",
    ),
    gauge(
        "workers_busy",
        "workers.busy",
        "",
        Value::Process(|row| f64::from(row.busy_workers)),
        "Workers in use: threads, sessions of a database, consumers of a queue.",
    ),
    gauge(
        "workers_limit",
        "workers.limit",
        "",
        Value::Process(|row| f64::from(row.workers)),
        "Workers there are.",
    ),
    gauge(
        "requests_waiting",
        "requests.waiting",
        "",
        Value::Process(|row| f64::from(row.queued)),
        "Requests that wait for a worker; of a queue its backlog.",
    ),
    gauge(
        "requests_waiting_oldest_seconds",
        "requests.waiting.oldest",
        "seconds",
        Value::Process(|row| f64::from(row.oldest_us) / 1e6),
        "Age of the oldest of them.",
    ),
    gauge(
        "process_cpu_utilization_ratio",
        "process.cpu.utilization",
        "ratio",
        Value::Process(|row| f64::from(row.cpu_per_mille) / 1_000.0),
        "Computing time since the last scrape as a share of all cores.",
    ),
    gauge(
        "process_heap_live_ratio",
        "process.heap.live",
        "ratio",
        Value::Resource(|row| share(row.live_per_mille)),
        "Share of the heap limit that no collection frees.",
    ),
    gauge(
        "process_paused_ratio",
        "process.paused",
        "ratio",
        Value::Resource(|row| share(row.paused_per_mille)),
        "Share of the time since the last scrape the process stood still.",
    ),
    gauge(
        "process_open_descriptors_ratio",
        "process.open_descriptors",
        "ratio",
        Value::Resource(|row| share(row.descriptors_per_mille)),
        "Share of the file descriptors in use.",
    ),
    gauge(
        "process_ephemeral_ports_ratio",
        "process.ephemeral_ports",
        "ratio",
        Value::Resource(|row| share(row.ports_per_mille)),
        "Share of the ephemeral ports in use or resting.",
    ),
    gauge(
        "system_filesystem_utilization_ratio",
        "system.filesystem.utilization",
        "ratio",
        Value::Resource(|row| share(row.disk_per_mille)),
        "Share of the disk in use.",
    ),
    counter(
        "instance_restarts",
        "instance.restarts",
        Value::Resource(|row| f64::from(row.restarts)),
        "Crashes of the instance so far, as the platform counts them.",
    ),
    counter(
        "process_gc_collections",
        "process.gc.collections",
        Value::Resource(|row| float(i64::try_from(row.collections).unwrap_or(i64::MAX))),
        "Garbage collections of the instance's processes so far.",
    ),
    gauge(
        "messaging_dead_letters",
        "messaging.dead_letters",
        "",
        Value::DeadLetters,
        "Messages a queue has given up and keeps, by the region they were handed over in.",
    ),
];

impl Gauge {
    fn name(&self) -> String {
        match self.family.kind {
            Kind::Counter => format!("{}_total", self.family.name),
            _ => self.family.name.to_owned(),
        }
    }
}

/// Series of one gauge while its samples are put together, by what tells them apart.
struct Lines<K> {
    lines: BTreeMap<K, Option<Line>>,
}

struct Line {
    labels: Labels,
    samples: Vec<Sample>,
    /// Time of its latest sample; after a scrape without one it has ended.
    seen_ms: Option<i64>,
}

impl<K: Ord + Copy> Lines<K> {
    const fn new() -> Self {
        Self {
            lines: BTreeMap::new(),
        }
    }

    fn add(
        &mut self,
        key: K,
        sample: Sample,
        wanted: &Wanted<'_>,
        labels: impl FnOnce() -> Labels,
    ) {
        let line = self.lines.entry(key).or_insert_with(|| {
            let labels = labels();
            wanted.labels(&labels, "").then(|| Line {
                labels,
                samples: Vec::new(),
                seen_ms: None,
            })
        });
        if let Some(line) = line {
            line.seen_ms = Some(sample.at_ms);
            if wanted.time(sample.at_ms) {
                line.samples.push(sample);
            }
        }
    }

    /// After a scrape: who was not in it has ended.
    fn close(&mut self, at_ms: i64, in_time: bool) {
        for line in self.lines.values_mut().flatten() {
            if line.seen_ms.is_some_and(|seen| seen < at_ms) {
                line.seen_ms = None;
                if in_time {
                    line.samples.push(Sample {
                        at_ms,
                        value: STALE,
                    });
                }
            }
        }
    }

    fn stored(self) -> impl Iterator<Item = Stored> {
        let lines = self.lines.into_values().flatten();
        lines
            .filter(|line| !line.samples.is_empty())
            .map(|line| Stored {
                labels: line.labels,
                samples: Arc::new(line.samples),
            })
    }
}

impl Exposition<'_> {
    pub(super) fn gauges(&self, wanted: &Wanted<'_>) -> Vec<Stored> {
        let mut found = Vec::new();
        for gauge in GAUGES.iter().filter(|gauge| wanted.names(&gauge.name())) {
            let name = gauge.name();
            match gauge.value {
                Value::Up => found.extend(self.up(wanted)),
                Value::Process(value) => {
                    let rows = self.metrics.gauges(0, u64::MAX);
                    let rows = rows.map(|(at, row)| (at, row.instance, row.version, value(row)));
                    found.extend(self.of_processes(wanted, &name, rows));
                }
                Value::Resource(value) => {
                    let versions = self.metrics.gauges(0, u64::MAX);
                    let versions: BTreeMap<(u64, InstanceId), VersionId> = versions
                        .map(|(at, row)| ((at, row.instance), row.version))
                        .collect();
                    let rows = self.metrics.resources(0, u64::MAX);
                    let rows = rows.filter_map(|(at, row)| {
                        let version = *versions.get(&(at, row.instance))?;
                        Some((at, row.instance, version, value(row)))
                    });
                    found.extend(self.of_processes(wanted, &name, rows));
                }
                Value::DeadLetters => found.extend(self.dead_letters(wanted)),
            }
        }
        found
    }

    fn named(name: &str, mut labels: Vec<(&str, Text)>) -> Labels {
        labels.push((NAME, name.into()));
        Labels::new(labels)
    }

    fn of_processes(
        &self,
        wanted: &Wanted<'_>,
        name: &str,
        rows: impl Iterator<Item = (u64, InstanceId, VersionId, f64)>,
    ) -> Vec<Stored> {
        let mut lines = Lines::new();
        let mut rows = rows.peekable();
        // Scrape by scrape, those included that nobody answered: they end what was there before.
        for at_ns in self.metrics.scrape_times(0, u64::MAX) {
            let at_ms = self.unix_ms(at_ns);
            while let Some((_, instance, version, value)) = rows.next_if(|row| row.0 == at_ns) {
                // Nobody sees into somebody else's service.
                let service = self.directory.service_of(instance);
                if self.blueprint.services[service.index()].kind == ServiceKind::ThirdParty {
                    continue;
                }
                lines.add((instance, version), Sample { at_ms, value }, wanted, || {
                    Self::named(name, self.directory.process(instance, version))
                });
            }
            lines.close(at_ms, wanted.time(at_ms));
        }
        lines.stored().collect()
    }

    /// What a server notes of its own scrapes: 1 where a process answered, 0 where one should have.
    fn up(&self, wanted: &Wanted<'_>) -> Vec<Stored> {
        let mut lines = Lines::new();
        let answered = self.metrics.gauges(0, u64::MAX);
        let answered: std::collections::BTreeSet<(u64, InstanceId)> =
            answered.map(|(at_ns, row)| (at_ns, row.instance)).collect();
        let mut known = std::collections::BTreeSet::new();
        for at_ns in self.metrics.scrape_times(0, u64::MAX) {
            let at_ms = self.unix_ms(at_ns);
            let here = answered.range((at_ns, InstanceId(0))..(at_ns + 1, InstanceId(0)));
            known.extend(here.map(|(_, instance)| *instance));
            for &instance in &known {
                let service = self.directory.service_of(instance);
                if self.blueprint.services[service.index()].kind == ServiceKind::ThirdParty {
                    continue;
                }
                let is_up = answered.contains(&(at_ns, instance));
                // A slot without a process is no target any more.
                if !is_up && !self.lives.is_target(instance, at_ns) {
                    continue;
                }
                let value = f64::from(u8::from(is_up));
                lines.add(instance, Sample { at_ms, value }, wanted, || {
                    let process = self.directory.process(instance, VersionId(0));
                    let stable = process.into_iter().filter(|(n, _)| *n != "service_version");
                    Self::named("up", stable.collect())
                });
            }
            lines.close(at_ms, wanted.time(at_ms));
        }
        lines.stored().collect()
    }

    fn dead_letters(&self, wanted: &Wanted<'_>) -> Vec<Stored> {
        let mut lines = Lines::new();
        for at_ns in self.metrics.scrape_times(0, u64::MAX) {
            let at_ms = self.unix_ms(at_ns);
            for row in self.metrics.letters(at_ns - 1, at_ns).unwrap_or_default() {
                let value = float(i64::try_from(row.count).unwrap_or(i64::MAX));
                lines.add(
                    (row.service, row.region),
                    Sample { at_ms, value },
                    wanted,
                    || {
                        let place = self.directory.place(row.service, row.region);
                        Self::named("messaging_dead_letters", place)
                    },
                );
            }
            lines.close(at_ms, wanted.time(at_ms));
        }
        lines.stored().collect()
    }
}
