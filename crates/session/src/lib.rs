//! An incident being run: commands in, events out, a view for the player, a journal, a score.

pub mod actions;
mod calls;
mod capacity;
mod carry_out;
pub mod claims;
pub mod command;
pub mod cost;
pub mod desk;
pub mod event;
pub mod harm;
pub mod journal;
pub mod levers;
mod names;
mod observe;
pub mod offers;
pub mod outcome;
pub mod people;
pub mod players;
pub mod progress;
pub mod pulse;
pub mod reader;
mod refused;
pub mod replay;
mod rollouts;
mod rules;
pub mod run;
pub mod score;
pub mod session;
mod stores;
pub mod view;
mod viewing;
mod viewing_desk;
pub mod wait;
pub mod whatif;

pub use reader::Reader;
pub use session::{Refused, Session};
