//! The page of the library: filters above, cards at the left, the record at the right.

use egui::{Align, Frame, Key, Layout, Margin, RichText, ScrollArea, Stroke, Ui, UiBuilder, vec2};

use super::{Shelf, card, record};
use crate::panels::keys as pressed;
use crate::theme::Theme;
use crate::widgets::{button, fade, section, text};

/// Width of the record in points.
const RECORD: f32 = 300.0;
/// Width of the page from which the record has room beside the cards, in points.
const ROOM: f32 = 860.0;

/// Families of the field guide that a scenario can train, as filters.
const FAMILIES: [(Option<&str>, &str); 6] = [
    (None, "Everything"),
    (Some("P"), "Process"),
    (Some("C"), "Communication"),
    (Some("S"), "Signals"),
    (Some("A"), "Actions"),
    (Some("F"), "Failures"),
];

/// Draws the page; returns the entry to open, whether to go back, and whether to write the one chosen instead.
pub(super) fn ui(ui: &mut Ui, shelf: &mut Shelf) -> (Option<usize>, bool, bool) {
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    ui.painter().rect_filled(screen, 0, theme.palette.canvas);
    let mut open = None;
    let (mut back, mut write) = (false, false);
    let margin = vec2(
        (theme.space.xl * 2.0).min(screen.width() * 0.03),
        theme.space.xl,
    );
    let builder = UiBuilder::new().max_rect(screen.shrink2(margin));
    ui.scope_builder(builder, |ui| {
        (back, write) = header(ui, &theme);
        ui.add_space(theme.space.m);
        if shelf.entries.is_empty() {
            section::empty(
                ui,
                "No scenarios folder was found here or above. Start the program where one is, or name a scenario: brownout play FOLDER",
            );
        }
        filters(ui, &theme, shelf);
        ui.add_space(theme.space.m);
        let room = ui.available_height();
        let passing = shelf.passing();
        if let Some(first) = passing.first().filter(|_| !passing.contains(&shelf.chosen)) {
            shelf.chosen = *first;
        }
        keys(ui, shelf, &passing, &mut open, &mut back);
        write |= pressed::plain(ui, Key::A);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = theme.space.l;
            let beside = ui.available_width() >= ROOM;
            let width = if beside {
                ui.available_width() - RECORD - theme.space.l
            } else {
                ui.available_width()
            };
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.x = theme.space.s;
                let shown = ScrollArea::vertical()
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        cards(ui, &theme, shelf, &passing, room, &mut open);
                        if !beside {
                            framed(ui, &theme, |ui| record::ui(ui, &theme, shelf));
                        }
                    });
                fade::lower_edge(ui, &shown, theme.palette.canvas);
            });
            if beside {
                ui.vertical(|ui| {
                    ui.set_width(RECORD);
                    ui.spacing_mut().item_spacing.x = theme.space.s;
                    framed(ui, &theme, |ui| record::ui(ui, &theme, shelf));
                });
            }
        });
    });
    (open, back, write)
}

/// Whether to go back, and whether to write the scenario chosen.
fn header(ui: &mut Ui, theme: &Theme) -> (bool, bool) {
    let (mut back, mut write) = (false, false);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new("Library")
                .font(theme.semibold(theme.size.figure * 1.3))
                .color(theme.palette.text),
        );
        ui.label(text::quiet(
            theme,
            "Incidents to be on call for. Arrows choose, Enter opens the briefing.",
        ));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            back = button::button(ui, "Title", Some("Esc"), button::Weight::Normal).clicked();
            write = button::button(ui, "Open in author", Some("A"), button::Weight::Normal)
                .on_hover_text("The files of the scenario chosen, what is wrong with them, and how it runs: spoils it for you")
                .clicked();
        });
    });
    (back, write)
}

