//! Versions and variables of the selected component across regions, and what a release changed.

use brownout_session::view::PlayerView;
use egui::{Grid, Label, ScrollArea, Ui};

use super::super::lookup::Lookup;
use super::super::state::State;
use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::{section, text};

/// Draws the comparison.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, lookup: &dyn Lookup, state: &mut State) {
    let theme = Theme::of(ui.ctx());
    let palette = theme.palette;
    let Some(service) = super::service(state).map(str::to_owned) else {
        section::empty(ui, "Select a component to compare its regions.");
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
    ui.label(text::name(&theme, &service));
    let Some(diff) = lookup.diff(&service) else {
        section::empty(ui, "Nothing is known of its configuration.");
        return;
    };
    ScrollArea::vertical()
        .id_salt("diff")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            Grid::new("variables")
                .striped(true)
                .spacing(vec_of(theme.space.l, theme.space.s))
                .show(ui, |ui| {
                    ui.label(text::caption(&theme, "variable"));
                    for region in &diff.regions {
                        ui.label(text::caption(&theme, region));
                    }
                    ui.end_row();
                    ui.label(text::body(&theme, "version"));
                    for version in &diff.versions {
                        ui.label(text::number(&theme, version, palette.text));
                    }
                    ui.end_row();
                    for (variable, values) in &diff.variables {
                        let plain: Vec<_> =
                            values.iter().map(|v| v.as_ref().map(|(t, _)| t)).collect();
                        let differs = plain.windows(2).any(|pair| pair[0] != pair[1]);
                        let ink = if differs {
                            palette.degraded
                        } else {
                            palette.muted
                        };
                        let sign = if differs { "≠ " } else { "" };
                        ui.label(text::number(&theme, format!("{sign}{variable}"), ink));
                        for value in values {
                            let words = match value {
                                Some((text, true)) => format!("{text} (overlay)"),
                                Some((text, false)) => text.clone(),
                                None => "not set".to_owned(),
                            };
                            ui.label(text::number(&theme, words, ink));
                        }
                        ui.end_row();
                    }
                });
            if diff.variables.is_empty() {
                section::empty(ui, "It reads no variables.");
            }
            ui.add_space(theme.space.l);
            releases(ui, view, lookup, state, &service, &diff.versions, &theme);
        });
}

const fn vec_of(x: f32, y: f32) -> egui::Vec2 {
    egui::Vec2 { x, y }
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
