//! `brownout author`: the window on a scenario to be written.

use std::process::ExitCode;

use super::Choice;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    choice: Choice,
}

#[cfg(not(feature = "window"))]
pub(super) fn author(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let _ = &arguments.choice;
    anyhow::bail!("this build has no window; `brownout check PATH` says what is wrong with a file")
}

#[cfg(feature = "window")]
pub(super) fn author(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    use anyhow::{Context, bail};

    use super::journal_file::new_path;
    use super::load::scenario_file;
    use crate::app::{self, AuthorOptions};
    use crate::author::{Asked, Chosen};

    let choice = &arguments.choice;
    let file = scenario_file(&choice.scenario);
    // What is in it may be anything; that it is there is asked before a window opens.
    let about = std::fs::metadata(&file)
        .with_context(|| format!("there is no scenario at {}", file.display()))?;
    if !about.is_file() {
        bail!("{} is not a file", file.display());
    }
    app::require_display()?;
    let loaded = super::load::sample(choice.seed)?;
    app::author(AuthorOptions {
        asked: Asked {
            path: file,
            root: choice.root.clone(),
            chosen: Chosen {
                seed: choice.seed,
                truth: choice.forced(),
            },
        },
        journal: Some(new_path(&loaded.scenario.name)?),
        scenario: loaded.scenario,
        header: loaded.header,
    })?;
    Ok(ExitCode::SUCCESS)
}
