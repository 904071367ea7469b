//! Timed changes and the records of the change log.

use super::checker::Checker;
use super::data_changes::check_data_change;
use super::network::check_network_change;
use super::processes::{check_instance_change, check_only};
use super::selection::{check_requests, check_when, check_whole};
use super::services::service_names;
use super::traffic::check_factor;
use crate::load::Loaded;
use crate::model::{Change, Record, TimedChange};

/// One timeline: that of the scenario or of a truth. `horizon` is `None` if it could not be read.
pub(super) fn check_timeline(
    check: &mut Checker<'_>,
    list: &str,
    timeline: &[TimedChange],
    loaded: &Loaded,
    horizon: Option<u64>,
) {
    for (index, timed) in timeline.iter().enumerate() {
        let path = format!("{list}[{index}]");
        if timed.at.is_none() && timed.when.is_none() {
            let message = "missing field `at` in TimedChange";
            check.advise("E0104", &path, message, "add `at: …`, or `when: …`");
        }
        let at = timed.at.as_ref();
        let at = at.and_then(|at| check.duration(&format!("{path}.at"), at));
        if let Some(when) = &timed.when {
            check_when(
                check,
                &format!("{path}.when"),
                when,
                (timed, timeline),
                loaded,
            );
        }
        if at.zip(horizon).is_some_and(|(at, horizon)| at > horizon) {
            check.report(
                "E0501",
                &format!("{path}.at"),
                "this change comes after the horizon",
            );
        }
        if let Some(name) = &timed.name {
            check.name(&format!("{path}.name"), name);
        }
        check_change(check, &format!("{path}.change"), &timed.change, loaded);
        check_onset(check, &path, timed, loaded);
        if let Some(record) = &timed.record {
            check_record(check, &format!("{path}.record"), record, loaded);
        }
    }
}

/// Most steps of a ramp, and most times a change flaps.
const MAX_STEPS: u64 = crate::limits::MAX_RAMP_STEPS;

fn check_onset(check: &mut Checker<'_>, path: &str, timed: &TimedChange, loaded: &Loaded) {
    if let Some(ramp) = &timed.ramp {
        let path = format!("{path}.ramp");
        check.positive(&format!("{path}.over"), &ramp.over);
        let steps = u64::from(ramp.steps);
        check.range(&format!("{path}.steps"), "steps", steps, 2..=MAX_STEPS);
        let has_a_size = matches!(
            timed.change,
            Change::Slowdown { .. }
                | Change::Errors { .. }
                | Change::Payload { .. }
                | Change::Traffic { .. }
                | Change::Link { .. }
        );
        if !has_a_size {
            let message = "expected a change of a size: Slowdown, Errors, Payload, Traffic or Link";
            check.report("E0203", &path, message);
        }
        if timed.flap.is_some() {
            check.report("E0203", &path, "expected a ramp or a flap, not both");
        }
    }
    if let Some(flap) = &timed.flap {
        let path = format!("{path}.flap");
        check.positive(&format!("{path}.on"), &flap.on);
        check.positive(&format!("{path}.off"), &flap.off);
        let times = u64::from(flap.times);
        check.range(&format!("{path}.times"), "times", times, 2..=MAX_STEPS);
        check_change(check, &format!("{path}.end"), &flap.end, loaded);
    }
}

pub(super) fn check_record(check: &mut Checker<'_>, path: &str, record: &Record, loaded: &Loaded) {
    check.required_prose(&format!("{path}.title"), &record.title);
    check.short(&format!("{path}.title"), &record.title);
    check.name(&format!("{path}.by"), &record.by);
    check.prose(&format!("{path}.detail"), &record.detail);
    if let Some(service) = &record.service {
        check.known(
            &format!("{path}.service"),
            "service",
            service,
            service_names(&loaded.system.model),
        );
    }
    check_regions(check, &format!("{path}.regions"), &record.regions, loaded);
}

pub(super) fn check_regions(
    check: &mut Checker<'_>,
    path: &str,
    regions: &[String],
    loaded: &Loaded,
) {
    for (index, region) in regions.iter().enumerate() {
        let known = loaded.system.model.regions.iter().map(String::as_str);
        check.known(&format!("{path}[{index}]"), "region", region, known);
    }
    let names: Vec<(String, &str)> = regions
        .iter()
        .enumerate()
        .map(|(index, region)| (format!("{path}[{index}]"), region.as_str()))
        .collect();
    check.unique("region", names);
}

/// Regions in which the service of a change has to run.
pub(super) fn check_places(
    check: &mut Checker<'_>,
    path: &str,
    service: &str,
    regions: &[String],
    loaded: &Loaded,
) {
    check_regions(check, &format!("{path}.regions"), regions, loaded);
    let Some(target) = loaded
        .system
        .model
        .services
        .iter()
        .find(|known| known.name == service)
    else {
        return;
    };
    for (index, region) in regions.iter().enumerate() {
        if loaded.system.model.regions.contains(region) && !target.replicas.contains_key(region) {
            let message = format!("service `{service}` does not run in `{region}`");
            check.report("E0404", &format!("{path}.regions[{index}]"), message);
        }
    }
}

