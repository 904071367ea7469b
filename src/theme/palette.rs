//! Colour tables. The only place where a colour is written down.

use egui::Color32;

/// Colours of one theme, named by what they are for.
///
/// State colours are of the Okabe–Ito family and are always doubled by a shape, see [`crate::widgets::mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub canvas: Color32,
    /// Panels.
    pub surface: Color32,
    /// Cards, chips and buttons on panels.
    pub raised: Color32,
    /// Hovered and pressed things on cards.
    pub hover: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Text that must be read.
    pub text: Color32,
    /// Text that accompanies.
    pub muted: Color32,
    /// Units, ticks, times: the quietest text.
    pub dim: Color32,
    /// What the player can act on, and what is selected.
    pub accent: Color32,
    /// Text on the accent colour.
    pub on_accent: Color32,
    /// State ●.
    pub healthy: Color32,
    /// State ◆.
    pub degraded: Color32,
    /// State ▲.
    pub failing: Color32,
    /// State ▨.
    pub unknown: Color32,
    /// Flags, alternatives, rollouts.
    pub alternative: Color32,
    /// Lines of charts that are not states, by region.
    pub series: [Color32; 4],
}

/// The night operations room.
pub const DARK: Palette = Palette {
    canvas: Color32::from_rgb(0x0a, 0x0e, 0x14),
    surface: Color32::from_rgb(0x10, 0x16, 0x1f),
    raised: Color32::from_rgb(0x17, 0x1f, 0x2b),
    hover: Color32::from_rgb(0x21, 0x2c, 0x3b),
    line: Color32::from_rgb(0x25, 0x32, 0x44),
    text: Color32::from_rgb(0xdc, 0xe5, 0xee),
    muted: Color32::from_rgb(0xa2, 0xb2, 0xc4),
    dim: Color32::from_rgb(0x85, 0x97, 0xab),
    accent: Color32::from_rgb(0x6c, 0xb6, 0xff),
    on_accent: Color32::from_rgb(0x06, 0x12, 0x20),
    healthy: Color32::from_rgb(0x2b, 0xb3, 0xa3),
    degraded: Color32::from_rgb(0xe8, 0xa3, 0x3d),
    failing: Color32::from_rgb(0xf0, 0x6b, 0x4a),
    unknown: Color32::from_rgb(0x86, 0x93, 0xa4),
    alternative: Color32::from_rgb(0xc0, 0x96, 0xff),
    series: [
        Color32::from_rgb(0x6c, 0xb6, 0xff),
        Color32::from_rgb(0xe8, 0x8f, 0xc0),
        Color32::from_rgb(0xe6, 0xd8, 0x6a),
        Color32::from_rgb(0x7f, 0xd6, 0xc2),
    ],
};

/// For bright rooms.
pub const LIGHT: Palette = Palette {
    canvas: Color32::from_rgb(0xe9, 0xed, 0xf2),
    surface: Color32::from_rgb(0xf7, 0xf9, 0xfb),
    raised: Color32::from_rgb(0xff, 0xff, 0xff),
    hover: Color32::from_rgb(0xdd, 0xe5, 0xee),
    line: Color32::from_rgb(0xc3, 0xce, 0xd9),
    text: Color32::from_rgb(0x16, 0x20, 0x2c),
    muted: Color32::from_rgb(0x3d, 0x4c, 0x5e),
    dim: Color32::from_rgb(0x50, 0x5f, 0x71),
    accent: Color32::from_rgb(0x0a, 0x58, 0xb0),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    healthy: Color32::from_rgb(0x00, 0x6b, 0x5c),
    degraded: Color32::from_rgb(0x85, 0x50, 0x00),
    failing: Color32::from_rgb(0xb0, 0x32, 0x1a),
    unknown: Color32::from_rgb(0x52, 0x5f, 0x6e),
    alternative: Color32::from_rgb(0x6f, 0x3f, 0xb5),
    series: [
        Color32::from_rgb(0x0a, 0x58, 0xb0),
        Color32::from_rgb(0xa0, 0x30, 0x6c),
        Color32::from_rgb(0x6b, 0x5d, 0x00),
        Color32::from_rgb(0x00, 0x68, 0x5a),
    ],
};

/// Brightest text on black, lines that cannot be overlooked.
pub const CONTRAST: Palette = Palette {
    canvas: Color32::from_rgb(0x00, 0x00, 0x00),
    surface: Color32::from_rgb(0x00, 0x00, 0x00),
    raised: Color32::from_rgb(0x10, 0x14, 0x18),
    hover: Color32::from_rgb(0x24, 0x30, 0x3e),
    line: Color32::from_rgb(0x84, 0x94, 0xa6),
    text: Color32::from_rgb(0xff, 0xff, 0xff),
    muted: Color32::from_rgb(0xe4, 0xeb, 0xf2),
    dim: Color32::from_rgb(0xc8, 0xd2, 0xdc),
    accent: Color32::from_rgb(0x7c, 0xc4, 0xff),
    on_accent: Color32::from_rgb(0x00, 0x00, 0x00),
    healthy: Color32::from_rgb(0x3f, 0xe0, 0xcc),
    degraded: Color32::from_rgb(0xff, 0xc0, 0x4d),
    failing: Color32::from_rgb(0xff, 0x7f, 0x6b),
    unknown: Color32::from_rgb(0xc0, 0xca, 0xd4),
    alternative: Color32::from_rgb(0xd8, 0xb8, 0xff),
    series: [
        Color32::from_rgb(0x7c, 0xc4, 0xff),
        Color32::from_rgb(0xff, 0xa6, 0xd6),
        Color32::from_rgb(0xf2, 0xe6, 0x7a),
        Color32::from_rgb(0x8f, 0xf0, 0xda),
    ],
};

