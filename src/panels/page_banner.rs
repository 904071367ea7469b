//! The page, until it is acknowledged: a card at the head of the alerts.

use brownout_session::command::Command;
use brownout_session::view::PlayerView;
use egui::{Key, Label, RichText, Sense, Ui, vec2};

use super::intent::Intent;
use crate::theme::Theme;
use crate::widgets::{button, mark, section, text};

/// Height of the card with its margins, in points.
pub const HEIGHT: f32 = 152.0;

/// Whether there is something to show.
#[must_use]
pub fn shown(view: &PlayerView) -> bool {
    view.page.is_some() && !view.acknowledged
}

/// Draws the card. `takes_keys`: nothing open takes letters for itself.
pub fn ui(ui: &mut Ui, view: &PlayerView, takes_keys: bool, intents: &mut Vec<Intent>) {
    let Some(page) = view.page.as_ref().filter(|_| !view.acknowledged) else {
        return;
    };
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    section::card(ui, Some(palette.failing), |ui| {
        ui.set_min_size(ui.available_size());
        ui.horizontal(|ui| {
            let (sign, _) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::hover());
            mark::triangle(
                ui.painter(),
                sign.center(),
                7.0,
                palette.failing,
                mark::Direction::Up,
            );
            ui.label(
                RichText::new("You are paged")
                    .font(theme.semibold(theme.size.body + 1.0))
                    .color(palette.failing),
            );
            ui.label(text::number(&theme, view.clock(page.at_ns), palette.muted));
        });
        ui.add_space(theme.space.xs);
        let words = RichText::new(&page.text)
            .font(theme.medium(theme.size.body))
            .color(palette.text);
        ui.add(Label::new(words).wrap());
        ui.add_space(theme.space.xs);
        ui.horizontal(|ui| {
            for scope in [&page.flow, &page.region].into_iter().flatten() {
                section::chip(ui, scope, palette.text);
            }
        });
        ui.add_space(theme.space.xs);
        let key =
            takes_keys && ui.input(|input| input.key_pressed(Key::A) && input.modifiers.is_none());
        let response = button::wide(ui, "Acknowledge", "A");
        if response.clicked() || key {
            intents.push(Intent::Command(Command::Acknowledge));
        }
    });
}
