//! Keys as they were pressed, in their order.
//!
//! `bevy_egui` 0.42 gives every key of a frame the modifiers held at the frame's end. A quick Ctrl K, pressed and released
//! within one slow frame, would arrive as a plain K and be typed into a field; Shift P would pin for instead of against.

use bevy::input::keyboard::{Key, KeyboardFocusLost, KeyboardInput};
use bevy::prelude::*;
use bevy_egui::helpers::{bevy_to_egui_key, bevy_to_egui_physical_key};
use bevy_egui::input::{EguiInputEvent, WindowToEguiContextMap};
use bevy_egui::{EguiGlobalSettings, EguiInputSet};
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

fn read(
    mut held: Local<Held>,
    mut lost: MessageReader<KeyboardFocusLost>,
    mut pressed: MessageReader<KeyboardInput>,
    contexts: Res<WindowToEguiContextMap>,
    mut events: MessageWriter<EguiInputEvent>,
) {
    if lost.read().count() > 0 {
        *held = Held::default();
    }
    for message in pressed.read() {
        let found = held.take(message);
        for context in contexts
            .window_to_contexts
            .get(&message.window)
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
}
