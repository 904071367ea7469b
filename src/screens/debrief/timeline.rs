//! The whole run in one strip: errors of the main flow, everything that happened as marks, and a cursor that says what
//! happened where it stands.

use egui::{Align2, Color32, Label, Layout, Rect, Sense, Stroke, Ui, UiBuilder, vec2};

use super::page::State;
use super::plot::{self, Line, Plot, Style};
use crate::evaluation::Debrief;
use crate::evaluation::moments::{Moment, MomentKind};
use crate::panels::format;
use crate::theme::{Theme, tint};
use crate::widgets::scale::round_up;
use crate::widgets::{button, text};

/// Least and greatest height of the strip in points, and its share of the window's between them.
const LEAST: f32 = 128.0;
const MOST: f32 = 240.0;
const SHARE: f32 = 0.22;
/// Height of a row of marks in points.
const MARKS: f32 = 16.0;
/// The same where each kind has a row of its own.
const LANE: f32 = 12.0;
/// Height of the strip from which each kind has one.
const LANES_FROM: f32 = 180.0;

/// Height of the strip in a window of a height, in points.
pub(super) fn height(window: f32) -> f32 {
    (window * SHARE).clamp(LEAST, MOST).floor()
}

/// Colour of a kind of moment.
const fn ink(theme: &Theme, kind: MomentKind) -> Color32 {
    match kind {
        MomentKind::Frame => theme.palette.text,
        MomentKind::Alert => theme.palette.failing,
        MomentKind::Look => theme.palette.dim,
        MomentKind::Belief => theme.palette.alternative,
        MomentKind::Action => theme.palette.accent,
        MomentKind::Message => theme.palette.degraded,
    }
}

/// Moves the cursor by one moment.
pub(super) fn step(debrief: &Debrief, state: &mut State, forward: bool) {
    let last = debrief.moments.len().saturating_sub(1);
    state.cursor = Some(match (state.cursor, forward) {
        (None, true) => 0,
        (None, false) => last,
        (Some(at), true) => (at + 1).min(last),
        (Some(at), false) => at.saturating_sub(1),
    });
}

/// The moment nearest to a time.
pub(super) fn nearest(moments: &[Moment], at_ns: u64) -> Option<usize> {
    let distance = |moment: &Moment| moment.at_ns.abs_diff(at_ns);
    let near = moments.iter().enumerate();
    near.min_by_key(|(_, moment)| distance(moment))
        .map(|(index, _)| index)
}

/// Draws the strip in the height it needs.
pub(super) fn ui(ui: &mut Ui, debrief: &Debrief, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let at = state.cursor.and_then(|index| debrief.moments.get(index));
    let height = ui.max_rect().height();
    ui.horizontal(|ui| {
        ui.set_height(26.0);
        if button::button(ui, "Before", Some("←"), button::Weight::Normal).clicked() {
            step(debrief, state, false);
        }
        if button::button(ui, "After", Some("→"), button::Weight::Normal).clicked() {
            step(debrief, state, true);
        }
        // The legend keeps its place at the right; what happened takes the rest.
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            // Lanes are named where they are.
            let named = height >= LANES_FROM;
            for kind in MomentKind::ALL.into_iter().rev().filter(|_| !named) {
                ui.label(text::quiet(&theme, kind.name()));
                let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
                ui.painter()
                    .rect_filled(dot.shrink(0.5), 1, ink(&theme, kind));
            }
            ui.with_layout(Layout::left_to_right(egui::Align::Center), |ui| {
                if let Some(moment) = at {
                    told(ui, &theme, debrief, moment);
                } else {
                    let words = "Press any time on this page to see what happened then.";
                    ui.add(Label::new(text::quiet(&theme, words)).truncate());
                }
            });
        });
    });
    strip(ui, &theme, debrief, state);
}

