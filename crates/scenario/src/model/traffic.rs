//! What users do: how many come when, and how long they wait.

use serde::Deserialize;

use super::system::{Distribution, DurationText, FactorText, ShareText};

/// One reason why traffic varies. The factors of all of a flow are multiplied.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Debug, Deserialize)]
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
