//! Looking inside a component: what it would say of itself if somebody logged on to it and asked. Databases tell queries,
//! locks and plans, queues what waits and what was given up, caches their keys; every process what its requests are at,
//! and whom it can reach. It is of this moment, not of the last scrape, and read only. What dies with a process is not
//! there any more after a restart.

mod data;
mod processes;
mod reach;
mod stores;

use brownout_sim::blueprint::{SECOND_NS, ServiceKind};
use brownout_sim::ids::{InstanceId, RegionId, ServiceId};

use crate::desk::Dump;
use crate::names;
use crate::reader::Reader;

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// A cell for each column.
    pub cells: Vec<String>,
    /// Request it is about: its trace, once it has ended and if it was kept, is this one.
    pub trace: Option<u64>,
}

/// A table of what a component says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is of.
    pub title: String,
    /// Heads of the columns.
    pub columns: Vec<&'static str>,
    /// Rows.
    pub rows: Vec<Row>,
    /// What it means that there are none.
    pub nothing: &'static str,
}

/// What a component says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inside {
    /// All of it in one line.
    pub summary: String,
    /// The rest.
    pub tables: Vec<Table>,
}

impl Table {
    fn new(title: impl Into<String>, columns: &[&'static str], nothing: &'static str) -> Self {
        Self {
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            nothing,
        }
    }

    fn add(&mut self, cells: Vec<String>) {
        self.rows.push(Row { cells, trace: None });
    }
}

/// Where a component is looked into.
#[derive(Clone, Copy, Debug)]
struct Place {
    service: ServiceId,
    region: RegionId,
}

impl<'a> Reader<'a> {
    /// A dump that was captured, by its number from 1.
    #[must_use]
    pub fn dump(&self, number: u32) -> Option<&'a Dump> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.session().desk.dumps.get(index)
    }
}

impl Reader<'_> {
    /// What a component says of itself in a region. `None` for unknown names and where it does not run.
    #[must_use]
    pub fn inside(&self, service: &str, region: &str) -> Option<Inside> {
        let blueprint = &self.session().scenario.blueprint;
        let id = names::service(blueprint, service).ok()?;
        let region_id = names::region(blueprint, region).ok()?;
        blueprint.deployment(id, region_id)?;
        let place = Place {
            service: id,
            region: region_id,
        };
        let kind = blueprint.services[id.index()].kind;
        if kind == ServiceKind::ThirdParty {
            return Some(Inside {
                summary: format!(
                    "{service} is run by somebody else: nothing of it can be seen but its status page, and what its callers see"
                ),
                tables: Vec::new(),
            });
        }
        let mut tables = Vec::new();
        let mut facts = match kind {
            ServiceKind::Database => self.database(place, &mut tables),
            ServiceKind::Queue => self.queue(place, &mut tables),
            ServiceKind::Cache => self.cache(place, &mut tables),
            _ => Vec::new(),
        };
        facts.extend(self.processes(place, &mut tables));
        self.reach(place, &mut tables);
        Some(Inside {
            summary: format!("{service} {region}: {}", facts.join(", ")),
            tables,
        })
    }

    /// Instances of a deployment.
    fn instances(&self, place: Place) -> Vec<InstanceId> {
        let world = &self.session().world;
        (0..world.instance_count())
            .map(InstanceId::from_index)
            .filter(|id| {
                let gauges = world.instance(*id);
                gauges.service == place.service && gauges.region == place.region
            })
            .collect()
    }
}

/// A time as people say it.
fn time(ns: u64) -> String {
    match ns {
        0 => "0".to_owned(),
        ns if ns < SECOND_NS => format!("{} ms", ns.div_ceil(1_000_000)),
        ns if ns < 100 * SECOND_NS => {
            format!("{}.{} s", ns / SECOND_NS, ns % SECOND_NS / 100_000_000)
        }
        ns if ns < 3 * 3_600 * SECOND_NS => format!("{} min", ns / SECOND_NS / 60),
        ns if ns < 3 * 86_400 * SECOND_NS => format!("{} h", ns / SECOND_NS / 3_600),
        ns => format!("{} days", ns / SECOND_NS / 86_400),
    }
}

/// A part of a whole, in per cent; `-` of nothing.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    format!("{} %", part.saturating_mul(100) / whole)
}

/// Bytes in the largest unit they are a hundred of.
fn bytes(n: u64) -> String {
    match n {
        n if n >= 10 << 30 => format!("{} GiB", n >> 30),
        n if n >= 10 << 20 => format!("{} MiB", n >> 20),
        n => format!("{} KiB", n >> 10),
    }
}
