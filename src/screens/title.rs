//! The title: the name, a calm system behind it, and what one can do.

use std::sync::Arc;
use std::time::SystemTime;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use brownout_scenario::compiled::Scenario;
use brownout_session::view::PlayerView;
use egui::{Key, Rect, RichText, Ui, pos2};

use super::going_on::{self, GoingOn};
use super::{Draw, PanelState, Wishes};
use crate::app::{Authoring, Bridge, LastInput, Opened, SLEEP_AFTER_S, Screen, Stage};
use crate::author::{Asked, Chosen};
use crate::cli::unfinished::Unfinished;
use crate::panels::intent::Intent;
use crate::panels::{keys, sample};
use crate::theme::Theme;
use crate::widgets::{button, text};

/// The calm system.
#[derive(Resource)]
struct Calm(Arc<PlayerView>);

/// Adds the screen.
pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Calm(Arc::new(sample::calm())))
        .add_systems(
            EguiPrimaryContextPass,
            draw.in_set(Draw).run_if(in_state(Screen::Title)),
        );
}

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn draw(
    mut contexts: EguiContexts,
    calm: Res<Calm>,
    bridge: Res<Bridge>,
    mut input: ResMut<LastInput>,
    time: Res<Time<Real>>,
    window: Single<&Window>,
    mut panels: ResMut<PanelState>,
    mut stage: ResMut<Stage>,
    mut wishes: ResMut<Wishes>,
    mut going_on: ResMut<GoingOn>,
    opened: Res<Opened>,
    mut authoring: ResMut<Authoring>,
    mut next: ResMut<NextState<Screen>>,
) -> Result {
    let mut ui = super::root(contexts.ctx_mut()?);
    let theme = Theme::of(ui.ctx());
    let screen = ui.max_rect();
    // Beside the name, whatever its size; where there is no room for a system, there is none.
    let beside = (screen.width() * 0.36).max(left(screen) - screen.left() + NAME);
    let area = Rect::from_min_max(pos2(screen.left() + beside, screen.top()), screen.max)
        .shrink(theme.space.xl);
    panels.0.topology.fit(&calm.0, area, &theme);
    stage.view = (area.width() >= LEAST).then(|| Arc::clone(&calm.0));
    stage.layout = panels.0.topology.layout.clone();
    stage.area = Some(area);
    stage.screen = screen.size();
    stage.selection = None;
    stage.alpha = 0.85;
    // What is being brought back is waited for.
    if going_on.is_coming() {
        input.0 = time.elapsed_secs_f64();
    }
    let awake = window.focused && time.elapsed_secs_f64() - input.0 < SLEEP_AFTER_S;
    stage.pace = if awake || bridge.is_scripted() {
        0.6
    } else {
        0.0
    };
    stage.lanes = false;
    let offers = Offers {
        scenario: bridge.scenario(),
        opened: *opened,
        unfinished: going_on.offer.as_ref(),
        coming: going_on.is_coming(),
        note: &going_on.note,
    };
    match menu(&mut ui, &offers, &theme) {
        Some(Choice::GoOn) => going_on.begin(),
        Some(Choice::Start) => wishes.0.push(Intent::Start),
        Some(Choice::Quit) => wishes.0.push(Intent::Quit),
        Some(Choice::To(Screen::Author)) => {
            // The scenario named on the command line, or one still to be chosen.
            let name = opened.named.then(|| bridge.scenario().name.clone());
            let path = authoring
                .named
                .clone()
                .or_else(|| crate::cli::scenario_of_name(&name?));
            let chosen = Chosen {
                seed: bridge.header().seed,
                truth: None,
            };
            authoring.asked = path.map(|path| Asked {
                path,
                root: None,
                chosen,
            });
            authoring.back = Screen::Title;
            NextState::set_if_neq(&mut next, Screen::Author);
        }
        Some(Choice::To(screen)) => NextState::set_if_neq(&mut next, screen),
        None => {}
    }
    Ok(())
}

