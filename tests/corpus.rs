//! Inputs of the fuzz targets (docs/ARCHITECTURE.md, "Fuzzing") as ordinary tests: those that once found something, and
//! those from which a search begins.

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/harness/mod.rs"]
mod harness;

fn replay(target: &str, least: usize, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    assert!(files.len() >= least, "{} inputs of {target}", files.len());
    for file in files {
        // Shown if it fails.
        println!("{}", file.display());
        run(&fs::read(&file).expect("readable"));
    }
}

#[test]
fn any_text_is_read_or_refused() {
    replay("scenario", 8, harness::scenario::scenario);
}

#[test]
fn any_bytes_are_a_journal_or_none() {
    replay("journal", 8, harness::journal::journal);
}

#[test]
fn changed_scenarios_run_or_are_refused() {
    replay("run", 8, harness::run::run);
}

#[test]
fn any_architecture_is_imported_or_refused() {
    replay("import", 4, harness::import::import);
}

#[test]
fn any_text_is_a_question_or_none() {
    replay("query", 20, harness::query::query);
}
