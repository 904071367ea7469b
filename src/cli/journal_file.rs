//! A journal on disk: locked against a second writer, synced before a command is acknowledged.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use brownout_session::Session;
use brownout_session::command::Command;
use brownout_session::journal::{Chain, Entry, Journal, Record};

/// Longest time an observation may wait for the disk.
const BATCH: Duration = Duration::from_millis(250);

/// Where the program keeps what it writes for the user.
#[cfg(feature = "window")]
#[must_use]
pub fn data_folder() -> PathBuf {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_DATA_HOME")
        .or_else(|| set("APPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".local/share")))
        .unwrap_or_else(|| Path::new(".").to_path_buf())
        .join("brownout")
}

/// Where sessions are kept that were not given a file.
#[cfg(feature = "window")]
#[must_use]
pub fn sessions_folder() -> PathBuf {
    data_folder().join("journals")
}

/// Where scores are kept.
#[cfg(feature = "window")]
#[must_use]
pub fn scores_file() -> PathBuf {
    data_folder().join("scores.json")
}

/// A new file name among the sessions.
///
/// # Errors
/// If the folder cannot be made.
#[cfg(feature = "window")]
pub fn new_path(scenario: &str) -> anyhow::Result<PathBuf> {
    let folder = sessions_folder();
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Ok(unused(&folder, &format!("{scenario}-{seconds}")))
}

/// The first name of these that no file has yet: two sessions may begin in the same second.
#[cfg(feature = "window")]
fn unused(folder: &Path, name: &str) -> PathBuf {
    let later = (2u32..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned())
        .chain(later)
        .map(|name| folder.join(format!("{name}.jsonl")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join(format!("{name}.jsonl")))
}

/// An open journal.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    chain: Chain,
    /// Records on disk.
    written: usize,
    /// When the oldest record that is not synced was written.
    unsynced: Option<Instant>,
}

impl JournalFile {
    /// Start a journal for a session; an existing file is not overwritten.
    ///
    /// # Errors
    /// If the file exists or cannot be written.
    pub fn create(path: &Path, session: &Session) -> anyhow::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .with_context(|| format!("cannot start journal {}", path.display()))?;
        lock(&file, path)?;
        let mut journal = Self {
            file,
            chain: Chain::default(),
            written: 0,
            unsynced: None,
        };
        let line = journal.chain.line(session.header());
        journal.file.write_all(line.as_bytes())?;
        journal.file.sync_all()?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            // The new name is durable only once the folder is.
            File::open(folder).and_then(|folder| folder.sync_all()).ok();
        }
        Ok(journal)
    }

    /// Go on with a journal that was read from `path`: the valid prefix stays, the rest moves to `FILE.damaged`.
    ///
    /// # Errors
    /// If the file is in use or cannot be written.
    pub fn resume(path: &Path, journal: &Journal) -> anyhow::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(path)
            .with_context(|| format!("cannot open journal {}", path.display()))?;
        lock(&file, path)?;
        let bytes = std::fs::read(path)?;
        if let Some(rest) = bytes
            .get(journal.valid_bytes..)
            .filter(|rest| !rest.is_empty())
        {
            let damaged = damaged_name(path);
            let mut copy = File::create(&damaged)
                .with_context(|| format!("cannot write {}", damaged.display()))?;
            copy.write_all(rest)?;
            copy.sync_all()?;
            file.set_len(journal.valid_bytes as u64)?;
            file.sync_all()?;
        }
        Ok(Self {
            file,
            chain: journal.chain(),
            written: journal.records.len(),
            unsynced: None,
        })
    }

    /// Write what the session has recorded since the last call; sync if a command other than a look is among it, or if
    /// a look has waited long enough.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&mut self, session: &Session) -> anyhow::Result<()> {
        let fresh = session.records().get(self.written..).unwrap_or_default();
        if !fresh.is_empty() {
            let mut lines = String::new();
            for record in fresh {
                lines.push_str(&self.chain.line(record));
            }
            self.file
                .write_all(lines.as_bytes())
                .context("cannot write the journal")?;
            self.written += fresh.len();
            self.unsynced.get_or_insert_with(Instant::now);
        }
        let urgent = fresh.iter().any(is_urgent);
        if urgent || self.unsynced.is_some_and(|since| since.elapsed() >= BATCH) {
            self.sync()?;
        }
        Ok(())
    }

    /// Make everything written durable.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn sync(&mut self) -> anyhow::Result<()> {
        self.file.sync_data().context("cannot sync the journal")?;
        self.unsynced = None;
        Ok(())
    }
}

fn is_urgent(record: &Record) -> bool {
    matches!(&record.entry, Entry::Command(command) if !matches!(command, Command::Observe(_)))
}

fn lock(file: &File, path: &Path) -> anyhow::Result<()> {
    if file.try_lock().is_err() {
        bail!("{} is in use by another session", path.display());
    }
    Ok(())
}

/// Where the unreadable rest of a journal goes.
#[must_use]
pub fn damaged_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".damaged");
    PathBuf::from(name)
}
