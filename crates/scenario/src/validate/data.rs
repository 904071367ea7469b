//! Key spaces, caches, databases and queues.

use super::checker::Checker;
use super::services::{check_callee, check_distribution, service_names};
use super::system::{indexed, wide};
use crate::limits;
use crate::load::Loaded;
use crate::model::{Access, Balancer, Cache, Cached, Database, Service, ServiceKind, Step, System};

pub(super) fn check_keys(check: &mut Checker<'_>, model: &System) {
    let most = wide(limits::MAX_KEY_SPACES);
    check.limit("keys", "key spaces", wide(model.keys.len()), most);
    check.unique(
        "key space",
        indexed("keys", ".name", &model.keys, |keys| &keys.name),
    );
    for (index, keys) in model.keys.iter().enumerate() {
        let path = format!("keys[{index}]");
        check.name(&format!("{path}.name"), &keys.name);
        check.range(
            &format!("{path}.count"),
            "count",
            u64::from(keys.count),
            1..=limits::MAX_KEYS,
        );
        if let Some(skew) = &keys.skew {
            let path = format!("{path}.skew");
            if check.factor(&path, skew).is_some_and(|skew| skew > 4 << 16) {
                check.report("E0203", &path, "skew must be at most 4");
            }
        }
    }
    let room: u64 = model
        .services
        .iter()
        .filter_map(|service| {
            let keys = &service.cache.as_ref()?.keys;
            let keys = model.keys.iter().find(|known| &known.name == keys)?;
            let replicas: u64 = service.replicas.values().map(|n| u64::from(*n)).sum();
            Some(replicas.saturating_mul(u64::from(keys.count)))
        })
        .sum();
    check.limit(
        "keys",
        "keys in all cache instances",
        room,
        limits::MAX_CACHED_KEYS,
    );
}

pub(super) fn check_known_keys(check: &mut Checker<'_>, path: &str, name: &str, model: &System) {
    let known = model.keys.iter().map(|keys| keys.name.as_str());
    check.known(path, "key space", name, known);
}

/// What a service remembers, and that it is of the kind that does.
pub(super) fn check_memory(check: &mut Checker<'_>, path: &str, service: &Service, model: &System) {
    if let Balancer::ByKey(keys) = &service.balancer {
        check_known_keys(check, &format!("{path}.balancer[0]"), keys, model);
    }
    let mut of_kind = |field: &str, kind: ServiceKind, name: &str| {
        if service.kind != kind {
            let help = format!("add `kind: {name}`, or leave `{field}` out");
            let message = format!("`{field}` is for a service of kind {name}");
            check.advise("E0404", &format!("{path}.{field}"), message, help);
        }
    };
    if service.cache.is_some() {
        of_kind("cache", ServiceKind::Cache, "cache");
    }
    if service.database.is_some() {
        of_kind("database", ServiceKind::Database, "database");
    }
    if service.queue.dead_letters || service.queue.late.is_some() {
        of_kind("queue", ServiceKind::Queue, "queue");
    }
    if let Some(late) = &service.queue.late {
        check.positive(&format!("{path}.queue.late"), late);
    }
    if let Some(cache) = &service.cache {
        check_cache(check, &format!("{path}.cache"), cache, model);
    }
    if let Some(database) = &service.database {
        check_database(check, &format!("{path}.database"), database, service, model);
    }
    for (index, endpoint) in service.endpoints.iter().enumerate() {
        if endpoint.access != Access::Any && service.database.is_none() {
            let path = format!("{path}.endpoints[{index}].access");
            check.report("E0404", &path, "only a database has a primary and replicas");
        }
    }
}

fn check_cache(check: &mut Checker<'_>, path: &str, cache: &Cache, model: &System) {
    check_known_keys(check, &format!("{path}.keys"), &cache.keys, model);
    let entries = u64::from(cache.entries);
    check.range(
        &format!("{path}.entries"),
        "entries",
        entries,
        1..=limits::MAX_KEYS,
    );
    if let Some(ttl) = &cache.ttl {
        check.positive(&format!("{path}.ttl"), ttl);
    }
}

fn check_database(
    check: &mut Checker<'_>,
    path: &str,
    database: &Database,
    service: &Service,
    model: &System,
) {
    if let Some(primary) = &database.primary {
        let path = format!("{path}.primary");
        let regions = model.regions.iter().map(String::as_str);
        if check.known(&path, "region", primary, regions) && !service.replicas.contains_key(primary)
        {
            let message = format!("service `{}` has no replicas in `{primary}`", service.name);
            check.report("E0404", &path, message);
        }
    }
    if let Some(connections) = database.connections {
        let path = format!("{path}.connections");
        check.range(
            &path,
            "connections",
            u64::from(connections),
            1..=limits::MAX_POOL,
        );
    }
    if let Some(factor) = database.disk_factor {
        let path = format!("{path}.disk_factor");
        check.range(
            &path,
            "disk_factor",
            u64::from(factor),
            1..=limits::MAX_DISK_FACTOR,
        );
    }
    if let Some(rows) = database.buffer {
        check.range(
            &format!("{path}.buffer"),
            "buffer",
            rows,
            1..=limits::MAX_ROWS,
        );
    }
    check.optional_duration(
        &format!("{path}.lock_timeout"),
        database.lock_timeout.as_ref(),
    );
    check.optional_duration(&format!("{path}.apply"), database.apply.as_ref());
    check.optional_duration(&format!("{path}.failover"), database.failover.as_ref());
    let list = format!("{path}.tables");
    check.limit(
        &list,
        "tables",
        wide(database.tables.len()),
        wide(limits::MAX_TABLES),
    );
    check.unique(
        "table",
        indexed(&list, ".name", &database.tables, |table| &table.name),
    );
    for (index, table) in database.tables.iter().enumerate() {
        let path = format!("{list}[{index}]");
        check.name(&format!("{path}.name"), &table.name);
        check_known_keys(check, &format!("{path}.keys"), &table.keys, model);
        check.range(
            &format!("{path}.rows"),
            "rows",
            table.rows,
            0..=limits::MAX_ROWS,
        );
    }
    check_queries(check, &format!("{path}.queries"), database);
}

