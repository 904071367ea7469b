//! Checks of data: what is wrong, missing or there twice, as somebody finds who counts rows and reconciles books.

use std::collections::BTreeSet;

use brownout_sim::blueprint::ServiceKind;
use brownout_sim::ids::{FlowId, RegionId, ServiceId, TableId};

use super::{Inside, Table};
use crate::names;
use crate::reader::Reader;

impl Reader<'_> {
    /// What a check of the data of a database finds. `None` for what is no database.
    #[must_use]
    pub fn data_check(&self, service: &str) -> Option<Inside> {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let id = names::service(blueprint, service).ok()?;
        if blueprint.services[id.index()].kind != ServiceKind::Database {
            return None;
        }
        let mut rows = Table::new("Rows", &["table", "rows", "wrong"], "it has no tables");
        let mut wrong = 0;
        for (index, table) in blueprint.tables.iter().enumerate() {
            if table.database == id {
                let at = TableId::from_index(index);
                wrong += world.wrong_rows(at);
                rows.add(vec![
                    table.name.clone(),
                    world.table_rows(at).to_string(),
                    world.wrong_rows(at).to_string(),
                ]);
            }
        }
        let lost = world.lost_writes(id).len();
        let mut books = Table::new(
            "Requests against what they left behind, since the start",
            &["flow", "region", "done twice", "lost", "given up and kept"],
            "no flow leads here",
        );
        let mut twice = 0;
        for flow in self.flows_through(id) {
            for region in 0..blueprint.regions.len() {
                let counts = world.counts(flow, RegionId::from_index(region));
                twice += counts.duplicated;
                if counts.arrivals > 0 {
                    books.add(vec![
                        blueprint.flows[flow.index()].name.clone(),
                        blueprint.regions[region].clone(),
                        counts.duplicated.to_string(),
                        counts.lost.to_string(),
                        counts.dead.to_string(),
                    ]);
                }
            }
        }
        Some(Inside {
            summary: format!(
                "{service}: {wrong} wrong rows, {lost} writes lost in fail-overs, {twice} requests done twice"
            ),
            tables: vec![rows, books],
        })
    }

    /// Flows whose requests may come to a service.
    fn flows_through(&self, service: ServiceId) -> Vec<FlowId> {
        let blueprint = &self.session().scenario.blueprint;
        let mut callers: BTreeSet<ServiceId> = BTreeSet::from([service]);
        loop {
            let before = callers.len();
            for edge in &blueprint.edges {
                let to = blueprint.endpoints[edge.target.index()].service;
                if let Some(client) = edge.client.filter(|_| callers.contains(&to)) {
                    callers.insert(client);
                }
            }
            if callers.len() == before {
                break;
            }
        }
        let flows = blueprint.flows.iter().enumerate();
        flows
            .filter(|(_, flow)| {
                let target = blueprint.edges[flow.edge.index()].target;
                callers.contains(&blueprint.endpoints[target.index()].service)
            })
            .map(|(index, _)| FlowId::from_index(index))
            .collect()
    }
}
