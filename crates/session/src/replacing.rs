//! Actions that replace processes: rollbacks, releases, restarts, configuration.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::Change;
use brownout_sim::ids::{DeploymentId, ServiceId, VersionId};
use brownout_sim::world::{Operation, World};

use crate::actions::{Plan, place};
use crate::names;
use crate::session::Refused;
use crate::view::Preflight;

/// Deploy what ran before.
pub(crate) fn rollback(
    scenario: &Scenario,
    world: &World,
    service: &str,
    region: Option<&str>,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (id, deployments) = names::deployments(blueprint, service, region)?;
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
        blueprint.services[id.index()].rollout_lead_ns,
        &replaces,
        format!("Roll back {service} to {name}{}", place(region)),
        feature,
        "thread and connection state of the running processes",
    );
    Ok(Plan::of_changes(changes, replaces, preflight))
}

/// Deploy a version.
pub(crate) fn deploy(
    scenario: &Scenario,
    world: &World,
    service: &str,
    region: Option<&str>,
    version: &str,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (id, deployments) = names::deployments(blueprint, service, region)?;
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
        blueprint.services[id.index()].rollout_lead_ns,
        &deployments,
        format!("Deploy {service} {version}{}", place(region)),
        lost_feature(scenario, world, &changes),
        "thread and connection state of the running processes",
    );
    Ok(Plan::of_changes(changes, deployments, preflight))
}

/// Replace the processes by the same again.
pub(crate) fn restart(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (id, deployments) = names::deployments(blueprint, service, region)?;
    let changes = deployments
        .iter()
        .map(|&deployment| Change::Restart { deployment })
        .collect();
    let preflight = rollout_preflight(
        scenario,
        id,
        blueprint.services[id.index()].restart_lead_ns,
        &deployments,
        format!("Restart {service}{}", place(region)),
        "capacity of one instance at a time".to_owned(),
        "thread and connection state of the running processes",
    );
    Ok(Plan::of_changes(changes, deployments, preflight))
}

/// Set or unset a variable, and restart what reads it.
pub(crate) fn set_variable(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
    variable: &str,
    value: Option<&str>,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (id, deployments) = names::deployments(blueprint, service, region)?;
    let variable_id = names::variable(blueprint, variable)?;
    let changes = deployments
        .iter()
        .map(|&deployment| Change::SetVariable {
            deployment,
            variable: variable_id,
            value: value.map(str::to_owned),
        })
        .collect();
    let what = value.map_or_else(
        || "removed from the overlay".to_owned(),
        |v| format!("= {v}"),
    );
    let preflight = rollout_preflight(
        scenario,
        id,
        blueprint.services[id.index()].restart_lead_ns,
        &deployments,
        format!("{variable} {what} for {service}{}", place(region)),
        "an overlay that differs from the release's manifest until the manifest is fixed"
            .to_owned(),
        "thread and connection state of the running processes",
    );
    Ok(Plan::of_changes(changes, deployments, preflight))
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
