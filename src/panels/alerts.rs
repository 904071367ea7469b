//! Alerts: firing ones first, then ended ones.

use brownout_session::view::{AlertView, PlayerView};
use egui::{Align, Label, Layout, Sense, Ui, vec2};

use super::format;
use super::intent::Intent;
use super::state::State;
use crate::theme::Theme;
use crate::widgets::{mark, section, text};

/// Draws the list; who shows it lets it scroll.
pub fn ui(ui: &mut Ui, view: &PlayerView, _state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let firing = view
        .alerts
        .iter()
        .filter(|alert| alert.until_ns.is_none())
        .count();
    section::title(ui, "Alerts", |ui| {
        let color = if firing > 0 {
            theme.palette.failing
        } else {
            theme.palette.dim
        };
        ui.label(text::number(&theme, format!("{firing} firing"), color));
    });
    if view.alerts.is_empty() {
        section::empty(
            ui,
            "Nothing has fired. Rules watch the main flow and its components in every region.",
        );
        return;
    }
    for alert in &view.alerts {
        row(ui, view, alert, &theme);
    }
}

fn row(ui: &mut Ui, view: &PlayerView, alert: &AlertView, theme: &Theme) {
    let palette = theme.palette;
    let ended = alert.until_ns.is_some();
    let color = match (ended, alert.pages) {
        (true, _) => palette.dim,
        (false, true) => palette.failing,
        (false, false) => palette.degraded,
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.s;
        let (sign, _) = ui.allocate_exact_size(vec2(12.0, 20.0), Sense::hover());
        if ended {
            ui.painter()
                .circle_stroke(sign.center(), 3.5, egui::Stroke::new(1.2, color));
        } else if alert.pages {
            mark::triangle(ui.painter(), sign.center(), 5.5, color, mark::Direction::Up);
        } else {
            mark::diamond(ui.painter(), sign.center(), 5.0, color);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let when = match alert.until_ns {
                Some(until_ns) => format!(
                    "ended {}",
                    format::ago(view.now_ns.saturating_sub(until_ns))
                ),
                None => format::span(view.now_ns.saturating_sub(alert.since_ns)),
            };
            ui.label(text::number(theme, when, palette.dim));
            if !ended {
                ui.label(text::number(theme, reading(alert), color));
            }
            let ink = if ended { palette.muted } else { palette.text };
            let name = text::Line::default()
                .add(&alert.name, theme.medium(theme.size.body), ink)
                .add(
                    &format!("  {}", alert.region),
                    theme.sans(theme.size.small),
                    palette.muted,
                );
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(name.job()).truncate())
            });
        });
    });
}

/// The reading that set an alert off, in its unit.
fn reading(alert: &AlertView) -> String {
    match alert.unit {
        "ppm" => format::share(alert.reading),
        "µs" => format::duration(alert.reading),
        "m/s" => format::rate(alert.reading),
        unit => format!("{} {unit}", format::count(alert.reading)),
    }
}
