//! Functions that are none of one value or one range.

use std::collections::BTreeMap;

use regex::Regex;

use super::aggregate::is_label;
use super::evaluate::{Evaluation, Value};
use super::functions::Special;
use super::histogram::{self, Bucket};
use super::labels::{LE, Labels, NAME};
use super::lines::{Line, each, unique};
use super::plan::{Node, Selector};
use super::source::Comparison;
use super::{Error, Semantics};
use crate::numbers::float;

impl Evaluation<'_> {
    pub fn special(&self, special: Special, arguments: &[Node]) -> Result<Value, Error> {
        let vector = |index: usize| self.vector(&arguments[index]);
        Ok(match special {
            Special::Pi => Value::Scalar(vec![std::f64::consts::PI; self.grid.steps]),
            Special::Time => {
                let seconds = self.grid.times().map(|at_ms| float(at_ms) / 1_000.0);
                Value::Scalar(seconds.collect())
            }
            Special::Scalar => Value::Scalar(self.single(&vector(0)?)),
            Special::Vector => {
                let values = self.scalar(&arguments[0])?.into_iter().map(Some);
                Value::Vector(vec![Line {
                    labels: Labels::default(),
                    values: values.collect(),
                }])
            }
            Special::Timestamp => Value::Vector(self.timestamps(&arguments[0])?),
            Special::Absent => Value::Vector(self.absent(&vector(0)?, labels_of(&arguments[0]))),
            Special::AbsentOverTime => Value::Vector(self.absent_over_time(&arguments[0])?),
            Special::Clamp => {
                let (low, high) = (self.scalar(&arguments[1])?, self.scalar(&arguments[2])?);
                Self::clamped(&vector(0)?, &low, &high)?
            }
            Special::ClampMin => {
                let high = vec![f64::INFINITY; self.grid.steps];
                Self::clamped(&vector(0)?, &self.scalar(&arguments[1])?, &high)?
            }
            Special::ClampMax => {
                let low = vec![f64::NEG_INFINITY; self.grid.steps];
                Self::clamped(&vector(0)?, &low, &self.scalar(&arguments[1])?)?
            }
            Special::Round => {
                let nearest = match arguments.get(1) {
                    Some(node) => self.scalar(node)?,
                    None => vec![1.0; self.grid.steps],
                };
                let rounded = by_step(&vector(0)?, |step, value| {
                    // The inverse keeps decimals like 0.1 exact where they can be.
                    let inverse = 1.0 / nearest[step];
                    Some((value * inverse + 0.5).floor() / inverse)
                });
                Value::Vector(unique(rounded)?)
            }
            Special::Sort => Value::Vector(sorted(vector(0)?, false)),
            Special::SortDescending => Value::Vector(sorted(vector(0)?, true)),
            Special::HistogramQuantile => {
                let shares = self.scalar(&arguments[0])?;
                Value::Vector(self.histogram_quantile(&shares, &vector(1)?)?)
            }
            Special::LabelReplace => Value::Vector(self.label_replace(arguments)?),
            Special::LabelJoin => Value::Vector(self.label_join(arguments)?),
        })
    }

    fn single(&self, lines: &[Line]) -> Vec<f64> {
        let at = |step: usize| {
            let mut present = lines.iter().filter_map(|line| line.values[step]);
            match (present.next(), present.next()) {
                (Some(only), None) => only,
                _ => f64::NAN,
            }
        };
        (0..self.grid.steps).map(at).collect()
    }

    /// Times of the samples themselves where a selector is asked for them, else of the steps.
    fn timestamps(&self, argument: &Node) -> Result<Vec<Line>, Error> {
        if let Node::Instant(selector) = argument {
            let lines = self.latest(selector, |sample| float(sample.at_ms) / 1_000.0)?;
            return unique(each(&lines, |seconds| seconds));
        }
        let lines = self.vector(argument)?;
        let times: Vec<i64> = self.grid.times().collect();
        unique(by_step(&lines, |step, _| {
            Some(float(times[step]) / 1_000.0)
        }))
    }

    fn absent(&self, lines: &[Line], labels: Labels) -> Vec<Line> {
        let missing = |step: usize| {
            let present = lines.iter().any(|line| line.values[step].is_some());
            (!present).then_some(1.0)
        };
        let values = (0..self.grid.steps).map(missing).collect();
        let line = Line { labels, values };
        if line.is_empty() {
            return Vec::new();
        }
        vec![line]
    }

    fn absent_over_time(&self, argument: &Node) -> Result<Vec<Line>, Error> {
        let ranges = self.ranges(argument)?;
        let lines = ranges.series.iter().map(|(labels, samples)| {
            let values = self.grid.times().map(|at_ms| {
                let (start_ms, end_ms) = self.bounds(&ranges, at_ms);
                (!self.inside(samples, start_ms, end_ms).is_empty()).then_some(1.0)
            });
            Line {
                labels: labels.clone(),
                values: values.collect(),
            }
        });
        let lines: Vec<Line> = lines.collect();
        Ok(self.absent(&lines, labels_of(argument)))
    }

    fn clamped(lines: &[Line], low: &[f64], high: &[f64]) -> Result<Value, Error> {
        let clamped = by_step(lines, |step, value| {
            let (low, high) = (low[step], high[step]);
            if low > high {
                return None;
            }
            let bound = low.is_nan() || high.is_nan() || value.is_nan();
            Some(if bound {
                f64::NAN
            } else {
                value.min(high).max(low)
            })
        });
        unique(clamped).map(Value::Vector)
    }

    /// Histograms of different names are different ones, although the result has none.
    fn histogram_quantile(&self, shares: &[f64], lines: &[Line]) -> Result<Vec<Line>, Error> {
        let mut groups: BTreeMap<(&str, Labels), Vec<(f64, &Line)>> = BTreeMap::new();
        for line in lines {
            let Some(bound) = bound(line.labels.get(LE)) else {
                continue;
            };
            let key = line.labels.without(&[LE.to_owned()]);
            let name = line.labels.get(NAME);
            groups.entry((name, key)).or_default().push((bound, line));
        }
        let mut buckets: Vec<Bucket> = Vec::new();
        let quantiles = groups.into_iter().map(|((_, labels), members)| {
            let values = shares.iter().enumerate().map(|(step, &share)| {
                buckets.clear();
                let present = members.iter();
                buckets
                    .extend(present.filter_map(|(bound, line)| Some((*bound, line.values[step]?))));
                (!buckets.is_empty())
                    .then(|| histogram::quantile(share, &mut buckets, self.settings.semantics))
            });
            let values = values.collect();
            Line { labels, values }
        });
        unique(quantiles.filter(|line| !line.is_empty()).collect())
    }

    fn label_replace(&self, arguments: &[Node]) -> Result<Vec<Line>, Error> {
        let [vector, target, replacement, source, pattern] = arguments else {
            return Err(Error::Execution(
                "label_replace takes five arguments".to_owned(),
            ));
        };
        let (target, replacement) = (Self::text(target)?, Self::text(replacement)?);
        let (source, pattern) = (Self::text(source)?, Self::text(pattern)?);
        let lines = self.vector(vector)?;
        let flags = match self.settings.semantics {
            Semantics::Prometheus3 => "s",
            Semantics::Prometheus2 => "",
        };
        let compiled = Regex::new(&format!("^(?{flags}:{pattern})$")).map_err(|_| {
            let message = format!("invalid regular expression in label_replace(): {pattern}");
            Error::Execution(message)
        })?;
        if !is_label(target, self.settings.semantics) {
            let message = format!("invalid destination label name in label_replace(): {target}");
            return Err(Error::Execution(message));
        }
        let replaced = lines.into_iter().map(|line| {
            let Some(captures) = compiled.captures(line.labels.get(source)) else {
                return line;
            };
            let mut value = String::new();
            captures.expand(replacement, &mut value);
            Line {
                labels: line.labels.with(target, &value),
                values: line.values,
            }
        });
        unique(replaced.collect())
    }

    fn label_join(&self, arguments: &[Node]) -> Result<Vec<Line>, Error> {
        let [vector, target, separator, sources @ ..] = arguments else {
            return Err(Error::Execution(
                "label_join takes three arguments".to_owned(),
            ));
        };
        let (target, separator) = (Self::text(target)?, Self::text(separator)?);
        let sources: Result<Vec<&str>, Error> = sources.iter().map(Self::text).collect();
        let sources = sources?;
        let mut names = sources.iter();
        if let Some(invalid) = names.find(|name| !is_label(name, self.settings.semantics)) {
            let message = format!("invalid source label name in label_join(): {invalid}");
            return Err(Error::Execution(message));
        }
        if !is_label(target, self.settings.semantics) {
            let message = format!("invalid destination label name in label_join(): {target}");
            return Err(Error::Execution(message));
        }
        let joined = self.vector(vector)?.into_iter().map(|line| {
            let values: Vec<&str> = sources.iter().map(|name| line.labels.get(name)).collect();
            Line {
                labels: line.labels.with(target, &values.join(separator)),
                values: line.values,
            }
        });
        unique(joined.collect())
    }
}

