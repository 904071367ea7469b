//! One signal of the selection: a line per region, or all percentiles of one place.

use std::sync::Arc;

use brownout_session::command::Metric;
use brownout_session::view::PlayerView;
use brownout_telemetry::signal::Signal;
use egui::{Color32, Key, Ui};

use super::super::board::choice;
use super::super::format::SECOND_NS;
use super::super::keys;
use super::super::lookup::Lookup;
use super::super::readings::Series;
use super::super::shared_time;
use super::super::state::State;
use super::super::{main_flow, words};
use crate::theme::{Theme, tint};
use crate::widgets::button::key_cap;
use crate::widgets::chart::{Besides, Chart, Line};
use crate::widgets::{scale, section, text};

/// Percentiles of a latency, each with its own line where all are shown.
const PERCENTILES: [(Signal, &str); 3] = [
    (Signal::LatencyP50, "p50"),
    (Signal::LatencyP95, "p95"),
    (Signal::LatencyP99, "p99"),
];

/// A line to draw: its name, colour, readings, those of the window before, whether it is in focus.
struct Traced {
    name: String,
    before_name: String,
    color: Color32,
    series: Arc<Series>,
    before: Series,
    focus: bool,
}

/// Draws the signal.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let what = super::service(state).map_or_else(
        || {
            view.main_flow()
                .map_or_else(String::new, |flow| format!("{} users", flow.name))
        },
        str::to_owned,
    );
    super::scope(ui, view, state, &what);
    let free = !state.takes_keys() && !ui.ctx().egui_wants_keyboard_input();
    signals(ui, state, free);
    ui.add_space(theme.space.xs);
    let focus = super::region(view, state).map(str::to_owned);
    let Some(metric) = super::metric(view, state, focus.as_deref()) else {
        section::empty(ui, "Nothing has been measured yet.");
        return;
    };
    let to_ns = view.scraped_ns;
    let own = (to_ns.saturating_sub(state.dock.window_s * SECOND_NS), to_ns);
    let window = state.time.window(own);
    let traced = trace(view, lookup, state, &metric, window, &theme);
    let lines: Vec<Line<'_>> = traced.iter().map(Traced::line).collect();
    let ghosts: Vec<Line<'_>> = traced.iter().map(Traced::ghost).collect();
    let ghosts = if state.time.before {
        ghosts.as_slice()
    } else {
        &[]
    };
    let reading = words::reading(metric.signal);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        shared_time::controls(ui, view, &mut state.time);
        ui.label(text::quiet(
            &theme,
            "drag to zoom · P pins, Shift+P against",
        ));
    });
    main_flow::legend(ui, &lines, ghosts, window, reading, &theme);
    let highest = shared_time::highest(lines.iter().chain(ghosts), window);
    let name = words::metric(&metric);
    let chart = Chart {
        name: &name,
        lines: &lines,
        window,
        start_unix_s: view.start_unix_s,
        range: (0, top(metric.signal, highest)),
        words: reading,
        level: None,
        marks: &main_flow::marks(view),
        named_marks: true,
        empty: shared_time::why_empty(view.scraped_ns, window, &metric),
        height: ui.available_height().clamp(120.0, 900.0),
    };
    let besides = Besides {
        ghosts,
        ..Besides::default()
    };
    let drawn = state.time.chart(ui, &chart, besides);
    if let Some(at_ns) = drawn.clicked {
        shared_time::began(ui, view, &mut state.board, &mut state.pins, at_ns);
    }
}

