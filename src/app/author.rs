//! The scenario being written, kept while it is tried: the author screen shows it, sessions begun there lead back to it.

use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;
use bevy::winit::{EventLoopProxyWrapper, WinitUserEvent};
use brownout_scenario::compiled::Scenario;
use brownout_session::journal::Header;

use super::{Bridge, Journal, Opened, Screen, pacing};
use crate::author::course::header;
use crate::author::desk::Wake;
use crate::author::{Asked, Chosen, Desk};

/// The scenario being written.
#[derive(Resource, Default)]
pub(crate) struct Authoring {
    /// What the screen is to open; nothing is, where the player has yet to choose.
    pub asked: Option<Asked>,
    /// File of the scenario named on the command line.
    pub named: Option<PathBuf>,
    /// What is open.
    pub desk: Option<Desk>,
    /// Why what was asked for is not open.
    pub note: String,
    /// The screen one came from and goes back to.
    pub back: Screen,
    /// A session is being tried that was begun here.
    pub trying: bool,
    /// What was offered before something was tried.
    before: Option<(Arc<Scenario>, Header)>,
}

impl Authoring {
    /// What is to be opened first, and the file of the scenario named on the command line.
    pub fn of(asked: Option<Asked>, named: Option<PathBuf>) -> Self {
        Self {
            asked,
            named,
            ..Self::default()
        }
    }

    /// Where one goes who leaves a session or its briefing: here if it was begun here.
    pub const fn instead_of(&self, usual: Screen) -> Screen {
        if self.trying { Screen::Author } else { usual }
    }

    /// Where the next session is recorded: a trial nowhere. It is no part of a player's record, and its scenario may be another
    /// one after the next save.
    pub fn journal(&self, journal: &Journal) -> Option<PathBuf> {
        journal.0.clone().filter(|_| !self.trying)
    }

    /// Opens what was asked for.
    pub fn open(&mut self, wake: Wake) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        self.desk = None;
        match Desk::open(&asked.path, asked.root.as_deref(), asked.chosen, wake) {
            Ok(desk) => {
                self.desk = Some(desk);
                self.note.clear();
            }
            Err(error) => self.note = format!("{}: {error}", asked.path.display()),
        }
    }

    /// Offers the run shown as an incident to be played; whether there is one.
    pub fn begin_trial(&mut self, bridge: &mut Bridge, opened: &mut Opened) -> bool {
        let Some(desk) = &self.desk else { return false };
        let Some(scenario) = desk.course().map(|course| Arc::clone(&course.scenario)) else {
            return false;
        };
        let Chosen { seed, truth } = desk.chosen();
        if self.before.is_none() {
            let before = (
                Arc::clone(bridge.scenario_shared()),
                bridge.header().clone(),
            );
            self.before = Some(before);
        }
        // A session that was to be gone on with is on disk: the title offers it again from there.
        opened.resumed = false;
        let header = header(&scenario, seed, truth, "person");
        bridge.offer(scenario, header, None);
        self.trying = true;
        true
    }

    /// Closes what is open, and offers again what was offered before.
    pub fn close(&mut self, bridge: &mut Bridge, journal: &mut Journal) {
        self.desk = None;
        self.trying = false;
        if let Some((scenario, header)) = self.before.take() {
            journal.renew(&scenario.name);
            bridge.offer(scenario, header, journal.0.clone());
        }
    }

    /// Whether something is on its way that nobody has to touch anything for.
    pub fn awaits(&self) -> bool {
        let reading = |desk: &Desk| desk.checked().is_none() || desk.is_running();
        self.desk.as_ref().is_some_and(reading)
    }
}

/// Wakes the window's loop from a thread.
pub(crate) fn wake(proxy: &EventLoopProxyWrapper) -> Wake {
    let proxy = (**proxy).clone();
    Arc::new(move || {
        // A loop that is gone has nobody to wake.
        let _ = proxy.send_event(WinitUserEvent::WakeUp);
    })
}

/// Adds the scenario being written.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Authoring>().add_systems(
        Update,
        receive
            .before(pacing::pace)
            .run_if(in_state(Screen::Author)),
    );
}

/// Takes in what was read; before the pace is set, which follows from whether something runs.
fn receive(mut authoring: ResMut<Authoring>) {
    if let Some(desk) = &mut authoring.bypass_change_detection().desk {
        desk.receive();
    }
}
