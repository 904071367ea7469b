//! `OpenMetrics` text with timestamps: what `promtool` reads to fill a Prometheus with a past.
//!
//! The format cannot say that a series has ended; such a series just has no more samples.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use crate::exposition::{Exposition, Family, Kind, families};
use crate::promql::labels::{LE, Labels, NAME};
use crate::promql::number;
use crate::promql::source::{Comparison, Matcher, Sample, Source, Stored, is_stale};

/// The media type of the format.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes all metrics of a run from one time to another, both included, in Unix milliseconds.
///
/// # Errors
/// Of the writer.
pub fn write(
    exposition: &Exposition<'_>,
    (from_ms, to_ms): (i64, i64),
    out: &mut impl Write,
) -> Result<()> {
    for family in families() {
        let mut stored = stored(exposition, &family, from_ms, to_ms);
        stored.retain(|series| series.samples.iter().any(|s| !is_stale(s.value)));
        if stored.is_empty() {
            continue;
        }
        head(&family, out)?;
        for metric in metrics(&stored) {
            points(&metric, out)?;
        }
    }
    writeln!(out, "# EOF")
}

/// Writes the latest value of every metric that has one at a scrape, without timestamps: an answer to a live scrape.
///
/// # Errors
/// Of the writer.
pub fn write_latest(exposition: &Exposition<'_>, at_ms: i64, out: &mut impl Write) -> Result<()> {
    for family in families() {
        // Whether a target answered is for the one who scrapes to note.
        if family.name == "up" {
            continue;
        }
        let mut stored = stored(exposition, &family, at_ms, at_ms);
        stored.retain(|series| series.samples.last().is_some_and(|s| !is_stale(s.value)));
        if stored.is_empty() {
            continue;
        }
        head(&family, out)?;
        for metric in metrics(&stored) {
            for series in metric {
                if let Some(sample) = series.samples.last() {
                    line(&series.labels, sample.value, out)?;
                    writeln!(out)?;
                }
            }
        }
    }
    writeln!(out, "# EOF")
}

fn head(family: &Family, out: &mut impl Write) -> Result<()> {
    let kind = match family.kind {
        Kind::Gauge => "gauge",
        Kind::Counter => "counter",
        Kind::Histogram => "histogram",
    };
    writeln!(out, "# TYPE {} {kind}", family.name)?;
    if !family.unit.is_empty() {
        writeln!(out, "# UNIT {} {}", family.name, family.unit)?;
    }
    writeln!(out, "# HELP {} {}", family.name, family.help)
}

pub(super) fn stored(
    exposition: &Exposition<'_>,
    family: &Family,
    from_ms: i64,
    to_ms: i64,
) -> Vec<Stored> {
    let suffixes: &[&str] = match family.kind {
        Kind::Gauge => &[""],
        Kind::Counter => &["_total"],
        Kind::Histogram => &["_bucket", "_count", "_sum"],
    };
    let mut found = Vec::new();
    for suffix in suffixes {
        let named = Matcher {
            name: NAME.to_owned(),
            comparison: Comparison::Equal,
            value: format!("{}{suffix}", family.name),
        };
        found.extend(exposition.select(&[named], from_ms, to_ms));
    }
    found
}

/// Series of one metric next to each other: buckets in the order of their bounds, then count and sum.
pub(super) fn metrics(stored: &[Stored]) -> Vec<Vec<&Stored>> {
    let mut metrics: BTreeMap<Labels, Vec<&Stored>> = BTreeMap::new();
    for series in stored {
        let key = series.labels.without(&[LE.to_owned()]);
        metrics.entry(key).or_default().push(series);
    }
    let bound = |series: &Stored| match series.labels.get(LE) {
        "" => f64::NAN,
        "+Inf" => f64::INFINITY,
        bound => bound.parse().unwrap_or(f64::INFINITY),
    };
    let mut metrics: Vec<_> = metrics.into_values().collect();
    for metric in &mut metrics {
        metric.sort_by(|a, b| bound(a).total_cmp(&bound(b)));
    }
    metrics
}

/// All samples of one metric, time by time.
fn points(metric: &[&Stored], out: &mut impl Write) -> Result<()> {
    let mut nexts = vec![0; metric.len()];
    loop {
        let sample = |(series, next): (&&Stored, &usize)| series.samples.get(*next).copied();
        let heads: Vec<Option<Sample>> = metric.iter().zip(&nexts).map(sample).collect();
        let Some(at_ms) = heads.iter().flatten().map(|sample| sample.at_ms).min() else {
            return Ok(());
        };
        for (index, head) in heads.iter().enumerate() {
            let Some(sample) = head.filter(|sample| sample.at_ms == at_ms) else {
                continue;
            };
            nexts[index] += 1;
            if is_stale(sample.value) {
                continue;
            }
            line(&metric[index].labels, sample.value, out)?;
            let (seconds, millis) = (at_ms.div_euclid(1_000), at_ms.rem_euclid(1_000));
            if millis == 0 {
                writeln!(out, " {seconds}")?;
            } else {
                writeln!(out, " {seconds}.{millis:03}")?;
            }
        }
    }
}

fn line(labels: &Labels, value: f64, out: &mut impl Write) -> Result<()> {
    write!(out, "{}", labels.name())?;
    let others = labels.iter().filter(|(name, _)| &***name != NAME);
    for (index, (name, value)) in others.enumerate() {
        write!(out, "{}{name}=\"", if index == 0 { '{' } else { ',' })?;
        for letter in value.chars() {
            match letter {
                '\\' => write!(out, "\\\\")?,
                '"' => write!(out, "\\\"")?,
                '\n' => write!(out, "\\n")?,
                other => write!(out, "{other}")?,
            }
        }
        write!(out, "\"")?;
    }
    let brace = if labels.iter().len() > 1 { "}" } else { "" };
    write!(out, "{brace} {}", number(value))
}
