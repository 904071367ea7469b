//! Functions of the samples in a range.

use super::Semantics;
use super::source::Sample;
use crate::numbers::{count, float};

/// The samples of one series in one range.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// At least one.
    pub samples: &'a [Sample],
    pub start_ms: i64,
    pub end_ms: i64,
    /// Time the query is evaluated at.
    pub at_ms: i64,
    pub semantics: Semantics,
}

/// A sum with what rounding lost of it kept apart (Neumaier's form of Kahan's).
#[derive(Clone, Copy, Debug, Default)]
pub struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    pub fn add(&mut self, value: f64) {
        let total = self.sum + value;
        if total.is_infinite() {
            self.lost = 0.0;
        } else if self.sum.abs() >= value.abs() {
            self.lost += (self.sum - total) + value;
        } else {
            self.lost += (value - total) + self.sum;
        }
        self.sum = total;
    }

    pub fn total(self) -> f64 {
        if self.sum.is_infinite() {
            self.sum
        } else {
            self.sum + self.lost
        }
    }
}

/// Compensated sum.
pub fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut sum = Compensated::default();
    values.for_each(|value| sum.add(value));
    sum.total()
}

/// Mean; of values whose sum is beyond all numbers a running mean, which is not.
pub fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let (mut total, mut number) = (Compensated::default(), 0.0);
    for value in values.clone() {
        total.add(value);
        number += 1.0;
    }
    let total = total.total();
    let finite = values.clone().all(f64::is_finite);
    if total.is_finite() || !finite {
        return total / number;
    }
    let (mut mean, mut seen) = (0.0, 0.0);
    for value in values {
        seen += 1.0;
        mean += value / seen - mean / seen;
    }
    mean
}

/// Variance of all values (not of a sample of them), by Welford's recurrence.
pub fn variance(values: impl Iterator<Item = f64>) -> f64 {
    let (mut mean, mut squares) = (Compensated::default(), Compensated::default());
    let mut seen = 0.0;
    for value in values {
        seen += 1.0;
        let delta = value - mean.total();
        mean.add(delta / seen);
        squares.add(delta * (value - mean.total()));
    }
    squares.total() / seen
}

/// Smallest value; NaN only if all are.
pub fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NAN, |least, value| {
        if value < least || least.is_nan() {
            value
        } else {
            least
        }
    })
}

/// Greatest value; NaN only if all are.
pub fn greatest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NAN, |greatest, value| {
        if value > greatest || greatest.is_nan() {
            value
        } else {
            greatest
        }
    })
}

/// Quantile of values with linear interpolation between neighbours; NaN counts as smallest.
pub fn quantile(share: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || share.is_nan() {
        return f64::NAN;
    }
    if share < 0.0 {
        return f64::NEG_INFINITY;
    }
    if share > 1.0 {
        return f64::INFINITY;
    }
    values.sort_by(|a, b| match (a.is_nan(), b.is_nan()) {
        (true, true) => std::cmp::Ordering::Equal,
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        _ => a.total_cmp(b),
    });
    let last = values.len() - 1;
    let rank = share * count(last);
    let floor = rank.floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is between 0 and the number of values"
    )]
    let lower = (floor as usize).min(last);
    let upper = (lower + 1).min(last);
    let weight = rank - floor;
    values[lower] * (1.0 - weight) + values[upper] * weight
}

