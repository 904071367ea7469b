//! The key signals of the whole run: what changes and fires when, the main flow by region, and what follows from it.

use std::collections::BTreeMap;

use brownout_telemetry::signal::Signal;
use egui::{
    Color32, CursorIcon, Label, Painter, Rangef, Rect, Response, ScrollArea, Sense, Stroke, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::{AuthorView, State, run};
use crate::author::facts::objective_ppm;
use crate::author::{Course, Firing, facts};
use crate::panels::format;
use crate::panels::main_flow::floor;
use crate::panels::{shared_time, words};
use crate::theme::{Theme, tint};
use crate::widgets::button::{Weight, button};
use crate::widgets::chart::{self, Besides, Chart, Drawn, Line, Mark, x_at};
use crate::widgets::{mark, scale, text};

/// Height of a chart in points.
const CHART: f32 = 92.0;
/// Height of the row of changes and of a row of an alert, in points.
const CHANGES: f32 = 16.0;
const ALERT: f32 = 14.0;
/// Height of the row that names onset and page, in points.
const WORDS: f32 = 14.0;
/// Width from which what has to be known stands beside the charts, in points, and the share of the width it takes then.
const BESIDE: f32 = 700.0;
const FACTS: f32 = 0.36;
/// Most alerts with a row of their own.
const ROWS: usize = 5;

/// Draws the signals, in as much height as they need.
pub(super) fn ui(ui: &mut Ui, view: &AuthorView<'_>, course: &Course, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let shown = ScrollArea::vertical()
        .id_salt("signals")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.add_space(theme.space.xs);
            let all = ui.available_width();
            if all < BESIDE {
                page(ui, view, course, state);
                ui.add_space(theme.space.s);
                run::facts(ui, course);
                return;
            }
            let facts = (all * FACTS).round();
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = theme.space.l;
                ui.vertical(|ui| {
                    ui.set_width(all - facts - theme.space.l);
                    ui.spacing_mut().item_spacing.x = theme.space.s;
                    page(ui, view, course, state);
                });
                ui.vertical(|ui| {
                    ui.set_width(facts);
                    ui.spacing_mut().item_spacing.x = theme.space.s;
                    // As high as the headings of charts.
                    ui.horizontal(|ui| {
                        ui.add(Label::new(text::caption(&theme, "What to know")).extend());
                    });
                    ui.spacing_mut().item_spacing.y = theme.space.s;
                    run::facts(ui, course);
                });
            });
            ui.add_space(theme.space.s);
        });
    state.signals_height = Some(shown.content_size.y + 1.0);
}

