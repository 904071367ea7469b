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

/// Bucket of a duration: the first whose bound is not below it.
#[must_use]
pub fn bucket(duration_ns: u64) -> usize {
    BOUNDS_NS.partition_point(|&bound| bound < duration_ns)
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
