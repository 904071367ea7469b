//! Sessions on disk that are not over: the latest one is offered on the title, and goes on where it was left.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::bail;
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::event::Event;
use brownout_session::journal::{self, Entry, Journal};
use brownout_session::replay::replay;

use super::journal_file::{JournalFile, damaged_name};
use super::load;

/// Journals looked at, the latest first: a folder of years must not slow the title down.
const LOOKED_AT: usize = 24;

/// A session that was left before it was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its journal.
    pub path: PathBuf,
    /// Title of its scenario.
    pub title: String,
    /// How long after the page it was left, in milliseconds of simulated time.
    pub since_page_ms: u64,
    /// When it was last written to.
    pub left: SystemTime,
    /// Part of the journal cannot be read; what is sound before it can be gone on with.
    pub damaged: bool,
}

/// The latest session of a folder that can be gone on with. One that was left before its page has nothing of the
/// player in it and is not offered; neither is one of other physics or of a scenario that has changed since, which
/// would come out otherwise.
#[must_use]
pub fn latest(folder: &Path) -> Option<Unfinished> {
    let mut files: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    files.sort();
    files
        .into_iter()
        .rev()
        .take(LOOKED_AT)
        .find_map(|(_, path)| at(&path))
}

/// The session of a journal, if it can be gone on with.
#[must_use]
pub fn at(path: &Path) -> Option<Unfinished> {
    let bytes = std::fs::read(path).ok()?;
    let since_page_ms = since_page_ms(&journal::read(&bytes).ok()?)?;
    let (journal, loaded) = load::journal(path, None, true).ok()?;
    Some(Unfinished {
        path: path.to_path_buf(),
        title: loaded.scenario.title.clone(),
        since_page_ms,
        left: path.metadata().ok()?.modified().ok()?,
        damaged: journal.damage.is_some(),
    })
}

/// How long after the page a journal ends; `None` if the page has not come, or the session is over.
fn since_page_ms(journal: &Journal) -> Option<u64> {
    let records = &journal.records;
    let ended = |entry: &Entry| matches!(entry, Entry::Event(Event::Ended { .. }));
    if records.iter().any(|record| ended(&record.entry)) {
        return None;
    }
    let paged = |entry: &Entry| matches!(entry, Entry::Event(Event::Paged { .. }));
    let page = records.iter().find(|record| paged(&record.entry))?;
    let last = records.last()?;
    Some(last.at_ms.saturating_sub(page.at_ms))
}

/// A session brought back to where it was left, with everything needed to go on.
#[derive(Debug)]
pub struct Resumed {
    /// Its scenario, as its header says.
    pub scenario: Arc<Scenario>,
    /// The session.
    pub session: Session,
    /// Its journal, open for more.
    pub journal: JournalFile,
    /// What was lost, in one line, if the journal was damaged.
    pub note: Option<String>,
}

