//! The scenario language: RON model, diagnostics with positions, validation, and compilation to a simulation blueprint.

pub mod compiled;
pub mod model;
