//! Kept traces of a flow: a list, and one as a waterfall.

use brownout_session::reader::TraceRow;
use brownout_session::view::PlayerView;
use egui::{Align2, Label, Rect, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::super::board::choice;
use super::super::format::{self, SECOND_NS};
use super::super::lookup::Lookup;
use super::super::state::{Selection, State};
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Height of a span's row.
const ROW: f32 = 20.0;
/// Share of the width for a span's name.
const NAMES: f32 = 0.36;

/// Draws list and waterfall.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let Some(flow) = super::flow(view, state).map(str::to_owned) else {
        section::empty(ui, "No flow has been measured yet.");
        return;
    };
    super::scope(ui, view, state, "Traces of users");
    let flows: Vec<(&str, &str)> = view
        .flows
        .iter()
        .map(|flow| (flow.name.as_str(), flow.title.as_str()))
        .collect();
    let mut chosen = flow.as_str();
    if choice::row(ui, "", &flows, &mut chosen) {
        state.dock.flow = Some(chosen.to_owned());
    }
    let kinds = [(true, "failed or slow"), (false, "good")];
    choice::row(ui, "", &kinds, &mut state.dock.failing);
    let Some(look) = super::look(view, state) else {
        return;
    };
    let fresh = matches!(&state.dock.traces, Some((of, at_ns, _)) if *of == look && *at_ns == view.scraped_ns);
    if !fresh {
        let from_ns = view.now_ns.saturating_sub(state.dock.window_s * SECOND_NS);
        let mut rows = lookup.traces(
            super::flow(view, state).unwrap_or(&flow),
            super::region(view, state),
            state.dock.failing,
            from_ns,
            view.now_ns,
        );
        rows.sort_by_key(|row| row.start_ns);
        state.dock.traces = Some((look, view.scraped_ns, rows));
    }
    let Some((_, _, rows)) = &state.dock.traces else {
        return;
    };
    if rows.is_empty() {
        section::empty(ui, "No trace of this kind was kept in this window.");
        return;
    }
    let mut open = state.dock.trace;
    let height = (ui.available_height() * 0.32).max(90.0);
    ui.add_space(theme.space.xs);
    ScrollArea::vertical()
        .id_salt("traces")
        .max_height(height)
        .auto_shrink([false, true])
        .show_rows(ui, 18.0, rows.len(), |ui, range| {
            let newest = rows.iter().rev();
            for row in newest.take(range.end).skip(range.start) {
                if entry(ui, view, row, open == Some(row.id), &theme) {
                    open = Some(row.id);
                }
            }
        });
    let trace = rows
        .iter()
        .find(|row| open == Some(row.id))
        .or_else(|| rows.last());
    let mut select = None;
    if let Some(trace) = trace {
        ui.add_space(theme.space.s);
        let title = format!(
            "Trace {:08x} · {} · {} in {}",
            trace.id,
            trace.region,
            trace.status.http(),
            format::duration(trace.duration_ns / 1_000)
        );
        section::title(ui, &title, |_| ());
        ScrollArea::vertical()
            .id_salt("waterfall")
            .auto_shrink([false, false])
            .show(ui, |ui| select = waterfall(ui, trace, &theme));
    }
    let region = trace.and_then(|trace| view.regions.iter().position(|r| *r == trace.region));
    if let (Some(service), Some(region)) = (select, region.and_then(|r| u16::try_from(r).ok())) {
        state.selection = Some(Selection { service, region });
    }
    state.dock.trace = open;
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
        .add(&format!("  {:08x}  ", row.id), mono(), ink)
        .add(&format!("{:10} ", row.region), mono(), palette.muted)
        .add(&format!("{result:5}"), mono(), color)
        .add(
            &format!("{:>9}", format::duration(row.duration_ns / 1_000)),
            mono(),
            palette.text,
        )
        .add(&format!("  {} spans", row.spans.len()), mono(), palette.dim);
    ui.add(Label::new(line.job()).truncate().sense(Sense::click()))
        .clicked()
}

/// Draws the spans; the service of the one clicked.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "screen coordinates"
)]
fn waterfall(ui: &mut Ui, trace: &TraceRow, theme: &Theme) -> Option<String> {
    let palette = theme.palette;
    let end_ns = trace
        .spans
        .iter()
        .map(|span| span.start_ns + span.duration_ns)
        .chain([trace.duration_ns])
        .max()
        .unwrap_or(1)
        .max(1);
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    for span in &trace.spans {
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        let painter = ui.painter();
        if response.hovered() {
            painter.rect_filled(rect, theme.radius.small, palette.hover);
        }
        let attempt = if span.attempt > 1 {
            format!(" #{}", span.attempt)
        } else {
            String::new()
        };
        let names = Rect::from_min_max(
            rect.min,
            pos2(rect.left() + rect.width() * NAMES, rect.bottom()),
        );
        let words = format!("{} {}{attempt}", span.service, span.endpoint);
        painter.with_clip_rect(names).text(
            pos2(rect.left() + 10.0 * f32::from(span.depth), rect.center().y),
            Align2::LEFT_CENTER,
            &words,
            theme.sans(theme.size.small),
            palette.text,
        );
        let left = names.right() + 8.0;
        let width = (rect.right() - left - 70.0).max(20.0);
        let share = |ns: u64| width * (ns as f64 / end_ns as f64) as f32;
        let bar = Rect::from_min_size(
            pos2(left + share(span.start_ns), rect.top() + 4.0),
            vec2(share(span.duration_ns).max(2.0), ROW - 8.0),
        );
        let color = if span.status.is_ok() {
            palette.healthy
        } else {
            palette.failing
        };
        painter.rect_filled(bar, 2, color.gamma_multiply(0.85));
        if span.wait_ns > 0 {
            let wait = Rect::from_min_size(bar.min, vec2(share(span.wait_ns), bar.height()));
            painter.rect_filled(wait.intersect(bar), 2, palette.degraded);
        }
        let result = if span.status.is_ok() {
            String::new()
        } else {
            format!("{} ", span.status.http())
        };
        let result = format!("{result}{}", format::duration(span.duration_ns / 1_000));
        painter.text(
            pos2(bar.right() + 6.0, rect.center().y),
            Align2::LEFT_CENTER,
            result,
            theme.mono(theme.size.tiny),
            palette.muted,
        );
        let instance = span.instance.as_deref().unwrap_or("no server span");
        let left_early = if span.abandoned {
            ", the caller left"
        } else {
            ""
        };
        let hover = format!(
            "{words} on {instance}, waited {} for a worker{left_early}",
            format::duration(span.wait_ns / 1_000)
        );
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &hover));
        if response.on_hover_text(hover).clicked() {
            clicked = Some(span.service.clone());
        }
    }
    clicked
}
