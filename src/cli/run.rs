//! `brownout run`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use brownout_scenario::action::Action;
use brownout_scenario::units;
use brownout_session::journal::Entry;
use brownout_session::players::{Player, Scripted};
use brownout_session::{Session, players, run as play};
use ron::extensions::Extensions;

use super::journal_file::JournalFile;
use super::live::{self, Live};
use super::report::Report;
use super::{Choice, load, print_json};
use crate::evaluation::evaluate;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Who plays.
    #[arg(long, default_value = "reference", value_parser = players::NAMES)]
    player: String,
    /// Instead of a player: do these things from two minutes after the page on, such as
    /// '[rollback(service: "checkout")]'. Actions are written as in a scenario.
    #[arg(long = "do", value_name = "ACTIONS", conflicts_with = "player", value_parser = parse_actions)]
    actions: Option<Actions>,
    /// Stop the player this long after the page, such as 30m. Harm is counted to the horizon all the same.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    until: Option<u64>,
    /// Write the journal to this new file.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    #[command(flatten)]
    live: live::Arguments,
    /// Print every command and event as soon as it is on disk.
    #[arg(long, conflicts_with = "json")]
    follow: bool,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

/// Things to do.
#[derive(Clone, Debug)]
struct Actions(Vec<Action>);

fn parse_actions(text: &str) -> Result<Actions, String> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let actions = options.from_str(text).map(Actions);
    actions
        .map_err(|error| format!("expected actions such as [restart(service: \"web\")]: {error}"))
}

pub(super) fn parse_duration(text: &str) -> Result<u64, String> {
    units::duration_ns(text).map_err(|error| error.to_string())
}

/// Print what was recorded since the last call, world hashes left out.
fn follow(session: &Session, told: &mut usize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for record in session.records().get(*told..).unwrap_or_default() {
        let text = match &record.entry {
            Entry::Command(command) => serde_json::to_string(command)?,
            Entry::Event(event) => serde_json::to_string(event)?,
            Entry::World(_) => continue,
        };
        let seconds = record.at_ms / 1_000;
        writeln!(
            out,
            "#{} {:02}:{:02} {text}",
            record.seq,
            seconds / 60,
            seconds % 60
        )?;
    }
    out.flush()?;
    *told = session.records().len();
    Ok(())
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let name = match arguments.actions {
        Some(_) => "actions",
        None => arguments.player.as_str(),
    };
    let loaded = load::chosen(&arguments.choice, name)?;
    let mut player: Box<dyn Player> = match &arguments.actions {
        Some(Actions(actions)) => Box::new(Scripted::actions(actions)),
        None => players::by_name(&arguments.player).context("no such player")?,
    };
    let mut session = Session::with_header(Arc::clone(&loaded.scenario), loaded.header);
    let mut journal = arguments
        .journal
        .as_ref()
        .map(|path| JournalFile::create(path, &session))
        .transpose()?;
    let mut told = 0;
    let mut live = Live::open(&arguments.live)?;
    play::drive(&mut session, player.as_mut(), arguments.until, |session| {
        if let Some(journal) = &mut journal {
            journal.write(session)?;
        }
        if arguments.follow {
            follow(session, &mut told)?;
        }
        live.tick(session);
        anyhow::Ok(())
    })?;
    if let Some(journal) = &mut journal {
        journal.write(&session)?;
        journal.sync()?;
    }
    let report = Report::new(&session, evaluate(&session), begun.elapsed().as_secs_f64());
    if arguments.json {
        print_json(&report)?;
    } else {
        report.print();
    }
    Ok(ExitCode::SUCCESS)
}
