//! The investigation dock: one tab at a time over the selection.

pub(super) mod cursor;
mod diff;
mod hold;
mod logs;
mod metrics;
mod overview;
mod probe;
mod providers;
mod query;
#[cfg(test)]
mod tests;
mod tickets;
mod traces;

use brownout_session::command::{Look, Metric};
use brownout_session::outside::{ProviderRow, TicketRow};
use brownout_session::reader::TraceRow;
use brownout_session::view::{Health, NodeView, PlayerView};
use brownout_telemetry::signal::Signal;
use egui::{Ui, WidgetInfo, WidgetType};

use super::board::choice;
use super::format::SECOND_NS;
use super::intent::Intent;
use super::lookup::Lookup;
use super::state::{Selection, State};
use super::{changes, pins};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button, dense};
use crate::widgets::{section, text};

/// Tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Flows by region, charts of the main flow, alerts.
    #[default]
    Overview,
    /// Signals.
    Metrics,
    /// Log lines.
    Logs,
    /// Traces.
    Traces,
    /// The change log.
    Changes,
    /// Configuration and versions across regions.
    Diff,
    /// Metrics by a query.
    Query,
    /// Components from inside, and requests made on purpose.
    Probe,
    /// Reports of customers.
    Tickets,
    /// Status pages.
    Providers,
}

/// Tabs with their names and keys.
pub const TABS: [(Tab, &str, &str); 10] = [
    (Tab::Overview, "Overview", "F3"),
    (Tab::Metrics, "Metrics", "F4"),
    (Tab::Logs, "Logs", "F5"),
    (Tab::Traces, "Traces", "F6"),
    (Tab::Changes, "Changes", "F7"),
    (Tab::Diff, "Diff", "F8"),
    (Tab::Query, "Query", "F9"),
    (Tab::Probe, "Probe", "F10"),
    (Tab::Tickets, "Tickets", "F11"),
    (Tab::Providers, "Providers", "F12"),
];

/// Components offered where none is selected, at most.
const OFFERED: usize = 8;
/// Windows to choose from, in seconds, the longest last.
const WINDOWS: [(u64, &str); 3] = [(300, "5 min"), (900, "15 min"), (1_800, "30 min")];

/// What was asked for, with the look and scrape it was asked at.
type Asked<T> = Option<(Look, u64, T)>;

/// What the dock remembers.
#[derive(Clone, Debug)]
pub struct DockState {
    /// Tab.
    pub tab: Tab,
    /// Signal shown.
    pub signal: Signal,
    /// Region in focus; the selection's when not chosen.
    pub everywhere: bool,
    /// How far back, in seconds.
    pub window_s: u64,
    /// Flow whose traces are shown.
    pub flow: Option<String>,
    /// Failing or slow traces; otherwise good ones.
    pub failing: bool,
    /// Trace opened.
    pub trace: Option<u64>,
    /// Release opened: service and version.
    pub release: Option<(String, String)>,
    /// What is known of that trace's surroundings.
    pub opened: traces::Opened,
    /// The query of the metrics.
    pub ask: query::Ask,
    /// Components from inside.
    pub probe: probe::Probing,
    /// Reports of customers shown.
    pub tickets: Asked<Vec<TicketRow>>,
    /// Status pages shown.
    pub providers: Asked<Vec<ProviderRow>>,
    /// Log lines.
    pub logs: logs::Book,
    /// Where the cursor is in the rows of the tab.
    pub cursor: cursor::Cursor,
    /// The single thing a pin takes, if one is pointed at.
    pub item: Option<Look>,
    /// Traces shown.
    pub traces: Asked<Vec<TraceRow>>,
    /// Whether log lines and traces stand still.
    pub hold: hold::Hold,
    /// What charts were zoomed to when lists were last asked for.
    zoomed: Option<(u64, u64)>,
}

