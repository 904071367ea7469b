//! What is kept of an instance beyond plain capacity. Instances without any of it have none of this and pay one test.

use std::collections::VecDeque;

use super::World;
use super::frame::flag;
use super::health::Watch;
use super::pause::{Held, QuotaState};
use crate::blueprint::{Leak, ONE_Q16, ProcessEffect, Quota, Selector};
use crate::ids::{FrameId, InstanceId};

/// Lasting effects on the processes of a selector. Combined from base whenever one changes, never undone.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProcessLayer {
    pub selector: Selector,
    pub effect: ProcessEffect,
}

/// State of an instance with resources, checks or effects. The process's part begins anew with each process.
#[derive(Clone, Debug)]
pub(super) struct Vitals {
    // The process.
    /// Requests that compute on a core of their own. Their ends stand in their frames.
    pub computing: Vec<FrameId>,
    /// Bits of why the process stands still; see [`super::pause::cause`].
    pub paused: u8,
    pub paused_since_ns: u64,
    /// What waits for the process to go on, in the order it came.
    pub held: Vec<Held>,
    /// Counts pauses with a fixed end, so that an old end does not end a new one.
    pub pause_number: u32,
    /// Requests begun and computations begun, for the place of a health check in the queue.
    pub begun: u64,
    pub computations: u64,
    /// Bytes never given back.
    pub leaked_bytes: u64,
    /// Bytes to be collected.
    pub garbage_bytes: u64,
    /// Descriptors of calls under way, and those never closed.
    pub outbound: u32,
    pub leaked_descriptors: u32,
    /// Calls under way that hold an ephemeral port.
    pub ports: u32,
    /// Start of the process's readiness; `None` when it was warm from the start.
    pub ready_since_ns: Option<u64>,
    /// Waits for something that will not come.
    pub hung: bool,
    /// What checks and callers think of it.
    pub watch: Watch,
    /// Requests answered, and those with a failure of this instance.
    pub answered: u64,
    pub failed: u64,

    // The slot.
    /// When the ports of closed connections are free again, ascending: `TIME_WAIT` belongs to the host.
    pub resting_ports: VecDeque<u64>,
    pub disk_bytes: u64,
    pub quota: QuotaState,
    /// Ends that were nobody's wish, in a row.
    pub crashes: u32,
    pub last_crash_ns: u64,
    /// All of them, and collections and their pauses, as counters.
    pub restarts: u32,
    pub collections: u64,
    pub paused_ns: u64,

    // Combined effects.
    pub speed_q16: u32,
    pub limit: Option<Quota>,
    pub leak: Leak,
    pub fails_to_start: bool,
}

impl Vitals {
    fn new(disk_bytes: u64) -> Self {
        Self {
            computing: Vec::new(),
            paused: 0,
            paused_since_ns: 0,
            held: Vec::new(),
            pause_number: 0,
            begun: 0,
            computations: 0,
            leaked_bytes: 0,
            garbage_bytes: 0,
            outbound: 0,
            leaked_descriptors: 0,
            ports: 0,
            ready_since_ns: None,
            hung: false,
            answered: 0,
            failed: 0,
            resting_ports: VecDeque::new(),
            disk_bytes,
            quota: QuotaState::default(),
            watch: Watch::default(),
            crashes: 0,
            last_crash_ns: 0,
            restarts: 0,
            collections: 0,
            paused_ns: 0,
            speed_q16: ONE_Q16,
            limit: None,
            leak: Leak::NONE,
            fails_to_start: false,
        }
    }

    /// The process has ended; what belongs to the slot stays. Nothing may be held any more.
    pub fn end_process(&mut self) {
        let slot = std::mem::replace(self, Self::new(0));
        *self = Self {
            pause_number: slot.pause_number + 1,
            resting_ports: slot.resting_ports,
            disk_bytes: slot.disk_bytes,
            quota: slot.quota.of_the_next_process(),
            crashes: slot.crashes,
            last_crash_ns: slot.last_crash_ns,
            restarts: slot.restarts,
            collections: slot.collections,
            paused_ns: slot.paused_ns,
            speed_q16: slot.speed_q16,
            limit: slot.limit,
            leak: slot.leak,
            fails_to_start: slot.fails_to_start,
            ..Self::new(0)
        };
    }
}

/// Whether a selector matches an instance, its endpoint aside.
pub(super) fn selects(selector: &Selector, instance: &super::Instance, slot: u16) -> bool {
    selector.service.is_none_or(|s| s == instance.service)
        && selector.region.is_none_or(|r| r == instance.region)
        && selector.version.is_none_or(|v| v == instance.version)
        && selector.zone.is_none_or(|z| z == instance.zone)
        && selector.slot.is_none_or(|s| s == slot)
        && selector
            .share_q32
            .is_none_or(|share| instance.name_key >> 32 < share)
}

