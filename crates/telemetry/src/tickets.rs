//! Reports of customers: a few of the users something really happened to write to support or post about it, some minutes
//! later. Each is joined to its request.

use brownout_sim::blueprint::SECOND_NS;
use brownout_sim::hash::combine;
use brownout_sim::ids::{FlowId, RegionId, SegmentId};
use brownout_sim::probe::{RootEnd, Status};

/// One of so many users whom something happened to says so.
const ONE_IN: u64 = 200;
/// Shortest time between reports of the same from the same flow and region: support answers the others with a macro.
const SPACING_NS: u64 = 20 * SECOND_NS;
/// Shortest delay, and the largest beside it.
const DELAY_NS: u64 = 30 * SECOND_NS;
const MORE_NS: u64 = 600 * SECOND_NS;
/// Most reports kept.
const MAX_TICKETS: usize = 2_000;

/// What a user noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grievance {
    /// It did not work.
    Failed,
    /// It worked, and took too long.
    Slow,
    /// They left before anything came.
    Left,
    /// Something was missing.
    Less,
    /// What they saw was old.
    Old,
}

/// Where it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// To support, from an account: where it is, is known.
    Support,
    /// In public, by somebody.
    Social,
}

/// A report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// When it came in.
    pub at_ns: u64,
    /// When the user's request ended.
    pub seen_ns: u64,
    /// The request.
    pub trace: u64,
    /// Flow.
    pub flow: FlowId,
    /// Region of the user.
    pub region: RegionId,
    /// Segment of the user.
    pub segment: SegmentId,
    /// What they noticed.
    pub grievance: Grievance,
    /// How long they waited.
    pub waited_ns: u64,
    /// Where it was said.
    pub channel: Channel,
    /// Chooses the words.
    pub voice: u32,
}

/// All reports.
#[derive(Clone, Debug, Default)]
pub struct Tickets {
    all: Vec<Ticket>,
    last: Vec<((FlowId, RegionId, Grievance), u64)>,
    /// Reports whose traces have not ended yet.
    awaited: usize,
}

impl Tickets {
    /// A user's request has ended; perhaps they say something.
    pub fn hear(&mut self, end: &RootEnd) {
        let grievance = match end.status {
            Status::Ok if end.slow => Grievance::Slow,
            Status::Ok if end.degraded => Grievance::Less,
            Status::Ok if end.stale => Grievance::Old,
            Status::Ok => return,
            Status::Abandoned | Status::Timeout | Status::Expired => Grievance::Left,
            _ => Grievance::Failed,
        };
        let Some(word) = speaks(end.trace).filter(|_| self.all.len() < MAX_TICKETS) else {
            return;
        };
        let key = (end.flow, end.region, grievance);
        match self.last.iter_mut().find(|(of, _)| *of == key) {
            Some((_, at_ns)) if end.at_ns - *at_ns < SPACING_NS => return,
            Some((_, at_ns)) => *at_ns = end.at_ns,
            None => self.last.push((key, end.at_ns)),
        }
        // A product of two even draws: most write soon, some much later.
        let (first, second) = (combine(word, 1) >> 40, combine(word, 2) >> 40);
        let part = u128::from(first) * u128::from(second) * u128::from(MORE_NS) >> 48;
        self.awaited += 1;
        self.all.push(Ticket {
            at_ns: end.at_ns + DELAY_NS + u64::try_from(part).unwrap_or(MORE_NS),
            seen_ns: end.at_ns,
            trace: end.trace,
            flow: end.flow,
            region: end.region,
            segment: end.segment,
            grievance,
            waited_ns: end.duration_ns,
            channel: if combine(word, 3).is_multiple_of(4) {
                Channel::Social
            } else {
                Channel::Support
            },
            voice: u32::try_from(combine(word, 4) >> 32).unwrap_or(0),
        });
    }

    /// Whether the trace of any report is still to end: most of the time of most runs it is not.
    #[must_use]
    pub const fn awaits(&self) -> bool {
        self.awaited > 0
    }

    /// The trace of a report has ended.
    pub const fn kept(&mut self) {
        self.awaited = self.awaited.saturating_sub(1);
    }

    /// Whether somebody will say something about a request that has ended.
    #[must_use]
    pub fn is_about(&self, trace: u64) -> bool {
        speaks(trace).is_some() && self.all.iter().rev().any(|ticket| ticket.trace == trace)
    }

    /// Reports that have come in by a time, oldest first.
    #[must_use]
    pub fn until(&self, now_ns: u64) -> Vec<Ticket> {
        let mut come: Vec<Ticket> = self
            .all
            .iter()
            .filter(|t| t.at_ns <= now_ns)
            .copied()
            .collect();
        come.sort_by_key(|ticket| (ticket.at_ns, ticket.trace));
        come
    }
}

/// Draws of a request whose user would say something if something happened to it.
fn speaks(trace: u64) -> Option<u64> {
    let word = combine(trace, SPEAKS);
    word.is_multiple_of(ONE_IN).then_some(word)
}

/// Sets the draw of whether somebody speaks apart from all others about the request.
const SPEAKS: u64 = 0x7370_6561_6b73;
