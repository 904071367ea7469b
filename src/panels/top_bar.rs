//! The bar at the top: what time it is, how bad it is, what is due, and the clock's controls.

use brownout_session::command::Status;
use brownout_session::view::PlayerView;
use egui::{Align, Color32, Layout, RichText, Ui};

use super::board;
use super::format;
use super::incident::is_narrow;
use super::intent::Intent;
use super::state::{Column, State};

use super::wait;
use crate::theme::{Theme, tint};
use crate::widgets::{button, mark, section, text};

/// Speeds offered.
const SPEEDS: [u32; 4] = [1, 2, 4, 10];
/// How far back the trend of the main flow looks.
const TREND_NS: u64 = 120 * format::SECOND_NS;
/// Below this change of the success share, in parts per million, the trend is steady.
const STEADY_PPM: u64 = 10_000;

/// Draws the bar.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.m;
        if !is_narrow(ui.ctx()) {
            ui.label(text::spaced(
                "BROWNOUT",
                theme.semibold(theme.size.small),
                theme.palette.muted,
                2.0,
            ));
        }
        clock(ui, view, &theme);
        status(ui, view, state, &theme);
        main_flow(ui, view, state, &theme);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = theme.space.xs;
            speeds(ui, view, state, intents);
            ui.add_space(theme.space.s);
            waiting(ui, view, state, intents);
            due(ui, view, state, &theme);
        });
    });
}

fn clock(ui: &mut Ui, view: &PlayerView, theme: &Theme) {
    let palette = theme.palette;
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs + 2.0;
        ui.label(
            RichText::new(view.clock(view.now_ns))
                .font(theme.mono(theme.size.heading))
                .color(palette.text),
        );
        if !is_narrow(ui.ctx()) {
            ui.label(text::number(theme, "UTC", palette.dim));
        }
    });
    if let Some(page) = &view.page {
        let since = format::span(view.now_ns.saturating_sub(page.at_ns));
        ui.label(text::number(theme, format!("T+{since}"), palette.muted))
            .on_hover_text("Time since the page");
    }
}

fn status(ui: &mut Ui, view: &PlayerView, state: &mut State, theme: &Theme) {
    let palette = theme.palette;
    match &view.severity {
        // The worst severity is not the colour of something merely degraded.
        Some(severity) => {
            let rank = view.severities.iter().position(|of| of.name == *severity);
            let color = match rank {
                Some(0) => palette.failing,
                Some(1) => palette.degraded,
                _ => palette.text,
            };
            section::chip(ui, severity, color)
        }
        None if view.page.is_some() => {
            let chip = button::button(ui, "SEV ?", Some("S"), button::Weight::Normal);
            let chip = chip.on_hover_text("No severity is declared: state the symptom");
            if chip.clicked() && !state.takes_keys() {
                state.column = Column::Board;
                board::open_symptom(view, state);
            }
            chip
        }
        None => section::chip(ui, "on call", palette.healthy),
    };
    if let Some(status) = view.status {
        section::chip(ui, status_word(status), palette.text);
    }
}

/// Status as a word.
const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Investigating => "investigating",
        Status::Identified => "identified",
        Status::Monitoring => "monitoring",
        Status::Resolved => "resolved",
    }
}

fn main_flow(ui: &mut Ui, view: &PlayerView, state: &State, theme: &Theme) {
    let Some(flow) = view.main_flow() else { return };
    let palette = theme.palette;
    let success = format::merged(&flow.regions).success_ppm;
    let color = success.map_or(palette.unknown, |share| {
        success_color(theme, share, view.objective_ppm)
    });
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs + 2.0;
        ui.label(text::body(theme, format!("{} success", flow.title)));
        let words = success.map_or_else(|| "no samples".to_owned(), format::share);
        ui.label(
            RichText::new(words)
                .font(theme.mono(theme.size.body + 1.0))
                .color(color),
        );
        let readings = &state.readings;
        let change = readings.success_ago(0).zip(readings.success_ago(TREND_NS));
        if !is_narrow(ui.ctx())
            && let Some(words) = change.and_then(|(now, before)| trend(ui, now, before, theme))
        {
            ui.label(text::quiet(theme, words));
        }
    });
    let failing = view.failing_per_minute();
    let color = if failing > 0 {
        palette.failing
    } else {
        palette.dim
    };
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = theme.space.xs + 2.0;
        ui.label(
            RichText::new(format::count(failing))
                .font(theme.mono(theme.size.body + 1.0))
                .color(color),
        );
        ui.label(text::quiet(theme, "failing/min"));
    });
}

