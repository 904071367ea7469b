//! Evaluation of a plan over a grid of times, series by series.

use std::sync::Arc;

use super::functions::{Work, part_of_date};
use super::grid::Grid;
use super::labels::Labels;
use super::lines::{Line, distinct, each, unique};
use super::plan::{At, Kind, Node, Selector, When};
use super::source::{Sample, Source, is_stale};
use super::windows::Window;
use super::{Answer, Error, Semantics, Settings};
use crate::numbers::float;

/// Most steps a subquery is evaluated at.
const MAX_INNER_STEPS: i64 = 200_000;
/// Most values an expression may have at once.
const MAX_VALUES: usize = 50_000_000;

/// An intermediate result.
#[derive(Clone, Debug)]
pub enum Value {
    Scalar(Vec<f64>),
    Text(String),
    Vector(Vec<Line>),
}

/// Samples of series, to be seen through windows.
pub struct Ranges {
    pub series: Vec<(Labels, Arc<Vec<Sample>>)>,
    pub range_ms: i64,
    pub when: When,
}

/// An evaluation of a query.
pub struct Evaluation<'a> {
    source: &'a dyn Source,
    pub settings: Settings,
    /// Times of the query itself, as `@ start()` and `@ end()` mean them.
    query: Grid,
    /// Times of the expression at hand: those of the query, or of a subquery.
    pub grid: Grid,
}

impl<'a> Evaluation<'a> {
    pub const fn new(source: &'a dyn Source, settings: Settings, grid: Grid) -> Self {
        Self {
            source,
            settings,
            query: grid,
            grid,
        }
    }

    /// Answer at the only time of the grid.
    pub fn instant(&self, plan: &Node) -> Result<Answer, Error> {
        let at_ms = self.grid.start_ms;
        if plan.kind() == Kind::Matrix {
            let ranges = self.ranges(plan)?;
            let (start_ms, end_ms) = self.bounds(&ranges, at_ms);
            let windows = ranges.series.into_iter().map(|(labels, samples)| {
                let inside = self.inside(&samples, start_ms, end_ms).to_vec();
                (labels, inside)
            });
            let mut found: Vec<_> = windows.filter(|(_, inside)| !inside.is_empty()).collect();
            found.sort_by(|a, b| a.0.cmp(&b.0));
            return Ok(Answer::Matrix(found));
        }
        let sample = |value| Sample { at_ms, value };
        Ok(match self.value(plan)? {
            Value::Scalar(values) => Answer::Scalar(values.into_iter().map(sample).collect()),
            Value::Text(text) => Answer::Text(text),
            Value::Vector(lines) => {
                let lines = unique(lines)?.into_iter();
                Answer::Vector(
                    lines
                        .filter_map(|line| {
                            let value = line.values.first().copied().flatten()?;
                            Some((line.labels, sample(value)))
                        })
                        .collect(),
                )
            }
        })
    }

    /// Answers at all times of the grid, in the order of labels.
    pub fn range(&self, plan: &Node) -> Result<Answer, Error> {
        let samples = |values: &[Option<f64>]| {
            let points = self.grid.times().zip(values);
            let sample =
                |(at_ms, value): (i64, &Option<f64>)| value.map(|value| Sample { at_ms, value });
            points.filter_map(sample).collect::<Vec<_>>()
        };
        match plan.kind() {
            Kind::Scalar | Kind::Vector => {}
            Kind::Matrix | Kind::Text => {
                let message = "a range query must be a scalar or an instant vector";
                return Err(Error::Text(message.to_owned()));
            }
        }
        Ok(match self.value(plan)? {
            Value::Scalar(values) => {
                let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
                Answer::Matrix(vec![(Labels::default(), samples(&values))])
            }
            Value::Text(text) => Answer::Text(text),
            Value::Vector(lines) => {
                let mut lines = unique(lines)?;
                lines.retain(|line| !line.is_empty());
                lines.sort_by(|a, b| a.labels.cmp(&b.labels));
                let lines = lines.into_iter();
                Answer::Matrix(
                    lines
                        .map(|line| {
                            let points = samples(&line.values);
                            (line.labels, points)
                        })
                        .collect(),
                )
            }
        })
    }

    /// Value of a scalar or vector expression at each step.
    pub fn value(&self, node: &Node) -> Result<Value, Error> {
        Ok(match node {
            Node::Number(number) => Value::Scalar(vec![*number; self.grid.steps]),
            Node::Text(text) => Value::Text(text.clone()),
            Node::Instant(selector) => Value::Vector(self.latest(selector, |s| s.value)?),
            Node::Range(..) | Node::Subquery { .. } => {
                let message = "a range vector is no value";
                return Err(Error::Execution(message.to_owned()));
            }
            Node::Negate(inner) => match self.value(inner)? {
                Value::Scalar(values) => Value::Scalar(values.iter().map(|v| -v).collect()),
                Value::Vector(lines) => Value::Vector(self.renamed(each(&lines, |v| -v))?),
                Value::Text(_) => {
                    let message = "a text cannot be negative";
                    return Err(Error::Execution(message.to_owned()));
                }
            },
            Node::Aggregate(aggregate) => Value::Vector(self.aggregate(aggregate)?),
            Node::Binary(binary) => self.binary(binary)?,
            Node::Call(function, arguments) => match function.work {
                Work::Each(apply) => {
                    let lines = self.vector(&arguments[0])?;
                    Value::Vector(unique(each(&lines, apply))?)
                }
                Work::Date(part) => Value::Vector(self.dates(part, arguments)?),
                Work::Window {
                    apply,
                    parameter,
                    keeps_name,
                } => {
                    let lines = self.windows(arguments, apply, parameter, keeps_name)?;
                    Value::Vector(lines)
                }
                Work::Special(special) => self.special(special, arguments)?,
            },
        })
    }

