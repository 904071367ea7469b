//! Everything that can be done, in groups.

use brownout_session::command::Action;
use brownout_session::view::PlayerView;
use brownout_sim::blueprint::ServiceKind;

use super::super::super::lookup::Lookup;
use super::super::super::state::Selection;
use super::levers;

/// What an action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The selected component.
    Component,
    /// Its configuration.
    Configuration,
    /// How it is called and calls others, and what it remembers.
    Calls,
    /// Flags.
    Flags,
    /// Where users go.
    Traffic,
    /// People.
    People,
    /// Touching nothing.
    Watching,
}

/// Groups with their titles, in the order they are shown.
pub const GROUPS: [(Group, &str); 7] = [
    (Group::Component, "Component"),
    (Group::Configuration, "Configuration"),
    (Group::Calls, "Calls, limits and data"),
    (Group::Flags, "Flags"),
    (Group::Traffic, "Traffic"),
    (Group::People, "People"),
    (Group::Watching, "Watching"),
];

/// Something that can be done. Shares, places and values are set when it is considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Group.
    pub group: Group,
    /// Words.
    pub words: String,
    /// Action.
    pub action: Action,
}

/// Everything that can be done about a component, and what is always there; with a line for each.
#[must_use]
pub fn choices(
    view: &PlayerView,
    lookup: &dyn Lookup,
    selection: Option<&Selection>,
) -> Vec<(String, Action)> {
    grouped(view, lookup, selection)
        .into_iter()
        .map(|choice| (choice.words, choice.action))
        .collect()
}

/// The same with their groups.
#[must_use]
pub fn grouped(
    view: &PlayerView,
    lookup: &dyn Lookup,
    selection: Option<&Selection>,
) -> Vec<Choice> {
    let mut all = Vec::new();
    let mut add = |group: Group, words: String, action: Action| {
        all.push(Choice {
            group,
            words,
            action,
        });
    };
    if let Some(selection) = selection
        && let Some(region) = view.regions.get(usize::from(selection.region))
    {
        if !theirs(view, selection) {
            component(view, selection, region, &mut |words, action| {
                add(Group::Component, words, action);
            });
            levers::choices(view, lookup, selection, region, &mut |words, action| {
                add(Group::Calls, words, action);
            });
        }
        for offer in lookup.offered(&selection.service, region).variables() {
            let words = match (&offer.here, offer.elsewhere.is_empty()) {
                (None, _) => format!("Set {} (not set here) ...", offer.variable),
                (_, false) => format!("Set {} (differs) ...", offer.variable),
                _ => format!("Set {} ...", offer.variable),
            };
            let action = Action::SetVariable {
                service: selection.service.clone(),
                region: Some(region.clone()),
                variable: offer.variable,
                value: offer.here,
            };
            add(Group::Configuration, words, action);
        }
    }
    for flag in &view.flags {
        let on = flag.share_ppm.iter().any(|share| *share > 0);
        let percent = if on { 0 } else { 100 };
        let action = Action::SetFlag {
            flag: flag.name.clone(),
            region: None,
            percent,
        };
        let words = format!("Flag {} to {percent} % ...", flag.name);
        add(Group::Flags, words, action);
    }
    for from in &view.regions {
        for to in view.regions.iter().filter(|to| *to != from) {
            let words = format!("Send {from} users to {to} ...");
            let (from, to) = (from.clone(), to.clone());
            let percent = 100;
            add(
                Group::Traffic,
                words,
                Action::ShiftTraffic { from, to, percent },
            );
        }
    }
    for person in view.people.iter().filter(|person| !person.paged) {
        let words = match &person.owns {
            Some(service) => format!("Page {} ({service})", person.name),
            None => format!("Page {}", person.name),
        };
        // Who answers for another company's component is all that can be done about it.
        let at_hand = selection
            .is_some_and(|of| theirs(view, of) && person.owns.as_deref() == Some(&of.service));
        let group = if at_hand {
            Group::Component
        } else {
            Group::People
        };
        let person = person.name.clone();
        add(group, words, Action::PagePerson { person });
    }
    let words = "Touch nothing and watch ...".to_owned();
    add(Group::Watching, words, Action::Watch { minutes: 5 });
    all
}

/// Whether a component is another company's: the session lets nobody touch it.
pub(super) fn theirs(view: &PlayerView, selection: &Selection) -> bool {
    view.node(&selection.service, selection.region)
        .is_some_and(|node| node.kind == ServiceKind::ThirdParty)
}

fn component(
    view: &PlayerView,
    selection: &Selection,
    region: &str,
    add: &mut dyn FnMut(String, Action),
) {
    let service = &selection.service;
    let here = || (service.clone(), Some(region.to_owned()));
    let (of, at) = here();
    add(
        format!("Roll back {service} in {region}"),
        Action::Rollback {
            service: of,
            region: at,
        },
    );
    let (of, at) = here();
    add(
        format!("Restart {service} in {region}"),
        Action::Restart {
            service: of,
            region: at,
        },
    );
    let (of, at) = here();
    add(
        format!("Capture dumps of {service} in {region}"),
        Action::CaptureEvidence {
            service: of,
            region: at,
        },
    );
    add(
        format!("Roll back {service} everywhere"),
        Action::Rollback {
            service: service.clone(),
            region: None,
        },
    );
    capacity(view, selection, region, add);
    deploys(view, selection, region, add);
}

/// More instances where there is room; what can be done about a queue.
fn capacity(
    view: &PlayerView,
    selection: &Selection,
    region: &str,
    add: &mut dyn FnMut(String, Action),
) {
    let Some(node) = view.node(&selection.service, selection.region) else {
        return;
    };
    let service = &selection.service;
    let here = || (service.clone(), Some(region.to_owned()));
    if node.slots > node.replicas {
        let replicas = node.slots.min(node.replicas.max(1) * 2);
        let (service, at) = here();
        add(
            format!("Scale {service} in {region} to {replicas}"),
            Action::Scale {
                service,
                region: at,
                replicas,
            },
        );
    }
    if node.kind != ServiceKind::Queue {
        return;
    }
    for (words, paused) in [("Pause", true), ("Resume", false)] {
        let (service, at) = here();
        add(
            format!("{words} the consumers of {service} in {region}"),
            Action::Consumers {
                service,
                region: at,
                paused,
            },
        );
    }
    let (service, at) = here();
    add(
        format!("Send dead letters of {service} in {region} again"),
        Action::Redrive {
            service,
            region: at,
        },
    );
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
        let has_shift = |(_, action): &(String, Action)| matches!(action, Action::ShiftTraffic { from, .. } if from == "eu-west");
        assert!(all.iter().any(has_shift));
    }

    /// What can be set is the session's to say: without one nothing is.
    #[test]
    fn the_panel_offers_no_values_of_its_own() {
        let view = sample::calm();
        let selection = Selection {
            service: "checkout".to_owned(),
            region: 1,
        };
        let all = grouped(&view, &Blank, Some(&selection));
        assert!(
            all.iter()
                .all(|choice| choice.group != Group::Configuration)
        );
    }
}
