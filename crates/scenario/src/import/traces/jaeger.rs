//! Traces as Jaeger's API gives them: `{"data": [TRACE, …]}`, or a trace by itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::json::{Gather, Gathered, Plain, Whole, documents};
use super::span::{Attributes, Kind, MAX_SPANS, Span, Spans, without_ids};
use crate::diagnostics::Diagnostic;

/// An answer of the API, or a trace by itself.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Gathered<Traces>,
    #[serde(default)]
    spans: Gathered<Several>,
    #[serde(default)]
    processes: BTreeMap<String, Process>,
}

#[derive(Default)]
struct Traces(Vec<Trace>);

impl Gather for Traces {
    type Entry = Trace;

    fn take(&mut self, trace: Trace) -> Result<(), String> {
        if !trace.spans.0.0.is_empty() {
            self.0.push(trace);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Trace {
    spans: Gathered<Several>,
    #[serde(default)]
    processes: BTreeMap<String, Process>,
}

#[derive(Default)]
struct Several(Vec<Written>);

impl Gather for Several {
    type Entry = Written;

    fn take(&mut self, span: Written) -> Result<(), String> {
        if self.0.len() >= MAX_SPANS {
            return Err(format!("more than {MAX_SPANS} spans"));
        }
        self.0.push(span);
        Ok(())
    }
}

#[derive(Deserialize)]
struct Process {
    #[serde(default, rename = "serviceName")]
    service: String,
    #[serde(default)]
    tags: Gathered<Tags>,
}

#[derive(Default)]
struct Tags(Attributes);

impl Gather for Tags {
    type Entry = Tag;

    fn take(&mut self, tag: Tag) -> Result<(), String> {
        let Tag { key, value } = tag;
        self.0.put(&key, || value?.0);
        Ok(())
    }
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: Option<Plain>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "traceID")]
    trace: String,
    #[serde(rename = "spanID")]
    id: String,
    #[serde(default, rename = "parentSpanID")]
    parent: Option<String>,
    #[serde(default, rename = "operationName")]
    name: String,
    #[serde(default)]
    references: Gathered<Parents>,
    /// Unix time in microseconds.
    #[serde(rename = "startTime")]
    start: Whole,
    /// Microseconds.
    duration: Whole,
    #[serde(default)]
    tags: Gathered<Tags>,
    #[serde(default, rename = "processID")]
    process: String,
}

/// The reference that says whose child a span is: the first of that kind, or else the first of any.
#[derive(Default)]
struct Parents {
    child_of: Option<String>,
    follows: Option<String>,
}

impl Gather for Parents {
    type Entry = Reference;

    fn take(&mut self, reference: Reference) -> Result<(), String> {
        let place = if reference.kind == "CHILD_OF" {
            &mut self.child_of
        } else {
            &mut self.follows
        };
        if place.is_none() {
            *place = Some(reference.id);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default, rename = "refType")]
    kind: String,
    #[serde(default, rename = "spanID")]
    id: String,
}

/// Reads the spans of a file.
pub(super) fn read(file: &str, text: &str, spans: &mut Spans) -> Result<(), Diagnostic> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if start.starts_with('[') {
        return documents(file, text, |traces: Gathered<Traces>| {
            for trace in traces.0.0 {
                take(trace, spans);
            }
            Ok(())
        });
    }
    documents(file, text, |answer: Answer| {
        for trace in answer.data.0.0 {
            take(trace, spans);
        }
        let (own, processes) = (answer.spans, answer.processes);
        take(
            Trace {
                spans: own,
                processes,
            },
            spans,
        );
        Ok(())
    })
}

fn take(trace: Trace, spans: &mut Spans) {
    for written in trace.spans.0.0 {
        let process = trace.processes.get(&written.process);
        let Some(process) = process.filter(|process| !process.service.is_empty()) else {
            spans.nameless();
            continue;
        };
        let attributes = written.tags.0.0;
        let about = &process.tags.0.0;
        if let Some(region) = about.get("cloud.region")
            && spans.regions.len() < 2
            && spans.regions.iter().all(|known| known != region)
        {
            spans.regions.push(region.to_owned());
        }
        let words = &mut spans.words;
        let references = written.references.0;
        let parent = references
            .child_of
            .or(references.follows)
            .or(written.parent);
        let parent = parent.filter(|id| id.chars().any(|c| c != '0'));
        let nanoseconds = |whole: Whole| whole.0.saturating_mul(1_000);
        let (start, length) = (
            nanoseconds(written.start).max(0),
            nanoseconds(written.duration),
        );
        let time = |ns: i128| u64::try_from(ns.max(0)).unwrap_or(u64::MAX);
        let name = without_ids(&attributes.operation(&written.name));
        let span = Span {
            trace: words.number(&written.trace),
            id: words.number(&written.id),
            parent: parent.map(|id| words.number(&id)),
            service: words.number(&process.service),
            name: words.number(&name),
            kind: kind(attributes.get("span.kind")),
            // One that lasts less than nothing ends before it begins, even if that is before all time.
            start_ns: if length < 0 { 1 } else { time(start) },
            end_ns: if length < 0 { 0 } else { time(start + length) },
            failed: attributes.failed(),
            instance: about.instance().map(|name| words.number(name)),
            peer: attributes.peer(words),
        };
        spans.push(span);
    }
}

fn kind(kind: Option<&str>) -> Kind {
    match kind {
        Some("server") => Kind::Server,
        Some("client") => Kind::Client,
        Some("producer") => Kind::Producer,
        Some("consumer") => Kind::Consumer,
        _ => Kind::Internal,
    }
}
