//! What is wrong with the files: a list to walk through, each finding leading to its line.

use brownout_scenario::Diagnostic;
use egui::{
    CursorIcon, Response, ScrollArea, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use super::{AuthorView, Standing, State, ink, sign};
use crate::theme::Theme;
use crate::widgets::{fade, section, text};

/// Most findings listed; nobody mends more at once.
const MOST: usize = 200;
/// Room for the sign of a finding in points.
const SIGN: f32 = 22.0;

/// Draws the list in all the room there is.
pub(super) fn ui(ui: &mut Ui, view: &AuthorView<'_>, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    section::title(ui, "Diagnostics", |ui| {
        if view.diagnostics.len() > 1 {
            ui.label(text::quiet(&theme, "↑ ↓ choose, Enter goes to the line"));
        }
    });
    if view.diagnostics.is_empty() {
        let words = match view.standing {
            Standing::Reading => "Reading the files …",
            _ => "No errors, no warnings: every truth of this scenario compiles.",
        };
        section::empty(ui, words);
        return;
    }
    let moved = std::mem::take(&mut state.found_moved);
    let mut jump = None;
    let shown = ScrollArea::vertical()
        .id_salt("diagnostics")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (index, found) in view.diagnostics.iter().take(MOST).enumerate() {
                let on = state.found == index;
                let response = row(ui, view, found, on, &theme);
                if on && moved {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    state.found = index;
                    jump = Some(index);
                }
            }
            let more = view.diagnostics.len().saturating_sub(MOST);
            if more > 0 {
                section::empty(ui, &format!("… and {more} more."));
            }
        });
    fade::lower_edge(ui, &shown, theme.palette.surface);
    if let Some(index) = jump {
        state.go_to_found(view, index);
    }
}

/// A finding over the whole width, in full.
fn row(
    ui: &mut Ui,
    view: &AuthorView<'_>,
    found: &Diagnostic,
    on: bool,
    theme: &Theme,
) -> Response {
    let palette = theme.palette;
    let width = ui.available_width();
    let file = view.files.iter().find(|file| file.name == found.file);
    let file = file.map_or(found.file.as_str(), |file| file.short());
    let place = format!("{file}:{}:{}", found.line, found.column);
    let small = theme.mono(theme.size.small);
    let body = theme.sans(theme.size.body);
    let mut line = text::Line::default()
        .add(
            &format!("{}  ", found.code),
            small.clone(),
            ink(&palette, found.severity),
        )
        .add(&format!("{place}  "), small, palette.muted)
        .add(&found.message, body.clone(), palette.text);
    if let Some(help) = &found.help {
        line = line.add(&format!("  {help}"), body, palette.muted);
    }
    let mut job = line.job();
    job.wrap.max_width = (width - SIGN - theme.space.s).max(40.0);
    let galley = ui.painter().layout_job(job);
    let size = vec2(width, galley.size().y + 6.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let words = format!("{} at {place}: {}", found.code, found.message);
        WidgetInfo::selected(WidgetType::SelectableLabel, true, on, words)
    });
    let painter = ui.painter();
    if on || response.hovered() || response.has_focus() {
        painter.rect_filled(rect, theme.radius.small, palette.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.5, palette.accent);
        painter.rect_stroke(rect, theme.radius.small, stroke, egui::StrokeKind::Inside);
    }
    let at = pos2(rect.left() + SIGN / 2.0, rect.top() + 12.0);
    sign(painter, &palette, at, found.severity);
    let at = rect.min + vec2(SIGN, 3.0);
    painter.galley(at, galley, palette.text);
    response
}