/// What the title offers.
struct Offers<'a> {
    scenario: &'a Scenario,
    opened: Opened,
    unfinished: Option<&'a Unfinished>,
    /// It is being brought back.
    coming: bool,
    /// Why it could not be.
    note: &'a str,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// Go on with the session that was left.
    GoOn,
    /// Go on with the session named on the command line.
    Start,
    /// Another screen.
    To(Screen),
    /// Leave the program.
    Quit,
}

/// Width of the name in points.
const NAME: f32 = 384.0;
/// Width from which the system beside it can be told apart, in points.
const LEAST: f32 = 400.0;

/// Left edge of name and menu.
fn left(screen: Rect) -> f32 {
    screen.left() + (screen.width() * 0.07).max(48.0)
}

/// Width of the menu in points.
const WIDTH: f32 = 320.0;

/// A line of the menu.
struct Item<'a> {
    words: &'a str,
    shortcut: &'a str,
    key: Option<Key>,
    choice: Choice,
}

/// Draws name and menu; returns what was chosen.
fn menu(ui: &mut Ui, offers: &Offers<'_>, theme: &Theme) -> Option<Choice> {
    let palette = theme.palette;
    let mut chosen = None;
    let screen = ui.max_rect();
    let left = left(screen);
    // A short menu stands a little above the middle; with more to read it begins higher.
    let above = if !offers.opened.named && offers.unfinished.is_none() {
        0.28
    } else {
        0.2
    };
    let column = Rect::from_min_max(
        pos2(left, screen.top() + screen.height() * above),
        pos2(left + 420.0, screen.bottom()),
    );
    ui.scope_builder(egui::UiBuilder::new().max_rect(column), |ui| {
        ui.label(text::spaced(
            "BROWNOUT",
            theme.semibold(theme.size.display),
            palette.text,
            4.0,
        ));
        ui.label(
            RichText::new("You are on call. The pager is quiet, so far.")
                .font(theme.sans(theme.size.heading))
                .color(palette.muted),
        );
        ui.add_space(theme.space.xl * 1.5);
        if offers.opened.named {
            tonight(ui, offers.scenario, theme);
        }
        chosen = items(ui, offers, theme);
    });
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let foot = Rect::from_min_max(
        pos2(left, screen.bottom() - 64.0),
        pos2(left + 520.0, screen.bottom() - theme.space.l),
    );
    ui.scope_builder(egui::UiBuilder::new().max_rect(foot), |ui| {
        ui.label(text::number(theme, version, palette.dim));
        ui.label(text::quiet(
            theme,
            "Incidents are text files; \"brownout check\" names what is wrong in one.",
        ));
    });
    chosen
}

