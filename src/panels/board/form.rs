//! Writing a hypothesis down in a few keys.

use brownout_scenario::glossary::{MECHANISMS, Mechanism};
use brownout_session::command::{Command, Expect, Look, Metric, NewHypothesis, Prediction};
use brownout_session::view::PlayerView;
use brownout_telemetry::signal::Signal;
use egui::{DragValue, Key, Label, TextEdit, Ui};

use super::super::intent::Intent;
use super::super::state::State;
use super::{choice, prediction};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
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
            match letter {
                '0'..='9' => {
                    let digit = u8::try_from(letter.to_digit(10).unwrap_or(0)).unwrap_or(0);
                    self.confidence = if digit == 0 { 100 } else { digit * 10 };
                }
                '>' => self.against(None, Expect::Above),
                '<' => self.against(None, Expect::AtMost),
                '=' => self.against(self.other(view), Expect::AtMost),
                '!' => self.against(self.other(view), Expect::Above),
                _ => self.filter.push(letter),
            }
        }
        self.at = self.at.min(found(&self.filter).len().saturating_sub(1));
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
        let mechanism = *found(&self.filter).get(self.at)?;
        if self.suspect.is_empty() || self.filter.trim().is_empty() {
            return None;
        }
        let prediction = Prediction {
            metric: self.metric.clone(),
            expect: self.expect,
            threshold: self.threshold,
            versus: self.versus.clone(),
            window_s: 60,
            within_s: 300,
        };
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
                vec![prediction]
            } else {
                Vec::new()
            },
            confidence: self.confidence,
        }))
    }
}

/// Mechanisms of the whole glossary with all the words typed, beginnings of titles first.
#[must_use]
pub fn found(filter: &str) -> Vec<&'static Mechanism> {
    let filter = filter.to_lowercase();
    let words: Vec<&str> = filter.split_whitespace().collect();
    let has = |mechanism: &&Mechanism| {
        let text = format!(
            "{} {} {}",
            mechanism.title.to_lowercase(),
            mechanism.id,
            mechanism.family.title().to_lowercase()
        );
        words.iter().all(|word| text.contains(word))
    };
    let mut found: Vec<&Mechanism> = MECHANISMS.iter().filter(has).collect();
    found.sort_by_key(|mechanism| {
        let title = mechanism.title.to_lowercase();
        (
            !title.starts_with(filter.trim()),
            !words.iter().all(|word| title.contains(word)),
        )
    });
    found
}

/// Draws the form.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
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
        let mut regions: Vec<(Option<usize>, &str)> = vec![(None, "all regions")];
        let named = view.regions.iter().enumerate();
        regions.extend(named.map(|(index, name)| (Some(index), name.as_str())));
        choice::row(ui, "in", &regions, &mut form.region);
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
        mechanisms(ui, form, up && here, down && here, &theme);
        prediction::ui(ui, view, form, &theme);
        ui.horizontal(|ui| {
            ui.label(text::quiet(&theme, "confidence (a digit)"));
            let percent = DragValue::new(&mut form.confidence)
                .range(0..=100)
                .suffix(" %");
            field::add(ui, "Confidence", percent);
        });
        ui.horizontal(|ui| {
            done |= button(ui, "Write it down", Some("Enter"), Weight::Primary).clicked();
            cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
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

fn mechanisms(ui: &mut Ui, form: &mut Form, up: bool, down: bool, theme: &Theme) {
    let found = found(&form.filter);
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
                    let at = found(filter).iter().position(|of| of.id == mechanism.id)?;
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
        assert_eq!(found("").len(), MECHANISMS.len());
        for mechanism in MECHANISMS {
            assert!(
                found(mechanism.title).contains(&mechanism),
                "{}",
                mechanism.id
            );
        }
    }
}
