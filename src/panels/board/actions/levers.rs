//! What can be done about a component's calls, its door, and what it remembers.

use brownout_session::command::Action;
use brownout_session::view::PlayerView;
use brownout_sim::blueprint::ServiceKind;

use super::super::super::lookup::Lookup;
use super::super::super::state::Selection;

/// Everything of this kind about a component in a region.
pub(super) fn choices(
    view: &PlayerView,
    lookup: &dyn Lookup,
    selection: &Selection,
    region: &str,
    add: &mut dyn FnMut(String, Action),
) {
    let service = &selection.service;
    let here = || (service.clone(), Some(region.to_owned()));
    let Some(node) = view.node(service, selection.region) else {
        return;
    };
    // Half of what comes now is where thinking about a limit begins.
    let rate = node.figures.rate_milli / 2_000;
    let (of, at) = here();
    add(
        format!("Limit what {service} takes in {region} ..."),
        Action::Limit {
            service: of,
            region: at,
            flow: None,
            segment: None,
            per_second: Some(u32::try_from(rate).unwrap_or(u32::MAX).clamp(1, 1_000_000)),
        },
    );
    let levers = lookup.levers(service, region);
    for flow in levers.enters {
        let (of, at) = here();
        add(
            format!("Limit {flow} at {service} in {region} ..."),
            Action::Limit {
                service: of,
                region: at,
                flow: Some(flow),
                segment: None,
                per_second: Some(u32::try_from(rate).unwrap_or(u32::MAX).clamp(1, 1_000_000)),
            },
        );
    }
    if levers.limited {
        let (of, at) = here();
        add(
            format!("Take the limit of {service} in {region} away"),
            Action::Limit {
                service: of,
                region: at,
                flow: None,
                segment: None,
                per_second: None,
            },
        );
    }
    for call in levers.calls {
        let callee = &call.callee;
        let (of, at) = here();
        let words = if call.open { "Close" } else { "Open" };
        add(
            format!("{words} the circuit to {callee} in {region}"),
            Action::BreakCircuit {
                service: of,
                callee: callee.clone(),
                region: at,
                open: !call.open,
            },
        );
        let policy = |timeout_ms, attempts, pool| {
            let (service, region) = here();
            Action::CallPolicy {
                service,
                callee: callee.clone(),
                region,
                timeout_ms,
                attempts,
                pool,
            }
        };
        let ms = call.timeout_ms;
        add(
            format!("Time-out of calls to {callee}, now {ms} ms ..."),
            policy(Some(ms), None, None),
        );
        let attempts = call.attempts;
        add(
            format!("Attempts of calls to {callee}, now {attempts} ..."),
            policy(None, Some(attempts), None),
        );
        if let Some(size) = call.pool {
            add(
                format!("Pool of calls to {callee}, now {size} ..."),
                policy(None, None, Some(size)),
            );
        }
    }
    for (query, _) in levers.queries {
        let (of, at) = here();
        add(
            format!("Build an index for \"{query}\""),
            Action::AddIndex {
                service: of.clone(),
                query: query.clone(),
            },
        );
        add(
            format!("End the sessions at \"{query}\" in {region}"),
            Action::KillQueries {
                service: of,
                query,
                region: at,
            },
        );
    }
    if node.kind == ServiceKind::Database && levers.replicas {
        for to in view.regions.iter().filter(|to| *to != region) {
            add(
                format!("Fail {service} over to {to}"),
                Action::FailOver {
                    service: service.clone(),
                    to: Some(to.clone()),
                },
            );
        }
    }
    if node.kind == ServiceKind::Cache {
        let (of, at) = here();
        add(
            format!("Empty {service} in {region}"),
            Action::FlushCache {
                service: of,
                region: at,
            },
        );
    }
    if node.kind == ServiceKind::Queue {
        let (of, at) = here();
        add(
            format!("Throw waiting work of {service} in {region} away ..."),
            Action::Purge {
                service: of,
                region: at,
                most: 1_000,
            },
        );
    }
    for zone in 0..levers.zones.min(4) {
        let (of, at) = here();
        add(
            format!("Drain zone {zone} of {service} in {region}"),
            Action::Drain {
                service: of,
                region: at,
                zone: Some(zone),
                instance: None,
                out: true,
            },
        );
    }
    let runs = |version: &String| node.versions.iter().any(|(name, _)| name == version);
    let mut gone: Vec<&String> = view
        .changes
        .iter()
        .filter(|change| change.service.as_deref() == Some(service.as_str()))
        .filter_map(|change| change.version.as_ref())
        .filter(|version| !runs(version))
        .collect();
    gone.sort();
    gone.dedup();
    for version in gone {
        add(
            format!("Withdraw {service} {version}"),
            Action::Withdraw {
                service: service.clone(),
                version: version.clone(),
            },
        );
    }
}
