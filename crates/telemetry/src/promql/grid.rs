//! Times at which a query is evaluated.

use super::{Error, MAX_POINTS};

/// Times a query is evaluated at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub start_ms: i64,
    pub step_ms: i64,
    /// Number of times, at least one but for an empty subquery.
    pub steps: usize,
    /// The end that was asked for, at or after the last of the times.
    pub end_ms: i64,
}

impl Grid {
    pub const fn point(at_ms: i64) -> Self {
        Self {
            start_ms: at_ms,
            step_ms: 1,
            steps: 1,
            end_ms: at_ms,
        }
    }

    /// # Errors
    /// Without a positive step, for an end before the start, and for too many points.
    pub fn new(start_ms: i64, end_ms: i64, step_ms: i64) -> Result<Self, Error> {
        if step_ms <= 0 {
            let message = "zero or negative query resolution step widths are not accepted";
            return Err(Error::Text(message.to_owned()));
        }
        if end_ms < start_ms {
            let message = "the end of a range must not be before its start";
            return Err(Error::Text(message.to_owned()));
        }
        let steps = (end_ms - start_ms) / step_ms + 1;
        if steps > MAX_POINTS {
            return Err(Error::Text(format!(
                "the range has {steps} points for each series, at most {MAX_POINTS} are answered"
            )));
        }
        Ok(Self::spanning(start_ms, end_ms, step_ms))
    }

    pub fn spanning(start_ms: i64, end_ms: i64, step_ms: i64) -> Self {
        let steps = if end_ms < start_ms {
            0
        } else {
            (end_ms - start_ms) / step_ms + 1
        };
        Self {
            start_ms,
            step_ms,
            steps: usize::try_from(steps).unwrap_or(0),
            end_ms,
        }
    }

    pub fn times(self) -> impl ExactSizeIterator<Item = i64> + Clone {
        (0..self.steps).map(move |index| self.time(index))
    }

    fn time(self, index: usize) -> i64 {
        self.start_ms + i64::try_from(index).unwrap_or(0) * self.step_ms
    }

    pub fn last_ms(self) -> i64 {
        self.time(self.steps.saturating_sub(1))
    }
}
