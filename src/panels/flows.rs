//! The flows by region: what users ask for, how much of it works, how long it takes.

use brownout_session::view::{FigureView, FlowView, PlayerView};
use egui::{Align2, Color32, FontId, Rect, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::format;
use super::intent::Intent;
use super::state::State;
use super::top_bar::success_color;
use crate::theme::{Theme, tint};
use crate::widgets::section;

/// Height of a row in points.
const ROW: f32 = 21.0;
/// Height of the line with the figures compared with, in points.
const THEN: f32 = 14.0;
/// Right edges of the number columns, as shares of the width.
const COLUMNS: [(&str, f32); 4] = [
    ("requests", 0.55),
    ("success", 0.71),
    ("p50", 0.85),
    ("p95", 1.0),
];

/// Draws the table.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    section::title(ui, "Flows, last minute", |_| ());
    if view.flows.is_empty() {
        section::empty(
            ui,
            "No flow has been measured yet: the first scrape is still to come.",
        );
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    header(ui, &theme);
    for (position, flow) in view.flows.iter().enumerate() {
        for (index, figures) in flow.regions.iter().enumerate() {
            let region = view.regions.get(index).map_or("", String::as_str);
            row(ui, view, flow, region, index, figures, &theme);
            if let Some(then) = &state.time.then
                && let Some(figures) = then.flows.get(position).and_then(|of| of.get(index))
            {
                let clock = view.clock(then.at_ns);
                compared(ui, flow, region, &clock, figures, &theme);
            }
        }
    }
}

fn header(ui: &mut Ui, theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 3.0), Sense::hover());
    let font = theme.sans(theme.size.tiny);
    let dim = theme.palette.dim;
    ui.painter().text(
        rect.left_center(),
        Align2::LEFT_CENTER,
        "flow",
        font.clone(),
        dim,
    );
    ui.painter().text(
        pos2(region_x(rect), rect.center().y),
        Align2::LEFT_CENTER,
        "users in",
        font.clone(),
        dim,
    );
    for (words, right) in COLUMNS {
        let at = pos2(rect.left() + rect.width() * right, rect.center().y);
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, words, font.clone(), dim);
    }
    ui.painter().hline(
        rect.x_range(),
        rect.bottom(),
        egui::Stroke::new(1.0, theme.palette.line),
    );
}

fn region_x(rect: Rect) -> f32 {
    rect.left() + rect.width() * 0.32
}

fn row(
    ui: &mut Ui,
    view: &PlayerView,
    flow: &FlowView,
    region: &str,
    index: usize,
    figures: &FigureView,
    theme: &Theme,
) {
    let palette = theme.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let color = figures.success_ppm.map_or(palette.unknown, |share| {
        success_color(theme, share, view.objective_ppm)
    });
    let bad = figures
        .success_ppm
        .is_some_and(|share| share < view.objective_ppm);
    if bad {
        ui.painter().rect_filled(
            rect.expand2(vec2(4.0, 0.0)),
            theme.radius.small,
            tint(color, palette.surface, 0.10),
        );
    }
    let put = |x: f32, align: Align2, words: &str, font: FontId, color: Color32| {
        ui.painter()
            .text(pos2(x, rect.center().y), align, words, font, color);
    };
    if index == 0 {
        put(
            rect.left(),
            Align2::LEFT_CENTER,
            &flow.title,
            theme.medium(theme.size.small),
            palette.text,
        );
    }
    put(
        region_x(rect),
        Align2::LEFT_CENTER,
        region,
        theme.sans(theme.size.small),
        palette.muted,
    );
    let [rate, success, p50, p95] = cells(figures);
    let cells = [
        (rate, palette.muted),
        (success, color),
        (p50, palette.muted),
        (p95, palette.text),
    ];
    response.widget_info(|| {
        let words = format!(
            "{} in {region}: {}, {} success",
            flow.title, cells[0].0, cells[1].0
        );
        WidgetInfo::labeled(WidgetType::Label, true, words)
    });
    for ((words, color), (_, right)) in cells.iter().zip(COLUMNS) {
        put(
            rect.left() + rect.width() * right,
            Align2::RIGHT_CENTER,
            words,
            theme.mono(theme.size.small),
            *color,
        );
    }
}

/// Figures in words, by column.
fn cells(figures: &FigureView) -> [String; 4] {
    let none = || "–".to_owned();
    [
        format::rate(figures.rate_milli),
        figures
            .success_ppm
            .map_or_else(|| "no samples".to_owned(), format::share),
        figures.p50_us.map_or_else(none, format::duration),
        figures.p95_us.map_or_else(none, format::duration),
    ]
}

/// The figures of the time compared with, below those of now.
fn compared(
    ui: &mut Ui,
    flow: &FlowView,
    region: &str,
    clock: &str,
    figures: &FigureView,
    theme: &Theme,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), THEN), Sense::hover());
    let color = theme.palette.alternative;
    let font = theme.mono(theme.size.tiny);
    let y = rect.center().y - 2.0;
    ui.painter().text(
        pos2(region_x(rect), y),
        Align2::LEFT_CENTER,
        format!("at {}", &clock[..5]),
        font.clone(),
        color,
    );
    let cells = cells(figures);
    for (words, (_, right)) in cells.iter().zip(COLUMNS) {
        let at = pos2(rect.left() + rect.width() * right, y);
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, words, font.clone(), color);
    }
    response.widget_info(|| {
        let words = format!(
            "{} in {region} at {clock}: {}, {} success",
            flow.title, cells[0], cells[1]
        );
        WidgetInfo::labeled(WidgetType::Label, true, words)
    });
}
