//! `brownout query`: questions about the telemetry of a run, answered as Prometheus's HTTP interface answers.

use std::path::PathBuf;
use std::process::ExitCode;

use brownout_session::session::Session;
use brownout_telemetry::promql::labels::Labels;
use brownout_telemetry::promql::source::Sample;
use brownout_telemetry::promql::{Answer, Error, Query, Semantics, number};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeTuple, Serializer};

use super::{FAILURE, load};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Journal of the run.
    file: PathBuf,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// The question, in the query language of Prometheus.
    #[arg(long, value_name = "QUERY", required = true)]
    promql: Option<String>,
    /// Ask for this moment, in Unix seconds; by default the end of the run.
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["start", "end", "step"])]
    at: Option<f64>,
    /// Ask for a range from this moment on, in Unix seconds.
    #[arg(long, value_name = "SECONDS", requires_all = ["end", "step"])]
    start: Option<f64>,
    /// Last moment of the range.
    #[arg(long, value_name = "SECONDS", requires = "start")]
    end: Option<f64>,
    /// Seconds between answers.
    #[arg(long, value_name = "SECONDS", requires = "start")]
    step: Option<f64>,
    /// Whose semantics the query has.
    #[arg(long, value_enum, default_value_t)]
    semantics: SemanticsArgument,
    /// Print JSON in the shape of Prometheus's HTTP interface.
    #[arg(long)]
    json: bool,
}

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

pub fn query(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let session = load::session(&arguments.file, arguments.scenario.as_deref())?;
    let text = arguments.promql.as_deref().unwrap_or_default();
    let answer = ask(arguments, text, &session);
    if arguments.json {
        println!("{}", serde_json::to_string(&Response(&answer))?);
    } else {
        match &answer {
            Ok(answer) => print(answer),
            Err(error) => eprintln!("brownout: {error}"),
        }
    }
    Ok(if answer.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILURE)
    })
}

fn ask(arguments: &Arguments, text: &str, session: &Session) -> Result<Answer, Error> {
    let query = Query::new(text, Semantics::from(arguments.semantics))?;
    let reader = session.reader();
    let exposition = reader.exposition();
    let (Some(start), Some(end), Some(step)) = (arguments.start, arguments.end, arguments.step)
    else {
        let at_ms = match arguments.at {
            Some(seconds) => millis(seconds),
            None => exposition.unix_ms(session.now_ns()),
        };
        return query.instant(&exposition, at_ms);
    };
    query.range(&exposition, millis(start), millis(end), millis(step))
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
pub fn millis(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}

fn print(answer: &Answer) {
    match answer {
        Answer::Scalar(values) => values.iter().for_each(|s| println!("{}", number(s.value))),
        Answer::Text(text) => println!("{text}"),
        Answer::Vector(series) if series.is_empty() => println!("(nothing)"),
        Answer::Matrix(series) if series.is_empty() => println!("(nothing)"),
        Answer::Vector(series) => {
            for (labels, sample) in series {
                println!("{labels} {}", number(sample.value));
            }
        }
        Answer::Matrix(series) => {
            for (labels, samples) in series {
                println!("{labels}");
                for sample in samples {
                    println!("  {} {}", seconds(sample.at_ms), number(sample.value));
                }
            }
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this age are exact"
)]
fn seconds(at_ms: i64) -> f64 {
    at_ms as f64 / 1_000.0
}

/// An answer in the shape of Prometheus's HTTP interface.
struct Response<'a>(&'a Result<Answer, Error>);

impl Serialize for Response<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.0 {
            Ok(answer) => {
                map.serialize_entry("status", "success")?;
                map.serialize_entry("data", &Data(answer))?;
            }
            Err(error) => {
                let kind = match error {
                    Error::Text(_) | Error::Outside(_) => "bad_data",
                    Error::Execution(_) => "execution",
                };
                map.serialize_entry("status", "error")?;
                map.serialize_entry("errorType", kind)?;
                map.serialize_entry("error", &error.to_string())?;
            }
        }
        map.end()
    }
}

struct Data<'a>(&'a Answer);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match self.0 {
            Answer::Scalar(values) => {
                map.serialize_entry("resultType", "scalar")?;
                map.serialize_entry("result", &values.first().map(Point))?;
            }
            Answer::Text(text) => {
                map.serialize_entry("resultType", "string")?;
                map.serialize_entry("result", text)?;
            }
            Answer::Vector(series) => {
                map.serialize_entry("resultType", "vector")?;
                let elements = series.iter().map(|(labels, sample)| Element {
                    metric: Metric(labels),
                    value: Some(Point(sample)),
                    values: None,
                });
                map.serialize_entry("result", &elements.collect::<Vec<_>>())?;
            }
            Answer::Matrix(series) => {
                map.serialize_entry("resultType", "matrix")?;
                let elements = series.iter().map(|(labels, samples)| Element {
                    metric: Metric(labels),
                    value: None,
                    values: Some(samples.iter().map(Point).collect()),
                });
                map.serialize_entry("result", &elements.collect::<Vec<_>>())?;
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Element<'a> {
    metric: Metric<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Point<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Point<'a>>>,
}

struct Metric<'a>(&'a Labels);

impl Serialize for Metric<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (&**name, &**value)))
    }
}

struct Point<'a>(&'a Sample);

impl Serialize for Point<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&seconds(self.0.at_ms))?;
        pair.serialize_element(&number(self.0.value))?;
        pair.end()
    }
}
