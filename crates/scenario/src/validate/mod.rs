//! Everything that can be wrong with a scenario or a system beyond its form, all at once and with positions.
use crate::diagnostics::Diagnostic;
use crate::load::{Loaded, LoadedSystem};
use crate::model::ScenarioFile;
pub fn validate_system(_system: &LoadedSystem, _scenario: Option<&ScenarioFile>, _found: &mut Vec<Diagnostic>) {}
pub fn validate_scenario(_loaded: &Loaded, _found: &mut Vec<Diagnostic>) {}
