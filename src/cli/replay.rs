//! `brownout replay`.

use std::path::PathBuf;
use std::process::ExitCode;

use brownout_session::outcome::conclude;
use brownout_session::replay::replay as replay_journal;
use serde::Serialize;

use super::{FAILURE, load, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Journal.
    file: PathBuf,
    /// Compare every record; exit 1 at the first that comes out otherwise. This is always done; the flag says so.
    #[arg(long)]
    verify: bool,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    events: u64,
    state_hash: String,
    first_divergence: Option<Divergence>,
}

#[derive(Debug, Serialize)]
struct Divergence {
    seq: u64,
    at_s: f64,
    journal: String,
    replayed: String,
}

pub(super) fn replay(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (journal, loaded) = load::journal(&arguments.file, arguments.scenario.as_deref(), false)?;
    let (session, divergence) = replay_journal(loaded.scenario, &journal);
    let conclusion = conclude(&session);
    #[expect(clippy::cast_precision_loss, reason = "for display")]
    let first_divergence = divergence.map(|d| Divergence {
        seq: d.seq,
        at_s: d.at_ms as f64 / 1_000.0,
        journal: format!("{:?}", d.journal.entry),
        replayed: d.replayed.map_or_else(
            || "nothing".to_owned(),
            |record| format!("{:?}", record.entry),
        ),
    });
    let report = Report {
        ok: first_divergence.is_none(),
        events: conclusion.events,
        state_hash: format!("{:016x}", conclusion.state_hash),
        first_divergence,
    };
    if arguments.json {
        print_json(&report)?;
    } else if let Some(divergence) = &report.first_divergence {
        println!(
            "record {} at {:.3} s: the journal says {}",
            divergence.seq, divergence.at_s, divergence.journal
        );
        println!("the replay says {}", divergence.replayed);
    } else {
        println!(
            "ok: {} records, {} events, world hash {}",
            journal.records.len(),
            report.events,
            report.state_hash
        );
    }
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILURE)
    })
}
