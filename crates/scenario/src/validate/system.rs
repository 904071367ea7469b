//! A system: names, regions, traffic, and the graph as a whole.

use std::collections::BTreeSet;

use super::checker::Checker;
use super::data::check_keys;
use super::network::check_links;
use super::services::{check_policy, check_service};
use super::traffic::{check_patience, check_profiles, check_rate_steps, check_shares};
use super::warnings::warn_system;
use crate::compile::{host, run_ns, slots};
use crate::diagnostics::Diagnostic;
use crate::graph::{all_calls, endpoint_cycles, programs};
use crate::limits;
use crate::load::LoadedSystem;
use crate::model::{Flow, ScenarioFile, System, Version};

/// Checks a system. With a scenario its releases count as part of the graph: for limits, cycles and "never used".
pub fn validate_system(
    system: &LoadedSystem,
    scenario: Option<&ScenarioFile>,
    found: &mut Vec<Diagnostic>,
) {
    let releases: &[Version] = scenario.map_or(&[], |scenario| &scenario.versions);
    let model = &system.model;
    let check = &mut Checker::new(&system.document, found);
    check.name("name", &model.name);
    check.required_prose("title", &model.title);
    check.short("title", &model.title);
    check.prose("description", &model.description);
    check_lists(check, model);
    check.duration("latency.within", &model.latency.within);
    check.duration("latency.between", &model.latency.between);
    for (region, zones) in &model.zones {
        let path = format!("zones.{region}");
        let known = model.regions.iter().map(String::as_str);
        check.known(&path, "region", region, known);
        check.range(&path, "zones", u64::from(*zones), 1..=limits::MAX_ZONES);
    }
    check_links(check, model);
    check_keys(check, model);
    check_policy(check, "calls", &model.calls, model);
    for (index, service) in model.services.iter().enumerate() {
        check_service(check, &format!("services[{index}]"), service, model);
    }
    for (index, flag) in model.flags.iter().enumerate() {
        check.name(&format!("flags[{index}].name"), &flag.name);
        check.prose(&format!("flags[{index}].feature"), &flag.feature);
        check.share(&format!("flags[{index}].on"), &flag.on);
        for (segment, on) in &flag.segments {
            let path = format!("flags[{index}].segments.{segment}");
            let known = model.segments.iter().map(String::as_str);
            check.known(&path, "segment", segment, known);
            check.share(&path, on);
        }
    }
    for (index, flow) in model.flows.iter().enumerate() {
        check_flow(check, &format!("flows[{index}]"), flow, model);
    }
    check_main(check, model);
    check_totals(check, model, releases);
    check_rate_steps(check, model, run_ns(scenario));
    check_cycles(check, model, releases);
    warn_system(check, model, releases);
}

fn check_lists(check: &mut Checker<'_>, model: &System) {
    check.length(
        "regions",
        "regions",
        model.regions.len(),
        limits::MAX_REGIONS,
    );
    check.length(
        "segments",
        "segments",
        model.segments.len(),
        limits::MAX_SEGMENTS,
    );
    check.length(
        "services",
        "services",
        model.services.len(),
        limits::MAX_SERVICES,
    );
    check.length("flows", "flows", model.flows.len(), limits::MAX_FLOWS);
    check.limit(
        "flags",
        "flags",
        wide(model.flags.len()),
        wide(limits::MAX_FLAGS),
    );
    check.limit(
        "clients",
        "clients",
        wide(model.clients.len()),
        wide(limits::MAX_CLIENTS),
    );
    let lists = [
        ("regions", &model.regions),
        ("segments", &model.segments),
        ("clients", &model.clients),
    ];
    for (list, names) in lists {
        for (index, name) in names.iter().enumerate() {
            check.name(&format!("{list}[{index}]"), name);
        }
    }
    check.unique(
        "region",
        indexed("regions", "", &model.regions, |region| region),
    );
    check.unique(
        "segment",
        indexed("segments", "", &model.segments, |segment| segment),
    );
    check.unique(
        "client version",
        indexed("clients", "", &model.clients, |client| client),
    );
    check.unique(
        "service",
        indexed("services", ".name", &model.services, |service| {
            &service.name
        }),
    );
    check.unique(
        "flag",
        indexed("flags", ".name", &model.flags, |flag| &flag.name),
    );
    check.unique(
        "flow",
        indexed("flows", ".name", &model.flows, |flow| &flow.name),
    );
    let hosts: Vec<String> = model.services.iter().map(host).collect();
    let with_host = |(index, host): (usize, &'_ String)| {
        let own = model
            .services
            .get(index)
            .is_some_and(|service| service.host.is_some());
        (
            format!("services[{index}].{}", if own { "host" } else { "name" }),
            host.clone(),
        )
    };
    let hosts: Vec<(String, String)> = hosts.iter().enumerate().map(with_host).collect();
    // Two services of one name have been reported as such; their hosts say nothing new.
    let names: BTreeSet<&str> = model
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    if names.len() == model.services.len() {
        check.unique(
            "host",
            hosts
                .iter()
                .map(|(path, host)| (path.clone(), host.as_str())),
        );
    }
}

/// Paths and names of a list's entries.
pub(super) fn indexed<'m, T>(
    list: &str,
    field: &str,
    entries: &'m [T],
    name: impl Fn(&'m T) -> &'m String,
) -> Vec<(String, &'m str)> {
    entries
        .iter()
        .enumerate()
        .map(|(index, entry)| (format!("{list}[{index}]{field}"), name(entry).as_str()))
        .collect()
}

