//! Metrics and logs by a query: what people ask their own Prometheus or Loki, asked of this system.

mod complete;
mod lines;

use std::sync::Arc;

use brownout_session::reader::{LogAnswer, QueryLine};
use brownout_session::view::PlayerView;
use brownout_telemetry::logql::Found;
use brownout_telemetry::promql;
use egui::{Key, Label, RichText, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, WidgetType, vec2};

use complete::{complete, completions};

use super::super::board::choice;
use super::super::format::SECOND_NS;
use super::super::lookup::Lookup;
use super::super::readings::Series;
use super::super::state::State;
use super::super::{main_flow, shared_time};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::chart::{Besides, Chart, Line};
use crate::widgets::{query_field, scale, section, text};

/// Readings are drawn as whole numbers of millionths.
const MILLION: f64 = 1e6;
/// Most lines that are drawn, as many as there are colours; all are listed.
const DRAWN: usize = 4;
/// Points over the window, at most.
const POINTS: u64 = 180;
/// Least time between two points: that between two scrapes.
const STEP_S: u64 = 5;

/// Questions to begin with, with a word on each.
const LOG_EXAMPLES: [(&str, &str); 4] = [
    ("errors", "{level=\"error\"}"),
    ("time-outs", "{level=\"error\"} |= \"timeout\""),
    (
        "errors by service",
        "sum by (service_name) (rate({level=\"error\"}[1m]))",
    ),
    ("slow answers", "{service_name=~\".+\"} | duration > 1s"),
];
/// The same of metrics.
const EXAMPLES: [(&str, &str); 4] = [
    (
        "errors by service",
        "sum by (service_name) (rate(http_server_request_duration_seconds_count{error_type!=\"\"}[1m]))",
    ),
    (
        "p95 by service",
        "histogram_quantile(0.95, sum by (le, service_name) (rate(http_server_request_duration_seconds_bucket[1m])))",
    ),
    (
        "calls that time out",
        "sum by (service_name, server_address) (rate(http_client_request_duration_seconds_count{error_type=\"timeout\"}[1m]))",
    ),
    ("busiest workers", "topk(5, workers_busy / workers_limit)"),
];

/// What an answer is to: the text, the scrape, the window.
type Asked = (String, bool, u64, (u64, u64));

/// What answers a query, or why nothing does.
type Answer = Result<Shown, String>;

#[derive(Clone, Debug)]
enum Shown {
    Series(Arc<Vec<Drawn>>),
    Lines(Arc<Found>),
}

/// What was asked.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// What is being written.
    pub text: String,
    /// What was asked last.
    pub asked: String,
    /// The logs are asked, not the metrics.
    pub logs: bool,
    answer: Option<(Asked, Answer)>,
}

#[derive(Clone, Debug)]
struct Drawn {
    name: String,
    latest: Option<f64>,
    series: Series,
}

/// Draws the tab.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        let languages = [(false, "metrics · PromQL"), (true, "logs · LogQL")];
        if choice::row(ui, "", &languages, &mut state.dock.ask.logs) {
            state.dock.ask.text.clear();
            state.dock.ask.asked.clear();
        }
        super::back(ui, view, state);
    });
    bar(ui, state, &theme);
    let own = (
        view.scraped_ns
            .saturating_sub(state.dock.window_s * SECOND_NS),
        view.scraped_ns,
    );
    let window = state.time.window(own);
    if state.dock.ask.asked.is_empty() {
        examples(ui, state, &theme);
        return;
    }
    let answer = answer(view, lookup, state, window);
    let lines = match answer {
        Err(error) => {
            let words = text::quiet(&theme, error).color(theme.palette.failing);
            ui.add(Label::new(words).wrap());
            return;
        }
        Ok(Shown::Lines(found)) => return lines::ui(ui, view, &found, &theme),
        Ok(Shown::Series(lines)) if lines.is_empty() => {
            section::empty(ui, "No series answers this in this window.");
            return;
        }
        Ok(Shown::Series(lines)) => lines,
    };
    chart(ui, view, state, &lines, window, &theme);
    list(ui, &lines, &theme);
}