fn page(ui: &mut Ui, view: &AuthorView<'_>, course: &Course, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let scenario = &course.scenario;
    let window = state.zoom.unwrap_or((0, scenario.horizon_ns.max(1)));
    let title = scenario.flows.get(scenario.main_flow.index());
    let title = title.map_or("", |flow| flow.title.as_str());
    let marks = marks(course);
    let regions = &scenario.blueprint.regions;
    let success = lines(regions, &course.success, &theme);
    let latency = lines(regions, &course.latency, &theme);
    heading(
        ui,
        &format!("{title} success"),
        &success,
        window,
        format::share,
        state,
        &theme,
    );
    let rows = rows(course);
    // Room for as many as there are rules: nothing below moves when one begins to fire.
    let reserved = rows.len().max(scenario.alerts.len().min(ROWS));
    let height = WORDS + CHANGES + ALERT * count(reserved);
    let (lane, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let readings = success.iter().flat_map(|line| line.series);
    let worst = readings
        .filter(|(at_ns, _)| (window.0..=window.1).contains(at_ns))
        .filter_map(|(_, reading)| *reading)
        .min();
    let upper = Chart {
        name: "success",
        lines: &success,
        window,
        start_unix_s: scenario.start_unix_s,
        range: (floor(worst.unwrap_or(1_000_000)), 1_000_000),
        words: format::share,
        level: Some(objective_ppm(course)),
        marks: &marks,
        named_marks: false,
        empty: "nothing has run yet",
        height: CHART,
    };
    let highest = latency
        .iter()
        .flat_map(|line| line.series)
        .filter(|(at_ns, _)| (window.0..=window.1).contains(at_ns))
        .filter_map(|(_, reading)| *reading)
        .max();
    let lower = Chart {
        name: "95th percentile",
        lines: &latency,
        range: (0, scale::round_up(highest.unwrap_or(0).max(100_000))),
        words: format::duration,
        level: None,
        ..upper.clone()
    };
    let mut crosshair = state.crosshair.take();
    let mut pointed = None;
    let drawn = draw(
        ui,
        &upper,
        course,
        state,
        &mut crosshair,
        &mut pointed,
        &theme,
    );
    happened(
        ui,
        view,
        course,
        state,
        lane,
        (drawn.plot.x_range(), window),
        &rows,
    );
    let name = format!("{title} {}", words::signal(Signal::LatencyP95));
    heading(ui, &name, &latency, window, format::duration, state, &theme);
    draw(
        ui,
        &lower,
        course,
        state,
        &mut crosshair,
        &mut pointed,
        &theme,
    );
    state.crosshair = pointed;
}

/// Draws a chart, with the onset and the time the graph shows, and does what is done to it.
fn draw(
    ui: &mut Ui,
    chart: &Chart<'_>,
    course: &Course,
    state: &mut State,
    crosshair: &mut Option<u64>,
    pointed: &mut Option<u64>,
    theme: &Theme,
) -> Drawn {
    let besides = Besides {
        touched: true,
        ..Besides::default()
    };
    let drawn = chart::with(ui, chart, besides, crosshair);
    if drawn.response.hovered() {
        *pointed = *crosshair;
    }
    let palette = theme.palette;
    let (from_ns, to_ns) = chart.window;
    let line = |at_ns: u64, stroke: Stroke| {
        if (from_ns..=to_ns).contains(&at_ns) {
            let x = x_at(drawn.plot, chart.window, at_ns).round() + 0.5;
            ui.painter().vline(x, drawn.plot.y_range(), stroke);
        }
    };
    line(course.onset_ns(), Stroke::new(1.0, palette.alternative));
    if let Some(picture) = course
        .picture_at(state.at_ns)
        .filter(|_| state.at_ns.is_some())
    {
        line(picture.now_ns, Stroke::new(1.5, palette.text));
    }
    if let Some((from_ns, to_ns)) = drawn.range {
        state.zoom = Some((from_ns, to_ns.max(from_ns + 30 * format::SECOND_NS)));
    }
    if let Some(at_ns) = drawn.clicked {
        state.at_ns = Some(at_ns);
    }
    drawn
}

fn lines<'a>(
    regions: &'a [String],
    series: &'a [crate::author::course::Series],
    theme: &Theme,
) -> Vec<Line<'a>> {
    let all = regions.iter().zip(series).enumerate();
    all.map(|(index, (name, series))| Line {
        name,
        color: theme.series(index),
        series,
        filled: false,
    })
    .collect()
}

/// Marks of what the change log has, and of the page.
fn marks(course: &Course) -> Vec<Mark> {
    let records = course.scenario.records.iter().filter_map(|record| {
        Some(Mark {
            at_ns: u64::try_from(record.at_ns).ok()?,
            kind: Some(record.kind),
            own: false,
        })
    });
    let page = course.paged.iter().map(|page| Mark {
        at_ns: page.at_ns,
        kind: None,
        own: false,
    });
    records.chain(page).collect()
}

/// A row of an alert in a region.
struct Row<'a> {
    name: String,
    pages: bool,
    firing: Vec<&'a Firing>,
}

/// Alerts that fired, the first one first, each with all its times.
fn rows(course: &Course) -> Vec<Row<'_>> {
    let mut order: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for firing in &course.firing {
        let next = rows.len();
        let index = *order.entry((&firing.rule, &firing.region)).or_insert(next);
        if index == next {
            rows.push(Row {
                name: format!("{} · {}", firing.rule, firing.region),
                pages: firing.pages,
                firing: Vec::new(),
            });
        }
        if let Some(row) = rows.get_mut(index) {
            row.firing.push(firing);
        }
    }
    // Those that wake somebody first: they decide when the player is called.
    rows.sort_by_key(|row| !row.pages);
    rows.truncate(ROWS);
    rows
}