impl World {
    /// Vitals for the instances that need them from the start, and the first of their health checks.
    pub(super) fn create_vitals(&mut self) {
        for index in 0..self.instances.len() {
            let service = &self.blueprint.services[self.instances[index].service.index()];
            let (resources, fleet) = (service.instance.resources, service.fleet);
            let wanted = resources.any()
                || fleet.health.is_some()
                || fleet.ejection.is_some()
                || fleet.gate != crate::blueprint::Gate::default()
                || self.needs_vitals(index);
            if wanted {
                self.vitals(index);
                self.combine_effects(index);
            }
        }
        self.ejecting = self
            .blueprint
            .services
            .iter()
            .any(|service| service.fleet.ejection.is_some());
    }

    /// Whether a version of the instance's service leaks or may fail to start.
    fn needs_vitals(&self, index: usize) -> bool {
        let service = self.instances[index].service;
        self.blueprint.versions.iter().any(|version| {
            version.service == service
                && (version.leak != Leak::NONE
                    || version
                        .reads
                        .iter()
                        .any(|read| read.on_missing != crate::blueprint::OnMissing::Default))
        })
    }

    /// The vitals of an instance; begun now if it had none.
    pub(super) fn vitals(&mut self, index: usize) -> &mut Vitals {
        let instance = &mut self.instances[index];
        let vitals = instance.vitals.take().unwrap_or_else(|| {
            let disk = self.blueprint.services[instance.service.index()]
                .instance
                .resources
                .disk;
            let mut vitals = Vitals::new(disk.map_or(0, |disk| disk.used));
            let id = InstanceId::from_index(index);
            for (frame, state) in self.arena.frames.iter().enumerate() {
                if state.instance == id && state.is(flag::COMPUTING) && !state.is(flag::KILLED) {
                    let frame = FrameId(u32::try_from(frame).unwrap_or(u32::MAX));
                    vitals.computing.push(frame);
                }
            }
            Box::new(vitals)
        });
        instance.vitals.insert(vitals)
    }

    pub(super) fn selected(&self, selector: &Selector) -> Vec<usize> {
        let instances = self.instances.iter().enumerate();
        instances
            .filter(|(index, instance)| selects(selector, instance, self.slot_of(*index)))
            .map(|(index, _)| index)
            .collect()
    }

    pub(super) fn slot_of(&self, index: usize) -> u16 {
        let deployment = self.instances[index].deployment;
        let first = usize::from(self.deployments[deployment.index()].first);
        u16::try_from(index - first).unwrap_or(u16::MAX)
    }

    /// What holds for an instance: that of its host and version, and all lasting effects that match it.
    pub(super) fn combine_effects(&mut self, index: usize) {
        let instance = &self.instances[index];
        let slot = self.slot_of(index);
        let matching = |layer: &&ProcessLayer| selects(&layer.selector, instance, slot);
        let (mut speed, mut fails, mut cordoned, mut drained) =
            (u64::from(ONE_Q16), false, false, false);
        let mut leak = self.blueprint.versions[instance.version.index()].leak;
        let mut limit = self.blueprint.services[instance.service.index()]
            .instance
            .resources
            .quota;
        for layer in self.process_layers.iter().filter(matching) {
            match layer.effect {
                ProcessEffect::Speed { speed_q16 } => {
                    speed = speed * u64::from(speed_q16) >> 16;
                }
                ProcessEffect::FailStart(on) => fails |= on,
                ProcessEffect::Cordon(on) => cordoned |= on,
                ProcessEffect::Drain(on) => drained |= on,
                ProcessEffect::Leak(more) => leak = leak.and(more),
                ProcessEffect::Quota(quota) if quota.time_ns > 0 => {
                    limit = Some(limit.filter(|own| tighter(own, &quota)).unwrap_or(quota));
                }
                _ => {}
            }
        }
        let plain = speed == u64::from(ONE_Q16) && !fails && leak == Leak::NONE && limit.is_none();
        let instance = &mut self.instances[index];
        instance.cordoned = cordoned || drained;
        instance.evicted = drained;
        if plain && instance.vitals.is_none() {
            return;
        }
        let speed = u32::try_from(speed.max(1)).unwrap_or(u32::MAX);
        let vitals = self.vitals(index);
        let (old_speed, old_limit) = (vitals.speed_q16, vitals.limit);
        vitals.speed_q16 = speed;
        vitals.leak = leak;
        vitals.fails_to_start = fails;
        vitals.limit = limit;
        if speed != old_speed {
            self.set_shared_speed(index);
        }
        if limit != old_limit {
            self.restart_quota(index);
        }
    }
}

/// Whether `a` leaves less computing time than `b`.
fn tighter(a: &Quota, b: &Quota) -> bool {
    u128::from(a.time_ns) * u128::from(b.period_ns)
        <= u128::from(b.time_ns) * u128::from(a.period_ns)
}
