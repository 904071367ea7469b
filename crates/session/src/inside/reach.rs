//! Whom a component can reach: where names lead, whether certificates and credentials are good, connections of its pools.

use std::collections::BTreeSet;

use brownout_sim::ids::{InstanceId, ServiceId};
use brownout_sim::world::{NameLookup, Resolved};

use super::processes::SOON_NS;
use super::{Place, Table, time};
use crate::reader::Reader;

impl Reader<'_> {
    /// Adds the table of what the component calls.
    pub(super) fn reach(&self, place: Place, tables: &mut Vec<Table>) {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let edges = blueprint.edges.iter();
        let callees: BTreeSet<ServiceId> = edges
            .filter(|edge| edge.client == Some(place.service))
            .map(|edge| blueprint.endpoints[edge.target.index()].service)
            .collect();
        if callees.is_empty() {
            return;
        }
        let columns = [
            "calls",
            "its name leads to",
            "remembered by a process",
            "certificate",
            "credential",
            "connections",
        ];
        let mut table = Table::new("Whom it reaches", &columns, "it calls nobody");
        let instances = self.instances(place);
        for callee in callees {
            let first = instances.first().copied();
            let lookup = first.and_then(|process| world.name_lookup(process, callee));
            let names = |at: Resolved| self.resolved(at, callee);
            let until_now = session.now_ns();
            table.add(vec![
                blueprint.services[callee.index()].name.clone(),
                lookup.map_or_else(|| "itself".to_owned(), |found| answer(&found, names)),
                remembered(lookup.as_ref(), until_now, names),
                certificate(world.certificate(callee), until_now),
                self.credential(&instances, callee),
                self.connections(&instances, callee),
            ]);
        }
        tables.push(table);
    }

    fn resolved(&self, at: Resolved, wanted: ServiceId) -> String {
        let blueprint = &self.session().scenario.blueprint;
        let service = if at.service == wanted {
            "itself".to_owned()
        } else {
            format!("{}!", blueprint.services[at.service.index()].name)
        };
        match at.region {
            Some(region) => format!("{service} in {}", blueprint.regions[region.index()]),
            None => service,
        }
    }

    /// Whether processes hold a credential that lets them in.
    fn credential(&self, instances: &[InstanceId], callee: ServiceId) -> String {
        let world = &self.session().world;
        let held = instances.iter();
        let held: Vec<bool> = held
            .filter_map(|process| world.credential_accepted(*process, callee))
            .collect();
        let good = held.iter().filter(|good| **good).count();
        match held.len() {
            0 => "none asked".to_owned(),
            all if good == all => "accepted".to_owned(),
            _ if good == 0 => "refused".to_owned(),
            all => format!("refused from {} of {all} processes", all - good),
        }
    }

    /// Pools of all processes together.
    fn connections(&self, instances: &[InstanceId], callee: ServiceId) -> String {
        let session = self.session();
        let blueprint = &session.scenario.blueprint;
        let (mut used, mut size, mut waiting) = (0u64, 0u64, 0u64);
        for (index, edge) in blueprint.edges.iter().enumerate() {
            let to = blueprint.endpoints[edge.target.index()].service;
            if to != callee || edge.pool.is_none() {
                continue;
            }
            for process in instances {
                let id = brownout_sim::ids::EdgeId::from_index(index);
                if let Some(pool) = session.world.pool(*process, id) {
                    used += u64::from(pool.used);
                    size += u64::from(pool.size);
                    waiting += u64::from(pool.waiting);
                }
            }
        }
        match (size, waiting) {
            (0, _) => "no pool".to_owned(),
            (size, 0) => format!("{used} of {size}"),
            (size, waiting) => format!("{used} of {size}, {waiting} wait"),
        }
    }
}

fn answer(found: &NameLookup, names: impl Fn(Resolved) -> String) -> String {
    match found.answer {
        None => "no answer".to_owned(),
        Some(at) => names(at),
    }
}

fn remembered(
    found: Option<&NameLookup>,
    now_ns: u64,
    names: impl Fn(Resolved) -> String,
) -> String {
    let known = found.and_then(|found| found.remembered);
    known.map_or_else(
        || "-".to_owned(),
        |(at, until_ns)| {
            let left = time(until_ns.saturating_sub(now_ns));
            format!("{}, for {left} more", names(at))
        },
    )
}

fn certificate(expires_ns: Option<u64>, now_ns: u64) -> String {
    match expires_ns {
        None => "not checked".to_owned(),
        Some(at_ns) if at_ns <= now_ns => format!("expired {} ago", time(now_ns - at_ns)),
        Some(at_ns) if at_ns - now_ns < SOON_NS => format!("expires in {}", time(at_ns - now_ns)),
        Some(_) => "good".to_owned(),
    }
}
