//! Changes of what components remember.

use super::changes::{check_places, check_target, versions_of};
use super::checker::Checker;
use super::data::{check_known_keys, check_part};
use super::services::service_names;
use crate::limits;
use crate::load::Loaded;
use crate::model::{Change, Database, Service, ServiceKind, System};

/// A change of what components remember; `false` if it is another.
pub(super) fn check_data_change(
    check: &mut Checker<'_>,
    path: &str,
    change: &Change,
    loaded: &Loaded,
) -> bool {
    let system = &loaded.system.model;
    let tables = |database| -> Vec<&str> {
        let database: &Database = database;
        database
            .tables
            .iter()
            .map(|table| table.name.as_str())
            .collect()
    };
    match change {
        Change::FlushCache { service, regions } => {
            check_kind(check, path, service, "cache", loaded, |s| s.cache.is_some());
            check_places(check, path, service, regions, loaded);
        }
        Change::ResizeCache {
            service,
            entries,
            regions,
        } => {
            check_kind(check, path, service, "cache", loaded, |s| s.cache.is_some());
            let entries = u64::from(*entries);
            check.range(
                &format!("{path}.entries"),
                "entries",
                entries,
                1..=limits::MAX_KEYS,
            );
            check_places(check, path, service, regions, loaded);
        }
        Change::Pause { service, regions } | Change::Resume { service, regions } => {
            check_kind(check, path, service, "queue", loaded, |s| {
                s.kind == ServiceKind::Queue
            });
            check_places(check, path, service, regions, loaded);
        }
        Change::HotKey { keys, key, share } => {
            check_known_keys(check, &format!("{path}.keys"), keys, system);
            check_key(check, &format!("{path}.key"), keys, *key, system);
            check.share(&format!("{path}.share"), share);
        }
        Change::Poison {
            service,
            endpoint,
            keys,
            first,
            last,
            version,
        } => {
            check_target(check, path, service, Some(endpoint), loaded);
            if let Some(version) = version {
                let kind = format!("version of `{service}`");
                let known = versions_of(service, loaded);
                let path = format!("{path}.version");
                check.known(&path, &kind, version, known.iter().copied());
            }
            check_known_keys(check, &format!("{path}.keys"), keys, system);
            check_key(check, &format!("{path}.last"), keys, *last, system);
            if first > last {
                let message = format!("the first key, {first}, comes after the last, {last}");
                check.report("E0203", &format!("{path}.first"), message);
            }
        }
        Change::Heal { service, endpoint } => {
            check_target(check, path, service, Some(endpoint), loaded);
        }
        Change::SetPlan {
            service,
            query,
            after,
            ..
        } => {
            check_part(check, path, service, ("query", query), loaded, |database| {
                database
                    .queries
                    .iter()
                    .map(|query| query.name.as_str())
                    .collect()
            });
            check.optional_duration(&format!("{path}.after"), after.as_ref());
        }
        Change::GrowTable {
            service,
            table,
            rows,
        } => {
            check_part(check, path, service, ("table", table), loaded, tables);
            check.range(&format!("{path}.rows"), "rows", *rows, 1..=limits::MAX_ROWS);
        }
        Change::Migrate {
            service,
            table,
            over,
            ..
        } => {
            check_part(check, path, service, ("table", table), loaded, tables);
            check.duration(&format!("{path}.over"), over);
        }
        Change::Corrupt {
            service,
            table,
            share,
            ..
        } => {
            check_part(check, path, service, ("table", table), loaded, tables);
            check.share(&format!("{path}.share"), share);
        }
        Change::Repair { service, table } => {
            check_part(check, path, service, ("table", table), loaded, tables);
        }
        Change::FailOver { service, to } => {
            check_kind(check, path, service, "database", loaded, |s| {
                s.database.is_some()
            });
            let to: Vec<String> = to.iter().cloned().collect();
            check_places(check, path, service, &to, loaded);
            let found = system.services.iter().find(|known| &known.name == service);
            if found.is_some_and(|found| found.replicas.values().sum::<u32>() < 2) {
                let message = format!("service `{service}` has no replica to fail over to");
                check.report("E0404", &format!("{path}.service"), message);
            }
        }
        _ => return false,
    }
    true
}

pub(super) fn check_key(check: &mut Checker<'_>, path: &str, keys: &str, key: u32, model: &System) {
    if let Some(keys) = model.keys.iter().find(|known| known.name == keys) {
        let most = u64::from(keys.count.saturating_sub(1));
        check.range(path, "key", u64::from(key), 0..=most);
    }
}

/// A service of a kind.
fn check_kind(
    check: &mut Checker<'_>,
    path: &str,
    service: &str,
    kind: &str,
    loaded: &Loaded,
    is: impl Fn(&Service) -> bool,
) {
    let system = &loaded.system.model;
    let path = format!("{path}.service");
    if check.known(&path, "service", service, service_names(system))
        && system
            .services
            .iter()
            .any(|known| known.name == service && !is(known))
    {
        check.report(
            "E0404",
            &path,
            format!("service `{service}` is not a {kind}"),
        );
    }
}
