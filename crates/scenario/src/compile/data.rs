//! Key spaces, caches, databases and queues: names become rows of the blueprint's tables.

use brownout_sim::blueprint::{
    self as sim, CacheSpec, DataChange, DatabaseSpec, KeySpace, SchemaRange, Step as Code, Version,
};
use brownout_sim::dist::Dist;
use brownout_sim::ids::{KeySpaceId, QueryId, RegionId, ServiceId, TableId};

use super::blueprint::{Builder, duration_or};
use super::program::dist;
use super::{Build, missing};
use crate::defaults;
use crate::model::{self, Change, Plan};
use crate::units::{duration_ns, factor_q16, share_q32};

impl Builder<'_> {
    pub(super) fn key_spaces(&mut self) -> Build<()> {
        for keys in &self.model.keys {
            let skew = keys.skew.as_ref().map(|skew| factor_q16(&skew.0));
            self.blueprint.key_spaces.push(KeySpace {
                name: keys.name.clone(),
                keys: keys.count,
                skew_q16: skew.transpose()?.unwrap_or(0),
            });
        }
        Ok(())
    }

    pub(super) fn key_space_id(&self, name: &str) -> Build<KeySpaceId> {
        let known = self.model.keys.iter().position(|keys| keys.name == name);
        known.map_or_else(
            || missing("key space", name),
            |index| Ok(KeySpaceId::from_index(index)),
        )
    }

    pub(super) fn table_id(&self, database: ServiceId, name: &str) -> Build<TableId> {
        let mut tables = self.blueprint.tables.iter();
        let known = tables.position(|table| table.database == database && table.name == name);
        known.map_or_else(
            || missing("table", name),
            |index| Ok(TableId::from_index(index)),
        )
    }

    pub(super) fn query_id(&self, database: ServiceId, name: &str) -> Build<QueryId> {
        let known = self.blueprint.queries.iter().position(|query| {
            let table = self.blueprint.tables.get(query.table.index());
            query.name == name && table.is_some_and(|table| table.database == database)
        });
        known.map_or_else(
            || missing("query", name),
            |index| Ok(QueryId::from_index(index)),
        )
    }

    pub(super) fn cache(&self, cache: &model::Cache) -> Build<CacheSpec> {
        Ok(CacheSpec {
            space: self.key_space_id(&cache.keys)?,
            entries: cache.entries,
            ttl_ns: duration_or(cache.ttl.as_ref(), 0)?,
            warm: !cache.cold,
        })
    }

    pub(super) fn database(
        &mut self,
        id: ServiceId,
        home: RegionId,
        database: &model::Database,
    ) -> Build<DatabaseSpec> {
        for table in &database.tables {
            let row = sim::Table {
                database: id,
                name: table.name.clone(),
                rows: table.rows,
                space: self.key_space_id(&table.keys)?,
            };
            self.blueprint.tables.push(row);
        }
        for query in &database.queries {
            let distribution = query.distribution.as_ref();
            let row = sim::Query {
                table: self.table_id(id, &query.table)?,
                name: query.name.clone(),
                plan: plan(query.plan),
                rows: query.rows,
                fixed_ns: duration_or(query.fixed.as_ref(), 0)?,
                row_ns: duration_ns(&query.row.0)?,
                dist: distribution.map_or(Ok(Dist::Exponential), dist)?,
                effect: match query.effect {
                    model::QueryEffect::Read => sim::QueryEffect::Read,
                    model::QueryEffect::Update => sim::QueryEffect::Update,
                    model::QueryEffect::Insert => sim::QueryEffect::Insert,
                },
                holds_replay: query.holds_replay,
            };
            self.blueprint.queries.push(row);
        }
        let primary = database.primary.as_deref();
        Ok(DatabaseSpec {
            connections: database.connections.unwrap_or(0),
            buffer_rows: database.buffer.unwrap_or(0),
            disk_factor: database.disk_factor.unwrap_or(defaults::DISK_FACTOR),
            lock_timeout_ns: duration_or(database.lock_timeout.as_ref(), 0)?,
            primary: primary.map_or(Ok(home), |region| self.region_id(region))?,
            apply_ns: duration_or(database.apply.as_ref(), defaults::APPLY_NS)?,
            failover_ns: duration_or(database.failover.as_ref(), defaults::FAILOVER_NS)?,
        })
    }

    pub(super) fn schemas(&self, schemas: &model::Schemas) -> Build<Vec<SchemaRange>> {
        let range = |(name, (first, last)): (&String, &(u16, u16))| {
            Ok(SchemaRange {
                database: self.service_id(name)?,
                first: *first,
                last: *last,
            })
        };
        schemas.iter().map(range).collect()
    }

    /// A step of a component that remembers, or `None` if it is another.
    pub(super) fn data_step(&self, version: &Version, step: &model::Step) -> Build<Option<Code>> {
        let lock = |table: &str, mode| {
            let table = self.table_id(version.service, table)?;
            Ok(Some(Code::Lock { table, mode }))
        };
        match step {
            model::Step::Lookup => Ok(Some(Code::Lookup)),
            model::Step::Store => Ok(Some(Code::Store)),
            model::Step::Evict => Ok(Some(Code::Evict)),
            model::Step::Query(name) => {
                Ok(Some(Code::Query(self.query_id(version.service, name)?)))
            }
            model::Step::LockRow(table) => lock(table, sim::LockMode::Row),
            model::Step::LockTable(table) => lock(table, sim::LockMode::Table),
            _ => Ok(None),
        }
    }

    /// A read through a cache: look up, and on a miss do the steps, alone or for all that wait, and store the result.
    pub(super) fn cached(&mut self, version: &mut Version, cached: &model::Cached) -> Build<()> {
        let (service, endpoint) = &cached.lookup;
        let cache = self.model.services.iter().find(|s| &s.name == service);
        let keys = cache
            .and_then(|s| s.cache.as_ref())
            .map(|cache| &cache.keys);
        let space = match keys {
            Some(keys) => self.key_space_id(keys)?,
            None => return missing("cache", service),
        };
        let call = self.edge(version.service, service, endpoint)?;
        version.code.push(Code::Call(call));
        let miss = version.code.len();
        version.code.push(Code::IfMiss { otherwise: 0 });
        let join = version.code.len();
        if cached.single_flight {
            version.code.push(Code::Join {
                space,
                otherwise: 0,
            });
        }
        self.steps(version, &cached.miss)?;
        if let Some((service, endpoint)) = &cached.fill {
            let call = self.edge(version.service, service, endpoint)?;
            version.code.push(Code::Call(call));
        }
        if cached.single_flight {
            version.code.push(Code::Leave);
        }
        let after = super::program::narrow(version.code.len());
        for at in [miss, join] {
            if let Some(Code::IfMiss { otherwise } | Code::Join { otherwise, .. }) =
                version.code.get_mut(at)
            {
                *otherwise = after;
            }
        }
        Ok(())
    }

    /// A change of what components remember, or `None` if it is another.
    pub(super) fn data_changes(&self, change: &Change) -> Build<Option<Vec<sim::Change>>> {
        let everywhere = |service: &str,
                          regions: &[String],
                          change: &dyn Fn(_) -> DataChange|
         -> Build<Vec<DataChange>> {
            let deployments = self.deployments_of(service, regions)?;
            Ok(deployments.into_iter().map(change).collect())
        };
        let changes: Vec<DataChange> = match change {
            Change::FlushCache { service, regions } => {
                everywhere(service, regions, &|deployment| DataChange::FlushCache {
                    deployment,
                })?
            }
            Change::ResizeCache {
                service,
                entries,
                regions,
            } => everywhere(service, regions, &|deployment| DataChange::ResizeCache {
                deployment,
                entries: *entries,
            })?,
            Change::Pause { service, regions } => {
                everywhere(service, regions, &|deployment| DataChange::Pause {
                    deployment,
                    paused: true,
                })?
            }
            Change::Resume { service, regions } => {
                everywhere(service, regions, &|deployment| DataChange::Pause {
                    deployment,
                    paused: false,
                })?
            }
            Change::HotKey { keys, key, share } => vec![DataChange::HotKey {
                space: self.key_space_id(keys)?,
                key: *key,
                share_q32: share_q32(&share.0)?,
            }],
            Change::Poison {
                service,
                endpoint,
                keys,
                first,
                last,
                version,
            } => {
                let id = self.service_id(service)?;
                let version = version.as_ref().map(|name| self.version_id(id, name));
                vec![DataChange::Poison {
                    endpoint: self.endpoint_id(id, endpoint)?,
                    space: self.key_space_id(keys)?,
                    first: *first,
                    last: *last,
                    version: version.transpose()?,
                }]
            }
            Change::Heal { service, endpoint } => vec![DataChange::Heal {
                endpoint: self.endpoint_id(self.service_id(service)?, endpoint)?,
            }],
            Change::SetPlan {
                service,
                query,
                plan: new,
                after,
            } => vec![DataChange::SetPlan {
                query: self.query_id(self.service_id(service)?, query)?,
                plan: plan(*new),
                after_ns: duration_or(after.as_ref(), 0)?,
            }],
            Change::GrowTable {
                service,
                table,
                rows,
            } => vec![DataChange::GrowTable {
                table: self.table_id(self.service_id(service)?, table)?,
                rows: *rows,
            }],
            Change::Migrate {
                service,
                table,
                schema,
                over,
                locks,
            } => vec![DataChange::Migrate {
                table: self.table_id(self.service_id(service)?, table)?,
                schema: *schema,
                over_ns: duration_ns(&over.0)?,
                locks: *locks,
            }],
            Change::Corrupt {
                service,
                table,
                share,
                readers,
            } => vec![DataChange::Corrupt {
                table: self.table_id(self.service_id(service)?, table)?,
                share_q32: share_q32(&share.0)?,
                breaks: *readers == model::Readers::Fail,
            }],
            Change::Repair { service, table } => vec![DataChange::Repair {
                table: self.table_id(self.service_id(service)?, table)?,
            }],
            Change::FailOver { service, to } => vec![DataChange::FailOver {
                database: self.service_id(service)?,
                to: to.as_deref().map(|to| self.region_id(to)).transpose()?,
            }],
            _ => return Ok(None),
        };
        Ok(Some(changes.into_iter().map(sim::Change::Data).collect()))
    }
}

const fn plan(plan: Plan) -> sim::Plan {
    match plan {
        Plan::Index => sim::Plan::Index,
        Plan::Scan => sim::Plan::Scan,
    }
}
