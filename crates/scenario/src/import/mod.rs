//! Systems from somebody's own architecture: Istio isotope graphs, compose files, OpenTelemetry and Jaeger traces.
//!
//! Text goes in; a system file comes out, with notes on everything that was left out, assumed or changed. Nothing here
//! opens a file. Inputs may be hostile: they are bounded while they are read, and what is wrong with one is said in a line.
//!
//! `yaml` reads YAML; `isotope` and `compose` make a sketch of it. `traces` reads JSON, finds requests in the spans, and
//! programs and times in the requests. `finish` cuts a sketch to what the language allows, `write` lays it out.
#![expect(
    clippy::result_large_err,
    clippy::struct_field_names,
    clippy::format_push_string,
    reason = "a file is read once: boxing what is said of it, or saving a string, would help nobody"
)]

mod circles;
mod compose;
mod finish;
mod isotope;
mod notes;
mod problem;
mod quantity;
mod sketch;
mod traces;
mod write;
mod yaml;

use serde::Serialize;

pub use notes::Note;

use crate::diagnostics::Diagnostic;
use problem::Problem;

/// Longest input file in bytes: traces may be long.
pub const MAX_INPUT_BYTES: usize = 64 << 20;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A service graph of Istio's load generator isotope, YAML.
    Isotope,
    /// A compose file, YAML.
    Compose,
    /// OpenTelemetry traces, JSON: one export or several after each other.
    Otlp,
    /// Traces as Jaeger's API gives them, JSON.
    Jaeger,
}

impl Format {
    /// What a text is, by what stands in it; `None` if that cannot be seen.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        if start.starts_with(['{', '[']) && text.contains('"') {
            return if text.contains("\"resourceSpans\"") {
                Some(Self::Otlp)
            } else if text.contains("\"traceID\"") {
                Some(Self::Jaeger)
            } else {
                None
            };
        }
        let tree = yaml::parse("", text).ok()?;
        let services = tree.root().get("services")?;
        if services.list().is_some() {
            Some(Self::Isotope)
        } else {
            services.map().map(|_| Self::Compose)
        }
    }
}

/// An input file that was read.
#[derive(Clone, Copy, Debug)]
pub struct Input<'t> {
    /// Its name, for messages.
    pub file: &'t str,
    /// Its text.
    pub text: &'t str,
}

/// What the user wants.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the system.
    pub name: String,
    /// Share of all requests that were traced, in parts per million: measured rates are divided by it.
    pub traced_ppm: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "imported".to_owned(),
            traced_ppm: 1_000_000,
        }
    }
}

/// How long a service took in the spans, and takes in a run of what was made of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Service.
    pub service: String,
    /// Spans it was measured by.
    pub spans: usize,
    /// Median of the spans in nanoseconds.
    pub spans_p50_ns: u64,
    /// 95th percentile of the spans in nanoseconds.
    pub spans_p95_ns: u64,
    /// Median in the run in nanoseconds.
    pub run_p50_ns: u64,
    /// 95th percentile in the run in nanoseconds.
    pub run_p95_ns: u64,
}

/// A system that was imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The system file.
    pub text: String,
    /// Services in it.
    pub services: usize,
    /// Different calls in it: from a service to an endpoint.
    pub calls: usize,
    /// Flows in it.
    pub flows: usize,
    /// What was left out, assumed or changed.
    pub notes: Vec<Note>,
    /// For traces: how well the durations fit, by service.
    pub times: Vec<Times>,
}

/// Makes a system of inputs of one format.
///
/// # Errors
/// What is wrong with the inputs, one line each, if no system can be made of them.
pub fn import(
    format: Format,
    inputs: &[Input<'_>],
    options: &Options,
) -> Result<Imported, Vec<Diagnostic>> {
    if inputs.is_empty() {
        return Err(vec![Problem::of("").empty("no input was given".to_owned())]);
    }
    for input in inputs {
        if input.text.len() > MAX_INPUT_BYTES {
            let found = input.text.len();
            let message = format!("the file has {found} bytes; at most {MAX_INPUT_BYTES} are read");
            return Err(vec![Problem::of(input.file).limit(message)]);
        }
    }
    match format {
        Format::Isotope => isotope::import(inputs, options),
        Format::Compose => compose::import(inputs, options),
        Format::Otlp | Format::Jaeger => traces::import(format, inputs, options),
    }
}

/// An isotope graph from bytes. Like the three beside it made for fuzzing: whatever the bytes are, an answer and no panic.
///
/// # Errors
/// What is wrong with them.
pub fn isotope_bytes(bytes: &[u8]) -> Result<Imported, Vec<Diagnostic>> {
    of_bytes(Format::Isotope, bytes)
}

/// A compose file from bytes.
///
/// # Errors
/// What is wrong with them.
pub fn compose_bytes(bytes: &[u8]) -> Result<Imported, Vec<Diagnostic>> {
    of_bytes(Format::Compose, bytes)
}

/// OTLP JSON from bytes.
///
/// # Errors
/// What is wrong with them.
pub fn otlp_bytes(bytes: &[u8]) -> Result<Imported, Vec<Diagnostic>> {
    of_bytes(Format::Otlp, bytes)
}

/// Jaeger JSON from bytes.
///
/// # Errors
/// What is wrong with them.
pub fn jaeger_bytes(bytes: &[u8]) -> Result<Imported, Vec<Diagnostic>> {
    of_bytes(Format::Jaeger, bytes)
}

fn of_bytes(format: Format, bytes: &[u8]) -> Result<Imported, Vec<Diagnostic>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let message = "this is not UTF-8 text".to_owned();
        return Err(vec![Problem::of("input").form(message)]);
    };
    let input = Input {
        file: "input",
        text,
    };
    import(format, &[input], &Options::default())
}
