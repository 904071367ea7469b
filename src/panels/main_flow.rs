//! Charts of the main flow: success and 95th percentile by region.

use brownout_session::command::Metric;
use brownout_session::view::PlayerView;
use brownout_telemetry::signal::Signal;
use egui::{Sense, Ui, vec2};

use super::format;
use super::intent::Intent;
use super::readings::Series;
use super::shared_time;
use super::state::State;
use crate::theme::Theme;
use crate::widgets::chart::{Besides, Chart, Line, Mark};
use crate::widgets::{scale, section, text};

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

/// Room between the time axis of the first chart and the title of the second, in points.
const APART: f32 = 14.0;

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
    let height = ((ui.available_height() - 2.0 * 40.0 - APART) / 2.0).max(90.0);
    let marks = marks(view);
    let State {
        readings,
        time,
        board,
        pins,
        ..
    } = state;
    let window = time.window((readings.from_ns, readings.to_ns));
    let metric = Metric::flow(Signal::SuccessShare, &flow.name, None);
    let empty = shared_time::why_empty(readings.to_ns, window, &metric);

    let before = Before::of(view, &readings.success, window, time.before);
    let (ghosts, lines) = (before.lines(&theme), lines(view, &readings.success, &theme));
    let worst = shared_time::lowest(lines.iter().chain(&ghosts), window);
    let success = Chart {
        name: "success",
        lines: &lines,
        window,
        start_unix_s: view.start_unix_s,
        range: (floor(worst.unwrap_or(1_000_000)), 1_000_000),
        words: format::share,
        level: Some(view.objective_ppm),
        marks: &marks,
        named_marks: false,
        empty,
        height,
    };
    let words = format!("{} success", flow.title);
    section::title(ui, &words, |ui| shared_time::controls(ui, view, time));
    legend(ui, &lines, &ghosts, window, format::share, &theme);
    let besides = Besides {
        ghosts: &ghosts,
        ..Besides::default()
    };
    let clicked = time.chart(ui, &success, besides).clicked;

    let before = Before::of(view, &readings.latency, window, time.before);
    let (ghosts, lines) = (
        before.lines(&theme),
        self::lines(view, &readings.latency, &theme),
    );
    let highest = shared_time::highest(lines.iter().chain(&ghosts), window);
    let latency = Chart {
        name: "95th percentile",
        lines: &lines,
        range: (0, scale::round_up(highest.max(100_000))),
        words: format::duration,
        level: None,
        ..success
    };
    ui.add_space(APART);
    ui.label(text::caption(&theme, &format!("{} p95", flow.title)));
    legend(ui, &lines, &ghosts, window, format::duration, &theme);
    let besides = Besides {
        ghosts: &ghosts,
        ..Besides::default()
    };
    let clicked = clicked.or(time.chart(ui, &latency, besides).clicked);
    if let Some(at_ns) = clicked {
        shared_time::began(ui, view, board, pins, at_ns);
    }
}

/// The window before, by region.
struct Before(Vec<(String, Series)>);

impl Before {
    fn of(view: &PlayerView, series: &[Series], window: (u64, u64), wanted: bool) -> Self {
        let moved = |(region, series): (&String, &Series)| {
            (
                format!("{region} before"),
                shared_time::moved(series, window),
            )
        };
        let all = view.regions.iter().zip(series).filter(|_| wanted);
        Self(all.map(moved).collect())
    }

    fn lines(&self, theme: &Theme) -> Vec<Line<'_>> {
        let all = self.0.iter().enumerate();
        all.map(|(index, (name, series))| Line {
            name,
            color: theme.series(index),
            series,
            filled: false,
        })
        .collect()
    }
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

/// Names of lines with their last reading in the window, and that of the window before.
pub(super) fn legend(
    ui: &mut Ui,
    lines: &[Line<'_>],
    ghosts: &[Line<'_>],
    window: (u64, u64),
    words: fn(u64) -> String,
    theme: &Theme,
) {
    let palette = theme.palette;
    let reading = |line: &Line<'_>| {
        shared_time::last(line.series, window).map_or_else(|| "no samples".to_owned(), words)
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        for (index, line) in lines.iter().enumerate() {
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 14.0), Sense::hover());
            let bar = egui::Rect::from_center_size(rect.center(), vec2(10.0, 3.0));
            ui.painter().rect_filled(bar, 1, line.color);
            ui.label(text::quiet(theme, line.name));
            ui.label(text::number(theme, reading(line), palette.text));
            if let Some(ghost) = ghosts.get(index) {
                let span_s = (window.1 - window.0) / format::SECOND_NS;
                let earlier = match span_s {
                    0..120 => format!("{span_s} s"),
                    _ => format!("{} min", (span_s + 30) / 60),
                };
                let words = format!("{earlier} earlier {}", reading(ghost));
                ui.label(text::number(theme, words, palette.dim));
            }
            ui.add_space(theme.space.s);
        }
        ui.label(text::quiet(theme, "over 1 min each").color(palette.dim))
            .on_hover_text(
                "A reading is over the minute before it; percentiles are interpolated within histogram buckets",
            );
    });
}

/// Lower end of the scale of a success share: never so close to the top that noise fills the chart.
pub(super) const fn floor(worst_ppm: u64) -> u64 {
    match worst_ppm {
        960_000.. => 950_000,
        800_000.. => 800_000,
        500_000.. => 500_000,
        _ => 0,
    }
}