/// Brings a session back by replaying its journal. Of a damaged one the sound part stays and the rest is put aside.
///
/// # Errors
/// In one line why it cannot be gone on with; the file is then as it was.
pub fn resume(path: &Path, scenario: Option<&Path>) -> anyhow::Result<Resumed> {
    let (read, loaded) = load::journal(path, scenario, true)?;
    let (session, divergence) = replay(Arc::clone(&loaded.scenario), &read);
    if let Some(divergence) = divergence {
        bail!(
            "{}: record {} cannot be reproduced; see `brownout replay`",
            path.display(),
            divergence.seq
        );
    }
    let note = read.damage.as_ref().map(|damage| {
        let (kept, aside) = (read.records.len(), damaged_name(path));
        format!(
            "{damage}; {kept} records kept, the rest moved to {}",
            aside.display()
        )
    });
    let journal = JournalFile::resume(path, &read)?;
    Ok(Resumed {
        scenario: loaded.scenario,
        session,
        journal,
        note,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use brownout_session::command::Command;

    use super::*;
    use crate::cli::load::Loaded;

    /// The small scenario of the library, compiled.
    fn kiosk() -> Loaded {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/kiosk-config");
        load::scenario(&folder, None, 7, None, "person").expect("the scenario")
    }

    /// A session somewhat after its page, the page acknowledged.
    fn played(loaded: &Loaded) -> Session {
        let mut session = Session::with_header(Arc::clone(&loaded.scenario), loaded.header.clone());
        while session.page_ns().is_none() {
            let next = session.now_ns() + 1_000_000_000;
            session.advance_until(next, u64::MAX);
        }
        session.submit(Command::Acknowledge).expect("a page");
        let next = session.now_ns() + 65_000_000_000;
        session.advance_until(next, u64::MAX);
        session
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("brownout-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("scratch folder");
        folder
    }

    fn write(path: &Path, session: &Session) {
        let mut journal = JournalFile::create(path, session).expect("a journal");
        journal.write(session).expect("records");
    }

    /// Sets how long ago a file was written.
    fn age(path: &Path, seconds: u64) {
        let file = std::fs::File::options().append(true).open(path);
        let time = SystemTime::now() - Duration::from_secs(seconds);
        file.and_then(|file| file.set_modified(time))
            .expect("a time");
    }

    /// The latest that can be gone on with is offered: no finished one, none of other physics, none without a page, and
    /// no other file; of a damaged one the sound part is.
    #[test]
    fn the_latest_unfinished_session_is_offered() {
        let folder = folder("unfinished");
        assert_eq!(latest(&folder), None, "an empty folder offers nothing");
        assert_eq!(latest(&folder.join("missing")), None);
        let loaded = kiosk();
        let mut session = played(&loaded);

        let old = folder.join("old.jsonl");
        write(&old, &session);
        age(&old, 500);
        let found = latest(&folder).expect("the old one");
        assert_eq!(
            (found.path.as_path(), found.damaged),
            (old.as_path(), false)
        );
        // World hashes come every ten seconds.
        assert!((55..=65).contains(&(found.since_page_ms / 1_000)));

        // A damaged tail: what is before it can be gone on with.
        let torn = folder.join("torn.jsonl");
        let mut bytes = std::fs::read(&old).expect("journal");
        bytes.extend_from_slice(b"{\"chain\":\"0000000000000000\",\"seq\":9}\n");
        std::fs::write(&torn, &bytes).expect("write");
        age(&torn, 400);
        let found = latest(&folder).expect("the torn one");
        assert_eq!(
            (found.path.as_path(), found.damaged),
            (torn.as_path(), true)
        );

        // Later ones that are not to be gone on with.
        let before_page = Session::with_header(Arc::clone(&loaded.scenario), loaded.header.clone());
        write(&folder.join("before-page.jsonl"), &before_page);
        session.submit(Command::Resolve).expect("resolved");
        write(&folder.join("finished.jsonl"), &session);
        let mut header = loaded.header.clone();
        header.physics += 1;
        let line = journal::Chain::default().line(&header);
        std::fs::write(folder.join("other-physics.jsonl"), line).expect("write");
        std::fs::write(folder.join("notes.txt"), "nothing").expect("write");
        std::fs::write(folder.join("empty.jsonl"), "").expect("write");
        assert_eq!(latest(&folder).map(|found| found.path), Some(torn.clone()));

        let resumed = resume(&torn, None).expect("the sound part");
        assert!(
            resumed
                .note
                .is_some_and(|note| note.contains("records kept"))
        );
        assert!(damaged_name(&torn).is_file(), "the rest is put aside");
        assert!(resumed.session.page_ns().is_some());
        // Somebody who has it open keeps it.
        let again = resume(&torn, None).map(|_| ());
        assert!(again.is_err_and(|error| format!("{error:#}").contains("in use")));
        let _ = std::fs::remove_dir_all(folder);
    }
}
