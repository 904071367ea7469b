//! Design tokens: colours, spacing, radii, type sizes. Everything drawn takes its numbers from here.

mod fonts;
mod palette;
mod style;

use std::sync::Arc;

use egui::{Color32, Context, FontFamily, FontId, Id};

pub use palette::{CONTRAST, DARK, LIGHT, Palette, contrast, mix, tint, veil};

use crate::settings::ThemeName;

/// Distances in points, on a 4-point grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// Between a sign and its word.
    pub xs: f32,
    /// Between lines of one thing.
    pub s: f32,
    /// Inside cards and between things.
    pub m: f32,
    /// Panel margins.
    pub l: f32,
    /// Between groups.
    pub xl: f32,
}

/// Corner radii in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Radius {
    /// Chips and buttons.
    pub small: u8,
    /// Cards and lanes.
    pub large: u8,
}

/// Type sizes in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypeScale {
    /// Ticks and labels in pictures.
    pub tiny: f32,
    /// Section titles, secondary lines.
    pub small: f32,
    /// Everything else.
    pub body: f32,
    /// Clock and headings.
    pub heading: f32,
    /// Figures on cards.
    pub figure: f32,
    /// The name on the title screen.
    pub display: f32,
}

/// A theme: one table of each kind of token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// Colours.
    pub palette: Palette,
    /// Distances.
    pub space: Space,
    /// Radii.
    pub radius: Radius,
    /// Type sizes.
    pub size: TypeScale,
}

/// Distances shared by all themes.
const SPACE: Space = Space {
    xs: 4.0,
    s: 8.0,
    m: 12.0,
    l: 16.0,
    xl: 24.0,
};
/// Radii shared by all themes.
const RADIUS: Radius = Radius { small: 5, large: 8 };
/// Type sizes shared by all themes.
const SIZE: TypeScale = TypeScale {
    tiny: 11.0,
    small: 12.0,
    body: 13.0,
    heading: 17.0,
    figure: 19.0,
    display: 56.0,
};

impl Default for Theme {
    fn default() -> Self {
        Self::dark()
    }
}

impl Theme {
    /// The night operations room.
    #[must_use]
    pub const fn dark() -> Self {
        Self::named(ThemeName::Dark)
    }

    /// A theme by name: other colours, the same distances, radii and sizes.
    #[must_use]
    pub const fn named(name: ThemeName) -> Self {
        Self {
            palette: match name {
                ThemeName::Dark => DARK,
                ThemeName::Light => LIGHT,
                ThemeName::Contrast => CONTRAST,
            },
            space: SPACE,
            radius: RADIUS,
            size: SIZE,
        }
    }

    /// Installs fonts, style and the theme itself in an egui context.
    pub fn install(self, context: &Context) {
        context.set_fonts(fonts::definitions());
        context.set_theme(egui::Theme::Dark);
        context.set_global_style(style::style(&self));
        context.data_mut(|data| data.insert_temp(Id::NULL, Arc::new(self)));
    }

    /// The theme installed in a context; the dark one where none is.
    #[must_use]
    pub fn of(context: &Context) -> Arc<Self> {
        context
            .data(|data| data.get_temp(Id::NULL))
            .unwrap_or_default()
    }

    /// Interface text.
    #[must_use]
    pub const fn sans(&self, size: f32) -> FontId {
        FontId {
            size,
            family: FontFamily::Proportional,
        }
    }

    /// Names of things.
    #[must_use]
    pub fn medium(&self, size: f32) -> FontId {
        FontId {
            size,
            family: fonts::family(fonts::MEDIUM),
        }
    }

    /// Headings and what is most important.
    #[must_use]
    pub fn semibold(&self, size: f32) -> FontId {
        FontId {
            size,
            family: fonts::family(fonts::SEMIBOLD),
        }
    }

    /// Numbers, ids, logs.
    #[must_use]
    pub const fn mono(&self, size: f32) -> FontId {
        FontId {
            size,
            family: FontFamily::Monospace,
        }
    }

    /// Colour of a region's line in charts.
    #[must_use]
    pub const fn series(&self, region: usize) -> Color32 {
        self.palette.series[region % self.palette.series.len()]
    }
}
