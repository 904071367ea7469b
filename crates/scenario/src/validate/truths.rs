//! What may really be going on.

use std::collections::BTreeSet;

use super::answers::check_answers;
use super::changes::{check_timeline, versions_of};
use super::checker::Checker;
use super::releases::check_own_call;
use super::services::{check_endpoints, service_names};
use super::system::indexed;
use crate::glossary::{MECHANISMS, is_harmless, mechanism};
use crate::graph::{all_calls, programs};
use crate::limits::{MAX_TRUTHS, MIN_NORMAL_NS};
use crate::load::Loaded;
use crate::model::{Truth, Unset};

pub(super) fn check_truths(check: &mut Checker<'_>, loaded: &Loaded, horizon: Option<u64>) {
    let truths = &loaded.model.truths;
    check.length("truths", "truths", truths.len(), MAX_TRUTHS);
    check.unique(
        "truth",
        indexed("truths", ".name", truths, |truth| &truth.name),
    );
    for (index, truth) in truths.iter().enumerate() {
        let path = format!("truths[{index}]");
        check.name(&format!("{path}.name"), &truth.name);
        check_onset(check, &path, truth, horizon);
        check_timeline(
            check,
            &format!("{path}.timeline"),
            &truth.timeline,
            loaded,
            horizon,
        );
        check_unset(check, &path, truth, loaded);
        check_hidden_calls(check, &path, truth, loaded);
        check_does(check, &path, truth, loaded);
        check_guilt(check, &path, truth, loaded);
        check_control(check, &path, truth);
        check_trigger(check, &path, truth, loaded);
        check_answers(check, &path, truth, loaded);
        check.required_prose(&format!("{path}.explanation"), &truth.explanation);
    }
}

fn check_onset(check: &mut Checker<'_>, path: &str, truth: &Truth, horizon: Option<u64>) {
    let path = format!("{path}.onset");
    let Some(onset) = check.duration(&path, &truth.onset) else {
        return;
    };
    if onset < MIN_NORMAL_NS {
        let help = "leave at least 20 simulated minutes, so that now can be compared with normal";
        check.advise(
            "E0502",
            &path,
            "harm begins before there was enough normal life",
            help,
        );
    }
    if horizon.is_some_and(|horizon| onset >= horizon) {
        check.report(
            "E0503",
            &path,
            "harm begins at or after the horizon, so none would be counted",
        );
    }
}

/// Entries to be taken out of a manifest have to be in it.
fn check_unset(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    for (index, entry) in truth.unset.iter().enumerate() {
        let Unset {
            service,
            version,
            region,
            variable,
        } = entry;
        let path = format!("{path}.unset[{index}]");
        if !check.known(
            &format!("{path}.service"),
            "service",
            service,
            service_names(&loaded.system.model),
        ) {
            continue;
        }
        let kind = format!("version of `{service}`");
        let known = versions_of(service, loaded);
        if !check.known(
            &format!("{path}.version"),
            &kind,
            version,
            known.iter().copied(),
        ) {
            continue;
        }
        let release = loaded
            .model
            .versions
            .iter()
            .find(|release| &release.service == service && &release.name == version);
        let Some(release) = release else {
            let message = format!("version `{version}` of `{service}` has no manifest here");
            check.report("E0301", &format!("{path}.version"), message);
            continue;
        };
        if !check.known(
            &format!("{path}.region"),
            "region of the manifest",
            region,
            release.manifest.keys().map(String::as_str),
        ) {
            continue;
        }
        if let Some(rows) = release.manifest.get(region) {
            check.known(
                &format!("{path}.variable"),
                "variable of the manifest",
                variable,
                rows.keys().map(String::as_str),
            );
        }
    }
}

fn check_hidden_calls(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    let system = &loaded.system.model;
    for (index, own) in truth.calls.iter().enumerate() {
        let path = format!("{path}.calls[{index}]");
        let known = service_names(system);
        if check.known(&format!("{path}.service"), "service", &own.service, known) {
            let kind = format!("version of `{}`", own.service);
            let known = versions_of(&own.service, loaded);
            let names = known.iter().copied();
            check.known(&format!("{path}.version"), &kind, &own.version, names);
        }
        let (named, path) = (format!("{path}.callee"), format!("{path}.policy"));
        check_own_call(check, &path, &named, &own.callee, &own.policy, system);
    }
}

