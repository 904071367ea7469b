//! The instances of a deployment as a whole: rollouts with surge, canaries and gates, scaling.

use super::agenda::{AgendaItem, OperationState};
use super::instance::{Canary, InstanceState};
use super::{Instance, World};
use crate::blueprint::{Fleet, ONE_Q32};
use crate::ids::{DeploymentId, InstanceId, VersionId};
use crate::probe::Probe;

impl Instance {
    /// Counts towards the wanted number: not off and not about to be.
    fn stands(&self) -> bool {
        self.state != InstanceState::Off && !self.retiring && !self.evicted
    }

    /// Runs, or will run after its drain, what processes started now run.
    fn converted(&self, generation: u32) -> bool {
        self.stands() && (self.generation == generation || self.state == InstanceState::Draining)
    }
}

impl World {
    pub(super) fn fleet(&self, id: DeploymentId) -> &Fleet {
        let service = self.blueprint.deployments[id.index()].service;
        &self.blueprint.services[service.index()].fleet
    }

    fn standing(&self, id: DeploymentId) -> usize {
        self.instances_of(id).iter().filter(|i| i.stands()).count()
    }

    /// A slot that can take a new process.
    fn free_slot(&self, id: DeploymentId) -> Option<InstanceId> {
        self.slots(id)
            .find(|&index| {
                let instance = &self.instances[index];
                instance.state == InstanceState::Off && !instance.cordoned
            })
            .map(InstanceId::from_index)
    }

    /// How many instances may run what a rollout brings.
    fn conversions_allowed(&self, id: DeploymentId) -> usize {
        let canary = self.deployments[id.index()].canary;
        canary.map_or(usize::MAX, |canary| usize::from(canary.limit))
    }

    /// What a process that starts now runs: version and rollout generation.
    pub(super) fn binding(&self, id: InstanceId) -> (VersionId, u32) {
        let deployment = self.instances[id.index()].deployment;
        let state = &self.deployments[deployment.index()];
        if let Some(canary) = state.canary {
            let first = usize::from(state.first);
            let others = self.instances_of(deployment).iter().enumerate();
            let converted = others
                .filter(|(slot, i)| first + slot != id.index() && i.converted(state.generation))
                .count();
            if converted >= usize::from(canary.limit) {
                return (canary.stable, state.generation.wrapping_sub(1));
            }
        }
        (state.version, state.generation)
    }

    /// Go on with a rollout that is under way.
    pub(super) fn roll_on<P: Probe>(&mut self, id: DeploymentId, probe: &mut P) {
        if self.deployments[id.index()].operation.is_some() {
            self.roll(id, probe);
        }
        self.settle_scaling(id);
    }

    /// Replace as many outdated instances as the rollout may, or find that none is left.
    pub(super) fn roll<P: Probe>(&mut self, id: DeploymentId, probe: &mut P) {
        let state = &self.deployments[id.index()];
        if state.operation.is_none() {
            return;
        }
        let (generation, wanted) = (state.generation, usize::from(state.replicas));
        let service = self.blueprint.deployments[id.index()].service;
        let surge = usize::from(self.fleet(id).max_surge);
        let max_unavailable = usize::from(self.blueprint.services[service.index()].max_unavailable)
            .max(usize::from(surge == 0));
        let allowed = self.conversions_allowed(id);
        let mut converted = self
            .instances_of(id)
            .iter()
            .filter(|i| i.converted(generation))
            .count();
        // Those that serve nobody cost nothing.
        for index in self.slots(id) {
            let instance = &self.instances[index];
            let hung = instance.vitals.as_deref().is_some_and(|v| v.hung);
            let idle = instance.state == InstanceState::Waiting
                || instance.state == InstanceState::Starting && hung;
            if idle && instance.stands() && instance.generation != generation && converted < allowed
            {
                converted += 1;
                let id = InstanceId::from_index(index);
                self.abandon_start(id, probe);
                self.begin_process(id, true, probe);
            }
        }
        self.surge(id, wanted + surge, &mut converted, probe);
        self.replace(
            id,
            (wanted, max_unavailable, surge > 0),
            &mut converted,
            probe,
        );
        self.finish_rollout(id);
    }