/// What the cards are chosen by.
fn filters(ui: &mut Ui, theme: &Theme, shelf: &mut Shelf) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        ui.label(text::caption(theme, "Trains"));
        ui.add_space(theme.space.xs);
        for (family, name) in FAMILIES {
            let weight = button::Weight::Choice(shelf.family == family);
            if button::button(ui, name, None, weight).clicked() {
                shelf.family = family;
            }
        }
        ui.add_space(theme.space.l);
        ui.label(text::caption(theme, "Difficulty"));
        ui.add_space(theme.space.xs);
        let mut levels: Vec<u8> = shelf
            .entries
            .iter()
            .map(|entry| entry.scenario.difficulty)
            .collect();
        levels.sort_unstable();
        levels.dedup();
        let any = std::iter::once((None, "any".to_owned()));
        let each = levels
            .into_iter()
            .map(|level| (Some(level), level.to_string()));
        for (level, name) in any.chain(each) {
            let weight = button::Weight::Choice(shelf.difficulty == level);
            if button::button(ui, &name, None, weight).clicked() {
                shelf.difficulty = level;
            }
        }
    });
}

fn cards(
    ui: &mut Ui,
    theme: &Theme,
    shelf: &mut Shelf,
    passing: &[usize],
    room: f32,
    open: &mut Option<usize>,
) {
    if passing.is_empty() && !shelf.entries.is_empty() {
        section::empty(
            ui,
            "No scenario is like that. Choose Everything and any to see all.",
        );
    }
    // All are as high as the one that needs most: a shelf has one height of board.
    let width = ui.available_width();
    let entries = passing.iter().filter_map(|index| shelf.entries.get(*index));
    let height = entries
        .map(|entry| card::needed(ui, theme, entry, width))
        .fold(card::HEIGHT, f32::max);
    // A few share the height of the page.
    let each = theme.space.m + ui.spacing().item_spacing.y;
    let count = f32::from(u16::try_from(passing.len().max(1)).unwrap_or(u16::MAX));
    let height = height.max((room / count - each).min(card::TALLEST));
    for index in passing {
        let Some(response) = card::ui(ui, theme, shelf, *index, height) else {
            continue;
        };
        if response.gained_focus() {
            shelf.chosen = *index;
        }
        if response.clicked() {
            shelf.chosen = *index;
            *open = Some(*index);
        }
        ui.add_space(theme.space.m);
    }
}

fn framed(ui: &mut Ui, theme: &Theme, contents: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(theme.palette.surface)
        .stroke(Stroke::new(1.0, theme.palette.line))
        .corner_radius(theme.radius.large)
        .inner_margin(Margin::same(16))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            contents(ui);
        });
}

fn keys(ui: &Ui, shelf: &mut Shelf, passing: &[usize], open: &mut Option<usize>, back: &mut bool) {
    let focused = ui.memory(|memory| memory.focused().is_some());
    ui.input(|input| {
        *back |= input.key_pressed(Key::Escape);
        // With the focus on a control, arrows and Enter are its own.
        if focused {
            return;
        }
        let moves = [
            (Key::ArrowDown, true),
            (Key::ArrowRight, true),
            (Key::ArrowUp, false),
            (Key::ArrowLeft, false),
        ];
        for (key, forward) in moves {
            if input.key_pressed(key) {
                shelf.chosen = moved(passing, shelf.chosen, forward);
            }
        }
        if input.key_pressed(Key::Enter) && passing.contains(&shelf.chosen) {
            *open = Some(shelf.chosen);
        }
    });
}

/// The entry after or before one, among those that pass.
fn moved(passing: &[usize], chosen: usize, forward: bool) -> usize {
    let at = passing.iter().position(|index| *index == chosen);
    let at = at.unwrap_or(0);
    let to = if forward {
        at.saturating_add(1).min(passing.len().saturating_sub(1))
    } else {
        at.saturating_sub(1)
    };
    passing.get(to).copied().unwrap_or(chosen)
}

#[cfg(test)]
mod tests {
    use super::moved;

    /// Arrows go over what passes the filters only, and stop at both ends.
    #[test]
    fn arrows_stay_among_what_is_shown() {
        let passing = [1, 4, 6];
        assert_eq!(moved(&passing, 1, true), 4);
        assert_eq!(moved(&passing, 6, true), 6);
        assert_eq!(moved(&passing, 4, false), 1);
        assert_eq!(moved(&passing, 1, false), 1);
        assert_eq!(moved(&[], 3, true), 3);
    }
}
