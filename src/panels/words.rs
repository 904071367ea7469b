//! Words for what commands name.

use brownout_scenario::glossary;
use brownout_session::command::{
    Audience, Expect, Look, Metric, Prediction, Status, Symptom, SymptomKind, Trend, Verdict,
};
use brownout_session::view::{PlayerView, PredictionOutcome};
use brownout_telemetry::signal::Signal;

use super::format;

/// Signals to choose from, in the order of their use.
pub const SIGNALS: [Signal; 13] = [
    Signal::ErrorShare,
    Signal::LatencyP95,
    Signal::Rate,
    Signal::Saturation,
    Signal::QueueDepth,
    Signal::Cpu,
    Signal::ReadyInstances,
    Signal::SuccessShare,
    Signal::LatencyP50,
    Signal::LatencyP99,
    Signal::QueueAge,
    Signal::DeadLetters,
    Signal::SlowShare,
];
/// Kinds of symptom.
pub const KINDS: [SymptomKind; 6] = [
    SymptomKind::Errors,
    SymptomKind::Slowness,
    SymptomKind::StaleData,
    SymptomKind::MissingFunctionality,
    SymptomKind::LostOrDuplicatedWork,
    SymptomKind::NoImpact,
];
/// Trends.
pub const TRENDS: [Trend; 3] = [Trend::Worse, Trend::Steady, Trend::Better];
/// Statuses.
pub const STATUSES: [Status; 4] = [
    Status::Investigating,
    Status::Identified,
    Status::Monitoring,
    Status::Resolved,
];
/// Audiences.
pub const AUDIENCES: [Audience; 3] = [Audience::Public, Audience::Executives, Audience::Responders];

/// A signal.
#[must_use]
pub const fn signal(signal: Signal) -> &'static str {
    match signal {
        Signal::Rate => "requests",
        Signal::SuccessShare => "success",
        Signal::ErrorShare => "errors",
        Signal::SlowShare => "slow",
        Signal::LatencyP50 => "p50",
        Signal::LatencyP95 => "p95",
        Signal::LatencyP99 => "p99",
        Signal::Saturation => "workers in use",
        Signal::QueueDepth => "waiting",
        Signal::QueueAge => "oldest waiting",
        Signal::DeadLetters => "dead letters",
        Signal::Cpu => "CPU",
        Signal::ReadyInstances => "ready",
    }
}

/// How a signal's readings are written.
#[must_use]
pub const fn reading(signal: Signal) -> fn(u64) -> String {
    match signal {
        Signal::Rate => format::rate,
        Signal::SuccessShare => format::share,
        Signal::ErrorShare | Signal::SlowShare | Signal::Saturation | Signal::Cpu => format::errors,
        Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99 | Signal::QueueAge => {
            format::duration
        }
        Signal::QueueDepth | Signal::DeadLetters | Signal::ReadyInstances => format::count,
    }
}

/// A signal with its scope.
#[must_use]
pub fn metric(metric: &Metric) -> String {
    let what = match (&metric.flow, &metric.service, &metric.callee) {
        (_, Some(service), Some(callee)) => format!("{service} → {callee}"),
        (_, Some(service), None) => service.clone(),
        (Some(flow), None, _) => format!("{flow} users"),
        _ => "all".to_owned(),
    };
    let place = metric.region.as_deref().unwrap_or("all regions");
    format!("{what} {}, {place}", signal(metric.signal))
}

/// A prediction.
#[must_use]
pub fn prediction(prediction: &Prediction) -> String {
    let what = metric(&prediction.metric);
    let threshold = reading(prediction.metric.signal)(prediction.threshold);
    match (&prediction.versus, prediction.expect) {
        (None, Expect::Above) => format!("{what} above {threshold}"),
        (None, Expect::AtMost) => format!("{what} at most {threshold}"),
        (Some(other), Expect::Above) => {
            format!("{what} differs from {other} by more than {threshold}")
        }
        (Some(other), Expect::AtMost) => format!("{what} is within {threshold} of {other}"),
    }
}

