//! What a monitoring stack would have recorded of a run: metrics, logs, traces, changes and alerts.
//!
//! Everything here comes from finished pieces of simulated requests, or from the gauges an instance would expose. It is
//! not part of the world: a fork runs without it, and watching changes nothing.

pub mod alerts;
pub mod changes;
pub mod export;
pub mod exposition;
pub mod histogram;
pub mod lives;
pub mod logql;
pub mod logs;
pub mod metrics;
mod numbers;
pub mod pages;
pub mod processes;
pub mod promql;
pub mod recorder;
pub mod search;
mod series;
pub mod signal;
mod slots;
pub mod tickets;
pub mod traces;

pub use recorder::Recorder;
