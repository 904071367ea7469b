//! The incident: a topology to see, charts to read, and lists of what fired and what changed.

use brownout_session::view::PlayerView;
use egui::{
    Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use super::intent::Intent;
use super::lookup::Lookup;
use super::parts::Parts;
pub use super::parts::{is_narrow, is_wide};
use super::state::{Column, State};
use super::{
    board, dock, keys, page_banner, palette, selected, shared_time, timeline, top_bar, topology,
    wait, war_room,
};
use crate::theme::{Theme, veil};
use crate::widgets::part::part;
use crate::widgets::{section, text};

/// What the session is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// There is none.
    #[default]
    Idle,
    /// Ordinary life goes by quickly until the page comes.
    Hurrying,
    /// The incident, at the player's speed.
    Running,
    /// Over.
    Ended,
}

/// How the session stands, beside what the player knows of the incident.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Course<'a> {
    /// What it is doing.
    pub phase: Phase,
    /// Share of the way to the page, 0 to 1.
    pub progress: f32,
    /// Why the last command was refused.
    pub refusal: Option<&'a str>,
}

/// A panel of this screen.
type Panel = fn(&mut Ui, &PlayerView, &mut State, &mut Vec<Intent>);

/// Draws the whole screen.
pub fn ui(
    ui: &mut Ui,
    view: &PlayerView,
    lookup: &dyn Lookup,
    course: Course<'_>,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let theme = Theme::of(ui.ctx());
    if state.column == Column::Map && !is_narrow(ui.ctx()) {
        state.column = Column::Board;
    }
    let parts = Parts::of(ui.max_rect(), page_banner::shown(view), state.column);
    ground(ui, &parts, &theme);
    shared_time::begin(ui, view, lookup, state);
    if matches!(course.phase, Phase::Running) {
        wait::ui(ui, view, state, intents);
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
        if rect.is_positive() {
            part(ui, rect, margin, |ui| panel(ui, view, state, intents));
        }
    }
    part(ui, parts.dock, vec2(theme.space.m, theme.space.s), |ui| {
        dock::ui(ui, view, lookup, state, intents);
    });
    let margin = vec2(theme.space.m, theme.space.s);
    part(ui, parts.tabs, margin, |ui| {
        keys::column_tabs(ui, view, state);
    });
    if parts.beside.is_positive() {
        both_columns(ui, &parts, view, lookup, state, intents);
    } else if parts.column.is_positive() {
        part(ui, parts.column, margin, |ui| match state.column {
            Column::Board | Column::Map => board::ui(ui, view, lookup, state, intents),
            Column::WarRoom => war_room::ui(ui, view, lookup, state, intents),
        });
    }
    if parts.banner.is_positive() {
        part(ui, parts.banner, Vec2::splat(theme.space.s), |ui| {
            let free = !state.takes_keys() && !ui.ctx().egui_wants_keyboard_input();
            page_banner::ui(ui, view, free, intents);
        });
    }
    if matches!(course.phase, Phase::Running) {
        palette::ui(ui, view, lookup, state, intents);
        keys::resolve(ui, view, state, intents);
        keys::take(ui, view, lookup, state, intents);
        keys::watch(ui, view, state, intents);
    }
    match course.phase {
        Phase::Hurrying => briefing(ui, &parts, &theme, view, course.progress),
        Phase::Ended => notice(ui, &parts, &theme, "The incident is over"),
        Phase::Idle | Phase::Running => {
            if let Some(refusal) = course.refusal {
                notice(ui, &parts, &theme, refusal);
            }
        }
    }
}

/// Draws board and war room beside each other. Where something is being written in both, keys belong to the one turned to
/// last; what is written in the other waits, out of sight of keys, until this is done.
fn both_columns(
    ui: &mut Ui,
    parts: &Parts,
    view: &PlayerView,
    lookup: &dyn Lookup,
    state: &mut State,
    intents: &mut Vec<Intent>,
) {
    let space = Theme::of(ui.ctx()).space;
    let margin = vec2(space.m, space.s);
    let before = (state.board.busy(), state.composer.is_some());
    let (mut board_waits, mut composer_waits) = (None, None);
    if before == (true, true) {
        if state.column == Column::WarRoom {
            board_waits = Some(state.board.set_aside());
        } else {
            composer_waits = state.composer.take();
        }
    }
    part(ui, parts.column, margin, |ui| {
        board::ui(ui, view, lookup, state, intents);
    });
    part(ui, parts.beside, margin, |ui| {
        war_room::ui(ui, view, lookup, state, intents);
    });
    // What was opened just now is what the player turned to.
    let opened_board = state.board.busy() && (!before.0 || board_waits.is_some());
    let opened_composer = state.composer.is_some() && (!before.1 || composer_waits.is_some());
    if opened_board {
        state.column = Column::Board;
    } else if opened_composer {
        state.column = Column::WarRoom;
    }
    // What waited comes back as it was, even where the same was just opened anew: nothing written is lost.
    if let Some(waits) = board_waits {
        state.board = waits;
    }
    if composer_waits.is_some() {
        state.composer = composer_waits;
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
    for rect in [
        parts.dock,
        parts.banner,
        parts.tabs,
        parts.column,
        parts.beside,
    ] {
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
    let place = if parts.topology.is_positive() {
        parts.topology
    } else {
        parts.dock
    };
    let at = place.center_bottom() - vec2(size.x / 2.0, size.y + theme.space.m);
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
fn briefing(ui: &Ui, parts: &Parts, theme: &Theme, view: &PlayerView, progress: f32) {
    let palette = theme.palette;
    let middle = if is_narrow(ui.ctx()) {
        parts.dock
    } else {
        Rect::from_min_max(parts.dock.min, parts.timeline.right_top())
    };
    let width = 560.0_f32.min(middle.width() - 2.0 * theme.space.xl);
    let at = pos2(
        middle.center().x - width / 2.0,
        middle.top() + theme.space.xl * 3.0,
    );
    let floating = egui::Area::new(egui::Id::new("briefing")).fixed_pos(at);
    ui.painter()
        .rect_filled(middle, 0, veil(palette.canvas, 0.86));
    floating.show(ui.ctx(), |ui| {
        ui.set_width(width);
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
