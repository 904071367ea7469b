//! Which instances take requests: active checks, ejection of outliers, and what happens when too few are left.

use super::agenda::AgendaItem;
use super::frame::Frame;
use super::instance::InstanceState;
use super::vitals::Vitals;
use super::{Instance, World};
use crate::blueprint::{Discipline, HealthCheck, ONE_Q32};
use crate::ids::{DeploymentId, FrameId, InstanceId};
use crate::probe::{Lifecycle, Probe, Status};

/// Where the check under way is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Check {
    #[default]
    None,
    /// In the accept queue: a worker has it when this many requests have begun.
    AtQueue(u64),
    /// Waiting for a core: it has one when this many computations have begun.
    AtCores(u64),
    Answered,
}

/// What checks and callers think of an instance.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    check: Check,
    missed: u16,
    passed: u16,
    pub unhealthy: bool,
    failures: u16,
    ejections: u16,
    pub ejected: bool,
}

impl World {
    /// Plan the first check of every instance, spread over the interval by the instances' names.
    pub(super) fn open_checks(&mut self) {
        for index in 0..self.instances.len() {
            if let Some(health) = self.health_of(index) {
                let phase_ns = self.instances[index].name_key % health.interval_ns.max(1);
                let instance = InstanceId::from_index(index);
                self.plan(phase_ns, AgendaItem::Check { instance });
            }
        }
    }

    fn health_of(&self, index: usize) -> Option<HealthCheck> {
        let service = self.instances[index].service;
        self.blueprint.services[service.index()].fleet.health
    }

    /// Send a health check. It stands in the queue behind what is there.
    pub(super) fn send_check(&mut self, id: InstanceId) {
        let index = id.index();
        let Some(health) = self.health_of(index) else {
            return;
        };
        self.plan(
            self.now_ns + health.interval_ns,
            AgendaItem::Check { instance: id },
        );
        let instance = &self.instances[index];
        if instance.state != InstanceState::Ready {
            return;
        }
        let process = instance.process;
        let ahead = match instance.discipline {
            Discipline::Lifo => 0,
            _ => u64::from(instance.accept.len),
        };
        let vitals = self.vitals(index);
        vitals.watch.check = Check::AtQueue(vitals.begun + ahead + 1);
        self.advance_check(index);
        self.plan(
            self.now_ns + health.timeout_ns,
            AgendaItem::CheckDue {
                instance: id,
                process,
            },
        );
    }

    /// See whether the check under way has got a worker, then a core.
    pub(super) fn advance_check(&mut self, index: usize) {
        let instance = &mut self.instances[index];
        let (free_worker, free_core) = (
            instance.busy_workers < instance.workers,
            instance.busy_cores < instance.cores || instance.shared.is_some(),
        );
        let waiting = u64::from(instance.run.len);
        let Some(vitals) = instance.vitals.as_deref_mut() else {
            return;
        };
        if vitals.paused != 0 {
            return;
        }
        if let Check::AtQueue(turn) = vitals.watch.check
            && (free_worker || vitals.begun >= turn)
        {
            vitals.watch.check = Check::AtCores(vitals.computations + waiting + 1);
        }
        if let Check::AtCores(turn) = vitals.watch.check
            && (free_core || vitals.computations >= turn)
        {
            vitals.watch.check = Check::Answered;
        }
    }

