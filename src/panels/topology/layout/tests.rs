//! What every layout keeps.

use egui::epaint::CubicBezierShape;

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

/// Calls that pass a component go round its disc and below its figure, on their whole way and not at their bends only.
#[test]
fn calls_cross_no_disc_and_no_figure() {
    let view = sample::calm();
    for (width, height) in AREAS {
        let layout = storefront(width, height);
        for (link, way) in view.links.iter().zip(&layout.ways) {
            let region = view.nodes[usize::from(link.to)].region;
            let centre = |index: u16| layout.nodes[usize::from(index)].centre;
            let reach = vec2(layout.radius, 0.0);
            let users = layout.users[usize::from(link.users_region)];
            let from = link.from.map_or(users, centre) + reach;
            let points = [&[from], way.as_slice(), &[centre(link.to) - reach]].concat();
            let on_the_way: Vec<Pos2> = points
                .windows(2)
                .map(|pair| curve(pair[0], pair[1]))
                .flat_map(|handles| {
                    let clear = egui::Color32::TRANSPARENT;
                    let drawn = CubicBezierShape::from_points_stroke(
                        handles,
                        false,
                        clear,
                        egui::Stroke::NONE,
                    );
                    (0..=40).map(move |step| drawn.sample(count_f32(step) / 40.0))
                })
                .collect();
            for (index, (node, place)) in view.nodes.iter().zip(&layout.nodes).enumerate() {
                let end = |of: u16| usize::from(of) == index;
                if node.region != region || end(link.to) || link.from.is_some_and(end) {
                    continue;
                }
                let foot = pos2(place.centre.x, place.label.0.bottom() - LABEL.line / 2.0);
                let figure = Rect::from_center_size(foot, vec2(2.0 * LABEL.size, LABEL.line - 4.0));
                let crossed = on_the_way.iter().find(|at| {
                    at.distance(place.centre) < layout.radius - 1.0 || figure.contains(**at)
                });
                assert_eq!(
                    crossed, None,
                    "{width}×{height}: {:?} by {link:?}",
                    place.lines
                );
            }
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
