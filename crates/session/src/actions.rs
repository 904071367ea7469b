//! From an action to world changes, with what to know before confirming it.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{Change, ONE_Q32, SECOND_NS};
use brownout_sim::ids::{DeploymentId, ServiceId, VersionId};
use brownout_sim::world::{Operation, Rejected, World};

use crate::calls;
use crate::capacity;
use crate::command::Action;
use crate::names;
use crate::session::Refused;
use crate::stores;
use crate::view::Preflight;

/// Time until running processes see a flag change.
const FLAG_PUSH_NS: u64 = 15 * SECOND_NS;
/// Time until resolvers have followed a traffic shift.
const SHIFT_NS: u64 = 120 * SECOND_NS;
/// Time a dump takes.
const DUMP_NS: u64 = 20 * SECOND_NS;

/// An action made concrete.
#[derive(Clone, Debug)]
pub struct Plan {
    /// World changes.
    pub changes: Vec<Change>,
    /// Deployments whose processes are replaced.
    pub replaces: Vec<DeploymentId>,
    /// Person asked.
    pub person: Option<usize>,
    /// For actions without world changes: how long they take.
    pub lasts_ns: Option<u64>,
    /// What to know before confirming.
    pub preflight: Preflight,
}

/// Work out an action in the present world.
///
/// # Errors
/// [`Refused`] when it names something unknown or makes no sense now.
pub fn plan(scenario: &Scenario, world: &World, action: &Action) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let release_lead = |id: ServiceId| blueprint.services[id.index()].rollout_lead_ns;
    let restart_lead = |id: ServiceId| blueprint.services[id.index()].restart_lead_ns;
    match action {
        Action::Rollback { service, region } => {
            let (id, deployments) = names::deployments(blueprint, service, region.as_deref())?;
            let mut changes = Vec::new();
            let mut to = None;
            for &deployment in &deployments {
                if let Some(version) = previous_version(scenario, world, deployment) {
                    to = Some(version);
                    changes.push(Change::Deploy {
                        deployment,
                        version,
                    });
                }
            }
            let version = to.ok_or_else(|| Refused::NothingToDo {
                what: format!("{service} was not deployed"),
            })?;
            let name = &blueprint.versions[version.index()].name;
            let replaces = changed_deployments(&changes);
            let feature = lost_feature(scenario, world, &changes);
            let preflight = rollout_preflight(
                scenario,
                id,
                release_lead(id),
                &replaces,
                format!("Roll back {service} to {name}{}", place(region.as_deref())),
                feature,
                "thread and connection state of the running processes",
            );
            Ok(Plan::of_changes(changes, replaces, preflight))
        }
        Action::Deploy {
            service,
            region,
            version,
        } => {
            let (id, deployments) = names::deployments(blueprint, service, region.as_deref())?;
            let target = names::version(blueprint, id, version)?;
            let changes: Vec<_> = deployments
                .iter()
                .map(|&deployment| Change::Deploy {
                    deployment,
                    version: target,
                })
                .collect();
            let preflight = rollout_preflight(
                scenario,
                id,
                release_lead(id),
                &deployments,
                format!("Deploy {service} {version}{}", place(region.as_deref())),
                lost_feature(scenario, world, &changes),
                "thread and connection state of the running processes",
            );
            Ok(Plan::of_changes(changes, deployments, preflight))
        }
        Action::Restart { service, region } => {
            let (id, deployments) = names::deployments(blueprint, service, region.as_deref())?;
            let changes = deployments
                .iter()
                .map(|&deployment| Change::Restart { deployment })
                .collect();
            let preflight = rollout_preflight(
                scenario,
                id,
                restart_lead(id),
                &deployments,
                format!("Restart {service}{}", place(region.as_deref())),
                "capacity of one instance at a time".to_owned(),
                "thread and connection state of the running processes",
            );
            Ok(Plan::of_changes(changes, deployments, preflight))
        }
        Action::SetVariable {
            service,
            region,
            variable,
            value,
        } => {
            let (id, deployments) = names::deployments(blueprint, service, region.as_deref())?;
            let variable_id = names::variable(blueprint, variable)?;
            let changes = deployments
                .iter()
                .map(|&deployment| Change::SetVariable {
                    deployment,
                    variable: variable_id,
                    value: value.clone(),
                })
                .collect();
            let what = value.as_deref().map_or_else(
                || "removed from the overlay".to_owned(),
                |v| format!("= {v}"),
            );
            let preflight = rollout_preflight(
                scenario,
                id,
                restart_lead(id),
                &deployments,
                format!(
                    "{variable} {what} for {service}{}",
                    place(region.as_deref())
                ),
                "an overlay that differs from the release's manifest until the manifest is fixed"
                    .to_owned(),
                "thread and connection state of the running processes",
            );
            Ok(Plan::of_changes(changes, deployments, preflight))
        }
        Action::SetFlag {
            flag,
            region,
            percent,
        } => {
            let id = names::flag(blueprint, flag)?;
            let region_id = region
                .as_deref()
                .map(|name| names::region(blueprint, name))
                .transpose()?;
            let percent = u64::from((*percent).min(100));
            let change = Change::SetFlag {
                flag: id,
                region: region_id,
                segment: None,
                share_q32: ONE_Q32 * percent / 100,
                after_ns: FLAG_PUSH_NS,
            };
            let feature = scenario
                .flag_features
                .get(id.index())
                .map_or("", String::as_str);
            let price = if feature.is_empty() {
                "none known".to_owned()
            } else {
                format!("users lose: {feature}")
            };
            let preflight = Preflight {
                title: format!("Flag {flag} to {percent} %{}", place(region.as_deref())),
                expected_ns: FLAG_PUSH_NS,
                reversible: true,
                blast_radius: "requests that ask the flag".to_owned(),
                evidence_lost: "none".to_owned(),
                price,
            };
            Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
        }
        Action::ShiftTraffic { from, to, percent } => {
            let change = Change::ShiftTraffic {
                from: names::region(blueprint, from)?,
                to: names::region(blueprint, to)?,
                share_q32: ONE_Q32 * u64::from((*percent).min(100)) / 100,
                over_ns: SHIFT_NS,
            };
            let preflight = Preflight {
                title: format!("Send {percent} % of {from} users to {to}"),
                expected_ns: SHIFT_NS,
                reversible: true,
                blast_radius: format!(
                    "all users of {from}, and the capacity of {to} for its own users"
                ),
                evidence_lost: "none, but the failing traffic dries up".to_owned(),
                price: format!("longer ways for {from} users; {to} loses its headroom"),
            };
            Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
        }
        Action::Scale {
            service,
            region,
            replicas,
        } => capacity::scale(scenario, world, service, region.as_deref(), *replicas),
        Action::Consumers {
            service,
            region,
            paused,
        } => capacity::consumers(scenario, service, region.as_deref(), *paused),
        Action::Redrive { service, region } => {
            capacity::redrive(scenario, service, region.as_deref())
        }
        Action::Limit {
            service,
            region,
            flow,
            segment,
            per_second,
        } => {
            let counted = calls::Counted {
                flow: flow.as_deref(),
                segment: segment.as_deref(),
            };
            calls::limit(scenario, service, region.as_deref(), &counted, *per_second)
        }
        Action::BreakCircuit {
            service,
            callee,
            region,
            open,
        } => calls::circuit(scenario, (service, callee), region.as_deref(), *open),
        Action::CallPolicy {
            service,
            callee,
            region,
            timeout_ms,
            attempts,
            pool,
        } => {
            let terms = (*timeout_ms, *attempts, *pool);
            calls::policy(scenario, (service, callee), region.as_deref(), terms)
        }
        Action::Drain {
            service,
            region,
            zone,
            instance,
            out,
        } => {
            let which = (*zone, *instance);
            capacity::drain(scenario, service, region.as_deref(), which, *out)
        }
        Action::AddIndex { service, query } => stores::add_index(scenario, service, query),
        Action::KillQueries {
            service,
            query,
            region,
        } => stores::kill_queries(scenario, service, query, region.as_deref()),
        Action::FailOver { service, to } => stores::fail_over(scenario, service, to.as_deref()),
        Action::FlushCache { service, region } => {
            stores::flush_cache(scenario, service, region.as_deref())
        }
        Action::Purge {
            service,
            region,
            most,
        } => stores::purge(scenario, service, region.as_deref(), *most),
        Action::Withdraw { service, version } => withdraw(scenario, world, service, version),
        Action::Watch { minutes } => watch(*minutes),
        Action::CaptureEvidence { service, region } => {
            let (_, deployments) = names::deployments(blueprint, service, region.as_deref())?;
            Ok(Plan {
                changes: Vec::new(),
                replaces: Vec::new(),
                person: None,
                lasts_ns: Some(DUMP_NS),
                preflight: Preflight {
                    title: format!(
                        "Dump threads and connections of {service}{}",
                        place(region.as_deref())
                    ),
                    expected_ns: DUMP_NS,
                    reversible: true,
                    blast_radius: format!("{} deployment(s), read only", deployments.len()),
                    evidence_lost: "none".to_owned(),
                    price: "twenty seconds".to_owned(),
                },
            })
        }
        Action::PagePerson { person } => {
            let index = scenario
                .people
                .iter()
                .position(|p| p.name == *person)
                .ok_or_else(|| Refused::unknown("person", person))?;
            let expected_ns = scenario.people[index].answers_after_ns;
            Ok(Plan {
                changes: Vec::new(),
                replaces: Vec::new(),
                person: Some(index),
                lasts_ns: Some(expected_ns),
                preflight: Preflight {
                    title: format!("Page {person}"),
                    expected_ns,
                    reversible: false,
                    blast_radius: "somebody's attention".to_owned(),
                    evidence_lost: "none".to_owned(),
                    price: "an interruption".to_owned(),
                },
            })
        }
    }
}

