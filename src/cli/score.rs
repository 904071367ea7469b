//! `brownout score`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use super::report::Report;
use super::{load, print_json};
use crate::evaluation::evaluate;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Journal.
    file: PathBuf,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn score(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let session = load::session(&arguments.file, arguments.scenario.as_deref())?;
    let report = Report::new(&session, evaluate(&session), begun.elapsed().as_secs_f64());
    if arguments.json {
        print_json(&report)?;
    } else {
        report.print();
    }
    Ok(ExitCode::SUCCESS)
}
