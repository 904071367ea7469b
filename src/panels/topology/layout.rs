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

/// Room above and below what stands between the lanes together, in points.
const APART: f32 = 14.0;

/// Where everything is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Per node of the view.
    pub nodes: Vec<Place>,
    /// Per link of the view: places between its ends that it passes level, from left to right.
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
        let at = self.points(&grid, &sizes);
        let lane_of = |region: u16| usize::from(region).min(self.regions - 1);
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
            let points = way.map(|bend| at[lane_of(region)][bend]).collect();
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

/// A small count as a coordinate.
pub(super) fn count_f32(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;

    const LABEL: LabelType = LabelType {
        size: 11.0,
        line: 13.0,
    };

    fn storefront(width: f32, height: f32) -> Layout {
        let view = sample::calm();
        let area = Rect::from_min_size(pos2(8.0, 60.0), vec2(width, height));
        Arrangement::of(&view).layout(&view, area, LABEL)
    }

    /// The topology's share of the reference windows: 1440×900 and 1920×1080.
    const AREAS: [(f32, f32); 2] = [(648.0, 520.0), (860.0, 680.0)];

    /// No label touches another label or another component's disc.
    #[test]
    fn labels_do_not_overlap() {
        for (width, height) in AREAS {
            let layout = storefront(width, height);
            let discs: Vec<Rect> = layout
                .nodes
                .iter()
                .map(|place| Rect::from_center_size(place.centre, Vec2::splat(2.0 * layout.radius)))
                .collect();
            for (a, one) in layout.nodes.iter().enumerate() {
                for (b, other) in layout.nodes.iter().enumerate() {
                    if a == b {
                        continue;
                    }
                    let clash =
                        one.label.0.intersects(other.label.0) || one.label.0.intersects(discs[b]);
                    assert!(
                        !clash,
                        "{width}×{height}: {:?} and {:?}",
                        one.lines, other.lines
                    );
                }
            }
        }
    }

    /// Everything is drawn inside the area.
    #[test]
    fn nothing_is_clipped() {
        for (width, height) in AREAS {
            let layout = storefront(width, height);
            let area = Rect::from_min_size(pos2(8.0, 60.0), vec2(width, height));
            for place in &layout.nodes {
                assert!(
                    area.contains_rect(place.label.0),
                    "{:?} at {:?}",
                    place.lines,
                    place.label
                );
            }
        }
    }

    /// A service stands at the same place in every lane, so that regions compare at a glance.
    #[test]
    fn lanes_look_alike() {
        let view = sample::calm();
        let layout = storefront(648.0, 520.0);
        let offset = layout.lanes[1].top() - layout.lanes[0].top();
        let at = |service: &str, region: u16| {
            let index = view
                .nodes
                .iter()
                .position(|n| n.service == service && n.region == region)
                .unwrap();
            layout.nodes[index].centre
        };
        for service in ["edge", "checkout", "session-cache", "order-events"] {
            assert_eq!(at(service, 0).x.to_bits(), at(service, 1).x.to_bits());
            assert!((at(service, 1).y - at(service, 0).y - offset).abs() < 0.01);
        }
    }

    /// Callers stand left of what they call, users left of everything.
    #[test]
    fn calls_run_to_the_right() {
        let view = sample::calm();
        let layout = storefront(648.0, 520.0);
        for link in &view.links {
            let to = layout.nodes[usize::from(link.to)].centre.x;
            let from = link.from.map_or(layout.users[0].x, |from| {
                layout.nodes[usize::from(from)].centre.x
            });
            assert!(from < to);
        }
    }

    /// Calls pass between components, not behind them: no bend lies on a disc or on a name.
    #[test]
    fn calls_pass_between_components() {
        for (width, height) in AREAS {
            let layout = storefront(width, height);
            let bends: Vec<Pos2> = layout.ways.iter().flatten().copied().collect();
            assert!(bends.len() > 20);
            for place in &layout.nodes {
                let size = Vec2::splat(2.0 * layout.radius);
                let taken = Rect::from_center_size(place.centre, size).union(place.label.0);
                let behind = bends.iter().find(|bend| taken.contains(**bend));
                assert_eq!(behind, None, "{width}×{height}: {:?}", place.lines);
            }
        }
    }

    /// A lane's height is used: in its fullest column something stands near the top and something near the bottom.
    #[test]
    fn lanes_are_used_from_top_to_bottom() {
        for (width, height) in AREAS {
            let layout = storefront(width, height);
            let lane = layout.lanes[0];
            let inside = layout.nodes.iter().map(|place| place.label.0);
            let inside: Vec<Rect> = inside.filter(|label| lane.contains_rect(*label)).collect();
            let lowest = inside.iter().map(Rect::bottom).fold(0.0, f32::max);
            assert!(lane.bottom() - lowest < 40.0, "{width}×{height}: {lowest}");
        }
    }
}
