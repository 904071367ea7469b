//! Replaying a journal: the same scenario, seed and commands give the same records.

use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::MILLISECOND_NS;

use crate::journal::{Entry, Journal, Record};
use crate::session::Session;

/// First record that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Its number.
    pub seq: u64,
    /// Simulated time in milliseconds.
    pub at_ms: u64,
    /// What the journal says.
    pub journal: Record,
    /// What came out; `None` if nothing did.
    pub replayed: Option<Record>,
}

/// Replay a journal.
///
/// The session stands where the journal ends. Compile the scenario as the header says: same seed, same forced truth.
#[must_use]
pub fn replay(scenario: Arc<Scenario>, journal: &Journal) -> (Session, Option<Divergence>) {
    let mut session = Session::with_header(scenario, journal.header.clone());
    for record in &journal.records {
        session.advance_until(record.at_ms * MILLISECOND_NS, u64::MAX);
        if let Entry::Command(command) = &record.entry {
            // A refusal then is a refusal now; either way the records are compared below.
            let _ = session.submit(command.clone());
        }
    }
    let divergence = journal
        .records
        .iter()
        .enumerate()
        .find_map(|(index, record)| {
            let replayed = session.records().get(index);
            (replayed != Some(record)).then(|| Divergence {
                seq: record.seq,
                at_ms: record.at_ms,
                journal: record.clone(),
                replayed: replayed.cloned(),
            })
        });
    (session, divergence)
}
