//! The change log: what was changed, when, by whom.

pub use brownout_sim::blueprint::ChangeKind;
use brownout_sim::ids::{FlagId, RegionId, ServiceId, VersionId};

/// An entry.
#[derive(Clone, Debug)]
pub struct ChangeEntry {
    /// Nanoseconds relative to simulated time 0; negative for what happened before the run.
    pub at_ns: i64,
    /// Kind.
    pub kind: ChangeKind,
    /// One line.
    pub title: String,
    /// Who.
    pub by: String,
    /// Details.
    pub detail: String,
    /// Service it is about.
    pub service: Option<ServiceId>,
    /// Version it deploys.
    pub version: Option<VersionId>,
    /// Flag it changes.
    pub flag: Option<FlagId>,
    /// Regions; empty for all.
    pub regions: Vec<RegionId>,
    /// Position in the scenario's own list of records; `None` for a responder's action.
    pub record: Option<usize>,
}

/// The change log of a run, oldest first.
#[derive(Debug, Default)]
pub struct Changes {
    entries: Vec<ChangeEntry>,
    /// Entries of changes that wait for something to be the case, by their position in the blueprint.
    waiting: Vec<(usize, ChangeEntry)>,
}

impl Changes {
    /// Add an entry; entries of the future are kept but not shown before their time.
    pub fn push(&mut self, entry: ChangeEntry) {
        let before = |other: &ChangeEntry| other.at_ns <= entry.at_ns;
        let position = self.entries.partition_point(before);
        self.entries.insert(position, entry);
    }

    /// Keep the entry of a conditional change until that is made; its time is then that of the change.
    pub fn keep(&mut self, conditional: usize, entry: ChangeEntry) {
        self.waiting.push((conditional, entry));
    }

    /// A conditional change has been made.
    pub fn made(&mut self, conditional: usize, at_ns: u64) {
        let mut waiting = self.waiting.iter();
        if let Some(index) = waiting.position(|(of, _)| *of == conditional) {
            let (_, entry) = self.waiting.remove(index);
            self.push(ChangeEntry {
                at_ns: i64::try_from(at_ns).unwrap_or(i64::MAX),
                ..entry
            });
        }
    }

    /// Entries up to a time.
    #[must_use = "iterators are lazy"]
    pub fn until(&self, now_ns: u64) -> impl DoubleEndedIterator<Item = &ChangeEntry> {
        let now = i64::try_from(now_ns).unwrap_or(i64::MAX);
        self.entries.iter().filter(move |entry| entry.at_ns <= now)
    }
}
