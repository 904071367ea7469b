//! Services and their calls, regions aside: what the layout is made from.

use std::collections::BTreeMap;

use brownout_session::view::PlayerView;
use brownout_sim::blueprint::ServiceKind;

/// Services and their calls, regions aside.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    /// Name and rank per service inside the lanes, in view order.
    pub inside: Vec<(String, u16)>,
    /// Services outside the lanes.
    pub external: Vec<External>,
    /// Calls, each once.
    pub calls: Vec<(End, End)>,
}

/// A service outside the lanes.
#[derive(Clone, Debug)]
pub(super) struct External {
    /// Name.
    pub service: String,
    /// Only one region has it: it stands between the lanes.
    pub shared: bool,
}

/// An end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Users,
    /// Position in `inside`.
    Inside(usize),
    /// Position in `external`.
    External(usize),
}

impl Graph {
    pub fn of(view: &PlayerView, regions: usize) -> Self {
        let mut deployments: BTreeMap<&str, usize> = BTreeMap::new();
        for node in &view.nodes {
            *deployments.entry(&node.service).or_default() += 1;
        }
        let mut graph = Self {
            inside: Vec::new(),
            external: Vec::new(),
            calls: Vec::new(),
        };
        for node in &view.nodes {
            if graph.end(&node.service).is_some() {
                continue;
            }
            let shared = regions > 1 && deployments[node.service.as_str()] == 1;
            if shared || node.kind == ServiceKind::ThirdParty {
                graph.external.push(External {
                    service: node.service.clone(),
                    shared,
                });
            } else {
                graph.inside.push((node.service.clone(), node.rank));
            }
        }
        for link in &view.links {
            let end = |index: u16| graph.end(&view.nodes[usize::from(index)].service);
            let caller = link.from.map_or(Some(End::Users), end);
            if let (Some(caller), Some(callee)) = (caller, end(link.to))
                && !graph.calls.contains(&(caller, callee))
            {
                graph.calls.push((caller, callee));
            }
        }
        graph
    }

    /// Where a service is.
    pub fn end(&self, service: &str) -> Option<End> {
        let inside = self.inside.iter().position(|(name, _)| name == service);
        let external = || self.external.iter().position(|of| of.service == service);
        inside
            .map(End::Inside)
            .or_else(|| external().map(End::External))
    }
}
