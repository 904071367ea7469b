//! The briefing: who one is, the system in one picture, what counts as how severe, who is around.

use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_scenario::compiled::Scenario;
use brownout_session::view::PlayerView;
use egui::{Key, Label, Rect, RichText, ScrollArea, Stroke, Ui, UiBuilder, Vec2, pos2, vec2};

use super::{Draw, PanelState, Wishes, part};
use crate::app::{Authoring, Bridge, Journal, Screen, Stage};
use crate::panels::intent::Intent;
use crate::panels::topology;
use crate::theme::Theme;
use crate::widgets::{button, fade, text};

/// The system on an ordinary day.
#[derive(Resource, Default)]
struct Preview(Arc<PlayerView>);

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Preview>()
        .add_systems(OnEnter(Screen::Briefing), preview)
        .add_systems(
            EguiPrimaryContextPass,
            draw.in_set(Draw).run_if(in_state(Screen::Briefing)),
        );
}

fn preview(bridge: Res<Bridge>, mut preview: ResMut<Preview>) {
    preview.0 = Arc::new(super::quiet_view(bridge.scenario_shared(), bridge.header()));
}

/// What the page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Start,
    OtherSeed,
    Back,
}

/// Least width of the words in points: the buttons below them stand beside each other.
const LEAST: f32 = 540.0;

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn draw(
    mut contexts: EguiContexts,
    preview: Res<Preview>,
    mut bridge: ResMut<Bridge>,
    authoring: Res<Authoring>,
    mut journal: ResMut<Journal>,
    mut panels: ResMut<PanelState>,
    mut stage: ResMut<Stage>,
    mut wishes: ResMut<Wishes>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    let split = (screen.width() * 0.42).max(LEAST).round();
    let left = Rect::from_min_max(screen.min, pos2(split, screen.bottom()));
    let right = Rect::from_min_max(pos2(split, screen.top()), screen.max);
    part(&mut ui, right, Vec2::ZERO, |ui| {
        topology::ui(ui, &preview.0, &mut panels.0, &mut wishes.0);
    });
    stage.view = Some(Arc::clone(&preview.0));
    stage.layout.clone_from(&panels.0.topology.layout);
    stage.area = panels.0.topology.area;
    stage.screen = screen.size();
    stage.selection.clone_from(&panels.0.selection);
    (stage.alpha, stage.pace, stage.lanes) = (1.0, 0.0, true);
    ui.painter().rect_filled(left, 0, theme.palette.surface);
    let line = Stroke::new(1.0, theme.palette.line);
    ui.painter().vline(split - 0.5, screen.y_range(), line);
    let mut wish = keys(&ui);
    let margin = vec2(theme.space.xl * 2.0, theme.space.xl * 1.5);
    part(&mut ui, left, margin, |ui| {
        let seed = bridge.header().seed;
        page(
            ui,
            &theme,
            bridge.scenario(),
            seed,
            authoring.trying,
            &mut wish,
        );
    });
    match wish {
        Some(Wish::Start) => wishes.0.push(Intent::Start),
        Some(Wish::Back) => {
            NextState::set_if_neq(&mut next, authoring.instead_of(Screen::Library));
        }
        // The author chose the run.
        Some(Wish::OtherSeed) if authoring.trying => {}
        Some(Wish::OtherSeed) => {
            let (name, seed) = (bridge.header().scenario.clone(), bridge.header().seed + 1);
            // A scenario from elsewhere keeps its seed: its file is not known here.
            if let Some(loaded) = crate::cli::library(seed)
                .into_iter()
                .find(|loaded| loaded.scenario.name == name)
            {
                journal.renew(&name);
                bridge.offer(loaded.scenario, loaded.header, journal.0.clone());
            }
        }
        None => {}
    }
    Ok(())
}

fn keys(ui: &Ui) -> Option<Wish> {
    ui.input(|input| {
        [
            (Key::Enter, Wish::Start),
            (Key::N, Wish::OtherSeed),
            (Key::Escape, Wish::Back),
        ]
        .into_iter()
        .find(|(key, _)| input.key_pressed(*key))
        .map(|(_, wish)| wish)
    })
}

/// Most room added between two parts of the words, in points.
const LOOSE: f32 = 30.0;
/// Parts of the words with room between them.
const GAPS: f32 = 4.0;

