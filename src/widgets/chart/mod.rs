//! A time chart: lines by region, gaps left open, marks of changes, one crosshair for all charts.

use brownout_telemetry::changes::ChangeKind;
use egui::{
    Align2, Color32, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo,
    WidgetType, pos2, vec2,
};

use super::decimate::{Run, decimate};
use super::mark;
use super::scale::{clock, ticks};
use crate::theme::Theme;

/// What a chart draws.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// Name for screen readers.
    pub name: &'a str,
    /// Lines.
    pub lines: &'a [Line<'a>],
    /// Window in nanoseconds of simulated time.
    pub window: (u64, u64),
    /// Calendar time of simulated time 0, in Unix seconds.
    pub start_unix_s: i64,
    /// Range of readings drawn.
    pub range: (u64, u64),
    /// Words for a reading.
    pub words: fn(u64) -> String,
    /// A level to compare with, such as an objective.
    pub level: Option<u64>,
    /// Vertical marks.
    pub marks: &'a [Mark],
    /// Whether marks say in a word what they are, where there is room.
    pub named_marks: bool,
    /// What to say where there is nothing to draw.
    pub empty: &'a str,
    /// Height in points.
    pub height: f32,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Name.
    pub name: &'a str,
    /// Colour.
    pub color: Color32,
    /// Readings.
    pub series: &'a [(u64, Option<u64>)],
    /// Whether the area below is tinted.
    pub filled: bool,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// When.
    pub at_ns: u64,
    /// Kind of change; `None` for the page.
    pub kind: Option<ChangeKind>,
    /// The responder's own doing.
    pub own: bool,
}

impl Mark {
    /// One word for it.
    const fn word(self) -> &'static str {
        match self.kind {
            None => "page",
            Some(kind) => mark::change_word(kind),
        }
    }
}

/// Room for the words of the vertical axis.
const LEFT: f32 = 52.0;
/// Room for the words of the horizontal axis.
const BOTTOM: f32 = 16.0;
/// Room for marks.
const TOP: f32 = 12.0;
/// Room at the right, so that the last time is not cut.
const RIGHT: f32 = 8.0;

/// Draws a chart over the whole width. `crosshair` is the time pointed at in any chart.
pub fn ui(ui: &mut Ui, chart: &Chart<'_>, crosshair: &mut Option<u64>) -> Response {
    let theme = Theme::of(ui.ctx());
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), chart.height), Sense::hover());
    let plot = Rect::from_min_max(rect.min + vec2(LEFT, TOP), rect.max - vec2(RIGHT, BOTTOM));
    let frame = Frame {
        chart,
        plot,
        theme: &theme,
        painter: ui.painter(),
    };
    if let Some(pointer) = response
        .hover_pos()
        .filter(|at| plot.expand2(vec2(4.0, 40.0)).contains(*at))
    {
        *crosshair = Some(frame.time_at(pointer.x));
    }
    frame.axes();
    let runs: Vec<Vec<Run>> = chart
        .lines
        .iter()
        .map(|line| decimate(line.series, chart.window.0, chart.window.1, plot.width()))
        .collect();
    if runs.iter().all(Vec::is_empty) {
        ui.painter().text(
            plot.center(),
            Align2::CENTER_CENTER,
            chart.empty,
            theme.sans(theme.size.small),
            theme.palette.muted,
        );
    } else {
        for (line, runs) in chart.lines.iter().zip(&runs) {
            frame.line(line, runs);
        }
    }
    frame.marks();
    if let Some(at_ns) = *crosshair {
        frame.crosshair(at_ns);
    }
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, describe(chart)));
    response
}

/// The chart in one line: the latest reading of each line.
#[must_use]
pub fn describe(chart: &Chart<'_>) -> String {
    let latest = |line: &Line<'_>| {
        let reading = line.series.last().and_then(|(_, reading)| *reading);
        format!(
            "{} {}",
            line.name,
            reading.map_or_else(|| "no samples".to_owned(), chart.words)
        )
    };
    let lines: Vec<String> = chart.lines.iter().map(latest).collect();
    format!(
        "{}: {}",
        chart.name,
        if lines.is_empty() {
            chart.empty.to_owned()
        } else {
            lines.join(", ")
        }
    )
}

/// A chart being drawn.
struct Frame<'a> {
    chart: &'a Chart<'a>,
    plot: Rect,
    theme: &'a Theme,
    painter: &'a Painter,
}