/// What happened at a moment.
fn told(ui: &mut Ui, theme: &Theme, debrief: &Debrief, moment: &Moment) {
    let since = debrief.page_ns.map_or_else(String::new, |page_ns| {
        if moment.at_ns < page_ns {
            format!("−{}", format::span(page_ns - moment.at_ns))
        } else {
            format!("T+{}", format::span(moment.at_ns - page_ns))
        }
    });
    let line = text::Line::default()
        .add(
            &format!("{}  {since}  ", debrief.clock(moment.at_ns)),
            theme.mono(theme.size.small),
            theme.palette.accent,
        )
        .add(
            &moment.words,
            theme.medium(theme.size.body),
            theme.palette.text,
        )
        .add(
            &format!("  #{}", moment.seq),
            theme.mono(theme.size.tiny),
            theme.palette.dim,
        );
    ui.add(Label::new(line.job()).truncate());
}

fn strip(ui: &mut Ui, theme: &Theme, debrief: &Debrief, state: &mut State) {
    let highest = debrief
        .errors
        .iter()
        .filter_map(|(_, errors)| *errors)
        .max();
    let height = ui.available_height().max(60.0);
    let kinds = MomentKind::ALL.len();
    let lanes = (ui.max_rect().height() >= LANES_FROM).then_some(kinds);
    let rows = lanes.map_or(MARKS, below);
    let place = ui.available_rect_before_wrap();
    let cursor = state
        .cursor
        .and_then(|index| debrief.moments.get(index))
        .map(|moment| moment.at_ns);
    let window = window(debrief);
    let plot = Plot {
        name: format!("Timeline, {} errors", debrief.main_flow),
        window,
        start_unix_s: debrief.start_unix_s,
        most: round_up(highest.unwrap_or(0).max(20_000)),
        words: format::errors,
        lines: vec![Line {
            points: &debrief.errors,
            color: theme.palette.failing,
            style: Style::Filled,
            stepped: false,
            end: String::new(),
        }],
        marks: Vec::new(),
        cursor,
        height: height - rows,
    };
    let (_, pressed) = plot::ui(ui, &plot);
    let row = Rect::from_min_max(
        egui::pos2(place.left(), place.top() + height - rows),
        egui::pos2(place.right(), place.top() + height),
    );
    let mut below = ui.new_child(UiBuilder::new().max_rect(row));
    let clicked = marks(
        &mut below,
        theme,
        debrief,
        window,
        (state.cursor, lanes.is_some()),
    );
    if let Some(at_ns) = clicked.or(pressed) {
        state.cursor = nearest(&debrief.moments, at_ns);
    }
}

/// From a little before the onset or the page to the end of the session.
fn window(debrief: &Debrief) -> (u64, u64) {
    const BEFORE_NS: u64 = 120_000_000_000;
    let from_ns = debrief
        .page_ns
        .map_or(debrief.onset_ns, |page_ns| page_ns.min(debrief.onset_ns));
    let to_ns = debrief.end_ns.max(from_ns + 1);
    (from_ns.saturating_sub(BEFORE_NS), to_ns)
}

/// Height of a number of lanes.
fn below(lanes: usize) -> f32 {
    LANE * f32::from(u8::try_from(lanes).unwrap_or(u8::MAX))
}

/// Middle of the lane of a kind.
fn lane(rect: Rect, kind: MomentKind) -> f32 {
    let index = MomentKind::ALL.iter().position(|of| *of == kind);
    rect.top() + below(index.unwrap_or(0)) + LANE / 2.0
}

/// The kinds beside their lanes, and a hairline below each.
fn lane_names(ui: &Ui, theme: &Theme, rect: Rect) {
    let palette = theme.palette;
    let faint = Stroke::new(1.0, tint(palette.line, palette.surface, 0.55));
    for kind in MomentKind::ALL {
        let y = lane(rect, kind);
        let lanes = rect.left() + plot::LEFT..=rect.right() - plot::RIGHT;
        ui.painter().hline(lanes, y.round() + 0.5, faint);
        ui.painter().text(
            egui::pos2(rect.left() + plot::LEFT - 6.0, y),
            Align2::RIGHT_CENTER,
            kind.name(),
            theme.sans(theme.size.tiny - 1.0),
            ink(theme, kind),
        );
    }
}

