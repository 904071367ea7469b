//! What a hypothesis predicts: a signal, a side, a threshold or another region.

use brownout_session::command::{Expect, Metric, Prediction};
use brownout_session::view::PlayerView;
use brownout_telemetry::signal::Signal;
use egui::{DragValue, Label, Ui};

use super::super::format::SECOND_NS;
use super::super::lookup::Lookup;
use super::super::words;
use super::choice;
use super::form::Form;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{field, text};

/// A threshold to start from: what an ordinary dashboard would draw a line at.
pub(super) const fn usual(signal: Signal) -> (Expect, u64) {
    match signal {
        Signal::SuccessShare => (Expect::AtMost, 950_000),
        Signal::ErrorShare | Signal::SlowShare => (Expect::Above, 50_000),
        Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99 | Signal::QueueAge => {
            (Expect::Above, 1_000_000)
        }
        Signal::Saturation | Signal::Cpu => (Expect::Above, 800_000),
        Signal::QueueDepth | Signal::DeadLetters => (Expect::Above, 10),
        Signal::ReadyInstances => (Expect::AtMost, 1),
        Signal::Rate => (Expect::Above, 10_000),
    }
}

/// A difference between regions to start from: what is more than chance.
pub(super) const fn apart(signal: Signal) -> u64 {
    match signal {
        Signal::SuccessShare | Signal::ErrorShare | Signal::SlowShare => 50_000,
        Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99 | Signal::QueueAge => 500_000,
        Signal::Saturation | Signal::Cpu => 200_000,
        Signal::QueueDepth | Signal::DeadLetters => 10,
        Signal::ReadyInstances => 1,
        Signal::Rate => 10_000,
    }
}

/// A threshold as it is typed, in the signal's unit: `5` or `5 %` of shares, `250`, `250 ms` or `2.5 s` of durations,
/// requests per second, or a number.
fn typed(signal: Signal, words: &str) -> Option<f64> {
    let words = words.trim().to_lowercase().replace(',', ".");
    let split = words.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = words.split_at(split.unwrap_or(words.len()));
    let number: f64 = number.parse().ok()?;
    let factor = match (signal, unit.trim()) {
        (
            Signal::SuccessShare
            | Signal::ErrorShare
            | Signal::SlowShare
            | Signal::Saturation
            | Signal::Cpu,
            "" | "%",
        ) => 10_000.0,
        (Signal::LatencyP50 | Signal::LatencyP95 | Signal::LatencyP99 | Signal::QueueAge, unit) => {
            match unit {
                "" | "ms" => 1_000.0,
                "s" => 1_000_000.0,
                "us" | "µs" => 1.0,
                _ => return None,
            }
        }
        (Signal::Rate, "" | "/s") => 1_000.0,
        (Signal::Rate, "k/s") => 1_000_000.0,
        (Signal::QueueDepth | Signal::DeadLetters | Signal::ReadyInstances, "") => 1.0,
        _ => return None,
    };
    Some(number * factor)
}

/// Draws the prediction of a form.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    form: &mut Form,
    theme: &Theme,
) {
    ui.horizontal_wrapped(|ui| {
        choice::toggle(ui, "Predicts", &mut form.predicts);
        if form.predicts {
            ui.label(text::quiet(theme, words::metric(&form.metric)));
        }
    });
    if !form.predicts {
        return;
    }
    let mut signal = form.metric.signal;
    let signals: Vec<(Signal, &str)> = words::SIGNALS
        .into_iter()
        .filter(|s| form.metric.service.is_some() || !s.is_gauge())
        .map(|s| (s, words::signal(s)))
        .collect();
    if choice::row(ui, "", &signals, &mut signal) {
        form.metric.signal = signal;
        (form.expect, form.threshold) = usual(signal);
        form.versus = None;
    }
    let mut region = form.metric.region.as_ref();
    let mut regions: Vec<(Option<&String>, &str)> = vec![(None, "all")];
    regions.extend(view.regions.iter().map(|name| (Some(name), name.as_str())));
    if choice::keyed(ui, None, "in", &regions, &mut region) {
        form.metric.region = region.cloned();
        if form.versus == form.metric.region {
            form.against(None, form.expect);
        }
    }
    sides(ui, view, form);
    let reading = words::reading(form.metric.signal);
    let signal = form.metric.signal;
    let speed = f64::from(u32::try_from(form.threshold / 50).unwrap_or(1_000)).max(0.2);
    let caption = match (&form.versus, form.expect) {
        (None, Expect::Above) => "above",
        (None, Expect::AtMost) => "at most",
        (Some(_), Expect::Above) => "by more than",
        (Some(_), Expect::AtMost) => "within",
    };
    choice::labelled(ui, None, caption, |ui| {
        let threshold = DragValue::new(&mut form.threshold)
            .speed(speed)
            .custom_formatter(move |value, _| reading(whole(value)))
            .custom_parser(move |words| typed(signal, words));
        field::add(ui, "Threshold", threshold);
    });
    if holds(lookup, &form.prediction()) == Some(true) {
        idle(ui, form, theme);
    }
}

