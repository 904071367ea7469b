//! The player's record beside the cards: how good they are at what, what they played, what comes next.

use std::time::{Duration, SystemTime};

use egui::{Color32, Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, vec2};

use super::Shelf;
use crate::scorebook::DIMENSIONS;
use crate::screens::going_on::ago;
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Latest sessions listed.
const LISTED: usize = 6;

/// When something was, from Unix seconds, as people say it.
pub(super) fn since(at_unix_s: u64) -> String {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(at_unix_s);
    ago(then, SystemTime::now())
}

/// Colours of the dimensions, as the debrief has them.
pub(super) const fn inks(theme: &Theme) -> [Color32; 3] {
    [
        theme.palette.accent,
        theme.palette.healthy,
        theme.palette.degraded,
    ]
}

/// Draws the record.
pub(super) fn ui(ui: &mut Ui, theme: &Theme, shelf: &Shelf) {
    let book = &shelf.book;
    ui.label(text::caption(theme, "Your record"));
    ui.add_space(theme.space.s);
    if book.scores.is_empty() {
        section::empty(
            ui,
            "Nothing played to the end yet. Every incident you finish is scored on three things; your averages will stand here.",
        );
        ui.add_space(theme.space.s);
    }
    for ((dimension, name), ink) in DIMENSIONS.into_iter().zip(inks(theme)) {
        bar(ui, theme, name, book.recent(dimension), ink);
    }
    if !book.scores.is_empty() {
        ui.label(text::quiet(theme, "Averages of your last five incidents."));
    }
    ui.add_space(theme.space.xl);
    ui.label(text::caption(theme, "Suggested next"));
    ui.add_space(theme.space.xs);
    if let Some((entry, why)) = shelf
        .suggestion
        .as_ref()
        .and_then(|(index, why)| Some((shelf.entries.get(*index)?, why)))
    {
        let title = RichText::new(&entry.scenario.title)
            .font(theme.semibold(theme.size.body + 2.0))
            .color(theme.palette.text);
        ui.add(Label::new(title).wrap());
        ui.add(Label::new(text::quiet(theme, why)).wrap());
    }
    ui.add_space(theme.space.xl);
    ui.label(text::caption(theme, "Played lately"));
    ui.add_space(theme.space.xs);
    if book.scores.is_empty() {
        section::empty(ui, "Nothing yet.");
    }
    for score in book.scores.iter().rev().take(LISTED) {
        let title = shelf
            .entries
            .iter()
            .find(|entry| entry.scenario.name == score.scenario)
            .map_or(score.scenario.as_str(), |entry| {
                entry.scenario.title.as_str()
            });
        let line = text::Line::default()
            .add(
                &format!("{:>3}  ", score.overall),
                theme.mono(theme.size.body),
                theme.palette.text,
            )
            .add(title, theme.sans(theme.size.small), theme.palette.muted)
            .add(
                &format!("  {}", since(score.at_unix_s)),
                theme.sans(theme.size.small),
                theme.palette.dim,
            );
        ui.add(Label::new(line.job()).truncate());
    }
}

/// The track of a bar: an outline, which in no theme looks like something done.
pub(in crate::screens) fn empty_bar(ui: &Ui, theme: &Theme, track: Rect) {
    let line = Stroke::new(1.0, theme.palette.line);
    ui.painter().rect_stroke(track, 2, line, StrokeKind::Inside);
}

/// A dimension with its points as a bar.
fn bar(ui: &mut Ui, theme: &Theme, name: &str, points: Option<u32>, ink: Color32) {
    ui.horizontal(|ui| {
        ui.label(text::body(theme, name));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let words = points.map_or_else(|| "–".to_owned(), |points| points.to_string());
            ui.label(text::number(theme, words, ink));
        });
    });
    let (track, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    empty_bar(ui, theme, track);
    let share = f32::from(u16::try_from(points.unwrap_or(0).min(100)).unwrap_or(0)) / 100.0;
    let done = Rect::from_min_size(track.min, vec2(track.width() * share, track.height()));
    ui.painter().rect_filled(done, 2, ink);
    ui.add_space(theme.space.s);
}
