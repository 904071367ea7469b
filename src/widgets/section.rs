//! Titled parts of a panel, cards, chips and empty states.

use egui::{Align, Color32, CornerRadius, Frame, Label, Layout, Margin, Response, RichText, Stroke, Ui};

use super::text;
use crate::theme::Theme;

/// A title with something at its right, and space below.
pub fn title(ui: &mut Ui, caption: &str, trailing: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal(|ui| {
        ui.label(text::caption(&theme, caption));
        ui.with_layout(Layout::right_to_left(Align::Center), trailing);
    });
    ui.add_space(theme.space.xs);
}

/// A raised card; `edge` colours its left side.
pub fn card<R>(ui: &mut Ui, edge: Option<Color32>, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let theme = Theme::of(ui.ctx());
    let frame = Frame::new()
        .fill(theme.palette.raised)
        .stroke(Stroke::new(1.0, theme.palette.line))
        .corner_radius(CornerRadius::same(theme.radius.large))
        .inner_margin(Margin { left: 12, right: 10, top: 8, bottom: 8 });
    let shown = frame.show(ui, contents);
    if let Some(color) = edge {
        let rect = shown.response.rect;
        let strip = egui::Rect::from_min_max(rect.left_top(), egui::pos2(rect.left() + 3.0, rect.bottom()));
        let radius = CornerRadius { nw: theme.radius.large, sw: theme.radius.large, ne: 0, se: 0 };
        ui.painter().rect_filled(strip, radius, color);
    }
    shown.inner
}

/// A small boxed word.
pub fn chip(ui: &mut Ui, word: &str, color: Color32) -> Response {
    let theme = Theme::of(ui.ctx());
    Frame::new()
        .fill(color.gamma_multiply(0.16))
        .corner_radius(CornerRadius::same(theme.radius.small))
        .inner_margin(Margin::symmetric(8, 3))
        .show(ui, |ui| ui.label(RichText::new(word).font(theme.medium(theme.size.small)).color(color)))
        .response
}

/// What a part shows when there is nothing to show, saying why.
pub fn empty(ui: &mut Ui, words: &str) {
    let theme = Theme::of(ui.ctx());
    ui.add(Label::new(text::quiet(&theme, words)).wrap());
}
