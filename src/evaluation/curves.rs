//! Harm over time, by who acts.

use serde::Serialize;

/// Which course of events a curve follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Nothing done.
    Nothing,
    /// Without the player's action of this number.
    Without(u32),
    /// The reference responder.
    Reference,
    /// What the player did.
    You,
}

impl CurveKind {
    /// What the legend says.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Nothing => "nothing done".to_owned(),
            Self::Without(number) => format!("without action {number}"),
            Self::Reference => "reference".to_owned(),
            Self::You => "you".to_owned(),
        }
    }

    /// Smaller is computed sooner.
    pub(super) const fn urgency(self) -> u8 {
        match self {
            Self::Nothing | Self::You | Self::Reference => 0,
            Self::Without(_) => 1,
        }
    }
}

/// Weighted harm since the onset over simulated time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Curve {
    /// Course of events.
    pub kind: CurveKind,
    /// Nanoseconds and weighted harm, in the order of time.
    pub points: Vec<(u64, u64)>,
}

impl Curve {
    /// A curve that begins with no harm at the onset.
    #[must_use]
    pub fn new(kind: CurveKind, onset_ns: u64, points: Vec<(u64, u64)>) -> Self {
        let begin = points
            .first()
            .is_some_and(|(at_ns, _)| *at_ns > onset_ns)
            .then_some((onset_ns, 0));
        Self {
            kind,
            points: begin.into_iter().chain(points).collect(),
        }
    }

    /// Harm at the end.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.points.last().map_or(0, |(_, harm)| *harm)
    }
}
