//! What is allowed but probably not meant.

use std::collections::BTreeSet;

use super::checker::Checker;
use super::network::callees;
use crate::action::Action;
use crate::graph::{all_calls, flags_asked, programs};
use crate::limits::MIN_NORMAL_NS;
use crate::load::Loaded;
use crate::model::{Alert, AlertLevel, AlertSignal, Change, System, TimedChange, Truth, Version};
use crate::units::{duration_ns, share_q32};

/// Parts of a system that no request ever meets.
pub(super) fn warn_system(check: &mut Checker<'_>, model: &System, releases: &[Version]) {
    let mut called: BTreeSet<&str> = model
        .flows
        .iter()
        .map(|flow| flow.entry.0.as_str())
        .collect();
    let mut asked = BTreeSet::new();
    for (caller, endpoint) in programs(model, releases) {
        called.extend(
            all_calls(model, caller, endpoint)
                .into_iter()
                .map(|(service, _)| service),
        );
        asked.extend(flags_asked(&endpoint.steps));
    }
    for (index, service) in model.services.iter().enumerate() {
        let own = programs(model, releases).filter(|(caller, _)| *caller == service.name);
        let callees: BTreeSet<&str> = own
            .flat_map(|(caller, endpoint)| all_calls(model, caller, endpoint))
            .map(|(callee, _)| callee)
            .collect();
        for callee in service.calls.keys() {
            // One that nobody calls at all is warned of itself.
            if called.contains(callee.as_str()) && !callees.contains(callee.as_str()) {
                let message = format!("`{}` never calls `{callee}`", service.name);
                check.report(
                    "W0607",
                    &format!("services[{index}].calls.{callee}"),
                    message,
                );
            }
        }
        if !called.contains(service.name.as_str()) {
            let message = format!("service `{}` is never called", service.name);
            check.report("W0601", &format!("services[{index}].name"), message);
        }
    }
    for (index, flag) in model.flags.iter().enumerate() {
        if !asked.contains(flag.name.as_str()) {
            check.report(
                "W0602",
                &format!("flags[{index}].name"),
                format!("flag `{}` is never asked", flag.name),
            );
        }
    }
}

/// Parts of a scenario without an effect, and decoys that deceive nobody.
pub(super) fn warn_scenario(check: &mut Checker<'_>, loaded: &Loaded) {
    let model = &loaded.model;
    let all: Vec<&TimedChange> = model
        .timeline
        .iter()
        .chain(model.truths.iter().flat_map(|truth| &truth.timeline))
        .collect();
    for (index, release) in model.versions.iter().enumerate() {
        let base = loaded
            .system
            .model
            .services
            .iter()
            .any(|s| s.name == release.service && s.version == release.name);
        let deployed = all.iter().any(|timed| {
            matches!(&timed.change, Change::Deploy { service, version, .. } | Change::Canary { service, version, .. } if service == &release.service && version == &release.name)
        });
        let ran = model.history.iter().any(|old| {
            old.record.service.as_ref() == Some(&release.service)
                && old.from.as_ref() == Some(&release.name)
        });
        let answers = model
            .truths
            .iter()
            .flat_map(|truth| truth.contain.iter().chain(&truth.fix).flatten());
        let ready = answers.into_iter().any(|action| {
            matches!(action, Action::Deploy { service, version, .. } if *service == release.service && *version == release.name)
        });
        if !base && !deployed && !ran && !ready {
            let message = format!(
                "version `{}` of `{}` is never deployed",
                release.name, release.service
            );
            check.report("W0603", &format!("versions[{index}].name"), message);
        }
        for (position, read) in release.reads.iter().enumerate() {
            if !release
                .manifest
                .values()
                .any(|values| values.contains_key(&read.variable))
            {
                let message = format!(
                    "variable `{}` is read but stands in no manifest of this version",
                    read.variable
                );
                let help = "without a manifest entry the default applies everywhere";
                check.advise(
                    "W0604",
                    &format!("versions[{index}].reads[{position}].variable"),
                    message,
                    help,
                );
            }
        }
    }
    let pages = |alert: &&(usize, &Alert)| {
        alert.1.name == model.page.alert && alert.1.level != AlertLevel::Page
    };
    let alerts: Vec<(usize, &Alert)> = model.alerts.iter().enumerate().collect();
    if let Some((index, alert)) = alerts.iter().find(pages) {
        let message = format!("alert `{}` pages but is labelled as a warning", alert.name);
        check.report("W0606", &format!("alerts[{index}].level"), message);
    }
    warn_alerts(check, loaded);
    let Some(last_onset) = model
        .truths
        .iter()
        .filter_map(|truth| duration_ns(&truth.onset.0).ok())
        .max()
    else {
        return;
    };
    for (index, timed) in model.timeline.iter().enumerate() {
        let trigger =
            timed.name.is_some() && model.truths.iter().any(|truth| truth.trigger == timed.name);
        if !trigger && is_recorded_after(timed, last_onset) {
            warn_late(check, &format!("timeline[{index}].at"), "of every truth");
        }
    }
    for (number, truth) in model.truths.iter().enumerate() {
        let path = format!("truths[{number}]");
        warn_truth(check, &format!("{path}.timeline"), truth);
        warn_trigger(check, &path, truth, loaded);
        warn_hidden_calls(check, &path, truth, loaded);
    }
}

