//! `brownout what-if`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use brownout_session::harm::Harm;
use brownout_session::score::trial_moves;
use brownout_session::whatif::Variant;
use serde::Serialize;

use super::{load, print_json, run};
use crate::evaluation::run_variants;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Journal.
    file: PathBuf,
    /// Leave out action N, numbered from 1. May be given more than once; by default each action in turn and all.
    #[arg(long, value_name = "N")]
    without: Vec<u32>,
    /// Do action N at another time after the page, such as 2=90s.
    #[arg(long, value_name = "N=TIME", value_parser = parse_at)]
    at: Vec<(u32, u64)>,
    /// Scenario folder or file, when it cannot be found by its name.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
}

fn parse_at(text: &str) -> Result<(u32, u64), String> {
    let (number, time) = text
        .split_once('=')
        .ok_or("expected N=TIME, such as 2=90s")?;
    let number = number
        .parse()
        .map_err(|_| format!("\"{number}\" is no action number"))?;
    Ok((number, run::parse_duration(time)?))
}

#[derive(Debug, Serialize)]
struct Report {
    base: Base,
    variants: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Base {
    harm: Harm,
}

#[derive(Debug, Serialize)]
struct Row {
    label: String,
    harm: Harm,
    /// Weighted harm that the run itself averted against this variant; negative when the variant is better.
    averted: i64,
    /// Changes that made no sense in the variant and were left out.
    rejected: u32,
}

pub(super) fn what_if(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let session = load::session(&arguments.file, arguments.scenario.as_deref())?;
    let fork = session
        .fork()
        .context("the journal ends before the page: there is nothing to vary")?;
    let page_ns = session.page_ns().unwrap_or(0);
    let moves = trial_moves(&session);
    let known = |number: u32| {
        let numbers: Vec<String> = moves.iter().map(|m| m.action.to_string()).collect();
        if moves.iter().any(|m| m.action == number) {
            Ok(())
        } else {
            bail!(
                "action {number} changed nothing in the world; those that did: {}",
                numbers.join(", ")
            )
        }
    };
    let mut variants = vec![Variant {
        label: "as played".to_owned(),
        moves: moves.clone(),
        reseed: None,
    }];
    let without = |numbers: &[u32]| {
        moves
            .iter()
            .filter(|m| !numbers.contains(&m.action))
            .cloned()
            .collect()
    };
    for &number in &arguments.without {
        known(number)?;
        variants.push(Variant {
            label: format!("without action {number}"),
            moves: without(&[number]),
            reseed: None,
        });
    }
    for &(number, after_ns) in &arguments.at {
        known(number)?;
        let mut moved = moves.clone();
        for step in moved.iter_mut().filter(|m| m.action == number) {
            step.at_ns = page_ns + after_ns;
        }
        let label = format!(
            "action {number} at {} s after the page",
            after_ns / 1_000_000_000
        );
        variants.push(Variant {
            label,
            moves: moved,
            reseed: None,
        });
    }
    if variants.len() == 1 {
        variants.push(Variant {
            label: "nothing done".to_owned(),
            moves: Vec::new(),
            reseed: None,
        });
        for step in &moves {
            let label = format!("without action {}", step.action);
            variants.push(Variant {
                label,
                moves: without(&[step.action]),
                reseed: None,
            });
        }
    }
    let mut outcomes = run_variants(fork, &variants).into_iter();
    let base = outcomes.next().context("no base run")?.harm;
    let rows = outcomes
        .map(|outcome| Row {
            averted: i64::try_from(outcome.harm.weighted).unwrap_or(i64::MAX)
                - i64::try_from(base.weighted).unwrap_or(i64::MAX),
            label: outcome.label,
            harm: outcome.harm,
            rejected: outcome.rejected,
        })
        .collect();
    let report = Report {
        base: Base { harm: base },
        variants: rows,
    };
    if arguments.json {
        print_json(&report)?;
    } else {
        println!(
            "{:<44} {:>8} {:>8} {:>9} {:>9}",
            "", "failed", "slow", "weighted", "averted"
        );
        let harm = &report.base.harm;
        println!(
            "{:<44} {:>8} {:>8} {:>9}",
            "as played", harm.failed, harm.slow, harm.weighted
        );
        for row in &report.variants {
            let harm = &row.harm;
            println!(
                "{:<44} {:>8} {:>8} {:>9} {:>9}",
                row.label, harm.failed, harm.slow, harm.weighted, row.averted
            );
            if row.rejected > 0 {
                println!(
                    "    {} changes made no sense there and were left out",
                    row.rejected
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
