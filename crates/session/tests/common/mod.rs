//! Scenarios of the repository's own library, for tests.

use std::path::Path;
use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_scenario::{FileError, Files, compile, load};
use brownout_session::Session;
use brownout_session::journal::{FORMAT, Header};
use brownout_session::players::Player;
use brownout_session::run;

struct Library;

impl Files for Library {
    fn read(&self, path: &str) -> Result<String, FileError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        std::fs::read_to_string(root.join(path)).map_err(|e| FileError::Other(e.to_string()))
    }
}

pub fn scenario(name: &str, seed: u64, truth: Option<usize>) -> Arc<Scenario> {
    let (loaded, diagnostics) = load(&Library, &format!("{name}/scenario.ron"));
    let loaded = loaded.unwrap_or_else(|| panic!("{diagnostics:?}"));
    Arc::new(compile(&loaded, truth, seed).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}")))
}

pub fn header(scenario: &Scenario, seed: u64, player: &str) -> Header {
    Header {
        format: FORMAT,
        physics: brownout_sim::PHYSICS_VERSION,
        scenario: scenario.name.clone(),
        scenario_hash: format!("{:016x}", scenario.hash),
        seed,
        forced_truth: None,
        player: player.to_owned(),
    }
}

pub fn play(scenario: &Arc<Scenario>, seed: u64, player: &mut dyn Player) -> Session {
    run::play(Arc::clone(scenario), header(scenario, seed, "test"), player, None)
}
