//! One signal of the selection, a line per region.

use brownout_session::view::PlayerView;
use brownout_telemetry::signal::Signal;
use egui::Ui;

use super::super::board::choice;
use super::super::format::SECOND_NS;
use super::super::lookup::Lookup;
use super::super::readings::Series;
use super::super::state::State;
use super::super::{main_flow, words};
use crate::theme::Theme;
use crate::widgets::chart::{self, Chart, Line};
use crate::widgets::{scale, section, text};

/// What one reading is taken over.
const READING_NS: u64 = 30 * SECOND_NS;

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
    let selected = state.selection.is_some();
    let signals: Vec<(Signal, &str)> = words::SIGNALS
        .into_iter()
        .filter(|signal| selected || !signal.is_gauge())
        .map(|signal| (signal, words::signal(signal)))
        .collect();
    choice::row(ui, "", &signals, &mut state.dock.signal);
    ui.add_space(theme.space.s);
    let to_ns = view.scraped_ns;
    let from_ns = to_ns.saturating_sub(state.dock.window_s * SECOND_NS);
    let series: Vec<(usize, Series)> = view
        .regions
        .iter()
        .enumerate()
        .filter_map(|(index, region)| {
            let metric = super::metric(view, state, Some(region))?;
            let series = lookup.series(&metric, from_ns, to_ns, READING_NS);
            let any = series.iter().any(|(_, reading)| reading.is_some());
            any.then_some((index, series))
        })
        .collect();
    let focus = super::region(view, state);
    let Some(metric) = super::metric(view, state, focus) else {
        section::empty(ui, "Nothing has been measured yet.");
        return;
    };
    let highest = series
        .iter()
        .flat_map(|(_, series)| series.iter().filter_map(|(_, reading)| *reading))
        .max()
        .unwrap_or(0);
    let share = matches!(
        metric.signal,
        Signal::SuccessShare | Signal::ErrorShare | Signal::Saturation | Signal::Cpu
    );
    let top = if metric.signal == Signal::SuccessShare {
        1_000_000
    } else if share {
        scale::round_up(highest.max(20_000)).min(1_000_000)
    } else {
        scale::round_up(highest.max(4))
    };
    let lines: Vec<Line<'_>> = series
        .iter()
        .map(|(index, series)| {
            let name = view.regions.get(*index).map_or("", String::as_str);
            let color = theme.series(*index);
            let quiet = focus.is_some_and(|focus| focus != name);
            Line {
                name,
                color: if quiet {
                    color.gamma_multiply(0.45)
                } else {
                    color
                },
                series,
                filled: focus == Some(name),
            }
        })
        .collect();
    let reading = words::reading(metric.signal);
    ui.horizontal_wrapped(|ui| {
        for line in &lines {
            ui.label(text::quiet(&theme, line.name).color(line.color));
            let last = line.series.last().and_then(|(_, reading)| *reading);
            let last = last.map_or_else(|| "no samples".to_owned(), reading);
            ui.label(text::number(&theme, last, theme.palette.text));
        }
        ui.label(text::quiet(&theme, "P pins it, Shift+P against"));
    });
    let name = words::metric(&metric);
    let chart = Chart {
        name: &name,
        lines: &lines,
        window: (from_ns, to_ns.max(from_ns + 1)),
        start_unix_s: view.start_unix_s,
        range: (0, top),
        words: reading,
        level: None,
        marks: &main_flow::marks(view),
        named_marks: true,
        empty: "no samples: nothing of this was scraped in this window",
        height: ui.available_height().clamp(120.0, 420.0),
    };
    let mut crosshair = None;
    let response = chart::ui(ui, &chart, &mut crosshair);
    let clicked = response.hovered() && ui.input(|input| input.pointer.primary_clicked());
    if let (true, Some(at_ns), Some(draft)) = (clicked, crosshair, &mut state.board.symptom) {
        draft.since(at_ns);
    }
}
