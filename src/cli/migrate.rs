//! `brownout migrate`: scenario and system files in the current format.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use brownout_scenario::Files;
use brownout_scenario::migrate::{CURRENT, MIGRATIONS, migrate};

use super::FAILURE;
use super::files::Library;
use super::load::scenario_file;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Scenario or system files, or scenario folders.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for path in &arguments.files {
        let file = scenario_file(path);
        if let Err(error) = rewrite(&file) {
            eprintln!("brownout: {}: {error:#}", file.display());
            code = ExitCode::from(FAILURE);
        }
    }
    code
}

fn rewrite(path: &Path) -> anyhow::Result<()> {
    // The file itself, not a link to it: the link stays one.
    let path_on_disk = path.canonicalize()?;
    let (library, name) = Library::around(&path_on_disk, None)?;
    let migrated = migrate(&library.read(&name)?)?;
    if migrated.from == CURRENT {
        println!("{}: in format {CURRENT} already", path.display());
        return Ok(());
    }
    replace(&path_on_disk, &migrated.text)?;
    println!("{}: format {} to {CURRENT}", path.display(), migrated.from);
    for migration in MIGRATIONS.iter().filter(|m| m.from >= migrated.from) {
        println!("  {}", migration.what);
    }
    Ok(())
}

/// Replaces a file at once: whatever happens, it holds the old text or the new one.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let fresh = PathBuf::from(name);
    let mut file = File::create_new(&fresh)
        .with_context(|| format!("{} cannot be written", fresh.display()))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.set_permissions(fs::metadata(path)?.permissions()))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        // Ours, and half written.
        let _ = fs::remove_file(&fresh);
    }
    written.context("it cannot be written")
}