/// Take a release out.
fn withdraw(
    scenario: &Scenario,
    world: &World,
    service: &str,
    version: &str,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (id, deployments) = names::deployments(blueprint, service, None)?;
    let target = names::version(blueprint, id, version)?;
    let runs = |deployment: &DeploymentId| world.deployment(*deployment).version == target;
    if deployments.iter().any(runs) {
        return Err(Refused::NothingToDo {
            what: format!("{service} {version} still runs: roll it back first"),
        });
    }
    let feature = scenario
        .releases
        .get(target.index())
        .map_or("", |release| release.feature.as_str());
    let price = if feature.is_empty() {
        "a new release has to be made of what was good in it".to_owned()
    } else {
        format!("users do without until a new release is made: {feature}")
    };
    let preflight = Preflight {
        title: format!("Withdraw {service} {version}"),
        expected_ns: 0,
        reversible: false,
        blast_radius: "whoever would deploy it again".to_owned(),
        evidence_lost: "none".to_owned(),
        price,
    };
    let change = Change::Withdraw { version: target };
    Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
}

/// Touch nothing for a stated time.
fn watch(minutes: u8) -> Result<Plan, Refused> {
    if !(1..=60).contains(&minutes) {
        return Err(Refused::Range("one watches for 1 to 60 minutes"));
    }
    let lasts_ns = u64::from(minutes) * 60 * SECOND_NS;
    Ok(Plan {
        changes: Vec::new(),
        replaces: Vec::new(),
        person: None,
        lasts_ns: Some(lasts_ns),
        preflight: Preflight {
            title: format!("Touch nothing and watch for {minutes} min"),
            expected_ns: lasts_ns,
            reversible: true,
            blast_radius: "nothing".to_owned(),
            evidence_lost: "none".to_owned(),
            price: "whatever is wrong goes on meanwhile".to_owned(),
        },
    })
}

