//! How the whole is: flows, charts of the main flow, alerts.

use brownout_session::view::PlayerView;
use egui::{ScrollArea, Ui, vec2};

use super::super::intent::Intent;
use super::super::state::State;
use super::super::{alerts, flows, main_flow};

/// Below this height in points the overview scrolls.
const LOW: f32 = 480.0;
/// Height of a row of the table of flows, of what stands above it, and of the least that is shown of alerts, in points.
const ROW: f32 = 21.0;
const HEAD: f32 = 60.0;
const ALERTS: f32 = 100.0;
/// Height of the charts in an overview that scrolls, in points.
const CHARTS: f32 = 260.0;

/// Flows, then charts of the main flow, then alerts; a low dock scrolls.
pub(super) fn ui(ui: &mut Ui, view: &PlayerView, state: &mut State, intents: &mut Vec<Intent>) {
    let rows = view.flows.len() * view.regions.len();
    let table = f32::from(u16::try_from(rows).unwrap_or(u16::MAX)) * ROW;
    if ui.available_height() < LOW.max(table + HEAD + CHARTS + ALERTS) {
        ScrollArea::vertical()
            .id_salt("overview")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                flows::ui(ui, view, state, intents);
                ui.add_space(12.0);
                charts(ui, CHARTS, view, state, intents);
                ui.add_space(8.0);
                alerts::ui(ui, view, state, intents);
            });
        return;
    }
    flows::ui(ui, view, state, intents);
    ui.add_space(12.0);
    let alerts_height = alerts::height(view).clamp(80.0, ui.available_height() * 0.38);
    let height = ui.available_height() - alerts_height - 12.0;
    charts(ui, height, view, state, intents);
    ui.add_space(8.0);
    ScrollArea::vertical()
        .id_salt("alerts of the overview")
        .max_height(alerts::whole(ui.available_height()))
        .auto_shrink([false, false])
        .show(ui, |ui| alerts::ui(ui, view, state, intents));
}

fn charts(
    ui: &mut Ui,
    height: f32,
    view: &PlayerView,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
        ui.set_max_height(height);
        main_flow::ui(ui, view, state, intents);
    });
}
