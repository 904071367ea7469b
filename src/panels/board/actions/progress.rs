//! Actions under way and done.

use brownout_session::view::{ActionView, PlayerView};
use egui::{Label, Sense, Ui, WidgetInfo, WidgetType, vec2};

use super::super::super::format;
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Draws one action.
pub(super) fn under_way(ui: &mut Ui, view: &PlayerView, action: &ActionView, theme: &Theme) {
    let palette = theme.palette;
    let (state, color) = match (action.done_ns, action.superseded) {
        (_, true) => ("overtaken".to_owned(), palette.dim),
        (Some(at_ns), _) => (format!("done {}", &view.clock(at_ns)[..5]), palette.healthy),
        (None, _) => (
            format::span(view.now_ns.saturating_sub(action.at_ns)),
            palette.accent,
        ),
    };
    section::card(ui, Some(color), |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(text::body(theme, &action.title)).wrap());
        ui.horizontal(|ui| {
            ui.label(text::number(theme, state, palette.muted));
            let (done, all) = action.progress;
            if all > 0 {
                ui.label(text::number(theme, format!("{done}/{all}"), palette.muted));
            }
        });
        let (done, all) = action.progress;
        if action.done_ns.is_none() && !action.superseded && all > 0 {
            let (track, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(WidgetType::ProgressIndicator, true, &action.title)
            });
            ui.painter().rect_filled(track, 2, palette.line);
            let share = f32::from(done) / f32::from(all);
            let bar =
                egui::Rect::from_min_size(track.min, vec2(track.width() * share, track.height()));
            ui.painter().rect_filled(bar, 2, palette.accent);
        }
    });
}
