//! Small worlds for tests: stations in a chain, one region.

use std::sync::Arc;

use brownout_sim::blueprint::{
    Balancer, Blueprint, Deployment, Edge, Endpoint, Flow, InstanceSpec, ONE_Q16, RateStep,
    SECOND_NS, Service, Source, Step, Version,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{EdgeId, EndpointId, FlowId, RegionId, SegmentId, ServiceId, VersionId};
use brownout_sim::world::World;

/// A station of a chain.
#[derive(Clone, Copy)]
pub struct Station {
    pub replicas: u16,
    pub cores: u32,
    pub workers: u32,
    pub queue: u32,
    pub service_ns: u64,
    pub balancer: Balancer,
}

impl Station {
    pub fn servers(servers: u32, service_ns: u64) -> Self {
        Self {
            replicas: 1,
            cores: servers,
            workers: servers,
            queue: 1_000_000,
            service_ns,
            balancer: Balancer::PowerOfTwo,
        }
    }
}

/// Client-side policy.
#[derive(Clone, Copy)]
pub struct Policy {
    pub timeout_ns: u64,
    pub attempts: u8,
    pub backoff_ns: u64,
    pub jitter_q16: u32,
}

impl Policy {
    pub const PATIENT: Self = Self {
        timeout_ns: 1_000_000 * SECOND_NS,
        attempts: 1,
        backoff_ns: 0,
        jitter_q16: 0,
    };
}

/// A chain of stations in one region; users call the first, each calls the next before it replies.
pub fn chain(
    stations: &[Station],
    interarrival_ns: u64,
    policy: Policy,
    profile: Vec<RateStep>,
) -> Blueprint {
    let mut blueprint = Blueprint {
        name: "chain".to_owned(),
        regions: vec!["r".to_owned()],
        segments: vec!["all".to_owned()],
        latency_ns: vec![0],
        ..Blueprint::default()
    };
    for (index, station) in stations.iter().enumerate() {
        let id = ServiceId::from_index(index);
        let endpoint = EndpointId::from_index(index);
        blueprint.services.push(Service {
            name: format!("s{index}"),
            instance: InstanceSpec {
                cores: station.cores,
                workers: station.workers,
                queue: station.queue,
                ..InstanceSpec::default()
            },
            balancer: station.balancer,
            max_unavailable: 1,
            ..Service::default()
        });
        blueprint.endpoints.push(Endpoint {
            service: id,
            name: "go".to_owned(),
            ..Endpoint::default()
        });
        blueprint.edges.push(Edge {
            client: index.checked_sub(1).map(ServiceId::from_index),
            target: endpoint,
            timeout_ns: policy.timeout_ns,
            attempts: policy.attempts,
            backoff_ns: policy.backoff_ns,
            backoff_factor_q16: 2 * ONE_Q16,
            jitter_q16: policy.jitter_q16,
            optional: false,
            ..Edge::default()
        });
        let mut code = vec![Step::Compute {
            mean_ns: station.service_ns,
            dist: Dist::Exponential,
            failure_q32: 0,
        }];
        if index + 1 < stations.len() {
            code.push(Step::Call(EdgeId::from_index(index + 1)));
        }
        code.push(Step::Return);
        blueprint.versions.push(Version {
            service: id,
            name: "1".to_owned(),
            entries: vec![(endpoint, 0)],
            code,
            ..Version::default()
        });
        blueprint.deployments.push(Deployment {
            service: id,
            region: RegionId(0),
            replicas: station.replicas,
            spare: 0,
            version: VersionId::from_index(index),
        });
    }
    blueprint.flows.push(Flow {
        name: "f".to_owned(),
        edge: EdgeId(0),
        slow_ns: 1_000_000 * SECOND_NS,
        weight: 1,
        ..Flow::default()
    });
    blueprint.sources.push(Source {
        flow: FlowId(0),
        region: RegionId(0),
        segment: SegmentId(0),
        interarrival_ns,
        profile,
        limit: 0,
        users: None,
        ..Source::default()
    });
    blueprint
}

pub fn world(blueprint: Blueprint, seed: u64) -> World {
    World::new(Arc::new(blueprint), seed)
}
