//! The board: the stated symptom, hypotheses, actions.

pub mod actions;
pub mod choice;
mod evidence;
pub mod form;
mod hypotheses;
mod prediction;
pub mod refine;
mod symptom;
mod verdict;

use brownout_session::view::PlayerView;
use egui::{Label, ScrollArea, Ui};

use super::intent::Intent;
use super::lookup::Lookup;
use super::state::State;
use crate::theme::Theme;
use crate::widgets::{fade, text};

/// What the board remembers.
#[derive(Clone, Debug, Default)]
pub struct BoardState {
    /// The symptom being stated, while it is.
    pub symptom: Option<symptom::Draft>,
    /// The hypothesis being written down, while it is.
    pub form: Option<form::Form>,
    /// What became known of a hypothesis later, while it is being written.
    pub refinement: Option<refine::Refinement>,
    /// The hypothesis evidence is pinned to; the latest when none is chosen.
    pub hypothesis: Option<u32>,
    /// The verdict on the chosen hypothesis is asked for: the next key gives it.
    pub judging: bool,
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

    /// Takes away what is being written; what it was.
    #[must_use]
    pub fn set_aside(&mut self) -> Self {
        let whole = self.clone();
        (self.symptom, self.form, self.refinement) = (None, None, None);
        self.judging = false;
        self.action.considered = None;
        whole
    }

    /// Whether a form waits for keys.
    #[must_use]
    pub const fn busy(&self) -> bool {
        self.symptom.is_some()
            || self.form.is_some()
            || self.refinement.is_some()
            || self.judging
            || self.action.considered.is_some()
    }
}

/// Opens the form for a symptom.
pub fn open_symptom(view: &PlayerView, state: &mut State) {
    state.board.symptom = Some(symptom::Draft::new(view, state));
}

/// When the page came and was answered: it stays in sight when its banner has gone.
fn answered(ui: &mut Ui, view: &PlayerView) {
    let (Some(page), Some(at_ns)) = (&view.page, view.acknowledged_ns) else {
        return;
    };
    let theme = Theme::of(ui.ctx());
    let words = format!(
        "paged {} · acknowledged {}",
        &view.clock(page.at_ns)[..5],
        &view.clock(at_ns)[..5]
    );
    ui.label(text::quiet(&theme, words));
    ui.add_space(theme.space.xs);
}

/// Hints that were asked for: what they cost has been paid, so they stay.
fn hints(ui: &mut Ui, view: &PlayerView) {
    let theme = Theme::of(ui.ctx());
    for hint in &view.hints {
        ui.add(Label::new(text::body(&theme, format!("Hint: {hint}"))).wrap());
        ui.add_space(theme.space.xs);
    }
}

/// Draws the board.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let shown = ScrollArea::vertical()
        .id_salt("board")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            answered(ui, view);
            hints(ui, view);
            symptom::ui(ui, view, state, intents);
            ui.add_space(10.0);
            hypotheses::ui(ui, view, lookup, state, intents);
            ui.add_space(10.0);
            actions::ui(ui, view, lookup, state, intents);
        });
    fade::lower_edge(ui, &shown, Theme::of(ui.ctx()).palette.surface);
}
