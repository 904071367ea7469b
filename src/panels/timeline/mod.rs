//! The incident in one strip: errors of the main flow, above it what the system did and what the player did, and a time to
//! compare with. Turning the wheel over it shows more or less of the run.

mod lane;
mod marks;
mod span;

use brownout_session::view::PlayerView;
use egui::{
    Align, Align2, CursorIcon, EventFilter, Layout, Rect, Response, Sense, Shape, Stroke, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use self::lane::{LANES, Lane, Strip};
pub use self::span::Span;
use super::intent::Intent;
use super::shared_time;
use super::state::State;
use super::{bindings, format};
use crate::theme::{Theme, tint};
use crate::widgets::chart::{self, Besides, Chart, Drawn, Line};
use crate::widgets::{scale, text};

/// Height of the strip in points.
pub const HEIGHT: f32 = 126.0;
/// Points of a wheel's turn that draw the strip out to twice its length.
const TURN: f32 = 200.0;

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
    let window = state.span.window(view);
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
    let strip = Strip {
        lanes,
        plot: drawn.plot,
        window,
        now: chart::x_at(drawn.plot, window, view.now_ns),
    };
    moments(ui, view, &strip, &theme);
    touched(ui, view, state, &drawn, &strip);
    for lane in LANES {
        lane.ui(ui, view, state, &strip);
    }
    turned(ui, view, state, lanes.union(drawn.response.rect));
}

/// The page and now, across lanes and plot.
fn moments(ui: &Ui, view: &PlayerView, strip: &Strip, theme: &Theme) {
    let palette = theme.palette;
    let painter = ui.painter();
    let down = strip.lanes.top()..=strip.plot.bottom();
    if let Some(page) = view
        .page
        .as_ref()
        .filter(|page| page.at_ns >= strip.window.0)
    {
        let x = chart::x_at(strip.plot, strip.window, page.at_ns).round() + 0.5;
        let stroke = Stroke::new(1.0, tint(palette.failing, palette.surface, 0.7));
        let ends = [pos2(x, strip.plot.top()), pos2(x, strip.plot.bottom())];
        painter.extend(Shape::dashed_line(&ends, stroke, 2.0, 3.0));
    }
    painter.vline(
        strip.now.round() + 0.5,
        down,
        Stroke::new(1.5, palette.muted),
    );
    painter.text(
        pos2(strip.now + 6.0, strip.lanes.top() + Lane::HEIGHT / 2.0),
        Align2::LEFT_CENTER,
        "now",
        theme.medium(theme.size.tiny),
        palette.text,
    );
}

/// What a click or a drag along the strip does: it moves the time compared with, and says when the symptom being stated
/// began.
fn touched(ui: &Ui, view: &PlayerView, state: &mut State, drawn: &Drawn, strip: &Strip) {
    if drawn.response.has_focus() {
        hold_arrows(ui, drawn.response.id);
    }
    let Some(at) = drawn.response.interact_pointer_pos() else {
        return;
    };
    let at_ns = chart::time_at(drawn.plot, strip.window, at.x).min(view.now_ns);
    if drawn.response.clicked() && state.board.symptom.is_some() {
        shared_time::began(ui, view, &mut state.board, &mut state.pins, at_ns);
    } else if drawn.response.dragged() || drawn.response.clicked() {
        if let Some(at_ns) = state.readings.scrape_at(at_ns) {
            state.time.compare_with(at_ns);
        }
        drawn.response.request_focus();
    }
}

/// A turn of the wheel over the strip shows more of the run, or less.
fn turned(ui: &Ui, view: &PlayerView, state: &mut State, strip: Rect) {
    let turn = ui.input(|input| input.smooth_scroll_delta().y);
    if turn == 0.0 || !ui.rect_contains_pointer(strip) {
        return;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred per cent"
    )]
    let percent = (100.0 * (turn / TURN).clamp(-2.0, 2.0).exp2()).round() as u64;
    state.span = state.span.stretched(view, percent);
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
            spans(ui, view, &mut state.span, theme);
        });
    });
}

/// How far back the strip goes, right to left.
fn spans(ui: &mut Ui, view: &PlayerView, span: &mut Span, theme: &Theme) {
    let begins = Span::Incident.from_ns(view);
    if begins == 0 && *span == Span::Incident {
        return;
    }
    ui.spacing_mut().item_spacing.x = theme.space.xs;
    let since = |from_ns: u64| view.clock(from_ns)[..5].to_owned();
    let mut choices = vec![
        (Span::Whole, "whole run".to_owned()),
        (Span::Incident, format!("since {}", since(begins))),
    ];
    if let Span::Since(from_ns) = *span {
        choices.push((*span, format!("since {}", since(from_ns))));
    }
    for (choice, words) in choices {
        let hint = "The wheel shows more or less of the run";
        if small(ui, &words, choice == *span, theme)
            .on_hover_text(hint)
            .clicked()
        {
            *span = choice;
        }
    }
}

/// One of several states, as low as the title of the strip.
fn small(ui: &mut Ui, words: &str, on: bool, theme: &Theme) -> Response {
    let palette = theme.palette;
    let font = theme.medium(theme.size.small);
    let color = if on { palette.text } else { palette.muted };
    let galley = ui.painter().layout_no_wrap(words.to_owned(), font, color);
    let size = vec2(galley.size().x + 2.0 * theme.space.s, 18.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, on, words));
    let fill = match (on, response.hovered() || response.has_focus()) {
        (true, _) => tint(palette.accent, palette.surface, 0.2),
        (false, true) => palette.hover,
        (false, false) => palette.surface,
    };
    ui.painter().rect_filled(rect, theme.radius.small, fill);
    if response.has_focus() {
        let stroke = Stroke::new(1.0, palette.accent);
        ui.painter()
            .rect_stroke(rect, theme.radius.small, stroke, egui::StrokeKind::Outside);
    }
    let at = Align2::CENTER_CENTER
        .align_size_within_rect(galley.size(), rect)
        .min;
    ui.painter().galley(at, galley, color);
    response
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
