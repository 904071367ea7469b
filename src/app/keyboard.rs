//! Keys as they were pressed, in their order.
//!
//! `bevy_egui` 0.42 gives every key of a frame the modifiers held at the frame's end. A quick Ctrl K, pressed and released
//! within one slow frame, would arrive as a plain K and be typed into a field; Shift P would pin for instead of against.
//!
//! A key often opens what the next one is meant for: H opens the form whose first letters follow. So a frame gets one key,
//! and those that came too early wait for the next; only what is typed into a field comes all at once.
//!
//! Copy, cut and paste are keys too, exchanged with other programs through the system's clipboard.

use std::collections::VecDeque;

use bevy::input::keyboard::{Key, KeyboardFocusLost, KeyboardInput};
use bevy::prelude::*;
use bevy_egui::helpers::{bevy_to_egui_key, bevy_to_egui_physical_key};
use bevy_egui::input::{EguiInputEvent, WindowToEguiContextMap};
use bevy_egui::{EguiClipboard, EguiContexts, EguiGlobalSettings, EguiInputSet};
use egui::{Event, Modifiers};

/// Adds the keyboard in place of the one of `bevy_egui`.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, replace)
        .add_systems(PreUpdate, read.in_set(EguiInputSet::ReadBevyMessages));
}

fn replace(mut settings: ResMut<EguiGlobalSettings>) {
    settings
        .input_system_settings
        .run_write_keyboard_input_messages_system = false;
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn read(
    mut held: Local<Held>,
    mut waiting: Local<Waiting>,
    mut lost: MessageReader<KeyboardFocusLost>,
    mut pressed: MessageReader<KeyboardInput>,
    windows: Res<WindowToEguiContextMap>,
    mut clipboard: ResMut<EguiClipboard>,
    mut contexts: EguiContexts,
    mut events: MessageWriter<EguiInputEvent>,
) -> Result {
    if lost.read().count() > 0 {
        *held = Held::default();
    }
    let taken = pressed.read().map(|message| {
        let mut events = held.take(message);
        events.extend(exchange(&events, || clipboard.get_text()));
        (message.window, events)
    });
    waiting.0.extend(taken);
    let into_a_field = contexts.ctx_mut()?.egui_wants_keyboard_input();
    for (window, found) in waiting.frame(into_a_field) {
        for context in windows
            .window_to_contexts
            .get(&window)
            .into_iter()
            .flatten()
        {
            let wrap = |event| EguiInputEvent {
                context: *context,
                event,
            };
            events.write_batch(found.iter().cloned().map(wrap));
        }
    }
    Ok(())
}

/// Keys that have not reached egui, with their windows.
#[derive(Default)]
struct Waiting(VecDeque<(Entity, Vec<Event>)>);

impl Waiting {
    /// What a frame gets: up to the first key, or all that is typed into a field up to the first that is not.
    fn frame(&mut self, into_a_field: bool) -> Vec<(Entity, Vec<Event>)> {
        let is_press = |event: &Event| matches!(event, Event::Key { pressed: true, .. });
        let is_text = |event: &Event| matches!(event, Event::Text(_));
        let ends = |(_, events): &(Entity, Vec<Event>)| {
            events.iter().any(is_press) && !(into_a_field && events.iter().any(is_text))
        };
        let count = self
            .0
            .iter()
            .position(ends)
            .map_or(self.0.len(), |at| at + 1);
        self.0.drain(..count).collect()
    }
}

/// Modifier keys held down.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    shift: bool,
    control: bool,
    alt: bool,
    system: bool,
}

impl Held {
    /// What egui is told of a key.
    fn take(&mut self, message: &KeyboardInput) -> Vec<Event> {
        let pressed = message.state.is_pressed();
        match message.logical_key {
            Key::Shift => self.shift = pressed,
            Key::Control => self.control = pressed,
            Key::Alt => self.alt = pressed,
            Key::Super | Key::Meta => self.system = pressed,
            _ => {}
        }
        let mut events = Vec::new();
        if pressed && self.types() {
            events.extend(text(&message.logical_key).map(Event::Text));
        }
        // Layouts without Latin letters have them by position.
        let physical_key = bevy_to_egui_physical_key(&message.key_code);
        if let Some(key) = bevy_to_egui_key(&message.logical_key).or(physical_key) {
            events.push(Event::Key {
                key,
                physical_key,
                pressed,
                repeat: false,
                modifiers: self.modifiers(),
            });
        }
        events
    }

    /// Whether keys type letters; Ctrl with Alt is how some layouts reach a third of them.
    const fn types(self) -> bool {
        let third = self.control && self.alt && !cfg!(target_os = "macos");
        (!self.system && !self.control) || third
    }

