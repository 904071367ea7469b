//! A sketch as a system file, laid out like those of the library: what fits on a line stands on one.

use super::notes::Note;
use super::quantity::{bytes, duration, rate};
use super::sketch::{Endpoint, Flow, Service, Sketch, title};
use crate::model::{CallPolicy, Distribution, ServiceKind, ShareText, Step};

/// Characters of a line.
const WIDTH: usize = 120;
/// Notes written at the head of a file.
const MAX_WRITTEN: usize = 120;

/// A piece of RON.
enum Piece {
    Text(String),
    /// Opening, entries, closing.
    Group(String, Vec<Self>, &'static str),
}

impl Piece {
    fn flat(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Group(open, items, close) => {
                out.push_str(open);
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    item.flat(out);
                }
                out.push_str(close);
            }
        }
    }

    /// Written from column `indent` on, with `used` characters of the line before and one after it.
    fn write(&self, indent: usize, used: usize, out: &mut String) {
        let mut flat = String::new();
        self.flat(&mut flat);
        let (Self::Group(open, items, close), true) = (self, used + flat.chars().count() >= WIDTH)
        else {
            out.push_str(&flat);
            return;
        };
        out.push_str(open);
        out.push('\n');
        for item in items {
            out.push_str(&" ".repeat(indent + 4));
            item.write(indent + 4, indent + 4, out);
            out.push_str(",\n");
        }
        out.push_str(&" ".repeat(indent));
        out.push_str(close);
    }
}

fn text(text: impl Into<String>) -> Piece {
    Piece::Text(text.into())
}

/// Words between quotes.
fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""))
}

fn list(open: &str, items: Vec<Piece>) -> Piece {
    Piece::Group(open.to_owned(), items, "]")
}

fn tuple(open: &str, items: Vec<Piece>) -> Piece {
    Piece::Group(open.to_owned(), items, ")")
}

fn field(name: &str, value: &str) -> Piece {
    text(format!("{name}: {value}"))
}

fn word(name: &str, value: &str) -> Piece {
    field(name, &quoted(value))
}

fn time(name: &str, ns: u64) -> Piece {
    word(name, &duration(ns).0)
}

/// The file: a head of comments, and the system.
pub(super) fn system(
    sketch: &Sketch,
    name: &str,
    heading: &str,
    from: &str,
    notes: &[Note],
) -> String {
    let mut out =
        format!("// Imported from {from}. What could not be mapped, was assumed or was changed:\n");
    for note in notes.iter().take(MAX_WRITTEN) {
        out.push_str(&format!("// - {}: {}\n", note.about, note.reason));
    }
    if notes.is_empty() {
        out.push_str("// - nothing\n");
    }
    if let Some(more) = notes.len().checked_sub(MAX_WRITTEN + 1) {
        out.push_str(&format!("// - and {} more\n", more + 1));
    }
    let mut items = vec![
        field("format", "1"),
        word("name", name),
        word("title", heading),
        word("description", &sketch.description),
        list("regions: [", vec![text(quoted(&sketch.region))]),
        tuple(
            "latency: (",
            vec![
                time("within", sketch.latency_ns),
                time("between", 30_000_000),
            ],
        ),
    ];
    if !sketch.keys.is_empty() {
        let keys = sketch.keys.iter().map(|(name, count, skew)| {
            tuple(
                "(",
                vec![
                    word("name", name),
                    field("count", &count.to_string()),
                    word("skew", skew),
                ],
            )
        });
        items.push(list("keys: [", keys.collect()));
    }
    let services = sketch.services.iter();
    items.push(list(
        "services: [",
        services.map(|s| service(s, &sketch.region)).collect(),
    ));
    let flows = sketch.flows.iter().enumerate();
    items.push(list(
        "flows: [",
        flows
            .map(|(index, f)| flow(f, index == 0, &sketch.region))
            .collect(),
    ));
    // The outermost level is always broken.
    out.push_str("System(\n");
    for item in items {
        out.push_str("    ");
        item.write(4, 4, &mut out);
        out.push_str(",\n");
    }
    out.push_str(")\n");
    out
}

