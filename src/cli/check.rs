//! `brownout check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use brownout_scenario::{Diagnostic, Files, Severity};
use serde::Serialize;

use super::files::Library;
use super::load::render_one;
use super::{FAILURE, print_json};
use crate::author::check::findings;

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
            let found = unreadable(path, "no .ron file was found here");
            report.add(vec![found], str::to_owned, None);
        }
        for file in files {
            report.files += 1;
            match Library::around(&file, arguments.root.as_deref()) {
                Ok((library, name)) => {
                    let (_, _, found) = findings(&library, &name);
                    let shown = |named: &str| shown(&library, named, &name, &file);
                    report.add(found, shown, (!arguments.json).then_some(&library));
                }
                Err(error) => {
                    let found = unreadable(&file, &error.to_string());
                    report.add(vec![found], str::to_owned, None);
                }
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
    /// Print what was not found before, and keep it. `shown` is how a file of the library is named to the user.
    fn add(
        &mut self,
        found: Vec<Diagnostic>,
        shown: impl Fn(&str) -> String,
        library: Option<&Library>,
    ) {
        for diagnostic in found {
            let named = Diagnostic {
                file: shown(&diagnostic.file),
                ..diagnostic.clone()
            };
            if self.diagnostics.contains(&named) {
                continue;
            }
            match library {
                Some(library) => {
                    let source = library.read(&diagnostic.file).unwrap_or_default();
                    render_one(&named, source);
                }
                None if named.code == "E0001" => eprintln!("{named}"),
                None => {}
            }
            self.diagnostics.push(named);
        }
    }
}

/// The file as the user named it, or its place in the library for included files.
fn shown(library: &Library, named: &str, name: &str, file: &Path) -> String {
    if named == name {
        file.display().to_string()
    } else {
        library.path(named).display().to_string()
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
