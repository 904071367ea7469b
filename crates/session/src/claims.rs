//! What the telemetry says of the claims in a message at the moment it is sent.

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::{MINUTE_NS, SECOND_NS};
use brownout_sim::ids::{FlowId, RegionId, ServiceId};
use brownout_telemetry::Recorder;
use brownout_telemetry::recorder::SCRAPE_NS;
use brownout_telemetry::signal::{Scope, Signal};

use crate::command::{Claim, SymptomKind};
use crate::desk::ClaimCheck;
use crate::names;

/// Facts of the incident so far, as anybody could read them off the telemetry.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Scenario, for names and objectives.
    pub scenario: &'a Scenario,
    /// Telemetry.
    pub recorder: &'a Recorder,
    /// When the page came.
    pub page_ns: u64,
    /// Now.
    pub now_ns: u64,
    /// A change of the player's is under way or done.
    pub mitigating: bool,
    /// The player watches on purpose, or has, and has changed nothing.
    pub watching: bool,
}

/// How far the claimed start may be off.
const SINCE_TOLERANCE_S: u64 = 120;
/// Success this far below the objective counts as affected.
const MARGIN_PPM: u64 = 15_000;
/// How long users must have been served before it may be said that they are again.
pub(crate) const RECOVERED_NS: u64 = 2 * MINUTE_NS;
/// How long before the page an incident may have begun unnoticed.
const LOOK_BACK_NS: u64 = 6 * MINUTE_NS;

