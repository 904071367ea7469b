//! Lines a query of the logs finds, the latest at the foot.

use brownout_session::view::PlayerView;
use brownout_telemetry::logql::Found;
use egui::{Label, RichText, ScrollArea, Ui};

use super::super::super::format;
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Draws what was found and how much of it.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, found: &Found, theme: &Theme) {
    if found.entries.is_empty() {
        section::empty(ui, "No line fits in this window.");
        return;
    }
    let shown = found.entries.len() as u64;
    let mut words = format!("{} lines", format::count(found.matched));
    if found.matched > shown {
        words = format!("{words}, the latest {} shown", format::count(shown));
    }
    if found.suppressed > 0 {
        let more = format::count(found.suppressed);
        words = format!(
            "{words} · {more} more of these streams were not kept: too many of a kind in a second"
        );
    }
    section::empty(ui, &words);
    let height = theme.size.small + theme.space.xs;
    ui.spacing_mut().interact_size.y = height;
    ScrollArea::vertical()
        .id_salt("lines of the query")
        .auto_shrink([false, false])
        .stick_to_bottom(true)
        .show_rows(ui, height, found.entries.len(), |ui, rows| {
            for entry in found.entries.get(rows).unwrap_or_default() {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = theme.space.s;
                    let mono = |words: &str| {
                        RichText::new(words.to_owned()).font(theme.mono(theme.size.small))
                    };
                    let clock = view.clock(entry.at_ns);
                    ui.label(mono(&clock).color(theme.palette.muted));
                    let line = Label::new(mono(&entry.text).color(theme.palette.text)).truncate();
                    let labels = entry.labels.to_string();
                    ui.add(line).on_hover_text(text::quiet(theme, labels));
                });
            }
        });
}
