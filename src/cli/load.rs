//! Loading scenarios from disk, with diagnostics rendered for the terminal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use ariadne::{Color, Label, Report, ReportKind, Source};
use brownout_scenario::compiled::Scenario;
use brownout_scenario::{Diagnostic, Files, Severity};
use brownout_session::journal::{FORMAT, Header, Journal};
use brownout_session::replay::replay;
use brownout_session::session::Session;

use super::Choice;
use super::files::Library;

/// A compiled scenario with the header its journal will have.
pub struct Loaded {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Header.
    pub header: Header,
}

/// The file a scenario argument means: itself, or `scenario.ron` in the folder.
pub(super) fn scenario_file(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join("scenario.ron")
    } else {
        path.to_path_buf()
    }
}

pub(super) fn chosen(choice: &Choice, player: &str) -> anyhow::Result<Loaded> {
    scenario(
        &choice.scenario,
        choice.root.as_deref(),
        choice.seed,
        choice.forced(),
        player,
    )
}

/// Load and compile a scenario; diagnostics go to standard error.
///
/// # Errors
/// If the file cannot be read or has errors.
pub fn scenario(
    path: &Path,
    root: Option<&Path>,
    seed: u64,
    forced_truth: Option<usize>,
    player: &str,
) -> anyhow::Result<Loaded> {
    let file = scenario_file(path);
    let (library, name) =
        Library::around(&file, root).with_context(|| format!("cannot read {}", file.display()))?;
    let (loaded, mut diagnostics) = brownout_scenario::load(&library, &name);
    let scenario = match loaded {
        Some(loaded) if !brownout_scenario::diagnostics::has_errors(&diagnostics) => {
            brownout_scenario::compile(&loaded, forced_truth, seed)
                .map_err(|found| diagnostics = found)
                .ok()
        }
        _ => None,
    };
    let Some(scenario) = scenario else {
        render(&library, &diagnostics);
        bail!("{} cannot be used: see above", file.display());
    };
    let header = Header {
        format: FORMAT,
        physics: brownout_sim::PHYSICS_VERSION,
        scenario: scenario.name.clone(),
        scenario_hash: format!("{:016x}", scenario.hash),
        seed,
        forced_truth,
        player: player.to_owned(),
    };
    Ok(Loaded {
        scenario: Arc::new(scenario),
        header,
    })
}

/// Print diagnostics on standard error, with the lines they are about.
pub(super) fn render(library: &Library, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let source = library.read(&diagnostic.file).unwrap_or_default();
        let file = library.path(&diagnostic.file).display().to_string();
        let named = Diagnostic {
            file,
            ..diagnostic.clone()
        };
        render_one(&named, source);
    }
}

/// Print a diagnostic on standard error with the line of `source` it is about; without it where there is no such line.
pub(super) fn render_one(diagnostic: &Diagnostic, source: String) {
    let at = offset(&source, diagnostic.line, diagnostic.column);
    if at > source.chars().count() || source.is_empty() {
        eprintln!("{diagnostic}");
        return;
    }
    let (kind, color) = match diagnostic.severity {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
    };
    let end = (at + 1).min(source.chars().count());
    let span = (diagnostic.file.clone(), at.min(end)..end);
    let config =
        ariadne::Config::default().with_color(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    let mut report = Report::build(kind, span.clone())
        .with_config(config)
        .with_code(diagnostic.code)
        .with_message(&diagnostic.message)
        .with_label(
            Label::new(span)
                .with_message(&diagnostic.path)
                .with_color(color),
        );
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    let shown = (diagnostic.file.clone(), Source::from(source));
    if report.finish().eprint(shown).is_err() {
        eprintln!("{diagnostic}");
    }
}

/// Character offset of a 1-based line and column.
fn offset(source: &str, line: u32, column: u32) -> usize {
    let lines = source
        .split_inclusive('\n')
        .take(line.saturating_sub(1) as usize);
    let before: usize = lines.map(|line| line.chars().count()).sum();
    before + column.saturating_sub(1) as usize
}

/// The run of an undamaged journal, recomputed.
pub(super) fn session(path: &Path, scenario_path: Option<&Path>) -> anyhow::Result<Session> {
    let (journal, loaded) = journal(path, scenario_path, false)?;
    let (session, divergence) = replay(loaded.scenario, &journal);
    if let Some(divergence) = divergence {
        bail!(
            "{}: record {} cannot be reproduced; see `brownout replay`",
            path.display(),
            divergence.seq
        );
    }
    Ok(session)
}

/// Read a journal and load the scenario it was made with. `damaged` decides whether damage is an error.
pub(super) fn journal(
    path: &Path,
    scenario_path: Option<&Path>,
    allow_damage: bool,
) -> anyhow::Result<(Journal, Loaded)> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let journal =
        brownout_session::journal::read(&bytes).with_context(|| path.display().to_string())?;
    if let (Some(damage), false) = (&journal.damage, allow_damage) {
        bail!("{}: {damage}", path.display());
    }
    let header = &journal.header;
    let file = match scenario_path {
        Some(path) => path.to_path_buf(),
        None => find_scenario(path, &header.scenario).with_context(|| {
            format!(
                "no scenarios/{}/scenario.ron was found here or above; name it with --scenario",
                header.scenario
            )
        })?,
    };
    let loaded = scenario(
        &file,
        None,
        header.seed,
        header.forced_truth,
        &header.player,
    )?;
    if loaded.header.scenario_hash != header.scenario_hash {
        bail!(
            "{}: the journal was made with another version of scenario {} (hash {}, here {})",
            path.display(),
            header.scenario,
            header.scenario_hash,
            loaded.header.scenario_hash
        );
    }
    Ok((journal, loaded))
}

