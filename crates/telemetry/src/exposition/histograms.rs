//! Histograms of durations, expanded from what they gained between scrapes.

use std::sync::Arc;

use super::{Exposition, Family, Kind, Wanted};
use crate::histogram::{BOUNDS_NS, BUCKETS};
use crate::lives::Life;
use crate::numbers::float;
use crate::promql::labels::{LE, Labels, NAME};
use crate::promql::source::{STALE, Sample, Stored};
use crate::series::SeriesKind;

pub(super) const HTTP_SERVER: usize = 0;
pub(super) const HTTP_CLIENT: usize = 1;
pub(super) const STORE_SERVER: usize = 2;
pub(super) const STORE_CLIENT: usize = 3;
pub(super) const MESSAGING_SERVER: usize = 4;
pub(super) const MESSAGING_CLIENT: usize = 5;
pub(super) const FLOW: usize = 6;

const fn histogram(name: &'static str, otel: &'static str, help: &'static str) -> Family {
    Family {
        name,
        otel,
        kind: Kind::Histogram,
        unit: "seconds",
        help,
    }
}

pub(super) const FAMILIES: [Family; 7] = [
    histogram(
        "http_server_request_duration_seconds",
        "http.server.request.duration",
        "Duration of requests as the server that answered them saw them.",
    ),
    histogram(
        "http_client_request_duration_seconds",
        "http.client.request.duration",
        "Duration of attempts of calls as the caller saw them.",
    ),
    histogram(
        "db_server_operation_duration_seconds",
        "db.server.operation.duration",
        "Duration of operations as the database or cache saw them.",
    ),
    histogram(
        "db_client_operation_duration_seconds",
        "db.client.operation.duration",
        "Duration of operations of a database or cache as the caller saw them.",
    ),
    histogram(
        "messaging_process_duration_seconds",
        "messaging.process.duration",
        "Duration of the processing of messages by a queue's consumers.",
    ),
    histogram(
        "messaging_client_operation_duration_seconds",
        "messaging.client.operation.duration",
        "Duration of hand-overs to a queue as the producer saw them.",
    ),
    histogram(
        "user_request_duration_seconds",
        "user.request.duration",
        "Duration of users' requests, attempts included, as their own devices measure it.",
    ),
];

/// A sample of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Bucket(usize),
    Count,
    Sum,
}

/// Upper bound of a bucket, as it is exposed: always with a decimal point.
pub(super) fn bound(bucket: usize) -> String {
    let Some(&bound_ns) = BOUNDS_NS.get(bucket) else {
        return "+Inf".to_owned();
    };
    let seconds = float(i64::try_from(bound_ns).unwrap_or(i64::MAX)) / 1e9;
    let text = seconds.to_string();
    if text.contains('.') {
        text
    } else {
        text + ".0"
    }
}

/// A series that was asked for, while its samples are put together.
struct Expanding {
    /// Lives of its process; none of a series that has no process.
    lives: Vec<Life>,
    life: usize,
    /// It has gained something in this life.
    exposed: bool,
    /// It was there at the last scrape.
    there: bool,
    counts: [u64; BUCKETS],
    sum_ns: u64,
    parts: Vec<(Part, Labels, Vec<Sample>)>,
}

