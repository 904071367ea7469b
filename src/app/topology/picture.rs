//! From a view and its layout to the quads the three meshes are made of. Nothing here knows the engine.

use brownout_session::view::{Health, LinkView, NodeView, PlayerView};
use brownout_sim::blueprint::ServiceKind;
use egui::{Color32, Pos2, Rect, vec2};

use super::particles::Particle;
use super::route::{Curve, Route, routes, share_of};
use crate::panels::format;
use crate::panels::state::Selection;
use crate::panels::topology::layout::Layout;
use crate::theme::{Palette, tint};
use crate::widgets::mark;

/// Pieces a call's curve is drawn in.
const PIECES: u16 = 14;
/// Pieces an arrow is drawn in: it follows its curve.
const ARROW_PIECES: u16 = 4;
/// How far ahead of the clock curves are drawn on which a dot will be: longer than it takes to the next upload at the
/// greatest pace, in seconds.
const SOON_S: f64 = 0.7;

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

/// What is drawn besides calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    /// Regions as lanes.
    pub lanes: bool,
    /// An arrow on each call, from caller to callee, instead of moving dots.
    pub arrows: bool,
}

/// The ground, lanes if wanted, and calls. While something is selected, its own calls stand out among the others.
pub(super) fn edges(
    view: &PlayerView,
    layout: &Layout,
    area: Rect,
    selection: Option<&Selection>,
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
    if extras.lanes {
        plate(area, 2.0, rgba(palette.line, 1.0));
        layout
            .lanes
            .iter()
            .for_each(|lane| plate(*lane, 1.0, rgba(palette.line, 0.8)));
    }
    let routes = routes(view, layout);
    let own = own_calls(view, selection);
    let mut order: Vec<usize> = (0..view.links.len()).collect();
    // Where calls flow together, the worst and the selected lie on top.
    order.sort_by_key(|&index| {
        let errors = format::error_ppm(&view.links[index].figures);
        (
            errors.map_or(0, |ppm| 1 + u8::from(ppm >= 10_000)),
            own[index],
        )
    });
    for &index in &order {
        let aside = selection.is_some() && !own[index];
        let color = edge_color(&view.links[index], aside, palette);
        ribbon(&mut quads, &routes[index], color);
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

/// Per link: whether it is a call of the selected component, or to it.
fn own_calls(view: &PlayerView, selection: Option<&Selection>) -> Vec<bool> {
    let is_selected = |index: u16| {
        let node = view.nodes.get(usize::from(index));
        node.zip(selection)
            .is_some_and(|(node, of)| node.service == of.service && node.region == of.region)
    };
    let links = view.links.iter();
    links
        .map(|link| is_selected(link.to) || link.from.is_some_and(is_selected))
        .collect()
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

/// An arrow on a call: a ribbon that tapers towards the callee, wider the more requests there are.
fn arrow(quads: &mut Quads, route: &Route, color: [u8; 4]) {
    let Some(curve) = route.longest() else { return };
    let half_width = 3.2 + 1.5 * route.half_width;
    let length = 2.2 * half_width;
    let (from, to) = middle(&curve, length);
    for piece in 0..ARROW_PIECES {
        for (ahead, side) in [(0, -1.0), (0, 1.0), (1, -1.0), (1, 1.0)] {
            let share = f32::from(piece + ahead) / f32::from(ARROW_PIECES);
            let t = from + (to - from) * share;
            quads.push(
                curve.ends(),
                [t, side, half_width * (1.0 - share), 0.0],
                color,
            );
        }
    }
}

/// The stretch of a curve about its middle that is so many points long. The curve is the shader's.
fn middle(curve: &Curve, length: f32) -> (f32, f32) {
    let across = curve.to - curve.from;
    let reach = (across.x.abs() * 0.5).max(18.0);
    let speed = 1.5 * vec2(across.x - reach, across.y).length();
    let half = (length / speed.max(1.0) / 2.0).min(0.3);
    (0.5 - half, 0.5 + half)
}

/// A call in the colour of its outcome, opaque: transparent lines would be faint on a bright ground and add up where they
/// cross. One that is not asked about stands aside, unless it fails.
fn edge_color(link: &LinkView, aside: bool, palette: &Palette) -> [u8; 4] {
    let shade = |color, share| rgba(tint(color, palette.surface, share), 1.0);
    let quiet = if aside { 0.22 } else { 0.5 };
    match format::error_ppm(&link.figures) {
        None => shade(palette.unknown, quiet),
        Some(0..10_000) => shade(palette.healthy, quiet),
        Some(10_000..100_000) => shade(palette.degraded, 0.65),
        Some(_) => shade(palette.failing, 0.7),
    }
}

fn ribbon(quads: &mut Quads, route: &Route, color: [u8; 4]) {
    for curve in route.curves() {
        let straight = (curve.from.y - curve.to.y).abs() < 0.5;
        let pieces = if straight { 1 } else { PIECES };
        for piece in 0..pieces {
            for (ahead, side) in [(0, -1.0), (0, 1.0), (1, -1.0), (1, 1.0)] {
                let t = f32::from(piece + ahead) / f32::from(pieces);
                quads.push(curve.ends(), [t, side, route.half_width, 0.0], color);
            }
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

/// Requests on their way, relative to the epoch of the shader's clock: a quad for each curve a dot is on now or soon.
pub(super) fn particles(live: &[Particle], routes: &[Route], now_s: f64, epoch_s: f64) -> Quads {
    let mut quads = Quads::default();
    for particle in live {
        let Some(route) = routes.get(particle.route) else {
            continue;
        };
        for curve in route.curves() {
            let (enters, leaves) = curve.during;
            let enters_s = particle.depart_s + f64::from(particle.duration_s * enters);
            let leaves_s = particle.depart_s + f64::from(particle.duration_s * leaves);
            if leaves_s < now_s || enters_s > now_s + SOON_S {
                continue;
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the epoch rolls so that this fits a float of the shader"
            )]
            let (depart, duration) = ((enters_s - epoch_s) as f32, (leaves_s - enters_s) as f32);
            // Dots fade in at the caller and out at the callee only.
            let ends =
                if enters <= 0.0 { 4.0 } else { 0.0 } + if leaves >= 1.0 { 8.0 } else { 0.0 };
            for corner in [0.0, 1.0, 2.0, 3.0] {
                quads.push(
                    curve.ends(),
                    [depart, duration, particle.offset, corner + ends],
                    rgba(particle.color, 1.0),
                );
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use crate::panels::topology::label::LabelType;
    use crate::panels::topology::layout::Arrangement;
    use crate::theme::DARK;
    use egui::pos2;

    fn storefront() -> (PlayerView, Layout, Rect) {
        let view = sample::calm();
        let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(640.0, 520.0));
        let label = LabelType {
            size: 11.0,
            line: 13.0,
        };
        let layout = Arrangement::of(&view).layout(&view, area, label);
        (view, layout, area)
    }

    /// Every quad has four vertices, in all three meshes.
    #[test]
    fn quads_are_whole() {
        let (view, layout, area) = storefront();
        for quads in [
            edges(&view, &layout, area, None, STILL, &DARK),
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
        let count = |extras| edges(&view, &layout, area, None, extras, &DARK).a.len() / 4;
        let arrows = (count(STILL) - count(moving)) / usize::from(ARROW_PIECES);
        assert_eq!(arrows, view.links.len() - 1);
        let route = &routes(&view, &layout)[0];
        let mut quads = Quads::default();
        arrow(&mut quads, route, [0; 4]);
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
    /// A dot is drawn on the curve it is on and on one it will reach soon, never on one it has left.
    #[test]
    fn dots_are_drawn_where_they_are() {
        let route = Route {
            points: vec![pos2(0.0, 0.0), pos2(50.0, 9.0), pos2(100.0, 0.0)],
            rate: 1.0,
            duration_s: 4.0,
            failing: 0.0,
            half_width: 1.0,
        };
        let dot = Particle {
            route: 0,
            depart_s: 10.0,
            duration_s: 4.0,
            offset: 0.0,
            color: DARK.healthy,
        };
        let starts = |now_s: f64| -> Vec<f32> {
            let quads = particles(&[dot], std::slice::from_ref(&route), now_s, 10.0);
            quads.a.chunks(4).map(|quad| quad[0][0]).collect()
        };
        assert_eq!(starts(10.5), [0.0]);
        assert_eq!(starts(11.8), [0.0, 50.0]);
        assert_eq!(starts(13.0), [50.0]);
    }

    /// What is selected keeps the colour of its calls; healthy calls of others stand aside, failing ones never.
    #[test]
    fn the_selected_stands_out() {
        let (mut view, ..) = storefront();
        view.links[0].figures.success_ppm = Some(500_000);
        let colors =
            |link: usize| [false, true].map(|aside| edge_color(&view.links[link], aside, &DARK));
        let [plain, aside] = colors(1);
        assert_ne!(plain, aside);
        let [plain, aside] = colors(0);
        assert_eq!(plain, aside);
    }
}