/// What can be shown: signals, gone through with a key while it is free, and percentiles of a latency.
fn signals(ui: &mut Ui, state: &mut State, free: bool) {
    let selected = state.selection.is_some();
    let percentile = |signal: Signal| PERCENTILES.iter().any(|(of, _)| *of == signal);
    let signals: Vec<(Signal, &str)> = words::SIGNALS
        .into_iter()
        .filter(|signal| selected || !signal.is_gauge())
        .filter(|signal| *signal == Signal::LatencyP95 || !percentile(*signal))
        .map(|signal| match signal {
            Signal::LatencyP95 => (signal, "latency"),
            other => (other, words::signal(other)),
        })
        .collect();
    let mut chosen = if percentile(state.dock.signal) {
        Signal::LatencyP95
    } else {
        state.dock.signal
    };
    let mut another = false;
    if let Some(modifiers) = keys::pressed(ui, Key::V).filter(|held| free && !held.ctrl) {
        let at = signals.iter().position(|(signal, _)| *signal == chosen);
        let on = if modifiers.shift {
            signals.len() - 1
        } else {
            1
        };
        chosen = signals[(at.unwrap_or(0) + on) % signals.len()].0;
        another = true;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let before = chosen;
        choice::buttons(ui, &signals, &mut chosen);
        another |= chosen != before;
        key_cap(ui, "V");
    });
    if another {
        state.dock.signal = chosen;
    }
    if percentile(state.dock.signal) {
        let mut options: Vec<(Option<Signal>, &str)> = PERCENTILES
            .iter()
            .map(|(signal, words)| (Some(*signal), *words))
            .collect();
        options.push((None, "all three"));
        let mut chosen = (!state.time.spread).then_some(state.dock.signal);
        if choice::row(ui, "percentile", &options, &mut chosen) {
            state.time.spread = chosen.is_none();
            state.dock.signal = chosen.unwrap_or(Signal::LatencyP95);
        }
    }
}

/// Lines of the metric: percentiles in the place in focus, or the signal in each region with samples.
fn trace(
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    metric: &Metric,
    window: (u64, u64),
    theme: &Theme,
) -> Vec<Traced> {
    let spread = state.time.spread;
    let mut read = |metric: &Metric, name: String, color: Color32, focus: bool| {
        let scraped_ns = view.scraped_ns;
        let series = state.time.series(lookup, scraped_ns, metric, window);
        let before = if state.time.before {
            let span_ns = window.1 - window.0;
            let earlier = (window.0.saturating_sub(span_ns), window.0);
            let series = state.time.series(lookup, scraped_ns, metric, earlier);
            shared_time::moved(&series, window)
        } else {
            Series::new()
        };
        let any = series.iter().chain(&before).any(|(_, r)| r.is_some());
        any.then_some(Traced {
            before_name: format!("{name} before"),
            name,
            color,
            series,
            before,
            focus,
        })
    };
    let is_latency = PERCENTILES.iter().any(|(of, _)| *of == metric.signal);
    if is_latency && spread {
        let place = metric.region.as_deref().unwrap_or("all regions").to_owned();
        return PERCENTILES
            .into_iter()
            .enumerate()
            .filter_map(|(index, (signal, words))| {
                let metric = Metric {
                    signal,
                    ..metric.clone()
                };
                read(
                    &metric,
                    format!("{words} {place}"),
                    theme.series(index),
                    false,
                )
            })
            .collect();
    }
    let in_region = |(index, region): (usize, &String)| {
        let focus = metric.region.as_ref() == Some(region);
        let color = theme.series(index);
        let color = if focus || metric.region.is_none() {
            color
        } else {
            tint(color, theme.palette.surface, 0.55)
        };
        let metric = Metric {
            region: Some(region.clone()),
            ..metric.clone()
        };
        read(&metric, region.clone(), color, focus)
    };
    view.regions
        .iter()
        .enumerate()
        .filter_map(in_region)
        .collect()
}

impl Traced {
    fn line(&self) -> Line<'_> {
        Line {
            name: &self.name,
            color: self.color,
            series: &self.series,
            filled: self.focus,
        }
    }

    fn ghost(&self) -> Line<'_> {
        Line {
            name: &self.before_name,
            color: self.color,
            series: &self.before,
            filled: false,
        }
    }
}

/// Upper end of the scale.
fn top(signal: Signal, highest: u64) -> u64 {
    match signal {
        Signal::SuccessShare => 1_000_000,
        Signal::ErrorShare | Signal::Saturation | Signal::Cpu => {
            scale::round_up(highest.max(20_000)).min(1_000_000)
        }
        _ => scale::round_up(highest.max(4)),
    }
}
