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
pub struct Changes(Vec<ChangeEntry>);

impl Changes {
    /// Add an entry; entries of the future are kept but not shown before their time.
    pub fn push(&mut self, entry: ChangeEntry) {
        let position = self.0.partition_point(|other| other.at_ns <= entry.at_ns);
        self.0.insert(position, entry);
    }

    /// Entries up to a time.
    #[must_use = "iterators are lazy"]
    pub fn until(&self, now_ns: u64) -> impl DoubleEndedIterator<Item = &ChangeEntry> {
        let now = i64::try_from(now_ns).unwrap_or(i64::MAX);
        self.0.iter().filter(move |entry| entry.at_ns <= now)
    }
}
