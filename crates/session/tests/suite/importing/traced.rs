//! A system that runs with a tracer in every service, and what the tracers send.

use std::sync::Arc;

use brownout_scenario::{MemoryFiles, compile_system, load_system};
use brownout_sim::blueprint::{Blueprint, SECOND_NS, ServiceKind};
use brownout_sim::probe::{Probe, Span, TraceEnd};
use brownout_sim::world::World;
use serde_json::{Value, json};

/// Unix time at which runs begin.
const EPOCH_NS: u64 = 1_780_000_000_000_000_000;

/// Traces of a run.
pub struct Traced {
    blueprint: Arc<Blueprint>,
    from_ns: u64,
    traces: Vec<(TraceEnd, Vec<Span>)>,
}

impl Probe for Traced {
    fn wants_trace(&mut self, end: &TraceEnd) -> bool {
        end.start_ns >= self.from_ns
    }

    fn trace_end(&mut self, end: &TraceEnd, spans: &[Span]) {
        self.traces.push((*end, spans.to_vec()));
    }
}

/// The blueprint of a system file.
pub fn blueprint(text: &str) -> Arc<Blueprint> {
    let files = MemoryFiles::new(&[("system.ron", text)]);
    let (loaded, found) = load_system(&files, "system.ron");
    let loaded = loaded.unwrap_or_else(|| panic!("{found:?}"));
    Arc::new(compile_system(&loaded).unwrap_or_else(|found| panic!("{found:?}")))
}

/// Runs a system for some seconds after a warm-up.
pub fn run(text: &str, seconds: u64) -> Traced {
    let blueprint = blueprint(text);
    let mut traced = Traced {
        blueprint: Arc::clone(&blueprint),
        from_ns: 20 * SECOND_NS,
        traces: Vec::new(),
    };
    let mut world = World::new(blueprint, 3);
    world.advance_until((20 + seconds) * SECOND_NS, u64::MAX, &mut traced);
    traced
}

/// A span as a tracer has it, before it is written in one form or another.
struct Sent {
    trace: String,
    id: String,
    parent: Option<String>,
    service: String,
    instance: String,
    name: String,
    kind: &'static str,
    start_ns: u64,
    end_ns: u64,
    failed: bool,
    attributes: Vec<(&'static str, String)>,
}

impl Traced {
    /// Server-side durations by service, as the spans have them.
    pub fn durations(&self) -> Vec<(String, Vec<u64>)> {
        let mut durations: Vec<(String, Vec<u64>)> = Vec::new();
        for span in self.sent().iter().filter(|s| s.kind != "client") {
            let of = if let Some(at) = durations.iter().position(|(name, _)| *name == span.service)
            {
                &mut durations[at].1
            } else {
                durations.push((span.service.clone(), Vec::new()));
                &mut durations.last_mut().expect("just pushed").1
            };
            of.push(span.end_ns - span.start_ns);
        }
        durations
    }

    /// Two spans for each call, one on either side; those of requests that reached nobody have only the first.
    fn sent(&self) -> Vec<Sent> {
        let mut sent = Vec::new();
        for (end, spans) in &self.traces {
            for (at, span) in spans.iter().enumerate() {
                self.send(end, at, span, spans, &mut sent);
            }
        }
        sent
    }

    fn service(&self, span: &Span) -> (usize, String) {
        let edge = &self.blueprint.edges[span.edge.index()];
        let service = self.blueprint.endpoints[edge.target.index()].service;
        (
            service.index(),
            self.blueprint.services[service.index()].name.clone(),
        )
    }

