//! The graph of services and the graph of endpoints: who calls whom, how deep, in circles or not.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Reversed};

use crate::model::{Endpoint, Fallback, Step, System, Version};

/// Services of a system and their calls, over the versions that run at the start and all releases.
#[derive(Clone, Debug)]
pub struct ServiceGraph {
    graph: DiGraph<String, ()>,
    /// Entry service of each flow, by flow name.
    entries: Vec<(String, NodeIndex)>,
}

/// What suffers if a service fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlastRadius {
    /// Services whose requests may pass through it, itself included, in order of the system file.
    pub services: Vec<String>,
    /// Flows whose requests may pass through it.
    pub flows: Vec<String>,
}

impl ServiceGraph {
    /// The graph of a system and the releases of a scenario. Calls to unknown services are left out.
    #[must_use]
    pub fn of(system: &System, releases: &[Version]) -> Self {
        let mut graph = DiGraph::new();
        let nodes: BTreeMap<&str, NodeIndex> = system
            .services
            .iter()
            .map(|service| (service.name.as_str(), graph.add_node(service.name.clone())))
            .collect();
        for (caller, endpoint) in programs(system, releases) {
            let Some(from) = nodes.get(caller) else {
                continue;
            };
            for (callee, _) in all_calls(system, caller, endpoint) {
                if let Some(to) = nodes.get(callee) {
                    graph.update_edge(*from, *to, ());
                }
            }
        }
        let entry = |flow: &crate::model::Flow| {
            Some((flow.name.clone(), *nodes.get(flow.entry.0.as_str())?))
        };
        let entries = system.flows.iter().filter_map(entry).collect();
        Self { graph, entries }
    }

    /// Whether one service calls another, in any version.
    #[must_use]
    pub fn calls(&self, from: &str, to: &str) -> bool {
        let node = |name: &str| {
            let mut nodes = self.graph.node_indices();
            nodes.find(|index| self.graph[*index] == name)
        };
        let pair = node(from).zip(node(to));
        pair.is_some_and(|(from, to)| self.graph.contains_edge(from, to))
    }

    /// Longest call distance of each service from the users, in order of the system file; 0 where users enter and for
    /// services nobody calls. Services on a cycle share the rank at which the cycle is entered.
    #[must_use]
    pub fn ranks(&self) -> Vec<u16> {
        // Tarjan's components come callees first, so the reverse order has callers before callees.
        let mut components = petgraph::algo::tarjan_scc(&self.graph);
        components.reverse();
        let mut ranks: BTreeMap<NodeIndex, u16> = BTreeMap::new();
        for component in components {
            let members: BTreeSet<NodeIndex> = component.iter().copied().collect();
            let callers = component
                .iter()
                .flat_map(|node| self.graph.neighbors_directed(*node, Direction::Incoming));
            let outside = callers.filter(|caller| !members.contains(caller));
            let rank = outside
                .filter_map(|caller| ranks.get(&caller))
                .max()
                .map_or(0, |rank| rank.saturating_add(1));
            ranks.extend(component.iter().map(|node| (*node, rank)));
        }
        self.graph
            .node_indices()
            .map(|node| ranks.get(&node).copied().unwrap_or(0))
            .collect()
    }

    /// Services that requests of users can reach, in order of the system file.
    #[must_use]
    pub fn reachable(&self) -> Vec<String> {
        let mut reached = BTreeSet::new();
        for (_, entry) in &self.entries {
            let mut walk = Bfs::new(&self.graph, *entry);
            while let Some(node) = walk.next(&self.graph) {
                reached.insert(node);
            }
        }
        self.names(&reached)
    }

    /// Circles of services that call each other, each in order of the system file.
    #[must_use]
    pub fn cycles(&self) -> Vec<Vec<String>> {
        let circle = |nodes: &Vec<NodeIndex>| match nodes.as_slice() {
            [single] => self.graph.contains_edge(*single, *single),
            _ => true,
        };
        let components = petgraph::algo::tarjan_scc(&self.graph);
        components
            .iter()
            .filter(|nodes| circle(nodes))
            .map(|nodes| self.names(&nodes.iter().copied().collect()))
            .collect()
    }

    /// Everything whose requests may pass through a service; empty for an unknown one.
    #[must_use]
    pub fn blast_radius(&self, service: &str) -> BlastRadius {
        let Some(start) = self
            .graph
            .node_indices()
            .find(|node| self.graph.node_weight(*node).is_some_and(|n| n == service))
        else {
            return BlastRadius {
                services: Vec::new(),
                flows: Vec::new(),
            };
        };
        let reversed = Reversed(&self.graph);
        let mut walk = Bfs::new(reversed, start);
        let mut reached = BTreeSet::new();
        while let Some(node) = walk.next(reversed) {
            reached.insert(node);
        }
        let flows = self
            .entries
            .iter()
            .filter(|(_, entry)| reached.contains(entry))
            .map(|(flow, _)| flow.clone());
        BlastRadius {
            services: self.names(&reached),
            flows: flows.collect(),
        }
    }

