//! The verdict on a hypothesis, by click or by two keys.

use brownout_session::command::{Command, Verdict};
use brownout_session::view::{HypothesisView, PlayerView};
use egui::{Key, Ui};

use super::super::intent::Intent;
use super::super::{keys, words};
use crate::widgets::button::{Weight, button};

/// How a hypothesis stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is on the board.
    Other,
    /// Pins and keys are for it.
    Chosen,
    /// The next key is its verdict.
    Judged,
}

/// Verdicts, each with the key that gives it once it is asked for.
const VERDICTS: [(Verdict, Key, &str); 4] = [
    (Verdict::Open, Key::O, "O"),
    (Verdict::Supported, Key::S, "S"),
    (Verdict::Refuted, Key::R, "R"),
    (Verdict::Abandoned, Key::D, "D"),
];

/// Takes the key of a verdict, or the one that leaves it as it was; whether either was pressed.
pub(super) fn judged(
    ui: &Ui,
    view: &PlayerView,
    chosen: Option<u32>,
    intents: &mut Vec<Intent>,
) -> bool {
    let Some(hypothesis) = view.hypotheses.iter().find(|of| Some(of.id) == chosen) else {
        return true;
    };
    // Nobody else gets them: S would state the symptom, R resolve.
    let given = VERDICTS
        .into_iter()
        .find(|(_, key, _)| keys::taken(ui, *key));
    if let Some((verdict, ..)) = given {
        judge(hypothesis, verdict, intents);
    }
    let leaves = [Key::Escape, Key::Enter, Key::J];
    given.is_some() || leaves.into_iter().any(|key| keys::taken(ui, key))
}

/// Judges a hypothesis, where that changes the verdict.
fn judge(hypothesis: &HypothesisView, verdict: Verdict, intents: &mut Vec<Intent>) {
    if verdict != hypothesis.verdict {
        intents.push(Intent::Command(Command::Judge {
            hypothesis: hypothesis.id,
            verdict,
        }));
    }
}

/// The verdicts to choose from: first the key that asks for one, then the key of each. Whether the keys are asked for.
pub(super) fn ui(
    ui: &mut Ui,
    hypothesis: &HypothesisView,
    standing: Standing,
    intents: &mut Vec<Intent>,
) -> bool {
    let mut asks = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if standing == Standing::Chosen {
            asks = button(ui, "is", Some("J"), Weight::Normal)
                .on_hover_text("Judge it: J, then a letter")
                .clicked();
        }
        for (verdict, _, cap) in VERDICTS {
            let on = verdict == hypothesis.verdict;
            let cap = (standing == Standing::Judged).then_some(cap);
            if button(ui, words::verdict(verdict), cap, Weight::Choice(on)).clicked() {
                judge(hypothesis, verdict, intents);
            }
        }
    });
    asks
}
