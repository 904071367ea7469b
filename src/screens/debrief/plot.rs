//! A plot over time for the debrief: all its pictures share one axis of time, one cursor and the same marks.

use std::sync::Arc;

use egui::text::TextWrapping;
use egui::{
    Align2, Color32, Galley, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo,
    WidgetType, pos2, vec2,
};

use crate::theme::{Theme, tint, veil};
use crate::widgets::scale::{clock, ticks};
use crate::widgets::text::Line as Words;

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
    /// Words beside its end; empty for none.
    pub end: String,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Solid, with the area below tinted.
    Filled,
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

/// Room between a line's end and its words, and height of those, in points.
const BESIDE: f32 = 12.0;
const WORDS: f32 = 14.0;

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
    let widest = ends.iter().map(|(_, galley)| galley.size().x);
    let right = widest.fold(RIGHT, |room, width| room.max(width + BESIDE + 4.0));
    let area = Rect::from_min_max(
        rect.min + vec2(LEFT, TOP + lane),
        rect.max - vec2(right, BOTTOM),
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
    frame.ends(ends);
    frame.marks();
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

/// A plot being drawn.
struct Frame<'a> {
    plot: &'a Plot<'a>,
    outer: Rect,
    area: Rect,
    theme: &'a Theme,
    ui: &'a Ui,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "screen coordinates"
)]
impl Frame<'_> {
    fn x(&self, at_ns: u64) -> f32 {
        let (from_ns, to_ns) = self.plot.window;
        let span = to_ns.saturating_sub(from_ns).max(1) as f64;
        let share = at_ns.saturating_sub(from_ns) as f64 / span;
        self.area.left() + self.area.width() * (share as f32).min(1.0)
    }

    fn y(&self, reading: u64) -> f32 {
        let share = reading as f64 / self.plot.most.max(1) as f64;
        self.area.bottom() - self.area.height() * (share as f32).min(1.0)
    }

    /// Upper edge of the room for times and lines' signs.
    fn top(&self) -> f32 {
        self.outer.top()
    }

    fn time_at(&self, x: f32) -> u64 {
        let (from_ns, to_ns) = self.plot.window;
        let share = f64::from(((x - self.area.left()) / self.area.width()).clamp(0.0, 1.0));
        from_ns + (share * to_ns.saturating_sub(from_ns) as f64) as u64
    }
}

