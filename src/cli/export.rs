//! `brownout export`: the telemetry of a run for real tools.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use brownout_telemetry::export::openmetrics;

use super::query::millis;
use super::{files, load};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Journal of the run.
    file: PathBuf,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Format.
    #[arg(long, value_enum)]
    format: Format,
    /// First moment of what is written, in Unix seconds; by default everything.
    #[arg(long, value_name = "SECONDS")]
    start: Option<f64>,
    /// Last moment of what is written.
    #[arg(long, value_name = "SECONDS")]
    end: Option<f64>,
    /// File to write.
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Metrics as `OpenMetrics` text with timestamps, for `promtool tsdb create-blocks-from openmetrics`.
    Openmetrics,
}

pub fn export(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let session = load::session(&arguments.file, arguments.scenario.as_deref())?;
    let reader = session.reader();
    let exposition = reader.exposition();
    let first_ms = arguments.start.map_or(i64::MIN, millis);
    let end_ms = exposition.unix_ms(session.now_ns());
    let span = (first_ms, arguments.end.map_or(end_ms, millis));
    files::save_by(&arguments.output, |out| match arguments.format {
        Format::Openmetrics => openmetrics::write(&exposition, span, out),
    })
    .with_context(|| format!("{}: cannot be written", arguments.output.display()))?;
    Ok(ExitCode::SUCCESS)
}
