//! An action that waits for a yes: what it would mean, what can be set, the price.

use brownout_session::command::{Action, Command, Intervention};
use brownout_session::view::{PlayerView, Preflight};
use egui::{Key, Label, TextEdit, Ui};

use super::super::super::format;
use super::super::super::intent::Intent;
use super::super::super::lookup::Lookup;
use super::super::super::state::State;
use super::super::choice;
use super::share;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{field, section, text};

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
    /// When a digit was typed last, in seconds of wall time.
    typed_s: f64,
}

impl Considered {
    /// Begins to consider an action.
    #[must_use]
    pub fn new(lookup: &dyn Lookup, action: Action) -> Self {
        Self {
            preflight: lookup.preflight(&action),
            action,
            serves: None,
            accepted: false,
            typed_s: f64::NEG_INFINITY,
        }
    }

    /// The command.
    #[must_use]
    pub fn command(&self) -> Option<Command> {
        self.preflight.as_ref().ok()?;
        Some(Command::Act(Intervention {
            action: self.action.clone(),
            serves: self.serves,
            price_accepted: self.accepted,
        }))
    }
}

/// The region an action can be confined to.
const fn place(action: &mut Action) -> Option<&mut Option<String>> {
    match action {
        Action::Rollback { region, .. }
        | Action::Deploy { region, .. }
        | Action::SetFlag { region, .. }
        | Action::SetVariable { region, .. }
        | Action::Restart { region, .. }
        | Action::CaptureEvidence { region, .. } => Some(region),
        Action::ShiftTraffic { .. } | Action::PagePerson { .. } => None,
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
    let Some(considered) = &mut state.board.action.considered else {
        return;
    };
    let pressed = |key: Key| free && ui.input(|input| input.key_pressed(key));
    let (mut done, mut cancelled) = (pressed(Key::Enter), pressed(Key::Escape));
    considered.accepted ^= pressed(Key::Y);
    if pressed(Key::S) {
        considered.serves = next(view, considered.serves);
    }
    let before = considered.action.clone();
    if pressed(Key::R)
        && let Some(region) = place(&mut considered.action)
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
                Err(why) => {
                    ui.add(Label::new(text::body(theme, why)).wrap());
                }
                Ok(preflight) => meaning(ui, preflight, theme),
            }
            settings(ui, view, lookup, considered, theme);
            if considered.preflight.is_ok() {
                let mut serves: Vec<(Option<u32>, String)> = vec![(None, "containment".to_owned())];
                let numbered = view.hypotheses.iter().enumerate();
                serves.extend(numbered.map(|(i, h)| (Some(h.id), format!("H{}", i + 1))));
                let serves: Vec<(Option<u32>, &str)> = serves
                    .iter()
                    .map(|(id, words)| (*id, words.as_str()))
                    .collect();
                choice::row(ui, "serves (S)", &serves, &mut considered.serves);
                choice::toggle(ui, "Y  I accept the price", &mut considered.accepted);
                ui.add_space(theme.space.xs);
            }
            ui.horizontal(|ui| {
                if considered.preflight.is_ok() {
                    done |= button(ui, "Confirm", Some("Enter"), Weight::Primary).clicked();
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
    } else if ui.ctx().memory(|memory| memory.focused().is_none()) {
        shown.response.scroll_to_me(None);
    }
    ui.add_space(theme.space.s);
    if done
        && !changed
        && let Some(command) = considered.command()
    {
        intents.push(Intent::Command(command));
        state.board.action.considered = None;
    } else if cancelled {
        state.board.action.considered = None;
    }
}

/// What is to be known before confirming.
fn meaning(ui: &mut Ui, preflight: &Preflight, theme: &Theme) {
    ui.add(Label::new(text::name(theme, &preflight.title)).wrap());
    let undo = if preflight.reversible {
        "can be undone"
    } else {
        "cannot be undone"
    };
    let lines = [
        format!(
            "takes about {}, {undo}",
            format::span(preflight.expected_ns)
        ),
        format!("touches: {}", preflight.blast_radius),
        format!("evidence lost: {}", preflight.evidence_lost),
    ];
    for line in lines {
        ui.add(Label::new(text::quiet(theme, line)).wrap());
    }
    let price = format!("price: {}", preflight.price);
    ui.add(Label::new(text::quiet(theme, price).color(theme.palette.degraded)).wrap());
}

/// Where, how much, which value: what the action leaves open.
fn settings(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    considered: &mut Considered,
    theme: &Theme,
) {
    if let Some(region) = place(&mut considered.action) {
        let mut at = region.as_deref();
        let mut places: Vec<(Option<&str>, &str)> = vec![(None, "everywhere")];
        places.extend(
            view.regions
                .iter()
                .map(|name| (Some(name.as_str()), name.as_str())),
        );
        let mut chosen = places
            .iter()
            .position(|(place, _)| *place == at)
            .unwrap_or(0);
        let options: Vec<(usize, &str)> = places
            .iter()
            .enumerate()
            .map(|(index, (_, words))| (index, *words))
            .collect();
        if choice::row(ui, "in (R)", &options, &mut chosen) {
            at = places.get(chosen).and_then(|(place, _)| *place);
            *region = at.map(str::to_owned);
        }
    }
    if let Some(percent) = share::of(&mut considered.action) {
        share::bar(ui, percent, theme);
    }
    if let Action::SetVariable {
        service,
        region,
        variable,
        value,
    } = &mut considered.action
    {
        let offers = region
            .as_deref()
            .map_or_else(Vec::new, |region| lookup.offered(service, region));
        let offer = offers.iter().find(|offer| offer.variable == *variable);
        values(ui, offer, value, theme);
    }
}

/// Values seen elsewhere, and a field for any other.
fn values(
    ui: &mut Ui,
    offer: Option<&brownout_session::offers::Offer>,
    value: &mut Option<String>,
    theme: &Theme,
) {
    if let Some(offer) = offer {
        let here = offer.here.as_deref().unwrap_or("not set");
        ui.add(Label::new(text::quiet(theme, format!("here: {here}"))).wrap());
        for other in &offer.elsewhere {
            let on = value.as_ref() == Some(other);
            ui.horizontal_wrapped(|ui| {
                ui.label(text::quiet(theme, "elsewhere"));
                if button(ui, other, None, Weight::Choice(on)).clicked() {
                    *value = Some(other.clone());
                }
            });
        }
        if offer.overlay
            && button(
                ui,
                "Take it out of the overlay",
                None,
                Weight::Choice(value.is_none()),
            )
            .clicked()
        {
            *value = None;
        }
    }
    let mut typed = value.clone().unwrap_or_default();
    let edit = TextEdit::singleline(&mut typed)
        .id_salt("value of the variable")
        .hint_text("value (V)")
        .font(theme.mono(theme.size.small))
        .char_limit(200)
        .margin(choice::FIELD)
        .desired_width(f32::INFINITY);
    let typing = ui.ctx().egui_wants_keyboard_input();
    let response = field::add(ui, "Value of the variable", edit);
    if response.changed() {
        *value = Some(typed);
    }
    if !typing && ui.input(|input| input.modifiers.is_none() && input.key_pressed(Key::V)) {
        response.request_focus();
    }
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