impl Plan {
    pub(crate) fn of_changes(
        changes: Vec<Change>,
        replaces: Vec<DeploymentId>,
        preflight: Preflight,
    ) -> Self {
        Self {
            changes,
            replaces,
            person: None,
            lasts_ns: None,
            preflight,
        }
    }
}

pub(crate) fn place(region: Option<&str>) -> String {
    region.map_or_else(
        || " in all regions".to_owned(),
        |name| format!(" in {name}"),
    )
}

fn changed_deployments(changes: &[Change]) -> Vec<DeploymentId> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::Deploy { deployment, .. } => Some(*deployment),
            _ => None,
        })
        .collect()
}

/// Features that go with the versions the changes replace.
fn lost_feature(scenario: &Scenario, world: &World, changes: &[Change]) -> String {
    let mut lost = Vec::new();
    for change in changes {
        if let Change::Deploy {
            deployment,
            version,
        } = change
        {
            let running = world.deployment(*deployment).version;
            let feature = scenario
                .releases
                .get(running.index())
                .map_or("", |r| r.feature.as_str());
            let kept = scenario
                .releases
                .get(version.index())
                .is_some_and(|r| r.feature == feature);
            if !feature.is_empty() && !kept && !lost.contains(&feature) {
                lost.push(feature);
            }
        }
    }
    if lost.is_empty() {
        "capacity of one instance at a time".to_owned()
    } else {
        format!("users lose: {}", lost.join(", "))
    }
}

