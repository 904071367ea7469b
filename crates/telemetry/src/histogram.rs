//! Latency histograms with the bucket bounds OpenTelemetry recommends for HTTP durations.

/// Upper bounds in nanoseconds; a last bucket without bound follows.
pub const BOUNDS_NS: [u64; 14] = [
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    75_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    750_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    7_500_000_000,
    10_000_000_000,
];

/// Number of buckets, the unbounded one included.
pub const BUCKETS: usize = BOUNDS_NS.len() + 1;

/// Bounds below each power of two, and the two bounds after them; no octave holds more than two.
const OCTAVES: [(usize, u64, u64); 65] = {
    let mut octaves = [(0, u64::MAX, u64::MAX); 65];
    let mut octave = 0;
    while octave <= 64 {
        // Durations of this octave have `octave` significant bits.
        let least = if octave == 0 { 0 } else { 1u64 << (octave - 1) };
        let mut below = 0;
        while below < BOUNDS_NS.len() && BOUNDS_NS[below] < least {
            below += 1;
        }
        let first = if below < BOUNDS_NS.len() {
            BOUNDS_NS[below]
        } else {
            u64::MAX
        };
        let second = if below + 1 < BOUNDS_NS.len() {
            BOUNDS_NS[below + 1]
        } else {
            u64::MAX
        };
        octaves[octave] = (below, first, second);
        octave += 1;
    }
    octaves
};

/// Bucket of a duration: the first whose bound is not below it.
///
/// By the duration's number of bits, then two comparisons without a branch: a search would mislead the branch predictor
/// once or twice for every span.
#[inline]
#[must_use]
pub fn bucket(duration_ns: u64) -> usize {
    let (below, first, second) = OCTAVES[(u64::BITS - duration_ns.leading_zeros()) as usize];
    below + usize::from(first < duration_ns) + usize::from(second < duration_ns)
}

/// Counts per bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Observations per bucket, not cumulative.
    pub buckets: [u64; BUCKETS],
    /// Sum of all observations in nanoseconds.
    pub sum_ns: u64,
}

impl Histogram {
    /// Number of observations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Add another histogram.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *mine += theirs;
        }
        self.sum_ns += other.sum_ns;
    }

    /// Quantile in nanoseconds by linear interpolation within its bucket, as Prometheus's `histogram_quantile` does.
    ///
    /// `per_mille` is 0 to 1000. A quantile in the unbounded bucket is the highest bound. `None` without observations.
    #[must_use]
    pub fn quantile_ns(&self, per_mille: u64) -> Option<u64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        // Rank in thousandths of an observation, so that everything stays an integer.
        let rank = u128::from(count) * u128::from(per_mille.min(1000));
        let mut below = 0u128;
        for (index, &inside) in self.buckets.iter().enumerate() {
            let inside = u128::from(inside) * 1000;
            if inside > 0 && below + inside >= rank {
                let Some(&upper) = BOUNDS_NS.get(index) else {
                    break;
                };
                let lower = index.checked_sub(1).map_or(0, |i| BOUNDS_NS[i]);
                let part = u128::from(upper - lower) * (rank - below) / inside;
                return Some(lower + u64::try_from(part).unwrap_or(0));
            }
            below += inside;
        }
        BOUNDS_NS.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{BOUNDS_NS, bucket};

    /// The short way and the search agree around every bound and every power of two.
    #[test]
    fn a_bucket_is_the_first_whose_bound_is_not_below() {
        let powers = (0..64).map(|bits| 1u64 << bits);
        for middle in BOUNDS_NS.into_iter().chain(powers).chain([u64::MAX - 1]) {
            for duration in middle.saturating_sub(1)..=middle + 1 {
                let searched = BOUNDS_NS.partition_point(|&bound| bound < duration);
                assert_eq!(bucket(duration), searched, "{duration}");
            }
        }
    }
}
