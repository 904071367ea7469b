//! The tables of the blueprint: services, deployments, edges, versions, flows and traffic.

use std::collections::BTreeMap;

use brownout_sim::blueprint::{
    self as sim, Balancer, Blueprint, ConfigRead, Deployment, Discipline, InstanceSpec,
    ManifestRow, ServiceKind, Sharing,
};
use brownout_sim::ids::{
    ClientId, EdgeId, EndpointId, FlagId, FlowId, RegionId, SegmentId, ServiceId, ValueId,
    VariableId, VersionId,
};

use super::instances::{fleet, leak, narrow, on_missing, resources, slots};
use super::{Build, missing};
use crate::defaults;
use crate::model::{self, DurationText, System};
use crate::units::{duration_ns, share_q32};

/// What releases are like under a truth, beside what all truths have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hidden<'a> {
    pub unset: &'a [model::Unset],
    pub calls: &'a [model::HiddenCalls],
    pub does: &'a [model::Does],
    /// All truths, as the tables must not differ between them.
    pub truths: &'a [model::Truth],
}

/// A blueprint in the making.
pub(super) struct Builder<'a> {
    pub(super) model: &'a System,
    pub(super) blueprint: Blueprint,
    /// By client, target, and the version that calls in a way of its own.
    pub(super) edges: BTreeMap<(ServiceId, EndpointId, Option<VersionId>), EdgeId>,
    /// Policies of the release whose programs are being laid out, by callee, first those that go before others.
    pub(super) own_calls: Vec<(&'a str, &'a model::CallPolicy)>,
    /// Until when profiles of traffic are laid out.
    pub(super) run_ns: u64,
}

/// Duration in nanoseconds, or the default where the file says nothing.
pub(super) fn duration_or(text: Option<&DurationText>, default: u64) -> Build<u64> {
    Ok(text.map_or(Ok(default), |text| duration_ns(&text.0))?)
}

fn row(
    names: impl IntoIterator<Item = impl AsRef<str>>,
    kind: &'static str,
    name: &str,
) -> Build<usize> {
    names
        .into_iter()
        .position(|known| known.as_ref() == name)
        .map_or_else(|| missing(kind, name), Ok)
}

impl<'a> Builder<'a> {
    pub(super) fn new(model: &'a System, run_ns: u64) -> Self {
        Self {
            model,
            blueprint: Blueprint::default(),
            edges: BTreeMap::new(),
            own_calls: Vec::new(),
            run_ns,
        }
    }

    pub(super) fn service_id(&self, name: &str) -> Build<ServiceId> {
        row(
            self.model.services.iter().map(|service| &service.name),
            "service",
            name,
        )
        .map(ServiceId::from_index)
    }

    pub(super) fn region_id(&self, name: &str) -> Build<RegionId> {
        row(&self.model.regions, "region", name).map(RegionId::from_index)
    }

    pub(super) fn flag_id(&self, name: &str) -> Build<FlagId> {
        row(self.model.flags.iter().map(|flag| &flag.name), "flag", name).map(FlagId::from_index)
    }

    pub(super) fn flow_id(&self, name: &str) -> Build<FlowId> {
        row(self.model.flows.iter().map(|flow| &flow.name), "flow", name).map(FlowId::from_index)
    }

    pub(super) fn segment_id(&self, name: &str) -> Build<SegmentId> {
        row(&self.model.segments, "segment", name).map(SegmentId::from_index)
    }

    pub(super) fn client_id(&self, name: &str) -> Build<ClientId> {
        row(&self.model.clients, "client version", name).map(ClientId::from_index)
    }

    pub(super) fn endpoint_id(&self, service: ServiceId, name: &str) -> Build<EndpointId> {
        let found = self
            .blueprint
            .endpoints
            .iter()
            .position(|e| e.service == service && e.name == name);
        found.map_or_else(
            || missing("endpoint", name),
            |index| Ok(EndpointId::from_index(index)),
        )
    }

    pub(super) fn version_id(&self, service: ServiceId, name: &str) -> Build<VersionId> {
        let found = self
            .blueprint
            .versions
            .iter()
            .position(|v| v.service == service && v.name == name);
        found.map_or_else(
            || missing("version", name),
            |index| Ok(VersionId::from_index(index)),
        )
    }

