//! The public test-script format of Prometheus: samples to load, queries and what they must answer.

mod judge;
mod notation;
mod read;

use std::cell::Cell;
use std::sync::Arc;

use super::labels::Labels;
use super::source::{Held, Matcher, Sample, Source, Stored};
use super::{Query, Settings};
use notation::Written;
use read::{Command, Evaluation, Span};

/// What became of one query of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It answered what it must.
    Passed,
    /// It did not: why.
    Failed(String),
    /// It needs something that is not supported, by its name.
    Outside(String),
}

/// A query of a script.
#[derive(Clone, Debug)]
pub struct Case {
    /// Line, from 1.
    pub line: usize,
    /// Its text.
    pub query: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Line, from 1.
    pub line: usize,
    /// What was expected.
    pub message: String,
}

/// Runs a script.
///
/// # Errors
/// If it cannot be read.
pub fn run(text: &str, settings: Settings) -> Result<Vec<Case>, Unreadable> {
    let mut storage = Storage::default();
    let mut cases = Vec::new();
    for command in read::script(text)? {
        match command {
            Command::Clear => storage = Storage::default(),
            Command::Load { step_ms, series } => {
                for written in series {
                    storage.load(written, step_ms);
                }
            }
            Command::Outside { line, name } => storage.all_outside(line, name),
            Command::Evaluate(evaluation) => cases.push(Case {
                verdict: verdict(&evaluation, &storage, settings),
                line: evaluation.line,
                query: evaluation.query,
            }),
        }
    }
    Ok(cases)
}

fn verdict(evaluation: &Evaluation, storage: &Storage, settings: Settings) -> Verdict {
    if let Some(name) = storage.outside {
        return Verdict::Outside(name.to_owned());
    }
    storage.touched.set(None);
    let answer = Query::new(&evaluation.query, settings).and_then(|query| match evaluation.span {
        Span::Instant(at_ms) => query.instant(storage, at_ms),
        Span::Range {
            start_ms,
            end_ms,
            step_ms,
        } => query.range(storage, start_ms, end_ms, step_ms),
    });
    if let Some(name) = storage.touched.get() {
        return Verdict::Outside(name.to_owned());
    }
    if let Some(name) = &evaluation.outside {
        return Verdict::Outside(name.clone());
    }
    judge::judge(evaluation, answer)
}

/// The samples loaded so far, and which of the series are outside of what is supported.
#[derive(Debug, Default)]
struct Storage {
    held: Held,
    unsupported: Vec<(Labels, &'static str)>,
    /// Everything is, since a load that cannot be made.
    outside: Option<&'static str>,
    /// Whether a query has asked for one of the unsupported.
    touched: Cell<Option<&'static str>>,
}

impl Storage {
    fn all_outside(&mut self, _line: usize, name: &'static str) {
        self.outside = Some(name);
    }

    fn load(&mut self, written: Written, step_ms: i64) {
        if let Some(name) = written.outside {
            self.unsupported.push((written.labels, name));
            return;
        }
        let times = (0..).map(|index: i64| index * step_ms);
        let samples = times.zip(&written.values);
        let samples =
            samples.filter_map(|(at_ms, value)| value.map(|value| Sample { at_ms, value }));
        let known = self.held.0.iter_mut().find(|s| s.labels == written.labels);
        let Some(known) = known else {
            self.held.0.push(Stored {
                samples: Arc::new(samples.collect()),
                labels: written.labels,
            });
            return;
        };
        let mut all = (*known.samples).clone();
        all.extend(samples);
        all.sort_by_key(|sample| sample.at_ms);
        known.samples = Arc::new(all);
    }
}

impl Source for Storage {
    fn select(&self, matchers: &[Matcher], from_ms: i64, to_ms: i64) -> Vec<Stored> {
        let accepted = |labels: &Labels| {
            matchers
                .iter()
                .all(|matcher| matcher.accepts(labels.get(&matcher.name)))
        };
        if let Some((_, name)) = self.unsupported.iter().find(|(labels, _)| accepted(labels)) {
            self.touched.set(Some(name));
        }
        self.held.select(matchers, from_ms, to_ms)
    }
}