    const fn modifiers(self) -> Modifiers {
        let mac = cfg!(target_os = "macos");
        Modifiers {
            alt: self.alt,
            ctrl: self.control,
            shift: self.shift,
            mac_cmd: mac && self.system,
            command: if mac { self.system } else { self.control },
        }
    }
}

/// What the keys of a frame ask of the clipboard: its text is read only where it is wanted.
fn exchange(events: &[Event], text: impl FnOnce() -> Option<String>) -> Option<Event> {
    let pressed = events.iter().find_map(|event| match event {
        Event::Key {
            key,
            pressed: true,
            modifiers,
            ..
        } if modifiers.command && !modifiers.alt => Some(*key),
        _ => None,
    })?;
    match pressed {
        egui::Key::C => Some(Event::Copy),
        egui::Key::X => Some(Event::Cut),
        egui::Key::V => text().filter(|text| !text.is_empty()).map(Event::Paste),
        _ => None,
    }
}

/// What a key types.
fn text(key: &Key) -> Option<String> {
    match key {
        Key::Character(typed) if !typed.contains(char::is_control) => Some(typed.to_string()),
        Key::Space => Some(" ".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bevy::input::ButtonState;

    use super::*;

    fn message(key_code: KeyCode, logical_key: Key, pressed: bool) -> KeyboardInput {
        KeyboardInput {
            key_code,
            logical_key,
            state: if pressed {
                ButtonState::Pressed
            } else {
                ButtonState::Released
            },
            text: None,
            repeat: false,
            window: Entity::PLACEHOLDER,
        }
    }

    /// Each key of a frame has the modifiers of its own moment, and a shortcut types nothing.
    #[test]
    fn a_quick_shortcut_keeps_its_modifier() {
        let letter = || Key::Character("k".into());
        let mut held = Held::default();
        let frame = [
            message(KeyCode::ControlLeft, Key::Control, true),
            message(KeyCode::KeyK, letter(), true),
            message(KeyCode::KeyK, letter(), false),
            message(KeyCode::ControlLeft, Key::Control, false),
            message(KeyCode::KeyK, letter(), true),
        ];
        let events: Vec<Event> = frame.iter().flat_map(|m| held.take(m)).collect();
        let presses: Vec<bool> = events
            .iter()
            .filter_map(|event| match event {
                Event::Key {
                    key: egui::Key::K,
                    pressed: true,
                    modifiers,
                    ..
                } => Some(modifiers.command),
                _ => None,
            })
            .collect();
        let typed = events.iter().filter(|e| matches!(e, Event::Text(_)));
        assert_eq!(typed.count(), 1, "only the plain K is typed");
        assert_eq!(presses.len(), 2);
        assert_ne!(presses[0], presses[1]);
    }

    /// Ctrl with C, X and V exchange with the clipboard when they are pressed; without Ctrl they do not, and nothing does
    /// when they are let go.
    #[test]
    fn the_clipboard_is_asked_once_and_only_with_control() {
        let letter = |typed: &str| Key::Character(typed.into());
        let text = || Some("T+02:10 502".to_owned());
        let asked = |control: bool, code, typed, pressed| {
            let mut held = Held::default();
            held.take(&message(KeyCode::ControlLeft, Key::Control, control));
            let events = held.take(&message(code, letter(typed), pressed));
            exchange(&events, text)
        };
        assert_eq!(asked(true, KeyCode::KeyC, "c", true), Some(Event::Copy));
        assert_eq!(asked(true, KeyCode::KeyX, "x", true), Some(Event::Cut));
        let paste = Some(Event::Paste("T+02:10 502".to_owned()));
        assert_eq!(asked(true, KeyCode::KeyV, "v", true), paste);
        assert_eq!(asked(true, KeyCode::KeyV, "v", false), None);
        assert_eq!(asked(false, KeyCode::KeyV, "v", true), None);
    }

    /// H and the letters for the form it opens come in frames of their own; letters for a field come at once.
    #[test]
    fn a_key_may_open_what_the_next_is_for() {
        let press = |code, letter: &str| message(code, Key::Character(letter.into()), true);
        let frames = |into_a_field: bool| {
            let mut held = Held::default();
            let keys = [
                press(KeyCode::KeyH, "h"),
                press(KeyCode::KeyM, "m"),
                message(KeyCode::KeyM, Key::Character("m".into()), false),
                message(KeyCode::Enter, Key::Enter, true),
                press(KeyCode::KeyY, "y"),
            ];
            let keys = keys.iter().map(|m| (m.window, held.take(m)));
            let mut waiting = Waiting(keys.collect());
            let mut sizes = Vec::new();
            while !waiting.0.is_empty() {
                sizes.push(waiting.frame(into_a_field).len());
            }
            sizes
        };
        assert_eq!(frames(false), [1, 1, 2, 1]);
        assert_eq!(frames(true), [4, 1], "Enter ends what was typed");
    }
}
