//! Kept traces of a flow: a list, and one as a waterfall or beside a good one.

mod align;
mod compare;
mod span_scale;
mod spent;
mod waterfall;

use brownout_session::command::Look;
use brownout_session::reader::TraceRow;
use brownout_session::view::PlayerView;
use brownout_telemetry::traces::QUOTA_PER_MINUTE;
use egui::{Key, Label, Rect, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, WidgetType, vec2};

use super::super::board::choice;
use super::super::format;
use super::super::lookup::Lookup;
use super::super::state::{Selection, State};
use super::super::words;
use super::{cursor, hold};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Height of a trace in the list.
const ROW: f32 = 18.0;

/// Room for a span in full, in points.
const FOOT: f32 = 36.0;

/// What the tab remembers of the trace that is open.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Arrows walk through its spans; otherwise through the list.
    pub inside: bool,
    /// A good one is shown beside it.
    pub compared: bool,
    /// Trace whose failing call was scrolled to.
    shown: Option<u64>,
    /// What a trace is linked to across queues: of which trace, and the others.
    linked: Option<(u64, Vec<TraceRow>)>,
    /// Conditions being written, those that hold, and what is wrong with them.
    pub search: String,
    /// See `search`.
    pub searched: String,
    /// See `search`.
    wrong: Option<String>,
    /// In place of traces, where the time of all goes.
    pub sums: bool,
    /// That, as it was last asked for.
    spent: Option<spent::Compared>,
    /// The good one, with the trace it was found for.
    good: Option<(u64, Option<TraceRow>)>,
    /// The trace itself: it stays although it may have left the list.
    row: Option<TraceRow>,
}

impl Opened {
    /// Opens a trace that is no part of the sample.
    pub fn open(&mut self, row: TraceRow) {
        self.row = Some(row);
        self.inside = true;
    }
}

/// Draws list and trace.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let Some(flow) = super::flow(view, state).map(str::to_owned) else {
        section::empty(ui, "No flow has been measured yet.");
        return;
    };
    super::scope(ui, view, state, "All traces");
    super::flows(ui, view, state);
    ui.horizontal_wrapped(|ui| {
        let kinds = [(true, "failed or slow"), (false, "good")];
        let mut kind = (!state.dock.opened.sums).then_some(state.dock.failing);
        let options = kinds.map(|(failing, words)| (Some(failing), words));
        let options = [options[0], options[1], (None, "where the time goes")];
        if choice::row(ui, "", &options, &mut kind) {
            state.dock.opened.sums = kind.is_none();
            state.dock.failing = kind.unwrap_or(state.dock.failing);
        }
    });
    if state.dock.opened.sums {
        let flow = super::flow(view, state).unwrap_or(&flow).to_owned();
        spent::ui(ui, view, lookup, state, &flow);
        return;
    }
    search(ui, state, &theme);
    let Some(look) = super::look(view, state) else {
        return;
    };
    let (from_ns, to_ns) = super::window(view, state);
    sampled(ui, view, lookup, state, &flow, from_ns);
    let whole = ui.available_rect_before_wrap();
    state.dock.hold.watch(ui, whole);
    let same = matches!(&state.dock.traces, Some((of, _, _)) if *of == look);
    let held = same && state.dock.hold.holds(state.dock.trace.is_some());
    if held && hold::follow_key(ui, state, "Traces") {
        follow(state);
    }
    let fresh = matches!(&state.dock.traces, Some((of, at_ns, _)) if *of == look && *at_ns == view.scraped_ns);
    if !fresh && !held {
        let searched = &state.dock.opened.searched;
        let mut rows = if searched.is_empty() {
            lookup.traces(
                super::flow(view, state).unwrap_or(&flow),
                super::region(view, state),
                state.dock.failing,
                from_ns,
                to_ns,
            )
        } else {
            let found = lookup.search_traces(searched, (from_ns, to_ns));
            state.dock.opened.wrong = found.as_ref().err().cloned();
            found.unwrap_or_default()
        };
        rows.sort_by_key(|row| std::cmp::Reverse((row.start_ns, row.id)));
        state.dock.traces = Some((look, view.scraped_ns, rows));
    }
    // Taken out while it is drawn from, so that the rest of the state can change.
    let Some((look, at_ns, rows)) = state.dock.traces.take() else {
        return;
    };
    // The key that goes into a trace is not also one of those within it.
    let within = state.dock.opened.inside;
    list(ui, view, &rows, state, &theme);
    if held && state.time.zoom.is_none() && state.dock.opened.searched.is_empty() {
        let new = news(view, lookup, state, &flow, at_ns, &rows);
        if hold::chip(ui, whole, new, "trace") {
            follow(state);
        }
    }
    // One followed from a log line may be of another flow or time; one opened stays although the sample let go of it.
    let named = state.dock.trace.and_then(|id| {
        let kept = state.dock.opened.row.take().filter(|row| row.id == id);
        let listed = rows.iter().find(|row| row.id == id).cloned();
        kept.or(listed).or_else(|| lookup.trace(id))
    });
    state.dock.opened.row.clone_from(&named);
    if let Some(trace) = named.as_ref().or_else(|| rows.first()) {
        ui.add_space(theme.space.s);
        one(ui, view, lookup, trace, within, state, &theme);
    }
    state.dock.traces = Some((look, at_ns, rows));
}

