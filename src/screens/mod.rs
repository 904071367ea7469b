//! Screens: each lays out panels, gives them state and passes on what they ask for.

#![expect(
    clippy::needless_pass_by_value,
    reason = "Bevy hands systems their parameters by value"
)]

pub(crate) mod author;
mod briefing;
pub(crate) mod debrief;
mod going_on;
mod incident;
mod library;
mod overlay;
mod settings;
mod title;

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::journal::Header;
use brownout_session::view::PlayerView;

use crate::app::{Authoring, Bridge, Journal, Screen};
use crate::author::{Asked, Chosen};
use crate::panels::intent::Intent;
use crate::panels::state::State as Panels;
use crate::widgets::part::{part, root};

/// What the panels remember.
#[derive(Resource, Default)]
pub(crate) struct PanelState(pub Panels);

/// What the player wants and nobody has carried out yet.
#[derive(Resource, Default)]
pub(crate) struct Wishes(pub Vec<Intent>);

/// Adds all screens.
pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<PanelState>()
        .init_resource::<Wishes>()
        .add_plugins((
            author::plugin,
            title::plugin,
            going_on::plugin,
            library::plugin,
            briefing::plugin,
            incident::plugin,
            debrief::plugin,
            settings::plugin,
            overlay::plugin,
        ))
        .add_systems(PreUpdate, carry_out)
        .add_systems(EguiPrimaryContextPass, quit_key.before(Draw))
        .configure_sets(EguiPrimaryContextPass, Draw);
}

/// Where screens draw.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Draw;

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn carry_out(
    mut wishes: ResMut<Wishes>,
    mut bridge: ResMut<Bridge>,
    mut panels: ResMut<PanelState>,
    mut authoring: ResMut<Authoring>,
    mut journal: ResMut<Journal>,
    mut going_on: ResMut<going_on::GoingOn>,
    mut next: ResMut<NextState<Screen>>,
    mut exit: MessageWriter<AppExit>,
) {
    if wishes.0.is_empty() {
        return;
    }
    let wishes = std::mem::take(&mut wishes.0);
    bridge.carry_out(&wishes);
    for wish in wishes {
        match wish {
            Intent::Start => {
                bridge.start();
                // Only a session that was left begins with its clock standing.
                panels.0 = Panels {
                    resumed: bridge.clock().0,
                    ..Panels::default()
                };
                NextState::set_if_neq(&mut next, Screen::Incident);
            }
            Intent::Quit => {
                exit.write(AppExit::Success);
            }
            Intent::Author => {
                // A trial goes back to what it was begun from; any other session is left as by its menu.
                if !authoring.trying {
                    let seed = bridge.header().seed;
                    let name = bridge.scenario().name.clone();
                    authoring.asked = crate::cli::scenario_of_name(&name).map(|path| Asked {
                        path,
                        root: None,
                        chosen: Chosen { seed, truth: None },
                    });
                    authoring.back = Screen::Title;
                    going_on.left.clone_from(&journal.0);
                    journal.renew(&name);
                }
                let path = authoring.journal(&journal);
                bridge.again(path);
                NextState::set_if_neq(&mut next, Screen::Author);
            }
            Intent::TogglePause
            | Intent::SetSpeed(_)
            | Intent::Wait(_)
            | Intent::StopWaiting
            | Intent::Command(_) => {}
        }
    }
}

/// The key that leaves the program works everywhere.
fn quit_key(mut contexts: EguiContexts, mut wishes: ResMut<Wishes>) -> Result {
    let pressed = contexts
        .ctx_mut()?
        .input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::Q));
    if pressed {
        wishes.0.push(Intent::Quit);
    }
    Ok(())
}

/// A system on an ordinary day: two minutes in there is traffic to see and nothing has happened yet.
fn quiet_view(scenario: &Arc<Scenario>, header: &Header) -> PlayerView {
    let mut session = Session::with_header(Arc::clone(scenario), header.clone());
    session.advance_until(120_000_000_000, u64::MAX);
    session.view()
}
