//! How often the window is drawn.
//!
//! By the clock alone: nothing that happens causes a frame before its time, so input waits for at most one interval, and
//! several inputs in one interval reach egui in their order (a press and its release make a click). Left to react to window
//! events, the loop never rests: `bevy_egui` 0.42 asks for another frame after every frame (it tells egui of the modifier
//! keys each time, and egui wants to draw after every event), and a frame drawn is itself a window event. And in
//! `WinitSettings::desktop_app()` the click that wakes the loop is lost with egui.

use std::time::Duration;

use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{UpdateMode, WinitSettings};
use bevy_egui::EguiContexts;

use super::Screen;
use super::bridge::{Bridge, Phase};
use super::input::LastInput;

/// While something moves.
const MOVING: Duration = Duration::from_millis(33);
/// In menus and while nothing moves.
const STILL: Duration = Duration::from_millis(100);
/// In a menu left alone: what wakes it waits a moment longer.
const ASLEEP: Duration = Duration::from_millis(250);
/// While another window has the keyboard.
const UNFOCUSED: Duration = Duration::from_millis(66);
/// A menu left alone this long goes to sleep.
pub(crate) const SLEEP_AFTER_S: f64 = 20.0;

/// Adds the pacing.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, pace)
        .add_systems(Startup, mute)
        .add_systems(Last, rest);
}

/// Keeps egui from waking the loop.
fn mute(mut contexts: EguiContexts) -> Result {
    contexts.ctx_mut()?.set_request_repaint_callback(|_| {});
    Ok(())
}

/// Drops requests to draw again at once.
fn rest(mut requests: ResMut<Messages<RequestRedraw>>) {
    requests.clear();
}

/// A frame each `wait`.
const fn every(wait: Duration) -> UpdateMode {
    UpdateMode::Reactive {
        wait,
        react_to_device_events: false,
        react_to_user_events: false,
        react_to_window_events: false,
    }
}

fn pace(
    screen: Res<State<Screen>>,
    bridge: Res<Bridge>,
    input: Res<LastInput>,
    time: Res<Time<Real>>,
    mut settings: ResMut<WinitSettings>,
) {
    let awake = time.elapsed_secs_f64() - input.0 < SLEEP_AFTER_S;
    let (paused, _) = bridge.clock();
    let runs = match bridge.phase() {
        Phase::Hurrying => true,
        Phase::Running => !paused,
        Phase::Idle | Phase::Ended => false,
    };
    let (focused, unfocused) = match screen.get() {
        Screen::Incident if runs => (MOVING, UNFOCUSED),
        Screen::Title if awake => (MOVING, STILL),
        // Parts of the debrief arrive while nobody touches anything.
        Screen::Incident | Screen::Debrief => (STILL, STILL),
        _ if awake => (STILL, STILL),
        _ => (ASLEEP, ASLEEP),
    };
    let wanted = WinitSettings {
        focused_mode: every(focused),
        unfocused_mode: every(unfocused),
    };
    if settings.focused_mode != wanted.focused_mode
        || settings.unfocused_mode != wanted.unfocused_mode
    {
        *settings = wanted;
    }
}
