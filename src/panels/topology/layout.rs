//! Where components are drawn: regions as lanes, users at the left, dependencies to the right.
//!
//! Services get one place per lane, the same in every lane, so that regions can be compared by eye. Columns are ranks.
//! Third parties and components that several regions share stand at the right, outside the lanes. Calls that go further
//! than to the next column pass the columns between through places of their own.

use brownout_session::view::PlayerView;
use egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::graph::{End, Graph};
use super::grid::Grid;
use super::heights::{Bounds, Reach, heights, settle};
use super::label::{self, LabelBox, LabelType};
use super::layers::{Item, Layers};

/// The smallest area in points whose labels have their full size.
const LEAST: Vec2 = vec2(520.0, 480.0);
/// Radius of components in points, from the smallest to the largest.
const RADIUS: (u8, u8) = (9, 18);
/// Room a bend needs above and below its height, in points.
const BEND: Reach = Reach {
    above: 3.0,
    below: 3.0,
};

/// Half of the way a call goes level at a bend: below the figure of a component it passes, which is about so wide, in type
/// sizes; and at most this share of the column.
const LEVEL: f32 = 1.7;
const LEVEL_SHARE: f32 = 0.3;

/// Room above and below what stands between the lanes together, in points.
const APART: f32 = 14.0;

/// Where everything is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Per node of the view.
    pub nodes: Vec<Place>,
    /// Per link of the view: the ends of the level stretches on which it passes what lies between, from left to right. From
    /// one point to the next it goes as [`curve`] says.
    pub ways: Vec<Vec<Pos2>>,
    /// Per region: where its users are.
    pub users: Vec<Pos2>,
    /// Per region: its lane.
    pub lanes: Vec<Rect>,
    /// Radius of components.
    pub radius: f32,
    /// Size of labels relative to the theme's.
    pub scale: f32,
}

/// Space between the discs of components that do not touch.
const TOUCHING: f32 = 6.0;

/// Where a component is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Centre of the disc.
    pub centre: Pos2,
    /// Lines of the name, drawn centred below the disc.
    pub lines: Vec<String>,
    /// Space the name takes, with the line for a figure where there is room for it.
    pub label: LabelBox,
    /// Whether there is room for a figure under the name.
    pub figure: bool,
}

/// Services in their columns: what of a layout does not depend on the area.
#[derive(Clone, Debug, Default)]
pub struct Arrangement {
    graph: Graph,
    layers: Layers,
    regions: usize,
}

impl Arrangement {
    /// Arranges the components of a view.
    #[must_use]
    pub fn of(view: &PlayerView) -> Self {
        let regions = view.regions.len().max(1);
        let graph = Graph::of(view, regions);
        let layers = Layers::of(&graph);
        Self {
            graph,
            layers,
            regions,
        }
    }

    /// Lays the view's components out in an area; in one too small for them, everything gets smaller alike.
    #[must_use]
    pub fn fitted(&self, view: &PlayerView, area: Rect, label: LabelType) -> Layout {
        let scale = (area.size() / LEAST).min_elem().clamp(0.1, 1.0);
        let large = Rect::from_min_size(area.min, area.size() / scale);
        let mut layout = self.layout(view, large, label);
        layout.shrink(area.min, scale);
        layout
    }

    /// Lays the view's components out in an area.
    #[must_use]
    pub fn layout(&self, view: &PlayerView, area: Rect, label: LabelType) -> Layout {
        let external = !self.graph.external.is_empty();
        let grid = Grid::new(area, self.regions, &self.widths(label), external);
        let sizes = self.sizes(&grid, label);
        let mut at = self.points(&grid, &sizes);
        let lane_of = |region: u16| usize::from(region).min(self.regions - 1);
        self.stagger(view, &grid, sizes.radius, &mut at);
        let mut layout = Layout {
            users: at.iter().map(|points| points[0]).collect(),
            lanes: (0..self.regions).map(|region| grid.lane(region)).collect(),
            radius: sizes.radius,
            scale: 1.0,
            ..Layout::default()
        };
        for node in &view.nodes {
            let item = self.item(&node.service);
            let centre = at[lane_of(node.region)][item];
            let width = grid.widths[self.layers.column_of[item]] - label::GAP;
            let lines = label::lines(&node.service, width, label);
            let figure = sizes.figures[self.layers.column_of[item]];
            layout.nodes.push(Place {
                label: label::below(&lines, figure, centre, sizes.radius, label),
                centre,
                lines,
                figure,
            });
        }
        for link in &view.links {
            let to = &view.nodes[usize::from(link.to)];
            let from = link.from.map(|from| &view.nodes[usize::from(from)]);
            let region = from.map_or(link.users_region, |from| from.region);
            let item = from.map_or(0, |from| self.item(&from.service));
            let callee = self.item(&to.service);
            // A call into another lane goes there straight.
            let stays = region == to.region || self.layers.is_last(callee);
            let way = self.layers.way(item, callee).filter(|_| stays);
            let mut points = Vec::new();
            for bend in way {
                let column = grid.widths[self.layers.column_of[bend]];
                let half = vec2((LEVEL * label.size).min(LEVEL_SHARE * column), 0.0);
                let at = at[lane_of(region)][bend];
                points.extend([at - half, at + half]);
            }
            layout.ways.push(points);
        }
        layout
    }

