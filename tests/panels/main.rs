//! The incident screen over a real session, without a window: found by role and name, driven by keys and clicks.
#![cfg(feature = "window")]

mod author;
mod clipping;
mod desk;
mod names;
mod play;
mod probes;
mod time;
