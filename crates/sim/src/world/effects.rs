//! Changes of processes and of fleets, and what the agenda holds for them.

use super::World;
use super::agenda::{AgendaItem, Rejected};
use super::instance::{Canary, InstanceState};
use super::pause::cause;
use super::vitals::ProcessLayer;
use crate::blueprint::{FleetAction, ONE_Q32, ProcessEffect, Selector};
use crate::ids::{DeploymentId, InstanceId};
use crate::probe::{CrashReason, Probe};

impl World {
    /// Whether an effect on processes makes sense now.
    pub(super) fn check_effect(
        &self,
        selector: &Selector,
        effect: &ProcessEffect,
    ) -> Result<(), Rejected> {
        let unknown = selector
            .service
            .is_some_and(|service| service.index() >= self.blueprint.services.len());
        let sensible = match effect {
            ProcessEffect::Speed { speed_q16 } => *speed_q16 > 0,
            ProcessEffect::Quota(quota) => quota.time_ns == 0 || quota.period_ns > 0,
            _ => true,
        };
        if unknown || !sensible {
            return Err(Rejected::Unknown);
        }
        let at_once = matches!(
            effect,
            ProcessEffect::Kill
                | ProcessEffect::Pause { .. }
                | ProcessEffect::Resume
                | ProcessEffect::CleanDisk
        );
        if at_once && self.selected(selector).is_empty() {
            return Err(Rejected::Unknown);
        }
        Ok(())
    }

    /// Whether an action on a fleet makes sense now.
    pub(super) fn check_fleet(
        &self,
        id: DeploymentId,
        action: &FleetAction,
    ) -> Result<(), Rejected> {
        let state = &self.deployments[id.index()];
        match action {
            FleetAction::Scale { replicas } if *replicas > state.slots => Err(Rejected::NoRoom),
            FleetAction::Scale { replicas } if *replicas == state.replicas => {
                Err(Rejected::NoChange)
            }
            FleetAction::Canary { version, .. } => {
                let versions = &self.blueprint.versions;
                let found = versions.get(version.index()).ok_or(Rejected::Unknown)?;
                if found.service != self.blueprint.deployments[id.index()].service {
                    Err(Rejected::WrongService)
                } else if state.version == *version {
                    Err(Rejected::NoChange)
                } else {
                    self.check_not_withdrawn(*version)
                }
            }
            FleetAction::Proceed if state.canary.is_none() || state.operation.is_none() => {
                Err(Rejected::NoChange)
            }
            FleetAction::Autoscale(_) if self.fleet(id).autoscaler.is_none() => {
                Err(Rejected::Unknown)
            }
            FleetAction::Autoscale(on) if *on != state.scaler.suspended => Err(Rejected::NoChange),
            FleetAction::Scale { .. } | FleetAction::Proceed | FleetAction::Autoscale(_) => Ok(()),
        }
    }

    pub(super) fn apply_effect(&mut self, selector: &Selector, effect: ProcessEffect) {
        let lasting = match effect {
            ProcessEffect::Kill => {
                for index in self.selected(selector) {
                    self.plan_crash(index, CrashReason::Killed);
                }
                false
            }
            ProcessEffect::Pause { for_ns } => {
                for index in self.selected(selector) {
                    self.freeze(index, for_ns);
                }
                false
            }
            ProcessEffect::Resume => {
                for index in self.selected(selector) {
                    self.unpause(index, cause::STOPPED);
                }
                false
            }
            ProcessEffect::CleanDisk => {
                for index in self.selected(selector) {
                    self.clean_disk(index);
                }
                false
            }
            ProcessEffect::Speed { .. }
            | ProcessEffect::Quota(_)
            | ProcessEffect::Leak(_)
            | ProcessEffect::FailStart(_)
            | ProcessEffect::Cordon(_)
            | ProcessEffect::Drain(_) => true,
        };
        if lasting {
            self.set_layer(selector, effect);
        }
    }

    /// A lasting effect, instead of an earlier one of its kind.
    fn set_layer(&mut self, selector: &Selector, effect: ProcessEffect) {
        let kind = std::mem::discriminant(&effect);
        self.process_layers.retain(|layer| {
            let same = std::mem::discriminant(&layer.effect) == kind;
            let lifted = effect == ProcessEffect::Drain(false)
                && matches!(layer.effect, ProcessEffect::Cordon(_));
            layer.selector != *selector || !(same || lifted)
        });
        self.process_layers.push(ProcessLayer {
            selector: *selector,
            effect,
        });
        for index in 0..self.instances.len() {
            self.combine_effects(index);
        }
        let placement = matches!(effect, ProcessEffect::Cordon(_) | ProcessEffect::Drain(_));
        if placement {
            for index in 0..self.deployments.len() {
                let deployment = DeploymentId::from_index(index);
                self.rebuild_rotation(deployment);
            }
            self.move_evicted();
        }
    }

