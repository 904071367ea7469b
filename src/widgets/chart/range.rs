//! Dragging a range out of a chart.

use egui::{Align2, Response, Ui, pos2};

use super::frame::Frame;
use crate::widgets::scale::clock;

/// A drag shorter than this, in points, is a click with an unsteady hand.
const SHORTEST: f32 = 6.0;

/// A range, and the time clicked.
type Touched = (Option<(u64, u64)>, Option<u64>);

/// Follows a drag and shows the range meanwhile; what was dragged out or clicked.
pub(super) fn touch(ui: &Ui, response: &Response, frame: &Frame<'_>) -> Touched {
    let clicked = response
        .interact_pointer_pos()
        .filter(|_| response.clicked())
        .map(|at| frame.time_at(at.x));
    let began = response.id.with("drag began");
    if response.drag_started()
        && let Some(at) = ui.input(|input| input.pointer.press_origin())
    {
        ui.data_mut(|data| data.insert_temp(began, at.x));
    }
    if !response.dragged() && !response.drag_stopped() {
        return (None, clicked);
    }
    let from = ui.data(|data| data.get_temp::<f32>(began));
    let to = response.interact_pointer_pos().map(|at| at.x);
    let (Some(from), Some(to)) = (from, to) else {
        return (None, clicked);
    };
    let (left, right) = (from.min(to), from.max(to));
    let range = (frame.time_at(left), frame.time_at(right));
    if right - left < SHORTEST {
        return (None, clicked);
    }
    if response.drag_stopped() {
        return (Some(range), clicked);
    }
    frame.band(range, frame.theme.palette.accent);
    let start = frame.chart.start_unix_s;
    let words = format!(
        "{}–{}",
        clock(range.0, start, true),
        clock(range.1, start, true)
    );
    let middle =
        f32::midpoint(left, right).clamp(frame.plot.left() + 60.0, frame.plot.right() - 60.0);
    frame.painter.text(
        pos2(middle, frame.plot.top() + 2.0),
        Align2::CENTER_TOP,
        words,
        frame.theme.mono(frame.theme.size.tiny),
        frame.theme.palette.text,
    );
    (None, clicked)
}
