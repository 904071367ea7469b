//! Releases of a scenario.

use super::checker::Checker;
use super::data::check_schemas;
use super::instances::check_leak;
use super::services::{check_endpoints, check_policy, service_names};
use super::system::wide;
use crate::limits;
use crate::load::Loaded;
use crate::model::{CallPolicy, Fallback, System, Version};

pub(super) fn check_releases(check: &mut Checker<'_>, loaded: &Loaded) {
    let model = &loaded.model;
    check.limit(
        "versions",
        "versions",
        wide(model.versions.len()),
        wide(limits::MAX_RELEASES),
    );
    let keys: Vec<String> = model
        .versions
        .iter()
        .map(|v| format!("{} {}", v.service, v.name))
        .collect();
    let paths = keys
        .iter()
        .enumerate()
        .map(|(index, key)| (format!("versions[{index}].name"), key.as_str()));
    check.unique("version", paths.collect::<Vec<_>>());
    for (index, release) in model.versions.iter().enumerate() {
        check_release(
            check,
            &format!("versions[{index}]"),
            release,
            &loaded.system.model,
        );
    }
}

/// A policy that a release brings towards a callee; `named` is where the callee stands.
pub(super) fn check_own_call(
    check: &mut Checker<'_>,
    path: &str,
    named: &str,
    callee: &str,
    policy: &CallPolicy,
    system: &System,
) {
    check.known(named, "service", callee, service_names(system));
    check_policy(check, path, policy, system);
    if let Some(Fallback::Call(..)) = &policy.fallback {
        let message = "a release cannot fall back on another call than its service does";
        let help = "write the fallback at the service's `calls` in the system";
        check.advise("E0404", &format!("{path}.fallback"), message, help);
    }
}

fn check_release(check: &mut Checker<'_>, path: &str, release: &Version, system: &System) {
    check.name(&format!("{path}.name"), &release.name);
    check.prose(&format!("{path}.notes"), &release.notes);
    check.prose(&format!("{path}.feature"), &release.feature);
    for (index, (file, text)) in release.hunks.iter().enumerate() {
        check.short(&format!("{path}.hunks[{index}][0]"), file);
        check.prose(&format!("{path}.hunks[{index}][1]"), text);
    }
    check.known(
        &format!("{path}.service"),
        "service",
        &release.service,
        service_names(system),
    );
    let list = format!("{path}.endpoints");
    let names = super::system::indexed(&list, ".name", &release.endpoints, |endpoint| {
        &endpoint.name
    });
    check.unique("endpoint", names);
    if let Some(service) = system
        .services
        .iter()
        .find(|service| service.name == release.service)
    {
        let kind = format!("endpoint of `{}`", service.name);
        for (index, endpoint) in release.endpoints.iter().enumerate() {
            let known = service.endpoints.iter().map(|known| known.name.as_str());
            check.known(
                &format!("{list}[{index}].name"),
                &kind,
                &endpoint.name,
                known,
            );
        }
        for region in release.manifest.keys() {
            check.known(
                &format!("{path}.manifest.{region}"),
                "region",
                region,
                system.regions.iter().map(String::as_str),
            );
        }
    }
    let of = system.services.iter().find(|s| s.name == release.service);
    check_endpoints(check, &list, &release.endpoints, of, system);
    check_schemas(check, path, &release.schemas, system);
    check_leak(check, &format!("{path}.leak"), &release.leak);
    for (callee, policy) in &release.calls {
        let path = format!("{path}.calls.{callee}");
        check_own_call(check, &path, &path, callee, policy, system);
    }
    let variables: Vec<(String, &str)> = release
        .reads
        .iter()
        .enumerate()
        .map(|(index, read)| {
            (
                format!("{path}.reads[{index}].variable"),
                read.variable.as_str(),
            )
        })
        .collect();
    check.unique("variable", variables);
    for (index, read) in release.reads.iter().enumerate() {
        let path = format!("{path}.reads[{index}]");
        check.name(&format!("{path}.variable"), &read.variable);
        check.known(
            &format!("{path}.callee"),
            "service",
            &read.callee,
            service_names(system),
        );
        check.short(&format!("{path}.default"), &read.default);
    }
    for (region, values) in &release.manifest {
        for (variable, value) in values {
            let path = format!("{path}.manifest.{region}.{variable}");
            check.name(&path, variable);
            check.short(&path, value);
        }
    }
}