    pub(super) fn variable(&mut self, name: &str) -> VariableId {
        VariableId::from_index(intern(&mut self.blueprint.variables, name))
    }

    fn value(&mut self, text: &str) -> ValueId {
        ValueId::from_index(intern(&mut self.blueprint.values, text))
    }

    /// All tables but the timeline.
    pub(super) fn system(
        &mut self,
        releases: &'a [model::Version],
        hidden: Hidden<'a>,
    ) -> Build<()> {
        self.blueprint.regions.clone_from(&self.model.regions);
        self.blueprint.segments.clone_from(&self.model.segments);
        self.blueprint.clients.clone_from(&self.model.clients);
        self.latency()?;
        if !self.model.zones.is_empty() {
            let zones = |region| narrow(self.model.zones.get(region).copied().unwrap_or(1));
            self.blueprint.zones = self.model.regions.iter().map(zones).collect();
        }
        self.key_spaces()?;
        for service in &self.model.services {
            self.service(service)?;
        }
        let regions = self.model.regions.len();
        for flag in &self.model.flags {
            let own = flag.segments.iter();
            let own = own.map(|(segment, on)| Ok((self.segment_id(segment)?, share_q32(&on.0)?)));
            let segments = own.collect::<Build<_>>()?;
            self.blueprint.flags.push(sim::Flag {
                name: flag.name.clone(),
                share_q32: vec![share_q32(&flag.on.0)?; regions],
                segments,
            });
        }
        self.versions(releases, hidden)?;
        self.deployments();
        for flow in &self.model.flows {
            self.flow(flow)?;
        }
        self.network()?;
        for service in &self.model.services {
            self.door(service)?;
        }
        Ok(())
    }

    fn latency(&mut self) -> Build<()> {
        let within = duration_ns(&self.model.latency.within.0)?;
        let between = duration_ns(&self.model.latency.between.0)?;
        let regions = self.model.regions.len();
        for from in 0..regions {
            self.blueprint
                .latency_ns
                .extend((0..regions).map(|to| if from == to { within } else { between }));
        }
        Ok(())
    }

    fn service(&mut self, service: &model::Service) -> Build<()> {
        let id = ServiceId::from_index(self.blueprint.services.len());
        let home = match &service.home {
            Some(home) => self.region_id(home)?,
            None => self.first_region(service)?,
        };
        let cache = service.cache.as_ref().map(|cache| self.cache(cache));
        let cache = cache.transpose()?;
        let database = match &service.database {
            Some(database) => Some(self.database(id, home, database)?),
            None => None,
        };
        let balancer = match &service.balancer {
            model::Balancer::RoundRobin => Balancer::RoundRobin,
            model::Balancer::LeastOutstanding => Balancer::LeastOutstanding,
            model::Balancer::PowerOfTwo => Balancer::PowerOfTwo,
            model::Balancer::ByKey(keys) => Balancer::Key(self.key_space_id(keys)?),
        };
        let instance = &service.instance;
        // Those that come on top make up for those that go.
        let unavailable = match service.rollout.max_surge {
            None | Some(0) => defaults::MAX_UNAVAILABLE,
            Some(_) => 0,
        };
        let max_unavailable = service.rollout.max_unavailable.unwrap_or(unavailable);
        self.blueprint.services.push(sim::Service {
            name: service.name.clone(),
            kind: kind(service.kind),
            host: host(service),
            home,
            instance: InstanceSpec {
                cores: instance.cores.unwrap_or(defaults::CORES),
                workers: instance.workers.unwrap_or(defaults::WORKERS),
                queue: instance.queue.unwrap_or(defaults::QUEUE),
                start_ns: duration_or(instance.start.as_ref(), defaults::START_NS)?,
                drain_ns: duration_or(instance.drain.as_ref(), defaults::DRAIN_NS)?,
                discipline: match &instance.discipline {
                    model::Discipline::Fifo => Discipline::Fifo,
                    model::Discipline::Lifo => Discipline::Lifo,
                    model::Discipline::Codel(target, interval) => Discipline::CoDel {
                        target_ns: duration_ns(&target.0)?,
                        interval_ns: duration_ns(&interval.0)?,
                    },
                    model::Discipline::Deadline => Discipline::Deadline,
                    model::Discipline::Priority => Discipline::Priority,
                },
                sharing: match instance.sharing {
                    model::Sharing::FirstCome => Sharing::FirstCome,
                    model::Sharing::Equal => Sharing::Equal,
                },
                resources: resources(instance)?,
            },
            balancer,
            cache,
            database,
            queue: sim::QueueSpec {
                dead_letters: service.queue.dead_letters,
                late_ns: duration_or(service.queue.late.as_ref(), 0)?,
            },
            max_unavailable: u16::try_from(max_unavailable).unwrap_or(u16::MAX),
            rollout_lead_ns: duration_or(service.rollout.lead.as_ref(), defaults::ROLLOUT_LEAD_NS)?,
            restart_lead_ns: duration_or(
                service.rollout.restart_lead.as_ref(),
                defaults::RESTART_LEAD_NS,
            )?,
            fleet: fleet(service)?,
        });
        let endpoints = service.endpoints.iter().map(|endpoint| sim::Endpoint {
            service: id,
            name: endpoint.name.clone(),
            access: match endpoint.access {
                model::Access::Any => sim::Access::Any,
                model::Access::Primary => sim::Access::Primary,
                model::Access::Replica => sim::Access::Replica,
            },
            effect: match endpoint.effect {
                model::Effect::Idempotent => sim::Effect::Idempotent,
                model::Effect::Once => sim::Effect::Once,
            },
        });
        self.blueprint.endpoints.extend(endpoints);
        Ok(())
    }