    fn send(&self, end: &TraceEnd, at: usize, span: &Span, spans: &[Span], sent: &mut Vec<Sent>) {
        let trace = format!("{:032x}", end.id);
        let id = |at: usize, side: u8| {
            format!(
                "{:016x}",
                (end.id << 12) ^ ((at as u64) << 1) ^ u64::from(side)
            )
        };
        let edge = &self.blueprint.edges[span.edge.index()];
        let endpoint = &self.blueprint.endpoints[edge.target.index()];
        let (index, callee) = self.service(span);
        let mut parent = None;
        if let Some(caller) = span.parent {
            let caller = caller as usize;
            parent = Some(id(at, 0));
            let way_ns = span.arrive_ns.saturating_sub(span.start_ns);
            let reached = span.arrive_ns != 0;
            sent.push(Sent {
                trace: trace.clone(),
                id: id(at, 0),
                parent: Some(id(caller, 1)),
                service: self.service(&spans[caller]).1,
                instance: instance(&spans[caller]),
                name: format!("{callee} {}", endpoint.name),
                kind: "client",
                start_ns: span.start_ns,
                // The reply takes as long as the request.
                end_ns: span.end_ns + if reached { way_ns } else { 0 },
                failed: !span.status.is_ok(),
                attributes: vec![("peer.service", callee.clone())],
            });
        }
        if span.arrive_ns == 0 {
            return;
        }
        let queue = self.blueprint.services[index].kind == ServiceKind::Queue;
        sent.push(Sent {
            trace,
            id: id(at, 1),
            parent,
            service: callee,
            instance: instance(span),
            name: endpoint.name.clone(),
            kind: if queue { "consumer" } else { "server" },
            start_ns: span.arrive_ns,
            end_ns: span.end_ns,
            failed: !span.status.is_ok(),
            attributes: Vec::new(),
        });
    }

    /// As OTLP JSON: one resource for each span, as small exporters do it.
    pub fn otlp(&self) -> String {
        let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let kind = |kind: &str| match kind {
            "server" => 2,
            "client" => 3,
            _ => 5,
        };
        let resource = |span: &Sent| {
            let attributes: Vec<Value> = span
                .attributes
                .iter()
                .map(|(key, value)| text(key, value))
                .collect();
            json!({
                "resource": {"attributes": [
                    text("service.name", &span.service), text("service.instance.id", &span.instance),
                ]},
                "scopeSpans": [{"scope": {"name": "test"}, "spans": [{
                    "traceId": span.trace, "spanId": span.id, "parentSpanId": span.parent.clone().unwrap_or_default(),
                    "name": span.name, "kind": kind(span.kind),
                    "startTimeUnixNano": (EPOCH_NS + span.start_ns).to_string(),
                    "endTimeUnixNano": (EPOCH_NS + span.end_ns).to_string(),
                    "attributes": attributes, "status": if span.failed { json!({"code": 2}) } else { json!({}) },
                }]}],
            })
        };
        // A line for each, as exporters to files write them.
        let line = |span: &Sent| json!({"resourceSpans": [resource(span)]}).to_string();
        self.sent().iter().map(|span| line(span) + "\n").collect()
    }

    /// As Jaeger's API gives them.
    pub fn jaeger(&self) -> String {
        let mut traces: Vec<(String, Vec<Value>, serde_json::Map<String, Value>)> = Vec::new();
        for span in self.sent() {
            if traces.last().is_none_or(|(trace, ..)| *trace != span.trace) {
                traces.push((span.trace.clone(), Vec::new(), serde_json::Map::new()));
            }
            let (_, spans, processes) = traces.last_mut().expect("just pushed");
            let process = format!("{} {}", span.service, span.instance);
            let tags =
                json!([{"key": "service.instance.id", "type": "string", "value": span.instance}]);
            processes
                .entry(process.clone())
                .or_insert_with(|| json!({"serviceName": span.service, "tags": tags}));
            let parent = span.parent.iter().map(
                |parent| json!({"refType": "CHILD_OF", "traceID": span.trace, "spanID": parent}),
            );
            let mut tags = vec![json!({"key": "span.kind", "type": "string", "value": span.kind})];
            if span.failed {
                tags.push(json!({"key": "error", "type": "bool", "value": true}));
            }
            spans.push(json!({
                "traceID": span.trace, "spanID": span.id, "operationName": span.name,
                "references": parent.collect::<Vec<_>>(),
                "startTime": (EPOCH_NS + span.start_ns) / 1_000, "duration": (span.end_ns - span.start_ns) / 1_000,
                "tags": tags, "processID": process,
            }));
        }
        let trace = |(trace, spans, processes): &(
            String,
            Vec<Value>,
            serde_json::Map<String, Value>,
        )| {
            json!({"traceID": trace, "spans": spans, "processes": processes})
        };
        json!({"data": traces.iter().map(trace).collect::<Vec<_>>()}).to_string()
    }
}

fn instance(span: &Span) -> String {
    span.instance
        .map_or_else(String::new, |instance| instance.0.to_string())
}