fn count(rows: usize) -> f32 {
    f32::from(u16::try_from(rows).unwrap_or(u16::MAX))
}

/// From a time to a place across.
type Across = (Rangef, (u64, u64));

fn across(((span, window), at_ns): (Across, u64)) -> Option<f32> {
    let (from_ns, to_ns) = window;
    let plot = Rect::from_x_y_ranges(span, 0.0..=1.0);
    (from_ns..=to_ns)
        .contains(&at_ns)
        .then(|| x_at(plot, window, at_ns))
}

/// What changes, the onset and the page in a row; alerts below, each as long as it fires.
fn happened(
    ui: &mut Ui,
    view: &AuthorView<'_>,
    course: &Course,
    state: &mut State,
    lane: Rect,
    time: Across,
    rows: &[Row<'_>],
) {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let middle = lane.top() + WORDS + CHANGES / 2.0;
    let onset = across((time, course.onset_ns()));
    if let Some(x) = onset {
        let stroke = Stroke::new(1.0, palette.alternative);
        ui.painter().vline(x.round() + 0.5, lane.y_range(), stroke);
    }
    for (index, change) in view.plan.iter().enumerate() {
        let hidden = change.kind.is_none();
        let Some(x) = across((time, change.at_ns)).filter(|_| !hidden || state.truth_shown) else {
            continue;
        };
        let after = course.onset_ns();
        let when = if change.at_ns < after {
            format!("{} before the onset", facts::span(after - change.at_ns))
        } else {
            format!("{} after the onset", facts::span(change.at_ns - after))
        };
        let trigger = if change.trigger && state.truth_shown {
            ", what sets it off"
        } else {
            ""
        };
        let words = format!("{}, {when}{trigger}", change.words);
        let response = touchable(ui, ("change", index), x, middle, &words);
        let at = pos2(x, middle);
        if let Some(kind) = change.kind {
            mark::change(ui.painter(), &palette, at, kind, false);
        } else {
            let stroke = Stroke::new(1.5, palette.alternative);
            ui.painter().circle_stroke(at, 4.0, stroke);
        }
        if change.trigger && state.truth_shown {
            let stroke = Stroke::new(1.5, palette.alternative);
            ui.painter().circle_stroke(at, 7.5, stroke);
        }
        if response.clicked() {
            state.go_to(0, change.line);
        }
    }
    if let Some((paged, x)) = course
        .paged
        .as_ref()
        .and_then(|paged| Some((paged, across((time, paged.at_ns))?)))
    {
        let by = paged.by.as_deref().unwrap_or("by a person");
        touchable(ui, ("page", 0), x, middle, &format!("page: {by}"));
        let at = pos2(x, middle);
        mark::triangle(ui.painter(), at, 6.0, palette.failing, mark::Direction::Up);
    }
    let page = course.paged.as_ref().map(|paged| paged.at_ns);
    let named = [
        ("onset", Some(course.onset_ns()), palette.alternative),
        ("page", page, palette.failing),
    ];
    let mut taken = time.0.min;
    for (word, at_ns, color) in named {
        if let Some(x) = at_ns.and_then(|at_ns| across((time, at_ns))) {
            taken = name(
                ui.painter(),
                word,
                x,
                (lane.top(), taken, time.0.max),
                color,
                &theme,
            );
        }
    }
    for (index, row) in rows.iter().enumerate() {
        let top = lane.top() + WORDS + CHANGES + ALERT * count(index);
        alert(ui, course, row, index, (top, time), &theme);
    }
}

/// A word for what is below it, moved aside where another one stands or the row ends; where the next one may begin.
fn name(
    painter: &Painter,
    word: &str,
    x: f32,
    (top, from, to): (f32, f32, f32),
    color: Color32,
    theme: &Theme,
) -> f32 {
    let font = theme.medium(theme.size.tiny);
    let galley = painter.layout_no_wrap(word.to_owned(), font, color);
    let width = galley.size().x;
    let left = (x - width / 2.0).min(to - width).max(from);
    let end = left + width + 6.0;
    painter.galley(pos2(left, top), galley, color);
    end
}

/// A chart's name with its lines and their last readings at the right.
fn heading(
    ui: &mut Ui,
    name: &str,
    lines: &[Line<'_>],
    window: (u64, u64),
    words: fn(u64) -> String,
    state: &mut State,
    theme: &Theme,
) {
    ui.horizontal(|ui| {
        ui.add(Label::new(text::caption(theme, name)).extend());
        ui.add_space(theme.space.s);
        for line in lines {
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 14.0), Sense::hover());
            let bar = Rect::from_center_size(rect.center(), vec2(10.0, 3.0));
            ui.painter().rect_filled(bar, 1, line.color);
            let last = shared_time::last(line.series, window);
            let last = last.map_or_else(|| "no samples".to_owned(), words);
            ui.add(Label::new(text::quiet(theme, line.name)).extend());
            ui.add(Label::new(text::number(theme, last, theme.palette.text)).extend());
        }
        let zoomed = state.zoom.is_some();
        if zoomed && button(ui, "Whole run", Some("Z"), Weight::Normal).clicked() {
            state.zoom = None;
        }
    });
}

