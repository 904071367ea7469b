//! Compose files: services, what they are by image and name, and who calls whom by what they depend on and by the
//! addresses in their variables.

mod addresses;
mod file;
pub(super) mod roles;

use std::collections::{BTreeMap, BTreeSet};

use super::finish::finish;
use super::isotope::from;
use super::notes::Notes;
use super::quantity::{duration, scaled};
use super::sketch::{Cache, Endpoint, Flow, Names, Service, Sketch, title};
use super::yaml::parse;
use super::{Imported, Input, Options};
use crate::diagnostics::Diagnostic;
use crate::model::{Cached, CallPolicy, DurationText, ServiceKind, Step};
use addresses::Book;
use file::{Written, read};
use roles::Role;

/// Rate at the first entry point.
const PER_SECOND: f64 = 30.0;
/// Computing time by role in nanoseconds: a compose file has none.
const EDGE_NS: u64 = 1_000_000;
const SERVICE_NS: u64 = 6_000_000;
const DATABASE_NS: u64 = 3_000_000;
const CACHE_NS: u64 = 300_000;
const QUEUE_NS: u64 = 500_000;
/// What requests are about, for caches.
const KEYS: &str = "item";

/// Makes a system of compose files; later files add to earlier ones and take the place of what they set again.
pub(super) fn import(inputs: &[Input<'_>], options: &Options) -> Result<Imported, Vec<Diagnostic>> {
    let mut trees = Vec::new();
    let mut found = Vec::new();
    for input in inputs {
        match parse(input.file, input.text) {
            Ok(tree) => trees.push(tree),
            Err(problem) => found.push(problem),
        }
    }
    let Some(first) = inputs.first().filter(|_| found.is_empty()) else {
        return Err(found);
    };
    let mut notes = Notes::default();
    let written = read(&trees, &mut notes).map_err(|problem| vec![problem])?;
    let sketch = Plan::of(&written, &mut notes).sketch(&mut notes);
    finish(
        sketch,
        notes,
        first.file,
        &from(inputs, "compose file"),
        options,
    )
    .map(|(imported, _)| imported)
}

/// Who calls whom.
struct Plan<'w> {
    written: &'w [Written],
    /// By position in `written`; only services on the way of requests.
    callees: Vec<Vec<usize>>,
    /// Consumers of each queue.
    consumers: BTreeMap<usize, Vec<usize>>,
    entries: Vec<usize>,
}

impl<'w> Plan<'w> {
    fn of(written: &'w [Written], notes: &mut Notes) -> Self {
        let aside = |at: usize| {
            matches!(
                written.get(at).map(|service| service.role),
                None | Some(Role::Aside(_) | Role::Users)
            )
        };
        let book = Book::of(written);
        let mut callees = Vec::new();
        let mut by_users = BTreeSet::new();
        for (at, service) in written.iter().enumerate() {
            let all = book.called_by(at, notes);
            match service.role {
                Role::Aside(why) => notes.add(&service.raw, why),
                Role::Users => {
                    by_users.extend(all.iter().copied().filter(|callee| !aside(*callee)));
                    let reason =
                        "left out: it makes requests as users do; the flows take its place";
                    notes.add(&service.raw, reason);
                }
                _ => {}
            }
            let own = match service.role {
                Role::Edge | Role::Service => all.into_iter().filter(|c| !aside(*c)).collect(),
                // What a store depends on is no call of a request.
                _ => Vec::new(),
            };
            callees.push(own);
        }
        let mut plan = Self {
            written,
            callees,
            consumers: BTreeMap::new(),
            entries: Vec::new(),
        };
        plan.find_owners(notes);
        plan.find_consumers(notes);
        plan.find_entries(&by_users, notes);
        plan
    }

    fn role(&self, at: usize) -> Role {
        self.written
            .get(at)
            .map_or(Role::Service, |service| service.role)
    }

    fn is_application(&self, at: usize) -> bool {
        matches!(self.role(at), Role::Edge | Role::Service)
    }

    fn raw(&self, at: usize) -> &str {
        self.written.get(at).map_or("", |service| &service.raw)
    }

    fn called(&self) -> BTreeSet<usize> {
        self.callees.iter().flatten().copied().collect()
    }

