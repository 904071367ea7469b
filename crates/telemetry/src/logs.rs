//! Structured log lines, kept compactly and rendered when read.

use std::collections::BTreeMap;

use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::ids::{EdgeId, EndpointId, InstanceId, VersionId};
use brownout_sim::probe::{CrashReason, Status};

/// Severity of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Ordinary.
    Info,
    /// Unusual.
    Warn,
    /// Failure.
    Error,
}

impl Level {
    /// The word in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request was answered (a sample of them).
    Access {
        /// Endpoint.
        endpoint: EndpointId,
        /// Result.
        status: Status,
        /// Duration in microseconds.
        duration_us: u32,
    },
    /// A request failed.
    Failed {
        /// Endpoint.
        endpoint: EndpointId,
        /// Result.
        status: Status,
        /// Duration in microseconds.
        duration_us: u32,
    },
    /// A call was not answered in time.
    CallTimeout {
        /// Edge.
        edge: EdgeId,
        /// Attempt, from 0.
        attempt: u8,
        /// How long the caller waited, in microseconds.
        waited_us: u32,
    },
    /// A call was answered with a failure.
    CallFailed {
        /// Edge.
        edge: EdgeId,
        /// Attempt, from 0.
        attempt: u8,
        /// Result.
        status: Status,
    },
    /// The accept queue was full.
    Refused {
        /// Endpoint.
        endpoint: EndpointId,
    },
    /// A process started.
    Started {
        /// Version.
        version: VersionId,
    },
    /// A process takes requests.
    Ready,
    /// A process finishes what it has.
    Draining,
    /// A process ended.
    Stopped {
        /// Requests cut off.
        cut: u32,
    },
    /// A process ended without anybody's wish.
    Crashed {
        /// Why.
        reason: CrashReason,
        /// Requests cut off.
        cut: u32,
    },
    /// Health checks failed: no requests any more.
    Unhealthy,
    /// Health checks pass again.
    Healthy,
    /// Too many failures in a row: no requests for a while.
    Ejected,
    /// That is over.
    Returned,
    /// No process is wanted here any more.
    Off,
}

impl Message {
    /// Severity.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Failed { .. } | Self::CallTimeout { .. } | Self::Crashed { .. } => Level::Error,
            Self::CallFailed { .. } | Self::Refused { .. } | Self::Unhealthy | Self::Ejected => {
                Level::Warn
            }
            Self::Stopped { cut } if cut > 0 => Level::Warn,
            _ => Level::Info,
        }
    }

    /// Number of the template, for quotas and grouping.
    const fn template(self) -> u8 {
        match self {
            Self::Access { .. } => 0,
            Self::Failed { .. } => 1,
            Self::CallTimeout { .. } => 2,
            Self::CallFailed { .. } => 3,
            Self::Refused { .. } => 4,
            Self::Started { .. } => 5,
            Self::Ready => 6,
            Self::Draining => 7,
            Self::Stopped { .. } => 8,
            Self::Crashed { .. } => 40,
            Self::Unhealthy => 41,
            Self::Healthy => 42,
            Self::Ejected => 43,
            Self::Returned => 44,
            Self::Off => 45,
        }
    }
}

/// Number of templates.
const TEMPLATES: usize = 9;

/// A line.
#[derive(Clone, Copy, Debug)]
pub struct LogLine {
    /// When the collector got it.
    pub at_ns: u64,
    /// How far the clock it was stamped by was ahead, in milliseconds.
    pub skew_ms: i32,
    /// Who.
    pub instance: InstanceId,
    /// Trace it belongs to; 0 for none.
    pub trace: u64,
    /// What.
    pub message: Message,
}

impl LogLine {
    /// The time the line itself carries: that of its instance's clock.
    #[must_use]
    pub const fn stamp_ns(&self) -> u64 {
        self.at_ns
            .saturating_add_signed(self.skew_ms as i64 * 1_000_000)
    }
}

/// Lines kept per template, service and second; more are counted and dropped.
pub const QUOTA_PER_SECOND: u32 = 50;

/// One in this many successful requests is logged, chosen by its trace id.
pub const ACCESS_SAMPLE: u64 = 64;

/// The configuration a process started with: base addresses of its calls.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Since when.
    pub since_ns: u64,
    /// Edge → base address read from the configuration.
    pub addresses: Vec<(EdgeId, String)>,
}

/// The logs of a run.
#[derive(Debug, Default)]
pub struct Logs {
    lines: Vec<LogLine>,
    bindings: BTreeMap<InstanceId, Vec<Binding>>,
    /// Service × template → second and lines in it.
    quota: Vec<(u64, u32)>,
    suppressed: BTreeMap<u16, u64>,
}

impl Logs {
    /// Whether a successful request's access line is kept.
    #[must_use]
    pub const fn samples(trace: u64) -> bool {
        trace.is_multiple_of(ACCESS_SAMPLE)
    }

    /// Add a line of an instance of service number `service`, unless its template is over quota.
    pub fn push(&mut self, service: u16, line: LogLine) {
        let second = line.at_ns / SECOND_NS;
        let index = usize::from(service) * TEMPLATES + usize::from(line.message.template());
        if index >= self.quota.len() {
            self.quota.resize(index + 1, (0, 0));
        }
        let slot = &mut self.quota[index];
        if slot.0 != second {
            *slot = (second, 0);
        }
        slot.1 += 1;
        if slot.1 > QUOTA_PER_SECOND {
            *self.suppressed.entry(service).or_insert(0) += 1;
        } else {
            self.lines.push(line);
        }
    }

    /// Note the configuration a process starts with.
    pub fn bind(&mut self, instance: InstanceId, binding: Binding) {
        self.bindings.entry(instance).or_default().push(binding);
    }

