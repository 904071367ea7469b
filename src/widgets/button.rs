//! Buttons, all with a name for screen readers and a visible focus.

use egui::{
    Align2, Color32, CursorIcon, FontId, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, WidgetType, vec2,
};

use crate::theme::{Theme, tint, veil};

/// Room the cap of a key takes beyond its letter, in points.
const CAP: Vec2 = vec2(8.0, 4.0);

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The thing to do.
    Primary,
    /// Something one can do.
    Normal,
    /// One of several states; `true`: the one at hand.
    Choice(bool),
}

/// Height of a button in a dense form, in points: below the theme's ordinary one.
const DENSE: f32 = 22.0;

/// Makes the buttons of a part lower, and their words smaller: for forms of which much must be seen at once.
pub fn dense(ui: &mut Ui) {
    ui.spacing_mut().interact_size.y = DENSE;
}

/// Whether the buttons of a part are low ones.
#[must_use]
pub fn is_dense(ui: &Ui) -> bool {
    ui.spacing().interact_size.y <= DENSE
}

/// A button of the theme with a shortcut's key shown after its words, if it has one.
pub fn button(ui: &mut Ui, words: &str, key: Option<&str>, weight: Weight) -> Response {
    let theme = Theme::of(ui.ctx());
    let height = ui.spacing().interact_size.y.max(DENSE);
    let size = if is_dense(ui) {
        theme.size.small
    } else {
        theme.size.body
    };
    sized(ui, words, key, weight, theme.medium(size), height)
}

/// The thing to do, over the whole width there is.
pub fn wide(ui: &mut Ui, words: &str, key: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let font = theme.semibold(theme.size.body + 1.0);
    let width = ui.available_width();
    sized_to(ui, words, Some(key), Weight::Primary, font, 30.0, width)
}

/// A large button for screens with few of them.
pub fn large(ui: &mut Ui, words: &str, key: Option<&str>, weight: Weight, width: f32) -> Response {
    let theme = Theme::of(ui.ctx());
    ui.scope(|ui| {
        ui.set_min_width(width);
        sized_to(
            ui,
            words,
            key,
            weight,
            theme.semibold(theme.size.heading - 2.0),
            44.0,
            width,
        )
    })
    .inner
}

fn sized(
    ui: &mut Ui,
    words: &str,
    key: Option<&str>,
    weight: Weight,
    font: FontId,
    height: f32,
) -> Response {
    sized_to(ui, words, key, weight, font, height, 0.0)
}

fn sized_to(
    ui: &mut Ui,
    words: &str,
    key: Option<&str>,
    weight: Weight,
    font: FontId,
    height: f32,
    min_width: f32,
) -> Response {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let words_galley = ui
        .painter()
        .layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER);
    let key_galley = key.map(|key| {
        ui.painter().layout_no_wrap(
            key.to_owned(),
            theme.mono(theme.size.tiny),
            Color32::PLACEHOLDER,
        )
    });
    let dense = height <= DENSE;
    let gap = if dense { 4.0 } else { theme.space.s };
    let key_width = key_galley
        .as_ref()
        .map_or(0.0, |galley| galley.size().x + gap + CAP.x);
    let padding = match weight {
        _ if dense => 3.0,
        Weight::Choice(_) => 7.0,
        _ => theme.space.m,
    };
    let width = (words_galley.size().x + key_width + 2.0 * padding).max(min_width);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| match weight {
        Weight::Choice(on) => {
            WidgetInfo::selected(WidgetType::SelectableLabel, ui.is_enabled(), on, words)
        }
        _ => WidgetInfo::labeled(WidgetType::Button, ui.is_enabled(), words),
    });

    let active = response.hovered() || response.has_focus();
    let (fill, ink, quiet) = match weight {
        Weight::Primary if active => (palette.accent, palette.on_accent, palette.on_accent),
        Weight::Primary => (
            tint(palette.accent, palette.surface, 0.92),
            palette.on_accent,
            palette.on_accent,
        ),
        Weight::Normal if active => (palette.hover, palette.text, palette.muted),
        Weight::Normal => (palette.raised, palette.text, palette.dim),
        Weight::Choice(true) => (
            tint(palette.accent, palette.surface, 0.2),
            palette.text,
            palette.muted,
        ),
        Weight::Choice(false) if active => (palette.hover, palette.text, palette.dim),
        Weight::Choice(false) => (palette.raised, palette.muted, palette.dim),
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme.radius.small, fill);
    let edge = match weight {
        Weight::Normal => Some(palette.line),
        Weight::Choice(true) => Some(tint(palette.accent, palette.surface, 0.55)),
        _ => None,
    };
    if let Some(edge) = edge {
        painter.rect_stroke(
            rect,
            theme.radius.small,
            Stroke::new(1.0, edge),
            StrokeKind::Inside,
        );
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.5, palette.accent);
        painter.rect_stroke(
            rect.expand(2.0),
            theme.radius.small + 2,
            stroke,
            StrokeKind::Outside,
        );
    }
    let content = words_galley.size().x + key_width;
    let left = rect.center().x - content / 2.0;
    let middle = |galley: &egui::Galley| rect.center().y - galley.size().y / 2.0;
    let words_at = egui::pos2(left, middle(&words_galley));
    let key_at = left + words_galley.size().x + gap + CAP.x / 2.0;
    painter.galley_with_override_text_color(words_at, words_galley, ink);
    if let Some(galley) = key_galley {
        let at = egui::pos2(key_at, middle(&galley));
        let cap = Rect::from_min_size(at, galley.size()).expand2(CAP / 2.0);
        let edge = Stroke::new(1.0, veil(quiet, 0.45));
        painter.rect_stroke(cap, 3, edge, StrokeKind::Inside);
        painter.galley_with_override_text_color(at, galley, quiet);
    }
    response
}

/// The two bars of a pause sign, drawn, since no face has the sign.
pub fn pause(ui: &mut Ui, paused: bool) -> Response {
    let theme = Theme::of(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::click());
    let name = if paused { "Resume" } else { "Pause" };
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, ui.is_enabled(), name));
    let response = response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text(format!("{name} (Space)"));
    let palette = theme.palette;
    let active = paused || response.hovered() || response.has_focus();
    if active {
        ui.painter()
            .rect_filled(rect, theme.radius.small, palette.hover);
    }
    let ink = if paused {
        palette.degraded
    } else {
        palette.muted
    };
    if paused {
        super::mark::triangle(
            ui.painter(),
            rect.center(),
            6.0,
            ink,
            super::mark::Direction::Right,
        );
    } else {
        for offset in [-3.0, 3.0] {
            let bar =
                egui::Rect::from_center_size(rect.center() + vec2(offset, 0.0), vec2(2.5, 11.0));
            ui.painter().rect_filled(bar, 1, ink);
        }
    }
    response
}

/// A key as it is printed on a keyboard.
pub fn key_cap(ui: &mut Ui, key: &str) {
    let theme = Theme::of(ui.ctx());
    let galley = ui.painter().layout_no_wrap(
        key.to_owned(),
        theme.mono(theme.size.tiny),
        theme.palette.dim,
    );
    let (rect, _) = ui.allocate_exact_size(galley.size() + vec2(10.0, 4.0), Sense::hover());
    let stroke = Stroke::new(1.0, theme.palette.line);
    ui.painter()
        .rect_stroke(rect, theme.radius.small, stroke, StrokeKind::Inside);
    ui.painter().galley(
        Align2::CENTER_CENTER
            .align_size_within_rect(galley.size(), rect)
            .min,
        galley,
        theme.palette.dim,
    );
}
