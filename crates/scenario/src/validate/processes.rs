//! What can happen to processes and fleets: the changes.

use super::changes::{check_places, check_target, versions_of};
use super::checker::Checker;
use super::instances::{check_leak, check_quota, check_share};
use super::services::service_names;
use crate::compile::slots;
use crate::load::Loaded;
use crate::model::{Change, Only, ProcessEffect as Effect};

/// Instances a change of a service is narrowed to.
pub(super) fn check_only(
    check: &mut Checker<'_>,
    path: &str,
    service: &str,
    only: &Only,
    loaded: &Loaded,
) {
    let path = format!("{path}.only");
    let system = &loaded.system.model;
    if let Some(version) = &only.version {
        let kind = format!("version of `{service}`");
        let known = versions_of(service, loaded);
        let path = format!("{path}.version");
        check.known(&path, &kind, version, known.iter().copied());
    }
    let target = system.services.iter().find(|known| known.name == service);
    if let (Some(zone), Some(target)) = (only.zone, target) {
        let zones = |region: &String| system.zones.get(region).copied().unwrap_or(1);
        let most = target.replicas.keys().map(zones).max().unwrap_or(1).max(1);
        let path = format!("{path}.zone");
        check.range(&path, "zone", u64::from(zone), 0..=u64::from(most - 1));
    }
    if let (Some(slot), Some(target)) = (only.slot, target) {
        let most = target.replicas.keys().map(|region| slots(target, region));
        let most = most.max().unwrap_or(1).max(1);
        let path = format!("{path}.slot");
        check.range(&path, "slot", u64::from(slot), 0..=u64::from(most - 1));
    }
    check_share(check, &format!("{path}.share"), only.share.as_ref());
}

/// A change of processes or of a fleet.
pub(super) fn check_instance_change(
    check: &mut Checker<'_>,
    path: &str,
    change: &Change,
    loaded: &Loaded,
) {
    match change {
        Change::Process {
            service,
            regions,
            only,
            effect,
        } => {
            check_target(check, path, service, None, loaded);
            check_places(check, path, service, regions, loaded);
            check_only(check, path, service, only, loaded);
            check_effect(check, &format!("{path}.effect"), effect);
        }
        Change::Scale {
            service,
            regions,
            replicas,
        } => {
            check_target(check, path, service, None, loaded);
            check_places(check, path, service, regions, loaded);
            check_scale(check, path, service, *replicas, loaded);
        }
        Change::Canary {
            service,
            version,
            regions,
            share,
            pause,
        } => {
            let services = service_names(&loaded.system.model);
            if check.known(&format!("{path}.service"), "service", service, services) {
                let kind = format!("version of `{service}`");
                let known = versions_of(service, loaded);
                let path = format!("{path}.version");
                check.known(&path, &kind, version, known.iter().copied());
            }
            check_places(check, path, service, regions, loaded);
            if check.share(&format!("{path}.share"), share) == Some(0) {
                check.report(
                    "E0203",
                    &format!("{path}.share"),
                    "expected a share above 0",
                );
            }
            if let Some(pause) = pause {
                check.positive(&format!("{path}.pause"), pause);
            }
        }
        Change::Proceed { service, regions } => {
            check_target(check, path, service, None, loaded);
            check_places(check, path, service, regions, loaded);
        }
        Change::Autoscale {
            service, regions, ..
        } => {
            check_target(check, path, service, None, loaded);
            check_places(check, path, service, regions, loaded);
            let mut services = loaded.system.model.services.iter();
            if services.any(|known| &known.name == service && known.autoscaler.is_none()) {
                let message = format!("service `{service}` has no autoscaler");
                check.report("E0404", &format!("{path}.service"), message);
            }
        }
        _ => {}
    }
}

fn check_scale(check: &mut Checker<'_>, path: &str, service: &str, replicas: u32, loaded: &Loaded) {
    let mut services = loaded.system.model.services.iter();
    let Some(target) = services.find(|known| known.name == service) else {
        return;
    };
    let room = target.replicas.keys().map(|region| slots(target, region));
    let most = room.min().unwrap_or(0);
    if replicas > most {
        let message = format!("{replicas} replicas, but `{service}` has {most} instance slots");
        let help = "give the service more `slots`";
        check.advise("E0203", &format!("{path}.replicas"), message, help);
    }
}

fn check_effect(check: &mut Checker<'_>, path: &str, effect: &Effect) {
    match effect {
        Effect::Pause(length) => {
            check.positive(&format!("{path}[0]"), length);
        }
        Effect::Speed(factor) => {
            check.factor(&format!("{path}[0]"), factor);
        }
        Effect::Quota(quota) => check_quota(check, &format!("{path}[0]"), quota),
        Effect::Leak(leak) => check_leak(check, &format!("{path}[0]"), leak),
        Effect::Kill
        | Effect::Freeze
        | Effect::Resume
        | Effect::NoQuota
        | Effect::FailStart(_)
        | Effect::Cordon(_)
        | Effect::Drain(_)
        | Effect::CleanDisk => {}
    }
}
