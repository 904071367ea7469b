//! Named signals over a scope and a window: the one way alerts, predictions, people and panels read a number.

use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::ids::{FlowId, RegionId, ServiceId, VersionId};
use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;
use crate::metrics::{Metrics, Series, SeriesKind};

/// What is measured. Readings are integers: shares in parts per million, durations and ages in microseconds, rates in
/// thousandths of a request per second, depths in requests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Requests per second.
    Rate,
    /// Share of requests that succeeded, slow ones included.
    SuccessShare,
    /// Share of requests that failed.
    ErrorShare,
    /// Share of users' requests that succeeded later than their flow's bound.
    SlowShare,
    /// Median duration.
    LatencyP50,
    /// 95th percentile of the duration.
    LatencyP95,
    /// 99th percentile of the duration.
    LatencyP99,
    /// Share of workers in use.
    Saturation,
    /// Requests waiting for a worker, summed over instances.
    QueueDepth,
    /// Age of the oldest waiting request.
    QueueAge,
    /// Work that a queue has given up and keeps, at the latest scrape.
    DeadLetters,
    /// Share of computing capacity in use.
    Cpu,
    /// Instances that take requests.
    ReadyInstances,
}

impl Signal {
    /// Unit of its readings.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Rate => "m/s",
            Self::SuccessShare
            | Self::ErrorShare
            | Self::SlowShare
            | Self::Saturation
            | Self::Cpu => "ppm",
            Self::LatencyP50 | Self::LatencyP95 | Self::LatencyP99 | Self::QueueAge => "µs",
            Self::QueueDepth | Self::DeadLetters => "requests",
            Self::ReadyInstances => "instances",
        }
    }

    /// Whether it is read from instances' gauges rather than from counted requests.
    #[must_use]
    pub const fn is_gauge(self) -> bool {
        matches!(
            self,
            Self::Saturation
                | Self::QueueDepth
                | Self::QueueAge
                | Self::DeadLetters
                | Self::Cpu
                | Self::ReadyInstances
        )
    }
}

/// A resource that can run out, as the worst instance of a scope has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Share of the heap limit that no collection frees.
    Heap,
    /// Share of the time processes stood still.
    Pauses,
    /// Share of the descriptors in use.
    Descriptors,
    /// Share of the ephemeral ports in use or resting.
    Ports,
    /// Share of the disk in use.
    Disk,
}

/// Where a signal is measured. A flow alone: users' requests. A service: its replies. A service and a callee: the
/// service's calls to the callee as the service sees them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Scope {
    /// Flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<u16>,
    /// Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<u16>,
    /// Called service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<u16>,
    /// Region: of the users for a flow, of the instances for a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<u16>,
    /// Version of the instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u16>,
}

impl Scope {
    /// Users' requests of a flow.
    #[must_use]
    pub const fn flow(flow: FlowId, region: Option<RegionId>) -> Self {
        Self {
            flow: Some(flow.0),
            region: raw(region),
            service: None,
            callee: None,
            version: None,
        }
    }

    /// Replies of a service.
    #[must_use]
    pub const fn service(service: ServiceId, region: Option<RegionId>) -> Self {
        Self {
            service: Some(service.0),
            region: raw(region),
            flow: None,
            callee: None,
            version: None,
        }
    }

    /// Calls of a service to another.
    #[must_use]
    pub const fn calls(service: ServiceId, callee: ServiceId, region: Option<RegionId>) -> Self {
        Self {
            service: Some(service.0),
            callee: Some(callee.0),
            region: raw(region),
            flow: None,
            version: None,
        }
    }

    /// The same scope in another region.
    #[must_use]
    pub const fn in_region(self, region: Option<RegionId>) -> Self {
        Self {
            region: raw(region),
            ..self
        }
    }

    /// The same scope, only instances of a version.
    #[must_use]
    pub const fn of_version(self, version: VersionId) -> Self {
        Self {
            version: Some(version.0),
            ..self
        }
    }
}

const fn raw(region: Option<RegionId>) -> Option<u16> {
    match region {
        Some(region) => Some(region.0),
        None => None,
    }
}

/// Requests of a scope in a window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Successes in time.
    pub ok: u64,
    /// Successes too late (flows only).
    pub slow: u64,
    /// Failures.
    pub failed: u64,
    /// Durations of all of them.
    pub durations: Histogram,
}

