//! A scenario's files on disk.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use brownout_scenario::{FileError, Files};

use super::watch::{Stamp, Stamps};
use crate::cli::Library;

/// A scenario library on disk, and the scenario in it.
#[derive(Clone, Debug)]
pub struct Disk {
    library: Library,
    name: String,
}

impl Disk {
    /// The scenario of a folder or file.
    ///
    /// # Errors
    /// If there is none now. That it may vanish later is what [`Files`] is for.
    pub fn open(path: &Path, root: Option<&Path>) -> std::io::Result<Self> {
        let file = if path.is_dir() {
            path.join("scenario.ron")
        } else {
            path.to_path_buf()
        };
        let (library, name) = Library::around(&file, root)?;
        Ok(Self { library, name })
    }

    /// Name of the scenario's file in the library.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where a file of the library is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.library.path(name)
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<String, FileError> {
        self.library.read(path)
    }
}

impl Stamps for Disk {
    fn stamp(&self, name: &str) -> Option<Stamp> {
        let seen = std::fs::metadata(self.library.path(name)).ok()?;
        let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
        Some(Stamp {
            modified_ns: seen
                .modified()
                .ok()
                .and_then(since)
                .map_or(0, |since: Duration| since.as_nanos()),
            size: seen.len(),
            identity: identity(&seen),
        })
    }
}

#[cfg(unix)]
fn identity(seen: &std::fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    seen.ino()
}

#[cfg(not(unix))]
const fn identity(_seen: &std::fs::Metadata) -> u64 {
    0
}