    /// Evicted instances leave, others take their places.
    fn move_evicted(&mut self) {
        for index in 0..self.instances.len() {
            let instance = &self.instances[index];
            if instance.evicted && instance.state != InstanceState::Off {
                let instance = InstanceId::from_index(index);
                self.plan(self.now_ns, AgendaItem::Dismiss { instance });
            }
        }
        for index in 0..self.deployments.len() {
            let deployment = DeploymentId::from_index(index);
            self.plan(self.now_ns, AgendaItem::Reconcile { deployment });
        }
    }

    fn freeze(&mut self, index: usize, for_ns: u64) {
        if matches!(
            self.instances[index].state,
            InstanceState::Off | InstanceState::Waiting
        ) {
            return;
        }
        self.pause(index, cause::STOPPED);
        let vitals = self.vitals(index);
        vitals.pause_number += 1;
        let pause = vitals.pause_number;
        if for_ns > 0 {
            let item = AgendaItem::Resume {
                instance: InstanceId::from_index(index),
                process: self.instances[index].process,
                pause,
            };
            self.plan(self.now_ns + for_ns, item);
        }
    }

    fn clean_disk(&mut self, index: usize) {
        let service = self.instances[index].service;
        let disk = self.blueprint.services[service.index()]
            .instance
            .resources
            .disk;
        if let Some(disk) = disk {
            self.vitals(index).disk_bytes = disk.used;
        }
    }

    pub(super) fn apply_fleet(&mut self, id: DeploymentId, action: FleetAction, operation: u32) {
        match action {
            FleetAction::Scale { replicas } => self.scale(id, replicas, Some(operation)),
            FleetAction::Canary {
                version,
                share_q32,
                pause_ns,
            } => {
                let state = &mut self.deployments[id.index()];
                let stable = state.canary.map_or(state.version, |canary| canary.stable);
                state.version = version;
                let share = u64::from(state.replicas) * share_q32.min(ONE_Q32);
                let limit = u16::try_from(share.div_ceil(ONE_Q32)).unwrap_or(u16::MAX);
                self.start_rollout(id, operation, |service| service.rollout_lead_ns);
                self.deployments[id.index()].canary = Some(Canary {
                    limit,
                    stable,
                    pause_ns,
                    waits: false,
                });
            }
            FleetAction::Proceed => {
                let generation = self.deployments[id.index()].generation;
                let item = AgendaItem::Proceed {
                    deployment: id,
                    generation,
                };
                self.plan(self.now_ns, item);
                self.complete(operation);
            }
            FleetAction::Autoscale(on) => {
                self.deployments[id.index()].scaler.suspended = !on;
                self.complete(operation);
            }
        }
    }

    /// Items of the agenda about instances and fleets.
    pub(super) fn instances_due<P: Probe>(&mut self, item: &AgendaItem, probe: &mut P) {
        let same = |world: &Self, instance: InstanceId, process: u32| {
            world.instances[instance.index()].process == process
        };
        match *item {
            AgendaItem::Crash {
                instance,
                process,
                reason,
            } if same(self, instance, process) => self.crash(instance, reason, probe),
            AgendaItem::Begin { instance, process } if same(self, instance, process) => {
                self.begin_process(instance, false, probe);
            }
            AgendaItem::Collected { instance, process } if same(self, instance, process) => {
                self.unpause(instance.index(), cause::COLLECTION);
            }
            AgendaItem::Quota { instance, process } if same(self, instance, process) => {
                self.quota_due(instance.index());
            }
            AgendaItem::Resume {
                instance,
                process,
                pause,
            } if same(self, instance, process)
                && self.vitals(instance.index()).pause_number == pause =>
            {
                self.unpause(instance.index(), cause::STOPPED);
            }
            AgendaItem::Check { instance } => self.send_check(instance),
            AgendaItem::CheckDue { instance, process } if same(self, instance, process) => {
                self.check_due(instance, probe);
            }
            AgendaItem::Return { instance, process } if same(self, instance, process) => {
                self.return_ejected(instance, probe);
            }
            AgendaItem::Gate {
                instance,
                generation,
            } => self.gate_due(instance, generation),
            AgendaItem::Dismiss { instance } if self.instances[instance.index()].evicted => {
                self.dismiss(instance, probe);
            }
            AgendaItem::Proceed {
                deployment,
                generation,
            } => {
                let state = &self.deployments[deployment.index()];
                if state.generation == generation && state.canary.is_some() {
                    self.proceed(deployment, probe);
                }
            }
            AgendaItem::Reconcile { deployment } => self.reconcile(deployment, probe),
            AgendaItem::Autoscale { deployment } => self.autoscale(deployment),
            AgendaItem::Recommend {
                deployment,
                used_ns,
                capacity_ns,
            } => self.recommend(deployment, used_ns, capacity_ns),
            _ => {}
        }
    }
}
