//! What can be looked at: whole panels, and single things in them.

use brownout_telemetry::signal::Signal;
use serde::{Deserialize, Serialize};

/// Something to look at. `window_s` is how far back the look goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The table of all flows by region: requests, success, p95.
    Overview,
    /// The live topology.
    Topology,
    /// One signal.
    Metric {
        /// Signal and scope.
        metric: Metric,
        /// Window.
        window_s: u64,
    },
    /// Metrics by a query.
    Query {
        /// The query, in the language of Prometheus.
        text: String,
        /// It is one of the logs, in the language of Loki.
        #[serde(default, skip_serializing_if = "is_false")]
        logs: bool,
        /// Window.
        window_s: u64,
    },
    /// Log lines of a service.
    Logs {
        /// Service.
        service: String,
        /// Region; all when left out.
        region: Option<String>,
        /// Window.
        window_s: u64,
    },
    /// Traces of a flow.
    Traces {
        /// Flow.
        flow: String,
        /// Region of the users; all when left out.
        region: Option<String>,
        /// Only failed or slow ones.
        failing: bool,
        /// Window.
        window_s: u64,
    },
    /// The change log.
    Changes {
        /// Window.
        window_s: u64,
    },
    /// Configuration and versions of a service across its regions.
    Diff {
        /// Service.
        service: String,
    },
    /// Release note and patch of a version.
    Release {
        /// Service.
        service: String,
        /// Version.
        version: String,
    },
    /// What a component says of itself: its processes and their work, queries, locks, waiting work, keys, names.
    Inside {
        /// Service.
        service: String,
        /// Region.
        region: String,
    },
    /// A dump that was captured.
    Dump {
        /// Service.
        service: String,
        /// Its number, from 1.
        number: u32,
    },
    /// A check of the data of a database.
    Data {
        /// Database.
        service: String,
    },
    /// A request made to see what becomes of it.
    Attempt {
        /// Its number, from 1.
        number: u32,
    },
    /// Reports of customers.
    Tickets {
        /// Window.
        window_s: u64,
    },
    /// One report of a customer.
    Ticket {
        /// Its number, from 1.
        number: u32,
    },
    /// Status pages of the providers.
    Providers,
    /// One of them.
    StatusPage {
        /// Service.
        service: String,
    },
    /// One log line.
    LogLine {
        /// Service.
        service: String,
        /// Region.
        region: String,
        /// Instance that wrote it.
        instance: String,
        /// When, in nanoseconds of simulated time.
        at_ns: u64,
        /// Text, as shown.
        text: String,
    },
    /// One span of a kept trace.
    Span {
        /// Flow of the trace.
        flow: String,
        /// Whether the trace is a failed or slow one.
        failing: bool,
        /// Trace.
        trace: u64,
        /// Position in the waterfall, from 0.
        span: u32,
    },
    /// One row of the configuration of a service across its regions.
    DiffRow {
        /// Service.
        service: String,
        /// Variable; `version` for the versions.
        variable: String,
    },
    /// One entry of the change log.
    Change {
        /// When, in nanoseconds relative to simulated time 0.
        at_ns: i64,
        /// Title.
        title: String,
    },
}

impl Look {
    /// The look that this one is a part of: a log line's is the log, a span's the traces. A whole is its own.
    /// Whoever asks what kind of thing was looked at asks this.
    #[must_use]
    pub fn whole(&self) -> Self {
        match self {
            Self::LogLine {
                service, region, ..
            } => Self::Logs {
                service: service.clone(),
                region: Some(region.clone()),
                window_s: 0,
            },
            Self::Span { flow, failing, .. } => Self::Traces {
                flow: flow.clone(),
                region: None,
                failing: *failing,
                window_s: 0,
            },
            Self::DiffRow { service, .. } => Self::Diff {
                service: service.clone(),
            },
            Self::Change { .. } => Self::Changes { window_s: 0 },
            Self::StatusPage { .. } => Self::Providers,
            Self::Ticket { .. } => Self::Tickets { window_s: 0 },
            whole => whole.clone(),
        }
    }
}

/// A signal with its scope, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// Signal.
    pub signal: Signal,
    /// Flow, for users' requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Called service, for calls as their caller sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<String>,
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Metric {
    /// A signal of a flow's users in a region.
    #[must_use]
    pub fn flow(signal: Signal, flow: &str, region: Option<&str>) -> Self {
        Self {
            flow: Some(flow.to_owned()),
            ..Self::bare(signal, region)
        }
    }

    /// A signal of a service in a region.
    #[must_use]
    pub fn service(signal: Signal, service: &str, region: Option<&str>) -> Self {
        Self {
            service: Some(service.to_owned()),
            ..Self::bare(signal, region)
        }
    }

    /// A signal of a service's calls to another.
    #[must_use]
    pub fn calls(signal: Signal, service: &str, callee: &str, region: Option<&str>) -> Self {
        Self {
            callee: Some(callee.to_owned()),
            ..Self::service(signal, service, region)
        }
    }

    fn bare(signal: Signal, region: Option<&str>) -> Self {
        Self {
            signal,
            flow: None,
            service: None,
            callee: None,
            region: region.map(str::to_owned),
            version: None,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(is: &bool) -> bool {
    !*is
}