pub(super) fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn check_flow(check: &mut Checker<'_>, path: &str, flow: &Flow, model: &System) {
    check.name(&format!("{path}.name"), &flow.name);
    check.required_prose(&format!("{path}.title"), &flow.title);
    check.short(&format!("{path}.title"), &flow.title);
    let (service, endpoint) = &flow.entry;
    super::services::check_callee(check, &format!("{path}.entry"), service, endpoint, model);
    check.positive(&format!("{path}.slow"), &flow.slow);
    check.positive(&format!("{path}.timeout"), &flow.timeout);
    check.range(
        &format!("{path}.weight"),
        "weight",
        u64::from(flow.weight),
        1..=limits::MAX_WEIGHT,
    );
    if flow.rates.is_empty() && flow.users.is_empty() {
        check.report(
            "E0402",
            &format!("{path}.rates"),
            "expected the rate of at least one region",
        );
    }
    for (region, users) in &flow.users {
        let path = format!("{path}.users.{region}");
        check.known(
            &path,
            "region",
            region,
            model.regions.iter().map(String::as_str),
        );
        let count = u64::from(users.count);
        check.range(
            &format!("{path}.count"),
            "count",
            count,
            1..=limits::MAX_USERS,
        );
        check.duration(&format!("{path}.think"), &users.think);
    }
    for (region, rate) in &flow.rates {
        let path = format!("{path}.rates.{region}");
        if check.known(
            &path,
            "region",
            region,
            model.regions.iter().map(String::as_str),
        ) {
            check.rate(&path, rate);
        }
    }
    let list = format!("{path}.segments");
    let kind = ("segment", "segments");
    check_shares(check, &list, kind, &flow.segments, &model.segments);
    let list = format!("{path}.clients");
    let kind = ("client version", "client versions");
    check_shares(check, &list, kind, &flow.clients, &model.clients);
    check_profiles(check, &format!("{path}.profile"), flow);
    if let Some(patience) = &flow.patience {
        check_patience(check, &format!("{path}.patience"), patience);
    }
}

fn check_main(check: &mut Checker<'_>, model: &System) {
    let mut main = model.flows.iter().enumerate().filter(|(_, flow)| flow.main);
    let first = main.next();
    if first.is_none() && !model.flows.is_empty() {
        let help = "add `main: true` to the flow that objectives and the page are about";
        check.advise("E0403", "flows", "no flow is the main one", help);
    }
    for (index, _) in main {
        let name = first.map_or("", |(_, flow)| &flow.name);
        let message = format!("only one flow can be the main one, and `{name}` already is");
        check.report("E0403", &format!("flows[{index}].main"), message);
    }
}

fn check_totals(check: &mut Checker<'_>, model: &System, releases: &[Version]) {
    let replicas = model
        .services
        .iter()
        .flat_map(|service| service.replicas.keys().map(|region| slots(service, region)))
        .map(u64::from)
        .sum();
    check.limit(
        "services",
        "replicas in all services and regions",
        replicas,
        limits::MAX_REPLICAS,
    );
    let sources = model
        .flows
        .iter()
        .map(|flow| {
            let kinds = model.segments.len() * model.clients.len().max(1);
            (flow.rates.len() + flow.users.len()).saturating_mul(kinds)
        })
        .sum();
    check.limit(
        "flows",
        "traffic sources (flow, region, segment, client version)",
        wide(sources),
        wide(limits::MAX_SOURCES),
    );
    let endpoints = model
        .services
        .iter()
        .map(|service| service.endpoints.len())
        .sum();
    check.limit(
        "services",
        "endpoints in all services",
        wide(endpoints),
        wide(limits::MAX_ENDPOINTS),
    );
    let mut edges = BTreeSet::new();
    for (caller, endpoint) in programs(model, releases) {
        edges.extend(
            all_calls(model, caller, endpoint)
                .into_iter()
                .map(|(service, endpoint)| (caller, service, endpoint)),
        );
    }
    check.limit(
        "services",
        "edges (calling service, called endpoint)",
        wide(edges.len() + model.flows.len()),
        wide(limits::MAX_EDGES),
    );
}

/// A request on a circle of endpoints would never end.
fn check_cycles(check: &mut Checker<'_>, model: &System, releases: &[Version]) {
    for circle in endpoint_cycles(model, releases) {
        let Some((service, endpoint)) = circle.first() else {
            continue;
        };
        let services = model.services.iter().enumerate();
        let place = services
            .filter(|(_, s)| &s.name == service)
            .find_map(|(index, s)| {
                let at = s.endpoints.iter().position(|e| &e.name == endpoint)?;
                Some(format!("services[{index}].endpoints[{at}]"))
            });
        let step = |(service, endpoint): &(String, String)| format!("{service} `{endpoint}`");
        let mut names: Vec<String> = circle.iter().take(6).map(step).collect();
        names.push(if circle.len() > 6 {
            "…".to_owned()
        } else {
            step(&(service.clone(), endpoint.clone()))
        });
        let message = format!(
            "endpoints call each other in a circle: {}",
            names.join(" → ")
        );
        check.advise(
            "E0401",
            &place.unwrap_or_default(),
            message,
            "a request on a circle never ends",
        );
    }
}
