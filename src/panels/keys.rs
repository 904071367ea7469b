//! Keys of the incident, and looks that count.

use brownout_session::command::{Command, Look};
use brownout_session::view::PlayerView;
use egui::{Align2, Area, Event, Id, Key, Label, LayerId, Modifiers, Order, RichText, Ui, vec2};

use super::board::{self, form::Form, refine::Refinement};
use super::composer::Composer;
use super::dock::{self, TABS};
use super::format::SECOND_NS;
use super::incident::{is_narrow, is_wide};
use super::intent::Intent;
use super::lookup::Lookup;
use super::palette::Finder;
use super::pins;
use super::state::{Column, State};
use super::words;
use crate::theme::{Theme, veil};
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Keys of the tabs.
const TAB_KEYS: [Key; 10] = [
    Key::F3,
    Key::F4,
    Key::F5,
    Key::F6,
    Key::F7,
    Key::F8,
    Key::F9,
    Key::F10,
    Key::F11,
    Key::F12,
];

/// After this long the same view of users counts as another look.
const AGAIN_NS: u64 = 60 * SECOND_NS;

/// Takes the keys nobody else takes, after the panels were drawn.
pub fn take(
    ui: &Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let plain = |key: Key| self::plain(ui, key);
    // What was written is written: the next key is for the screen, not for a control of the form that is gone.
    let writes = state.writes();
    if std::mem::replace(&mut state.wrote, writes) && !writes {
        release(ui);
    }
    if pressed(ui, Key::K).is_some_and(|modifiers| modifiers.ctrl || modifiers.command) {
        state.finder = Some(Finder::default());
    }
    if plain(Key::F1) {
        state.column = Column::Board;
        release(ui);
    }
    if plain(Key::F2) {
        state.column = Column::WarRoom;
        release(ui);
    }
    for (key, (tab, _, _)) in TAB_KEYS.into_iter().zip(TABS) {
        if plain(key) {
            state.dock.tab = tab;
            release(ui);
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
    if plain(Key::J) && state.board.chosen(view).is_some() {
        state.column = Column::Board;
        state.board.judging = true;
    }
    // Not a plain letter: what is typed beside a field must not come near the end.
    let ends = pressed(ui, Key::R).is_some_and(|held| held == Modifiers::SHIFT);
    if ends && view.page.is_some() {
        state.resolving = true;
    }
    if plain(Key::E)
        && let Some(refinement) = Refinement::new(view, state)
    {
        state.column = Column::Board;
        state.board.refinement = Some(refinement);
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

/// Takes the focus from whatever has it.
pub(super) fn release(ui: &Ui) {
    ui.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
    });
}

/// Whether a key was pressed alone in this frame.
#[must_use]
pub fn plain(ui: &Ui, key: Key) -> bool {
    pressed(ui, key).is_some_and(|modifiers| modifiers.is_none())
}

/// Whether a key was pressed alone in this frame; nothing else gets it then.
#[must_use]
pub fn taken(ui: &Ui, key: Key) -> bool {
    ui.input_mut(|input| input.consume_key(Modifiers::NONE, key))
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
    let shown = dock::look(view, state);
    // Who goes on watching users sees them anew every minute; a log that stays open has been read.
    if shown.as_ref().is_some_and(is_of_users)
        && view.now_ns >= state.watched_ns.saturating_add(AGAIN_NS)
    {
        state.watch.again(now_s);
        state.watched_ns = view.now_ns;
    }
    if let Some(look) = state.watch.show(shown, now_s) {
        state.watched_ns = view.now_ns;
        intents.push(Intent::Command(Command::Observe(look)));
    }
    pins::follow(ui, view, state, intents);
}

/// Whether something shows what users get.
const fn is_of_users(look: &Look) -> bool {
    match look {
        Look::Overview | Look::Topology => true,
        Look::Metric { metric, .. } => metric.flow.is_some(),
        _ => false,
    }
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
    let screen = ui.ctx().viewport_rect();
    ui.ctx()
        .layer_painter(LayerId::new(Order::Middle, Id::new("resolve veil")))
        .rect_filled(screen, 0, veil(theme.palette.canvas, 0.6));
    Area::new(Id::new("resolve"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, vec2(0.0, -80.0))
        .show(ui.ctx(), |ui| {
            section::card(ui, Some(theme.palette.degraded), |ui| {
                ui.set_width(420.0);
                ui.spacing_mut().item_spacing.y = theme.space.m;
                let title = RichText::new("Declare the incident resolved?")
                    .font(theme.semibold(theme.size.heading))
                    .color(theme.palette.text);
                ui.label(title);
                let failing = words::counted(view.failing_per_minute(), "user", "users");
                let waiting = super::war_room::unanswered(view) as u64;
                let told = view.status.map_or_else(
                    || "nobody was told anything yet".to_owned(),
                    |status| format!("the last update said: {}", words::status(status)),
                );
                let lines = [
                    "It ends the session.".to_owned(),
                    format!("{failing} failing per minute, by the last scrape"),
                    words::counted(waiting, "question waits", "questions wait"),
                    told,
                ];
                for line in lines {
                    ui.add(Label::new(text::body(&theme, line)).wrap());
                }
                ui.horizontal(|ui| {
                    yes |= button(ui, "Resolved", Some("Y"), Weight::Normal).clicked();
                    no |= button(ui, "Not yet", Some("Esc"), Weight::Primary).clicked();
                    ui.label(text::quiet(&theme, "Enter does nothing here."));
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
    // A wide window shows both; what is written with keys goes where the player turned last.
    if is_wide(ui.ctx()) {
        let theme = Theme::of(ui.ctx());
        ui.horizontal(|ui| {
            ui.label(text::caption(&theme, "Board"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ask_to_resolve(ui, view, state);
            });
        });
        return;
    }
    // All but a narrow one always show the map.
    let shown = usize::from(!is_narrow(ui.ctx()));
    ui.horizontal(|ui| {
        for (column, words, key) in columns.into_iter().skip(shown) {
            let weight = Weight::Choice(column == state.column);
            if button(ui, words, Some(key), weight).clicked() {
                state.column = column;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ask_to_resolve(ui, view, state);
        });
    });
}

/// The button that asks whether it is over.
fn ask_to_resolve(ui: &mut Ui, view: &PlayerView, state: &mut State) {
    if view.page.is_some() && button(ui, "Resolve", Some("Shift R"), Weight::Normal).clicked() {
        state.resolving = true;
    }
}
