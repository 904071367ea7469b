//! How often the window is drawn.
//!
//! While it is used, by the clock alone: nothing that happens causes a frame before its time, so input waits for at most one
//! interval, and several inputs in one interval reach egui in their order (a press and its release make a click). Left to
//! react to window events, the loop never rests: `bevy_egui` 0.42 asks for another frame after every frame (it tells egui of
//! the modifier keys each time, and egui wants to draw after every event), and a frame drawn is itself a window event.
//!
//! Left alone with nothing moving it sleeps: then only what happens to the window causes a frame, and the frame it causes
//! already sees it, so that the click or key that wakes it is not lost.

use std::time::Duration;

use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};
use bevy_egui::EguiContexts;

use super::bridge::{Bridge, Phase};
use super::input::{LastInput, note};
use super::{Authoring, Screen};
use crate::screens::debrief::Shown;

/// While something moves.
const MOVING: Duration = Duration::from_millis(33);
/// In menus and while nothing moves.
const STILL: Duration = Duration::from_millis(100);
/// Asleep: a frame now and then all the same, for what a window system does not report.
const ASLEEP: Duration = Duration::from_secs(5);
/// While another window has the keyboard.
const UNFOCUSED: Duration = Duration::from_millis(66);
/// Left alone this long with nothing moving, the window goes to sleep.
pub(crate) const SLEEP_AFTER_S: f64 = 20.0;

/// Adds the pacing.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, pace.after(note))
        .add_systems(Update, mute.run_if(run_once))
        .add_systems(Last, rest);
}

/// Keeps egui from waking the loop. Not before the first frame: `bevy_egui` sets its own callback just before that.
fn mute(mut contexts: EguiContexts) -> Result {
    contexts.ctx_mut()?.set_request_repaint_callback(|_| {});
    Ok(())
}

/// Drops requests to draw again at once.
fn rest(mut requests: ResMut<Messages<RequestRedraw>>) {
    requests.clear();
}

/// A frame each `wait`, and none for anything else.
const fn every(wait: Duration) -> UpdateMode {
    UpdateMode::Reactive {
        wait,
        react_to_device_events: false,
        react_to_user_events: false,
        react_to_window_events: false,
    }
}

/// A frame for what happens to the window.
const fn asleep() -> UpdateMode {
    UpdateMode::Reactive {
        wait: ASLEEP,
        react_to_device_events: false,
        react_to_user_events: false,
        react_to_window_events: true,
    }
}

/// Asleep, but for what a thread has to tell.
const fn told() -> UpdateMode {
    UpdateMode::Reactive {
        wait: ASLEEP,
        react_to_device_events: false,
        react_to_user_events: true,
        react_to_window_events: true,
    }
}

/// What the pace follows from.
#[derive(Clone, Copy, Debug)]
struct Course {
    screen: Screen,
    /// Simulated time passes.
    runs: bool,
    /// Somebody touched it lately, or a script does.
    awake: bool,
    /// Something is on its way that nobody has to touch anything for.
    awaits: bool,
}

impl Course {
    /// The pace with the keyboard and without.
    const fn pace(self) -> (UpdateMode, UpdateMode) {
        match self.screen {
            Screen::Incident if self.runs => (every(MOVING), every(UNFOCUSED)),
            Screen::Title if self.awake => (every(MOVING), every(STILL)),
            _ if self.awake || self.awaits => (every(STILL), every(STILL)),
            // The files are edited in another window: a save is shown although nobody touches this one.
            Screen::Author => (told(), told()),
            _ => (asleep(), asleep()),
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
pub(super) fn pace(
    screen: Res<State<Screen>>,
    bridge: Res<Bridge>,
    input: Res<LastInput>,
    debrief: Res<Shown>,
    authoring: Res<Authoring>,
    time: Res<Time<Real>>,
    mut settings: ResMut<WinitSettings>,
    waker: Option<Res<EventLoopProxyWrapper>>,
) {
    let (paused, _) = bridge.clock();
    let course = Course {
        screen: *screen.get(),
        runs: match bridge.phase() {
            Phase::Hurrying => true,
            Phase::Running => !paused,
            Phase::Idle | Phase::Ended => false,
        },
        awake: bridge.is_scripted() || time.elapsed_secs_f64() - input.0 < SLEEP_AFTER_S,
        awaits: match screen.get() {
            Screen::Debrief => !debrief.is_complete(),
            Screen::Author => authoring.awaits(),
            _ => false,
        },
    };
    let (focused_mode, unfocused_mode) = course.pace();
    if settings.focused_mode != focused_mode || settings.unfocused_mode != unfocused_mode {
        *settings = WinitSettings {
            focused_mode,
            unfocused_mode,
        };
        // The loop has set its alarm already when a frame is drawn for a window event: it looks again.
        if let Some(waker) = waker {
            let _ = waker.send_event(WinitUserEvent::WakeUp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only what is left alone and does not move sleeps; whatever sleeps reacts to the window at once.
    #[test]
    fn only_what_stands_still_sleeps() {
        let still = Course {
            screen: Screen::Library,
            runs: false,
            awake: false,
            awaits: false,
        };
        for screen in [
            Screen::Title,
            Screen::Library,
            Screen::Incident,
            Screen::Debrief,
        ] {
            assert_eq!(Course { screen, ..still }.pace(), (asleep(), asleep()));
        }
        let author = Course {
            screen: Screen::Author,
            ..still
        };
        assert_eq!(author.pace(), (told(), told()));
        let moving = [
            Course {
                awake: true,
                ..still
            },
            Course {
                awaits: true,
                screen: Screen::Debrief,
                ..still
            },
            Course {
                awaits: true,
                ..author
            },
            Course {
                runs: true,
                screen: Screen::Incident,
                ..still
            },
        ];
        for course in moving {
            let (focused, unfocused) = course.pace();
            assert!(focused != asleep() && unfocused != asleep(), "{course:?}");
        }
    }
}
