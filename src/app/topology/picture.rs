//! From a view and its layout to the quads the three meshes are made of. Nothing here knows the engine.

use brownout_session::view::{Health, LinkView, NodeView, PlayerView};
use brownout_sim::blueprint::ServiceKind;
use egui::{Color32, Pos2, Rect, vec2};

use super::particles::{Particle, Route, travel_s};
use crate::panels::format;
use crate::panels::state::Selection;
use crate::panels::topology::layout::Layout;
use crate::theme::{Palette, tint};
use crate::widgets::mark;

/// Pieces a call's curve is drawn in.
const PIECES: u16 = 18;
/// Pieces an arrow is drawn in: it follows its curve.
const ARROW_PIECES: u16 = 4;
/// Dots per second and edge, at most.
const DOTS_PER_S: f32 = 5.0;

/// Vertices of a mesh, four per quad.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Quads {
    pub a: Vec<[f32; 4]>,
    pub b: Vec<[f32; 4]>,
    pub color: Vec<[u8; 4]>,
}

impl Quads {
    fn push(&mut self, a: [f32; 4], b: [f32; 4], color: [u8; 4]) {
        self.a.push(a);
        self.b.push(b);
        self.color.push(color);
    }

    /// Fills up with quads that cover nothing, so that the vertex count stays the same.
    pub fn pad(&mut self, quads: usize) {
        let vertices = quads * 4;
        self.a.resize(vertices, [0.0; 4]);
        // A departure in the far past: a particle that is never shown.
        self.b.resize(vertices, [-1e9, 0.001, 0.0, 0.0]);
        self.color.resize(vertices, [0; 4]);
    }
}

/// Routes of all links of a view.
pub(super) fn routes(view: &PlayerView, layout: &Layout) -> Vec<Route> {
    let busiest = view
        .links
        .iter()
        .map(|link| link.figures.rate_milli)
        .max()
        .unwrap_or(0)
        .max(1);
    view.links
        .iter()
        .map(|link| route(link, layout, busiest))
        .collect()
}

fn route(link: &LinkView, layout: &Layout, busiest: u64) -> Route {
    let reach = vec2(layout.radius + 1.0, 0.0);
    let centre = |index: u16| {
        layout
            .nodes
            .get(usize::from(index))
            .map_or(Pos2::ZERO, |place| place.centre)
    };
    let users = || {
        layout
            .users
            .get(usize::from(link.users_region))
            .copied()
            .unwrap_or(Pos2::ZERO)
    };
    let share = share_of(link.figures.rate_milli, busiest).powf(0.6);
    let rate = if link.figures.rate_milli == 0 {
        0.0
    } else {
        0.4 + (DOTS_PER_S - 0.4) * share
    };
    Route {
        from: link.from.map_or_else(users, centre) + reach,
        to: centre(link.to) - reach,
        rate,
        duration_s: travel_s(link.figures.p50_us.unwrap_or(0)),
        failing: share_of(format::error_ppm(&link.figures).unwrap_or(0), 1_000_000),
        half_width: 0.5 + 2.1 * share,
    }
}

/// What is drawn besides calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    /// Regions as lanes.
    pub lanes: bool,
    /// An arrow on each call, from caller to callee, instead of moving dots.
    pub arrows: bool,
}

/// The ground, lanes if wanted, and calls.
pub(super) fn edges(
    view: &PlayerView,
    layout: &Layout,
    area: Rect,
    extras: Extras,
    palette: &Palette,
) -> Quads {
    let mut quads = Quads::default();
    let mut plate = |rect: Rect, kind: f32, color: [u8; 4]| {
        for corner in [0.0, 1.0, 2.0, 3.0] {
            let rect = [rect.left(), rect.top(), rect.right(), rect.bottom()];
            quads.push(rect, [corner, 0.0, 0.0, kind], color);
        }
    };
    plate(area, 2.0, rgba(palette.line, 1.0));
    if extras.lanes {
        layout
            .lanes
            .iter()
            .for_each(|lane| plate(*lane, 1.0, rgba(palette.line, 0.8)));
    }
    let routes = routes(view, layout);
    for (link, route) in view.links.iter().zip(&routes) {
        ribbon(&mut quads, route, edge_color(link, palette));
    }
    if extras.arrows {
        for (link, route) in view.links.iter().zip(&routes) {
            if route.rate > 0.0 {
                arrow(&mut quads, route, arrow_color(link, palette));
            }
        }
    }
    quads
}

