//! Kept traces.

use serde::Serialize;

use super::{ByResource, KeyValue, Resource, SCOPE, Scope, resource};
use crate::export::spans::{Plain, Side};
use crate::export::{Recorded, Span, trace_id};

/// Traces of several resources.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TracesData {
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    resource: Resource,
    scope_spans: [ScopeSpans; 1],
}

#[derive(Clone, Debug, Serialize)]
struct ScopeSpans {
    scope: Scope,
    spans: Vec<OtlpSpan>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OtlpSpan {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    parent_span_id: String,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<KeyValue>,
    links: Vec<Link>,
    status: Status,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    trace_id: String,
    span_id: String,
}

#[derive(Clone, Debug, Serialize)]
struct Status {
    code: u8,
}

/// Numbers the protocol gives to kinds of spans.
const fn kind(side: Side) -> u8 {
    match side {
        Side::Internal => 1,
        Side::Server => 2,
        Side::Client => 3,
        Side::Consumer => 5,
    }
}

/// The number of a failure among the states of a span.
const ERROR: u8 = 2;

/// The traces whose result came in a stretch of time.
#[must_use]
pub fn traces(recorded: &Recorded<'_>, (from_ns, to_ns): Span) -> TracesData {
    let mut groups = ByResource::new();
    for trace in recorded.traces.between(from_ns, to_ns) {
        for plain in recorded.spans(trace) {
            let from = resource([
                ("service.name", &plain.service),
                (
                    "service.instance.id",
                    plain.instance.as_deref().unwrap_or(""),
                ),
                ("cloud.region", &plain.region),
                ("service.version", ""),
            ]);
            groups.add(from, span(recorded, trace.end.id, plain));
        }
    }
    let resource_spans = groups.into_groups().map(|(resource, spans)| ResourceSpans {
        resource,
        scope_spans: [ScopeSpans {
            scope: SCOPE,
            spans,
        }],
    });
    TracesData {
        resource_spans: resource_spans.collect(),
    }
}

fn span(recorded: &Recorded<'_>, trace: u64, plain: Plain) -> OtlpSpan {
    let attributes = plain.attributes.iter();
    OtlpSpan {
        trace_id: trace_id(trace),
        span_id: format!("{:016x}", plain.id),
        parent_span_id: plain
            .parent
            .map_or_else(String::new, |id| format!("{id:016x}")),
        kind: kind(plain.side),
        start_time_unix_nano: recorded.unix_ns(plain.start_ns).to_string(),
        end_time_unix_nano: recorded.unix_ns(plain.end_ns).to_string(),
        attributes: attributes
            .map(|(key, value)| KeyValue::new(key, value))
            .collect(),
        links: plain
            .link
            .iter()
            .map(|(trace, span)| Link {
                trace_id: trace_id(*trace),
                span_id: format!("{span:016x}"),
            })
            .collect(),
        status: Status {
            code: if plain.failed { ERROR } else { 0 },
        },
        name: plain.name,
    }
}
