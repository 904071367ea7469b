//! Writing a hypothesis down in a few keys.

use brownout_scenario::glossary::{self, Family, MECHANISMS, Mechanism};
use brownout_session::command::{Command, Expect, Look, Metric, NewHypothesis, Prediction};
use brownout_session::view::PlayerView;
use brownout_sim::blueprint::ServiceKind;
use brownout_telemetry::signal::Signal;
use egui::{DragValue, Event, Key, Label, TextEdit, Ui};

use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::{choice, prediction};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button, key_cap};
use crate::widgets::{field, section, text};

/// Mechanisms shown at once.
const SHOWN: usize = 5;

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

/// Mechanisms of the whole glossary with all the words typed. Beginnings of titles come first, then beginnings of their
/// words, of other words for them, and letters within; among equals those that fit the suspect's kind.
#[must_use]
pub fn found(filter: &str, suspect: Option<ServiceKind>) -> Vec<&'static Mechanism> {
    let filter = filter.to_lowercase();
    let words: Vec<&str> = filter.split_whitespace().collect();
    let begins = |text: &str, word: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|part| part.starts_with(word))
    };
    let rank = |mechanism: &Mechanism| {
        let title = mechanism.title.to_lowercase();
        let other = format!(
            "{} {} {}",
            mechanism.id,
            glossary::also_called(mechanism.id),
            mechanism.family.title().to_lowercase()
        );
        let all = |has: &dyn Fn(&str) -> bool| words.iter().all(|word| has(word));
        if title.starts_with(filter.trim()) {
            Some(0)
        } else if all(&|word| begins(&title, word)) {
            Some(1)
        } else if all(&|word| title.contains(word)) {
            Some(2)
        } else if all(&|word| begins(&title, word) || begins(&other, word)) {
            Some(3)
        } else if all(&|word| title.contains(word) || other.contains(word)) {
            Some(4)
        } else {
            None
        }
    };
    let mut found: Vec<((u8, bool), &Mechanism)> = MECHANISMS
        .iter()
        .filter_map(|mechanism| Some(((rank(mechanism)?, !fits(mechanism, suspect)), mechanism)))
        .collect();
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, mechanism)| mechanism).collect()
}

/// Whether a mechanism is one of a kind of component at all: no lock is contended at a provider.
const fn fits(mechanism: &Mechanism, suspect: Option<ServiceKind>) -> bool {
    match (mechanism.family, suspect) {
        (Family::Databases, Some(kind)) => matches!(kind, ServiceKind::Database),
        (Family::Asynchronous, Some(kind)) => {
            matches!(kind, ServiceKind::Queue | ServiceKind::Service)
        }
        (Family::Dependencies, Some(kind)) => {
            matches!(kind, ServiceKind::ThirdParty | ServiceKind::Cache)
        }
        _ => true,
    }
}

/// Draws the form.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    let Some(form) = &mut state.board.form else {
        return;
    };
    let (mut done, mut cancelled, up, down) = ui.input(|input| {
        (
            input.key_pressed(Key::Enter),
            input.key_pressed(Key::Escape),
            input.key_pressed(Key::ArrowUp),
            input.key_pressed(Key::ArrowDown),
        )
    });
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        ui.label(text::name(&theme, format!("Suspect: {}", form.suspect)))
            .on_hover_text("Click a component of the topology to suspect another");
        // At the head of the form, where they stay in sight however long that is.
        let weight = if form.command(view).is_some() {
            Weight::Primary
        } else {
            Weight::Normal
        };
        ui.horizontal(|ui| {
            done |= button(ui, "Write it down", Some("Enter"), weight).clicked();
            cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
        });
        let mut regions: Vec<(Option<usize>, &str)> = vec![(None, "all regions")];
        let named = view.regions.iter().enumerate();
        regions.extend(named.map(|(index, name)| (Some(index), name.as_str())));
        choice::keyed(ui, None, "in", &regions, &mut form.region);
        let edit = TextEdit::singleline(&mut form.filter)
            .hint_text("mechanism: type a few letters")
            .id_salt("mechanism")
            .margin(choice::FIELD)
            .desired_width(f32::INFINITY);
        let response = field::add(ui, "Mechanism", edit);
        if response.changed() {
            form.typed(view);
        }
        // The field has the focus unless the player took it elsewhere, to a threshold for instance.
        let nowhere = ui.ctx().memory(|memory| memory.focused().is_none());
        if !done && !cancelled && (form.fresh || nowhere) {
            response.request_focus();
            form.fresh = false;
        }
        let here = response.has_focus();
        if !here && !ui.ctx().text_edit_focused() {
            signs(ui, view, form);
        }
        mechanisms(ui, view, form, up && here, down && here, &theme);
        prediction::ui(ui, view, lookup, form, &theme);
        choice::labelled(ui, None, "confidence", |ui| {
            key_cap(ui, "1");
            ui.label(text::quiet(&theme, "to"));
            key_cap(ui, "0");
            let percent = DragValue::new(&mut form.confidence)
                .range(0..=100)
                .suffix(" %");
            field::add(ui, "Confidence", percent);
        });
    });
    if cancelled {
        state.board.form = None;
    } else if done && let Some(command) = form.command(view) {
        intents.push(Intent::Command(command));
        state.board.form = None;
        state.board.hypothesis = None;
        let now_s = ui.input(|input| input.time);
        state.watch.again(now_s);
    }
}

/// Digits and signs typed while no field takes them.
fn signs(ui: &Ui, view: &PlayerView, form: &mut Form) {
    let typed: String = ui.input(|input| {
        let texts = input.events.iter().filter_map(|event| match event {
            Event::Text(typed) => Some(typed.as_str()),
            _ => None,
        });
        texts.collect()
    });
    for letter in typed.chars() {
        form.sign(view, letter);
    }
}

fn mechanisms(
    ui: &mut Ui,
    view: &PlayerView,
    form: &mut Form,
    up: bool,
    down: bool,
    theme: &Theme,
) {
    let found = form.found(view);
    if form.filter.trim().is_empty() {
        // The first few of a long list would be a hint.
        let words = format!("{} mechanisms: letters find one", found.len());
        section::empty(ui, &words);
        return;
    }
    if down {
        form.at = (form.at + 1).min(found.len().saturating_sub(1));
    }
    if up {
        form.at = form.at.saturating_sub(1);
    }
    if found.is_empty() {
        section::empty(ui, "No mechanism has these letters.");
        return;
    }
    let first = form.at.saturating_sub(SHOWN - 1);
    let mut picked = None;
    for (index, mechanism) in found.iter().enumerate().skip(first).take(SHOWN) {
        let chosen = index == form.at;
        let row = ui.horizontal(|ui| {
            let clicked = button(ui, mechanism.title, None, Weight::Choice(chosen)).clicked();
            ui.label(text::quiet(theme, mechanism.family.title()));
            clicked
        });
        if row.inner {
            picked = Some(mechanism.title);
        }
        if chosen {
            ui.add(Label::new(text::quiet(theme, mechanism.description)).wrap());
        }
    }
    if let Some(title) = picked {
        title.clone_into(&mut form.filter);
        form.at = 0;
    }
    let more = found.len().saturating_sub(first + SHOWN);
    if more > 0 {
        ui.label(text::quiet(theme, format!("and {more} more")));
    }
}

#[cfg(test)]
mod tests {
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
