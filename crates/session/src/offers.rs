//! What a responder is offered to change, as far as they have looked.

use crate::command::Look;
use crate::reader::Reader;
use crate::session::Session;

/// A variable that can be set in a region, with the values seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Variable.
    pub variable: String,
    /// Value in the region; `None` is unset.
    pub here: Option<String>,
    /// That value comes from the overlay and can be taken out of it.
    pub overlay: bool,
    /// Other values, as other regions have them.
    pub elsewhere: Vec<String>,
}

impl Session {
    /// Whether the player compared the configuration of a service across its regions, as a whole or in part.
    fn compared(&self, service: &str) -> bool {
        self.desk.looks.iter().any(
            |looked| matches!(looked.look.whole(), Look::Diff { service: of } if of == service),
        )
    }
}

impl Reader<'_> {
    /// Variables of a service that can be set in a region. Empty until the player has looked at their diff: what to set is
    /// for them to find, not for a list to tell.
    #[must_use]
    pub fn offered(&self, service: &str, region: &str) -> Vec<Offer> {
        if !self.session().compared(service) {
            return Vec::new();
        }
        let Some(diff) = self.diff(service) else {
            return Vec::new();
        };
        let Some(at) = diff.regions.iter().position(|name| name == region) else {
            return Vec::new();
        };
        diff.variables
            .into_iter()
            .map(|(variable, mut values)| {
                let here = values.remove(at);
                let mut elsewhere: Vec<String> = values
                    .into_iter()
                    .flatten()
                    .map(|(value, _)| value)
                    .filter(|value| here.as_ref().is_none_or(|(own, _)| own != value))
                    .collect();
                elsewhere.sort();
                elsewhere.dedup();
                Offer {
                    variable,
                    overlay: here.as_ref().is_some_and(|(_, overlay)| *overlay),
                    here: here.map(|(value, _)| value),
                    elsewhere,
                }
            })
            .collect()
    }
}