const fn kind(kind: ServiceKind) -> Option<&'static str> {
    match kind {
        ServiceKind::Service => None,
        ServiceKind::Edge => Some("edge"),
        ServiceKind::Database => Some("database"),
        ServiceKind::Cache => Some("cache"),
        ServiceKind::Queue => Some("queue"),
        ServiceKind::ThirdParty => Some("third_party"),
    }
}

fn service(service: &Service, region: &str) -> Piece {
    let mut items = vec![word("name", &service.name)];
    if let Some(kind) = kind(service.kind) {
        items.push(field("kind", kind));
    }
    if !service.description.is_empty() {
        items.push(word("description", &service.description));
    }
    let owner = format!("{} team", title(&service.name));
    items.push(word("owner", &owner));
    let replicas = format!("{{{}: {}}}", quoted(region), service.replicas);
    items.push(field("replicas", &replicas));
    let instance = instance(service);
    if !instance.is_empty() {
        items.push(tuple("instance: (", instance));
    }
    if let Some(health) = service.health {
        let checks = vec![
            time("interval", health.interval_ns),
            time("timeout", health.timeout_ns),
            field("unhealthy", &health.unhealthy.to_string()),
        ];
        items.push(tuple("health: (", checks));
    }
    if let Some(version) = &service.version {
        items.push(word("version", version));
    }
    if let Some(cache) = &service.cache {
        let entries = vec![
            word("keys", &cache.keys),
            field("entries", &cache.entries.to_string()),
            time("ttl", cache.ttl_ns),
        ];
        items.push(tuple("cache: (", entries));
    }
    if service.dead_letters {
        items.push(field("queue", "(dead_letters: true)"));
    }
    items.push(list(
        "endpoints: [",
        service.endpoints.iter().map(endpoint).collect(),
    ));
    if !service.calls.is_empty() {
        let calls = service
            .calls
            .iter()
            .map(|(callee, call)| tuple(&format!("{}: (", quoted(callee)), policy(call)));
        items.push(Piece::Group("calls: {".to_owned(), calls.collect(), "}"));
    }
    tuple("(", items)
}

fn instance(service: &Service) -> Vec<Piece> {
    let mut items = Vec::new();
    let counts = [
        ("cores", service.cores),
        ("workers", service.workers),
        ("queue", service.queue),
    ];
    for (name, count) in counts {
        if let Some(count) = count {
            items.push(field(name, &count.to_string()));
        }
    }
    if let Some(ns) = service.start_ns {
        items.push(time("start", ns));
    }
    if let Some(limit) = service.memory {
        let base = limit / 5 * 2;
        let memory = vec![
            word("limit", &bytes(limit).0),
            word("base", &bytes(base >> 10 << 10).0),
            word("in_flight", "32KiB"),
            word("garbage", "32KiB"),
            word("pause_per_mib", "50us"),
        ];
        items.push(tuple("memory: (", memory));
    }
    if let Some(ns) = service.quota_ns {
        items.push(tuple(
            "quota: (",
            vec![time("time", ns), time("period", 100_000_000)],
        ));
    }
    items
}

fn endpoint(endpoint: &Endpoint) -> Piece {
    let steps = endpoint.steps.iter().map(step).collect();
    tuple(
        "(",
        vec![word("name", &endpoint.name), list("steps: [", steps)],
    )
}

fn pair((service, endpoint): (&String, &String)) -> String {
    format!("{}, {}", quoted(service), quoted(endpoint))
}

