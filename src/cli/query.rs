//! `brownout query`: questions about the telemetry of a run.

use brownout_telemetry::promql::Semantics;

/// Whose semantics a query has where versions differ.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub enum SemanticsArgument {
    /// Those of Prometheus 3.
    #[default]
    Prometheus3,
    /// Those of Prometheus 2.42.
    Prometheus2,
}

impl From<SemanticsArgument> for Semantics {
    fn from(argument: SemanticsArgument) -> Self {
        match argument {
            SemanticsArgument::Prometheus3 => Self::Prometheus3,
            SemanticsArgument::Prometheus2 => Self::Prometheus2,
        }
    }
}
