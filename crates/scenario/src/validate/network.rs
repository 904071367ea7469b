//! Links, rate limits, names, certificates, credentials and providers' pages, and changes of them.

use super::changes::{check_places, check_regions};
use super::checker::Checker;
use super::services::{check_callee, service_names};
use super::system::wide;
use crate::graph::{all_calls, programs};
use crate::limits;
use crate::load::Loaded;
use crate::model::{Change, Fallback, Link, Party, Quality, RateLimit, Service, System, Version};
use crate::units::{bits_per_second, interarrival_ns, message_bytes};

pub(super) fn check_links(check: &mut Checker<'_>, model: &System) {
    let count = wide(model.links.len());
    check.limit("links", "links", count, wide(limits::MAX_LINKS));
    for (index, link) in model.links.iter().enumerate() {
        check_link(check, &format!("links[{index}]"), link, model);
    }
}

fn check_link(check: &mut Checker<'_>, path: &str, link: &Link, model: &System) {
    let regions = model.regions.iter().map(String::as_str);
    check.known(
        &format!("{path}.from"),
        "region",
        &link.from,
        regions.clone(),
    );
    check.known(&format!("{path}.to"), "region", &link.to, regions);
    check.optional_duration(&format!("{path}.latency"), link.latency.as_ref());
    check_quality(check, &format!("{path}.quality"), &link.quality);
}

fn check_quality(check: &mut Checker<'_>, path: &str, quality: &Quality) {
    check.optional_duration(&format!("{path}.delay"), quality.delay.as_ref());
    check.optional_duration(&format!("{path}.jitter"), quality.jitter.as_ref());
    check.optional_duration(&format!("{path}.linger"), quality.linger.as_ref());
    let shares = [("loss", &quality.loss), ("reset", &quality.reset)];
    for (name, share) in shares {
        if let Some(share) = share {
            check.share(&format!("{path}.{name}"), share);
        }
    }
    if let Some(bandwidth) = &quality.bandwidth {
        let read = bits_per_second(&bandwidth.0);
        check.quantity(&format!("{path}.bandwidth"), read);
    }
}

/// Sizes of the messages of calls.
pub(super) fn check_sizes(check: &mut Checker<'_>, path: &str, policy: &crate::model::CallPolicy) {
    let sizes = [
        ("request_size", &policy.request_size),
        ("reply_size", &policy.reply_size),
    ];
    for (name, size) in sizes {
        if let Some(size) = size {
            check.quantity(&format!("{path}.{name}"), message_bytes(&size.0));
        }
    }
}

/// A fallback at `path`; it is called by whoever the policy is for.
pub(super) fn check_fallback(
    check: &mut Checker<'_>,
    path: &str,
    fallback: &Fallback,
    model: &System,
) {
    if let Fallback::Call(service, endpoint) = fallback {
        check_callee(check, path, service, endpoint, model);
    }
}

/// What a service asks of its clients and tells them.
pub(super) fn check_door(check: &mut Checker<'_>, path: &str, service: &Service, model: &System) {
    let list = format!("{path}.limits");
    let count = wide(service.limits.len());
    check.limit(&list, "limits", count, wide(limits::MAX_DOOR_LIMITS));
    for (index, limit) in service.limits.iter().enumerate() {
        check_rate_limit(check, &format!("{list}[{index}]"), limit, model);
    }
    check.optional_duration(&format!("{path}.name_ttl"), service.name_ttl.as_ref());
    check.optional_duration(&format!("{path}.certificate"), service.certificate.as_ref());
    let list = format!("{path}.credentials");
    for (index, client) in service.credentials.iter().enumerate() {
        let path = format!("{list}[{index}]");
        check.known(&path, "service", client, service_names(model));
    }
    let names = service.credentials.iter().enumerate();
    let names = names.map(|(index, client)| (format!("{list}[{index}]"), client.as_str()));
    check.unique("client", names.collect::<Vec<_>>());
    if let Some(page) = &service.status_page {
        let path = format!("{path}.status_page");
        check.optional_duration(&format!("{path}.delay"), page.delay.as_ref());
        if let Some(window) = &page.window {
            check.positive(&format!("{path}.window"), window);
        }
        if let Some(admits) = &page.admits {
            check.share(&format!("{path}.admits"), admits);
        }
        check.optional_duration(&format!("{path}.slow"), page.slow.as_ref());
    }
}

