//! Metric storage: interval deltas per series and scrape.
//!
//! Between scrapes each series accumulates; a scrape appends one row per series that changed, with counts only for the
//! buckets it touched. Cumulative series, as a query language wants them, are expanded on reading.

use brownout_sim::blueprint::Blueprint;
use brownout_sim::ids::{InstanceId, ServiceId};
use brownout_sim::probe::{CallEnd, RootEnd, ServerEnd, Status};
use brownout_sim::world::InstanceGauges;

pub use crate::series::{GaugeRow, LetterRow, ResourceRow, Series, SeriesKind};

use crate::histogram::{BUCKETS, Histogram, bucket};
use crate::slots::{NO_SERIES, STATUSES, Slot, Slots};

/// What one series gained between two scrapes.
#[derive(Clone, Copy, Debug)]
struct Row {
    series: u32,
    /// Bit per touched bucket.
    mask: u32,
    /// First of its counts in `counts`.
    first: u32,
    sum_ns: u64,
}

/// A scrape.
#[derive(Clone, Copy, Debug)]
struct Scrape {
    at_ns: u64,
    /// Rows before this scrape's.
    rows: u32,
    /// Gauge rows before this scrape's.
    gauges: u32,
    /// Resource rows before this scrape's.
    resources: u32,
    /// Rows of dead letters before this scrape's.
    letters: u32,
}

/// What a series has gained since the last scrape: one cache line. The last bucket, which hardly anything falls into, is
/// kept elsewhere.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Pending {
    /// [`Pending::UNTOUCHED`] as long as it has gained nothing.
    sum_ns: u64,
    buckets: [u32; BUCKETS - 1],
}

impl Pending {
    const UNTOUCHED: u64 = u64::MAX;

    const EMPTY: Self = Self {
        sum_ns: Self::UNTOUCHED,
        buckets: [0; BUCKETS - 1],
    };
}

/// The metrics of a run.
#[derive(Debug)]
pub struct Metrics {
    series: Vec<Series>,
    pending: Vec<Pending>,
    /// Observations in the last bucket since the last scrape, by series.
    beyond: Vec<u32>,
    touched: Vec<u32>,
    rows: Vec<Row>,
    counts: Vec<u32>,
    scrapes: Vec<Scrape>,
    gauges: Vec<GaugeRow>,
    resources: Vec<ResourceRow>,
    letters: Vec<LetterRow>,
    cpu_seen_ns: Vec<u64>,
    paused_seen_ns: Vec<u64>,
    /// Dense look-up of the series a hot-path event belongs to.
    slots: Slots,
    flow_slots: Vec<u32>,
}

impl Metrics {
    /// Empty storage for worlds of `blueprint`.
    #[must_use]
    pub fn new(blueprint: &Blueprint) -> Self {
        let instances: usize = blueprint
            .deployments
            .iter()
            .map(|d| usize::from(d.slots()))
            .sum();
        Self {
            series: Vec::new(),
            pending: Vec::new(),
            beyond: Vec::new(),
            touched: Vec::new(),
            rows: Vec::new(),
            counts: Vec::new(),
            scrapes: Vec::new(),
            gauges: Vec::new(),
            resources: Vec::new(),
            letters: Vec::new(),
            cpu_seen_ns: vec![0; instances],
            paused_seen_ns: vec![0; instances],
            slots: Slots::new(blueprint),
            flow_slots: vec![NO_SERIES; blueprint.sources.len() * STATUSES * 2],
        }
    }

    /// Count a finished request.
    pub fn server_end(&mut self, end: &ServerEnd) {
        let slots = &mut self.slots;
        let row = slots.endpoints[end.endpoint.index()];
        let known = *slots.slot(end.instance, row, end.status);
        if known.series != NO_SERIES && known.version == end.version {
            return self.observe(known.series, end.duration_ns);
        }
        let kind = SeriesKind::Server {
            endpoint: end.endpoint,
            instance: end.instance,
            version: end.version,
        };
        let series = self.intern(known.series, kind, end.status);
        *self.slots.slot(end.instance, row, end.status) = Slot {
            series,
            version: end.version,
        };
        self.observe(series, end.duration_ns);
    }

