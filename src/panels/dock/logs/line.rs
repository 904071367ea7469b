//! One log line as a row.

use brownout_session::reader::LogRow;
use brownout_session::view::PlayerView;
use egui::{CursorIcon, Rect, Response, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::ROW;
use crate::theme::Theme;
use crate::widgets::text;

/// One line, cut at the right: what matters comes first, the rest stands in the detail.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    row: &LogRow,
    instance: &str,
    chosen: bool,
    theme: &Theme,
) -> Response {
    let palette = theme.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let words = format!("{} {} {}", row.level.word(), row.instance, row.text);
        WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, words)
    });
    if chosen || response.hovered() {
        ui.painter()
            .rect_filled(rect, theme.radius.small, palette.hover);
    }
    if chosen {
        let edge = Rect::from_min_size(rect.min, vec2(2.0, rect.height()));
        ui.painter().rect_filled(edge, 0, palette.accent);
    }
    let mono = || theme.mono(theme.size.small);
    let head = instance.chars().count() + "00:00:00 ERROR  ".len();
    let room = super::shorten::letters(rect.width() - 12.0, theme).saturating_sub(head);
    let mut job = text::Line::default()
        .add(&view.clock(row.stamp_ns), mono(), palette.dim)
        .add(
            &format!(" {:5} ", row.level.word()),
            mono(),
            super::color(row.level, &palette),
        )
        .add(&format!("{instance} "), mono(), palette.muted)
        .add(
            &super::shorten::shortened(&row.text, room),
            mono(),
            palette.text,
        )
        .job();
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 12.0);
    let galley = ui.painter().layout_job(job);
    let elided = galley.elided;
    let at = pos2(rect.left() + 6.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.text);
    if elided {
        return response.on_hover_text(&row.text);
    }
    response
}
