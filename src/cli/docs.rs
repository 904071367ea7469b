//! `brownout docs`.

use std::process::ExitCode;

use brownout_scenario::faults;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Which page.
    page: Page,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Page {
    /// The fault catalogue: docs/FAULTS.md.
    Faults,
}

pub(super) fn docs(arguments: &Arguments) -> ExitCode {
    match arguments.page {
        Page::Faults => print!("{}", faults::page()),
    }
    ExitCode::SUCCESS
}
