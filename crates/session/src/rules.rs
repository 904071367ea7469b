//! Alert rules of a scenario, as the telemetry evaluates them.

use brownout_scenario::compiled::{AlertLevel, AlertSignal, Scenario};
use brownout_sim::blueprint::ONE_Q32;
use brownout_telemetry::alerts::Rule;
use brownout_telemetry::signal::{Scope, Signal};

/// The rules.
pub(crate) fn of(scenario: &Scenario) -> Vec<Rule> {
    let ppm = |share_q32: u64| {
        u64::try_from(u128::from(share_q32) * 1_000_000 / u128::from(ONE_Q32)).unwrap_or(0)
    };
    scenario
        .alerts
        .iter()
        .map(|alert| {
            let (signal, scope, threshold, below) = match alert.signal {
                AlertSignal::FlowSuccessBelow(flow, share) => (
                    Signal::SuccessShare,
                    Scope::flow(flow, None),
                    ppm(share),
                    true,
                ),
                AlertSignal::FlowLatencyAbove(flow, bound_ns) => (
                    Signal::LatencyP95,
                    Scope::flow(flow, None),
                    bound_ns / 1_000,
                    false,
                ),
                AlertSignal::ServiceErrorsAbove(service, share) => (
                    Signal::ErrorShare,
                    Scope::service(service, None),
                    ppm(share),
                    false,
                ),
                AlertSignal::SaturationAbove(service, share) => (
                    Signal::Saturation,
                    Scope::service(service, None),
                    ppm(share),
                    false,
                ),
                AlertSignal::CpuAbove(service, share) => (
                    Signal::Cpu,
                    Scope::service(service, None),
                    ppm(share),
                    false,
                ),
                AlertSignal::WaitingAbove(service, count) => (
                    Signal::QueueDepth,
                    Scope::service(service, None),
                    count,
                    false,
                ),
                AlertSignal::QueueAgeAbove(service, age_ns) => (
                    Signal::QueueAge,
                    Scope::service(service, None),
                    age_ns / 1_000,
                    false,
                ),
                AlertSignal::DeadLettersAbove(service, most) => (
                    Signal::DeadLetters,
                    Scope::service(service, None),
                    most,
                    false,
                ),
                AlertSignal::BurnRateAbove(flow, share, _) => (
                    Signal::ErrorShare,
                    Scope::flow(flow, None),
                    ppm(share),
                    false,
                ),
                AlertSignal::Absent(service) => (
                    Signal::ReadyInstances,
                    Scope::service(service, None),
                    0,
                    false,
                ),
            };
            Rule {
                name: alert.name.clone(),
                signal,
                scope,
                threshold,
                below,
                window_ns: alert.window_ns,
                short_ns: match alert.signal {
                    AlertSignal::BurnRateAbove(_, _, short_ns) => Some(short_ns),
                    _ => None,
                },
                absent: matches!(alert.signal, AlertSignal::Absent(_)),
                hold_ns: alert.hold_ns,
                pages: alert.level == AlertLevel::Page,
            }
        })
        .collect()
}
