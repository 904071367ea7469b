//! Layers of the drawing: which services stand in which column, where calls bend that go further than the next column, and
//! the order in each column that lets the fewest calls cross.
//!
//! A call that passes columns gets a bend in each of them, so that it has a place of its own between the services there
//! (Sugiyama, Tagawa and Toda 1981). Calls to the same service share their bends: they flow together on their way to it.
//! Orders are found by barycentre sweeps and by exchanging neighbours, keeping the one with the fewest crossings.

use std::collections::BTreeMap;

use super::graph::{End, Graph};

/// Sweeps of the ordering; it settles after a few.
const SWEEPS: usize = 12;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// Users or a service.
    Place(End),
    /// Calls to the item given pass here.
    Bend(usize),
}

/// Columns with what stands in them: users, ranks, and outside services in the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub items: Vec<Item>,
    /// Per column: items from the top.
    pub columns: Vec<Vec<usize>>,
    /// Per item: its column.
    pub column_of: Vec<usize>,
    /// Items of neighbouring columns that are joined by a line, from left to right.
    pub lines: Vec<(usize, usize)>,
    /// The bend of calls to an item in a column.
    bends: BTreeMap<(usize, usize), usize>,
}

impl Layers {
    /// Puts services into columns, calls into bends, and orders them. Empty ranks take no column.
    pub fn of(graph: &Graph) -> Self {
        let mut ranks: Vec<u16> = graph.inside.iter().map(|(_, rank)| *rank).collect();
        ranks.sort_unstable();
        ranks.dedup();
        let mut layers = Self {
            columns: vec![Vec::new(); ranks.len() + 2],
            ..Self::default()
        };
        layers.add(Item::Place(End::Users), 0);
        for (index, (_, rank)) in graph.inside.iter().enumerate() {
            let column = ranks.partition_point(|other| other < rank) + 1;
            layers.add(Item::Place(End::Inside(index)), column);
        }
        for index in 0..graph.external.len() {
            layers.add(Item::Place(End::External(index)), ranks.len() + 1);
        }
        for (caller, callee) in &graph.calls {
            if let (Some(from), Some(to)) = (layers.item(*caller), layers.item(*callee)) {
                layers.join(from, to);
            }
        }
        layers.order();
        layers
    }

    /// The item of a service or of users.
    pub fn item(&self, end: End) -> Option<usize> {
        self.items.iter().position(|item| *item == Item::Place(end))
    }

    /// Bends of a call from one item to another, from left to right.
    pub fn way(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        (self.column_of[from] + 1..self.column_of[to])
            .filter_map(move |column| self.bends.get(&(to, column)).copied())
    }

    /// Whether an item stands in the last column, outside the lanes.
    pub fn is_last(&self, item: usize) -> bool {
        self.column_of[item] + 1 == self.columns.len()
    }

    fn add(&mut self, item: Item, column: usize) -> usize {
        let index = self.items.len();
        self.items.push(item);
        self.column_of.push(column);
        self.columns[column].push(index);
        index
    }

    /// Joins two items by lines from column to column. Calls that go back or stay in their column have none.
    fn join(&mut self, from: usize, to: usize) {
        let mut at = from;
        for column in self.column_of[from] + 1..=self.column_of[to] {
            let next = if column == self.column_of[to] {
                to
            } else if let Some(bend) = self.bends.get(&(to, column)) {
                *bend
            } else {
                let bend = self.add(Item::Bend(to), column);
                self.bends.insert((to, column), bend);
                bend
            };
            if !self.lines.contains(&(at, next)) {
                self.lines.push((at, next));
            }
            at = next;
        }
    }

    /// Items joined to an item: in the column before, and in the column after.
    fn beside(&self) -> [Vec<Vec<usize>>; 2] {
        let mut beside = [
            vec![Vec::new(); self.items.len()],
            vec![Vec::new(); self.items.len()],
        ];
        for &(from, to) in &self.lines {
            beside[0][to].push(from);
            beside[1][from].push(to);
        }
        beside
    }

