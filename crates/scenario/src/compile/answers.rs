//! Truths as rivals: what tells each apart, and what is to be done about it.

use super::Build;
use crate::compiled::{self, Rival};
use crate::load::Loaded;
use crate::model::{Sign, SignSignal, Truth};
use crate::text::clean;
use crate::units::{UnitError, duration_ns, interarrival_ns, share_q32, whole};

/// The threshold of a sign in the unit its signal is read in: shares in parts per million, times in microseconds, rates in
/// thousandths of a request a second, else a whole number.
pub(crate) fn sign_threshold(signal: SignSignal, text: &str) -> Result<u64, UnitError> {
    match signal {
        SignSignal::SuccessShare
        | SignSignal::ErrorShare
        | SignSignal::SlowShare
        | SignSignal::Saturation
        | SignSignal::Cpu => Ok((share_q32(text)? * 1_000_000).div_ceil(1 << 32)),
        SignSignal::LatencyP50
        | SignSignal::LatencyP95
        | SignSignal::LatencyP99
        | SignSignal::QueueAge => Ok(duration_ns(text)? / 1_000),
        SignSignal::Rate => Ok(1_000_000_000_000 / interarrival_ns(text)?.max(1)),
        SignSignal::QueueDepth | SignSignal::DeadLetters | SignSignal::ReadyInstances => {
            whole(text)
        }
    }
}

fn sign(sign: &Sign) -> Build<compiled::Sign> {
    let text = sign.above.as_ref().or(sign.at_most.as_ref());
    Ok(compiled::Sign {
        signal: sign.signal,
        flow: sign.flow.clone(),
        service: sign.service.clone(),
        callee: sign.callee.clone(),
        region: sign.region.clone(),
        version: sign.version.clone(),
        above: sign.above.is_some(),
        threshold: sign_threshold(sign.signal, text.map_or("", String::as_str))?,
    })
}

/// Every truth of a scenario as a rival.
pub(super) fn rivals(loaded: &Loaded) -> Build<Vec<Rival>> {
    let titled = |truth: &Truth| {
        let name = truth.trigger.as_ref()?;
        let mut changes = loaded.model.timeline.iter().chain(&truth.timeline);
        let change = changes.find(|timed| timed.name.as_ref() == Some(name));
        let mut history = loaded.model.history.iter();
        let old = history.find(|old| old.name.as_ref() == Some(name));
        let record = change
            .and_then(|timed| timed.record.as_ref())
            .or(old.map(|old| &old.record))?;
        Some(clean(&record.title))
    };
    let rival = |truth: &Truth| {
        Ok(Rival {
            name: truth.name.clone(),
            component: truth.component.clone(),
            mechanism: truth.mechanism.clone(),
            trigger: titled(truth),
            sustaining: truth.sustaining.clone(),
            path: truth.path.clone(),
            signs: truth.signs.iter().map(sign).collect::<Build<_>>()?,
            contain: truth.contain.clone(),
            fix: truth.fix.clone(),
            tempting: truth.tempting.clone(),
        })
    };
    loaded.model.truths.iter().map(rival).collect()
}
