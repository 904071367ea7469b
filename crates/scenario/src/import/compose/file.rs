//! The services of compose files, later files over earlier ones, as what matters here.

use std::collections::{BTreeMap, BTreeSet};

use super::super::isotope::binary_bytes;
use super::super::notes::Notes;
use super::super::problem::shown;
use super::super::sketch::Health;
use super::super::yaml::{Item, Tree};
use super::roles::{Role, role};
use crate::diagnostics::{Diagnostic, suggest};
use crate::limits::{MAX_IN_A_ROW, MAX_REPLICAS, MAX_SERVICES};
use crate::units::duration_ns;

/// A service as written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) raw: String,
    pub(super) role: Role,
    /// Whether a port is open to the outside.
    pub(super) published: bool,
    pub(super) replicas: u32,
    /// Services it says it depends on.
    pub(super) depends_on: Vec<String>,
    /// Variables with their values, if they have one.
    pub(super) environment: Vec<(String, Option<String>)>,
    /// Other names it answers to.
    pub(super) aliases: Vec<String>,
    pub(super) cpus: Option<f64>,
    /// Bytes.
    pub(super) memory: Option<u64>,
    pub(super) health: Option<Health>,
    pub(super) start_ns: Option<u64>,
}

/// Most variables of a service.
const MAX_LIST: usize = 1_000;

/// A service in all files.
struct Layers<'t> {
    raw: &'t str,
    items: Vec<Item<'t>>,
}

/// Reads the services of all files, in the order they are first named.
pub(super) fn read(trees: &[Tree], notes: &mut Notes) -> Result<Vec<Written>, Diagnostic> {
    let mut layers: Vec<Layers<'_>> = Vec::new();
    for tree in trees {
        let root = tree.root();
        let Some(services) = root.get("services").and_then(Item::map) else {
            let help = "a compose file has a map `services`";
            let message = "expected a map with a map `services`".to_owned();
            return Err(root.problem().help(help).form(message));
        };
        for (raw, item) in services {
            if item.map().is_none() && !item.is_null() {
                let message = format!("expected a map for the service `{}`", shown(raw));
                return Err(item.problem().form(message));
            }
            let full = layers.len() >= MAX_SERVICES;
            match layers.iter_mut().find(|known| known.raw == raw) {
                Some(known) => known.items.push(item),
                None if full => {
                    let message = format!("more than {MAX_SERVICES} services");
                    return Err(item.problem().limit(message));
                }
                None => layers.push(Layers {
                    raw,
                    items: vec![item],
                }),
            }
        }
        for (key, _) in root.map().unwrap_or_default() {
            let known = ["services", "version", "name"];
            if !known.contains(&key) && !key.starts_with("x-") {
                notes.add(key, unmapped(key));
            }
        }
    }
    let known: BTreeSet<&str> = layers.iter().map(|layer| layer.raw).collect();
    let mut once = BTreeSet::new();
    let mut written = Vec::new();
    for layer in &layers {
        written.push(layer.written(&known, &mut once, notes)?);
    }
    for service in &mut written {
        if once.contains(&service.raw) {
            service.role = Role::Aside("left out: others wait for it to end, so it runs once");
        }
    }
    Ok(written)
}

