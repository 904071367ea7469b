//! Drawing a chart's lines, marks and crosshair.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::{Chart, Line, Mark, TOP, time_at, x_at};
use crate::theme::{Theme, tint};
use crate::widgets::decimate::Run;
use crate::widgets::mark;
use crate::widgets::scale::clock;

/// Room for a line's colour before its reading.
const SWATCH: f32 = 16.0;

/// A chart being drawn.
pub(super) struct Frame<'a> {
    pub chart: &'a Chart<'a>,
    pub plot: Rect,
    pub theme: &'a Theme,
    pub painter: &'a Painter,
    /// Cuts lines off at the edges of the plot.
    pub lines: Painter,
}

impl Frame<'_> {
    pub fn x(&self, at_ns: u64) -> f32 {
        x_at(self.plot, self.chart.window, at_ns)
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "screen coordinates"
    )]
    pub fn y(&self, reading: u64) -> f32 {
        let (low, high) = self.chart.range;
        let reading = reading.clamp(low, high);
        let share = (reading - low) as f64 / (high - low).max(1) as f64;
        self.plot.bottom() - self.plot.height() * share as f32
    }

    pub fn time_at(&self, x: f32) -> u64 {
        time_at(self.plot, self.chart.window, x)
    }

    /// The tinted area below a line.
    pub fn area(&self, line: &Line<'_>, runs: &[Run]) {
        let color = tint(line.color, self.theme.palette.surface, 0.18);
        for run in runs {
            self.fill(&self.points(run), color);
        }
    }

    /// A line, its runs apart.
    pub fn line(&self, line: &Line<'_>, runs: &[Run]) {
        for run in runs {
            let points = self.points(run);
            match points.as_slice() {
                [only] => {
                    self.lines.circle_filled(*only, 1.5, line.color);
                }
                _ => {
                    self.lines
                        .add(Shape::line(points, Stroke::new(1.6, line.color)));
                }
            }
        }
    }

    /// A line that others are compared with.
    pub fn ghost(&self, line: &Line<'_>, runs: &[Run]) {
        let color = tint(line.color, self.theme.palette.surface, 0.6);
        for run in runs {
            let points = self.points(run);
            self.lines.extend(Shape::dashed_line(
                &points,
                Stroke::new(1.2, color),
                4.0,
                3.0,
            ));
        }
    }

    fn points(&self, run: &Run) -> Vec<Pos2> {
        run.iter()
            .map(|&(column, reading)| pos2(self.plot.left() + column, self.y(reading)))
            .collect()
    }

    /// A stretch of time.
    pub fn band(&self, (from_ns, to_ns): (u64, u64), color: Color32) {
        let rect = Rect::from_x_y_ranges(self.x(from_ns)..=self.x(to_ns), self.plot.y_range());
        let fill = tint(color, self.theme.palette.surface, 0.14);
        self.lines.rect_filled(rect, 0, fill);
        for x in [rect.left(), rect.right()] {
            self.lines.vline(x, rect.y_range(), Stroke::new(1.0, color));
        }
    }

    /// The time compared with now.
    pub fn then(&self, at_ns: u64) {
        let (from_ns, to_ns) = self.chart.window;
        if !(from_ns..=to_ns).contains(&at_ns) {
            return;
        }
        let color = self.theme.palette.alternative;
        let x = self.x(at_ns).round() + 0.5;
        self.painter
            .vline(x, self.plot.y_range(), Stroke::new(1.5, color));
        let words = format!("then {}", clock(at_ns, self.chart.start_unix_s, false));
        let galley =
            self.painter
                .layout_no_wrap(words, self.theme.mono(self.theme.size.tiny), color);
        let left = if x + galley.size().x + 6.0 > self.plot.right() {
            x - galley.size().x - 4.0
        } else {
            x + 4.0
        };
        let at = pos2(left, self.plot.bottom() - galley.size().y - 1.0);
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(2.0, 0.0));
        self.painter
            .rect_filled(ground, 2, self.theme.palette.surface);
        self.painter.galley(at, galley, color);
    }

    /// The area below a line as one strip of triangles.
    fn fill(&self, points: &[Pos2], color: Color32) {
        let mut mesh = egui::Mesh::default();
        for point in points {
            mesh.colored_vertex(*point, color);
            mesh.colored_vertex(pos2(point.x, self.plot.bottom()), color);
        }
        for left in
            (0..points.len().saturating_sub(1)).filter_map(|index| u32::try_from(index * 2).ok())
        {
            mesh.add_triangle(left, left + 1, left + 2);
            mesh.add_triangle(left + 1, left + 2, left + 3);
        }
        self.lines.add(Shape::mesh(mesh));
    }

    /// What happened, as dashed verticals with signs above.
    pub fn marks(&self) {
        let (from_ns, to_ns) = self.chart.window;
        let palette = self.theme.palette;
        for mark in self
            .chart
            .marks
            .iter()
            .filter(|mark| (from_ns..=to_ns).contains(&mark.at_ns))
        {
            let x = self.x(mark.at_ns).round() + 0.5;
            let color = mark.kind.map_or(palette.failing, |kind| {
                mark::change_color(&palette, kind, mark.own)
            });
            let ends = [pos2(x, self.plot.top()), pos2(x, self.plot.bottom())];
            self.painter.extend(Shape::dashed_line(
                &ends,
                Stroke::new(1.0, tint(color, palette.surface, 0.6)),
                2.0,
                3.0,
            ));
            let at = pos2(x, self.plot.top() - TOP / 2.0);
            match mark.kind {
                Some(kind) => mark::change(self.painter, &palette, at, kind, mark.own),
                None => mark::triangle(self.painter, at, 5.0, palette.failing, mark::Direction::Up),
            }
            if self.chart.named_marks {
                self.name(*mark, at, color);
            }
        }
    }

    /// A mark's word at its right, unless the next mark is too near.
    fn name(&self, mark: Mark, at: Pos2, color: Color32) {
        let font = self.theme.sans(self.theme.size.tiny);
        let galley = self
            .painter
            .layout_no_wrap(mark.word().to_owned(), font, color);
        let right = at.x + 8.0 + galley.size().x;
        let taken = self
            .chart
            .marks
            .iter()
            .any(|other| other.at_ns > mark.at_ns && self.x(other.at_ns) < right + 8.0);
        if !taken && right <= self.plot.right() {
            self.painter.galley(
                pos2(at.x + 8.0, at.y - galley.size().y / 2.0),
                galley,
                color,
            );
        }
    }

    /// The time pointed at, with the reading of every line there.
    pub fn crosshair(&self, at_ns: u64, ghosts: &[Line<'_>]) {
        let (from_ns, to_ns) = self.chart.window;
        if !(from_ns..=to_ns).contains(&at_ns) {
            return;
        }
        let palette = self.theme.palette;
        let x = self.x(at_ns);
        self.painter
            .vline(x, self.plot.y_range(), Stroke::new(1.0, palette.muted));
        let font = self.theme.mono(self.theme.size.tiny);
        let mut words = vec![(clock(at_ns, self.chart.start_unix_s, true), None)];
        let lines = self.chart.lines.iter().map(|line| (line, 3.0));
        for (line, thick) in lines.chain(ghosts.iter().map(|line| (line, 1.0))) {
            let index = line.series.partition_point(|(t, _)| *t <= at_ns);
            let reading = index.checked_sub(1).and_then(|index| line.series[index].1);
            let reading = reading.map_or_else(|| "no samples".to_owned(), self.chart.words);
            words.push((
                format!("{} {reading}", line.name),
                Some((line.color, thick)),
            ));
        }
        let galleys: Vec<_> = words
            .into_iter()
            .map(|(words, line)| {
                let galley = self
                    .painter
                    .layout_no_wrap(words, font.clone(), palette.text);
                (galley, line)
            })
            .collect();
        let width = galleys
            .iter()
            .map(|(galley, line)| galley.size().x + line.map_or(0.0, |_| SWATCH))
            .fold(0.0, f32::max)
            + 12.0;
        let height = galleys
            .iter()
            .map(|(galley, _)| galley.size().y)
            .sum::<f32>()
            + 8.0;
        let left = if x + width + 8.0 > self.plot.right() {
            x - width - 8.0
        } else {
            x + 8.0
        };
        let card = Rect::from_min_size(pos2(left, self.plot.top() + 2.0), vec2(width, height));
        self.painter
            .rect_filled(card, self.theme.radius.small, palette.hover);
        let mut at = card.min + vec2(6.0, 4.0);
        for (galley, line) in galleys {
            let height = galley.size().y;
            let mut indent = 0.0;
            if let Some((color, thick)) = line {
                let middle = at + vec2(SWATCH / 2.0 - 3.0, height / 2.0);
                let swatch = Rect::from_center_size(middle, vec2(SWATCH - 6.0, thick));
                self.painter.rect_filled(swatch, 1, color);
                indent = SWATCH;
            }
            self.painter
                .galley(at + vec2(indent, 0.0), galley, palette.text);
            at.y += height;
        }
    }
}
