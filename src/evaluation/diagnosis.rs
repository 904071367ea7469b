//! The diagnosis part by part: what was true, and what the player named.

use brownout_scenario::glossary;
use brownout_session::Session;
use brownout_session::outcome::{Diagnosed, diagnosis};
use serde::Serialize;

/// One part of a diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Component, mechanism, trigger or sustaining.
    pub name: &'static str,
    /// What was true.
    pub truth: String,
    /// What the player named; empty if nothing.
    pub named: String,
    /// Whether that was right.
    pub right: bool,
}

/// The diagnosis part by part.
pub(super) fn parts(session: &Session, right: &Diagnosed) -> Vec<Part> {
    let scenario = session.scenario();
    let truth = &scenario.truth;
    let trigger = truth
        .trigger
        .and_then(|index| scenario.records.get(index))
        .map_or("no change", |record| record.title.as_str());
    let held = diagnosis(session);
    let named = |pick: fn(&brownout_session::desk::Hypothesis) -> Option<&str>| {
        held.and_then(pick).unwrap_or_default().to_owned()
    };
    // People read titles; ids are for files.
    let title = |id: &str| {
        glossary::mechanism(id)
            .map_or(id, |mechanism| mechanism.title)
            .to_owned()
    };
    let part = |name, truth: &str, named, right| Part {
        name,
        truth: truth.to_owned(),
        named,
        right,
    };
    vec![
        part(
            "component",
            &scenario.blueprint.services[truth.component.index()].name,
            named(|h| Some(&h.written.suspect)),
            right.component,
        ),
        part(
            "mechanism",
            &title(&truth.mechanism),
            title(&named(|h| Some(&h.written.mechanism))),
            right.mechanism,
        ),
        part(
            "trigger",
            trigger,
            named(|h| h.written.trigger.as_deref()),
            right.trigger,
        ),
        part(
            "sustaining",
            &title(&truth.sustaining),
            title(&named(|h| h.sustaining.as_deref())),
            right.sustaining,
        ),
    ]
}
