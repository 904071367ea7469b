//! Actions on how much of something runs: instances, and consumers of queues.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{
    Change, DataChange, FleetAction, ProcessEffect, Selector, ServiceKind,
};
use brownout_sim::ids::{DeploymentId, ServiceId};
use brownout_sim::world::World;

use crate::actions::{Plan, place};
use crate::names;
use crate::session::Refused;
use crate::view::Preflight;

/// Run another number of instances.
pub(crate) fn scale(
    scenario: &Scenario,
    world: &World,
    service: &str,
    region: Option<&str>,
    replicas: u16,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (id, deployments) = names::deployments(blueprint, service, region)?;
    let spec = &blueprint.services[id.index()];
    let more = deployments
        .iter()
        .any(|id| world.deployment(*id).replicas < replicas);
    let (lasts_ns, lost, price) = if more {
        let lasts_ns = spec.fleet.scale_lead_ns + spec.instance.start_ns;
        let price = "money, and connections to everything they call";
        (lasts_ns, "none", price)
    } else {
        let lost = "the state of the processes that end";
        (spec.instance.drain_ns, lost, "capacity")
    };
    let change = |deployment| Change::Fleet {
        deployment,
        action: FleetAction::Scale { replicas },
    };
    let preflight = Preflight {
        title: format!("Scale {service} to {replicas}{}", place(region)),
        expected_ns: lasts_ns,
        reversible: true,
        blast_radius: format!("{} deployment(s)", deployments.len()),
        evidence_lost: lost.to_owned(),
        price: price.to_owned(),
    };
    let changes = deployments.into_iter().map(change).collect();
    Ok(Plan::of_changes(changes, Vec::new(), preflight))
}

/// Partitions of a queue.
fn queue(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
) -> Result<(ServiceId, Vec<DeploymentId>), Refused> {
    let (id, deployments) = names::deployments(&scenario.blueprint, service, region)?;
    if scenario.blueprint.services[id.index()].kind != ServiceKind::Queue {
        return Err(Refused::NothingToDo {
            what: format!("{service} is no queue"),
        });
    }
    Ok((id, deployments))
}

/// Stop the consumers of a queue, or let them go on.
pub(crate) fn consumers(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
    paused: bool,
) -> Result<Plan, Refused> {
    let (_, deployments) = queue(scenario, service, region)?;
    let (title, price) = if paused {
        (
            "Pause the consumers of",
            "work waits, and its users with it",
        )
    } else {
        ("Resume the consumers of", "whatever calls they make again")
    };
    let preflight = Preflight {
        title: format!("{title} {service}{}", place(region)),
        expected_ns: 0,
        reversible: true,
        blast_radius: "work handed over".to_owned(),
        evidence_lost: "none".to_owned(),
        price: price.to_owned(),
    };
    let change = |deployment| Change::Data(DataChange::Pause { deployment, paused });
    let changes = deployments.into_iter().map(change).collect();
    Ok(Plan::of_changes(changes, Vec::new(), preflight))
}

/// Send the dead letters of a queue again.
pub(crate) fn redrive(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
) -> Result<Plan, Refused> {
    let (_, deployments) = queue(scenario, service, region)?;
    let preflight = Preflight {
        title: format!("Send the dead letters of {service} again{}", place(region)),
        expected_ns: 0,
        reversible: false,
        blast_radius: "work that was given up, and everything it calls".to_owned(),
        evidence_lost: "the dead letters themselves".to_owned(),
        price: "load, and the same failures if nothing was cured".to_owned(),
    };
    let change = |deployment| Change::Data(DataChange::Redrive { deployment });
    let changes = deployments.into_iter().map(change).collect();
    Ok(Plan::of_changes(changes, Vec::new(), preflight))
}

/// Take instances out of service, or let them come back.
pub(crate) fn drain(
    scenario: &Scenario,
    service: &str,
    region: Option<&str>,
    (zone, instance): (Option<u16>, Option<u16>),
    out: bool,
) -> Result<Plan, Refused> {
    let blueprint = &scenario.blueprint;
    let (id, deployments) = names::deployments(blueprint, service, region)?;
    let only = region
        .map(|name| names::region(blueprint, name))
        .transpose()?;
    let which = match (zone, instance) {
        (Some(zone), _) => format!("zone {zone} of {service}"),
        (None, Some(instance)) => format!("instance {instance} of {service}"),
        (None, None) => {
            return Err(Refused::Range(
                "say which: a zone or an instance; to take all out is to stop the service",
            ));
        }
    };
    let spec = &blueprint.services[id.index()].instance;
    let (title, price) = if out {
        ("Drain", "capacity, until others have started elsewhere")
    } else {
        (
            "Let come back",
            "whatever was wrong there comes back with it",
        )
    };
    let preflight = Preflight {
        title: format!("{title} {which}{}", place(region)),
        expected_ns: spec.drain_ns,
        reversible: true,
        blast_radius: format!("{which}, in {} deployment(s)", deployments.len()),
        evidence_lost: "the state of the processes that end".to_owned(),
        price: price.to_owned(),
    };
    let change = Change::Process {
        selector: Selector {
            service: Some(id),
            region: only,
            zone,
            slot: instance,
            ..Selector::default()
        },
        effect: ProcessEffect::Drain(out),
    };
    Ok(Plan::of_changes(vec![change], Vec::new(), preflight))
}
