//! Making the player's view.

use std::collections::BTreeMap;

use brownout_scenario::compiled::{Scenario, Severity};
use brownout_sim::blueprint::MINUTE_NS;
use brownout_sim::ids::{DeploymentId, RegionId, ServiceId};
use brownout_sim::world::InstanceState;
use brownout_telemetry::metrics::{Series, SeriesKind};
use brownout_telemetry::signal::{Scope, Signal, Tally};

use crate::claims::RECOVERED_NS;
use crate::session::Session;
use crate::view::{
    FigureView, FlowView, Health, LinkView, NodeView, PageView, PlayerView, SeverityView,
};

/// Errors from which a component counts as degraded and as failing, parts per million.
const DEGRADED_PPM: u64 = 10_000;
const FAILING_PPM: u64 = 100_000;
/// Worker use from which a component counts as degraded.
const PRESSED_PPM: u64 = 900_000;

fn figures(tally: &Tally, window_ns: u64) -> FigureView {
    FigureView {
        rate_milli: tally.reading(Signal::Rate, window_ns).unwrap_or(0),
        success_ppm: tally.reading(Signal::SuccessShare, window_ns),
        p50_us: tally.reading(Signal::LatencyP50, window_ns),
        p95_us: tally.reading(Signal::LatencyP95, window_ns),
    }
}

/// The severity policy, as figures are read.
pub(crate) fn severities(scenario: &Scenario) -> Vec<SeverityView> {
    let level = |level: &Severity| SeverityView {
        name: level.name.clone(),
        when: level.when.clone(),
        failing_ppm: level.failing_q32 * 1_000_000 >> 32,
        slow_ppm: level.slow_q32.map(|slow| slow * 1_000_000 >> 32),
        late_us: level.late_ns.map(|late_ns| late_ns / 1_000),
    };
    scenario.severities.iter().map(level).collect()
}

/// Tallies of the last minute by what a panel shows.
#[derive(Default)]
struct Tallies {
    /// (flow, region).
    flows: BTreeMap<(u16, u16), Tally>,
    /// (service, region of the instance).
    services: BTreeMap<(u16, u16), Tally>,
    /// (caller, region of the caller, callee).
    calls: BTreeMap<(u16, u16, u16), Tally>,
}

impl Session {
    /// A snapshot of what the player may know.
    #[must_use]
    pub fn view(&self) -> PlayerView {
        let scenario = &self.scenario;
        let blueprint = &scenario.blueprint;
        let scraped_ns = self.recorder.metrics.last_scrape_ns();
        let window_ns = MINUTE_NS.min(scraped_ns);
        let tallies = self.tallies(scraped_ns.saturating_sub(window_ns), scraped_ns);
        let (nodes, places) = self.nodes(&tallies, window_ns);
        PlayerView {
            now_ns: self.now_ns(),
            start_unix_s: scenario.start_unix_s,
            scraped_ns,
            title: scenario.title.clone(),
            briefing: scenario.briefing.clone(),
            page: self.page.as_ref().map(|page| PageView {
                at_ns: page.stamp.at_ns,
                text: page.text.clone(),
                region: page.region.clone(),
                flow: page.flow.clone(),
            }),
            acknowledged: self.desk.acknowledged.is_some(),
            acknowledged_ns: self.desk.acknowledged.map(|stamp| stamp.at_ns),
            severity: self
                .desk
                .severities
                .last()
                .map(|(_, severity)| severity.clone()),
            status: self.desk.status(),
            update_due_ns: self.update_due().map(|(at_ns, _)| at_ns),
            recovered: self.facts().recovered(RECOVERED_NS),
            only_watched: self.desk.only_watched(),
            hints: self.scenario.hints[..self.desk.hints.len()].to_vec(),
            hints_left: u32::try_from(self.scenario.hints.len() - self.desk.hints.len())
                .unwrap_or(u32::MAX),
            ended: self.ended(),
            regions: blueprint.regions.clone(),
            severities: severities(scenario),
            objective_ppm: scenario.objective_q32 * 1_000_000 >> 32,
            flows: self.flows(&tallies, window_ns),
            links: self.links(&tallies, &places, window_ns),
            nodes,
            alerts: self.view_alerts(),
            symptom: self
                .desk
                .symptoms
                .last()
                .map(|(_, symptom)| symptom.clone()),
            hypotheses: self.view_hypotheses(),
            actions: self.view_actions(),
            talk: self.view_talk(),
            messages: self
                .desk
                .messages
                .iter()
                .map(|told| (told.stamp.at_ns, told.message.clone()))
                .collect(),
            attempts: self.view_attempts(),
            dumps: self
                .desk
                .dumps
                .iter()
                .map(|dump| (dump.at_ns, dump.service.clone(), dump.region.clone()))
                .collect(),
            segments: blueprint.segments.clone(),
            flags: self.view_flags(),
            people: self.view_people(),
            changes: self.view_changes(),
            looks: self
                .desk
                .looks
                .iter()
                .map(|looked| (looked.stamp.seq, looked.stamp.at_ns, looked.look.clone()))
                .collect(),
        }
    }

