//! What is derived from the blueprint once and never changes.

use super::keys::KeyTable;
use super::policy;
use crate::blueprint::{Access, Blueprint, Effect, Step};
use crate::hash::{combine, name_hash};
use crate::ids::{DeploymentId, EdgeId, EndpointId, RegionId, ServiceId};

/// Immutable tables derived from the blueprint once.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    /// First row in `code` of each version.
    pub code_base: Vec<u32>,
    pub code: Vec<Step>,
    /// First row in `entries` of each version.
    pub entry_base: Vec<u32>,
    /// Entry steps of versions, by local endpoint.
    pub entries: Vec<u16>,
    /// Number of regions.
    pub regions: usize,
    /// Number of segments, at least 1.
    pub segments: usize,
    /// Region × segment → how many requests its users make in a long time.
    segment_weights: Vec<u64>,
    /// One-way latency, where there is but one region.
    pub hop_ns: Option<u64>,
    /// Service × region → deployment that serves callers of that region.
    pub route: Vec<Option<DeploymentId>>,
    pub edges: Vec<EdgeRow>,
    pub flag_key: Vec<u64>,
    pub keys: Vec<KeyTable>,
}

/// What every attempt asks of its edge and nothing ever changes: half a cache line.
#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeRow {
    /// Hash of (caller, callee) names, for draw keys.
    pub key: u64,
    /// Called endpoint.
    pub target: EndpointId,
    /// Its service.
    pub service: ServiceId,
    /// Its position within its service.
    pub local: u16,
    /// What it has beside a time-out and retries: bits of [`policy::feature`].
    pub features: u16,
    /// Which instances serve it.
    pub access: Access,
    /// The called endpoint's effect may happen once per call.
    pub once: bool,
    /// How long an attempt may take.
    pub timeout_ns: u64,
}

impl Tables {
    pub(super) fn new(blueprint: &Blueprint) -> Self {
        let mut local_endpoint = Vec::with_capacity(blueprint.endpoints.len());
        let mut per_service = vec![0u16; blueprint.services.len()];
        for endpoint in &blueprint.endpoints {
            let next = &mut per_service[endpoint.service.index()];
            local_endpoint.push(*next);
            *next += 1;
        }
        let mut code = Vec::new();
        let mut code_base = Vec::new();
        let (mut entry_base, mut entries) = (Vec::new(), Vec::new());
        for version in &blueprint.versions {
            code_base.push(u32::try_from(code.len()).unwrap_or(u32::MAX));
            code.extend_from_slice(&version.code);
            let mut table = vec![0u16; usize::from(per_service[version.service.index()])];
            for &(endpoint, entry) in &version.entries {
                table[usize::from(local_endpoint[endpoint.index()])] = entry;
            }
            entry_base.push(u32::try_from(entries.len()).unwrap_or(u32::MAX));
            entries.extend(table);
        }
        let mut route = Vec::new();
        for (index, service) in blueprint.services.iter().enumerate() {
            let id = crate::ids::ServiceId::from_index(index);
            for region in 0..blueprint.regions.len() {
                let own = blueprint.deployment(id, RegionId::from_index(region));
                route.push(own.or_else(|| blueprint.deployment(id, service.home)));
            }
        }
        let features = policy::features(blueprint);
        let edges = blueprint
            .edges
            .iter()
            .zip(features)
            .map(|(edge, features)| {
                let client = edge
                    .client
                    .map_or(0, |id| name_hash(&blueprint.services[id.index()].name));
                let target = &blueprint.endpoints[edge.target.index()];
                let server = name_hash(&blueprint.services[target.service.index()].name);
                EdgeRow {
                    key: combine(combine(client, server), name_hash(&target.name)),
                    target: edge.target,
                    service: target.service,
                    local: local_endpoint[edge.target.index()],
                    features,
                    access: target.access,
                    once: target.effect == Effect::Once,
                    timeout_ns: edge.timeout_ns,
                }
            })
            .collect();
        let flag_key = blueprint
            .flags
            .iter()
            .map(|flag| name_hash(&flag.name))
            .collect();
        Self {
            code_base,
            code,
            entry_base,
            entries,
            regions: blueprint.regions.len(),
            segments: blueprint.segments.len().max(1),
            segment_weights: segment_weights(blueprint),
            hop_ns: (blueprint.regions.len() == 1)
                .then(|| blueprint.latency(RegionId(0), RegionId(0))),
            route,
            edges,
            flag_key,
            keys: blueprint.key_spaces.iter().map(KeyTable::new).collect(),
        }
    }

    /// How many requests the users of each segment make in a region, relative to each other.
    pub(super) fn segment_weights(&self, region: RegionId) -> &[u64] {
        let first = region.index() * self.segments;
        self.segment_weights
            .get(first..first + self.segments)
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn edge_key(&self, edge: EdgeId) -> u64 {
        self.edges[edge.index()].key
    }
}

/// Requests the users of each region and segment make in a thousand days, those of a closed loop if nothing took any time.
/// Where nobody comes all segments count alike.
fn segment_weights(blueprint: &Blueprint) -> Vec<u64> {
    const LONG_NS: u64 = 86_400_000_000_000_000;
    let segments = blueprint.segments.len().max(1);
    let mut weights = vec![0u64; blueprint.regions.len() * segments];
    for source in &blueprint.sources {
        let requests = source.users.map_or_else(
            || LONG_NS / source.interarrival_ns.max(1),
            |users| u64::from(users.count) * (LONG_NS / users.think_ns.max(1_000_000)),
        );
        let row = source.region.index() * segments + source.segment.index();
        if let Some(weight) = weights.get_mut(row) {
            *weight = weight.saturating_add(requests);
        }
    }
    for region in weights.chunks_mut(segments) {
        if region.iter().all(|weight| *weight == 0) {
            region.fill(1);
        }
    }
    weights
}