/// The buttons. The first one takes Enter as long as no other has the focus.
fn items(ui: &mut Ui, offers: &Offers<'_>, theme: &Theme) -> Option<Choice> {
    let mut chosen = None;
    let go_on = offers
        .unfinished
        .filter(|_| !offers.opened.resumed)
        .map(|unfinished| (unfinished, Choice::GoOn));
    let mut list = Vec::new();
    if offers.opened.resumed {
        list.push(Item {
            words: "Go on with it",
            shortcut: "C",
            key: Some(Key::C),
            choice: Choice::Start,
        });
    } else if offers.opened.named {
        list.push(Item {
            words: "Start the incident",
            shortcut: "Enter",
            key: None,
            choice: Choice::To(Screen::Briefing),
        });
    }
    let library = if list.is_empty() { "Play" } else { "Library" };
    list.extend([
        Item {
            words: library,
            shortcut: "L",
            key: Some(Key::L),
            choice: Choice::To(Screen::Library),
        },
        Item {
            words: "Author",
            shortcut: "A",
            key: Some(Key::A),
            choice: Choice::To(Screen::Author),
        },
        Item {
            words: "Settings",
            shortcut: "S",
            key: Some(Key::S),
            choice: Choice::To(Screen::Settings),
        },
        Item {
            words: "Quit",
            shortcut: "Ctrl Q",
            key: None,
            choice: Choice::Quit,
        },
    ]);
    // A scenario named on the command line comes first; otherwise what was left does.
    let go_on_first = !offers.opened.named;
    let first = match go_on {
        Some((_, choice)) if go_on_first => choice,
        _ => list.first()?.choice,
    };
    if let Some((unfinished, choice)) = go_on.filter(|_| go_on_first)
        && (go_on_button(ui, offers, unfinished, true, theme) || plain(ui, Key::C))
    {
        chosen = Some(choice);
    }
    for (index, item) in list.iter().enumerate() {
        let weight = if item.choice == first {
            button::Weight::Primary
        } else {
            button::Weight::Normal
        };
        ui.add_space(theme.space.xs);
        let pressed = button::large(ui, item.words, Some(item.shortcut), weight, WIDTH).clicked();
        if pressed || item.key.is_some_and(|key| plain(ui, key)) {
            chosen = Some(item.choice);
        }
        if let Some((unfinished, choice)) = go_on.filter(|_| !go_on_first && index == 0)
            && (go_on_button(ui, offers, unfinished, false, theme) || plain(ui, Key::C))
        {
            chosen = Some(choice);
        }
    }
    let focused = ui.memory(|memory| memory.focused().is_some());
    if !focused && plain(ui, Key::Enter) {
        chosen = Some(first);
    }
    if !offers.note.is_empty() {
        ui.add_space(theme.space.m);
        let words = RichText::new(offers.note)
            .font(theme.sans(theme.size.body))
            .color(theme.palette.degraded);
        ui.add(egui::Label::new(words).wrap());
    }
    chosen
}

/// Whether a key was pressed alone.
fn plain(ui: &Ui, key: Key) -> bool {
    keys::pressed(ui, key).is_some_and(|modifiers| modifiers.is_none())
}

/// The button of the session that was left, with how far it had come.
fn go_on_button(
    ui: &mut Ui,
    offers: &Offers<'_>,
    unfinished: &Unfinished,
    primary: bool,
    theme: &Theme,
) -> bool {
    ui.add_space(theme.space.xs);
    let weight = if primary {
        button::Weight::Primary
    } else {
        button::Weight::Normal
    };
    let words = if offers.coming {
        "Bringing it back …"
    } else {
        "Continue"
    };
    let clicked = button::large(ui, words, Some("C"), weight, WIDTH).clicked();
    let minutes = unfinished.since_page_ms / 60_000;
    let seconds = unfinished.since_page_ms / 1_000 % 60;
    let ago = going_on::ago(unfinished.left, SystemTime::now());
    let mut facts = format!(
        "{} · T+{minutes:02}:{seconds:02} · left {ago}",
        unfinished.title
    );
    if unfinished.damaged {
        facts.push_str(" · the end of its journal is damaged");
    }
    ui.add(egui::Label::new(text::quiet(theme, facts)).wrap());
    ui.add_space(theme.space.s);
    clicked
}

/// The scenario the program was opened with.
fn tonight(ui: &mut Ui, scenario: &Scenario, theme: &Theme) {
    let palette = theme.palette;
    ui.label(text::caption(theme, "Tonight"));
    ui.label(
        RichText::new(&scenario.title)
            .font(theme.semibold(theme.size.heading))
            .color(palette.text),
    );
    let summary = RichText::new(&scenario.summary)
        .font(theme.sans(theme.size.body + 1.0))
        .color(palette.muted);
    ui.add(egui::Label::new(summary).wrap());
    ui.add_space(theme.space.s);
    ui.label(text::number(theme, facts(scenario), palette.dim));
    ui.add_space(theme.space.l);
}

/// Difficulty and size of the incident in one line.
fn facts(scenario: &Scenario) -> String {
    let services = scenario.services.len();
    let regions = scenario.blueprint.regions.len();
    format!(
        "difficulty {} of 5 · {services} services · {regions} regions",
        scenario.difficulty
    )
}