impl Tally {
    /// Requests in all.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.ok + self.slow + self.failed
    }

    /// Reading of a counted signal over a window of `window_ns`; `None` without requests, except for the rate.
    #[must_use]
    pub fn reading(&self, signal: Signal, window_ns: u64) -> Option<u64> {
        let total = self.total();
        let micros = |per_mille| self.durations.quantile_ns(per_mille).map(|ns| ns / 1_000);
        match signal {
            Signal::Rate => u64::try_from(
                u128::from(total) * 1_000 * u128::from(SECOND_NS) / u128::from(window_ns.max(1)),
            )
            .ok(),
            Signal::SuccessShare => ((total - self.failed) * 1_000_000).checked_div(total),
            Signal::ErrorShare => (self.failed * 1_000_000).checked_div(total),
            Signal::SlowShare => (self.slow * 1_000_000).checked_div(total),
            Signal::LatencyP50 => micros(500),
            Signal::LatencyP95 => micros(950),
            Signal::LatencyP99 => micros(990),
            _ => None,
        }
    }

    /// Add what a series gained.
    pub fn add(&mut self, series: &Series, gained: &Histogram) {
        let count = gained.count();
        match (series.status.is_ok(), series.kind) {
            (false, _) => self.failed += count,
            (true, SeriesKind::Flow { slow: true, .. }) => self.slow += count,
            (true, _) => self.ok += count,
        }
        self.durations.add(gained);
    }
}

fn selects(
    blueprint: &Blueprint,
    instance_region: &[RegionId],
    scope: Scope,
    series: &Series,
) -> bool {
    let region = |found: RegionId| scope.region.is_none_or(|r| r == found.0);
    let version = |found: VersionId| scope.version.is_none_or(|v| v == found.0);
    match series.kind {
        SeriesKind::Flow {
            flow, region: at, ..
        } => scope.service.is_none() && scope.flow == Some(flow.0) && region(at),
        SeriesKind::Server {
            endpoint,
            instance,
            version: v,
        } => {
            let service = blueprint.endpoints[endpoint.index()].service;
            scope.callee.is_none()
                && scope.service == Some(service.0)
                && region(instance_region[instance.index()])
                && version(v)
        }
        SeriesKind::Client {
            edge,
            instance,
            version: v,
        } => {
            let edge = &blueprint.edges[edge.index()];
            let callee = blueprint.endpoints[edge.target.index()].service;
            scope.callee == Some(callee.0)
                && edge
                    .client
                    .is_some_and(|client| scope.service == Some(client.0))
                && region(instance_region[instance.index()])
                && version(v)
        }
    }
}

/// Reads signals from metrics.
#[derive(Clone, Copy, Debug)]
pub struct SignalReader<'a> {
    /// What the world was built from.
    pub blueprint: &'a Blueprint,
    /// Region of each instance.
    pub instance_region: &'a [RegionId],
    /// Service of each instance.
    pub instance_service: &'a [ServiceId],
    /// Metrics read.
    pub metrics: &'a Metrics,
}