fn check_change(check: &mut Checker<'_>, path: &str, change: &Change, loaded: &Loaded) {
    if check_data_change(check, path, change, loaded) {
        return;
    }
    let system = &loaded.system.model;
    match change {
        Change::Deploy {
            service,
            version,
            regions,
        } => {
            if check.known(
                &format!("{path}.service"),
                "service",
                service,
                service_names(system),
            ) {
                let kind = format!("version of `{service}`");
                let known = versions_of(service, loaded);
                check.known(
                    &format!("{path}.version"),
                    &kind,
                    version,
                    known.iter().copied(),
                );
            }
            check_places(check, path, service, regions, loaded);
        }
        Change::Restart { service, regions } => {
            check.known(
                &format!("{path}.service"),
                "service",
                service,
                service_names(system),
            );
            check_places(check, path, service, regions, loaded);
        }
        Change::SetVariable {
            service,
            variable,
            value,
            regions,
        } => {
            check.known(
                &format!("{path}.service"),
                "service",
                service,
                service_names(system),
            );
            check.name(&format!("{path}.variable"), variable);
            check.short(&format!("{path}.value"), value.as_deref().unwrap_or(""));
            check_places(check, path, service, regions, loaded);
        }
        Change::SetFlag {
            flag,
            on,
            regions,
            segments,
        } => {
            for (index, segment) in segments.iter().enumerate() {
                let known = system.segments.iter().map(String::as_str);
                check.known(
                    &format!("{path}.segments[{index}]"),
                    "segment",
                    segment,
                    known,
                );
            }
            check.known(
                &format!("{path}.flag"),
                "flag",
                flag,
                system.flags.iter().map(|flag| flag.name.as_str()),
            );
            check.share(&format!("{path}.on"), on);
            check_regions(check, &format!("{path}.regions"), regions, loaded);
        }
        Change::Slowdown {
            service,
            endpoint,
            regions,
            only,
            requests,
            factor,
        } => {
            check_target(check, path, service, endpoint.as_deref(), loaded);
            check.factor(&format!("{path}.factor"), factor);
            check_places(check, path, service, regions, loaded);
            check_only(check, path, service, only, loaded);
            check_requests(check, path, service, requests, loaded);
        }
        Change::Payload {
            service,
            endpoint,
            regions,
            requests,
            factor,
        } => {
            check_target(check, path, service, endpoint.as_deref(), loaded);
            check.factor(&format!("{path}.factor"), factor);
            check_places(check, path, service, regions, loaded);
            check_requests(check, path, service, requests, loaded);
            check_whole(check, path, requests, "Payload");
        }
        Change::Monitoring {
            service,
            regions,
            traces,
            logs_late,
            unit,
            ..
        } => {
            check_target(check, path, service, None, loaded);
            check_places(check, path, service, regions, loaded);
            if let Some(traces) = traces {
                check.share(&format!("{path}.traces"), traces);
            }
            check.optional_duration(&format!("{path}.logs_late"), logs_late.as_ref());
            if let Some(unit) = unit {
                check.factor(&format!("{path}.unit"), unit);
            }
        }
        Change::Errors {
            service,
            endpoint,
            regions,
            only,
            requests,
            status,
            share,
        } => {
            check_target(check, path, service, endpoint.as_deref(), loaded);
            check.share(&format!("{path}.share"), share);
            check_places(check, path, service, regions, loaded);
            check_only(check, path, service, only, loaded);
            check_requests(check, path, service, requests, loaded);
            if status.is_some() {
                check_whole(check, path, requests, "Errors with a `status`");
            }
        }
        Change::Process { .. }
        | Change::Scale { .. }
        | Change::Canary { .. }
        | Change::Proceed { .. }
        | Change::Autoscale { .. } => check_instance_change(check, path, change, loaded),
        Change::Traffic {
            flow,
            regions,
            segment,
            client,
            factor,
        } => {
            let flows = system.flows.iter().map(|flow| flow.name.as_str());
            if let Some(name) = flow {
                check.known(&format!("{path}.flow"), "flow", name, flows);
            }
            let lists = [
                ("segment", "segment", segment, &system.segments),
                ("client", "client version", client, &system.clients),
            ];
            for (field, kind, name, known) in lists {
                if let Some(name) = name {
                    let known = known.iter().map(String::as_str);
                    check.known(&format!("{path}.{field}"), kind, name, known);
                }
            }
            check_regions(check, &format!("{path}.regions"), regions, loaded);
            check_factor(check, &format!("{path}.factor"), factor);
        }
        _ => check_network_change(check, path, change, loaded),
    }
}

pub(super) fn check_target(
    check: &mut Checker<'_>,
    path: &str,
    service: &str,
    endpoint: Option<&str>,
    loaded: &Loaded,
) {
    let system = &loaded.system.model;
    if !check.known(
        &format!("{path}.service"),
        "service",
        service,
        service_names(system),
    ) {
        return;
    }
    let target = system.services.iter().find(|known| known.name == service);
    if let (Some(target), Some(endpoint)) = (target, endpoint) {
        let kind = format!("endpoint of `{service}`");
        let known = target.endpoints.iter().map(|known| known.name.as_str());
        check.known(&format!("{path}.endpoint"), &kind, endpoint, known);
    }
}

/// Names of the versions of a service: the one that runs at the start and all releases.
pub(super) fn versions_of<'a>(service: &str, loaded: &'a Loaded) -> Vec<&'a str> {
    let base = loaded
        .system
        .model
        .services
        .iter()
        .filter(|known| known.name == service)
        .map(|known| known.version.as_str());
    let releases = loaded
        .model
        .versions
        .iter()
        .filter(|release| release.service == service);
    base.chain(releases.map(|release| release.name.as_str()))
        .collect()
}
