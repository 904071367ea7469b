//! Metrics: cumulative histograms, sums and gauges.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ByResource, KeyValue, Resource, SCOPE, Scope, resource};
use crate::export::openmetrics::{metrics as metrics_of, stored};
use crate::export::{Recorded, Span};
use crate::exposition::{Family, Kind, families};
use crate::histogram::BOUNDS_NS;
use crate::numbers::float;
use crate::promql::labels::{LE, Labels, NAME};
use crate::promql::source::{Stored, is_stale};

/// Metrics of several resources.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricsData {
    resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceMetrics {
    resource: Resource,
    scope_metrics: [ScopeMetrics; 1],
}

#[derive(Clone, Debug, Serialize)]
struct ScopeMetrics {
    scope: Scope,
    metrics: Vec<Metric>,
}

#[derive(Clone, Debug, Serialize)]
struct Metric {
    name: &'static str,
    description: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    data: Data,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Data {
    Gauge {
        #[serde(rename = "dataPoints")]
        data_points: Vec<NumberPoint>,
    },
    #[serde(rename_all = "camelCase")]
    Sum {
        aggregation_temporality: u8,
        is_monotonic: bool,
        data_points: Vec<NumberPoint>,
    },
    #[serde(rename_all = "camelCase")]
    Histogram {
        aggregation_temporality: u8,
        data_points: Vec<HistogramPoint>,
    },
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NumberPoint {
    attributes: Vec<KeyValue>,
    time_unix_nano: String,
    as_double: f64,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HistogramPoint {
    attributes: Vec<KeyValue>,
    time_unix_nano: String,
    count: String,
    sum: f64,
    bucket_counts: Vec<String>,
    explicit_bounds: Vec<f64>,
}

/// The number of cumulative values among temporalities.
const CUMULATIVE: u8 = 2;

/// Labels that say what produced a metric, with the names OpenTelemetry has for them.
const OF_RESOURCE: [(&str, &str); 4] = [
    ("service_name", "service.name"),
    ("service_instance_id", "service.instance.id"),
    ("cloud_region", "cloud.region"),
    ("service_version", "service.version"),
];

/// Names OpenTelemetry has for the other labels.
const ATTRIBUTES: [(&str, &str); 10] = [
    ("db_operation_name", "db.operation.name"),
    ("error_type", "error.type"),
    ("http_request_method", "http.request.method"),
    ("http_response_status_code", "http.response.status_code"),
    ("http_route", "http.route"),
    ("messaging_destination_name", "messaging.destination.name"),
    ("messaging_operation_name", "messaging.operation.name"),
    ("server_address", "server.address"),
    ("url_template", "url.template"),
    ("user_segment", "user.segment"),
];

/// The metrics scraped in a stretch of time.
#[must_use]
pub fn metrics(recorded: &Recorded<'_>, (from_ns, to_ns): Span) -> MetricsData {
    let exposition = &recorded.exposition;
    let (from_ms, to_ms) = (exposition.unix_ms(from_ns) + 1, exposition.unix_ms(to_ns));
    let mut groups = ByResource::new();
    for family in families() {
        let all = stored(exposition, &family, from_ms, to_ms);
        let mut by_resource: BTreeMap<Vec<KeyValue>, Vec<Vec<&Stored>>> = BTreeMap::new();
        for metric in metrics_of(&all) {
            let labels = &metric[0].labels;
            let parts = OF_RESOURCE.map(|(label, key)| (key, labels.get(label)));
            by_resource.entry(resource(parts)).or_default().push(metric);
        }
        for (from, metrics) in by_resource {
            groups.add(from, metric(&family, &metrics));
        }
    }
    let resource_metrics = groups
        .into_groups()
        .map(|(resource, metrics)| ResourceMetrics {
            resource,
            scope_metrics: [ScopeMetrics {
                scope: SCOPE,
                metrics,
            }],
        });
    MetricsData {
        resource_metrics: resource_metrics.collect(),
    }
}

fn metric(family: &Family, metrics: &[Vec<&Stored>]) -> Metric {
    let numbers = || metrics.iter().flat_map(|metric| numbers(metric)).collect();
    Metric {
        name: family.otel,
        description: family.help,
        unit: match (family.kind, family.unit) {
            (_, "seconds") => "s",
            (Kind::Counter, _) => "{event}",
            _ => "1",
        },
        data: match family.kind {
            Kind::Gauge => Data::Gauge {
                data_points: numbers(),
            },
            Kind::Counter => Data::Sum {
                aggregation_temporality: CUMULATIVE,
                is_monotonic: true,
                data_points: numbers(),
            },
            Kind::Histogram => Data::Histogram {
                aggregation_temporality: CUMULATIVE,
                data_points: metrics
                    .iter()
                    .flat_map(|metric| histograms(metric))
                    .collect(),
            },
        },
    }
}

fn attributes(labels: &Labels) -> Vec<KeyValue> {
    let others = labels.iter().filter(|(name, _)| {
        let name = &***name;
        name != NAME && name != LE && OF_RESOURCE.iter().all(|(label, _)| *label != name)
    });
    let attribute = |(name, value): (&std::sync::Arc<str>, &std::sync::Arc<str>)| {
        let known = ATTRIBUTES.iter().find(|(label, _)| *label == &**name);
        KeyValue::new(known.map_or(&**name, |(_, key)| key), &**value)
    };
    others.map(attribute).collect()
}

fn nanos(at_ms: i64) -> String {
    (i128::from(at_ms) * 1_000_000).to_string()
}

fn numbers(metric: &[&Stored]) -> Vec<NumberPoint> {
    let mut points = Vec::new();
    for series in metric {
        let attributes = attributes(&series.labels);
        let live = series
            .samples
            .iter()
            .filter(|sample| !is_stale(sample.value));
        points.extend(live.map(|sample| NumberPoint {
            attributes: attributes.clone(),
            time_unix_nano: nanos(sample.at_ms),
            as_double: sample.value,
        }));
    }
    points
}

/// Points of a histogram: its series are the buckets in the order of their bounds, count and sum.
fn histograms(metric: &[&Stored]) -> Vec<HistogramPoint> {
    let [buckets @ .., count, sum] = metric else {
        return Vec::new();
    };
    let attributes = attributes(&count.labels);
    let bounds: Vec<f64> = BOUNDS_NS
        .iter()
        .map(|&bound| float(i64::try_from(bound).unwrap_or(i64::MAX)) / 1e9)
        .collect();
    let mut points = Vec::new();
    for (index, total) in count.samples.iter().enumerate() {
        if is_stale(total.value) {
            continue;
        }
        let mut below = 0.0;
        let bucket_counts = buckets.iter().map(|bucket| {
            let up_to = bucket
                .samples
                .get(index)
                .map_or(below, |sample| sample.value);
            let inside = up_to - below;
            below = up_to;
            whole(inside)
        });
        points.push(HistogramPoint {
            attributes: attributes.clone(),
            time_unix_nano: nanos(total.at_ms),
            bucket_counts: bucket_counts.collect(),
            count: whole(total.value),
            sum: sum.samples.get(index).map_or(0.0, |sample| sample.value),
            explicit_bounds: bounds.clone(),
        });
    }
    points
}

/// A count as the protocol writes it.
fn whole(count: f64) -> String {
    format!("{count:.0}")
}
