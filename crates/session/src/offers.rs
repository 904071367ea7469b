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

/// What can be set of a component in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offers {
    /// The player has not looked at the component's diff: what to set is for them to find, not for a list to tell.
    NotLookedAt,
    /// Its variables.
    Variables(Vec<Offer>),
}

impl Offers {
    /// The variables, none before a look.
    #[must_use]
    pub fn variables(self) -> Vec<Offer> {
        match self {
            Self::NotLookedAt => Vec::new(),
            Self::Variables(offers) => offers,
        }
    }
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
    /// Variables of a service that can be set in a region, once the player has looked at its diff.
    #[must_use]
    pub fn offered(&self, service: &str, region: &str) -> Offers {
        if !self.session().compared(service) {
            return Offers::NotLookedAt;
        }
        Offers::Variables(self.settable(service, region))
    }

    fn settable(&self, service: &str, region: &str) -> Vec<Offer> {
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
