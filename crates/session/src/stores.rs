//! Actions on what components remember: indexes, sessions, primaries, caches, waiting work.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{Change, DataChange, Plan as QueryPlan, SECOND_NS, ServiceKind};
use brownout_sim::ids::{QueryId, ServiceId};

use crate::actions::{Plan, place};
use crate::names;
use crate::session::Refused;
use crate::view::Preflight;

/// Rows an index is built of in a second.
const INDEXED_PER_SECOND: u64 = 100_000;

fn kind(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
    wanted: ServiceKind,
    noun: &str,
) -> Result<(ServiceId, Vec<brownout_sim::ids::DeploymentId>), Refused> {
    let (id, deployments) = names::deployments(&scenario.blueprint, service, region)?;
    if scenario.blueprint.services[id.index()].kind != wanted {
        return Err(Refused::NothingToDo {
            what: format!("{service} is no {noun}"),
        });
    }
    Ok((id, deployments))
}

fn query(scenario: &Scenario, service: &str, name: &str) -> Result<QueryId, Refused> {
    let (id, _) = kind(scenario, service, None, ServiceKind::Database, "database")?;
    let queries = &scenario.blueprint.queries;
    let found = queries.iter().position(|query| {
        let table = &scenario.blueprint.tables[query.table.index()];
        table.database == id && query.name == name
    });
    found
        .map(QueryId::from_index)
        .ok_or_else(|| Refused::unknown("query", name))
}

/// Build an index for a query.
pub(crate) fn add_index(scenario: &Scenario, service: &str, name: &str) -> Result<Plan, Refused> {
    let id = query(scenario, service, name)?;
    let table = scenario.blueprint.queries[id.index()].table;
    let rows = scenario.blueprint.tables[table.index()].rows;
    let after_ns = SECOND_NS * (rows / INDEXED_PER_SECOND).clamp(20, 600);
    let preflight = Preflight {
        title: format!("Build an index for \"{name}\" of {service}"),
        expected_ns: after_ns,
        reversible: true,
        blast_radius: format!("the table behind \"{name}\", while it is built"),
        evidence_lost: "none".to_owned(),
        price: "every write keeps one more index".to_owned(),
    };
    let change = Change::Data(DataChange::SetPlan {
        query: id,
        plan: QueryPlan::Index,
        after_ns,
    });
    Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
}

/// End the sessions that are at a query.
pub(crate) fn kill_queries(
    scenario: &Scenario,
    service: &str,
    name: &str,
    region: Option<&str>,
) -> Result<Plan, Refused> {
    let id = query(scenario, service, name)?;
    let only = region.map(|name| names::region(&scenario.blueprint, name));
    let preflight = Preflight {
        title: format!(
            "End the sessions at \"{name}\" of {service}{}",
            place(region)
        ),
        expected_ns: 0,
        reversible: false,
        blast_radius: "whoever waits for that query".to_owned(),
        evidence_lost: "the sessions themselves: what they held and waited for".to_owned(),
        price: "those requests fail, and may be tried again".to_owned(),
    };
    let change = Change::Data(DataChange::KillQueries {
        query: id,
        region: only.transpose()?,
    });
    Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
}

/// Make a replica the primary.
pub(crate) fn fail_over(
    scenario: &Scenario,
    service: &str,
    to: Option<&str>,
) -> Result<Plan, Refused> {
    let (id, _) = kind(scenario, service, None, ServiceKind::Database, "database")?;
    let region = to.map(|name| names::region(&scenario.blueprint, name));
    let takes_ns = scenario.blueprint.services[id.index()]
        .database
        .map_or(0, |database| database.failover_ns);
    let preflight = Preflight {
        title: format!(
            "Fail {service} over{}",
            to.map_or_else(String::new, |region| format!(" to {region}"))
        ),
        expected_ns: takes_ns,
        reversible: false,
        blast_radius: "every write, until the new primary has taken over".to_owned(),
        evidence_lost: "sessions and locks of the old primary".to_owned(),
        price: "writes that had not been shipped are lost".to_owned(),
    };
    let change = Change::Data(DataChange::FailOver {
        database: id,
        to: region.transpose()?,
    });
    Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
}

/// Empty a cache.
pub(crate) fn flush_cache(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
) -> Result<Plan, Refused> {
    let (_, deployments) = kind(scenario, service, region, ServiceKind::Cache, "cache")?;
    let preflight = Preflight {
        title: format!("Empty {service}{}", place(region)),
        expected_ns: 0,
        reversible: false,
        blast_radius: "whatever it kept away from what lies behind it".to_owned(),
        evidence_lost: "what it held".to_owned(),
        price: "until it has filled again everything goes behind it".to_owned(),
    };
    let change = |deployment| Change::Data(DataChange::FlushCache { deployment });
    let changes = deployments.into_iter().map(change).collect();
    Ok(Plan::of_changes(changes, Vec::new(), preflight))
}

/// Throw waiting work of a queue away.
pub(crate) fn purge(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
    most: u32,
) -> Result<Plan, Refused> {
    let (_, deployments) = kind(scenario, service, region, ServiceKind::Queue, "queue")?;
    let preflight = Preflight {
        title: format!(
            "Throw up to {most} pieces of work of each partition of {service} away{}",
            place(region)
        ),
        expected_ns: 0,
        reversible: false,
        blast_radius: "work that waits, the oldest first".to_owned(),
        evidence_lost: "the work itself".to_owned(),
        price: "that work is lost".to_owned(),
    };
    let change = |deployment| Change::Data(DataChange::Purge { deployment, most });
    let changes = deployments.into_iter().map(change).collect();
    Ok(Plan::of_changes(changes, Vec::new(), preflight))
}