    /// Start new instances beside the old ones, up to `most` in all.
    fn surge<P: Probe>(
        &mut self,
        id: DeploymentId,
        most: usize,
        converted: &mut usize,
        probe: &mut P,
    ) {
        let state = &self.deployments[id.index()];
        let (generation, wanted) = (state.generation, usize::from(state.replicas));
        let allowed = self.conversions_allowed(id);
        loop {
            let slots = self.instances_of(id);
            let alive = slots
                .iter()
                .filter(|i| i.state != InstanceState::Off)
                .count();
            let outdated = slots.iter().any(|i| i.stands() && !i.converted(generation));
            if !outdated || alive >= most || *converted >= allowed.min(wanted) {
                return;
            }
            let Some(slot) = self.free_slot(id) else {
                return;
            };
            *converted += 1;
            self.begin_process(slot, true, probe);
        }
    }

    /// Drain outdated instances as far as enough others take requests.
    fn replace<P: Probe>(
        &mut self,
        id: DeploymentId,
        (wanted, max_unavailable, with_surge): (usize, usize, bool),
        converted: &mut usize,
        probe: &mut P,
    ) {
        let generation = self.deployments[id.index()].generation;
        let allowed = self.conversions_allowed(id);
        let mut available = usize::from(self.deployments[id.index()].available);
        let least = wanted.saturating_sub(max_unavailable);
        let mut standing = self.standing(id);
        for index in self.slots(id) {
            let instance = &self.instances[index];
            if instance.generation == generation || instance.state != InstanceState::Ready {
                continue;
            }
            let retires = with_surge && standing > wanted;
            if !retires && *converted >= allowed {
                continue;
            }
            // One that is out of rotation can go without anybody missing it.
            let serves = self.in_rotation(index);
            if serves && available <= least {
                break;
            }
            available -= usize::from(serves);
            if retires {
                standing -= 1;
            } else {
                *converted += 1;
            }
            self.instances[index].retiring = retires;
            self.drain(InstanceId::from_index(index), probe);
        }
    }

    /// Whether an instance is one of the healthy ones that take requests.
    fn in_rotation(&self, index: usize) -> bool {
        let instance = &self.instances[index];
        let watch = instance.vitals.as_deref().map(|vitals| vitals.watch);
        instance.state == InstanceState::Ready
            && !instance.cordoned
            && !watch.is_some_and(|watch| watch.unhealthy || watch.ejected)
    }

    /// See whether a rollout has reached its end, or its canary its pause.
    fn finish_rollout(&mut self, id: DeploymentId) {
        let state = &self.deployments[id.index()];
        let (generation, wanted) = (state.generation, usize::from(state.replicas));
        let slots = self.instances_of(id);
        let current = |i: &&Instance| {
            i.stands() && i.generation == generation && i.state == InstanceState::Ready
        };
        let ready = slots.iter().filter(current).count();
        let still = slots
            .iter()
            .filter(|i| i.state != InstanceState::Off)
            .count();
        if let Some(canary) = state.canary {
            if ready >= usize::from(canary.limit) && !canary.waits {
                let state = &mut self.deployments[id.index()];
                state.canary = Some(Canary {
                    waits: true,
                    ..canary
                });
                if canary.pause_ns > 0 {
                    let item = AgendaItem::Proceed {
                        deployment: id,
                        generation,
                    };
                    self.plan(self.now_ns + canary.pause_ns, item);
                }
            }
            return;
        }
        let outdated = slots.iter().any(|i| i.stands() && !i.converted(generation));
        if !outdated && self.standing(id) > wanted && self.superfluous(id).is_some() {
            self.plan(self.now_ns, AgendaItem::Reconcile { deployment: id });
        }
        if ready == still
            && still == wanted
            && let Some(operation) = self.deployments[id.index()].operation.take()
        {
            self.complete(operation);
        }
    }

    /// The pause of a canary is over: look at how it did, then replace the rest.
    pub(super) fn proceed<P: Probe>(&mut self, id: DeploymentId, probe: &mut P) {
        let generation = self.deployments[id.index()].generation;
        let gate = self.fleet(id).gate;
        let (mut answered, mut failed) = (0u128, 0u128);
        for instance in self
            .instances_of(id)
            .iter()
            .filter(|i| i.generation == generation)
        {
            if let Some(vitals) = instance.vitals.as_deref() {
                answered += u128::from(vitals.answered);
                failed += u128::from(vitals.failed);
            }
        }
        let too_many = gate.failing_q32 > 0
            && failed * u128::from(ONE_Q32) > answered * u128::from(gate.failing_q32);
        if too_many {
            return self.halt(id);
        }
        self.deployments[id.index()].canary = None;
        self.roll_on(id, probe);
    }

    /// A rollout that brings no version does not bring that of a canary either.
    pub(super) fn end_canary(&mut self, id: DeploymentId) {
        let state = &mut self.deployments[id.index()];
        if let Some(canary) = state.canary.take() {
            state.version = canary.stable;
        }
    }