impl Default for DockState {
    fn default() -> Self {
        Self {
            tab: Tab::Overview,
            signal: Signal::ErrorShare,
            everywhere: false,
            window_s: 900,
            flow: None,
            failing: true,
            trace: None,
            release: None,
            opened: traces::Opened::default(),
            ask: query::Ask::default(),
            probe: probe::Probing::default(),
            tickets: None,
            providers: None,
            logs: logs::Book::default(),
            cursor: cursor::Cursor::default(),
            item: None,
            traces: None,
            hold: hold::Hold::default(),
            zoomed: None,
        }
    }
}

/// Region in focus: the selection's, unless all were asked for.
#[must_use]
pub fn region<'a>(view: &'a PlayerView, state: &State) -> Option<&'a str> {
    let selection = state.selection.as_ref()?;
    if state.dock.everywhere {
        return None;
    }
    view.regions
        .get(usize::from(selection.region))
        .map(String::as_str)
}

/// Service in focus: the selection's.
#[must_use]
pub fn service(state: &State) -> Option<&str> {
    state.selection.as_ref().map(|s| s.service.as_str())
}

/// Flow whose traces are shown.
#[must_use]
pub fn flow<'a>(view: &'a PlayerView, state: &'a State) -> Option<&'a str> {
    let chosen = state.dock.flow.as_deref();
    chosen.or_else(|| view.main_flow().map(|flow| flow.name.as_str()))
}

/// The time lines, traces and reports are shown of: what a chart was zoomed to, or as far back as was chosen.
#[must_use]
pub fn window(view: &PlayerView, state: &State) -> (u64, u64) {
    let from_ns = view.now_ns.saturating_sub(state.dock.window_s * SECOND_NS);
    state.time.window((from_ns, view.now_ns))
}

/// The metric in focus: the selected component's, or the main flow's.
#[must_use]
pub fn metric(view: &PlayerView, state: &State, region: Option<&str>) -> Option<Metric> {
    if let Some(service) = service(state) {
        return Some(Metric::service(state.dock.signal, service, region));
    }
    let signal = if state.dock.signal.is_gauge() {
        Signal::ErrorShare
    } else {
        state.dock.signal
    };
    Some(Metric::flow(signal, &view.main_flow()?.name, region))
}

/// What the dock shows, as a look.
#[must_use]
pub fn look(view: &PlayerView, state: &State) -> Option<Look> {
    let window_s = state.dock.window_s;
    match state.dock.tab {
        Tab::Overview => Some(Look::Overview),
        Tab::Metrics => Some(Look::Metric {
            metric: metric(view, state, region(view, state))?,
            window_s,
        }),
        Tab::Logs => Some(Look::Logs {
            service: service(state)?.to_owned(),
            region: region(view, state).map(str::to_owned),
            window_s,
        }),
        Tab::Traces => Some(Look::Traces {
            flow: flow(view, state)?.to_owned(),
            region: region(view, state).map(str::to_owned),
            failing: state.dock.failing,
            window_s,
        }),
        Tab::Query if state.dock.ask.asked.is_empty() => None,
        Tab::Query => Some(Look::Query {
            text: state.dock.ask.asked.clone(),
            logs: state.dock.ask.logs,
            window_s,
        }),
        Tab::Probe => probe::look(view, state),
        Tab::Tickets => Some(Look::Tickets { window_s }),
        Tab::Providers => Some(Look::Providers),
        Tab::Changes => Some(Look::Changes { window_s: 7_200 }),
        Tab::Diff => match &state.dock.release {
            Some((service, version)) => Some(Look::Release {
                service: service.clone(),
                version: version.clone(),
            }),
            None => Some(Look::Diff {
                service: service(state)?.to_owned(),
            }),
        },
    }
}

