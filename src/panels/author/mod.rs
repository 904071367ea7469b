//! The author screen: a scenario's files as they were read last, what is wrong with them, and how the scenario behaves with
//! nobody acting. There are no secrets here: who writes a scenario may see its truth.

mod choose;
mod code;
mod found;
mod graph;
mod header;
mod listing;
mod run;
mod signals;

use std::sync::Arc;

use brownout_scenario::{Diagnostic, Severity};
use brownout_session::view::PlayerView;
use egui::{Color32, Key, Painter, Pos2, Rect, Stroke, Ui, Vec2, pos2, vec2};

use super::keys;
use super::state::State as Map;
use crate::author::{Chosen, Course, Planned};
use crate::theme::{Palette, Theme};
use crate::widgets::button::{Weight, button};
use crate::widgets::{mark, part::part};

pub use choose::{Found, Shelf, ui as choose};
pub use code::CodeState;
pub use listing::Listing;

/// How the files are, as of the latest reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not read yet.
    #[default]
    Reading,
    /// The scenario can run.
    Sound,
    /// It cannot; what is shown of its run is of an earlier reading, if there was one that could.
    Broken {
        /// There was one.
        stale: bool,
    },
    /// A system without a scenario: it can be checked, but there is nothing to run.
    System,
}

/// What the screen shows.
#[derive(Clone, Debug)]
pub struct AuthorView<'a> {
    /// Title of the scenario, or its name while it has none.
    pub title: &'a str,
    /// Its files, its own first.
    pub files: &'a [Listing],
    /// What is wrong with them.
    pub diagnostics: &'a [Diagnostic],
    /// How they are.
    pub standing: Standing,
    /// Milliseconds from the latest save until it was shown here.
    pub reloaded_ms: Option<u64>,
    /// Names of the truths.
    pub truths: &'a [String],
    /// What runs.
    pub chosen: Chosen,
    /// The run, as far as it is.
    pub course: Option<&'a Course>,
    /// It still runs.
    pub running: bool,
    /// Wall time it took so far, in milliseconds.
    pub took_ms: u64,
    /// Why nothing runs although the files are sound.
    pub trouble: Option<&'a str>,
    /// What changes during the run.
    pub plan: &'a [Planned],
    /// Per service: its name, and the file and line it is written on.
    pub services: &'a [(String, usize, u32)],
}

/// A part of the screen, where the window has no room for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The file and what is wrong with it.
    #[default]
    File,
    /// The graph.
    Graph,
    /// The signals.
    Signals,
}

/// What the screen remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The file shown.
    pub file: usize,
    /// Where in it.
    pub code: CodeState,
    /// The finding at hand.
    pub found: usize,
    /// It was moved to by key and is to be brought into sight.
    found_moved: bool,
    /// The truth is shown in the graph and among the changes.
    pub truth_shown: bool,
    /// The time the graph shows; the latest without.
    pub at_ns: Option<u64>,
    /// The time pointed at in a chart.
    crosshair: Option<u64>,
    /// The stretch of time the charts show; the whole run without.
    zoom: Option<(u64, u64)>,
    /// Layout and selection of the graph.
    pub map: Map,
    /// The graph is on the screen.
    pub graph_shown: bool,
    /// The part shown where there is no room for all.
    pub part: Part,
    /// Height the signals took last, in points.
    signals_height: Option<f32>,
    /// One line about what was done last.
    pub note: String,
}

/// What the author wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Another screen.
    Leave,
    /// To play what was chosen.
    Play,
    /// Another run.
    Run(Chosen),
    /// A text to go to the clipboard.
    Copy(String),
    /// Another scenario.
    Choose,
}

impl State {
    /// Forgets what belongs to another reading of the files: places that are no longer there, the layout of a system that may
    /// have changed.
    pub fn renew(&mut self, view: &AuthorView<'_>) {
        self.file = self.file.min(view.files.len().saturating_sub(1));
        self.found = self.found.min(view.diagnostics.len().saturating_sub(1));
        self.note.clear();
    }

    /// Lays the graph out anew.
    pub fn renew_graph(&mut self) {
        self.map = Map::default();
    }

    /// Goes to the place of a finding.
    fn go_to_found(&mut self, view: &AuthorView<'_>, index: usize) {
        let Some(found) = view.diagnostics.get(index) else {
            return;
        };
        let mut files = view.files.iter();
        if let Some(file) = files.position(|file| file.name == found.file) {
            self.file = file;
            self.code.jump(found.line, found.column);
            self.part = Part::File;
        }
    }

    /// Goes to a line of a file.
    fn go_to(&mut self, file: usize, line: u32) {
        self.file = file;
        self.code.jump(line, 1);
        self.part = Part::File;
    }
}

