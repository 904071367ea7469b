//! Series of the main flow, as charts draw them.

use brownout_session::command::Metric;
use brownout_session::view::PlayerView;
use brownout_telemetry::signal::Signal;

use super::format::SECOND_NS;
use super::lookup::Lookup;

/// How far back the charts of the main flow go.
const WINDOW_NS: u64 = 15 * 60 * SECOND_NS;
/// What one reading of a chart is taken over.
pub const READING_NS: u64 = 30 * SECOND_NS;

/// Readings per scrape: time in nanoseconds and the reading, `None` where there were no samples.
pub type Series = Vec<(u64, Option<u64>)>;

/// Series of the main flow by region, since the run began.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// Start of the window charts show unless zoomed, in nanoseconds.
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

    /// The last scrape that is no later than a time.
    #[must_use]
    pub fn scrape_at(&self, at_ns: u64) -> Option<u64> {
        let after = self.errors.partition_point(|(t, _)| *t <= at_ns);
        let index = after.saturating_sub(1);
        self.errors.get(index).map(|(t, _)| *t)
    }

    /// The scrape before or after one; `None` where there is none, or for no step.
    #[must_use]
    pub fn scrape_beside(&self, at_ns: u64, step: i8) -> Option<u64> {
        let index = self.errors.binary_search_by_key(&at_ns, |(t, _)| *t).ok()?;
        let index = match step {
            0 => return None,
            1.. => index + 1,
            _ => index.checked_sub(1)?,
        };
        self.errors.get(index).map(|(t, _)| *t)
    }

    /// Appends what was scraped since the last time.
    pub fn extend(&mut self, view: &PlayerView, lookup: &dyn Lookup) {
        let now_ns = view.scraped_ns;
        let Some(flow) = view.main_flow().filter(|_| now_ns > self.to_ns) else {
            return;
        };
        let from_ns = self.to_ns;
        self.to_ns = now_ns;
        self.from_ns = now_ns.saturating_sub(WINDOW_NS);
        let read = |signal: Signal, region: Option<&str>| {
            let metric = Metric::flow(signal, &flow.name, region);
            lookup.series(&metric, from_ns, now_ns, READING_NS)
        };
        let append = |kept: &mut Vec<Series>, signal: Signal| {
            kept.resize(view.regions.len(), Series::new());
            for (series, region) in kept.iter_mut().zip(&view.regions) {
                series.extend(read(signal, Some(region)));
            }
        };
        append(&mut self.success, Signal::SuccessShare);
        append(&mut self.latency, Signal::LatencyP95);
        self.errors.extend(read(Signal::ErrorShare, None));
    }
}