    fn tallies(&self, from_ns: u64, to_ns: u64) -> Tallies {
        let blueprint = &self.scenario.blueprint;
        let mut tallies = Tallies::default();
        let add = |series: &Series, gained: &_| {
            let tally = match series.kind {
                SeriesKind::Flow { flow, region, .. } => {
                    tallies.flows.entry((flow.0, region.0)).or_default()
                }
                SeriesKind::Server {
                    endpoint, instance, ..
                } => {
                    let service = blueprint.endpoints[endpoint.index()].service;
                    tallies
                        .services
                        .entry((service.0, self.recorder.region_of(instance).0))
                        .or_default()
                }
                SeriesKind::Client { edge, instance, .. } => {
                    let callee =
                        blueprint.endpoints[blueprint.edges[edge.index()].target.index()].service;
                    let caller = self.recorder.service_of(instance);
                    let region = self.recorder.region_of(instance);
                    tallies
                        .calls
                        .entry((caller.0, region.0, callee.0))
                        .or_default()
                }
            };
            tally.add(series, gained);
        };
        let mut add = add;
        self.recorder.metrics.visit(
            from_ns,
            to_ns,
            |_| true,
            |_, series, gained| add(series, gained),
        );
        tallies
    }

    fn flows(&self, tallies: &Tallies, window_ns: u64) -> Vec<FlowView> {
        let blueprint = &self.scenario.blueprint;
        let rows = blueprint.flows.iter().zip(&self.scenario.flows).enumerate();
        rows.map(|(index, (flow, text))| {
            let entry = blueprint.edges[flow.edge.index()].target;
            let service = blueprint.endpoints[entry.index()].service;
            FlowView {
                name: flow.name.clone(),
                title: text.title.clone(),
                main: text.main,
                regions: (0..blueprint.regions.len())
                    .map(|region| {
                        let key = (
                            u16::try_from(index).unwrap_or(0),
                            u16::try_from(region).unwrap_or(0),
                        );
                        tallies
                            .flows
                            .get(&key)
                            .map_or_else(FigureView::default, |t| figures(t, window_ns))
                    })
                    .collect(),
                entry: blueprint.services[service.index()].name.clone(),
                slow_us: flow.slow_ns / 1_000,
            }
        })
        .collect()
    }

    fn nodes(
        &self,
        tallies: &Tallies,
        window_ns: u64,
    ) -> (Vec<NodeView>, BTreeMap<(u16, u16), u16>) {
        let blueprint = &self.scenario.blueprint;
        let mut nodes = Vec::new();
        let mut places = BTreeMap::new();
        let gauges = self.latest_gauges();
        for (index, deployment) in blueprint.deployments.iter().enumerate() {
            let id = DeploymentId::from_index(index);
            let service = &blueprint.services[deployment.service.index()];
            let key = (deployment.service.0, deployment.region.0);
            let figures = tallies
                .services
                .get(&key)
                .map_or_else(FigureView::default, |t| figures(t, window_ns));
            let state = gauges.get(&key).cloned().unwrap_or_default();
            let control = self.world.deployment(id);
            let saturation_ppm = (state.busy * 1_000_000).checked_div(state.workers);
            let text = &self.scenario.services[deployment.service.index()];
            places.insert(key, u16::try_from(nodes.len()).unwrap_or(u16::MAX));
            nodes.push(NodeView {
                service: service.name.clone(),
                region: deployment.region.0,
                kind: service.kind,
                rank: self
                    .scenario
                    .ranks
                    .get(deployment.service.index())
                    .copied()
                    .unwrap_or(0),
                owner: text.owner.clone(),
                description: text.description.clone(),
                health: health(&figures, saturation_ppm, state.ready),
                figures,
                saturation_ppm,
                cpu_ppm: (state.cpu_per_mille * 1_000).checked_div(state.instances),
                queued: state.queued,
                oldest_us: state.oldest_us,
                late_us: (service.queue.late_ns > 0).then_some(service.queue.late_ns / 1_000),
                dead_letters: self.dead_letters(deployment.service, deployment.region),
                status_page: self.world.status_page(deployment.service),
                ready: u16::try_from(state.ready).unwrap_or(u16::MAX),
                replicas: control.replicas,
                slots: control.slots,
                versions: state
                    .versions
                    .iter()
                    .map(|(version, count)| {
                        (
                            blueprint.versions[usize::from(*version)].name.clone(),
                            *count,
                        )
                    })
                    .collect(),
                rolling: control.current < control.replicas,
            });
        }
        (nodes, places)
    }