fn step(step: &Step) -> Piece {
    match step {
        Step::Compute(mean) => text(format!("Compute({})", quoted(&mean.0))),
        Step::ComputeAs(mean, shape) => text(format!(
            "ComputeAs({}, {})",
            quoted(&mean.0),
            distribution(shape)
        )),
        Step::Call(service, endpoint) => text(format!("Call({})", pair((service, endpoint)))),
        Step::Publish(service, endpoint) => text(format!("Publish({})", pair((service, endpoint)))),
        Step::Parallel(calls) => {
            let calls = calls
                .iter()
                .map(|(s, e)| text(format!("({})", pair((s, e)))));
            Piece::Group("Parallel([".to_owned(), calls.collect(), "])")
        }
        Step::IfShare(name, share, inner) => Piece::Group(
            format!("IfShare({}, {}, [", quoted(name), quoted(&share.0)),
            inner.iter().map(self::step).collect(),
            "])",
        ),
        Step::OneOf(name, choices) => {
            let choice = |(share, inner): &(ShareText, Vec<Step>)| {
                Piece::Group(
                    format!("({}, [", quoted(&share.0)),
                    inner.iter().map(self::step).collect(),
                    "])",
                )
            };
            Piece::Group(
                format!("OneOf({}, [", quoted(name)),
                choices.iter().map(choice).collect(),
                "])",
            )
        }
        Step::FailShare(share) => text(format!("FailShare({})", quoted(&share.0))),
        Step::IfFlag(name, inner) => within("IfFlag", name, inner),
        Step::IfSegment(name, inner) => within("IfSegment", name, inner),
        Step::IfClient(name, inner) => within("IfClient", name, inner),
        Step::Enqueue(service, endpoint) => text(format!("Enqueue({})", pair((service, endpoint)))),
        Step::CheckToken(leeway) => text(format!("CheckToken({})", quoted(&leeway.0))),
        Step::Lookup => text("Lookup"),
        Step::Store => text("Store"),
        Step::Evict => text("Evict"),
        Step::Query(name) => text(format!("Query({})", quoted(name))),
        Step::LockRow(table) => text(format!("LockRow({})", quoted(table))),
        Step::LockTable(table) => text(format!("LockTable({})", quoted(table))),
        Step::Write(written) => text(format!("Write({})", quoted(&written.0))),
        Step::Cached(cached) => {
            let mut items = vec![text(format!(
                "lookup: ({})",
                pair((&cached.lookup.0, &cached.lookup.1))
            ))];
            items.push(list(
                "miss: [",
                cached.miss.iter().map(self::step).collect(),
            ));
            if let Some((service, endpoint)) = &cached.fill {
                items.push(text(format!("fill: ({})", pair((service, endpoint)))));
            }
            Piece::Group("Cached((".to_owned(), items, "))")
        }
    }
}

fn within(step: &str, name: &str, inner: &[Step]) -> Piece {
    Piece::Group(
        format!("{step}({}, [", quoted(name)),
        inner.iter().map(self::step).collect(),
        "])",
    )
}

fn distribution(distribution: &Distribution) -> String {
    match distribution {
        Distribution::Constant => "constant".to_owned(),
        Distribution::Exponential => "exponential".to_owned(),
        Distribution::LogNormal(sigma) => format!("log_normal({})", quoted(&sigma.0)),
        Distribution::HyperExponential(scv) => format!("hyper_exponential({})", quoted(&scv.0)),
        Distribution::Erlang(phases) => format!("erlang({phases})"),
        Distribution::Pareto(shape) => format!("pareto({})", quoted(&shape.0)),
    }
}

fn policy(call: &CallPolicy) -> Vec<Piece> {
    let mut items = Vec::new();
    if let Some(timeout) = &call.timeout {
        items.push(word("timeout", &timeout.0));
    }
    if let Some(attempts) = call.attempts {
        items.push(field("attempts", &attempts.to_string()));
    }
    if let Some(backoff) = &call.backoff {
        items.push(word("backoff", &backoff.0));
    }
    if call.optional == Some(true) {
        items.push(field("optional", "true"));
    }
    if let Some(size) = &call.request_size {
        items.push(word("request_size", &size.0));
    }
    if let Some(size) = &call.reply_size {
        items.push(word("reply_size", &size.0));
    }
    items
}

fn flow(flow: &Flow, main: bool, region: &str) -> Piece {
    let mut items = vec![
        word("name", &flow.name),
        word("title", &flow.title),
        field(
            "entry",
            &format!("({})", pair((&flow.entry.0, &flow.entry.1))),
        ),
        time("slow", flow.slow_ns),
        time("timeout", flow.timeout_ns),
        field(
            "rates",
            &format!(
                "{{{}: {}}}",
                quoted(region),
                quoted(&rate(flow.per_second).0)
            ),
        ),
    ];
    if main {
        items.push(field("main", "true"));
    }
    tuple("(", items)
}
