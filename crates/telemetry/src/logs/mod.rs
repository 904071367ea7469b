//! Structured log lines, kept compactly and rendered when read.

mod render;

use std::collections::BTreeMap;

use brownout_sim::blueprint::SECOND_NS;
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
    /// A database took long over an operation.
    SlowQuery {
        /// Operation.
        endpoint: EndpointId,
        /// Duration in microseconds.
        duration_us: u32,
    },
    /// Garbage was collected since the last scrape.
    Collected {
        /// How often.
        times: u32,
        /// How long the process stood still for it, in milliseconds.
        paused_ms: u32,
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
            Self::CallFailed { .. }
            | Self::Refused { .. }
            | Self::SlowQuery { .. }
            | Self::Unhealthy
            | Self::Ejected => Level::Warn,
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
            Self::Crashed { .. } => 9,
            Self::Unhealthy => 10,
            Self::Healthy => 11,
            Self::Ejected => 12,
            Self::Returned => 13,
            Self::Off => 14,
            Self::SlowQuery { .. } => 15,
            Self::Collected { .. } => 16,
        }
    }
}

/// Number of templates.
const TEMPLATES: usize = 17;

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

/// Lines of one kind that an instance wrote within a second and that were not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Second of simulated time.
    pub second: u32,
    /// Who wrote them.
    pub instance: InstanceId,
    /// How severe they were.
    pub level: Level,
    /// How many.
    pub count: u32,
}

/// The logs of a run.
#[derive(Debug, Default)]
pub struct Logs {
    lines: Vec<LogLine>,
    bindings: BTreeMap<InstanceId, Vec<Binding>>,
    /// Service × template → second and lines in it.
    quota: Vec<(u64, u32)>,
    suppressed: BTreeMap<u16, u64>,
    /// What was not kept in seconds that are over.
    dropped: Vec<Dropped>,
    /// Instance × template: what is not kept in the second that lasts.
    dropping: Vec<Option<Dropped>>,
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
            self.drop_line(second, &line);
        } else {
            self.lines.push(line);
        }
    }

    fn drop_line(&mut self, second: u64, line: &LogLine) {
        let template = usize::from(line.message.template());
        let index = line.instance.index() * TEMPLATES + template;
        if index >= self.dropping.len() {
            self.dropping.resize(index + 1, None);
        }
        let second = u32::try_from(second).unwrap_or(u32::MAX);
        let level = line.message.level();
        match &mut self.dropping[index] {
            Some(open) if open.second == second && open.level == level => open.count += 1,
            slot => {
                let fresh = Dropped {
                    second,
                    instance: line.instance,
                    level,
                    count: 1,
                };
                self.dropped.extend(slot.replace(fresh));
            }
        }
    }

    /// Lines that were not kept, by second, instance and level, in no order.
    pub fn dropped_lines(&self) -> impl Iterator<Item = &Dropped> {
        self.dropped.iter().chain(self.dropping.iter().flatten())
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
}

/// Whole microseconds of a duration, saturating.
#[must_use]
pub fn micros(duration_ns: u64) -> u32 {
    u32::try_from(duration_ns / 1_000).unwrap_or(u32::MAX)
}