/// Ticks, one for each moment, in one row or a lane for each kind; returns the time pressed on.
fn marks(
    ui: &mut Ui,
    theme: &Theme,
    debrief: &Debrief,
    (from_ns, to_ns): (u64, u64),
    (cursor, lanes): (Option<usize>, bool),
) -> Option<u64> {
    let rect = ui.max_rect();
    if lanes {
        lane_names(ui, theme, rect);
    }
    let response = ui.interact(rect, ui.id().with("moments"), Sense::click());
    let (left, right) = (rect.left() + plot::LEFT, rect.right() - plot::RIGHT);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "screen coordinates"
    )]
    let x = |at_ns: u64| {
        let share = at_ns.saturating_sub(from_ns) as f64 / (to_ns - from_ns).max(1) as f64;
        left + (right - left) * share as f32
    };
    let mut hit: Option<(f32, u64)> = None;
    let pointer = response
        .interact_pointer_pos()
        .filter(|_| response.clicked());
    for (index, moment) in debrief.moments.iter().enumerate() {
        if !(from_ns..=to_ns).contains(&moment.at_ns) {
            continue;
        }
        let at = x(moment.at_ns);
        let chosen = cursor == Some(index);
        let (height, y) = match (lanes, chosen) {
            (true, true) => (LANE, lane(rect, moment.kind)),
            (true, false) => (LANE - 4.0, lane(rect, moment.kind)),
            (false, true) => (14.0, rect.center().y),
            (false, false) => (8.0, rect.center().y),
        };
        let width = if chosen { 4.0 } else { 2.0 };
        let tick = Rect::from_center_size(egui::pos2(at, y), vec2(width, height));
        ui.painter().rect_filled(tick, 1, ink(theme, moment.kind));
        if let Some(pointer) = pointer {
            let distance = (pointer.x - at).abs();
            if hit.is_none_or(|(least, _)| distance < least) {
                hit = Some((distance, moment.at_ns));
            }
        }
    }
    hit.map(|(_, at_ns)| at_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debrief(times: &[u64]) -> Debrief {
        let moment = |(seq, at_ns): (u64, &u64)| Moment {
            seq,
            at_ns: *at_ns,
            kind: MomentKind::Look,
            own: true,
            words: String::new(),
        };
        Debrief {
            moments: (1..).zip(times).map(moment).collect(),
            ..Debrief::default()
        }
    }

    /// Stepping begins at the near end and stops at both ends; a run without records does no harm.
    #[test]
    fn steps_go_from_record_to_record() {
        let run = debrief(&[10, 20, 30]);
        let mut state = State::default();
        step(&run, &mut state, true);
        assert_eq!(state.cursor, Some(0));
        for _ in 0..5 {
            step(&run, &mut state, true);
        }
        assert_eq!(state.cursor, Some(2));
        step(&run, &mut state, false);
        assert_eq!(state.cursor, Some(1));
        let mut state = State::default();
        step(&debrief(&[]), &mut state, false);
        assert!(
            debrief(&[])
                .moments
                .get(state.cursor.unwrap_or(0))
                .is_none()
        );
    }

    /// A press finds the record nearest to it, and an entry without words leads to the one before it.
    #[test]
    fn times_lead_to_records() {
        let run = debrief(&[10, 20, 30]);
        assert_eq!(nearest(&run.moments, 24), Some(1));
        assert_eq!(nearest(&[], 24), None);
        assert_eq!(run.moment_at(2), Some(1));
        assert_eq!(run.moment_at(9), Some(2));
        assert_eq!(run.moment_at(0), None);
    }
}
