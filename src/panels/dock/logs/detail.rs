//! One line in full, at the foot of the tab.

use brownout_session::reader::LogRow;
use brownout_session::view::PlayerView;
use egui::{Label, Rect, ScrollArea, Ui, UiBuilder, vec2};

use super::super::super::words;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::text;

/// Height of the pane.
pub(in crate::panels::dock) const HEIGHT: f32 = 140.0;

/// What was asked of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Its trace.
    pub(super) trace: bool,
    /// Lines like it.
    pub(super) pattern: bool,
    /// What was written before and after it.
    pub(super) around: bool,
    /// Its words for another program.
    pub(super) copy: bool,
    /// No more of it.
    pub(super) close: bool,
}

/// A line as it is copied: when, how bad, where from, what.
pub(super) fn copied(view: &PlayerView, row: &LogRow) -> String {
    let (clock, millis) = (view.clock(row.at_ns), row.at_ns / 1_000_000 % 1_000);
    let (level, instance, text) = (row.level.word(), &row.instance, &row.text);
    format!("{clock}.{millis:03} {level} {instance} {text}")
}

/// Draws the line with all its fields, wrapped.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, row: &LogRow, theme: &Theme) -> Asked {
    let palette = theme.palette;
    let mut asked = Asked::default();
    let size = vec2(ui.available_width(), HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let card = rect.with_min_y(rect.top() + theme.space.s);
    ui.painter()
        .rect_filled(card, theme.radius.large, palette.raised);
    let inner = Rect::from_min_max(card.min, card.max).shrink2(vec2(theme.space.m, theme.space.s));
    ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
        ui.horizontal(|ui| {
            let clock = view.clock(row.stamp_ns);
            let millis = row.stamp_ns / 1_000_000 % 1_000;
            let word = text::number(theme, row.level.word(), super::color(row.level, &palette));
            ui.label(text::number(
                theme,
                format!("{clock}.{millis:03}"),
                palette.muted,
            ));
            ui.label(word);
            ui.add(Label::new(text::number(theme, &row.instance, palette.muted)).truncate());
        });
        ScrollArea::vertical()
            .id_salt("whole line")
            .max_height(inner.height() - 66.0)
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.add(Label::new(text::number(theme, &row.text, palette.text)).wrap());
            });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme.space.xs;
            if row.trace != 0 {
                let label = format!("Trace {}", words::trace(row.trace));
                asked.trace = button(ui, &label, Some("Enter"), Weight::Normal).clicked();
            }
            asked.pattern = button(ui, "Lines like it", None, Weight::Normal).clicked();
            asked.around = button(ui, "Around it", None, Weight::Normal).clicked();
            asked.copy = button(ui, "Copy", Some("Ctrl C"), Weight::Normal).clicked();
            asked.close = button(ui, "Close", Some("Esc"), Weight::Choice(false)).clicked();
        });
    });
    asked
}