    /// A store that nobody is seen to use belongs to the service of its name: `media-memcached` to `media-service`.
    fn find_owners(&mut self, notes: &mut Notes) {
        let called = self.called();
        for at in 0..self.written.len() {
            let store = matches!(self.role(at), Role::Database | Role::Cache);
            if !store || called.contains(&at) {
                continue;
            }
            let own = stem(self.raw(at));
            let owner = (0..self.written.len()).find(|other| {
                self.is_application(*other) && !own.is_empty() && stem(self.raw(*other)) == own
            });
            let Some(owner) = owner else { continue };
            let reason = format!(
                "taken as called by {}: nothing in the file says who calls it, and the names are alike",
                self.raw(owner)
            );
            notes.add(self.raw(at), reason);
            if let Some(callees) = self.callees.get_mut(owner) {
                callees.push(at);
            }
        }
    }

    /// Of the services that use a queue, those nobody calls and users cannot reach take work from it.
    fn find_consumers(&mut self, notes: &mut Notes) {
        let called = self.called();
        for at in 0..self.written.len() {
            let published = self
                .written
                .get(at)
                .is_some_and(|service| service.published);
            if !self.is_application(at)
                || called.contains(&at)
                || published
                || self.role(at) == Role::Edge
            {
                continue;
            }
            let own = self.callees.get(at).cloned().unwrap_or_default();
            let queues: Vec<usize> = own
                .into_iter()
                .filter(|c| self.role(*c) == Role::Queue)
                .collect();
            for queue in &queues {
                self.consumers.entry(*queue).or_default().push(at);
                let reason = format!(
                    "taken as a consumer of {}: it uses the queue, nobody calls it, and no port leads to it",
                    self.raw(*queue)
                );
                notes.add(self.raw(at), reason);
            }
            if let Some(callees) = self.callees.get_mut(at) {
                callees.retain(|callee| !queues.contains(callee));
            }
        }
    }

    /// Requests enter where load comes from, at edges, or else where a port is open; always where nobody else calls.
    fn find_entries(&mut self, by_users: &BTreeSet<usize>, notes: &mut Notes) {
        let called = self.called();
        let consuming: BTreeSet<usize> = self.consumers.values().flatten().copied().collect();
        let uncalled: Vec<usize> = (0..self.written.len())
            .filter(|at| {
                self.is_application(*at) && !called.contains(at) && !consuming.contains(at)
            })
            .collect();
        let published = |at: &usize| {
            self.written
                .get(*at)
                .is_some_and(|service| service.published)
        };
        let edges = |at: &usize| self.role(*at) == Role::Edge;
        let choices = [
            by_users
                .iter()
                .copied()
                .filter(|at| self.is_application(*at))
                .collect(),
            uncalled
                .iter()
                .copied()
                .filter(|at| edges(at) && published(at))
                .collect(),
            uncalled.iter().copied().filter(edges).collect(),
            uncalled.iter().copied().filter(published).collect(),
            uncalled.clone(),
            // Everybody is called by somebody: a circle. Where a port is open, it can be entered.
            (0..self.written.len())
                .filter(|at| self.is_application(*at) && published(at))
                .collect(),
            (0..self.written.len())
                .filter(|at| self.is_application(*at))
                .take(1)
                .collect::<Vec<_>>(),
        ];
        self.entries = choices
            .into_iter()
            .find(|c: &Vec<usize>| !c.is_empty())
            .unwrap_or_default();
        self.settle_entries();
        let Some(&first) = self.entries.first() else {
            return;
        };
        for at in uncalled {
            if self.entries.contains(&at) {
                continue;
            }
            let reason = format!(
                "taken as called by {}: nothing in the file says who calls it",
                self.raw(first)
            );
            notes.add(self.raw(at), reason);
            if let Some(callees) = self.callees.get_mut(first) {
                callees.push(at);
            }
        }
    }

    /// What another entry point leads to is entered there; edges come first.
    fn settle_entries(&mut self) {
        let entries = self.entries.clone();
        let mut within = BTreeSet::new();
        for entry in &entries {
            within.extend(
                self.reached_from(*entry)
                    .into_iter()
                    .filter(|at| at != entry),
            );
        }
        let outside = |at: &usize| !within.contains(at);
        let mut outer: Vec<usize> = entries.iter().copied().filter(outside).collect();
        // Entry points that lead to each other are all kept.
        if outer.is_empty() {
            outer.clone_from(&entries);
        }
        outer.sort_by_key(|at| (self.role(*at) != Role::Edge, *at));
        self.entries = outer;
    }

