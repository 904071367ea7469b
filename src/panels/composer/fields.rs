//! The composer on the screen.

use brownout_session::command::{Audience, Command};
use brownout_session::view::PlayerView;
use egui::{Key, Label, TextEdit, Ui};

use super::super::board::choice;
use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::super::words;
use super::{Cause, Composer, WORDS, pinned};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{field, section, text};

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
        let asked = composer
            .answers
            .and_then(|number| view.talk.iter().find(|talk| talk.question == Some(number)));
        if let Some(asked) = asked {
            ui.label(text::name(&theme, format!("Answer to {}", asked.person)));
            ui.add(Label::new(text::quiet(&theme, &asked.text)).wrap());
        } else {
            ui.label(text::name(&theme, "Update"));
        }
        let audiences = words::AUDIENCES.map(|a| (a, words::audience(a)));
        choice::row(ui, "to", &audiences, &mut composer.audience);
        let statuses = words::STATUSES.map(|s| (s, words::status(s)));
        choice::row(ui, "", &statuses, &mut composer.status);
        slots(ui, view, composer, suspect, &theme);
        pinned::figures(ui, lookup, &mut state.figures, &theme);
        pinned::quotes(ui, &state.quotes, typing, &mut composer.words, &theme);
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
            let clock = view.clock(stated.since_s * super::super::format::SECOND_NS);
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
