//! The debrief: what happened, what it was worth, and what would have been better, as soon as each part is known.

mod page;
mod pictures;
mod plot;
mod reveal;
mod rows;
mod timeline;

use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::SystemTime;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_session::Session;
use brownout_session::score::ScoreCard;
use egui::Key;

use super::Draw;
use crate::app::{Authoring, Bridge, Journal, Phase, Screen, Stage};
use crate::cli::journal_file::{scores_file, sessions_folder};
use crate::evaluation::export::{self, Format};
use crate::evaluation::{self, Debrief, Piece};
use crate::scorebook::{Score, Scorebook};

/// What the debrief shows and how.
#[derive(Resource, Default)]
pub(crate) struct Shown {
    /// Pieces on their way; a receiver alone cannot be shared between threads.
    pieces: Option<Mutex<Receiver<Piece>>>,
    /// What has arrived.
    debrief: Debrief,
    /// State of the page.
    page: page::State,
    /// The score goes to the player's record once it is there.
    counts: bool,
}

impl Shown {
    /// Starts the evaluation of a session, made on the thread that evaluates it.
    pub(crate) fn begin(&mut self, make: impl FnOnce() -> Session + Send + 'static) {
        let (sender, receiver) = channel();
        *self = Self {
            pieces: Some(Mutex::new(receiver)),
            ..Self::default()
        };
        let spawned = std::thread::Builder::new()
            .name("evaluation".to_owned())
            .spawn(move || {
                let session = make();
                // Nobody listening any more means the player has moved on: the rest of the work is harmless.
                evaluation::stream(&session, &|piece| drop(sender.send(piece)));
            });
        if let Err(error) = spawned {
            self.page.note = format!("This session cannot be scored now: {error}");
        }
    }

    /// Whether everything has arrived.
    pub(crate) fn is_complete(&self) -> bool {
        self.debrief.score.is_some()
    }

    fn receive(&mut self) {
        let arrived: Vec<Piece> = self
            .pieces
            .as_ref()
            .and_then(|pieces| pieces.lock().ok())
            .map(|pieces| pieces.try_iter().collect())
            .unwrap_or_default();
        for piece in arrived {
            match &piece {
                Piece::Card(card) if self.counts => self.keep(card),
                Piece::Progress(done, of) => {
                    // Runs end on several threads, and their counts may overtake each other.
                    let before = self.page.progress.map_or(0, |(before, _)| before);
                    self.page.progress = Some((before.max(*done), *of));
                }
                _ => {}
            }
            self.debrief.take(piece);
        }
    }

    /// Adds the score to the player's record.
    fn keep(&mut self, card: &ScoreCard) {
        let now_s = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let score = Score::of(card, &self.debrief.scenario, self.debrief.seed, now_s);
        if let Err(error) = Scorebook::add(&scores_file(), score) {
            self.page.note = format!("This score is not in your record: {error:#}");
        }
    }
}

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Shown>()
        .add_systems(Update, begin.run_if(in_state(Screen::Incident)))
        .add_systems(
            EguiPrimaryContextPass,
            draw.in_set(Draw).run_if(in_state(Screen::Debrief)),
        );
}

/// An incident that is over is evaluated and shown.
fn begin(
    mut bridge: ResMut<Bridge>,
    mut shown: ResMut<Shown>,
    journal: Res<Journal>,
    authoring: Res<Authoring>,
    mut next: ResMut<NextState<Screen>>,
) {
    if bridge.phase() != Phase::Ended {
        return;
    }
    if let Some(session) = bridge.take_session() {
        shown.begin(move || session);
        // What is not recorded is a picture or a trial.
        shown.counts = authoring.journal(&journal).is_some();
        shown.page.leads_to = if authoring.trying {
            "Author"
        } else {
            "Library"
        };
        NextState::set_if_neq(&mut next, Screen::Debrief);
    }
}

