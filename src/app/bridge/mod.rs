//! The one place where the window meets the session: intents in, simulated time forward, a view and series out.

mod sessions;

use std::path::PathBuf;
use std::sync::Arc;

use bevy::platform::time::Instant;
use bevy::prelude::*;
use bevy::window::ExitSystems;
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::command::Command;
use brownout_session::journal::Header;
use brownout_session::view::PlayerView;
use brownout_session::wait::{self, Until};

use super::clock::Clock;
use super::waiting::Waiting;
use crate::cli::journal_file::JournalFile;
pub(crate) use crate::panels::incident::Phase;
use crate::panels::intent::Intent;
use crate::panels::readings::Readings;

/// Nanoseconds in a second.
const SECOND_NS: u64 = 1_000_000_000;
/// Wall time between views.
const REFRESH_NS: u64 = 100_000_000;
/// Wall time a frame may spend on reaching the page.
const HURRY_BUDGET_NS: u128 = 12_000_000;
/// Wall time a frame may spend on the simulation while the incident runs.
const FRAME_BUDGET_NS: u128 = 6_000_000;
/// Events between two looks at the wall clock.
const EVENTS: u64 = 4_000;
/// Simulated time the session moves between two looks at the page while hurrying.
const HURRY_STEP_NS: u64 = SECOND_NS;
/// Wall time for which what ended a wait is said.
const NOTICE_NS: u64 = 6 * SECOND_NS;

/// Where a session is recorded.
#[derive(Debug, Default)]
pub(crate) enum Record {
    /// Nowhere.
    #[default]
    Nowhere,
    /// In a new file, begun with the session.
    At(PathBuf),
    /// In an open file.
    Open(JournalFile),
    /// In the open file of a session to go on with.
    Resumed(Box<Session>, JournalFile),
}

/// Owns the session.
#[derive(Resource)]
pub(crate) struct Bridge {
    scenario: Arc<Scenario>,
    header: Header,
    record: Record,
    session: Option<Session>,
    clock: Clock,
    phase: Phase,
    /// Simulated time to be reached.
    target_ns: u64,
    since_refresh_ns: u64,
    view: Arc<PlayerView>,
    readings: Readings,
    waiting: Option<Waiting>,
    /// What ended the last wait, and for how much longer that is said, in wall time.
    notice: Option<(String, u64)>,
    /// Why the last command was refused, or what keeps the journal from being written.
    refusal: Option<String>,
    /// The script of `shots` moves the clock instead of wall time.
    scripted: bool,
    /// The script stops the session where it is.
    held: bool,
    spent: Spent,
}

/// Wall time a frame took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    /// To move the session on and write its journal.
    pub simulation_ns: u128,
    /// To take a view and series.
    pub view_ns: u128,
}

impl Bridge {
    /// A bridge without a session yet.
    pub fn new(scenario: Arc<Scenario>, header: Header, speed: u32, record: Record) -> Self {
        Self {
            scenario,
            header,
            record,
            session: None,
            clock: Clock {
                speed: speed.clamp(1, 10),
                paused: false,
            },
            phase: Phase::Idle,
            target_ns: 0,
            since_refresh_ns: 0,
            view: Arc::default(),
            readings: Readings::default(),
            waiting: None,
            notice: None,
            refusal: None,
            scripted: false,
            held: false,
            spent: Spent::default(),
        }
    }

    /// What the last frame took.
    pub const fn spent(&self) -> Spent {
        self.spent
    }

    /// Starts the incident.
    pub fn start(&mut self) {
        let session = match std::mem::take(&mut self.record) {
            Record::Resumed(session, journal) => {
                self.record = Record::Open(journal);
                *session
            }
            record => {
                let session = Session::with_header(Arc::clone(&self.scenario), self.header.clone());
                self.record = self.open(record, &session);
                session
            }
        };
        self.session = Some(session);
        self.phase = Phase::Hurrying;
        self.target_ns = 0;
        self.readings = Readings::default();
        self.refresh();
    }

    /// Begins the journal of a new session. One that cannot be begun is said, and the session goes on without.
    fn open(&mut self, record: Record, session: &Session) -> Record {
        let Record::At(path) = record else {
            return record;
        };
        match JournalFile::create(&path, session) {
            Ok(journal) => Record::Open(journal),
            Err(error) => {
                self.refusal = Some(format!("this session is not recorded: {error}"));
                Record::Nowhere
            }
        }
    }

