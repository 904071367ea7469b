//! Resources, checks, rollouts and scaling of instances; changes of processes and fleets.

use brownout_sim::blueprint::{self as sim, ProcessEffect, Selector};

use super::Build;
use super::blueprint::{Builder, duration_or};
use crate::defaults;
use crate::model::{self, BytesText, Only, ProcessEffect as Effect, Service, ShareText};
use crate::units::{bytes, duration_ns, factor_q16, share_q32};

fn bytes_or_none(text: Option<&BytesText>) -> Build<u64> {
    Ok(text.map_or(Ok(0), |text| bytes(&text.0))?)
}

fn share_or(text: Option<&ShareText>, default_q32: u64) -> Build<u64> {
    Ok(text.map_or(Ok(default_q32), |text| share_q32(&text.0))?)
}

/// Counts beyond the table's width are refused by validation; a file that was not validated saturates.
pub(super) fn narrow(count: u32) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// Instance slots of a service in a region: as many as are wanted, and room for a surge and for scaling.
pub(crate) fn slots(service: &Service, region: &str) -> u32 {
    let replicas = service.replicas.get(region).copied().unwrap_or(0);
    let surge = service.rollout.max_surge.unwrap_or(0);
    let most = service.autoscaler.as_ref().map_or(0, |scaler| scaler.most);
    let needed = replicas.max(most).saturating_add(surge);
    service
        .slots
        .get(region)
        .copied()
        .unwrap_or(needed)
        .max(replicas)
}

pub(super) fn resources(instance: &model::Instance) -> Build<sim::Resources> {
    let mut resources = sim::Resources::default();
    if let Some(memory) = &instance.memory {
        resources.memory = Some(sim::Memory {
            limit: bytes(&memory.limit.0)?,
            base: bytes(&memory.base.0)?,
            in_flight: bytes_or_none(memory.in_flight.as_ref())?,
            garbage: bytes_or_none(memory.garbage.as_ref())?,
            pause_ns_per_mib: duration_or(
                memory.pause_per_mib.as_ref(),
                defaults::PAUSE_PER_MIB_NS,
            )?,
        });
    }
    resources.descriptors = instance.descriptors.as_ref().map(|own| sim::Descriptors {
        limit: own.limit,
        base: own.base.unwrap_or(defaults::DESCRIPTORS),
    });
    if let Some(ports) = &instance.ports {
        resources.ports = Some(sim::Ports {
            limit: ports.limit,
            rest_ns: duration_or(ports.rest.as_ref(), defaults::PORT_REST_NS)?,
        });
    }
    if let Some(disk) = &instance.disk {
        resources.disk = Some(sim::Disk {
            capacity: bytes(&disk.capacity.0)?,
            used: bytes_or_none(disk.used.as_ref())?,
            per_request: bytes_or_none(disk.per_request.as_ref())?,
        });
    }
    if let Some(warm_up) = &instance.warm_up {
        resources.warm_up = Some(sim::WarmUp {
            factor_q16: factor_q16(&warm_up.factor.0)?,
            over_ns: duration_ns(&warm_up.over.0)?,
        });
    }
    if let Some(own) = &instance.quota {
        resources.quota = Some(quota(own)?);
    }
    Ok(resources)
}

fn quota(quota: &model::Quota) -> Build<sim::Quota> {
    Ok(sim::Quota {
        time_ns: duration_ns(&quota.time.0)?,
        period_ns: duration_or(quota.period.as_ref(), defaults::QUOTA_PERIOD_NS)?,
    })
}

pub(super) fn leak(leak: &model::Leak) -> Build<sim::Leak> {
    Ok(sim::Leak {
        memory: bytes_or_none(leak.memory.as_ref())?,
        descriptors_q32: share_or(leak.descriptors.as_ref(), 0)?,
        connections_q32: share_or(leak.connections.as_ref(), 0)?,
    })
}

