//! Settings: colours, size, motion. What is set is shown at once and kept.

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use egui::{Key, RichText, Ui, UiBuilder, vec2};

use super::Draw;
use crate::app::{Preferences, Screen, Stage};
use crate::settings::{Settings, ThemeName};
use crate::theme::Theme;
use crate::widgets::{button, text};

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        EguiPrimaryContextPass,
        draw.in_set(Draw).run_if(in_state(Screen::Settings)),
    );
}

fn draw(
    mut contexts: EguiContexts,
    mut preferences: ResMut<Preferences>,
    mut stage: ResMut<Stage>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    stage.view = None;
    let before = preferences.0;
    let mut settings = before;
    if page(&mut ui, &mut settings) {
        NextState::set_if_neq(&mut next, Screen::Title);
    }
    if settings != before {
        preferences.0 = settings;
        if let Err(error) = settings.save() {
            warn!("the settings are not kept: {error}");
        }
    }
    Ok(())
}

/// Draws the page; returns whether to go back.
fn page(ui: &mut Ui, settings: &mut Settings) -> bool {
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    ui.painter().rect_filled(screen, 0, theme.palette.canvas);
    let margin = vec2(theme.space.xl * 2.0, theme.space.xl * 1.5);
    let mut back = ui.input(|input| {
        if input.key_pressed(Key::Plus) || input.key_pressed(Key::Equals) {
            *settings = settings.scaled(true);
        }
        if input.key_pressed(Key::Minus) {
            *settings = settings.scaled(false);
        }
        if input.key_pressed(Key::R) {
            settings.reduce_motion = !settings.reduce_motion;
        }
        if input.key_pressed(Key::T) {
            let at = ThemeName::ALL
                .iter()
                .position(|name| *name == settings.theme);
            let after = at.map_or(0, |at| (at + 1) % ThemeName::ALL.len());
            settings.theme = ThemeName::ALL[after];
        }
        input.key_pressed(Key::Escape)
    });
    let mut ui = ui.new_child(UiBuilder::new().max_rect(screen.shrink2(margin)));
    ui.label(
        RichText::new("Settings")
            .font(theme.semibold(theme.size.figure * 1.3))
            .color(theme.palette.text),
    );
    row(&mut ui, &theme, "Colours", "T", |ui| {
        let names = ["Dark", "Light", "High contrast"];
        for (name, words) in ThemeName::ALL.into_iter().zip(names) {
            let chosen = button::Weight::Choice(settings.theme == name);
            if button::button(ui, words, None, chosen).clicked() {
                settings.theme = name;
            }
        }
    });
    row(&mut ui, &theme, "Size of the interface", "+ −", |ui| {
        if button::button(ui, "Smaller", None, button::Weight::Normal).clicked() {
            *settings = settings.scaled(false);
        }
        let words = format!("{:>3} %", settings.scale);
        ui.label(text::number(&theme, words, theme.palette.text));
        if button::button(ui, "Larger", None, button::Weight::Normal).clicked() {
            *settings = settings.scaled(true);
        }
    });
    row(&mut ui, &theme, "Moving requests", "R", |ui| {
        for (words, reduced) in [("Shown", false), ("Still", true)] {
            let chosen = button::Weight::Choice(settings.reduce_motion == reduced);
            if button::button(ui, words, None, chosen).clicked() {
                settings.reduce_motion = reduced;
            }
        }
    });
    ui.add_space(theme.space.xl);
    back |= button::large(&mut ui, "Back", Some("Esc"), button::Weight::Normal, 140.0).clicked();
    back
}

/// A named row of controls.
fn row(ui: &mut Ui, theme: &Theme, name: &str, key: &str, controls: impl FnOnce(&mut Ui)) {
    ui.add_space(theme.space.xl);
    ui.label(text::caption(theme, name));
    ui.horizontal(|ui| {
        controls(ui);
        button::key_cap(ui, key);
    });
}
