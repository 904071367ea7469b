//! Titled parts of a panel, cards, chips and empty states.

use std::sync::Arc;

use egui::{
    Align, Align2, Color32, CornerRadius, CursorIcon, Frame, Galley, Label, Layout, Margin,
    Response, Sense, Stroke, Ui, UiBuilder, WidgetInfo, WidgetType, vec2,
};

use super::text;
use crate::theme::{Theme, tint};

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
        .inner_margin(Margin {
            left: 12,
            right: 10,
            top: 8,
            bottom: 8,
        });
    let shown = frame.show(ui, contents);
    if let Some(color) = edge {
        let rect = shown.response.rect;
        let strip = egui::Rect::from_min_max(
            rect.left_top(),
            egui::pos2(rect.left() + 3.0, rect.bottom()),
        );
        // The left end of the card's own rounded ground, so that it does not stick out of its corners.
        ui.painter()
            .with_clip_rect(strip.intersect(ui.clip_rect()))
            .rect_filled(rect, theme.radius.large, color);
    }
    shown.inner
}

/// A card that can be clicked. It is there before its contents, so that controls within it lie above it.
pub fn clickable(
    ui: &mut Ui,
    edge: Option<Color32>,
    words: &str,
    contents: impl FnOnce(&mut Ui),
) -> Response {
    let builder = UiBuilder::new().sense(Sense::click());
    let shown = ui.scope_builder(builder, |ui| card(ui, edge, contents));
    let response = shown.response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, words));
    response
}

/// A small boxed word.
pub fn chip(ui: &mut Ui, word: &str, color: Color32) -> Response {
    let theme = Theme::of(ui.ctx());
    let galley =
        ui.painter()
            .layout_no_wrap(word.to_owned(), theme.medium(theme.size.small), color);
    boxed(ui, galley, tint(color, theme.palette.surface, 0.14), word)
}

/// Laid-out text in a filled box; `name` is what a screen reader says.
pub fn boxed(ui: &mut Ui, galley: Arc<Galley>, fill: Color32, name: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(16.0, 8.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, name));
    ui.painter().rect_filled(rect, theme.radius.small, fill);
    let at = Align2::CENTER_CENTER
        .align_size_within_rect(galley.size(), rect)
        .min;
    ui.painter().galley(at, galley, theme.palette.text);
    response
}

/// What a part shows when there is nothing to show, saying why.
pub fn empty(ui: &mut Ui, words: &str) {
    let theme = Theme::of(ui.ctx());
    ui.add(Label::new(text::quiet(&theme, words)).wrap());
}
