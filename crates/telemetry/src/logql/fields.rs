//! What can be asked of a line beside its text.

use std::borrow::Cow;

use brownout_sim::blueprint::Blueprint;
use brownout_sim::ids::{EdgeId, EndpointId};
use brownout_sim::probe::Status;

use crate::logs::{LogLine, Logs, Message};

/// Value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    /// Seconds.
    Duration(f64),
}

impl Field<'_> {
    /// As a label has it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Duration(seconds) => Cow::Owned(format!("{}ms", seconds * 1_000.0)),
        }
    }
}

/// Names of all fields.
pub const NAMES: [&str; 12] = [
    "attempt", "cut", "duration", "error", "method", "reason", "route", "status", "trace_id",
    "upstream", "url", "version",
];

/// Calls `take` with every field of a line.
pub fn of(
    logs: &Logs,
    blueprint: &Blueprint,
    line: &LogLine,
    take: &mut dyn FnMut(&'static str, Field<'_>),
) {
    if line.trace != 0 {
        let id = crate::export::trace_id(line.trace);
        take("trace_id", Field::Text(Cow::Owned(id)));
    }
    match line.message {
        Message::Access {
            endpoint,
            status,
            duration_us,
        }
        | Message::Failed {
            endpoint,
            status,
            duration_us,
        } => {
            route(blueprint, endpoint, take);
            answer(status, take);
            take("duration", Field::Duration(f64::from(duration_us) / 1e6));
        }
        Message::SlowQuery {
            endpoint,
            duration_us,
        } => {
            route(blueprint, endpoint, take);
            take("duration", Field::Duration(f64::from(duration_us) / 1e6));
        }
        Message::Refused { endpoint } => {
            route(blueprint, endpoint, take);
            answer(Status::Overloaded, take);
        }
        Message::CallTimeout {
            edge,
            attempt,
            waited_us,
        } => {
            call(logs, blueprint, line, edge, attempt, take);
            take("error", Field::Text("timeout".into()));
            take("duration", Field::Duration(f64::from(waited_us) / 1e6));
        }
        Message::CallFailed {
            edge,
            attempt,
            status,
        } => {
            call(logs, blueprint, line, edge, attempt, take);
            answer(status, take);
        }
        Message::Started { version } => {
            let name = &blueprint.versions[version.index()].name;
            take("version", Field::Text(name.as_str().into()));
        }
        Message::Stopped { cut } => take("cut", Field::Number(f64::from(cut))),
        Message::Crashed { reason, cut } => {
            take("reason", Field::Text(format!("{reason:?}").into()));
            take("cut", Field::Number(f64::from(cut)));
        }
        Message::Collected { paused_ms, .. } => {
            take("duration", Field::Duration(f64::from(paused_ms) / 1e3));
        }
        Message::Ready
        | Message::Draining
        | Message::Unhealthy
        | Message::Healthy
        | Message::Ejected
        | Message::Returned
        | Message::Off => {}
    }
}

fn route(
    blueprint: &Blueprint,
    endpoint: EndpointId,
    take: &mut dyn FnMut(&'static str, Field<'_>),
) {
    let name = blueprint.endpoints[endpoint.index()].name.as_str();
    match name.split_once(' ') {
        Some((method, route)) => {
            take("method", Field::Text(method.into()));
            take("route", Field::Text(route.into()));
        }
        None => take("route", Field::Text(name.into())),
    }
}

fn answer(status: Status, take: &mut dyn FnMut(&'static str, Field<'_>)) {
    take("status", Field::Number(f64::from(status.http())));
    if !status.is_ok() {
        take(
            "error",
            Field::Text(format!("{status:?}").to_lowercase().into()),
        );
    }
}

fn call(
    logs: &Logs,
    blueprint: &Blueprint,
    line: &LogLine,
    edge: EdgeId,
    attempt: u8,
    take: &mut dyn FnMut(&'static str, Field<'_>),
) {
    let target = blueprint.edges[edge.index()].target;
    let service = blueprint.endpoints[target.index()].service;
    let name = blueprint.services[service.index()].name.as_str();
    take("upstream", Field::Text(name.into()));
    let url = logs.url(blueprint, line.instance, edge, line.at_ns);
    take("url", Field::Text(url.into()));
    take("attempt", Field::Number(f64::from(attempt) + 1.0));
}
