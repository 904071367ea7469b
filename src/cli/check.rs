//! `brownout check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use brownout_scenario::{Diagnostic, Files, Severity};
use serde::Serialize;

use super::files::Library;
use super::load::render;
use super::{FAILURE, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files, or folders to look through for `.ron` files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Folder includes may not leave; by default the nearest folder above named `scenarios`.
    #[arg(long)]
    root: Option<PathBuf>,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    files: usize,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Diagnostic>,
    /// Proofs of scenarios by their players; none are made yet.
    proofs: Vec<()>,
}

pub(super) fn check(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    for path in &arguments.paths {
        let mut files = Vec::new();
        collect(path, 0, &mut files);
        if files.is_empty() {
            report.add(vec![unreadable(path, "no .ron file was found here")], None);
        }
        for file in files {
            report.files += 1;
            match Library::around(&file, arguments.root.as_deref()) {
                Ok((library, name)) => {
                    let mut found = check_file(&library, &name);
                    for diagnostic in &mut found {
                        diagnostic.file = shown(&library, diagnostic, &name, &file);
                    }
                    report.add(found, (!arguments.json).then_some(&library));
                }
                Err(error) => report.add(vec![unreadable(&file, &error.to_string())], None),
            }
        }
    }
    report.diagnostics.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code))
    });
    report.diagnostics.dedup();
    report.errors = report
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .count();
    report.warnings = report.diagnostics.len() - report.errors;
    if arguments.json {
        print_json(&report)?;
    } else {
        println!(
            "{} files, {} errors, {} warnings",
            report.files, report.errors, report.warnings
        );
    }
    Ok(if report.errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILURE)
    })
}

impl Report {
    fn add(&mut self, found: Vec<Diagnostic>, library: Option<&Library>) {
        let fresh: Vec<Diagnostic> = found
            .into_iter()
            .filter(|d| !self.diagnostics.contains(d))
            .collect();
        match library {
            Some(library) => render(library, &fresh),
            None => fresh
                .iter()
                .filter(|d| d.code == "E0001")
                .for_each(|d| eprintln!("{d}")),
        }
        self.diagnostics.extend(fresh);
    }
}

/// A system file begins with `System(`; everything else is taken for a scenario.
fn check_file(library: &Library, name: &str) -> Vec<Diagnostic> {
    let is_system = library.read(name).is_ok_and(|text| {
        text.lines()
            .map(str::trim_start)
            .find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#!"))
            .is_some_and(|line| line.starts_with("System"))
    });
    if is_system {
        let (loaded, mut found) = brownout_scenario::load_system(library, name);
        if let (Some(loaded), false) = (loaded, brownout_scenario::diagnostics::has_errors(&found))
        {
            found.extend(
                brownout_scenario::compile_system(&loaded)
                    .err()
                    .unwrap_or_default(),
            );
        }
        return found;
    }
    let (loaded, mut found) = brownout_scenario::load(library, name);
    if let (Some(loaded), false) = (loaded, brownout_scenario::diagnostics::has_errors(&found)) {
        for truth in 0..loaded.model.truths.len() {
            found.extend(
                brownout_scenario::compile(&loaded, Some(truth), 0)
                    .err()
                    .unwrap_or_default(),
            );
        }
    }
    found
}

/// The file as the user named it, or its place in the library for included files.
fn shown(library: &Library, diagnostic: &Diagnostic, name: &str, file: &Path) -> String {
    if diagnostic.file == name {
        file.display().to_string()
    } else {
        library.path(&diagnostic.file).display().to_string()
    }
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic {
        code: "E0001",
        severity: Severity::Error,
        file: path.display().to_string(),
        line: 1,
        column: 1,
        path: String::new(),
        message: format!("cannot read this: {why}"),
        help: None,
    }
}

/// Deepest folder looked into.
const MAX_DEPTH: u32 = 8;

fn collect(path: &Path, depth: u32, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        if depth == 0 || path.extension().is_some_and(|extension| extension == "ron") {
            files.push(path.to_path_buf());
        }
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else {
        return;
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        if depth < MAX_DEPTH && !entry.is_symlink() {
            collect(&entry, depth + 1, files);
        }
    }
}