/// A colour half way between two.
#[must_use]
pub fn mix(one: Color32, other: Color32) -> Color32 {
    let half = |a: u8, b: u8| u8::midpoint(a, b);
    Color32::from_rgb(
        half(one.r(), other.r()),
        half(one.g(), other.g()),
        half(one.b(), other.b()),
    )
}

/// A share of a colour on a ground, 0 to 1, as an opaque colour: the same strength in every theme, unlike a colour made
/// transparent, whose strength depends on what lies below.
#[must_use]
pub fn tint(color: Color32, ground: Color32, share: f32) -> Color32 {
    let share = share.clamp(0.0, 1.0);
    let part = |color: u8, ground: u8| {
        let mixed = f32::from(ground) + (f32::from(color) - f32::from(ground)) * share;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two channels"
        )]
        let mixed = mixed.round() as u8;
        mixed
    };
    Color32::from_rgb(
        part(color.r(), ground.r()),
        part(color.g(), ground.g()),
        part(color.b(), ground.b()),
    )
}

/// A colour that lets part of what lies below through, for grounds that are not of one colour.
#[must_use]
pub fn veil(color: Color32, share: f32) -> Color32 {
    color.gamma_multiply(share.clamp(0.0, 1.0))
}

/// Contrast ratio of two opaque colours after WCAG 2.2, 1 to 21.
#[must_use]
pub fn contrast(one: Color32, other: Color32) -> f32 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance after WCAG 2.2.
fn luminance(color: Color32) -> f32 {
    let linear = |channel: u8| {
        let share = f32::from(channel) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

#[cfg(test)]
mod tests {
    use super::{CONTRAST, DARK, LIGHT, Palette, contrast, tint, veil};
    use egui::Color32;

    /// Every colour that text is drawn in, with its name.
    fn inks(palette: &Palette) -> Vec<(&'static str, Color32)> {
        let mut inks = vec![
            ("text", palette.text),
            ("muted", palette.muted),
            ("dim", palette.dim),
            ("accent", palette.accent),
            ("healthy", palette.healthy),
            ("degraded", palette.degraded),
            ("failing", palette.failing),
            ("unknown", palette.unknown),
            ("alternative", palette.alternative),
        ];
        inks.extend(palette.series.iter().map(|color| ("series", *color)));
        inks
    }

    /// WCAG's own examples pin the formula.
    #[test]
    fn contrast_agrees_with_the_standard() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        assert!(
            (contrast(Color32::from_rgb(0x76, 0x76, 0x76), Color32::WHITE) - 4.54).abs() < 0.01
        );
    }

    /// A veil over its own colour changes nothing, as egui mixes.
    #[test]
    fn a_veil_over_its_own_colour_is_unseen() {
        for color in [LIGHT.surface, DARK.surface, DARK.failing] {
            let over = veil(color, 0.72);
            let through = 1.0 - f32::from(over.a()) / 255.0;
            let seen = f32::from(over.r()) + f32::from(color.r()) * through;
            assert!(
                (seen - f32::from(color.r())).abs() <= 1.0,
                "{seen} for {}",
                color.r()
            );
        }
    }

    /// A tint lies between its ground and its colour, and chips' words stay readable on theirs.
    #[test]
    fn tints_keep_words_readable() {
        for palette in [DARK, LIGHT, CONTRAST] {
            assert_eq!(tint(palette.failing, palette.surface, 0.0), palette.surface);
            assert_eq!(tint(palette.failing, palette.surface, 1.0), palette.failing);
            for (name, ink) in inks(&palette) {
                let ratio = contrast(ink, tint(ink, palette.surface, 0.12));
                assert!(ratio >= 3.9, "{name} on its own tint: {ratio:.2}");
            }
        }
    }

    /// All text is readable on every ground it is drawn on: at least 4.5 : 1 (WCAG AA).
    #[test]
    fn text_is_readable_on_every_ground() {
        for palette in [DARK, LIGHT, CONTRAST] {
            for (name, ink) in inks(&palette) {
                for (ground_name, ground) in [
                    ("canvas", palette.canvas),
                    ("surface", palette.surface),
                    ("raised", palette.raised),
                ] {
                    let ratio = contrast(ink, ground);
                    assert!(ratio >= 4.5, "{name} on {ground_name}: {ratio:.2}");
                }
            }
            assert!(contrast(palette.on_accent, palette.accent) >= 4.5);
            assert!(contrast(palette.text, palette.hover) >= 4.5);
        }
    }

    /// High contrast means it: 7 : 1 (WCAG AAA) for all text.
    #[test]
    fn high_contrast_is_higher() {
        for (name, ink) in inks(&CONTRAST) {
            assert!(contrast(ink, CONTRAST.raised) >= 7.0, "{name}");
        }
    }
}
