//! Alerts: what they watch exists, and they can fire.

use super::checker::Checker;
use super::services::service_names;
use super::system::{indexed, wide};
use crate::limits::{self, MAX_ALERT_WINDOW_NS, MIN_ALERT_WINDOW_NS};
use crate::load::Loaded;
use crate::model::{Alert, AlertSignal, DurationText, FactorText};
use crate::units::share_q32;

pub(super) fn check_alerts(check: &mut Checker<'_>, loaded: &Loaded) {
    let alerts = &loaded.model.alerts;
    check.length("alerts", "alerts", alerts.len(), limits::MAX_ALERTS);
    check.unique(
        "alert",
        indexed("alerts", ".name", alerts, |alert| &alert.name),
    );
    for (index, alert) in alerts.iter().enumerate() {
        check_alert(check, &format!("alerts[{index}]"), alert, loaded);
    }
}

fn check_alert(check: &mut Checker<'_>, path: &str, alert: &Alert, loaded: &Loaded) {
    let system = &loaded.system.model;
    check.name(&format!("{path}.name"), &alert.name);
    let window = check.duration(&format!("{path}.window"), &alert.window);
    if window.is_some_and(|window| !(MIN_ALERT_WINDOW_NS..=MAX_ALERT_WINDOW_NS).contains(&window)) {
        check.report(
            "E0203",
            &format!("{path}.window"),
            "an alert's window must be between 1s and 60m",
        );
    }
    if check
        .duration(&format!("{path}.hold"), &alert.hold)
        .is_some_and(|hold| hold > MAX_ALERT_WINDOW_NS)
    {
        check.report(
            "E0203",
            &format!("{path}.hold"),
            "an alert may hold for at most 60m",
        );
    }
    check.limit(
        &format!("{path}.runbook"),
        "steps of a runbook",
        wide(alert.runbook.len()),
        wide(limits::MAX_RUNBOOK),
    );
    for (index, step) in alert.runbook.iter().enumerate() {
        check.required_prose(&format!("{path}.runbook[{index}]"), step);
    }
    let (subject, threshold) = (format!("{path}.signal[0]"), format!("{path}.signal[1]"));
    let share = match &alert.signal {
        AlertSignal::FlowSuccessBelow(flow, share) => {
            check.known(
                &subject,
                "flow",
                flow,
                system.flows.iter().map(|flow| flow.name.as_str()),
            );
            share
        }
        AlertSignal::FlowLatencyAbove(flow, limit) => {
            check.known(
                &subject,
                "flow",
                flow,
                system.flows.iter().map(|flow| flow.name.as_str()),
            );
            check.positive(&threshold, limit);
            return;
        }
        AlertSignal::QueueAgeAbove(service, age) => {
            check.known(&subject, "service", service, service_names(system));
            check.positive(&threshold, age);
            return;
        }
        AlertSignal::DeadLettersAbove(service, _) => {
            let keepers = system.services.iter().filter(|s| s.queue.dead_letters);
            let keepers = keepers.map(|service| service.name.as_str());
            check.known(&subject, "queue with dead letters", service, keepers);
            return;
        }
        AlertSignal::ServiceErrorsAbove(service, share)
        | AlertSignal::SaturationAbove(service, share)
        | AlertSignal::CpuAbove(service, share) => {
            check.known(&subject, "service", service, service_names(system));
            share
        }
        AlertSignal::BurnRateAbove(flow, factor, short) => {
            check_burn_rate(check, path, (flow, factor, short), window, loaded);
            return;
        }
        // Any number can be exceeded, and anything can fall silent.
        AlertSignal::WaitingAbove(service, _) | AlertSignal::Absent(service) => {
            check.known(&subject, "service", service, service_names(system));
            return;
        }
    };
    let Some(share) = check.share(&threshold, share) else {
        return;
    };
    let whole = 1 << 32;
    let (never, text) = match &alert.signal {
        AlertSignal::FlowSuccessBelow(..) => (share == 0, "success can never fall below 0%"),
        _ => (share == whole, "a share can never rise above 100%"),
    };
    if never {
        check.report(
            "E0203",
            &threshold,
            format!("this alert can never fire: {text}"),
        );
    }
}

/// A burn rate above one that failing altogether has would never be reached; a shorter window has to be shorter.
fn check_burn_rate(
    check: &mut Checker<'_>,
    path: &str,
    (flow, factor, short): (&str, &FactorText, &DurationText),
    window: Option<u64>,
    loaded: &Loaded,
) {
    let flows = loaded.system.model.flows.iter();
    let names = flows.map(|flow| flow.name.as_str());
    check.known(&format!("{path}.signal[0]"), "flow", flow, names);
    let times = check.factor(&format!("{path}.signal[1]"), factor);
    let allowed =
        share_q32(&loaded.model.objective.0).map_or(0, |of| (1u64 << 32) - of.min(1 << 32));
    if let Some(times) = times.filter(|_| allowed > 0) {
        let share = allowed.saturating_mul(u64::from(times)) >> 16;
        if times == 0 || share >= 1 << 32 {
            let most = (1u64 << 32) / allowed;
            let message = format!(
                "this alert can never fire or never end: a burn rate lies between 0 and {most} with this objective"
            );
            check.report("E0203", &format!("{path}.signal[1]"), message);
        }
    }
    let short_path = format!("{path}.signal[2]");
    let short = check.positive(&short_path, short);
    if short
        .zip(window)
        .is_some_and(|(short, window)| short >= window)
    {
        let message = "the shorter window must be shorter than the alert's window";
        check.report("E0203", &short_path, message);
    }
}