fn rollout_preflight(
    scenario: &Scenario,
    service: ServiceId,
    lead_ns: u64,
    deployments: &[DeploymentId],
    title: String,
    price: String,
    evidence_lost: &str,
) -> Preflight {
    let spec = &scenario.blueprint.services[service.index()];
    let batch = u64::from(spec.max_unavailable.max(1));
    let batches = deployments
        .iter()
        .map(|d| u64::from(scenario.blueprint.deployments[d.index()].replicas).div_ceil(batch))
        .max()
        .unwrap_or(0);
    // A drain ends as soon as the last request is answered; half its limit is the planner's guess.
    let each_ns = spec.instance.start_ns + spec.instance.drain_ns / 2;
    Preflight {
        title,
        expected_ns: lead_ns + batches * each_ns,
        reversible: true,
        blast_radius: format!(
            "{} of its instances at a time are out of service",
            spec.max_unavailable.max(1)
        ),
        evidence_lost: evidence_lost.to_owned(),
        price,
    }
}

/// The version a deployment ran before its present one was first deployed; `None` if it runs the oldest that is known.
#[must_use]
pub fn previous_version(
    scenario: &Scenario,
    world: &World,
    deployment: DeploymentId,
) -> Option<VersionId> {
    let first = &world.blueprint().deployments[deployment.index()];
    let before = scenario.before.iter();
    let before = before.filter(|(service, _)| *service == first.service);
    let mut stack: Vec<VersionId> = before.map(|(_, version)| *version).collect();
    stack.push(first.version);
    for operation in world.operations() {
        if let Operation {
            change:
                Change::Deploy {
                    deployment: d,
                    version,
                },
            ..
        } = operation
            && *d == deployment
        {
            match stack.iter().position(|v| v == version) {
                Some(position) => stack.truncate(position + 1),
                None => stack.push(*version),
            }
        }
    }
    stack
        .len()
        .checked_sub(2)
        .and_then(|index| stack.get(index).copied())
}

/// The reason of a rejected change, in words.
#[must_use]
pub const fn rejection(rejected: Rejected) -> &'static str {
    match rejected {
        Rejected::Unknown => "it names something that does not exist",
        Rejected::WrongService => "the version belongs to another service",
        Rejected::NoChange => "everything already is that way",
        Rejected::NoRoom => "there are not that many instance slots",
        Rejected::Withdrawn => "that version has been withdrawn",
    }
}
