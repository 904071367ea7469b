//! What stands above: the scenario and how it is; above a file: which one it is and where.

use brownout_scenario::Severity;
use egui::{Align, Label, Layout, RichText, Ui, UiBuilder};

use super::{AuthorView, Part, Standing, State, Wish, code, copy, open, parts};
use crate::panels::words::counted;
use crate::theme::Theme;
use crate::widgets::badge::badge;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Width from which a title says anything, in points.
const TITLE: f32 = 90.0;

/// Draws the header of the screen.
pub(super) fn ui(
    ui: &mut Ui,
    view: &AuthorView<'_>,
    state: &mut State,
    wide: bool,
    wishes: &mut Vec<Wish>,
) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal(|ui| {
        ui.set_height(ui.available_height());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button(ui, "Leave", Some("Esc"), Weight::Normal).clicked() {
                wishes.push(Wish::Leave);
            }
            let other = if wide { "Other scenario" } else { "Other" };
            if button(ui, other, Some("O"), Weight::Normal)
                .on_hover_text("Open another scenario here")
                .clicked()
            {
                wishes.push(Wish::Choose);
            }
            ui.add_enabled_ui(view.course.is_some(), |ui| {
                if button(ui, "Play this", Some("P"), Weight::Primary).clicked() {
                    wishes.push(Wish::Play);
                }
            });
            if !wide {
                let all = [
                    (Part::Signals, "Signals", "S"),
                    (Part::Graph, "Graph", "G"),
                    (Part::File, "File", "F"),
                ];
                parts(ui, state, &all);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if wide {
                    ui.label(text::caption(&theme, "Author"));
                }
                standing(ui, view, wide, &theme);
                if ui.available_width() >= TITLE {
                    let title = RichText::new(view.title)
                        .font(theme.semibold(theme.size.heading))
                        .color(theme.palette.text);
                    ui.add(Label::new(title).truncate())
                        .on_hover_text(view.title);
                }
            });
        });
    });
}

/// How the files are, in a box or two.
fn standing(ui: &mut Ui, view: &AuthorView<'_>, wide: bool, theme: &Theme) {
    let palette = theme.palette;
    let of = |severity: Severity| {
        let all = view.diagnostics.iter();
        all.filter(|found| found.severity == severity).count() as u64
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    if view.standing == Standing::Reading {
        section::chip(ui, "reading", palette.muted);
        return;
    }
    let mut words = Vec::new();
    if errors > 0 {
        words.push(counted(errors, "error", "errors"));
    }
    if warnings > 0 {
        words.push(counted(warnings, "warning", "warnings"));
    }
    let color = match (errors, warnings) {
        (1.., _) => palette.failing,
        (0, 1..) => palette.degraded,
        (0, 0) => palette.healthy,
    };
    if words.is_empty() {
        words.push("no errors".to_owned());
    }
    section::chip(ui, &words.join(", "), color);
    if wide && view.standing == (Standing::Broken { stale: true }) {
        section::chip(ui, "stale preview", palette.degraded).on_hover_text(
            "Graph and signals are of the last reading without errors; they follow as soon as the errors are gone.",
        );
    }
}

/// Draws a file: which one, where it is, and its text.
pub(super) fn file(ui: &mut Ui, view: &AuthorView<'_>, state: &mut State, wishes: &mut Vec<Wish>) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        for (index, file) in view.files.iter().enumerate() {
            let all = view.diagnostics.iter();
            let mut here = all.filter(|found| found.file == file.name).peekable();
            let worst = here.peek().map(|_| ());
            let errors = here.clone().any(|found| found.severity == Severity::Error);
            let ink = worst.map(|()| {
                if errors {
                    theme.palette.failing
                } else {
                    theme.palette.degraded
                }
            });
            let count = here.count().to_string();
            let on = state.file == index;
            if badge(ui, file.short(), &count, on, ink)
                .on_hover_text(format!("{}, key {}: findings in it", file.name, index + 1))
                .clicked()
            {
                open(state, index);
            }
        }
    });
    let Some(listing) = view.files.get(state.file) else {
        return;
    };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button(ui, "Copy path", Some("C"), Weight::Normal).clicked() {
                copy(listing, state, wishes);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let path = text::number(&theme, &listing.path, theme.palette.muted);
                ui.add(Label::new(path).truncate())
                    .on_hover_text(&listing.path);
            });
        });
    });
    let foot = theme.size.small + theme.space.s + 2.0;
    let all = ui.available_rect_before_wrap();
    let mut sheet = all;
    sheet.max.y -= foot;
    let mut inner = ui.new_child(UiBuilder::new().max_rect(sheet));
    let found: Vec<_> = view
        .diagnostics
        .iter()
        .filter(|found| found.file == listing.name)
        .collect();
    code::ui(&mut inner, listing, &found, &mut state.code);
    let mut below = all;
    below.min.y = sheet.max.y + theme.space.xs;
    let mut below = ui.new_child(UiBuilder::new().max_rect(below));
    let words = match view.reloaded_ms {
        _ if !state.note.is_empty() => state.note.clone(),
        Some(ms) => format!(
            "Read {}.{:02} s after it was saved. Edit it in your own editor; this is for reading.",
            ms / 1_000,
            ms / 10 % 100
        ),
        None => "Edit it in your own editor: every save is read again here at once.".to_owned(),
    };
    below.add(Label::new(text::quiet(&theme, words)).truncate());
}