impl Window<'_> {
    fn values(&self) -> impl Iterator<Item = f64> + Clone {
        self.samples.iter().map(|sample| sample.value)
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.samples
            .windows(2)
            .map(|pair| (pair[0].value, pair[1].value))
    }

    fn first(&self) -> Option<Sample> {
        self.samples.first().copied()
    }

    fn last(&self) -> Option<Sample> {
        self.samples.last().copied()
    }

    /// What a counter or gauge gained over the whole range, extrapolated from the samples in it to its borders where they
    /// are close enough to them.
    fn extrapolated(&self, is_counter: bool) -> Option<f64> {
        if self.samples.len() < 2 {
            return None;
        }
        let (first, last) = (self.first()?, self.last()?);
        let mut gained = last.value - first.value;
        if is_counter {
            let resets = self.pairs().filter(|(before, after)| after < before);
            gained += resets
                .map(|(before, _)| before)
                .fold(0.0, |sum, lost| sum + lost);
        }
        let mut to_start = float(first.at_ms - self.start_ms) / 1_000.0;
        let mut to_end = float(self.end_ms - last.at_ms) / 1_000.0;
        let sampled = float(last.at_ms - first.at_ms) / 1_000.0;
        let average = sampled / count(self.samples.len() - 1);
        let threshold = average * 1.1;
        // A counter is never negative: it began no earlier than where its line meets zero.
        let zero = (is_counter && gained > 0.0 && first.value >= 0.0)
            .then(|| sampled * (first.value / gained));
        let capped = |to_start: f64| zero.map_or(to_start, |zero| to_start.min(zero));
        // The two versions differ in which of the two bounds is applied first.
        if self.semantics == Semantics::Prometheus2 {
            to_start = capped(to_start);
        }
        if to_start >= threshold {
            to_start = average / 2.0;
        }
        if self.semantics == Semantics::Prometheus3 {
            to_start = capped(to_start);
        }
        if to_end >= threshold {
            to_end = average / 2.0;
        }
        Some(gained * ((sampled + to_start + to_end) / sampled))
    }

    fn seconds(&self) -> f64 {
        float(self.end_ms - self.start_ms) / 1_000.0
    }

    pub fn rate(&self) -> Option<f64> {
        Some(self.extrapolated(true)? / self.seconds())
    }

    pub fn increase(&self) -> Option<f64> {
        self.extrapolated(true)
    }

    pub fn delta(&self) -> Option<f64> {
        self.extrapolated(false)
    }

    fn latest_two(&self) -> Option<(Sample, Sample)> {
        let [.., before, after] = self.samples else {
            return None;
        };
        (after.at_ms > before.at_ms).then_some((*before, *after))
    }

    pub fn irate(&self) -> Option<f64> {
        let (before, after) = self.latest_two()?;
        let gained = if after.value < before.value {
            after.value
        } else {
            after.value - before.value
        };
        Some(gained / (float(after.at_ms - before.at_ms) / 1_000.0))
    }

    pub fn idelta(&self) -> Option<f64> {
        let (before, after) = self.latest_two()?;
        Some(after.value - before.value)
    }

    pub fn avg(&self) -> f64 {
        mean(self.values())
    }

    pub fn sum(&self) -> f64 {
        sum(self.values())
    }

    pub fn min(&self) -> f64 {
        least(self.values())
    }

    pub fn max(&self) -> f64 {
        greatest(self.values())
    }

    pub fn count(&self) -> f64 {
        count(self.samples.len())
    }

    pub fn stddev(&self) -> f64 {
        libm::sqrt(variance(self.values()))
    }

    pub fn stdvar(&self) -> f64 {
        variance(self.values())
    }

    pub fn latest(&self) -> Option<f64> {
        self.last().map(|sample| sample.value)
    }

    pub fn earliest(&self) -> Option<f64> {
        self.first().map(|sample| sample.value)
    }

    pub fn quantile(&self, share: f64) -> f64 {
        let mut values: Vec<f64> = self.values().collect();
        quantile(share, &mut values)
    }

    /// Median distance from the median.
    pub fn mad(&self) -> f64 {
        let mut values: Vec<f64> = self.values().collect();
        let median = quantile(0.5, &mut values);
        let mut distances: Vec<f64> = values.iter().map(|v| (v - median).abs()).collect();
        quantile(0.5, &mut distances)
    }

    pub fn changes(&self) -> f64 {
        #[expect(clippy::float_cmp, reason = "any change is one")]
        let differ = |(a, b): &(f64, f64)| a != b && !(a.is_nan() && b.is_nan());
        count(self.pairs().filter(differ).count())
    }

    pub fn resets(&self) -> f64 {
        count(self.pairs().filter(|(a, b)| b < a).count())
    }

    /// Slope per second and value at `at_ms` of the line of least squares.
    fn regression(&self, at_ms: i64) -> (f64, f64) {
        let first = self.first().map_or(f64::NAN, |sample| sample.value);
        #[expect(clippy::float_cmp, reason = "a constant is one exactly")]
        let constant = self.values().all(|value| value == first);
        if constant {
            return if first.is_infinite() {
                (f64::NAN, f64::NAN)
            } else {
                (0.0, first)
            };
        }
        let points = || {
            let point = |sample: &Sample| (float(sample.at_ms - at_ms) / 1_000.0, sample.value);
            self.samples.iter().map(point)
        };
        let number = count(self.samples.len());
        let x = sum(points().map(|(x, _)| x));
        let y = sum(points().map(|(_, y)| y));
        let xy = sum(points().map(|(x, y)| x * y));
        let xx = sum(points().map(|(x, _)| x * x));
        let slope = (xy - x * y / number) / (xx - x * x / number);
        (slope, y / number - slope * x / number)
    }

    pub fn deriv(&self) -> Option<f64> {
        let first = self.first()?;
        (self.samples.len() > 1).then(|| self.regression(first.at_ms).0)
    }
}

/// Value of the line of least squares so many seconds after the time of the query.
pub fn predict(window: &Window<'_>, seconds: f64) -> Option<f64> {
    if window.samples.len() < 2 {
        return None;
    }
    let (slope, value) = window.regression(window.at_ms);
    Some(slope * seconds + value)
}
