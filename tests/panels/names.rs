//! Everything that can be clicked has a name.

use brownout::panels::dock::TABS;
use brownout::panels::state::State;
use egui::Key;

use crate::desk::{Desk, Screen};

/// What is open when names are looked at, in words.
const OPEN: [(&str, &[Key]); 6] = [
    ("nothing", &[]),
    ("the symptom", &[Key::S]),
    ("a hypothesis", &[Key::H]),
    ("an update", &[Key::U]),
    ("a pin", &[Key::P]),
    ("the war room", &[Key::F2]),
];

/// Whatever takes a click says what it is, in every tab and every form.
#[test]
fn what_can_be_clicked_has_a_name() {
    let mut nameless = Vec::new();
    let mut screen = Screen::of(Desk::paged(120));
    for (tab, name, _) in TABS {
        for (open, keys) in OPEN {
            screen.0.state_mut().panels = State::default();
            screen.0.run_steps(2);
            screen.select("gateway in eu-west");
            screen.0.state_mut().panels.dock.tab = tab;
            for key in keys {
                screen.tap(*key);
            }
            screen.0.run_steps(2);
            let clickable = screen.clickable();
            assert!(clickable.len() > 30, "{name} has controls");
            nameless.extend(
                clickable
                    .into_iter()
                    .filter(|(_, words)| words.trim().is_empty())
                    .map(|(role, _)| format!("{name}, {open} open: a {role:?} without a name")),
            );
        }
    }
    nameless.dedup();
    assert!(nameless.is_empty(), "{}", nameless.join("\n"));
}