    /// Count a finished attempt of a call by a service.
    pub fn call_end(&mut self, end: &CallEnd) {
        let (Some(instance), Some(version)) = (end.client, end.client_version) else {
            return;
        };
        let slots = &mut self.slots;
        let row = slots.edges[end.edge.index()];
        let known = *slots.slot(instance, row, end.status);
        if known.series != NO_SERIES && known.version == version {
            return self.observe(known.series, end.duration_ns);
        }
        let kind = SeriesKind::Client {
            edge: end.edge,
            instance,
            version,
        };
        let series = self.intern(known.series, kind, end.status);
        *self.slots.slot(instance, row, end.status) = Slot { series, version };
        self.observe(series, end.duration_ns);
    }

    /// Count a user's request.
    pub fn root_end(&mut self, end: &RootEnd) {
        let slot =
            (end.source.index() * STATUSES + end.status as usize) * 2 + usize::from(end.slow);
        let mut series = self.flow_slots[slot];
        if series == NO_SERIES {
            let kind = SeriesKind::Flow {
                flow: end.flow,
                region: end.region,
                segment: end.segment,
                client: end.client,
                slow: end.slow,
            };
            series = self.intern(NO_SERIES, kind, end.status);
            self.flow_slots[slot] = series;
        }
        self.observe(series, end.duration_ns);
    }

    /// The series of a slot that holds `known` so far: a new one, or one seen before when an instance returns to an
    /// older version. A slot that holds none has had none.
    #[cold]
    fn intern(&mut self, known: u32, kind: SeriesKind, status: Status) -> u32 {
        let series = Series { kind, status };
        let seen = (known != NO_SERIES)
            .then(|| self.series.iter().position(|s| *s == series))
            .flatten();
        let index = seen.unwrap_or_else(|| {
            self.series.push(series);
            self.pending.push(Pending::EMPTY);
            self.beyond.push(0);
            self.series.len() - 1
        });
        u32::try_from(index).unwrap_or(NO_SERIES)
    }

    #[inline]
    fn observe(&mut self, series: u32, duration_ns: u64) {
        let pending = &mut self.pending[series as usize];
        if pending.sum_ns == Pending::UNTOUCHED {
            self.touched.push(series);
            pending.sum_ns = 0;
        }
        pending.sum_ns += duration_ns;
        match pending.buckets.get_mut(bucket(duration_ns)) {
            Some(count) => *count += 1,
            None => self.beyond[series as usize] += 1,
        }
    }

    /// Close the interval that ends at `at_ns`.
    pub fn scrape(
        &mut self,
        at_ns: u64,
        instances: impl Iterator<Item = (InstanceId, InstanceGauges)>,
    ) {
        let interval_ns = at_ns - self.scrapes.last().map_or(0, |s| s.at_ns);
        self.scrapes.push(Scrape {
            at_ns,
            rows: narrow(self.rows.len()),
            gauges: narrow(self.gauges.len()),
            resources: narrow(self.resources.len()),
            letters: narrow(self.letters.len()),
        });
        self.touched.sort_unstable();
        for &series in &self.touched {
            let pending = std::mem::replace(&mut self.pending[series as usize], Pending::EMPTY);
            let beyond = std::mem::take(&mut self.beyond[series as usize]);
            let first = narrow(self.counts.len());
            let mut mask = 0u32;
            for (index, &count) in pending.buckets.iter().chain([&beyond]).enumerate() {
                if count > 0 {
                    mask |= 1 << index;
                    self.counts.push(count);
                }
            }
            self.rows.push(Row {
                series,
                mask,
                first,
                sum_ns: pending.sum_ns,
            });
        }
        self.touched.clear();
        for (id, gauges) in instances {
            let seen = &mut self.cpu_seen_ns[id.index()];
            let used_ns = gauges.cpu_ns - *seen;
            *seen = gauges.cpu_ns;
            let available = u128::from(interval_ns) * u128::from(gauges.cores);
            let share = u128::from(used_ns) * 1000 / available.max(1);
            self.gauges.push(GaugeRow {
                instance: id,
                version: gauges.version,
                state: gauges.state,
                in_rotation: gauges.in_rotation,
                busy_workers: gauges.busy_workers,
                workers: gauges.workers,
                queued: gauges.queued,
                oldest_us: u32::try_from(gauges.oldest_ns / 1_000).unwrap_or(u32::MAX),
                cpu_per_mille: u32::try_from(share).unwrap_or(u32::MAX),
            });
            if let Some(resources) = gauges.resources {
                let seen = &mut self.paused_seen_ns[id.index()];
                let paused_ns = resources.paused_ns - *seen;
                *seen = resources.paused_ns;
                self.resources.push(ResourceRow {
                    instance: id,
                    live_per_mille: per_mille(resources.live_bytes, resources.heap_limit),
                    paused_per_mille: per_mille(paused_ns, interval_ns),
                    descriptors_per_mille: per_mille(
                        u64::from(resources.descriptors),
                        u64::from(resources.descriptor_limit),
                    ),
                    ports_per_mille: per_mille(
                        u64::from(resources.ports),
                        u64::from(resources.port_limit),
                    ),
                    disk_per_mille: per_mille(resources.disk_bytes, resources.disk_limit),
                    restarts: resources.restarts,
                    collections: resources.collections,
                });
            }
        }
    }

