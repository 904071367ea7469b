//! Instances and deployments: capacity, life cycle and what a running process is bound to.

use super::autoscale::Scaler;
use super::dequeue::CoDel;
use super::frame::{Arena, FrameQueue};
use super::sharing::Shared;
use super::vitals::Vitals;
use crate::blueprint::{Balancer, Criticality, Discipline, OnMissing};
use crate::ids::{
    DeploymentId, EdgeId, FrameId, RegionId, ServiceId, ValueId, VariableId, VersionId,
};

/// State of an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstanceState {
    /// Takes requests.
    Ready,
    /// Finishes what it has, takes nothing new.
    Draining,
    /// The process is coming up.
    Starting,
    /// The process has crashed; the next one starts after a pause.
    Waiting,
    /// No process is wanted in this slot.
    Off,
}

/// Where calls over an edge go when a variable decides it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Address {
    pub edge: EdgeId,
    pub value: ValueId,
    /// `None` is unroutable.
    pub service: Option<ServiceId>,
    /// The variable is unset, and the code answers with an error at once.
    pub fails: bool,
}

/// An instance slot. What every request asks comes first and fills two cache lines: in a system of thousands of instances
/// each line more is one more miss.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Instance {
    pub state: InstanceState,
    /// Work handed over to it is accepted on arrival: whoever hands it over does not wait for it to be done.
    pub keeps: bool,
    /// Takes no waiting request while this is set.
    pub paused: bool,
    /// Its process has read the address of some callee from its configuration.
    pub addressed: bool,
    /// Version of the running process.
    pub version: VersionId,
    pub region: RegionId,
    pub service: ServiceId,
    pub deployment: DeploymentId,
    /// Zone of the region.
    pub zone: u16,
    /// First row of this instance in the effective-step table.
    pub effective: u32,
    /// First rows of its version in the tables of steps and of entry steps.
    pub code: u32,
    pub entries: u32,
    pub cores: u32,
    pub workers: u32,
    pub queue_limit: u32,
    pub busy_cores: u32,
    pub busy_workers: u32,
    /// Requests sent here and not finished, those on their way included.
    pub outstanding: u32,
    /// Requests in the accept queue whose client has cancelled them.
    pub cancelled: u32,
    /// Resources, checks and effects, where there are any.
    pub vitals: Option<Box<Vitals>>,
    /// Requests that wait for a worker. Whoever puts one in or takes one out says so: [`Instance::begins_to_wait`],
    /// [`Instance::has_waited`].
    pub accept: FrameQueue,
    /// Computations that wait for a core; likewise.
    pub run: FrameQueue,
    /// Times at which requests stopped waiting here for a worker or a core, less those at which they began to, modulo
    /// 2^64: with the present time for each that still waits it is how long all have waited.
    pub wait_sum_ns: u64,
    /// Computing time of finished computations.
    pub cpu_ns: u64,
    /// Computations under way at an instance that shares its cores equally.
    pub shared: Option<Box<Shared>>,
    /// Position among the instances of its service.
    pub ordinal: u32,
    /// Rollout generation the process was started under.
    pub generation: u32,
    pub discipline: Discipline,
    pub codel: CoDel,
    /// The accept queue by what matters how much, at an instance that makes that difference; `accept` only counts then.
    pub classes: Option<Box<[FrameQueue; Criticality::CLASSES]>>,
    /// Addresses read at process start.
    pub addresses: Vec<Address>,
    /// Hash of its name.
    pub name_key: u64,
    /// Requests refused because the accept queue was full.
    pub refused: u64,
    /// Counts processes, so that an old drain deadline does not stop a new process.
    pub process: u32,
    /// The slot is off once the process has ended.
    pub retiring: bool,
    /// Takes no requests, on purpose.
    pub cordoned: bool,
    /// Its place is to be empty, on purpose.
    pub evicted: bool,
    /// What the process does about an unset variable when it comes up.
    pub unset: OnMissing,
}

impl Instance {
    /// Take the waiting request that is next.
    #[inline]
    pub fn take_waiting(&mut self, arena: &Arena) -> Option<FrameId> {
        let Some(classes) = &mut self.classes else {
            return self.accept.pop(arena);
        };
        let next = classes.iter_mut().find_map(|class| class.pop(arena))?;
        self.accept.len -= 1;
        Some(next)
    }

    /// Take the oldest of the waiting requests that matter least, and less than `class`.
    pub fn take_less_urgent(&mut self, class: usize, arena: &Arena) -> Option<FrameId> {
        let classes = self.classes.as_deref_mut()?;
        let less = classes.iter_mut().skip(class + 1).rev();
        let victim = less.into_iter().find_map(|class| class.pop(arena))?;
        self.accept.len -= 1;
        Some(victim)
    }

    /// The request that has waited longest.
    pub fn oldest_waiting(&self, arena: &Arena) -> Option<FrameId> {
        let heads = match &self.classes {
            Some(classes) => classes.iter().map(|class| class.head).collect(),
            None if self.discipline == Discipline::Lifo => vec![self.accept.tail],
            None => vec![self.accept.head],
        };
        let waiting = heads.into_iter().filter(|id| *id != FrameId::NONE);
        waiting.min_by_key(|id| arena.frame(*id).arrive_ns)
    }

    /// Time requests have waited here for a worker or a core until now.
    pub fn waited_ns(&self, now_ns: u64) -> u64 {
        let waiting = u64::from(self.accept.len) + u64::from(self.run.len);
        self.wait_sum_ns.wrapping_add(waiting.wrapping_mul(now_ns))
    }

    /// A request begins to wait.
    #[inline]
    pub fn begins_to_wait(&mut self, now_ns: u64) {
        self.wait_sum_ns = self.wait_sum_ns.wrapping_sub(now_ns);
    }

    /// A request has waited.
    #[inline]
    pub fn has_waited(&mut self, now_ns: u64) {
        self.wait_sum_ns = self.wait_sum_ns.wrapping_add(now_ns);
    }
}

/// A deployment. What callers ask comes first.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct DeploymentState {
    /// Instances that take requests, ascending.
    pub ready: Vec<u16>,
    /// The same by zone, where callers care.
    pub by_zone: Vec<Vec<u16>>,
    /// How callers choose among them.
    pub balancer: Balancer,
    /// Round-robin pointer.
    pub pointer: u32,
    pub first: u16,
    pub slots: u16,
    /// Wanted number of instances.
    pub replicas: u16,
    /// Version new processes start with.
    pub version: VersionId,
    /// Rises with every rollout; instances of another generation are to be replaced.
    pub generation: u32,
    /// Values that win over the bundled manifest.
    pub overlay: Vec<(VariableId, ValueId)>,
    /// Healthy ones among the running. Fewer than `ready` when too few are healthy to leave the others out.
    pub available: u16,
    pub fails_open: bool,
    /// Operation that drives the current rollout.
    pub operation: Option<u32>,
    /// Only some of the instances are to be replaced for now.
    pub canary: Option<Canary>,
    /// Crashes of new processes under the current rollout.
    pub crashes: u16,
    /// The last rollout has stopped halfway.
    pub halted: bool,
    /// Operation that drives the current scaling.
    pub scaling: Option<u32>,
    pub scaler: Scaler,
}

/// A rollout that stops halfway on purpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canary {
    /// How many instances it replaces at first.
    pub limit: u16,
    /// What the others go on running, also when they start anew.
    pub stable: VersionId,
    /// Pause once they are ready; 0 to wait to be told.
    pub pause_ns: u64,
    /// They are ready, and the pause runs.
    pub waits: bool,
}
