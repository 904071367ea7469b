//! Processes: what they are bound to, how they stop and start, how a rollout replaces them.

use std::sync::Arc;

use super::agenda::{AgendaItem, OperationState};
use super::autoscale::Scaler;
use super::dequeue::CoDel;
use super::frame::FrameQueue;
use super::instance::{Address, DeploymentState, Instance, InstanceState};
use super::vitals::selects;
use super::{Effective, Layer, World};
use crate::blueprint::{
    Criticality, Discipline, ONE_Q16, ONE_Q32, OnMissing, Service, ServiceKind, Sharing, Step,
};
use crate::hash::name_hash;
use crate::ids::{DeploymentId, InstanceId};
use crate::probe::{Lifecycle, Probe};

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
                slots: deployment.slots(),
                replicas: deployment.replicas,
                version: deployment.version,
                generation: 0,
                overlay: Vec::new(),
                ready: Vec::new(),
                by_zone: Vec::new(),
                available: 0,
                fails_open: false,
                balancer: service.balancer,
                pointer: 0,
                operation: None,
                canary: None,
                crashes: 0,
                halted: false,
                scaling: None,
                scaler: Scaler::default(),
            });
            let zones = blueprint.zone_count(deployment.region);
            for slot in 0..deployment.slots() {
                let name = format!(
                    "{}/{}/{slot}",
                    service.name,
                    blueprint
                        .regions
                        .get(deployment.region.index())
                        .map_or("", String::as_str)
                );
                self.instances.push(Instance {
                    deployment: DeploymentId::from_index(index),
                    service: deployment.service,
                    ordinal: 0,
                    region: deployment.region,
                    zone: slot % zones,
                    name_key: name_hash(&name),
                    state: if slot < deployment.replicas {
                        InstanceState::Ready
                    } else {
                        InstanceState::Off
                    },
                    version: deployment.version,
                    generation: 0,
                    process: 0,
                    retiring: false,
                    cordoned: false,
                    evicted: false,
                    addressed: false,
                    addresses: Vec::new(),
                    unset: OnMissing::Default,
                    effective: u32::try_from(self.effective.len()).unwrap_or(u32::MAX),
                    code: 0,
                    entries: 0,
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
                    classes: (service.instance.discipline == Discipline::Priority)
                        .then(|| Box::new([FrameQueue::EMPTY; Criticality::CLASSES])),
                    cancelled: 0,
                    shared: (service.instance.sharing == Sharing::Equal).then(Box::default),
                    vitals: None,
                });
                self.effective
                    .resize(self.effective.len() + rows, Effective::default());
                self.bind(InstanceId::from_index(self.instances.len() - 1));
            }
            self.rebuild_rotation(DeploymentId::from_index(index));
        }
    }

    /// Take the snapshot a new process runs on: version, addresses from its configuration, effective steps.
    pub(super) fn bind(&mut self, id: InstanceId) {
        let deployment = self.instances[id.index()].deployment;
        let (version, generation) = self.binding(id);
        let blueprint = Arc::clone(&self.blueprint);
        let mut addresses = Vec::new();
        let mut unset = OnMissing::Default;
        for read in &blueprint.versions[version.index()].reads {
            let found = self.variable_value(deployment, version, read.variable);
            if found.is_none() && matches!(read.on_missing, OnMissing::Crash | OnMissing::Hang) {
                unset = read.on_missing;
            }
            let fails = found.is_none() && read.on_missing == OnMissing::Fail;
            let value = found.map_or(read.default, |(value, _)| value);
            let service = blueprint
                .resolve_address(&self.values[value.index()])
                .filter(|_| !fails);
            addresses.extend(read.edges.iter().map(|&edge| Address {
                edge,
                value,
                service,
                fails,
            }));
        }
        let instance = &mut self.instances[id.index()];
        instance.version = version;
        instance.code = self.tables.code_base[version.index()];
        instance.entries = self.tables.entry_base[version.index()];
        instance.generation = generation;
        instance.addressed = !addresses.is_empty();
        instance.addresses = addresses;
        instance.unset = unset;
        if self.trust.has_credentials() {
            self.read_credentials(id);
        }
        self.recompute(id);
        if !self.process_layers.is_empty() || self.instances[id.index()].vitals.is_some() {
            self.combine_effects(id.index());
        }
    }

    pub(super) fn recompute_all(&mut self) {
        for index in 0..self.instances.len() {
            self.recompute(InstanceId::from_index(index));
        }
    }

    /// Effective steps from the base program and all layers; never by undoing a layer.
    fn recompute(&mut self, id: InstanceId) {
        let slot = self.slot_of(id.index());
        let instance = &self.instances[id.index()];
        let version = &self.blueprint.versions[instance.version.index()];
        for &(endpoint, entry) in &version.entries {
            let here = |layer: &&Layer| {
                layer.selector.endpoint.is_none_or(|e| e == endpoint)
                    && selects(&layer.selector, instance, slot)
            };
            for pc in usize::from(entry)..version.code.len() {
                match version.code[pc] {
                    Step::Compute {
                        mean_ns,
                        dist,
                        failure_q32,
                    } => {
                        let (mut mean, mut survive) =
                            (u128::from(mean_ns), u128::from(ONE_Q32 - failure_q32));
                        for layer in self.layers.iter().filter(here) {
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
                        let (mut factor, mut survive) = (u128::from(ONE_Q16), u128::from(ONE_Q32));
                        for layer in self.layers.iter().filter(here) {
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
        deployment.canary = None;
        deployment.crashes = 0;
        deployment.halted = false;
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

    /// Start a process, with a fresh snapshot or with what the last one ran on.
    pub(super) fn begin_process<P: Probe>(&mut self, id: InstanceId, fresh: bool, probe: &mut P) {
        if fresh {
            self.bind(id);
        }
        let instance = &mut self.instances[id.index()];
        instance.state = InstanceState::Starting;
        let (process, generation, deployment) =
            (instance.process, instance.generation, instance.deployment);
        let start_ns = self.blueprint.services[instance.service.index()]
            .instance
            .start_ns;
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
        let within_ns = self.fleet(deployment).gate.ready_within_ns;
        if fresh && within_ns > 0 && self.deployments[deployment.index()].operation.is_some() {
            let item = AgendaItem::Gate {
                instance: id,
                generation,
            };
            self.plan(self.now_ns + within_ns, item);
        }
    }

    pub(super) fn started<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        if !self.gets_ready(id, probe) {
            return;
        }
        let instance = &mut self.instances[id.index()];
        instance.state = InstanceState::Ready;
        let (deployment, version) = (instance.deployment, instance.version);
        self.rebuild_rotation(deployment);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Ready);
        self.follow_again(id);
        self.roll_on(deployment, probe);
    }
}
