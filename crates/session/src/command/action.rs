//! What is done to the system.

pub use brownout_scenario::action::Action;
use serde::{Deserialize, Serialize};

/// An action with what it is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intervention {
    /// Action.
    pub action: Action,
    /// Hypothesis it tests or serves; `None` for containment without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<u32>,
    /// The price shown before confirming was accepted.
    #[serde(default)]
    pub price_accepted: bool,
}
