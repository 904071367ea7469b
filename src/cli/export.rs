//! `brownout export`: the telemetry of a run for real tools.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use brownout_telemetry::export::{jaeger, openmetrics, otlp};

use serde::Serialize;

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
    /// Metrics, logs and traces as OTLP JSON, each in a file of its own: PATH with `-metrics`, `-logs` and `-traces`.
    OtlpJson,
    /// Traces as Jaeger's window loads them from a file.
    JaegerJson,
}

pub fn export(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let session = load::session(&arguments.file, arguments.scenario.as_deref())?;
    let reader = session.reader();
    let exposition = reader.exposition();
    let recorded = reader.recorded();
    let end_ns = session.now_ns();
    let moment = |seconds: f64| {
        let offset_ms = millis(seconds) - exposition.unix_ms(0);
        u64::try_from(offset_ms)
            .unwrap_or(0)
            .saturating_mul(1_000_000)
    };
    let from_ns = arguments.start.map_or(0, moment);
    let span = (from_ns, arguments.end.map_or(end_ns, moment).min(end_ns));
    let path = &arguments.output;
    match arguments.format {
        Format::Openmetrics => {
            let times = (exposition.unix_ms(span.0), exposition.unix_ms(span.1));
            save(path, |out| openmetrics::write(&exposition, times, out))
        }
        Format::OtlpJson => save_json(&part(path, "metrics"), &otlp::metrics(&recorded, span))
            .and_then(|()| save_json(&part(path, "logs"), &otlp::logs(&recorded, span)))
            .and_then(|()| save_json(&part(path, "traces"), &otlp::traces(&recorded, span))),
        Format::JaegerJson => save_json(path, &jaeger::traces(&recorded, span)),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// The file for one kind of telemetry: `run.json` becomes `run-logs.json`.
fn part(path: &Path, kind: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let dot = if ending.is_empty() { "" } else { "." };
    path.with_file_name(format!("{stem}-{kind}{dot}{ending}"))
}

fn save_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    save(path, |out| {
        serde_json::to_writer(&mut *out, value)?;
        writeln!(out)
    })
}

fn save(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    files::save_by(path, write)
        .with_context(|| format!("{}: cannot be written", path.display()))?;
    println!("{}", path.display());
    Ok(())
}
