//! Actions: what can be done, what it would mean, and what is under way.

mod choices;
mod consider;
mod levers;
mod progress;
mod share;

use brownout_session::offers::Offers;
use brownout_session::view::PlayerView;
use egui::{CursorIcon, Key, Label, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::super::{keys, words};
use crate::theme::Theme;
use crate::widgets::{mark, section, text};

pub use choices::{Choice, GROUPS, Group, choices, grouped};
pub use consider::Considered;

/// Height of a choice.
const ROW: f32 = 24.0;

/// Room at the left of choices, where the sign of their group stands.
const INDENT: f32 = 16.0;

/// What the actions remember.
#[derive(Clone, Debug, Default)]
pub struct ActionState {
    /// The action being considered.
    pub considered: Option<Considered>,
    /// Groups folded or unfolded against their habit.
    turned: [bool; GROUPS.len()],
}

/// Draws what is considered, under way and possible.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    section::title(ui, "Actions", |ui| {
        ui.label(text::quiet(&theme, "Ctrl K finds each of them"));
    });
    consider::ui(ui, view, lookup, state, intents, &theme);
    for action in view.actions.iter().rev() {
        progress::under_way(ui, view, action, &theme);
        ui.add_space(theme.space.xs);
    }
    if state.selection.is_none() {
        section::empty(ui, "Select a component for what can be done about it.");
    }
    let all = grouped(view, lookup, state.selection.as_ref());
    let free = !state.takes_keys() && !ui.ctx().egui_wants_keyboard_input();
    let mut picked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    for (place, (group, title)) in GROUPS.into_iter().enumerate() {
        let choices: Vec<&Choice> = all.iter().filter(|choice| choice.group == group).collect();
        if choices.is_empty() {
            if group == Group::Configuration {
                unset(ui, view, lookup, state, &theme);
            }
            continue;
        }
        // What is about the selection is at hand; the rest waits.
        let usual = matches!(group, Group::Component | Group::Configuration);
        let open = usual != state.board.action.turned[place];
        if head(ui, title, choices.len(), open, &theme) {
            state.board.action.turned[place] ^= true;
        }
        if !open {
            continue;
        }
        for (index, choice) in choices.into_iter().enumerate() {
            let keys = [
                (Key::Num1, "Alt 1"),
                (Key::Num2, "Alt 2"),
                (Key::Num3, "Alt 3"),
            ];
            let key = keys.get(index).filter(|_| group == Group::Component);
            let pressed = key.is_some_and(|(key, _)| {
                free && keys::pressed(ui, *key).is_some_and(|modifiers| modifiers.alt)
            });
            if row(ui, &choice.words, key.map(|(_, words)| *words), &theme) || pressed {
                picked = Some(choice.action.clone());
            }
        }
    }
    if let Some(action) = picked {
        state.board.action.considered = Some(Considered::new(lookup, action));
    }
}

/// Says why no value of the selection can be set.
fn unset(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &State, theme: &Theme) {
    let Some(selection) = &state.selection else {
        return;
    };
    let Some(region) = view.regions.get(usize::from(selection.region)) else {
        return;
    };
    let words = match lookup.offered(&selection.service, region) {
        _ if choices::theirs(view, selection) => format!(
            "{} is another company's: ask them, or do without it.",
            selection.service
        ),
        Offers::Variables(_) => format!("{} has no values to set.", selection.service),
        Offers::NotLookedAt => format!(
            "Look at the Diff of {} first: its values can be set then.",
            selection.service
        ),
    };
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(INDENT);
        ui.add(Label::new(text::quiet(theme, words)).wrap());
    });
}

/// Title of a group, folded or not; whether it was clicked.
fn head(ui: &mut Ui, title: &str, count: usize, open: bool, theme: &Theme) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let count = words::counted(count as u64, "action", "actions");
        let words = format!("{title}, {count}");
        WidgetInfo::selected(WidgetType::CollapsingHeader, true, open, words)
    });
    let palette = theme.palette;
    let lit = response.hovered() || response.has_focus();
    let ink = if lit { palette.text } else { palette.muted };
    let turn = if open {
        mark::Direction::Down
    } else {
        mark::Direction::Right
    };
    mark::triangle(
        ui.painter(),
        pos2(rect.left() + 5.0, rect.center().y),
        3.5,
        ink,
        turn,
    );
    let line = text::Line::default()
        .add(title, theme.medium(theme.size.small), ink)
        .add(
            &format!("  {count}"),
            theme.mono(theme.size.tiny),
            palette.dim,
        );
    let galley = ui.painter().layout_job(line.job());
    let at = pos2(
        rect.left() + INDENT,
        rect.center().y - galley.size().y / 2.0,
    );
    ui.painter().galley(at, galley, ink);
    response.clicked()
}

/// One choice; whether it was picked.
fn row(ui: &mut Ui, words: &str, key: Option<&str>, theme: &Theme) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, words));
    let palette = theme.palette;
    if response.hovered() || response.has_focus() {
        ui.painter()
            .rect_filled(rect, theme.radius.small, palette.hover);
    }
    let mut right = rect.right() - 6.0;
    if let Some(key) = key {
        let cap = ui.painter().text(
            pos2(right, rect.center().y),
            egui::Align2::RIGHT_CENTER,
            key,
            theme.mono(theme.size.tiny),
            palette.dim,
        );
        right = cap.left() - theme.space.s;
    }
    let left = rect.left() + INDENT;
    let mut job = text::Line::default()
        .add(words, theme.sans(theme.size.body), palette.text)
        .job();
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - left);
    let galley = ui.painter().layout_job(job);
    let at = pos2(left, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.text);
    response.clicked()
}