/// Lines with a value, or none, made of each of theirs.
fn by_step(lines: &[Line], apply: impl Fn(usize, f64) -> Option<f64>) -> Vec<Line> {
    let changed = lines.iter().map(|line| {
        let values = line.values.iter().enumerate();
        Line {
            labels: line.labels.nameless(),
            values: values.map(|(step, value)| apply(step, (*value)?)).collect(),
        }
    });
    changed.filter(|line| !line.is_empty()).collect()
}

/// In the order of their values at the only step; NaN comes last either way. In a range query order has no meaning.
fn sorted(mut lines: Vec<Line>, descending: bool) -> Vec<Line> {
    let value = |line: &Line| line.values.first().copied().flatten().unwrap_or(f64::NAN);
    lines.sort_by(|a, b| {
        let (a, b) = (value(a), value(b));
        match (a.is_nan(), b.is_nan()) {
            (true, true) => std::cmp::Ordering::Equal,
            (true, false) => std::cmp::Ordering::Greater,
            (false, true) => std::cmp::Ordering::Less,
            _ if descending => b.total_cmp(&a),
            _ => a.total_cmp(&b),
        }
    });
    lines
}

/// Upper bound of a bucket.
fn bound(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok().filter(|bound: &f64| !bound.is_nan()),
    }
}

/// The labels a missing series would have, as far as its selector says.
fn labels_of(node: &Node) -> Labels {
    let (Node::Instant(selector) | Node::Range(selector, _)) = node else {
        return Labels::default();
    };
    let Selector { matchers, .. } = selector;
    let equal = matchers.iter().filter(|matcher| {
        let others = matchers.iter().filter(|other| other.name == matcher.name);
        matcher.name != NAME
            && matches!(matcher.comparison, Comparison::Equal)
            && others.count() == 1
    });
    Labels::new(equal.map(|matcher| (matcher.name.as_str(), matcher.value.as_str())))
}
