//! Networks of stations as the text of a system file, so that validation and benchmarks take the ordinary way into the
//! engine: text, checks, compilation.

use std::fmt::Write;
use std::sync::Arc;

use anyhow::Context;
use brownout_scenario::{MemoryFiles, compile_system, load_system};
use brownout_sim::blueprint::{Blueprint, Step};

/// Workers or places that never run out.
pub const AMPLE: u32 = 1_000_000;

/// A service with one endpoint, `go`, in one region.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name.
    pub name: String,
    /// Fields of its `instance`.
    pub instance: String,
    /// Its `steps`.
    pub steps: String,
    /// Fields of the policy of all its calls; empty for calls that wait as long as it takes and are never repeated.
    pub calls: String,
}

impl Node {
    /// A station of `servers` servers and one queue without limit. Waiting for a server is waiting for a worker; a
    /// request downstream would hold its server, so this is for stations that call nobody.
    #[must_use]
    pub fn station(name: &str, servers: u32, steps: &str) -> Self {
        Self::new(
            name,
            &format!("cores: {servers}, workers: {servers}, queue: {AMPLE}"),
            steps,
        )
    }

    /// A station whose requests give their server back before they go on to the next.
    #[must_use]
    pub fn open(name: &str, servers: u32, steps: &str) -> Self {
        Self::new(
            name,
            &format!("cores: {servers}, workers: {AMPLE}, queue: {AMPLE}"),
            steps,
        )
    }

    /// A service with these fields of `instance` and these steps.
    #[must_use]
    pub fn new(name: &str, instance: &str, steps: &str) -> Self {
        Self {
            name: name.to_owned(),
            instance: instance.to_owned(),
            steps: steps.to_owned(),
            calls: String::new(),
        }
    }

    /// With this policy of its calls.
    #[must_use]
    pub fn calling(mut self, policy: &str) -> Self {
        policy.clone_into(&mut self.calls);
        self
    }
}

/// Stations, and the users who enter at the first.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Services; the first is where users enter.
    pub nodes: Vec<Node>,
    /// Fields of the flow that say how many users come: `rates` or `users`.
    pub traffic: String,
    /// Fields of the flow beside those.
    pub flow: String,
    /// When a reply is slow; empty for never.
    pub slow: String,
    /// Flags as (name, share).
    pub flags: Vec<(&'static str, &'static str)>,
}

impl Network {
    /// Users come at `rate` whatever becomes of their requests.
    #[must_use]
    pub fn at_rate(rate: &str, nodes: Vec<Node>) -> Self {
        Self {
            nodes,
            traffic: format!("rates: {{\"r\": \"{rate}\"}}"),
            ..Self::default()
        }
    }

    /// One station, one server, requests of 1 ms.
    #[must_use]
    pub fn single(rate: &str, instance: &str, steps: &str) -> Self {
        Self::at_rate(rate, vec![Node::new("station", instance, steps)])
    }

    /// The system file. Writing to a string cannot fail, so results are dropped.
    #[must_use]
    pub fn text(&self) -> String {
        let mut services = String::new();
        for node in &self.nodes {
            let Node {
                name,
                instance,
                steps,
                ..
            } = node;
            let mut calls = String::new();
            for callee in self.nodes.iter().filter(|_| !node.calls.is_empty()) {
                if steps.contains(&format!("\"{}\"", callee.name)) {
                    let _ = write!(calls, "\"{}\": ({}), ", callee.name, node.calls);
                }
            }
            let _ = writeln!(
                services,
                "(name: \"{name}\", replicas: {{\"r\": 1}}, instance: ({instance}), calls: {{{calls}}}, \
                 endpoints: [(name: \"go\", steps: [{steps}])]),"
            );
        }
        let mut flags = String::new();
        for (name, share) in &self.flags {
            let _ = write!(flags, "(name: \"{name}\", on: \"{share}\"), ");
        }
        let entry = self.nodes.first().map_or("", |node| node.name.as_str());
        let slow = if self.slow.is_empty() {
            "1h"
        } else {
            &self.slow
        };
        let (traffic, more) = (&self.traffic, &self.flow);
        format!(
            "System(format: 1, name: \"network\", title: \"Network\", regions: [\"r\"], \
             latency: (within: \"0s\", between: \"0s\"), \
             calls: (timeout: \"1h\", attempts: 1, backoff: \"0s\"), services: [{services}], flags: [{flags}], \
             flows: [(name: \"f\", title: \"f\", entry: (\"{entry}\", \"go\"), slow: \"{slow}\", timeout: \"1h\", \
             main: true, {traffic}, {more})])"
        )
    }

    /// The compiled network.
    ///
    /// # Errors
    /// All diagnostics, if the text is not a sound system.
    pub fn blueprint(&self) -> anyhow::Result<Blueprint> {
        compile_text(&self.text())
    }
}

/// Compile the text of a system file.
///
/// # Errors
/// All diagnostics, if the text is not a sound system.
pub fn compile_text(text: &str) -> anyhow::Result<Blueprint> {
    let (loaded, found) = load_system(&MemoryFiles::new(&[("network.ron", text)]), "network.ron");
    let lines = |found: &[brownout_scenario::Diagnostic]| {
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    let loaded = loaded.with_context(|| lines(&found))?;
    compile_system(&loaded).map_err(|found| anyhow::anyhow!(lines(&found)))
}

/// Make every computation take `percent` of its time.
pub fn stretch(blueprint: &mut Blueprint, percent: u64) {
    for step in blueprint.versions.iter_mut().flat_map(|v| &mut v.code) {
        if let Step::Compute { mean_ns, .. } = step {
            *mean_ns = *mean_ns * percent / 100;
        }
    }
}

/// A world of the blueprint.
#[must_use]
pub fn world(blueprint: Blueprint, seed: u64) -> brownout_sim::world::World {
    brownout_sim::world::World::new(Arc::new(blueprint), seed)
}