fn arrow_color(link: &LinkView, palette: &Palette) -> [u8; 4] {
    let color = match format::error_ppm(&link.figures) {
        None => palette.unknown,
        Some(0..10_000) => palette.healthy,
        Some(10_000..100_000) => palette.degraded,
        Some(_) => palette.failing,
    };
    rgba(color, 1.0)
}

/// An arrow in the middle of a call: a ribbon that tapers towards the callee, wider the more requests there are.
fn arrow(quads: &mut Quads, route: &Route, color: [u8; 4]) {
    let a = [route.from.x, route.from.y, route.to.x, route.to.y];
    let half_width = 3.2 + 1.5 * route.half_width;
    let length = 2.2 * half_width;
    let (from, to) = middle(route, length);
    for piece in 0..ARROW_PIECES {
        for (ahead, side) in [(0, -1.0), (0, 1.0), (1, -1.0), (1, 1.0)] {
            let share = f32::from(piece + ahead) / f32::from(ARROW_PIECES);
            let t = from + (to - from) * share;
            quads.push(a, [t, side, half_width * (1.0 - share), 0.0], color);
        }
    }
}

/// The stretch of a curve about its middle that is so many points long. The curve is the shader's.
fn middle(route: &Route, length: f32) -> (f32, f32) {
    let across = route.to - route.from;
    let reach = (across.x.abs() * 0.5).max(18.0);
    let speed = 1.5 * vec2(across.x - reach, across.y).length();
    let half = (length / speed.max(1.0) / 2.0).min(0.3);
    (0.5 - half, 0.5 + half)
}

/// A call in the colour of its outcome, opaque: transparent lines would be faint on a bright ground and add up where they
/// cross.
fn edge_color(link: &LinkView, palette: &Palette) -> [u8; 4] {
    let shade = |color, share| rgba(tint(color, palette.surface, share), 1.0);
    match format::error_ppm(&link.figures) {
        None => shade(palette.unknown, 0.5),
        Some(0..10_000) => shade(palette.healthy, 0.5),
        Some(10_000..100_000) => shade(palette.degraded, 0.65),
        Some(_) => shade(palette.failing, 0.7),
    }
}

fn ribbon(quads: &mut Quads, route: &Route, color: [u8; 4]) {
    let a = [route.from.x, route.from.y, route.to.x, route.to.y];
    for piece in 0..PIECES {
        for (ahead, side) in [(0, -1.0), (0, 1.0), (1, -1.0), (1, 1.0)] {
            let t = f32::from(piece + ahead) / f32::from(PIECES);
            quads.push(a, [t, side, route.half_width, 0.0], color);
        }
    }
}

/// Users and components.
pub(super) fn nodes(
    view: &PlayerView,
    layout: &Layout,
    selection: Option<&Selection>,
    palette: &Palette,
) -> Quads {
    let mut quads = Quads::default();
    let mut disc = |centre: Pos2, b: [f32; 4], color: [u8; 4]| {
        for corner in [0.0, 1.0, 2.0, 3.0] {
            quads.push([centre.x, centre.y, layout.radius, corner], b, color);
        }
    };
    for users in &layout.users {
        disc(*users, [0.0, 0.0, 4.0, 0.0], rgba(palette.muted, 1.0));
    }
    for (node, place) in view.nodes.iter().zip(&layout.nodes) {
        let selected =
            selection.is_some_and(|s| s.service == node.service && s.region == node.region);
        let color = rgba(mark::health_color(palette, node.health), 1.0);
        disc(place.centre, node_vector(node, selected), color);
    }
    quads
}