/// What only happens under one truth is a decoy of that one alone.
fn warn_truth(check: &mut Checker<'_>, path: &str, truth: &Truth) {
    let Ok(onset) = duration_ns(&truth.onset.0) else {
        return;
    };
    for (index, timed) in truth.timeline.iter().enumerate() {
        let trigger = timed.name.is_some() && truth.trigger == timed.name;
        if !trigger && is_recorded_after(timed, onset) {
            warn_late(check, &format!("{path}[{index}].at"), "of this truth");
        }
    }
}

/// A trigger that comes after the harm it is said to have set off.
fn warn_trigger(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    let timeline = loaded.model.timeline.iter().chain(&truth.timeline);
    let mut named = timeline.filter(|timed| timed.name.is_some() && timed.name == truth.trigger);
    let at = named.next().and_then(|timed| timed.at.as_ref());
    let (Some(Ok(at)), Ok(onset)) = (at.map(|at| duration_ns(&at.0)), duration_ns(&truth.onset.0))
    else {
        return;
    };
    // A time that is wrong by itself is told already.
    let horizon = duration_ns(&loaded.model.horizon.0).unwrap_or(0);
    if at > onset && at <= horizon && onset >= MIN_NORMAL_NS {
        let message = "the trigger comes after the onset: harm is counted before anything broke";
        let help = "set `onset` to the time of the trigger";
        check.advise("W0610", &format!("{path}.onset"), message, help);
    }
}

/// Calls that a truth makes otherwise, and that nobody makes.
fn warn_hidden_calls(check: &mut Checker<'_>, path: &str, truth: &Truth, loaded: &Loaded) {
    for (index, hidden) in truth.calls.iter().enumerate() {
        let callees = callees(
            &loaded.system.model,
            &loaded.model.versions,
            &hidden.service,
        );
        let known = |name: &String| loaded.system.model.services.iter().any(|s| s.name == *name);
        let both = known(&hidden.service) && known(&hidden.callee);
        if both && !callees.contains(&hidden.callee) {
            let message = format!("`{}` never calls `{}`", hidden.service, hidden.callee);
            check.report("W0607", &format!("{path}.calls[{index}].callee"), message);
        }
    }
}

fn is_recorded_after(timed: &TimedChange, onset: u64) -> bool {
    let at = timed.at.as_ref().map(|at| duration_ns(&at.0));
    timed.record.is_some() && at.is_some_and(|at| at.is_ok_and(|at| at > onset))
}

fn warn_late(check: &mut Checker<'_>, path: &str, whose: &str) {
    let help = "a change after the harm began cannot be mistaken for its cause";
    let message = format!("this change comes after the onset {whose}");
    check.advise("W0605", path, message, help);
}

/// Alerts that watch nothing, or fire always or never.
fn warn_alerts(check: &mut Checker<'_>, loaded: &Loaded) {
    let system = &loaded.system.model;
    let mut called: BTreeSet<&str> = system.flows.iter().map(|f| f.entry.0.as_str()).collect();
    for (caller, endpoint) in programs(system, &loaded.model.versions) {
        let calls = all_calls(system, caller, endpoint).into_iter();
        called.extend(calls.map(|(service, _)| service));
    }
    for (index, alert) in loaded.model.alerts.iter().enumerate() {
        let path = format!("alerts[{index}].signal");
        match &alert.signal {
            AlertSignal::FlowSuccessBelow(_, share) => {
                if share_q32(&share.0).is_ok_and(|share| share == 1 << 32) {
                    let help = "leave room for what always fails, such as \"99%\"";
                    let message = "any single failure fires this alert";
                    check.advise("W0608", &format!("{path}[1]"), message, help);
                }
            }
            AlertSignal::FlowLatencyAbove(flow, limit) => {
                let flow = system.flows.iter().find(|known| known.name == *flow);
                let most = flow.and_then(|flow| duration_ns(&flow.timeout.0).ok());
                if let (Some(most), Ok(limit)) = (most, duration_ns(&limit.0))
                    && limit >= most
                {
                    let help = "take a threshold below the flow's `timeout`";
                    let message = "nobody waits that long, so this alert never fires";
                    check.advise("W0608", &format!("{path}[1]"), message, help);
                }
            }
            AlertSignal::BurnRateAbove(..) => {}
            AlertSignal::ServiceErrorsAbove(service, _)
            | AlertSignal::SaturationAbove(service, _)
            | AlertSignal::CpuAbove(service, _)
            | AlertSignal::WaitingAbove(service, _)
            | AlertSignal::QueueAgeAbove(service, _)
            | AlertSignal::DeadLettersAbove(service, _)
            | AlertSignal::Absent(service) => {
                let known = system.services.iter().any(|known| known.name == *service);
                if known && !called.contains(service.as_str()) {
                    let message = format!("nobody calls `{service}`, so there is nothing to watch");
                    check.report("W0609", &format!("{path}[0]"), message);
                }
            }
        }
    }
}
