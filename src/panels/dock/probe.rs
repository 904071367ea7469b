//! The selected component from inside, and requests made on purpose.

use brownout_session::command::{Command, Look};
use brownout_session::inside::{Inside, Table};
use brownout_session::view::{AttemptView, PlayerView};
use brownout_sim::blueprint::ServiceKind;
use egui::{
    Align2, CursorIcon, Label, Response, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, vec2,
};

use super::super::board::choice;
use super::super::format;
use super::super::intent::Intent;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::Tab;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Height of a row of a table, in points.
const ROW: f32 = 20.0;
/// Space between columns.
const GAP: f32 = 18.0;
/// Own requests shown.
const SHOWN: usize = 4;
/// What a column is left out for if all of its cells say it.
const NOTHING_SAID: [&str; 5] = ["-", "right", "not checked", "none asked", "no pool"];

/// What the tab remembers.
#[derive(Clone, Debug, Default)]
pub struct Probing {
    /// The data of a database rather than its state.
    pub data: bool,
    /// A dump rather than the present.
    pub dump: Option<u32>,
    /// Segment requests are made as; any when none is chosen.
    pub segment: Option<String>,
    /// What is shown: of what, as of which scrape, and which of its requests have kept traces.
    shown: Option<(Look, u64, Option<Inside>, Vec<u64>)>,
}

/// What the tab shows, as a look.
pub(super) fn look(view: &PlayerView, state: &State) -> Option<Look> {
    let selection = state.selection.as_ref()?;
    let service = selection.service.clone();
    if state.dock.probe.data && is_database(view, &service) {
        return Some(Look::Data { service });
    }
    let region = view.regions.get(usize::from(selection.region))?.clone();
    let number = state.dock.probe.dump;
    if let Some(number) = number.filter(|of| dumps(view, &service, &region).any(|(n, _)| n == *of))
    {
        return Some(Look::Dump { service, number });
    }
    Some(Look::Inside { service, region })
}

/// Dumps of a component in a region: number and time.
fn dumps<'v>(
    view: &'v PlayerView,
    service: &'v str,
    region: &'v str,
) -> impl Iterator<Item = (u32, u64)> + 'v {
    let numbered = (1..).zip(&view.dumps);
    numbered
        .filter(move |(_, (_, of, at))| of == service && at == region)
        .map(|(number, (at_ns, ..))| (number, *at_ns))
}

fn is_database(view: &PlayerView, service: &str) -> bool {
    let mut nodes = view.nodes.iter();
    nodes.any(|node| node.service == service && node.kind == ServiceKind::Database)
}

/// Draws both.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    reproduce(ui, view, state, intents, &theme);
    ui.add_space(theme.space.m);
    let Some(look) = look(view, state) else {
        let words = "Select a component to look inside: queries and locks of a database, what waits in a queue, keys of a cache, what the requests of a service are at.";
        super::pick(ui, view, state, words);
        return;
    };
    let Some(selection) = state.selection.clone() else {
        return;
    };
    let service = selection.service;
    let region = view.regions.get(usize::from(selection.region));
    let region = region.map_or("", String::as_str);
    let place = if matches!(look, Look::Data { .. }) {
        ""
    } else {
        region
    };
    ui.horizontal(|ui| {
        ui.label(text::name(&theme, &service));
        ui.label(text::quiet(&theme, place));
        super::clear(ui, state);
        if is_database(view, &service) {
            let kinds = [(false, "from inside"), (true, "check its data")];
            choice::row(ui, "", &kinds, &mut state.dock.probe.data);
        }
    });
    let kept: Vec<(u32, u64)> = dumps(view, &service, region).collect();
    if !kept.is_empty() && !place.is_empty() {
        let words = kept
            .iter()
            .map(|(_, at_ns)| format!("dump of {}", view.clock(*at_ns)));
        let words: Vec<String> = words.collect();
        let numbers = kept.iter().map(|(number, _)| Some(*number));
        let dumps = numbers.zip(words.iter().map(String::as_str));
        let options: Vec<(Option<u32>, &str)> =
            std::iter::once((None, "now")).chain(dumps).collect();
        choice::row(ui, "", &options, &mut state.dock.probe.dump);
    }
    refresh(view, lookup, state, &look);
    let Some((_, _, inside, kept)) = state.dock.probe.shown.take() else {
        return;
    };
    match &inside {
        Some(found) => {
            // Its name and place stand above already.
            let summary = found
                .summary
                .split_once(": ")
                .map_or("", |(_, facts)| facts);
            let summary = if summary.is_empty() {
                &found.summary
            } else {
                summary
            };
            ui.add(Label::new(text::body(&theme, summary)).wrap());
            ui.add_space(theme.space.xs);
            let mut open = None;
            ScrollArea::both()
                .id_salt(("inside", &service))
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    for table in &found.tables {
                        open = open.or(self::table(ui, table, &kept, &theme));
                    }
                });
            if let Some(id) = open {
                state.dock.trace = Some(id);
                state.dock.opened.inside = true;
                state.dock.tab = Tab::Traces;
            }
        }
        None => section::empty(ui, "It does not run in this region."),
    }
    state.dock.probe.shown = Some((look, view.scraped_ns, inside, kept));
}

