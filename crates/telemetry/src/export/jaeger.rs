//! Traces in the JSON of Jaeger's interface, as its window loads from a file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::spans::Side;
use super::{Recorded, Span, trace_id};
use crate::traces::StoredTrace;

/// Traces.
#[derive(Clone, Debug, Serialize)]
pub struct Traces {
    data: Vec<Trace>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    #[serde(rename = "traceID")]
    id: String,
    spans: Vec<JaegerSpan>,
    processes: BTreeMap<String, Process>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct JaegerSpan {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    operation_name: String,
    references: Vec<Reference>,
    /// Microseconds since the Unix epoch.
    start_time: u64,
    /// Microseconds.
    duration: u64,
    tags: Vec<Tag>,
    logs: [(); 0],
    #[serde(rename = "processID")]
    process_id: String,
    warnings: Option<()>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    ref_type: &'static str,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Tag {
    key: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Process {
    service_name: String,
    tags: Vec<Tag>,
}

fn tag(key: &'static str, value: impl Into<String>) -> Tag {
    Tag {
        key,
        kind: "string",
        value: value.into(),
    }
}

/// The traces whose result came in a stretch of time.
#[must_use]
pub fn traces(recorded: &Recorded<'_>, (from_ns, to_ns): Span) -> Traces {
    let all: Vec<&StoredTrace> = recorded.traces.between(from_ns, to_ns).collect();
    of(recorded, &all)
}

/// Some traces.
#[must_use]
pub fn of(recorded: &Recorded<'_>, traces: &[&StoredTrace]) -> Traces {
    let data = traces.iter().map(|stored| {
        let id = trace_id(stored.end.id);
        let mut processes: BTreeMap<String, Process> = BTreeMap::new();
        let spans = recorded.spans(stored).into_iter().map(|plain| {
            let mut of_process = vec![tag("cloud.region", plain.region.as_str())];
            if let Some(instance) = &plain.instance {
                of_process.push(tag("service.instance.id", instance.as_str()));
            }
            let process = Process {
                service_name: plain.service.clone(),
                tags: of_process,
            };
            let known = processes.iter().find(|(_, known)| **known == process);
            let process_id = known.map_or_else(
                || format!("p{}", processes.len() + 1),
                |(process_id, _)| process_id.clone(),
            );
            processes.insert(process_id.clone(), process);
            let reference = |ref_type, trace: &str, span: u64| Reference {
                ref_type,
                trace_id: trace.to_owned(),
                span_id: format!("{span:016x}"),
            };
            let parent = plain.parent.map(|span| reference("CHILD_OF", &id, span));
            let link = plain
                .link
                .map(|(trace, span)| reference("FOLLOWS_FROM", &trace_id(trace), span));
            let kind = match plain.side {
                Side::Internal => "internal",
                Side::Server => "server",
                Side::Client => "client",
                Side::Consumer => "consumer",
            };
            let mut tags = vec![tag("span.kind", kind)];
            tags.extend(plain.attributes.iter().map(|(key, value)| tag(key, value)));
            if plain.failed {
                tags.push(tag("error", "true"));
            }
            JaegerSpan {
                trace_id: id.clone(),
                span_id: format!("{:016x}", plain.id),
                operation_name: plain.name,
                references: parent.into_iter().chain(link).collect(),
                start_time: recorded.unix_ns(plain.start_ns) / 1_000,
                duration: plain.end_ns.saturating_sub(plain.start_ns) / 1_000,
                tags,
                logs: [],
                process_id,
                warnings: None,
            }
        });
        let spans = spans.collect();
        Trace {
            id,
            spans,
            processes,
        }
    });
    Traces {
        data: data.collect(),
    }
}
