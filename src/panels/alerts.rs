//! Alerts: firing ones first, then ended ones.

use brownout_session::view::{AlertView, PlayerView};
use egui::{Align, CursorIcon, Label, Layout, Response, Sense, Ui, WidgetInfo, WidgetType, vec2};

use super::format;
use super::intent::Intent;
use super::state::State;
use crate::theme::Theme;
use crate::widgets::{mark, section, text};

/// Height of an alert in points, with the gap below.
const ROW: f32 = 24.0;
/// Height of the title in points.
const TITLE: f32 = 44.0;

/// Draws the list; who shows it lets it scroll.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
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
    for alert in ordered(view) {
        let of = (alert.name.clone(), alert.region.clone());
        let open = state.open_alert.as_ref() == Some(&of);
        let response = row(ui, view, alert, &theme);
        if alert.runbook.is_empty() {
            continue;
        }
        let words = format!("Runbook of {}, {}", alert.name, alert.region);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &words));
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if response.on_hover_text("What the runbook says").clicked() {
            state.open_alert = (!open).then_some(of);
        }
        if open {
            runbook(ui, alert, &theme);
        }
    }
}

/// The steps of a runbook: what to look at and whom to ask, written on a quiet day.
fn runbook(ui: &mut Ui, alert: &AlertView, theme: &Theme) {
    section::card(ui, None, |ui| {
        ui.set_min_width(ui.available_width());
        for (index, step) in alert.runbook.iter().enumerate() {
            let words = format!("{}. {step}", index + 1);
            ui.add(Label::new(text::body(theme, words)).wrap());
        }
    });
}

/// Height all alerts take, in points, with their title.
#[must_use]
pub fn height(view: &PlayerView) -> f32 {
    let rows = u16::try_from(view.alerts.len().max(1)).unwrap_or(u16::MAX);
    TITLE + ROW * f32::from(rows)
}

/// The greatest height within a height that cuts no alert.
#[must_use]
pub fn whole(height: f32) -> f32 {
    TITLE + ((height - TITLE) / ROW).floor().max(1.0) * ROW
}

/// Firing ones that wake somebody, then other firing ones, each the oldest first; then ended ones, the latest first.
fn ordered(view: &PlayerView) -> Vec<&AlertView> {
    let mut all: Vec<&AlertView> = view.alerts.iter().collect();
    all.sort_by_key(|alert| match alert.until_ns {
        None => (0, !alert.pages, alert.since_ns),
        Some(until_ns) => (1, false, u64::MAX - until_ns),
    });
    all
}

fn row(ui: &mut Ui, view: &PlayerView, alert: &AlertView, theme: &Theme) -> Response {
    let palette = theme.palette;
    let ended = alert.until_ns.is_some();
    let color = match (ended, alert.pages) {
        (true, _) => palette.dim,
        (false, true) => palette.failing,
        (false, false) => palette.degraded,
    };
    let shown = ui.horizontal(|ui| {
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
    let place = ui
        .id()
        .with(("alert", &alert.name, &alert.region, alert.since_ns));
    let sense = if alert.runbook.is_empty() {
        Sense::hover()
    } else {
        Sense::click()
    };
    ui.interact(shown.response.rect, place, sense)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What wakes somebody and has not ended comes first, however late it began.
    #[test]
    fn what_pages_comes_first() {
        let of = |name: &str, since_ns, until_ns, pages| AlertView {
            name: name.to_owned(),
            region: "eu-west".to_owned(),
            since_ns,
            until_ns,
            pages,
            runbook: Vec::new(),
            reading: 0,
            unit: "ppm",
        };
        let mut view = crate::panels::sample::calm();
        view.alerts = vec![
            of("ended", 1, Some(5), true),
            of("late ticket", 9, None, false),
            of("early ticket", 2, None, false),
            of("page", 8, None, true),
        ];
        let names: Vec<_> = ordered(&view).iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["page", "early ticket", "late ticket", "ended"]);
    }
}
