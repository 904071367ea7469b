//! An action that waits for a yes: what it would mean, what can be set, the price.

mod settings;

use brownout_session::command::{Action, Command, Intervention, Verdict};
use brownout_session::view::{PlayerView, Preflight};
use egui::{Key, Label, Ui};

use super::super::super::intent::Intent;
use super::super::super::lookup::Lookup;
use super::super::super::state::State;
use super::super::super::{format, keys, words};
use super::super::choice;
use super::share;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// An action that waits for a yes.
#[derive(Clone, Debug)]
pub struct Considered {
    /// Action.
    pub action: Action,
    /// What it would mean, or why it cannot be.
    pub preflight: Result<Preflight, String>,
    /// Hypothesis it serves.
    pub serves: Option<u32>,
    /// The price was accepted.
    pub accepted: bool,
    /// A confirmation came before the price was accepted: the next one goes without.
    asked: bool,
    /// The value was chosen, where the action sets one.
    valued: bool,
    /// The player said what it serves; until then it is what fits.
    decided: bool,
    /// When a digit was typed last, in seconds of wall time.
    typed_s: f64,
}

impl Considered {
    /// Begins to consider an action.
    #[must_use]
    pub fn new(lookup: &dyn Lookup, action: Action) -> Self {
        Self {
            preflight: lookup.preflight(&action),
            valued: !matches!(action, Action::SetVariable { .. }),
            action,
            serves: None,
            accepted: false,
            asked: false,
            decided: false,
            typed_s: f64::NEG_INFINITY,
        }
    }

    /// The command.
    #[must_use]
    pub fn command(&self) -> Option<Command> {
        self.preflight.as_ref().ok().filter(|_| self.valued)?;
        Some(Command::Act(Intervention {
            action: self.action.clone(),
            serves: self.serves,
            price_accepted: self.accepted,
        }))
    }
}

/// Draws the card.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
    theme: &Theme,
) {
    let free = state.board.form.is_none()
        && state.board.symptom.is_none()
        && state.finder.is_none()
        && !ui.ctx().egui_wants_keyboard_input();
    let chosen = state.board.chosen(view);
    let Some(considered) = &mut state.board.action.considered else {
        return;
    };
    if !considered.decided {
        considered.serves = fitting(view, chosen, &considered.action);
    }
    let pressed = |key: Key| free && keys::plain(ui, key);
    let (mut done, mut cancelled) = (pressed(Key::Enter), pressed(Key::Escape));
    considered.accepted ^= pressed(Key::Y);
    if pressed(Key::S) {
        considered.serves = next(view, considered.serves);
        considered.decided = true;
    }
    let before = considered.action.clone();
    if pressed(Key::R)
        && let Some(region) = considered.action.place_mut()
    {
        *region = after(view, region.as_deref());
    }
    if free {
        share::digits(ui, &mut considered.action, &mut considered.typed_s);
    }
    let shown = ui.scope(|ui| {
        section::card(ui, Some(theme.palette.accent), |ui| {
            ui.set_width(ui.available_width());
            match &considered.preflight {
                _ if !considered.valued => unset(ui, &considered.action, theme),
                Err(why) => {
                    ui.add(Label::new(text::body(theme, why)).wrap());
                }
                Ok(preflight) => meaning(ui, preflight, theme),
            }
            settings::ui(ui, view, lookup, considered, theme);
            let ready = considered.preflight.is_ok() && considered.valued;
            if ready {
                considered.decided |= serves(ui, view, &mut considered.serves, theme);
                let accepted = &mut considered.accepted;
                ui.add_space(theme.space.xs);
                choice::switch(ui, Some("Y"), "I accept the price", accepted);
                if considered.asked && !considered.accepted {
                    let words =
                        "The price is not accepted: Y accepts it, Enter again goes without.";
                    let words = text::body(theme, words).color(theme.palette.failing);
                    ui.add(Label::new(words).wrap());
                }
                ui.add_space(theme.space.xs);
            }
            ui.horizontal(|ui| {
                if ready {
                    // What is not accepted is not the thing to do.
                    let weight = if considered.accepted {
                        Weight::Primary
                    } else {
                        Weight::Normal
                    };
                    done |= button(ui, "Confirm", Some("Enter"), weight).clicked();
                }
                cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
            });
        });
    });
    let changed = considered.action != before;
    if changed {
        considered.preflight = lookup.preflight(&considered.action);
        // Another action, another price.
        considered.accepted = false;
        considered.asked = false;
    } else if ui.ctx().memory(|memory| memory.focused().is_none()) {
        shown.response.scroll_to_me(None);
    }
    ui.add_space(theme.space.s);
    let asks = done && !changed && !considered.accepted && !considered.asked;
    if asks && considered.command().is_some() {
        considered.asked = true;
    } else if done
        && !changed
        && let Some(command) = considered.command()
    {
        intents.push(Intent::Command(command));
        state.board.action.considered = None;
    } else if cancelled {
        state.board.action.considered = None;
    }
}

