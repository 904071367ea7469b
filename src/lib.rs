//! Brownout: an incident-response simulator.
//!
//! The library behind the `brownout` program: its command line, and, with the feature `window`, the Bevy application.
//! Everything a run consists of lives in the crates `brownout-sim`, `-telemetry`, `-scenario` and `-session`.

pub mod author;
pub mod cli;
pub mod evaluation;
pub mod field_guide;
pub mod scorebook;
pub mod settings;
pub mod validation;

#[cfg(feature = "window")]
pub mod app;
#[cfg(feature = "window")]
pub mod panels;
#[cfg(feature = "window")]
pub mod screens;
#[cfg(feature = "window")]
pub mod theme;
#[cfg(feature = "window")]
pub mod widgets;
