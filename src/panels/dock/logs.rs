//! Log lines of the selected component.

use brownout_session::view::PlayerView;
use brownout_telemetry::logs::Level;
use egui::{Key, Label, ScrollArea, Sense, TextEdit, Ui};

use super::super::board::choice;
use super::super::format::SECOND_NS;
use super::super::lookup::Lookup;
use super::super::state::State;
use super::Tab;
use crate::theme::Theme;
use crate::widgets::{field, section, text};

/// Draws the lines, newest at the foot.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let Some(service) = super::service(state).map(str::to_owned) else {
        section::empty(ui, "Select a component to read its log.");
        return;
    };
    super::scope(ui, view, state, &service);
    let Some(look) = super::look(view, state) else {
        return;
    };
    let fresh = matches!(&state.dock.logs, Some((of, at_ns, _)) if *of == look && *at_ns == view.scraped_ns);
    if !fresh {
        let from_ns = view.now_ns.saturating_sub(state.dock.window_s * SECOND_NS);
        let rows = lookup.logs(&service, super::region(view, state), from_ns, view.now_ns);
        state.dock.logs = Some((look, view.scraped_ns, rows));
    }
    let typing = ui.ctx().egui_wants_keyboard_input();
    let edit = TextEdit::singleline(&mut state.dock.filter)
        .id_salt("log filter")
        .hint_text("only lines with ... (/)")
        .margin(choice::FIELD)
        .desired_width(f32::INFINITY);
    let response = field::add(ui, "Only lines with", edit);
    if !typing && ui.input(|input| input.key_pressed(Key::Slash)) {
        response.request_focus();
    }
    let filter = state.dock.filter.to_lowercase();
    let Some((_, _, rows)) = &state.dock.logs else {
        return;
    };
    let shown: Vec<_> = rows
        .iter()
        .filter(|row| {
            filter.is_empty()
                || row.text.to_lowercase().contains(&filter)
                || row.instance.contains(&filter)
                || row.level.word().to_lowercase().contains(&filter)
        })
        .collect();
    let words = format!("{} of {} lines", shown.len(), rows.len());
    ui.label(text::number(&theme, words, palette.dim));
    if rows.is_empty() {
        section::empty(ui, "This component has written nothing in this window.");
        return;
    }
    let short = |instance: &'_ str| {
        let rest = instance.strip_prefix(service.as_str()).unwrap_or(instance);
        rest.trim_start_matches('-').to_owned()
    };
    let mut follow = None;
    ScrollArea::both()
        .id_salt("logs")
        .auto_shrink([false, false])
        .stick_to_bottom(true)
        .show_rows(ui, 18.0, shown.len(), |ui, range| {
            for row in shown.iter().take(range.end).skip(range.start) {
                let color = match row.level {
                    Level::Info => palette.healthy,
                    Level::Warn => palette.degraded,
                    Level::Error => palette.failing,
                };
                let mono = || theme.mono(theme.size.small);
                let line = text::Line::default()
                    .add(&view.clock(row.at_ns), mono(), palette.dim)
                    .add(&format!(" {:5} ", row.level.word()), mono(), color)
                    .add(&format!("{} ", short(&row.instance)), mono(), palette.muted)
                    .add(&row.text, mono(), palette.text);
                let line = if row.trace == 0 {
                    line
                } else {
                    line.add(
                        &format!("  trace={:08x}", row.trace),
                        mono(),
                        palette.accent,
                    )
                };
                let label = Label::new(line.job()).extend().sense(Sense::click());
                if ui.add(label).clicked() && row.trace != 0 {
                    follow = Some(row.trace);
                }
            }
        });
    if let Some(trace) = follow {
        state.dock.tab = Tab::Traces;
        state.dock.trace = Some(trace);
    }
}