/// Whether a prediction is true already; `None` without samples.
fn holds(lookup: &dyn Lookup, prediction: &Prediction) -> Option<bool> {
    let window_ns = prediction.window_s * SECOND_NS;
    let own = lookup.read(&prediction.metric, window_ns)?;
    let reading = match &prediction.versus {
        None => own,
        Some(other) => {
            let beside = Metric {
                region: Some(other.clone()),
                ..prediction.metric.clone()
            };
            own.abs_diff(lookup.read(&beside, window_ns)?)
        }
    };
    Some(prediction.expect.holds(reading, prediction.threshold))
}

/// Says that a prediction tests nothing, and offers what would.
fn idle(ui: &mut Ui, form: &mut Form, theme: &Theme) {
    let words = "Already true: it tests nothing. Predict what only this cause would bring about.";
    ui.add(Label::new(text::quiet(theme, words).color(theme.palette.degraded)).wrap());
    ui.horizontal_wrapped(|ui| {
        let (sign, other) = match (form.versus.is_some(), form.expect) {
            (false, Expect::Above) => ("<", Expect::AtMost),
            (false, Expect::AtMost) => (">", Expect::Above),
            (true, Expect::Above) => ("=", Expect::AtMost),
            (true, Expect::AtMost) => ("!", Expect::Above),
        };
        if button(ui, "The other side", Some(sign), Weight::Normal).clicked() {
            form.expect = other;
        }
        let (words, further) = match form.expect {
            Expect::Above => ("Twice as much", form.threshold.saturating_mul(2)),
            Expect::AtMost => ("Half as much", form.threshold / 2),
        };
        if button(ui, words, None, Weight::Normal).clicked() {
            form.threshold = further;
        }
    });
}

/// Above, at most, like or unlike another region; each has its sign as a key.
fn sides(ui: &mut Ui, view: &PlayerView, form: &mut Form) {
    let own = form.metric.region.clone();
    let others = view
        .regions
        .iter()
        .filter(|region| Some(*region) != own.as_ref());
    let mut all: Vec<(Option<String>, Expect, &str, String)> = vec![
        (None, Expect::Above, ">", "above".to_owned()),
        (None, Expect::AtMost, "<", "at most".to_owned()),
    ];
    for other in others {
        let versus = Some(other.clone());
        all.push((versus.clone(), Expect::AtMost, "=", format!("like {other}")));
        all.push((versus, Expect::Above, "!", format!("unlike {other}")));
    }
    choice::labelled(ui, None, "is", |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (versus, expect, sign, words) in all {
            let on = versus == form.versus && expect == form.expect;
            if button(ui, &words, Some(sign), Weight::Choice(on)).clicked() {
                form.against(versus, expect);
            }
        }
    });
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a threshold"
)]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_typed_as_people_write_them() {
        let whole = |signal, words: &str| typed(signal, words).map(whole);
        assert_eq!(whole(Signal::ErrorShare, "5"), Some(50_000));
        assert_eq!(whole(Signal::ErrorShare, "2.5 %"), Some(25_000));
        assert_eq!(whole(Signal::LatencyP95, "250"), Some(250_000));
        assert_eq!(whole(Signal::LatencyP99, "2,5 s"), Some(2_500_000));
        assert_eq!(whole(Signal::Rate, "35/s"), Some(35_000));
        assert_eq!(whole(Signal::QueueDepth, "12"), Some(12));
        assert_eq!(typed(Signal::ErrorShare, "2 s"), None);
        assert_eq!(typed(Signal::LatencyP95, "many"), None);
    }

    /// What is shown can be typed back.
    #[test]
    fn what_is_shown_can_be_typed() {
        for signal in words::SIGNALS {
            let (_, threshold) = usual(signal);
            let shown = words::reading(signal)(threshold);
            let back = typed(signal, &shown).map(whole);
            assert_eq!(back, Some(threshold), "{signal:?}: {shown}");
        }
    }
}
