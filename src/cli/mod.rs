//! The command line: one file per subcommand, each thin over the crates.

mod author;
mod bench;
mod check;
mod docs;
mod export;
mod files;
mod import;
pub mod journal_file;
mod live;
mod load;
mod migrate;
mod new;
mod play;
mod promqltest;
mod query;
mod replay;
mod report;
mod report_file;
mod run;
mod score;
#[cfg(feature = "window")]
pub mod unfinished;
mod validate;
mod what_if;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use files::Library;
pub use load::{Loaded, library, library_files, scenario, scenario_files, scenario_of_name};

/// Exit code of a run that found something wrong with its input.
const FAILURE: u8 = 1;

/// Incident-response simulator: break a simulated production system, run the incident, be scored on evidence.
#[derive(Debug, Parser)]
#[command(name = "brownout", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the window on a scenario and play it.
    Play(play::Arguments),
    /// Open the window on a scenario to write it: checked and run again at every save of its files.
    Author(author::Arguments),
    /// Run a scenario without a window with a program player, as fast as it goes.
    Run(run::Arguments),
    /// Check scenario and system files; exit 1 on errors.
    Check(check::Arguments),
    /// Begin a scenario: writes one that can be played as it stands.
    New(new::Arguments),
    /// Rewrite scenario and system files in the current format, with their comments and layout.
    Migrate(migrate::Arguments),
    /// Make a system file of your own architecture: an isotope graph, a compose file, OTLP or Jaeger traces.
    Import(import::Arguments),
    /// Print a page of the documentation that is made from the program.
    Docs(docs::Arguments),
    /// Recompute a journal.
    Replay(replay::Arguments),
    /// Score a journal.
    Score(score::Arguments),
    /// Write the debrief of a journal as HTML, Markdown or JSON.
    Report(report_file::Arguments),
    /// Recompute a journal's harm without an action, or with it at another time.
    WhatIf(what_if::Arguments),
    /// Ask a journal's run about its metrics, in the query language of Prometheus.
    Query(query::Arguments),
    /// Write the telemetry of a journal's run for real tools.
    Export(export::Arguments),
    /// Run test scripts in Prometheus's public format on the query language; exit 1 if a query fails.
    Promqltest(promqltest::Arguments),
    /// Measure the engine on fixed workloads.
    Bench(bench::Arguments),
    /// Run the long validation set: the engine against closed forms and published measurements; exit 1 on a miss.
    Validate(validate::Arguments),
    /// Draw the program's screens into PNG files (needs a display; Xvfb will do).
    Shots(play::ShotsArguments),
}

/// Which scenario, and which of its possible runs.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Choice {
    /// Scenario folder or file.
    scenario: PathBuf,
    /// Seed; everything random follows from it.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Force the N-th truth of the scenario, from 1, instead of the one the seed draws.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    truth: Option<u16>,
    /// Folder includes may not leave; by default the nearest folder above named `scenarios`.
    #[arg(long)]
    root: Option<PathBuf>,
}

impl Choice {
    /// The forced truth, from 0.
    fn forced(&self) -> Option<usize> {
        self.truth.map(|n| usize::from(n) - 1)
    }
}

/// Parse the command line and do what it says. Usage errors exit with 2, problems with the input with 1.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        None => play::title(),
        Some(Command::Play(arguments)) => play::play(&arguments),
        Some(Command::Author(arguments)) => author::author(&arguments),
        Some(Command::Shots(arguments)) => play::shots(&arguments),
        Some(Command::Bench(arguments)) => bench::bench(&arguments),
        Some(Command::Validate(arguments)) => validate::validate(&arguments),
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Check(arguments)) => check::check(&arguments),
        Some(Command::New(arguments)) => new::new(&arguments),
        Some(Command::Migrate(arguments)) => Ok(migrate::run(&arguments)),
        Some(Command::Import(arguments)) => import::import(&arguments),
        Some(Command::Docs(arguments)) => Ok(docs::docs(&arguments)),
        Some(Command::Replay(arguments)) => replay::replay(&arguments),
        Some(Command::Score(arguments)) => score::score(&arguments),
        Some(Command::Report(arguments)) => report_file::report(&arguments),
        Some(Command::Query(arguments)) => query::query(&arguments),
        Some(Command::Export(arguments)) => export::export(&arguments),
        Some(Command::Promqltest(arguments)) => promqltest::promqltest(&arguments),
        Some(Command::WhatIf(arguments)) => what_if::what_if(&arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("brownout: {error:#}");
            ExitCode::from(FAILURE)
        }
    }
}

/// Print a value as JSON on standard output.
fn print_json<T: serde::Serialize>(value: &T) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
