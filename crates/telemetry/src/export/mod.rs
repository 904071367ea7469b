//! Telemetry of a run in the formats of real tools.

pub mod openmetrics;
