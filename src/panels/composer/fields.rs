//! The composer on the screen.

use brownout_session::command::{Audience, Command, Message};
use brownout_session::view::PlayerView;
use egui::{Align, Id, Key, Label, Layout, TextEdit, Ui, WidgetInfo, WidgetType};

use super::super::board::choice;
use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::super::{keys, war_room, words};
use super::{Cause, Composer, WORDS, pinned};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button, dense};
use crate::widgets::{field, section, text};

/// Digits of what can be promised, in minutes: tens, but for five.
const PROMISES: [(Key, &str, Option<u32>); 6] = [
    (Key::Num0, "0", None),
    (Key::Num5, "5", Some(5)),
    (Key::Num1, "1", Some(10)),
    (Key::Num2, "2", Some(20)),
    (Key::Num3, "3", Some(30)),
    (Key::Num6, "6", Some(60)),
];

/// What can be said of data.
const LOSSES: [(Option<bool>, &str); 3] = [
    (None, "unsaid"),
    (Some(false), "nothing lost"),
    (Some(true), "work lost"),
];

/// Fewer letters left than this are said.
const NEARLY_FULL: usize = 40;

/// The message as people will read it.
fn preview(ui: &mut Ui, view: &PlayerView, message: &Message, theme: &Theme) {
    let audience = words::audience(message.audience);
    let head = format!("To {audience}: {}", words::status(message.status));
    ui.label(text::quiet(theme, head));
    let said = war_room::said(view, message);
    let (words, ink) = if said.is_empty() {
        ("…", theme.palette.dim)
    } else {
        (said.as_str(), theme.palette.text)
    };
    ui.add(Label::new(text::body(theme, words).color(ink)).wrap());
    ui.add_space(theme.space.xs);
}

/// What is about to be said and is not so yet, by what is on the screen.
fn doubts(view: &PlayerView, composer: &Composer) -> impl Iterator<Item = &'static str> {
    let acts = !view.actions.is_empty();
    let mitigating =
        (composer.mitigating && !acts).then_some("Mitigating: no action is under way.");
    let recovered = (composer.recovered && !view.recovered)
        .then_some("Recovered: users are not yet served for two minutes.");
    mitigating.into_iter().chain(recovered)
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
        take(ui, composer, suspect);
    }
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        // All of it is seen at once, whatever is said last.
        dense(ui);
        let asked = composer
            .answers
            .and_then(|number| view.talk.iter().find(|talk| talk.question == Some(number)));
        let title = asked.map_or_else(
            || "Update".to_owned(),
            |asked| format!("Answer to {}", asked.person),
        );
        let last = !view.messages.is_empty();
        let mut again = last && !typing && keys::plain(ui, Key::L);
        ui.horizontal(|ui| {
            ui.label(text::name(&theme, title));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                again |= last
                    && button(ui, "As last time", Some("L"), Weight::Normal)
                        .on_hover_text(
                            "The same statements as in the last update, as they stand now",
                        )
                        .clicked();
            });
        });
        if let Some(asked) = asked {
            ui.add(Label::new(text::quiet(&theme, &asked.text)).wrap());
        }
        if again {
            composer.repeat(view, suspect, &mut state.figures);
        }
        // At the head of the form, where it stays in sight however long that is.
        let message = composer.message(view, suspect, &state.figures);
        preview(ui, view, &message, &theme);
        if message.says_nothing() {
            sent = false;
            let words = "Nothing is said yet: switch a statement on, or write a few words.";
            let words = text::quiet(&theme, words).color(theme.palette.degraded);
            ui.add(Label::new(words).wrap());
        }
        for words in doubts(view, composer) {
            let words = text::quiet(&theme, words).color(theme.palette.degraded);
            ui.add(Label::new(words).wrap());
        }
        ui.horizontal(|ui| {
            if !message.says_nothing() {
                sent |= button(ui, "Send", Some("Enter"), Weight::Primary).clicked();
            }
            cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
        });
        let audiences = words::AUDIENCES.map(|a| (a, words::audience(a)));
        choice::keyed(ui, Some("A"), "to", &audiences, &mut composer.audience);
        let statuses = words::STATUSES.map(|s| (s, words::status(s)));
        choice::keyed(ui, Some("G"), "status", &statuses, &mut composer.status);
        slots(ui, view, composer, suspect, &theme);
        pinned::figures(ui, lookup, &mut state.figures, &theme);
        pinned::quotes(ui, &state.quotes, typing, &mut composer.words, &theme);
        // A name of its own: a page that arrives above moves it, and must not take the letters typed meanwhile.
        let edit = TextEdit::multiline(&mut composer.words)
            .id(Id::new("words of the update"))
            .hint_text("in your own words (T)")
            .font(theme.sans(theme.size.small))
            .char_limit(WORDS)
            .desired_rows(2)
            .return_key(None)
            .margin(choice::FIELD)
            .desired_width(f32::INFINITY);
        let response = field::add(ui, "In your own words", edit);
        if !typing && keys::plain(ui, Key::T) {
            response.request_focus();
        }
        let left = WORDS.saturating_sub(composer.words.chars().count());
        if left < NEARLY_FULL {
            let words = format!("{left} letters left");
            ui.label(text::number(&theme, words, theme.palette.dim));
        }
        promise(ui, composer);
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