    fn reached_from(&self, from: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            for callee in self.callees.get(at).into_iter().flatten() {
                if reached.insert(*callee) {
                    waiting.push(*callee);
                }
            }
        }
        reached
    }

    fn sketch(&self, notes: &mut Notes) -> Sketch {
        let mut names = Names::default();
        let name_of: Vec<String> = self
            .written
            .iter()
            .map(|service| names.of(&service.raw, "the service", notes))
            .collect();
        let name = |at: usize| name_of.get(at).cloned().unwrap_or_default();
        let mut sketch = Sketch {
            description: "An architecture imported from a compose file.".to_owned(),
            region: "main".to_owned(),
            latency_ns: 250_000,
            ..Sketch::default()
        };
        for (at, written) in self.written.iter().enumerate() {
            if matches!(written.role, Role::Aside(_) | Role::Users) {
                continue;
            }
            let mut service = capacity(written, notes);
            service.name = name(at);
            match written.role {
                Role::Database => {
                    service.kind = ServiceKind::Database;
                    service.endpoints.push(computing("query", DATABASE_NS));
                }
                Role::Cache => {
                    service.kind = ServiceKind::Cache;
                    service.cache = Some(Cache {
                        keys: KEYS.to_owned(),
                        entries: 4_000,
                        ttl_ns: 300_000_000_000,
                    });
                    // What nobody reads through, nobody fills.
                    let filled = (0..self.written.len()).any(|other| {
                        self.read_through(other)
                            .is_some_and(|(cache, _)| cache == at)
                    });
                    let endpoints = [("get", Step::Lookup, true), ("set", Step::Store, filled)];
                    for (endpoint, step, used) in endpoints {
                        if used {
                            let mut endpoint = computing(endpoint, CACHE_NS);
                            endpoint.steps.push(step);
                            service.endpoints.push(endpoint);
                        }
                    }
                }
                Role::Queue => self.queue(at, &mut service, &name),
                _ => self.application(at, &mut service, &name, &mut sketch),
            }
            sketch.services.push(service);
        }
        if sketch
            .services
            .iter()
            .any(|service| service.cache.is_some())
        {
            sketch.keys.push((KEYS.to_owned(), 20_000, "0.9"));
        }
        for (index, at) in self.entries.iter().enumerate() {
            let name = name(*at);
            sketch.flows.push(Flow {
                title: title(&name),
                entry: (name.clone(), "handle".to_owned()),
                name,
                slow_ns: 1_000_000_000,
                timeout_ns: 5_000_000_000,
                per_second: if index == 0 {
                    PER_SECOND
                } else {
                    PER_SECOND / 3.0
                },
            });
        }
        say_defaults(&sketch, notes);
        sketch
    }

    fn queue(&self, at: usize, service: &mut Service, name: &dyn Fn(usize) -> String) {
        service.kind = ServiceKind::Queue;
        service.dead_letters = true;
        service.queue = Some(100_000);
        let consumers = self.consumers.get(&at).cloned().unwrap_or_default();
        for consumer in &consumers {
            let consumer = name(*consumer);
            service.endpoints.push(Endpoint {
                name: format!("for {consumer}"),
                steps: vec![
                    Step::Compute(duration(QUEUE_NS)),
                    Step::Call(consumer.clone(), "consume".to_owned()),
                ],
            });
            service.calls.insert(consumer, policy("30s", Some(3)));
        }
        if consumers.is_empty() {
            service.endpoints.push(computing("deliver", QUEUE_NS));
        }
    }

    /// A service with a cache and a database reads the one through the other.
    fn read_through(&self, at: usize) -> Option<(usize, usize)> {
        let callees = self.callees.get(at)?;
        let of = |role: Role| {
            let mut callees = callees.iter().copied();
            callees.find(|callee| self.role(*callee) == role)
        };
        of(Role::Cache).zip(of(Role::Database))
    }

    fn application(
        &self,
        at: usize,
        service: &mut Service,
        name: &dyn Fn(usize) -> String,
        _: &mut Sketch,
    ) {
        let consumes = self
            .consumers
            .values()
            .flatten()
            .any(|consumer| *consumer == at);
        let edge = self.role(at) == Role::Edge;
        if edge {
            service.kind = ServiceKind::Edge;
        }
        let own_ns = if edge { EDGE_NS } else { SERVICE_NS };
        let mut endpoint = computing(if consumes { "consume" } else { "handle" }, own_ns);
        let callees = self.callees.get(at).cloned().unwrap_or_default();
        let through = self.read_through(at);
        if let Some((cache, database)) = through {
            let (cache, database) = (name(cache), name(database));
            endpoint.steps.push(Step::Cached(Cached {
                lookup: (cache.clone(), "get".to_owned()),
                miss: vec![Step::Call(database.clone(), "query".to_owned())],
                fill: Some((cache.clone(), "set".to_owned())),
                single_flight: false,
            }));
            let mut quick = policy("200ms", None);
            quick.optional = Some(true);
            service.calls.insert(cache, quick);
            service.calls.insert(database, policy("2s", None));
        }
        for callee in &callees {
            let role = self.role(*callee);
            if through.is_some_and(|(cache, database)| *callee == cache || *callee == database) {
                continue;
            }
            let callee_name = name(*callee);
            match role {
                Role::Queue => {
                    let consumers = self.consumers.get(callee).cloned().unwrap_or_default();
                    for consumer in &consumers {
                        let endpoint_name = format!("for {}", name(*consumer));
                        endpoint
                            .steps
                            .push(Step::Publish(callee_name.clone(), endpoint_name));
                    }
                    if consumers.is_empty() {
                        let step = Step::Publish(callee_name.clone(), "deliver".to_owned());
                        endpoint.steps.push(step);
                    }
                    continue;
                }
                Role::Database => endpoint
                    .steps
                    .push(Step::Call(callee_name.clone(), "query".to_owned())),
                Role::Cache => endpoint
                    .steps
                    .push(Step::Call(callee_name.clone(), "get".to_owned())),
                _ => endpoint
                    .steps
                    .push(Step::Call(callee_name.clone(), "handle".to_owned())),
            }
            service.calls.insert(callee_name, policy("2s", None));
        }
        service.endpoints.push(endpoint);
    }
}