/// The field for conditions; they go before flow and kind.
fn search(ui: &mut Ui, state: &mut State, theme: &Theme) {
    let free = !ui.ctx().egui_wants_keyboard_input() && !state.takes_keys();
    let opened = &mut state.dock.opened;
    let edit = TextEdit::singleline(&mut opened.search)
        .id(ui.id().with("trace search"))
        .hint_text("service=… operation=\"…\" status=error min=250ms region=…    ( / )")
        .font(theme.mono(theme.size.small))
        .margin(choice::FIELD)
        .desired_width(f32::INFINITY);
    let shown = ui.add(edit);
    shown.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Search of the traces"));
    let entered = shown.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let emptied = opened.search.is_empty() && !opened.searched.is_empty();
    if entered || emptied {
        opened.searched = opened.search.trim().to_owned();
        opened.wrong = None;
        state.dock.traces = None;
        state.dock.trace = None;
        state.dock.hold.follow();
    }
    if let Some(wrong) = &state.dock.opened.wrong {
        ui.add(Label::new(text::quiet(theme, wrong).color(theme.palette.failing)).wrap());
    }
    if free && ui.input(|input| input.key_pressed(Key::Slash)) {
        shown.request_focus();
    }
}

/// Lets the list go on to the newest traces.
fn follow(state: &mut State) {
    state.dock.trace = None;
    state.dock.opened.inside = false;
    state.dock.cursor = cursor::Cursor::default();
    state.dock.hold.follow();
}

/// Traces kept since the list was read.
fn news(
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &State,
    flow: &str,
    since_ns: u64,
    rows: &[TraceRow],
) -> usize {
    if since_ns >= view.scraped_ns {
        return 0;
    }
    let region = super::region(view, state);
    let failing = state.dock.failing;
    let all = lookup.traces(flow, region, failing, since_ns, view.now_ns);
    all.iter()
        .filter(|trace| rows.iter().all(|row| row.id != trace.id))
        .count()
}

/// Says that traces are a sample, and how much of one.
fn sampled(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &State,
    flow: &str,
    from_ns: u64,
) {
    let theme = Theme::of(ui.ctx());
    let here = super::region(view, state);
    let regions = view.regions.iter().map(String::as_str);
    let (seen, kept) = regions
        .filter(|region| here.is_none_or(|of| of == *region))
        .map(|region| lookup.sampled(flow, region, from_ns))
        .fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    if seen > 0 {
        let words = format!(
            "a sample: {} kept of {} seen, good and bad",
            format::count(kept),
            format::count(seen)
        );
        ui.label(text::quiet(&theme, words)).on_hover_text(format!(
            "Of each flow, region and result, {QUOTA_PER_MINUTE} a minute are kept at most"
        ));
    }
}

/// Where an affected trace went wrong: the deepest call that failed, or, of a slow one, the last that took most of its
/// caller's time.
fn culprit(trace: &TraceRow) -> usize {
    let failed = trace.spans.iter().enumerate();
    let failed = failed.filter(|(_, span)| !span.status.is_ok());
    if let Some((index, _)) = failed.rev().max_by_key(|(_, span)| span.depth) {
        return index;
    }
    if !trace.slow {
        return 0;
    }
    let mut at = 0;
    while let Some(caller) = trace.spans.get(at) {
        let below = trace.spans.iter().enumerate().skip(at + 1);
        let below = below.take_while(|(_, span)| span.depth > caller.depth);
        let called = below.filter(|(_, span)| span.depth == caller.depth + 1);
        match called.max_by_key(|(_, span)| span.duration_ns) {
            Some((index, span)) if span.duration_ns * 2 > caller.duration_ns => at = index,
            _ => break,
        }
    }
    at
}

