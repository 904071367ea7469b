//! A page that goes on below its edge fades there: who sees it knows to scroll.

use egui::scroll_area::ScrollAreaOutput;
use egui::{Color32, Mesh, Rect, Shape, Ui, pos2};

use crate::theme::veil;

/// Height of the fade in points.
const HEIGHT: f32 = 36.0;

/// Fades the lower edge into `ground` while something is still below it.
pub fn lower_edge<R>(ui: &Ui, shown: &ScrollAreaOutput<R>, ground: Color32) {
    let rect = shown.inner_rect;
    let below = shown.content_size.y - rect.height() - shown.state.offset.y;
    if below < 1.0 {
        return;
    }
    let edge = Rect::from_min_max(pos2(rect.left(), rect.bottom() - HEIGHT), rect.max);
    let clear = veil(ground, 0.0);
    let mut mesh = Mesh::default();
    mesh.colored_vertex(edge.left_top(), clear);
    mesh.colored_vertex(edge.right_top(), clear);
    mesh.colored_vertex(edge.left_bottom(), ground);
    mesh.colored_vertex(edge.right_bottom(), ground);
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(1, 2, 3);
    ui.painter().add(Shape::mesh(mesh));
}
