//! Finding the mechanism of a hypothesis by a few letters.

use brownout_scenario::glossary::{self, Family, MECHANISMS, Mechanism};
use brownout_session::view::PlayerView;
use brownout_sim::blueprint::ServiceKind;
use egui::{Label, Ui};

use super::Form;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Mechanisms shown at once.
const SHOWN: usize = 5;

/// Mechanisms of the whole glossary with all the words typed. Beginnings of titles come first, then beginnings of their
/// words, of other words for them, and letters within; among equals those that fit the suspect's kind.
#[must_use]
pub fn found(filter: &str, suspect: Option<ServiceKind>) -> Vec<&'static Mechanism> {
    let filter = filter.to_lowercase();
    let words: Vec<&str> = filter.split_whitespace().collect();
    let begins = |text: &str, word: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|part| part.starts_with(word))
    };
    let rank = |mechanism: &Mechanism| {
        let title = mechanism.title.to_lowercase();
        let other = format!(
            "{} {} {}",
            mechanism.id,
            glossary::also_called(mechanism.id),
            mechanism.family.title().to_lowercase()
        );
        let all = |has: &dyn Fn(&str) -> bool| words.iter().all(|word| has(word));
        if title.starts_with(filter.trim()) {
            Some(0)
        } else if all(&|word| begins(&title, word)) {
            Some(1)
        } else if all(&|word| title.contains(word)) {
            Some(2)
        } else if all(&|word| begins(&title, word) || begins(&other, word)) {
            Some(3)
        } else if all(&|word| title.contains(word) || other.contains(word)) {
            Some(4)
        } else {
            None
        }
    };
    let mut found: Vec<((u8, bool), &Mechanism)> = MECHANISMS
        .iter()
        .filter_map(|mechanism| Some(((rank(mechanism)?, !fits(mechanism, suspect)), mechanism)))
        .collect();
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, mechanism)| mechanism).collect()
}

/// Whether a mechanism is one of a kind of component at all: no lock is contended at a provider.
const fn fits(mechanism: &Mechanism, suspect: Option<ServiceKind>) -> bool {
    match (mechanism.family, suspect) {
        (Family::Databases, Some(kind)) => matches!(kind, ServiceKind::Database),
        (Family::Asynchronous, Some(kind)) => {
            matches!(kind, ServiceKind::Queue | ServiceKind::Service)
        }
        (Family::Dependencies, Some(kind)) => {
            matches!(kind, ServiceKind::ThirdParty | ServiceKind::Cache)
        }
        _ => true,
    }
}

/// Draws those found, the chosen one with what it is; arrows move the choice.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    form: &mut Form,
    up: bool,
    down: bool,
    theme: &Theme,
) {
    let found = form.found(view);
    if form.filter.trim().is_empty() {
        // The first few of a long list would be a hint.
        let words = format!("{} mechanisms: letters find one", found.len());
        section::empty(ui, &words);
        return;
    }
    if down {
        form.at = (form.at + 1).min(found.len().saturating_sub(1));
    }
    if up {
        form.at = form.at.saturating_sub(1);
    }
    if found.is_empty() {
        section::empty(ui, "No mechanism has these letters.");
        return;
    }
    let first = form.at.saturating_sub(SHOWN - 1);
    let mut picked = None;
    for (index, mechanism) in found.iter().enumerate().skip(first).take(SHOWN) {
        let chosen = index == form.at;
        let row = ui.horizontal(|ui| {
            let clicked = button(ui, mechanism.title, None, Weight::Choice(chosen)).clicked();
            ui.label(text::quiet(theme, mechanism.family.title()));
            clicked
        });
        if row.inner {
            picked = Some(mechanism.title);
        }
        if chosen {
            ui.add(Label::new(text::quiet(theme, mechanism.description)).wrap());
        }
    }
    if let Some(title) = picked {
        title.clone_into(&mut form.filter);
        form.at = 0;
    }
    let more = found.len().saturating_sub(first + SHOWN);
    if more > 0 {
        ui.label(text::quiet(theme, format!("and {more} more")));
    }
}
