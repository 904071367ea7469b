//! Edges with their client-side policy, flows and the traffic of their users.

use std::collections::BTreeMap;

use brownout_sim::blueprint::{self as sim, Edge, Source};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{
    ClientId, EdgeId, EndpointId, FlowId, RegionId, SegmentId, ServiceId, VersionId,
};

use super::Build;
use super::blueprint::{Builder, duration_or};
use super::network::bytes;
use super::profile::rate_steps;
use super::program::dist;
use crate::defaults;
use crate::limits::MAX_SIMULATED_NS;
use crate::model::{self, CallPolicy, ShareText};
use crate::units::{duration_ns, factor_q16, interarrival_ns, share_q32};

/// Longest mean time between arrivals: a tiny share of a low rate must not overflow the clock. Longer than any run.
const RAREST_NS: u64 = 10 * MAX_SIMULATED_NS;

/// What the first of several policies that says something says.
fn first<'a, T>(
    layers: &[&'a CallPolicy],
    pick: impl Fn(&'a CallPolicy) -> Option<T>,
) -> Option<T> {
    layers.iter().find_map(|policy| pick(policy))
}

/// An edge with the policy of the first layer that says something, field by field; without its fallback.
fn edge_row(client: ServiceId, target: EndpointId, layers: &[&CallPolicy]) -> Build<Edge> {
    let jitter = first(layers, |policy| policy.jitter.as_ref());
    let factor = first(layers, |policy| policy.backoff_factor.as_ref());
    let switch = |pick: fn(&CallPolicy) -> Option<bool>| first(layers, pick).unwrap_or(false);
    Ok(Edge {
        client: Some(client),
        target,
        timeout_ns: duration_or(
            first(layers, |policy| policy.timeout.as_ref()),
            defaults::TIMEOUT_NS,
        )?,
        attempts: first(layers, |policy| policy.attempts).unwrap_or(defaults::ATTEMPTS),
        backoff_ns: duration_or(
            first(layers, |policy| policy.backoff.as_ref()),
            defaults::BACKOFF_NS,
        )?,
        backoff_factor_q16: factor.map_or(Ok(defaults::BACKOFF_FACTOR_Q16), |factor| {
            factor_q16(&factor.0)
        })?,
        jitter_q16: match jitter {
            Some(jitter) => u32::try_from(share_q32(&jitter.0)? >> 16).unwrap_or(sim::ONE_Q16),
            None => defaults::JITTER_Q16,
        },
        fallback: None,
        request_bytes: bytes(first(layers, |policy| policy.request_size.as_ref()))?,
        reply_bytes: bytes(first(layers, |policy| policy.reply_size.as_ref()))?,
        optional: switch(|policy| policy.optional),
        deadline: switch(|policy| policy.deadline),
        cancel: switch(|policy| policy.cancel),
        pool: first(layers, |policy| policy.pool).map(|size| sim::Pool { size }),
        budget: first(layers, |policy| policy.budget.as_ref())
            .map(budget)
            .transpose()?,
        breaker: first(layers, |policy| policy.breaker.as_ref())
            .map(breaker)
            .transpose()?,
        hedge_ns: first(layers, |policy| policy.hedge.as_ref())
            .map(|after| duration_ns(&after.0))
            .transpose()?,
    })
}

impl Builder<'_> {
    /// The edge of one service towards one endpoint: one per pair, made when first needed, and one more for a release that
    /// calls in a way of its own. Both are known to the draws by the same names.
    pub(super) fn edge(
        &mut self,
        client: ServiceId,
        service: &str,
        endpoint: &str,
    ) -> Build<EdgeId> {
        let callee = self.service_id(service)?;
        let target = self.endpoint_id(callee, endpoint)?;
        let system = self.model;
        let own = self.own_calls.iter().filter(|(name, _)| *name == service);
        let mut layers: Vec<&CallPolicy> = own.map(|(_, policy)| *policy).collect();
        let version = VersionId::from_index(self.blueprint.versions.len());
        let of_version = (!layers.is_empty()).then_some(version);
        if let Some(edge) = self.edges.get(&(client, target, of_version)) {
            return Ok(*edge);
        }
        let caller = system.services.get(client.index());
        layers.extend(caller.and_then(|caller| caller.calls.get(service)));
        layers.push(&system.calls);
        let edge = EdgeId::from_index(self.blueprint.edges.len());
        self.blueprint
            .edges
            .push(edge_row(client, target, &layers)?);
        self.edges.insert((client, target, of_version), edge);
        // Its edge may fall back on this one; a fallback has no further fallback when it runs.
        let fallback = match first(&layers, |policy| policy.fallback.as_ref()) {
            None => None,
            Some(model::Fallback::Answer) => Some(sim::Fallback::Answer),
            Some(model::Fallback::Call(service, endpoint)) => {
                let instead = self.edge(client, service, endpoint)?;
                (instead != edge).then_some(sim::Fallback::Call(instead))
            }
        };
        if let Some(row) = self.blueprint.edges.get_mut(edge.index()) {
            row.fallback = fallback;
        }
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
            patience: flow.patience.as_ref().map(patience).transpose()?,
            criticality: match flow.criticality {
                model::Criticality::CriticalPlus => sim::Criticality::CriticalPlus,
                model::Criticality::Critical => sim::Criticality::Critical,
                model::Criticality::SheddablePlus => sim::Criticality::SheddablePlus,
                model::Criticality::Sheddable => sim::Criticality::Sheddable,
            },
        });
        let profile = rate_steps(&flow.profile, self.run_ns)?;
        for (index, region) in self.model.regions.iter().enumerate() {
            if let Some(rate) = flow.rates.get(region) {
                let all = Source {
                    flow: id,
                    region: RegionId::from_index(index),
                    interarrival_ns: interarrival_ns(&rate.0)?,
                    profile: profile.clone(),
                    ..Source::default()
                };
                self.sources(flow, &all)?;
            }
            if let Some(users) = flow.users.get(region) {
                self.closed_loop(id, RegionId::from_index(index), flow, users)?;
            }
        }
        Ok(())
    }

    /// Splits the users of a flow in a region by segment and client version.
    fn sources(&mut self, model: &model::Flow, all: &Source) -> Build<()> {
        let (segments, clients) = (&self.model.segments, &self.model.clients);
        for (segment, part) in split(all.interarrival_ns, segments, &model.segments)? {
            for (client, interarrival_ns) in split(part, clients, &model.clients)? {
                self.blueprint.sources.push(Source {
                    segment: SegmentId::from_index(segment),
                    client: ClientId::from_index(client),
                    interarrival_ns,
                    ..all.clone()
                });
            }
        }
        Ok(())
    }

    /// Splits the users of a closed loop by segment and client version: each gets its share of the running total, so
    /// that none is lost.
    fn closed_loop(
        &mut self,
        flow: FlowId,
        region: RegionId,
        model: &model::Flow,
        users: &model::Users,
    ) -> Build<()> {
        let mut kinds = Vec::new();
        for (segment, part_q32) in shares(&self.model.segments, &model.segments)? {
            for (client, share_q32) in shares(&self.model.clients, &model.clients)? {
                let both = u128::from(part_q32) * u128::from(share_q32) >> 32;
                kinds.push((segment, client, u64::try_from(both).unwrap_or(0)));
            }
        }
        let (mut share_sum, mut given) = (0, 0);
        let last = kinds.len();
        for (index, (segment, client, share_q32)) in kinds.into_iter().enumerate() {
            share_sum += share_q32;
            let wanted = if index + 1 == last || share_sum >= sim::ONE_Q32 {
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
                segment: SegmentId::from_index(segment),
                client: ClientId::from_index(client),
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

/// Shares of all users by name, in the order of the names: those given, or all alike. One share of everybody where
/// there are no names.
fn shares(names: &[String], given: &BTreeMap<String, ShareText>) -> Build<Vec<(usize, u64)>> {
    if names.is_empty() {
        return Ok(vec![(0, sim::ONE_Q32)]);
    }
    let alike = sim::ONE_Q32 / u64::try_from(names.len()).unwrap_or(1);
    let mut found = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        match given.get(name) {
            _ if given.is_empty() => found.push((index, alike)),
            None => {}
            Some(share) => found.push((index, share_q32(&share.0)?)),
        }
    }
    Ok(found)
}

/// Mean times between the arrivals of each kind of users, those who never come left out.
fn split(
    interarrival_ns: u64,
    names: &[String],
    given: &BTreeMap<String, ShareText>,
) -> Build<Vec<(usize, u64)>> {
    if given.is_empty() {
        // Exactly alike, where a share in binary would not be.
        let alike = u64::try_from(names.len().max(1)).unwrap_or(1);
        let each = interarrival_ns.saturating_mul(alike).min(RAREST_NS);
        return Ok((0..names.len().max(1)).map(|index| (index, each)).collect());
    }
    Ok(shares(names, given)?
        .into_iter()
        .filter(|(_, share)| *share > 0)
        .map(|(index, share)| (index, divided(interarrival_ns, share)))
        .collect())
}

fn patience(patience: &model::Patience) -> Build<sim::Patience> {
    let again_q32 = patience.again.as_ref().map_or(Ok(0), |s| share_q32(&s.0))?;
    Ok(sim::Patience {
        mean_ns: duration_ns(&patience.mean.0)?,
        dist: patience
            .distribution
            .as_ref()
            .map_or(Ok(Dist::Exponential), dist)?,
        again_q32,
        pause_ns: duration_or(patience.pause.as_ref(), 0)?,
        tries: patience.tries.unwrap_or(if again_q32 > 0 { 2 } else { 1 }),
    })
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