    /// Stop a rollout where it is. What it has started stays; a later one replaces everything.
    pub(super) fn halt(&mut self, id: DeploymentId) {
        let now_ns = self.now_ns;
        let state = &mut self.deployments[id.index()];
        if let Some(operation) = state.operation.take() {
            state.halted = true;
            self.operations[operation as usize].state = OperationState::Halted(now_ns);
        }
    }

    /// One more new process has crashed under a rollout.
    pub(super) fn count_crash(&mut self, id: DeploymentId, generation: u32) {
        let most = self.fleet(id).gate.crashes;
        let state = &mut self.deployments[id.index()];
        if state.operation.is_some() && state.generation == generation {
            state.crashes += 1;
            if most > 0 && state.crashes >= most {
                self.halt(id);
            }
        }
    }

    /// The time in which a new instance had to be ready is over.
    pub(super) fn gate_due(&mut self, id: InstanceId, generation: u32) {
        let instance = &self.instances[id.index()];
        let deployment = instance.deployment;
        if instance.generation == generation
            && self.deployments[deployment.index()].generation == generation
            && matches!(
                instance.state,
                InstanceState::Starting | InstanceState::Waiting
            )
        {
            self.halt(deployment);
        }
    }

    /// Bring the number of instances to the wanted one.
    pub(super) fn reconcile<P: Probe>(&mut self, id: DeploymentId, probe: &mut P) {
        let state = &self.deployments[id.index()];
        let (generation, wanted) = (state.generation, usize::from(state.replicas));
        let outdated = |i: &Instance| i.stands() && !i.converted(generation);
        // While a rollout has something to replace, its extra instances are none too many.
        let extra = if state.operation.is_some() && self.instances_of(id).iter().any(outdated) {
            usize::from(self.fleet(id).max_surge)
        } else {
            0
        };
        while self.standing(id) < wanted
            && let Some(slot) = self.free_slot(id)
        {
            self.begin_process(slot, true, probe);
        }
        for _ in wanted + extra..self.standing(id) {
            let Some(index) = self.superfluous(id) else {
                break;
            };
            self.instances[index].retiring = true;
            self.dismiss(InstanceId::from_index(index), probe);
        }
        self.roll_on(id, probe);
    }

    /// The instance that is missed least: one that is not ready, then one that is outdated, then the last.
    fn superfluous(&self, id: DeploymentId) -> Option<usize> {
        let generation = self.deployments[id.index()].generation;
        self.slots(id)
            .filter(|&index| {
                let instance = &self.instances[index];
                instance.stands() && instance.state != InstanceState::Draining
            })
            .max_by_key(|&index| {
                let instance = &self.instances[index];
                (
                    instance.state != InstanceState::Ready,
                    instance.generation != generation,
                    index,
                )
            })
    }

    /// Let an instance finish what it has and end; at once if it serves nobody.
    pub(super) fn dismiss<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        match self.instances[id.index()].state {
            InstanceState::Ready => self.drain(id, probe),
            InstanceState::Starting | InstanceState::Waiting => {
                self.abandon_start(id, probe);
                self.turn_off(id, probe);
            }
            InstanceState::Draining | InstanceState::Off => {}
        }
    }

    /// The wanted number is another one from now on; processes follow after the lead.
    pub(super) fn scale(&mut self, id: DeploymentId, replicas: u16, operation: Option<u32>) {
        let lead_ns = self.fleet(id).scale_lead_ns;
        let now_ns = self.now_ns;
        let state = &mut self.deployments[id.index()];
        let replicas = replicas.min(state.slots);
        state.replicas = replicas;
        if let Some(overtaken) = std::mem::replace(&mut state.scaling, operation) {
            self.operations[overtaken as usize].state = OperationState::Superseded(now_ns);
        }
        let item = AgendaItem::Reconcile { deployment: id };
        self.plan(now_ns + lead_ns, item);
    }

    /// See whether scaling has reached its end.
    fn settle_scaling(&mut self, id: DeploymentId) {
        let Some(operation) = self.deployments[id.index()].scaling else {
            return;
        };
        let wanted = usize::from(self.deployments[id.index()].replicas);
        let alive = |i: &&Instance| i.state != InstanceState::Off;
        let mut slots = self.instances_of(id).iter().filter(alive);
        let ready =
            slots.clone().count() == wanted && slots.all(|i| i.state == InstanceState::Ready);
        if ready {
            self.deployments[id.index()].scaling = None;
            self.complete(operation);
        }
    }
}
