//! Where the time of a flow's requests goes: now beside a time before.

use std::collections::BTreeSet;

use brownout_session::spent::{Spent, TimeSpent};
use brownout_session::view::PlayerView;
use egui::{Align2, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::super::super::format::{self, SECOND_NS};
use super::super::super::lookup::Lookup;
use super::super::super::state::State;
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Height of a row.
const ROW: f32 = 20.0;
/// Rows shown.
const SHOWN: usize = 24;
/// Width of a column of figures.
const FIGURES: f32 = 74.0;
/// Length of the time before, and how long before the page it ends.
const BEFORE_NS: u64 = 300 * SECOND_NS;
const CALM_NS: u64 = 600 * SECOND_NS;
/// Time now is the last so many seconds, unless a chart was zoomed.
const NOW_NS: u64 = 120 * SECOND_NS;

/// Both, as of a scrape and for a flow, region and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    of: (String, Option<String>, (u64, u64), (u64, u64)),
    scraped_ns: u64,
    before: TimeSpent,
    now: TimeSpent,
}

/// The two times: the one compared with, or calm life before the page; and what is zoomed to, or the last two minutes.
fn times(view: &PlayerView, state: &State) -> ((u64, u64), (u64, u64)) {
    let now = state
        .time
        .zoom
        .unwrap_or((view.now_ns.saturating_sub(NOW_NS), view.now_ns));
    let paged_ns = view.page.as_ref().map_or(view.now_ns, |page| page.at_ns);
    let end_ns = state.time.then_ns().map_or_else(
        || paged_ns.saturating_sub(CALM_NS),
        |then_ns| then_ns + BEFORE_NS / 2,
    );
    ((end_ns.saturating_sub(BEFORE_NS), end_ns), now)
}

/// Draws the table.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    flow: &str,
) {
    let theme = Theme::of(ui.ctx());
    let (before, now) = times(view, state);
    let region = super::super::region(view, state).map(str::to_owned);
    let of = (flow.to_owned(), region, before, now);
    let shown = &mut state.dock.opened.spent;
    // What moves with the clock is asked for at each scrape, not at each frame.
    let fresh = shown.as_ref().is_some_and(|shown| {
        shown.scraped_ns == view.scraped_ns
            && (&shown.of.0, &shown.of.1) == (&of.0, &of.1)
            && (state.time.zoom.is_none() || shown.of.3 == now)
            && shown.of.2 == before
    });
    if !fresh {
        let spent = |window| lookup.time_spent(flow, of.1.as_deref(), window);
        *shown = Some(Compared {
            before: spent(before),
            now: spent(now),
            of,
            scraped_ns: view.scraped_ns,
        });
    }
    if let Some(compared) = shown.as_ref() {
        table(ui, view, compared, &theme);
    }
}

fn table(ui: &mut Ui, view: &PlayerView, compared: &Compared, theme: &Theme) {
    let clock = |ns: u64| view.clock(ns)[..5].to_owned();
    let (before, now) = (compared.of.2, compared.of.3);
    let words = format!(
        "mean per request: {} at {}–{}, {} at {}–{}, from {} and {} kept traces · T compares with another time",
        format::duration(compared.before.duration_ns / 1_000),
        clock(before.0),
        clock(before.1),
        format::duration(compared.now.duration_ns / 1_000),
        clock(now.0),
        clock(now.1),
        compared.before.traces,
        compared.now.traces,
    );
    section::empty(ui, &words);
    let keys: BTreeSet<_> = compared
        .before
        .by
        .keys()
        .chain(compared.now.by.keys())
        .collect();
    let of = |spent: &TimeSpent, key| spent.by.get(key).copied().unwrap_or(0);
    let mut rows: Vec<_> = keys
        .into_iter()
        .map(|key| (key, of(&compared.before, key), of(&compared.now, key)))
        .collect();
    if rows.is_empty() {
        section::empty(ui, "No trace of this flow was kept in either time.");
        return;
    }
    rows.sort_by_key(|(_, before, now)| std::cmp::Reverse(now.abs_diff(*before)));
    let most = rows
        .iter()
        .map(|(_, before, now)| (*before).max(*now))
        .max();
    let most = most.unwrap_or(1).max(1);
    ScrollArea::vertical()
        .id_salt("time spent")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            head(ui, theme);
            for ((service, endpoint, what), before, now) in rows.into_iter().take(SHOWN) {
                let what = match what {
                    Spent::Own => "",
                    Spent::Worker => " · waits for workers",
                    Spent::Locks => " · waits for locks",
                };
                let name = format!("{service} {endpoint}{what}");
                row(ui, &name, (before, now), most, theme);
            }
        });
}

fn head(ui: &mut Ui, theme: &Theme) {
    let size = vec2(ui.available_width(), ROW);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let font = theme.sans(theme.size.tiny);
    for (index, title) in ["change", "now", "before"].into_iter().enumerate() {
        let at = pos2(right(rect.right(), index), rect.center().y);
        ui.painter().text(
            at,
            Align2::RIGHT_CENTER,
            title,
            font.clone(),
            theme.palette.dim,
        );
    }
}

/// Right edge of a column of figures, counted from the right.
fn right(edge: f32, index: usize) -> f32 {
    edge - 6.0 - FIGURES * f32::from(u8::try_from(index).unwrap_or(0))
}

#[expect(clippy::cast_precision_loss, reason = "a length on the screen")]
fn row(ui: &mut Ui, name: &str, (before, now): (u64, u64), most: u64, theme: &Theme) {
    let palette = theme.palette;
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let took = |ns: u64| format::duration(ns / 1_000);
    let (sign, apart) = if now >= before {
        ("+", now - before)
    } else {
        ("−", before - now)
    };
    let words = format!("{name}: {} before, {} now", took(before), took(now));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &words));
    // More than half as much again, and worth a millisecond.
    let grown = now > before + before / 2 && apart > 1_000_000;
    let ink = if grown { palette.failing } else { palette.text };
    let font = theme.mono(theme.size.small);
    let figures = [format!("{sign}{}", took(apart)), took(now), took(before)];
    for (index, figure) in figures.into_iter().enumerate() {
        let at = pos2(right(rect.right(), index), rect.center().y);
        let ink = if index == 0 { ink } else { palette.muted };
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, figure, font.clone(), ink);
    }
    let room = right(rect.right(), 3) - rect.left();
    let bar = |ns: u64, top: f32, color| {
        let length = room * (ns as f32 / most as f32);
        let bar = egui::Rect::from_min_size(pos2(rect.left(), rect.top() + top), vec2(length, 2.0));
        ui.painter().rect_filled(bar, 0, color);
    };
    bar(before, ROW - 5.0, palette.dim);
    bar(
        now,
        ROW - 3.0,
        if grown {
            palette.failing
        } else {
            palette.healthy
        },
    );
    let mut job = text::Line::default()
        .add(name, theme.sans(theme.size.small), palette.text)
        .job();
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.painter().layout_job(job);
    let elided = galley.elided;
    ui.painter()
        .galley(pos2(rect.left(), rect.top() + 1.0), galley, palette.text);
    if elided {
        response.on_hover_text(name);
    }
}