    fn dead_letters(&self, service: ServiceId, region: RegionId) -> Option<u64> {
        let scope = Scope::service(service, Some(region));
        let last_ns = self.recorder.metrics.last_scrape_ns();
        self.recorder
            .signals()
            .read(Signal::DeadLetters, scope, last_ns, MINUTE_NS)
    }

    fn latest_gauges(&self) -> BTreeMap<(u16, u16), GaugeSum> {
        let mut sums: BTreeMap<(u16, u16), GaugeSum> = BTreeMap::new();
        let last_ns = self.recorder.metrics.last_scrape_ns();
        for (_, row) in self
            .recorder
            .metrics
            .gauges(last_ns.saturating_sub(1), last_ns)
        {
            let key = (
                self.recorder.service_of(row.instance).0,
                self.recorder.region_of(row.instance).0,
            );
            let sum = sums.entry(key).or_default();
            sum.instances += 1;
            sum.busy += u64::from(row.busy_workers);
            sum.workers += u64::from(row.workers);
            sum.queued += u64::from(row.queued);
            sum.oldest_us = sum.oldest_us.max(u64::from(row.oldest_us));
            sum.cpu_per_mille += u64::from(row.cpu_per_mille);
            if row.state == InstanceState::Ready {
                sum.ready += 1;
                *sum.versions.entry(row.version.0).or_default() += 1;
            }
        }
        sums
    }

    fn links(
        &self,
        tallies: &Tallies,
        places: &BTreeMap<(u16, u16), u16>,
        window_ns: u64,
    ) -> Vec<LinkView> {
        let blueprint = &self.scenario.blueprint;
        let place = |service: u16, region: u16| {
            let home = blueprint.services[usize::from(service)].home.0;
            places
                .get(&(service, region))
                .or_else(|| places.get(&(service, home)))
                .copied()
        };
        let mut links = Vec::new();
        let mut entries: BTreeMap<(u16, u16), Tally> = BTreeMap::new();
        for (&(flow, region), tally) in &tallies.flows {
            let target = blueprint.edges[blueprint.flows[usize::from(flow)].edge.index()].target;
            let service = blueprint.endpoints[target.index()].service;
            let sum = entries.entry((service.0, region)).or_default();
            sum.ok += tally.ok;
            sum.slow += tally.slow;
            sum.failed += tally.failed;
            sum.durations.add(&tally.durations);
        }
        for ((service, region), tally) in entries {
            // Users of a region whose traffic is shifted are drawn to where most of them go.
            let to = self
                .world
                .shifted(RegionId(region))
                .filter(|(_, share)| share >> 31 > 0)
                .map_or(region, |s| s.0.0);
            if let Some(to) = place(service, to) {
                links.push(LinkView {
                    from: None,
                    users_region: region,
                    to,
                    figures: figures(&tally, window_ns),
                });
            }
        }
        for (&(caller, region, callee), tally) in &tallies.calls {
            if let (Some(from), Some(to)) = (place(caller, region), place(callee, region)) {
                let figures = figures(tally, window_ns);
                links.push(LinkView {
                    from: Some(from),
                    users_region: region,
                    to,
                    figures,
                });
            }
        }
        links
    }
}

#[derive(Clone, Debug, Default)]
struct GaugeSum {
    instances: u64,
    busy: u64,
    workers: u64,
    queued: u64,
    oldest_us: u64,
    cpu_per_mille: u64,
    ready: u64,
    versions: BTreeMap<u16, u16>,
}

fn health(figures: &FigureView, saturation_ppm: Option<u64>, ready: u64) -> Health {
    let errors_ppm = figures.success_ppm.map(|success| 1_000_000 - success);
    match errors_ppm {
        _ if ready == 0 => Health::Failing,
        None => Health::Unknown,
        Some(errors) if errors >= FAILING_PPM => Health::Failing,
        Some(errors) if errors >= DEGRADED_PPM => Health::Degraded,
        Some(_) if saturation_ppm.is_some_and(|s| s >= PRESSED_PPM) => Health::Degraded,
        Some(_) => Health::Healthy,
    }
}
