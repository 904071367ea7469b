//! From the names in commands to the ids of the blueprint.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{Blueprint, ServiceKind};
use brownout_sim::ids::{DeploymentId, FlagId, FlowId, RegionId, ServiceId, VariableId, VersionId};
use brownout_telemetry::signal::Scope;

use crate::command::Metric;
use crate::session::Refused;

fn find<T>(table: &[T], name: &str, of: impl Fn(&T) -> &str) -> Option<usize> {
    table.iter().position(|row| of(row) == name)
}

/// The service of a name.
pub(crate) fn service(blueprint: &Blueprint, name: &str) -> Result<ServiceId, Refused> {
    find(&blueprint.services, name, |s| &s.name)
        .map(ServiceId::from_index)
        .ok_or_else(|| Refused::unknown("service", name))
}

/// The region of a name.
pub(crate) fn region(blueprint: &Blueprint, name: &str) -> Result<RegionId, Refused> {
    find(&blueprint.regions, name, String::as_str)
        .map(RegionId::from_index)
        .ok_or_else(|| Refused::unknown("region", name))
}

/// The regions of names; all when there are none.
pub(crate) fn regions(blueprint: &Blueprint, names: &[String]) -> Result<Vec<RegionId>, Refused> {
    if names.is_empty() {
        return Ok((0..blueprint.regions.len())
            .map(RegionId::from_index)
            .collect());
    }
    names.iter().map(|name| region(blueprint, name)).collect()
}

/// The flow of a name.
pub(crate) fn flow(blueprint: &Blueprint, name: &str) -> Result<FlowId, Refused> {
    find(&blueprint.flows, name, |f| &f.name)
        .map(FlowId::from_index)
        .ok_or_else(|| Refused::unknown("flow", name))
}

/// The flag of a name.
pub(crate) fn flag(blueprint: &Blueprint, name: &str) -> Result<FlagId, Refused> {
    find(&blueprint.flags, name, |f| &f.name)
        .map(FlagId::from_index)
        .ok_or_else(|| Refused::unknown("flag", name))
}

/// The variable of a name.
pub(crate) fn variable(blueprint: &Blueprint, name: &str) -> Result<VariableId, Refused> {
    find(&blueprint.variables, name, String::as_str)
        .map(VariableId::from_index)
        .ok_or_else(|| Refused::unknown("variable", name))
}

/// A version of a service by name.
pub(crate) fn version(
    blueprint: &Blueprint,
    service: ServiceId,
    name: &str,
) -> Result<VersionId, Refused> {
    blueprint
        .versions
        .iter()
        .position(|v| v.service == service && v.name == name)
        .map(VersionId::from_index)
        .ok_or_else(|| Refused::unknown("version", name))
}

/// Deployments of a service that a responder may touch: in one region, or everywhere.
pub(crate) fn deployments(
    blueprint: &Blueprint,
    name: &str,
    only: Option<&str>,
) -> Result<(ServiceId, Vec<DeploymentId>), Refused> {
    let service = service(blueprint, name)?;
    if blueprint.services[service.index()].kind == ServiceKind::ThirdParty {
        return Err(Refused::NotYours {
            service: name.to_owned(),
        });
    }
    let only = only.map(|name| region(blueprint, name)).transpose()?;
    let found: Vec<_> = blueprint
        .deployments
        .iter()
        .enumerate()
        .filter(|(_, d)| d.service == service && only.is_none_or(|r| r == d.region))
        .map(|(index, _)| DeploymentId::from_index(index))
        .collect();
    if found.is_empty() {
        return Err(Refused::unknown("deployment", name));
    }
    Ok((service, found))
}

/// The scope a metric names.
pub(crate) fn scope(blueprint: &Blueprint, metric: &Metric) -> Result<Scope, Refused> {
    let service = metric
        .service
        .as_deref()
        .map(|name| self::service(blueprint, name))
        .transpose()?;
    let callee = metric
        .callee
        .as_deref()
        .map(|name| self::service(blueprint, name))
        .transpose()?;
    let version = match (service, metric.version.as_deref()) {
        (Some(service), Some(name)) => Some(version(blueprint, service, name)?),
        (None, Some(name)) => return Err(Refused::unknown("version", name)),
        _ => None,
    };
    Ok(Scope {
        flow: metric
            .flow
            .as_deref()
            .map(|name| flow(blueprint, name))
            .transpose()?
            .map(|f| f.0),
        service: service.map(|s| s.0),
        callee: callee.map(|s| s.0),
        region: metric
            .region
            .as_deref()
            .map(|name| region(blueprint, name))
            .transpose()?
            .map(|r| r.0),
        version: version.map(|v| v.0),
    })
}

/// A severity level's position, worst first.
pub(crate) fn severity(scenario: &Scenario, name: &str) -> Result<usize, Refused> {
    find(&scenario.severities, name, |s| &s.name).ok_or_else(|| Refused::unknown("severity", name))
}