/// `trying`: it was begun from the author screen and leads back there.
fn page(
    ui: &mut Ui,
    theme: &Theme,
    scenario: &Scenario,
    seed: u64,
    trying: bool,
    wish: &mut Option<Wish>,
) {
    let palette = theme.palette;
    let all = ui.max_rect();
    let foot = 60.0;
    let upper = Rect::from_min_max(all.min, pos2(all.right(), all.bottom() - foot));
    // What the words leave of the height, as they were drawn last, goes between their parts; the rest above and below.
    let key = ui.id().with(("height of the words", &scenario.name));
    let needed: Option<f32> = ui.data(|data| data.get_temp(key));
    let spare = needed.map_or(0.0, |needed| (upper.height() - needed).max(0.0));
    let loose = (spare / (GAPS + 2.0)).min(LOOSE);
    let above_all = ((spare - GAPS * loose) / 2.0).max(0.0);
    let words = Rect::from_min_max(pos2(upper.left(), upper.top() + above_all), upper.max);
    let mut above = ui.new_child(UiBuilder::new().max_rect(words));
    let shown = ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(&mut above, |ui| words_of(ui, theme, scenario, seed, loose));
    fade::lower_edge(&above, &shown, palette.surface);
    let height = shown.content_size.y - GAPS * loose;
    if needed.is_none_or(|needed| (needed - height).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(key, height));
        ui.ctx().request_repaint();
    }
    let below = words.top() + shown.content_size.y + theme.space.xl;
    let top = below.min(all.bottom() - foot + theme.space.m);
    let lower = Rect::from_min_max(pos2(all.left(), top), all.max);
    let mut below = ui.new_child(UiBuilder::new().max_rect(lower));
    below.horizontal(|ui| {
        if button::large(ui, "Start", Some("Enter"), button::Weight::Primary, 180.0).clicked() {
            *wish = Some(Wish::Start);
        }
        let other = "Another seed";
        if !trying
            && button::large(ui, other, Some("N"), button::Weight::Normal, 150.0)
                .on_hover_text(
                    "Scenario and seed make the incident: another truth may be behind the same symptom",
                )
                .clicked()
        {
            *wish = Some(Wish::OtherSeed);
        }
        let back = if trying { "Author" } else { "Library" };
        if button::large(ui, back, Some("Esc"), button::Weight::Normal, 110.0).clicked() {
            *wish = Some(Wish::Back);
        }
    });
}

/// All there is to read, with so much more room between its parts.
fn words_of(ui: &mut Ui, theme: &Theme, scenario: &Scenario, seed: u64, loose: f32) {
    let palette = theme.palette;
    ui.label(text::caption(theme, "Briefing"));
    ui.label(
        RichText::new(&scenario.title)
            .font(theme.semibold(theme.size.figure * 1.3))
            .color(palette.text),
    );
    ui.add_space(theme.space.m + loose);
    for paragraph in scenario.briefing.split("\n\n") {
        let words = RichText::new(paragraph)
            .font(theme.sans(theme.size.body + 2.0))
            .line_height(Some(theme.size.body + 9.0))
            .color(palette.text);
        ui.add(Label::new(words).wrap());
        ui.add_space(theme.space.m);
    }
    ui.add_space(theme.space.m + loose);
    ui.label(text::caption(theme, "What counts as how severe"));
    ui.add_space(theme.space.xs);
    let names = scenario
        .severities
        .iter()
        .map(|severity| severity.name.as_str());
    let column = column(ui, theme, names);
    for severity in &scenario.severities {
        pair(ui, theme, column, &severity.name, &severity.when);
    }
    ui.add_space(theme.space.l + loose);
    ui.label(text::caption(theme, "Who is around"));
    ui.add_space(theme.space.xs);
    let names = scenario.people.iter().map(|person| person.name.as_str());
    let column = self::column(ui, theme, names);
    for person in &scenario.people {
        let role = role(&format!("{:?}", person.role));
        let owns = person.owns.map_or_else(String::new, |service| {
            format!(", {}", scenario.blueprint.services[service.index()].name)
        });
        pair(ui, theme, column, &person.name, &format!("{role}{owns}"));
    }
    ui.add_space(theme.space.l + loose);
    ui.label(text::caption(theme, "This run"));
    ui.add_space(theme.space.xs);
    let words = format!(
        "Seed {seed} decides what is behind it: the same seed, the same incident. The clock can be paused. Ordinary life goes by quickly after Start, and the page comes within half a minute."
    );
    ui.add(Label::new(text::quiet(theme, words)).wrap());
}

/// Width of a column of names in points.
fn column<'a>(ui: &Ui, theme: &Theme, names: impl Iterator<Item = &'a str>) -> f32 {
    let font = theme.semibold(theme.size.body);
    let width = |name: &str| {
        let galley = ui
            .painter()
            .layout_no_wrap(name.to_owned(), font.clone(), theme.palette.text);
        galley.size().x
    };
    names.map(width).fold(0.0, f32::max) + theme.space.l
}

/// A name in its column with what is to be known of it beside.
fn pair(ui: &mut Ui, theme: &Theme, column: f32, name: &str, words: &str) {
    let name = RichText::new(name)
        .font(theme.semibold(theme.size.body))
        .color(theme.palette.text);
    let words = RichText::new(words)
        .font(theme.sans(theme.size.body))
        .color(theme.palette.muted);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let start = ui.cursor().left();
        ui.label(name);
        ui.add_space((start + column - ui.cursor().left()).max(0.0));
        ui.add(Label::new(words).wrap());
    });
}

/// A role's name in words: capitals inside begin a new one.
fn role(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::role;

    #[test]
    fn roles_are_words() {
        assert_eq!(role("IncidentCommander"), "incident commander");
    }
}
