//! A time compared with now: the figures of it that stand beside those of now.

use brownout_session::command::Metric;
use brownout_session::view::{FigureView, PlayerView};
use brownout_telemetry::signal::Signal;

use super::format::SECOND_NS;
use super::lookup::Lookup;
use super::state::Selection;

/// Figures are taken over this long, as those of the last minute are.
const MINUTE_NS: u64 = 60 * SECOND_NS;

/// A time compared with now, and the figures of it that are shown.
#[derive(Clone, Debug)]
pub struct Then {
    /// When: a scrape.
    pub at_ns: u64,
    /// Figures of each flow in each region, as in [`PlayerView::flows`].
    pub flows: Vec<Vec<FigureView>>,
    /// Figures of the selected component.
    pub selected: Option<(Selection, NodeThen)>,
}

/// Figures of a component at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeThen {
    /// Replies over the minute before.
    pub figures: FigureView,
    /// Share of workers in use, parts per million.
    pub saturation_ppm: Option<u64>,
    /// Requests waiting.
    pub queued: Option<u64>,
    /// Instances that took requests.
    pub ready: Option<u64>,
}

impl Then {
    /// A time of which nothing has been read yet.
    #[must_use]
    pub const fn at(at_ns: u64) -> Self {
        Self {
            at_ns,
            flows: Vec::new(),
            selected: None,
        }
    }

    /// Reads what is shown of it and has not been read: the past does not change.
    pub fn read(&mut self, view: &PlayerView, lookup: &dyn Lookup, selection: Option<&Selection>) {
        let at_ns = self.at_ns;
        if self.flows.len() != view.flows.len() {
            self.flows = view
                .flows
                .iter()
                .map(|flow| {
                    let of = |region: &String| {
                        figures(lookup, at_ns, |signal| {
                            Metric::flow(signal, &flow.name, Some(region))
                        })
                    };
                    view.regions.iter().map(of).collect()
                })
                .collect();
        }
        if self.selected.as_ref().map(|(of, _)| of) != selection {
            self.selected = selection
                .map(|selection| (selection.clone(), node(view, lookup, at_ns, selection)));
        }
    }
}

/// Reading at a scrape.
fn reading(lookup: &dyn Lookup, metric: &Metric, at_ns: u64) -> Option<u64> {
    let window_ns = if metric.signal.is_gauge() {
        SECOND_NS
    } else {
        MINUTE_NS
    };
    let series = lookup.series(metric, at_ns.saturating_sub(1), at_ns, window_ns);
    series.last().and_then(|(_, reading)| *reading)
}

fn figures(lookup: &dyn Lookup, at_ns: u64, metric: impl Fn(Signal) -> Metric) -> FigureView {
    let read = |signal| reading(lookup, &metric(signal), at_ns);
    FigureView {
        rate_milli: read(Signal::Rate).unwrap_or(0),
        success_ppm: read(Signal::SuccessShare),
        p50_us: read(Signal::LatencyP50),
        p95_us: read(Signal::LatencyP95),
    }
}

fn node(view: &PlayerView, lookup: &dyn Lookup, at_ns: u64, selection: &Selection) -> NodeThen {
    let region = view.regions.get(usize::from(selection.region));
    let metric = |signal| Metric::service(signal, &selection.service, region.map(String::as_str));
    let read = |signal| reading(lookup, &metric(signal), at_ns);
    NodeThen {
        figures: figures(lookup, at_ns, metric),
        saturation_ppm: read(Signal::Saturation),
        queued: read(Signal::QueueDepth),
        ready: read(Signal::ReadyInstances),
    }
}
