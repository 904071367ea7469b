//! The control plane: changes, rollouts, and the agenda of what it has planned.

use std::sync::Arc;

use super::frame::{FrameQueue, flag};
use super::instance::{Address, DeploymentState, Instance, InstanceState};
use super::{Effective, Layer, World};
use crate::blueprint::{Change, ONE_Q16, ONE_Q32, SHIFT_STEPS, Selector, Service, Step};
use crate::event::EventKind;
use crate::ids::{DeploymentId, FlagId, FrameId, InstanceId, RegionId, ServiceId, VersionId};
use crate::probe::{Lifecycle, Probe, Status};

/// Why a change was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rejected {
    /// It names something that does not exist.
    Unknown,
    /// The version belongs to another service.
    WrongService,
    /// Everything already is as the change would have it.
    NoChange,
}

/// State of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperationState {
    /// Under way.
    Running,
    /// Finished at this time.
    Done(u64),
    /// Overtaken by a later operation on the same target at this time.
    Superseded(u64),
}

/// A change that was accepted.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What.
    pub change: Change,
    /// When it was accepted.
    pub since_ns: u64,
    /// How far it is.
    pub state: OperationState,
}

/// Users of a region served by another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    pub to: RegionId,
    pub share_q32: u64,
}

/// Something the control plane does later.
#[derive(Clone, Debug)]
pub(super) enum AgendaItem {
    Apply(Change),
    Rollout {
        deployment: DeploymentId,
        generation: u32,
    },
    DrainDeadline {
        instance: InstanceId,
        process: u32,
    },
    Started {
        instance: InstanceId,
        process: u32,
    },
    Flag {
        flag: FlagId,
        region: Option<RegionId>,
        share_q32: u64,
        operation: u32,
    },
    ShiftStep {
        from: RegionId,
        to: RegionId,
        start_q32: u64,
        end_q32: u64,
        step: u64,
        operation: u32,
    },
}

impl World {
    pub(super) fn plan(&mut self, at_ns: u64, item: AgendaItem) {
        let index = u32::try_from(self.agenda.len()).unwrap_or(u32::MAX);
        self.agenda.push(item);
        self.queue.push(at_ns, EventKind::Agenda, index);
    }

    pub(super) fn agenda_due<P: Probe>(&mut self, index: usize, probe: &mut P) {
        match self.agenda[index].clone() {
            AgendaItem::Apply(change) => {
                // A scheduled change that makes no sense any more (the player was faster) is dropped, as a real
                // pipeline would find nothing to do.
                let _ = self.apply_change(&change, probe);
            }
            AgendaItem::Rollout {
                deployment,
                generation,
            } => {
                if self.deployments[deployment.index()].generation == generation {
                    self.roll(deployment, probe);
                }
            }
            AgendaItem::DrainDeadline { instance, process } => {
                let state = &self.instances[instance.index()];
                if state.process == process && state.state == InstanceState::Draining {
                    self.stop(instance, probe);
                }
            }
            AgendaItem::Started { instance, process } => {
                if self.instances[instance.index()].process == process {
                    self.started(instance, probe);
                }
            }
            AgendaItem::Flag {
                flag,
                region,
                share_q32,
                operation,
            } => {
                if self.operations[operation as usize].state == OperationState::Running {
                    let regions = self.blueprint.regions.len();
                    for r in 0..regions {
                        if region.is_none_or(|only| only.index() == r) {
                            self.flags[flag.index() * regions + r] = share_q32;
                        }
                    }
                    self.complete(operation);
                }
            }
            AgendaItem::ShiftStep {
                from,
                to,
                start_q32,
                end_q32,
                step,
                operation,
            } => {
                self.shift_step(from, to, (start_q32, end_q32), step, operation);
            }
        }
    }

    fn complete(&mut self, operation: u32) {
        self.operations[operation as usize].state = OperationState::Done(self.now_ns);
    }

    fn supersede(&mut self, overtaken: impl Fn(&Change) -> bool) {
        for operation in &mut self.operations {
            if operation.state == OperationState::Running && overtaken(&operation.change) {
                operation.state = OperationState::Superseded(self.now_ns);
            }
        }
    }