/// What an action serves, the hypothesis also in words, since a number says little; whether the player changed it.
fn serves(ui: &mut Ui, view: &PlayerView, serves: &mut Option<u32>, theme: &Theme) -> bool {
    let mut all: Vec<(Option<u32>, String)> = vec![(None, "containment".to_owned())];
    let numbered = view.hypotheses.iter().enumerate();
    all.extend(numbered.map(|(i, h)| (Some(h.id), format!("H{}", i + 1))));
    let options: Vec<(Option<u32>, &str)> = all
        .iter()
        .map(|(id, words)| (*id, words.as_str()))
        .collect();
    let changed = choice::keyed(ui, Some("S"), "serves", &options, serves);
    let served = view.hypotheses.iter().find(|h| Some(h.id) == *serves);
    if let Some(hypothesis) = served {
        let written = &hypothesis.written;
        let words = format!(
            "it tests {} · {}",
            written.suspect,
            words::mechanism(&written.mechanism)
        );
        ui.add(Label::new(text::quiet(theme, words)).wrap());
    } else if !view.hypotheses.is_empty() {
        ui.label(text::quiet(theme, "it tests no hypothesis"));
    }
    changed
}

/// The hypothesis an action most likely serves: the chosen one, or else the latest, that is open or supported and suspects
/// what is acted on.
fn fitting(view: &PlayerView, chosen: Option<u32>, action: &Action) -> Option<u32> {
    let component: Vec<&str> = match action {
        Action::SetFlag { flag, .. } => {
            let of = view.flags.iter().find(|of| of.name == *flag);
            of.map_or_else(Vec::new, |of| {
                of.guards.iter().map(String::as_str).collect()
            })
        }
        Action::PagePerson { person } => {
            let of = view.people.iter().find(|of| of.name == *person);
            of.and_then(|of| of.owns.as_deref()).into_iter().collect()
        }
        other => other
            .component()
            .into_iter()
            .chain(other.callee())
            .collect(),
    };
    let mut fits: Vec<u32> = view
        .hypotheses
        .iter()
        .filter(|h| matches!(h.verdict, Verdict::Open | Verdict::Supported))
        .filter(|h| component.contains(&h.written.suspect.as_str()))
        .map(|h| h.id)
        .collect();
    fits.sort_by_key(|id| Some(*id) == chosen);
    fits.pop()
}

/// A variable whose value is still to be chosen.
fn unset(ui: &mut Ui, action: &Action, theme: &Theme) {
    if let Action::SetVariable {
        service, variable, ..
    } = action
    {
        let title = format!("Set {variable} of {service}");
        ui.add(Label::new(text::name(theme, title)).wrap());
    }
    let words = "Choose a value first. The manifest holds what all regions have; a region's overlay what it has instead.";
    ui.add(Label::new(text::quiet(theme, words)).wrap());
}

/// What is to be known before confirming.
fn meaning(ui: &mut Ui, preflight: &Preflight, theme: &Theme) {
    ui.add(Label::new(text::name(theme, &preflight.title)).wrap());
    let undo = if preflight.reversible {
        "can be undone"
    } else {
        "cannot be undone"
    };
    let takes = if preflight.expected_ns == 0 {
        "takes effect at once".to_owned()
    } else {
        format!("takes about {}", format::span(preflight.expected_ns))
    };
    let lines = [
        format!("{takes}, {undo}"),
        format!("touches: {}", preflight.blast_radius),
        format!("evidence lost: {}", preflight.evidence_lost),
    ];
    for line in lines {
        ui.add(Label::new(text::quiet(theme, line)).wrap());
    }
    let price = format!("price: {}", preflight.price);
    ui.add(Label::new(text::quiet(theme, price).color(theme.palette.degraded)).wrap());
}

/// The region after one, with everywhere before the first.
fn after(view: &PlayerView, region: Option<&str>) -> Option<String> {
    let at = region.map_or(0, |name| {
        view.regions
            .iter()
            .position(|of| of == name)
            .map_or(0, |index| index + 1)
    });
    view.regions.get(at).cloned()
}

/// The hypothesis after one, with containment before the first.
fn next(view: &PlayerView, serves: Option<u32>) -> Option<u32> {
    let at = serves.map_or(0, |id| {
        view.hypotheses
            .iter()
            .position(|hypothesis| hypothesis.id == id)
            .map_or(0, |index| index + 1)
    });
    view.hypotheses.get(at).map(|hypothesis| hypothesis.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::{lookup::Blank, sample};

    #[test]
    fn what_cannot_be_done_is_not_confirmed() {
        let action = Action::PagePerson {
            person: "Mara".to_owned(),
        };
        assert_eq!(Considered::new(&Blank, action).command(), None);
    }

    #[test]
    fn every_place_comes_round() {
        let view = sample::calm();
        let first = after(&view, None);
        assert_eq!(first.as_deref(), Some("us-east"));
        let second = after(&view, first.as_deref());
        assert_eq!(second.as_deref(), Some("eu-west"));
        assert_eq!(after(&view, second.as_deref()), None);
    }
}