impl<'t> Layers<'t> {
    /// The value of the last file that has one.
    fn last(&self, path: &[&str]) -> Option<Item<'t>> {
        self.items.iter().rev().find_map(|item| {
            path.iter()
                .try_fold(*item, |item, key| item.get(key))
                .filter(|item| !item.is_null())
        })
    }

    /// The values of all files.
    fn all(&self, key: &str) -> impl Iterator<Item = Item<'t>> {
        let values: Vec<Item<'t>> = self
            .items
            .iter()
            .filter_map(|item| item.get(key))
            .filter(|item| !item.is_null())
            .collect();
        values.into_iter()
    }

    fn text(&self, path: &[&str]) -> Option<String> {
        Some(substituted(self.last(path)?.text()?))
    }

    fn written(
        &self,
        known: &BTreeSet<&str>,
        once: &mut BTreeSet<String>,
        notes: &mut Notes,
    ) -> Result<Written, Diagnostic> {
        let image = self.text(&["image"]).unwrap_or_default();
        let mut role = role(&image, self.raw);
        if self.last(&["profiles"]).is_some() {
            role = Role::Aside("left out: it has `profiles`, so it is not started by itself");
        }
        for item in &self.items {
            for (key, _) in item.map().unwrap_or_default() {
                if !MAPPED.contains(&key)
                    && !key.starts_with("x-")
                    && !matches!(role, Role::Aside(_))
                {
                    notes.add(key, unmapped(key));
                }
            }
        }
        let mut written = Written {
            raw: self.raw.to_owned(),
            role,
            published: self
                .all("ports")
                .any(|ports| ports.list().is_some_and(|l| !l.is_empty())),
            replicas: self.replicas(notes)?,
            depends_on: self.depends_on(known, once)?,
            environment: self.environment()?,
            aliases: Vec::new(),
            cpus: None,
            memory: None,
            health: None,
            start_ns: None,
        };
        written.aliases.extend(self.text(&["hostname"]));
        written.aliases.extend(self.text(&["container_name"]));
        let cpus = ["deploy", "resources", "limits", "cpus"];
        if let Some(item) = self.last(&cpus).or_else(|| self.last(&["cpus"])) {
            written.cpus = quantity(
                item,
                "cpus",
                |text| {
                    let cpus = text.parse::<f64>().ok()?;
                    (0.01..=1_024.0).contains(&cpus).then_some(cpus)
                },
                notes,
                self.raw,
            )?;
        }
        let memory = ["deploy", "resources", "limits", "memory"];
        if let Some(item) = self.last(&memory).or_else(|| self.last(&["mem_limit"])) {
            let enough = |bytes: &u64| (4 << 20..=1 << 46).contains(bytes);
            written.memory = quantity(
                item,
                "a memory limit from 4M to 64T",
                |text| binary_bytes(text).filter(enough),
                notes,
                self.raw,
            )?;
        }
        self.health(&mut written, notes)?;
        Ok(written)
    }

    fn replicas(&self, notes: &mut Notes) -> Result<u32, Diagnostic> {
        let item = self
            .last(&["deploy", "replicas"])
            .or_else(|| self.last(&["scale"]));
        let Some(item) = item else { return Ok(1) };
        let read = |text: &str| {
            text.parse::<u32>()
                .ok()
                .filter(|n| u64::from(*n) <= MAX_REPLICAS)
        };
        let expected = format!("replicas between 0 and {MAX_REPLICAS}");
        let replicas = quantity(item, &expected, read, notes, self.raw)?.unwrap_or(1);
        if replicas == 0 {
            notes.add(self.raw, "has 0 replicas there and 1 here");
        }
        Ok(replicas.max(1))
    }

    fn depends_on(
        &self,
        known: &BTreeSet<&str>,
        once: &mut BTreeSet<String>,
    ) -> Result<Vec<String>, Diagnostic> {
        let mut names: Vec<(String, Item<'t>)> = Vec::new();
        for item in self.all("depends_on") {
            for (name, entry) in item.map().unwrap_or_default() {
                let condition = entry.get("condition").and_then(Item::text);
                if condition == Some("service_completed_successfully") {
                    once.insert(name.to_owned());
                }
                names.push((name.to_owned(), entry));
            }
            for entry in item.list().unwrap_or_default() {
                names.push((entry.text().unwrap_or_default().to_owned(), entry));
            }
            if item.text().is_some() {
                let message = "expected a list or map of services".to_owned();
                return Err(item.problem().form(message));
            }
        }
        for item in self.all("links") {
            for entry in item.list().unwrap_or_default() {
                let link = entry.text().unwrap_or_default();
                let name = link.split(':').next().unwrap_or_default();
                names.push((name.to_owned(), entry));
            }
        }
        let mut depends_on: Vec<String> = Vec::new();
        for (name, place) in names {
            if !known.contains(name.as_str()) {
                let message = format!("unknown service `{}`", shown(&name));
                let help = suggest(&name, known.iter().copied()).unwrap_or_default();
                return Err(place.problem().help(&help).form(message));
            }
            if !depends_on.contains(&name) {
                depends_on.push(name);
            }
        }
        Ok(depends_on)
    }

    /// Variables of a map or of a list of `NAME=value`, later files over earlier ones.
    fn environment(&self) -> Result<Vec<(String, Option<String>)>, Diagnostic> {
        let mut order: Vec<String> = Vec::new();
        let mut values: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut set = |name: &str, value: Option<&str>| {
            if !values.contains_key(name) {
                order.push(name.to_owned());
            }
            values.insert(name.to_owned(), value.map(substituted));
        };
        for item in self.all("environment") {
            for (name, value) in item.map().unwrap_or_default() {
                set(name, value.text().filter(|_| !value.is_null()));
            }
            for entry in item.list().unwrap_or_default() {
                let text = entry.text().unwrap_or_default();
                match text.split_once('=') {
                    Some((name, value)) => set(name.trim(), Some(value)),
                    None => set(text.trim(), None),
                }
            }
        }
        if order.len() > MAX_LIST {
            let message = format!("{} variables; at most {MAX_LIST} are read", order.len());
            let place = self
                .last(&["environment"])
                .or_else(|| self.items.first().copied());
            if let Some(place) = place {
                return Err(place.problem().limit(message));
            }
        }
        Ok(order
            .into_iter()
            .map(|name| {
                let value = values.remove(&name).flatten();
                (name, value)
            })
            .collect())
    }

    fn health(&self, written: &mut Written, notes: &mut Notes) -> Result<(), Diagnostic> {
        let Some(check) = self.last(&["healthcheck"]) else {
            return Ok(());
        };
        if check.get("disable").and_then(Item::text) == Some("true") {
            return Ok(());
        }
        let mut time = |key: &str, default_ns: u64| match check.get(key).filter(|i| !i.is_null()) {
            Some(item) => {
                // As long as a run at most; a container of which nobody knows for an hour is not watched.
                let read =
                    |text: &str| duration_ns(text).ok().filter(|ns| *ns <= 3_600_000_000_000);
                Ok(
                    quantity(item, "a duration up to 1h", read, notes, self.raw)?
                        .unwrap_or(default_ns),
                )
            }
            None => Ok(default_ns),
        };
        // Defaults of the compose specification.
        let interval_ns = time("interval", 30_000_000_000)?.max(100_000_000);
        let timeout_ns = time("timeout", 30_000_000_000)?.clamp(1_000_000, interval_ns);
        let start_ns = time("start_period", 0)?;
        let retries = match check.get("retries") {
            Some(item) => {
                let read = |text: &str| {
                    text.parse::<u32>()
                        .ok()
                        .filter(|n| u64::from(*n) <= MAX_IN_A_ROW)
                };
                let expected = format!("retries between 1 and {MAX_IN_A_ROW}");
                quantity(item, &expected, read, notes, self.raw)?.unwrap_or(3)
            }
            None => 3,
        };
        written.health = Some(Health {
            interval_ns,
            timeout_ns,
            unhealthy: retries.max(1),
        });
        if start_ns > 0 {
            written.start_ns = Some(start_ns);
        }
        Ok(())
    }
}