    /// An instance whose gauges do not get here at this scrape. Its counters go on, so that the first figures that get
    /// here again are those of one interval.
    pub fn pass_over(&mut self, id: InstanceId, gauges: &InstanceGauges) {
        self.cpu_seen_ns[id.index()] = gauges.cpu_ns;
        if let Some(resources) = gauges.resources {
            self.paused_seen_ns[id.index()] = resources.paused_ns;
        }
    }

    /// Time of the last scrape; 0 before the first.
    #[must_use]
    pub fn last_scrape_ns(&self) -> u64 {
        self.scrapes.last().map_or(0, |s| s.at_ns)
    }

    /// Number of scrapes.
    #[must_use]
    pub fn scrape_count(&self) -> usize {
        self.scrapes.len()
    }

    /// All series seen so far.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Call `visit` with what each series selected by `wanted` gained in `(from_ns, to_ns]`, scrape by scrape.
    pub fn visit(
        &self,
        from_ns: u64,
        to_ns: u64,
        wanted: impl Fn(&Series) -> bool,
        mut visit: impl FnMut(u64, &Series, &Histogram),
    ) {
        let selected: Vec<bool> = self.series.iter().map(wanted).collect();
        for (index, scrape) in self.scrapes_in(from_ns, to_ns) {
            let end = self
                .scrapes
                .get(index + 1)
                .map_or(self.rows.len(), |next| next.rows as usize);
            for row in &self.rows[scrape.rows as usize..end] {
                if selected[row.series as usize] {
                    visit(
                        scrape.at_ns,
                        &self.series[row.series as usize],
                        &self.expand(row),
                    );
                }
            }
        }
    }

    /// Call `visit` with each scrape from the first on, as long as `wanted` says so of its time, and with what each series
    /// gained in it, by its position among [`Metrics::series`].
    pub(crate) fn replay(
        &self,
        wanted: impl Fn(u64) -> bool,
        mut visit: impl FnMut(u64, &mut dyn Iterator<Item = (usize, Histogram)>),
    ) {
        for (index, scrape) in self.scrapes.iter().enumerate() {
            if !wanted(scrape.at_ns) {
                break;
            }
            let next = self.scrapes.get(index + 1);
            let end = next.map_or(self.rows.len(), |next| next.rows as usize);
            let rows = &self.rows[scrape.rows as usize..end];
            visit(
                scrape.at_ns,
                &mut rows
                    .iter()
                    .map(|row| (row.series as usize, self.expand(row))),
            );
        }
    }

