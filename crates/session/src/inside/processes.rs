//! Processes: how far their resources are used up, and what their requests are at.

use std::collections::BTreeMap;

use brownout_sim::blueprint::{SECOND_NS, ServiceKind};
use brownout_sim::ids::EndpointId;
use brownout_sim::world::{Busy, Doing, InstanceGauges, InstanceState, ResourceGauges};

use super::{Place, Row, Table, bytes, percent, time};
use crate::reader::Reader;

/// Most kinds of work shown.
const SHOWN: usize = 24;

impl Reader<'_> {
    /// Adds the tables of processes and of their work; returns what stands out.
    pub(super) fn processes(&self, place: Place, tables: &mut Vec<Table>) -> Vec<String> {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let columns = [
            "process",
            "version",
            "state",
            "workers",
            "cores",
            "waiting",
            "memory",
            "collections",
            "descriptors",
            "disk",
            "crashes",
            "clock",
        ];
        let mut processes = Table::new("Processes", &columns, "no process is wanted here");
        let mut work: BTreeMap<(EndpointId, Doing), Busy> = BTreeMap::new();
        let mut ready = 0usize;
        let mut wanted = 0usize;
        let (mut busy, mut workers) = (0u64, 0u64);
        for id in self.instances(place) {
            let gauges = world.instance(id);
            if gauges.state == InstanceState::Off {
                continue;
            }
            wanted += 1;
            ready += usize::from(gauges.state == InstanceState::Ready && gauges.in_rotation);
            busy += u64::from(gauges.busy_workers);
            workers += u64::from(gauges.workers);
            let resources = gauges.resources.unwrap_or_default();
            let used = |used: u64, limit: u64, words: fn(u64) -> String| match limit {
                0 => "-".to_owned(),
                limit => format!("{} of {}", words(used), words(limit)),
            };
            let plain = |n: u64| n.to_string();
            let skew_ns = world.skew_ns(id);
            let clock = match skew_ns {
                0 => "right".to_owned(),
                ahead if ahead > 0 => format!("{} ahead", time(ahead.unsigned_abs())),
                behind => format!("{} behind", time(behind.unsigned_abs())),
            };
            processes.add(vec![
                (world.instance_slot(id) + 1).to_string(),
                blueprint.versions[gauges.version.index()].name.clone(),
                state(&gauges, &resources).to_owned(),
                format!("{} of {}", gauges.busy_workers, gauges.workers),
                format!("{} of {}", gauges.busy_cores, gauges.cores),
                match gauges.queued {
                    0 => "0".to_owned(),
                    n => format!("{n}, {}", time(gauges.oldest_ns)),
                },
                used(resources.heap_bytes, resources.heap_limit, bytes),
                match resources.collections {
                    0 => "-".to_owned(),
                    n => format!("{n}, stood still {}", time(resources.paused_ns)),
                },
                used(
                    u64::from(resources.descriptors),
                    u64::from(resources.descriptor_limit),
                    plain,
                ),
                used(resources.disk_bytes, resources.disk_limit, bytes),
                resources.restarts.to_string(),
                clock,
            ]);
            for at in world.work_at(id) {
                let sum = work.entry((at.endpoint, at.doing)).or_insert(Busy {
                    count: 0,
                    oldest_ns: 0,
                    ..at
                });
                sum.count += at.count;
                if at.oldest_ns >= sum.oldest_ns {
                    (sum.oldest_ns, sum.trace) = (at.oldest_ns, at.trace);
                }
            }
        }
        let mut work: Vec<Busy> = work.into_values().collect();
        work.sort_by(|a, b| b.count.cmp(&a.count).then(b.oldest_ns.cmp(&a.oldest_ns)));
        let mut table = Table::new(
            "What its requests are at",
            &["requests", "endpoint", "at", "oldest"],
            "no request is here at this moment",
        );
        table.rows = work
            .iter()
            .take(SHOWN)
            .map(|busy| Row {
                cells: vec![
                    busy.count.to_string(),
                    blueprint.endpoints[busy.endpoint.index()].name.clone(),
                    self.doing(busy.doing),
                    time(busy.oldest_ns),
                ],
                trace: Some(busy.trace),
            })
            .collect();
        let mut facts = vec![format!("{ready} of {wanted} processes take requests")];
        if workers > 0 {
            facts.push(format!("{} of the workers busy", percent(busy, workers)));
        }
        let is_store = blueprint.services[place.service.index()].kind != ServiceKind::Service;
        if let Some(most) = work.first().filter(|most| most.count > 1 && !is_store) {
            facts.push(format!(
                "{} requests at: {}, oldest {}",
                most.count,
                self.doing(most.doing),
                time(most.oldest_ns)
            ));
        }
        tables.push(table);
        tables.push(processes);
        facts
    }

    /// What a request is at, in words.
    pub(super) fn doing(&self, doing: Doing) -> String {
        let blueprint = &self.session().scenario.blueprint;
        let callee = |edge: brownout_sim::ids::EdgeId| {
            let endpoint = &blueprint.endpoints[blueprint.edges[edge.index()].target.index()];
            let service = &blueprint.services[endpoint.service.index()].name;
            format!("{service} {}", endpoint.name)
        };
        match doing {
            Doing::AwaitsWorker => "waits for a worker".to_owned(),
            Doing::AwaitsCore => "waits for a core".to_owned(),
            Doing::Computes => "computes".to_owned(),
            Doing::Query(query) => format!("query {}", blueprint.queries[query.index()].name),
            Doing::AwaitsReply(edge) => format!("waits for {}", callee(edge)),
            Doing::AwaitsConnection(edge) => format!("waits for a connection to {}", callee(edge)),
            Doing::AwaitsLock(table) => {
                format!(
                    "waits for a lock of {}",
                    blueprint.tables[table.index()].name
                )
            }
            Doing::AwaitsFetch => "waits for another who fetches the same".to_owned(),
            Doing::AwaitsQueue => "waits for a queue to take its work".to_owned(),
            Doing::Stands => "stands still with its process".to_owned(),
        }
    }
}

const fn state(gauges: &InstanceGauges, resources: &ResourceGauges) -> &'static str {
    match gauges.state {
        InstanceState::Ready if resources.unhealthy => "fails its checks",
        InstanceState::Ready if resources.ejected => "ejected by callers",
        InstanceState::Ready if !gauges.in_rotation => "out of rotation",
        InstanceState::Ready => "ready",
        InstanceState::Draining => "draining",
        InstanceState::Starting => "starting",
        InstanceState::Waiting => "crashed, waits to start again",
        InstanceState::Off => "off",
    }
}

/// Longest time a certificate may still have for that to stand out.
pub(super) const SOON_NS: u64 = 14 * 86_400 * SECOND_NS;