impl SignalReader<'_> {
    /// Requests of a scope in `(from_ns, to_ns]`.
    #[must_use]
    pub fn tally(&self, scope: Scope, from_ns: u64, to_ns: u64) -> Tally {
        let mut tally = Tally::default();
        let wanted = |series: &Series| selects(self.blueprint, self.instance_region, scope, series);
        self.metrics
            .visit(from_ns, to_ns, wanted, |_, series, gained| {
                tally.add(series, gained);
            });
        tally
    }

    /// Reading of a signal over the `window_ns` before `now_ns`, as far as it was scraped. `None`: no samples.
    #[must_use]
    pub fn read(&self, signal: Signal, scope: Scope, now_ns: u64, window_ns: u64) -> Option<u64> {
        let from_ns = now_ns.saturating_sub(window_ns);
        if signal.is_gauge() {
            return self.read_gauge(signal, scope, from_ns, now_ns);
        }
        let to_ns = self.metrics.last_scrape_ns().min(now_ns);
        self.tally(scope, from_ns, to_ns)
            .reading(signal, to_ns.saturating_sub(from_ns))
    }

    /// Whether a service of a scope is deployed in its region at all.
    #[must_use]
    pub fn runs(&self, scope: Scope) -> bool {
        let instances = 0..self.instance_region.len();
        instances
            .into_iter()
            .any(|index| self.selects_instance(scope, index))
    }

    /// Reading of a resource in parts per million: the highest of any instance of the scope at any scrape in
    /// `(from_ns, to_ns]`. `None`: no instance of the scope keeps account of resources.
    #[must_use]
    pub fn resource(
        &self,
        resource: Resource,
        scope: Scope,
        from_ns: u64,
        to_ns: u64,
    ) -> Option<u64> {
        let rows = self.metrics.resources(from_ns, to_ns);
        let here = rows.filter(|(_, row)| self.selects_instance(scope, row.instance.index()));
        let readings = here.map(|(_, row)| match resource {
            Resource::Heap => row.live_per_mille,
            Resource::Pauses => row.paused_per_mille,
            Resource::Descriptors => row.descriptors_per_mille,
            Resource::Ports => row.ports_per_mille,
            Resource::Disk => row.disk_per_mille,
        });
        readings.max().map(|per_mille| u64::from(per_mille) * 1_000)
    }

    /// Crashes of the instances of a scope in `(from_ns, to_ns]`, as far as they were scraped.
    #[must_use]
    pub fn restarts(&self, scope: Scope, from_ns: u64, to_ns: u64) -> u64 {
        let count = |at_ns: u64| -> u64 {
            let last = self.metrics.scrape_times(0, at_ns).last().unwrap_or(0);
            let rows = self.metrics.resources(last.saturating_sub(1), last);
            rows.filter(|(_, row)| self.selects_instance(scope, row.instance.index()))
                .map(|(_, row)| u64::from(row.restarts))
                .sum()
        };
        count(to_ns).saturating_sub(count(from_ns))
    }

    fn selects_instance(&self, scope: Scope, index: usize) -> bool {
        scope.service == Some(self.instance_service[index].0)
            && scope
                .region
                .is_none_or(|region| region == self.instance_region[index].0)
    }

    /// Dead letters of a queue; `None` of a service that keeps none.
    fn dead_letters(&self, scope: Scope, from_ns: u64, to_ns: u64) -> Option<u64> {
        let service = self.blueprint.services.get(usize::from(scope.service?))?;
        if !service.queue.dead_letters {
            return None;
        }
        let rows = self.metrics.letters(from_ns, to_ns)?.iter();
        let here = rows.filter(|row| {
            Some(row.service.0) == scope.service
                && scope.region.is_none_or(|region| region == row.region.0)
        });
        Some(here.map(|row| row.count).sum())
    }

    fn read_gauge(&self, signal: Signal, scope: Scope, from_ns: u64, to_ns: u64) -> Option<u64> {
        if signal == Signal::DeadLetters {
            return self.dead_letters(scope, from_ns, to_ns);
        }
        let (mut scrapes, mut last) = (0u64, None);
        let (mut numerator, mut denominator, mut worst) = (0u64, 0u64, 0u64);
        for (at_ns, row) in self.metrics.gauges(from_ns, to_ns) {
            let index = row.instance.index();
            if !self.selects_instance(scope, index)
                || scope.version.is_some_and(|v| v != row.version.0)
            {
                continue;
            }
            if last != Some(at_ns) {
                scrapes += 1;
                last = Some(at_ns);
            }
            match signal {
                Signal::Saturation => {
                    numerator += u64::from(row.busy_workers) * 1_000_000;
                    denominator += u64::from(row.workers);
                }
                Signal::Cpu => {
                    numerator += u64::from(row.cpu_per_mille) * 1_000;
                    denominator += 1;
                }
                Signal::QueueDepth => numerator += u64::from(row.queued),
                Signal::ReadyInstances => numerator += u64::from(row.in_rotation),
                _ => worst = worst.max(u64::from(row.oldest_us)),
            }
        }
        match signal {
            Signal::Saturation | Signal::Cpu => numerator.checked_div(denominator),
            Signal::QueueDepth | Signal::ReadyInstances => numerator.checked_div(scrapes),
            _ => (scrapes > 0).then_some(worst),
        }
    }

    /// Readings of a signal at each scrape in `(from_ns, to_ns]`, each over the `window_ns` before it.
    #[must_use]
    pub fn series(
        &self,
        signal: Signal,
        scope: Scope,
        from_ns: u64,
        to_ns: u64,
        window_ns: u64,
    ) -> Vec<(u64, Option<u64>)> {
        if signal.is_gauge() {
            return self
                .metrics
                .scrape_times(from_ns, to_ns)
                .map(|at_ns| {
                    (
                        at_ns,
                        self.read_gauge(signal, scope, at_ns.saturating_sub(window_ns), at_ns),
                    )
                })
                .collect();
        }
        // One pass: tallies per scrape, then a sliding sum.
        let start_ns = from_ns.saturating_sub(window_ns);
        let times: Vec<u64> = self.metrics.scrape_times(start_ns, to_ns).collect();
        let mut per_scrape = vec![Tally::default(); times.len()];
        let wanted = |series: &Series| selects(self.blueprint, self.instance_region, scope, series);
        self.metrics
            .visit(start_ns, to_ns, wanted, |at_ns, series, gained| {
                if let Ok(index) = times.binary_search(&at_ns) {
                    per_scrape[index].add(series, gained);
                }
            });
        let mut readings = Vec::new();
        for (index, &at_ns) in times.iter().enumerate().filter(|(_, at)| **at > from_ns) {
            let first = times.partition_point(|&t| t <= at_ns.saturating_sub(window_ns));
            let mut sum = Tally::default();
            for tally in &per_scrape[first..=index] {
                sum.ok += tally.ok;
                sum.slow += tally.slow;
                sum.failed += tally.failed;
                sum.durations.add(&tally.durations);
            }
            readings.push((at_ns, sum.reading(signal, window_ns.min(at_ns))));
        }
        readings
    }
}
