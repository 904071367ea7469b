//! Log lines of the selected component: a query, counts to filter by, the lines or their patterns, one line in full.

mod book;
pub(super) mod detail;
mod facets;
mod line;
mod patterns;
mod query;
mod shorten;

use brownout_session::command::Look;
use brownout_session::reader::LogRow;
use brownout_session::view::PlayerView;
use brownout_telemetry::logs::Level;
use egui::{
    Align2, Color32, Event, Key, Rect, ScrollArea, TextEdit, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use super::super::board::choice;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::{Tab, cursor, hold};
use crate::theme::{Palette, Theme};
use crate::widgets::{query_field, section};

pub use book::Book;
use query::{Field, Query, Term, completion};

/// Height of a line.
const ROW: f32 = 18.0;

/// Draws the tab, newest lines at the foot.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let Some(service) = super::service(state).map(str::to_owned) else {
        super::pick(ui, view, state, "Select a component to read its log.");
        return;
    };
    super::scope(ui, view, state, &service);
    let Some(look) = super::look(view, state) else {
        return;
    };
    let window = super::window(view, state);
    let reading = state.dock.cursor.at.is_some();
    let zoom = state.time.zoom;
    let held = state.dock.hold.holds(reading) && state.dock.logs.is_of(&look, zoom);
    if !held && !state.dock.logs.holds(&look, zoom, view.scraped_ns) {
        let rows = lookup.logs(&service, super::region(view, state), window.0, window.1);
        state.dock.logs.fill((look, zoom), view.scraped_ns, rows);
    }
    // What has been written since the lines were held.
    let since_ns = state.dock.logs.scraped_ns();
    let new = if zoom.is_none() && since_ns < view.scraped_ns {
        let region = super::region(view, state);
        lookup.logs(&service, region, since_ns, view.now_ns).len()
    } else {
        0
    };
    bar(ui, state, &theme);
    state.dock.logs.filter(window);
    facets::ui(ui, state, &service, super::region(view, state), &theme);
    let list = ui.available_rect_before_wrap();
    state.dock.hold.watch(ui, list);
    if held && hold::follow_key(ui, state, "Log lines") {
        state.dock.cursor = cursor::Cursor::default();
        state.dock.hold.follow();
    }
    if state.dock.logs.rows.is_empty() {
        section::empty(ui, "This component has written nothing in this window.");
        return;
    }
    if state.dock.logs.shown.is_empty() {
        section::empty(
            ui,
            "No line fits the query. Click a condition again to drop it.",
        );
        return;
    }
    if state.dock.logs.grouped {
        patterns::ui(ui, view, state, &theme);
    } else {
        lines(ui, view, state, &service, held, &theme);
    }
    if held && hold::chip(ui, list, new, "line") {
        state.dock.cursor = cursor::Cursor::default();
        state.dock.hold.follow();
    }
}

/// A severity's colour.
const fn color(level: Level, palette: &Palette) -> Color32 {
    match level {
        Level::Info => palette.healthy,
        Level::Warn => palette.degraded,
        Level::Error => palette.failing,
    }
}

/// The query bar. `/` goes there, Esc leaves, Tab takes the completion.
fn bar(ui: &mut Ui, state: &mut State, theme: &Theme) {
    let typing = ui.ctx().egui_wants_keyboard_input();
    let free = !typing && !state.takes_keys();
    let book = &mut state.dock.logs;
    let names: Vec<&str> = book
        .instances
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let id = ui.id().with("log query");
    let focused = ui.memory(|memory| memory.has_focus(id));
    if focused
        && let Some(rest) = completion(&book.query, &names)
        && ui.input(|input| input.key_pressed(Key::Tab))
    {
        book.query.push_str(&rest);
        query_field::to_end(ui, id, &book.query);
    }
    let edit = TextEdit::singleline(&mut book.query)
        .id(id)
        .hint_text("level:error  instance:…  -word  \"several words\"    ( / )")
        .font(theme.mono(theme.size.small))
        .margin(choice::FIELD)
        .desired_width(f32::INFINITY);
    let shown = edit.show(ui);
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Query of the log lines"));
    let more = completion(&book.query, &names).filter(|_| focused);
    if focused {
        query_field::keep_keys(ui, id, more.is_some());
    }
    if let Some(rest) = more {
        let at = pos2(
            shown.galley_pos.x + shown.galley.size().x,
            shown.response.rect.center().y,
        );
        let painter = ui.painter();
        let ghost = painter.text(
            at,
            Align2::LEFT_CENTER,
            rest,
            theme.mono(theme.size.small),
            theme.palette.dim,
        );
        painter.text(
            ghost.right_center() + vec2(theme.space.s, 0.0),
            Align2::LEFT_CENTER,
            "Tab",
            theme.sans(theme.size.tiny),
            theme.palette.dim,
        );
    }
    let pressed = |key: Key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
    if free && ui.input(|input| input.key_pressed(Key::Slash)) {
        shown.response.request_focus();
    } else if free && pressed(Key::G) {
        state.dock.logs.grouped ^= true;
    }
}

/// An instance without its service's name.
fn short<'a>(instance: &'a str, service: &str) -> &'a str {
    let rest = instance.strip_prefix(service).unwrap_or(instance);
    rest.trim_start_matches('-')
}

