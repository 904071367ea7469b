//! egui's style, derived from the tokens.

use std::collections::BTreeMap;

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, Margin, Stroke, Style, TextStyle, Visuals, vec2};

use super::{Theme, tint};

/// Style of a theme.
pub(super) fn style(theme: &Theme) -> Style {
    let mut style = Style {
        visuals: visuals(theme),
        text_styles: text_styles(theme),
        ..Style::default()
    };
    style.spacing.item_spacing = vec2(theme.space.s, theme.space.xs);
    style.spacing.button_padding = vec2(theme.space.s, theme.space.xs);
    // As high as a button: words beside buttons stand on their line.
    style.spacing.interact_size = vec2(24.0, 26.0);
    style.spacing.window_margin = Margin::same(12);
    style.spacing.tooltip_width = 320.0;
    // Only data moves; interface transitions are instant.
    style.animation_time = 0.0;
    style.interaction.selectable_labels = false;
    style
}

fn text_styles(theme: &Theme) -> BTreeMap<TextStyle, egui::FontId> {
    [
        (TextStyle::Small, theme.sans(theme.size.small)),
        (TextStyle::Body, theme.sans(theme.size.body)),
        (TextStyle::Button, theme.medium(theme.size.body)),
        (TextStyle::Heading, theme.semibold(theme.size.heading)),
        (TextStyle::Monospace, theme.mono(theme.size.small)),
    ]
    .into()
}

fn visuals(theme: &Theme) -> Visuals {
    let palette = theme.palette;
    // Shadows and the like follow the ground.
    let base = if palette.canvas.intensity() > palette.text.intensity() {
        Visuals::light()
    } else {
        Visuals::dark()
    };
    Visuals {
        widgets: widgets(theme),
        selection: Selection {
            bg_fill: tint(palette.accent, palette.surface, 0.35),
            stroke: Stroke::new(1.0, palette.accent),
        },
        hyperlink_color: palette.accent,
        faint_bg_color: palette.raised,
        extreme_bg_color: palette.canvas,
        code_bg_color: palette.raised,
        warn_fg_color: palette.degraded,
        error_fg_color: palette.failing,
        window_corner_radius: CornerRadius::same(theme.radius.large),
        window_fill: palette.raised,
        window_stroke: Stroke::new(1.0, palette.line),
        menu_corner_radius: CornerRadius::same(theme.radius.large),
        panel_fill: palette.surface,
        weak_text_color: Some(palette.dim),
        ..base
    }
}

fn widgets(theme: &Theme) -> Widgets {
    let palette = theme.palette;
    let state = |fill: Color32, stroke: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, stroke),
        corner_radius: CornerRadius::same(theme.radius.small),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(palette.surface, palette.line, palette.text),
        inactive: state(palette.raised, palette.line, palette.text),
        hovered: state(palette.hover, palette.muted, palette.text),
        active: state(palette.hover, palette.accent, palette.text),
        open: state(palette.hover, palette.line, palette.text),
    }
}