impl Frame<'_> {
    fn axes(&self) {
        let palette = self.theme.palette;
        let painter = self.ui.painter();
        let font = self.theme.mono(self.theme.size.tiny - 1.0);
        for step in 0..=2u64 {
            let reading = self.plot.most * step / 2;
            let y = self.y(reading).round() + 0.5;
            let faint = if step == 0 { 1.0 } else { 0.55 };
            let stroke = Stroke::new(1.0, tint(palette.line, palette.surface, faint));
            painter.hline(self.area.x_range(), y, stroke);
            painter.text(
                pos2(self.area.left() - 6.0, y),
                Align2::RIGHT_CENTER,
                (self.plot.words)(reading),
                font.clone(),
                palette.dim,
            );
        }
        for (at_ns, words) in ticks(self.plot.window, self.plot.start_unix_s, self.area.width()) {
            let x = self.x(at_ns);
            if x - self.area.left() > 12.0 && self.area.right() - x > 12.0 {
                let at = pos2(x, self.area.bottom() + 4.0);
                painter.text(at, Align2::CENTER_TOP, words, font.clone(), palette.dim);
            }
        }
    }

    /// The corners of a line, in unbroken stretches.
    fn stretches(&self, line: &Line<'_>) -> Vec<Vec<Pos2>> {
        let mut stretches = vec![Vec::<Pos2>::new()];
        for (at_ns, reading) in line.points {
            let Some(reading) = reading else {
                stretches.push(Vec::new());
                continue;
            };
            if *at_ns > self.plot.window.1 {
                break;
            }
            let at = pos2(self.x(*at_ns), self.y(*reading));
            if let Some(stretch) = stretches.last_mut() {
                if let Some(before) = stretch.last().filter(|_| line.stepped) {
                    stretch.push(pos2(at.x, before.y));
                }
                stretch.push(at);
            }
        }
        // What holds until the next reading holds to the end where there is none.
        if line.stepped
            && let Some(stretch) = stretches.last_mut()
            && let Some(last) = stretch.last().copied()
        {
            stretch.push(pos2(self.area.right(), last.y));
        }
        stretches
    }

    /// The area below a stretch, in one piece: tints of neighbouring pieces would add up where they meet.
    fn below(&self, stretch: &[Pos2], tint: Color32) -> Shape {
        let mut mesh = egui::Mesh::default();
        let mut before: Option<u32> = None;
        for at in stretch {
            let index = u32::try_from(mesh.vertices.len()).unwrap_or(0);
            mesh.colored_vertex(*at, tint);
            mesh.colored_vertex(pos2(at.x, self.area.bottom()), tint);
            if let Some(before) = before {
                mesh.add_triangle(before, before + 1, index);
                mesh.add_triangle(before + 1, index, index + 1);
            }
            before = Some(index);
        }
        Shape::mesh(mesh)
    }

    fn line(&self, line: &Line<'_>) {
        let painter = self.ui.painter();
        for stretch in self.stretches(line) {
            if line.style == Style::Filled {
                painter.add(self.below(&stretch, veil(line.color, 0.16)));
            }
            let stroke = Stroke::new(1.8, line.color);
            if line.style == Style::Dashed {
                painter.extend(Shape::dashed_line(&stretch, stroke, 6.0, 4.0));
            } else {
                painter.add(Shape::line(stretch, stroke));
            }
        }
    }

    /// The words of lines beside their ends, moved apart where lines end close together, each led to by a thread.
    fn ends(&self, ends: Vec<(usize, Arc<Galley>)>) {
        let painter = self.ui.painter();
        let tails: Vec<Pos2> = ends
            .iter()
            .map(|(index, _)| {
                let stretches = self.stretches(&self.plot.lines[*index]);
                let last = stretches.last().and_then(|stretch| stretch.last());
                last.copied().unwrap_or(self.area.right_bottom())
            })
            .collect();
        let wanted: Vec<f32> = tails.iter().map(|tail| tail.y).collect();
        let places = spread(&wanted, WORDS, self.area.bottom() - WORDS / 2.0);
        let left = self.area.right() + BESIDE;
        for (((index, galley), tail), y) in ends.into_iter().zip(tails).zip(places) {
            let color = self.plot.lines[index].color;
            let thread = Stroke::new(1.0, tint(color, self.theme.palette.surface, 0.5));
            painter.line_segment([tail, pos2(left - 3.0, y)], thread);
            let at = pos2(left, y - galley.size().y / 2.0);
            painter.galley(at, galley, color);
        }
    }

    fn marks(&self) {
        let painter = self.ui.painter();
        let font = self.theme.mono(self.theme.size.tiny);
        let lane = self.lane();
        let mut beside = lane.into_iter();
        for mark in &self.plot.marks {
            let x = self.x(mark.at_ns).round() + 0.5;
            let Some(level) = mark.level else {
                let ends = [pos2(x, self.area.top()), pos2(x, self.area.bottom())];
                let stroke = Stroke::new(1.0, tint(mark.color, self.theme.palette.surface, 0.55));
                painter.extend(Shape::dashed_line(&ends, stroke, 2.0, 3.0));
                self.told(mark, x);
                continue;
            };
            let (x, beside) = (self.x(mark.at_ns), beside.next().unwrap_or(x));
            let lane = pos2(beside, self.area.top() - LANE / 2.0 - 1.0);
            let at = pos2(x, self.y(level));
            let thread = tint(mark.color, self.theme.palette.surface, 0.45);
            let below = pos2(beside, lane.y + RADIUS);
            painter.line_segment([below, at], Stroke::new(1.0, thread));
            painter.circle_filled(at, 3.0, mark.color);
            painter.circle(
                lane,
                RADIUS,
                self.theme.palette.canvas,
                Stroke::new(1.5, mark.color),
            );
            painter.text(
                lane,
                Align2::CENTER_CENTER,
                &mark.sign,
                font.clone(),
                mark.color,
            );
        }
    }

    /// The sign and the words of a mark over the whole height, from its line to the next one's.
    fn told(&self, mark: &Mark, x: f32) {
        let marks = self.plot.marks.iter().filter(|of| of.level.is_none());
        let others = marks.map(|of| self.x(of.at_ns)).filter(|at| *at > x);
        let end = others.fold(self.outer.right(), f32::min);
        let mut job = Words::default()
            .add(
                &mark.sign,
                self.theme.mono(self.theme.size.tiny),
                mark.color,
            )
            .add(
                &format!(" {}", mark.words),
                self.theme.sans(self.theme.size.tiny),
                self.theme.palette.muted,
            )
            .job();
        job.wrap = TextWrapping::truncate_at_width(end - x - 6.0);
        let painter = self.ui.painter();
        let mut galley = painter.layout_job(job);
        if end - x < LEGIBLE {
            let font = self.theme.mono(self.theme.size.tiny);
            galley = painter.layout_no_wrap(mark.sign.clone(), font, mark.color);
        }
        let left = x - 3.0;
        let at = pos2(left, self.area.top() - 1.0 - galley.size().y);
        painter.galley(at, galley, mark.color);
    }

    /// Where the signs of marks with a level stand in their lane, in the order of the marks.
    fn lane(&self) -> Vec<f32> {
        let marks = self.plot.marks.iter().filter(|mark| mark.level.is_some());
        let wanted: Vec<f32> = marks.map(|mark| self.x(mark.at_ns)).collect();
        spread(&wanted, 2.0 * RADIUS + 1.0, self.area.right())
    }

    fn cursor(&self) {
        let Some(at_ns) = self.plot.cursor else {
            return;
        };
        let (from_ns, to_ns) = self.plot.window;
        if !(from_ns..=to_ns).contains(&at_ns) {
            return;
        }
        let painter = self.ui.painter();
        let palette = self.theme.palette;
        let x = self.x(at_ns).round() + 0.5;
        painter.vline(x, self.area.y_range(), Stroke::new(1.5, palette.text));
        let font = self.theme.mono(self.theme.size.tiny);
        let words = clock(at_ns, self.plot.start_unix_s, true);
        let galley = painter.layout_no_wrap(words, font, palette.on_accent);
        let width = galley.size().x + 8.0;
        let left = (x - width / 2.0).clamp(self.area.left(), self.area.right() - width);
        let card = Rect::from_min_size(pos2(left, self.top() + 1.0), vec2(width, TOP - 2.0));
        painter.rect_filled(card, self.theme.radius.small, palette.accent);
        painter.galley(card.min + vec2(4.0, 0.5), galley, palette.on_accent);
    }
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
