//! What became known of a hypothesis later: what set it off, what keeps it going, which way the failure takes to users.

use brownout_session::command::{Command, Look};
use brownout_session::view::{ChangeView, PlayerView};
use egui::{EventFilter, Key, Label, Sense, TextEdit, Ui, WidgetInfo, WidgetType, vec2};

use super::super::intent::Intent;
use super::super::state::State;
use super::super::{keys, words};
use super::{choice, form};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button, key_cap};
use crate::widgets::{field, section, text};

/// Changes shown at once.
const SHOWN: usize = 4;
/// Mechanisms and services offered at once.
const OFFERED: usize = 3;
/// Longest path typed.
const LETTERS: usize = 200;

/// What became known of a hypothesis, while it is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refinement {
    /// Hypothesis.
    hypothesis: u32,
    /// Change held to have set it off, as titled in the change log.
    trigger: Option<String>,
    /// Letters that find what keeps it going; `=` is the mechanism itself.
    sustaining: String,
    /// Services from the guilty one to the users, with commas between.
    path: String,
    /// It has just been opened: keys are for it.
    fresh: bool,
}

impl Refinement {
    /// Begins with what the chosen hypothesis says already, and with a change pinned to it.
    #[must_use]
    pub fn new(view: &PlayerView, state: &State) -> Option<Self> {
        let chosen = state.board.chosen(view)?;
        let hypothesis = view.hypotheses.iter().find(|h| h.id == chosen)?;
        let pinned = || {
            let mut evidence = hypothesis.evidence.iter().rev();
            evidence.find_map(|evidence| match &evidence.look {
                Look::Change { title, .. } if evidence.supports => Some(title.clone()),
                _ => None,
            })
        };
        let sustaining = hypothesis.sustaining.as_deref().map_or("", |id| {
            if id == hypothesis.written.mechanism {
                "="
            } else {
                words::mechanism(id)
            }
        });
        let path = if hypothesis.path.is_empty() {
            format!("{}, ", hypothesis.written.suspect)
        } else {
            hypothesis.path.join(", ")
        };
        Some(Self {
            hypothesis: chosen,
            trigger: hypothesis
                .written
                .trigger
                .clone()
                .filter(|title| !title.is_empty())
                .or_else(pinned),
            sustaining: sustaining.to_owned(),
            path,
            fresh: true,
        })
    }

    /// The change beside the one chosen, with none before the newest.
    fn step(&mut self, changes: &[&ChangeView], down: bool) {
        let at = changes
            .iter()
            .position(|change| Some(&change.title) == self.trigger.as_ref())
            .map_or(0, |index| index + 1);
        let next = if down {
            (at + 1).min(changes.len())
        } else {
            at.saturating_sub(1)
        };
        self.trigger = next
            .checked_sub(1)
            .and_then(|index| changes.get(index))
            .map(|change| change.title.clone());
    }

    /// Id of what keeps it going, if something is said of it.
    fn sustained_by(&self, view: &PlayerView) -> Option<String> {
        let letters = self.sustaining.trim();
        if letters == "=" || letters.eq_ignore_ascii_case("same") {
            let of = view.hypotheses.iter().find(|h| h.id == self.hypothesis)?;
            return Some(of.written.mechanism.clone());
        }
        if letters.is_empty() {
            return None;
        }
        form::found(letters, None)
            .first()
            .map(|mechanism| mechanism.id.to_owned())
    }

    /// Services of the path; letters without a service are left out.
    fn services(&self, view: &PlayerView) -> Vec<String> {
        let mut path: Vec<String> = Vec::new();
        for letters in self.path.split(',') {
            if let Some(service) = services_with(view, letters).into_iter().next()
                && !path.contains(&service)
            {
                path.push(service);
            }
        }
        path
    }

