//! Actions: what can be done, what it would mean, and what is under way.

use brownout_session::command::{Action, Command, Intervention, Look};
use brownout_session::view::{ActionView, PlayerView, Preflight};
use egui::{Key, Label, Sense, Ui, WidgetInfo, WidgetType, vec2};

use super::super::format;
use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::{Selection, State};
use super::choice;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// What the actions remember.
#[derive(Clone, Debug, Default)]
pub struct ActionState {
    /// The action being considered.
    pub considered: Option<Considered>,
}

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

/// Everything that can be done about a component, and what is always there; with a line for each.
#[must_use]
pub fn choices(
    view: &PlayerView,
    lookup: &dyn Lookup,
    selection: Option<&Selection>,
) -> Vec<(String, Action)> {
    let mut all = Vec::new();
    let mut add = |words: String, action: Action| all.push((words, action));
    if let Some(selection) = selection
        && let Some(region) = view.regions.get(usize::from(selection.region))
    {
        let service = &selection.service;
        let here = || (service.clone(), Some(region.clone()));
        let (service_, region_) = here();
        add(
            format!("Roll back {service} in {region}"),
            Action::Rollback {
                service: service_,
                region: region_,
            },
        );
        add(
            format!("Roll back {service} everywhere"),
            Action::Rollback {
                service: service.clone(),
                region: None,
            },
        );
        let (service_, region_) = here();
        add(
            format!("Restart {service} in {region}"),
            Action::Restart {
                service: service_,
                region: region_,
            },
        );
        let (service_, region_) = here();
        add(
            format!("Capture dumps of {service} in {region}"),
            Action::CaptureEvidence {
                service: service_,
                region: region_,
            },
        );
        // Values are offered once the player has compared the regions themselves.
        let compared = |look: &Look| matches!(look, Look::Diff { service: of } if of == service);
        if view.looks.iter().any(|(_, _, look)| compared(look)) {
            variables(lookup, service, region, &mut add);
        }
        deploys(view, selection, region, &mut add);
    }
    for flag in &view.flags {
        for percent in [0, 100] {
            let there = flag
                .share_ppm
                .iter()
                .all(|share| *share == u64::from(percent) * 10_000);
            if !there {
                let state = if percent == 0 { "off" } else { "on" };
                add(
                    format!("Flag {} {state} everywhere", flag.name),
                    Action::SetFlag {
                        flag: flag.name.clone(),
                        region: None,
                        percent,
                    },
                );
            }
        }
    }
    for from in &view.regions {
        for to in view.regions.iter().filter(|to| *to != from) {
            for percent in [100, 50, 0] {
                let words = if percent == 0 {
                    format!("Send no {from} users to {to} any more")
                } else {
                    format!("Send {percent} % of {from} users to {to}")
                };
                let (from, to) = (from.clone(), to.clone());
                add(words, Action::ShiftTraffic { from, to, percent });
            }
        }
    }
    for person in view.people.iter().filter(|person| !person.paged) {
        let words = match &person.owns {
            Some(service) => format!("Page {} ({service})", person.name),
            None => format!("Page {}", person.name),
        };
        add(
            words,
            Action::PagePerson {
                person: person.name.clone(),
            },
        );
    }
    all
}

/// Values seen elsewhere, for variables that differ or are overlaid.
fn variables(
    lookup: &dyn Lookup,
    service: &str,
    region: &str,
    add: &mut dyn FnMut(String, Action),
) {
    let Some(diff) = lookup.diff(service) else {
        return;
    };
    let Some(here) = diff.regions.iter().position(|name| name == region) else {
        return;
    };
    for (variable, values) in &diff.variables {
        let own = values.get(here).and_then(Option::as_ref);
        let mut others: Vec<&String> = values
            .iter()
            .flatten()
            .map(|(value, _)| value)
            .filter(|value| own.is_none_or(|(own, _)| own != *value))
            .collect();
        others.sort();
        others.dedup();
        let mut set = |words: String, value: Option<String>| {
            add(
                words,
                Action::SetVariable {
                    service: service.to_owned(),
                    region: Some(region.to_owned()),
                    variable: variable.clone(),
                    value,
                },
            );
        };
        for value in others {
            set(
                format!("Set {variable} = {value} for {service} in {region}"),
                Some(value.clone()),
            );
        }
        if own.is_some_and(|(_, overlay)| *overlay) {
            set(
                format!("Take {variable} of {service} in {region} out of the overlay"),
                None,
            );
        }
    }
}

/// Versions named in the change log that do not run here.
fn deploys(
    view: &PlayerView,
    selection: &Selection,
    region: &str,
    add: &mut dyn FnMut(String, Action),
) {
    let service = selection.service.as_str();
    let running = |version: &String| {
        view.node(service, selection.region)
            .is_some_and(|node| node.versions.iter().any(|(name, _)| name == version))
    };
    let mut versions: Vec<&String> = view
        .changes
        .iter()
        .filter(|change| change.service.as_deref() == Some(service))
        .filter_map(|change| change.version.as_ref())
        .filter(|version| !running(version))
        .collect();
    versions.sort();
    versions.dedup();
    for version in versions {
        add(
            format!("Deploy {service} {version} in {region}"),
            Action::Deploy {
                service: service.to_owned(),
                region: Some(region.to_owned()),
                version: version.clone(),
            },
        );
    }
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
    consider(ui, view, state, intents, &theme);
    for action in view.actions.iter().rev() {
        under_way(ui, view, action, &theme);
        ui.add_space(theme.space.xs);
    }
    let choices = choices(view, lookup, state.selection.as_ref());
    if state.selection.is_none() {
        section::empty(ui, "Select a component for what can be done about it.");
    }
    for (words, action) in choices {
        let response = ui
            .add(
                Label::new(text::body(&theme, words))
                    .truncate()
                    .sense(Sense::click()),
            )
            .on_hover_cursor(egui::CursorIcon::PointingHand);
        let pressed = response.has_focus() && ui.input(|i| i.key_pressed(Key::Space));
        if response.clicked() || pressed {
            state.board.action.considered = Some(Considered::new(lookup, action));
        }
    }
}

