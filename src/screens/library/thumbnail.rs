//! A system in small, as the incident shows it large.

use egui::epaint::CubicBezierShape;
use egui::{Color32, Painter, Rect, Stroke, pos2, vec2};

use super::Entry;
use crate::panels::topology::label::LabelType;
use crate::panels::topology::layout::curve;
use crate::theme::{Theme, tint};

/// Width thumbnails are laid out for before they are made small, in points.
const LARGE: f32 = 1_100.0;

/// The system in small: its components by rank and what calls what.
pub(super) fn thumbnail(painter: &Painter, entry: &Entry, area: Rect, theme: &Theme) {
    let view = &entry.view;
    let palette = theme.palette;
    // Laid out as on a large screen, then made small: so the picture is the one the incident shows.
    let large = Rect::from_min_size(
        pos2(0.0, 0.0),
        vec2(LARGE, LARGE * area.height() / area.width().max(1.0)),
    );
    let label = LabelType {
        size: theme.size.tiny,
        line: theme.size.tiny + 2.0,
    };
    let layout = entry.arrangement.layout(view, large, label);
    let shrink = |at: egui::Pos2| area.min + at.to_vec2() * (area.width() / LARGE);
    for lane in &layout.lanes {
        let lane = Rect::from_min_max(shrink(lane.min), shrink(lane.max));
        let stroke = Stroke::new(1.0, palette.line);
        painter.rect_filled(lane, theme.radius.small, palette.surface);
        painter.rect_stroke(lane, theme.radius.small, stroke, egui::StrokeKind::Inside);
    }
    let faint = tint(palette.healthy, palette.canvas, 0.42);
    for (link, way) in view.links.iter().zip(&layout.ways) {
        let from = link.from.map_or_else(
            || layout.users.get(usize::from(link.users_region)).copied(),
            |index| {
                layout
                    .nodes
                    .get(usize::from(index))
                    .map(|place| place.centre)
            },
        );
        let to = layout
            .nodes
            .get(usize::from(link.to))
            .map(|place| place.centre);
        if let (Some(from), Some(to)) = (from, to) {
            let points = [&[from], way.as_slice(), &[to]].concat();
            for pair in points.windows(2) {
                let (clear, stroke) = (Color32::TRANSPARENT, Stroke::new(1.2, faint));
                let handles = curve(pair[0], pair[1]).map(shrink);
                painter.add(CubicBezierShape::from_points_stroke(
                    handles, false, clear, stroke,
                ));
            }
        }
    }
    for users in &layout.users {
        painter.circle_filled(shrink(*users), 3.5, palette.accent);
    }
    for place in &layout.nodes {
        painter.circle_filled(shrink(place.centre), 4.0, palette.healthy);
    }
}
