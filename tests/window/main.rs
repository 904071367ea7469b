//! The real program in a real window, on a display that exists only in memory.
//!
//! Needs Xvfb and xdotool where `DISPLAY` is not set, and any Vulkan driver (Mesa's software one will do). What is missing
//! is a failure.
#![cfg(feature = "window")]

mod display;
mod play;
mod shots;
