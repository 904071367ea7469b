//! How often the window is drawn.
//!
//! Always by `reactive`: in `WinitSettings::desktop_app()` the click that wakes the loop is lost with egui. egui's
//! requests to draw again at once are not passed on: bevy_egui 0.42 causes one every frame (it tells egui of the modifier
//! keys each time, and egui wants to draw after every event), so that the loop would never rest. The next frame is at most
//! a tenth of a second away.

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
/// While another window has the keyboard.
const UNFOCUSED: Duration = Duration::from_millis(66);
/// A menu left alone this long goes to sleep.
pub(crate) const SLEEP_AFTER_S: f64 = 20.0;

/// Adds the pacing.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (pace, probe))
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

fn pace(
    screen: Res<State<Screen>>,
    bridge: Res<Bridge>,
    input: Res<LastInput>,
    time: Res<Time<Real>>,
    mut settings: ResMut<WinitSettings>,
) {
    let moving = match screen.get() {
        Screen::Title => time.elapsed_secs_f64() - input.0 < SLEEP_AFTER_S,
        Screen::Incident => matches!(bridge.phase(), Phase::Hurrying | Phase::Running),
    };
    let unfocused = match screen.get() {
        Screen::Title => Duration::from_secs(1),
        Screen::Incident => UNFOCUSED,
    };
    let wanted = WinitSettings {
        focused_mode: UpdateMode::reactive(if moving { MOVING } else { STILL }),
        unfocused_mode: UpdateMode::reactive_low_power(unfocused),
    };
    if settings.focused_mode != wanted.focused_mode
        || settings.unfocused_mode != wanted.unfocused_mode
    {
        *settings = wanted;
    }
}

pub(super) fn probe(mut n: Local<u32>, mut last: Local<f64>, time: Res<Time<Real>>, mut c: bevy_egui::EguiContexts, set: Res<WinitSettings>, mut rr: MessageReader<bevy::window::RequestRedraw>, mut nr: Local<usize>, mut raw: MessageReader<bevy::winit::RawWinitWindowEvent>, mut kinds: Local<std::collections::BTreeMap<String,usize>>, q: Query<&Window>) {
    *n += 1;
    *nr += rr.read().count();
    for e in raw.read() { *kinds.entry(format!("{:?}", e.event).chars().take(40).collect()).or_default() += 1; }
    if time.elapsed_secs_f64() - *last > 2.0 {
        *last = time.elapsed_secs_f64();
        eprintln!("PROBE {:?} frames {} redraws {} focus {} {:?} {:?}", *kinds, *n, *nr, q.iter().all(|w| w.focused), c.ctx_mut().map(|c| c.repaint_causes().iter().map(|c| c.to_string()).collect::<Vec<_>>()), set.focused_mode);
        *n = 0; *nr = 0; kinds.clear();
    }
}
