//! One trace as a waterfall.

use brownout_session::reader::TraceRow;
use egui::{Align2, CursorIcon, Rect, Response, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::super::super::format;
use super::span_scale::SpanScale;
use crate::theme::{Theme, tint};

/// Height of a span's row.
pub(super) const ROW: f32 = 20.0;
/// Share of the width for a span's name.
pub(super) const NAMES: f32 = 0.36;
/// Distance a level of depth sets a name in.
const INDENT: f32 = 10.0;

/// What the pointer did in the waterfall.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touched {
    /// Span under the pointer.
    pub(super) under: Option<usize>,
    /// Span clicked.
    pub(super) clicked: Option<usize>,
}

/// A span's name, with its attempt if it is not the first.
pub(super) fn name(span: &brownout_session::reader::SpanRow) -> String {
    let attempt = if span.attempt > 1 {
        format!(" #{}", span.attempt)
    } else {
        String::new()
    };
    format!("{} {}{attempt}", span.service, span.endpoint)
}

/// All there is to say of a span, in one line.
pub(super) fn in_full(span: &brownout_session::reader::SpanRow) -> String {
    let words = name(span);
    let instance = span.instance.as_deref().unwrap_or("no server span");
    let left_early = if span.abandoned {
        ", the caller left"
    } else {
        ""
    };
    let locks = match span.lock_ns {
        0 => String::new(),
        ns => format!(" and {} for locks", format::duration(ns / 1_000)),
    };
    format!(
        "{words} on {instance}, {} after {}, waited {} for a worker{locks}{left_early}",
        span.status.http(),
        format::duration(span.duration_ns / 1_000),
        format::duration(span.wait_ns / 1_000)
    )
}

/// A row that can be clicked, lit when chosen or under the pointer.
pub(super) fn row(ui: &mut Ui, words: &str, chosen: bool, theme: &Theme) -> (Rect, Response) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, words));
    if chosen || response.hovered() || response.has_focus() {
        ui.painter()
            .rect_filled(rect, theme.radius.small, theme.palette.hover);
    }
    if chosen {
        let edge = Rect::from_min_size(rect.min, vec2(2.0, rect.height()));
        ui.painter().rect_filled(edge, 0, theme.palette.accent);
    }
    (rect, response)
}

/// Writes a span's name into the left part of its row; where the part ends.
pub(super) fn label(
    ui: &Ui,
    rect: Rect,
    depth: u16,
    words: &str,
    share: f32,
    theme: &Theme,
) -> f32 {
    let right = rect.left() + rect.width() * share;
    let left = (rect.left() + 6.0 + INDENT * f32::from(depth)).min(right - 40.0);
    let mut job = crate::widgets::text::Line::default()
        .add(words, theme.sans(theme.size.small), theme.palette.text)
        .job();
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - left);
    let galley = ui.painter().layout_job(job);
    let at = pos2(left, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, theme.palette.text);
    right
}

/// The scale of a trace over the width there is: from its beginning to the end of its last span, which may come after the
/// user has left.
pub(super) fn scale(ui: &Ui, trace: &TraceRow) -> SpanScale {
    let ends = trace
        .spans
        .iter()
        .map(|span| span.start_ns + span.duration_ns);
    let end_ns = ends.chain([trace.duration_ns]).max().unwrap_or(1);
    SpanScale::of(ui.available_rect_before_wrap(), end_ns)
}

/// Draws the spans; one may be scrolled to.
pub(super) fn ui(
    ui: &mut Ui,
    trace: &TraceRow,
    chosen: Option<usize>,
    reveal: Option<usize>,
    theme: &Theme,
) -> Touched {
    let palette = theme.palette;
    let scale = scale(ui, trace);
    let mut touched = Touched::default();
    ui.spacing_mut().item_spacing.y = 0.0;
    scale.lines(ui, trace.spans.len(), theme);
    for (index, span) in trace.spans.iter().enumerate() {
        let words = name(span);
        let full = in_full(span);
        let (rect, response) = row(ui, &full, chosen == Some(index), theme);
        if reveal == Some(index) {
            response.scroll_to_me(None);
        }
        label(ui, rect, span.depth, &words, NAMES, theme);
        let bar = Rect::from_min_size(
            pos2(scale.left + scale.length(span.start_ns), rect.top() + 4.0),
            vec2(scale.length(span.duration_ns).max(2.0), ROW - 8.0),
        );
        let color = if span.status.is_ok() {
            palette.healthy
        } else {
            palette.failing
        };
        let painter = ui.painter();
        painter.rect_filled(bar, 2, tint(color, palette.surface, 0.85));
        if span.wait_ns > 0 {
            let wait = Rect::from_min_size(bar.min, vec2(scale.length(span.wait_ns), bar.height()));
            painter.rect_filled(wait.intersect(bar), 2, palette.degraded);
        }
        if span.lock_ns > 0 {
            let left = scale.left + scale.length(span.lock_start_ns);
            let size = vec2(scale.length(span.lock_ns).max(1.0), bar.height());
            let wait = Rect::from_min_size(pos2(left, bar.top()), size);
            painter.rect_filled(wait.intersect(bar), 2, palette.accent);
        }
        let result = if span.status.is_ok() {
            String::new()
        } else {
            format!("{} ", span.status.http())
        };
        painter.text(
            pos2(bar.right() + 6.0, rect.center().y),
            Align2::LEFT_CENTER,
            format!("{result}{}", format::duration(span.duration_ns / 1_000)),
            theme.mono(theme.size.tiny),
            palette.muted,
        );
        if response.hovered() {
            touched.under = Some(index);
        }
        if response.clicked() {
            touched.clicked = Some(index);
        }
    }
    touched
}
