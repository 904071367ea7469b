//! What is asked about: three runs, and series made up to be difficult.

use std::path::Path;
use std::sync::Arc;

use brownout_session::players::{Player, Reference, RestartAll};
use brownout_session::run::play;
use brownout_sim::blueprint::MINUTE_NS;
use brownout_sim::hash::mix64;
use brownout_telemetry::export::openmetrics;
use brownout_telemetry::promql::labels::{Labels, NAME};
use brownout_telemetry::promql::number;
use brownout_telemetry::promql::source::{Held, Matcher, Sample, Source, Stored, is_stale};

/// Time the data covers, in Unix milliseconds.
#[derive(Clone, Copy)]
pub struct Span {
    pub start_ms: i64,
    pub end_ms: i64,
}

/// Series, and the same as Prometheus reads them.
pub struct Data {
    pub name: &'static str,
    pub held: Held,
    pub export: Vec<u8>,
    pub span: Span,
}

impl Source for Data {
    fn select(&self, matchers: &[Matcher], from_ms: i64, to_ms: i64) -> Vec<Stored> {
        self.held.select(matchers, from_ms, to_ms)
    }
}

/// Minutes of each run that are compared.
const MINUTES: i64 = 12;

/// Three runs: one in which every process is replaced, one in which traffic moves and one with queues.
pub fn runs() -> Vec<Data> {
    vec![
        run("kiosk-config", 2, &mut RestartAll::default()),
        run("regional-gateway", 3, &mut Reference::default()),
        run("lunch-rush", 1, &mut RestartAll::default()),
    ]
}

fn run(name: &'static str, seed: u64, player: &mut dyn Player) -> Data {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(name);
    let loaded = brownout::cli::scenario(&folder, None, seed, None, "test");
    let loaded = loaded.unwrap_or_else(|e| panic!("{name}: {e:#}"));
    let session = play(loaded.scenario, loaded.header, player, Some(8 * MINUTE_NS));
    let reader = session.reader();
    let exposition = reader.exposition();
    let page_ns = session.page_ns().expect("a page");
    let end_ms = exposition.unix_ms(page_ns + 8 * MINUTE_NS);
    let span = Span {
        start_ms: end_ms - MINUTES * 60_000,
        end_ms,
    };
    let mut export = Vec::new();
    openmetrics::write(&exposition, (span.start_ms, span.end_ms), &mut export)
        .expect("memory can be written to");
    // An export cannot say that a series has ended, so nobody may know it here either.
    let everything = exposition.select(&[], span.start_ms, span.end_ms);
    let lasting = everything.into_iter().map(|series| Stored {
        samples: Arc::new(
            series
                .samples
                .iter()
                .filter(|s| !is_stale(s.value))
                .copied()
                .collect(),
        ),
        labels: series.labels,
    });
    Data {
        name,
        held: Held(lasting.collect()),
        export,
        span,
    }
}

/// Counters that reset, gauges with gaps and special values, histograms that are no histograms.
pub fn made_up() -> Data {
    let start_ms = 1_600_000_000_000;
    let span = Span {
        start_ms,
        end_ms: start_ms + 20 * 60_000,
    };
    let mut held = Vec::new();
    let mut draw = 0u64;
    let mut next = |below: u64| {
        draw += 1;
        mix64(draw) % below
    };
    for (job, instance, zone) in [
        ("api", "0", "a"),
        ("api", "1", "a"),
        ("api", "2", "b"),
        ("db", "0", "a"),
        ("db", "1", "b"),
        ("edge", "0", ""),
    ] {
        let labels = |name: &str| {
            Labels::new([
                (NAME, name),
                ("job", job),
                ("instance", instance),
                ("zone", zone),
            ])
        };
        let mut times = Vec::new();
        let mut at_ms = start_ms + i64::try_from(next(20_000)).unwrap_or(0);
        while at_ms <= span.end_ms {
            times.push(at_ms);
            // Mostly regular, sometimes late, now and then away for longer than the look-back.
            at_ms += match next(40) {
                0 => 400_000,
                1..=4 => 30_000,
                _ => 15_000,
            };
        }
        let (mut total, mut level) = (0u32, 500i32);
        let mut counter = Vec::new();
        let mut gauge = Vec::new();
        let mut special = Vec::new();
        let mut buckets: Vec<Vec<Sample>> = vec![Vec::new(); 4];
        let mut counts = [0u32; 4];
        for &at_ms in &times {
            if next(15) == 0 {
                total = 0;
                counts = [0; 4];
            }
            total += u32::try_from(next(100)).unwrap_or(0);
            level += i32::try_from(next(201)).unwrap_or(0) - 100;
            counter.push(Sample {
                at_ms,
                value: f64::from(total),
            });
            gauge.push(Sample {
                at_ms,
                value: f64::from(level) / 8.0,
            });
            let value = match next(12) {
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => f64::NEG_INFINITY,
                3 => 0.0,
                other => 1.0 / f64::from(u32::try_from(other).unwrap_or(1)),
            };
            special.push(Sample { at_ms, value });
            for (bucket, count) in counts.iter_mut().enumerate() {
                *count += u32::try_from(next(20) + bucket as u64 * 10).unwrap_or(0);
                buckets[bucket].push(Sample {
                    at_ms,
                    value: f64::from(*count),
                });
            }
        }
        let mut store = |labels: Labels, samples: Vec<Sample>| {
            held.push(Stored {
                labels,
                samples: Arc::new(samples),
            });
        };
        store(labels("made_requests_total"), counter);
        store(labels("made_level"), gauge);
        store(labels("made_special"), special);
        for (bucket, samples) in ["0.1", "0.5", "2.0", "+Inf"].iter().zip(buckets) {
            store(labels("made_seconds_bucket").with("le", bucket), samples);
        }
    }
    let export = written(&held);
    Data {
        name: "made-up",
        held: Held(held),
        export,
        span,
    }
}

/// Series as `OpenMetrics` text.
fn written(series: &[Stored]) -> Vec<u8> {
    use std::fmt::Write;
    let mut text = String::new();
    for (name, kind) in [
        ("made_requests", "counter"),
        ("made_level", "gauge"),
        ("made_special", "gauge"),
        ("made_seconds", "histogram"),
    ] {
        let _ = writeln!(text, "# TYPE {name} {kind}");
        let here = series.iter().filter(|series| {
            let full = series.labels.name();
            full.strip_prefix(name)
                .is_some_and(|rest| ["", "_total", "_bucket"].contains(&rest))
        });
        for series in here {
            let labels: Vec<String> = series
                .labels
                .iter()
                .filter(|(label, _)| &***label != NAME)
                .map(|(label, value)| format!("{label}=\"{value}\""))
                .collect();
            for sample in series.samples.iter() {
                let value = number(sample.value);
                let (seconds, millis) = (sample.at_ms / 1_000, sample.at_ms % 1_000);
                let (full, labels) = (series.labels.name(), labels.join(","));
                let _ = writeln!(text, "{full}{{{labels}}} {value} {seconds}.{millis:03}");
            }
        }
    }
    text.push_str("# EOF\n");
    text.into_bytes()
}
