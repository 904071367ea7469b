//! Counts by severity and instance: a click asks for one of them, another takes it back.

use brownout_telemetry::logs::ACCESS_SAMPLE;
use egui::{Color32, Ui, vec2};

use super::super::super::format;
use super::super::super::state::State;
use super::brief;
use super::query::{Field, Query, Term};
use crate::theme::Theme;
use crate::widgets::badge::badge;
use crate::widgets::button::{Weight, button};
use crate::widgets::text;

/// Instances offered.
const INSTANCES: usize = 8;

/// Draws how many lines fit, then severities, then instances, each with its count.
pub(super) fn ui(
    ui: &mut Ui,
    state: &mut State,
    service: &str,
    region: Option<&str>,
    theme: &Theme,
) {
    let book = &mut state.dock.logs;
    let query = Query::parse(&book.query);
    let (mut toggled, mut grouped) = (None, book.grouped);
    ui.spacing_mut().item_spacing.y = theme.space.xs;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme.space.xs, theme.space.xs);
        let words = format!(
            "{} of {}",
            format::count(book.shown.len() as u64),
            format::count(book.rows.len() as u64)
        );
        ui.label(text::number(theme, words, theme.palette.muted))
            .on_hover_text("Lines that fit the query, of all lines in the window");
        let sample = format!("· successes: 1 in {ACCESS_SAMPLE}");
        ui.label(text::quiet(theme, sample)).on_hover_text(
            "Every failure is logged as far as the quota goes; of the requests that succeeded, a sample by trace",
        );
        if button(ui, "Patterns", Some("G"), Weight::Choice(grouped)).clicked() {
            grouped ^= true;
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme.space.xs, theme.space.xs);
        let mut facet = |ui: &mut Ui, term: Term, words: &str, count: u32, ink: Option<Color32>| {
            let count = format::count(u64::from(count));
            if badge(ui, words, &count, query.has(&term), ink).clicked() {
                toggled = Some(term);
            }
        };
        for (level, count) in &book.levels {
            let ink = super::color(*level, &theme.palette);
            let term = Term::of(Field::Level, level.word());
            facet(ui, term, level.word(), *count, Some(ink));
        }
        for (name, count) in book.instances.iter().take(INSTANCES) {
            let term = Term::of(Field::Instance, name);
            facet(ui, term, &brief(name, service, region), *count, None);
        }
    });
    book.grouped = grouped;
    if let Some(term) = toggled {
        book.query = query.toggled(term);
    }
}
