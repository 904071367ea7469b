//! The fault catalogue: what can be broken, how it is written, and how it shows.
//!
//! A fault is one or more changes of the language; none announces itself. Each row is written on the system
//! `scenarios/systems/depot.ron`, says what is seen of it and how soon, and names what other tools call it. What is said
//! here is tested: every sign is seen in every seed with the fault and in none without it.

mod network;
mod page;
mod processes;
mod requests;
mod state;

pub use page::page;

/// A signal over a scope, as telemetry has it; this crate does not depend on telemetry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignalSign {
    /// Requests per second.
    Rate,
    /// Share of requests that failed.
    Errors,
    /// Median duration.
    P50,
    /// 95th percentile of the duration.
    P95,
    /// 99th percentile of the duration.
    P99,
    /// Requests waiting for a worker.
    Waiting,
    /// Share of computing capacity in use.
    Cpu,
    /// Instances that take requests.
    Ready,
}

/// A resource that can run out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResourceSign {
    /// Share of the heap no collection frees.
    Heap,
    /// Share of the time processes stood still.
    Pauses,
    /// Share of the descriptors in use.
    Descriptors,
}

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

/// What is looked at. Regions are names of the depot's; `""` is all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// A signal of a flow from the users of a region.
    Flow(SignalSign, &'static str, &'static str),
    /// A signal of a service in a region.
    Service(SignalSign, &'static str, &'static str),
    /// A signal of the calls of one service to another, from a region.
    Calls(SignalSign, &'static str, &'static str, &'static str),
    /// A resource of a service in a region, of its worst instance.
    Resource(ResourceSign, &'static str, &'static str),
    /// Processes of a service that ended unasked.
    Restarts(&'static str),
    /// Share of look-ups a cache answers.
    Hits(&'static str),
    /// Writes a database's replicas have not applied, at most.
    Behind(&'static str),
    /// Requests that wait for locks of a database.
    LockWaits(&'static str),
    /// Work handed over and not done.
    Backlog,
    /// Work handed over and given up.
    DeadLetters,
    /// Effects that happened again.
    Duplicates,
    /// Writes a fail-over lost.
    LostWrites,
}

/// Something that is seen of a fault: a measure changes by at least this factor within a time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sign {
    /// What.
    pub measure: Measure,
    /// At least so many times what it was if above 1, at most if below.
    pub factor: f64,
    /// How soon after the onset, in seconds.
    pub within_s: u64,
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
    /// The changes, in the language, on the depot.
    pub written: &'static [&'static str],
    /// What is seen of it.
    pub signs: &'static [Sign],
    /// What ends it, or what is left when it has ended.
    pub recovery: &'static str,
    /// What other tools call it, as (tool, name).
    pub elsewhere: &'static [(&'static str, &'static str)],
}

/// The catalogue.
#[must_use]
pub fn catalogue() -> Vec<&'static Fault> {
    let groups = [
        processes::FAULTS,
        network::FAULTS,
        requests::FAULTS,
        state::FAULTS,
    ];
    let mut all: Vec<&Fault> = groups.into_iter().flatten().collect();
    all.sort_by_key(|fault| fault.group);
    all
}

const fn rises(measure: Measure, factor: f64, within_s: u64) -> Sign {
    Sign {
        measure,
        factor,
        within_s,
    }
}

const fn falls(measure: Measure, factor: f64, within_s: u64) -> Sign {
    rises(measure, factor, within_s)
}
