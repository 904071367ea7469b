//! A choice with how much is behind it: its word, and the count in a box of its own.

use egui::{
    Color32, CursorIcon, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType,
    pos2, vec2,
};

use crate::theme::{Theme, tint};

/// Height of the choice and of the box of its count, in points.
const HEIGHT: f32 = 24.0;
const BOX: f32 = 16.0;

/// A choice that is on or off. `ink` colours the count, for counts of something bad or good.
pub fn badge(ui: &mut Ui, words: &str, count: &str, on: bool, ink: Option<Color32>) -> Response {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let lay = |words: &str, font| {
        ui.painter()
            .layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER)
    };
    let name = lay(words, theme.medium(theme.size.small));
    let number = lay(count, theme.mono(theme.size.tiny));
    let boxed = (number.size().x + 8.0).max(BOX);
    let (edge, gap) = (theme.space.s - 1.0, 6.0);
    let width = edge + name.size().x + gap + boxed + 4.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let words = format!("{words} {count}");
        WidgetInfo::selected(WidgetType::SelectableLabel, true, on, words)
    });
    let lit = response.hovered() || response.has_focus();
    let fill = match (on, lit) {
        (true, _) => tint(palette.accent, palette.surface, 0.2),
        (false, true) => palette.hover,
        (false, false) => palette.raised,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme.radius.small, fill);
    let line = if on {
        tint(palette.accent, palette.surface, 0.55)
    } else {
        palette.line
    };
    painter.rect_stroke(
        rect,
        theme.radius.small,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
    if response.has_focus() {
        painter.rect_stroke(
            rect.expand(2.0),
            theme.radius.small + 2,
            Stroke::new(1.5, palette.accent),
            StrokeKind::Outside,
        );
    }
    let words_ink = if on || lit {
        palette.text
    } else {
        palette.muted
    };
    let at = pos2(rect.left() + edge, rect.center().y - name.size().y / 2.0);
    painter.galley_with_override_text_color(at, name, words_ink);
    let pill = Rect::from_min_size(
        pos2(rect.right() - 4.0 - boxed, rect.center().y - BOX / 2.0),
        vec2(boxed, BOX),
    );
    let count_ink = ink.unwrap_or(palette.text);
    painter.rect_filled(
        pill,
        theme.radius.small,
        tint(count_ink, palette.surface, 0.16),
    );
    let at = pill.center() - number.size() / 2.0;
    painter.galley_with_override_text_color(at, number, count_ink);
    response
}
