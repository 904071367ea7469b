//! What a component's owner can change about its calls and its data, as it stands now.

use std::collections::BTreeSet;

use brownout_sim::blueprint::{Blueprint, Fallback, Plan, ServiceKind, Step};
use brownout_sim::ids::{EdgeId, QueryId, RegionId, VersionId};

use crate::names;
use crate::reader::{Reader, VariableRow};

/// How a component calls another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLever {
    /// Service it calls.
    pub callee: String,
    /// How long an attempt may take, in milliseconds.
    pub timeout_ms: u32,
    /// Attempts in all.
    pub attempts: u8,
    /// Connections of each of its processes, where it has a pool.
    pub pool: Option<u32>,
    /// Its circuit is held open by hand.
    pub open: bool,
}

impl CallLever {
    /// In one line, for a table.
    fn words(&self) -> String {
        let pool = self.pool.map(|size| format!(", pool {size}"));
        let open = if self.open { ", circuit open" } else { "" };
        let pool = pool.as_deref().unwrap_or_default();
        format!("{} ms x {}{pool}{open}", self.timeout_ms, self.attempts)
    }
}

/// What can be changed about a component's calls and data in a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levers {
    /// Its calls of others; where several endpoints of one are called, the longest time-out and most attempts.
    pub calls: Vec<CallLever>,
    /// Flows that enter the system here.
    pub enters: Vec<String>,
    /// Somebody limits what it takes.
    pub limited: bool,
    /// Queries of a database, with how each finds its rows.
    pub queries: Vec<(String, &'static str)>,
    /// It has a replica to fail over to.
    pub replicas: bool,
    /// Zones of the region, where there are several and it has room in them.
    pub zones: u16,
}

/// Calls that processes of a version make, and those they make in the place of others: a release may call in a way of its
/// own.
fn made_by(blueprint: &Blueprint, version: VersionId) -> BTreeSet<EdgeId> {
    let mut made = BTreeSet::new();
    let Some(version) = blueprint.versions.get(version.index()) else {
        return made;
    };
    for step in &version.code {
        match step {
            Step::Call(edge) | Step::Publish(edge) | Step::Enqueue(edge) => {
                made.insert(*edge);
            }
            _ => {}
        }
    }
    made.extend(&version.fans);
    let instead = |edge: &EdgeId| match blueprint.edges.get(edge.index())?.fallback {
        Some(Fallback::Call(instead)) => Some(instead),
        _ => None,
    };
    let instead: Vec<EdgeId> = made.iter().filter_map(instead).collect();
    made.extend(instead);
    made
}

impl Reader<'_> {
    /// What can be changed about a component's calls and data in a region. Nothing of another company's.
    #[must_use]
    pub fn levers(&self, service: &str, region: &str) -> Levers {
        let blueprint = &self.session().scenario().blueprint;
        let Ok((id, _)) = names::deployments(blueprint, service, None) else {
            return Levers::default();
        };
        let Ok(region) = names::region(blueprint, region) else {
            return Levers::default();
        };
        let spec = &blueprint.services[id.index()];
        let enters = blueprint.flows.iter().filter(|flow| {
            let target = blueprint.edges[flow.edge.index()].target;
            blueprint.endpoints[target.index()].service == id
        });
        let zones = blueprint.zone_count(region);
        Levers {
            calls: self.calls(service, region),
            enters: enters.map(|flow| flow.name.clone()).collect(),
            limited: self.session().world.is_limited(id, region),
            queries: self.queries(service),
            replicas: spec.kind == ServiceKind::Database
                && blueprint
                    .deployments
                    .iter()
                    .filter(|d| d.service == id)
                    .count()
                    > 1,
            zones: if zones > 1 { zones } else { 0 },
        }
    }

    fn calls(&self, service: &str, region: RegionId) -> Vec<CallLever> {
        let blueprint = &self.session().scenario().blueprint;
        let Ok(client) = names::service(blueprint, service) else {
            return Vec::new();
        };
        let here = blueprint.deployment(client, region);
        let version = here.map(|id| self.session().world.deployment(id).version);
        let made = version.map_or_else(BTreeSet::new, |version| made_by(blueprint, version));
        let mut calls: Vec<CallLever> = Vec::new();
        for (index, edge) in blueprint.edges.iter().enumerate() {
            let endpoint = &blueprint.endpoints[edge.target.index()];
            let Some((now, open)) = self
                .session()
                .world
                .call_policy(EdgeId::from_index(index), region)
                .filter(|_| made.contains(&EdgeId::from_index(index)))
            else {
                continue;
            };
            let callee = &blueprint.services[endpoint.service.index()].name;
            let timeout_ms = u32::try_from(now.timeout_ns.div_ceil(1_000_000)).unwrap_or(u32::MAX);
            let pool = now.pool.map(|pool| pool.size);
            match calls.iter_mut().find(|call| call.callee == *callee) {
                Some(call) => {
                    call.timeout_ms = call.timeout_ms.max(timeout_ms);
                    call.attempts = call.attempts.max(now.attempts);
                    call.pool = call.pool.max(pool);
                }
                None => calls.push(CallLever {
                    callee: callee.clone(),
                    timeout_ms,
                    attempts: now.attempts,
                    pool,
                    open,
                }),
            }
        }
        calls.sort_by(|a, b| a.callee.cmp(&b.callee));
        calls
    }

    fn queries(&self, service: &str) -> Vec<(String, &'static str)> {
        let blueprint = &self.session().scenario().blueprint;
        let Ok(id) = names::service(blueprint, service) else {
            return Vec::new();
        };
        let world = &self.session().world;
        let of = blueprint.queries.iter().enumerate();
        of.filter(|(_, query)| blueprint.tables[query.table.index()].database == id)
            .map(|(index, query)| {
                let plan = match world.plan_of(QueryId::from_index(index)) {
                    Plan::Index => "by index",
                    Plan::Scan => "reads the whole table",
                };
                (query.name.clone(), plan)
            })
            .collect()
    }

    /// How a service calls others and how its queries find their rows, across regions, for the comparison of regions.
    pub(crate) fn settings(&self, service: &str, regions: &[RegionId]) -> Vec<VariableRow> {
        let per_region: Vec<Vec<CallLever>> = regions
            .iter()
            .map(|region| self.calls(service, *region))
            .collect();
        let mut rows: Vec<VariableRow> = Vec::new();
        for (at, first) in per_region.first().into_iter().flatten().enumerate() {
            let words = |calls: &Vec<CallLever>| calls.get(at).map(|call| (call.words(), false));
            let values = per_region.iter().map(words).collect();
            rows.push((format!("calls {}", first.callee), values));
        }
        for (query, plan) in self.queries(service) {
            let value = Some((plan.to_owned(), false));
            rows.push((format!("query {query}"), vec![value; regions.len()]));
        }
        rows
    }
}