fn consider(
    ui: &mut Ui,
    view: &PlayerView,
    state: &mut State,
    intents: &mut Vec<Intent>,
    theme: &Theme,
) {
    let free = state.board.form.is_none() && state.board.symptom.is_none();
    let Some(considered) = &mut state.board.action.considered else {
        return;
    };
    let (enter, escape, accept, serve) = ui.input(|input| {
        (
            input.key_pressed(Key::Enter),
            input.key_pressed(Key::Escape),
            input.key_pressed(Key::Y),
            input.key_pressed(Key::S),
        )
    });
    let (mut done, mut cancelled) = (free && enter, free && escape);
    considered.accepted ^= free && accept;
    if free && serve {
        considered.serves = next(view, considered.serves);
    }
    let edge = theme.palette.accent;
    let shown = ui.scope(|ui| {
        section::card(ui, Some(edge), |ui| {
            ui.set_width(ui.available_width());
            match &considered.preflight {
                Err(why) => {
                    ui.add(Label::new(text::body(theme, why)).wrap());
                }
                Ok(preflight) => {
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
                    ui.add(
                        Label::new(text::quiet(theme, price).color(theme.palette.degraded)).wrap(),
                    );
                    let mut serves: Vec<(Option<u32>, String)> =
                        vec![(None, "containment".to_owned())];
                    let numbered = view.hypotheses.iter().enumerate();
                    serves.extend(numbered.map(|(i, h)| (Some(h.id), format!("H{}", i + 1))));
                    let serves: Vec<(Option<u32>, &str)> = serves
                        .iter()
                        .map(|(id, words)| (*id, words.as_str()))
                        .collect();
                    choice::row(ui, "serves (S)", &serves, &mut considered.serves);
                    let words = "Y  I accept the price";
                    choice::toggle(ui, words, &mut considered.accepted);
                    ui.add_space(theme.space.xs);
                }
            }
            ui.horizontal(|ui| {
                if considered.preflight.is_ok() {
                    done |= button(ui, "Confirm", Some("Enter"), Weight::Primary).clicked();
                }
                cancelled |= button(ui, "Cancel", Some("Esc"), Weight::Normal).clicked();
            });
        });
    });
    shown.response.scroll_to_me(None);
    ui.add_space(theme.space.s);
    if done && let Some(command) = considered.command() {
        intents.push(Intent::Command(command));
        state.board.action.considered = None;
    } else if cancelled {
        state.board.action.considered = None;
    }
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

fn under_way(ui: &mut Ui, view: &PlayerView, action: &ActionView, theme: &Theme) {
    let palette = theme.palette;
    let (state, color) = match (action.done_ns, action.superseded) {
        (_, true) => ("overtaken".to_owned(), palette.dim),
        (Some(at_ns), _) => (format!("done {}", &view.clock(at_ns)[..5]), palette.healthy),
        (None, _) => (
            format::span(view.now_ns.saturating_sub(action.at_ns)),
            palette.accent,
        ),
    };
    section::card(ui, Some(color), |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(text::body(theme, &action.title)).wrap());
        ui.horizontal(|ui| {
            ui.label(text::number(theme, state, palette.muted));
            let (done, all) = action.progress;
            if all > 0 {
                ui.label(text::number(theme, format!("{done}/{all}"), palette.muted));
            }
        });
        let (done, all) = action.progress;
        if action.done_ns.is_none() && !action.superseded && all > 0 {
            let (track, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(WidgetType::ProgressIndicator, true, &action.title)
            });
            ui.painter().rect_filled(track, 2, palette.line);
            let share = f32::from(done) / f32::from(all);
            let bar =
                egui::Rect::from_min_size(track.min, vec2(track.width() * share, track.height()));
            ui.painter().rect_filled(bar, 2, palette.accent);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::{lookup::Blank, sample};

    #[test]
    fn a_selected_component_can_be_rolled_back_and_users_moved() {
        let view = sample::calm();
        let selection = Selection {
            service: "checkout".to_owned(),
            region: 1,
        };
        let all = choices(&view, &Blank, Some(&selection));
        let back = Action::Rollback {
            service: "checkout".to_owned(),
            region: Some("eu-west".to_owned()),
        };
        assert!(all.iter().any(|(_, action)| *action == back));
        let has_shift = |(_, action): &(String, Action)| matches!(action, Action::ShiftTraffic { from, percent: 100, .. } if from == "eu-west");
        assert!(all.iter().any(has_shift));
    }

    #[test]
    fn what_cannot_be_done_is_not_confirmed() {
        let action = Action::PagePerson {
            person: "Mara".to_owned(),
        };
        assert_eq!(Considered::new(&Blank, action).command(), None);
    }
}
