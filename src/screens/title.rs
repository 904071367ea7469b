//! The title: the name, a calm system behind it, and what one can do.

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_session::view::PlayerView;
use egui::{Align2, Key, Rect, RichText, Ui, pos2, vec2};

use super::{Draw, PanelState, Wishes};
use crate::app::{Bridge, LastInput, SLEEP_AFTER_S, Screen, Stage};
use crate::panels::intent::Intent;
use crate::panels::{keys, sample};
use crate::theme::Theme;
use crate::widgets::{button, text};

/// The calm system.
#[derive(Resource)]
struct Calm(Arc<PlayerView>);

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Calm(Arc::new(sample::calm())))
        .add_systems(
            EguiPrimaryContextPass,
            draw.in_set(Draw).run_if(in_state(Screen::Title)),
        );
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn draw(
    mut contexts: EguiContexts,
    calm: Res<Calm>,
    bridge: Res<Bridge>,
    input: Res<LastInput>,
    time: Res<Time<Real>>,
    window: Single<&Window>,
    mut panels: ResMut<PanelState>,
    mut stage: ResMut<Stage>,
    mut wishes: ResMut<Wishes>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    let area = Rect::from_min_max(
        pos2(screen.left() + screen.width() * 0.36, screen.top()),
        screen.max,
    )
    .shrink(theme.space.xl);
    panels.0.topology.fit(&calm.0, area, &theme);
    stage.view = Some(Arc::clone(&calm.0));
    stage.layout = panels.0.topology.layout.clone();
    stage.area = Some(area);
    stage.screen = screen.size();
    stage.selection = None;
    stage.alpha = 0.85;
    let awake = window.focused && time.elapsed_secs_f64() - input.0 < SLEEP_AFTER_S;
    stage.pace = if awake || bridge.is_scripted() {
        0.6
    } else {
        0.0
    };
    stage.lanes = false;
    if let Some(screen) = menu(&mut ui, &bridge, &theme, &mut wishes.0) {
        NextState::set_if_neq(&mut next, screen);
    }
    Ok(())
}

/// Draws the menu; returns the screen to go to.
fn menu(ui: &mut Ui, bridge: &Bridge, theme: &Theme, wishes: &mut Vec<Intent>) -> Option<Screen> {
    let palette = theme.palette;
    let mut to = None;
    let screen = ui.max_rect();
    let left = screen.left() + (screen.width() * 0.07).max(48.0);
    let column = Rect::from_min_max(
        pos2(left, screen.top() + screen.height() * 0.26),
        pos2(left + 400.0, screen.bottom()),
    );
    ui.scope_builder(egui::UiBuilder::new().max_rect(column), |ui| {
        ui.label(text::spaced(
            "BROWNOUT",
            theme.semibold(theme.size.display),
            palette.text,
            4.0,
        ));
        ui.label(
            RichText::new("You are on call. The pager is quiet, so far.")
                .font(theme.sans(theme.size.heading))
                .color(palette.muted),
        );
        ui.add_space(theme.space.xl * 1.5);
        let scenario = bridge.scenario();
        ui.label(text::caption(theme, "Tonight"));
        ui.label(
            RichText::new(&scenario.title)
                .font(theme.semibold(theme.size.heading))
                .color(palette.text),
        );
        ui.add(
            egui::Label::new(
                RichText::new(&scenario.summary)
                    .font(theme.sans(theme.size.body + 1.0))
                    .color(palette.muted),
            )
            .wrap(),
        );
        ui.add_space(theme.space.s);
        ui.label(text::number(theme, facts(bridge), palette.dim));
        ui.add_space(theme.space.xl);
        let play = button::large(
            ui,
            "Start the incident",
            Some("Enter"),
            button::Weight::Primary,
            260.0,
        );
        ui.add_space(theme.space.xs);
        let library = button::large(ui, "Library", Some("L"), button::Weight::Normal, 260.0);
        ui.add_space(theme.space.xs);
        let settings = button::large(ui, "Settings", Some("S"), button::Weight::Normal, 260.0);
        ui.add_space(theme.space.xs);
        let quit = button::large(ui, "Quit", Some("Ctrl Q"), button::Weight::Normal, 260.0);
        let pressed = |ui: &Ui, key: Key, command: bool| {
            keys::pressed(ui, key).is_some_and(|modifiers| modifiers.command == command)
        };
        let elsewhere = quit.has_focus() || library.has_focus() || settings.has_focus();
        if settings.clicked() || pressed(ui, Key::S, false) {
            to = Some(Screen::Settings);
        }
        if library.clicked() || pressed(ui, Key::L, false) {
            to = Some(Screen::Library);
        }
        if play.clicked() || (!elsewhere && pressed(ui, Key::Enter, false)) {
            to = Some(Screen::Briefing);
        }
        if quit.clicked() || pressed(ui, Key::Q, true) {
            wishes.push(Intent::Quit);
        }
    });
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let at = screen.left_bottom() + vec2(left - screen.left(), -theme.space.xl);
    ui.painter().text(
        at,
        Align2::LEFT_BOTTOM,
        version,
        theme.mono(theme.size.tiny),
        palette.dim,
    );
    to
}

/// Difficulty and size of the incident in one line.
fn facts(bridge: &Bridge) -> String {
    let scenario = bridge.scenario();
    let services = scenario.services.len();
    let regions = scenario.blueprint.regions.len();
    format!(
        "difficulty {} of 5 · {services} services · {regions} regions",
        scenario.difficulty
    )
}