/// A place in the row of changes that says what it is and can be pressed.
fn touchable(ui: &Ui, id: (&str, usize), x: f32, middle: f32, words: &str) -> Response {
    let rect = Rect::from_center_size(pos2(x, middle), vec2(14.0, CHANGES));
    let response = ui
        .interact(rect, ui.id().with(id), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, words));
    if response.has_focus() {
        let theme = Theme::of(ui.ctx());
        let stroke = Stroke::new(1.5, theme.palette.accent);
        ui.painter()
            .rect_stroke(rect, theme.radius.small, stroke, egui::StrokeKind::Inside);
    }
    response.on_hover_text(words)
}

/// An alert: a bar for each time it fires, its name where nothing fires.
fn alert(
    ui: &Ui,
    course: &Course,
    row: &Row<'_>,
    index: usize,
    (top, time): (f32, Across),
    theme: &Theme,
) {
    let palette = theme.palette;
    let (span, (from_ns, to_ns)) = time;
    let color = if row.pages {
        palette.failing
    } else {
        palette.degraded
    };
    let whole = Rect::from_x_y_ranges(span, top..=top + ALERT);
    let painter = ui.painter();
    let mut free = span.min;
    let mut gaps = Vec::new();
    for firing in &row.firing {
        let until_ns = firing.until_ns.unwrap_or(course.now_ns);
        if until_ns < from_ns || firing.from_ns > to_ns {
            continue;
        }
        let place = |at_ns: u64| across((time, at_ns.clamp(from_ns, to_ns))).unwrap_or(span.min);
        let (left, right) = (place(firing.from_ns), place(until_ns));
        let bar =
            Rect::from_x_y_ranges(left..=right.max(left + 2.0), top + 4.0..=top + ALERT - 4.0);
        painter.rect_filled(bar, 2, tint(color, palette.surface, 0.8));
        gaps.push((free, left));
        free = bar.right();
    }
    gaps.push((free, span.max));
    let font = theme.sans(theme.size.tiny);
    let galley = painter.layout_no_wrap(row.name.clone(), font, color);
    let needed = galley.size().x + 10.0;
    let roomy = gaps.iter().find(|(left, right)| right - left >= needed);
    if let Some((left, right)) = roomy {
        // Next to its bar: at the end of the gap before one, or at the beginning of the last.
        let at = if *right < span.max {
            right - galley.size().x - 5.0
        } else {
            left + 5.0
        };
        let at = pos2(at, top + (ALERT - galley.size().y) / 2.0);
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, -1.0));
        painter.rect_filled(ground, 0, palette.surface);
        painter.galley(at, galley, color);
    }
    let times = words::counted(row.firing.len() as u64, "time", "times");
    let told = format!("{} fires {times}", row.name);
    let id = ui.id().with(("alert", index));
    let response = ui.interact(whole, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &told));
    response.on_hover_text(told);
}