    fn item(&self, service: &str) -> usize {
        let end = self.graph.end(service);
        end.and_then(|end| self.layers.item(end)).unwrap_or(0)
    }

    /// Name of what stands at an item; bends have none.
    fn name(&self, item: usize) -> Option<&str> {
        match self.layers.items[item] {
            Item::Place(End::Users) => Some("Users"),
            Item::Place(End::Inside(index)) => Some(&self.graph.inside[index].0),
            Item::Place(End::External(index)) => Some(&self.graph.external[index].service),
            Item::Bend(_) => None,
        }
    }

    fn is_shared(&self, item: usize) -> bool {
        matches!(self.layers.items[item], Item::Place(End::External(index)) if self.graph.external[index].shared)
    }

    /// Width each column asks for: users, ranks, externals if there are any.
    /// Components of a column that would touch step out of line, to the left and to the right by turns.
    fn stagger(&self, view: &PlayerView, grid: &Grid, radius: f32, at: &mut [Vec<Pos2>]) {
        for (lane, points) in at.iter_mut().enumerate() {
            for column in 0..grid.widths.len() {
                let here = view
                    .nodes
                    .iter()
                    .filter(|node| usize::from(node.region).min(self.regions - 1) == lane);
                let items = here.map(|node| self.item(&node.service));
                let mut items: Vec<usize> = items
                    .filter(|&item| self.layers.column_of[item] == column)
                    .collect();
                items.sort_by(|&a, &b| points[a].y.total_cmp(&points[b].y));
                items.dedup();
                let apart = items
                    .windows(2)
                    .map(|pair| points[pair[1]].y - points[pair[0]].y);
                let closest = apart.fold(f32::INFINITY, f32::min);
                let room = radius * 2.0 + TOUCHING;
                if closest >= room {
                    continue;
                }
                // As far as it takes for two neighbours not to touch, and no farther than the column is wide.
                let across = (room * room - closest * closest).max(0.0).sqrt() / 2.0;
                let step = across.min(grid.widths[column] * 0.3);
                for (turn, &item) in items.iter().enumerate() {
                    points[item].x += if turn % 2 == 0 { -step } else { step };
                }
            }
        }
    }

    fn widths(&self, label: LabelType) -> Vec<f32> {
        let columns = self.layers.columns.iter();
        let names = |items: &Vec<usize>| {
            let names = items.iter().filter_map(|&item| self.name(item));
            label::column(names, label)
        };
        columns
            .filter(|items| !items.is_empty())
            .map(names)
            .collect()
    }

    /// The largest discs with which everything has its room; where even the smallest leave too little, columns go
    /// without figures.
    fn sizes(&self, grid: &Grid, label: LabelType) -> Sizes {
        let columns = 0..self.layers.columns.len();
        let fits = |column: usize, radius: f32, figure: bool| {
            let items = self.layers.columns[column].iter();
            let reach = items
                .filter(|&&item| !self.is_shared(item))
                .map(|&item| self.reach(item, radius, figure, grid, label))
                .map(|reach| reach.above + reach.below);
            let (top, bottom) = grid.bounds(column, 0);
            reach.sum::<f32>() <= bottom - top
        };
        let radius = (RADIUS.0..=RADIUS.1)
            .rev()
            .map(f32::from)
            .find(|radius| columns.clone().all(|column| fits(column, *radius, true)))
            .unwrap_or(f32::from(RADIUS.0));
        let figures: Vec<bool> = columns.map(|column| fits(column, radius, true)).collect();
        let column = |item: usize| self.layers.column_of[item];
        let reach = (0..self.layers.items.len())
            .map(|item| self.reach(item, radius, figures[column(item)], grid, label))
            .collect();
        Sizes {
            radius,
            figures,
            reach,
        }
    }

