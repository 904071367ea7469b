//! Where components are drawn: regions as lanes, users at the left, dependencies to the right.
//!
//! Services get one place per lane, the same in every lane, so that regions can be compared by eye. Columns are ranks.
//! Third parties and components that several regions share stand at the right, outside the lanes.

use brownout_session::view::{NodeView, PlayerView};
use egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::graph::Graph;
use super::grid::Grid;

/// Widest a character of a label can be on average, as a share of the type size.
const CHARACTER_WIDTH: f32 = 0.55;
/// The smallest area in points whose labels have their full size.
const LEAST: Vec2 = vec2(520.0, 500.0);
/// Least width of a column in points.
const NARROWEST: f32 = 50.0;
/// Most width a column asks for; longer names are broken.
const WIDEST: f32 = 84.0;

/// Where everything is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Per node of the view.
    pub nodes: Vec<Place>,
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

/// Space a label takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelBox(pub Rect);

impl Default for LabelBox {
    fn default() -> Self {
        Self(Rect::ZERO)
    }
}

/// Type size and line height of labels in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelType {
    /// Type size.
    pub size: f32,
    /// Line height.
    pub line: f32,
}

/// Lays the view's components out in an area; in one too small for them, everything gets smaller alike.
#[must_use]
pub fn fitted(view: &PlayerView, area: Rect, label: LabelType) -> Layout {
    let scale = (area.size() / LEAST).min_elem().clamp(0.1, 1.0);
    let large = Rect::from_min_size(area.min, area.size() / scale);
    let mut layout = layout(view, large, label);
    let shrink = |at: Pos2| area.min + (at - area.min) * scale;
    let shrink_rect = |rect: Rect| Rect::from_min_max(shrink(rect.min), shrink(rect.max));
    for lane in &mut layout.lanes {
        *lane = shrink_rect(*lane);
    }
    for users in &mut layout.users {
        *users = shrink(*users);
    }
    for place in &mut layout.nodes {
        place.centre = shrink(place.centre);
        place.label.0 = shrink_rect(place.label.0);
    }
    layout.radius *= scale;
    layout.scale = scale;
    layout
}

/// Lays the view's components out in an area.
#[must_use]
pub fn layout(view: &PlayerView, area: Rect, label: LabelType) -> Layout {
    let regions = view.regions.len().max(1);
    let graph = Graph::of(view, regions);
    let columns = graph.columns();
    let grid = Grid::new(
        area,
        regions,
        &widths(&graph, &columns, label),
        !graph.external.is_empty(),
    );
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let row_height = grid.lane_height() / count_f32(tallest);
    // Room for a name and a figure below each disc comes first, then the disc.
    let radius = ((row_height - 2.0 * label.line - 9.0) / 2.0).clamp(9.0, 18.0);

    let mut layout = Layout {
        nodes: vec![Place::default(); view.nodes.len()],
        users: Vec::new(),
        lanes: (0..regions).map(|region| grid.lane(region)).collect(),
        radius,
        scale: 1.0,
    };
    let below = row_height - 2.0 * radius - 6.0;
    for (index, node) in view.nodes.iter().enumerate() {
        let (column, centre) = centre(&graph, node, &columns, &grid);
        let width = grid.widths[column] - 6.0;
        layout.nodes[index] = place(&node.service, centre, radius, vec2(width, below), label);
    }
    for region in 0..regions {
        let entry = view
            .links
            .iter()
            .find(|link| link.from.is_none() && usize::from(link.users_region) == region);
        let y = entry.map_or(grid.lane(region).center().y, |link| {
            layout.nodes[usize::from(link.to)].centre.y
        });
        layout.users.push(pos2(grid.x(0), y));
    }
    layout
}

/// The name of a service in one line, or in two broken at a hyphen where one is too wide.
fn lines(name: &str, width: f32, label: LabelType) -> Vec<String> {
    let fits = |text: &str| text_width(text, label) <= width;
    if fits(name) {
        return vec![name.to_owned()];
    }
    // Of two breaks that balance alike the later is taken: the first line says more.
    let breaks = name.rmatch_indices('-').map(|(at, _)| at + 1);
    let balance = |at: usize| at.max(name.len() - at);
    match breaks.min_by_key(|&at| balance(at)) {
        Some(at) => vec![name[..at].to_owned(), name[at..].to_owned()],
        None => vec![name.to_owned()],
    }
}

