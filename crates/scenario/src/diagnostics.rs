//! What is wrong with a file, where, and what would be right.

use core::fmt;

use serde::Serialize;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but probably does not say what its author meant.
    Warning,
}

/// One finding about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code: `E` or `W` and four digits. `E00` reading, `E01` form, `E02` quantities and limits, `E03` names,
    /// `E04` structure, `E05` rules of a scenario, `W06` warnings, `E07` inputs of an import.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// File as it was asked for.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Path of the value, such as `services[3].endpoints[0].steps[2]`; empty for the file as a whole.
    pub path: String,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{}:{}:{}: {severity}[{}]: {}",
            self.file, self.line, self.column, self.code, self.message
        )?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

/// All codes with what they say, in order.
pub const CODES: [(&str, &str); 53] = [
    (
        "E0001",
        "the file cannot be read: there is none, it lies outside the library, it is no text",
    ),
    ("E0002", "the file is longer than a file may be"),
    ("E0101", "this is not RON, or not what should stand here"),
    ("E0102", "a field that is not known"),
    ("E0103", "a variant that is not known"),
    ("E0104", "a field is missing"),
    ("E0105", "a field or key stands twice"),
    (
        "E0106",
        "a number that the format does not have: `NaN`, `inf`, too large, a negative zero",
    ),
    (
        "E0107",
        "more entries than a list, tuple, map or struct may have",
    ),
    ("E0108", "a text longer than any may be"),
    ("E0109", "values nested too deep"),
    ("E0110", "a value of another type"),
    ("E0111", "the system leads out of the library"),
    ("E0112", "a format that this release does not know"),
    ("E0201", "a quantity that cannot be read"),
    ("E0202", "more of something than there may be"),
    ("E0203", "a value out of its range"),
    ("E0299", "more problems than are listed"),
    ("E0301", "a name that nothing has"),
    ("E0302", "a name that two things have"),
    (
        "E0303",
        "a name or text that is empty or deceives its reader",
    ),
    ("E0401", "calls go in a circle"),
    ("E0402", "at least one is needed"),
    ("E0403", "one flow has to be the main one"),
    ("E0404", "it does not fit what it stands at"),
    ("E0405", "somebody who answers for no service"),
    ("E0501", "a change after the horizon"),
    ("E0502", "harm before there was enough normal life"),
    ("E0503", "harm after the horizon"),
    ("E0504", "a path that failures do not take"),
    ("E0505", "a trigger that leaves no record"),
    ("E0506", "severities out of order"),
    ("E0507", "the late page comes after the horizon"),
    ("E0508", "an action that nobody here can take"),
    ("E0509", "signs that lead to nothing"),
    (
        "E0510",
        "a sign of something that is not there, or without a threshold",
    ),
    (
        "E0511",
        "a control of something broken, or nothing broken and no control",
    ),
    ("E0599", "a fault of this program: please report it"),
    (
        "E0701",
        "`import`: this file is not of the form it is read as",
    ),
    (
        "E0702",
        "`import`: larger than what is read, or than a system may be",
    ),
    ("E0703", "`import`: nothing to make a system of"),
    (
        "E0799",
        "`import`: a fault of this program: please report it",
    ),
    ("W0601", "a service that is never called"),
    ("W0602", "a flag that is never asked"),
    ("W0603", "a release that is never deployed"),
    ("W0604", "a variable that no manifest has"),
    (
        "W0605",
        "a record that comes too late to be mistaken for the cause",
    ),
    ("W0606", "an alert that pages and is labelled as a warning"),
    ("W0607", "a policy for calls that are never made"),
    (
        "W0608",
        "an alert with a threshold that is never crossed, or always",
    ),
    ("W0609", "an alert on something that nobody emits"),
    ("W0610", "a trigger that comes after the harm"),
    ("W0699", "more warnings than are listed"),
];

/// Whether any of these keeps the files from being used.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// The severity a code stands for.
#[must_use]
pub fn severity_of(code: &str) -> Severity {
    if code.starts_with('W') {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// The known name nearest to a misspelt one, if one is near enough to be meant.
///
/// Distance is optimal string alignment; up to a third of the letters may differ.
#[must_use]
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Similarity is quadratic in length: a name longer than any allowed one is nobody's typing error.
    if unknown.len() > 256 {
        return None;
    }
    let allowed = (unknown.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= 256)
        .map(|candidate| (strsim::osa_distance(unknown, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Help for an unknown name: the nearest one, or the first few that exist.
#[must_use]
pub fn suggest<'a>(
    unknown: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(name) = nearest(unknown, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let more = known.len().saturating_sub(8);
    known.truncate(8);
    if known.is_empty() {
        return None;
    }
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Some(format!("known here: {}{rest}", known.join(", ")))
}
