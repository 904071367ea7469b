//! The keys and what they do: the one table that the settings and the overlay show.

use egui::{Label, Ui, vec2};

use crate::theme::Theme;
use crate::widgets::{button, text};

/// Keys with what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The keys, as they are printed on a keyboard.
    pub keys: &'static [&'static str],
    /// What they do.
    pub what: &'static str,
}

/// Keys that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub name: &'static str,
    /// The keys.
    pub bindings: &'static [Binding],
}

const fn binding(keys: &'static [&'static str], what: &'static str) -> Binding {
    Binding { keys, what }
}

/// All keys.
pub const GROUPS: [Group; 5] = [
    Group {
        name: "Responding",
        bindings: &[
            binding(&["A"], "acknowledge the page"),
            binding(&["S"], "state the symptom"),
            binding(&["H"], "new hypothesis"),
            binding(&["U"], "write an update"),
            binding(&["P"], "pin what is shown as evidence for"),
            binding(&["Shift", "P"], "pin it as evidence against"),
            binding(&["Enter"], "confirm"),
            binding(&["Y"], "say yes where it is asked"),
        ],
    },
    Group {
        name: "Time",
        bindings: &[
            binding(&["Space"], "pause or go on"),
            binding(&["1", "2", "3", "4"], "speed 1×, 2×, 4×, 10×"),
            binding(&["W"], "wait until something happens"),
        ],
    },
    Group {
        name: "Looking",
        bindings: &[
            binding(
                &["F3", "–", "F8"],
                "overview, metrics, logs, traces, changes, diff",
            ),
            binding(&["B"], "compare a chart with the time before"),
            binding(&["C"], "compare two traces"),
            binding(&["Z"], "leave the zoom of a chart"),
            binding(&["/"], "search the log"),
            binding(&["←", "→", "↑", "↓"], "move along charts and lists"),
        ],
    },
    Group {
        name: "Finding",
        bindings: &[
            binding(&["F1"], "board"),
            binding(&["F2"], "war room"),
            binding(&["Ctrl", "K"], "every command, service and panel"),
            binding(&["Tab"], "the next control"),
            binding(&["?"], "these keys"),
        ],
    },
    Group {
        name: "Leaving",
        bindings: &[
            binding(&["Esc"], "close what is open; with nothing open, the menu"),
            binding(&["Ctrl", "Q"], "quit; the session can be gone on with"),
        ],
    },
];

/// Width of the column of keys in points.
const KEYS: f32 = 108.0;

/// Draws groups below each other.
pub fn table(ui: &mut Ui, groups: &[Group]) {
    let theme = Theme::of(ui.ctx());
    for (index, group) in groups.iter().enumerate() {
        if index > 0 {
            ui.add_space(theme.space.m);
        }
        ui.label(text::caption(&theme, group.name));
        ui.add_space(theme.space.xs);
        for binding in group.bindings {
            row(ui, &theme, binding);
        }
    }
}

fn row(ui: &mut Ui, theme: &Theme, binding: &Binding) {
    ui.horizontal(|ui| {
        let keys = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(vec2(KEYS, 20.0), keys, |ui| {
            ui.set_min_width(KEYS);
            ui.spacing_mut().item_spacing.x = theme.space.xs;
            for key in binding.keys {
                if *key == "–" {
                    ui.label(text::quiet(theme, *key));
                } else {
                    button::key_cap(ui, key);
                }
            }
        });
        ui.add(Label::new(text::body(theme, binding.what)).wrap());
    });
}

/// Draws all groups in two columns.
pub fn columns(ui: &mut Ui) {
    let theme = Theme::of(ui.ctx());
    let gap = theme.space.xl;
    let width = ((ui.available_width() - gap) / 2.0).max(240.0);
    let (left, right) = GROUPS.split_at(2);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for groups in [left, right] {
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.x = theme.space.s;
                table(ui, groups);
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key stands in the table once: the same key for two things is said in one line or not at all.
    #[test]
    fn no_key_is_listed_twice() {
        let mut all: Vec<String> = GROUPS
            .iter()
            .flat_map(|group| group.bindings)
            .map(|binding| binding.keys.join(" "))
            .collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
