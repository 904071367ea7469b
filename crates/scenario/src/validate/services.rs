//! A service: deployments, capacity, endpoints, client-side policy.

use super::checker::Checker;
use super::data::{check_cached, check_data_step, check_memory};
use super::instances::{check_fleet, check_resources, check_write};
use super::network::{check_door, check_fallback, check_sizes};
use super::system::{indexed, wide};
use crate::limits;
use crate::model::{
    CallPolicy, Discipline, Distribution, Endpoint, Instance, Service, Step, System,
};

pub(super) fn check_service(
    check: &mut Checker<'_>,
    path: &str,
    service: &Service,
    model: &System,
) {
    check.name(&format!("{path}.name"), &service.name);
    check.name(&format!("{path}.version"), &service.version);
    check.prose(&format!("{path}.description"), &service.description);
    check.short(&format!("{path}.owner"), &service.owner);
    if let Some(host) = &service.host {
        check.name(&format!("{path}.host"), host);
    }
    check_replicas(check, path, service, model);
    check_instance(check, &format!("{path}.instance"), &service.instance);
    check_fleet(check, path, service, model);
    if let Some(most) = service.rollout.max_unavailable {
        check.range(
            &format!("{path}.rollout.max_unavailable"),
            "max_unavailable",
            u64::from(most),
            0..=limits::MAX_REPLICAS,
        );
    }
    check.optional_duration(
        &format!("{path}.rollout.lead"),
        service.rollout.lead.as_ref(),
    );
    let restart_lead = service.rollout.restart_lead.as_ref();
    check.optional_duration(&format!("{path}.rollout.restart_lead"), restart_lead);
    check.length(
        &format!("{path}.endpoints"),
        "endpoints",
        service.endpoints.len(),
        limits::MAX_ENDPOINTS,
    );
    let list = format!("{path}.endpoints");
    check.unique(
        "endpoint",
        indexed(&list, ".name", &service.endpoints, |endpoint| {
            &endpoint.name
        }),
    );
    check_endpoints(check, &list, &service.endpoints, Some(service), model);
    check_door(check, path, service, model);
    check_memory(check, path, service, model);
    for (callee, policy) in &service.calls {
        let path = format!("{path}.calls.{callee}");
        check.known(&path, "service", callee, service_names(model));
        check_policy(check, &path, policy, model);
    }
}

pub(super) fn service_names(model: &System) -> impl Iterator<Item = &str> + Clone {
    model.services.iter().map(|service| service.name.as_str())
}

fn check_replicas(check: &mut Checker<'_>, path: &str, service: &Service, model: &System) {
    if service.replicas.is_empty() {
        let help = "add `replicas: {\"REGION\": N}`";
        check.advise(
            "E0404",
            &format!("{path}.replicas"),
            format!("service `{}` runs in no region", service.name),
            help,
        );
    }
    for (region, replicas) in &service.replicas {
        let path = format!("{path}.replicas.{region}");
        check.known(
            &path,
            "region",
            region,
            model.regions.iter().map(String::as_str),
        );
        check.range(
            &path,
            "replicas",
            u64::from(*replicas),
            1..=limits::MAX_REPLICAS,
        );
    }
    if let Some(home) = &service.home {
        let path = format!("{path}.home");
        if check.known(
            &path,
            "region",
            home,
            model.regions.iter().map(String::as_str),
        ) && !service.replicas.contains_key(home)
        {
            let message = format!(
                "service `{}` has no replicas in its home region `{home}`",
                service.name
            );
            check.report("E0404", &path, message);
        }
    }
}

fn check_instance(check: &mut Checker<'_>, path: &str, instance: &Instance) {
    if let Some(cores) = instance.cores {
        check.range(
            &format!("{path}.cores"),
            "cores",
            u64::from(cores),
            1..=limits::MAX_CORES,
        );
    }
    if let Some(workers) = instance.workers {
        check.range(
            &format!("{path}.workers"),
            "workers",
            u64::from(workers),
            1..=limits::MAX_POOL,
        );
    }
    if let Some(queue) = instance.queue {
        check.range(
            &format!("{path}.queue"),
            "queue",
            u64::from(queue),
            0..=limits::MAX_POOL,
        );
    }
    check_resources(check, path, instance);
    check.optional_duration(&format!("{path}.start"), instance.start.as_ref());
    check.optional_duration(&format!("{path}.drain"), instance.drain.as_ref());
    if let Discipline::Codel(target, interval) = &instance.discipline {
        check.positive(&format!("{path}.discipline[0]"), target);
        check.positive(&format!("{path}.discipline[1]"), interval);
    }
}

