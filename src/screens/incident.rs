//! The incident: a topology to see, charts to read, and lists of what fired and what changed.

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_session::view::PlayerView;
use egui::{
    Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use super::{Draw, PanelState, Wishes, part};
use crate::app::{Bridge, Phase, Screen, Stage};
use crate::panels::intent::Intent;
use crate::panels::lookup::{Blank, Lookup};
use crate::panels::state::{ClockState, Column, State as Panels};
use crate::panels::{
    board, dock, keys, page_banner, palette, selected, timeline, top_bar, topology, wait, war_room,
};
use crate::theme::Theme;
use crate::widgets::{section, text};

/// Height of the top bar in points.
const TOP_BAR: f32 = 44.0;
/// Height of the selected component's figures in points.
const SELECTED: f32 = 196.0;

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        EguiPrimaryContextPass,
        draw.in_set(Draw).run_if(in_state(Screen::Incident)),
    );
}

/// Parts of the screen, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Parts {
    top_bar: Rect,
    banner: Rect,
    topology: Rect,
    selected: Rect,
    dock: Rect,
    column: Rect,
    timeline: Rect,
}

impl Parts {
    /// Divides the window: topology at the left, the dock in the middle, board or war room at the right, the run at the
    /// bottom.
    fn of(screen: Rect, banner: bool) -> Self {
        let rect = |left: f32, top: f32, right: f32, bottom: f32| {
            Rect::from_min_max(pos2(left, top), pos2(right, bottom))
        };
        let top = screen.top() + TOP_BAR;
        let column_top = top + if banner { page_banner::HEIGHT } else { 0.0 };
        let body_bottom = screen.bottom() - timeline::HEIGHT;
        let column = (screen.width() * 0.26).round().clamp(300.0, 480.0);
        let left = (screen.width() * 0.38).round();
        let middle = screen.right() - column;
        Self {
            top_bar: rect(screen.left(), screen.top(), screen.right(), top),
            banner: rect(middle, top, screen.right(), column_top),
            topology: rect(screen.left(), top, left, body_bottom - SELECTED),
            selected: rect(screen.left(), body_bottom - SELECTED, left, body_bottom),
            dock: rect(left, top, middle, body_bottom),
            column: rect(middle, column_top, screen.right(), body_bottom),
            timeline: rect(screen.left(), body_bottom, screen.right(), screen.bottom()),
        }
    }

    /// Parts with an opaque ground: all but the topology, which the engine draws below egui.
    const fn opaque(&self) -> [Rect; 5] {
        [
            self.top_bar,
            self.selected,
            self.dock,
            self.column,
            self.timeline,
        ]
    }
}

fn draw(
    mut contexts: EguiContexts,
    bridge: Res<Bridge>,
    mut panels: ResMut<PanelState>,
    mut stage: ResMut<Stage>,
    mut wishes: ResMut<Wishes>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    let view = Arc::clone(bridge.view());
    let (paused, speed) = bridge.clock();
    let state = &mut panels.0;
    state.clock = ClockState {
        paused,
        speed,
        may_pause: true,
    };
    state.wait.running = bridge.waiting();
    state.wait.notice = bridge.notice().map(str::to_owned);
    if state.readings.to_ns != bridge.readings().to_ns {
        state.readings.clone_from(bridge.readings());
    }
    screen(&mut ui, &view, state, &bridge, &mut wishes.0);
    stage.view = Some(view);
    stage.layout.clone_from(&state.topology.layout);
    stage.area = state.topology.area;
    stage.screen = ui.max_rect().size();
    stage.selection.clone_from(&state.selection);
    stage.alpha = 1.0;
    stage.lanes = true;
    let speed = f32::from(u16::try_from(speed).unwrap_or(1));
    stage.pace = if paused || bridge.phase() == Phase::Ended {
        0.0
    } else {
        speed.sqrt()
    };
    Ok(())
}

/// A panel of this screen.
type Panel = fn(&mut Ui, &PlayerView, &mut Panels, &mut Vec<Intent>);

fn screen(
    ui: &mut Ui,
    view: &PlayerView,
    state: &mut Panels,
    bridge: &Bridge,
    wishes: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    let parts = Parts::of(ui.max_rect(), page_banner::shown(view));
    let reader = bridge.reader();
    let lookup: &dyn Lookup = match &reader {
        Some(reader) => reader,
        None => &Blank,
    };
    ground(ui, &parts, &theme);
    if matches!(bridge.phase(), Phase::Running) {
        wait::ui(ui, view, state, wishes);
    }
    let margin = vec2(theme.space.l, theme.space.m);
    let panels: [(Rect, Vec2, Panel); 4] = [
        (parts.topology, Vec2::ZERO, topology::ui),
        (parts.top_bar, vec2(theme.space.l, 0.0), top_bar::ui),
        (parts.selected, margin, selected::ui),
        (
            parts.timeline,
            vec2(theme.space.l, theme.space.s),
            timeline::ui,
        ),
    ];
    for (rect, margin, panel) in panels {
        part(ui, rect, margin, |ui| panel(ui, view, state, wishes));
    }
    part(ui, parts.dock, vec2(theme.space.l, theme.space.s), |ui| {
        dock::ui(ui, view, lookup, state, wishes);
    });
    part(ui, parts.column, vec2(theme.space.m, theme.space.s), |ui| {
        keys::column_tabs(ui, view, state);
        ui.add_space(theme.space.s);
        match state.column {
            Column::Board => board::ui(ui, view, lookup, state, wishes),
            Column::WarRoom => war_room::ui(ui, view, lookup, state, wishes),
        }
    });
    if parts.banner.is_positive() {
        part(ui, parts.banner, Vec2::splat(theme.space.s), |ui| {
            page_banner::ui(ui, view, wishes);
        });
    }
    if matches!(bridge.phase(), Phase::Running) {
        palette::ui(ui, view, lookup, state, wishes);
        keys::resolve(ui, view, state, wishes);
        keys::take(ui, view, lookup, state, wishes);
        keys::watch(ui, view, state, wishes);
    }
    match bridge.phase() {
        Phase::Hurrying => briefing(ui, &parts, &theme, view, bridge.progress()),
        Phase::Ended => notice(ui, &parts, &theme, "The incident is over"),
        Phase::Idle | Phase::Running => {
            if let Some(refusal) = bridge.refusal() {
                notice(ui, &parts, &theme, refusal);
            }
        }
    }
}

