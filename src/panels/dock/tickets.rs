//! Reports of customers, the latest first, and from each to its request.

use brownout_session::command::Look;
use brownout_session::outside::TicketRow;
use brownout_session::view::PlayerView;
use brownout_telemetry::tickets::Channel;
use egui::{Label, ScrollArea, Ui};

use super::super::format;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::{Tab, cursor};
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Draws the list.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.label(text::name(&theme, "What customers say"));
        super::back(ui, view, state);
    });
    ui.add_space(theme.space.xs);
    let look = Look::Tickets {
        window_s: state.dock.window_s,
    };
    let fresh = matches!(&state.dock.tickets, Some((of, at_ns, _)) if *of == look && *at_ns == view.scraped_ns);
    if !fresh {
        let (from_ns, to_ns) = super::window(view, state);
        let mut rows = lookup.tickets(from_ns);
        rows.retain(|row| row.at_ns <= to_ns);
        state.dock.tickets = Some((look, view.scraped_ns, rows));
    }
    let Some((look, at_ns, rows)) = state.dock.tickets.take() else {
        return;
    };
    if rows.is_empty() {
        section::empty(
            ui,
            "Nobody has written in this time. Most of those something happens to never do, and the others take some minutes.",
        );
    } else {
        list(ui, view, lookup, state, &rows, &theme);
    }
    state.dock.tickets = Some((look, at_ns, rows));
}

fn list(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    rows: &[TicketRow],
    theme: &Theme,
) {
    let palette = theme.palette;
    let latest: Vec<&TicketRow> = rows.iter().rev().collect();
    let (_, free) = cursor::list(ui, state, ui.available_rect_before_wrap(), "Reports");
    let position = match &state.dock.cursor.at {
        Some(Look::Ticket { number }) => latest.iter().position(|row| row.number == *number),
        _ => None,
    };
    let mut cursor = std::mem::take(&mut state.dock.cursor);
    let keys = cursor.keys(ui, free, position, 0, latest.len());
    let (mut to, mut under, mut open) = (keys.to, None, None);
    let reveal = std::mem::take(&mut cursor.reveal);
    ScrollArea::vertical()
        .id_salt("tickets")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for (index, row) in latest.iter().enumerate() {
                let chosen = position == Some(index);
                let edge = chosen.then_some(palette.accent);
                let words = format!("Report: {}", row.text);
                let response = section::clickable(ui, edge, &words, |ui| {
                    ui.set_min_width(ui.available_width());
                    ui.horizontal(|ui| {
                        let clock = view.clock(row.at_ns);
                        ui.label(text::number(theme, &clock[..5], palette.muted));
                        ui.label(text::quiet(theme, from(row)));
                        let ago = format::ago(view.now_ns.saturating_sub(row.at_ns));
                        ui.label(text::quiet(theme, ago));
                    });
                    ui.add(Label::new(text::body(theme, &row.text)).wrap());
                    if let Some(id) = row.trace.filter(|_| chosen) {
                        let words = "Their request";
                        if button(ui, words, Some("Enter"), Weight::Normal).clicked() || keys.enter
                        {
                            open = Some(id);
                        }
                    }
                });
                if response.hovered() {
                    under = Some(index);
                }
                if response.clicked() && !chosen {
                    to = Some(index);
                }
                if keys.to == Some(index) || reveal && chosen {
                    response.scroll_to_me(None);
                }
            }
        });
    let item = |index: usize| {
        latest
            .get(index)
            .map(|row| Look::Ticket { number: row.number })
    };
    if let Some(index) = to {
        cursor.at = item(index);
    }
    if keys.back {
        cursor.at = None;
    }
    state.dock.item = cursor.item(under.and_then(item));
    state.dock.cursor = cursor;
    if let Some(trace) = open.and_then(|id| lookup.trace(id)) {
        state.dock.flow = Some(trace.flow.clone());
        state.dock.trace = Some(trace.id);
        state.dock.opened.open(trace);
        state.dock.tab = Tab::Traces;
    }
}

/// Where a report comes from.
fn from(row: &TicketRow) -> String {
    match row.channel {
        Channel::Social => "in public".to_owned(),
        Channel::Support => {
            let segment = row.segment.as_deref().map(|name| format!(", {name}"));
            let region = row.region.as_deref().unwrap_or("somewhere");
            format!("to support, {region}{}", segment.unwrap_or_default())
        }
    }
}
