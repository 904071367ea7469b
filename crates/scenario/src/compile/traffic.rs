//! Edges with their client-side policy, flows and the traffic of their users.

use brownout_sim::blueprint::{self as sim, Edge, Source};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{EdgeId, FlowId, RegionId, SegmentId, ServiceId};

use super::Build;
use super::blueprint::{Builder, duration_or};
use crate::defaults;
use crate::limits::MAX_SIMULATED_NS;
use crate::model;
use crate::units::{duration_ns, factor_q16, interarrival_ns, share_q32};

/// Longest mean time between arrivals: a tiny share of a low rate must not overflow the clock. Longer than any run.
const RAREST_NS: u64 = 10 * MAX_SIMULATED_NS;

impl Builder<'_> {
    /// The edge of one service towards one endpoint: one per pair, made when first needed.
    pub(super) fn edge(
        &mut self,
        client: ServiceId,
        service: &str,
        endpoint: &str,
    ) -> Build<EdgeId> {
        let callee = self.service_id(service)?;
        let target = self.endpoint_id(callee, endpoint)?;
        if let Some(edge) = self.edges.get(&(client, target)) {
            return Ok(*edge);
        }
        let system = self.model;
        let own = system
            .services
            .get(client.index())
            .and_then(|caller| caller.calls.get(service));
        let common = &system.calls;
        let jitter = own
            .and_then(|own| own.jitter.as_ref())
            .or(common.jitter.as_ref());
        let factor = own
            .and_then(|own| own.backoff_factor.as_ref())
            .or(common.backoff_factor.as_ref());
        let edge = EdgeId::from_index(self.blueprint.edges.len());
        self.blueprint.edges.push(Edge {
            client: Some(client),
            target,
            timeout_ns: duration_or(
                own.and_then(|own| own.timeout.as_ref())
                    .or(common.timeout.as_ref()),
                defaults::TIMEOUT_NS,
            )?,
            attempts: own
                .and_then(|own| own.attempts)
                .or(common.attempts)
                .unwrap_or(defaults::ATTEMPTS),
            backoff_ns: duration_or(
                own.and_then(|own| own.backoff.as_ref())
                    .or(common.backoff.as_ref()),
                defaults::BACKOFF_NS,
            )?,
            backoff_factor_q16: factor.map_or(Ok(defaults::BACKOFF_FACTOR_Q16), |factor| {
                factor_q16(&factor.0)
            })?,
            jitter_q16: match jitter {
                Some(jitter) => u32::try_from(share_q32(&jitter.0)? >> 16).unwrap_or(sim::ONE_Q16),
                None => defaults::JITTER_Q16,
            },
            optional: own
                .and_then(|own| own.optional)
                .or(common.optional)
                .unwrap_or(false),
            deadline: own
                .and_then(|own| own.deadline)
                .or(common.deadline)
                .unwrap_or(false),
            cancel: own
                .and_then(|own| own.cancel)
                .or(common.cancel)
                .unwrap_or(false),
            pool: own
                .and_then(|own| own.pool)
                .or(common.pool)
                .map(|size| sim::Pool { size }),
            budget: own
                .and_then(|own| own.budget.as_ref())
                .or(common.budget.as_ref())
                .map(budget)
                .transpose()?,
            breaker: own
                .and_then(|own| own.breaker.as_ref())
                .or(common.breaker.as_ref())
                .map(breaker)
                .transpose()?,
            hedge_ns: own
                .and_then(|own| own.hedge.as_ref())
                .or(common.hedge.as_ref())
                .map(|after| duration_ns(&after.0))
                .transpose()?,
        });
        self.edges.insert((client, target), edge);
        Ok(edge)
    }

    pub(super) fn flow(&mut self, flow: &model::Flow) -> Build<()> {
        let id = FlowId::from_index(self.blueprint.flows.len());
        let (service, endpoint) = &flow.entry;
        let target = self.endpoint_id(self.service_id(service)?, endpoint)?;
        let edge = EdgeId::from_index(self.blueprint.edges.len());
        self.blueprint.edges.push(Edge {
            client: None,
            target,
            timeout_ns: duration_ns(&flow.timeout.0)?,
            attempts: 1,
            backoff_ns: defaults::BACKOFF_NS,
            backoff_factor_q16: defaults::BACKOFF_FACTOR_Q16,
            jitter_q16: 0,
            deadline: flow.deadline,
            cancel: flow.cancel,
            ..Edge::default()
        });
        let slow_ns = duration_ns(&flow.slow.0)?;
        self.blueprint.flows.push(sim::Flow {
            name: flow.name.clone(),
            edge,
            slow_ns,
            weight: flow.weight,
        });
        for (index, region) in self.model.regions.iter().enumerate() {
            if let Some(rate) = flow.rates.get(region) {
                self.sources(
                    id,
                    RegionId::from_index(index),
                    flow,
                    interarrival_ns(&rate.0)?,
                )?;
            }
            if let Some(users) = flow.users.get(region) {
                self.closed_loop(id, RegionId::from_index(index), flow, users)?;
            }
        }
        Ok(())
    }

    /// Splits the users of a flow in a region into segments.
    fn sources(
        &mut self,
        flow: FlowId,
        region: RegionId,
        model: &model::Flow,
        interarrival: u64,
    ) -> Build<()> {
        let segments = &self.model.segments;
        let alike = u64::try_from(segments.len()).unwrap_or(1);
        for (index, segment) in segments.iter().enumerate() {
            let interarrival_ns = match model.segments.get(segment) {
                _ if model.segments.is_empty() => interarrival.saturating_mul(alike).min(RAREST_NS),
                None => continue,
                Some(share) => match share_q32(&share.0)? {
                    0 => continue,
                    share => divided(interarrival, share),
                },
            };
            let segment = SegmentId::from_index(index);
            let source = Source {
                flow,
                region,
                segment,
                interarrival_ns,
                profile: Vec::new(),
                limit: 0,
                users: None,
            };
            self.blueprint.sources.push(source);
        }
        Ok(())
    }

    /// Splits the users of a closed loop into segments: each gets its share of the running total, so that none is lost.
    fn closed_loop(
        &mut self,
        flow: FlowId,
        region: RegionId,
        model: &model::Flow,
        users: &model::Users,
    ) -> Build<()> {
        let segments = &self.model.segments;
        let alike = sim::ONE_Q32 / u64::try_from(segments.len().max(1)).unwrap_or(1);
        let (mut share_sum, mut given) = (0, 0);
        for (index, segment) in segments.iter().enumerate() {
            share_sum += match model.segments.get(segment) {
                _ if model.segments.is_empty() => alike,
                None => continue,
                Some(share) => share_q32(&share.0)?,
            };
            let last = index + 1 == segments.len();
            let wanted = if last || share_sum >= sim::ONE_Q32 {
                users.count
            } else {
                u32::try_from(u64::from(users.count) * share_sum >> 32).unwrap_or(users.count)
            };
            let count = wanted - given;
            given = wanted;
            if count == 0 {
                continue;
            }
            self.blueprint.sources.push(Source {
                flow,
                region,
                segment: SegmentId::from_index(index),
                users: Some(sim::Users {
                    count,
                    think_ns: duration_ns(&users.think.0)?,
                    think: Dist::Exponential,
                }),
                ..Source::default()
            });
        }
        Ok(())
    }
}

fn budget(budget: &model::RetryBudget) -> Build<sim::RetryBudget> {
    Ok(sim::RetryBudget {
        ratio_q16: u32::try_from(share_q32(&budget.ratio.0)? >> 16).unwrap_or(sim::ONE_Q16),
        burst: budget.burst,
    })
}

fn breaker(breaker: &model::Breaker) -> Build<sim::Breaker> {
    Ok(sim::Breaker {
        window: breaker.window,
        failures: breaker.failures,
        open_ns: duration_ns(&breaker.open.0)?,
        tries: breaker.tries,
    })
}

fn divided(interarrival_ns: u64, share_q32: u64) -> u64 {
    let ns = (u128::from(interarrival_ns) << 32) / u128::from(share_q32.max(1));
    u64::try_from(ns).unwrap_or(u64::MAX).min(RAREST_NS)
}