fn check_queries(check: &mut Checker<'_>, list: &str, database: &Database) {
    check.limit(
        list,
        "queries",
        wide(database.queries.len()),
        wide(limits::MAX_QUERIES),
    );
    check.unique(
        "query",
        indexed(list, ".name", &database.queries, |query| &query.name),
    );
    for (index, query) in database.queries.iter().enumerate() {
        let path = format!("{list}[{index}]");
        check.name(&format!("{path}.name"), &query.name);
        let tables = database.tables.iter().map(|table| table.name.as_str());
        check.known(&format!("{path}.table"), "table", &query.table, tables);
        check.range(
            &format!("{path}.rows"),
            "rows",
            query.rows,
            0..=limits::MAX_ROWS,
        );
        check.optional_duration(&format!("{path}.fixed"), query.fixed.as_ref());
        check.duration(&format!("{path}.row"), &query.row);
        if let Some(distribution) = &query.distribution {
            check_distribution(check, &format!("{path}.distribution[0]"), distribution);
        }
    }
}

/// A step of a component that remembers; `service` is whose program it is in.
pub(super) fn check_data_step(
    check: &mut Checker<'_>,
    path: &str,
    step: &Step,
    service: Option<&Service>,
) {
    let database = service.and_then(|service| service.database.as_ref());
    let needs_cache = matches!(step, Step::Lookup | Step::Store | Step::Evict);
    if needs_cache && service.is_some_and(|service| service.cache.is_none()) {
        let message = "only the endpoints of a service with `cache` look up, store and evict";
        check.report("E0404", path, message);
    }
    let (kind, name) = match step {
        Step::Query(name) => ("query", name),
        Step::LockRow(name) | Step::LockTable(name) => ("table", name),
        _ => return,
    };
    let Some(database) = database else {
        let message = "only the endpoints of a service with `database` run queries and lock";
        return check.report("E0404", path, message);
    };
    let path = format!("{path}[0]");
    if kind == "query" {
        let known = database.queries.iter().map(|query| query.name.as_str());
        check.known(&path, kind, name, known);
    } else {
        let known = database.tables.iter().map(|table| table.name.as_str());
        check.known(&path, kind, name, known);
    }
}

/// A read through a cache, its steps on a miss aside.
pub(super) fn check_cached(check: &mut Checker<'_>, path: &str, cached: &Cached, model: &System) {
    let fill = cached.fill.iter().map(|fill| ("fill", fill));
    for (field, (service, endpoint)) in [("lookup", &cached.lookup)].into_iter().chain(fill) {
        let path = format!("{path}.{field}");
        check_callee(check, &path, service, endpoint, model);
        let found = model.services.iter().find(|known| &known.name == service);
        if found.is_some_and(|found| found.cache.is_none()) {
            let message = format!("service `{service}` has no `cache`");
            check.report("E0404", &format!("{path}[0]"), message);
        }
    }
}

/// A database and what it knows by a name.
pub(super) fn check_part<'m>(
    check: &mut Checker<'_>,
    path: &str,
    service: &str,
    (field, name): (&str, &str),
    loaded: &'m Loaded,
    names: impl Fn(&'m Database) -> Vec<&'m str>,
) {
    let system = &loaded.system.model;
    let place = format!("{path}.service");
    if !check.known(&place, "service", service, service_names(system)) {
        return;
    }
    let found = system.services.iter().find(|known| known.name == service);
    match found.and_then(|found| found.database.as_ref()) {
        Some(database) => {
            check.known(&format!("{path}.{field}"), field, name, names(database));
        }
        None => check.report(
            "E0404",
            &place,
            format!("service `{service}` has no `database`"),
        ),
    }
}

/// Schemas a release works with.
pub(super) fn check_schemas(
    check: &mut Checker<'_>,
    path: &str,
    schemas: &crate::model::Schemas,
    system: &System,
) {
    for (name, (first, last)) in schemas {
        let path = format!("{path}.schemas.{name}");
        let databases = system
            .services
            .iter()
            .filter(|known| known.database.is_some());
        let databases: Vec<&str> = databases.map(|known| known.name.as_str()).collect();
        check.known(&path, "database", name, databases);
        if first > last {
            let message = format!("the oldest schema, {first}, comes after the newest, {last}");
            check.report("E0203", &path, message);
        }
    }
}
