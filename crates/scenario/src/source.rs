//! Access to files, and names of files as text.

use std::collections::BTreeMap;

use thiserror::Error;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    /// There is none of this name.
    #[error("no such file")]
    Missing,
    /// The name leads out of the library.
    #[error("the file lies outside the scenario library")]
    Outside,
    /// Longer than a scenario file may be.
    #[error("the file is larger than 256 KiB")]
    TooLarge,
    /// Not UTF-8.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// Anything else, in the words of the system.
    #[error("{0}")]
    Other(String),
}

/// Read access to a scenario library. Names are relative to its root, with `/` between parts and without `.` and `..`.
///
/// This crate opens nothing by itself: the native implementation lives with the command line, a browser has its own.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// If it cannot be read. Implementations should stop reading beyond 256 KiB.
    fn read(&self, path: &str) -> Result<String, FileError>;
}

/// A library held in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<String, String>);

impl MemoryFiles {
    /// A library of `(name, text)` pairs.
    #[must_use]
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self(
            files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        )
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<String, FileError> {
        self.0.get(path).cloned().ok_or(FileError::Missing)
    }
}

/// The name a relative include means, seen from the file that has it; `None` if it would leave the library.
///
/// A comparison of text only: it keeps honest mistakes readable. Links and devices are the business of [`Files`].
#[must_use]
pub fn resolve_include(from: &str, include: &str) -> Option<String> {
    let odd = |c: char| c.is_control() || c == '\\' || c == ':';
    if include.is_empty()
        || include.starts_with('/')
        || include.contains(odd)
        || include.len() > 256
    {
        return None;
    }
    let mut parts: Vec<&str> = from
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    parts.pop();
    for part in include.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    if parts.is_empty() {
        None
    } else {
        Some(parts.join("/"))
    }
}
