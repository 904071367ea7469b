//! Versions and variables of the selected component across regions, and what a release changed.

use brownout_session::command::Look;
use brownout_session::reader::DiffView;
use brownout_session::view::PlayerView;
use egui::{
    CursorIcon, Label, Rect, Response, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use super::super::lookup::Lookup;
use super::super::state::State;
use super::cursor;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Height of a row.
const ROW: f32 = 24.0;
/// Share of the width for names.
const NAMES: f32 = 0.36;
/// Letters every region has room for.
const LEAST: usize = 14;

/// Draws the comparison.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let Some(service) = super::service(state).map(str::to_owned) else {
        super::pick(
            ui,
            view,
            state,
            "Select a component to compare its regions.",
        );
        return;
    };
    if state
        .dock
        .release
        .as_ref()
        .is_some_and(|(of, _)| *of != service)
    {
        state.dock.release = None;
    }
    ui.horizontal(|ui| {
        ui.label(text::name(&theme, &service));
        super::clear(ui, state);
    });
    let Some(diff) = lookup.diff(&service) else {
        section::empty(ui, "Nothing is known of its configuration.");
        return;
    };
    let rows = rows(&diff);
    let place = |look: &Option<Look>| match look {
        Some(Look::DiffRow {
            service: of,
            variable,
        }) if *of == service => rows.iter().position(|row| row.name == variable),
        _ => None,
    };
    let (_, free) = cursor::list(ui, state, ui.available_rect_before_wrap(), "Variables");
    let position = place(&state.dock.cursor.at);
    let mut cursor = std::mem::take(&mut state.dock.cursor);
    let keys = cursor.keys(ui, free, position, 0, rows.len());
    let (mut to, mut under) = (keys.to, None);
    let reveal = std::mem::take(&mut cursor.reveal);
    ScrollArea::vertical()
        .id_salt("diff")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let regions: Vec<&str> = diff.regions.iter().map(String::as_str).collect();
            ui.spacing_mut().item_spacing.y = 0.0;
            let shares = shares(&rows, regions.len());
            heads(ui, &regions, &shares, &theme);
            for (index, row) in rows.iter().enumerate() {
                let chosen = position == Some(index);
                let response = line(ui, row, &shares, chosen, &theme);
                if keys.to == Some(index) || reveal && chosen {
                    response.scroll_to_me(None);
                }
                if response.hovered() {
                    under = Some(index);
                }
                if response.clicked() {
                    to = Some(index);
                }
                if chosen {
                    whole(ui, row, &regions, &theme);
                }
            }
            ui.spacing_mut().item_spacing.y = theme.space.xs;
            if diff.variables.is_empty() {
                section::empty(ui, "It reads no variables.");
            }
            ui.add_space(theme.space.l);
            releases(ui, view, lookup, state, &service, &diff.versions, &theme);
        });
    let item = |index: usize| {
        rows.get(index).map(|row| Look::DiffRow {
            service: service.clone(),
            variable: row.name.to_owned(),
        })
    };
    if let Some(index) = to {
        // Another click on the same row closes it.
        let again = keys.to.is_none() && position == to;
        cursor.at = item(index).filter(|_| !again);
    }
    if keys.back {
        cursor.at = None;
    }
    state.dock.item = cursor.item(under.and_then(item));
    state.dock.cursor = cursor;
}

/// One thing across regions.
struct Row<'a> {
    name: &'a str,
    values: Vec<String>,
    differs: bool,
}

/// Versions first, then the variables, those that differ before the others.
fn rows(diff: &DiffView) -> Vec<Row<'_>> {
    let differ = |values: &[String]| values.windows(2).any(|pair| pair[0] != pair[1]);
    let mut all: Vec<Row<'_>> = diff
        .variables
        .iter()
        .chain(&diff.settings)
        .map(|(name, values)| {
            let plain: Vec<_> = values.iter().map(|v| v.as_ref().map(|(t, _)| t)).collect();
            let words = values.iter().map(|value| match value {
                Some((text, true)) => format!("{text} (overlay)"),
                Some((text, false)) => text.clone(),
                None => "not set".to_owned(),
            });
            Row {
                name,
                values: words.collect(),
                differs: plain.windows(2).any(|pair| pair[0] != pair[1]),
            }
        })
        .collect();
    all.sort_by_key(|row| !row.differs);
    all.insert(
        0,
        Row {
            name: "version",
            values: diff.versions.clone(),
            differs: differ(&diff.versions),
        },
    );
    all
}