/// When the next update comes, each with its digit.
fn promise(ui: &mut Ui, composer: &mut Composer) {
    choice::labelled(ui, None, "next, min", |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (_, cap, minutes) in PROMISES {
            let words = minutes.map_or_else(|| "–".to_owned(), |m| m.to_string());
            let name = minutes.map_or_else(|| "no promise".to_owned(), |m| format!("{m} min"));
            let weight = Weight::Choice(composer.promise == minutes);
            let shown = button(ui, &words, Some(cap), weight);
            shown.widget_info(|| {
                let on = composer.promise == minutes;
                WidgetInfo::selected(WidgetType::SelectableLabel, true, on, &name)
            });
            if shown.clicked() {
                composer.promise = minutes;
            }
        }
    });
}

/// Slots by letter, the promise by digit.
fn take(ui: &Ui, composer: &mut Composer, suspect: Option<&str>) {
    let pressed = |key: Key| keys::plain(ui, key);
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
    if pressed(Key::W) {
        composer.workaround = composer.workaround.is_none().then(String::new);
    }
    if pressed(Key::G) {
        composer.status = next(&words::STATUSES, composer.status);
    }
    if pressed(Key::D) {
        composer.data_loss = next(&LOSSES.map(|(lost, _)| lost), composer.data_loss);
    }
    for (key, _, minutes) in PROMISES {
        if pressed(key) {
            composer.promise = minutes;
        }
    }
}

/// The one after, round and round.
fn next<T: Copy + PartialEq>(all: &[T], now: T) -> T {
    let after = all.iter().skip_while(|one| **one != now).nth(1);
    after.or_else(|| all.first()).copied().unwrap_or(now)
}

fn slots(
    ui: &mut Ui,
    view: &PlayerView,
    composer: &mut Composer,
    suspect: Option<&str>,
    theme: &Theme,
) {
    if let Some(stated) = &view.symptom {
        choice::labelled(ui, None, "users", |ui| {
            let flow = words::flow(view, &stated.flow);
            let impact = format!("{} in {flow}", words::kind(stated.kind));
            choice::switch(ui, Some("I"), &impact, &mut composer.impact);
            let scope = words::regions(&stated.regions);
            choice::switch(ui, Some("S"), &scope, &mut composer.scope);
            let clock = view.clock(stated.since_s * super::super::format::SECOND_NS);
            let since = format!("since {}", &clock[..5]);
            choice::switch(ui, Some("N"), &since, &mut composer.since);
        });
    } else {
        let words = "State the symptom first: impact, scope and start come from it.";
        ui.add(Label::new(text::quiet(theme, words).color(theme.palette.degraded)).wrap());
    }
    let mut causes = vec![(Cause::Unsaid, "unsaid"), (Cause::Unknown, "unknown")];
    if suspect.is_some() {
        causes.extend([(Cause::Suspected, "suspected"), (Cause::Known, "known")]);
    }
    choice::labelled(ui, Some("K"), "cause", |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        choice::buttons(ui, &causes, &mut composer.cause);
        let named = matches!(composer.cause, Cause::Suspected | Cause::Known);
        if let Some(name) = suspect.filter(|_| named) {
            ui.add(Label::new(text::name(theme, name)).extend());
        }
    });
    choice::labelled(ui, None, "doing", |ui| {
        let words = if view.only_watched {
            "watching on purpose"
        } else {
            "mitigating"
        };
        choice::switch(ui, Some("M"), words, &mut composer.mitigating);
        choice::switch(ui, Some("R"), "recovered", &mut composer.recovered);
        choice::switch(ui, Some("F"), "review follows", &mut composer.follow_up);
        let mut on = composer.workaround.is_some();
        if choice::switch(ui, Some("W"), "workaround", &mut on) {
            composer.workaround = on.then(String::new);
        }
    });
    if let Some(words) = &mut composer.workaround {
        let hint = "what users can do, or that there is nothing";
        let edit = TextEdit::singleline(words)
            .id(Id::new("workaround of the update"))
            .hint_text(hint)
            .char_limit(WORDS);
        let free = !ui.ctx().egui_wants_keyboard_input();
        let response = field::add(ui, "Workaround", edit);
        if free && keys::plain(ui, Key::W) {
            response.request_focus();
        }
    }
    choice::keyed(ui, Some("D"), "data", &LOSSES, &mut composer.data_loss);
}
