//! An affected trace beside a good one: a row per call, what each took, and what differs.

use brownout_session::reader::{SpanRow, TraceRow};
use brownout_session::view::PlayerView;
use egui::{Align2, Color32, Label, Ui, pos2};

use super::super::super::format;
use super::super::super::lookup::Lookup;
use super::super::super::words;
use super::align::{Difference, align};
use super::waterfall::{self, Touched};
use crate::theme::Theme;
use crate::widgets::text;

/// Share of the width for a call's name.
const NAMES: f32 = 0.44;

/// The newest good trace of a flow: of the same region, or else of any.
pub(super) fn good(lookup: &dyn Lookup, view: &PlayerView, of: &TraceRow) -> Option<TraceRow> {
    let newest = |region: Option<&str>| {
        let all = lookup.traces(&of.flow, region, false, 0, view.now_ns);
        let others = all.into_iter().filter(|trace| trace.id != of.id);
        others.max_by_key(|trace| (trace.start_ns, trace.id))
    };
    newest(Some(&of.region)).or_else(|| newest(None))
}

/// Draws both; positions are of the affected trace's spans.
pub(super) fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    affected: &TraceRow,
    healthy: &TraceRow,
    chosen: Option<usize>,
    theme: &Theme,
) -> Touched {
    let palette = theme.palette;
    let place = if healthy.region == affected.region {
        healthy.region.clone()
    } else {
        format!("{}, none is kept in {}", healthy.region, affected.region)
    };
    let beside = format!(
        "beside good trace {} of {} in {place}",
        words::trace(healthy.id),
        view.clock(healthy.start_ns)
    );
    ui.add(Label::new(text::quiet(theme, beside)).wrap());
    let mut touched = Touched::default();
    ui.spacing_mut().item_spacing.y = 0.0;
    let (head, _) = ui.allocate_exact_size(
        egui::vec2(ui.available_width(), waterfall::ROW),
        egui::Sense::hover(),
    );
    let columns = |left: f32, right: f32| {
        let width = (right - left) / 3.0;
        [left + width, left + 2.0 * width, right - 6.0]
    };
    let names = head.left() + head.width() * NAMES;
    for (at, title) in
        columns(names, head.right())
            .into_iter()
            .zip(["affected", "good", "difference"])
    {
        ui.painter().text(
            pos2(at, head.center().y),
            Align2::RIGHT_CENTER,
            title,
            theme.sans(theme.size.tiny),
            palette.dim,
        );
    }
    for pair in align(&affected.spans, &healthy.spans) {
        let (a, h) = (
            pair.affected.map(|index| &affected.spans[index]),
            pair.healthy.map(|index| &healthy.spans[index]),
        );
        let Some(span) = a.or(h) else { continue };
        let difference = pair.difference(&affected.spans, &healthy.spans);
        let (sign, ink) = mark(difference, theme);
        let name = waterfall::name(span);
        let cells = [took(a), took(h), apart(difference, a, h)];
        let full = format!(
            "{name}: affected {}, good {}, {}",
            cells[0], cells[1], cells[2]
        );
        let on = pair.affected.is_some() && pair.affected == chosen;
        let (rect, response) = waterfall::row(ui, &full, on, theme);
        let words = format!("{sign}{name}");
        let left = waterfall::label(ui, rect, pair.depth, &words, NAMES, theme);
        let inks = [
            a.map_or(palette.dim, |span| result_ink(span, theme)),
            h.map_or(palette.dim, |span| result_ink(span, theme)),
            ink,
        ];
        for ((at, words), ink) in columns(left, rect.right())
            .into_iter()
            .zip(&cells)
            .zip(inks)
        {
            ui.painter().text(
                pos2(at, rect.center().y),
                Align2::RIGHT_CENTER,
                words,
                theme.mono(theme.size.small),
                ink,
            );
        }
        if response.hovered() {
            touched.under = pair.affected;
        }
        if response.clicked() {
            touched.clicked = pair.affected;
        }
    }
    touched
}

fn result_ink(span: &SpanRow, theme: &Theme) -> Color32 {
    if span.status.is_ok() {
        theme.palette.muted
    } else {
        theme.palette.failing
    }
}

/// What a call took, with its result if it failed.
fn took(span: Option<&SpanRow>) -> String {
    span.map_or_else(
        || "–".to_owned(),
        |span| {
            let time = format::duration(span.duration_ns / 1_000);
            if span.status.is_ok() {
                time
            } else {
                format!("{} {time}", span.status.http())
            }
        },
    )
}

/// How far both are apart.
fn apart(difference: Difference, a: Option<&SpanRow>, h: Option<&SpanRow>) -> String {
    match (difference, a, h) {
        (Difference::Extra | Difference::Aside, ..) => "only here".to_owned(),
        (Difference::Missing, ..) => "not called here".to_owned(),
        (_, Some(a), Some(h)) => {
            let sign = if a.duration_ns < h.duration_ns {
                "−"
            } else {
                "+"
            };
            let us = a.duration_ns.abs_diff(h.duration_ns) / 1_000;
            if us < 1_000 {
                return "none".to_owned();
            }
            format!("{sign}{}", format::duration(us))
        }
        _ => String::new(),
    }
}

/// Sign and colour of a difference.
const fn mark(difference: Difference, theme: &Theme) -> (&'static str, Color32) {
    let palette = &theme.palette;
    match difference {
        Difference::None => ("", palette.dim),
        Difference::Extra => ("+ ", palette.failing),
        Difference::Missing => ("− ", palette.muted),
        Difference::Aside => ("+ ", palette.muted),
        Difference::Result | Difference::Slower => ("≠ ", palette.failing),
        Difference::Faster => ("", palette.healthy),
    }
}
