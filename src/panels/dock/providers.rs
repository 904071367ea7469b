//! Providers: what their status pages say, and have said.

use brownout_session::command::Look;
use brownout_session::outside::{ProviderRow, says};
use brownout_session::view::PlayerView;
use brownout_sim::world::PageState;
use egui::{ScrollArea, Sense, Ui, vec2};

use super::super::format;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::cursor;
use crate::theme::Theme;
use crate::widgets::{mark, section, text};
use brownout_session::view::Health;

/// Draws a card for each.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    ui.label(text::name(&theme, "What providers say of themselves"));
    section::empty(
        ui,
        "Their word, late and rarely worse than it has to be. What your calls to them see is under Metrics.",
    );
    ui.add_space(theme.space.xs);
    let fresh = matches!(&state.dock.providers, Some((_, at_ns, _)) if *at_ns == view.scraped_ns);
    if !fresh {
        state.dock.providers = Some((Look::Providers, view.scraped_ns, lookup.status_pages()));
    }
    let Some((look, at_ns, rows)) = state.dock.providers.take() else {
        return;
    };
    if rows.is_empty() {
        section::empty(ui, "Everything in this system is run by your own people.");
    } else {
        cards(ui, view, state, &rows, &theme);
    }
    state.dock.providers = Some((look, at_ns, rows));
}

fn cards(ui: &mut Ui, view: &PlayerView, state: &mut State, rows: &[ProviderRow], theme: &Theme) {
    let (_, free) = cursor::list(ui, state, ui.available_rect_before_wrap(), "Status pages");
    let position = match &state.dock.cursor.at {
        Some(Look::StatusPage { service }) => rows.iter().position(|row| row.service == *service),
        _ => None,
    };
    let mut cursor = std::mem::take(&mut state.dock.cursor);
    let keys = cursor.keys(ui, free, position, 0, rows.len());
    let (mut to, mut under) = (keys.to, None);
    let reveal = std::mem::take(&mut cursor.reveal);
    ScrollArea::vertical()
        .id_salt("providers")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for (index, row) in rows.iter().enumerate() {
                let chosen = position == Some(index);
                let edge = chosen.then_some(theme.palette.accent);
                let words = format!("Status page of {}", row.service);
                let response =
                    section::clickable(ui, edge, &words, |ui| card(ui, view, row, theme));
                if response.hovered() {
                    under = Some(index);
                }
                if response.clicked() {
                    to = Some(index);
                }
                if keys.to == Some(index) || reveal && chosen {
                    response.scroll_to_me(None);
                }
            }
        });
    let item = |index: usize| {
        let row = rows.get(index).filter(|row| !row.history.is_empty());
        row.map(|row| Look::StatusPage {
            service: row.service.clone(),
        })
    };
    if let Some(index) = to {
        cursor.at = item(index).filter(|_| position != to);
    }
    if keys.back {
        cursor.at = None;
    }
    state.dock.item = cursor.item(under.and_then(item));
    state.dock.cursor = cursor;
}

fn card(ui: &mut Ui, view: &PlayerView, row: &ProviderRow, theme: &Theme) {
    ui.set_min_width(ui.available_width());
    ui.horizontal(|ui| {
        ui.label(text::name(theme, &row.service));
        ui.label(text::quiet(theme, &row.owner));
        if let Some(host) = &row.host {
            ui.label(text::number(theme, host, theme.palette.muted));
        }
    });
    if row.history.is_empty() {
        ui.label(text::quiet(theme, "publishes no status page"));
        return;
    }
    // The latest first; what it said before is part of what it is worth.
    for (index, (since_ns, state)) in row.history.iter().rev().enumerate() {
        ui.horizontal(|ui| {
            let (health, ink) = match state {
                PageState::Operational => (Health::Healthy, theme.palette.healthy),
                PageState::Degraded => (Health::Degraded, theme.palette.degraded),
                PageState::Outage => (Health::Failing, theme.palette.failing),
            };
            let (sign, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
            mark::health(ui.painter(), &theme.palette, sign.center(), 5.0, health);
            let ink = if index == 0 { ink } else { theme.palette.muted };
            ui.label(text::body(theme, says(*state)).color(ink));
            let clock = view.clock(*since_ns);
            let ago = format::ago(view.now_ns.saturating_sub(*since_ns));
            ui.label(text::quiet(theme, format!("since {}, {ago}", &clock[..5])));
        });
    }
}
