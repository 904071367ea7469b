//! The board: the stated symptom, hypotheses, actions.

pub mod actions;
pub mod choice;
mod evidence;
pub mod form;
mod hypotheses;
mod prediction;
mod symptom;

use brownout_session::view::PlayerView;
use egui::{ScrollArea, Ui};

use super::intent::Intent;
use super::lookup::Lookup;
use super::state::State;

/// What the board remembers.
#[derive(Clone, Debug, Default)]
pub struct BoardState {
    /// The symptom being stated, while it is.
    pub symptom: Option<symptom::Draft>,
    /// The hypothesis being written down, while it is.
    pub form: Option<form::Form>,
    /// The hypothesis evidence is pinned to; the latest when none is chosen.
    pub hypothesis: Option<u32>,
    /// The action being considered.
    pub action: actions::ActionState,
}

impl BoardState {
    /// The hypothesis evidence is pinned to.
    #[must_use]
    pub fn chosen(&self, view: &PlayerView) -> Option<u32> {
        self.hypothesis
            .or_else(|| view.hypotheses.last().map(|hypothesis| hypothesis.id))
    }

    /// Whether a form waits for keys.
    #[must_use]
    pub const fn busy(&self) -> bool {
        self.symptom.is_some() || self.form.is_some() || self.action.considered.is_some()
    }
}

/// Opens the form for a symptom.
pub fn open_symptom(view: &PlayerView, state: &mut State) {
    state.board.symptom = Some(symptom::Draft::new(view, state));
}

/// Draws the board.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    ScrollArea::vertical()
        .id_salt("board")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            symptom::ui(ui, view, state, intents);
            ui.add_space(10.0);
            hypotheses::ui(ui, view, state, intents);
            ui.add_space(10.0);
            actions::ui(ui, view, lookup, state, intents);
        });
}
