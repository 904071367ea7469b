//! Writing an update: the player's own statements as slots, a few free words, a promise.

use brownout_session::command::{Audience, Claim, Command, Look, Message, Metric, Status};
use brownout_session::view::PlayerView;
use egui::{Key, Label, TextEdit, Ui};

use super::board::choice;
use super::intent::Intent;
use super::lookup::Lookup;
use super::state::State;
use super::words;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{field, section, text};

/// Longest free text.
const WORDS: usize = 140;
/// What a figure is read over.
const WINDOW_NS: u64 = 60 * super::format::SECOND_NS;

/// What is said of the cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// Nothing.
    #[default]
    Unsaid,
    /// That it is unknown.
    Unknown,
    /// The chosen hypothesis' suspect, as suspected.
    Suspected,
    /// The same, as known.
    Known,
}

/// A figure the player pinned, with the value seen then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Signal.
    pub metric: Metric,
    /// Value seen.
    pub value: u64,
    /// Whether the message says it.
    pub said: bool,
}

impl Figure {
    /// Whether the signal has moved away from the value by more than a tenth.
    #[must_use]
    pub fn stale(&self, now: Option<u64>) -> bool {
        now.is_none_or(|now| now.abs_diff(self.value) > self.value.max(now) / 10)
    }
}

/// Words the player pinned: a log line's text, a change's title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Words.
    pub words: String,
}

impl Quote {
    /// Longest quote, in characters: it shall leave room for words of one's own.
    const LONGEST: usize = 80;

    /// The words of a single thing that has some.
    #[must_use]
    pub fn of(look: &Look) -> Option<Self> {
        let words = match look {
            Look::LogLine { text, .. } => text,
            Look::Change { title, .. } => title,
            Look::DiffRow { variable, .. } => variable,
            _ => return None,
        };
        let words = words.chars().take(Self::LONGEST).collect();
        Some(Self { words })
    }
}

/// A message being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composer {
    /// Whom it is for.
    pub audience: Audience,
    /// Status.
    pub status: Status,
    /// What users feel, as stated.
    pub impact: bool,
    /// Where, as stated.
    pub scope: bool,
    /// Since when, as stated.
    pub since: bool,
    /// Cause.
    pub cause: Cause,
    /// Something is being done.
    pub mitigating: bool,
    /// What users can do meanwhile.
    pub workaround: Option<String>,
    /// Users are served again.
    pub recovered: bool,
    /// Whether work was lost, if said.
    pub data_loss: Option<bool>,
    /// A review will follow.
    pub follow_up: bool,
    /// Free words.
    pub words: String,
    /// Minutes until the next update.
    pub promise: Option<u32>,
    /// Question it answers.
    pub answers: Option<u32>,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            audience: Audience::Public,
            status: Status::Investigating,
            impact: false,
            scope: false,
            since: false,
            cause: Cause::Unsaid,
            mitigating: false,
            workaround: None,
            recovered: false,
            data_loss: None,
            follow_up: false,
            words: String::new(),
            promise: None,
            answers: None,
        }
    }
}

impl Composer {
    /// A new message on from the last one: audience, status and promise stay, statements are made anew.
    #[must_use]
    pub fn after(view: &PlayerView, answers: Option<u32>) -> Self {
        let last = view.messages.last().map(|(_, message)| message);
        Self {
            audience: last.map_or(Audience::Public, |message| message.audience),
            status: view.status.unwrap_or(Status::Investigating),
            promise: last.and_then(|message| message.next_update_min),
            answers,
            ..Self::default()
        }
    }

    /// The message: only what the player switched on, from what the player stated.
    #[must_use]
    pub fn message(&self, view: &PlayerView, suspect: Option<&str>, figures: &[Figure]) -> Message {
        let mut claims = Vec::new();
        if let Some(stated) = &view.symptom {
            if self.impact {
                claims.push(Claim::Impact {
                    kind: stated.kind,
                    flow: stated.flow.clone(),
                });
            }
            if self.scope {
                let regions = if stated.regions.is_empty() {
                    view.regions.clone()
                } else {
                    stated.regions.clone()
                };
                claims.push(Claim::Scope { regions });
            }
            if self.since {
                claims.push(Claim::Since {
                    since_s: stated.since_s,
                });
            }
        }
        claims.extend(
            figures
                .iter()
                .filter(|f| f.said)
                .map(|figure| Claim::Figure {
                    metric: figure.metric.clone(),
                    value: figure.value,
                }),
        );
        match (self.cause, suspect) {
            (Cause::Unknown, _) => claims.push(Claim::CauseUnknown),
            (Cause::Suspected | Cause::Known, Some(component)) => claims.push(Claim::Cause {
                component: component.to_owned(),
                known: self.cause == Cause::Known,
            }),
            _ => {}
        }
        if self.mitigating {
            claims.push(Claim::Mitigating);
        }
        if let Some(words) = &self.workaround {
            claims.push(Claim::Workaround {
                words: words.clone(),
            });
        }
        if self.recovered {
            claims.push(Claim::Recovered);
        }
        if let Some(lost) = self.data_loss {
            claims.push(Claim::DataLoss { lost });
        }
        if self.follow_up {
            claims.push(Claim::FollowUp);
        }
        Message {
            audience: self.audience,
            status: self.status,
            claims,
            words: self.words.chars().take(WORDS).collect(),
            next_update_min: self.promise,
            answers: self.answers,
        }
    }
}