/// Height of the header in points.
const HEADER: f32 = 52.0;
/// Width of the window from which files and run stand beside each other, in points.
const WIDE: f32 = 1_080.0;
/// Share of the width that the files take then.
const LEFT: f32 = 0.42;
/// Least height of a graph above the signals, in points.
const LEAST_GRAPH: f32 = 280.0;
/// Height the rows above graph and signals are taken for, in points.
const CONTROLS: f32 = 84.0;
/// Height the signals are taken for before they were drawn, in points.
const SIGNALS: f32 = 350.0;
/// Height of the diagnostics, as a share of the height there is, and its least and greatest height in points.
const DIAGNOSTICS: (f32, f32, f32) = (0.27, 116.0, 300.0);

/// Height of the diagnostics where there are none, in points.
const NOTHING: f32 = 64.0;

/// Draws the screen over the whole window; the graph's moving part is drawn below it by the engine.
pub fn ui(ui: &mut Ui, view: &AuthorView<'_>, state: &mut State, wishes: &mut Vec<Wish>) {
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    take(ui, view, state, wishes);
    state.graph_shown = false;
    let wide = screen.width() >= WIDE;
    let split = if wide {
        (screen.left() + screen.width() * LEFT).round()
    } else if state.part == Part::File {
        screen.right()
    } else {
        screen.left()
    };
    let top = screen.top() + HEADER;
    let head = Rect::from_min_max(screen.min, pos2(screen.right(), top));
    let left = Rect::from_min_max(pos2(screen.left(), top), pos2(split, screen.bottom()));
    let right = Rect::from_min_max(pos2(split, top), screen.max);
    let margin = vec2(theme.space.l, theme.space.s);
    let line = Stroke::new(1.0, theme.palette.line);
    ui.painter().rect_filled(head, 0, theme.palette.surface);
    ui.painter()
        .hline(head.x_range(), head.bottom() - 0.5, line);
    part(ui, head, margin, |ui| {
        header::ui(ui, view, state, wide, wishes);
    });
    if left.width() > 1.0 {
        files(ui, view, state, left, wishes);
    }
    if right.width() > 1.0 {
        ui.painter()
            .vline(right.left() + 0.5, right.y_range(), line);
        course(ui, view, state, right, wide, wishes);
    }
}

/// The files and what is wrong with them.
fn files(
    ui: &mut Ui,
    view: &AuthorView<'_>,
    state: &mut State,
    rect: Rect,
    wishes: &mut Vec<Wish>,
) {
    let theme = Theme::of(ui.ctx());
    ui.painter().rect_filled(rect, 0, theme.palette.surface);
    let (share, least, most) = DIAGNOSTICS;
    let below = if view.diagnostics.is_empty() {
        NOTHING
    } else {
        (rect.height() * share).clamp(least, most)
    };
    let split = rect.bottom() - below;
    let above = Rect::from_min_max(rect.min, pos2(rect.right(), split));
    let margin = vec2(theme.space.m, theme.space.s);
    part(ui, above, margin, |ui| {
        header::file(ui, view, state, wishes);
    });
    let below = Rect::from_min_max(pos2(rect.left(), split), rect.max);
    let line = Stroke::new(1.0, theme.palette.line);
    ui.painter().hline(below.x_range(), below.top() + 0.5, line);
    part(ui, below, margin, |ui| found::ui(ui, view, state));
}

/// How the scenario behaves.
fn course(
    ui: &mut Ui,
    view: &AuthorView<'_>,
    state: &mut State,
    rect: Rect,
    wide: bool,
    wishes: &mut Vec<Wish>,
) {
    let theme = Theme::of(ui.ctx());
    let margin = vec2(theme.space.l, theme.space.s);
    // As high as its rows need: measured while it is drawn, above everything else.
    let mut controls = rect;
    let wanted = state.signals_height.unwrap_or(SIGNALS);
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(margin)));
    let both_fit = |height: f32| height - wanted >= LEAST_GRAPH;
    let both = wide && both_fit(rect.height() - CONTROLS);
    inner.scope(|ui| {
        run::controls(ui, view, state, !both && wide, wishes);
    });
    controls.max.y = inner.min_rect().bottom() + theme.space.s;
    let ground = Rect::from_min_max(rect.min, controls.max);
    let line = Stroke::new(1.0, theme.palette.line);
    ui.painter().hline(ground.x_range(), ground.bottom(), line);
    let rest = Rect::from_min_max(pos2(rect.left(), ground.bottom()), rect.max);
    let Some(course) = view.course else {
        part(ui, rest, margin, |ui| run::nothing(ui, view));
        return;
    };
    let split = if both {
        rest.bottom() - wanted
    } else if state.part == Part::Signals || (wide && state.part != Part::Graph) {
        rest.top()
    } else {
        rest.bottom()
    };
    let above = Rect::from_min_max(rest.min, pos2(rest.right(), split));
    let below = Rect::from_min_max(pos2(rest.left(), split), rest.max);
    if above.height() > 1.0 {
        state.graph_shown = true;
        part(ui, above, vec2(theme.space.s, theme.space.xs), |ui| {
            graph::ui(ui, view, course, state);
        });
    }
    if below.height() > 1.0 {
        ui.painter().rect_filled(below, 0, theme.palette.surface);
        ui.painter().hline(below.x_range(), below.top() + 0.5, line);
        part(ui, below, Vec2::new(theme.space.l, 0.0), |ui| {
            signals::ui(ui, view, course, state);
        });
    }
}

