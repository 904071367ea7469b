//! The keys and what they do: the one table that the settings and the overlay show.

use egui::{Align2, CursorIcon, Label, Sense, Ui, WidgetInfo, WidgetType, vec2};

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
            binding(&["E"], "trigger, cause and path of the hypothesis"),
            binding(&["J"], "judge it: supported, refuted, dropped"),
            binding(&["U"], "write an update; L says the same as last time"),
            binding(&["P"], "pin what is shown as evidence for"),
            binding(&["Shift", "P"], "pin it as evidence against"),
            binding(&["Shift", "R"], "resolve: ends the incident, after a yes"),
            binding(&["Enter"], "confirm"),
            binding(&["Y"], "accept a price, say yes where it is asked"),
            binding(
                &["Alt", "1", "–", "3"],
                "the usual actions on what is selected",
            ),
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
        name: "Leaving",
        bindings: &[
            binding(&["Esc"], "close what is open; with nothing open, the menu"),
            binding(&["Ctrl", "Q"], "quit; the session can be gone on with"),
        ],
    },
    Group {
        name: "Looking",
        bindings: &[
            binding(
                &["F3", "–", "F12"],
                "overview, metrics, logs, traces, changes, diff, query, probe, tickets, providers",
            ),
            binding(
                &["V"],
                "the next signal of the metrics; Shift V the one before",
            ),
            binding(&["B"], "draw the time before into charts"),
            binding(&["T"], "compare with a time; ← → move it, Esc leaves"),
            binding(&["+", "−"], "zoom charts"),
            binding(&["Z"], "leave the zoom of a chart"),
            binding(&["G"], "log lines or their patterns"),
            binding(&["C"], "compare two traces"),
            binding(&["/"], "search the log"),
            binding(&["Ctrl", "C"], "copy the log line at the cursor"),
            binding(&["←", "→", "↑", "↓"], "move along charts and lists"),
        ],
    },
    Group {
        name: "Finding",
        bindings: &[
            binding(&["F1"], "board"),
            binding(&["F2"], "war room"),
            binding(&["Ctrl", "K"], "every command, action, service and panel"),
            binding(&["Tab"], "the next control"),
            binding(&["?"], "these keys"),
        ],
    },
];

/// Width of the column of keys in points.
const KEYS: f32 = 92.0;

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

/// A small button at the end of a row that says how the keys are found; whether it was pressed.
pub fn hint(ui: &mut Ui) -> bool {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let line = text::Line::default()
        .add("? ", theme.mono(theme.size.tiny), palette.text)
        .add("keys", theme.sans(theme.size.small), palette.muted);
    let galley = ui.painter().layout_job(line.job());
    let size = vec2(galley.size().x + 2.0 * theme.space.s, 18.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, "Keys"));
    let fill = if response.hovered() || response.has_focus() {
        palette.hover
    } else {
        palette.raised
    };
    ui.painter().rect_filled(rect, theme.radius.small, fill);
    let at = Align2::CENTER_CENTER
        .align_size_within_rect(galley.size(), rect)
        .min;
    ui.painter().galley(at, galley, palette.text);
    response.clicked()
}

/// Draws all groups in two columns.
pub fn columns(ui: &mut Ui) {
    let theme = Theme::of(ui.ctx());
    let gap = theme.space.xl;
    let width = ((ui.available_width() - gap) / 2.0).max(240.0);
    let (left, right) = GROUPS.split_at(3);
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
