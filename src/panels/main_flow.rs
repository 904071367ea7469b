//! Charts of the main flow: success and 95th percentile by region.

use brownout_session::view::PlayerView;
use egui::{RichText, Sense, Ui, vec2};

use super::format;
use super::intent::Intent;
use super::readings::Series;
use super::state::State;
use crate::theme::Theme;
use crate::widgets::chart::{self, Chart, Line, Mark};
use crate::widgets::{scale, section};

/// Marks of the page and of the changes in the log.
#[must_use]
pub fn marks(view: &PlayerView) -> Vec<Mark> {
    let changes = view.changes.iter().filter_map(|change| {
        Some(Mark {
            at_ns: u64::try_from(change.at_ns).ok()?,
            kind: Some(change.kind),
            own: change.own,
        })
    });
    changes
        .chain(view.page.iter().map(|page| Mark {
            at_ns: page.at_ns,
            kind: None,
            own: false,
        }))
        .collect()
}

/// Draws both charts in the height at hand.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let Some(flow) = view.main_flow() else {
        section::empty(
            ui,
            "No flow has been measured yet: the first scrape is still to come.",
        );
        return;
    };
    let height = ((ui.available_height() - 2.0 * 30.0) / 2.0).max(90.0);
    let marks = marks(view);
    let mut crosshair = ui
        .ctx()
        .data(|data| data.get_temp::<Option<u64>>(crosshair_id()))
        .flatten();
    if !ui.ctx().input(|input| input.pointer.has_pointer()) {
        crosshair = None;
    }
    let readings = &state.readings;
    let empty = if readings.to_ns == 0 {
        "no samples yet: the first scrape is still to come"
    } else {
        "no samples in this window"
    };

    let worst = lowest(&readings.success);
    let success = Chart {
        name: "success",
        lines: &lines(view, &readings.success, &theme),
        window: (readings.from_ns, readings.to_ns),
        start_unix_s: view.start_unix_s,
        range: (floor(worst), 1_000_000),
        words: format::share,
        level: Some(view.objective_ppm),
        marks: &marks,
        named_marks: false,
        empty,
        height,
    };
    title(ui, view, &format!("{} success", flow.title), &theme);
    let mut pointed = None;
    let first = chart::ui(ui, &success, &mut crosshair);
    if first.hovered() {
        pointed = crosshair;
    }
    let latency = Chart {
        name: "95th percentile",
        lines: &lines(view, &readings.latency, &theme),
        range: (0, scale::round_up(highest(&readings.latency).max(100_000))),
        words: format::duration,
        level: None,
        ..success
    };
    ui.add_space(theme.space.xs);
    title(ui, view, &format!("{} p95", flow.title), &theme);
    let second = chart::ui(ui, &latency, &mut crosshair);
    if second.hovered() {
        pointed = crosshair;
    }
    // What was pointed at is drawn in every chart of the next frame; nothing is when the pointer is elsewhere.
    ui.ctx()
        .data_mut(|data| data.insert_temp(crosshair_id(), pointed));
}

/// Where the shared crosshair is kept.
fn crosshair_id() -> egui::Id {
    egui::Id::new("crosshair")
}

fn lines<'a>(view: &'a PlayerView, series: &'a [Series], theme: &Theme) -> Vec<Line<'a>> {
    let line = |(index, series): (usize, &'a Series)| Line {
        name: view.regions.get(index).map_or("", String::as_str),
        color: theme.series(index),
        series,
        filled: false,
    };
    series.iter().enumerate().map(line).collect()
}

fn title(ui: &mut Ui, view: &PlayerView, words: &str, theme: &Theme) {
    section::title(ui, words, |ui| {
        for (index, region) in view.regions.iter().enumerate().rev() {
            ui.label(
                RichText::new(region)
                    .font(theme.sans(theme.size.small))
                    .color(theme.palette.muted),
            );
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            let bar = egui::Rect::from_center_size(rect.center(), vec2(10.0, 3.0));
            ui.painter().rect_filled(bar, 1, theme.series(index));
        }
    });
}

fn highest(series: &[Series]) -> u64 {
    series
        .iter()
        .flatten()
        .filter_map(|(_, reading)| *reading)
        .max()
        .unwrap_or(0)
}

fn lowest(series: &[Series]) -> u64 {
    series
        .iter()
        .flatten()
        .filter_map(|(_, reading)| *reading)
        .min()
        .unwrap_or(1_000_000)
}

/// Lower end of the scale of a success share: never so close to the top that noise fills the chart.
const fn floor(worst_ppm: u64) -> u64 {
    match worst_ppm {
        960_000.. => 950_000,
        800_000.. => 800_000,
        500_000.. => 500_000,
        _ => 0,
    }
}