impl Exposition<'_> {
    pub(super) fn histograms(&self, wanted: &Wanted<'_>) -> Vec<Stored> {
        let parts = FAMILIES.map(|family| parts(&family, wanted));
        if parts.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        // Position among those that are expanded, by series.
        let mut places = vec![u32::MAX; self.metrics.series().len()];
        let mut expanding: Vec<Expanding> = Vec::new();
        for (index, series) in self.metrics.series().iter().enumerate() {
            let Some((family, labels)) = self.directory.labels(self.blueprint, series) else {
                continue;
            };
            if parts[family].is_empty() || !wanted.labels(&labels, LE) {
                continue;
            }
            places[index] = u32::try_from(expanding.len()).unwrap_or(u32::MAX);
            expanding.push(Expanding {
                lives: self.lives_of(series.kind),
                life: 0,
                exposed: false,
                there: false,
                counts: [0; BUCKETS],
                sum_ns: 0,
                parts: parts[family]
                    .iter()
                    .map(|part| (*part, named(family, *part, &labels), Vec::new()))
                    .collect(),
            });
        }
        self.metrics.replay(
            |at_ns| self.unix_ms(at_ns) <= wanted.to_ms,
            |at_ns, rows| {
                for series in &mut expanding {
                    series.turn(at_ns);
                }
                for (series, gained) in rows {
                    if let Some(series) = expanding.get_mut(places[series] as usize) {
                        series.gain(at_ns, &gained);
                    }
                }
                let at_ms = self.unix_ms(at_ns);
                for series in &mut expanding {
                    series.expose(at_ms, wanted.time(at_ms));
                }
            },
        );
        let stored = expanding.into_iter().flat_map(|series| series.parts);
        stored
            .filter(|(_, _, samples)| !samples.is_empty())
            .map(|(_, labels, samples)| Stored {
                labels,
                samples: Arc::new(samples),
            })
            .collect()
    }

    fn lives_of(&self, kind: SeriesKind) -> Vec<Life> {
        match kind {
            SeriesKind::Server {
                instance, version, ..
            }
            | SeriesKind::Client {
                instance, version, ..
            } => {
                let lives = self.lives.of(instance).iter();
                lives
                    .filter(|life| life.version == version)
                    .copied()
                    .collect()
            }
            SeriesKind::Flow { .. } => Vec::new(),
        }
    }
}

fn parts(family: &Family, wanted: &Wanted<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    if wanted.names(&format!("{}_bucket", family.name)) {
        let buckets = (0..BUCKETS).filter(|bucket| wanted.label(LE, &bound(*bucket)));
        parts.extend(buckets.map(Part::Bucket));
    }
    let plain = wanted.label(LE, "");
    if plain && wanted.names(&format!("{}_count", family.name)) {
        parts.push(Part::Count);
    }
    if plain && wanted.names(&format!("{}_sum", family.name)) {
        parts.push(Part::Sum);
    }
    parts
}

fn named(family: usize, part: Part, labels: &Labels) -> Labels {
    let name = FAMILIES[family].name;
    match part {
        Part::Bucket(bucket) => labels
            .with(NAME, &format!("{name}_bucket"))
            .with(LE, &bound(bucket)),
        Part::Count => labels.with(NAME, &format!("{name}_count")),
        Part::Sum => labels.with(NAME, &format!("{name}_sum")),
    }
}

impl Expanding {
    /// Goes on to the life that a scrape sees. With another life everything begins at nothing.
    fn turn(&mut self, at_ns: u64) {
        while self
            .lives
            .get(self.life)
            .is_some_and(|life| life.end_ns <= at_ns)
        {
            self.life += 1;
            self.exposed = false;
            self.counts = [0; BUCKETS];
            self.sum_ns = 0;
        }
    }

    /// Whether there is a process to scrape.
    fn is_alive(&self, at_ns: u64) -> bool {
        let life = self.lives.get(self.life);
        self.lives.is_empty() || life.is_some_and(|life| life.start_ns <= at_ns)
    }

    /// What a process counted between its last scrape and its end went with it.
    fn gain(&mut self, at_ns: u64, gained: &crate::histogram::Histogram) {
        if !self.is_alive(at_ns) {
            return;
        }
        self.exposed = true;
        self.sum_ns += gained.sum_ns;
        for (count, gained) in self.counts.iter_mut().zip(gained.buckets) {
            *count += gained;
        }
    }

    fn expose(&mut self, at_ms: i64, in_time: bool) {
        let ended = self.there && !self.exposed;
        self.there = self.exposed;
        if !in_time || !(self.exposed || ended) {
            return;
        }
        let count = |counts: &[u64]| float(i64::try_from(counts.iter().sum::<u64>()).unwrap_or(0));
        for (part, _, samples) in &mut self.parts {
            let value = match part {
                _ if ended => STALE,
                Part::Bucket(bucket) => count(&self.counts[..=*bucket]),
                Part::Count => count(&self.counts),
                Part::Sum => float(i64::try_from(self.sum_ns).unwrap_or(i64::MAX)) / 1e9,
            };
            samples.push(Sample { at_ms, value });
        }
    }
}
