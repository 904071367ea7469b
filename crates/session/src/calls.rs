//! Actions on how requests get in and how services call each other: limits, circuits, terms of calls.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{CallTerms, Change, RateLimit, SECOND_NS, TokenRate};
use brownout_sim::ids::SegmentId;

use crate::actions::{Plan, place};
use crate::names;
use crate::session::Refused;
use crate::view::Preflight;

/// Most requests a second that a limit can be set to.
const MAX_PER_SECOND: u32 = 1_000_000;
/// Longest time-out that can be set.
const MAX_TIMEOUT_MS: u32 = 86_400_000;

/// What a limit counts.
pub(crate) struct Counted<'a> {
    pub flow: Option<&'a str>,
    pub segment: Option<&'a str>,
}

/// Let only so many requests through a service's door, or all again.
pub(crate) fn limit(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
    counted: &Counted<'_>,
    per_second: Option<u32>,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    if per_second.is_some_and(|rate| !(1..=MAX_PER_SECOND).contains(&rate)) {
        return Err(Refused::Range(
            "a limit is 1 to 1,000,000 requests a second",
        ));
    }
    let (_, deployments) = names::deployments(blueprint, service, region)?;
    let flow = counted.flow.map(|name| names::flow(blueprint, name));
    let flow = flow.transpose()?;
    let segment = counted.segment.map(|name| {
        let found = blueprint.segments.iter().position(|of| of == name);
        found
            .map(SegmentId::from_index)
            .ok_or_else(|| Refused::unknown("segment", name))
    });
    let segment = segment.transpose()?;
    let rate = per_second.unwrap_or(1);
    let change = |deployment| Change::Limit {
        limit: RateLimit {
            deployment,
            flow,
            segment,
            // A second's worth may come at once.
            rate: TokenRate {
                interval_ns: SECOND_NS / u64::from(rate),
                burst: rate,
            },
        },
        sets: per_second.is_some(),
    };
    let whose = match (counted.flow, counted.segment) {
        (None, None) => "requests".to_owned(),
        (Some(flow), None) => format!("{flow} requests"),
        (None, Some(segment)) => format!("requests of {segment} users"),
        (Some(flow), Some(segment)) => format!("{flow} requests of {segment} users"),
    };
    let (title, price) = match per_second {
        Some(rate) => (
            format!("Let {service} take {rate} {whose} a second"),
            "whoever is turned away is a failed request",
        ),
        None => (
            format!("Let {service} take all {whose} again"),
            "the load that was turned away comes back",
        ),
    };
    let preflight = Preflight {
        title: format!("{title}{}", place(region)),
        expected_ns: 0,
        reversible: true,
        blast_radius: format!(
            "{whose} beyond the limit, in {} deployment(s)",
            deployments.len()
        ),
        evidence_lost: "none, but what is turned away shows nothing further down".to_owned(),
        price: price.to_owned(),
    };
    let changes = deployments.into_iter().map(change).collect();
    Ok(Plan::of_changes(changes, Vec::new(), preflight))
}

/// Hold a circuit open by hand, or let it close.
pub(crate) fn circuit(
    scenario: &Scenario,
    (service, callee): (&str, &str),
    region: Option<&str>,
    open: bool,
) -> Result<Plan, Refused> {
    let terms = CallTerms {
        open: Some(open),
        ..CallTerms::default()
    };
    let (title, price) = if open {
        (
            format!("Open the circuit from {service} to {callee}"),
            "what needs the call fails, or is answered without it",
        )
    } else {
        (
            format!("Close the circuit from {service} to {callee}"),
            "the calls come back, all at once",
        )
    };
    of_calls(scenario, (service, callee), region, terms, &title, price)
}

/// Change how a service calls another.
pub(crate) fn policy(
    scenario: &Scenario,
    (service, callee): (&str, &str),
    region: Option<&str>,
    (timeout_ms, attempts, pool): (Option<u32>, Option<u8>, Option<u32>),
) -> Result<Plan, Refused> {
    if timeout_ms.is_some_and(|ms| !(1..=MAX_TIMEOUT_MS).contains(&ms)) {
        return Err(Refused::Range("a time-out is 1 to 86,400,000 ms"));
    }
    if attempts.is_some_and(|n| !(1..=10).contains(&n)) {
        return Err(Refused::Range("attempts are 1 to 10"));
    }
    if pool.is_some_and(|size| !(1..=1_000_000).contains(&size)) {
        return Err(Refused::Range("a pool has 1 to 1,000,000 connections"));
    }
    let mut parts = Vec::new();
    parts.extend(timeout_ms.map(|ms| format!("time-out {ms} ms")));
    parts.extend(attempts.map(|n| format!("{n} attempt(s)")));
    parts.extend(pool.map(|size| format!("pool of {size}")));
    if parts.is_empty() {
        return Err(Refused::Range(
            "say what is to change: the time-out, the attempts or the pool",
        ));
    }
    let terms = CallTerms {
        timeout_ns: timeout_ms.map(|ms| u64::from(ms) * 1_000_000),
        attempts,
        pool,
        open: None,
    };
    let title = format!("{service} calls {callee} with {}", parts.join(", "));
    let price = "shorter or fewer: calls that would have been answered fail; longer or more: \
                 whoever waits holds a worker, and the callee gets more";
    of_calls(scenario, (service, callee), region, terms, &title, price)
}

fn of_calls(
    scenario: &Scenario,
    (service, callee): (&str, &str),
    region: Option<&str>,
    terms: CallTerms,
    title: &str,
    price: &str,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (client, deployments) = names::deployments(blueprint, service, region)?;
    let server = names::service(blueprint, callee)?;
    let mut edges = blueprint.edges.iter().filter(|edge| {
        edge.client == Some(client) && blueprint.endpoints[edge.target.index()].service == server
    });
    let pooled = match edges.next() {
        None => {
            return Err(Refused::NothingToDo {
                what: format!("{service} does not call {callee}"),
            });
        }
        Some(first) => first.pool.is_some() || edges.any(|edge| edge.pool.is_some()),
    };
    if terms.pool.is_some() && !pooled {
        return Err(Refused::NothingToDo {
            what: format!("{service} calls {callee} without a pool"),
        });
    }
    let region_id = region.map(|name| names::region(blueprint, name));
    let change = Change::Calls {
        client,
        server,
        region: region_id.transpose()?,
        terms,
    };
    let preflight = Preflight {
        title: format!("{title}{}", place(region)),
        expected_ns: 0,
        reversible: true,
        blast_radius: format!("calls of {service} in {} deployment(s)", deployments.len()),
        evidence_lost: "none".to_owned(),
        price: price.to_owned(),
    };
    Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
}