/// Error share, saturation, sign and outline, flags.
fn node_vector(node: &NodeView, selected: bool) -> [f32; 4] {
    let sign = match node.health {
        Health::Healthy => 0.0,
        Health::Degraded => 1.0,
        Health::Failing => 2.0,
        Health::Unknown => 3.0,
    };
    let outline = match node.kind {
        ServiceKind::Edge | ServiceKind::Service => 0.0,
        ServiceKind::Database | ServiceKind::Cache | ServiceKind::Queue => 1.0,
        ServiceKind::ThirdParty => 2.0,
    };
    let flags = if selected { 1.0 } else { 0.0 } + if node.rolling { 2.0 } else { 0.0 };
    let errors = share_of(format::error_ppm(&node.figures).unwrap_or(0), 1_000_000);
    [
        errors,
        share_of(node.saturation_ppm.unwrap_or(0), 1_000_000),
        sign + 8.0 * outline,
        flags,
    ]
}

/// Requests on their way, relative to the epoch of the shader's clock.
pub(super) fn particles(live: &[Particle], routes: &[Route], epoch_s: f64) -> Quads {
    let mut quads = Quads::default();
    for particle in live {
        let Some(route) = routes.get(particle.route) else {
            continue;
        };
        let a = [route.from.x, route.from.y, route.to.x, route.to.y];
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the epoch rolls so that this fits a float of the shader"
        )]
        let depart = (particle.depart_s - epoch_s) as f32;
        for corner in [0.0, 1.0, 2.0, 3.0] {
            quads.push(
                a,
                [depart, particle.duration_s, particle.offset, corner],
                rgba(particle.color, 1.0),
            );
        }
    }
    quads
}

/// A colour with an opacity, as a vertex holds it.
fn rgba(color: Color32, alpha: f32) -> [u8; 4] {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of 255"
    )]
    let alpha = (alpha.clamp(0.0, 1.0) * 255.0) as u8;
    [color.r(), color.g(), color.b(), alpha]
}

/// `part` of `whole` as a share.
#[expect(clippy::cast_precision_loss, reason = "screen coordinates")]
fn share_of(part: u64, whole: u64) -> f32 {
    part as f32 / whole as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use crate::panels::topology::layout::{LabelType, layout};
    use crate::theme::DARK;
    use egui::pos2;

    fn storefront() -> (PlayerView, Layout, Rect) {
        let view = sample::calm();
        let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(640.0, 520.0));
        let layout = layout(
            &view,
            area,
            LabelType {
                size: 11.0,
                line: 13.0,
            },
        );
        (view, layout, area)
    }

    /// Every quad has four vertices, in all three meshes.
    #[test]
    fn quads_are_whole() {
        let (view, layout, area) = storefront();
        for quads in [
            edges(&view, &layout, area, STILL, &DARK),
            nodes(&view, &layout, None, &DARK),
        ] {
            assert!(quads.a.len().is_multiple_of(4) && !quads.a.is_empty());
            assert_eq!(
                (quads.a.len(), quads.a.len()),
                (quads.b.len(), quads.color.len())
            );
        }
    }

    const STILL: Extras = Extras {
        lanes: true,
        arrows: true,
    };

    /// Without motion every call that is made has an arrow, which ends in a point nearer to the callee.
    #[test]
    fn arrows_point_to_the_callee() {
        let (mut view, layout, area) = storefront();
        view.links[3].figures.rate_milli = 0;
        let moving = Extras {
            arrows: false,
            ..STILL
        };
        let count = |extras| edges(&view, &layout, area, extras, &DARK).a.len() / 4;
        let arrows = (count(STILL) - count(moving)) / usize::from(ARROW_PIECES);
        assert_eq!(arrows, view.links.len() - 1);
        let route = routes(&view, &layout)[0];
        let mut quads = Quads::default();
        arrow(&mut quads, &route, [0; 4]);
        let (tail, tip) = (quads.b[0], quads.b[quads.b.len() - 1]);
        assert!(tip[0] > tail[0], "along the call");
        assert!(tail[2] > 3.0 && tip[2].abs() < 1e-6, "wide, then a point");
    }

    /// The busiest edge is the widest and has the most dots.
    #[test]
    fn width_is_rate() {
        let (view, layout, _) = storefront();
        let routes = routes(&view, &layout);
        let busiest = (0..routes.len())
            .max_by_key(|&index| view.links[index].figures.rate_milli)
            .unwrap();
        assert!(
            routes
                .iter()
                .all(|route| route.half_width <= routes[busiest].half_width)
        );
        assert!(
            routes
                .iter()
                .all(|route| route.rate <= routes[busiest].rate)
        );
    }
}
