//! Actions under way and done.

use brownout_session::progress::CutShort;
use brownout_session::view::{ActionView, PlayerView};
use egui::{Label, Sense, Ui, WidgetInfo, WidgetType, vec2};

use super::super::super::format;
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Draws one action.
pub(super) fn under_way(ui: &mut Ui, view: &PlayerView, action: &ActionView, theme: &Theme) {
    let palette = theme.palette;
    let (state, color) = match (action.done_ns, action.cut_short) {
        (_, Some(CutShort::Overtaken)) => (CutShort::Overtaken.words().to_owned(), palette.dim),
        (_, Some(CutShort::Halted)) => (CutShort::Halted.words().to_owned(), palette.failing),
        (Some(at_ns), _) => (format!("done {}", &view.clock(at_ns)[..5]), palette.healthy),
        (None, _) => (left(view.now_ns, action), palette.accent),
    };
    section::card(ui, Some(color), |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(text::body(theme, &action.title)).wrap());
        ui.horizontal(|ui| {
            ui.label(text::number(theme, state, palette.muted));
            let (done, all) = action.progress;
            if all > 0 {
                let words = format!("{done} of {all} steps");
                ui.label(text::number(theme, words, palette.dim));
            }
        });
        if action.done_ns.is_none() {
            let (track, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(WidgetType::ProgressIndicator, true, &action.title)
            });
            ui.painter().rect_filled(track, 2, palette.line);
            let share = share(view.now_ns, action);
            let bar =
                egui::Rect::from_min_size(track.min, vec2(track.width() * share, track.height()));
            ui.painter().rect_filled(bar, 2, palette.accent);
        }
    });
}

/// How much longer an action takes, by what it was expected to.
fn left(now_ns: u64, action: &ActionView) -> String {
    let gone_ns = now_ns.saturating_sub(action.at_ns);
    match action.expected_ns.checked_sub(gone_ns) {
        Some(left_ns) if left_ns > 0 => format!("about {} left", format::span(left_ns)),
        _ => format!("{}, longer than expected", format::span(gone_ns)),
    }
}

/// How far an action is: by what it has replaced, and between two of those by the time it was expected to take. Never whole
/// before it is done.
#[expect(clippy::cast_precision_loss, reason = "a share to be drawn")]
fn share(now_ns: u64, action: &ActionView) -> f32 {
    let (done, all) = action.progress;
    let steps = f32::from(all).max(1.0);
    let replaced = f32::from(done) / steps;
    let next = if all > 1 {
        (f32::from(done) + 1.0) / steps
    } else {
        1.0
    };
    let gone = now_ns.saturating_sub(action.at_ns) as f32 / action.expected_ns.max(1) as f32;
    gone.clamp(replaced, next).min(0.97)
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_session::command::Action;

    fn action(progress: (u16, u16)) -> ActionView {
        ActionView {
            id: 1,
            at_ns: 0,
            action: Action::PagePerson {
                person: "Mara".to_owned(),
            },
            title: String::new(),
            serves: None,
            progress,
            expected_ns: 100,
            done_ns: None,
            cut_short: None,
        }
    }

    /// The bar moves with time, is never behind what is done, nor beyond the next step, nor full before the end.
    #[test]
    fn progress_moves_between_steps_and_stays_true_to_them() {
        let at = |now_ns: u64, progress| share(now_ns, &action(progress));
        assert!(at(10, (0, 4)) < at(20, (0, 4)));
        assert!(
            (at(90, (0, 4)) - 0.25).abs() < 0.001,
            "one step ahead at most"
        );
        assert!((at(10, (2, 4)) - 0.5).abs() < 0.001, "two of four are done");
        assert!(at(500, (0, 0)) < 1.0);
    }
}