/// Asks again at each scrape: what changes under the eyes cannot be read.
fn refresh(view: &PlayerView, lookup: &dyn Lookup, state: &mut State, look: &Look) {
    let shown = &mut state.dock.probe.shown;
    if matches!(shown, Some((of, at_ns, ..)) if of == look && *at_ns == view.scraped_ns) {
        return;
    }
    let inside = match look {
        Look::Inside { service, region } => lookup.inside(service, region),
        Look::Data { service } => lookup.data_check(service),
        Look::Dump { number, .. } => lookup.dump(*number),
        _ => None,
    };
    let tables = inside.iter().flat_map(|inside| &inside.tables);
    let named = tables.flat_map(|table| table.rows.iter().filter_map(|row| row.trace));
    let kept = named.filter(|id| lookup.trace(*id).is_some()).collect();
    *shown = Some((look.clone(), view.scraped_ns, inside, kept));
}

/// A row of choices and a button, and below it what became of the latest requests.
fn reproduce(
    ui: &mut Ui,
    view: &PlayerView,
    state: &mut State,
    intents: &mut Vec<Intent>,
    theme: &Theme,
) {
    if super::flow(view, state).is_none() {
        return;
    }
    let selected = state.selection.as_ref();
    let here = selected.map_or(0, |selection| usize::from(selection.region));
    ui.label(text::caption(theme, "Reproduce it yourself"));
    super::flows(ui, view, state);
    ui.horizontal_wrapped(|ui| {
        if !view.segments.is_empty() {
            let segments = view
                .segments
                .iter()
                .map(|name| (Some(name.as_str()), name.as_str()));
            let options: Vec<(Option<&str>, &str)> =
                std::iter::once((None, "anybody")).chain(segments).collect();
            let mut chosen = state.dock.probe.segment.as_deref();
            choice::row(ui, "as", &options, &mut chosen);
            state.dock.probe.segment = chosen.map(str::to_owned);
            ui.add_space(theme.space.s);
        }
        let flow = super::flow(view, state).unwrap_or_default().to_owned();
        ui.label(text::quiet(theme, "send from"));
        for (index, name) in view.regions.iter().enumerate() {
            let weight = if index == here {
                Weight::Primary
            } else {
                Weight::Normal
            };
            let shown = button(ui, name, None, weight);
            let words = format!("Send from {name}");
            shown.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &words));
            if shown.clicked() {
                intents.push(Intent::Command(Command::Try {
                    flow: flow.clone(),
                    region: name.clone(),
                    segment: state.dock.probe.segment.clone(),
                }));
            }
        }
    });
    for attempt in view.attempts.iter().rev().take(SHOWN) {
        let response = attempt_row(ui, view, attempt, theme);
        let look = Look::Attempt {
            number: attempt.number,
        };
        let Some((_, trace)) = &attempt.result else {
            continue;
        };
        if response.hovered() {
            state.dock.item = Some(look);
        }
        if let Some(trace) = trace.clone().filter(|_| response.clicked()) {
            state.dock.trace = Some(trace.id);
            state.dock.opened.open(trace);
            state.dock.tab = Tab::Traces;
        }
    }
}

