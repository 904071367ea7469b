//! What the player wants, as panels say it.

use brownout_session::command::Command;
use brownout_session::wait::Until;

/// A wish of the player. The bridge and the screens carry it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Start the incident at hand.
    Start,
    /// Leave the incident for the author screen, with its scenario.
    Author,
    /// Leave the program.
    Quit,
    /// Stop the clock, or let it go on.
    TogglePause,
    /// Let the clock run this many times as fast as a wall clock.
    SetSpeed(u32),
    /// Let the clock run fast until something happens.
    Wait(Until),
    /// Wait no longer.
    StopWaiting,
    /// Something the session decides about.
    Command(Command),
}