    /// Value of an expression that is an instant vector.
    pub fn vector(&self, node: &Node) -> Result<Vec<Line>, Error> {
        match self.value(node)? {
            Value::Vector(lines) => Ok(lines),
            _ => Err(Error::Execution("expected an instant vector".to_owned())),
        }
    }

    /// Value of an expression that is a scalar.
    pub fn scalar(&self, node: &Node) -> Result<Vec<f64>, Error> {
        match self.value(node)? {
            Value::Scalar(values) => Ok(values),
            _ => Err(Error::Execution("expected a scalar".to_owned())),
        }
    }

    /// Value of an expression that is a text.
    pub fn text(node: &Node) -> Result<&str, Error> {
        match node {
            Node::Text(text) => Ok(text),
            _ => Err(Error::Execution("expected a text".to_owned())),
        }
    }

    /// The time a selector looks at for a time of the grid.
    fn moment(&self, when: When, at_ms: i64) -> i64 {
        let at_ms = match when.at {
            None => at_ms,
            Some(At::Start) => self.query.start_ms,
            Some(At::End) => self.query.end_ms,
            Some(At::Ms(at_ms)) => at_ms,
        };
        at_ms.saturating_sub(when.offset_ms)
    }

    /// Earliest and latest moment a selector looks at.
    fn moments(&self, when: When) -> (i64, i64) {
        (
            self.moment(when, self.grid.start_ms),
            self.moment(when, self.grid.last_ms()),
        )
    }