/// Shares of the width that values of each region take: as much as their longest one needs, beside the others.
#[expect(clippy::cast_precision_loss, reason = "lengths of words")]
fn shares(rows: &[Row<'_>], regions: usize) -> Vec<f32> {
    let longest = |region: usize| {
        let lengths = rows.iter().filter_map(|row| row.values.get(region));
        let longest = lengths.map(|value| value.chars().count()).max();
        longest.unwrap_or(0).max(LEAST) as f32
    };
    let lengths: Vec<f32> = (0..regions).map(longest).collect();
    let all: f32 = lengths.iter().sum();
    lengths.into_iter().map(|length| length / all).collect()
}

/// Where the columns begin and how wide they are: the name, then a region each.
fn columns(rect: Rect, shares: &[f32]) -> impl Iterator<Item = (f32, f32)> {
    let mut left = rect.left() + rect.width() * NAMES;
    let all = rect.right() - left;
    shares.iter().map(move |share| {
        let column = (left, all * share - 8.0);
        left += all * share;
        column
    })
}

fn heads(ui: &mut Ui, regions: &[&str], shares: &[f32], theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let titles = columns(rect, shares).map(|(left, _)| left);
    let titles = titles.zip(regions.iter().copied());
    for (left, words) in std::iter::once((rect.left() + 6.0, "variable")).chain(titles) {
        let galley = ui.painter().layout_job(text::caption(theme, words));
        let at = pos2(left, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, theme.palette.dim);
    }
}

/// A row, its values cut to their columns.
fn line(ui: &mut Ui, row: &Row<'_>, shares: &[f32], chosen: bool, theme: &Theme) -> Response {
    let palette = theme.palette;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let differs = if row.differs { ", differs" } else { "" };
        let words = format!("{}: {}{differs}", row.name, row.values.join(", "));
        WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, words)
    });
    if chosen || response.hovered() || response.has_focus() {
        ui.painter()
            .rect_filled(rect, theme.radius.small, palette.hover);
    }
    if chosen {
        let edge = Rect::from_min_size(rect.min, vec2(2.0, rect.height()));
        ui.painter().rect_filled(edge, 0, palette.accent);
    }
    let ink = if row.differs {
        palette.degraded
    } else {
        palette.muted
    };
    let sign = if row.differs { "≠ " } else { "" };
    let name = format!("{sign}{}", row.name);
    let first = (rect.left() + 6.0, rect.width() * NAMES - 14.0);
    let cells = columns(rect, shares).zip(&row.values);
    for ((left, width), words) in std::iter::once((first, &name)).chain(cells) {
        let mut job = text::Line::default()
            .add(words, theme.mono(theme.size.small), ink)
            .job();
        job.wrap = egui::text::TextWrapping::truncate_at_width(width);
        let galley = ui.painter().layout_job(job);
        let at = pos2(left, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, ink);
    }
    response
}

/// The chosen row in full.
fn whole(ui: &mut Ui, row: &Row<'_>, regions: &[&str], theme: &Theme) {
    ui.add_space(theme.space.xs);
    section::card(ui, Some(theme.palette.accent), |ui| {
        ui.set_width(ui.available_width());
        ui.label(text::number(theme, row.name, theme.palette.text));
        for (region, value) in regions.iter().zip(&row.values) {
            let words = format!("{region}: {value}");
            ui.add(Label::new(text::number(theme, words, theme.palette.muted)).wrap());
        }
        ui.label(text::quiet(theme, "P pins it"));
    });
    ui.add_space(theme.space.xs);
}

fn releases(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    service: &str,
    running: &[String],
    theme: &Theme,
) {
    let logged = view
        .changes
        .iter()
        .filter(|change| change.service.as_deref() == Some(service))
        .filter_map(|change| change.version.as_ref());
    let mut versions: Vec<&String> = running.iter().chain(logged).collect();
    versions.sort();
    versions.dedup();
    section::title(ui, "Releases", |_| ());
    ui.horizontal_wrapped(|ui| {
        for version in versions {
            let open = state
                .dock
                .release
                .as_ref()
                .is_some_and(|(_, v)| v == version);
            if button(ui, version, None, Weight::Choice(open)).clicked() {
                state.dock.release = (!open).then(|| (service.to_owned(), version.clone()));
            }
        }
    });
    let Some((_, version)) = &state.dock.release else {
        section::empty(ui, "Open a version for its release note and patch.");
        return;
    };
    let Some(release) = lookup.release(service, version) else {
        section::empty(ui, "No release note was written.");
        return;
    };
    ui.add(Label::new(text::body(theme, &release.notes)).wrap());
    for (file, hunk) in &release.hunks {
        ui.add_space(theme.space.s);
        ui.label(text::quiet(theme, file));
        section::card(ui, None, |ui| {
            ui.set_width(ui.available_width());
            for line in hunk.lines() {
                let color = match line.as_bytes().first() {
                    Some(b'+') => theme.palette.healthy,
                    Some(b'-') => theme.palette.failing,
                    _ => theme.palette.muted,
                };
                ui.add(Label::new(text::number(theme, line, color)).wrap());
            }
        });
    }
}
