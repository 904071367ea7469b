//! The page, until it is acknowledged.

use brownout_session::command::Command;
use brownout_session::view::PlayerView;
use egui::{Align, Key, Label, Layout, RichText, Ui};

use super::intent::Intent;
use crate::theme::Theme;
use crate::widgets::{button, mark, section, text};

/// Height of the banner in points.
pub const HEIGHT: f32 = 56.0;

/// Whether there is something to show.
#[must_use]
pub fn shown(view: &PlayerView) -> bool {
    view.page.is_some() && !view.acknowledged
}

/// Draws the banner.
pub fn ui(ui: &mut Ui, view: &PlayerView, intents: &mut Vec<Intent>) {
    let Some(page) = view.page.as_ref().filter(|_| !view.acknowledged) else { return };
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0, palette.surface);
    ui.painter().rect_filled(rect, 0, palette.failing.gamma_multiply(0.14));
    let edge = egui::Rect::from_min_max(rect.min, egui::pos2(rect.left() + 4.0, rect.bottom()));
    ui.painter().rect_filled(edge, 0, palette.failing);
    let inner = rect.shrink2(egui::vec2(theme.space.l, 0.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner), |ui| {
        ui.horizontal_centered(|ui| {
            let (sign, _) = ui.allocate_exact_size(egui::vec2(18.0, 18.0), egui::Sense::hover());
            mark::triangle(ui.painter(), sign.center(), 8.0, palette.failing, mark::Direction::Up);
            ui.label(RichText::new("PAGE").font(theme.semibold(theme.size.body)).color(palette.failing));
            ui.label(text::number(&theme, view.clock(page.at_ns), palette.muted));
            for scope in [&page.flow, &page.region].into_iter().flatten() {
                section::chip(ui, scope, palette.text);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let key = ui.input(|input| input.key_pressed(Key::A) && input.modifiers.is_none());
                let response = button::button(ui, "Acknowledge", Some("A"), button::Weight::Primary);
                if response.clicked() || key {
                    intents.push(Intent::Command(Command::Acknowledge));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let words = RichText::new(&page.text).font(theme.medium(theme.size.body)).color(palette.text);
                    ui.add(Label::new(words).wrap());
                });
            });
        });
    });
}