/// A number with a unit. One that is in a variable is not known here, and said to be so.
fn quantity<T>(
    item: Item<'_>,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
    notes: &mut Notes,
    service: &str,
) -> Result<Option<T>, Diagnostic> {
    let text = substituted(item.text().unwrap_or_default());
    let text = text.trim();
    if text.contains("${") {
        notes.add(
            service,
            format!("`{}` is not known here: the default holds", shown(text)),
        );
        return Ok(None);
    }
    if let Some(value) = read(text) {
        Ok(Some(value))
    } else {
        let message = format!("expected {expected}, found `{}`", shown(text));
        Err(item.problem().form(message))
    }
}

/// A text with the defaults of its variables: `${PORT:-80}` is `80`. Variables without one stay.
fn substituted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, variable) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = variable.find('}') else {
            rest = variable;
            break;
        };
        let (variable, after) = variable.split_at(end + 1);
        match variable
            .split_once(":-")
            .or_else(|| variable.split_once('-'))
        {
            Some((_, default)) => out.push_str(default.trim_end_matches('}')),
            None => out.push_str(variable),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Keys of a service that are read, or that say nothing about requests.
const MAPPED: [&str; 16] = [
    "image",
    "build",
    "ports",
    "depends_on",
    "links",
    "environment",
    "hostname",
    "container_name",
    "cpus",
    "mem_limit",
    "healthcheck",
    "deploy",
    "scale",
    "profiles",
    "restart",
    "logging",
];

fn unmapped(key: &str) -> &'static str {
    match key {
        "env_file" => "not read: addresses of other services in it are not seen",
        "extends" | "include" => "not followed: import the other file together with this one",
        "volumes" | "tmpfs" | "configs" | "secrets" => {
            "left out: files of services are not simulated"
        }
        "networks" | "network_mode" | "dns" | "extra_hosts" | "expose" => {
            "left out: every service can reach every other here"
        }
        "command" | "entrypoint" | "working_dir" | "user" | "init" | "stdin_open" | "tty"
        | "platform" => "left out: how a process is started is not simulated",
        _ => "left out: nothing here corresponds to it",
    }
}

#[cfg(test)]
mod tests {
    use super::substituted;

    #[test]
    fn defaults_of_variables_are_taken() {
        for (text, expected) in [
            ("${PORT:-80}", "80"),
            ("http://${HOST-cart}:${PORT:-80}/x", "http://cart:80/x"),
            ("${PORT}", "${PORT}"),
            ("${PORT", "${PORT"),
            ("$PORT", "$PORT"),
            ("", ""),
        ] {
            assert_eq!(substituted(text), expected);
        }
    }
}
