//! Databases, queues and caches from inside.

use brownout_sim::blueprint::{LockMode, Plan};
use brownout_sim::ids::{QueryId, TableId};
use brownout_sim::world::{Doing, InstanceState};

use super::{Place, Row, Table, percent, time};
use crate::reader::Reader;

/// Most rows of one table.
const SHOWN: usize = 12;

impl Reader<'_> {
    pub(super) fn database(&self, place: Place, tables: &mut Vec<Table>) -> Vec<String> {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let mut facts = Vec::new();
        let mut running = Table::new(
            "Queries running",
            &["sessions", "query", "plan", "rows examined", "oldest"],
            "no query runs at this moment",
        );
        let (mut sessions, mut oldest_ns, mut slowest) = (0u32, 0u64, None);
        for process in self.instances(place) {
            for busy in world.work_at(process) {
                let Doing::Query(query) = busy.doing else {
                    continue;
                };
                sessions += busy.count;
                if busy.oldest_ns >= oldest_ns {
                    (oldest_ns, slowest) = (busy.oldest_ns, Some(query));
                }
                running.rows.push(Row {
                    cells: vec![
                        busy.count.to_string(),
                        blueprint.queries[query.index()].name.clone(),
                        plan(world.plan_of(query)).to_owned(),
                        world.rows_examined(query).to_string(),
                        time(busy.oldest_ns),
                    ],
                    trace: Some(busy.trace),
                });
            }
        }
        if let Some(query) = slowest {
            let name = &blueprint.queries[query.index()].name;
            facts.push(format!(
                "{sessions} queries run, the oldest {name} for {}",
                time(oldest_ns)
            ));
        }
        tables.push(running);
        facts.extend(self.locks(place, tables));
        let of = |table: &TableId| blueprint.tables[table.index()].database == place.service;
        let mut plans = Table::new(
            "Queries it knows",
            &["query", "table", "rows in it", "plan", "rows examined"],
            "it is asked without queries",
        );
        for (index, query) in blueprint.queries.iter().enumerate() {
            if of(&query.table) {
                let id = QueryId::from_index(index);
                plans.add(vec![
                    query.name.clone(),
                    blueprint.tables[query.table.index()].name.clone(),
                    world.table_rows(query.table).to_string(),
                    plan(world.plan_of(id)).to_owned(),
                    world.rows_examined(id).to_string(),
                ]);
            }
        }
        tables.push(plans);
        facts.extend(self.replication(place, tables));
        let limit = blueprint.services[place.service.index()]
            .database
            .map_or(0, |spec| spec.connections);
        if limit > 0 {
            let used = world.connections(place.service);
            facts.push(format!("{used} of {limit} connections"));
        }
        facts
    }

    fn locks(&self, place: Place, tables: &mut Vec<Table>) -> Vec<String> {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let mut locks = Table::new(
            "Locks waited for",
            &["table", "what", "held by", "waiting", "oldest"],
            "nobody waits for a lock",
        );
        let (mut waiting, mut oldest_ns) = (0u32, 0u64);
        for wait in world.lock_waits(place.service) {
            waiting += wait.waiting;
            oldest_ns = oldest_ns.max(wait.oldest_ns);
            let holder = match (wait.migration, wait.holder) {
                (true, _) => "a migration".to_owned(),
                (false, Some(trace)) => format!("request {trace:08x}"),
                (false, None) => "those before them".to_owned(),
            };
            locks.rows.push(Row {
                cells: vec![
                    blueprint.tables[wait.table.index()].name.clone(),
                    wait.row
                        .map_or_else(|| "table".to_owned(), |row| format!("row {row}")),
                    holder,
                    wait.waiting.to_string(),
                    time(wait.oldest_ns),
                ],
                trace: wait.holder,
            });
        }
        locks.rows.truncate(SHOWN);
        let held = world.lock_holders(place.service);
        let whole = held.iter().filter(|(_, mode, _)| *mode == LockMode::Table);
        let whole = whole.count();
        tables.push(locks);
        let mut facts = Vec::new();
        if waiting > 0 {
            facts.push(format!(
                "{waiting} wait for locks, the oldest for {}",
                time(oldest_ns)
            ));
        }
        if !held.is_empty() {
            facts.push(format!(
                "{} locks held, {whole} of whole tables",
                held.len()
            ));
        }
        facts
    }

    fn replication(&self, place: Place, tables: &mut Vec<Table>) -> Vec<String> {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let replicas = world.replicas(place.service);
        let Some(primary) = world
            .primary(place.service)
            .filter(|_| !replicas.is_empty())
        else {
            return Vec::new();
        };
        let columns = [
            "replica",
            "writes not applied",
            "behind",
            "held up",
            "follows",
        ];
        let mut table = Table::new("Replication", &columns, "it has no replicas");
        let mut facts = Vec::new();
        let main = blueprint.regions[world.instance(primary).region.index()].clone();
        facts.push(format!("primary in {main}"));
        for replica in replicas {
            let gauges = world.instance(replica.instance);
            let region = &blueprint.regions[gauges.region.index()];
            let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
            table.add(vec![
                format!("{region} {}", world.instance_slot(replica.instance) + 1),
                replica.behind.to_string(),
                time(replica.lag_ns),
                yes(replica.held),
                yes(!replica.broken),
            ]);
            if gauges.region == place.region && replica.lag_ns > 0 {
                facts.push(format!("replica {} behind", time(replica.lag_ns)));
            }
        }
        tables.push(table);
        facts
    }

    pub(super) fn queue(&self, place: Place, tables: &mut Vec<Table>) -> Vec<String> {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let mut partitions = Table::new(
            "Partitions",
            &[
                "partition",
                "depth",
                "oldest",
                "being delivered",
                "consumers",
                "takes more",
            ],
            "it has none",
        );
        let (mut depth, mut oldest_ns) = (0u32, 0u64);
        for id in self.instances(place) {
            let gauges = world.instance(id);
            if gauges.state == InstanceState::Off {
                continue;
            }
            depth += gauges.queued;
            oldest_ns = oldest_ns.max(gauges.oldest_ns);
            let limit = blueprint.services[place.service.index()].instance.queue;
            partitions.add(vec![
                (world.instance_slot(id) + 1).to_string(),
                gauges.queued.to_string(),
                time(gauges.oldest_ns),
                gauges.busy_workers.to_string(),
                gauges.workers.to_string(),
                limit.saturating_sub(gauges.queued).to_string(),
            ]);
        }
        tables.push(partitions);
        let mut dead = Table::new(
            "Dead letters, the newest",
            &["handed over", "to", "request"],
            "nothing was given up",
        );
        let count = world.dead_letters_of(place.service, place.region);
        for work in world.dead_work(place.service, place.region, SHOWN) {
            let target = &blueprint.endpoints[blueprint.edges[work.edge.index()].target.index()];
            let ago = session.now_ns().saturating_sub(work.since_ns);
            dead.rows.push(Row {
                cells: vec![
                    format!("{} ago", time(ago)),
                    target.name.clone(),
                    format!("{:08x}", work.trace),
                ],
                trace: Some(work.trace),
            });
        }
        tables.push(dead);
        let mut facts = vec![format!(
            "{depth} pieces of work wait, the oldest for {}",
            time(oldest_ns)
        )];
        if count > 0 {
            facts.push(format!("{count} dead letters"));
        }
        facts
    }

    pub(super) fn cache(&self, place: Place, tables: &mut Vec<Table>) -> Vec<String> {
        let session = self.session();
        let (world, blueprint) = (&session.world, &session.scenario.blueprint);
        let mut nodes = Table::new(
            "Nodes",
            &[
                "node",
                "entries",
                "room for",
                "found since the start",
                "look-ups",
                "evicted",
            ],
            "none runs",
        );
        let (mut entries, mut hits, mut asked) = (0u64, 0u64, 0u64);
        for id in self.instances(place) {
            let Some(cache) = world.cache(id) else {
                continue;
            };
            let looked = cache.counts.hits + cache.counts.misses;
            entries += u64::from(cache.entries);
            hits += cache.counts.hits;
            asked += looked;
            nodes.add(vec![
                (world.instance_slot(id) + 1).to_string(),
                cache.entries.to_string(),
                cache.capacity.to_string(),
                percent(cache.counts.hits, looked),
                looked.to_string(),
                cache.counts.evictions.to_string(),
            ]);
        }
        tables.push(nodes);
        let mut facts = vec![format!(
            "{entries} entries, {} found since the start",
            percent(hits, asked)
        )];
        if let Some(spec) = blueprint.services[place.service.index()].cache {
            let (keys, all) = world.hot_keys(spec.space, 5);
            let name = &blueprint.key_spaces[spec.space.index()].name;
            let mut hot = Table::new(
                format!("Keys most asked for, among {all} requests under way"),
                &["key", "requests", "share"],
                "no request is under way",
            );
            for (key, count) in &keys {
                hot.add(vec![
                    format!("{name} {key}"),
                    count.to_string(),
                    percent(u64::from(*count), u64::from(all)),
                ]);
            }
            if let Some((key, count)) = keys
                .first()
                .filter(|(_, count)| count * 5 > all && all >= 20)
            {
                let share = percent(u64::from(*count), u64::from(all));
                facts.push(format!("{share} of requests under way about {name} {key}"));
            }
            tables.push(hot);
        }
        facts
    }
}

const fn plan(plan: Plan) -> &'static str {
    match plan {
        Plan::Index => "by index",
        Plan::Scan => "reads the whole table",
    }
}