/// The files of all scenarios of the nearest library at or above the working folder or the program, whatever is wrong with
/// them.
#[must_use]
pub fn library_files() -> Vec<PathBuf> {
    let starts = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    let folder = starts
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .map(|folder| folder.join("scenarios"))
        .find(|folder| folder.is_dir());
    folder.map_or_else(Vec::new, |folder| scenario_files(&folder))
}

/// The files of all scenarios of a library's folder, in the order of their names.
#[must_use]
pub fn scenario_files(library: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(library)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("scenario.ron"))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    files
}

/// All scenarios of the nearest library at or above the working folder or the program, for a person to play. One with
/// errors is left out; what is wrong with it goes to standard error.
#[must_use]
pub fn library(seed: u64) -> Vec<Loaded> {
    library_files()
        .iter()
        .filter_map(|file| scenario(file, None, seed, None, "person").ok())
        .collect()
}

/// A scenario that is part of the program: what the window offers where none of the library can be.
///
/// # Errors
/// Never, as long as the tests pass.
#[cfg(feature = "window")]
pub(super) fn sample(seed: u64) -> anyhow::Result<Loaded> {
    let files = brownout_scenario::MemoryFiles::new(&[
        (
            "kiosk-config/scenario.ron",
            include_str!("../../scenarios/kiosk-config/scenario.ron"),
        ),
        (
            "systems/kiosk.ron",
            include_str!("../../scenarios/systems/kiosk.ron"),
        ),
    ]);
    let (loaded, _) = brownout_scenario::load(&files, "kiosk-config/scenario.ron");
    let scenario = loaded.and_then(|loaded| brownout_scenario::compile(&loaded, None, seed).ok());
    let scenario = scenario.context("the program's own scenario cannot be used")?;
    let header = crate::author::course::header(&scenario, seed, None, "person");
    Ok(Loaded {
        scenario: Arc::new(scenario),
        header,
    })
}

/// The file of the scenario of a name, if the nearest library has it.
#[must_use]
pub fn scenario_of_name(name: &str) -> Option<PathBuf> {
    let folder = |file: &PathBuf| {
        let folder = file.parent().and_then(Path::file_name);
        folder.is_some_and(|folder| folder == name)
    };
    library_files().into_iter().find(folder)
}

/// The scenario of a name in a library at or above the working folder, the journal or the program.
fn find_scenario(journal: &Path, name: &str) -> Option<PathBuf> {
    let starts = [
        std::env::current_dir().ok(),
        journal.canonicalize().ok(),
        std::env::current_exe().ok(),
    ];
    starts
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .find_map(|folder| {
            let file = folder.join("scenarios").join(name).join("scenario.ron");
            file.is_file().then_some(file)
        })
}