    /// Writes what was recorded since the last call.
    fn write(&mut self) {
        let (Record::Open(journal), Some(session)) = (&mut self.record, &self.session) else {
            return;
        };
        if let Err(error) = journal.write(session) {
            self.refusal = Some(format!("this session is no longer recorded: {error}"));
            self.record = Record::Nowhere;
        }
    }

    /// What the session is doing.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the clock stands still, and its speed.
    pub const fn clock(&self) -> (bool, u32) {
        (self.clock.paused, self.clock.speed)
    }

    /// The latest view.
    pub const fn view(&self) -> &Arc<PlayerView> {
        &self.view
    }

    /// Series of the main flow.
    pub const fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Why the last command was refused.
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// Queries over the session's telemetry.
    pub fn reader(&self) -> Option<brownout_session::Reader<'_>> {
        self.session.as_ref().map(Session::reader)
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Share of the way to the page, by the latest time it can come.
    #[expect(clippy::cast_precision_loss, reason = "a bar's length")]
    pub fn progress(&self) -> f32 {
        let now_ns = self.session.as_ref().map_or(0, Session::now_ns);
        (now_ns as f32 / self.scenario.page_latest_ns.max(1) as f32).min(1.0)
    }

    /// Carries out what the player wants, as far as it is the session's or the clock's.
    pub fn carry_out(&mut self, intents: &[Intent]) {
        for intent in intents {
            match intent {
                Intent::TogglePause => {
                    self.interrupt("you stopped the clock");
                    self.clock.paused = !self.clock.paused;
                }
                Intent::SetSpeed(speed) => {
                    self.interrupt("you set the speed");
                    self.clock = Clock {
                        speed: *speed,
                        paused: false,
                    }
                }
                Intent::Wait(until) => self.wait(*until),
                Intent::StopWaiting => self.interrupt("you took the clock back"),
                Intent::Command(command) => {
                    // What is noted on the board changes nothing that is waited for; what is done or said does.
                    match command {
                        Command::Act(_) => self.interrupt("you began an action"),
                        Command::Tell(_) => self.interrupt("you sent an update"),
                        _ => {}
                    }
                    self.submit(command.clone());
                }
                Intent::Start | Intent::Author | Intent::Quit => {}
            }
        }
    }

    /// Begins a wait, if it can end.
    fn wait(&mut self, until: Until) {
        if self.phase != Phase::Running || wait::possible(until, &self.view).is_err() {
            return;
        }
        self.stop_waiting();
        self.notice = None;
        self.waiting = Some(Waiting::begin(until, Arc::clone(&self.view), self.clock));
        self.clock = Waiting::clock();
    }

