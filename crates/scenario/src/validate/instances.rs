//! Resources, checks, rollouts and scaling of instances; what can happen to them.

use super::checker::Checker;
use crate::compile::slots;
use crate::limits;
use crate::model::{BytesText, Gate, Instance, Leak, Quota, Service, ShareText, System};
use crate::units::{bytes, duration_ns};

fn check_bytes(check: &mut Checker<'_>, path: &str, text: Option<&BytesText>) -> Option<u64> {
    check.quantity(path, bytes(&text?.0))
}

pub(super) fn check_share(check: &mut Checker<'_>, path: &str, text: Option<&ShareText>) {
    if let Some(text) = text {
        check.share(path, text);
    }
}

fn check_count(
    check: &mut Checker<'_>,
    path: &str,
    what: &str,
    count: Option<u32>,
    allowed: std::ops::RangeInclusive<u64>,
) {
    if let Some(count) = count {
        check.range(path, what, u64::from(count), allowed);
    }
}

/// Memory, descriptors, ports, disk, warm-up and quota of an instance.
pub(super) fn check_resources(check: &mut Checker<'_>, path: &str, instance: &Instance) {
    if let Some(memory) = &instance.memory {
        let path = format!("{path}.memory");
        let limit = check_bytes(check, &format!("{path}.limit"), Some(&memory.limit));
        let base = check_bytes(check, &format!("{path}.base"), Some(&memory.base));
        if limit.zip(base).is_some_and(|(limit, base)| base >= limit) {
            let message = "an idle process must live on less than the limit";
            check.report("E0203", &format!("{path}.base"), message);
        }
        check_bytes(
            check,
            &format!("{path}.in_flight"),
            memory.in_flight.as_ref(),
        );
        let garbage = check_bytes(check, &format!("{path}.garbage"), memory.garbage.as_ref());
        if limit
            .zip(garbage)
            .is_some_and(|(limit, garbage)| garbage > limit)
        {
            let message = "one request must not leave more garbage than the limit";
            check.report("E0203", &format!("{path}.garbage"), message);
        }
        if let Some(pause) = &memory.pause_per_mib {
            let path = format!("{path}.pause_per_mib");
            check.duration_up_to(&path, pause, limits::MAX_PAUSE_PER_MIB_NS, "1s");
        }
    }
    if let Some(own) = &instance.descriptors {
        let path = format!("{path}.descriptors");
        let most = 1..=limits::MAX_DESCRIPTORS;
        check_count(
            check,
            &format!("{path}.limit"),
            "limit",
            Some(own.limit),
            most,
        );
        let base = 0..=u64::from(own.limit);
        check_count(check, &format!("{path}.base"), "base", own.base, base);
    }
    if let Some(ports) = &instance.ports {
        let path = format!("{path}.ports");
        let most = 1..=limits::MAX_PORTS;
        check_count(
            check,
            &format!("{path}.limit"),
            "limit",
            Some(ports.limit),
            most,
        );
        check.optional_duration(&format!("{path}.rest"), ports.rest.as_ref());
    }
    if let Some(disk) = &instance.disk {
        let path = format!("{path}.disk");
        let capacity = check_bytes(check, &format!("{path}.capacity"), Some(&disk.capacity));
        let used = check_bytes(check, &format!("{path}.used"), disk.used.as_ref());
        if capacity.zip(used).is_some_and(|(most, used)| used > most) {
            let message = "more in use than the disk holds";
            check.report("E0203", &format!("{path}.used"), message);
        }
        check_bytes(
            check,
            &format!("{path}.per_request"),
            disk.per_request.as_ref(),
        );
    }
    if let Some(warm_up) = &instance.warm_up {
        let path = format!("{path}.warm_up");
        let factor = check.factor(&format!("{path}.factor"), &warm_up.factor);
        let allowed = 1 << 16..=limits::MAX_WARM_UP_Q16;
        if factor.is_some_and(|factor| !allowed.contains(&factor)) {
            let message = "the factor must be at least 1 and at most 1000";
            check.report("E0203", &format!("{path}.factor"), message);
        }
        check.positive(&format!("{path}.over"), &warm_up.over);
    }
    if let Some(quota) = &instance.quota {
        check_quota(check, &format!("{path}.quota"), quota);
    }
}

pub(super) fn check_quota(check: &mut Checker<'_>, path: &str, quota: &Quota) {
    check.positive(&format!("{path}.time"), &quota.time);
    if let Some(period) = &quota.period {
        at_least(
            check,
            &format!("{path}.period"),
            period,
            limits::MIN_QUOTA_PERIOD_NS,
            "1ms",
        );
    }
}

/// A duration that must not be too short: something happens at each instance each time.
fn at_least(
    check: &mut Checker<'_>,
    path: &str,
    text: &crate::model::DurationText,
    least_ns: u64,
    least: &str,
) {
    if check.duration(path, text).is_some_and(|ns| ns < least_ns) {
        let message = format!("a duration here must be at least {least}");
        check.report("E0203", path, message);
    }
}

