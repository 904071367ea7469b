//! The library: a card for every scenario found, with its real system as a thumbnail.

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_scenario::compiled::Scenario;
use brownout_session::journal::Header;
use brownout_session::view::PlayerView;
use egui::{
    CursorIcon, Key, Label, Painter, Rect, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, WidgetType, pos2, vec2,
};

use super::Draw;
use crate::app::{Bridge, Journal, Screen, Stage};
use crate::panels::topology::layout::{LabelType, layout};
use crate::theme::Theme;
use crate::widgets::{button, section, text};

/// A scenario on the shelf.
struct Entry {
    scenario: Arc<Scenario>,
    header: Header,
    /// The system on an ordinary day, for its picture.
    view: PlayerView,
}

/// All scenarios found.
#[derive(Resource, Default)]
struct Shelf {
    entries: Vec<Entry>,
    chosen: usize,
}

/// Least width of a card in points.
const CARD_WIDTH: f32 = 340.0;
/// Height of a card in points.
const CARD_HEIGHT: f32 = 332.0;
/// Height of the thumbnail in points.
const THUMBNAIL: f32 = 200.0;
/// Width thumbnails are laid out for before they are made small, in points.
const LARGE: f32 = 1_100.0;

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Shelf>()
        .add_systems(OnEnter(Screen::Library), fill)
        .add_systems(
            EguiPrimaryContextPass,
            draw.in_set(Draw).run_if(in_state(Screen::Library)),
        );
}

/// Reads the scenario folders; the incident at hand is among them wherever it came from.
fn fill(mut shelf: ResMut<Shelf>, bridge: Res<Bridge>) {
    let at_hand = bridge.header();
    let mut found = crate::cli::library(at_hand.seed);
    if found
        .iter()
        .all(|loaded| loaded.scenario.name != at_hand.scenario)
    {
        let scenario = Arc::clone(bridge.scenario_shared());
        found.insert(
            0,
            crate::cli::Loaded {
                scenario,
                header: at_hand.clone(),
            },
        );
    }
    shelf.entries = found
        .into_iter()
        .map(|loaded| Entry {
            view: super::quiet_view(&loaded.scenario, &loaded.header),
            scenario: loaded.scenario,
            header: loaded.header,
        })
        .collect();
    shelf
        .entries
        .sort_by_key(|entry| (entry.scenario.difficulty, entry.scenario.title.clone()));
    let here = |entry: &Entry| entry.scenario.name == at_hand.scenario;
    shelf.chosen = shelf.entries.iter().position(here).unwrap_or(0);
}

fn draw(
    mut contexts: EguiContexts,
    mut shelf: ResMut<Shelf>,
    mut bridge: ResMut<Bridge>,
    mut journal: ResMut<Journal>,
    mut stage: ResMut<Stage>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    stage.view = None;
    let (open, back) = page(&mut ui, &mut shelf);
    if back {
        NextState::set_if_neq(&mut next, Screen::Title);
    }
    if let Some(entry) = open.and_then(|index| shelf.entries.get(index)) {
        if entry.scenario.name != bridge.header().scenario {
            journal.renew(&entry.scenario.name);
            let (scenario, header) = (Arc::clone(&entry.scenario), entry.header.clone());
            bridge.offer(scenario, header, journal.0.clone());
        }
        NextState::set_if_neq(&mut next, Screen::Briefing);
    }
    Ok(())
}

/// Draws the page; returns the card to open, and whether to go back.
fn page(ui: &mut Ui, shelf: &mut Shelf) -> (Option<usize>, bool) {
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    ui.painter().rect_filled(screen, 0, theme.palette.canvas);
    let mut open = None;
    let mut back = false;
    let margin = vec2(theme.space.xl * 2.0, theme.space.xl);
    ui.scope_builder(UiBuilder::new().max_rect(screen.shrink2(margin)), |ui| {
        ui.horizontal(|ui| {
            ui.label(
                RichText::new("Library")
                    .font(theme.semibold(theme.size.figure))
                    .color(theme.palette.text),
            );
            ui.label(text::quiet(
                &theme,
                "Incidents to be on call for. Arrows choose, Enter opens the briefing.",
            ));
            ui.with_layout(
                egui::Layout::right_to_left(egui::Align::Center),
                |ui| {
                    back = button::button(ui, "Title", Some("Esc"), button::Weight::Normal)
                        .clicked();
                },
            );
        });
        ui.add_space(theme.space.l);
        if shelf.entries.is_empty() {
            section::empty(
                ui,
                "No scenarios folder was found here or above. Start the program where one is, or name a scenario: brownout play FOLDER",
            );
        }
        let columns = columns(ui.available_width(), theme.space.l);
        keys(ui, shelf, columns, &mut open, &mut back);
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                if let Some(clicked) = grid(ui, &theme, shelf, columns) {
                    shelf.chosen = clicked;
                    open = Some(clicked);
                }
            });
    });
    (open, back)
}

/// How many cards fit beside each other.
fn columns(width: f32, gap: f32) -> usize {
    (2..=5)
        .rev()
        .find(|&count: &u8| f32::from(count) * (CARD_WIDTH + gap) - gap <= width)
        .map_or(1, usize::from)
}

