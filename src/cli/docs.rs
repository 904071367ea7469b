//! `brownout docs`.

use std::process::ExitCode;

use brownout_scenario::{faults, format_page, glossary};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Which page.
    page: Page,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Page {
    /// The fault catalogue: docs/FAULTS.md.
    Faults,
    /// What can be wrong with a component: the mechanisms of truths and hypotheses.
    Mechanisms,
    /// The scenario language: `docs/SCENARIO_FORMAT.md`.
    ScenarioFormat,
}

pub(super) fn docs(arguments: &Arguments) -> ExitCode {
    match arguments.page {
        Page::Faults => print!("{}", faults::page()),
        Page::Mechanisms => print!("{}", glossary::page()),
        Page::ScenarioFormat => print!("{}", format_page::page()),
    }
    ExitCode::SUCCESS
}
