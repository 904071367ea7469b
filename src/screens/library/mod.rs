//! The library: a card for every scenario found, with its real system as a thumbnail, and the player's record beside them.

mod card;
mod page;
pub(super) mod record;
mod thumbnail;

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_scenario::compiled::Scenario;
use brownout_session::journal::Header;
use brownout_session::view::PlayerView;

use super::Draw;
use crate::app::{Authoring, Bridge, Journal, Opened, Screen, Stage};
use crate::author::{Asked, Chosen};
use crate::cli::journal_file::scores_file;
use crate::panels::topology::layout::Arrangement;
use crate::scorebook::{Offer, Scorebook, suggest};

/// A scenario on the shelf.
struct Entry {
    scenario: Arc<Scenario>,
    header: Header,
    /// The system on an ordinary day, for its picture.
    view: PlayerView,
    /// Where its components stand in the picture.
    arrangement: Arrangement,
}

/// All scenarios found.
#[derive(Resource, Default)]
struct Shelf {
    entries: Vec<Entry>,
    /// Position in `entries`.
    chosen: usize,
    /// Only scenarios that train rules of this family of the field guide.
    family: Option<&'static str>,
    /// Only scenarios of this difficulty.
    difficulty: Option<u8>,
    /// Scores so far.
    book: Scorebook,
    /// What to play next, and why.
    suggestion: Option<(usize, String)>,
}

impl Shelf {
    /// Positions of the scenarios that pass the filters.
    fn passing(&self) -> Vec<usize> {
        let passes = |scenario: &Scenario| {
            let trains = |family: &str| {
                let mut skills = scenario.skills.iter();
                skills.any(|skill| skill.starts_with(family))
            };
            self.family.is_none_or(trains)
                && self
                    .difficulty
                    .is_none_or(|difficulty| scenario.difficulty == difficulty)
        };
        let entries = self.entries.iter().enumerate();
        entries
            .filter(|(_, entry)| passes(&entry.scenario))
            .map(|(index, _)| index)
            .collect()
    }
}

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Shelf>()
        .add_systems(OnEnter(Screen::Library), fill)
        .add_systems(
            EguiPrimaryContextPass,
            draw.in_set(Draw).run_if(in_state(Screen::Library)),
        );
}

/// Reads the scenario folders; the incident at hand is among them wherever it came from.
fn fill(mut shelf: ResMut<Shelf>, bridge: Res<Bridge>, journal: Res<Journal>, opened: Res<Opened>) {
    // On the first visit the player has chosen nothing yet, unless on the command line.
    let visited = !shelf.entries.is_empty();
    let at_hand = bridge.header();
    let mut found = crate::cli::library(at_hand.seed);
    if found
        .iter()
        .all(|loaded| loaded.scenario.name != at_hand.scenario)
    {
        let scenario = Arc::clone(bridge.scenario_shared());
        found.insert(
            0,
            crate::cli::Loaded {
                scenario,
                header: at_hand.clone(),
            },
        );
    }
    shelf.entries = found
        .into_iter()
        .map(|loaded| {
            let view = super::quiet_view(&loaded.scenario, &loaded.header);
            Entry {
                arrangement: Arrangement::of(&view),
                view,
                scenario: loaded.scenario,
                header: loaded.header,
            }
        })
        .collect();
    shelf
        .entries
        .sort_by_key(|entry| (entry.scenario.difficulty, entry.scenario.title.clone()));
    shelf.book = if journal.0.is_some() {
        Scorebook::load(&scores_file())
    } else {
        Scorebook::default()
    };
    let offers: Vec<Offer<'_>> = shelf
        .entries
        .iter()
        .map(|entry| Offer {
            name: &entry.scenario.name,
            difficulty: entry.scenario.difficulty,
            skills: &entry.scenario.skills,
        })
        .collect();
    let suggestion = suggest(&shelf.book, &offers);
    shelf.suggestion = suggestion;
    let here = |entry: &Entry| entry.scenario.name == at_hand.scenario;
    let here = shelf.entries.iter().position(here);
    let suggested = shelf.suggestion.as_ref().map(|(index, _)| *index);
    let chosen = first(visited || opened.named, here, suggested);
    shelf.chosen = chosen.unwrap_or(0);
}

/// The entry the page opens with: the one at hand if the player chose it before, otherwise the one suggested.
fn first(was_chosen: bool, here: Option<usize>, suggested: Option<usize>) -> Option<usize> {
    if was_chosen {
        here.or(suggested)
    } else {
        suggested.or(here)
    }
}

fn draw(
    mut contexts: EguiContexts,
    mut shelf: ResMut<Shelf>,
    mut bridge: ResMut<Bridge>,
    mut journal: ResMut<Journal>,
    mut stage: ResMut<Stage>,
    mut authoring: ResMut<Authoring>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    stage.view = None;
    let (open, back, write) = page::ui(&mut ui, &mut shelf);
    if back {
        NextState::set_if_neq(&mut next, Screen::Title);
    }
    if write {
        let entry = shelf.entries.get(shelf.chosen);
        let path = entry.and_then(|entry| crate::cli::scenario_of_name(&entry.scenario.name));
        authoring.asked = path.map(|path| Asked {
            path,
            root: None,
            chosen: Chosen {
                seed: bridge.header().seed,
                truth: None,
            },
        });
        authoring.back = Screen::Library;
        NextState::set_if_neq(&mut next, Screen::Author);
        return Ok(());
    }
    if let Some(entry) = open.and_then(|index| shelf.entries.get(index)) {
        if entry.scenario.name != bridge.header().scenario {
            journal.renew(&entry.scenario.name);
            let (scenario, header) = (Arc::clone(&entry.scenario), entry.header.clone());
            bridge.offer(scenario, header, journal.0.clone());
        }
        NextState::set_if_neq(&mut next, Screen::Briefing);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::first;

    /// Who has chosen nothing yet stands on what is suggested; who has, on what they chose.
    #[test]
    fn a_first_visit_begins_at_the_suggestion() {
        assert_eq!(first(false, Some(1), Some(0)), Some(0));
        assert_eq!(first(true, Some(1), Some(0)), Some(1));
        assert_eq!(first(true, None, Some(0)), Some(0));
        assert_eq!(first(false, Some(1), None), Some(1));
    }
}
