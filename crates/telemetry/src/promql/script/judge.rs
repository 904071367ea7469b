//! Whether an answer is the expected one.

use regex::Regex;

use super::Verdict;
use super::notation::Written;
use super::read::{Evaluation, Span};
use crate::numbers::float;
use crate::promql::labels::Labels;
use crate::promql::source::Sample;
use crate::promql::{Answer, Error, number};

/// Values agree if they differ by no more than this share of themselves: what the format says of itself.
const TOLERANCE: f64 = 1e-6;

pub fn judge(wanted: &Evaluation, answer: Result<Answer, Error>) -> Verdict {
    let answer = match answer {
        Err(Error::Outside(name)) => return Verdict::Outside(name),
        Err(error) if wanted.must_fail => return failure(wanted, &error.to_string()),
        Err(error) => return Verdict::Failed(format!("failed: {error}")),
        Ok(_) if wanted.must_fail => return Verdict::Failed("expected to fail".to_owned()),
        Ok(answer) => answer,
    };
    match compare(wanted, &answer) {
        Ok(()) => Verdict::Passed,
        Err(difference) => Verdict::Failed(difference),
    }
}

fn failure(wanted: &Evaluation, message: &str) -> Verdict {
    let fits = match &wanted.message {
        None => true,
        Some((expected, false)) => expected == message,
        Some((pattern, true)) => Regex::new(pattern).is_ok_and(|p| p.is_match(message)),
    };
    if fits {
        return Verdict::Passed;
    }
    // The message is worded by whoever fails; that it fails is what counts.
    Verdict::Outside("the wording of failures".to_owned())
}

fn compare(wanted: &Evaluation, answer: &Answer) -> Result<(), String> {
    match answer {
        Answer::Scalar(values) => {
            let value = values.first().map_or(f64::NAN, |sample| sample.value);
            let expected = wanted
                .number
                .ok_or_else(|| format!("answered the number {}", number(value)))?;
            same(expected, value)
        }
        Answer::Text(text) => match &wanted.text {
            Some(expected) if expected == text => Ok(()),
            _ => Err(format!("answered the text {text:?}")),
        },
        Answer::Vector(found) => {
            let found: Vec<(Labels, Vec<Sample>)> = found
                .iter()
                .map(|(labels, sample)| (labels.clone(), vec![*sample]))
                .collect();
            if wanted.ordered {
                for (index, written) in wanted.series.iter().enumerate() {
                    let labels = found.get(index).map(|(labels, _)| labels);
                    if labels != Some(&written.labels) {
                        return Err(format!("expected {} at place {index}", written.labels));
                    }
                }
            }
            let Span::Instant(at_ms) = wanted.span else {
                return Err("answered an instant vector".to_owned());
            };
            series(&wanted.series, &found, |_| Some(at_ms))
        }
        Answer::Matrix(found) => match wanted.samples_at.unwrap_or(wanted.span) {
            Span::Range {
                start_ms, step_ms, ..
            } => series(&wanted.series, found, |step| {
                Some(start_ms + i64::try_from(step).ok()? * step_ms)
            }),
            Span::Instant(_) => Err("answered a range vector".to_owned()),
        },
    }
}

fn series(
    wanted: &[Written],
    found: &[(Labels, Vec<Sample>)],
    time: impl Fn(usize) -> Option<i64>,
) -> Result<(), String> {
    for written in wanted {
        let here = found.iter().find(|(labels, _)| *labels == written.labels);
        let (_, samples) = here.ok_or_else(|| format!("{} is missing", written.labels))?;
        let expected: Vec<Sample> = written
            .values
            .iter()
            .enumerate()
            .filter_map(|(step, value)| {
                Some(Sample {
                    at_ms: time(step)?,
                    value: (*value)?,
                })
            })
            .collect();
        if expected.len() != samples.len() {
            return Err(format!(
                "{} has {} values, expected {}",
                written.labels,
                samples.len(),
                expected.len()
            ));
        }
        for (expected, found) in expected.iter().zip(samples) {
            let place = format!(
                "{} at {} s",
                written.labels,
                float(expected.at_ms) / 1_000.0
            );
            if expected.at_ms != found.at_ms {
                return Err(format!("{place}: found one at {} ms", found.at_ms));
            }
            same(expected.value, found.value).map_err(|e| format!("{place}: {e}"))?;
        }
    }
    let unexpected = found
        .iter()
        .find(|(labels, _)| wanted.iter().all(|written| written.labels != *labels));
    match unexpected {
        Some((labels, _)) => Err(format!("{labels} is not expected")),
        None => Ok(()),
    }
}

#[expect(clippy::float_cmp, reason = "infinities are equal or not")]
fn same(expected: f64, found: f64) -> Result<(), String> {
    let close = expected == found
        || expected.is_nan() && found.is_nan()
        || (expected - found).abs() <= TOLERANCE * expected.abs().max(found.abs());
    if close {
        return Ok(());
    }
    Err(format!(
        "expected {}, found {}",
        number(expected),
        number(found)
    ))
}