    /// Gives the clock back.
    fn stop_waiting(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            self.clock = waiting.resume;
        }
    }

    /// Gives the clock back before what was waited for, and says why.
    fn interrupt(&mut self, why: &str) {
        if self.waiting.is_some() {
            self.notice = Some((why.to_owned(), NOTICE_NS));
        }
        self.stop_waiting();
    }

    /// What is waited for.
    pub fn waiting(&self) -> Option<Until> {
        self.waiting.as_ref().map(|waiting| waiting.until)
    }

    /// What ended the last wait, while that is said.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(words, _)| words.as_str())
    }

    fn submit(&mut self, command: Command) {
        let Some(session) = &mut self.session else {
            return;
        };
        self.refusal = session
            .submit(command)
            .err()
            .map(|refused| refused.to_string());
        // What was accepted is on disk before the player sees it, and the player sees it at once.
        self.write();
        self.refresh();
    }

    /// Hands the clock to a script: wall time no longer counts.
    pub const fn script(&mut self) {
        self.scripted = true;
    }

    /// Whether a script moves the clock.
    pub const fn is_scripted(&self) -> bool {
        self.scripted
    }

    /// For scripts: stops the session on its way to the page, or lets it go on.
    pub const fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// For scripts: the simulated time to be reached next.
    pub const fn aim(&mut self, target_ns: u64) {
        self.target_ns = target_ns;
    }

    /// For scripts: whether the aim was reached.
    pub fn arrived(&self) -> bool {
        self.session
            .as_ref()
            .is_none_or(|session| session.now_ns() >= self.target_ns)
            || self.phase == Phase::Ended
    }

    /// Moves the session forward by a frame.
    pub(super) fn frame(&mut self, frame_ns: u64) {
        self.spent = Spent::default();
        let began = Instant::now();
        match self.phase {
            Phase::Idle | Phase::Ended => return,
            Phase::Hurrying if self.held => {}
            Phase::Hurrying => self.hurry(),
            Phase::Running => self.run(frame_ns),
        }
        self.write();
        self.spent.simulation_ns = began.elapsed().as_nanos();
        if let Some((_, left_ns)) = &mut self.notice {
            *left_ns = left_ns.saturating_sub(frame_ns);
        }
        self.notice.take_if(|(_, left_ns)| *left_ns == 0);
        self.since_refresh_ns += frame_ns;
        if self.since_refresh_ns >= REFRESH_NS {
            let began = Instant::now();
            self.refresh();
            self.spent.view_ns = began.elapsed().as_nanos();
        }
    }

    /// Ordinary life, as fast as the frame's budget allows, until the page comes.
    fn hurry(&mut self) {
        let began = Instant::now();
        let Some(session) = &mut self.session else {
            return;
        };
        while session.page_ns().is_none() && began.elapsed().as_nanos() < HURRY_BUDGET_NS {
            if self.target_ns <= session.now_ns() {
                self.target_ns = session.now_ns() + HURRY_STEP_NS;
            }
            session.advance_until(self.target_ns, EVENTS);
        }
        if session.page_ns().is_some() {
            self.phase = Phase::Running;
            self.target_ns = session.now_ns();
            self.since_refresh_ns = REFRESH_NS;
        }
    }

    fn run(&mut self, frame_ns: u64) {
        let began = Instant::now();
        let Some(session) = &mut self.session else {
            return;
        };
        if !self.scripted {
            let step_ns = self.clock.step_ns(frame_ns);
            self.target_ns = self.target_ns.max(session.now_ns()) + step_ns;
        }
        let budget_ns = if self.scripted {
            HURRY_BUDGET_NS * 4
        } else {
            FRAME_BUDGET_NS
        };
        let mut over = None;
        while over.is_none() && session.now_ns() < self.target_ns {
            let stop_ns = match &self.waiting {
                Some(waiting) => waiting.stop_ns(self.target_ns),
                None => self.target_ns,
            };
            let there = session.advance_until(stop_ns, EVENTS);
            if there
                && let Some(waiting) = &mut self.waiting
                && waiting.is_due(session.now_ns())
            {
                over = waiting.look(&session.view());
            }
            // A session that has ended stands still.
            let stuck = there && session.now_ns() < stop_ns;
            if stuck || !there && began.elapsed().as_nanos() >= budget_ns {
                break;
            }
        }
        // Time the simulation could not keep up with is lost, not owed; nor is time after what was waited for.
        if !self.scripted {
            self.target_ns = session.now_ns();
        }
        if let Some(words) = over {
            self.stop_waiting();
            self.notice = Some((words, NOTICE_NS));
            self.refresh();
        }
    }

    /// Takes a new view, and the new part of the series if there was a scrape.
    fn refresh(&mut self) {
        self.since_refresh_ns = 0;
        let Some(session) = &self.session else { return };
        let view = session.view();
        self.readings.extend(&view, &session.reader());
        if view.ended {
            self.phase = Phase::Ended;
            self.waiting = None;
        }
        self.view = Arc::new(view);
    }
}

/// Adds the bridge's system; the resource comes from who opens the window.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, advance)
        .add_systems(Last, close.after(ExitSystems));
}

/// The window was closed, or the player left: nothing of the session is lost.
fn close(mut exits: MessageReader<AppExit>, mut bridge: ResMut<Bridge>) {
    if exits.read().count() > 0 {
        bridge.close();
    }
}

fn advance(time: Res<Time>, mut bridge: ResMut<Bridge>) {
    let frame_ns = u64::try_from(time.delta().as_nanos()).unwrap_or(u64::MAX);
    bridge.frame(frame_ns);
}

#[cfg(test)]
mod tests;
