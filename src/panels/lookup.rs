//! What panels may ask for beyond the view: queries over telemetry, read only.

use brownout_session::Reader;
use brownout_session::command::{Action, Metric};
use brownout_session::inside::Inside;
use brownout_session::offers::Offers;
use brownout_session::outside::{ProviderRow, TicketRow};
use brownout_session::reader::{
    DiffView, Levers, LogAnswer, LogRow, QueryLine, ReleaseView, TraceRow,
};
use brownout_session::spent::TimeSpent;
use brownout_session::view::Preflight;

use super::readings::Series;

/// Queries. A session's reader answers them; so does [`Blank`], which knows nothing.
pub trait Lookup {
    /// Readings at each scrape of a window.
    fn series(&self, _metric: &Metric, _from_ns: u64, _to_ns: u64, _window_ns: u64) -> Series {
        Series::new()
    }
    /// Reading over the time before now.
    fn read(&self, _metric: &Metric, _window_ns: u64) -> Option<u64> {
        None
    }
    /// What a query of the metrics answers over a window, or why it cannot.
    fn query(
        &self,
        _text: &str,
        _window: (u64, u64),
        _step_ns: u64,
    ) -> Result<Vec<QueryLine>, String> {
        Ok(Vec::new())
    }
    /// What a query of the logs answers over a window, or why it cannot.
    fn log_query(
        &self,
        _text: &str,
        _window: (u64, u64),
        _step_ns: u64,
    ) -> Result<LogAnswer, String> {
        Ok(LogAnswer::Figures(Vec::new()))
    }
    /// Log lines, oldest first.
    fn logs(&self, _service: &str, _region: Option<&str>, _from: u64, _to: u64) -> Vec<LogRow> {
        Vec::new()
    }
    /// Kept traces.
    fn traces(
        &self,
        _flow: &str,
        _region: Option<&str>,
        _failing: bool,
        _from_ns: u64,
        _to_ns: u64,
    ) -> Vec<TraceRow> {
        Vec::new()
    }
    /// Kept traces that fulfil conditions, or what was expected of those.
    fn search_traces(&self, _text: &str, _window: (u64, u64)) -> Result<Vec<TraceRow>, String> {
        Ok(Vec::new())
    }
    /// Where the time of a flow's requests went.
    fn time_spent(&self, _flow: &str, _region: Option<&str>, _window: (u64, u64)) -> TimeSpent {
        TimeSpent::default()
    }
    /// A kept trace by its id.
    fn trace(&self, _id: u64) -> Option<TraceRow> {
        None
    }
    /// Kept traces of work that a trace handed over.
    fn handed_over(&self, _by: u64) -> Vec<TraceRow> {
        Vec::new()
    }
    /// Traces of a flow's users in a region since a time: seen, and kept.
    fn sampled(&self, _flow: &str, _region: &str, _from_ns: u64) -> (u64, u64) {
        (0, 0)
    }
    /// Configuration and versions across regions.
    fn diff(&self, _service: &str) -> Option<DiffView> {
        None
    }
    /// Release note and patch.
    fn release(&self, _service: &str, _version: &str) -> Option<ReleaseView> {
        None
    }
    /// What a component says of itself in a region.
    fn inside(&self, _service: &str, _region: &str) -> Option<Inside> {
        None
    }
    /// A dump that was captured, by its number from 1.
    fn dump(&self, _number: u32) -> Option<Inside> {
        None
    }
    /// What a check of the data of a database finds.
    fn data_check(&self, _service: &str) -> Option<Inside> {
        None
    }
    /// Reports of customers since a time, oldest first.
    fn tickets(&self, _from_ns: u64) -> Vec<TicketRow> {
        Vec::new()
    }
    /// Status pages of providers.
    fn status_pages(&self) -> Vec<ProviderRow> {
        Vec::new()
    }
    /// Variables that can be set in a region, as far as the player has looked.
    fn offered(&self, _service: &str, _region: &str) -> Offers {
        Offers::NotLookedAt
    }
    /// How a component calls others from a region, and how databases find their rows.
    fn levers(&self, _service: &str, _region: &str) -> Levers {
        Levers::default()
    }
    /// What an action would mean now, or why it cannot be.
    fn preflight(&self, _action: &Action) -> Result<Preflight, String> {
        Err("there is no session".to_owned())
    }
}

/// Answers nothing: no session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blank;

impl Lookup for Blank {}

impl Lookup for Reader<'_> {
    fn series(&self, metric: &Metric, from_ns: u64, to_ns: u64, window_ns: u64) -> Series {
        Reader::series(self, metric, from_ns, to_ns, window_ns)
    }
    fn read(&self, metric: &Metric, window_ns: u64) -> Option<u64> {
        Reader::read(self, metric, window_ns)
    }
    fn query(
        &self,
        text: &str,
        window: (u64, u64),
        step_ns: u64,
    ) -> Result<Vec<QueryLine>, String> {
        Reader::promql(self, text, window, step_ns)
    }
    fn log_query(&self, text: &str, window: (u64, u64), step_ns: u64) -> Result<LogAnswer, String> {
        Reader::logql(self, text, window, step_ns)
    }
    fn logs(&self, service: &str, region: Option<&str>, from: u64, to: u64) -> Vec<LogRow> {
        Reader::logs(self, service, region, from, to)
    }
    fn traces(
        &self,
        flow: &str,
        region: Option<&str>,
        failing: bool,
        from_ns: u64,
        to_ns: u64,
    ) -> Vec<TraceRow> {
        Reader::traces(self, flow, region, failing, from_ns, to_ns)
    }
    fn search_traces(&self, text: &str, window: (u64, u64)) -> Result<Vec<TraceRow>, String> {
        Reader::search_traces(self, text, window)
    }
    fn time_spent(&self, flow: &str, region: Option<&str>, window: (u64, u64)) -> TimeSpent {
        Reader::time_spent(self, flow, region, window.0, window.1)
    }
    fn trace(&self, id: u64) -> Option<TraceRow> {
        Reader::trace(self, id)
    }
    fn handed_over(&self, by: u64) -> Vec<TraceRow> {
        Reader::handed_over(self, by)
    }
    fn sampled(&self, flow: &str, region: &str, from_ns: u64) -> (u64, u64) {
        Reader::traces_seen_and_kept(self, flow, region, from_ns)
    }
    fn diff(&self, service: &str) -> Option<DiffView> {
        Reader::diff(self, service)
    }
    fn release(&self, service: &str, version: &str) -> Option<ReleaseView> {
        Reader::release(self, service, version)
    }
    fn inside(&self, service: &str, region: &str) -> Option<Inside> {
        Reader::inside(self, service, region)
    }
    fn dump(&self, number: u32) -> Option<Inside> {
        Reader::dump(self, number).map(|dump| dump.inside.clone())
    }
    fn data_check(&self, service: &str) -> Option<Inside> {
        Reader::data_check(self, service)
    }
    fn tickets(&self, from_ns: u64) -> Vec<TicketRow> {
        Reader::tickets(self, from_ns)
    }
    fn status_pages(&self) -> Vec<ProviderRow> {
        Reader::status_pages(self)
    }
    fn offered(&self, service: &str, region: &str) -> Offers {
        Reader::offered(self, service, region)
    }
    fn levers(&self, service: &str, region: &str) -> Levers {
        Reader::levers(self, service, region)
    }
    fn preflight(&self, action: &Action) -> Result<Preflight, String> {
        Reader::preflight(self, action).map_err(|refused| refused.to_string())
    }
}
