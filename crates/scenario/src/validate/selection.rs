//! Which requests a change is about, and what a change waits for.

use super::changes::check_target;
use super::checker::Checker;
use super::data::{check_known_keys, check_part};
use super::data_changes::check_key;
use super::services::service_names;
use crate::graph::ServiceGraph;
use crate::load::Loaded;
use crate::model::{Requests, TimedChange, When};

/// The requests of a service a change is narrowed to.
pub(super) fn check_requests(
    check: &mut Checker<'_>,
    path: &str,
    service: &str,
    requests: &Requests,
    loaded: &Loaded,
) {
    let path = format!("{path}.requests");
    let system = &loaded.system.model;
    let flows = || system.flows.iter().map(|flow| flow.name.as_str());
    let flags = || system.flags.iter().map(|flag| flag.name.as_str());
    let lists: [(&str, &str, &Option<String>, Vec<&str>); 5] = [
        ("flow", "flow", &requests.flow, flows().collect()),
        (
            "segment",
            "segment",
            &requests.segment,
            system.segments.iter().map(String::as_str).collect(),
        ),
        (
            "client",
            "client version",
            &requests.client,
            system.clients.iter().map(String::as_str).collect(),
        ),
        ("flag", "flag", &requests.flag, flags().collect()),
        (
            "from",
            "service",
            &requests.from,
            service_names(system).collect(),
        ),
    ];
    for (field, kind, name, known) in lists {
        if let Some(name) = name {
            let known = known.iter().copied();
            check.known(&format!("{path}.{field}"), kind, name, known);
        }
    }
    let target = system.services.iter().find(|known| known.name == service);
    if let (Some(from), Some(_)) = (&requests.from, target) {
        let known = system.services.iter().any(|known| &known.name == from);
        let graph = ServiceGraph::of(system, &loaded.model.versions);
        if known && !graph.calls(from, service) {
            let message = format!("service `{from}` never calls `{service}`");
            check.report("E0404", &format!("{path}.from"), message);
        }
    }
    if let (Some(query), Some(target)) = (&requests.query, target) {
        let place = format!("{path}.query");
        if let Some(database) = &target.database {
            let known = database.queries.iter().map(|known| known.name.as_str());
            check.known(&place, "query", query, known);
        } else {
            let message = format!("service `{service}` has no `database`");
            check.report("E0404", &place, message);
        }
    }
    if let Some(keys) = &requests.keys {
        let path = format!("{path}.keys");
        check_known_keys(check, &format!("{path}.space"), &keys.space, system);
        check_key(
            check,
            &format!("{path}.last"),
            &keys.space,
            keys.last,
            system,
        );
        if keys.first > keys.last {
            let message = format!(
                "the first key, {}, comes after the last, {}",
                keys.first, keys.last
            );
            check.report("E0203", &format!("{path}.first"), message);
        }
    }
}

/// A change that takes a request as a whole knows nothing of its queries.
pub(super) fn check_whole(check: &mut Checker<'_>, path: &str, requests: &Requests, what: &str) {
    if requests.query.is_some() {
        let message = format!("{what} is about whole requests, not about queries");
        let help = "name an `endpoint`, or leave `query` out";
        check.advise("E0203", &format!("{path}.requests.query"), message, help);
    }
}

/// What a timed change of a list waits for.
pub(super) fn check_when(
    check: &mut Checker<'_>,
    path: &str,
    when: &When,
    (timed, list): (&TimedChange, &[TimedChange]),
    loaded: &Loaded,
) {
    let system = &loaded.system.model;
    let place = |check: &mut Checker<'_>, service: &str, region: &Option<String>| {
        if let Some(region) = region {
            let known = system.regions.iter().map(String::as_str);
            let place = format!("{path}.region");
            if check.known(&place, "region", region, known) {
                let target = system.services.iter().find(|known| known.name == service);
                if target.is_some_and(|target| !target.replicas.contains_key(region)) {
                    let message = format!("service `{service}` does not run in `{region}`");
                    check.report("E0404", &place, message);
                }
            }
        }
    };
    match when {
        When::Waiting {
            service, region, ..
        } => {
            check_target(check, path, service, None, loaded);
            place(check, service, region);
        }
        When::Ready {
            service,
            region,
            below,
        } => {
            check_target(check, path, service, None, loaded);
            place(check, service, region);
            if *below == 0 {
                let message = "never fewer than none are ready: expected at least 1";
                check.report("E0203", &format!("{path}.below"), message);
            }
        }
        When::Rows { service, table, .. } => {
            check_part(check, path, service, ("table", table), loaded, |database| {
                let tables = database.tables.iter();
                tables.map(|table| table.name.as_str()).collect()
            });
        }
        When::Pool {
            client,
            server,
            region,
            above,
        } => {
            let names = service_names(system);
            let known = check.known(&format!("{path}.client"), "service", client, names.clone())
                & check.known(&format!("{path}.server"), "service", server, names);
            place(check, client, region);
            if check.share(&format!("{path}.above"), above) == Some(1 << 32) {
                let message = "no more than all of a pool can be in use: expected less than 100%";
                check.report("E0203", &format!("{path}.above"), message);
            }
            let client_row = system.services.iter().find(|known| &known.name == client);
            let pooled = client_row.is_some_and(|row| {
                let own = row.calls.get(server).and_then(|policy| policy.pool);
                own.or(system.calls.pool).is_some()
            });
            if known && !pooled {
                let message =
                    format!("service `{client}` has no pool of connections to `{server}`");
                check.report("E0404", &format!("{path}.server"), message);
            }
        }
        When::Made(name) => {
            let all = loaded.model.timeline.iter().chain(list);
            let others = all.filter_map(|other| other.name.as_deref());
            let own = timed.name.as_deref();
            let others: Vec<&str> = others.filter(|name| Some(*name) != own).collect();
            let place = format!("{path}[0]");
            check.known(&place, "timed change", name, others.iter().copied());
        }
    }
}