    pub(super) fn apply_change<P: Probe>(
        &mut self,
        change: &Change,
        probe: &mut P,
    ) -> Result<u32, Rejected> {
        self.check(change)?;
        match change {
            Change::SetFlag { flag, region, .. } => self.supersede(|other| {
                matches!(other, Change::SetFlag { flag: f, region: r, .. } if f == flag && r == region)
            }),
            Change::ShiftTraffic { from, .. } => {
                self.supersede(|other| matches!(other, Change::ShiftTraffic { from: f, .. } if f == from));
            }
            _ => {}
        }
        let operation = u32::try_from(self.operations.len()).unwrap_or(u32::MAX);
        self.operations.push(Operation {
            change: change.clone(),
            since_ns: self.now_ns,
            state: OperationState::Running,
        });
        match change {
            Change::Deploy {
                deployment,
                version,
            } => {
                self.deployments[deployment.index()].version = *version;
                self.start_rollout(*deployment, operation, |service| service.rollout_lead_ns);
            }
            Change::Restart { deployment } => {
                self.start_rollout(*deployment, operation, |service| service.restart_lead_ns);
            }
            Change::SetVariable {
                deployment,
                variable,
                value,
            } => {
                let value = value.as_ref().map(|text| self.value(text));
                let overlay = &mut self.deployments[deployment.index()].overlay;
                overlay.retain(|(v, _)| v != variable);
                overlay.extend(value.map(|value| (*variable, value)));
                self.start_rollout(*deployment, operation, |service| service.restart_lead_ns);
            }
            Change::SetFlag {
                flag,
                region,
                share_q32,
                after_ns,
            } => {
                let item = AgendaItem::Flag {
                    flag: *flag,
                    region: *region,
                    share_q32: *share_q32,
                    operation,
                };
                self.plan(self.now_ns + after_ns, item);
            }
            Change::ShiftTraffic {
                from,
                to,
                share_q32,
                over_ns,
            } => {
                let start_q32 = self.shifts[from.index()]
                    .filter(|s| s.to == *to)
                    .map_or(0, |s| s.share_q32);
                for step in 1..=SHIFT_STEPS {
                    let at_ns = self.now_ns + over_ns * step / SHIFT_STEPS;
                    let end_q32 = *share_q32;
                    self.plan(
                        at_ns,
                        AgendaItem::ShiftStep {
                            from: *from,
                            to: *to,
                            start_q32,
                            end_q32,
                            step,
                            operation,
                        },
                    );
                }
            }
            Change::Slowdown {
                selector,
                factor_q16,
            } => {
                self.layer(*selector).factor_q16 = *factor_q16;
                self.recompute_all();
                self.complete(operation);
            }
            Change::Errors {
                selector,
                failure_q32,
            } => {
                self.layer(*selector).failure_q32 = *failure_q32;
                self.recompute_all();
                self.complete(operation);
            }
        }
        let _ = probe;
        Ok(operation)
    }

    fn check(&self, change: &Change) -> Result<(), Rejected> {
        let known = |deployment: &DeploymentId| {
            if deployment.index() < self.deployments.len() {
                Ok(())
            } else {
                Err(Rejected::Unknown)
            }
        };
        match change {
            Change::Deploy {
                deployment,
                version,
            } => {
                known(deployment)?;
                let found = self
                    .blueprint
                    .versions
                    .get(version.index())
                    .ok_or(Rejected::Unknown)?;
                if found.service != self.blueprint.deployments[deployment.index()].service {
                    return Err(Rejected::WrongService);
                }
                if self.deployments[deployment.index()].version == *version {
                    return Err(Rejected::NoChange);
                }
                Ok(())
            }
            Change::Restart { deployment } => known(deployment),
            Change::SetVariable {
                deployment,
                variable,
                value,
            } => {
                known(deployment)?;
                if variable.index() >= self.blueprint.variables.len() {
                    return Err(Rejected::Unknown);
                }
                let overlay = &self.deployments[deployment.index()].overlay;
                let now = overlay
                    .iter()
                    .find(|(v, _)| v == variable)
                    .map(|(_, value)| &self.values[value.index()]);
                if now == value.as_ref() {
                    Err(Rejected::NoChange)
                } else {
                    Ok(())
                }
            }
            Change::SetFlag {
                flag,
                region,
                share_q32,
                ..
            } => {
                let regions = self.blueprint.regions.len();
                if flag.index() >= self.blueprint.flags.len()
                    || region.is_some_and(|r| r.index() >= regions)
                {
                    return Err(Rejected::Unknown);
                }
                let row = &self.flags[flag.index() * regions..(flag.index() + 1) * regions];
                let same = |r: usize| row[r] == *share_q32;
                let unchanged = region.map_or_else(|| (0..regions).all(same), |r| same(r.index()));
                if unchanged {
                    Err(Rejected::NoChange)
                } else {
                    Ok(())
                }
            }
            Change::ShiftTraffic {
                from,
                to,
                share_q32,
                ..
            } => {
                let regions = self.blueprint.regions.len();
                if from.index() >= regions
                    || to.index() >= regions
                    || from == to
                    || *share_q32 > ONE_Q32
                {
                    return Err(Rejected::Unknown);
                }
                let now = self.shifts[from.index()].map_or(0, |s| s.share_q32);
                if now == *share_q32 {
                    Err(Rejected::NoChange)
                } else {
                    Ok(())
                }
            }
            Change::Slowdown { .. } | Change::Errors { .. } => Ok(()),
        }
    }

