//! `brownout report`: the debrief of a journal as a file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use brownout_session::replay::replay;

use super::load;
use crate::evaluation;
use crate::evaluation::export::{Format, write};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Journal.
    file: PathBuf,
    /// Where the report goes; the ending decides what it is: .html, .md or .json.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
}

pub(super) fn report(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let format = Format::of(&arguments.output)?;
    let (journal, loaded) = load::journal(&arguments.file, arguments.scenario.as_deref(), false)?;
    let (session, divergence) = replay(loaded.scenario, &journal);
    if let Some(divergence) = divergence {
        bail!(
            "{}: record {} cannot be reproduced; see `brownout replay`",
            arguments.file.display(),
            divergence.seq
        );
    }
    write(&evaluation::debrief(&session), format, &arguments.output)?;
    println!("{}", arguments.output.display());
    Ok(ExitCode::SUCCESS)
}