    fn reach(
        &self,
        item: usize,
        radius: f32,
        figure: bool,
        grid: &Grid,
        label: LabelType,
    ) -> Reach {
        let Some(name) = self.name(item) else {
            return BEND;
        };
        let width = grid.widths[self.layers.column_of[item]] - label::GAP;
        let rows = label::lines(name, width, label).len() + usize::from(figure);
        Reach {
            above: radius + 2.0,
            below: radius + label::height(rows, label) + 1.0,
        }
    }

    /// Per lane: where every item stands.
    fn points(&self, grid: &Grid, sizes: &Sizes) -> Vec<Vec<Pos2>> {
        let columns = self.layers.columns.len();
        let bounds: Vec<Bounds> = (0..columns).map(|column| grid.bounds(column, 0)).collect();
        let heights = heights(&self.layers, &sizes.reach, &bounds);
        let top = grid.lane(0).top();
        let points = |region: usize| {
            let move_by = grid.lane(region).top() - top;
            let mut heights = heights.clone();
            self.outside(grid, sizes, region, &mut heights);
            heights
                .iter()
                .enumerate()
                .map(|(item, height)| pos2(grid.x(self.layers.column_of[item]), height + move_by))
                .collect()
        };
        (0..self.regions).map(points).collect()
    }

    /// Heights of what stands outside a lane: shared components in the middle of all lanes, third parties beside theirs.
    fn outside(&self, grid: &Grid, sizes: &Sizes, region: usize, heights: &mut [f32]) {
        let Some(column) = self.layers.columns.last() else {
            return;
        };
        let (shared, own): (Vec<usize>, Vec<usize>) =
            column.iter().partition(|&&item| self.is_shared(item));
        let move_by = grid.lane(region).top() - grid.lane(0).top();
        let room = |item: usize| sizes.reach[item].above + sizes.reach[item].below;
        let apart = if shared.is_empty() { 0.0 } else { APART };
        let band: f32 = apart + shared.iter().map(|&item| room(item)).sum::<f32>();
        let mut at = grid.area.center().y - (band - apart) / 2.0 - move_by;
        for &item in &shared {
            heights[item] = at + sizes.reach[item].above;
            at += room(item);
        }
        // Lanes next to the middle give up what the shared components need.
        let (mut top, mut bottom) = grid.bounds(self.layers.columns.len() - 1, region);
        let middle = grid.area.center().y;
        if grid.lane(region).center().y < middle - 1.0 {
            bottom = bottom.min(middle - band / 2.0);
        } else if band > 0.0 {
            top = top.max(middle + band / 2.0);
        }
        let wanted: Vec<(f32, f32)> = own.iter().map(|&item| (heights[item], 1.0)).collect();
        let bounds = (top - move_by, bottom - move_by);
        settle(&own, &wanted, &sizes.reach, bounds, heights);
    }
}

/// How large things are drawn.
struct Sizes {
    radius: f32,
    /// Per column: whether there is room for figures.
    figures: Vec<bool>,
    /// Per item.
    reach: Vec<Reach>,
}

impl Layout {
    /// Makes everything smaller towards a corner.
    fn shrink(&mut self, corner: Pos2, scale: f32) {
        let shrink = |at: &mut Pos2| *at = corner + (*at - corner) * scale;
        let shrink_rect = |rect: &mut Rect| {
            shrink(&mut rect.min);
            shrink(&mut rect.max);
        };
        self.lanes.iter_mut().for_each(shrink_rect);
        self.users.iter_mut().for_each(shrink);
        self.ways.iter_mut().flatten().for_each(shrink);
        for place in &mut self.nodes {
            shrink(&mut place.centre);
            shrink_rect(&mut place.label.0);
        }
        self.radius *= scale;
        self.scale = scale;
    }
}

/// The cubic curve of a call from one point to the next, as the engine draws it: it begins and ends level, so that curves that
/// follow each other join smoothly.
#[must_use]
pub fn curve(from: Pos2, to: Pos2) -> [Pos2; 4] {
    let reach = vec2(((to.x - from.x).abs() * 0.5).max(STIFF), 0.0);
    [from, from + reach, to - reach, to]
}

/// Least length of a curve's handles in points.
const STIFF: f32 = 18.0;

/// A small count as a coordinate.
pub(super) fn count_f32(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests;