    /// The layer with this selector, new if there is none.
    fn layer(&mut self, selector: Selector) -> &mut Layer {
        let index = self
            .layers
            .iter()
            .position(|l| l.selector == selector)
            .unwrap_or_else(|| {
                self.layers.push(Layer {
                    selector,
                    factor_q16: ONE_Q16,
                    failure_q32: 0,
                });
                self.layers.len() - 1
            });
        &mut self.layers[index]
    }

    fn shift_step(
        &mut self,
        from: RegionId,
        to: RegionId,
        share: (u64, u64),
        step: u64,
        operation: u32,
    ) {
        if self.operations[operation as usize].state != OperationState::Running {
            return;
        }
        let (start, end) = share;
        let share_q32 = if end >= start {
            start + (end - start) * step / SHIFT_STEPS
        } else {
            start - (start - end) * step / SHIFT_STEPS
        };
        self.shifts[from.index()] = (share_q32 > 0).then_some(Shift { to, share_q32 });
        if step == SHIFT_STEPS {
            self.complete(operation);
        }
    }

    pub(super) fn create_instances(&mut self) {
        let blueprint = Arc::clone(&self.blueprint);
        for (index, deployment) in blueprint.deployments.iter().enumerate() {
            let service = &blueprint.services[deployment.service.index()];
            let rows = blueprint
                .versions
                .iter()
                .filter(|version| version.service == deployment.service)
                .map(|version| version.code.len())
                .max()
                .unwrap_or(0);
            let first = u16::try_from(self.instances.len()).unwrap_or(u16::MAX);
            self.deployments.push(DeploymentState {
                first,
                replicas: deployment.replicas,
                version: deployment.version,
                generation: 0,
                overlay: Vec::new(),
                ready: (first..first + deployment.replicas).collect(),
                pointer: 0,
                operation: None,
            });
            for _ in 0..deployment.replicas {
                self.instances.push(Instance {
                    deployment: DeploymentId::from_index(index),
                    service: deployment.service,
                    region: deployment.region,
                    state: InstanceState::Ready,
                    version: deployment.version,
                    generation: 0,
                    process: 0,
                    addresses: Vec::new(),
                    effective: u32::try_from(self.effective.len()).unwrap_or(u32::MAX),
                    cores: service.instance.cores,
                    workers: service.instance.workers,
                    queue_limit: service.instance.queue,
                    busy_cores: 0,
                    busy_workers: 0,
                    outstanding: 0,
                    accept: FrameQueue::EMPTY,
                    run: FrameQueue::EMPTY,
                    cpu_ns: 0,
                    refused: 0,
                });
                self.effective
                    .resize(self.effective.len() + rows, Effective::default());
                self.bind(InstanceId::from_index(self.instances.len() - 1));
            }
        }
    }