    /// Gauge rows of the scrapes in `(from_ns, to_ns]`.
    pub fn gauges(&self, from_ns: u64, to_ns: u64) -> impl Iterator<Item = (u64, &GaugeRow)> {
        self.scrapes_in(from_ns, to_ns).flat_map(|(index, scrape)| {
            let end = self
                .scrapes
                .get(index + 1)
                .map_or(self.gauges.len(), |next| next.gauges as usize);
            self.gauges[scrape.gauges as usize..end]
                .iter()
                .map(move |row| (scrape.at_ns, row))
        })
    }

    /// Resource rows of the scrapes in `(from_ns, to_ns]`.
    pub fn resources(&self, from_ns: u64, to_ns: u64) -> impl Iterator<Item = (u64, &ResourceRow)> {
        self.scrapes_in(from_ns, to_ns).flat_map(|(index, scrape)| {
            let end = self
                .scrapes
                .get(index + 1)
                .map_or(self.resources.len(), |next| next.resources as usize);
            self.resources[scrape.resources as usize..end]
                .iter()
                .map(move |row| (scrape.at_ns, row))
        })
    }

    /// Note dead letters that the scrape just made has found.
    pub fn note_letters(&mut self, row: LetterRow) {
        self.letters.push(row);
    }

    /// Dead letters at the latest scrape in `(from_ns, to_ns]`; `None` without a scrape.
    #[must_use]
    pub fn letters(&self, from_ns: u64, to_ns: u64) -> Option<&[LetterRow]> {
        let (index, scrape) = self.scrapes_in(from_ns, to_ns).last()?;
        let next = self.scrapes.get(index + 1);
        let end = next.map_or(self.letters.len(), |next| next.letters as usize);
        self.letters.get(scrape.letters as usize..end)
    }

    /// Times of the scrapes in `(from_ns, to_ns]`.
    pub fn scrape_times(&self, from_ns: u64, to_ns: u64) -> impl Iterator<Item = u64> {
        self.scrapes_in(from_ns, to_ns)
            .map(|(_, scrape)| scrape.at_ns)
    }

    fn scrapes_in(&self, from_ns: u64, to_ns: u64) -> impl Iterator<Item = (usize, Scrape)> {
        let first = self.scrapes.partition_point(|s| s.at_ns <= from_ns);
        let last = self
            .scrapes
            .partition_point(|s| s.at_ns <= to_ns)
            .max(first);
        (first..last).map(|index| (index, self.scrapes[index]))
    }

    fn expand(&self, row: &Row) -> Histogram {
        let mut histogram = Histogram {
            sum_ns: row.sum_ns,
            ..Histogram::default()
        };
        let mut next = row.first as usize;
        for (index, bucket) in histogram.buckets.iter_mut().enumerate() {
            if row.mask & 1 << index != 0 {
                *bucket = u64::from(self.counts[next]);
                next += 1;
            }
        }
        histogram
    }

    /// Bytes held by rows, counts and gauges.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows.len() * size_of::<Row>()
            + self.counts.len() * size_of::<u32>()
            + self.gauges.len() * size_of::<GaugeRow>()
            + self.resources.len() * size_of::<ResourceRow>()
            + self.letters.len() * size_of::<LetterRow>()
            + self.scrapes.len() * size_of::<Scrape>()
    }

    /// Bytes held by what is needed to record, whatever is recorded: series and the look-up of series.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.slots.len() * size_of::<Slot>()
            + self.flow_slots.len() * size_of::<u32>()
            + self.series.len() * (size_of::<Series>() + size_of::<Pending>())
    }
}

/// Share in per mille, rounded down; 0 of nothing.
fn per_mille(part: u64, whole: u64) -> u16 {
    let share = (u128::from(part) * 1_000).checked_div(u128::from(whole));
    u16::try_from(share.unwrap_or(0)).unwrap_or(u16::MAX)
}

pub(crate) fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The service a series belongs to, if it belongs to one.
#[must_use]
pub fn service_of(blueprint: &Blueprint, series: &Series) -> Option<ServiceId> {
    match series.kind {
        SeriesKind::Server { endpoint, .. } => Some(blueprint.endpoints[endpoint.index()].service),
        SeriesKind::Client { edge, .. } => blueprint.edges[edge.index()].client,
        SeriesKind::Flow { .. } => None,
    }
}
