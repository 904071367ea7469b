//! Keys of the incident, and looks that count.

use brownout_session::command::Command;
use brownout_session::view::PlayerView;
use egui::{Align2, Area, Event, Id, Key, Label, Modifiers, Order, Ui, vec2};

use super::board::{self, form::Form};
use super::composer::Composer;
use super::dock::{self, TABS};
use super::incident::is_narrow;
use super::intent::Intent;
use super::lookup::Lookup;
use super::palette::Finder;
use super::pins;
use super::state::{Column, State};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Keys of the tabs.
const TAB_KEYS: [Key; 6] = [Key::F3, Key::F4, Key::F5, Key::F6, Key::F7, Key::F8];

/// Takes the keys nobody else takes, after the panels were drawn.
pub fn take(
    ui: &Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let plain = |key: Key| pressed(ui, key).is_some_and(|modifiers| modifiers.is_none());
    if pressed(ui, Key::K).is_some_and(|modifiers| modifiers.ctrl || modifiers.command) {
        state.finder = Some(Finder::default());
    }
    if plain(Key::F1) {
        state.column = Column::Board;
    }
    if plain(Key::F2) {
        state.column = Column::WarRoom;
    }
    for (key, (tab, _, _)) in TAB_KEYS.into_iter().zip(TABS) {
        if plain(key) {
            state.dock.tab = tab;
        }
    }
    if state.takes_keys() || ui.ctx().egui_wants_keyboard_input() {
        return;
    }
    if plain(Key::H) {
        state.column = Column::Board;
        state.board.form = Some(Form::new(view, state));
    }
    if plain(Key::S) {
        state.column = Column::Board;
        board::open_symptom(view, state);
    }
    if plain(Key::U) {
        state.column = Column::WarRoom;
        let question = super::war_room::next_question(view);
        state.composer = Some(Composer::after(view, question));
    }
    if plain(Key::M) && is_narrow(ui.ctx()) {
        state.column = Column::Map;
    }
    if let Some(modifiers) = pressed(ui, Key::P).filter(|modifiers| !modifiers.ctrl) {
        pins::pin(ui, view, lookup, state, intents, !modifiers.shift);
    }
    // A focused bar or button takes digits and Space itself.
    if ui.ctx().memory(|memory| memory.focused().is_some()) {
        return;
    }
    let speeds = [
        (Key::Num1, 1),
        (Key::Num2, 2),
        (Key::Num3, 4),
        (Key::Num4, 10),
    ];
    for (key, speed) in speeds {
        if plain(key) {
            intents.push(Intent::SetSpeed(speed));
        }
    }
    if plain(Key::Space) {
        intents.push(Intent::TogglePause);
    }
}

/// Modifiers a key was pressed with in this frame. The event's own: by the end of a slow frame they may be up again.
#[must_use]
pub fn pressed(ui: &Ui, wanted: Key) -> Option<Modifiers> {
    ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } if *key == wanted => Some(*modifiers),
            _ => None,
        })
    })
}

/// Records looks that lasted, and attaches what was pinned.
pub fn watch(ui: &Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    if view.page.is_none() || view.ended {
        return;
    }
    let now_s = ui.input(|input| input.time);
    if let Some(look) = state.watch.show(dock::look(view, state), now_s) {
        intents.push(Intent::Command(Command::Observe(look)));
    }
    pins::follow(ui, view, state, intents);
}

/// Asks whether it is really over.
pub fn resolve(ui: &Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    if !state.resolving {
        return;
    }
    let theme = Theme::of(ui.ctx());
    let (mut yes, mut no) = ui.input(|input| {
        (
            input.key_pressed(Key::Y),
            input.key_pressed(Key::Escape) || input.key_pressed(Key::N),
        )
    });
    Area::new(Id::new("resolve"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, vec2(0.0, -80.0))
        .show(ui.ctx(), |ui| {
            section::card(ui, Some(theme.palette.degraded), |ui| {
                ui.set_width(420.0);
                ui.label(text::name(&theme, "Declare the incident resolved?"));
                let words = format!(
                    "This ends the session. {} users fail per minute by the last scrape; {} questions wait.",
                    view.failing_per_minute(),
                    super::war_room::unanswered(view)
                );
                ui.add(Label::new(text::body(&theme, words)).wrap());
                ui.horizontal(|ui| {
                    yes |= button(ui, "Resolved", Some("Y"), Weight::Primary).clicked();
                    no |= button(ui, "Not yet", Some("Esc"), Weight::Normal).clicked();
                });
            });
        });
    if yes {
        intents.push(Intent::Command(Command::Resolve));
    }
    if yes || no {
        state.resolving = false;
    }
}

/// Draws the tabs of the right column.
pub fn column_tabs(ui: &mut Ui, view: &PlayerView, state: &mut State) {
    let waiting = super::war_room::unanswered(view);
    let room = if waiting > 0 {
        format!("War room · {waiting}")
    } else {
        "War room".to_owned()
    };
    let columns = [
        (Column::Map, "Map", "M"),
        (Column::Board, "Board", "F1"),
        (Column::WarRoom, room.as_str(), "F2"),
    ];
    // A wide window always shows the map.
    let shown = usize::from(!is_narrow(ui.ctx()));
    ui.horizontal(|ui| {
        for (column, words, key) in columns.into_iter().skip(shown) {
            let weight = Weight::Choice(column == state.column);
            if button(ui, words, Some(key), weight).clicked() {
                state.column = column;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if view.page.is_some() && button(ui, "Resolve", None, Weight::Normal).clicked() {
                state.resolving = true;
            }
        });
    });
}
