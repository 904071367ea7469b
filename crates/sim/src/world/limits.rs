//! Rate limits at the doors of deployments.

use super::World;
use super::agenda::Rejected;
use crate::blueprint::{RateLimit, TokenRate};
use crate::ids::{FrameId, RegionId, ServiceId};

/// A limit and how far it is used up.
///
/// A token bucket told by one time, exact in integers: the generic cell rate algorithm (ITU-T I.371, annex A).
#[derive(Clone, Copy, Debug)]
pub(super) struct Door {
    limit: RateLimit,
    /// When the bucket will be full again.
    full_ns: u64,
}

impl Door {
    pub const fn new(limit: RateLimit) -> Self {
        Self { limit, full_ns: 0 }
    }

    fn has_token(&self, now_ns: u64) -> bool {
        let TokenRate { interval_ns, burst } = self.limit.rate;
        let spare_ns = interval_ns.saturating_mul(u64::from(burst.saturating_sub(1)));
        self.full_ns <= now_ns.saturating_add(spare_ns)
    }

    fn take(&mut self, now_ns: u64) {
        self.full_ns = self
            .full_ns
            .max(now_ns)
            .saturating_add(self.limit.rate.interval_ns);
    }

    fn is_for(&self, limit: &RateLimit) -> bool {
        let key = |limit: &RateLimit| (limit.deployment, limit.flow, limit.segment);
        key(&self.limit) == key(limit)
    }
}

impl World {
    /// Whether all limits at a server's door let a request in; takes a token of each if so.
    pub(super) fn passes_door(&mut self, id: FrameId) -> bool {
        let frame = self.arena.frame(id);
        let deployment = self.instances[frame.instance.index()].deployment;
        let trace = &self.arena.traces[frame.trace as usize];
        let (flow, segment, now_ns) = (trace.flow, trace.segment, self.now_ns);
        let applies = |door: &Door| {
            door.limit.deployment == deployment
                && door.limit.flow.is_none_or(|only| only == flow)
                && door.limit.segment.is_none_or(|only| only == segment)
        };
        let mut doors = self.doors.iter().filter(|door| applies(door));
        if !doors.all(|door| door.has_token(now_ns)) {
            return false;
        }
        for door in self.doors.iter_mut().filter(|door| applies(door)) {
            door.take(now_ns);
        }
        true
    }

    pub(super) fn check_limit(&self, limit: &RateLimit, sets: bool) -> Result<(), Rejected> {
        let known = limit.deployment.index() < self.deployments.len()
            && limit
                .flow
                .is_none_or(|flow| flow.index() < self.blueprint.flows.len())
            && limit
                .segment
                .is_none_or(|segment| segment.index() < self.blueprint.segments.len());
        if !known || limit.rate.burst == 0 {
            return Err(Rejected::Unknown);
        }
        let present = self.doors.iter().find(|door| door.is_for(limit));
        let unchanged = match present {
            Some(door) => sets && door.limit.rate == limit.rate,
            None => !sets,
        };
        if unchanged {
            Err(Rejected::NoChange)
        } else {
            Ok(())
        }
    }

    /// Whether somebody limits what a service takes in a region.
    #[must_use]
    pub fn is_limited(&self, service: ServiceId, region: RegionId) -> bool {
        self.doors.iter().any(|door| {
            let of = &self.blueprint.deployments[door.limit.deployment.index()];
            of.service == service && of.region == region
        })
    }

    /// Set a limit, full, in the place of one with the same scope, or take that away.
    pub(super) fn set_limit(&mut self, limit: &RateLimit, sets: bool) {
        self.doors.retain(|door| !door.is_for(limit));
        if sets {
            self.doors.push(Door::new(*limit));
        }
    }
}