    fn names(&self, nodes: &BTreeSet<NodeIndex>) -> Vec<String> {
        nodes
            .iter()
            .filter_map(|node| self.graph.node_weight(*node).cloned())
            .collect()
    }
}

/// Circles of endpoints that call or publish to each other, as `(service, endpoint)`; a request on one never ends.
#[must_use]
pub fn endpoint_cycles(system: &System, releases: &[Version]) -> Vec<Vec<(String, String)>> {
    let mut graph: DiGraph<(&str, &str), ()> = DiGraph::new();
    let mut nodes: BTreeMap<(&str, &str), NodeIndex> = BTreeMap::new();
    for (caller, endpoint) in programs(system, releases) {
        let from = (caller, endpoint.name.as_str());
        let calls = all_calls(system, caller, endpoint);
        for to in std::iter::once(from).chain(calls.iter().copied()) {
            nodes.entry(to).or_insert_with(|| graph.add_node(to));
        }
        for to in calls {
            if let (Some(from), Some(to)) = (nodes.get(&from), nodes.get(&to)) {
                graph.update_edge(*from, *to, ());
            }
        }
    }
    let mut circles = Vec::new();
    for component in petgraph::algo::tarjan_scc(&graph) {
        let alone = component.len() == 1
            && !component
                .iter()
                .any(|node| graph.contains_edge(*node, *node));
        if !alone {
            let names = component
                .iter()
                .rev()
                .filter_map(|node| graph.node_weight(*node));
            circles.push(
                names
                    .map(|(service, endpoint)| ((*service).to_owned(), (*endpoint).to_owned()))
                    .collect(),
            );
        }
    }
    circles
}

/// All programs with the service they belong to: base versions, then releases.
pub(crate) fn programs<'a>(
    system: &'a System,
    releases: &'a [Version],
) -> impl Iterator<Item = (&'a str, &'a Endpoint)> {
    let base = system.services.iter().flat_map(|s| {
        s.endpoints
            .iter()
            .map(|endpoint| (s.name.as_str(), endpoint))
    });
    base.chain(releases.iter().flat_map(|r| {
        r.endpoints
            .iter()
            .map(|endpoint| (r.service.as_str(), endpoint))
    }))
}

/// All `(service, endpoint)` a program calls or publishes to, in order.
pub(crate) fn calls(steps: &[Step]) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for step in steps {
        match step {
            Step::Call(service, endpoint)
            | Step::Publish(service, endpoint)
            | Step::Enqueue(service, endpoint) => {
                found.push((service.as_str(), endpoint.as_str()));
            }
            Step::Parallel(calls) => {
                found.extend(calls.iter().map(|(s, e)| (s.as_str(), e.as_str())));
            }
            Step::Cached(cached) => {
                let both = [&cached.lookup].into_iter().chain(&cached.fill);
                found.extend(both.map(|(s, e)| (s.as_str(), e.as_str())));
            }
            _ => {}
        }
        found.extend(step.nested().into_iter().flat_map(self::calls));
    }
    found
}

/// All `(service, endpoint)` a program of a service may call: its steps, and what it falls back on when they fail.
pub(crate) fn all_calls<'a>(
    system: &'a System,
    caller: &str,
    endpoint: &'a Endpoint,
) -> Vec<(&'a str, &'a str)> {
    let service = system.services.iter().find(|known| known.name == caller);
    let fallback = |callee: &str| {
        let own = service.and_then(|service| service.calls.get(callee));
        let policy = own.and_then(|own| own.fallback.as_ref());
        match policy.or(system.calls.fallback.as_ref()) {
            Some(Fallback::Call(service, endpoint)) => Some((service.as_str(), endpoint.as_str())),
            Some(Fallback::Answer) | None => None,
        }
    };
    let mut found = calls(&endpoint.steps);
    let fallbacks: Vec<_> = found.iter().filter_map(|(to, _)| fallback(to)).collect();
    found.extend(fallbacks);
    found
}

/// All flags a program asks.
pub(crate) fn flags_asked(steps: &[Step]) -> Vec<&str> {
    let mut found = Vec::new();
    for step in steps {
        if let Step::IfFlag(flag, _) = step {
            found.push(flag.as_str());
        }
        found.extend(step.nested().into_iter().flat_map(flags_asked));
    }
    found
}
