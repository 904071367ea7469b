//! The incident: hands the session to the panels and tells the topology below them what they show.

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};

use super::{Draw, PanelState, Wishes};
use crate::app::{Bridge, Phase, Screen, Stage};
use crate::panels::incident::{self, Course};
use crate::panels::lookup::{Blank, Lookup};
use crate::panels::state::ClockState;

/// What somebody sees who comes back to an incident.
const RESUMED: &str = "Paused where you left it. Look around; Space goes on.";

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        EguiPrimaryContextPass,
        draw.in_set(Draw).run_if(in_state(Screen::Incident)),
    );
}

fn draw(
    mut contexts: EguiContexts,
    bridge: Res<Bridge>,
    mut panels: ResMut<PanelState>,
    mut stage: ResMut<Stage>,
    mut wishes: ResMut<Wishes>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    let view = Arc::clone(bridge.view());
    let (paused, speed) = bridge.clock();
    let state = &mut panels.0;
    state.clock = ClockState {
        paused,
        speed,
        may_pause: true,
    };
    state.wait.running = bridge.waiting();
    state.wait.notice = bridge.notice().map(str::to_owned);
    if state.readings.to_ns != bridge.readings().to_ns {
        state.readings.clone_from(bridge.readings());
    }
    let reader = bridge.reader();
    let lookup: &dyn Lookup = match &reader {
        Some(reader) => reader,
        None => &Blank,
    };
    state.resumed &= paused;
    let resumed = state.resumed.then_some(RESUMED);
    let course = Course {
        phase: bridge.phase(),
        progress: bridge.progress(),
        refusal: bridge.refusal().or(resumed),
    };
    incident::ui(&mut ui, &view, lookup, course, state, &mut wishes.0);
    stage.view = Some(view);
    stage.layout.clone_from(&state.topology.layout);
    stage.area = state.topology.area;
    stage.screen = ui.max_rect().size();
    stage.selection.clone_from(&state.selection);
    stage.alpha = 1.0;
    stage.lanes = true;
    let speed = f32::from(u16::try_from(speed).unwrap_or(1));
    stage.pace = if paused || bridge.phase() == Phase::Ended {
        0.0
    } else {
        speed.sqrt()
    };
    Ok(())
}
