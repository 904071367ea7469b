//! Answers to queries.

use std::collections::BTreeMap;

use brownout_sim::blueprint::{Blueprint, SECOND_NS};
use brownout_sim::ids::InstanceId;

use super::plan::{Aggregate, Condition, Metric, Operation, Pipeline, Plan, Stage, Test};
use super::{Answer, Error, Query, fields};
use crate::exposition::Directory;
use crate::logs::{Level, LogLine, Logs};
use crate::numbers::{count, float};
use crate::promql::MAX_POINTS;
use crate::promql::labels::Labels;
use crate::promql::source::{Comparison, Matcher, Sample};

/// The logs of a run.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) directory: &'a Directory,
    pub(crate) logs: &'a Logs,
    /// Simulated time 0, in milliseconds since the Unix epoch.
    pub(crate) start_ms: i64,
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Simulated time the collector got it.
    pub at_ns: u64,
    /// Its stream, and its fields where the query makes labels of them.
    pub labels: Labels,
    /// Its text.
    pub text: String,
}

/// Lines that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The latest of them, oldest first.
    pub entries: Vec<Entry>,
    /// All of them, those beyond the limit included.
    pub matched: u64,
    /// Lines of the streams that were not kept because there were too many of their kind in a second.
    pub suppressed: u64,
}

const LEVELS: [Level; 3] = [Level::Info, Level::Warn, Level::Error];

