//! An instance's capacity and life cycle.

use super::SECOND_NS;
use super::resources::Resources;
use crate::ids::KeySpaceId;

/// Capacity and life cycle of an instance.
#[derive(Clone, Copy, Debug)]
pub struct InstanceSpec {
    /// Requests that can compute at once; the rest wait first-come-first-served for a core.
    pub cores: u32,
    /// Requests that can be in progress at once, waiting for downstream calls included.
    pub workers: u32,
    /// Requests that may wait for a worker; one more is refused.
    pub queue: u32,
    /// Time from the start of a process until it takes requests.
    pub start_ns: u64,
    /// Longest time a stopping instance may spend finishing its requests; what remains is cut off.
    pub drain_ns: u64,
    /// Which waiting request a free worker takes.
    pub discipline: Discipline,
    /// How computing requests share the cores.
    pub sharing: Sharing,
    /// Memory, descriptors and whatever else can run out.
    pub resources: Resources,
}

/// Which waiting request a free worker takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Discipline {
    /// The oldest.
    #[default]
    Fifo,
    /// The newest.
    Lifo,
    /// The oldest, dropping some when all have waited too long for too long (RFC 8289).
    CoDel {
        /// Wait that is acceptable for good.
        target_ns: u64,
        /// How long waits may exceed it before requests are dropped.
        interval_ns: u64,
    },
    /// The oldest whose deadline has not passed; the others are refused.
    Deadline,
    /// The oldest of those that matter most. Where there is no more room, one that matters more takes the place of the
    /// oldest of those that matter least.
    Priority,
}

/// How computing requests share the cores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sharing {
    /// Each has a core to itself until it is done; the others wait in the order they came.
    #[default]
    FirstCome,
    /// All at once, each at an equal share of the cores and at most one core (processor sharing).
    Equal,
}

impl Default for InstanceSpec {
    fn default() -> Self {
        Self {
            cores: 1,
            workers: 1,
            queue: 1_000_000,
            start_ns: 10 * SECOND_NS,
            drain_ns: 10 * SECOND_NS,
            discipline: Discipline::Fifo,
            sharing: Sharing::FirstCome,
            resources: Resources::default(),
        }
    }
}

/// How a caller picks an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Balancer {
    /// In turn, one pointer per deployment.
    RoundRobin,
    /// The instance with the fewest requests; ties go to the lower slot.
    LeastOutstanding,
    /// The better of two instances drawn by the request's key.
    #[default]
    PowerOfTwo,
    /// The instance that the key of the request in this space belongs to, ready or not.
    Key(KeySpaceId),
}