pub(super) fn check_policy(
    check: &mut Checker<'_>,
    path: &str,
    policy: &CallPolicy,
    model: &System,
) {
    if let Some(timeout) = &policy.timeout {
        check.positive(&format!("{path}.timeout"), timeout);
    }
    if let Some(attempts) = policy.attempts {
        check.range(
            &format!("{path}.attempts"),
            "attempts",
            u64::from(attempts),
            1..=limits::MAX_ATTEMPTS,
        );
    }
    check.optional_duration(&format!("{path}.backoff"), policy.backoff.as_ref());
    if let Some(factor) = &policy.backoff_factor {
        let path = format!("{path}.backoff_factor");
        if check
            .factor(&path, factor)
            .is_some_and(|factor| factor > limits::MAX_BACKOFF_FACTOR_Q16)
        {
            check.report("E0203", &path, "backoff_factor must be at most 100");
        }
    }
    if let Some(jitter) = &policy.jitter {
        check.share(&format!("{path}.jitter"), jitter);
    }
    if let Some(pool) = policy.pool {
        let path = format!("{path}.pool");
        check.range(&path, "pool", u64::from(pool), 1..=limits::MAX_POOL);
    }
    if let Some(budget) = &policy.budget {
        check.share(&format!("{path}.budget.ratio"), &budget.ratio);
        let path = format!("{path}.budget.burst");
        check.range(
            &path,
            "burst",
            u64::from(budget.burst),
            0..=limits::MAX_POOL,
        );
    }
    if let Some(breaker) = &policy.breaker {
        let path = format!("{path}.breaker");
        let window = u64::from(breaker.window);
        check.range(
            &format!("{path}.window"),
            "window",
            window,
            1..=limits::MAX_BREAKER_WINDOW,
        );
        let failures = u64::from(breaker.failures);
        check.range(
            &format!("{path}.failures"),
            "failures",
            failures,
            1..=window.max(1),
        );
        check.positive(&format!("{path}.open"), &breaker.open);
        let tries = u64::from(breaker.tries);
        check.range(
            &format!("{path}.tries"),
            "tries",
            tries,
            1..=limits::MAX_BREAKER_WINDOW,
        );
    }
    check_sizes(check, path, policy);
    if let Some(fallback) = &policy.fallback {
        check_fallback(check, &format!("{path}.fallback"), fallback, model);
    }
    if let Some(hedge) = &policy.hedge {
        check.positive(&format!("{path}.hedge"), hedge);
    }
}

/// Programs of a service or release.
pub(super) fn check_endpoints(
    check: &mut Checker<'_>,
    list: &str,
    endpoints: &[Endpoint],
    service: Option<&Service>,
    model: &System,
) {
    let mut steps = 0;
    for (index, endpoint) in endpoints.iter().enumerate() {
        let path = format!("{list}[{index}]");
        check.name(&format!("{path}.name"), &endpoint.name);
        let path = format!("{path}.steps");
        steps += check_steps(check, &path, &endpoint.steps, service, model);
    }
    check.limit(
        list,
        "steps in all endpoints of the service",
        wide(steps),
        wide(limits::MAX_STEPS),
    );
}

