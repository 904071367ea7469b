//! Program players: policies over the same view a person has, with human delays.

mod believing;
mod cheats;
mod finding;
mod reference;
mod rivals;
mod telling;

use brownout_sim::blueprint::SECOND_NS;

use crate::command::Command;
use crate::reader::Reader;
use crate::view::PlayerView;

pub use cheats::{RestartAll, RollbackAll, Scripted};
pub use reference::Reference;

/// A program player.
pub trait Player {
    /// When it next wants a turn, given when the page came.
    fn ready_ns(&self, page_ns: u64) -> u64;
    /// What it does now. It sees what a person would see, no more.
    fn turn(&mut self, view: &PlayerView, reader: &Reader<'_>) -> Vec<Command>;
}

/// The player who never does anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Player for Nobody {
    fn ready_ns(&self, _page_ns: u64) -> u64 {
        u64::MAX
    }

    fn turn(&mut self, _view: &PlayerView, _reader: &Reader<'_>) -> Vec<Command> {
        Vec::new()
    }
}

/// Names of the players that [`by_name`] knows.
pub const NAMES: [&str; 4] = ["none", "reference", "restart-all", "rollback-all"];

/// A player by name.
#[must_use]
pub fn by_name(name: &str) -> Option<Box<dyn Player>> {
    match name {
        "none" => Some(Box::new(Nobody)),
        "reference" => Some(Box::new(Reference::default())),
        "restart-all" => Some(Box::new(RestartAll::default())),
        "rollback-all" => Some(Box::new(RollbackAll::default())),
        _ => None,
    }
}

/// Seconds as nanoseconds.
const fn seconds(seconds: u64) -> u64 {
    seconds * SECOND_NS
}
