//! Writing a hypothesis down in a few keys.

mod card;
mod mechanisms;

use brownout_scenario::glossary::Mechanism;
use brownout_session::command::{Command, Expect, Look, Metric, NewHypothesis, Prediction};
use brownout_session::view::PlayerView;
use brownout_telemetry::signal::Signal;

use super::super::state::State;
use super::prediction;

pub use card::ui;
pub use mechanisms::found;

/// A hypothesis being written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Suspected component.
    pub suspect: String,
    /// Region; `None` for all.
    pub region: Option<usize>,
    /// Letters typed to find the mechanism.
    pub filter: String,
    /// Position among those found.
    pub at: usize,
    /// Whether a prediction is written down with it.
    pub predicts: bool,
    /// What the prediction is about.
    pub metric: Metric,
    /// Side of the threshold.
    pub expect: Expect,
    /// Threshold in the signal's unit.
    pub threshold: u64,
    /// Region it is compared with: then the threshold is for the difference.
    pub versus: Option<String>,
    /// Percent.
    pub confidence: u8,
    /// It has just been opened: keys are for it, whatever had the focus before.
    fresh: bool,
}

impl Form {
    /// A form from the selection and what is on the screen.
    #[must_use]
    pub fn new(view: &PlayerView, state: &State) -> Self {
        let selection = state.selection.as_ref();
        let region = selection.map(|selection| usize::from(selection.region));
        let suspect = selection.map_or_else(
            || {
                view.main_flow()
                    .map_or_else(String::new, |flow| flow.entry.clone())
            },
            |selection| selection.service.clone(),
        );
        let name = region
            .and_then(|index| view.regions.get(index))
            .map(String::as_str);
        let metric = match state.watch.shown() {
            Some(Look::Metric { metric, .. }) => metric.clone(),
            _ => Metric::service(Signal::ErrorShare, &suspect, name),
        };
        let (expect, threshold) = prediction::usual(metric.signal);
        Self {
            suspect,
            region,
            filter: String::new(),
            at: 0,
            predicts: true,
            metric,
            expect,
            threshold,
            versus: None,
            confidence: 50,
            fresh: true,
        }
    }

    /// Takes what was typed: digits are the confidence in tens, `<` and `>` the side, `=` and `!` that it is like or unlike
    /// another region, the rest finds the mechanism.
    pub fn typed(&mut self, view: &PlayerView) {
        for letter in std::mem::take(&mut self.filter).chars() {
            if !self.sign(view, letter) {
                self.filter.push(letter);
            }
        }
        self.at = self.at.min(self.found(view).len().saturating_sub(1));
    }

    /// Takes a digit or a sign; anything else is a letter of the mechanism.
    fn sign(&mut self, view: &PlayerView, letter: char) -> bool {
        match letter {
            '0'..='9' => {
                let digit = u8::try_from(letter.to_digit(10).unwrap_or(0)).unwrap_or(0);
                self.confidence = if digit == 0 { 100 } else { digit * 10 };
            }
            '>' => self.against(None, Expect::Above),
            '<' => self.against(None, Expect::AtMost),
            '=' => self.against(self.other(view), Expect::AtMost),
            '!' => self.against(self.other(view), Expect::Above),
            _ => return false,
        }
        true
    }

    /// Mechanisms with the letters typed, those that fit the suspect first.
    fn found(&self, view: &PlayerView) -> Vec<&'static Mechanism> {
        let suspect = view.nodes.iter().find(|n| n.service == self.suspect);
        found(&self.filter, suspect.map(|node| node.kind))
    }

    /// What the form predicts, while it predicts something.
    pub(super) fn prediction(&self) -> Prediction {
        Prediction {
            metric: self.metric.clone(),
            expect: self.expect,
            threshold: self.threshold,
            versus: self.versus.clone(),
            window_s: 60,
            within_s: 300,
        }
    }

    /// The region after the one compared with, other than the prediction's own.
    fn other(&self, view: &PlayerView) -> Option<String> {
        let own = self.metric.region.as_ref();
        let others: Vec<&String> = view.regions.iter().filter(|r| Some(*r) != own).collect();
        let at = others.iter().position(|r| Some(*r) == self.versus.as_ref());
        let next = at.map_or(0, |at| at + 1) % others.len().max(1);
        others.get(next).copied().cloned()
    }

    /// Predicts against a threshold, or against a region: with the usual threshold of either when that changes.
    pub(super) fn against(&mut self, versus: Option<String>, expect: Expect) {
        if self.versus.is_some() != versus.is_some() {
            self.threshold = if versus.is_some() {
                prediction::apart(self.metric.signal)
            } else {
                prediction::usual(self.metric.signal).1
            };
        }
        self.versus = versus;
        self.expect = expect;
    }

    /// The command, once there is a suspect and a mechanism.
    #[must_use]
    pub fn command(&self, view: &PlayerView) -> Option<Command> {
        let mechanism = *self.found(view).get(self.at)?;
        if self.suspect.is_empty() || self.filter.trim().is_empty() {
            return None;
        }
        Some(Command::Hypothesise(NewHypothesis {
            suspect: self.suspect.clone(),
            mechanism: mechanism.id.to_owned(),
            regions: self
                .region
                .and_then(|index| view.regions.get(index))
                .cloned()
                .into_iter()
                .collect(),
            trigger: None,
            predictions: if self.predicts {
                vec![self.prediction()]
            } else {
                Vec::new()
            },
            confidence: self.confidence,
        }))
    }
}

