//! From a checked model to a [`compiled::Scenario`](crate::compiled::Scenario): names become ids, texts become numbers,
//! programs become flat code, and one truth is drawn.

mod answers;
mod blueprint;
mod data;
mod instances;
mod network;
mod onset;
mod profile;
mod program;
mod selection;
mod timeline;
mod traffic;
mod words;

use std::sync::Arc;

use brownout_sim::blueprint::{Blueprint, MINUTE_NS};
use brownout_sim::hash::{combine, name_hash};
use thiserror::Error;

use crate::compiled;
use crate::diagnostics::{Diagnostic, has_errors};
use crate::limits::MAX_SIMULATED_NS;
use crate::load::{Document, Loaded, LoadedSystem};
use crate::model::ScenarioFile;
use crate::units::{UnitError, duration_ns};
use crate::validate::{validate_scenario, validate_shared, validate_system};

pub(crate) use answers::sign_threshold;
pub(crate) use blueprint::host;
pub(crate) use instances::slots;
pub(crate) use profile::rate_steps;

use blueprint::{Builder, Hidden};

/// A name or quantity that validation should have refused. Reported, not panicked over.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Unresolved {
    /// A name without a meaning.
    #[error("no {kind} is called `{name}`")]
    Name {
        /// What was looked for.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A quantity that cannot be read.
    #[error(transparent)]
    Unit(#[from] UnitError),
}

pub(crate) type Build<T> = Result<T, Unresolved>;

pub(crate) fn missing<T>(kind: &'static str, name: &str) -> Build<T> {
    Err(Unresolved::Name {
        kind,
        name: name.to_owned(),
    })
}

/// Which truth a seed draws: the top 31 bits of a hash of seed and name, modulo the number of truths.
///
/// The name takes part so that one seed does not draw the first truth of every scenario. Seed 7 draws truth 0 of
/// `regional-gateway`, which documentation and tests rely on.
#[must_use]
pub fn truth_index(name: &str, seed: u64, truths: usize) -> usize {
    let drawn = combine(seed, name_hash(name)) >> 33;
    let truths = u64::try_from(truths).unwrap_or(1).max(1);
    usize::try_from(drawn % truths).unwrap_or(0)
}

/// Compiles a scenario under the truth of index `truth`, or the one `seed` draws.
///
/// # Errors
/// All errors of the files if there are any, or one diagnostic if `truth` is out of range.
pub fn compile(
    loaded: &Loaded,
    truth: Option<usize>,
    seed: u64,
) -> Result<compiled::Scenario, Vec<Diagnostic>> {
    let mut found = Vec::new();
    validate_system(&loaded.system, Some(&loaded.model), &mut found);
    validate_scenario(loaded, &mut found);
    validate_shared(loaded, &mut found);
    if has_errors(&found) {
        return Err(found);
    }
    let model = &loaded.model;
    let index = truth.unwrap_or_else(|| truth_index(&model.name, seed, model.truths.len()));
    let Some(truth) = model.truths.get(index) else {
        let message = format!(
            "there is no truth {index}; the scenario has {}",
            model.truths.len()
        );
        return Err(vec![
            loaded.document.diagnostic("E0599", "truths", message, None),
        ]);
    };
    let hidden = Hidden {
        unset: &truth.unset,
        calls: &truth.calls,
        does: &truth.does,
        truths: &model.truths,
    };
    let mut builder = Builder::new(&loaded.system.model, run_ns(Some(model)));
    let scenario = builder
        .system(&model.versions, hidden)
        .and_then(|()| builder.timeline(&model.name, model.timeline.iter().chain(&truth.timeline)))
        .and_then(|()| words::scenario(loaded, index, truth, &builder));
    match scenario {
        Ok(mut scenario) => {
            scenario.blueprint = Arc::new(builder.blueprint);
            scenario.hash = words::hash(&scenario);
            Ok(scenario)
        }
        Err(error) => Err(internal(&loaded.document, &error)),
    }
}

/// Compiles a system without a scenario: normal life and nothing else. Its draws are keyed by the system's name.
///
/// # Errors
/// All errors of the file if there are any.
pub fn compile_system(system: &LoadedSystem) -> Result<Blueprint, Vec<Diagnostic>> {
    let mut found = Vec::new();
    validate_system(system, None, &mut found);
    if has_errors(&found) {
        return Err(found);
    }
    let mut builder = Builder::new(&system.model, run_ns(None));
    let built = builder
        .system(&[], Hidden::default())
        .and_then(|()| builder.timeline(&system.model.name, std::iter::empty()));
    match built {
        Ok(()) => Ok(builder.blueprint),
        Err(error) => Err(internal(&system.document, &error)),
    }
}

/// Until when profiles of traffic have to be laid out: the horizon, or a day of a system by itself.
pub(crate) fn run_ns(scenario: Option<&ScenarioFile>) -> u64 {
    scenario
        .and_then(|scenario| duration_ns(&scenario.horizon.0).ok())
        .map_or(24 * 60 * MINUTE_NS, |ns| ns.min(MAX_SIMULATED_NS))
}

/// Validation let something through: better one odd diagnostic than a wrong simulation.
fn internal(document: &Document, error: &Unresolved) -> Vec<Diagnostic> {
    let help = "this should have been found earlier: please report it".to_owned();
    vec![document.diagnostic("E0599", "", format!("cannot compile: {error}"), Some(help))]
}
