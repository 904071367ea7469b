//! A time chart: lines by region, gaps left open, marks of changes, one crosshair for all charts.

mod axis;
mod frame;
mod range;

use brownout_telemetry::changes::ChangeKind;
use egui::{Align2, Color32, Rect, Response, Sense, Ui, WidgetInfo, WidgetType, vec2};

use self::frame::Frame;
use super::decimate::{Run, decimate};
use super::mark;
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

/// What a chart draws besides, and what may be done to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Besides<'a> {
    /// Quiet dashed lines behind the others, such as the window before.
    pub ghosts: &'a [Line<'a>],
    /// A time compared with now.
    pub then: Option<u64>,
    /// A stretch of time shown elsewhere.
    pub band: Option<(u64, u64)>,
    /// Whether a range can be dragged out and the chart clicked.
    pub touched: bool,
}

/// What came of drawing a chart.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The whole chart's response.
    pub response: Response,
    /// Where readings are drawn.
    pub plot: Rect,
    /// The range dragged out, once the button is up.
    pub range: Option<(u64, u64)>,
    /// The time clicked.
    pub clicked: Option<u64>,
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
    with(ui, chart, Besides::default(), crosshair).response
}

/// Draws a chart with what belongs to it besides.
pub fn with(
    ui: &mut Ui,
    chart: &Chart<'_>,
    besides: Besides<'_>,
    crosshair: &mut Option<u64>,
) -> Drawn {
    let theme = Theme::of(ui.ctx());
    let sense = if besides.touched {
        Sense::CLICK | Sense::DRAG
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), chart.height), sense);
    let plot = Rect::from_min_max(rect.min + vec2(LEFT, TOP), rect.max - vec2(RIGHT, BOTTOM));
    let frame = Frame {
        chart,
        plot,
        theme: &theme,
        painter: ui.painter(),
        lines: ui
            .painter()
            .with_clip_rect(plot.expand(1.5).intersect(ui.clip_rect())),
    };
    if let Some(pointer) = response
        .hover_pos()
        .filter(|at| plot.expand2(vec2(4.0, 40.0)).contains(*at))
    {
        *crosshair = Some(frame.time_at(pointer.x));
    }
    let reduced = |lines: &[Line<'_>]| -> Vec<Vec<Run>> {
        let runs =
            |line: &Line<'_>| decimate(line.series, chart.window.0, chart.window.1, plot.width());
        lines.iter().map(runs).collect()
    };
    let (ghosts, runs) = (reduced(besides.ghosts), reduced(chart.lines));
    // Areas lie under everything, so that they hide neither lines nor levels.
    if let Some(band) = besides.band {
        frame.band(band, theme.palette.accent);
    }
    for (line, runs) in chart
        .lines
        .iter()
        .zip(&runs)
        .filter(|(line, _)| line.filled)
    {
        frame.area(line, runs);
    }
    frame.axes();
    if runs.iter().chain(&ghosts).all(Vec::is_empty) {
        ui.painter().text(
            plot.center(),
            Align2::CENTER_CENTER,
            chart.empty,
            theme.sans(theme.size.small),
            theme.palette.muted,
        );
    } else {
        for (line, runs) in besides.ghosts.iter().zip(&ghosts) {
            frame.ghost(line, runs);
        }
        let traced = chart.lines.iter().zip(&runs);
        let (filled, plain): (Vec<_>, Vec<_>) = traced.partition(|(line, _)| line.filled);
        for (line, runs) in plain.into_iter().chain(filled) {
            frame.line(line, runs);
        }
    }
    frame.marks();
    if let Some(then_ns) = besides.then {
        frame.then(then_ns);
    }
    let (range, clicked) = if besides.touched {
        range::touch(ui, &response, &frame)
    } else {
        (None, None)
    };
    if let Some(at_ns) = *crosshair {
        frame.crosshair(at_ns, besides.ghosts);
    }
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, describe(chart)));
    Drawn {
        response,
        plot,
        range,
        clicked,
    }
}

/// Where a time lies in a plot, from its left edge to its right.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "screen coordinates"
)]
pub fn x_at(plot: Rect, (from_ns, to_ns): (u64, u64), at_ns: u64) -> f32 {
    let span = to_ns.saturating_sub(from_ns).max(1) as f64;
    plot.left() + plot.width() * (at_ns.saturating_sub(from_ns) as f64 / span) as f32
}

/// The time at a place of a plot.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a pixel back to a time"
)]
pub fn time_at(plot: Rect, (from_ns, to_ns): (u64, u64), x: f32) -> u64 {
    let share = f64::from(((x - plot.left()) / plot.width()).clamp(0.0, 1.0));
    from_ns + (share * to_ns.saturating_sub(from_ns) as f64) as u64
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