#[cfg(test)]
mod tests {
    use brownout_scenario::glossary::MECHANISMS;
    use brownout_sim::blueprint::ServiceKind;

    use super::*;
    use crate::panels::{sample, state::Selection};

    fn form(keys: &str) -> (PlayerView, Form) {
        let view = sample::calm();
        let state = State {
            selection: Some(Selection {
                service: "payments".to_owned(),
                region: 1,
            }),
            ..State::default()
        };
        let mut form = Form::new(&view, &state);
        for key in keys.chars() {
            form.filter.push(key);
            form.typed(&view);
        }
        (view, form)
    }

    #[test]
    fn a_few_keys_make_a_hypothesis() {
        let (view, form) = form("missing v7");
        let Some(Command::Hypothesise(written)) = form.command(&view) else {
            panic!("complete");
        };
        assert_eq!(written.suspect, "payments");
        assert_eq!(written.mechanism, "missing-variable");
        assert_eq!(written.regions, ["eu-west"]);
        assert_eq!(written.confidence, 70);
        let prediction = &written.predictions[0];
        assert_eq!(prediction.expect, Expect::Above);
        assert_eq!(prediction.metric.service.as_deref(), Some("payments"));
    }

    #[test]
    fn nothing_is_chosen_for_the_player() {
        let (view, form) = form("");
        assert_eq!(form.command(&view), None);
    }

    /// H, letters and arrows for the mechanism, a digit, Enter.
    #[test]
    fn every_mechanism_takes_twelve_keys_at_most() {
        for mechanism in MECHANISMS {
            let title = mechanism.title.to_lowercase();
            let fewest = (1..=title.len())
                .filter_map(|letters| {
                    let filter = title.get(..letters)?;
                    let at = found(filter, None)
                        .iter()
                        .position(|of| of.id == mechanism.id)?;
                    Some(letters + at)
                })
                .min();
            assert!(
                fewest.is_some_and(|keys| keys + 3 <= 12),
                "{title}: {fewest:?}"
            );
        }
    }

    #[test]
    fn a_chart_in_focus_is_what_is_predicted() {
        let view = sample::calm();
        let metric = Metric::flow(Signal::LatencyP99, "checkout", Some("us-east"));
        let mut state = State::default();
        let look = Look::Metric {
            metric: metric.clone(),
            window_s: 900,
        };
        state.watch.show(Some(look), 0.0);
        assert_eq!(Form::new(&view, &state).metric, metric);
    }

    #[test]
    fn a_sign_compares_with_the_other_region() {
        let (view, mut unlike) = form("missing v!");
        assert_eq!(unlike.versus.as_deref(), Some("us-east"));
        assert_eq!(unlike.expect, Expect::Above);
        assert_eq!(unlike.threshold, prediction::apart(Signal::ErrorShare));
        unlike.filter.push('<');
        unlike.typed(&view);
        assert_eq!((unlike.versus, unlike.expect), (None, Expect::AtMost));
        let (_, like) = form("missing v=");
        assert_eq!(like.versus.as_deref(), Some("us-east"));
        assert_eq!(like.expect, Expect::AtMost);
    }

    #[test]
    fn the_whole_glossary_can_be_found() {
        assert_eq!(found("", None).len(), MECHANISMS.len());
        for mechanism in MECHANISMS {
            assert!(
                found(mechanism.title, None).contains(&mechanism),
                "{}",
                mechanism.id
            );
        }
    }

    /// What people say finds what the glossary calls otherwise; letters of a word's beginning go before letters within.
    #[test]
    fn other_words_find_a_mechanism() {
        let ids = |filter: &str| -> Vec<&str> {
            let found = found(filter, None);
            found.into_iter().map(|mechanism| mechanism.id).collect()
        };
        assert!(ids("env").contains(&"missing-variable"), "{:?}", ids("env"));
        assert!(ids("oom").contains(&"memory-leak"), "{:?}", ids("oom"));
        assert!(ids("tls").contains(&"certificate-expiry"));
        let pool = found("conn", Some(ServiceKind::Database));
        assert_eq!(pool[0].id, "connection-exhaustion");
    }

    /// Once the mechanism is found, digits and signs go on meaning what they say, in the field or out of it.
    #[test]
    fn a_sign_is_a_sign_wherever_it_is_typed() {
        let (view, mut form) = form("missing v");
        assert!(form.sign(&view, '8') && form.sign(&view, '!'));
        assert_eq!(form.confidence, 80);
        assert_eq!(form.versus.as_deref(), Some("us-east"));
        assert!(!form.sign(&view, 'x'));
    }
}