/// The answer at the latest scrape; asked anew only when the question, the scrape or the window is another.
fn answer(view: &PlayerView, lookup: &dyn Lookup, state: &mut State, window: (u64, u64)) -> Answer {
    let ask = &mut state.dock.ask;
    let key = (ask.asked.clone(), ask.logs, view.scraped_ns, window);
    if let Some((of, answer)) = &ask.answer
        && *of == key
    {
        return answer.clone();
    }
    let span_s = (window.1 - window.0) / SECOND_NS;
    let step_s = (span_s / POINTS).div_ceil(STEP_S).max(1) * STEP_S;
    let series = |lines: Vec<QueryLine>| {
        let mut lines: Vec<Drawn> = lines.into_iter().map(drawn).collect();
        lines.sort_by(|a, b| b.latest.unwrap_or(0.0).total_cmp(&a.latest.unwrap_or(0.0)));
        Shown::Series(Arc::new(lines))
    };
    let step_ns = step_s * SECOND_NS;
    let answer = if ask.logs {
        lookup
            .log_query(&ask.asked, window, step_ns)
            .map(|found| match found {
                LogAnswer::Figures(lines) => series(lines),
                LogAnswer::Lines(found) => Shown::Lines(Arc::new(found)),
            })
    } else {
        lookup.query(&ask.asked, window, step_ns).map(series)
    };
    ask.answer = Some((key, answer.clone()));
    answer
}

fn drawn(line: QueryLine) -> Drawn {
    let reading = |value: f64| {
        let drawable = value.is_finite() && (0.0..1e12).contains(&value);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in range"
        )]
        let reading = drawable.then(|| (value * MILLION).round() as u64);
        reading
    };
    Drawn {
        latest: line.points.last().map(|(_, value)| *value),
        series: line
            .points
            .iter()
            .map(|(at, value)| (*at, reading(*value)))
            .collect(),
        name: line.name,
    }
}

/// Words of the query language.
fn code(theme: &Theme, words: &str) -> RichText {
    RichText::new(words)
        .font(theme.mono(theme.size.small))
        .color(theme.palette.text)
}

/// A value in few digits.
fn short(value: f64) -> String {
    if value.is_nan() || value.is_infinite() {
        return promql::number(value);
    }
    let size = value.abs();
    let text = match size {
        _ if size >= 1_000.0 => format!("{value:.0}"),
        _ if size >= 10.0 => format!("{value:.1}"),
        _ if size >= 0.1 => format!("{value:.3}"),
        _ => format!("{value:.6}"),
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn words(millionths: u64) -> String {
    short(millionths as f64 / MILLION)
}

fn chart(
    ui: &mut Ui,
    view: &PlayerView,
    state: &mut State,
    drawn: &[Drawn],
    window: (u64, u64),
    theme: &Theme,
) {
    let lines: Vec<Line<'_>> = drawn
        .iter()
        .take(DRAWN)
        .enumerate()
        .map(|(index, line)| Line {
            name: &line.name,
            color: theme.series(index),
            series: &line.series,
            filled: false,
        })
        .collect();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs;
        let more = drawn.len().saturating_sub(DRAWN);
        let words = match (drawn.len(), more) {
            (1, _) => "1 series".to_owned(),
            (all, 0) => format!("{all} series"),
            (all, _) => format!("{all} series, the highest {DRAWN} drawn"),
        };
        ui.label(text::quiet(theme, format!("{words} · drag to zoom")));
    });
    let highest = shared_time::highest(lines.iter(), window);
    let chart = Chart {
        name: &state.dock.ask.asked.clone(),
        lines: &lines,
        window,
        start_unix_s: view.start_unix_s,
        range: (0, scale::round_up(highest.max(1))),
        words,
        level: None,
        marks: &main_flow::marks(view),
        named_marks: true,
        empty: "No values between 0 and a million millions in this window.",
        height: (ui.available_height() * 0.6).clamp(100.0, 600.0),
    };
    let clicked = state.time.chart(ui, &chart, Besides::default()).clicked;
    if let Some(at_ns) = clicked {
        shared_time::began(ui, view, &mut state.board, &mut state.pins, at_ns);
    }
}

