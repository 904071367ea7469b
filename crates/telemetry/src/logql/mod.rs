//! A part of Loki's query language over the log lines of a run.
//!
//! `{service_name="checkout", level="error"} |= "timeout" | status >= 500` gives lines; `count_over_time` and `rate` of
//! such, summed by labels, give figures. Every field of a line can be asked for as it stands; `| json` makes fields labels
//! of the result, as it does with lines that are JSON.

mod evaluate;
mod fields;
mod parse;
mod plan;

pub use crate::promql::{Answer, Error};
pub use evaluate::{Entry, Found, Lines};
pub use fields::NAMES as FIELD_NAMES;
use plan::Plan;

/// Longest text of a query, in bytes.
pub const MAX_TEXT: usize = 4 * 1024;

/// A query that has been understood.
#[derive(Clone, Debug)]
pub struct Query {
    plan: Plan,
}

impl Query {
    /// Understands a query.
    ///
    /// # Errors
    /// [`Error::Text`] with the place in the text if it is none; [`Error::Outside`] if it asks for a part of the language
    /// that is not supported, by its name.
    pub fn new(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_TEXT {
            let message = format!(
                "the query has {} bytes, at most {MAX_TEXT} are read",
                text.len()
            );
            return Err(Error::Text(message));
        }
        parse::parse(text).map(|plan| Self { plan })
    }

    /// Whether it answers with figures rather than lines.
    #[must_use]
    pub const fn is_metric(&self) -> bool {
        matches!(self.plan, Plan::Metric(_))
    }
}