    /// Take the snapshot a new process runs on: version, addresses from its configuration, effective steps.
    fn bind(&mut self, id: InstanceId) {
        let deployment = self.instances[id.index()].deployment;
        let version = self.deployments[deployment.index()].version;
        let blueprint = Arc::clone(&self.blueprint);
        let mut addresses = Vec::new();
        for read in &blueprint.versions[version.index()].reads {
            let value = self
                .variable_value(deployment, read.variable)
                .map_or(read.default, |(value, _)| value);
            let service = blueprint.resolve_address(&self.values[value.index()]);
            addresses.extend(read.edges.iter().map(|&edge| Address {
                edge,
                value,
                service,
            }));
        }
        let instance = &mut self.instances[id.index()];
        instance.version = version;
        instance.generation = self.deployments[deployment.index()].generation;
        instance.addresses = addresses;
        self.recompute(id);
    }

    fn recompute_all(&mut self) {
        for index in 0..self.instances.len() {
            self.recompute(InstanceId::from_index(index));
        }
    }

    /// Effective steps from the base program and all layers; never by undoing a layer.
    fn recompute(&mut self, id: InstanceId) {
        let instance = &self.instances[id.index()];
        let version = &self.blueprint.versions[instance.version.index()];
        for &(endpoint, entry) in &version.entries {
            for pc in usize::from(entry)..version.code.len() {
                match version.code[pc] {
                    Step::Compute {
                        mean_ns,
                        dist,
                        failure_q32,
                    } => {
                        let (mut mean, mut survive) =
                            (u128::from(mean_ns), u128::from(ONE_Q32 - failure_q32));
                        let here = (
                            instance.service,
                            endpoint,
                            instance.region,
                            instance.version,
                        );
                        for layer in self.layers.iter().filter(|l| matches(&l.selector, here)) {
                            mean = mean * u128::from(layer.factor_q16) >> 16;
                            survive = survive * u128::from(ONE_Q32 - layer.failure_q32) >> 32;
                        }
                        self.effective[instance.effective as usize + pc] = Effective {
                            mean_ns: u64::try_from(mean).unwrap_or(u64::MAX),
                            failure_q32: ONE_Q32 - u64::try_from(survive).unwrap_or(ONE_Q32),
                            dist,
                        };
                    }
                    Step::Return => break,
                    _ => {}
                }
            }
        }
    }

    fn start_rollout(&mut self, id: DeploymentId, operation: u32, lead: impl Fn(&Service) -> u64) {
        let service = self.blueprint.deployments[id.index()].service;
        let lead_ns = lead(&self.blueprint.services[service.index()]);
        let deployment = &mut self.deployments[id.index()];
        let overtaken = deployment.operation.replace(operation);
        deployment.generation += 1;
        let generation = deployment.generation;
        if let Some(overtaken) = overtaken {
            self.operations[overtaken as usize].state = OperationState::Superseded(self.now_ns);
        }
        self.plan(
            self.now_ns + lead_ns,
            AgendaItem::Rollout {
                deployment: id,
                generation,
            },
        );
    }

    /// Replace as many outdated instances as the rollout may, or find that none is left.
    fn roll<P: Probe>(&mut self, id: DeploymentId, probe: &mut P) {
        let state = &self.deployments[id.index()];
        let slots = usize::from(state.first)..usize::from(state.first + state.replicas);
        let generation = state.generation;
        let service =
            &self.blueprint.services[self.blueprint.deployments[id.index()].service.index()];
        let limit = usize::from(service.max_unavailable.max(1));
        let mut unavailable = usize::from(state.replicas) - state.ready.len();
        for index in slots.clone() {
            let instance = &self.instances[index];
            if instance.generation == generation || instance.state != InstanceState::Ready {
                continue;
            }
            if unavailable >= limit {
                break;
            }
            unavailable += 1;
            self.drain(InstanceId::from_index(index), probe);
        }
        let slots = &self.instances[slots];
        if slots
            .iter()
            .all(|i| i.generation == generation && i.state == InstanceState::Ready)
            && let Some(operation) = self.deployments[id.index()].operation.take()
        {
            self.complete(operation);
        }
    }