    /// The time for an answer is over.
    pub(super) fn check_due<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        let Some(health) = self.health_of(id.index()) else {
            return;
        };
        let instance = &self.instances[id.index()];
        if instance.state != InstanceState::Ready {
            return;
        }
        let (deployment, version) = (instance.deployment, instance.version);
        let watch = &mut self.vitals(id.index()).watch;
        let answered = watch.check == Check::Answered;
        watch.check = Check::None;
        if answered {
            watch.missed = 0;
            watch.passed = watch.passed.saturating_add(1);
        } else {
            watch.passed = 0;
            watch.missed = watch.missed.saturating_add(1);
        }
        let event = if watch.unhealthy && watch.passed >= health.healthy.max(1) {
            watch.unhealthy = false;
            Lifecycle::Healthy
        } else if !watch.unhealthy && watch.missed >= health.unhealthy.max(1) {
            watch.unhealthy = true;
            Lifecycle::Unhealthy
        } else {
            return;
        };
        probe.lifecycle(self.now_ns, id, version, event);
        self.rebuild_rotation(deployment);
        self.roll_on(deployment, probe);
    }

    /// A caller has the result of an attempt: instances that fail several times in a row are ejected.
    pub(super) fn watch_outcome<P: Probe>(&mut self, frame: &Frame, status: Status, probe: &mut P) {
        let index = frame.instance.index();
        let Some(instance) = self.instances.get(index) else {
            return;
        };
        let fleet = &self.blueprint.services[instance.service.index()].fleet;
        let (Some(policy), InstanceState::Ready) = (fleet.ejection, instance.state) else {
            return;
        };
        let (deployment, process, version) =
            (instance.deployment, instance.process, instance.version);
        let watch = &mut self.vitals(index).watch;
        if !blames_server(status) {
            if status.is_ok() {
                watch.failures = 0;
            }
            return;
        }
        watch.failures = watch.failures.saturating_add(1);
        if watch.ejected || watch.failures < policy.failures.max(1) {
            return;
        }
        watch.failures = 0;
        let running = self.running(deployment);
        let ejected = self.count(deployment, |vitals| vitals.watch.ejected);
        let share = running * policy.max_share_q32 / ONE_Q32;
        if running < 2 || ejected >= share.max(1) {
            return;
        }
        let now_ns = self.now_ns;
        let watch = &mut self.vitals(index).watch;
        watch.ejected = true;
        watch.ejections = watch.ejections.saturating_add(1);
        let until_ns = now_ns + policy.base_ns.saturating_mul(u64::from(watch.ejections));
        let instance = frame.instance;
        self.plan(until_ns, AgendaItem::Return { instance, process });
        probe.lifecycle(self.now_ns, instance, version, Lifecycle::Ejected);
        self.rebuild_rotation(deployment);
    }

    /// An ejection is over.
    pub(super) fn return_ejected<P: Probe>(&mut self, id: InstanceId, probe: &mut P) {
        self.vitals(id.index()).watch.ejected = false;
        let instance = &self.instances[id.index()];
        let (deployment, version) = (instance.deployment, instance.version);
        probe.lifecycle(self.now_ns, id, version, Lifecycle::Returned);
        self.rebuild_rotation(deployment);
    }

    fn running(&self, id: DeploymentId) -> u64 {
        let ready = |i: &&Instance| i.state == InstanceState::Ready;
        self.instances_of(id).iter().filter(ready).count() as u64
    }

    fn count(&self, id: DeploymentId, wanted: impl Fn(&Vitals) -> bool) -> u64 {
        let instances = self.instances_of(id).iter();
        let vitals = instances.filter_map(|i| {
            i.vitals
                .as_deref()
                .filter(|_| i.state == InstanceState::Ready)
        });
        vitals.filter(|vitals| wanted(vitals)).count() as u64
    }

    /// Instances of a deployment, all slots.
    pub(super) fn instances_of(&self, id: DeploymentId) -> &[Instance] {
        let state = &self.deployments[id.index()];
        &self.instances[usize::from(state.first)..usize::from(state.first + state.slots)]
    }

    /// Anew which instances of a deployment take requests, ascending.
    pub(super) fn rebuild_rotation(&mut self, id: DeploymentId) {
        let service = self.blueprint.deployments[id.index()].service;
        let fleet = self.blueprint.services[service.index()].fleet;
        let first = self.deployments[id.index()].first;
        let zones = if fleet.zone_least > 0 {
            usize::from(
                self.blueprint
                    .zone_count(self.blueprint.deployments[id.index()].region),
            )
        } else {
            0
        };
        let (mut healthy, mut running) = (Vec::new(), Vec::new());
        for (instance, number) in self.instances_of(id).iter().zip(first..) {
            if instance.state == InstanceState::Ready && !instance.cordoned {
                running.push(number);
                let watch = instance.vitals.as_deref().map(|vitals| vitals.watch);
                if !watch.is_some_and(|watch| watch.unhealthy || watch.ejected) {
                    healthy.push(number);
                }
            }
        }
        let fail_open_q32 = fleet.health.map_or(0, |health| health.fail_open_q32);
        let open = (healthy.len() as u64) << 32 < running.len() as u64 * fail_open_q32;
        let available = u16::try_from(healthy.len()).unwrap_or(u16::MAX);
        let rotation = if open { running } else { healthy };
        let mut by_zone = vec![Vec::new(); zones];
        if zones > 0 {
            for &number in &rotation {
                by_zone[usize::from(self.instances[usize::from(number)].zone)].push(number);
            }
        }
        let state = &mut self.deployments[id.index()];
        state.ready = rotation;
        state.by_zone = by_zone;
        state.available = available;
        state.fails_open = open;
    }

    /// The zone a caller prefers, if the called deployment cares and has enough instances there.
    #[inline]
    pub(super) fn zone_of_caller(&self, id: DeploymentId, parent: FrameId) -> Option<usize> {
        let by_zone = &self.deployments[id.index()].by_zone;
        let caller = &self.instances[self.arena.frame(parent).instance.index()];
        let target = &self.blueprint.deployments[id.index()];
        let least = self.blueprint.services[target.service.index()]
            .fleet
            .zone_least;
        let zone = usize::from(caller.zone);
        let enough = by_zone
            .get(zone)
            .is_some_and(|own| own.len() >= usize::from(least.max(1)));
        (enough && caller.region == target.region).then_some(zone)
    }
}

/// Whether a result speaks against the instance the attempt went to.
const fn blames_server(status: Status) -> bool {
    matches!(
        status,
        Status::Internal
            | Status::BadGateway
            | Status::Unavailable
            | Status::Overloaded
            | Status::Timeout
            | Status::Reset
            | Status::Refused
            | Status::LockTimeout
    )
}
