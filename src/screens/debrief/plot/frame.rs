//! A plot being drawn.

use std::sync::Arc;

use egui::text::TextWrapping;
use egui::{Align2, Color32, Galley, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{LANE, LEGIBLE, Line, Mark, Plot, RADIUS, Style, TOP, WORDS, spread};
use crate::theme::{Theme, tint, veil};
use crate::widgets::scale::{clock, ticks};
use crate::widgets::text::Line as Words;

/// A plot being drawn.
pub(super) struct Frame<'a> {
    pub plot: &'a Plot<'a>,
    pub outer: Rect,
    pub area: Rect,
    pub theme: &'a Theme,
    pub ui: &'a Ui,
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

    pub fn time_at(&self, x: f32) -> u64 {
        let (from_ns, to_ns) = self.plot.window;
        let share = f64::from(((x - self.area.left()) / self.area.width()).clamp(0.0, 1.0));
        from_ns + (share * to_ns.saturating_sub(from_ns) as f64) as u64
    }
}

impl Frame<'_> {
    pub fn axes(&self) {
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

    pub fn line(&self, line: &Line<'_>) {
        let painter = self.ui.painter();
        for stretch in self.stretches(line) {
            let fill = match line.style {
                Style::Filled => Some(veil(line.color, 0.16)),
                Style::Stacked => Some(tint(line.color, self.theme.palette.surface, 0.55)),
                Style::Solid | Style::Dashed => None,
            };
            if let Some(fill) = fill {
                painter.add(self.below(&stretch, fill));
            }
            let stroke = Stroke::new(1.8, line.color);
            if line.style == Style::Dashed {
                painter.extend(Shape::dashed_line(&stretch, stroke, 6.0, 4.0));
            } else {
                painter.add(Shape::line(stretch, stroke));
            }
        }
    }

    /// The words of lines above their ends, moved apart where lines end close together.
    pub fn ends(&self, ends: Vec<(usize, Arc<Galley>)>) {
        let painter = self.ui.painter();
        let wanted: Vec<f32> = ends
            .iter()
            .map(|(index, _)| {
                let stretches = self.stretches(&self.plot.lines[*index]);
                let last = stretches.last().and_then(|stretch| stretch.last());
                let tail = last.copied().unwrap_or(self.area.right_bottom());
                tail.y - WORDS / 2.0 - 2.0
            })
            .collect();
        let places = spread(&wanted, WORDS, self.area.bottom() - WORDS / 2.0 - 2.0);
        for ((index, galley), y) in ends.into_iter().zip(places) {
            let color = self.plot.lines[index].color;
            let size = galley.size();
            let at = pos2(self.area.right() - size.x - 4.0, y - size.y / 2.0);
            let ground = Rect::from_min_size(at, size).expand2(vec2(3.0, 0.0));
            painter.rect_filled(ground, 2, veil(self.theme.palette.surface, 0.72));
            painter.galley(at, galley, color);
        }
    }

    pub fn marks(&self) {
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

    pub fn cursor(&self) {
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
