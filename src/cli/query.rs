//! `brownout query`: questions about the telemetry of a run, answered as Prometheus's HTTP interface answers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use brownout_session::session::Session;
use brownout_telemetry::export::jaeger;
use brownout_telemetry::logql;
use brownout_telemetry::promql::labels::Labels;
use brownout_telemetry::promql::source::Sample;
use brownout_telemetry::promql::{Answer, Error, Query, Semantics, number};
use brownout_telemetry::search::Search;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeTuple, Serializer};

use super::{FAILURE, load};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("question").required(true).args(["promql", "logql", "traces"]))]
pub struct Arguments {
    /// Journal of the run.
    file: PathBuf,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Ask the metrics, in the query language of Prometheus.
    #[arg(long, value_name = "QUERY")]
    promql: Option<String>,
    /// Ask the logs, in a part of the query language of Loki.
    #[arg(long, value_name = "QUERY")]
    logql: Option<String>,
    /// Search the kept traces, such as 'service=checkout status=error min=250ms'.
    #[arg(long, value_name = "FILTER")]
    traces: Option<String>,
    /// Most lines or traces that are shown; the latest are.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Ask for this moment, in Unix seconds; by default the end of the run.
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["start", "end", "step"])]
    at: Option<f64>,
    /// Ask for a range from this moment on, in Unix seconds; lines and traces of it, or figures every --step.
    #[arg(long, value_name = "SECONDS", requires = "end")]
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
    if let Some(filter) = &arguments.traces {
        return traces(arguments, filter, &session);
    }
    let answer = match (&arguments.promql, &arguments.logql) {
        (_, Some(text)) => match logql::Query::new(text) {
            Ok(query) if !query.is_metric() => return lines(arguments, &query, &session),
            Ok(query) => figures(arguments, &query, &session),
            Err(error) => Err(error),
        },
        (text, None) => ask(arguments, text.as_deref().unwrap_or_default(), &session),
    };
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
    match range(arguments) {
        None => query.instant(&exposition, at_ms(arguments, session)),
        Some(_) if arguments.step.is_none() => Err(no_step()),
        Some((start_ms, end_ms)) => {
            let step_ms = arguments.step.map_or(0, millis);
            query.range(&exposition, start_ms, end_ms, step_ms)
        }
    }
}

fn figures(
    arguments: &Arguments,
    query: &logql::Query,
    session: &Session,
) -> Result<Answer, Error> {
    let lines = session.reader().lines();
    match range(arguments) {
        None => lines.instant(query, at_ms(arguments, session)),
        Some(_) if arguments.step.is_none() => Err(no_step()),
        Some(span) => lines.range(query, span, arguments.step.map_or(0, millis)),
    }
}

fn no_step() -> Error {
    Error::Text("figures over a range need --step".to_owned())
}

/// The range that was asked for.
fn range(arguments: &Arguments) -> Option<(i64, i64)> {
    let (start, end) = (arguments.start?, arguments.end?);
    Some((millis(start), millis(end)))
}

/// The moment that was asked for.
fn at_ms(arguments: &Arguments, session: &Session) -> i64 {
    let now_ms = session.reader().exposition().unix_ms(session.now_ns());
    arguments.at.map_or(now_ms, millis)
}

/// Simulated time that lines and traces are asked of: the range, or everything up to the moment.
fn span_ns(arguments: &Arguments, session: &Session) -> (u64, u64) {
    let zero_ms = session.reader().exposition().unix_ms(0);
    let ns = |at_ms: i64| {
        u64::try_from(at_ms - zero_ms)
            .unwrap_or(0)
            .saturating_mul(1_000_000)
    };
    match range(arguments) {
        Some((start_ms, end_ms)) => (ns(start_ms), ns(end_ms)),
        None => (0, ns(at_ms(arguments, session))),
    }
}

fn lines(
    arguments: &Arguments,
    query: &logql::Query,
    session: &Session,
) -> anyhow::Result<ExitCode> {
    let reader = session.reader();
    let found = reader
        .lines()
        .find(query, span_ns(arguments, session), arguments.limit)?;
    let zero_ms = reader.exposition().unix_ms(0);
    let unix_ns = |at_ns: u64| i128::from(zero_ms) * 1_000_000 + i128::from(at_ns);
    if arguments.json {
        let mut streams: BTreeMap<&Labels, Vec<[String; 2]>> = BTreeMap::new();
        for entry in &found.entries {
            let value = [unix_ns(entry.at_ns).to_string(), entry.text.clone()];
            streams.entry(&entry.labels).or_default().push(value);
        }
        let result: Vec<_> = streams
            .iter()
            .map(|(labels, values)| {
                serde_json::json!({ "stream": Metric(labels), "values": values })
            })
            .collect();
        let answer = serde_json::json!({
            "status": "success",
            "data": { "resultType": "streams", "result": result },
            "matched": found.matched,
            "suppressed": found.suppressed,
        });
        println!("{answer}");
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &found.entries {
        let at_s = entry.at_ns / 1_000_000_000;
        let (level, instance) = (
            entry.labels.get("level"),
            entry.labels.get("service_instance_id"),
        );
        println!(
            "{:02}:{:02} {level:<5} {instance}  {}",
            at_s / 60,
            at_s % 60,
            entry.text
        );
    }
    let more = found.matched - found.entries.len() as u64;
    if more > 0 {
        println!("({more} earlier lines; --limit shows more)");
    }
    if found.suppressed > 0 {
        println!(
            "({} lines of these streams were not kept: too many of a kind in a second)",
            found.suppressed
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn traces(arguments: &Arguments, filter: &str, session: &Session) -> anyhow::Result<ExitCode> {
    let search = Search::parse(filter).map_err(|error| anyhow::anyhow!("--traces: {error}"))?;
    let recorded = session.reader().recorded();
    let found = recorded.search(&search, span_ns(arguments, session), arguments.limit);
    if arguments.json {
        println!("{}", serde_json::to_string(&jaeger::of(&recorded, &found))?);
        return Ok(ExitCode::SUCCESS);
    }
    for trace in &found {
        println!("{}", recorded.summary(trace));
    }
    println!("{} traces", found.len());
    Ok(ExitCode::SUCCESS)
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
