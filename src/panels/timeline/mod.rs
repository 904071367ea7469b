//! The whole run in one strip: errors of the main flow, above it what the system did and what the player did, and a time to
//! compare with.

mod marks;

use brownout_session::view::PlayerView;
use egui::{
    Align, Align2, CursorIcon, EventFilter, Layout, Response, Sense, Ui, WidgetInfo, WidgetType,
    vec2,
};

use self::marks::{LANES, Lane};
use super::intent::Intent;
use super::shared_time;
use super::state::State;
use super::{bindings, format};
use crate::theme::{Theme, tint};
use crate::widgets::chart::{self, Besides, Chart, Line};
use crate::widgets::{scale, text};

/// Height of the strip in points.
pub const HEIGHT: f32 = 140.0;

/// Draws the strip.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let Some(flow) = view.main_flow() else { return };
    let name = format!("{} errors", flow.title);
    ui.spacing_mut().item_spacing.y = 0.0;
    heading(ui, view, state, &name, &theme);
    let (lanes, _) = ui.allocate_exact_size(
        vec2(ui.available_width(), 2.0 * Lane::HEIGHT),
        Sense::hover(),
    );
    let window = (0, view.now_ns.max(1));
    let line = Line {
        name: &name,
        color: theme.palette.failing,
        series: &state.readings.errors,
        filled: true,
    };
    let lines = [line];
    let highest = shared_time::highest(&lines, window);
    let strip = Chart {
        name: "timeline",
        lines: &lines,
        window,
        start_unix_s: view.start_unix_s,
        range: (0, scale::round_up(highest.max(20_000))),
        words: format::errors,
        level: None,
        marks: &[],
        named_marks: false,
        empty: "no samples yet: the first scrape is still to come",
        height: ui.available_height(),
    };
    let besides = Besides {
        then: state.time.then_ns(),
        band: state.time.zoom,
        touched: true,
        ..Besides::default()
    };
    let mut crosshair = state.time.crosshair;
    let drawn = chart::with(ui, &strip, besides, &mut crosshair);
    state.time.point(&drawn, crosshair);
    if drawn.response.has_focus() {
        hold_arrows(ui, drawn.response.id);
    }
    // A click or a drag along the strip moves the time compared with; let go, it stays.
    if drawn.response.clicked()
        && state.board.symptom.is_some()
        && let Some(at) = drawn.response.interact_pointer_pos()
    {
        // While a symptom is being stated, a click says when it began.
        let at_ns = chart::time_at(drawn.plot, window, at.x);
        shared_time::began(ui, view, &mut state.board, &mut state.pins, at_ns);
        for lane in LANES {
            lane.ui(ui, view, state, lanes, drawn.plot, window);
        }
        return;
    }
    let pulled = drawn.response.dragged() || drawn.response.clicked();
    if let Some(at) = drawn.response.interact_pointer_pos().filter(|_| pulled) {
        let at_ns = chart::time_at(drawn.plot, window, at.x);
        if let Some(at_ns) = state.readings.scrape_at(at_ns) {
            state.time.compare_with(at_ns);
        }
        drawn.response.request_focus();
    }
    for lane in LANES {
        lane.ui(ui, view, state, lanes, drawn.plot, window);
    }
}

/// Keeps the arrow keys for the strip while it has the focus: they move the time compared with.
fn hold_arrows(ui: &Ui, id: egui::Id) {
    let filter = EventFilter {
        horizontal_arrows: true,
        escape: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
}

/// Title, and what is compared with, if anything.
fn heading(ui: &mut Ui, view: &PlayerView, state: &mut State, name: &str, theme: &Theme) {
    ui.horizontal(|ui| {
        ui.set_height(18.0);
        ui.label(text::caption(theme, name));
        ui.add_space(theme.space.s);
        if let Some(then_ns) = state.time.then_ns() {
            let words = format!("comparing with {}", view.clock(then_ns));
            if chip(ui, &words, theme).clicked() {
                state.time.then = None;
            }
            ui.label(text::quiet(theme, "arrow keys move it"));
        } else {
            let words = "click or T: compare with another time";
            ui.label(text::quiet(theme, words).color(theme.palette.dim));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            state.keys_asked |= bindings::hint(ui);
        });
    });
}

/// What is compared with, as low as the title beside it; a click ends the comparison.
fn chip(ui: &mut Ui, words: &str, theme: &Theme) -> Response {
    let color = theme.palette.alternative;
    let line = text::Line::default()
        .add(words, theme.medium(theme.size.small), color)
        .add("  Esc", theme.mono(theme.size.tiny), theme.palette.muted);
    let galley = ui.painter().layout_job(line.job());
    let size = vec2(galley.size().x + 2.0 * theme.space.s, 18.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let response = response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text("Compare no longer");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, words));
    let active = response.hovered() || response.has_focus();
    let fill = tint(
        color,
        theme.palette.surface,
        if active { 0.3 } else { 0.14 },
    );
    ui.painter().rect_filled(rect, theme.radius.small, fill);
    let at = Align2::CENTER_CENTER
        .align_size_within_rect(galley.size(), rect)
        .min;
    ui.painter().galley(at, galley, color);
    response
}
