//! Whether two answers are the same.

use std::collections::BTreeMap;
use std::fmt;

use brownout_telemetry::promql::source::Sample;
use brownout_telemetry::promql::{Answer, Error};
use serde_json::Value;

/// Largest difference as a share of the value.
const RELATIVE: f64 = 1e-9;
/// Largest difference where a value is next to nothing.
const ABSOLUTE: f64 = 1e-12;

type Series = BTreeMap<BTreeMap<String, String>, Vec<(i64, f64)>>;

/// An answer of either side.
#[derive(Debug, PartialEq)]
enum Plain {
    Scalar(f64),
    Text(String),
    Vector(Series),
    Matrix(Series),
    Refused(&'static str),
}

/// What was asked and how it was answered.
#[derive(Debug, Default)]
pub struct Tally {
    asked: usize,
    refused: usize,
    empty: usize,
    values: usize,
    differences: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} questions: {} differ; {} refused by both, {} answered with nothing, {} values compared",
            self.asked,
            self.differences.len(),
            self.refused,
            self.empty,
            self.values
        )
    }
}

impl Tally {
    /// Compares two answers to a question.
    pub fn note(
        &mut self,
        data: &str,
        question: &str,
        when: &str,
        ours: &Result<Answer, Error>,
        theirs: &Value,
    ) {
        self.asked += 1;
        let (ours_plain, theirs_plain) = (plain(ours), read(theirs));
        match &ours_plain {
            Plain::Refused(_) => self.refused += 1,
            Plain::Vector(series) | Plain::Matrix(series) if series.is_empty() => self.empty += 1,
            Plain::Vector(series) | Plain::Matrix(series) => {
                self.values += series.values().map(Vec::len).sum::<usize>();
            }
            Plain::Scalar(_) | Plain::Text(_) => self.values += 1,
        }
        if let Err(difference) = same(&ours_plain, &theirs_plain) {
            let said = match ours {
                Err(error) => format!(" (we said: {error})"),
                Ok(_) => String::new(),
            };
            self.differences.push(format!(
                "{data}, {when}: {question}\n    {difference}{said}"
            ));
        }
    }

    /// Fails if there were differences, or if nothing was compared.
    pub fn check(&self) {
        let first: Vec<&String> = self.differences.iter().take(40).collect();
        assert!(first.is_empty(), "{self}\n{first:#?}");
        assert!(
            self.values > 100_000,
            "{self}: hardly anything was compared"
        );
        assert!(self.refused > 0, "{self}: no refusal was compared");
    }
}

fn plain(answer: &Result<Answer, Error>) -> Plain {
    let points = |samples: &[Sample]| samples.iter().map(|s| (s.at_ms, s.value)).collect();
    let labels = |labels: &brownout_telemetry::promql::labels::Labels| {
        let pairs = labels.iter();
        pairs
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect()
    };
    match answer {
        Ok(Answer::Scalar(values)) => Plain::Scalar(values[0].value),
        Ok(Answer::Text(text)) => Plain::Text(text.clone()),
        Ok(Answer::Vector(series)) => Plain::Vector(
            series
                .iter()
                .map(|(l, sample)| (labels(l), points(&[*sample])))
                .collect(),
        ),
        Ok(Answer::Matrix(series)) => Plain::Matrix(
            series
                .iter()
                .map(|(l, samples)| (labels(l), points(samples)))
                .collect(),
        ),
        Err(Error::Text(_) | Error::Outside(_)) => Plain::Refused("bad_data"),
        Err(Error::Execution(_)) => Plain::Refused("execution"),
    }
}

fn read(answer: &Value) -> Plain {
    if answer["status"] == "error" {
        return match answer["errorType"].as_str() {
            Some("bad_data") => Plain::Refused("bad_data"),
            Some("execution") => Plain::Refused("execution"),
            other => panic!("an error of kind {other:?}"),
        };
    }
    let data = &answer["data"];
    let point = |value: &Value| {
        let at_ms = (value[0].as_f64().expect("a time") * 1_000.0).round();
        let text = value[1].as_str().expect("a value");
        let value = match text {
            "+Inf" => f64::INFINITY,
            "-Inf" => f64::NEG_INFINITY,
            text => text.parse().expect("a number"),
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "times are whole milliseconds"
        )]
        let at_ms = at_ms as i64;
        (at_ms, value)
    };
    let series = |values: &dyn Fn(&Value) -> Vec<(i64, f64)>| {
        let elements = data["result"].as_array().expect("series");
        elements
            .iter()
            .map(|element| {
                let metric = element["metric"].as_object().expect("labels");
                let label = |(name, value): (&String, &Value)| {
                    (name.clone(), value.as_str().expect("a text").to_owned())
                };
                (metric.iter().map(label).collect(), values(element))
            })
            .collect::<Series>()
    };
    match data["resultType"].as_str() {
        Some("scalar") => Plain::Scalar(point(&data["result"]).1),
        Some("string") => Plain::Text(data["result"][1].as_str().expect("a text").to_owned()),
        Some("vector") => Plain::Vector(series(&|element| vec![point(&element["value"])])),
        Some("matrix") => Plain::Matrix(series(&|element| {
            element["values"]
                .as_array()
                .expect("values")
                .iter()
                .map(point)
                .collect()
        })),
        other => panic!("a result of type {other:?}"),
    }
}

fn same(ours: &Plain, theirs: &Plain) -> Result<(), String> {
    match (ours, theirs) {
        (Plain::Scalar(ours), Plain::Scalar(theirs)) => close(*ours, *theirs),
        (Plain::Vector(ours), Plain::Vector(theirs))
        | (Plain::Matrix(ours), Plain::Matrix(theirs)) => {
            for (labels, values) in theirs {
                let here = ours
                    .get(labels)
                    .ok_or_else(|| format!("{labels:?} is missing"))?;
                if here.len() != values.len() {
                    return Err(format!(
                        "{labels:?} has {} values, theirs {}",
                        here.len(),
                        values.len()
                    ));
                }
                for ((at_ms, ours), (theirs_at_ms, theirs)) in here.iter().zip(values) {
                    if at_ms != theirs_at_ms {
                        return Err(format!(
                            "{labels:?}: a value at {at_ms}, not {theirs_at_ms}"
                        ));
                    }
                    close(*ours, *theirs).map_err(|e| format!("{labels:?} at {at_ms}: {e}"))?;
                }
            }
            match ours.keys().find(|labels| !theirs.contains_key(*labels)) {
                Some(labels) => Err(format!("{labels:?} is too many")),
                None => Ok(()),
            }
        }
        (ours, theirs) if ours == theirs => Ok(()),
        (ours, theirs) => Err(format!("{} instead of {}", kind(ours), kind(theirs))),
    }
}

fn kind(answer: &Plain) -> String {
    match answer {
        Plain::Vector(series) => format!("a vector of {}", series.len()),
        Plain::Matrix(series) => format!("a matrix of {}", series.len()),
        other => format!("{other:?}"),
    }
}

#[expect(clippy::float_cmp, reason = "infinities are equal or not")]
fn close(ours: f64, theirs: f64) -> Result<(), String> {
    let difference = (ours - theirs).abs();
    let close = ours == theirs
        || ours.is_nan() && theirs.is_nan()
        || difference <= ABSOLUTE
        || difference <= RELATIVE * theirs.abs();
    if close {
        return Ok(());
    }
    Err(format!("{ours} instead of {theirs}"))
}
