//! Settings: colours, size, motion. What is set is shown at once and kept.

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_session::view::Health;
use egui::{
    Align, Frame, Key, Label, Layout, Margin, RichText, ScrollArea, Sense, Stroke, Ui, UiBuilder,
    vec2,
};

use super::Draw;
use crate::app::{Preferences, Screen, Stage};
use crate::panels::bindings;
use crate::panels::topology::health_word;
use crate::settings::{SCALES, Settings, ThemeName};
use crate::theme::Theme;
use crate::widgets::{button, fade, mark, text};

/// Where one came from and goes back to.
#[derive(Resource, Default)]
pub(super) struct Return(pub Screen);

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Return>().add_systems(
        EguiPrimaryContextPass,
        draw.in_set(Draw).run_if(in_state(Screen::Settings)),
    );
}

fn draw(
    mut contexts: EguiContexts,
    mut preferences: ResMut<Preferences>,
    mut stage: ResMut<Stage>,
    mut returns: ResMut<Return>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    stage.view = None;
    let before = preferences.0;
    let mut settings = before;
    if page(&mut ui, &mut settings) {
        NextState::set_if_neq(&mut next, std::mem::take(&mut returns.0));
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
    ui.horizontal(|ui| {
        ui.label(
            RichText::new("Settings")
                .font(theme.semibold(theme.size.figure * 1.3))
                .color(theme.palette.text),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            back |= button::button(ui, "Back", Some("Esc"), button::Weight::Normal).clicked();
        });
    });
    ui.label(text::quiet(
        &theme,
        "Tab and the arrows go from one to the next, Space or Enter chooses. Everything takes effect at once and is kept.",
    ));
    ui.add_space(theme.space.l);
    let beside = ui.available_width() >= SIDE_BY_SIDE;
    let shown = ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(&mut ui, |ui| {
            if beside {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = theme.space.xl * 2.0;
                    framed(ui, &theme, CHOICES, |ui| choices(ui, &theme, settings));
                    let rest = ui.available_width();
                    framed(ui, &theme, rest.min(KEYS), keys);
                });
            } else {
                let width = ui.available_width();
                framed(ui, &theme, width, |ui| choices(ui, &theme, settings));
                ui.add_space(theme.space.l);
                framed(ui, &theme, width, keys);
            }
        });
    fade::lower_edge(&ui, &shown, theme.palette.canvas);
    back
}

/// Width from which the keys stand beside the choices, in points.
const SIDE_BY_SIDE: f32 = 1_000.0;
/// Width of the choices in points.
const CHOICES: f32 = 380.0;
/// Greatest width of the keys in points.
const KEYS: f32 = 1_400.0;

/// A framed part of the page.
fn framed(ui: &mut Ui, theme: &Theme, width: f32, contents: impl FnOnce(&mut Ui)) {
    let frame = Frame::new()
        .fill(theme.palette.surface)
        .stroke(Stroke::new(1.0, theme.palette.line))
        .corner_radius(theme.radius.large)
        .inner_margin(Margin::same(20));
    ui.vertical(|ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.x = theme.space.s;
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            contents(ui);
        });
    });
}

/// Title of a part.
fn heading(ui: &mut Ui, theme: &Theme, words: &str) {
    let words = RichText::new(words)
        .font(theme.semibold(theme.size.heading))
        .color(theme.palette.text);
    ui.label(words);
}

fn keys(ui: &mut Ui) {
    let theme = Theme::of(ui.ctx());
    heading(ui, &theme, "Keys");
    ui.label(text::quiet(
        &theme,
        "The question mark shows them on every screen.",
    ));
    ui.add_space(theme.space.m);
    bindings::columns(ui);
}

fn choices(ui: &mut Ui, theme: &Theme, settings: &mut Settings) {
    heading(ui, theme, "Interface");
    let words = "States have a shape of their own in all of them.";
    row(ui, theme, "Colours", &["T"], words, |ui| {
        let names = ["Dark", "Light", "High contrast"];
        for (name, words) in ThemeName::ALL.into_iter().zip(names) {
            let chosen = button::Weight::Choice(settings.theme == name);
            if button::button(ui, words, None, chosen).clicked() {
                settings.theme = name;
            }
        }
    });
    let (least, most) = SCALES;
    let words = format!("{least} to {most} %. Where there is too little room, parts scroll.");
    row(
        ui,
        theme,
        "Size of the interface",
        &["+", "−"],
        &words,
        |ui| {
            if button::button(ui, "Smaller", None, button::Weight::Normal).clicked() {
                *settings = settings.scaled(false);
            }
            let words = format!("{:>3} %", settings.scale);
            ui.label(text::number(theme, words, theme.palette.text));
            if button::button(ui, "Larger", None, button::Weight::Normal).clicked() {
                *settings = settings.scaled(true);
            }
        },
    );
    let words = "Arrows on calls instead of requests on their way.";
    row(ui, theme, "Reduce motion", &["R"], words, |ui| {
        for (words, reduced) in [("Off", false), ("On", true)] {
            let chosen = button::Weight::Choice(settings.reduce_motion == reduced);
            if button::button(ui, words, None, chosen).clicked() {
                settings.reduce_motion = reduced;
            }
        }
    });
    ui.add_space(theme.space.xl);
    ui.label(text::caption(theme, "States"));
    ui.add_space(theme.space.xs);
    states(ui, theme);
}

/// States as the incident shows them, and what they mean: as `crates/session/src/viewing.rs` has it.
fn states(ui: &mut Ui, theme: &Theme) {
    let palette = theme.palette;
    for (health, meaning) in [
        (Health::Healthy, "fewer than 1 % errors"),
        (Health::Degraded, "from 1 % errors, or 90 % busy"),
        (Health::Failing, "from 10 % errors, or nothing ready"),
        (Health::Unknown, "no samples"),
    ] {
        ui.horizontal(|ui| {
            let (sign, _) = ui.allocate_exact_size(vec2(18.0, 20.0), Sense::hover());
            mark::health(ui.painter(), &palette, sign.center(), 6.0, health);
            ui.label(text::body(theme, health_word(health)));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let color = mark::health_color(&palette, health);
                ui.label(text::quiet(theme, meaning).color(color));
            });
        });
    }
}

/// A named row of controls with their keys, and a line on what they do.
fn row(
    ui: &mut Ui,
    theme: &Theme,
    name: &str,
    keys: &[&str],
    words: &str,
    controls: impl FnOnce(&mut Ui),
) {
    ui.add_space(theme.space.xl);
    ui.label(text::caption(theme, name));
    ui.horizontal(|ui| {
        controls(ui);
        for key in keys {
            button::key_cap(ui, key);
        }
    });
    ui.add(Label::new(text::quiet(theme, words)).wrap());
}