/// Draws tabs and content.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        // Where the dock is narrow they stand in two rows, and none is cut.
        dense(ui);
        ui.spacing_mut().item_spacing = egui::vec2(2.0, 2.0);
        for (tab, name, key) in TABS {
            let weight = Weight::Choice(tab == state.dock.tab);
            if button(ui, name, None, weight).on_hover_text(key).clicked() {
                state.dock.tab = tab;
            }
        }
    });
    let line = egui::Stroke::new(1.0, theme.palette.line);
    let rect = ui.max_rect();
    ui.painter().hline(
        rect.x_range().expand(theme.space.m),
        ui.cursor().top(),
        line,
    );
    ui.add_space(theme.space.s);
    state.dock.item = None;
    if state.dock.zoomed != state.time.zoom {
        // Lists of another time are asked for again.
        state.dock.zoomed = state.time.zoom;
        (state.dock.traces, state.dock.tickets) = (None, None);
    }
    match state.dock.tab {
        Tab::Overview => overview::ui(ui, view, state, intents),
        Tab::Metrics => metrics::ui(ui, view, lookup, state),
        Tab::Logs => logs::ui(ui, view, lookup, state),
        Tab::Traces => traces::ui(ui, view, lookup, state),
        Tab::Changes => changes::ui(ui, view, state, intents),
        Tab::Diff => diff::ui(ui, view, lookup, state),
        Tab::Query => query::ui(ui, view, lookup, state),
        Tab::Probe => probe::ui(ui, view, lookup, state, intents),
        Tab::Tickets => tickets::ui(ui, view, lookup, state),
        Tab::Providers => providers::ui(ui, view, lookup, state),
    }
    // Not over the buttons below a line that is open.
    let covered = state.dock.tab == Tab::Logs && state.dock.cursor.at.is_some();
    let foot = if covered { logs::detail::HEIGHT } else { 0.0 };
    pins::notice(ui, state, rect.with_max_y(rect.bottom() - foot));
}

/// Shows what was looked at again, as far as it is still there.
pub fn reopen(view: &PlayerView, state: &mut State, look: &Look) {
    let mut select = |service: &str, region: Option<&str>| {
        let named = region.and_then(|name| view.regions.iter().position(|of| of == name));
        let before = state.selection.as_ref().map(|s| s.region);
        let region = named.and_then(|index| u16::try_from(index).ok()).or(before);
        state.selection = Some(Selection {
            service: service.to_owned(),
            region: region.unwrap_or(0),
        });
        state.dock.everywhere = named.is_none();
    };
    let tab = match look {
        Look::Overview | Look::Topology => Tab::Overview,
        Look::Metric { metric, .. } => {
            match &metric.service {
                Some(service) => select(service, metric.region.as_deref()),
                None => state.selection = None,
            }
            state.dock.signal = metric.signal;
            Tab::Metrics
        }
        Look::Query { text, logs, .. } => {
            state.dock.ask.logs = *logs;
            state.dock.ask.text.clone_from(text);
            state.dock.ask.asked.clone_from(text);
            Tab::Query
        }
        Look::Logs {
            service, region, ..
        } => {
            select(service, region.as_deref());
            Tab::Logs
        }
        Look::LogLine {
            service,
            region,
            at_ns,
            ..
        } => {
            select(service, Some(region));
            let age_s = view.now_ns.saturating_sub(*at_ns) / SECOND_NS;
            if age_s >= state.dock.window_s {
                state.dock.window_s = WINDOWS.map(|(seconds, _)| seconds)[WINDOWS.len() - 1];
            }
            state.dock.logs.query.clear();
            state.dock.logs.grouped = false;
            Tab::Logs
        }
        Look::Traces { flow, failing, .. } => {
            state.dock.flow = Some(flow.clone());
            state.dock.failing = *failing;
            Tab::Traces
        }
        Look::Span {
            flow,
            failing,
            trace,
            ..
        } => {
            state.dock.flow = Some(flow.clone());
            state.dock.failing = *failing;
            state.dock.trace = Some(*trace);
            state.dock.opened.inside = true;
            Tab::Traces
        }
        Look::Changes { .. } => Tab::Changes,
        Look::Change { at_ns, title } => {
            state.open_change = view
                .changes
                .iter()
                .position(|change| change.at_ns == *at_ns && change.title == *title);
            Tab::Changes
        }
        Look::Diff { service } | Look::DiffRow { service, .. } => {
            select(service, None);
            state.dock.release = None;
            Tab::Diff
        }
        Look::Release { service, version } => {
            select(service, None);
            state.dock.release = Some((service.clone(), version.clone()));
            Tab::Diff
        }
        Look::Inside { service, region } => {
            select(service, Some(region));
            state.dock.probe.data = false;
            Tab::Probe
        }
        Look::Dump { number, .. } => {
            let index = usize::try_from(*number).unwrap_or(0).wrapping_sub(1);
            if let Some((_, service, region)) = view.dumps.get(index) {
                select(service, Some(region));
                state.dock.probe.dump = Some(*number);
            }
            Tab::Probe
        }
        Look::Data { service } => {
            select(service, None);
            state.dock.probe.data = true;
            Tab::Probe
        }
        Look::Attempt { .. } => Tab::Probe,
        Look::Tickets { .. } | Look::Ticket { .. } => Tab::Tickets,
        Look::Providers | Look::StatusPage { .. } => Tab::Providers,
    };
    state.dock.tab = tab;
    state.dock.cursor = cursor::Cursor::default();
    state.dock.cursor.at = (look.whole() != *look).then(|| look.clone());
    state.dock.cursor.reveal = true;
}