    fn drain<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let instance = &mut self.instances[id.index()];
        instance.state = InstanceState::Draining;
        let (deployment, process, version) =
            (instance.deployment, instance.process, instance.version);
        let idle = instance.outstanding == 0;
        let drain_ns = self.blueprint.services[instance.service.index()]
            .instance
            .drain_ns;
        self.deployments[deployment.index()]
            .ready
            .retain(|&i| i != id.0);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Draining);
        if idle {
            self.stop(id, probe);
        } else {
            self.plan(
                self.now_ns + drain_ns,
                AgendaItem::DrainDeadline {
                    instance: id,
                    process,
                },
            );
        }
    }

    pub(super) fn stop_if_drained<P: Probe>(&mut self, index: usize, probe: &mut P) {
        let instance = &self.instances[index];
        if instance.state == InstanceState::Draining && instance.outstanding == 0 {
            self.stop(InstanceId::from_index(index), probe);
        }
    }

    /// End a process and start the next one. Whatever it still had is cut off: its callers see a reset now, its own
    /// calls go on without anybody waiting for them.
    fn stop<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let version = self.instances[id.index()].version;
        let cut = self.kill_requests(id, probe);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Stopped { cut });
        let instance = &mut self.instances[id.index()];
        instance.accept = FrameQueue::EMPTY;
        instance.run = FrameQueue::EMPTY;
        instance.busy_cores = 0;
        instance.busy_workers = 0;
        instance.state = InstanceState::Starting;
        instance.process += 1;
        let process = instance.process;
        let start_ns = self.blueprint.services[instance.service.index()]
            .instance
            .start_ns;
        self.bind(id);
        probe.lifecycle(
            self.now_ns,
            id,
            self.instances[id.index()].version,
            Lifecycle::Starting,
        );
        self.plan(
            self.now_ns + start_ns,
            AgendaItem::Started {
                instance: id,
                process,
            },
        );
    }

    fn kill_requests<P: Probe>(&mut self, id: InstanceId, probe: &mut P) -> u32 {
        let mut killed = Vec::new();
        for (index, frame) in self.arena.frames.iter_mut().enumerate() {
            if frame.instance == id && frame.is(flag::SERVED) && !frame.is(flag::RETIRED) {
                frame.flags = frame.flags & !(flag::SERVED | flag::QUEUED) | flag::KILLED;
                frame.end_ns = self.now_ns;
                frame.pending = 0;
                killed.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
            }
        }
        if killed.is_empty() {
            return 0;
        }
        self.instances[id.index()].outstanding -= u32::try_from(killed.len()).unwrap_or(u32::MAX);
        // Calls made by the dead process: nobody waits for them any more.
        let mut orphans = Vec::new();
        for index in 0..self.arena.frames.len() {
            let frame = self.arena.frames[index];
            if frame.parent != FrameId::NONE
                && !frame.is(flag::GONE | flag::RETIRED)
                && self.arena.frame(frame.parent).is(flag::KILLED)
                && self.arena.frame(frame.parent).instance == id
            {
                let frame = &mut self.arena.frames[index];
                frame.flags |= flag::GONE | flag::ABANDONED;
                frame.timer = 0;
                if frame.is(flag::UNROUTABLE) {
                    frame.end_ns = self.now_ns;
                    orphans.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
                }
            }
        }
        for orphan in orphans {
            self.retire(orphan, probe);
        }
        let cut = u32::try_from(killed.len()).unwrap_or(u32::MAX);
        for frame in killed {
            if !self.arena.frame(frame).is(flag::GONE) {
                self.result(frame, Status::Reset, probe);
            }
            if !self.arena.frame(frame).is(flag::COMPUTING) {
                self.retire(frame, probe);
            }
        }
        cut
    }

    fn started<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let instance = &mut self.instances[id.index()];
        instance.state = InstanceState::Ready;
        let (deployment, version) = (instance.deployment, instance.version);
        let ready = &mut self.deployments[deployment.index()].ready;
        let position = ready.partition_point(|&i| i < id.0);
        ready.insert(position, id.0);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Ready);
        if self.deployments[deployment.index()].operation.is_some() {
            self.roll(deployment, probe);
        }
    }

    /// Every change accepted so far, in order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}

fn matches(
    selector: &Selector,
    here: (ServiceId, crate::ids::EndpointId, RegionId, VersionId),
) -> bool {
    let (service, endpoint, region, version) = here;
    selector.service.is_none_or(|s| s == service)
        && selector.endpoint.is_none_or(|e| e == endpoint)
        && selector.region.is_none_or(|r| r == region)
        && selector.version.is_none_or(|v| v == version)
}
