//! The running world: integer time, an event queue, requests in flight, instances and the control plane.
//!
//! `advance_until` has no effect beyond the events it runs, so how a run is cut into slices cannot matter; `fork` is a
//! plain clone.

mod accept;
mod agenda;
mod around;
mod autoscale;
mod breaker;
mod cache;
mod conditions;
mod control;
mod corruption;
mod counts;
mod crash;
mod data;
mod database;
mod deadlock;
mod dequeue;
mod effects;
mod ending;
mod failover;
mod fleet;
mod frame;
mod health;
mod hedging;
mod identity;
mod inside;
mod instance;
mod keys;
mod ledger;
mod limits;
mod link;
mod locks;
mod names;
mod patience;
mod pause;
mod policy;
mod provider;
mod queue;
mod replication;
mod request;
mod request_layers;
mod resources;
mod rollout;
mod routing;
mod service;
mod sharing;
mod state;
mod steps;
mod stop;
mod tables;
mod terms;
mod timers;
mod traffic;
mod trust;
mod vitals;

use std::sync::Arc;

use crate::blueprint::{Blueprint, Change, Selector};
use crate::change::Watched;
use crate::dist::Dist;
use crate::event::{EventKind, EventQueue};
use crate::hash::{combine, name_hash};
use crate::ids::{
    DeploymentId, FlowId, FrameId, InstanceId, QueryId, RegionId, ValueId, VersionId,
};
use crate::probe::{Probe, Status};
use crate::rng::Stream;

use agenda::{AgendaItem, Shift};
pub use agenda::{Operation, OperationState, Rejected};
pub use cache::{CacheCounts, CacheGauges};
pub use counts::FlowCounts;
use data::Data;
pub use database::Write;
use frame::Arena;
pub use identity::Nudge;
pub use inside::{Busy, DeadWork, Doing, NameLookup, Resolved};
pub use instance::InstanceState;
use instance::{DeploymentState, Instance};
use ledger::Book;
pub use ledger::{Imbalance, Residence};
use limits::Door;
use link::LinkState;
pub use locks::LockWait;
use names::Names;
use policy::ClientEdge;
pub use policy::PoolGauges;
use provider::Page;
pub use provider::PageState;
pub use replication::ReplicaGauges;
use request_layers::RequestLayer;
pub use state::{DeploymentGauges, InstanceGauges, ResourceGauges};
use tables::Tables;
use timers::{EdgeTimers, Timer};
use trust::Trust;
use vitals::ProcessLayer;

/// Frames in flight at which a run ends as aborted.
pub const MAX_FRAMES: u32 = 2_000_000;
/// Steps at one timestamp after which a run ends as aborted.
pub const MAX_STEPS_PER_INSTANT: u32 = 1_000_000;

/// Why [`World::advance_until`] returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// The time was reached.
    Reached,
    /// The event budget was used up first.
    Budget,
    /// The run cannot go on.
    Aborted(Abort),
}

/// Why a run cannot go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abort {
    /// More than [`MAX_FRAMES`] requests in flight.
    FramesInFlight,
    /// Time does not pass: calls without any delay call each other.
    ZeroDelayLoop,
}

/// Calls to be hedged, with the keys that tell whether a frame is still the one that was meant.
#[derive(Clone, Debug, Default)]
struct Hedges {
    list: std::collections::VecDeque<(Timer, u64)>,
    armed: bool,
}

#[derive(Clone, Debug)]
struct SourceState {
    key: u64,
    stream: Stream,
    arrivals: u64,
    /// The arrival that is scheduled, of an open loop: its time and sequence number.
    next: Option<(u64, u64)>,
    /// Factor on the rate beside the profile.
    factor_q16: u32,
}

