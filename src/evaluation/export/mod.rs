//! A debrief as a file: HTML that needs nothing else, Markdown, JSON.

mod html;
mod markdown;
mod postmortem;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use brownout_session::score::Dimension;

use super::debrief::{Debrief, Sent, Standing};

pub use html::html;
pub use markdown::markdown;
pub use postmortem::postmortem;

/// Kinds of report files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page.
    Html,
    /// Text with marks.
    Markdown,
    /// For programs.
    Json,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Html, Self::Markdown, Self::Json]
            .into_iter()
            .find(|format| format.ending() == text)
            .ok_or_else(|| {
                format!("there is no format called \"{text}\"; there are: html, md, json")
            })
    }
}

impl Format {
    /// The format a file name asks for.
    ///
    /// # Errors
    /// If the ending is not known.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("html" | "htm") => Ok(Self::Html),
            Some("md" | "markdown") => Ok(Self::Markdown),
            Some("json") => Ok(Self::Json),
            _ => bail!(
                "{}: a report's name ends in .html, .md or .json",
                path.display()
            ),
        }
    }

    /// As it is typed, and what its files end in.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }

    /// Name of the report next to a journal.
    #[must_use]
    pub fn beside(self, journal: &Path) -> PathBuf {
        journal.with_extension(format!("report.{}", self.ending()))
    }
}

/// A debrief in a format.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn text(debrief: &Debrief, format: Format) -> anyhow::Result<String> {
    Ok(match format {
        Format::Html => html(debrief),
        Format::Markdown => markdown(debrief),
        Format::Json => serde_json::to_string_pretty(debrief)?,
    })
}

/// Writes a debrief to a file.
///
/// # Errors
/// If the file cannot be written.
pub fn write(debrief: &Debrief, format: Format, path: &Path) -> anyhow::Result<()> {
    std::fs::write(path, text(debrief, format)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Dimensions with their names and points.
fn dimensions(debrief: &Debrief) -> Vec<(Dimension, &'static str, u32)> {
    debrief.score.as_ref().map_or_else(Vec::new, |score| {
        vec![
            (Dimension::Containment, "Containment", score.containment),
            (Dimension::Hypotheses, "Hypotheses", score.hypotheses),
            (
                Dimension::Communication,
                "Communication",
                score.communication,
            ),
        ]
    })
}

const fn sign(standing: Standing) -> &'static str {
    match standing {
        Standing::True => "✓",
        Standing::False => "✗",
        Standing::Open => "?",
    }
}

fn claims(sent: &Sent) -> String {
    let claims: Vec<String> = sent
        .claims
        .iter()
        .map(|claim| format!("{} {}", sign(claim.standing), claim.claim))
        .collect();
    claims.join(" · ")
}

/// Up to three evidence times of a criterion.
fn times(debrief: &Debrief, row: &brownout_session::score::Criterion) -> String {
    let times: Vec<String> = debrief
        .evidence_times(row)
        .take(3)
        .map(|at_ns| debrief.clock(at_ns))
        .collect();
    times.join(" ")
}

#[cfg(test)]
mod tests;
