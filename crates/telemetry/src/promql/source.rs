//! Where a query's samples come from.

use std::sync::Arc;

use regex::Regex;

use super::labels::Labels;

/// The value that says a series has ended: a NaN of its own, told from all others by its bits.
pub const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Whether a value is [`STALE`].
#[must_use]
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE.to_bits()
}

/// A sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Value.
    pub value: f64,
}

/// A stored series.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its labels, the metric's name among them.
    pub labels: Labels,
    /// Its samples in the order of time, [`STALE`] where it ended.
    pub samples: Arc<Vec<Sample>>,
}

/// How a label is compared.
#[derive(Clone, Debug)]
pub enum Comparison {
    /// Is this.
    Equal,
    /// Is not this.
    NotEqual,
    /// The whole of it matches.
    Matches(Regex),
    /// It does not.
    MatchesNot(Regex),
}

/// A condition on one label.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// Label.
    pub name: String,
    /// Comparison.
    pub comparison: Comparison,
    /// With what.
    pub value: String,
}

impl Matcher {
    /// Whether a value of the label satisfies it. A missing label is empty.
    #[must_use]
    pub fn accepts(&self, value: &str) -> bool {
        match &self.comparison {
            Comparison::Equal => self.value == value,
            Comparison::NotEqual => self.value != value,
            Comparison::Matches(pattern) => pattern.is_match(value),
            Comparison::MatchesNot(pattern) => !pattern.is_match(value),
        }
    }
}

/// Something that holds series.
pub trait Source {
    /// Series that satisfy all matchers, with at least their samples in `[from_ms, to_ms]`, in the order of their labels.
    fn select(&self, matchers: &[Matcher], from_ms: i64, to_ms: i64) -> Vec<Stored>;
}

/// Series held as they are, for tests and for files.
#[derive(Clone, Debug, Default)]
pub struct Held(pub Vec<Stored>);

impl Source for Held {
    fn select(&self, matchers: &[Matcher], _from_ms: i64, _to_ms: i64) -> Vec<Stored> {
        let accepted = |stored: &&Stored| {
            matchers
                .iter()
                .all(|matcher| matcher.accepts(stored.labels.get(&matcher.name)))
        };
        let mut found: Vec<Stored> = self.0.iter().filter(accepted).cloned().collect();
        found.sort_by(|a, b| a.labels.cmp(&b.labels));
        found
    }
}