/// What the page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// The same incident again.
    Again,
    /// A report file.
    Export(Format),
    /// The report as text for another program.
    Copy,
    /// The last report file, opened.
    Open,
    /// The folder it is in, opened.
    OpenFolder,
    /// Leave for the library.
    Leave,
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn draw(
    mut contexts: EguiContexts,
    mut shown: ResMut<Shown>,
    mut bridge: ResMut<Bridge>,
    mut journal: ResMut<Journal>,
    authoring: Res<Authoring>,
    mut stage: ResMut<Stage>,
    mut panels: ResMut<super::PanelState>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    stage.view = None;
    shown.receive();
    let Shown { debrief, page, .. } = &mut *shown;
    let mut wishes = keys(&ui, debrief, page);
    page::ui(&mut ui, debrief, page, &mut wishes);
    for wish in wishes {
        match wish {
            Wish::Export(format) => export_to(debrief, page, format, &journal),
            Wish::Copy => {
                if let Some(report) = report(debrief, page, Format::Markdown) {
                    ui.ctx().copy_text(report);
                    page.exported = None;
                    "Copied: the report as Markdown text.".clone_into(&mut page.note);
                }
            }
            Wish::Open => {
                if let Some(path) = page.exported.clone() {
                    page.note = opened(&path, &path);
                }
            }
            Wish::OpenFolder => {
                if let Some(path) = page.exported.clone() {
                    page.note = opened(path.parent().unwrap_or(&path), &path);
                }
            }
            Wish::Leave => {
                journal.renew(&bridge.scenario().name);
                bridge.again(authoring.journal(&journal));
                NextState::set_if_neq(&mut next, authoring.instead_of(LEAVE_TO));
            }
            Wish::Again => {
                journal.renew(&bridge.scenario().name);
                bridge.again(authoring.journal(&journal));
                bridge.start();
                panels.0 = crate::panels::state::State::default();
                NextState::set_if_neq(&mut next, Screen::Incident);
            }
        }
    }
    Ok(())
}

/// Where one goes from here.
const LEAVE_TO: Screen = Screen::Library;

/// Opens a file or folder; says where the report is in any case.
fn opened(what: &Path, report: &Path) -> String {
    match reveal::open(what) {
        Ok(()) => format!("Opened: {}", report.display()),
        Err(_) => format!("Nothing here opens files; it is at {}", report.display()),
    }
}

/// The report in a format, or a note why there is none.
fn report(debrief: &Debrief, page: &mut page::State, format: Format) -> Option<String> {
    if debrief.score.is_none() {
        "The score is still being computed; copy in a moment.".clone_into(&mut page.note);
        return None;
    }
    match export::text(debrief, format) {
        Ok(text) => Some(text),
        Err(error) => {
            page.note = format!("Not copied: {error:#}");
            None
        }
    }
}

/// Writes a report and says in one line where it is.
fn export_to(debrief: &Debrief, page: &mut page::State, format: Format, journal: &Journal) {
    if debrief.score.is_none() {
        "The score is still being computed; export in a moment.".clone_into(&mut page.note);
        return;
    }
    // Next to the journal; a session without one leaves its reports where the journals are.
    let path = journal.0.clone().unwrap_or_else(|| {
        sessions_folder().join(format!("{}-{}.jsonl", debrief.scenario, debrief.seed))
    });
    let path = format.beside(&path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).ok();
    }
    match export::write(debrief, format, &path) {
        Ok(()) => {
            page.note = format!("Written: {}", path.display());
            page.exported = Some(path);
        }
        Err(error) => {
            page.note = format!("Not written: {error:#}");
            page.exported = None;
        }
    }
}

fn keys(ui: &egui::Ui, debrief: &Debrief, page: &mut page::State) -> Vec<Wish> {
    let mut wishes = Vec::new();
    ui.input(|input| {
        if !input.modifiers.is_none() {
            return;
        }
        let plain = [
            (Key::A, Wish::Again),
            (Key::E, Wish::Export(Format::Html)),
            (Key::M, Wish::Export(Format::Markdown)),
            (Key::J, Wish::Export(Format::Json)),
            (Key::C, Wish::Copy),
            (Key::O, Wish::Open),
            (Key::F, Wish::OpenFolder),
            (Key::L, Wish::Leave),
            (Key::Escape, Wish::Leave),
        ];
        wishes.extend(
            plain
                .into_iter()
                .filter(|(key, _)| input.key_pressed(*key))
                .map(|(_, wish)| wish),
        );
        for (key, forward) in [(Key::ArrowLeft, false), (Key::ArrowRight, true)] {
            if input.key_pressed(key) {
                timeline::step(debrief, page, forward);
            }
        }
        for (index, key) in [Key::Num1, Key::Num2, Key::Num3].into_iter().enumerate() {
            if input.key_pressed(key) {
                page.dimension = index;
            }
        }
    });
    wishes
}
