//! The labels of series.

use brownout_sim::blueprint::{Blueprint, ServiceKind};
use brownout_sim::ids::{EndpointId, InstanceId, RegionId, ServiceId, VersionId};
use brownout_sim::probe::Status;

use super::histograms::{
    FLOW, HTTP_CLIENT, HTTP_SERVER, MESSAGING_CLIENT, MESSAGING_SERVER, STORE_CLIENT, STORE_SERVER,
};
use crate::promql::labels::{Labels, Text};
use crate::series::{Series, SeriesKind};

/// Names of what series are about, shared by all labels that hold them.
#[derive(Debug)]
pub struct Directory {
    services: Vec<Text>,
    hosts: Vec<Text>,
    regions: Vec<Text>,
    versions: Vec<Text>,
    /// Method and route of each endpoint.
    routes: Vec<(Text, Text)>,
    /// Name, service and region of each instance.
    instances: Vec<(Text, ServiceId, RegionId)>,
}

impl Directory {
    /// The names of a blueprint.
    #[must_use]
    pub fn new(blueprint: &Blueprint) -> Self {
        let mut instances = Vec::new();
        for deployment in &blueprint.deployments {
            let service = &blueprint.services[deployment.service.index()].name;
            let region = &blueprint.regions[deployment.region.index()];
            for slot in 1..=deployment.slots() {
                let name = format!("{service}-{region}-{slot}");
                instances.push((name.into(), deployment.service, deployment.region));
            }
        }
        let texts = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
        let route = |name: &str| match name.split_once(' ') {
            Some((method, route)) => (method.into(), route.into()),
            None => ("".into(), name.into()),
        };
        Self {
            services: blueprint
                .services
                .iter()
                .map(|s| s.name.as_str().into())
                .collect(),
            hosts: blueprint
                .services
                .iter()
                .map(|s| s.host.as_str().into())
                .collect(),
            regions: texts(&blueprint.regions),
            versions: blueprint
                .versions
                .iter()
                .map(|v| v.name.as_str().into())
                .collect(),
            routes: blueprint.endpoints.iter().map(|e| route(&e.name)).collect(),
            instances,
        }
    }

    /// Number of instances.
    pub(crate) fn instances(&self) -> usize {
        self.instances.len()
    }

    /// Name of an instance, such as `checkout-eu-west-2`.
    #[must_use]
    pub fn instance(&self, instance: InstanceId) -> &str {
        &self.instances[instance.index()].0
    }

    /// Name of a service.
    pub(crate) fn service(&self, service: ServiceId) -> &str {
        &self.services[service.index()]
    }

    /// Name of an instance's region.
    pub(crate) fn region(&self, instance: InstanceId) -> &str {
        &self.regions[self.instances[instance.index()].2.index()]
    }

    /// Service of an instance.
    pub(crate) fn service_of(&self, instance: InstanceId) -> ServiceId {
        self.instances[instance.index()].1
    }

    /// Labels that say which process something is about.
    pub(super) fn process(&self, instance: InstanceId, version: VersionId) -> Vec<(&str, Text)> {
        let (name, service, region) = &self.instances[instance.index()];
        vec![
            ("cloud_region", self.regions[region.index()].clone()),
            ("service_instance_id", name.clone()),
            ("service_name", self.services[service.index()].clone()),
            ("service_version", self.versions[version.index()].clone()),
        ]
    }

    /// Labels of what a service has in a region.
    pub(super) fn place(&self, service: ServiceId, region: RegionId) -> Vec<(&str, Text)> {
        vec![
            ("cloud_region", self.regions[region.index()].clone()),
            ("service_name", self.services[service.index()].clone()),
        ]
    }

