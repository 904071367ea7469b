//! Who is present: the number of requests in flight integrated over time, against what they spent in the system.
//!
//! Little's law in its exact form (Little 2011, "Little's law as viewed on its 50th anniversary", theorem LL.2): at any
//! time the integral of the number present equals the residence of the departed plus the age of those still present.

use super::World;
use super::counts::FlowCounts;
use crate::ids::{FlowId, RegionId};

/// The books of one flow and the users of one region.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Book {
    pub counts: FlowCounts,
    pub presence: Presence,
}

/// Presence of users' requests, moved on at each arrival and departure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Presence {
    present: u64,
    /// Until when `integral_ns` has been added up.
    until_ns: u64,
    integral_ns: u128,
    residence_ns: u128,
}

impl Presence {
    #[inline]
    fn advance(&mut self, now_ns: u64) {
        self.integral_ns += u128::from(self.present) * u128::from(now_ns - self.until_ns);
        self.until_ns = now_ns;
    }

    /// A user's request has arrived.
    #[inline]
    pub fn arrival(&mut self, now_ns: u64) {
        self.advance(now_ns);
        self.present += 1;
    }

    /// A user's request has its result after `duration_ns`.
    #[inline]
    pub fn departure(&mut self, now_ns: u64, duration_ns: u64) {
        self.advance(now_ns);
        self.present -= 1;
        self.residence_ns += u128::from(duration_ns);
    }
}

/// Presence of the users' requests of one flow and region up to now, in request-nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residence {
    /// Requests in flight.
    pub present: u64,
    /// Integral of the number in flight over time since the start of the run.
    pub presence_ns: u128,
    /// Time the departed had spent between arrival and result.
    pub departed_ns: u128,
    /// Time those in flight have spent so far, added up afresh.
    pub age_ns: u128,
}

/// Why the books of a world do not balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imbalance {
    /// Flow.
    pub flow: FlowId,
    /// Region.
    pub region: RegionId,
    /// Left and right side of the identity that fails.
    pub sides: (u128, u128),
}

impl World {
    #[inline]
    pub(super) fn book(&mut self, flow: FlowId, region: RegionId) -> &mut Book {
        &mut self.books[flow.index() * self.tables.regions + region.index()]
    }

    /// Presence of the requests of one flow from the users of one region; the ages are counted afresh.
    #[must_use]
    pub fn residence(&self, flow: FlowId, region: RegionId) -> Residence {
        let row = flow.index() * self.blueprint.regions.len() + region.index();
        let book = self.books.get(row).copied().unwrap_or_default();
        let mut ledger = book.presence;
        ledger.advance(self.now_ns);
        let present = self.arena.traces.iter().filter(|trace| {
            trace.used
                && trace.open
                && trace.link == 0
                && (trace.flow, trace.region) == (flow, region)
        });
        Residence {
            present: ledger.present,
            presence_ns: ledger.integral_ns,
            departed_ns: ledger.residence_ns,
            age_ns: present
                .map(|trace| u128::from(self.now_ns - trace.start_ns))
                .sum(),
        }
    }

    /// Whether the books balance, for every flow and region, to the request and to the nanosecond: requests made are
    /// those finished and those in flight, work handed over likewise, and presence is residence plus age.
    ///
    /// # Errors
    /// The first identity that does not hold.
    pub fn audit(&self) -> Result<(), Imbalance> {
        for flow in (0..self.blueprint.flows.len()).map(FlowId::from_index) {
            for region in (0..self.blueprint.regions.len()).map(RegionId::from_index) {
                let counts = self.counts(flow, region);
                let residence = self.residence(flow, region);
                let in_flight = self.in_flight(flow, region);
                let handed_over = self.handed_over(flow, region);
                let pairs = [
                    (counts.arrivals, counts.finished() + in_flight),
                    (residence.present, in_flight),
                    (
                        counts.published,
                        counts.consumed + counts.lost + counts.dead + handed_over,
                    ),
                ];
                let wide = |(left, right)| (u128::from(left), u128::from(right));
                let time = (
                    residence.presence_ns,
                    residence.departed_ns + residence.age_ns,
                );
                let mut sides = pairs.into_iter().map(wide).chain([time]);
                if let Some(sides) = sides.find(|(left, right)| left != right) {
                    return Err(Imbalance {
                        flow,
                        region,
                        sides,
                    });
                }
            }
        }
        Ok(())
    }
}
