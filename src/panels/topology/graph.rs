//! Services and their calls, and the order in which a column's services stand.
//!
//! The order is found by barycentre sweeps (Sugiyama et al. 1981), keeping the one with the fewest crossings.

use std::collections::BTreeMap;

use brownout_session::view::PlayerView;
use brownout_sim::blueprint::ServiceKind;

use super::layout::count_f32;

/// Sweeps of the ordering; it settles after a few.
const SWEEPS: usize = 8;

/// Services and their calls, regions aside.
pub(super) struct Graph {
    /// Name and rank per service inside the lanes, in view order.
    pub inside: Vec<(String, u16)>,
    /// Services outside the lanes.
    pub external: Vec<External>,
    /// Caller and callee, as positions in `inside`.
    calls: Vec<(usize, usize)>,
}

/// A service outside the lanes.
pub(super) struct External {
    /// Name.
    pub service: String,
    /// Only one region has it: it stands between the lanes.
    pub shared: bool,
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
            let shared = regions > 1 && deployments[node.service.as_str()] == 1;
            if shared || node.kind == ServiceKind::ThirdParty {
                if !graph
                    .external
                    .iter()
                    .any(|external| external.service == node.service)
                {
                    graph.external.push(External {
                        service: node.service.clone(),
                        shared,
                    });
                }
            } else if graph.inside(&node.service).is_none() {
                graph.inside.push((node.service.clone(), node.rank));
            }
        }
        let name = |index: u16| view.nodes[usize::from(index)].service.as_str();
        for link in &view.links {
            let caller = link.from.and_then(|from| graph.inside(name(from)));
            let callee = graph.inside(name(link.to));
            if let (Some(caller), Some(callee)) = (caller, callee)
                && !graph.calls.contains(&(caller, callee))
            {
                graph.calls.push((caller, callee));
            }
        }
        graph
    }

    /// Position of a service inside the lanes.
    pub fn inside(&self, service: &str) -> Option<usize> {
        self.inside.iter().position(|(name, _)| name == service)
    }

    /// Services by column, ordered within each; empty ranks take no column.
    pub fn columns(&self) -> Vec<Vec<usize>> {
        let mut by_rank: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (index, (_, rank)) in self.inside.iter().enumerate() {
            by_rank.entry(*rank).or_default().push(index);
        }
        let mut columns: Vec<Vec<usize>> = by_rank.into_values().collect();
        let mut best = (self.crossings(&columns), columns.clone());
        for sweep in 0..SWEEPS {
            let heights = self.heights(&columns);
            let count = columns.len();
            for step in 0..count {
                let column = if sweep % 2 == 0 {
                    step
                } else {
                    count - 1 - step
                };
                self.sort_column(&mut columns[column], &heights);
            }
            let crossings = self.crossings(&columns);
            if crossings < best.0 {
                best = (crossings, columns.clone());
            }
        }
        best.1
    }

    /// Relative height of every service, 0 at the top to 1.
    fn heights(&self, columns: &[Vec<usize>]) -> Vec<f32> {
        let mut heights = vec![0.5; self.inside.len()];
        for column in columns {
            for (row, &service) in column.iter().enumerate() {
                heights[service] = (count_f32(row) + 0.5) / count_f32(column.len());
            }
        }
        heights
    }

    fn sort_column(&self, column: &mut [usize], heights: &[f32]) {
        let weight = |service: usize| {
            let neighbours = self.calls.iter().filter_map(|&(caller, callee)| {
                (caller == service)
                    .then_some(heights[callee])
                    .or((callee == service).then_some(heights[caller]))
            });
            let (sum, count) = neighbours.fold((0.0, 0.0), |(sum, count), height| {
                (sum + height, count + 1.0)
            });
            if count > 0.0 {
                sum / count
            } else {
                heights[service]
            }
        };
        column.sort_by(|&a, &b| weight(a).total_cmp(&weight(b)));
    }

    /// Pairs of calls that cross when drawn as straight lines.
    fn crossings(&self, columns: &[Vec<usize>]) -> usize {
        let heights = self.heights(columns);
        let mut column_of = vec![0usize; self.inside.len()];
        for (column, services) in columns.iter().enumerate() {
            for &service in services {
                column_of[service] = column;
            }
        }
        let line = |&(caller, callee): &(usize, usize)| {
            (
                column_of[caller],
                heights[caller],
                column_of[callee],
                heights[callee],
            )
        };
        let lines: Vec<_> = self.calls.iter().map(line).collect();
        let mut crossings = 0;
        for (index, a) in lines.iter().enumerate() {
            crossings += lines[index + 1..].iter().filter(|b| cross(*a, **b)).count();
        }
        crossings
    }
}

/// Whether two lines of the drawing cross strictly between their ends.
fn cross(a: (usize, f32, usize, f32), b: (usize, f32, usize, f32)) -> bool {
    if a.0 != b.0 || a.2 != b.2 {
        return false;
    }
    (a.1 - b.1) * (a.3 - b.3) < 0.0
}
