//! Log lines.

use serde::Serialize;

use super::{ByResource, KeyValue, Resource, SCOPE, Scope, resource};
use crate::export::{Recorded, Span, trace_id};
use crate::logs::Level;

/// Logs of several resources.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogsData {
    resource_logs: Vec<ResourceLogs>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs {
    resource: Resource,
    scope_logs: [ScopeLogs; 1],
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs {
    scope: Scope,
    log_records: Vec<LogRecord>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogRecord {
    time_unix_nano: String,
    observed_time_unix_nano: String,
    severity_number: u8,
    severity_text: &'static str,
    body: Body,
    attributes: Vec<KeyValue>,
    #[serde(skip_serializing_if = "String::is_empty")]
    trace_id: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    string_value: String,
}

/// Numbers OpenTelemetry gives to severities.
const fn severity(level: Level) -> u8 {
    match level {
        Level::Info => 9,
        Level::Warn => 13,
        Level::Error => 17,
    }
}

/// The lines a collector got in a stretch of time.
#[must_use]
pub fn logs(recorded: &Recorded<'_>, (from_ns, to_ns): Span) -> LogsData {
    let mut groups = ByResource::new();
    for line in recorded.logs.between(from_ns, to_ns) {
        let directory = recorded.directory;
        let service = directory.service_of(line.instance);
        let level = line.message.level();
        let record = LogRecord {
            time_unix_nano: recorded.unix_ns(line.stamp_ns()).to_string(),
            observed_time_unix_nano: recorded.unix_ns(line.at_ns).to_string(),
            severity_number: severity(level),
            severity_text: level.word(),
            body: Body {
                string_value: recorded.logs.render(recorded.blueprint, line),
            },
            attributes: Vec::new(),
            trace_id: if line.trace == 0 {
                String::new()
            } else {
                trace_id(line.trace)
            },
        };
        let from = resource([
            ("service.name", directory.service(service)),
            ("service.instance.id", directory.instance(line.instance)),
            ("cloud.region", directory.region(line.instance)),
            ("service.version", ""),
        ]);
        groups.add(from, record);
    }
    let resource_logs = groups
        .into_groups()
        .map(|(resource, log_records)| ResourceLogs {
            resource,
            scope_logs: [ScopeLogs {
                scope: SCOPE,
                log_records,
            }],
        });
    LogsData {
        resource_logs: resource_logs.collect(),
    }
}