    /// The command.
    #[must_use]
    pub fn command(&self, view: &PlayerView) -> Command {
        Command::Refine {
            hypothesis: self.hypothesis,
            trigger: Some(self.trigger.clone().unwrap_or_default()),
            sustaining: self.sustained_by(view),
            path: self.services(view),
        }
    }
}

/// Services with all the letters, the one so called or so beginning first.
fn services_with(view: &PlayerView, letters: &str) -> Vec<String> {
    let letters = letters.trim().to_lowercase();
    if letters.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<&str> = view
        .nodes
        .iter()
        .map(|node| node.service.as_str())
        .filter(|service| service.to_lowercase().contains(&letters))
        .collect();
    found.sort_by_key(|service| {
        let service = service.to_lowercase();
        (
            service != letters,
            !service.starts_with(&letters),
            service.clone(),
        )
    });
    found.dedup();
    found.into_iter().map(str::to_owned).collect()
}

/// Changes of other people, newest first, once the player has read the change log: it is theirs to look.
fn changes(view: &PlayerView) -> Vec<&ChangeView> {
    let read = |(_, _, look): &(u64, u64, Look)| matches!(look.whole(), Look::Changes { .. });
    if !view.looks.iter().any(read) {
        return Vec::new();
    }
    view.changes.iter().rev().filter(|c| !c.own).collect()
}

/// Draws the form while it is open.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let Some(refinement) = &mut state.board.refinement else {
        return;
    };
    let (mut done, mut cancelled) = (
        keys::plain(ui, Key::Enter),
        keys::plain(ui, Key::Escape)
            || view
                .hypotheses
                .iter()
                .all(|h| h.id != refinement.hypothesis),
    );
    let changes = changes(view);
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        ui.label(text::name(&theme, "What became known of it"));
        trigger(ui, view, refinement, &changes, &theme);
        ui.horizontal(|ui| {
            key_cap(ui, "Tab");
            ui.label(text::quiet(&theme, "what keeps it going"));
        });
        let edit = TextEdit::singleline(&mut refinement.sustaining)
            .hint_text("= the same, or letters of a mechanism")
            .char_limit(LETTERS)
            .margin(choice::FIELD)
            .desired_width(f32::INFINITY);
        field::add(ui, "What keeps it going", edit);
        if let Some(id) = refinement.sustained_by(view) {
            ui.label(text::quiet(&theme, words::mechanism(&id)).color(theme.palette.accent));
        }
        ui.horizontal(|ui| {
            key_cap(ui, "Tab");
            ui.label(text::quiet(
                &theme,
                "path: the guilty one first, users last",
            ));
        });
        let edit = TextEdit::singleline(&mut refinement.path)
            .hint_text("services, with commas between")
            .char_limit(LETTERS)
            .margin(choice::FIELD)
            .desired_width(f32::INFINITY);
        field::add(ui, "Path to users", edit);
        path(ui, view, refinement, &theme);
        ui.horizontal(|ui| {
            done |= button(ui, "Save", Some("Enter"), Weight::Primary).clicked();
            cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
        });
    });
    ui.add_space(theme.space.xs);
    if done && !cancelled {
        intents.push(Intent::Command(refinement.command(view)));
    }
    if done || cancelled {
        state.board.refinement = None;
    }
}