/// An instance as it is told from the others: by its number alone where all lines are of one region.
fn brief(instance: &str, service: &str, region: Option<&str>) -> String {
    let name = short(instance, service);
    match region.and_then(|region| name.strip_prefix(region)) {
        Some(number) => format!("#{}", number.trim_start_matches('-')),
        None => name.to_owned(),
    }
}

/// A line as a look. The region is what stands between the service and the number of the instance.
fn item(service: &str, row: &LogRow) -> Look {
    let rest = short(&row.instance, service);
    let region = rest.rsplit_once('-').map_or(rest, |(region, _)| region);
    Look::LogLine {
        service: service.to_owned(),
        region: region.to_owned(),
        instance: row.instance.clone(),
        at_ns: row.at_ns,
        text: row.text.clone(),
    }
}

/// Whether a look is at this line.
fn is(look: &Look, row: &LogRow) -> bool {
    matches!(look, Look::LogLine { instance, at_ns, text, .. }
        if *at_ns == row.at_ns && *instance == row.instance && *text == row.text)
}

/// The lines, one row each, and the one at the cursor in full below.
fn lines(
    ui: &mut Ui,
    view: &PlayerView,
    state: &mut State,
    service: &str,
    held: bool,
    theme: &Theme,
) {
    let book = &state.dock.logs;
    let rows: Vec<&LogRow> = book.shown.iter().map(|&index| &book.rows[index]).collect();
    let region = super::region(view, state);
    let at = state.dock.cursor.at.clone();
    let position = at
        .as_ref()
        .and_then(|look| rows.iter().position(|row| is(look, row)));
    let below = if position.is_some() {
        detail::HEIGHT
    } else {
        0.0
    };
    // Whole rows: none is cut at the head while the list stands at its end.
    let height = ((ui.available_height() - below) / ROW).floor() * ROW;
    let area = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
    let (_, free) = cursor::list(ui, state, area, "Log lines");
    let last = rows.len() - 1;
    let mut cursor = state.dock.cursor.clone();
    let keys = cursor.keys(ui, free, position, last, rows.len());
    let mut to = keys.to;
    let reveal = std::mem::take(&mut cursor.reveal);
    let mut follow = (keys.enter).then_some(position).flatten();
    let (mut under, mut drawn) = (None, false);
    let mut scroll = ScrollArea::vertical()
        .id_salt("logs")
        .max_height(height)
        .auto_shrink([false, false])
        .stick_to_bottom(!held);
    if let Some(row) = to.or(position.filter(|_| reveal)) {
        scroll = scroll.vertical_scroll_offset(offset(row, height));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let scrolled = scroll.show_rows(ui, ROW, rows.len(), |ui, range| {
        for index in range {
            let Some(row) = rows.get(index) else { break };
            drawn = true;
            let chosen = position == Some(index) && to.is_none() || to == Some(index);
            let instance = brief(&row.instance, service, region);
            let response = line::ui(ui, view, row, &instance, chosen, theme);
            if response.hovered() {
                under = Some(index);
            }
            if response.clicked() {
                to = Some(index);
            }
            if response.double_clicked() {
                follow = Some(index);
            }
        }
    });
    if !drawn {
        // Fewer lines than a moment ago: the list finds its end in the next frame.
        ui.ctx().request_repaint();
    }
    if let Some((index, row)) = to.and_then(|index| Some((index, *rows.get(index)?))) {
        cursor.at = Some(item(service, row));
        // The line in full takes the foot of the list: one clicked there would be covered by it.
        let below = offset(index + 1, 0.0) - scrolled.state.offset.y;
        cursor.reveal |= position.is_none() && below > height - detail::HEIGHT;
    }
    let here = to.or(position).and_then(|index| rows.get(index)).copied();
    state.dock.item = cursor.item(
        under
            .and_then(|i| rows.get(i))
            .map(|row| item(service, row)),
    );
    let mut follow = follow
        .and_then(|index| rows.get(index))
        .map(|row| row.trace);
    let mut closed = keys.back && position.is_some();
    let (mut wanted, mut around) = (None, false);
    if let Some(row) = here.filter(|_| position.is_some()) {
        let asked = detail::ui(ui, view, row, theme);
        let copy = free && ui.input(|input| input.events.contains(&Event::Copy));
        if asked.copy || copy {
            ui.ctx().copy_text(detail::copied(view, row));
        }
        follow = asked.trace.then_some(row.trace).or(follow);
        closed |= asked.close;
        if asked.around {
            // The same line among all others.
            around = true;
            cursor.reveal = true;
        }
        wanted = asked.pattern.then(|| query::pattern(&row.text));
    }
    if closed {
        cursor.at = None;
    }
    state.dock.cursor = cursor;
    if around {
        state.dock.logs.query.clear();
    }
    if let Some(pattern) = wanted {
        let term = Term::of(Field::Pattern, &pattern);
        state.dock.logs.query = Query::parse(&state.dock.logs.query).toggled(term);
    }
    if let Some(trace) = follow.filter(|trace| *trace != 0) {
        state.dock.tab = Tab::Traces;
        state.dock.trace = Some(trace);
        state.dock.cursor = cursor::Cursor::default();
    }
}

/// Scroll offset that brings a row into the middle of a list.
#[expect(clippy::cast_precision_loss, reason = "screen coordinates")]
fn offset(row: usize, height: f32) -> f32 {
    (row as f32 * ROW - height / 2.0).max(0.0)
}