/// Slots, health checks, ejection, gates and scaling of a service.
pub(super) fn check_fleet(check: &mut Checker<'_>, path: &str, service: &Service, model: &System) {
    for (region, count) in &service.slots {
        let path = format!("{path}.slots.{region}");
        let known = service.replicas.keys().map(String::as_str);
        check.known(&path, "region of the service", region, known);
        let replicas = service.replicas.get(region).copied().unwrap_or(0);
        let allowed = u64::from(replicas)..=limits::MAX_REPLICAS;
        check.range(&path, "slots", u64::from(*count), allowed);
    }
    if let Some(health) = &service.health {
        let path = format!("{path}.health");
        let least_ns = limits::MIN_CHECK_NS;
        at_least(
            check,
            &format!("{path}.interval"),
            &health.interval,
            least_ns,
            "100ms",
        );
        let timeout = check.positive(&format!("{path}.timeout"), &health.timeout);
        let interval = duration_ns(&health.interval.0).ok();
        if timeout
            .zip(interval)
            .is_some_and(|(timeout, interval)| timeout > interval)
        {
            let message = "a check must be over before the next: at most the interval";
            check.report("E0203", &format!("{path}.timeout"), message);
        }
        let row = 1..=limits::MAX_IN_A_ROW;
        let unhealthy = format!("{path}.unhealthy");
        check_count(
            check,
            &unhealthy,
            "unhealthy",
            health.unhealthy,
            row.clone(),
        );
        check_count(
            check,
            &format!("{path}.healthy"),
            "healthy",
            health.healthy,
            row,
        );
        check_share(
            check,
            &format!("{path}.fail_open"),
            health.fail_open.as_ref(),
        );
    }
    if let Some(ejection) = &service.ejection {
        let path = format!("{path}.ejection");
        let row = 1..=limits::MAX_IN_A_ROW;
        let failures = Some(ejection.failures);
        check_count(
            check,
            &format!("{path}.failures"),
            "failures",
            failures,
            row,
        );
        check.positive(&format!("{path}.base"), &ejection.base);
        check_share(check, &format!("{path}.most"), ejection.most.as_ref());
    }
    check_count(
        check,
        &format!("{path}.zone_least"),
        "zone_least",
        service.zone_least,
        1..=limits::MAX_REPLICAS,
    );
    check.optional_duration(&format!("{path}.scale_lead"), service.scale_lead.as_ref());
    check_autoscaler(check, path, service);
    check_rollout(check, path, service);
    for region in service.replicas.keys() {
        if model.regions.contains(region)
            && u64::from(slots(service, region)) > limits::MAX_REPLICAS
        {
            let most = limits::MAX_REPLICAS;
            let message = format!("more than {most} instance slots in `{region}`");
            check.report("E0202", path, message);
        }
    }
}

fn check_autoscaler(check: &mut Checker<'_>, path: &str, service: &Service) {
    let Some(scaler) = &service.autoscaler else {
        return;
    };
    let path = format!("{path}.autoscaler");
    if check.share(&format!("{path}.target"), &scaler.target) == Some(0) {
        check.report(
            "E0203",
            &format!("{path}.target"),
            "expected a share above 0",
        );
    }
    if let Some(interval) = &scaler.interval {
        let least_ns = limits::MIN_CHECK_NS;
        at_least(
            check,
            &format!("{path}.interval"),
            interval,
            least_ns,
            "100ms",
        );
    }
    check.optional_duration(&format!("{path}.delay"), scaler.delay.as_ref());
    check.optional_duration(&format!("{path}.cool_down"), scaler.cool_down.as_ref());
    let most = 1..=limits::MAX_REPLICAS;
    check_count(
        check,
        &format!("{path}.most"),
        "most",
        Some(scaler.most),
        most,
    );
    let least = 1..=u64::from(scaler.most.max(1));
    check_count(
        check,
        &format!("{path}.least"),
        "least",
        scaler.least,
        least,
    );
}

fn check_rollout(check: &mut Checker<'_>, path: &str, service: &Service) {
    let rollout = &service.rollout;
    let path = format!("{path}.rollout");
    check_count(
        check,
        &format!("{path}.max_surge"),
        "max_surge",
        rollout.max_surge,
        0..=limits::MAX_REPLICAS,
    );
    if rollout.max_unavailable == Some(0) && rollout.max_surge.unwrap_or(0) == 0 {
        let help = "allow one unavailable or a surge of one";
        check.advise(
            "E0203",
            &format!("{path}.max_unavailable"),
            "max_unavailable must be at least 1 without a surge",
            help,
        );
    }
    let Gate {
        ready_within,
        crashes,
        failing,
    } = &rollout.gate;
    if let Some(limit) = ready_within {
        check.positive(&format!("{path}.gate.ready_within"), limit);
    }
    let row = 1..=limits::MAX_IN_A_ROW;
    check_count(
        check,
        &format!("{path}.gate.crashes"),
        "crashes",
        *crashes,
        row,
    );
    check_share(check, &format!("{path}.gate.failing"), failing.as_ref());
}

pub(super) fn check_leak(check: &mut Checker<'_>, path: &str, leak: &Leak) {
    check_bytes(check, &format!("{path}.memory"), leak.memory.as_ref());
    check_share(
        check,
        &format!("{path}.descriptors"),
        leak.descriptors.as_ref(),
    );
    check_share(
        check,
        &format!("{path}.connections"),
        leak.connections.as_ref(),
    );
}

pub(super) fn check_write(check: &mut Checker<'_>, path: &str, written: &BytesText) {
    check_bytes(check, path, Some(written));
}
