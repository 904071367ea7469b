//! One document under examination: turns findings into diagnostics and reads quantities on the way.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::diagnostics::{Diagnostic, Severity, severity_of, suggest};
use crate::limits::{MAX_LISTED, MAX_NAME_BYTES, MAX_PROSE_BYTES, MAX_SIMULATED_NS};
use crate::load::Document;
use crate::model::{DurationText, FactorText, RateText, ShareText};
use crate::text::is_deceptive;
use crate::units::{UnitError, duration_ns, factor_q16, interarrival_ns, share_q32};

/// Lists at most [`MAX_LISTED`] findings of a file: nobody reads more, and a hostile file could have a hundred thousand.
pub(super) struct Checker<'a> {
    document: &'a Document,
    found: &'a mut Vec<Diagnostic>,
    listed: usize,
    warned: usize,
}

impl<'a> Checker<'a> {
    pub(super) const fn new(document: &'a Document, found: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            document,
            found,
            listed: 0,
            warned: 0,
        }
    }

    fn push(&mut self, code: &'static str, path: &str, message: String, help: Option<String>) {
        // Warnings are counted by themselves: a thousand of them must not make a file unusable.
        let (count, what, beyond) = match severity_of(code) {
            Severity::Error => (&mut self.listed, "problems", "E0299"),
            Severity::Warning => (&mut self.warned, "warnings", "W0699"),
        };
        *count += 1;
        let count = *count;
        if count <= MAX_LISTED {
            self.found
                .push(self.document.diagnostic(code, path, message, help));
        } else if count == MAX_LISTED + 1 {
            let message = format!("more than {MAX_LISTED} {what}; the rest is not listed");
            self.found
                .push(self.document.diagnostic(beyond, "", message, None));
        }
    }

    /// Reports a problem of the value at `path`.
    pub(super) fn report(&mut self, code: &'static str, path: &str, message: impl Into<String>) {
        self.push(code, path, message.into(), None);
    }

    /// Reports a problem with advice.
    pub(super) fn advise(
        &mut self,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(code, path, message.into(), Some(help.into()));
    }

    /// A quantity that must be readable.
    pub(super) fn quantity<T>(&mut self, path: &str, read: Result<T, UnitError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.report("E0201", path, error.to_string());
                None
            }
        }
    }

    /// A duration within the simulated time there may be: sums of a few of them stay far from overflow.
    pub(super) fn duration(&mut self, path: &str, text: &DurationText) -> Option<u64> {
        self.duration_up_to(path, text, MAX_SIMULATED_NS, "30 days")
    }

    pub(super) fn duration_up_to(
        &mut self,
        path: &str,
        text: &DurationText,
        most_ns: u64,
        most: &str,
    ) -> Option<u64> {
        let read = duration_ns(&text.0);
        let read = self.quantity(path, read)?;
        if read > most_ns {
            self.report(
                "E0202",
                path,
                format!("a duration here may be at most {most}"),
            );
            return None;
        }
        Some(read)
    }

    /// A duration that must not be zero.
    pub(super) fn positive(&mut self, path: &str, text: &DurationText) -> Option<u64> {
        let read = self.duration(path, text)?;
        if read == 0 {
            self.report("E0203", path, "expected a duration above 0");
            return None;
        }
        Some(read)
    }

    pub(super) fn optional_duration(&mut self, path: &str, text: Option<&DurationText>) {
        if let Some(text) = text {
            self.duration(path, text);
        }
    }

    pub(super) fn rate(&mut self, path: &str, text: &RateText) {
        let read = interarrival_ns(&text.0);
        if self
            .quantity(path, read)
            .is_some_and(|ns| ns > MAX_SIMULATED_NS)
        {
            self.report(
                "E0203",
                path,
                "fewer than one request in 30 days: leave the region out",
            );
        }
    }

    pub(super) fn share(&mut self, path: &str, text: &ShareText) -> Option<u64> {
        let read = share_q32(&text.0);
        self.quantity(path, read)
    }

    pub(super) fn factor(&mut self, path: &str, text: &FactorText) -> Option<u32> {
        let read = factor_q16(&text.0);
        self.quantity(path, read)
    }

    /// A number that must lie in a range.
    pub(super) fn range(
        &mut self,
        path: &str,
        what: &str,
        value: u64,
        allowed: RangeInclusive<u64>,
    ) {
        if !allowed.contains(&value) {
            let message = format!(
                "{what} must be between {} and {}, found {value}",
                allowed.start(),
                allowed.end()
            );
            self.report("E0203", path, message);
        }
    }

    /// A count that must not exceed a limit.
    pub(super) fn limit(&mut self, path: &str, what: &str, count: u64, most: u64) {
        if count > most {
            self.report(
                "E0202",
                path,
                format!("{count} {what}; at most {most} are allowed"),
            );
        }
    }

    /// A list that must have entries, but not too many.
    pub(super) fn length(&mut self, path: &str, what: &str, count: usize, most: usize) {
        if count == 0 {
            self.report("E0402", path, format!("expected at least one of {what}"));
        }
        let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.limit(path, what, wide(count), wide(most));
    }

    /// A name: what other places of the files, journals and metric labels use.
    pub(super) fn name(&mut self, path: &str, name: &str) {
        if name.trim().is_empty() {
            self.report("E0303", path, "a name must not be empty");
        } else if name.trim() != name || name.chars().any(|c| c.is_control() || is_deceptive(c)) {
            let help = "leave out control characters, direction marks and spaces at the ends";
            self.advise(
                "E0303",
                path,
                "a name has characters that cannot be seen",
                help,
            );
        }
        self.short(path, name);
    }

    /// A short text that may be empty.
    pub(super) fn short(&mut self, path: &str, text: &str) {
        if text.len() > MAX_NAME_BYTES {
            let message = format!(
                "{} bytes; at most {MAX_NAME_BYTES} are allowed here",
                text.len()
            );
            self.report("E0202", path, message);
        }
    }

    /// Prose: several lines are fine.
    pub(super) fn prose(&mut self, path: &str, text: &str) {
        if text.len() > MAX_PROSE_BYTES {
            let message = format!(
                "{} bytes; at most {MAX_PROSE_BYTES} are allowed",
                text.len()
            );
            self.report("E0202", path, message);
        }
    }

    /// Prose that has to say something.
    pub(super) fn required_prose(&mut self, path: &str, text: &str) {
        if text.trim().is_empty() {
            self.report("E0303", path, "expected a text");
        }
        self.prose(path, text);
    }

    /// A name that must be one of `known`.
    pub(super) fn known<'k>(
        &mut self,
        path: &str,
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) -> bool {
        let exists = known.clone().into_iter().any(|candidate| candidate == name);
        if !exists {
            // A hostile name is not repeated at full length.
            let shown: String = name
                .chars()
                .filter(|c| !is_deceptive(*c))
                .take(80)
                .collect();
            // Similarity to every known name is only worth computing for a finding that will be listed.
            let help = if self.listed < MAX_LISTED {
                let help = suggest(name, known);
                // There are many, and what they mean is worth reading.
                let all = "; `brownout docs mechanisms` lists them all";
                let many = |help: &String| kind == "mechanism" && help.starts_with("known");
                help.map(|help| if many(&help) { help + all } else { help })
            } else {
                None
            };
            let message = match kind.split_once(" of ") {
                Some((kind, owner)) => format!("unknown {kind} `{shown}` of {owner}"),
                None => format!("unknown {kind} `{shown}`"),
            };
            self.push("E0301", path, message, help);
        }
        exists
    }

    /// Names that must differ; the later of two is reported.
    pub(super) fn unique<'n>(
        &mut self,
        kind: &str,
        names: impl IntoIterator<Item = (String, &'n str)>,
    ) {
        let mut seen: BTreeMap<&str, String> = BTreeMap::new();
        for (path, name) in names {
            match seen.get(name) {
                Some(first) => {
                    let line = self.document.positions.of(first).line;
                    let message = format!("duplicate {kind} `{name}`, first given in line {line}");
                    self.report("E0302", &path, message);
                }
                None => {
                    seen.insert(name, path);
                }
            }
        }
    }
}
