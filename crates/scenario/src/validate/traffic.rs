//! Users: client versions, patience, profiles, and changes of traffic.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::services::check_distribution;
use super::system::wide;
use crate::compile::rate_steps;
use crate::limits;
use crate::model::{FactorText, Flow, Patience, Profile, ShareText, System};
use crate::units::share_q32;

/// Shares of the users of a flow by some list of names; they must add up to all.
pub(super) fn check_shares(
    check: &mut Checker<'_>,
    path: &str,
    (kind, plural): (&str, &str),
    shares: &BTreeMap<String, ShareText>,
    known: &[String],
) {
    let mut total = Some(0u64);
    for (name, share) in shares {
        let path = format!("{path}.{name}");
        check.known(&path, kind, name, known.iter().map(String::as_str));
        check.share(&path, share);
        total = total.and_then(|total| Some(total + share_q32(&share.0).ok()?));
    }
    // Each share may have been rounded by half a unit.
    let whole = 1u64 << 32;
    let slack = wide(limits::MAX_SEGMENTS);
    if !shares.is_empty() && total.is_some_and(|total| total.abs_diff(whole) > slack) {
        let message = format!("the shares of the {plural} must add up to 100%");
        check.report("E0203", path, message);
    }
}

pub(super) fn check_patience(check: &mut Checker<'_>, path: &str, patience: &Patience) {
    check.positive(&format!("{path}.mean"), &patience.mean);
    if let Some(distribution) = &patience.distribution {
        check_distribution(check, &format!("{path}.distribution[0]"), distribution);
    }
    if let Some(again) = &patience.again {
        check.share(&format!("{path}.again"), again);
    }
    check.optional_duration(&format!("{path}.pause"), patience.pause.as_ref());
    if let Some(tries) = patience.tries {
        let path = format!("{path}.tries");
        check.range(&path, "tries", u64::from(tries), 1..=limits::MAX_TRIES);
    }
}

/// The profiles of a flow. `until_ns` is the end of the run.
pub(super) fn check_profiles(check: &mut Checker<'_>, path: &str, flow: &Flow) {
    let count = wide(flow.profile.len());
    check.limit(path, "profiles", count, wide(limits::MAX_PROFILES));
    for (index, profile) in flow.profile.iter().enumerate() {
        check_profile(check, &format!("{path}[{index}]"), profile);
    }
}

fn check_profile(check: &mut Checker<'_>, path: &str, profile: &Profile) {
    match profile {
        Profile::Constant(factor) => check_factor(check, &format!("{path}[0]"), factor),
        Profile::Diurnal { period, peak, low } => {
            let period_path = format!("{path}.period");
            if check
                .duration(&period_path, period)
                .is_some_and(|period| period < limits::MIN_PERIOD_NS)
            {
                check.report("E0203", &period_path, "a period must be at least 1 minute");
            }
            check.duration(&format!("{path}.peak"), peak);
            check.share(&format!("{path}.low"), low);
        }
        Profile::Ramp { from, over, to } => {
            check.duration(&format!("{path}.from"), from);
            check.duration(&format!("{path}.over"), over);
            check_factor(check, &format!("{path}.to"), to);
        }
        Profile::Spike {
            at,
            rise,
            hold,
            fall,
            factor,
        } => {
            for (name, time) in [("at", at), ("rise", rise), ("hold", hold), ("fall", fall)] {
                check.duration(&format!("{path}.{name}"), time);
            }
            check_factor(check, &format!("{path}.factor"), factor);
        }
        Profile::Replay { at, every, factors } => {
            check.duration(&format!("{path}.at"), at);
            check.positive(&format!("{path}.every"), every);
            let list = format!("{path}.factors");
            check.length(&list, "factors", factors.len(), limits::MAX_REPLAYED);
            for (index, factor) in factors.iter().enumerate() {
                check_factor(check, &format!("{list}[{index}]"), factor);
            }
        }
    }
}

/// A factor on a rate.
pub(super) fn check_factor(check: &mut Checker<'_>, path: &str, factor: &FactorText) {
    if check
        .factor(path, factor)
        .is_some_and(|factor| factor > limits::MAX_TRAFFIC_FACTOR_Q16)
    {
        check.report("E0203", path, "a factor on traffic must be at most 1000");
    }
}

/// Steps of all sources' rates together, once each profile is known to be sound.
pub(super) fn check_rate_steps(check: &mut Checker<'_>, model: &System, until_ns: u64) {
    let mut total = 0usize;
    for flow in model.flows.iter().filter(|flow| !flow.profile.is_empty()) {
        if flow.profile.len() > limits::MAX_PROFILES {
            return;
        }
        let Ok(steps) = rate_steps(&flow.profile, until_ns) else {
            return;
        };
        let kinds = model.segments.len().max(1) * model.clients.len().max(1);
        total = total.saturating_add(steps.len().saturating_mul(kinds * flow.rates.len()));
    }
    check.limit(
        "flows",
        "steps of the rates of all traffic sources",
        wide(total),
        wide(limits::MAX_RATE_STEPS),
    );
}