/// Effective parameters of one computing step of one instance: base program × layers.
#[derive(Clone, Copy, Debug, Default)]
struct Effective {
    mean_ns: u64,
    failure_q32: u64,
    dist: Dist,
    /// The query this step is, whose mean is its own times `mean_ns` as a factor in Q16.
    query: Option<QueryId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layer {
    selector: Selector,
    factor_q16: u32,
    failure_q32: u64,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Launch(FrameId),
    Arrive(FrameId),
    Step(FrameId),
    Deliver(FrameId),
    Connect(FrameId),
    Cancel(FrameId),
    Result(FrameId, u64, Status),
    RunOut(FrameId, u64),
    HeldCancel(FrameId, u64),
    Wake(InstanceId),
}

/// A running world.
#[derive(Clone, Debug)]
pub struct World {
    blueprint: Arc<Blueprint>,
    tables: Arc<Tables>,
    /// Key of all request draws; re-seeding a fork changes it.
    salt: u64,
    now_ns: u64,
    queue: EventQueue,
    events: u64,
    /// Rolling hash over every event's time, kind and index.
    trail: u64,
    arena: Arena,
    timers: Vec<EdgeTimers>,
    hedges: Vec<Hedges>,
    /// Edge → first row in `client_edges`.
    client_base: Vec<u32>,
    client_edges: Vec<ClientEdge>,
    sources: Vec<SourceState>,
    instances: Vec<Instance>,
    deployments: Vec<DeploymentState>,
    effective: Vec<Effective>,
    layers: Vec<Layer>,
    /// Terms of calls that are not the system's own; empty unless somebody changed some.
    terms: terms::Terms,
    /// Versions nobody can deploy any more.
    withdrawn: Vec<VersionId>,
    request_layers: Vec<RequestLayer>,
    process_layers: Vec<ProcessLayer>,
    /// Processes that stand still.
    paused: u32,
    /// Whether any ever did: what waits for one to go on remembers frames by their keys.
    pauses: bool,
    /// Whether any service ejects outliers.
    ejecting: bool,
    /// Flag × region × segment → share.
    flags: Vec<u64>,
    /// Per region.
    shifts: Vec<Option<Shift>>,
    values: Vec<String>,
    /// Deployments that are not watched as they should be. What is seen is not part of what happens: never hashed.
    watched: Vec<(DeploymentId, Watched)>,
    /// When each conditional change of the blueprint was made.
    made: Vec<Option<u64>>,
    agenda: Vec<AgendaItem>,
    /// Rows of the agenda that are done and may be used again.
    free_agenda: Vec<u32>,
    operations: Vec<Operation>,
    /// Flow × region → what became of its requests.
    books: Vec<Book>,
    /// Rate limits in force.
    doors: Vec<Door>,
    /// The system's own links, then those that changes made.
    links: Vec<LinkState>,
    names: Names,
    trust: Trust,
    pages: Vec<Page>,
    data: Data,
    work: Vec<Work>,
    /// Calls within calls that are being launched right now.
    depth: u8,
    /// Calls launched one out of the other since a launch last went over the list of work: they are steps too.
    chained: u32,
    abort: Option<Abort>,
}

impl World {
    /// A world at time 0: all instances ready, caches of nothing, first arrivals scheduled.
    #[must_use]
    pub fn new(blueprint: Arc<Blueprint>, seed: u64) -> Self {
        let tables = Arc::new(Tables::new(&blueprint));
        let salt = combine(seed, name_hash(&blueprint.name));
        let regions = blueprint.regions.len();
        let mut world = Self {
            tables,
            salt,
            now_ns: 0,
            queue: EventQueue::default(),
            events: 0,
            trail: 0,
            arena: Arena::new(),
            timers: vec![EdgeTimers::default(); blueprint.edges.len()],
            hedges: vec![Hedges::default(); blueprint.edges.len()],
            client_base: Vec::new(),
            client_edges: Vec::new(),
            sources: Vec::new(),
            instances: Vec::new(),
            deployments: Vec::new(),
            effective: Vec::new(),
            layers: Vec::new(),
            terms: terms::Terms::default(),
            withdrawn: Vec::new(),
            request_layers: Vec::new(),
            process_layers: Vec::new(),
            paused: 0,
            pauses: false,
            ejecting: false,
            flags: Vec::new(),
            shifts: vec![None; regions],
            values: blueprint.values.clone(),
            watched: Vec::new(),
            made: vec![None; blueprint.conditionals.len()],
            agenda: Vec::new(),
            free_agenda: Vec::new(),
            operations: Vec::new(),
            doors: blueprint.limits.iter().copied().map(Door::new).collect(),
            links: blueprint
                .links
                .iter()
                .copied()
                .map(LinkState::new)
                .collect(),
            names: Names::new(&blueprint),
            trust: Trust::new(&blueprint),
            pages: blueprint.pages.iter().copied().map(Page::new).collect(),
            books: vec![Book::default(); blueprint.flows.len() * regions],
            data: Data::default(),
            work: Vec::new(),
            depth: 0,
            chained: 0,
            abort: None,
            blueprint,
        };
        world.create_flags();
        world.create_instances();
        world.create_client_edges();
        world.create_data();
        world.create_vitals();
        world.open_checks();
        world.open_autoscalers();
        let blueprint = Arc::clone(&world.blueprint);
        for timed in &blueprint.timeline {
            world.plan(timed.at_ns, AgendaItem::Apply(timed.change.clone()));
        }
        world.open_conditions();
        world.open_sources();
        world
    }