/// Checks steps and returns their number, parallel calls counted one by one. Recursion is bounded by the nesting limit
/// of the scan.
fn check_steps(
    check: &mut Checker<'_>,
    path: &str,
    steps: &[Step],
    service: Option<&Service>,
    model: &System,
) -> usize {
    let mut count = 0;
    for (index, step) in steps.iter().enumerate() {
        let path = format!("{path}[{index}]");
        count += 1;
        match step {
            Step::Compute(mean) => {
                check.duration(&format!("{path}[0]"), mean);
            }
            Step::ComputeAs(mean, distribution) => {
                check.duration(&format!("{path}[0]"), mean);
                check_distribution(check, &format!("{path}[1][0]"), distribution);
            }
            Step::Call(service, endpoint)
            | Step::Publish(service, endpoint)
            | Step::Enqueue(service, endpoint) => {
                check_callee(check, &path, service, endpoint, model);
            }
            Step::Parallel(calls) => {
                check.length(
                    &format!("{path}[0]"),
                    "parallel calls",
                    calls.len(),
                    limits::MAX_PARALLEL,
                );
                count += calls.len();
                for (index, (service, endpoint)) in calls.iter().enumerate() {
                    check_callee(
                        check,
                        &format!("{path}[0][{index}]"),
                        service,
                        endpoint,
                        model,
                    );
                }
            }
            Step::IfFlag(flag, inner) => {
                check.known(
                    &format!("{path}[0]"),
                    "flag",
                    flag,
                    model.flags.iter().map(|flag| flag.name.as_str()),
                );
                count += check_steps(check, &format!("{path}[1]"), inner, service, model);
            }
            Step::Cached(cached) => {
                let path = format!("{path}[0]");
                check_cached(check, &path, cached, model);
                count += check_steps(check, &format!("{path}.miss"), &cached.miss, service, model);
            }
            Step::IfSegment(name, inner) => {
                let known = model.segments.iter().map(String::as_str);
                check.known(&format!("{path}[0]"), "segment", name, known);
                count += check_steps(check, &format!("{path}[1]"), inner, service, model);
            }
            Step::IfClient(name, inner) => {
                let known = model.clients.iter().map(String::as_str);
                check.known(&format!("{path}[0]"), "client version", name, known);
                count += check_steps(check, &format!("{path}[1]"), inner, service, model);
            }
            Step::IfShare(name, share, inner) => {
                check.name(&format!("{path}[0]"), name);
                check.share(&format!("{path}[1]"), share);
                count += check_steps(check, &format!("{path}[2]"), inner, service, model);
            }
            Step::OneOf(name, choices) => {
                check.name(&format!("{path}[0]"), name);
                let mut sum = 0u64;
                for (index, (share, inner)) in choices.iter().enumerate() {
                    let path = format!("{path}[1][{index}]");
                    sum += check.share(&format!("{path}[0]"), share).unwrap_or(0);
                    count += check_steps(check, &format!("{path}[1]"), inner, service, model);
                }
                // Each share may have been rounded by half a unit.
                if sum > (1 << 32) + wide(choices.len()) {
                    let message = "the shares of what requests do one of add up to more than 100%";
                    check.report("E0203", &format!("{path}[1]"), message);
                }
            }
            Step::CheckToken(leeway) => {
                check.duration(&format!("{path}[0]"), leeway);
            }
            Step::FailShare(share) => {
                check.share(&format!("{path}[0]"), share);
            }
            Step::Write(written) => check_write(check, &format!("{path}[0]"), written),
            other => check_data_step(check, &path, other, service),
        }
    }
    count
}

/// The parameter of a distribution at `path`.
pub(super) fn check_distribution(check: &mut Checker<'_>, path: &str, distribution: &Distribution) {
    let (parameter, allowed, message) = match distribution {
        Distribution::Constant | Distribution::Exponential => return,
        Distribution::LogNormal(sigma) => (
            check.factor(path, sigma),
            0..=5 << 16,
            "the standard deviation of the logarithm must be at most 5",
        ),
        Distribution::HyperExponential(scv) => (
            check.factor(path, scv),
            1 << 16..=10_000 << 16,
            "the squared coefficient of variation must be at least 1 and at most 10000",
        ),
        Distribution::Erlang(phases) => (
            Some(u32::from(*phases) << 16),
            1 << 16..=100 << 16,
            "the number of phases must be at least 1 and at most 100",
        ),
        Distribution::Pareto(shape) => (
            check.factor(path, shape),
            (1 << 16) + 6_553..=100 << 16,
            "the tail index must be at least 1.1 and at most 100",
        ),
    };
    if parameter.is_some_and(|parameter| !allowed.contains(&parameter)) {
        check.report("E0203", path, message);
    }
}

/// A `(service, endpoint)` pair at `path`.
pub(super) fn check_callee(
    check: &mut Checker<'_>,
    path: &str,
    service: &str,
    endpoint: &str,
    model: &System,
) {
    if !check.known(
        &format!("{path}[0]"),
        "service",
        service,
        service_names(model),
    ) {
        return;
    }
    let Some(callee) = model.services.iter().find(|known| known.name == service) else {
        return;
    };
    let kind = format!("endpoint of `{service}`");
    check.known(
        &format!("{path}[1]"),
        &kind,
        endpoint,
        callee.endpoints.iter().map(|e| e.name.as_str()),
    );
}
