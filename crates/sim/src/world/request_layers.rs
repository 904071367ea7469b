//! What happens to some of the requests only: those of a segment, of a caller, about some keys. Worlds without any such
//! thing pay a test for empty.

use super::World;
use super::agenda::Rejected;
use super::frame::Frame;
use super::request::Purpose;
use super::vitals::selects;
use crate::blueprint::{ONE_Q16, ONE_Q32, RequestEffect, RequestSelector, Selector};
use crate::hash::combine;
use crate::ids::{FrameId, InstanceId, QueryId};
use crate::probe::Status;

/// A lasting effect on some requests. Matched against each request anew, so it holds for instances that come later.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestLayer {
    selector: Selector,
    requests: RequestSelector,
    effect: RequestEffect,
}

impl RequestEffect {
    /// Whether it leaves everything as it is.
    const fn is_nothing(self) -> bool {
        match self {
            Self::Slow { factor_q16 } | Self::Size { factor_q16 } => factor_q16 == ONE_Q16,
            Self::Fail { share_q32 } | Self::Refuse { share_q32, .. } => share_q32 == 0,
        }
    }

    /// Refusals with different answers are different things.
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Refuse { status: a, .. }, Self::Refuse { status: b, .. }) => a == b,
            _ => std::mem::discriminant(&self) == std::mem::discriminant(&other),
        }
    }
}

impl World {
    pub(super) fn check_requests(
        &self,
        requests: &RequestSelector,
        effect: RequestEffect,
    ) -> Result<(), Rejected> {
        let blueprint = &self.blueprint;
        let known = requests
            .flow
            .is_none_or(|flow| flow.index() < blueprint.flows.len())
            && requests
                .flag
                .is_none_or(|flag| flag.index() < blueprint.flags.len())
            && requests
                .query
                .is_none_or(|query| query.index() < blueprint.queries.len())
            && requests
                .keys
                .is_none_or(|keys| keys.space.index() < blueprint.key_spaces.len());
        let sensible = match effect {
            RequestEffect::Fail { share_q32 } => share_q32 <= ONE_Q32,
            RequestEffect::Refuse { share_q32, status } => share_q32 <= ONE_Q32 && !status.is_ok(),
            RequestEffect::Slow { .. } | RequestEffect::Size { .. } => true,
        };
        if known && sensible {
            Ok(())
        } else {
            Err(Rejected::Unknown)
        }
    }

    pub(super) fn set_request_layer(
        &mut self,
        selector: &Selector,
        requests: &RequestSelector,
        effect: RequestEffect,
    ) {
        self.request_layers.retain(|layer| {
            layer.selector != *selector
                || layer.requests != *requests
                || !layer.effect.is_like(effect)
        });
        if !effect.is_nothing() {
            self.request_layers.push(RequestLayer {
                selector: *selector,
                requests: *requests,
                effect,
            });
        }
    }

    /// Whether a layer is about a request at a server, or about this query of it.
    fn is_about(
        &self,
        layer: &RequestLayer,
        frame: &Frame,
        server: InstanceId,
        query: Option<QueryId>,
    ) -> bool {
        let instance = &self.instances[server.index()];
        let edge = &self.tables.edges[frame.edge.index()];
        let RequestSelector {
            flow,
            segment,
            client,
            flag,
            from,
            query: only,
            keys,
        } = layer.requests;
        let trace = &self.arena.traces[frame.trace as usize];
        // The caller is who made the attempt; the edge knows it as well for work handed over.
        let caller = || self.blueprint.edges[frame.edge.index()].client;
        let on = |flag: crate::ids::FlagId| {
            let row = flag.index() * self.tables.regions + instance.region.index();
            let share = self.flags[row * self.tables.segments + trace.segment.index()];
            combine(trace.id, self.tables.flag_key[flag.index()]) >> 32 < share
        };
        layer.selector.endpoint.is_none_or(|e| e == edge.target)
            && selects(&layer.selector, instance, self.slot_of(server.index()))
            && flow.is_none_or(|flow| flow == trace.flow)
            && segment.is_none_or(|segment| segment == trace.segment)
            && client.is_none_or(|client| client == trace.client)
            && (only.is_none() || only == query)
            && (from.is_none() || from == caller())
            && flag.is_none_or(on)
            && keys.is_none_or(|keys| {
                (keys.first..=keys.last).contains(&self.key_of(frame.trace, keys.space))
            })
    }

    /// Effects on a request at the server it is at.
    fn effects_on(
        &self,
        frame: &Frame,
        server: InstanceId,
        query: Option<QueryId>,
    ) -> impl Iterator<Item = RequestEffect> {
        let layers = self.request_layers.iter();
        layers
            .filter(move |layer| self.is_about(layer, frame, server, query))
            .map(|layer| layer.effect)
    }

    /// Mean computing time of a request with all that slows it down.
    pub(super) fn slowed(&self, id: FrameId, query: Option<QueryId>, mean_ns: u64) -> u64 {
        let frame = self.arena.frame(id);
        let factors = self.effects_on(frame, frame.instance, query);
        let mean = factors.fold(u128::from(mean_ns), |mean, effect| match effect {
            RequestEffect::Slow { factor_q16 } => mean * u128::from(factor_q16) >> 16,
            _ => mean,
        });
        u64::try_from(mean).unwrap_or(u64::MAX >> 8)
    }

    /// Whether a computation that is over has failed beside what its instance does to all requests.
    pub(super) fn breaks(&self, id: FrameId, pc: u16, query: Option<QueryId>) -> bool {
        let frame = self.arena.frame(id);
        let survive = self.effects_on(frame, frame.instance, query).fold(
            u128::from(ONE_Q32),
            |survive, effect| match effect {
                RequestEffect::Fail { share_q32 } => {
                    survive * u128::from(ONE_Q32 - share_q32) >> 32
                }
                _ => survive,
            },
        );
        let draw = || u128::from(self.draw(frame.key, Purpose::Broken, pc) >> 32);
        survive < u128::from(ONE_Q32) && draw() >= survive
    }

    /// What a request that arrives is turned away with, if it is. Of several layers the first takes its share of all, the
    /// next of those it leaves.
    pub(super) fn turned_away(&self, id: FrameId) -> Option<Status> {
        let frame = self.arena.frame(id);
        let mut left = u128::from(ONE_Q32);
        let mut drawn = None;
        for effect in self.effects_on(frame, frame.instance, None) {
            let RequestEffect::Refuse { share_q32, status } = effect else {
                continue;
            };
            let word = *drawn
                .get_or_insert_with(|| u128::from(self.draw(frame.key, Purpose::Refused, 0) >> 32));
            let next = left * u128::from(ONE_Q32 - share_q32) >> 32;
            if (next..left).contains(&word) {
                return Some(status);
            }
            left = next;
        }
        None
    }

    /// Size of a message of a call with all that makes it larger.
    pub(super) fn message_bytes(&self, frame: &Frame, server: InstanceId, bytes: u32) -> u32 {
        if self.request_layers.is_empty() || bytes == 0 {
            return bytes;
        }
        let factors = self.effects_on(frame, server, None);
        let bytes = factors.fold(u128::from(bytes), |bytes, effect| match effect {
            RequestEffect::Size { factor_q16 } => bytes * u128::from(factor_q16) >> 16,
            _ => bytes,
        });
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}