    fn first_region(&self, service: &model::Service) -> Build<RegionId> {
        let first = self
            .model
            .regions
            .iter()
            .position(|region| service.replicas.contains_key(region));
        first.map_or_else(
            || missing("deployment of service", &service.name),
            |index| Ok(RegionId::from_index(index)),
        )
    }

    /// The base version of service `i` gets version id `i`; releases follow in the order of the file. A release that
    /// has the name of the base version describes that one.
    fn versions(&mut self, releases: &'a [model::Version], hidden: Hidden<'a>) -> Build<()> {
        let system = self.model;
        for service in &system.services {
            let described = releases.iter().find(|release| is_base(service, release));
            self.version(service, described, hidden)?;
        }
        for release in releases {
            let Some(service) = system
                .services
                .iter()
                .find(|service| service.name == release.service)
            else {
                return missing("service", &release.service);
            };
            if !is_base(service, release) {
                self.version(service, Some(release), hidden)?;
            }
        }
        self.config_read_edges(releases)
    }

    fn version(
        &mut self,
        service: &model::Service,
        release: Option<&'a model::Version>,
        hidden: Hidden<'a>,
    ) -> Build<()> {
        let id = self.service_id(&service.name)?;
        let name = release.map_or(&service.version, |release| &release.name);
        let under_truth = hidden
            .calls
            .iter()
            .filter(|own| own.service == service.name && own.version == *name)
            .map(|own| (own.callee.as_str(), &own.policy));
        let of_release = release.iter().flat_map(|release| &release.calls);
        self.own_calls = under_truth
            .chain(of_release.map(|(callee, policy)| (callee.as_str(), policy)))
            .collect();
        let mut version = sim::Version {
            service: id,
            name: name.clone(),
            leak: release.map_or(Ok(sim::Leak::NONE), |release| leak(&release.leak))?,
            ..sim::Version::default()
        };
        let mut unseen = version.clone();
        for base in &service.endpoints {
            let replaced =
                release.and_then(|release| release.endpoints.iter().find(|e| e.name == base.name));
            let endpoint = self.endpoint_id(id, &base.name)?;
            let written = replaced.unwrap_or(base);
            // What other truths do is compiled all the same: the tables must not differ between truths.
            for truth in hidden.truths {
                if let Some(other) = does(&truth.does, &service.name, name, &base.name) {
                    self.program(&mut unseen, endpoint, &written.steps)?;
                    self.program(&mut unseen, endpoint, &other.steps)?;
                }
            }
            let drawn = does(hidden.does, &service.name, name, &base.name);
            self.program(&mut version, endpoint, &drawn.unwrap_or(written).steps)?;
        }
        if let Some(release) = release {
            version.schemas = self.schemas(&release.schemas)?;
        }
        for read in release.iter().flat_map(|release| &release.reads) {
            let (variable, default) = (self.variable(&read.variable), self.value(&read.default));
            version.reads.push(ConfigRead {
                variable,
                edges: Vec::new(),
                default,
                on_missing: on_missing(read.on_missing),
            });
        }
        for (region, rows) in release.iter().flat_map(|release| &release.manifest) {
            for (variable, value) in rows {
                let missing = hidden.unset.iter().any(|entry| {
                    entry.service == service.name
                        && entry.version == version.name
                        && entry.region == *region
                        && entry.variable == *variable
                });
                // Interned all the same: the tables must not differ between truths.
                let row = ManifestRow {
                    region: self.region_id(region)?,
                    variable: self.variable(variable),
                    value: self.value(value),
                };
                if !missing {
                    version.manifest.push(row);
                }
            }
        }
        self.own_calls.clear();
        self.blueprint.versions.push(version);
        Ok(())
    }