const fn word(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// Which streams are asked for: by instance and level.
struct Streams(Vec<[bool; 3]>);

impl Streams {
    fn has(&self, instance: InstanceId, level: Level) -> bool {
        self.0
            .get(instance.index())
            .is_some_and(|levels| levels[level as usize])
    }
}

impl Lines<'_> {
    fn streams(&self, matchers: &[Matcher]) -> Streams {
        let instances = (0..self.directory.instances()).map(InstanceId::from_index);
        let wanted = |instance: InstanceId| {
            LEVELS.map(|level| {
                matchers.iter().all(|matcher| {
                    matcher.accepts(self.stream_label(instance, level, &matcher.name))
                })
            })
        };
        Streams(instances.map(wanted).collect())
    }

    fn stream_label(&self, instance: InstanceId, level: Level, name: &str) -> &str {
        match name {
            "cloud_region" => self.directory.region(instance),
            "level" => word(level),
            "service_instance_id" => self.directory.instance(instance),
            "service_name" => self.directory.service(self.directory.service_of(instance)),
            _ => "",
        }
    }

    fn labels(&self, line: &LogLine, extracts: bool) -> Labels {
        let level = line.message.level();
        let stream = super::plan::STREAM.map(|name| {
            (
                name.to_owned(),
                self.stream_label(line.instance, level, name).to_owned(),
            )
        });
        let mut pairs: Vec<(String, String)> = stream.to_vec();
        if extracts {
            fields::of(self.logs, self.blueprint, line, &mut |name, field| {
                pairs.push((name.to_owned(), field.text().into_owned()));
            });
        }
        Labels::new(pairs)
    }

    /// Whether a line fulfils all stages. `text` is where it is written to be looked at, and holds it afterwards if any
    /// stage did.
    fn passes(&self, stages: &[Stage], line: &LogLine, text: &mut String) -> bool {
        let mut written = false;
        stages.iter().all(|stage| {
            if !written && !matches!(stage, Stage::Fields(_)) {
                text.clear();
                self.logs.write(self.blueprint, line, text);
                written = true;
            }
            match stage {
                Stage::Contains { text: part, not } => text.contains(part.as_str()) != *not,
                Stage::Matches { pattern, not } => pattern.is_match(text) != *not,
                Stage::Fields(any) => any
                    .iter()
                    .any(|all| all.iter().all(|condition| self.holds(condition, line))),
            }
        })
    }

    fn holds(&self, condition: &Condition, line: &LogLine) -> bool {
        let stream = self.stream_label(line.instance, line.message.level(), &condition.name);
        let compares = |comparison: &Comparison, value: &String, found: &str| match comparison {
            Comparison::Equal => value == found,
            Comparison::NotEqual => value != found,
            Comparison::Matches(pattern) => pattern.is_match(found),
            Comparison::MatchesNot(pattern) => !pattern.is_match(found),
        };
        // A field that is not there is empty, and no number.
        let mut holds = match &condition.test {
            Test::Text(comparison, value) => compares(comparison, value, stream),
            Test::Number(..) => false,
        };
        fields::of(self.logs, self.blueprint, line, &mut |name, field| {
            if name == condition.name {
                holds = match (&condition.test, &field) {
                    (Test::Text(comparison, value), field) => {
                        compares(comparison, value, &field.text())
                    }
                    (
                        Test::Number(order, value),
                        fields::Field::Number(found) | fields::Field::Duration(found),
                    ) => order.holds(*found, *value),
                    (Test::Number(order, value), fields::Field::Text(text)) => text
                        .parse()
                        .is_ok_and(|found: f64| order.holds(found, *value)),
                };
            }
        });
        holds
    }

    /// Calls `take` with every line of `(from_ns, to_ns]` that fulfils a query.
    fn scan(
        &self,
        pipeline: &Pipeline,
        (from_ns, to_ns): (u64, u64),
        mut take: impl FnMut(&LogLine),
    ) {
        let streams = self.streams(&pipeline.streams);
        let mut text = String::new();
        for line in self.logs.between(from_ns, to_ns) {
            if streams.has(line.instance, line.message.level())
                && self.passes(&pipeline.stages, line, &mut text)
            {
                take(line);
            }
        }
    }

    /// The latest lines of `(from_ns, to_ns]`, at most `limit` of them.
    ///
    /// # Errors
    /// If the query asks for figures.
    pub fn find(&self, query: &Query, span: (u64, u64), limit: usize) -> Result<Found, Error> {
        let Plan::Lines(pipeline) = &query.plan else {
            let message = "this query asks for figures, not for lines";
            return Err(Error::Execution(message.to_owned()));
        };
        let mut found: Vec<LogLine> = Vec::new();
        self.scan(pipeline, span, |line| found.push(*line));
        let first = found.len().saturating_sub(limit);
        let entries = found[first..].iter().map(|line| {
            let mut text = String::new();
            self.logs.write(self.blueprint, line, &mut text);
            Entry {
                at_ns: line.at_ns,
                labels: self.labels(line, pipeline.extracts),
                text,
            }
        });
        let streams = self.streams(&pipeline.streams);
        Ok(Found {
            entries: entries.collect(),
            matched: found.len() as u64,
            suppressed: self.suppressed(&streams, span, |_, _, _| {}),
        })
    }

    /// Lines of streams that were not kept, in all and one by one.
    fn suppressed(
        &self,
        streams: &Streams,
        (from_ns, to_ns): (u64, u64),
        mut take: impl FnMut(u64, (InstanceId, Level), u64),
    ) -> u64 {
        let mut sum = 0;
        for row in self.logs.dropped_lines() {
            let at_ns = u64::from(row.second) * SECOND_NS;
            let inside = at_ns + SECOND_NS > from_ns && at_ns < to_ns;
            if inside && streams.has(row.instance, row.level) {
                sum += u64::from(row.count);
                take(at_ns, (row.instance, row.level), u64::from(row.count));
            }
        }
        sum
    }

    /// Figures at one time, in Unix milliseconds.
    ///
    /// # Errors
    /// If the query asks for lines.
    pub fn instant(&self, query: &Query, at_ms: i64) -> Result<Answer, Error> {
        let figures = self.figures(query, &[at_ms])?;
        let vector = figures.into_iter().filter_map(|(labels, values)| {
            let value = values.first().copied().flatten()?;
            Some((labels, Sample { at_ms, value }))
        });
        Ok(Answer::Vector(vector.collect()))
    }

    /// Figures from one time to another, every `step_ms`.
    ///
    /// # Errors
    /// As [`Lines::instant`], and for a range without points or with too many.
    pub fn range(
        &self,
        query: &Query,
        (start_ms, end_ms): (i64, i64),
        step_ms: i64,
    ) -> Result<Answer, Error> {
        if step_ms <= 0 || end_ms < start_ms {
            let message = "a range needs an end after its start and a step above 0";
            return Err(Error::Text(message.to_owned()));
        }
        let steps = (end_ms - start_ms) / step_ms + 1;
        if steps > MAX_POINTS {
            let message =
                format!("the range has {steps} points, at most {MAX_POINTS} are answered");
            return Err(Error::Text(message));
        }
        let times: Vec<i64> = (0..steps).map(|step| start_ms + step * step_ms).collect();
        let figures = self.figures(query, &times)?.into_iter();
        let matrix = figures.map(|(labels, values)| {
            let points = times.iter().zip(values);
            let sample =
                |(&at_ms, value): (&i64, Option<f64>)| value.map(|value| Sample { at_ms, value });
            (labels, points.filter_map(sample).collect())
        });
        Ok(Answer::Matrix(matrix.collect()))
    }

    fn ns(&self, at_ms: i64) -> u64 {
        u64::try_from(at_ms.saturating_sub(self.start_ms))
            .unwrap_or(0)
            .saturating_mul(1_000_000)
    }

    fn figures(
        &self,
        query: &Query,
        times: &[i64],
    ) -> Result<BTreeMap<Labels, Vec<Option<f64>>>, Error> {
        let Plan::Metric(metric) = &query.plan else {
            let message = "this query asks for lines, not for figures";
            return Err(Error::Execution(message.to_owned()));
        };
        let (Some(&first_ms), Some(&last_ms)) = (times.first(), times.last()) else {
            return Ok(BTreeMap::new());
        };
        let span = (self.ns(first_ms - metric.range_ms), self.ns(last_ms));
        // Times and numbers of lines, by labels, in the order of time.
        let mut counted: BTreeMap<Labels, Vec<(u64, u64)>> = BTreeMap::new();
        let mut cache: BTreeMap<(InstanceId, u8), Labels> = BTreeMap::new();
        let extracts = metric.pipeline.extracts;
        self.scan(&metric.pipeline, span, |line| {
            let labels = if extracts {
                self.labels(line, true)
            } else {
                let key = (line.instance, line.message.level() as u8);
                let labels = cache.entry(key).or_insert_with(|| self.labels(line, false));
                labels.clone()
            };
            counted.entry(labels).or_default().push((line.at_ns, 1));
        });
        // Without a test of the line every one counts, kept or not.
        if metric.pipeline.stages.is_empty() && !extracts {
            let streams = self.streams(&metric.pipeline.streams);
            self.suppressed(&streams, span, |at_ns, (instance, level), lines| {
                let pairs = super::plan::STREAM
                    .map(|name| (name, self.stream_label(instance, level, name).to_owned()));
                counted
                    .entry(Labels::new(pairs))
                    .or_default()
                    .push((at_ns, lines));
            });
            for lines in counted.values_mut() {
                lines.sort_unstable();
            }
        }
        let windows = counted.into_iter().map(|(labels, lines)| {
            let values = times.iter().map(|&at_ms| {
                let (from_ns, to_ns) = (self.ns(at_ms - metric.range_ms), self.ns(at_ms));
                let first = lines.partition_point(|(at_ns, _)| *at_ns <= from_ns);
                let last = lines.partition_point(|(at_ns, _)| *at_ns <= to_ns);
                let number: u64 = lines.get(first..last)?.iter().map(|(_, n)| n).sum();
                let number = float(i64::try_from(number).unwrap_or(i64::MAX));
                (first < last).then(|| {
                    if metric.per_second {
                        number / (float(metric.range_ms) / 1_000.0)
                    } else {
                        number
                    }
                })
            });
            (labels, values.collect())
        });
        let windows: BTreeMap<Labels, Vec<Option<f64>>> = windows.collect();
        Ok(aggregated(metric, windows, times.len()))
    }
}

fn aggregated(
    metric: &Metric,
    figures: BTreeMap<Labels, Vec<Option<f64>>>,
    steps: usize,
) -> BTreeMap<Labels, Vec<Option<f64>>> {
    let Some(Aggregate {
        operation,
        labels: names,
        without,
    }) = &metric.aggregate
    else {
        return figures;
    };
    let mut groups: BTreeMap<Labels, Vec<Vec<Option<f64>>>> = BTreeMap::new();
    for (labels, values) in figures {
        let key = if *without {
            labels.without(names)
        } else {
            labels.only(names)
        };
        groups.entry(key).or_default().push(values);
    }
    let reduced = groups.into_iter().map(|(labels, members)| {
        let at = |step: usize| {
            let present: Vec<f64> = members.iter().filter_map(|values| values[step]).collect();
            let sum: f64 = present.iter().sum();
            let number = count(present.len());
            (!present.is_empty()).then(|| match operation {
                Operation::Sum => sum,
                Operation::Avg => sum / number,
                Operation::Min => present.iter().copied().fold(f64::INFINITY, f64::min),
                Operation::Max => present.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                Operation::Count => number,
            })
        };
        (labels, (0..steps).map(at).collect())
    });
    reduced.collect()
}
