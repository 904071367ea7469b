//! Processes: what they are bound to, how they stop and start, how a rollout replaces them.

use std::sync::Arc;

use super::control::{AgendaItem, OperationState};
use super::dequeue::CoDel;
use super::frame::{FrameQueue, flag};
use super::instance::{Address, DeploymentState, Instance, InstanceState};
use super::{Effective, World};
use crate::blueprint::{ONE_Q16, ONE_Q32, Selector, Service, ServiceKind, Sharing, Step};
use crate::ids::{DeploymentId, EndpointId, FrameId, InstanceId, RegionId, ServiceId, VersionId};
use crate::probe::{Lifecycle, Probe, Status};

impl World {
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
                    ordinal: 0,
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
                    wait_sum_ns: 0,
                    cpu_ns: 0,
                    refused: 0,
                    keeps: service.kind == ServiceKind::Queue,
                    paused: false,
                    discipline: service.instance.discipline,
                    codel: CoDel::default(),
                    cancelled: 0,
                    shared: (service.instance.sharing == Sharing::Equal).then(Box::default),
                });
                self.effective
                    .resize(self.effective.len() + rows, Effective::default());
                self.bind(InstanceId::from_index(self.instances.len() - 1));
            }
        }
    }

    /// Take the snapshot a new process runs on: version, addresses from its configuration, effective steps.
    pub(super) fn bind(&mut self, id: InstanceId) {
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
        if self.trust.has_credentials() {
            self.read_credentials(id);
        }
        self.recompute(id);
    }

    pub(super) fn recompute_all(&mut self) {
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
                            query: None,
                        };
                    }
                    Step::Query(query) => {
                        let here = (
                            instance.service,
                            endpoint,
                            instance.region,
                            instance.version,
                        );
                        let (mut factor, mut survive) = (u128::from(ONE_Q16), u128::from(ONE_Q32));
                        for layer in self.layers.iter().filter(|l| matches(&l.selector, here)) {
                            factor = factor * u128::from(layer.factor_q16) >> 16;
                            survive = survive * u128::from(ONE_Q32 - layer.failure_q32) >> 32;
                        }
                        self.effective[instance.effective as usize + pc] = Effective {
                            mean_ns: u64::try_from(factor).unwrap_or(u64::MAX),
                            failure_q32: ONE_Q32 - u64::try_from(survive).unwrap_or(ONE_Q32),
                            dist: self.blueprint.queries[query.index()].dist,
                            query: Some(query),
                        };
                    }
                    Step::Return => break,
                    _ => {}
                }
            }
        }
    }

    pub(super) fn start_rollout(
        &mut self,
        id: DeploymentId,
        operation: u32,
        lead: impl Fn(&Service) -> u64,
    ) {
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
    pub(super) fn roll<P: Probe>(&mut self, id: DeploymentId, probe: &mut P) {
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
    pub(super) fn stop<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let version = self.instances[id.index()].version;
        let cut = self.kill_requests(id, probe);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Stopped { cut });
        let now_ns = self.now_ns;
        let instance = &mut self.instances[id.index()];
        instance.wait_sum_ns = instance.waited_ns(now_ns);
        instance.accept = FrameQueue::EMPTY;
        instance.run = FrameQueue::EMPTY;
        instance.codel = CoDel::default();
        instance.cancelled = 0;
        if let Some(shared) = &mut instance.shared {
            shared.clear();
        }
        instance.busy_cores = 0;
        instance.busy_workers = 0;
        instance.state = InstanceState::Starting;
        instance.process += 1;
        let process = instance.process;
        let start_ns = self.blueprint.services[instance.service.index()]
            .instance
            .start_ns;
        self.reset_client_edges(id);
        if self.trust.has_certificates() {
            self.close_connections_to(id);
        }
        if !self.names.is_empty() {
            self.forget_names(id);
        }
        self.forget_cache(id);
        self.forget_database(id);
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

    pub(super) fn kill_requests<P: Probe>(&mut self, id: InstanceId, probe: &mut P) -> u32 {
        let (mut killed, mut settling) = (Vec::new(), Vec::new());
        for (index, frame) in self.arena.frames.iter_mut().enumerate() {
            if frame.instance == id && frame.is(flag::SERVED) && !frame.is(flag::RETIRED) {
                if frame.is(flag::SETTLES) {
                    settling.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
                }
                frame.flags = frame.flags
                    & !(flag::SERVED | flag::QUEUED | flag::PARKED | flag::LEADS)
                    | flag::KILLED;
                frame.end_ns = self.now_ns;
                frame.pending = 0;
                killed.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
            }
        }
        if killed.is_empty() {
            return 0;
        }
        for frame in settling {
            self.unlock_all(frame);
            self.end_transaction(frame, false);
        }
        self.instances[id.index()].outstanding -= u32::try_from(killed.len()).unwrap_or(u32::MAX);
        // Calls made by the dead process: nobody waits for them any more.
        let (mut orphans, mut closing) = (Vec::new(), Vec::new());
        for index in 0..self.arena.frames.len() {
            let frame = self.arena.frames[index];
            if frame.parent != FrameId::NONE
                && !frame.is(flag::GONE | flag::RETIRED)
                && self.arena.frame(frame.parent).is(flag::KILLED)
                && self.arena.frame(frame.parent).instance == id
            {
                let frame = &mut self.arena.frames[index];
                let nowhere = frame.is(flag::NOWHERE);
                if frame.is(flag::CONNECTED) {
                    closing.push(frame.edge);
                }
                frame.flags = (frame.flags | flag::GONE | flag::ABANDONED)
                    & !(flag::AWAITS_CONNECTION | flag::CONNECTED);
                frame.timer = 0;
                frame.twin = FrameId::NONE;
                if nowhere {
                    if frame.end_ns == 0 {
                        frame.end_ns = self.now_ns;
                    }
                    orphans.push(FrameId(u32::try_from(index).unwrap_or(u32::MAX)));
                }
            }
        }
        for edge in closing {
            self.close_connection(edge);
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

    pub(super) fn started<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let instance = &mut self.instances[id.index()];
        instance.state = InstanceState::Ready;
        let (deployment, version) = (instance.deployment, instance.version);
        let ready = &mut self.deployments[deployment.index()].ready;
        let position = ready.partition_point(|&i| i < id.0);
        ready.insert(position, id.0);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Ready);
        self.follow_again(id);
        if self.deployments[deployment.index()].operation.is_some() {
            self.roll(deployment, probe);
        }
    }
}

fn matches(selector: &Selector, here: (ServiceId, EndpointId, RegionId, VersionId)) -> bool {
    let (service, endpoint, region, version) = here;
    selector.service.is_none_or(|s| s == service)
        && selector.endpoint.is_none_or(|e| e == endpoint)
        && selector.region.is_none_or(|r| r == region)
        && selector.version.is_none_or(|v| v == version)
}