fn check_rate_limit(check: &mut Checker<'_>, path: &str, limit: &RateLimit, model: &System) {
    let read = interarrival_ns(&limit.rate.0);
    check.quantity(&format!("{path}.rate"), read);
    if let Some(burst) = limit.burst {
        let path = format!("{path}.burst");
        check.range(&path, "burst", u64::from(burst), 1..=limits::MAX_POOL);
    }
    check_scope(
        check,
        path,
        limit.flow.as_ref(),
        limit.segment.as_ref(),
        model,
    );
}

fn check_scope(
    check: &mut Checker<'_>,
    path: &str,
    flow: Option<&String>,
    segment: Option<&String>,
    model: &System,
) {
    if let Some(flow) = flow {
        let known = model.flows.iter().map(|flow| flow.name.as_str());
        check.known(&format!("{path}.flow"), "flow", flow, known);
    }
    if let Some(segment) = segment {
        let known = model.segments.iter().map(String::as_str);
        check.known(&format!("{path}.segment"), "segment", segment, known);
    }
}

fn check_party(check: &mut Checker<'_>, path: &str, party: &Party, model: &System) {
    if let Party::Service(name) = party {
        check.known(&format!("{path}[0]"), "service", name, service_names(model));
    }
}

/// A service that has what a change is about.
fn check_has(
    check: &mut Checker<'_>,
    path: &str,
    name: &str,
    model: &System,
    has: impl Fn(&Service) -> bool,
    what: &str,
) {
    if check.known(path, "service", name, service_names(model))
        && !model.services.iter().any(|s| s.name == name && has(s))
    {
        let message = format!("service `{name}` has no `{what}`");
        check.report("E0404", path, message);
    }
}

/// Changes of what this file is about; others are left alone.
pub(super) fn check_network_change(
    check: &mut Checker<'_>,
    path: &str,
    change: &Change,
    loaded: &Loaded,
) {
    let model = &loaded.system.model;
    let service_path = format!("{path}.service");
    match change {
        Change::Limit {
            service,
            regions,
            limit,
        } => {
            check.known(&service_path, "service", service, service_names(model));
            check_rate_limit(check, &format!("{path}.limit"), limit, model);
            check_places(check, path, service, regions, loaded);
        }
        Change::Unlimit {
            service,
            regions,
            flow,
            segment,
        } => {
            check.known(&service_path, "service", service, service_names(model));
            check_scope(check, path, flow.as_ref(), segment.as_ref(), model);
            check_places(check, path, service, regions, loaded);
        }
        Change::Calls { .. } => check_calls(check, path, change, loaded),
        Change::Link {
            from_region,
            to_region,
            from_zone,
            to_zone,
            from,
            to,
            quality,
            ..
        } => {
            for (field, zone) in [("from_zone", from_zone), ("to_zone", to_zone)] {
                if let Some(zone) = zone {
                    let most = model.zones.values().max().copied().unwrap_or(1).max(1);
                    let path = format!("{path}.{field}");
                    check.range(&path, "zone", u64::from(*zone), 0..=u64::from(most - 1));
                }
            }
            for (field, region) in [("from_region", from_region), ("to_region", to_region)] {
                if let Some(region) = region {
                    let known = model.regions.iter().map(String::as_str);
                    check.known(&format!("{path}.{field}"), "region", region, known);
                }
            }
            check_party(check, &format!("{path}.from"), from, model);
            check_party(check, &format!("{path}.to"), to, model);
            check_quality(check, &format!("{path}.quality"), quality);
        }
        Change::PointName {
            service,
            to,
            region,
        } => {
            let has = |s: &Service| s.name_ttl.is_some();
            check_has(check, &service_path, service, model, has, "name_ttl");
            if let Some(to) = to {
                check.known(&format!("{path}.to"), "service", to, service_names(model));
            }
            if let Some(region) = region {
                let known = model.regions.iter().map(String::as_str);
                check.known(&format!("{path}.region"), "region", region, known);
            }
        }
        Change::AnswerName { service, .. } => {
            let has = |s: &Service| s.name_ttl.is_some();
            check_has(check, &service_path, service, model, has, "name_ttl");
        }
        Change::Certificate { service, expires } => {
            let has = |s: &Service| s.certificate.is_some();
            check_has(check, &service_path, service, model, has, "certificate");
            check.duration(&format!("{path}.expires"), expires);
        }
        Change::Credential { client, server, .. } => {
            let path_client = format!("{path}.client");
            check.known(&path_client, "service", client, service_names(model));
            let has = |s: &Service| s.credentials.contains(client);
            let what = format!("credentials: [\"{client}\"]");
            check_has(check, &format!("{path}.server"), server, model, has, &what);
        }
        Change::Skew {
            service,
            regions,
            instance,
            ahead,
            behind,
        } => {
            check.known(&service_path, "service", service, service_names(model));
            check_regions(check, &format!("{path}.regions"), regions, loaded);
            check_places(check, path, service, regions, loaded);
            check.optional_duration(&format!("{path}.ahead"), ahead.as_ref());
            check.optional_duration(&format!("{path}.behind"), behind.as_ref());
            if ahead.is_some() && behind.is_some() {
                let message = "a clock is either ahead or behind";
                check.report("E0203", &format!("{path}.behind"), message);
            }
            let target = model.services.iter().find(|s| &s.name == service);
            if let (Some(instance), Some(target)) = (instance, target) {
                let most = target.replicas.values().max().copied().unwrap_or(0);
                if u32::from(*instance) >= most {
                    let message = format!("service `{service}` has no instance {instance}");
                    check.report("E0404", &format!("{path}.instance"), message);
                }
            }
        }
        _ => {}
    }
}

