//! Scenarios of the repository's own library, and ways to play and score them, for tests.

use std::path::Path;
use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_scenario::{FileError, Files, compile, load};
use brownout_session::Session;
use brownout_session::command::Command;
use brownout_session::harm::Harm;
use brownout_session::journal::{Entry, FORMAT, Header};
use brownout_session::outcome::conclude;
use brownout_session::players::{Player, Reference};
use brownout_session::reader::Reader;
use brownout_session::run;
use brownout_session::score::{ScoreCard, Trial, score, trial_variants};
use brownout_session::view::PlayerView;

struct Library;

impl Files for Library {
    fn read(&self, path: &str) -> Result<String, FileError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        std::fs::read_to_string(root.join(path)).map_err(|e| FileError::Other(e.to_string()))
    }
}

/// A scenario of the library under a forced truth (from 0), or the one the seed draws.
pub fn scenario(name: &str, seed: u64, truth: Option<usize>) -> Arc<Scenario> {
    let (loaded, diagnostics) = load(&Library, &format!("{name}/scenario.ron"));
    let loaded = loaded.unwrap_or_else(|| panic!("{diagnostics:?}"));
    Arc::new(compile(&loaded, truth, seed).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}")))
}

/// Seeds 1 to N: a few in ordinary test runs, as many as `BROWNOUT_SEEDS` says in wide ones.
pub fn seeds(ordinary: u64) -> std::ops::RangeInclusive<u64> {
    let wide = std::env::var("BROWNOUT_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok());
    1..=wide.unwrap_or(ordinary)
}

/// Whether this is a wide test run, which leaves nothing out.
pub fn wide() -> bool {
    std::env::var_os("BROWNOUT_SEEDS").is_some()
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
    let header = header(scenario, seed, "test");
    let mut session = Session::with_header(Arc::clone(scenario), header);
    // Every run of every scenario keeps exact books. Counting afresh costs more than simulating, so it is done at every
    // 20th moment, and at the end.
    let mut moments = 0u32;
    let balanced = run::drive(&mut session, player, None, |session| {
        moments += 1;
        if moments.is_multiple_of(20) {
            session.audit()
        } else {
            Ok(())
        }
    });
    assert_eq!(balanced, Ok(()), "{} seed {seed}", scenario.name);
    assert_eq!(session.audit(), Ok(()), "{} seed {seed}", scenario.name);
    session
}

pub fn reference(scenario: &Arc<Scenario>, seed: u64) -> Session {
    play(scenario, seed, &mut Reference::default())
}

/// What-if runs of a session, one after the other.
pub fn trial(session: &Session, reference: Harm) -> Trial {
    let fork = session.fork().expect("the page came");
    Trial::new(session, &fork.run_all(&trial_variants(session)), reference)
}

pub fn evaluate(session: &Session, reference: Harm) -> ScoreCard {
    score(session, &conclude(session), &trial(session, reference))
}

/// Gives recorded commands again at their times.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub commands: Vec<(u64, Command)>,
    next: usize,
}

impl Recorded {
    pub fn new(commands: Vec<(u64, Command)>) -> Self {
        Self { commands, next: 0 }
    }

    /// The commands of a session with their times in nanoseconds.
    pub fn of(session: &Session) -> Vec<(u64, Command)> {
        let records = session.records().iter();
        records
            .filter_map(|record| match &record.entry {
                Entry::Command(command) => Some((record.at_ms * 1_000_000, command.clone())),
                _ => None,
            })
            .collect()
    }
}

impl Player for Recorded {
    fn ready_ns(&self, _page_ns: u64) -> u64 {
        self.commands
            .get(self.next)
            .map_or(u64::MAX, |(at_ns, _)| *at_ns)
    }

    fn turn(&mut self, _view: &PlayerView, _reader: &Reader<'_>) -> Vec<Command> {
        let now_ns = self.commands[self.next].0;
        let due = self.commands[self.next..]
            .iter()
            .take_while(|(at_ns, _)| *at_ns == now_ns)
            .count();
        let commands = self.commands[self.next..self.next + due]
            .iter()
            .map(|(_, c)| c.clone())
            .collect();
        self.next += due;
        commands
    }
}