impl Frame<'_> {
    #[expect(clippy::cast_precision_loss, reason = "screen coordinates")]
    fn x(&self, at_ns: u64) -> f32 {
        let (from_ns, to_ns) = self.chart.window;
        let share =
            at_ns.saturating_sub(from_ns) as f64 / (to_ns.saturating_sub(from_ns).max(1)) as f64;
        #[expect(clippy::cast_possible_truncation, reason = "screen coordinates")]
        let share = share as f32;
        self.plot.left() + self.plot.width() * share
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "screen coordinates"
    )]
    fn y(&self, reading: u64) -> f32 {
        let (low, high) = self.chart.range;
        let reading = reading.clamp(low, high);
        let share = (reading - low) as f64 / (high - low).max(1) as f64;
        self.plot.bottom() - self.plot.height() * share as f32
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a pixel back to a time"
    )]
    fn time_at(&self, x: f32) -> u64 {
        let (from_ns, to_ns) = self.chart.window;
        let share = f64::from(((x - self.plot.left()) / self.plot.width()).clamp(0.0, 1.0));
        from_ns + (share * to_ns.saturating_sub(from_ns) as f64) as u64
    }

    fn axes(&self) {
        let palette = self.theme.palette;
        let font = self.theme.mono(self.theme.size.tiny - 1.0);
        let (low, high) = self.chart.range;
        for step in 0..=2u64 {
            let reading = low + (high - low) * step / 2;
            let y = self.y(reading).round() + 0.5;
            let stroke = Stroke::new(
                1.0,
                palette
                    .line
                    .gamma_multiply(if step == 0 { 1.0 } else { 0.55 }),
            );
            self.painter.hline(self.plot.x_range(), y, stroke);
            let at = pos2(self.plot.left() - 6.0, y);
            self.painter.text(
                at,
                Align2::RIGHT_CENTER,
                (self.chart.words)(reading),
                font.clone(),
                palette.dim,
            );
        }
        for (at_ns, words) in ticks(
            self.chart.window,
            self.chart.start_unix_s,
            self.plot.width(),
        ) {
            let x = self.x(at_ns);
            if x - self.plot.left() > 12.0 && self.plot.right() - x > 12.0 {
                let at = pos2(x, self.plot.bottom() + 4.0);
                self.painter
                    .text(at, Align2::CENTER_TOP, words, font.clone(), palette.dim);
            }
        }
        if let Some(level) = self
            .chart
            .level
            .filter(|level| (low..=high).contains(level))
        {
            let y = self.y(level);
            let ends = [pos2(self.plot.left(), y), pos2(self.plot.right(), y)];
            self.painter.extend(Shape::dashed_line(
                &ends,
                Stroke::new(1.0, palette.dim),
                3.0,
                4.0,
            ));
        }
    }

    fn line(&self, line: &Line<'_>, runs: &[Run]) {
        for run in runs {
            let points: Vec<Pos2> = run
                .iter()
                .map(|&(column, reading)| pos2(self.plot.left() + column, self.y(reading)))
                .collect();
            if line.filled {
                self.fill(&points, line.color.gamma_multiply(0.16));
            }
            match points.as_slice() {
                [only] => {
                    self.painter.circle_filled(*only, 1.5, line.color);
                }
                _ => {
                    self.painter
                        .add(Shape::line(points, Stroke::new(1.6, line.color)));
                }
            }
        }
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
        self.painter.add(Shape::mesh(mesh));
    }

    fn marks(&self) {
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
                Stroke::new(1.0, color.gamma_multiply(0.6)),
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

    fn crosshair(&self, at_ns: u64) {
        let (from_ns, to_ns) = self.chart.window;
        if !(from_ns..=to_ns).contains(&at_ns) {
            return;
        }
        let palette = self.theme.palette;
        let x = self.x(at_ns);
        self.painter
            .vline(x, self.plot.y_range(), Stroke::new(1.0, palette.muted));
        let font = self.theme.mono(self.theme.size.tiny);
        let mut words = vec![(clock(at_ns, self.chart.start_unix_s, true), palette.text)];
        for line in self.chart.lines {
            let index = line.series.partition_point(|(t, _)| *t <= at_ns);
            let reading = index.checked_sub(1).and_then(|index| line.series[index].1);
            let reading = reading.map_or_else(|| "no samples".to_owned(), self.chart.words);
            words.push((format!("{} {reading}", line.name), line.color));
        }
        let galleys: Vec<_> = words
            .into_iter()
            .map(|(words, color)| self.painter.layout_no_wrap(words, font.clone(), color))
            .collect();
        let width = galleys
            .iter()
            .map(|galley| galley.size().x)
            .fold(0.0, f32::max)
            + 12.0;
        let height = galleys.iter().map(|galley| galley.size().y).sum::<f32>() + 8.0;
        let left = if x + width + 8.0 > self.plot.right() {
            x - width - 8.0
        } else {
            x + 8.0
        };
        let card = Rect::from_min_size(pos2(left, self.plot.top() + 2.0), vec2(width, height));
        self.painter
            .rect_filled(card, self.theme.radius.small, palette.hover);
        let mut at = card.min + vec2(6.0, 4.0);
        for galley in galleys {
            let height = galley.size().y;
            self.painter.galley(at, galley, palette.text);
            at.y += height;
        }
    }
}
