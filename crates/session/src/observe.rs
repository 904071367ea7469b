//! What a look shows.

use brownout_sim::blueprint::{MILLISECOND_NS, MINUTE_NS, SECOND_NS};

use crate::command::{Look, Metric, Prediction};
use crate::inside::Inside;
use crate::names;
use crate::outside;
use crate::reader::{LogAnswer, Reader};
use crate::session::{Refused, Session};

/// Longest description of a single thing, in characters.
const MAX_WORDS: usize = 160;

/// What a look showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Reading of a single signal.
    pub(crate) reading: Option<u64>,
    /// Rows shown.
    pub(crate) rows: u32,
    /// A single thing in words; empty for whole panels.
    pub(crate) words: String,
}

impl Shown {
    fn rows(count: usize) -> Self {
        Self {
            rows: u32::try_from(count).unwrap_or(u32::MAX),
            ..Self::default()
        }
    }

    fn one(words: &str) -> Self {
        Self {
            rows: 1,
            words: clip(words),
            ..Self::default()
        }
    }
}

/// What a component says of itself, of which the first line is kept.
fn whole(inside: &Inside) -> Shown {
    let rows = inside.tables.iter().map(|table| table.rows.len()).sum();
    Shown {
        words: clip(&inside.summary),
        ..Shown::rows(rows)
    }
}

/// At most [`MAX_WORDS`] characters, with a sign where the rest was left out.
fn clip(words: &str) -> String {
    if words.chars().count() <= MAX_WORDS {
        return words.to_owned();
    }
    let mut short: String = words.chars().take(MAX_WORDS - 1).collect();
    short.push('…');
    short
}

/// Reading of a metric now; `None` without samples or for unknown names.
pub(crate) fn read(session: &Session, metric: &Metric, window_ns: u64) -> Option<u64> {
    let scope = names::scope(&session.scenario.blueprint, metric).ok()?;
    session
        .recorder
        .signals()
        .read(metric.signal, scope, session.now_ns(), window_ns)
}

/// What a prediction is decided by: the reading, or its difference from the same signal in the region compared with.
pub(crate) fn predicted(session: &Session, prediction: &Prediction) -> Option<u64> {
    let window_ns = prediction.window_s.saturating_mul(SECOND_NS);
    let reading = read(session, &prediction.metric, window_ns)?;
    let Some(versus) = &prediction.versus else {
        return Some(reading);
    };
    let there = Metric {
        region: Some(versus.clone()),
        ..prediction.metric.clone()
    };
    Some(reading.abs_diff(read(session, &there, window_ns)?))
}

/// What a look shows now.
pub(crate) fn shown(session: &Session, look: &Look) -> Result<Shown, Refused> {
    let blueprint = &session.scenario.blueprint;
    let reader = Reader::new(session);
    let now_ns = session.now_ns();
    let from = |window_s: u64| now_ns.saturating_sub(window_s.saturating_mul(SECOND_NS));
    Ok(match look {
        Look::Overview => Shown::rows(blueprint.flows.len() * blueprint.regions.len()),
        Look::Topology => Shown::rows(blueprint.deployments.len()),
        Look::Metric { metric, window_s } => {
            names::scope(blueprint, metric)?;
            let window_ns = window_s.saturating_mul(SECOND_NS).max(MINUTE_NS);
            let points = reader.series(metric, now_ns.saturating_sub(window_ns), now_ns, MINUTE_NS);
            Shown {
                reading: read(session, metric, MINUTE_NS.min(window_ns)),
                ..Shown::rows(points.len())
            }
        }
        Look::Query {
            text,
            logs: true,
            window_s,
        } => {
            let window = (from(*window_s), now_ns);
            let rows = match reader.logql(text, window, MINUTE_NS) {
                Ok(LogAnswer::Lines(found)) => found.entries.len(),
                Ok(LogAnswer::Figures(lines)) => lines.len(),
                Err(_) => 0,
            };
            Shown::rows(rows)
        }
        Look::Query { text, .. } => {
            // One that cannot be answered shows nothing.
            let step_ns = MINUTE_NS;
            let now = (now_ns.saturating_sub(step_ns), now_ns);
            Shown::rows(
                reader
                    .promql(text, now, step_ns)
                    .map_or(0, |lines| lines.len()),
            )
        }
        Look::Logs {
            service,
            region,
            window_s,
        } => {
            names::service(blueprint, service)?;
            if let Some(region) = region {
                names::region(blueprint, region)?;
            }
            let lines = reader.logs(service, region.as_deref(), from(*window_s), now_ns);
            Shown::rows(lines.len())
        }
        Look::Traces {
            flow,
            region,
            failing,
            window_s,
        } => {
            names::flow(blueprint, flow)?;
            let traces = reader.traces(flow, region.as_deref(), *failing, from(*window_s), now_ns);
            Shown::rows(traces.len())
        }
        Look::Changes { window_s } => {
            let now = i64::try_from(now_ns).unwrap_or(i64::MAX);
            let window_ns = window_s.saturating_mul(SECOND_NS);
            let from = now.saturating_sub(i64::try_from(window_ns).unwrap_or(i64::MAX));
            let changes = session.recorder.changes.until(now_ns);
            Shown::rows(changes.filter(|change| change.at_ns >= from).count())
        }
        Look::Diff { service } => {
            names::service(blueprint, service)?;
            Shown::rows(reader.diff(service).map_or(0, |diff| diff.variables.len()))
        }
        Look::Release { service, version } => {
            let id = names::service(blueprint, service)?;
            names::version(blueprint, id, version)?;
            Shown::rows(1)
        }
        Look::Inside { service, region } => {
            let inside = reader.inside(service, region);
            whole(&inside.ok_or_else(|| Refused::unknown("component", service))?)
        }
        Look::Dump { number, .. } => {
            let dump = reader.dump(*number);
            let dump = dump.ok_or_else(|| Refused::unknown("dump", &number.to_string()))?;
            whole(&dump.inside)
        }
        Look::Data { service } => {
            let check = reader.data_check(service);
            whole(&check.ok_or_else(|| Refused::unknown("database", service))?)
        }
        Look::Providers => Shown::rows(reader.status_pages().len()),
        Look::Tickets { window_s } => Shown::rows(reader.tickets(from(*window_s)).len()),
        Look::LogLine { .. }
        | Look::Span { .. }
        | Look::DiffRow { .. }
        | Look::Change { .. }
        | Look::Attempt { .. }
        | Look::StatusPage { .. }
        | Look::Ticket { .. } => Shown::one(&item(session, look)?),
    })
}