    /// The latest sample of each selected series at each step, not older than the look-back.
    pub fn latest(
        &self,
        selector: &Selector,
        of: impl Fn(&Sample) -> f64,
    ) -> Result<Vec<Line>, Error> {
        let lookback_ms = self.settings.lookback_ms;
        let (first_ms, last_ms) = self.moments(selector.when);
        let oldest_ms = first_ms.saturating_sub(lookback_ms);
        let stored = self.source.select(&selector.matchers, oldest_ms, last_ms);
        self.check_size(stored.len())?;
        // Prometheus 3 leaves out a sample that is exactly as old as the look-back.
        let open = i64::from(self.settings.semantics == Semantics::Prometheus3);
        let mut lines = Vec::with_capacity(stored.len());
        for series in stored {
            let samples = &series.samples;
            let mut next = 0;
            let values = self.grid.times().map(|at_ms| {
                let moment_ms = self.moment(selector.when, at_ms);
                while samples.get(next).is_some_and(|s| s.at_ms <= moment_ms) {
                    next += 1;
                }
                let sample = next.checked_sub(1).map(|index| &samples[index])?;
                let young = sample.at_ms >= moment_ms.saturating_sub(lookback_ms) + open;
                (young && !is_stale(sample.value)).then(|| of(sample))
            });
            let line = Line {
                values: values.collect(),
                labels: series.labels,
            };
            if !line.is_empty() {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    fn check_size(&self, series: usize) -> Result<(), Error> {
        if series.saturating_mul(self.grid.steps) > MAX_VALUES {
            let message = "query processing would load too many samples into memory";
            return Err(Error::Execution(message.to_owned()));
        }
        Ok(())
    }

    /// Samples of a range selector or a subquery.
    pub fn ranges(&self, node: &Node) -> Result<Ranges, Error> {
        match node {
            Node::Range(selector, range_ms) => {
                let (first_ms, last_ms) = self.moments(selector.when);
                let oldest_ms = first_ms.saturating_sub(*range_ms);
                let stored = self.source.select(&selector.matchers, oldest_ms, last_ms);
                let series = stored.into_iter().map(|series| {
                    let stale = series.samples.iter().any(|s| is_stale(s.value));
                    let samples = if stale {
                        let live = series.samples.iter().filter(|s| !is_stale(s.value));
                        Arc::new(live.copied().collect())
                    } else {
                        series.samples
                    };
                    (series.labels, samples)
                });
                Ok(Ranges {
                    series: series.collect(),
                    range_ms: *range_ms,
                    when: selector.when,
                })
            }
            Node::Subquery {
                inner,
                range_ms,
                step_ms,
                when,
            } => {
                let step_ms = step_ms.unwrap_or(self.settings.subquery_step_ms).max(1);
                let (first_ms, last_ms) = self.moments(*when);
                let from_ms = first_ms.saturating_sub(*range_ms);
                // Steps lie at multiples of the step, wherever the query lies.
                let mut start_ms = from_ms / step_ms * step_ms;
                let open = self.settings.semantics == Semantics::Prometheus3;
                if start_ms < from_ms || open && start_ms == from_ms {
                    start_ms += step_ms;
                }
                if (last_ms - start_ms) / step_ms > MAX_INNER_STEPS {
                    let message = "query processing would load too many samples into memory";
                    return Err(Error::Execution(message.to_owned()));
                }
                let grid = Grid::spanning(start_ms, last_ms, step_ms);
                let inside = Self { grid, ..*self };
                let lines = match inside.value(inner)? {
                    Value::Vector(lines) => unique(lines)?,
                    Value::Scalar(values) => vec![Line {
                        labels: Labels::default(),
                        values: values.into_iter().map(Some).collect(),
                    }],
                    Value::Text(_) => Vec::new(),
                };
                let series = lines.into_iter().map(|line| {
                    let points = grid.times().zip(&line.values);
                    let sample = |(at_ms, value): (i64, &Option<f64>)| {
                        value.map(|value| Sample { at_ms, value })
                    };
                    let samples = points.filter_map(sample).collect();
                    (line.labels, Arc::new(samples))
                });
                Ok(Ranges {
                    series: series.collect(),
                    range_ms: *range_ms,
                    when: *when,
                })
            }
            _ => Err(Error::Execution("expected a range vector".to_owned())),
        }
    }

    /// Borders of a range at a time of the grid.
    pub fn bounds(&self, ranges: &Ranges, at_ms: i64) -> (i64, i64) {
        let end_ms = self.moment(ranges.when, at_ms);
        (end_ms.saturating_sub(ranges.range_ms), end_ms)
    }

    /// Earliest time that still lies in a range that starts at `start_ms`.
    fn earliest(&self, start_ms: i64) -> i64 {
        start_ms + i64::from(self.settings.semantics == Semantics::Prometheus3)
    }

    /// Samples within the borders of a range.
    pub fn inside<'s>(&self, samples: &'s [Sample], start_ms: i64, end_ms: i64) -> &'s [Sample] {
        let earliest_ms = self.earliest(start_ms);
        let first = samples.partition_point(|sample| sample.at_ms < earliest_ms);
        let last = samples.partition_point(|sample| sample.at_ms <= end_ms);
        samples.get(first..last).unwrap_or_default()
    }

    fn windows(
        &self,
        arguments: &[Node],
        apply: fn(&Window<'_>, f64) -> Option<f64>,
        parameter: Option<usize>,
        keeps_name: bool,
    ) -> Result<Vec<Line>, Error> {
        let range = arguments.iter().find(|node| node.kind() == Kind::Matrix);
        let range = range.ok_or_else(|| Error::Execution("expected a range vector".to_owned()))?;
        let ranges = self.ranges(range)?;
        self.check_size(ranges.series.len())?;
        let parameters = match parameter {
            Some(index) => self.scalar(&arguments[index])?,
            None => Vec::new(),
        };
        let mut lines = Vec::with_capacity(ranges.series.len());
        for (labels, samples) in &ranges.series {
            let (mut first, mut last) = (0, 0);
            let values = self.grid.times().enumerate().map(|(step, at_ms)| {
                let (start_ms, end_ms) = self.bounds(&ranges, at_ms);
                let earliest_ms = self.earliest(start_ms);
                while samples.get(last).is_some_and(|s| s.at_ms <= end_ms) {
                    last += 1;
                }
                while first < last && samples[first].at_ms < earliest_ms {
                    first += 1;
                }
                let window = Window {
                    samples: &samples[first..last],
                    start_ms,
                    end_ms,
                    at_ms,
                    semantics: self.settings.semantics,
                };
                let parameter = parameters.get(step).copied().unwrap_or(0.0);
                (first < last).then(|| apply(&window, parameter)).flatten()
            });
            let line = Line {
                values: values.collect(),
                labels: if keeps_name {
                    labels.clone()
                } else {
                    labels.nameless()
                },
            };
            if !line.is_empty() {
                lines.push(line);
            }
        }
        self.renamed(lines)
    }

    /// Lines that have lost their names. The older version refuses two that have the same labels now even if they have
    /// values at different times.
    fn renamed(&self, lines: Vec<Line>) -> Result<Vec<Line>, Error> {
        match self.settings.semantics {
            Semantics::Prometheus3 => unique(lines),
            Semantics::Prometheus2 => distinct(lines),
        }
    }

    fn dates(
        &self,
        part: fn(super::dates::Civil) -> i64,
        arguments: &[Node],
    ) -> Result<Vec<Line>, Error> {
        let lines = match arguments.first() {
            Some(argument) => self.vector(argument)?,
            None => vec![Line {
                labels: Labels::default(),
                values: self
                    .grid
                    .times()
                    .map(|at| Some(float(at) / 1_000.0))
                    .collect(),
            }],
        };
        unique(each(&lines, |seconds| part_of_date(part, seconds)))
    }
}
