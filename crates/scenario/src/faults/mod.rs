//! The fault catalogue: what can be broken, how it is written, and how it shows.
//!
//! A fault is one or more changes of the language; none announces itself. Each row is written on the system
//! `scenarios/systems/depot.ron`, says what is seen of it and how soon, and names what other tools call it. What is said
//! here is tested: every sign is seen in every seed with the fault and in none without it. Rows whose name is a result are
//! presets of preconditions: without any one of them the result does not come.

mod changing;
mod data;
mod load;
mod measure;
mod network;
mod onset;
mod page;
mod presets;
mod primitive;
mod processes;
mod remembering;
mod requests;
mod resources;
mod tools;
mod trust;

pub use measure::{Measure, ResourceSign, Sign, SignalSign};
pub use onset::{Onset, Written};
pub use page::page;
pub use primitive::{Primitive, selectors};
pub use tools::{TOOLS, Tool};

use measure::{falls, rises};
use onset::{after, flapping, now, ramp, when};

/// Kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Group {
    /// Processes and nodes.
    Process,
    /// What a process runs out of.
    Resource,
    /// Links between services.
    Network,
    /// Names, certificates, credentials, clocks.
    Trust,
    /// What happens to single requests.
    Request,
    /// Databases.
    Data,
    /// Caches.
    Cache,
    /// Queues.
    Queue,
    /// Changes people make.
    Change,
    /// Load, and load that feeds itself.
    Load,
}

impl Group {
    /// Every group, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Process,
        Self::Resource,
        Self::Network,
        Self::Trust,
        Self::Request,
        Self::Data,
        Self::Cache,
        Self::Queue,
        Self::Change,
        Self::Load,
    ];

    /// Heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Process => "Processes and nodes",
            Self::Resource => "Resources",
            Self::Network => "Network",
            Self::Trust => "Names and trust",
            Self::Request => "Request path",
            Self::Data => "Databases",
            Self::Cache => "Caches",
            Self::Queue => "Queues",
            Self::Change => "Changes",
            Self::Load => "Load and feedback",
        }
    }
}

/// A row of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Unique name.
    pub name: &'static str,
    /// Kind.
    pub group: Group,
    /// What is broken.
    pub what: &'static str,
    /// Releases it needs, as a scenario's `versions`.
    pub releases: &'static [&'static str],
    /// The changes, in the language, on the depot.
    pub written: &'static [Written],
    /// What is seen of it.
    pub signs: &'static [Sign],
    /// Changes that end it; none if it ends by itself or not at all.
    pub ends: &'static [&'static str],
    /// What ends it, or what is left when it has ended.
    pub recovery: &'static str,
    /// What the signs take, each by itself; none for a fault that needs nothing but itself.
    pub preconditions: &'static [Precondition],
    /// What other tools call it, as (tool, name).
    pub elsewhere: &'static [(&'static str, &'static str)],
}

/// One of the things a result takes.
#[derive(Clone, Copy, Debug)]
pub struct Precondition {
    /// What it is, in words.
    pub what: &'static str,
    /// Where it is written.
    pub lies_in: LiesIn,
}

/// Where a precondition is written, and what takes it away.
#[derive(Clone, Copy, Debug)]
pub enum LiesIn {
    /// The change at this position of [`Fault::written`]; left out, it is gone.
    Change(usize),
    /// The depot as it is: this text of its file, which another takes the place of.
    Depot(&'static str, &'static str),
    /// The depot with the second text in the place of the first; as it is, the precondition is gone.
    Setting(&'static str, &'static str),
    /// Something that is not done; done, the precondition is gone.
    Lack(&'static str),
}

/// What most rows have none of.
const PLAIN: Fault = Fault {
    name: "",
    group: Group::Process,
    what: "",
    releases: &[],
    written: &[],
    signs: &[],
    ends: &[],
    recovery: "",
    preconditions: &[],
    elsewhere: &[],
};

/// The catalogue.
#[must_use]
pub fn catalogue() -> Vec<&'static Fault> {
    let groups = [
        processes::FAULTS,
        resources::FAULTS,
        network::FAULTS,
        trust::FAULTS,
        requests::FAULTS,
        data::FAULTS,
        remembering::FAULTS,
        changing::FAULTS,
        load::FAULTS,
        presets::FAULTS,
    ];
    let mut all: Vec<&Fault> = groups.into_iter().flatten().collect();
    all.sort_by_key(|fault| fault.group);
    all
}