/// All series with their latest values, the highest first.
fn list(ui: &mut Ui, drawn: &[Drawn], theme: &Theme) {
    let height = theme.size.small + theme.space.xs;
    ui.spacing_mut().interact_size.y = height;
    ScrollArea::vertical()
        .id_salt("series of the query")
        .auto_shrink([false, false])
        .show_rows(ui, height, drawn.len(), |ui, rows| {
            for index in rows {
                let line = &drawn[index];
                let value = line.latest.map_or_else(|| "–".to_owned(), short);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = theme.space.s;
                    let color = if index < DRAWN {
                        theme.series(index)
                    } else {
                        theme.palette.dim
                    };
                    let (rect, _) = ui.allocate_exact_size(vec2(height, height), Sense::hover());
                    ui.painter()
                        .circle_filled(rect.center(), height * 0.25, color);
                    ui.label(code(theme, &format!("{value:>10}")));
                    ui.add(Label::new(code(theme, &line.name)).truncate());
                });
            }
        });
}

fn examples(ui: &mut Ui, state: &mut State, theme: &Theme) {
    let (words, all) = if state.dock.ask.logs {
        let words = "Ask as you would ask your own Loki: Enter asks, Tab completes. Fields of a line can be asked for as they stand.";
        (words, LOG_EXAMPLES)
    } else {
        let words = "Ask as you would ask your own Prometheus: Enter asks, Tab completes. The names are those of OpenTelemetry.";
        (words, EXAMPLES)
    };
    section::empty(ui, words);
    ui.add_space(theme.space.s);
    for (words, query) in all {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme.space.s;
            if button(ui, words, None, Weight::Normal).clicked() {
                query.clone_into(&mut state.dock.ask.text);
                query.clone_into(&mut state.dock.ask.asked);
            }
            let shown = code(theme, query).color(theme.palette.muted);
            ui.add(Label::new(shown).truncate());
        });
    }
}

fn bar(ui: &mut Ui, state: &mut State, theme: &Theme) {
    let free = !ui.ctx().egui_wants_keyboard_input() && !state.takes_keys();
    let ask = &mut state.dock.ask;
    let id = ui.id().with("metric query");
    let focused = ui.memory(|memory| memory.has_focus(id));
    let offered = if focused {
        completions(&ask.text, ask.logs)
    } else {
        Vec::new()
    };
    if let Some(first) = offered.first()
        && ui.input(|input| input.key_pressed(Key::Tab))
    {
        complete(ui, id, &mut ask.text, first);
    }
    let edit = TextEdit::singleline(&mut ask.text)
        .id(id)
        .hint_text(if ask.logs {
            "LogQL, such as {level=\"error\"} |= \"timeout\"    ( / )"
        } else {
            "PromQL, such as up == 0    ( / )"
        })
        .font(theme.mono(theme.size.small))
        .margin(choice::FIELD)
        .desired_width(f32::INFINITY);
    let shown = edit.show(ui);
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Query of the metrics"));
    if focused {
        query_field::keep_keys(ui, id, !offered.is_empty());
    }
    if shown.response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        ask.asked = ask.text.trim().to_owned();
    }
    if !offered.is_empty() {
        let mut taken = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme.space.xs;
            for name in &offered {
                if button(ui, name, None, Weight::Normal).clicked() {
                    taken = Some(name.clone());
                }
            }
        });
        if let Some(name) = taken {
            complete(ui, id, &mut ask.text, &name);
            ui.memory_mut(|memory| memory.request_focus(id));
        }
    }
    if free && ui.input(|input| input.key_pressed(Key::Slash)) {
        shown.response.request_focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short() {
        assert_eq!(short(0.0), "0");
        assert_eq!(short(1234.56), "1235");
        assert_eq!(short(12.34), "12.3");
        assert_eq!(short(0.1234), "0.123");
        assert_eq!(short(0.000_25), "0.00025");
        assert_eq!(short(f64::NAN), "NaN");
    }
}
