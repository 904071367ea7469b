//! The real program in a real window, on a display that exists only in memory.
//!
//! Needs xdotool and xclip, Xvfb where `DISPLAY` is not set, and any Vulkan driver (Mesa's software one will do). What is missing
//! is a failure.
#![cfg(feature = "window")]

mod asleep;
mod bench;
mod clipboard;
#[expect(dead_code, reason = "the tests of the panels use all of it")]
#[path = "../panels/desk.rs"]
mod desk;
mod display;
mod play;
mod program;
mod q1;
mod shots;
