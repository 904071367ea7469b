//! Series of the main flow, as charts draw them.

/// Readings per scrape: time in nanoseconds and the reading, `None` where there were no samples.
pub type Series = Vec<(u64, Option<u64>)>;

/// Series of the main flow by region.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// Start of the window in nanoseconds.
    pub from_ns: u64,
    /// End of the window in nanoseconds.
    pub to_ns: u64,
    /// Success share in parts per million, per region.
    pub success: Vec<Series>,
    /// 95th percentile in microseconds, per region.
    pub latency: Vec<Series>,
    /// Error share over all regions since the run began, in parts per million, for the timeline.
    pub errors: Series,
}

impl Readings {
    /// Success share of the whole flow about `ago_ns` before the last reading, in parts per million.
    #[must_use]
    pub fn success_ago(&self, ago_ns: u64) -> Option<u64> {
        let at_ns = self.to_ns.checked_sub(ago_ns)?;
        let index = self
            .errors
            .partition_point(|(t, _)| *t <= at_ns)
            .checked_sub(1)?;
        self.errors[index]
            .1
            .map(|errors| 1_000_000 - errors.min(1_000_000))
    }
}
