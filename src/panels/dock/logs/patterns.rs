//! Lines by pattern: how many, when, and a small graph over the window.

use brownout_session::view::PlayerView;
use egui::{
    Align2, CursorIcon, Painter, Rect, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use super::super::super::format;
use super::super::super::state::State;
use super::book::{Group, PARTS};
use super::query::{Field, Query, Term};
use crate::theme::Theme;
use crate::widgets::text;

/// Height of a pattern.
const ROW: f32 = 40.0;
/// Width of the small graph.
const GRAPH: f32 = 96.0;
/// Room for the count.
const COUNT: f32 = 52.0;

/// Draws the patterns; a click shows the lines of one.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, theme: &Theme) {
    let book = &mut state.dock.logs;
    let query = Query::parse(&book.query);
    let mut picked = None;
    ui.spacing_mut().item_spacing.y = 2.0;
    ScrollArea::vertical()
        .id_salt("patterns")
        .auto_shrink([false, false])
        .show_rows(ui, ROW, book.groups.len(), |ui, range| {
            for group in &book.groups[range] {
                let term = Term::of(Field::Pattern, &group.pattern);
                if row(ui, view, group, query.has(&term), theme) {
                    picked = Some(term);
                }
            }
        });
    if let Some(term) = picked {
        book.query = query.toggled(term);
        book.grouped = false;
    }
}

/// One pattern; whether it was picked.
fn row(ui: &mut Ui, view: &PlayerView, group: &Group, chosen: bool, theme: &Theme) -> bool {
    let palette = theme.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let words = format!("{} lines: {}", group.count, group.pattern);
        WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, words)
    });
    let painter = ui.painter();
    if chosen || response.hovered() || response.has_focus() {
        painter.rect_filled(rect, theme.radius.small, palette.hover);
    }
    let ink = super::color(group.level, &palette);
    painter.text(
        pos2(rect.left() + COUNT - 8.0, rect.top() + 12.0),
        Align2::RIGHT_CENTER,
        format::count(u64::from(group.count)),
        theme.mono(theme.size.small),
        palette.text,
    );
    let right = rect.right() - GRAPH - theme.space.m;
    let left = rect.left() + COUNT;
    let room = super::shorten::letters(right - left, theme).saturating_sub(6);
    let words = super::shorten::shortened(&group.pattern, room);
    let mut job = text::Line::default()
        .add(
            &format!("{} ", group.level.word()),
            theme.mono(theme.size.small),
            ink,
        )
        .add(&words, theme.mono(theme.size.small), palette.text)
        .job();
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - left);
    let galley = painter.layout_job(job);
    painter.galley(
        pos2(left, rect.top() + 12.0 - galley.size().y / 2.0),
        galley,
        palette.text,
    );
    let (first, last) = (view.clock(group.times.0), view.clock(group.times.1));
    painter.text(
        pos2(left, rect.bottom() - 10.0),
        Align2::LEFT_CENTER,
        format!("first {first}, last {last}"),
        theme.mono(theme.size.tiny),
        palette.dim,
    );
    let graph = Rect::from_min_max(
        pos2(rect.right() - GRAPH - 4.0, rect.top() + 6.0),
        pos2(rect.right() - 4.0, rect.bottom() - 6.0),
    );
    bars(painter, graph, &group.parts, ink, theme);
    response.clicked()
}

/// Bars of a pattern over the window, the fullest part as high as there is room.
#[expect(clippy::cast_precision_loss, reason = "screen coordinates")]
fn bars(painter: &Painter, rect: Rect, parts: &[u32; PARTS], ink: egui::Color32, theme: &Theme) {
    let most = parts.iter().copied().max().unwrap_or(0).max(1) as f32;
    let width = rect.width() / PARTS as f32;
    for (index, &count) in parts.iter().enumerate() {
        let left = rect.left() + width * index as f32;
        let height = if count == 0 {
            1.0
        } else {
            (rect.height() * count as f32 / most).max(2.0)
        };
        let bar = Rect::from_min_max(
            pos2(left, rect.bottom() - height),
            pos2(left + width - 1.0, rect.bottom()),
        );
        let color = if count == 0 { theme.palette.line } else { ink };
        painter.rect_filled(bar, 0, color);
    }
}
