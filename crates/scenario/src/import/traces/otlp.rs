//! OpenTelemetry traces: OTLP JSON, one export or several after each other.

use serde::Deserialize;

use super::json::{Gather, Gathered, Plain, Whole, documents};
use super::span::{Attributes, Kind, MAX_SPANS, Span, Spans, without_ids};
use crate::diagnostics::Diagnostic;

#[derive(Deserialize)]
struct Export {
    #[serde(alias = "resource_spans", rename = "resourceSpans")]
    resource_spans: Gathered<Resources>,
}

#[derive(Default)]
struct Resources(Vec<ResourceSpans>);

impl Gather for Resources {
    type Entry = ResourceSpans;

    fn take(&mut self, entry: ResourceSpans) -> Result<(), String> {
        // One without spans says nothing.
        if !entry.scope_spans.0.0.is_empty() {
            self.0.push(entry);
        }
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResourceSpans {
    resource: Resource,
    #[serde(
        rename = "scopeSpans",
        alias = "scope_spans",
        alias = "instrumentationLibrarySpans"
    )]
    scope_spans: Gathered<Flat>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource {
    attributes: Gathered<Attributes>,
}

/// The spans of all scopes of a resource.
#[derive(Default)]
struct Flat(Vec<Written>);

impl Gather for Flat {
    type Entry = Scope;

    fn take(&mut self, mut scope: Scope) -> Result<(), String> {
        self.0.append(&mut scope.spans.0.0);
        if self.0.len() > MAX_SPANS {
            return Err(format!("more than {MAX_SPANS} spans"));
        }
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Scope {
    spans: Gathered<Several>,
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

impl Gather for Attributes {
    type Entry = KeyValue;

    fn take(&mut self, entry: KeyValue) -> Result<(), String> {
        let KeyValue { key, value } = entry;
        self.put(&key, || value?.text());
        Ok(())
    }
}

#[derive(Deserialize)]
pub(super) struct KeyValue {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: Option<AnyValue>,
}

#[derive(Deserialize)]
struct AnyValue {
    #[serde(default, rename = "stringValue", alias = "string_value")]
    string: Option<Plain>,
    #[serde(default, rename = "intValue", alias = "int_value")]
    int: Option<Plain>,
    #[serde(default, rename = "boolValue", alias = "bool_value")]
    bool: Option<Plain>,
    #[serde(default, rename = "doubleValue", alias = "double_value")]
    double: Option<Plain>,
}

impl AnyValue {
    fn text(self) -> Option<String> {
        self.string.or(self.int).or(self.bool).or(self.double)?.0
    }
}

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "traceId", alias = "trace_id")]
    trace: String,
    #[serde(rename = "spanId", alias = "span_id")]
    id: String,
    #[serde(default, rename = "parentSpanId", alias = "parent_span_id")]
    parent: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    kind: Option<Plain>,
    #[serde(rename = "startTimeUnixNano", alias = "start_time_unix_nano")]
    start: Whole,
    #[serde(rename = "endTimeUnixNano", alias = "end_time_unix_nano")]
    end: Whole,
    #[serde(default)]
    attributes: Gathered<Attributes>,
    #[serde(default)]
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: Option<Plain>,
}

/// Reads the spans of a file.
pub(super) fn read(file: &str, text: &str, spans: &mut Spans) -> Result<(), Diagnostic> {
    documents(file, text, |export: Export| {
        for resource in export.resource_spans.0.0 {
            take(resource, spans);
        }
        Ok(())
    })
}

fn take(resource: ResourceSpans, spans: &mut Spans) {
    let about = resource.resource.attributes.0;
    if let Some(region) = about.get("cloud.region")
        && spans.regions.len() < 2
        && spans.regions.iter().all(|known| known != region)
    {
        spans.regions.push(region.to_owned());
    }
    let instance = about.instance().map(|name| spans.words.number(name));
    for written in resource.scope_spans.0.0 {
        let Some(service) = about.get("service.name") else {
            spans.nameless();
            continue;
        };
        let attributes = written.attributes.0;
        let words = &mut spans.words;
        let time = |whole: Whole| u64::try_from(whole.0.max(0)).unwrap_or(u64::MAX);
        let code = written.status.and_then(|status| status.code?.0);
        let failed = matches!(code.as_deref(), Some("2" | "STATUS_CODE_ERROR"));
        let name = without_ids(&attributes.operation(&written.name));
        let span = Span {
            trace: words.number(&written.trace.to_ascii_lowercase()),
            id: words.number(&written.id.to_ascii_lowercase()),
            parent: parent(written.parent.as_deref()).map(|id| words.number(&id)),
            service: words.number(service),
            name: words.number(&name),
            kind: kind(written.kind.and_then(|kind| kind.0).as_deref()),
            start_ns: time(written.start),
            end_ns: time(written.end),
            failed: failed || attributes.failed(),
            instance,
            peer: attributes.peer(words),
        };
        spans.push(span);
    }
}

/// The id of a parent; none is written as nothing or as zeros.
fn parent(id: Option<&str>) -> Option<String> {
    let id = id?.to_ascii_lowercase();
    id.chars().any(|c| c != '0').then_some(id)
}

fn kind(kind: Option<&str>) -> Kind {
    match kind {
        Some("2" | "SPAN_KIND_SERVER") => Kind::Server,
        Some("3" | "SPAN_KIND_CLIENT") => Kind::Client,
        Some("4" | "SPAN_KIND_PRODUCER") => Kind::Producer,
        Some("5" | "SPAN_KIND_CONSUMER") => Kind::Consumer,
        _ => Kind::Internal,
    }
}
