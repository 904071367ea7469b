//! The whole run in one strip: errors of the main flow, with changes, the page and the responder's own actions as marks.

use brownout_session::view::PlayerView;
use egui::Ui;

use super::format;
use super::intent::Intent;
use super::main_flow;
use super::state::State;
use crate::theme::Theme;
use crate::widgets::chart::{self, Chart, Line};
use crate::widgets::{scale, text};

/// Height of the strip in points.
pub const HEIGHT: f32 = 120.0;

/// Draws the strip.
pub fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, _intents: &mut Vec<Intent>) {
    let theme = Theme::of(ui.ctx());
    let Some(flow) = view.main_flow() else { return };
    let name = format!("{} errors", flow.title);
    let highest = state
        .readings
        .errors
        .iter()
        .filter_map(|(_, reading)| *reading)
        .max()
        .unwrap_or(0);
    let line = Line {
        name: &name,
        color: theme.palette.failing,
        series: &state.readings.errors,
        filled: true,
    };
    let strip = Chart {
        name: "timeline",
        lines: &[line],
        window: (0, view.now_ns.max(1)),
        start_unix_s: view.start_unix_s,
        range: (0, scale::round_up(highest.max(20_000))),
        words: format::errors,
        level: None,
        marks: &main_flow::marks(view),
        named_marks: true,
        empty: "no samples yet: the first scrape is still to come",
        height: ui.available_height(),
    };
    ui.label(text::caption(&theme, &name));
    let strip = Chart {
        height: ui.available_height(),
        ..strip
    };
    chart::ui(ui, &strip, &mut None);
}
