//! Where requests come from.

use crate::dist::Dist;
use crate::ids::{ClientId, EdgeId, FlowId, RegionId, SegmentId};

/// A user flow.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Unique name.
    pub name: String,
    /// Edge on which its users enter.
    pub edge: EdgeId,
    /// A reply later than this counts as slow.
    pub slow_ns: u64,
    /// How many real users one simulated request stands for; applies to harm only.
    pub weight: u32,
    /// Users who do not wait for ever; `None` for users who do.
    pub patience: Option<Patience>,
    /// How much its requests matter, and the calls they make.
    pub criticality: Criticality,
}

/// How much a request matters to a server that cannot serve all: the classes of "Site Reliability Engineering" (2016),
/// chapter 21. It travels with the request through all its calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
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

impl Criticality {
    /// Number of classes.
    pub const CLASSES: usize = 4;
}

/// How long users wait, and what they do then.
///
/// A user whose patience has run out leaves the request ([`Status::Abandoned`](crate::probe::Status::Abandoned)). After
/// that, and after a request that failed, the user tries once more by hand with some probability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Mean time from the click until the user leaves.
    pub mean_ns: u64,
    /// Distribution of that time.
    pub dist: Dist,
    /// Probability of another try.
    pub again_q32: u64,
    /// Mean pause before it, exponentially distributed.
    pub pause_ns: u64,
    /// Tries in all, the first included; at least 1.
    pub tries: u8,
}

/// Arrivals of one flow from the users of one region, segment and client version: Poisson at a given rate whatever becomes of the
/// requests (open loop), or from a fixed number of users who wait for each reply and think before the next (closed loop).
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Flow.
    pub flow: FlowId,
    /// Region the users are in.
    pub region: RegionId,
    /// Segment the users belong to.
    pub segment: SegmentId,
    /// Version of the program the users have.
    pub client: ClientId,
    /// Mean time between arrivals at factor 1.
    pub interarrival_ns: u64,
    /// Rate factor over time: from `at_ns` on the rate is `factor_q16` times the base. Sorted; factor 1 before the first.
    pub profile: Vec<RateStep>,
    /// No more arrivals after this many; 0 for no limit.
    pub limit: u64,
    /// Closed loop, if there is one; `interarrival_ns` and `profile` count for nothing then.
    pub users: Option<Users>,
}

/// Users of a closed loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Users {
    /// How many.
    pub count: u32,
    /// Mean time between a reply and the next request.
    pub think_ns: u64,
    /// Distribution of that time.
    pub think: Dist,
}

/// A step of a rate profile.
#[derive(Clone, Copy, Debug)]
pub struct RateStep {
    /// When the step begins.
    pub at_ns: u64,
    /// Rate relative to the base.
    pub factor_q16: u32,
}
