//! Signs that double a colour with a shape.

use brownout_session::view::Health;
use brownout_telemetry::changes::ChangeKind;
use egui::{Color32, Painter, Pos2, Shape, Stroke, Vec2, vec2};

use crate::theme::Palette;

/// Colour of a state.
#[must_use]
pub const fn health_color(palette: &Palette, health: Health) -> Color32 {
    match health {
        Health::Healthy => palette.healthy,
        Health::Degraded => palette.degraded,
        Health::Failing => palette.failing,
        Health::Unknown => palette.unknown,
    }
}

/// Paints the shape of a state: ● ◆ ▲ ▨.
pub fn health(painter: &Painter, palette: &Palette, at: Pos2, radius: f32, health: Health) {
    let color = health_color(palette, health);
    match health {
        Health::Healthy => {
            painter.circle_filled(at, radius * 0.85, color);
        }
        Health::Degraded => diamond(painter, at, radius * 1.1, color),
        Health::Failing => triangle(painter, at, radius * 1.1, color, Direction::Up),
        Health::Unknown => hatch(painter, at, radius, color),
    }
}

/// Colour of a kind of change.
#[must_use]
pub const fn change_color(palette: &Palette, kind: ChangeKind, own: bool) -> Color32 {
    if own {
        return palette.text;
    }
    match kind {
        ChangeKind::Deploy | ChangeKind::Restart => palette.accent,
        ChangeKind::Flag => palette.alternative,
        ChangeKind::Config | ChangeKind::Migration => palette.degraded,
        ChangeKind::Traffic | ChangeKind::Scaling => palette.healthy,
        ChangeKind::Maintenance | ChangeKind::Provider | ChangeKind::Note => palette.dim,
    }
}

/// Paints the shape of a kind of change, for charts and lists alike.
pub fn change(painter: &Painter, palette: &Palette, at: Pos2, kind: ChangeKind, own: bool) {
    let color = change_color(palette, kind, own);
    match kind {
        ChangeKind::Deploy => triangle(painter, at, 5.0, color, Direction::Down),
        ChangeKind::Restart => {
            painter.circle_stroke(at, 3.5, Stroke::new(1.5, color));
        }
        ChangeKind::Flag => diamond(painter, at, 5.0, color),
        ChangeKind::Config => {
            painter.rect_filled(egui::Rect::from_center_size(at, Vec2::splat(7.0)), 1, color);
        }
        ChangeKind::Traffic => triangle(painter, at, 5.0, color, Direction::Right),
        ChangeKind::Scaling => triangle(painter, at, 5.0, color, Direction::Up),
        ChangeKind::Migration | ChangeKind::Maintenance => {
            let square = egui::Rect::from_center_size(at, Vec2::splat(7.0));
            let stroke = Stroke::new(1.5, color);
            painter.rect_stroke(square, 1, stroke, egui::StrokeKind::Middle);
        }
        ChangeKind::Provider => diamond(painter, at, 4.0, color),
        ChangeKind::Note => {
            painter.circle_filled(at, 2.5, color);
        }
    }
}

/// Kind of change as a word.
#[must_use]
pub const fn change_word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Deploy => "deploy",
        ChangeKind::Restart => "restart",
        ChangeKind::Config => "config",
        ChangeKind::Flag => "flag",
        ChangeKind::Traffic => "traffic",
        ChangeKind::Migration => "migration",
        ChangeKind::Scaling => "scaling",
        ChangeKind::Maintenance => "maintenance",
        ChangeKind::Provider => "provider",
        ChangeKind::Note => "note",
    }
}

/// Where a triangle points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Up.
    Up,
    /// Down.
    Down,
    /// Right.
    Right,
}

/// Paints a filled triangle.
pub fn triangle(painter: &Painter, at: Pos2, radius: f32, color: Color32, direction: Direction) {
    let (wide, tip, base) = (radius * 0.95, radius, radius * 0.7);
    let corners = match direction {
        Direction::Up => [vec2(0.0, -tip), vec2(wide, base), vec2(-wide, base)],
        Direction::Down => [vec2(0.0, tip), vec2(-wide, -base), vec2(wide, -base)],
        Direction::Right => [vec2(tip, 0.0), vec2(-base, wide), vec2(-base, -wide)],
    };
    painter.add(Shape::convex_polygon(
        corners.map(|corner| at + corner).to_vec(),
        color,
        Stroke::NONE,
    ));
}

/// Paints something said.
pub fn speech(painter: &Painter, at: Pos2, color: Color32) {
    let bubble = egui::Rect::from_center_size(at - vec2(0.0, 1.0), vec2(9.0, 6.0));
    painter.rect_filled(bubble, 2, color);
    let tail = [vec2(-2.5, 1.5), vec2(1.0, 1.5), vec2(-2.5, 5.0)];
    painter.add(Shape::convex_polygon(
        tail.map(|corner| at + corner).to_vec(),
        color,
        Stroke::NONE,
    ));
}

/// Paints a filled diamond.
pub fn diamond(painter: &Painter, at: Pos2, radius: f32, color: Color32) {
    let corners = [
        vec2(0.0, -radius),
        vec2(radius, 0.0),
        vec2(0.0, radius),
        vec2(-radius, 0.0),
    ];
    painter.add(Shape::convex_polygon(
        corners.map(|corner| at + corner).to_vec(),
        color,
        Stroke::NONE,
    ));
}

/// Paints a hatched square.
fn hatch(painter: &Painter, at: Pos2, radius: f32, color: Color32) {
    let square = egui::Rect::from_center_size(at, Vec2::splat(radius * 1.8));
    painter.rect_stroke(square, 1, Stroke::new(1.0, color), egui::StrokeKind::Inside);
    for step in [-0.5, 0.0, 0.5] {
        let offset = vec2(step * radius * 1.4, 0.0);
        let half = vec2(radius * 0.5, -radius * 0.5);
        painter.line_segment(
            [at + offset - half, at + offset + half],
            Stroke::new(1.0, color),
        );
    }
}