impl Facts<'_> {
    /// Whether telemetry agrees with a claim.
    #[must_use]
    pub fn check(&self, claim: &Claim) -> ClaimCheck {
        let verdict = match claim {
            Claim::Impact { kind, flow } => self.impact(*kind, flow),
            Claim::Scope { regions } => self.scope(regions),
            Claim::Since { since_s } => self
                .began_ns()
                .map(|at_ns| (at_ns / SECOND_NS).abs_diff(*since_s) <= SINCE_TOLERANCE_S),
            Claim::Figure { metric, value } => self.figure(metric, *value),
            Claim::Mitigating => Some(self.mitigating),
            Claim::Watching => Some(self.watching),
            Claim::Recovered => Some(self.recovered(RECOVERED_NS)),
            _ => None,
        };
        match verdict {
            Some(true) => ClaimCheck::True,
            Some(false) => ClaimCheck::False,
            None => ClaimCheck::Open,
        }
    }

    fn objective_ppm(&self) -> u64 {
        self.scenario.objective_q32 * 1_000_000 >> 32
    }

    fn regions(&self) -> impl Iterator<Item = RegionId> {
        (0..self.scenario.blueprint.regions.len()).map(RegionId::from_index)
    }

    /// Worst reading of a flow's signal in a region in any minute since shortly before the page.
    fn worst(&self, signal: Signal, flow: FlowId, region: RegionId) -> Option<u64> {
        let from_ns = self.page_ns.saturating_sub(LOOK_BACK_NS);
        let scope = Scope::flow(flow, Some(region));
        let series = self
            .recorder
            .signals()
            .series(signal, scope, from_ns, self.now_ns, MINUTE_NS);
        let readings = series.into_iter().filter_map(|(_, reading)| reading);
        if signal == Signal::SuccessShare {
            readings.min()
        } else {
            readings.max()
        }
    }

    /// Regions whose main flow fell clearly below the objective.
    #[must_use]
    pub fn affected(&self) -> Vec<RegionId> {
        let limit = self.objective_ppm().saturating_sub(MARGIN_PPM);
        let flow = self.scenario.main_flow;
        self.regions()
            .filter(|&region| {
                let failing = self
                    .worst(Signal::SuccessShare, flow, region)
                    .is_some_and(|worst| worst < limit);
                let slow = self
                    .worst(Signal::LatencyP95, flow, region)
                    .is_some_and(|worst| worst > self.slow_us(flow));
                failing || slow || self.late(region)
            })
            .collect()
    }

    fn slow_us(&self, flow: FlowId) -> u64 {
        self.scenario.blueprint.flows[flow.index()].slow_ns / 1_000
    }

    /// Queues with a bound after which their work is late, and the bound in microseconds.
    fn bounded(&self) -> impl Iterator<Item = (ServiceId, u64)> {
        let services = self.scenario.blueprint.services.iter().enumerate();
        services
            .filter(|(_, service)| service.queue.late_ns > 0)
            .map(|(index, service)| (ServiceId::from_index(index), service.queue.late_ns / 1_000))
    }

    /// Whether work has waited longer than its queue's bound in a region since shortly before the page.
    fn late(&self, region: RegionId) -> bool {
        let from_ns = self.page_ns.saturating_sub(LOOK_BACK_NS);
        let window_ns = self.now_ns.saturating_sub(from_ns);
        self.bounded().any(|(queue, bound_us)| {
            let scope = Scope::service(queue, Some(region));
            let reader = self.recorder.signals();
            let oldest = reader.read(Signal::QueueAge, scope, self.now_ns, window_ns);
            oldest.is_some_and(|age| age > bound_us)
        })
    }

    /// When the main flow first fell below the objective in any region or became slow, or when the first work was handed
    /// over that came to be late.
    #[must_use]
    pub fn began_ns(&self) -> Option<u64> {
        let from_ns = self.page_ns.saturating_sub(LOOK_BACK_NS);
        let limit = self.objective_ppm().saturating_sub(MARGIN_PPM);
        let flow = self.scenario.main_flow;
        let first = |signal, scope, window_ns, bad: &dyn Fn(u64) -> bool| {
            let reader = self.recorder.signals();
            let series = reader.series(signal, scope, from_ns, self.now_ns, window_ns);
            let mut series = series.into_iter();
            let found = series.find(|(_, reading)| reading.is_some_and(bad));
            found.map(|(at_ns, _)| at_ns)
        };
        let began = |region| {
            let scope = Scope::flow(flow, Some(region));
            let failing = first(Signal::SuccessShare, scope, 2 * SCRAPE_NS, &|r| r < limit);
            let slow_us = self.slow_us(flow);
            let slow = first(Signal::LatencyP95, scope, MINUTE_NS, &|r| r > slow_us);
            let late = self.bounded().filter_map(|(queue, bound_us)| {
                let scope = Scope::service(queue, Some(region));
                let late = first(Signal::QueueAge, scope, SCRAPE_NS, &|age| age > bound_us);
                late.map(|at_ns| at_ns.saturating_sub(bound_us * 1_000))
            });
            late.chain(failing).chain(slow).min()
        };
        self.regions().filter_map(began).min()
    }

    /// Whether the main flow has met the objective in every region over the last `window_ns`.
    #[must_use]
    pub fn recovered(&self, window_ns: u64) -> bool {
        let reader = self.recorder.signals();
        let objective = self.objective_ppm();
        let slow_us = self.slow_us(self.scenario.main_flow);
        self.regions().all(|region| {
            let scope = Scope::flow(self.scenario.main_flow, Some(region));
            let success = reader.read(Signal::SuccessShare, scope, self.now_ns, window_ns);
            let p95 = reader.read(Signal::LatencyP95, scope, self.now_ns, window_ns);
            let fresh = self.bounded().all(|(queue, bound_us)| {
                let scope = Scope::service(queue, Some(region));
                let oldest = reader.read(Signal::QueueAge, scope, self.now_ns, window_ns);
                oldest.is_none_or(|age| age <= bound_us)
            });
            success.is_none_or(|s| s >= objective) && p95.is_none_or(|p| p <= slow_us) && fresh
        })
    }

    /// Worst failing share of the main flow in any region and minute so far, parts per million.
    #[must_use]
    pub fn worst_failing_ppm(&self) -> u64 {
        let flow = self.scenario.main_flow;
        let worst = self
            .regions()
            .filter_map(|region| self.worst(Signal::SuccessShare, flow, region))
            .min();
        1_000_000 - worst.unwrap_or(1_000_000)
    }

    /// Worst slow share of the main flow in any region and minute so far, parts per million.
    #[must_use]
    pub fn worst_slow_ppm(&self) -> u64 {
        let flow = self.scenario.main_flow;
        let worst = self
            .regions()
            .filter_map(|region| self.worst(Signal::SlowShare, flow, region));
        worst.max().unwrap_or(0)
    }

    /// Age of the oldest work so far in a queue with a bound, in microseconds.
    #[must_use]
    pub fn oldest_us(&self) -> u64 {
        let from_ns = self.page_ns.saturating_sub(LOOK_BACK_NS);
        let window_ns = self.now_ns.saturating_sub(from_ns);
        let reader = self.recorder.signals();
        let oldest = self.bounded().filter_map(|(queue, _)| {
            let scope = Scope::service(queue, None);
            reader.read(Signal::QueueAge, scope, self.now_ns, window_ns)
        });
        oldest.max().unwrap_or(0)
    }

    fn impact(&self, kind: SymptomKind, flow: &str) -> Option<bool> {
        let flow = names::flow(&self.scenario.blueprint, flow).ok()?;
        let limit = self.objective_ppm().saturating_sub(MARGIN_PPM);
        let slow_us = self.slow_us(flow);
        let main = flow == self.scenario.main_flow;
        let late = || main && self.regions().any(|region| self.late(region));
        let errors = || {
            self.regions().any(|r| {
                self.worst(Signal::SuccessShare, flow, r)
                    .is_some_and(|w| w < limit)
            })
        };
        let slowness = || {
            self.regions().any(|r| {
                self.worst(Signal::LatencyP95, flow, r)
                    .is_some_and(|w| w > slow_us)
            })
        };
        match kind {
            SymptomKind::Errors => Some(errors()),
            SymptomKind::Slowness => Some(slowness()),
            SymptomKind::NoImpact => Some(!errors() && !slowness() && !late()),
            // What waits in a queue is not yet where users look.
            SymptomKind::StaleData => Some(late()),
            SymptomKind::LostOrDuplicatedWork => Some(main && self.given_up()),
            // Nothing in this engine's telemetry shows that, so a claim of it is wrong.
            SymptomKind::MissingFunctionality => Some(false),
        }
    }

    /// Whether dead letters have come to lie in a queue since shortly before the page.
    fn given_up(&self) -> bool {
        let from_ns = self.page_ns.saturating_sub(LOOK_BACK_NS);
        let services = (0..self.scenario.blueprint.services.len()).map(ServiceId::from_index);
        let mut scopes = services.map(|service| Scope::service(service, None));
        scopes.any(|scope| {
            let reader = self.recorder.signals();
            let letters = |at_ns| reader.read(Signal::DeadLetters, scope, at_ns, MINUTE_NS);
            letters(self.now_ns).unwrap_or(0) > letters(from_ns).unwrap_or(0)
        })
    }

    fn scope(&self, regions: &[String]) -> Option<bool> {
        let affected = self.affected();
        if regions.is_empty() {
            return Some(affected.is_empty());
        }
        let claimed = names::regions(&self.scenario.blueprint, regions).ok()?;
        Some(
            claimed.len() == affected.len()
                && claimed.iter().all(|region| affected.contains(region)),
        )
    }

    /// A figure is right within a tenth of the reading, or two points for shares.
    fn figure(&self, metric: &crate::command::Metric, value: u64) -> Option<bool> {
        let scope = names::scope(&self.scenario.blueprint, metric).ok()?;
        let reading = self
            .recorder
            .signals()
            .read(metric.signal, scope, self.now_ns, MINUTE_NS)?;
        let slack = match metric.signal.unit() {
            "ppm" => 20_000,
            _ => reading / 10,
        };
        Some(reading.abs_diff(value) <= slack)
    }
}