/// Draws the composer.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    let chosen = state.board.chosen(view);
    let suspect = view
        .hypotheses
        .iter()
        .find(|hypothesis| Some(hypothesis.id) == chosen)
        .map(|hypothesis| hypothesis.written.suspect.as_str());
    let Some(composer) = &mut state.composer else {
        return;
    };
    let typing = ui.ctx().egui_wants_keyboard_input();
    let (mut sent, mut cancelled) = ui.input(|input| {
        (
            input.key_pressed(Key::Enter),
            input.key_pressed(Key::Escape),
        )
    });
    if !typing {
        keys(ui, composer, suspect);
    }
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        let title = match composer.answers {
            Some(question) => format!("Answer to question {question}"),
            None => "Update".to_owned(),
        };
        ui.label(text::name(&theme, title));
        let audiences = words::AUDIENCES.map(|a| (a, words::audience(a)));
        choice::row(ui, "to", &audiences, &mut composer.audience);
        let statuses = words::STATUSES.map(|s| (s, words::status(s)));
        choice::row(ui, "", &statuses, &mut composer.status);
        slots(ui, view, composer, suspect, &theme);
        figures(ui, lookup, &mut state.figures, &theme);
        let edit = TextEdit::multiline(&mut composer.words)
            .hint_text("in your own words (T)")
            .char_limit(WORDS)
            .desired_rows(2)
            .return_key(None)
            .margin(choice::FIELD)
            .desired_width(f32::INFINITY);
        let response = field::add(ui, "In your own words", edit);
        if !typing && ui.input(|input| input.key_pressed(Key::T)) {
            response.request_focus();
        }
        ui.horizontal(|ui| {
            let left = WORDS.saturating_sub(composer.words.chars().count());
            ui.label(text::number(
                &theme,
                format!("{left} left"),
                theme.palette.dim,
            ));
        });
        let promises = [
            (None, "none"),
            (Some(5), "5"),
            (Some(10), "10"),
            (Some(15), "15"),
            (Some(30), "30"),
        ];
        choice::row(
            ui,
            "next update in min (digit)",
            &promises,
            &mut composer.promise,
        );
        if let Some(minutes) = composer.promise {
            let words = format!("promised: in {minutes} min");
            ui.label(text::quiet(&theme, words));
        }
        ui.horizontal(|ui| {
            sent |= button(ui, "Send", Some("Enter"), Weight::Primary).clicked();
            cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
        });
    });
    if cancelled {
        state.composer = None;
    } else if sent {
        let message = composer.message(view, suspect, &state.figures);
        intents.push(Intent::Command(Command::Tell(message)));
        state.composer = None;
        for figure in &mut state.figures {
            figure.said = false;
        }
    }
}

/// Slots by letter, the promise by digit.
fn keys(ui: &Ui, composer: &mut Composer, suspect: Option<&str>) {
    let pressed = |key: Key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
    composer.impact ^= pressed(Key::I);
    composer.scope ^= pressed(Key::S);
    composer.since ^= pressed(Key::N);
    composer.mitigating ^= pressed(Key::M);
    composer.recovered ^= pressed(Key::R);
    composer.follow_up ^= pressed(Key::F);
    if pressed(Key::A) {
        composer.audience = match composer.audience {
            Audience::Public => Audience::Executives,
            Audience::Executives => Audience::Responders,
            Audience::Responders => Audience::Public,
        };
    }
    if pressed(Key::K) {
        composer.cause = match (composer.cause, suspect) {
            (Cause::Unsaid, _) => Cause::Unknown,
            (Cause::Unknown, Some(_)) => Cause::Suspected,
            (Cause::Suspected, _) => Cause::Known,
            _ => Cause::Unsaid,
        };
    }
    let digits = [
        (Key::Num0, None),
        (Key::Num1, Some(10)),
        (Key::Num2, Some(20)),
        (Key::Num3, Some(30)),
        (Key::Num5, Some(5)),
        (Key::Num6, Some(60)),
    ];
    for (key, minutes) in digits {
        if pressed(key) {
            composer.promise = minutes;
        }
    }
}