fn attempt_row(ui: &mut Ui, view: &PlayerView, attempt: &AttemptView, theme: &Theme) -> Response {
    let palette = theme.palette;
    let (words, ink) = match &attempt.result {
        None => {
            let age_ns = view.now_ns.saturating_sub(attempt.at_ns);
            let place = format!("{} from {}", attempt.flow, attempt.region);
            (
                format!("{place}: waits for {}", format::span(age_ns)),
                palette.muted,
            )
        }
        Some((words, Some(trace))) if trace.status.is_ok() => (words.clone(), palette.text),
        Some((words, _)) => (words.clone(), palette.failing),
    };
    let clock = view.clock(attempt.at_ns);
    let job = text::Line::default()
        .add(
            &format!("{clock}  "),
            theme.mono(theme.size.small),
            palette.muted,
        )
        .add(&words, theme.sans(theme.size.body), ink)
        .job();
    let response = ui.add(Label::new(job).truncate().sense(Sense::click()));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &words));
    response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text("Open its trace")
}

/// Draws a table; the trace of a row that was clicked.
fn table(ui: &mut Ui, table: &Table, kept: &[u64], theme: &Theme) -> Option<u64> {
    let palette = theme.palette;
    ui.add_space(theme.space.xs);
    ui.label(text::caption(theme, &table.title));
    if table.rows.is_empty() {
        ui.label(text::quiet(theme, table.nothing));
        ui.add_space(theme.space.s);
        return None;
    }
    let cell =
        |row: usize, column: usize| table.rows[row].cells.get(column).map_or("", String::as_str);
    let says = |column: &usize| {
        let mut rows = 0..table.rows.len();
        rows.any(|row| !NOTHING_SAID.contains(&cell(row, *column)))
    };
    let columns: Vec<usize> = (0..table.columns.len()).filter(says).collect();
    let font = theme.mono(theme.size.small);
    let width = |ui: &Ui, words: &str| {
        let galley = ui
            .painter()
            .layout_no_wrap(words.to_owned(), font.clone(), palette.text);
        galley.size().x
    };
    let widths: Vec<f32> = columns
        .iter()
        .map(|&column| {
            let cells = (0..table.rows.len()).map(|row| width(ui, cell(row, column)));
            cells.fold(width(ui, table.columns[column]), f32::max) + GAP
        })
        .collect();
    let whole = vec2(widths.iter().sum::<f32>().max(ui.available_width()), ROW);
    let draw = |ui: &mut Ui, words: &[&str], ink, sense| {
        let (rect, response) = ui.allocate_exact_size(whole, sense);
        if response.hovered() && sense == Sense::click() {
            ui.painter()
                .rect_filled(rect, theme.radius.small, palette.raised);
        }
        let mut x = rect.left();
        for (words, width) in words.iter().zip(&widths) {
            let at = egui::pos2(x, rect.center().y);
            ui.painter()
                .text(at, Align2::LEFT_CENTER, words, font.clone(), ink);
            x += width;
        }
        response
    };
    let heads: Vec<&str> = columns
        .iter()
        .map(|&column| table.columns[column])
        .collect();
    let head = draw(ui, &heads, palette.muted, Sense::hover());
    head.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, heads.join(", ")));
    let mut open = None;
    for (index, row) in table.rows.iter().enumerate() {
        let cells: Vec<&str> = columns.iter().map(|&column| cell(index, column)).collect();
        let trace = row.trace.filter(|id| kept.contains(id));
        let sense = if trace.is_some() {
            Sense::click()
        } else {
            Sense::hover()
        };
        let response = draw(ui, &cells, palette.text, sense);
        let kind = if trace.is_some() {
            WidgetType::Button
        } else {
            WidgetType::Label
        };
        let words = heads
            .iter()
            .zip(&cells)
            .map(|(head, cell)| format!("{head} {cell}"));
        let words = words.collect::<Vec<_>>().join(", ");
        response.widget_info(|| WidgetInfo::labeled(kind, true, &words));
        if trace.is_some() && response.clicked() {
            open = trace;
        }
    }
    ui.add_space(theme.space.s);
    open
}