    /// All lines kept, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[LogLine] {
        &self.lines
    }

    /// Lines of `(from_ns, to_ns]`.
    #[must_use]
    pub fn between(&self, from_ns: u64, to_ns: u64) -> &[LogLine] {
        let first = self.lines.partition_point(|l| l.at_ns <= from_ns);
        let last = self.lines.partition_point(|l| l.at_ns <= to_ns).max(first);
        &self.lines[first..last]
    }

    /// Lines dropped because their template was over quota, per service number.
    #[must_use]
    pub fn suppressed(&self, service: u16) -> u64 {
        self.suppressed.get(&service).copied().unwrap_or(0)
    }

    /// Lines dropped in all.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.suppressed.values().sum()
    }

    /// Base address of calls over an edge by an instance at a time: from its configuration, or by service discovery.
    fn address(
        &self,
        blueprint: &Blueprint,
        instance: InstanceId,
        edge: EdgeId,
        at_ns: u64,
    ) -> String {
        let bound = self.bindings.get(&instance).and_then(|all| {
            let binding = all.iter().rev().find(|b| b.since_ns <= at_ns)?;
            binding
                .addresses
                .iter()
                .find(|(e, _)| *e == edge)
                .map(|(_, address)| address.clone())
        });
        bound.unwrap_or_else(|| {
            let target = &blueprint.endpoints[blueprint.edges[edge.index()].target.index()];
            format!("http://{}", blueprint.services[target.service.index()].host)
        })
    }

    /// The line's text after time, level and instance.
    #[must_use]
    pub fn render(&self, blueprint: &Blueprint, line: &LogLine) -> String {
        let route = |endpoint: EndpointId| blueprint.endpoints[endpoint.index()].name.as_str();
        let path = |edge: EdgeId| {
            let name = route(blueprint.edges[edge.index()].target);
            name.split_once(' ')
                .map_or(name, |(_, path)| path)
                .trim_start_matches('/')
                .to_owned()
        };
        let ms = |us: u32| f64::from(us) / 1_000.0;
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
                let result = match status {
                    Status::BadGateway => " error=\"upstream failed\"",
                    Status::Internal => " error=\"internal error\"",
                    Status::Reset => " error=\"connection reset\"",
                    Status::Expired => " error=\"deadline exceeded\"",
                    Status::Cancelled => " error=\"client closed request\"",
                    Status::Refused => " error=\"connection refused\"",
                    Status::Throttled => " error=\"rate limit exceeded\"",
                    Status::Denied => " error=\"not authorised\"",
                    Status::LockTimeout => " error=\"lock wait timeout exceeded\"",
                    _ => "",
                };
                format!(
                    "\"{}\" {} {:.1}ms{result}",
                    route(endpoint),
                    status.http(),
                    ms(duration_us)
                )
            }
            Message::CallTimeout {
                edge,
                attempt,
                waited_us,
            } => {
                let target =
                    blueprint.endpoints[blueprint.edges[edge.index()].target.index()].service;
                format!(
                    "upstream timeout after {:.0}ms service={} url={}/{} attempt={}/{}",
                    ms(waited_us),
                    blueprint.services[target.index()].name,
                    self.address(blueprint, line.instance, edge, line.at_ns),
                    path(edge),
                    attempt + 1,
                    blueprint.edges[edge.index()].attempts
                )
            }
            Message::CallFailed {
                edge,
                attempt,
                status,
            } => {
                let target =
                    blueprint.endpoints[blueprint.edges[edge.index()].target.index()].service;
                let answer = match status {
                    Status::CircuitOpen => "circuit open, not sent".to_owned(),
                    Status::Expired => "deadline passed, not sent".to_owned(),
                    Status::Refused => "connection refused".to_owned(),
                    Status::Reset => "connection reset by peer".to_owned(),
                    Status::Unresolved => "name resolution failed".to_owned(),
                    Status::Untrusted => "certificate verify failed".to_owned(),
                    Status::Exhausted => "no local port or descriptor left, not sent".to_owned(),
                    _ => format!("upstream answered {}", status.http()),
                };
                format!(
                    "{answer} service={} url={}/{} attempt={}/{}",
                    blueprint.services[target.index()].name,
                    self.address(blueprint, line.instance, edge, line.at_ns),
                    path(edge),
                    attempt + 1,
                    blueprint.edges[edge.index()].attempts
                )
            }
            Message::Refused { endpoint } => {
                format!("\"{}\" 503 accept queue full", route(endpoint))
            }
            Message::Started { version } => {
                format!(
                    "process started version={}",
                    blueprint.versions[version.index()].name
                )
            }
            Message::Ready => "ready, taking requests".to_owned(),
            Message::Draining => "draining, no new requests".to_owned(),
            Message::Stopped { cut: 0 } => "process stopped".to_owned(),
            Message::Stopped { cut } => format!("process stopped, {cut} requests cut off"),
            Message::Crashed { reason, cut } => {
                let reason = match reason {
                    CrashReason::OutOfMemory => "out of memory (exit code 137)",
                    CrashReason::Killed => "killed (signal 9)",
                    CrashReason::StartFailed => "failed to start (exit code 1)",
                };
                format!("process ended: {reason}, {cut} requests cut off")
            }
            Message::Unhealthy => "health checks failed, out of rotation".to_owned(),
            Message::Healthy => "health checks pass, back in rotation".to_owned(),
            Message::Ejected => "too many failures in a row, ejected from rotation".to_owned(),
            Message::Returned => "ejection over, back in rotation".to_owned(),
            Message::Off => "instance removed".to_owned(),
        }
    }
}

/// Whole microseconds of a duration, saturating.
#[must_use]
pub fn micros(duration_ns: u64) -> u32 {
    u32::try_from(duration_ns / 1_000).unwrap_or(u32::MAX)
}