/// The traces, newest first.
fn list(ui: &mut Ui, view: &PlayerView, rows: &[TraceRow], state: &mut State, theme: &Theme) {
    if rows.is_empty() {
        section::empty(ui, "No trace of this kind was kept in this window.");
        return;
    }
    // Whole rows: none is cut at the foot.
    let height = ((ui.available_height() * 0.3).max(90.0) / ROW).floor() * ROW;
    ui.add_space(theme.space.xs);
    let area = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
    let (_, free) = cursor::list(ui, state, area, "Traces");
    let position = rows.iter().position(|row| state.dock.trace == Some(row.id));
    let free = free && !state.dock.opened.inside;
    let mut cursor = std::mem::take(&mut state.dock.cursor);
    let keys = cursor.keys(ui, free, position, 0, rows.len());
    state.dock.cursor = cursor;
    let mut to = keys.to;
    let mut scroll = ScrollArea::vertical()
        .id_salt("traces")
        .max_height(height)
        .auto_shrink([false, true]);
    if let Some(row) = to {
        let row = f32::from(u16::try_from(row).unwrap_or(u16::MAX));
        scroll = scroll.vertical_scroll_offset((row * ROW - height / 2.0).max(0.0));
    }
    let right = ui.input(|input| input.modifiers.is_none() && input.key_pressed(Key::ArrowRight));
    let mut inside = keys.enter || free && right;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        scroll.show_rows(ui, ROW, rows.len(), |ui, range| {
            for index in range {
                let Some(row) = rows.get(index) else { break };
                let open = position == Some(index) && to.is_none() || to == Some(index);
                if entry(ui, view, row, open, theme) {
                    to = Some(index);
                }
            }
        });
    });
    if let Some(row) = to.and_then(|index| rows.get(index)) {
        state.dock.trace = Some(row.id);
        state.dock.cursor.at = None;
        state.dock.opened.inside = false;
    }
    inside &= state.dock.trace.is_some() || !rows.is_empty();
    if inside {
        let id = state.dock.trace.or_else(|| rows.first().map(|row| row.id));
        state.dock.trace = id;
        state.dock.opened.inside = true;
        let shown = rows.iter().find(|row| Some(row.id) == id);
        state.dock.cursor.at = shown.map(|trace| item(trace, culprit(trace)));
    }
}

/// A span as a look.
fn item(trace: &TraceRow, span: usize) -> Look {
    Look::Span {
        flow: trace.flow.clone(),
        failing: !trace.status.is_ok() || trace.slow,
        trace: trace.id,
        span: u32::try_from(span).unwrap_or(u32::MAX),
    }
}

/// The trace that is open.
fn one(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    trace: &TraceRow,
    within: bool,
    state: &mut State,
    theme: &Theme,
) {
    let title = format!(
        "Trace {} · {} in {}",
        words::trace(trace.id),
        trace.status.http(),
        format::duration(trace.duration_ns / 1_000)
    );
    let (_, free) = cursor::list(
        ui,
        state,
        ui.available_rect_before_wrap(),
        "Spans of the trace",
    );
    let affected = !trace.status.is_ok() || trace.slow;
    let mut compared = state.dock.opened.compared;
    section::title(ui, &title, |ui| {
        let weight = Weight::Choice(compared);
        let compare = |ui: &mut Ui| {
            button(ui, "Compare", Some("C"), weight).on_hover_text("Compare with a good one")
        };
        if affected && compare(ui).clicked() {
            compared ^= true;
        }
    });
    links(ui, lookup, trace, state);
    let pressed = |key: Key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
    compared ^= affected && free && pressed(Key::C);
    state.dock.opened.compared = compared;
    let found = matches!(&state.dock.opened.good, Some((of, _)) if *of == trace.id);
    if compared && affected && !found {
        state.dock.opened.good = Some((trace.id, compare::good(lookup, view, trace)));
    }
    let position = match &state.dock.cursor.at {
        Some(Look::Span {
            trace: of, span, ..
        }) if *of == trace.id => usize::try_from(*span).ok(),
        _ => None,
    };
    let mut cursor = std::mem::take(&mut state.dock.cursor);
    let free = free && within && state.dock.opened.inside;
    let keys = cursor.keys(ui, free, position, 0, trace.spans.len());
    let mut touched = waterfall::Touched::default();
    let good = match &state.dock.opened.good {
        Some((of, good)) if *of == trace.id && compared && affected => Some(good),
        _ => None,
    };
    if !matches!(good, Some(Some(_))) {
        // Above the rows, so that it stays while they scroll.
        waterfall::scale(ui, trace).labels(ui, theme);
    }
    let foot = FOOT.min(ui.available_height() / 3.0);
    // A long trace opens where it went wrong.
    let reveal = (state.dock.opened.shown != Some(trace.id)).then(|| culprit(trace));
    state.dock.opened.shown = Some(trace.id);
    ScrollArea::vertical()
        .id_salt("waterfall")
        .max_height(ui.available_height() - foot)
        .auto_shrink([false, false])
        .show(ui, |ui| match good {
            Some(Some(good)) => {
                touched = compare::ui(ui, view, trace, good, position, theme);
            }
            Some(None) => {
                section::empty(ui, "No good trace of this flow was kept to compare with.");
                touched = waterfall::ui(ui, trace, position, reveal, theme);
            }
            None => touched = waterfall::ui(ui, trace, position, reveal, theme),
        });
    // The span pointed at, or the one at the cursor, in full: below the rows, so that it covers none.
    if let Some(span) = touched
        .under
        .or(position)
        .and_then(|span| trace.spans.get(span))
    {
        let words = text::number(theme, waterfall::in_full(span), theme.palette.muted);
        ui.add(Label::new(words).wrap());
    }
    if let Some(span) = keys.to.or(touched.clicked) {
        cursor.at = Some(item(trace, span));
        state.dock.opened.inside = true;
        state.dock.trace = Some(trace.id);
    }
    let region = view.regions.iter().position(|r| *r == trace.region);
    let opened = touched.clicked.or(position.filter(|_| keys.enter));
    if let (Some(span), Some(region)) = (opened, region.and_then(|r| u16::try_from(r).ok()))
        && let Some(span) = trace.spans.get(span)
    {
        let service = span.service.clone();
        state.selection = Some(Selection { service, region });
    }
    if keys.back {
        state.dock.opened.inside = false;
        cursor.at = None;
    }
    let item = cursor.item(touched.under.map(|span| item(trace, span)));
    state.dock.item = item
        .or_else(|| Some(self::item(trace, culprit(trace))).filter(|_| state.dock.trace.is_some()));
    state.dock.cursor = cursor;
}