/// The words of a name without those that say what a thing is: `media` of `media-service` and of `media-memcached`.
fn stem(name: &str) -> Vec<&str> {
    let words = name.split(['-', '_', '.']);
    words
        .filter(|word| !word.is_empty() && !roles::is_kind(word))
        .collect()
}

fn policy(timeout: &str, attempts: Option<u8>) -> CallPolicy {
    CallPolicy {
        timeout: Some(DurationText(timeout.to_owned())),
        attempts,
        ..CallPolicy::default()
    }
}

fn computing(name: &str, ns: u64) -> Endpoint {
    Endpoint {
        name: name.to_owned(),
        steps: vec![Step::Compute(duration(ns))],
    }
}

/// Replicas, cores and limits of a service. A share of a core is a quota on one.
fn capacity(written: &Written, notes: &mut Notes) -> Service {
    let mut service = Service {
        replicas: written.replicas,
        memory: written.memory,
        health: written.health,
        start_ns: written.start_ns,
        ..Service::default()
    };
    if let Some(cpus) = written.cpus {
        let whole = scaled(cpus.ceil(), 1.0, 1.0, 1_024.0);
        service.cores = u32::try_from(whole).ok();
        if cpus.fract() > 0.0 {
            service.quota_ns = Some(scaled(cpus, 100_000_000.0, 0.01, 1_024.0));
        }
        if cpus < 0.2 {
            let reason = format!(
                "has {cpus} of a core: at the rate assumed here that may be too little; look at the rates first"
            );
            notes.add(&written.raw, reason);
        }
    }
    service
}

fn say_defaults(sketch: &Sketch, notes: &mut Notes) {
    notes.add(
        "rates",
        "30/s at the first entry point, 10/s at others: a compose file has none; edit `rates` of the flows",
    );
    notes.add(
        "computing",
        "1 ms for an edge, 6 ms for a service, 3 ms for a database, 0.3 ms for a cache, exponential: a compose file has none",
    );
    notes.add(
        "calls",
        "one after the other, once for each request, in the order of the file: a compose file does not say when",
    );
    notes.add(
        "latency",
        "0.25 ms one way between services: a compose file has none",
    );
    if sketch
        .services
        .iter()
        .any(|service| service.memory.is_some())
    {
        let reason = "of a limit 40 % are taken as used at rest, 32 KiB for each request, with 32 KiB of garbage";
        notes.add("memory", reason);
    }
    if !sketch.keys.is_empty() {
        let reason = "requests are about 20,000 items, some asked for much more often; a cache holds 4,000 for 5 minutes";
        notes.add("caches", reason);
    }
}