/// Estimated width of a label's line; a little more than it will be.
fn text_width(text: &str, label: LabelType) -> f32 {
    count_f32(text.chars().count()) * label.size * CHARACTER_WIDTH
}

/// A component's disc and label; `room` is the width and height there is for the label.
fn place(name: &str, centre: Pos2, radius: f32, room: Vec2, label: LabelType) -> Place {
    let lines = lines(name, room.x, label);
    let widest = lines
        .iter()
        .map(|line| text_width(line, label))
        .fold(0.0, f32::max);
    let figure = (count_f32(lines.len()) + 1.0) * label.line <= room.y;
    let rows = count_f32(lines.len()) + if figure { 1.0 } else { 0.0 };
    let top_left = pos2(centre.x - widest / 2.0, centre.y + radius + 4.0);
    let rect = Rect::from_min_size(top_left, vec2(widest, rows * label.line));
    Place {
        centre,
        lines,
        label: LabelBox(rect),
        figure,
    }
}

/// Width each column asks for: users, ranks, externals.
fn widths(graph: &Graph, columns: &[Vec<usize>], label: LabelType) -> Vec<f32> {
    let of = |name: &str| text_width(name, label).clamp(NARROWEST, WIDEST);
    let widest = |names: &mut dyn Iterator<Item = &String>| {
        names.map(|name| of(name)).fold(NARROWEST, f32::max)
    };
    let mut widths = vec![NARROWEST];
    widths.extend(
        columns
            .iter()
            .map(|column| widest(&mut column.iter().map(|&service| &graph.inside[service].0))),
    );
    if !graph.external.is_empty() {
        widths.push(widest(
            &mut graph.external.iter().map(|external| &external.service),
        ));
    }
    widths
}

/// Column and centre of a component.
fn centre(graph: &Graph, node: &NodeView, columns: &[Vec<usize>], grid: &Grid) -> (usize, Pos2) {
    let region = usize::from(node.region).min(grid.regions - 1);
    let lane = grid.lane(region);
    let Some(service) = graph.inside(&node.service) else {
        return (
            grid.widths.len() - 1,
            external_centre(graph, &node.service, lane, grid),
        );
    };
    for (column, services) in columns.iter().enumerate() {
        if let Some(row) = services.iter().position(|&other| other == service) {
            let share = (count_f32(row) + 0.5) / count_f32(services.len());
            return (
                column + 1,
                pos2(grid.x(column + 1), grid.row_y(lane, share)),
            );
        }
    }
    (0, lane.center())
}

fn external_centre(graph: &Graph, service: &str, lane: Rect, grid: &Grid) -> Pos2 {
    let x = grid.x(grid.widths.len() - 1);
    let of_kind = |shared: bool| {
        graph
            .external
            .iter()
            .filter(move |external| external.shared == shared)
    };
    let shared = of_kind(true).position(|external| external.service == service);
    let shared_count = of_kind(true).count();
    let band = if shared_count > 0 {
        grid.shared_height(shared_count)
    } else {
        0.0
    };
    if let Some(index) = shared {
        let top = grid.area.center().y - band / 2.0;
        return pos2(
            x,
            top + band * (count_f32(index) + 0.5) / count_f32(shared_count),
        );
    }
    let index = of_kind(false)
        .position(|external| external.service == service)
        .unwrap_or(0);
    let share = (count_f32(index) + 0.5) / count_f32(of_kind(false).count().max(1));
    // Lanes next to the middle give up what the shared components need.
    let give = |edge: f32| {
        if (edge - grid.area.center().y).abs() < grid.gap {
            band / 2.0
        } else {
            0.0
        }
    };
    let (top, bottom) = (
        lane.top() + give(lane.top()),
        lane.bottom() - give(lane.bottom()),
    );
    pos2(x, top + (bottom - top) * share - grid.label_lift)
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
        layout(
            &sample::calm(),
            Rect::from_min_size(pos2(8.0, 60.0), vec2(width, height)),
            LABEL,
        )
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

    /// A name too wide for its column is broken at the hyphen that balances best.
    #[test]
    fn long_names_break_at_hyphens() {
        assert_eq!(
            lines("orders-db-replica", 80.0, LABEL),
            ["orders-db-", "replica"]
        );
        assert_eq!(lines("checkout", 80.0, LABEL), ["checkout"]);
    }
}