fn keys(ui: &Ui, shelf: &mut Shelf, columns: usize, open: &mut Option<usize>, back: &mut bool) {
    let last = shelf.entries.len().saturating_sub(1);
    ui.input(|input| {
        let moves = [
            (Key::ArrowRight, 1, true),
            (Key::ArrowDown, columns, true),
            (Key::ArrowLeft, 1, false),
            (Key::ArrowUp, columns, false),
        ];
        for (key, by, forward) in moves {
            if input.key_pressed(key) {
                shelf.chosen = if forward {
                    (shelf.chosen + by).min(last)
                } else {
                    shelf.chosen.saturating_sub(by)
                };
            }
        }
        if input.key_pressed(Key::Enter) {
            *open = Some(shelf.chosen);
        }
        *back |= input.key_pressed(Key::Escape);
    });
}

/// All cards; returns the one that was pressed.
fn grid(ui: &mut Ui, theme: &Theme, shelf: &Shelf, columns: usize) -> Option<usize> {
    let gap = theme.space.l;
    let count = f32::from(u16::try_from(columns).unwrap_or(1));
    let width = ((ui.available_width() - gap * (count - 1.0)) / count).min(460.0);
    let mut pressed = None;
    for (row, entries) in shelf.entries.chunks(columns).enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for (column, entry) in entries.iter().enumerate() {
                let index = row * columns + column;
                if card(ui, theme, entry, width, index == shelf.chosen) {
                    pressed = Some(index);
                }
            }
        });
        ui.add_space(gap);
    }
    pressed
}

fn card(ui: &mut Ui, theme: &Theme, entry: &Entry, width: f32, chosen: bool) -> bool {
    let palette = theme.palette;
    let scenario = &entry.scenario;
    let (rect, response) = ui.allocate_exact_size(vec2(width, CARD_HEIGHT), Sense::click());
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| {
        let words = format!(
            "{}, difficulty {} of 5",
            scenario.title, scenario.difficulty
        );
        WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, words)
    });
    let line = if chosen || response.hovered() || response.has_focus() {
        Stroke::new(1.5, palette.accent)
    } else {
        Stroke::new(1.0, palette.line)
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme.radius.large, palette.surface);
    painter.rect_stroke(rect, theme.radius.large, line, StrokeKind::Inside);
    let picture = Rect::from_min_size(rect.min, vec2(width, THUMBNAIL)).shrink(theme.space.m);
    thumbnail(painter, &entry.view, picture, theme);
    let words = Rect::from_min_max(pos2(rect.left(), rect.top() + THUMBNAIL), rect.max)
        .shrink2(vec2(theme.space.l, theme.space.s));
    let below = UiBuilder::new()
        .max_rect(words)
        .layout(egui::Layout::top_down(egui::Align::Min));
    let mut ui = ui.new_child(below);
    ui.set_clip_rect(rect);
    ui.label(
        RichText::new(&scenario.title)
            .font(theme.semibold(theme.size.heading))
            .color(palette.text),
    );
    ui.add(Label::new(text::quiet(theme, &scenario.summary)).wrap());
    ui.add_space(theme.space.xs);
    let facts = format!(
        "difficulty {} of 5 · {} services · {} regions",
        scenario.difficulty,
        scenario.services.len(),
        scenario.blueprint.regions.len()
    );
    ui.label(text::number(theme, facts, palette.dim));
    let skills = format!("trains {}", scenario.skills.join(" "));
    ui.add(Label::new(text::number(theme, skills, palette.dim)).truncate());
    response.clicked()
}

/// The system in small: its components by rank and what calls what.
fn thumbnail(painter: &Painter, view: &PlayerView, area: Rect, theme: &Theme) {
    let palette = theme.palette;
    // Laid out as on a large screen, then made small: so the picture is the one the incident shows.
    let large = Rect::from_min_size(
        pos2(0.0, 0.0),
        vec2(LARGE, LARGE * area.height() / area.width().max(1.0)),
    );
    let label = LabelType {
        size: theme.size.tiny,
        line: theme.size.tiny + 2.0,
    };
    let mut layout = layout(view, large, label);
    let shrink = |at: egui::Pos2| area.min + at.to_vec2() * (area.width() / LARGE);
    for lane in &mut layout.lanes {
        *lane = Rect::from_min_max(shrink(lane.min), shrink(lane.max));
        painter.rect_filled(*lane, theme.radius.small, palette.canvas);
    }
    for at in &mut layout.users {
        *at = shrink(*at);
    }
    for place in &mut layout.nodes {
        place.centre = shrink(place.centre);
    }
    for link in &view.links {
        let from = link.from.map_or_else(
            || layout.users.get(usize::from(link.users_region)).copied(),
            |index| {
                layout
                    .nodes
                    .get(usize::from(index))
                    .map(|place| place.centre)
            },
        );
        let to = layout
            .nodes
            .get(usize::from(link.to))
            .map(|place| place.centre);
        if let (Some(from), Some(to)) = (from, to) {
            painter.line_segment([from, to], Stroke::new(1.0, palette.line));
        }
    }
    for users in &layout.users {
        painter.circle_filled(*users, 3.5, palette.accent);
    }
    for place in &layout.nodes {
        painter.circle_filled(place.centre, 4.0, palette.healthy);
    }
}

#[cfg(test)]
mod tests {
    use super::columns;

    /// Cards never get narrower than they can be read.
    #[test]
    fn cards_keep_their_width() {
        assert_eq!(columns(300.0, 16.0), 1);
        assert_eq!(columns(1344.0, 16.0), 3);
        assert_eq!(columns(9_000.0, 16.0), 5);
    }
}