/// The system as the graph shows it.
#[must_use]
pub fn picture<'a>(course: &'a Course, state: &State) -> Option<&'a Arc<PlayerView>> {
    course.picture_at(state.at_ns)
}

/// The buttons of parts there is no room for beside each other.
fn parts(ui: &mut Ui, state: &mut State, parts: &[(Part, &str, &str)]) {
    let last = parts.last().map(|(part, _, _)| *part);
    let shown = parts.iter().any(|(part, _, _)| *part == state.part);
    for (part, words, key) in parts {
        let on = if shown {
            state.part == *part
        } else {
            Some(*part) == last
        };
        if button(ui, words, Some(key), Weight::Choice(on)).clicked() {
            state.part = *part;
        }
    }
}

/// Takes the keys.
fn take(ui: &Ui, view: &AuthorView<'_>, state: &mut State, wishes: &mut Vec<Wish>) {
    let plain = |key: Key| keys::plain(ui, key);
    if plain(Key::Escape) {
        wishes.push(Wish::Leave);
    }
    if plain(Key::P) && view.course.is_some() {
        wishes.push(Wish::Play);
    }
    if plain(Key::O) {
        wishes.push(Wish::Choose);
    }
    if plain(Key::C)
        && let Some(file) = view.files.get(state.file)
    {
        copy(file, state, wishes);
    }
    if plain(Key::X) {
        state.truth_shown = !state.truth_shown;
    }
    if plain(Key::T) && view.truths.len() > 1 {
        let truth = match view.chosen.truth {
            None => Some(0),
            Some(truth) => Some(truth + 1).filter(|truth| *truth < view.truths.len()),
        };
        wishes.push(Wish::Run(Chosen {
            truth,
            ..view.chosen
        }));
    }
    if let Some(held) = keys::pressed(ui, Key::N).filter(|held| !held.ctrl && !held.alt) {
        wishes.extend(another_seed(view, !held.shift));
    }
    let parts = [
        (Key::F, Part::File),
        (Key::G, Part::Graph),
        (Key::S, Part::Signals),
    ];
    for (key, part) in parts {
        if plain(key) {
            state.part = part;
        }
    }
    if plain(Key::Z) {
        state.zoom = None;
    }
    let digits = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
    for (file, key) in digits.into_iter().enumerate() {
        if plain(key) && file < view.files.len() {
            open(state, file);
        }
    }
    // With the focus on a control, arrows and Enter are its own.
    if ui.memory(|memory| memory.focused().is_some()) {
        return;
    }
    let last = view.diagnostics.len().saturating_sub(1);
    let before = state.found;
    if plain(Key::ArrowDown) {
        state.found = (state.found + 1).min(last);
    }
    if plain(Key::ArrowUp) {
        state.found = state.found.saturating_sub(1);
    }
    state.found_moved |= state.found != before;
    if plain(Key::Enter) {
        state.go_to_found(view, state.found);
    }
    for (key, forward) in [(Key::ArrowLeft, false), (Key::ArrowRight, true)] {
        if plain(key) {
            step(view, state, forward);
        }
    }
}

/// Shows another file from its beginning.
fn open(state: &mut State, file: usize) {
    if state.file != file {
        state.file = file;
        state.code.jump(1, 1);
        state.code.line = None;
    }
    state.part = Part::File;
}

/// Where a file is, to the clipboard.
fn copy(file: &Listing, state: &mut State, wishes: &mut Vec<Wish>) {
    "Copied: where this file is.".clone_into(&mut state.note);
    wishes.push(Wish::Copy(file.path.clone()));
}

/// The run with the next seed, or the one before.
fn another_seed(view: &AuthorView<'_>, forward: bool) -> Option<Wish> {
    let seed = view.chosen.seed;
    let seed = if forward {
        seed.checked_add(1)
    } else {
        seed.checked_sub(1)
    };
    Some(Wish::Run(Chosen {
        seed: seed?,
        ..view.chosen
    }))
}

/// The picture after or before the one shown; after the last one, the latest again.
fn step(view: &AuthorView<'_>, state: &mut State, forward: bool) {
    let Some(course) = view.course else { return };
    let index = course.picture_index(state.at_ns);
    let to = if forward {
        index + 1
    } else {
        index.saturating_sub(1)
    };
    let picture = course.pictures.get(to);
    state.at_ns = picture
        .filter(|_| to + 1 < course.pictures.len())
        .map(|picture| picture.now_ns);
}

/// Colour of a finding.
const fn ink(palette: &Palette, severity: Severity) -> Color32 {
    match severity {
        Severity::Error => palette.failing,
        Severity::Warning => palette.degraded,
    }
}

/// Shape of a finding.
fn sign(painter: &Painter, palette: &Palette, at: Pos2, severity: Severity) {
    let color = ink(palette, severity);
    match severity {
        Severity::Error => mark::triangle(painter, at, 5.0, color, mark::Direction::Up),
        Severity::Warning => mark::diamond(painter, at, 5.0, color),
    }
}
