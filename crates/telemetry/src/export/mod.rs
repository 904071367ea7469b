//! Telemetry of a run in the formats of real tools.

pub mod jaeger;
pub mod openmetrics;
pub mod otlp;
mod spans;

use brownout_sim::blueprint::Blueprint;

use crate::exposition::{Directory, Exposition};
use crate::logs::Logs;
use crate::traces::Traces;

/// What a run recorded, as far as it is exported.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) directory: &'a Directory,
    /// Metrics.
    pub exposition: Exposition<'a>,
    pub(crate) logs: &'a Logs,
    pub(crate) traces: &'a Traces,
    /// Simulated time 0, in nanoseconds since the Unix epoch.
    pub(crate) start_unix_ns: u64,
}

/// A stretch of simulated time: from, exclusive, and to, inclusive, in nanoseconds.
pub type Span = (u64, u64);

impl Recorded<'_> {
    fn unix_ns(&self, at_ns: u64) -> u64 {
        self.start_unix_ns.saturating_add(at_ns)
    }
}

/// How a trace's identifier is written: 16 bytes, the first eight of them 0.
#[must_use]
pub fn trace_id(id: u64) -> String {
    format!("{id:032x}")
}