fn slots(
    ui: &mut Ui,
    view: &PlayerView,
    composer: &mut Composer,
    suspect: Option<&str>,
    theme: &Theme,
) {
    if let Some(stated) = &view.symptom {
        ui.horizontal_wrapped(|ui| {
            let impact = format!("I {} in {}", words::kind(stated.kind), stated.flow);
            choice::toggle(ui, &impact, &mut composer.impact);
            let scope = format!("S {}", words::regions(&stated.regions));
            choice::toggle(ui, &scope, &mut composer.scope);
            let clock = view.clock(stated.since_s * super::format::SECOND_NS);
            choice::toggle(ui, &format!("N since {}", &clock[..5]), &mut composer.since);
        });
    } else {
        let words = "State the symptom first: impact, scope and start come from it.";
        ui.add(Label::new(text::quiet(theme, words).color(theme.palette.degraded)).wrap());
    }
    let suspected = suspect.map(|name| (format!("suspected: {name}"), format!("known: {name}")));
    let mut causes = vec![(Cause::Unsaid, "unsaid"), (Cause::Unknown, "unknown")];
    if let Some((maybe, sure)) = &suspected {
        causes.push((Cause::Suspected, maybe));
        causes.push((Cause::Known, sure));
    }
    choice::row(ui, "cause (K)", &causes, &mut composer.cause);
    ui.horizontal_wrapped(|ui| {
        choice::toggle(ui, "M mitigating", &mut composer.mitigating);
        choice::toggle(ui, "R recovered", &mut composer.recovered);
        choice::toggle(ui, "F review follows", &mut composer.follow_up);
        let mut on = composer.workaround.is_some();
        if choice::toggle(ui, "workaround", &mut on) {
            composer.workaround = on.then(String::new);
        }
    });
    if let Some(words) = &mut composer.workaround {
        let hint = "what users can do, or that there is nothing";
        let edit = TextEdit::singleline(words)
            .hint_text(hint)
            .char_limit(WORDS);
        field::add(ui, "Workaround", edit);
    }
    let losses = [
        (None, "unsaid"),
        (Some(false), "nothing lost"),
        (Some(true), "work was lost"),
    ];
    choice::row(ui, "data", &losses, &mut composer.data_loss);
}

fn figures(ui: &mut Ui, lookup: &dyn Lookup, figures: &mut [Figure], theme: &Theme) {
    if figures.is_empty() {
        ui.label(text::quiet(theme, "Pin a chart (P) to say a figure."));
        return;
    }
    for figure in figures {
        let now = lookup.read(&figure.metric, WINDOW_NS);
        let stale = figure.stale(now);
        ui.horizontal_wrapped(|ui| {
            let reading = words::reading(figure.metric.signal);
            choice::toggle(ui, &words::metric(&figure.metric), &mut figure.said);
            let value = text::number(theme, reading(figure.value), theme.palette.text);
            ui.label(if stale { value.strikethrough() } else { value });
            if stale && let Some(now) = now {
                let words = format!("now {}", reading(now));
                if button(ui, &words, None, Weight::Normal).clicked() {
                    figure.value = now;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use brownout_session::command::{Symptom, SymptomKind, Trend};
    use brownout_telemetry::signal::Signal;

    fn view() -> PlayerView {
        PlayerView {
            symptom: Some(Symptom {
                kind: SymptomKind::Errors,
                flow: "checkout".to_owned(),
                regions: vec!["eu-west".to_owned()],
                since_s: 900,
                severity: "SEV-2".to_owned(),
                trend: Trend::Worse,
            }),
            ..sample::calm()
        }
    }

    #[test]
    fn nothing_is_said_that_was_not_switched_on() {
        let message = Composer::default().message(&view(), Some("payments"), &[]);
        assert!(message.claims.is_empty());
        assert_eq!(message.next_update_min, None);
    }

    #[test]
    fn slots_say_what_the_player_stated() {
        let figure = Figure {
            metric: Metric::flow(Signal::ErrorShare, "checkout", Some("eu-west")),
            value: 380_000,
            said: true,
        };
        let composer = Composer {
            impact: true,
            scope: true,
            since: true,
            cause: Cause::Suspected,
            mitigating: true,
            data_loss: Some(false),
            words: "x".repeat(200),
            promise: Some(10),
            answers: Some(3),
            ..Composer::default()
        };
        let message = composer.message(&view(), Some("payments"), std::slice::from_ref(&figure));
        assert_eq!(message.claims.len(), 7);
        assert!(message.claims.contains(&Claim::Since { since_s: 900 }));
        assert!(message.claims.contains(&Claim::Cause {
            component: "payments".to_owned(),
            known: false
        }));
        assert!(message.claims.contains(&Claim::Figure {
            metric: figure.metric,
            value: 380_000
        }));
        assert_eq!(message.words.len(), 140);
        assert_eq!(message.answers, Some(3));
    }

    #[test]
    fn a_figure_that_moved_is_stale() {
        let figure = Figure {
            metric: Metric::flow(Signal::ErrorShare, "checkout", None),
            value: 400_000,
            said: true,
        };
        assert!(!figure.stale(Some(390_000)));
        assert!(figure.stale(Some(100_000)));
        assert!(figure.stale(None));
    }
}