/// Something looked at.
#[must_use]
pub fn look(look: &Look) -> String {
    let place = |region: &Option<String>| {
        region
            .as_ref()
            .map_or_else(String::new, |region| format!(", {region}"))
    };
    match look {
        Look::Overview => "overview of flows".to_owned(),
        Look::Topology => "topology".to_owned(),
        Look::Metric { metric: of, .. } => metric(of),
        Look::Logs {
            service, region, ..
        } => format!("logs of {service}{}", place(region)),
        Look::Traces {
            flow,
            region,
            failing,
            ..
        } => {
            let which = if *failing { "failing" } else { "good" };
            format!("{which} traces of {flow}{}", place(region))
        }
        Look::Query { text, .. } => text.clone(),
        Look::Changes { .. } => "change log".to_owned(),
        Look::Diff { service } => format!("diff of {service}"),
        Look::Release { service, version } => format!("release {service} {version}"),
        Look::LogLine {
            service, region, ..
        } => format!("log line of {service}, {region}"),
        Look::Span { trace: of, .. } => format!("span of trace {}", trace(*of)),
        Look::DiffRow { service, variable } => format!("{variable} of {service}"),
        Look::Change { title, .. } => title.clone(),
        Look::Inside { service, region } => format!("inside {service}, {region}"),
        Look::Dump { service, number } => format!("dump {number} of {service}"),
        Look::Data { service } => format!("data check of {service}"),
        Look::Attempt { number } => format!("own request {number}"),
        Look::Tickets { .. } => "reports of customers".to_owned(),
        Look::Ticket { number } => format!("report {number}"),
        Look::Providers => "status pages".to_owned(),
        Look::StatusPage { service } => format!("status page of {service}"),
    }
}

/// A trace by the first half of its id, which tells traces of a run apart.
#[must_use]
pub fn trace(id: u64) -> String {
    format!("{:08x}", id >> 32)
}

/// A single thing looked at, as fully as it is known without looking again.
#[must_use]
pub fn item(view: &PlayerView, of: &Look) -> String {
    match of {
        Look::LogLine { at_ns, text, .. } => format!("{} {text}", &view.clock(*at_ns)[..5]),
        whole => look(whole),
    }
}

/// What users feel.
#[must_use]
pub const fn kind(kind: SymptomKind) -> &'static str {
    match kind {
        SymptomKind::Errors => "Errors",
        SymptomKind::Slowness => "Slowness",
        SymptomKind::StaleData => "Stale data",
        SymptomKind::MissingFunctionality => "Missing function",
        SymptomKind::LostOrDuplicatedWork => "Lost or doubled work",
        SymptomKind::NoImpact => "Nothing users notice",
    }
}

/// A direction.
#[must_use]
pub const fn trend(trend: Trend) -> &'static str {
    match trend {
        Trend::Worse => "getting worse",
        Trend::Steady => "steady",
        Trend::Better => "getting better",
    }
}

/// A status.
#[must_use]
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Investigating => "Investigating",
        Status::Identified => "Identified",
        Status::Monitoring => "Monitoring",
        Status::Resolved => "Resolved",
    }
}

/// An audience.
#[must_use]
pub const fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "Public",
        Audience::Executives => "Executives",
        Audience::Responders => "Responders",
    }
}

/// A verdict.
#[must_use]
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Open => "open",
        Verdict::Supported => "supported",
        Verdict::Refuted => "refuted",
        Verdict::Abandoned => "dropped",
    }
}

/// An outcome.
#[must_use]
pub const fn outcome(outcome: PredictionOutcome) -> &'static str {
    match outcome {
        PredictionOutcome::Undecided => "not seen yet, look at it",
        PredictionOutcome::Met => "came true",
        PredictionOutcome::NotMet => "did not",
        PredictionOutcome::NotObservable => "no samples",
    }
}

/// Regions, or that it is all of them.
#[must_use]
pub fn regions(regions: &[String]) -> String {
    if regions.is_empty() {
        "all regions".to_owned()
    } else {
        regions.join(", ")
    }
}

/// A number with the words for one or for several.
#[must_use]
pub fn counted(count: u64, one: &str, several: &str) -> String {
    let words = if count == 1 { one } else { several };
    format!("{} {words}", super::format::count(count))
}

/// A flow as users know it.
#[must_use]
pub fn flow<'a>(view: &'a PlayerView, name: &'a str) -> &'a str {
    view.flows
        .iter()
        .find(|flow| flow.name == name && !flow.title.is_empty())
        .map_or(name, |flow| flow.title.as_str())
}

/// A symptom in one line.
#[must_use]
pub fn symptom(view: &PlayerView, symptom: &Symptom) -> String {
    if symptom.kind == SymptomKind::NoImpact {
        let what = kind(symptom.kind).to_lowercase();
        return format!(
            "{}: {what}, {}",
            flow(view, &symptom.flow),
            symptom.severity
        );
    }
    format!(
        "{} in {}, {}, since {}, {}, {}",
        kind(symptom.kind),
        flow(view, &symptom.flow),
        regions(&symptom.regions),
        &view.clock(symptom.since_s * format::SECOND_NS)[..5],
        symptom.severity,
        trend(symptom.trend)
    )
}

/// Title of a mechanism.
#[must_use]
pub fn mechanism(id: &str) -> &str {
    glossary::mechanism(id).map_or(id, |mechanism| mechanism.title)
}
