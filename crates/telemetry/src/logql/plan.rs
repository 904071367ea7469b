//! What a query asks for.

use regex::Regex;

use crate::promql::source::{Comparison, Matcher};

/// Labels of a stream.
pub const STREAM: [&str; 4] = [
    "cloud_region",
    "level",
    "service_instance_id",
    "service_name",
];

#[derive(Clone, Debug)]
pub enum Plan {
    Lines(Pipeline),
    Metric(Metric),
}

/// Streams, and what is asked of their lines.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    pub streams: Vec<Matcher>,
    pub stages: Vec<Stage>,
    /// Fields become labels of the result.
    pub extracts: bool,
}

#[derive(Clone, Debug)]
pub enum Stage {
    Contains {
        text: String,
        not: bool,
    },
    Matches {
        pattern: Regex,
        not: bool,
    },
    /// Conditions, any list of which must hold as a whole.
    Fields(Vec<Vec<Condition>>),
}

/// A condition on a field or a label.
#[derive(Clone, Debug)]
pub struct Condition {
    pub name: String,
    pub test: Test,
}

#[derive(Clone, Debug)]
pub enum Test {
    Text(Comparison, String),
    /// A number, or seconds where the value was written with a unit.
    Number(Order, f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Order {
    #[expect(clippy::float_cmp, reason = "the query language compares so")]
    pub fn holds(self, lhs: f64, rhs: f64) -> bool {
        match self {
            Self::Equal => lhs == rhs,
            Self::NotEqual => lhs != rhs,
            Self::Greater => lhs > rhs,
            Self::GreaterOrEqual => lhs >= rhs,
            Self::Less => lhs < rhs,
            Self::LessOrEqual => lhs <= rhs,
        }
    }
}

/// Figures over time.
#[derive(Clone, Debug)]
pub struct Metric {
    pub pipeline: Pipeline,
    pub range_ms: i64,
    /// Lines per second rather than lines.
    pub per_second: bool,
    pub aggregate: Option<Aggregate>,
}

#[derive(Clone, Debug)]
pub struct Aggregate {
    pub operation: Operation,
    /// Labels kept, or dropped.
    pub labels: Vec<String>,
    pub without: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Sum,
    Avg,
    Min,
    Max,
    Count,
}