pub(super) const fn on_missing(on_missing: model::OnMissing) -> sim::OnMissing {
    match on_missing {
        model::OnMissing::Default => sim::OnMissing::Default,
        model::OnMissing::Crash => sim::OnMissing::Crash,
        model::OnMissing::Hang => sim::OnMissing::Hang,
        model::OnMissing::Fail => sim::OnMissing::Fail,
    }
}

pub(super) fn fleet(service: &Service) -> Build<sim::Fleet> {
    let gate = &service.rollout.gate;
    let mut fleet = sim::Fleet {
        zone_least: service.zone_least.map_or(0, narrow),
        max_surge: narrow(service.rollout.max_surge.unwrap_or(0)),
        gate: sim::Gate {
            ready_within_ns: duration_or(gate.ready_within.as_ref(), 0)?,
            crashes: narrow(gate.crashes.unwrap_or(0)),
            failing_q32: share_or(gate.failing.as_ref(), 0)?,
        },
        scale_lead_ns: duration_or(service.scale_lead.as_ref(), 0)?,
        ..sim::Fleet::default()
    };
    if let Some(health) = &service.health {
        fleet.health = Some(sim::HealthCheck {
            interval_ns: duration_ns(&health.interval.0)?,
            timeout_ns: duration_ns(&health.timeout.0)?,
            unhealthy: narrow(health.unhealthy.unwrap_or(defaults::UNHEALTHY)),
            healthy: narrow(health.healthy.unwrap_or(defaults::HEALTHY)),
            fail_open_q32: share_or(health.fail_open.as_ref(), 0)?,
        });
    }
    if let Some(ejection) = &service.ejection {
        fleet.ejection = Some(sim::Ejection {
            failures: narrow(ejection.failures),
            base_ns: duration_ns(&ejection.base.0)?,
            max_share_q32: share_or(ejection.most.as_ref(), defaults::EJECTED_Q32)?,
        });
    }
    if let Some(scaler) = &service.autoscaler {
        fleet.autoscaler = Some(sim::Autoscaler {
            target_q32: share_q32(&scaler.target.0)?,
            interval_ns: duration_or(scaler.interval.as_ref(), defaults::AUTOSCALE_INTERVAL_NS)?,
            delay_ns: duration_or(scaler.delay.as_ref(), 0)?,
            cool_down_ns: duration_or(scaler.cool_down.as_ref(), defaults::COOL_DOWN_NS)?,
            least: narrow(scaler.least.unwrap_or(1)),
            most: narrow(scaler.most),
        });
    }
    Ok(fleet)
}

impl Builder<'_> {
    /// A selector narrowed to the instances a change is about.
    pub(super) fn only(&self, selector: Selector, only: &Only) -> Build<Selector> {
        let version = match (&only.version, selector.service) {
            (Some(name), Some(service)) => Some(self.version_id(service, name)?),
            _ => None,
        };
        let share = only.share.as_ref().map(|share| share_q32(&share.0));
        Ok(Selector {
            version,
            zone: only.zone.map(narrow),
            slot: only.slot.map(narrow),
            share_q32: share.transpose()?,
            ..selector
        })
    }
}

pub(super) fn effect(effect: &Effect) -> Build<ProcessEffect> {
    Ok(match effect {
        Effect::Kill => ProcessEffect::Kill,
        Effect::Pause(length) => ProcessEffect::Pause {
            for_ns: duration_ns(&length.0)?,
        },
        Effect::Freeze => ProcessEffect::Pause { for_ns: 0 },
        Effect::Resume => ProcessEffect::Resume,
        Effect::Speed(factor) => ProcessEffect::Speed {
            speed_q16: factor_q16(&factor.0)?.max(1),
        },
        Effect::Quota(limit) => ProcessEffect::Quota(quota(limit)?),
        Effect::NoQuota => ProcessEffect::Quota(sim::Quota::default()),
        Effect::Leak(more) => ProcessEffect::Leak(leak(more)?),
        Effect::FailStart(on) => ProcessEffect::FailStart(*on),
        Effect::Cordon(on) => ProcessEffect::Cordon(*on),
        Effect::Drain(on) => ProcessEffect::Drain(*on),
        Effect::CleanDisk => ProcessEffect::CleanDisk,
    })
}
