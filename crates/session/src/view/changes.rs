//! The change log as a player sees it.

use brownout_telemetry::changes::ChangeKind;

/// An entry of the change log.
#[derive(Clone, Debug)]
pub struct ChangeView {
    /// Nanoseconds relative to simulated time 0.
    pub at_ns: i64,
    /// Kind.
    pub kind: ChangeKind,
    /// One line.
    pub title: String,
    /// Who.
    pub by: String,
    /// Details.
    pub detail: String,
    /// Service.
    pub service: Option<String>,
    /// Version deployed.
    pub version: Option<String>,
    /// Flag changed.
    pub flag: Option<String>,
    /// Regions; empty for all.
    pub regions: Vec<String>,
    /// How it went where it replaced processes, region by region in the order it came to them; empty before the first
    /// process is replaced, and for what was done before the run.
    pub rollouts: Vec<RolloutView>,
    /// A responder's own action.
    pub own: bool,
}

/// How a change replaced the processes of a component in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutView {
    /// Region.
    pub region: String,
    /// When the first process stopped taking requests, in nanoseconds of simulated time.
    pub began_ns: u64,
    /// Processes replaced and ready, and in all.
    pub progress: (u16, u16),
    /// When the last one was ready; `None` while processes remain.
    pub done_ns: Option<u64>,
    /// A later change came to the region before it was done.
    pub overtaken: bool,
}