/// The changes to choose from, which arrows walk through.
fn trigger(
    ui: &mut Ui,
    view: &PlayerView,
    refinement: &mut Refinement,
    changes: &[&ChangeView],
    theme: &Theme,
) {
    let palette = theme.palette;
    let row = 24.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), row), Sense::click());
    let chosen = refinement.trigger.as_deref().unwrap_or("not named");
    response.widget_info(|| {
        let words = format!("What set it off: {chosen}");
        WidgetInfo::labeled(WidgetType::ComboBox, true, words)
    });
    if std::mem::take(&mut refinement.fresh) {
        response.request_focus();
    }
    let here = response.has_focus();
    let ink = if here { palette.accent } else { palette.muted };
    let mut line = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    line.horizontal(|ui| {
        key_cap(ui, "↑");
        key_cap(ui, "↓");
        ui.label(text::quiet(theme, "what set it off").color(ink));
    });
    if here {
        let arrows = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        for (key, down) in [(Key::ArrowUp, false), (Key::ArrowDown, true)] {
            if keys::plain(ui, key) {
                refinement.step(changes, down);
            }
        }
    }
    let none = refinement.trigger.is_none();
    // Tab goes from field to field: what stands in the list is for the arrows and the pointer.
    let ink = if none { palette.accent } else { palette.dim };
    let words = text::body(theme, "not named").color(ink);
    if ui.add(Label::new(words).sense(Sense::CLICK)).clicked() {
        refinement.trigger = None;
    }
    if changes.is_empty() {
        let words = "Look at the Changes first: then they can be named here.";
        ui.add(Label::new(text::quiet(theme, words).color(palette.degraded)).wrap());
    }
    let at = changes
        .iter()
        .position(|change| Some(&change.title) == refinement.trigger.as_ref());
    let first = at.unwrap_or(0).saturating_sub(SHOWN - 1);
    for change in changes.iter().skip(first).take(SHOWN) {
        let on = refinement.trigger.as_ref() == Some(&change.title);
        let at_ns = u64::try_from(change.at_ns).unwrap_or(0);
        ui.horizontal_wrapped(|ui| {
            let clock = view.clock(at_ns);
            ui.label(text::number(theme, &clock[..5], palette.dim));
            let title = text::body(theme, &change.title).color(if on {
                palette.accent
            } else {
                palette.muted
            });
            let shown = ui.add(Label::new(title).wrap().sense(Sense::CLICK));
            if shown.clicked() {
                refinement.trigger = Some(change.title.clone());
            }
        });
    }
    let more = changes.len().saturating_sub(first + SHOWN);
    if more > 0 {
        ui.label(text::quiet(theme, format!("and {more} older")));
    }
}

/// What the letters of the path stand for, and what the last of them could.
fn path(ui: &mut Ui, view: &PlayerView, refinement: &mut Refinement, theme: &Theme) {
    let services = refinement.services(view);
    if !services.is_empty() {
        let words = text::quiet(theme, services.join(" → ")).color(theme.palette.accent);
        ui.add(Label::new(words).wrap());
    }
    let (before, letters) = refinement
        .path
        .rsplit_once(',')
        .map_or(("", refinement.path.as_str()), |(before, last)| {
            (before, last)
        });
    let offered = services_with(view, letters);
    if offered.len() < 2 {
        return;
    }
    let mut picked = None;
    ui.horizontal_wrapped(|ui| {
        for service in offered.iter().take(OFFERED) {
            if button(ui, service, None, Weight::Choice(false)).clicked() {
                picked = Some(service.clone());
            }
        }
    });
    if let Some(service) = picked {
        let gap = if before.is_empty() { "" } else { ", " };
        refinement.path = format!("{}{gap}{service}, ", before.trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;

    fn refinement(sustaining: &str, path: &str) -> Refinement {
        Refinement {
            hypothesis: 0,
            trigger: None,
            sustaining: sustaining.to_owned(),
            path: path.to_owned(),
            fresh: true,
        }
    }

    #[test]
    fn letters_of_a_path_become_services_once_each() {
        let view = sample::calm();
        let names: Vec<String> = view.nodes.iter().map(|n| n.service.clone()).collect();
        let typed = format!("{}, no such thing, {}, ", names[0], names[0]);
        assert_eq!(refinement("", &typed).services(&view), [names[0].clone()]);
    }

    #[test]
    fn nothing_is_said_of_what_keeps_it_going_without_letters() {
        let view = sample::calm();
        assert_eq!(refinement(" ", "").sustained_by(&view), None);
        let storm = refinement("retry st", "").sustained_by(&view);
        assert_eq!(storm.as_deref(), Some("retry-storm"));
    }
}