/// A change of how one service calls another.
fn check_calls(check: &mut Checker<'_>, path: &str, change: &Change, loaded: &Loaded) {
    let Change::Calls {
        service,
        callee,
        regions,
        timeout,
        attempts,
        pool,
    } = change
    else {
        return;
    };
    let model = &loaded.system.model;
    if !check.known(
        &format!("{path}.service"),
        "service",
        service,
        service_names(model),
    ) {
        return;
    }
    check_places(check, path, service, regions, loaded);
    let callees = callees(model, &loaded.model.versions, service);
    let kind = format!("callee of `{service}`");
    let names = callees.iter().map(String::as_str);
    check.known(&format!("{path}.callee"), &kind, callee, names);
    if timeout.is_none() && attempts.is_none() && pool.is_none() {
        let help = "say what is to change: `timeout`, `attempts` or `pool`";
        check.advise("E0404", path, "this changes nothing", help);
    }
    if let Some(timeout) = timeout {
        check.positive(&format!("{path}.timeout"), timeout);
    }
    if let Some(attempts) = attempts {
        check.range(
            &format!("{path}.attempts"),
            "attempts",
            u64::from(*attempts),
            1..=limits::MAX_ATTEMPTS,
        );
    }
    if let Some(pool) = pool {
        check.range(
            &format!("{path}.pool"),
            "pool",
            u64::from(*pool),
            1..=limits::MAX_POOL,
        );
        if !has_pool(loaded, service, callee) {
            check.report("E0404", &format!("{path}.pool"), no_pool(service, callee));
        }
    }
}

/// Services that a service calls, releases of the scenario included.
pub(super) fn callees(model: &System, releases: &[Version], service: &str) -> Vec<String> {
    programs(model, releases)
        .filter(|(caller, _)| *caller == service)
        .flat_map(|(caller, endpoint)| all_calls(model, caller, endpoint))
        .map(|(callee, _)| callee.to_owned())
        .collect()
}

/// Whether some calls of one service to another go through a pool of connections.
pub(super) fn has_pool(loaded: &Loaded, service: &str, callee: &str) -> bool {
    let services = loaded.system.model.services.iter();
    let own = services.filter(|of| of.name == service).map(|of| &of.calls);
    let releases = loaded.model.versions.iter();
    let released = releases
        .filter(|of| of.service == service)
        .map(|of| &of.calls);
    let written = own.chain(released).any(|calls| {
        calls
            .get(callee)
            .is_some_and(|policy| policy.pool.is_some())
    });
    let hidden = loaded.model.truths.iter().flat_map(|truth| &truth.calls);
    written
        || hidden
            .into_iter()
            .any(|of| of.service == service && of.callee == callee && of.policy.pool.is_some())
}

/// What is wrong with a pool that is set and not there.
pub(super) fn no_pool(service: &str, callee: &str) -> String {
    format!("`{service}` calls `{callee}` without a pool of connections: there is nothing to set")
}
