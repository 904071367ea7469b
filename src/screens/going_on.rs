//! Going on with a session that was left: found on entering the title, brought back on a thread of its own.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, SystemTime};

use bevy::prelude::*;

use super::PanelState;
use crate::app::{Bridge, Journal, Screen};
use crate::cli::journal_file::sessions_folder;
use crate::cli::unfinished::{self, Resumed, Unfinished};
use crate::panels::state::State as Panels;

/// What came of bringing a session back.
type Outcome = anyhow::Result<Resumed>;

/// The session that can be gone on with.
#[derive(Resource, Default)]
pub(super) struct GoingOn {
    /// The one the player left last in this window, if it was given a file of its own.
    pub left: Option<PathBuf>,
    /// What the title offers.
    pub offer: Option<Unfinished>,
    /// Why it could not be gone on with, in one line.
    pub note: String,
    /// Being brought back; a receiver alone cannot be shared between threads.
    coming: Option<Mutex<Receiver<Outcome>>>,
}

impl GoingOn {
    /// Whether a session is being brought back.
    pub const fn is_coming(&self) -> bool {
        self.coming.is_some()
    }

    /// Begins to bring the offered session back.
    pub fn begin(&mut self) {
        let Some(path) = self.offer.as_ref().map(|offer| offer.path.clone()) else {
            return;
        };
        if self.is_coming() {
            return;
        }
        self.note.clear();
        let (sender, receiver) = channel();
        let spawned = std::thread::Builder::new()
            .name("resume".to_owned())
            .spawn(move || {
                // Nobody listening any more means the window is closed.
                drop(sender.send(unfinished::resume(&path, None)));
            });
        match spawned {
            Ok(_) => self.coming = Some(Mutex::new(receiver)),
            Err(error) => self.note = format!("This session cannot be brought back now: {error}"),
        }
    }

    /// What has come back, once.
    fn receive(&mut self) -> Option<Outcome> {
        let received = self.coming.as_ref()?.lock().ok()?.try_recv();
        let outcome = match received {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(anyhow::anyhow!("replaying it failed")),
        };
        self.coming = None;
        Some(outcome)
    }
}

/// Adds finding and bringing back.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<GoingOn>()
        .add_systems(OnEnter(Screen::Title), find)
        .add_systems(Update, receive.run_if(in_state(Screen::Title)));
}

/// Looks for the latest session. A window that records nothing has nothing to go on with.
fn find(mut going_on: ResMut<GoingOn>, journal: Res<Journal>) {
    going_on.offer = if journal.0.is_some() {
        let left = going_on.left.as_deref().and_then(unfinished::at);
        left.or_else(|| unfinished::latest(&sessions_folder()))
    } else {
        None
    };
}

fn receive(
    mut going_on: ResMut<GoingOn>,
    mut bridge: ResMut<Bridge>,
    mut journal: ResMut<Journal>,
    mut panels: ResMut<PanelState>,
    mut next: ResMut<NextState<Screen>>,
) {
    match going_on.receive() {
        None => {}
        Some(Err(error)) => going_on.note = format!("It cannot be gone on with. {error:#}"),
        Some(Ok(resumed)) => {
            journal.0 = going_on.offer.take().map(|offer| offer.path);
            bridge.resume(resumed);
            panels.0 = Panels {
                resumed: true,
                ..Panels::default()
            };
            NextState::set_if_neq(&mut next, Screen::Incident);
        }
    }
}

/// When a session was left, as people say it.
pub(super) fn ago(then: SystemTime, now: SystemTime) -> String {
    let minutes = now.duration_since(then).unwrap_or(Duration::ZERO).as_secs() / 60;
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1_440 => format!("{} h ago", minutes / 60),
        1_440..2_880 => "yesterday".to_owned(),
        _ => format!("{} days ago", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times grow coarser with age, and a clock that was set back does no harm.
    #[test]
    fn ages_are_said_as_people_do() {
        let now = SystemTime::now();
        let before = |seconds| now - Duration::from_secs(seconds);
        assert_eq!(ago(before(40), now), "just now");
        assert_eq!(ago(before(12 * 60 + 5), now), "12 min ago");
        assert_eq!(ago(before(5 * 3_600), now), "5 h ago");
        assert_eq!(ago(before(30 * 3_600), now), "yesterday");
        assert_eq!(ago(before(9 * 86_400), now), "9 days ago");
        assert_eq!(ago(now + Duration::from_mins(5), now), "just now");
    }
}
