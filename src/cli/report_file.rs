//! `brownout report`: the debrief of a journal as a file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;

use super::load;
use crate::evaluation;
use crate::evaluation::export::{Format, text, write};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Journal.
    file: PathBuf,
    /// Where the report goes; the ending decides what it is: .html, .md or .json.
    #[arg(short, long, value_name = "FILE", required_unless_present = "format")]
    output: Option<PathBuf>,
    /// What the report is whatever its name ends in: html, md or json. Without a file it goes to standard output.
    #[arg(long)]
    format: Option<Format>,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
}

pub(super) fn report(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let format = match (arguments.format, &arguments.output) {
        (Some(format), _) => format,
        (None, Some(output)) => Format::of(output)?,
        (None, None) => bail!("name a file with -o, or a format with --format"),
    };
    let session = load::session(&arguments.file, arguments.scenario.as_deref())?;
    let debrief = evaluation::debrief(&session);
    match &arguments.output {
        Some(output) => {
            write(&debrief, format, output)?;
            println!("{}", output.display());
        }
        None => println!("{}", text(&debrief, format)?),
    }
    Ok(ExitCode::SUCCESS)
}