/// Says what to select, and offers the components that are not healthy.
fn pick(ui: &mut Ui, view: &PlayerView, state: &mut State, words: &str) {
    let theme = Theme::of(ui.ctx());
    section::empty(ui, words);
    ui.add_space(theme.space.s);
    let mut unwell: Vec<&NodeView> = view.nodes.iter().collect();
    unwell.retain(|node| matches!(node.health, Health::Failing | Health::Degraded));
    unwell.sort_by_key(|node| node.health != Health::Failing);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        for node in unwell.into_iter().take(OFFERED) {
            let region = view.regions.get(usize::from(node.region));
            let region = region.map_or("", String::as_str);
            let words = format!("{} · {region}", node.service);
            if button(ui, &words, None, Weight::Normal).clicked() {
                state.selection = Some(Selection {
                    service: node.service.clone(),
                    region: node.region,
                });
            }
        }
    });
}

/// Lets go of the selection, so that nothing is filtered by it.
pub(super) fn clear(ui: &mut Ui, state: &mut State) {
    if state.selection.is_none() {
        return;
    }
    let shown = button(ui, "×", None, Weight::Choice(false));
    shown.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, "Select nothing"));
    if shown.on_hover_text("Filter by no component").clicked() {
        state.selection = None;
    }
}

/// What the tab is about: component, where, how far back.
fn scope(ui: &mut Ui, view: &PlayerView, state: &mut State, what: &str) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.label(text::name(&theme, what));
        clear(ui, state);
        let here = state
            .selection
            .as_ref()
            .and_then(|s| view.regions.get(usize::from(s.region)));
        if let Some(here) = here {
            let places = [(false, here.as_str()), (true, "all regions")];
            choice::row(ui, "", &places, &mut state.dock.everywhere);
        }
        back(ui, view, state);
    });
    ui.add_space(theme.space.xs);
}

/// Which flow, as a row of buttons.
fn flows(ui: &mut Ui, view: &PlayerView, state: &mut State) {
    let Some(mut chosen) = flow(view, state).map(str::to_owned) else {
        return;
    };
    let before = chosen.clone();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for flow in &view.flows {
            let weight = Weight::Choice(flow.name == chosen);
            if button(ui, &flow.title, None, weight).clicked() {
                chosen.clone_from(&flow.name);
            }
        }
    });
    if chosen != before {
        state.dock.flow = Some(chosen);
    }
}

/// How far back, or what a chart was zoomed to, which goes before it.
fn back(ui: &mut Ui, view: &PlayerView, state: &mut State) {
    if state.time.zoom.is_some() {
        super::shared_time::zoomed(ui, view, &mut state.time);
    } else {
        choice::row(ui, "back", &WINDOWS, &mut state.dock.window_s);
    }
}
