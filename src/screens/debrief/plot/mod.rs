//! A plot over time for the debrief: all its pictures share one axis of time, one cursor and the same marks.

mod frame;

use std::sync::Arc;

use egui::{Color32, Galley, Rect, Response, Sense, Stroke, Ui, WidgetInfo, WidgetType, vec2};

use crate::theme::Theme;
use frame::Frame;

/// A plot.
pub(super) struct Plot<'a> {
    /// Name for screen readers, and what it shows in a sentence.
    pub name: String,
    /// Window in nanoseconds of simulated time.
    pub window: (u64, u64),
    /// Calendar time of simulated time 0, in Unix seconds.
    pub start_unix_s: i64,
    /// Greatest reading drawn.
    pub most: u64,
    /// Words for a reading.
    pub words: fn(u64) -> String,
    /// Lines, the last one on top.
    pub lines: Vec<Line<'a>>,
    /// Marks.
    pub marks: Vec<Mark>,
    /// Time jumped to.
    pub cursor: Option<u64>,
    /// Height in points.
    pub height: f32,
}

/// A line.
pub(super) struct Line<'a> {
    /// Readings from each time on.
    pub points: &'a [(u64, Option<u64>)],
    /// Colour.
    pub color: Color32,
    /// How it is drawn.
    pub style: Style,
    /// A reading holds until the next one; otherwise the line goes straight from one to the next.
    pub stepped: bool,
    /// Words above its end; empty for none.
    pub end: String,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Solid, with the area below tinted.
    Filled,
    /// The upper edge of one area among several on top of each other: opaque, so that each covers those drawn before.
    Stacked,
    /// Solid.
    Solid,
    /// In dashes.
    Dashed,
}

/// Something that happened.
pub(super) struct Mark {
    /// When.
    pub at_ns: u64,
    /// How high, as a reading: a point there and its sign above; `None` for a line over the whole height.
    pub level: Option<u64>,
    /// Sign: a number or a letter.
    pub sign: String,
    /// What happened, said behind the sign as far as there is room before the next mark.
    pub words: String,
    /// Colour.
    pub color: Color32,
}

/// Room for the words of the vertical axis.
pub(super) const LEFT: f32 = 56.0;
/// Room for the words of the horizontal axis.
const BOTTOM: f32 = 16.0;
/// Room for the signs of marks.
const TOP: f32 = 16.0;
/// Room for marks that belong to a line: above all lines, where none covers another.
const LANE: f32 = 18.0;
/// Radius of such a mark.
const RADIUS: f32 = 7.0;
/// Room at the right.
pub(super) const RIGHT: f32 = 10.0;

/// Height of the words at a line's end, in points.
const WORDS: f32 = 15.0;

/// Room in points from which a mark says more than its sign.
const LEGIBLE: f32 = 56.0;

/// Draws a plot over the whole width; returns the response and the time pressed on.
pub(super) fn ui(ui: &mut Ui, plot: &Plot<'_>) -> (Response, Option<u64>) {
    let theme = Theme::of(ui.ctx());
    let size = vec2(ui.available_width(), plot.height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let lane = if plot.marks.iter().any(|mark| mark.level.is_some()) {
        LANE
    } else {
        0.0
    };
    let ends = ends(ui, plot, &theme);
    let area = Rect::from_min_max(
        rect.min + vec2(LEFT, TOP + lane),
        rect.max - vec2(RIGHT, BOTTOM),
    );
    let frame = Frame {
        plot,
        outer: rect,
        area,
        theme: &theme,
        ui,
    };
    frame.axes();
    for line in &plot.lines {
        frame.line(line);
    }
    frame.marks();
    frame.ends(ends);
    frame.cursor();
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, &plot.name));
    let pressed = response
        .interact_pointer_pos()
        .filter(|_| response.clicked())
        .map(|at| frame.time_at(at.x));
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme.palette.accent);
        ui.painter()
            .rect_stroke(rect, theme.radius.small, stroke, egui::StrokeKind::Inside);
    }
    (response, pressed)
}

/// Words for the ends of lines, with the lines they belong to.
fn ends(ui: &Ui, plot: &Plot<'_>, theme: &Theme) -> Vec<(usize, Arc<Galley>)> {
    let font = theme.mono(theme.size.tiny);
    let named = plot.lines.iter().enumerate();
    named
        .filter(|(_, line)| !line.end.is_empty())
        .map(|(index, line)| {
            let words = line.end.clone();
            let galley = ui.painter().layout_no_wrap(words, font.clone(), line.color);
            (index, galley)
        })
        .collect()
}

/// Places at least a step apart, none beyond an end, each as near as that allows to where it is wanted.
fn spread(wanted: &[f32], step: f32, end: f32) -> Vec<f32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut places = wanted.to_vec();
    let mut least = f32::NEG_INFINITY;
    for index in &order {
        places[*index] = places[*index].max(least);
        least = places[*index] + step;
    }
    let mut most = end;
    for index in order.iter().rev() {
        places[*index] = places[*index].min(most);
        most = places[*index] - step;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::spread;

    /// Marks of one moment stand beside each other, in their order and inside the picture.
    #[test]
    fn marks_do_not_cover_each_other() {
        let places = spread(&[10.0, 10.0, 12.0, 95.0, 99.0], 15.0, 100.0);
        assert_eq!(places, [10.0, 25.0, 40.0, 85.0, 100.0]);
        assert!(spread(&[], 15.0, 100.0).is_empty());
    }
}
