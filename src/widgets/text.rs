//! Pieces of text in the theme's roles.

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, RichText};

use crate::theme::Theme;

/// A capital section title, set apart by its letter spacing.
#[must_use]
pub fn caption(theme: &Theme, text: &str) -> LayoutJob {
    spaced(
        &text.to_uppercase(),
        theme.medium(theme.size.tiny),
        theme.palette.dim,
        1.1,
    )
}

/// Text with letter spacing.
#[must_use]
pub fn spaced(text: &str, font_id: FontId, color: Color32, extra_letter_spacing: f32) -> LayoutJob {
    LayoutJob::single_section(
        text.to_owned(),
        TextFormat {
            font_id,
            color,
            extra_letter_spacing,
            ..TextFormat::default()
        },
    )
}

/// Several pieces in one line.
#[derive(Debug, Default)]
pub struct Line(LayoutJob);

impl Line {
    /// Adds a piece.
    #[must_use]
    pub fn add(mut self, text: &str, font_id: FontId, color: Color32) -> Self {
        self.0.append(
            text,
            0.0,
            TextFormat {
                font_id,
                color,
                valign: egui::Align::Center,
                ..TextFormat::default()
            },
        );
        self
    }

    /// The line, wrapping where it must.
    #[must_use]
    pub fn job(self) -> LayoutJob {
        self.0
    }
}

/// Text that must be read.
#[must_use]
pub fn body(theme: &Theme, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(theme.sans(theme.size.body))
        .color(theme.palette.text)
}

/// A name.
#[must_use]
pub fn name(theme: &Theme, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(theme.medium(theme.size.body))
        .color(theme.palette.text)
}

/// Text that accompanies.
#[must_use]
pub fn quiet(theme: &Theme, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(theme.sans(theme.size.small))
        .color(theme.palette.muted)
}

/// A number or an id.
#[must_use]
pub fn number(theme: &Theme, text: impl Into<String>, color: Color32) -> RichText {
    RichText::new(text)
        .font(theme.mono(theme.size.small))
        .color(color)
}
