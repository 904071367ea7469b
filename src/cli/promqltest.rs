//! `brownout promqltest`: Prometheus's public test scripts, run on our query language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use brownout_telemetry::promql::script::{self, Case, Verdict};
use brownout_telemetry::promql::{Semantics, Settings};
use serde::Serialize;

use super::query::SemanticsArgument;
use super::{FAILURE, print_json};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Test scripts.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Whose semantics the queries have.
    #[arg(long, value_enum, default_value_t)]
    semantics: SemanticsArgument,
    /// Every query that failed or is outside of what is supported, with its line.
    #[arg(long)]
    verbose: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct FileReport {
    file: PathBuf,
    queries: usize,
    passed: usize,
    failed: Vec<Failure>,
    /// Number of queries by what they need that is not supported.
    outside: BTreeMap<String, usize>,
}

#[derive(Debug, Serialize)]
struct Failure {
    line: usize,
    query: String,
    why: String,
}

impl FileReport {
    fn of(file: &Path, cases: &[Case]) -> Self {
        let mut outside = BTreeMap::new();
        let mut failed = Vec::new();
        for case in cases {
            match &case.verdict {
                Verdict::Passed => {}
                Verdict::Failed(why) => failed.push(Failure {
                    line: case.line,
                    query: case.query.clone(),
                    why: why.clone(),
                }),
                Verdict::Outside(name) => *outside.entry(name.clone()).or_insert(0) += 1,
            }
        }
        Self {
            file: file.to_path_buf(),
            queries: cases.len(),
            passed: cases
                .iter()
                .filter(|case| case.verdict == Verdict::Passed)
                .count(),
            failed,
            outside,
        }
    }
}

/// Runs the scripts; exit 1 if a query failed or a script cannot be read.
pub fn promqltest(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::from(Semantics::from(arguments.semantics));
    let mut reports = Vec::new();
    for file in &arguments.files {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{}: cannot be read", file.display()))?;
        let cases = script::run(&text, settings).map_err(|unreadable| {
            let (line, message) = (unreadable.line, unreadable.message);
            anyhow::anyhow!("{}:{line}: {message}", file.display())
        })?;
        let report = FileReport::of(file, &cases);
        if !arguments.json {
            print(&report, &cases, arguments.verbose);
        }
        reports.push(report);
    }
    if arguments.json {
        print_json(&reports)?;
    }
    let failed = reports.iter().any(|report| !report.failed.is_empty());
    Ok(if failed {
        ExitCode::from(FAILURE)
    } else {
        ExitCode::SUCCESS
    })
}

fn print(report: &FileReport, cases: &[Case], verbose: bool) {
    let file = report.file.display();
    println!(
        "{file}: {} queries, {} passed, {} failed, {} outside the subset",
        report.queries,
        report.passed,
        report.failed.len(),
        report.outside.values().sum::<usize>()
    );
    for failure in &report.failed {
        println!(
            "  {file}:{}: {}: {}",
            failure.line, failure.query, failure.why
        );
    }
    for (name, count) in &report.outside {
        println!("  outside: {name}: {count}");
    }
    if verbose {
        for case in cases {
            if let Verdict::Outside(name) = &case.verdict {
                println!("  {file}:{}: {} (outside: {name})", case.line, case.query);
            }
        }
    }
}