    /// Fills the edges that configuration reads redirect: all edges of the service towards the callee, whichever
    /// version brought them.
    fn config_read_edges(&mut self, releases: &[model::Version]) -> Build<()> {
        for release in releases {
            let service = self.service_id(&release.service)?;
            let version = self.version_id(service, &release.name)?;
            for (position, read) in release.reads.iter().enumerate() {
                let callee = self.service_id(&read.callee)?;
                let towards = |target: EndpointId| {
                    self.blueprint
                        .endpoints
                        .get(target.index())
                        .is_some_and(|e| e.service == callee)
                };
                let edges: Vec<EdgeId> = self
                    .edges
                    .iter()
                    .filter(|((client, target, _), _)| *client == service && towards(*target))
                    .map(|(_, edge)| *edge)
                    .collect();
                let version = self.blueprint.versions.get_mut(version.index());
                if let Some(row) = version.and_then(|version| version.reads.get_mut(position)) {
                    row.edges = edges;
                }
            }
        }
        Ok(())
    }

    fn deployments(&mut self) {
        for (index, service) in self.model.services.iter().enumerate() {
            for (region_index, region) in self.model.regions.iter().enumerate() {
                let Some(replicas) = service.replicas.get(region) else {
                    continue;
                };
                self.blueprint.deployments.push(Deployment {
                    service: ServiceId::from_index(index),
                    region: RegionId::from_index(region_index),
                    replicas: u16::try_from(*replicas).unwrap_or(u16::MAX),
                    spare: narrow(slots(service, region).saturating_sub(*replicas)),
                    version: VersionId::from_index(index),
                });
            }
        }
    }
}

/// Host name under which configuration values address a service.
pub(crate) fn host(service: &model::Service) -> String {
    service
        .host
        .clone()
        .unwrap_or_else(|| format!("{}.internal", service.name))
}

/// What an endpoint of a version really does, if that is not what is written.
fn does<'t>(
    all: &'t [model::Does],
    service: &str,
    version: &str,
    endpoint: &str,
) -> Option<&'t model::Endpoint> {
    let ours = |row: &&model::Does| row.service == service && row.version == version;
    let mut rows = all.iter().filter(ours).flat_map(|row| &row.endpoints);
    rows.find(|e| e.name == endpoint)
}

fn is_base(service: &model::Service, release: &model::Version) -> bool {
    release.service == service.name && release.name == service.version
}

fn intern(table: &mut Vec<String>, text: &str) -> usize {
    table
        .iter()
        .position(|known| known == text)
        .unwrap_or_else(|| {
            table.push(text.to_owned());
            table.len() - 1
        })
}

const fn kind(kind: model::ServiceKind) -> ServiceKind {
    match kind {
        model::ServiceKind::Edge => ServiceKind::Edge,
        model::ServiceKind::Service => ServiceKind::Service,
        model::ServiceKind::Database => ServiceKind::Database,
        model::ServiceKind::Cache => ServiceKind::Cache,
        model::ServiceKind::Queue => ServiceKind::Queue,
        model::ServiceKind::ThirdParty => ServiceKind::ThirdParty,
    }
}