/// What a version really does concerns endpoints that its service has.
fn check_does(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    let system = &loaded.system.model;
    for (index, does) in truth.does.iter().enumerate() {
        let (service, version, endpoints) = (&does.service, &does.version, &does.endpoints);
        let path = format!("{path}.does[{index}]");
        let names = service_names(system);
        if !check.known(&format!("{path}.service"), "service", service, names) {
            continue;
        }
        let kind = format!("version of `{service}`");
        let known = versions_of(service, loaded);
        check.known(
            &format!("{path}.version"),
            &kind,
            version,
            known.iter().copied(),
        );
        let of = system.services.iter().find(|s| s.name == *service);
        let list = format!("{path}.endpoints");
        for (position, endpoint) in endpoints.iter().enumerate() {
            let kind = format!("endpoint of `{service}`");
            let known = of
                .iter()
                .flat_map(|s| &s.endpoints)
                .map(|e| e.name.as_str());
            let path = format!("{list}[{position}].name");
            check.known(&path, &kind, &endpoint.name, known);
        }
        check_endpoints(check, &list, endpoints, of, system);
    }
}

fn check_guilt(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    let system = &loaded.system.model;
    check.known(
        &format!("{path}.component"),
        "service",
        &truth.component,
        service_names(system),
    );
    check.length(
        &format!("{path}.regions"),
        "regions",
        truth.regions.len(),
        system.regions.len(),
    );
    for (index, region) in truth.regions.iter().enumerate() {
        check.known(
            &format!("{path}.regions[{index}]"),
            "region",
            region,
            system.regions.iter().map(String::as_str),
        );
    }
    for (field, id) in [
        ("mechanism", &truth.mechanism),
        ("sustaining", &truth.sustaining),
    ] {
        check.known(
            &format!("{path}.{field}"),
            "mechanism",
            id,
            MECHANISMS.iter().map(|mechanism| mechanism.id),
        );
    }
    check.length(
        &format!("{path}.path"),
        "services on the path",
        truth.path.len(),
        system.services.len(),
    );
    for (index, service) in truth.path.iter().enumerate() {
        check.known(
            &format!("{path}.path[{index}]"),
            "service",
            service,
            service_names(system),
        );
    }
    if truth
        .path
        .first()
        .is_some_and(|first| first != &truth.component)
    {
        let message = format!(
            "the path must begin with the guilty component `{}`",
            truth.component
        );
        check.report("E0504", &format!("{path}.path[0]"), message);
    }
    let calls: BTreeSet<(&str, &str)> = programs(system, &loaded.model.versions)
        .flat_map(|(caller, endpoint)| {
            let callees = all_calls(system, caller, endpoint).into_iter();
            callees.map(move |(callee, _)| (caller, callee))
        })
        .collect();
    let known = |name: &String| system.services.iter().any(|s| s.name == *name);
    for (index, pair) in truth.path.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let linked = calls.contains(&(to.as_str(), from.as_str()))
            || calls.contains(&(from.as_str(), to.as_str()));
        if known(from) && known(to) && !linked {
            let message = format!(
                "`{to}` does not call `{from}`, so nothing passes from the one to the other"
            );
            check.report("E0504", &format!("{path}.path[{}]", index + 1), message);
        }
    }
}

/// A control says so twice: in words, and by mechanisms under which nothing is broken.
fn check_control(check: &mut Checker<'_>, path: &str, truth: &Truth) {
    for (field, id) in [
        ("mechanism", &truth.mechanism),
        ("sustaining", &truth.sustaining),
    ] {
        if mechanism(id).is_none() || is_harmless(id) == truth.control {
            continue;
        }
        let (message, help) = if truth.control {
            (
                format!("in a control nothing is broken, but `{id}` is something that is"),
                "name a mechanism of the family F9, such as `background-work`, or leave `control` out",
            )
        } else {
            (
                format!("`{id}` means that nothing is broken, but this truth is no control"),
                "say `control: true`, or name what is broken",
            )
        };
        check.advise("E0511", &format!("{path}.{field}"), message, help);
    }
}

fn check_trigger(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    let Some(trigger) = &truth.trigger else {
        return;
    };
    let path = format!("{path}.trigger");
    let changes = || loaded.model.timeline.iter().chain(&truth.timeline);
    let history = loaded.model.history.iter();
    let names: Vec<&str> = changes()
        .filter_map(|timed| timed.name.as_deref())
        .chain(history.filter_map(|old| old.name.as_deref()))
        .collect();
    if !check.known(&path, "timed change", trigger, names.iter().copied()) {
        return;
    }
    if changes().any(|timed| timed.name.as_ref() == Some(trigger) && timed.record.is_none()) {
        let help = "give the change a record, or name no trigger";
        check.advise(
            "E0505",
            &path,
            format!("`{trigger}` leaves no record, so nobody could name it"),
            help,
        );
    }
}