    fn order(&mut self) {
        let beside = self.beside();
        let mut best = (self.crossings(), self.columns.clone());
        for sweep in 0..SWEEPS {
            let forth = sweep % 2 == 0;
            for step in 1..self.columns.len() {
                let column = if forth {
                    step
                } else {
                    self.columns.len() - 1 - step
                };
                self.sort(column, &beside[usize::from(!forth)]);
            }
            self.exchange(&beside);
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.columns.clone());
            }
        }
        self.columns = best.1;
    }

    /// Sorts a column by the mean row of what its items are joined to; what is joined to nothing stays where it is.
    fn sort(&mut self, column: usize, beside: &[Vec<usize>]) {
        let rows = self.rows();
        let mut weighed: Vec<(usize, usize, usize)> = Vec::new();
        for &item in &self.columns[column] {
            let (sum, count) = match beside[item].len() {
                0 => (rows[item], 1),
                count => (beside[item].iter().map(|&other| rows[other]).sum(), count),
            };
            weighed.push((item, sum, count));
        }
        // Means are compared as fractions: sums times the other's count.
        weighed.sort_by_key(|&(_, sum, count)| sum * 5_040 / count);
        self.columns[column] = weighed.into_iter().map(|(item, ..)| item).collect();
    }

    /// Exchanges neighbours of a column as long as that takes crossings away.
    fn exchange(&mut self, beside: &[Vec<Vec<usize>>; 2]) {
        let mut better = true;
        while better {
            better = false;
            for column in 0..self.columns.len() {
                for row in 1..self.columns[column].len() {
                    let rows = self.rows();
                    let (upper, lower) = (self.columns[column][row - 1], self.columns[column][row]);
                    let crossed = |one: usize, other: usize| -> usize {
                        let side = |side: &Vec<Vec<usize>>| -> usize {
                            let above = |at: usize| {
                                side[other]
                                    .iter()
                                    .filter(|&&to| rows[to] < rows[at])
                                    .count()
                            };
                            side[one].iter().map(|&at| above(at)).sum()
                        };
                        beside.iter().map(side).sum()
                    };
                    if crossed(lower, upper) < crossed(upper, lower) {
                        self.columns[column].swap(row - 1, row);
                        better = true;
                    }
                }
            }
        }
    }

    /// Row of every item in its column.
    fn rows(&self) -> Vec<usize> {
        let mut rows = vec![0; self.items.len()];
        for column in &self.columns {
            for (row, &item) in column.iter().enumerate() {
                rows[item] = row;
            }
        }
        rows
    }

    /// Pairs of lines that cross.
    pub fn crossings(&self) -> usize {
        let rows = self.rows();
        let crosses = |a: &(usize, usize), b: &(usize, usize)| {
            self.column_of[a.0] == self.column_of[b.0]
                && (rows[a.0] < rows[b.0] && rows[a.1] > rows[b.1]
                    || rows[a.0] > rows[b.0] && rows[a.1] < rows[b.1])
        };
        let pairs = self.lines.iter().enumerate();
        pairs
            .map(|(index, a)| {
                let later = self.lines[index + 1..].iter();
                later.filter(|b| crosses(a, b)).count()
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;

    /// Lines join neighbouring columns only, and the bends of every call lead from its caller to its callee.
    #[test]
    fn calls_bend_in_every_column_they_pass() {
        let graph = Graph::of(&sample::calm(), 2);
        let layers = Layers::of(&graph);
        for &(from, to) in &layers.lines {
            assert_eq!(layers.column_of[from] + 1, layers.column_of[to]);
        }
        for (caller, callee) in &graph.calls {
            let (from, to) = (layers.item(*caller).unwrap(), layers.item(*callee).unwrap());
            let mut way = vec![from];
            way.extend(layers.way(from, to));
            way.push(to);
            assert_eq!(way.len(), layers.column_of[to] - layers.column_of[from] + 1);
            assert!(
                way.windows(2)
                    .all(|pair| layers.lines.contains(&(pair[0], pair[1])))
            );
        }
    }

    /// The order has fewer crossings than the order of the file, and no exchange of neighbours takes another away.
    #[test]
    fn few_calls_cross() {
        let graph = Graph::of(&sample::calm(), 2);
        let layers = Layers::of(&graph);
        let mut plain = layers.clone();
        plain
            .columns
            .iter_mut()
            .for_each(|column| column.sort_unstable());
        assert!(layers.crossings() * 2 < plain.crossings());
        for column in 0..layers.columns.len() {
            for row in 1..layers.columns[column].len() {
                let mut other = layers.clone();
                other.columns[column].swap(row - 1, row);
                assert!(other.crossings() >= layers.crossings());
            }
        }
    }

    /// What two callers ask of one service flows together; two services never share a bend.
    #[test]
    fn calls_to_one_service_share_their_bends() {
        let graph = Graph {
            inside: [("a", 1), ("b", 1), ("c", 2), ("d", 3), ("e", 3)]
                .map(|(name, rank)| (name.to_owned(), rank))
                .to_vec(),
            external: Vec::new(),
            calls: [(0, 3), (1, 3), (1, 4)]
                .map(|(from, to)| (End::Inside(from), End::Inside(to)))
                .to_vec(),
        };
        let layers = Layers::of(&graph);
        let item = |index| layers.item(End::Inside(index)).unwrap();
        let way = |from, to| layers.way(item(from), item(to)).collect::<Vec<_>>();
        assert_eq!(way(0, 3), way(1, 3));
        assert_ne!(way(1, 3), way(1, 4));
    }
}
