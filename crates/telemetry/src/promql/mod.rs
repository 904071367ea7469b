//! The query language of Prometheus over whatever holds series.
//!
//! Text is parsed by `promql-parser` and turned into a plan; the plan is evaluated here. Two versions of the semantics are
//! known: what Prometheus 3 does, and what 2.42 does, for comparison with Debian's. Native histograms and what belongs to
//! them are outside, and refused by name.

mod aggregate;
mod binary;
mod dates;
mod evaluate;
mod functions;
mod grid;
mod histogram;
pub mod labels;
mod lines;
mod plan;
mod refuse;
pub mod script;
pub mod source;
mod special;
mod windows;

use std::fmt;

use labels::Labels;
use source::{Sample, Source};

/// Longest text of a query, in bytes: the parser's time grows with its square.
pub const MAX_TEXT: usize = 4 * 1024;
/// Deepest nesting of a query.
pub const MAX_DEPTH: usize = 64;
/// Most points of each series a range query may ask for; the limit Prometheus has.
pub const MAX_POINTS: i64 = 11_000;
/// How long a series is taken to last after its latest sample, in milliseconds.
pub const LOOKBACK_MS: i64 = 5 * 60 * 1_000;
/// Step of a subquery that names none, in milliseconds: the usual evaluation interval.
pub const SUBQUERY_STEP_MS: i64 = 60 * 1_000;

/// Whose semantics a query has where versions differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Semantics {
    /// Prometheus 3: ranges are open on the left, sums are compensated.
    #[default]
    Prometheus3,
    /// Prometheus 2.42: ranges are closed on both sides.
    Prometheus2,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The text is no query.
    Text(String),
    /// The text asks for something that is not part of what is supported here, by its name.
    Outside(String),
    /// The query cannot be answered from these series.
    Execution(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(message) | Self::Execution(message) => write!(f, "{message}"),
            Self::Outside(name) => write!(f, "{name} is not supported"),
        }
    }
}

impl std::error::Error for Error {}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A number; of a range query one for each step.
    Scalar(Vec<Sample>),
    /// A text.
    Text(String),
    /// Series with one value each.
    Vector(Vec<(Labels, Sample)>),
    /// Series with many.
    Matrix(Vec<(Labels, Vec<Sample>)>),
}

/// Settings of an engine that differ between installations.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Version.
    pub semantics: Semantics,
    /// How long a series lasts after its latest sample, in milliseconds.
    pub lookback_ms: i64,
    /// Step of a subquery that names none, in milliseconds.
    pub subquery_step_ms: i64,
}

impl From<Semantics> for Settings {
    fn from(semantics: Semantics) -> Self {
        Self {
            semantics,
            lookback_ms: LOOKBACK_MS,
            subquery_step_ms: SUBQUERY_STEP_MS,
        }
    }
}

/// A query that has been understood.
#[derive(Clone, Debug)]
pub struct Query {
    plan: plan::Node,
    settings: Settings,
}

impl Query {
    /// Understands a query.
    ///
    /// # Errors
    /// [`Error::Text`] if it is none, [`Error::Outside`] if it asks for something that is not supported.
    pub fn new(text: &str, settings: impl Into<Settings>) -> Result<Self, Error> {
        let settings = settings.into();
        let plan = plan::parse(text, settings.semantics)?;
        Ok(Self { plan, settings })
    }

    /// The answer at one time, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`Error::Execution`], for example if two series match where one must.
    pub fn instant(&self, source: &dyn Source, at_ms: i64) -> Result<Answer, Error> {
        let grid = grid::Grid::point(at_ms);
        let evaluation = evaluate::Evaluation::new(source, self.settings, grid);
        evaluation.instant(&self.plan)
    }

    /// The answers from `start_ms` to `end_ms` inclusive, every `step_ms`.
    ///
    /// # Errors
    /// As [`Query::instant`]; also without a step, for an end before the start, and above [`MAX_POINTS`].
    pub fn range(
        &self,
        source: &dyn Source,
        start_ms: i64,
        end_ms: i64,
        step_ms: i64,
    ) -> Result<Answer, Error> {
        let grid = grid::Grid::new(start_ms, end_ms, step_ms)?;
        let evaluation = evaluate::Evaluation::new(source, self.settings, grid);
        evaluation.range(&self.plan)
    }
}

/// Names of all functions there are.
pub fn functions() -> impl Iterator<Item = &'static str> {
    functions::names()
}

/// A number as the query language's interfaces write it: shortest digits that mean it, never an exponent.
#[must_use]
pub fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        value.to_string()
    }
}
