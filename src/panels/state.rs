//! What the interface remembers between frames.

use super::board::BoardState;
use super::composer::{Composer, Figure, Quote};
use super::dock::DockState;
use super::observe::Watch;
use super::palette::Finder;
use super::pins::Pins;
use super::readings::Readings;
use super::shared_time::SharedTime;
use super::timeline::Span;
use super::topology::TopologyState;
use super::wait::WaitState;

/// State of all panels of the incident screen. What is selected is shared: every panel filters by it.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The selected component.
    pub selection: Option<Selection>,
    /// What the clock is doing, for the buttons that change it.
    pub clock: ClockState,
    /// Series of the main flow, refreshed at each scrape.
    pub readings: Readings,
    /// Crosshair, zoom and the time compared with now, shared by all charts.
    pub time: SharedTime,
    /// How far back the strip at the foot goes.
    pub span: Span,
    /// Layout of the topology, kept while system and area stay the same.
    pub topology: TopologyState,
    /// The change the player opened to read its details.
    pub open_change: Option<usize>,
    /// The alert whose runbook is open, by name and region.
    pub open_alert: Option<(String, String)>,
    /// What the right column shows.
    pub column: Column,
    /// The board.
    pub board: BoardState,
    /// The investigation dock.
    pub dock: DockState,
    /// The message being written, while it is.
    pub composer: Option<Composer>,
    /// Figures pinned from charts.
    pub figures: Vec<Figure>,
    /// Follows what is looked at.
    pub watch: Watch,
    /// Words pinned from single things.
    pub quotes: Vec<Quote>,
    /// Pins on their way to a hypothesis.
    pub pins: Pins,
    /// The palette, while it is open.
    pub finder: Option<Finder>,
    /// Waits: the menu, what is waited for, what ended the last one.
    pub wait: WaitState,
    /// Whether the incident is really over is being asked.
    pub resolving: bool,
    /// The session was gone on with and its clock has stood since.
    pub resumed: bool,
    /// The table of keys was asked for with the pointer.
    pub keys_asked: bool,
    /// Whether something was being written in the frame before: a form that closes gives the focus back.
    pub wrote: bool,
    /// Simulated time of the latest look at users, which counts again when it lasts.
    pub watched_ns: u64,
}

impl State {
    /// Whether something open takes letters and digits for itself.
    #[must_use]
    pub const fn takes_keys(&self) -> bool {
        self.wait.menu.is_some() || self.writes()
    }

    /// Whether the player is writing or deciding something.
    #[must_use]
    pub const fn writes(&self) -> bool {
        self.board.busy() || self.composer.is_some() || self.finder.is_some() || self.resolving
    }
}

/// What the right column shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// Symptom, hypotheses, actions.
    #[default]
    Board,
    /// People and messages.
    WarRoom,
    /// The topology, where the window is too narrow to show it beside the others.
    Map,
}

/// A component in a region, by name, so that it survives a view being rebuilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Service.
    pub service: String,
    /// Position in the view's regions.
    pub region: u16,
}

/// What the clock is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockState {
    /// The player stopped it.
    pub paused: bool,
    /// Times as fast as a wall clock.
    pub speed: u32,
    /// Reason why time cannot be stopped, if so; `false` in practice.
    pub may_pause: bool,
}

impl Default for ClockState {
    fn default() -> Self {
        Self {
            paused: false,
            speed: 1,
            may_pause: true,
        }
    }
}
