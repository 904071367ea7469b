//! A debrief as Markdown.

use std::fmt::Write as _;

use super::postmortem::write_postmortem;
use super::{Debrief, claims, dimensions, times};
use crate::field_guide;

/// As Markdown.
#[must_use]
pub fn markdown(debrief: &Debrief) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_markdown(&mut out, debrief);
    out
}

fn write_markdown(out: &mut String, debrief: &Debrief) -> std::fmt::Result {
    writeln!(out, "# Debrief: {}\n", debrief.title)?;
    writeln!(
        out,
        "{} · seed {} · {}\n",
        debrief.scenario,
        debrief.seed,
        debrief.ending()
    )?;
    writeln!(out, "| dimension | points |\n|---|---|")?;
    for (_, name, points) in dimensions(debrief) {
        writeln!(out, "| {name} | {points} / 100 |")?;
    }
    writeln!(out, "\n## Would have helped most\n")?;
    for row in debrief.would_have_helped() {
        writeln!(out, "- {} ({} points)", row.better, row.max - row.earned)?;
    }
    writeln!(out, "\n## What you believed\n")?;
    for belief in &debrief.beliefs {
        let right = debrief.verdict_on(belief.right);
        writeln!(
            out,
            "- {} {}: {right}; {}",
            belief.number,
            line(&belief.name),
            belief.evidence()
        )?;
    }
    writeln!(out, "\n## Harm at the horizon, weighted\n")?;
    for curve in &debrief.curves {
        writeln!(out, "- {}: {}", curve.kind.name(), curve.last())?;
    }
    writeln!(out, "\n## Diagnosis\n")?;
    for part in &debrief.diagnosis {
        let named = if part.named.is_empty() {
            "not named".to_owned()
        } else {
            line(&part.named)
        };
        let sign = if part.right { "✓" } else { "✗" };
        writeln!(out, "- {sign} {}: {} (you: {named})", part.name, part.truth)?;
    }
    writeln!(out, "\n{}\n", debrief.explanation)?;
    for (dimension, name, points) in dimensions(debrief) {
        writeln!(out, "## {name}: {points} / 100\n")?;
        writeln!(
            out,
            "| points | what was found | when | rules |\n|---|---|---|---|"
        )?;
        for row in debrief.criteria_of(dimension) {
            let better = if row.better.is_empty() {
                String::new()
            } else {
                format!(" **Better:** {}", row.better)
            };
            writeln!(
                out,
                "| {}/{} | **{}:** {}{} | {} | {} |",
                row.earned,
                row.max,
                field_guide::criterion(row.id).unwrap_or(row.id),
                cell(&row.why),
                cell(&better),
                times(debrief, row),
                row.rules.join(" ")
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "## Actions\n")?;
    for act in &debrief.actions {
        writeln!(
            out,
            "{}. {} {}",
            act.number,
            debrief.clock(act.at_ns),
            line(&act.title)
        )?;
    }
    writeln!(out, "\n## Messages\n")?;
    for sent in &debrief.messages {
        writeln!(
            out,
            "- {} to {}, {}: {} {}",
            debrief.clock(sent.at_ns),
            sent.audience,
            sent.status,
            line(&sent.words),
            claims(sent)
        )?;
    }
    writeln!(out)?;
    write_postmortem(out, debrief)
}

/// Text inside a table.
fn cell(text: &str) -> String {
    line(text).replace('|', "\\|")
}

/// What somebody typed, as text in one line: it can begin no heading, link, mark or tag.
pub(super) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '[' | ']' | '*' | '_' | '`' | '\\' => {
                out.push('\\');
                out.push(sign);
            }
            other => out.push(other),
        }
    }
    out
}