/// Traces on the other side of a queue: who handed this work over, and what this trace handed over.
fn links(ui: &mut Ui, lookup: &dyn Lookup, trace: &TraceRow, state: &mut State) {
    let known = matches!(&state.dock.opened.linked, Some((of, _)) if *of == trace.id);
    if !known {
        let from = trace.link.and_then(|id| lookup.trace(id));
        let all = from.into_iter().chain(lookup.handed_over(trace.id));
        state.dock.opened.linked = Some((trace.id, all.collect()));
    }
    let Some((of, linked)) = state.dock.opened.linked.take() else {
        return;
    };
    let mut open = None;
    if !linked.is_empty() {
        ui.horizontal_wrapped(|ui| {
            for other in &linked {
                let side = if trace.link == Some(other.id) {
                    "handed over by"
                } else {
                    "handed over"
                };
                let words = format!("{side} {} {}", other.flow, words::trace(other.id));
                if button(ui, &words, None, Weight::Normal).clicked() {
                    open = Some(other.clone());
                }
            }
        });
    }
    state.dock.opened.linked = Some((of, linked));
    if let Some(other) = open {
        state.dock.trace = Some(other.id);
        state.dock.cursor = cursor::Cursor::default();
        state.dock.opened.open(other);
    }
}

fn entry(ui: &mut Ui, view: &PlayerView, row: &TraceRow, open: bool, theme: &Theme) -> bool {
    let palette = theme.palette;
    let color = match (row.status.is_ok(), row.slow) {
        (false, _) => palette.failing,
        (true, true) => palette.degraded,
        (true, false) => palette.healthy,
    };
    let mono = || theme.mono(theme.size.small);
    let ink = if open { palette.accent } else { palette.text };
    let result = if row.slow {
        "slow".to_owned()
    } else {
        row.status.http().to_string()
    };
    let line = text::Line::default()
        .add(&view.clock(row.start_ns), mono(), palette.dim)
        .add(&format!("  {}  ", words::trace(row.id)), mono(), ink)
        .add(&format!("{:10} ", row.region), mono(), palette.muted)
        .add(&format!("{result:5}"), mono(), color)
        .add(
            &format!("{:>9}", format::duration(row.duration_ns / 1_000)),
            mono(),
            palette.text,
        )
        .add(&format!("  {} spans", row.spans.len()), mono(), palette.dim);
    let response = ui.add(Label::new(line.job()).truncate().sense(Sense::click()));
    response.widget_info(|| {
        let words = format!("Trace {}, {}, {result}", words::trace(row.id), row.region);
        WidgetInfo::selected(WidgetType::SelectableLabel, true, open, words)
    });
    response.clicked()
}