/// A single thing in words. It must be there: what was never shown cannot be pinned.
fn item(session: &Session, look: &Look) -> Result<String, Refused> {
    let blueprint = &session.scenario.blueprint;
    let reader = Reader::new(session);
    match look {
        Look::LogLine {
            service,
            region,
            instance,
            at_ns,
            text,
        } => {
            names::service(blueprint, service)?;
            names::region(blueprint, region)?;
            reader
                .logs(service, Some(region), at_ns.saturating_sub(1), *at_ns)
                .into_iter()
                .find(|line| line.instance == *instance && line.text == *text)
                .map(|line| format!("{} {instance} {text}", line.level.word()))
                .ok_or_else(|| Refused::unknown("log line", &clip(text)))
        }
        Look::Span {
            flow,
            failing,
            trace,
            span,
        } => {
            names::flow(blueprint, flow)?;
            let unknown = || Refused::unknown("span", &format!("{trace:08x}/{span}"));
            let row = reader.trace(*trace).ok_or_else(unknown)?;
            if row.flow != *flow || (!row.status.is_ok() || row.slow) != *failing {
                return Err(unknown());
            }
            let span = row.spans.get(*span as usize).ok_or_else(unknown)?;
            let attempt = if span.attempt > 1 {
                format!(" attempt {}", span.attempt)
            } else {
                String::new()
            };
            let left = if span.abandoned { ", caller left" } else { "" };
            Ok(format!(
                "{} {}{attempt}: {} after {} ms{left}, {}",
                span.service,
                span.endpoint,
                span.status.http(),
                span.duration_ns / MILLISECOND_NS,
                row.region
            ))
        }
        Look::DiffRow { service, variable } => {
            names::service(blueprint, service)?;
            let unknown = || Refused::unknown("variable", variable);
            let diff = reader.diff(service).ok_or_else(unknown)?;
            let values: Vec<String> = if variable == "version" {
                diff.versions
            } else {
                let row = diff
                    .variables
                    .into_iter()
                    .chain(diff.settings)
                    .find(|(name, _)| name == variable);
                let (_, values) = row.ok_or_else(unknown)?;
                let value = |value: Option<(String, bool)>| match value {
                    Some((text, true)) => format!("{text} (overlay)"),
                    Some((text, false)) => text,
                    None => "not set".to_owned(),
                };
                values.into_iter().map(value).collect()
            };
            let pairs = diff.regions.iter().zip(values);
            let places: Vec<String> = pairs.map(|(r, value)| format!("{r} {value}")).collect();
            Ok(format!("{service} {variable}: {}", places.join(", ")))
        }
        Look::Change { at_ns, title } => session
            .recorder
            .changes
            .until(session.now_ns())
            .find(|entry| entry.at_ns == *at_ns && entry.title == *title)
            .map(|entry| format!("{} by {}", entry.title, entry.by))
            .ok_or_else(|| Refused::unknown("change", &clip(title))),
        Look::Attempt { number } => {
            let attempts = &session.desk.attempts;
            let made = (*number as usize)
                .checked_sub(1)
                .and_then(|at| attempts.get(at));
            made.filter(|attempt| attempt.ready_ns <= session.now_ns())
                .map(|attempt| attempt.words.clone())
                .ok_or_else(|| Refused::unknown("result of request", &number.to_string()))
        }
        Look::StatusPage { service } => reader
            .status_pages()
            .into_iter()
            .find(|page| page.service == *service)
            .and_then(|page| page.history.last().copied())
            .map(|(since_ns, state)| {
                let minutes = session.now_ns().saturating_sub(since_ns) / MINUTE_NS;
                format!(
                    "{service} says: {}, for {minutes} min",
                    outside::says(state)
                )
            })
            .ok_or_else(|| Refused::unknown("status page", service)),
        Look::Ticket { number } => reader
            .tickets(0)
            .into_iter()
            .find(|ticket| ticket.number == *number)
            .map(|ticket| ticket.text)
            .ok_or_else(|| Refused::unknown("ticket", &number.to_string())),
        _ => Ok(String::new()),
    }
}