/// Grounds and hairlines.
fn ground(ui: &Ui, parts: &Parts, theme: &Theme) {
    let palette = theme.palette;
    for rect in parts.opaque().into_iter().chain([parts.banner]) {
        ui.painter().rect_filled(rect, 0, palette.surface);
    }
    let line = Stroke::new(1.0, palette.line);
    for rect in [parts.selected, parts.timeline] {
        ui.painter().hline(rect.x_range(), rect.top() + 0.5, line);
    }
    // Until the page is answered, the bar carries its colour.
    let bar = if parts.banner.is_positive() {
        Stroke::new(2.0, palette.failing)
    } else {
        line
    };
    ui.painter()
        .hline(parts.top_bar.x_range(), parts.top_bar.bottom() - 0.5, bar);
    for rect in [parts.dock, parts.banner, parts.column] {
        ui.painter().vline(rect.left() + 0.5, rect.y_range(), line);
    }
}

/// A line over the foot of the topology.
fn notice(ui: &Ui, parts: &Parts, theme: &Theme, words: &str) {
    let palette = theme.palette;
    let galley = ui.painter().layout_no_wrap(
        words.to_owned(),
        theme.medium(theme.size.body),
        palette.text,
    );
    let size = galley.size() + vec2(2.0 * theme.space.l, 2.0 * theme.space.s);
    let at = parts.topology.center_bottom() - vec2(size.x / 2.0, size.y + theme.space.m);
    let card = Rect::from_min_size(at, size);
    ui.painter()
        .rect_filled(card, theme.radius.large, palette.hover);
    ui.painter().rect_stroke(
        card,
        theme.radius.large,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    ui.painter().galley(
        card.left_top() + vec2(theme.space.l, theme.space.s),
        galley,
        palette.text,
    );
}

/// What there is to know before the page, while ordinary life goes by.
fn briefing(ui: &mut Ui, parts: &Parts, theme: &Theme, view: &PlayerView, progress: f32) {
    let palette = theme.palette;
    let middle = parts.dock.union(parts.column);
    let width = 560.0_f32.min(middle.width() - 2.0 * theme.space.xl);
    let at = pos2(
        middle.center().x - width / 2.0,
        middle.top() + theme.space.xl * 3.0,
    );
    let builder =
        egui::UiBuilder::new().max_rect(Rect::from_min_size(at, vec2(width, middle.height())));
    ui.painter()
        .rect_filled(middle, 0, palette.canvas.gamma_multiply(0.86));
    ui.scope_builder(builder, |ui| {
        section::card(ui, Some(palette.accent), |ui| {
            ui.set_width(ui.available_width());
            ui.add_space(theme.space.s);
            ui.label(text::caption(theme, "Briefing"));
            ui.label(
                RichText::new(&view.title)
                    .font(theme.semibold(theme.size.heading))
                    .color(palette.text),
            );
            ui.add_space(theme.space.s);
            for paragraph in view.briefing.split("\n\n") {
                ui.add(Label::new(text::body(theme, paragraph)).wrap());
                ui.add_space(theme.space.s);
            }
            ui.label(text::quiet(
                theme,
                "Ordinary life goes by until you are paged.",
            ));
            ui.add_space(theme.space.xs);
            let (track, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(WidgetType::ProgressIndicator, true, "Time until the page")
            });
            ui.painter().rect_filled(track, 2, palette.line);
            let done =
                Rect::from_min_size(track.min, vec2(track.width() * progress, track.height()));
            ui.painter().rect_filled(done, 2, palette.accent);
            ui.add_space(theme.space.s);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts cover the window and none lies over another, at both reference sizes and with and without a page.
    #[test]
    fn parts_tile_the_window() {
        for (width, height) in [(1440.0, 900.0), (1920.0, 1080.0)] {
            for banner in [false, true] {
                let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height));
                let parts = Parts::of(screen, banner);
                let mut all = parts.opaque().to_vec();
                all.extend([parts.banner, parts.topology]);
                let covered: f32 = all.iter().map(Rect::area).sum();
                assert!((covered - screen.area()).abs() < 1.0, "{covered}");
                assert!(all.iter().all(|rect| screen.contains_rect(*rect)));
                assert!(parts.dock.height() > 240.0);
            }
        }
    }
}