/// Colour of a success share against its objective; the words beside it say the same.
#[must_use]
pub fn success_color(theme: &Theme, share_ppm: u64, objective_ppm: u64) -> Color32 {
    let palette = theme.palette;
    match share_ppm {
        share if share >= objective_ppm => palette.healthy,
        900_000.. => palette.degraded,
        _ => palette.failing,
    }
}

/// Paints which way a share goes and returns the change in words; `None` while it is steady.
fn trend(ui: &mut Ui, now_ppm: u64, before_ppm: u64, theme: &Theme) -> Option<String> {
    let change = now_ppm.abs_diff(before_ppm);
    if change < STEADY_PPM {
        return None;
    }
    let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, 10.0), egui::Sense::hover());
    // Better than a moment ago is not yet well: only worse has a colour.
    let (color, direction) = if now_ppm < before_ppm {
        (theme.palette.failing, mark::Direction::Down)
    } else {
        (theme.palette.muted, mark::Direction::Up)
    };
    mark::triangle(ui.painter(), rect.center(), 4.5, color, direction);
    Some(format!(
        "{}.{} points in {} min",
        change / 10_000,
        change / 1_000 % 10,
        TREND_NS / 60 / format::SECOND_NS
    ))
}

fn due(ui: &mut Ui, view: &PlayerView, state: &State, theme: &Theme) {
    let Some(due_ns) = view.update_due_ns else {
        return;
    };
    let palette = theme.palette;
    let late = due_ns <= view.now_ns;
    let left_ns = due_ns.abs_diff(view.now_ns);
    let soon = late || left_ns < 60 * format::SECOND_NS;
    let color = if late {
        palette.failing
    } else if soon {
        palette.degraded
    } else {
        palette.text
    };
    let words = match (late, is_narrow(ui.ctx()) || state.wait.running.is_some()) {
        (true, false) => "Update overdue by ",
        (true, true) => "Overdue by ",
        (false, false) => "Next update due in ",
        (false, true) => "Update in ",
    };
    let line = text::Line::default()
        .add(
            if late { "▲ " } else { "" },
            theme.medium(theme.size.small),
            color,
        )
        .add(
            words,
            theme.medium(theme.size.small),
            if late { palette.text } else { palette.muted },
        )
        .add(&format::span(left_ns), theme.mono(theme.size.body), color);
    let galley = ui.painter().layout_job(line.job());
    section::boxed(
        ui,
        galley,
        if late {
            tint(palette.failing, palette.surface, 0.22)
        } else {
            palette.raised
        },
        &format!("{words}{}", format::span(left_ns)),
    );
}

/// What is waited for; a click ends it.
fn waiting(ui: &mut Ui, view: &PlayerView, state: &State, intents: &mut Vec<Intent>) {
    let Some(until) = state.wait.running else {
        return;
    };
    let words = format!("Waiting for {}", wait::word(view, until));
    let response = button::button(ui, &words, Some("Esc"), button::Weight::Primary);
    if response.on_hover_text("Stop waiting").clicked() {
        intents.push(Intent::StopWaiting);
    }
}

/// Pause and speeds, right to left.
fn speeds(ui: &mut Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    for speed in SPEEDS.into_iter().rev() {
        let chosen = !state.clock.paused && state.clock.speed == speed;
        let response = button::button(
            ui,
            &format!("{speed}×"),
            None,
            button::Weight::Choice(chosen),
        );
        if response
            .on_hover_text(format!("{speed} times as fast as a wall clock"))
            .clicked()
        {
            intents.push(Intent::SetSpeed(speed));
        }
    }
    let choice = button::Weight::Choice(state.wait.running.is_some() || state.wait.menu.is_some());
    if button::button(ui, "Wait", Some("W"), choice)
        .on_hover_text("Run at 10× until something happens")
        .clicked()
        && view.page.is_some()
    {
        state.wait.menu = Some(wait::Menu::default());
    }
    if state.clock.may_pause && button::pause(ui, state.clock.paused).clicked() {
        intents.push(Intent::TogglePause);
    }
    if state.clock.paused
        && button::button(ui, "Paused", Some("Space"), button::Weight::Primary).clicked()
    {
        intents.push(Intent::TogglePause);
    }
}