    /// Run every event before `limit_ns`, at most `budget` of them, then set the clock to `limit_ns`.
    pub fn advance_until<P: Probe>(
        &mut self,
        limit_ns: u64,
        budget: u64,
        probe: &mut P,
    ) -> Progress {
        let mut left = budget;
        let mut steps_now = 0u32;
        loop {
            if let Some(abort) = self.abort {
                return Progress::Aborted(abort);
            }
            if left == 0 {
                return Progress::Budget;
            }
            let Some(event) = self.queue.pop_before(limit_ns) else {
                break;
            };
            left -= 1;
            if event.at_ns != self.now_ns {
                steps_now = 0;
                self.now_ns = event.at_ns;
            }
            self.events += 1;
            self.trail = (self.trail.rotate_left(5)
                ^ event.at_ns
                ^ u64::from(event.index) << 3
                ^ event.kind as u64)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            match event.kind {
                EventKind::Arrival => self.arrival(event.index as usize, event.sequence, probe),
                EventKind::Launch => self.launch(FrameId(event.index), probe),
                EventKind::Arrive => self.arrive(FrameId(event.index), probe),
                EventKind::Computed => self.computed(FrameId(event.index), probe),
                EventKind::Deliver => self.deliver(FrameId(event.index), probe),
                EventKind::Timeout => self.timeout(event.index as usize, event.sequence, probe),
                EventKind::Agenda => self.agenda_due(event.index as usize, probe),
                EventKind::Shared => {
                    self.shared_computed(event.index as usize, event.sequence, probe);
                }
                EventKind::Deadline => self.deadline(FrameId(event.index), event.at_ns, probe),
                EventKind::Hedge => self.hedge_due(event.index as usize),
                EventKind::Patience => self.patience_over(event.index, event.at_ns, probe),
            }
            if !self.work.is_empty() {
                self.drain_work(&mut steps_now, probe);
            }
        }
        self.now_ns = self.now_ns.max(limit_ns);
        Progress::Reached
    }

    /// Immediate transitions go through an explicit list, never recursion, so that loops without delay can be counted.
    fn drain_work<P: Probe>(&mut self, steps_now: &mut u32, probe: &mut P) {
        while let Some(work) = self.work.pop() {
            *steps_now += 1;
            if *steps_now > MAX_STEPS_PER_INSTANT {
                self.abort = Some(Abort::ZeroDelayLoop);
                self.work.clear();
                return;
            }
            match work {
                Work::Launch(frame) => {
                    *steps_now += std::mem::take(&mut self.chained);
                    self.launch(frame, probe);
                }
                Work::Arrive(frame) => self.arrive(frame, probe),
                Work::Step(frame) => self.step(frame, probe),
                Work::Deliver(frame) => self.deliver(frame, probe),
                Work::Connect(frame) => self.connect(frame, probe),
                Work::Cancel(frame) => self.cancel(frame, probe),
                Work::Result(frame, key, status) => self.held_result(frame, key, status, probe),
                Work::RunOut(frame, key) => self.held_run_out(frame, key, probe),
                Work::HeldCancel(frame, key) => self.held_cancel(frame, key, probe),
                Work::Wake(instance) => self.wake(instance, probe),
            }
        }
    }

    /// Apply a change at the current time, as the control plane accepts it.
    ///
    /// # Errors
    /// [`Rejected`] says why the change makes no sense now; nothing has happened then.
    pub fn apply<P: Probe>(&mut self, change: &Change, probe: &mut P) -> Result<u32, Rejected> {
        let result = self.apply_change(change, probe);
        let mut steps = 0;
        self.drain_work(&mut steps, probe);
        result
    }

    /// An independent copy. Telemetry is not part of a world, so this is cheap.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.clone()
    }

    /// Simulated time in nanoseconds.
    #[must_use]
    pub const fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// Events run so far.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Why the world cannot go on, if it cannot.
    #[must_use]
    pub const fn aborted(&self) -> Option<Abort> {
        self.abort
    }

    /// What the world was built from.
    #[must_use]
    pub const fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    fn counts_mut(&mut self, flow: FlowId, region: RegionId) -> &mut FlowCounts {
        &mut self.book(flow, region).counts
    }

    /// Intern the text of a value.
    fn value(&mut self, text: &str) -> ValueId {
        let index = self
            .values
            .iter()
            .position(|v| v == text)
            .unwrap_or_else(|| {
                self.values.push(text.to_owned());
                self.values.len() - 1
            });
        ValueId::from_index(index)
    }
}