    /// Family of a series and its labels but for the metric's name; `None` of one that nobody could scrape: the inside of
    /// somebody else's service.
    pub(super) fn labels(&self, blueprint: &Blueprint, series: &Series) -> Option<(usize, Labels)> {
        let kind_of = |service: ServiceId| blueprint.services[service.index()].kind;
        let target = |endpoint: EndpointId| blueprint.endpoints[endpoint.index()].service;
        let mut labels: Vec<(&str, Text)>;
        let family;
        match series.kind {
            SeriesKind::Server {
                endpoint,
                instance,
                version,
            } => {
                labels = self.process(instance, version);
                let service = target(endpoint);
                family = match kind_of(service) {
                    ServiceKind::ThirdParty => return None,
                    ServiceKind::Edge | ServiceKind::Service => HTTP_SERVER,
                    ServiceKind::Database | ServiceKind::Cache => STORE_SERVER,
                    ServiceKind::Queue => MESSAGING_SERVER,
                };
                self.operation(family, service, endpoint, series.status, &mut labels);
            }
            SeriesKind::Client {
                edge,
                instance,
                version,
            } => {
                labels = self.process(instance, version);
                let endpoint = blueprint.edges[edge.index()].target;
                let service = target(endpoint);
                family = match kind_of(service) {
                    ServiceKind::ThirdParty | ServiceKind::Edge | ServiceKind::Service => {
                        HTTP_CLIENT
                    }
                    ServiceKind::Database | ServiceKind::Cache => STORE_CLIENT,
                    ServiceKind::Queue => MESSAGING_CLIENT,
                };
                self.operation(family, service, endpoint, series.status, &mut labels);
                if family != MESSAGING_CLIENT {
                    labels.push(("server_address", self.hosts[service.index()].clone()));
                }
            }
            SeriesKind::Flow {
                flow,
                region,
                segment,
                client,
                slow,
            } => {
                family = FLOW;
                let name = |names: &[String], index: usize| {
                    names.get(index).map_or("", String::as_str).into()
                };
                let outcome = match (series.status.is_ok(), slow) {
                    (true, false) => "ok",
                    (true, true) => "slow",
                    (false, _) => "failed",
                };
                labels = vec![
                    ("cloud_region", self.regions[region.index()].clone()),
                    ("flow", blueprint.flows[flow.index()].name.as_str().into()),
                    ("outcome", outcome.into()),
                    ("user_segment", name(&blueprint.segments, segment.index())),
                    ("client_version", name(&blueprint.clients, client.index())),
                ];
            }
        }
        if let Some(error) = error_type(series.status) {
            labels.push(("error_type", error.into()));
        }
        Some((family, Labels::new(labels)))
    }

    /// Labels that say what was asked for and what was answered.
    fn operation(
        &self,
        family: usize,
        service: ServiceId,
        endpoint: EndpointId,
        status: Status,
        labels: &mut Vec<(&str, Text)>,
    ) {
        let (method, route) = &self.routes[endpoint.index()];
        if family == HTTP_SERVER || family == HTTP_CLIENT {
            let place = if family == HTTP_SERVER {
                "http_route"
            } else {
                "url_template"
            };
            labels.push(("http_request_method", method.clone()));
            labels.push((place, route.clone()));
            if family == HTTP_SERVER || has_answer(status) {
                let code = status.http().to_string();
                labels.push(("http_response_status_code", code.into()));
            }
        } else if family == STORE_SERVER || family == STORE_CLIENT {
            let name: Text = if method.is_empty() {
                route.clone()
            } else {
                format!("{method} {route}").into()
            };
            labels.push(("db_operation_name", name));
        } else {
            labels.push((
                "messaging_destination_name",
                self.services[service.index()].clone(),
            ));
            labels.push(("messaging_operation_name", route.clone()));
        }
    }
}

/// Whether a server answered, so that there is a status code.
const fn has_answer(status: Status) -> bool {
    matches!(
        status,
        Status::Ok
            | Status::Internal
            | Status::BadGateway
            | Status::Overloaded
            | Status::Expired
            | Status::Throttled
            | Status::Denied
            | Status::LockTimeout
    )
}

/// The `error.type` of a failure: one of its own for each, so that no two series share their labels.
const fn error_type(status: Status) -> Option<&'static str> {
    Some(match status {
        Status::Ok => return None,
        Status::Internal => "500",
        Status::BadGateway => "502",
        Status::Unavailable => "no_healthy_upstream",
        Status::Overloaded => "overloaded",
        Status::Timeout => "timeout",
        Status::Reset => "connection_reset",
        Status::Expired => "deadline_exceeded",
        Status::CircuitOpen => "circuit_open",
        Status::Cancelled => "cancelled",
        Status::Refused => "connection_refused",
        Status::Throttled => "429",
        Status::Unresolved => "name_resolution",
        Status::Untrusted => "certificate",
        Status::Denied => "403",
        Status::Exhausted => "resource_exhausted",
        Status::LockTimeout => "lock_timeout",
        Status::Abandoned => "abandoned",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_type_of_its_own() {
        let mut types: Vec<_> = Status::ALL.iter().filter_map(|s| error_type(*s)).collect();
        types.sort_unstable();
        types.dedup();
        assert_eq!(types.len(), Status::ALL.len() - 1);
    }
}
