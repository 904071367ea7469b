//! The way a call is drawn: curves from its caller past other components to its callee.

use brownout_session::view::{LinkView, PlayerView};
use egui::{Pos2, vec2};

use super::particles::travel_s;
use crate::panels::format;
use crate::panels::topology::layout::Layout;

/// Dots per second and edge, at most.
const DOTS_PER_S: f32 = 5.0;

/// A call's path and traffic.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Route {
    /// Right rim of the caller, ends of the stretches it passes level, left rim of the callee.
    pub points: Vec<Pos2>,
    /// Dots per second.
    pub rate: f32,
    /// How long a dot is on its way, in seconds.
    pub duration_s: f32,
    /// Share of dots that are failures, 0 to 1.
    pub failing: f32,
    /// Half the width of the edge: dots stay within.
    pub half_width: f32,
}

/// One curve of a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub from: Pos2,
    pub to: Pos2,
    /// Share of the way's duration at which a dot enters it, and at which it leaves it.
    pub during: (f32, f32),
}

impl Route {
    /// Curves from the caller to the callee. The shader draws each so that it begins and ends level, so they join smoothly.
    pub fn curves(&self) -> impl Iterator<Item = Curve> {
        let length = |pair: &[Pos2]| (pair[1].x - pair[0].x).abs().max(1.0);
        let total: f32 = self.points.windows(2).map(length).sum();
        let mut before = 0.0;
        self.points.windows(2).map(move |pair| {
            let start = before;
            before += length(pair);
            Curve {
                from: pair[0],
                to: pair[1],
                during: (start / total, before / total),
            }
        })
    }

    /// The longest curve: what is said of the call has the most room there.
    pub fn longest(&self) -> Option<Curve> {
        self.curves().max_by(|a, b| {
            let length = |curve: &Curve| curve.from.distance(curve.to);
            length(a).total_cmp(&length(b))
        })
    }
}

impl Curve {
    /// Its ends, as a vertex holds them.
    pub fn ends(&self) -> [f32; 4] {
        [self.from.x, self.from.y, self.to.x, self.to.y]
    }
}

/// Routes of all links of a view.
pub(super) fn routes(view: &PlayerView, layout: &Layout) -> Vec<Route> {
    let rates = view.links.iter().map(|link| link.figures.rate_milli);
    let busiest = rates.max().unwrap_or(0).max(1);
    let links = view.links.iter().enumerate();
    links
        .map(|(index, link)| {
            let way = layout.ways.get(index).map_or(&[][..], Vec::as_slice);
            route(link, way, layout, busiest)
        })
        .collect()
}

fn route(link: &LinkView, way: &[Pos2], layout: &Layout, busiest: u64) -> Route {
    let reach = vec2(layout.radius + 1.0, 0.0);
    let centre = |index: u16| {
        let place = layout.nodes.get(usize::from(index));
        place.map_or(Pos2::ZERO, |place| place.centre)
    };
    let users = || {
        let users = layout.users.get(usize::from(link.users_region));
        users.copied().unwrap_or(Pos2::ZERO)
    };
    let share = share_of(link.figures.rate_milli, busiest).powf(0.6);
    let rate = if link.figures.rate_milli == 0 {
        0.0
    } else {
        0.4 + (DOTS_PER_S - 0.4) * share
    };
    let from = link.from.map_or_else(users, centre) + reach;
    let to = centre(link.to) - reach;
    // A longer way takes more time, so that dots are as fast on it as elsewhere.
    let pieces = 1.0 + 0.3 * f32::from(u8::try_from(way.len()).unwrap_or(u8::MAX));
    Route {
        points: [&[from], way, &[to]].concat(),
        rate,
        duration_s: travel_s(link.figures.p50_us.unwrap_or(0)) * pieces,
        failing: share_of(format::error_ppm(&link.figures).unwrap_or(0), 1_000_000),
        half_width: 0.5 + 2.1 * share,
    }
}

/// `part` of `whole` as a share.
#[expect(clippy::cast_precision_loss, reason = "screen coordinates")]
pub(super) fn share_of(part: u64, whole: u64) -> f32 {
    part as f32 / whole as f32
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    /// Curves follow each other without a gap, in place and in time.
    #[test]
    fn curves_join() {
        let route = Route {
            points: vec![pos2(0.0, 0.0), pos2(30.0, 50.0), pos2(90.0, 40.0)],
            rate: 1.0,
            duration_s: 2.0,
            failing: 0.0,
            half_width: 1.0,
        };
        let curves: Vec<Curve> = route.curves().collect();
        assert_eq!(curves.len(), 2);
        assert_eq!(curves[0].to, curves[1].from);
        assert_eq!(curves[0].during, (0.0, 1.0 / 3.0));
        assert_eq!(curves[1].during, (1.0 / 3.0, 1.0));
        assert_eq!(route.longest(), Some(curves[1]));
    }
}
