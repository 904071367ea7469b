//! What users do: how many come when, and how long they wait.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::program::Distribution;
use super::system::{DurationText, FactorText, RateText, ShareText};

/// One reason why traffic varies. The factors of all of a flow are multiplied.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Profile {
    /// The same factor all the time.
    Constant(FactorText),
    /// A wave: factor 1 at its peak, `low` half a period later.
    Diurnal {
        /// Length of a wave.
        period: DurationText,
        /// Simulated time of a peak.
        peak: DurationText,
        /// Factor at the lowest point, at most 1.
        low: ShareText,
    },
    /// From factor 1 to `to` in a straight line; it stays there.
    Ramp {
        /// Simulated time it begins.
        from: DurationText,
        /// How long it takes.
        over: DurationText,
        /// Factor at the end.
        to: FactorText,
    },
    /// Up to a factor, staying there, and back to 1.
    Spike {
        /// Simulated time it begins.
        at: DurationText,
        /// How long it rises.
        rise: DurationText,
        /// How long it stays at the top.
        hold: DurationText,
        /// How long it falls.
        fall: DurationText,
        /// Factor at the top.
        factor: FactorText,
    },
    /// Recorded traffic: one factor after the other, then 1 again.
    Replay {
        /// Simulated time it begins.
        at: DurationText,
        /// How long each factor holds.
        every: DurationText,
        /// Factors.
        factors: Vec<FactorText>,
    },
}

/// How long users wait, and what they do then.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// Mean time from the click until the user leaves.
    pub mean: DurationText,
    /// Distribution of that time; default exponential.
    #[serde(default)]
    pub distribution: Option<Distribution>,
    /// Share of users who try again by hand, after leaving and after a failure; default none.
    #[serde(default)]
    pub again: Option<ShareText>,
    /// Mean pause before that, exponentially distributed; default none.
    #[serde(default)]
    pub pause: Option<DurationText>,
    /// Tries in all, 1 to 20; default 1, and 2 if users try again.
    #[serde(default)]
    pub tries: Option<u8>,
}

/// A user flow.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Unique name.
    pub name: String,
    /// Title shown to people.
    pub title: String,
    /// `(service, endpoint)` it enters by.
    pub entry: (String, String),
    /// A reply later than this is slow.
    pub slow: DurationText,
    /// When a user gives up.
    pub timeout: DurationText,
    /// Arrival rate of the users of each region, whatever becomes of their requests.
    #[serde(default)]
    pub rates: BTreeMap<String, RateText>,
    /// Users of each region who wait for a reply and think before their next request.
    #[serde(default)]
    pub users: BTreeMap<String, Users>,
    /// The first service is told when the user will give up, and its callees in turn.
    #[serde(default)]
    pub deadline: bool,
    /// The first service is told when the user has given up, and stops.
    #[serde(default)]
    pub cancel: bool,
    /// Share of each segment; by default all segments alike.
    #[serde(default)]
    pub segments: BTreeMap<String, ShareText>,
    /// Share of each client version; by default all alike.
    #[serde(default)]
    pub clients: BTreeMap<String, ShareText>,
    /// How the rates vary over time; by default they do not.
    #[serde(default)]
    pub profile: Vec<Profile>,
    /// How long users wait, and what they do then; by default they wait for ever.
    #[serde(default)]
    pub patience: Option<Patience>,
    /// How much its requests matter to servers that take the most critical first; default `critical`.
    #[serde(default)]
    pub criticality: Criticality,
    /// Users one simulated request stands for, for harm.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// The flow that objectives and the page are about. Exactly one.
    #[serde(default)]
    pub main: bool,
}

/// How much a flow's requests matter, and the calls they make.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// Failing is felt at once and badly.
    CriticalPlus,
    /// Failing is felt.
    #[default]
    Critical,
    /// Can be tried again in minutes or hours.
    SheddablePlus,
    /// May fail often.
    Sheddable,
}

/// Users of a closed loop.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// How many.
    pub count: u32,
    /// Mean time between a reply and the next request, exponentially distributed.
    pub think: DurationText,
}

/// Weight of a flow that says nothing.
const fn default_weight() -> u32 {
    1
}
