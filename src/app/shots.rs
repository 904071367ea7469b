//! Pictures by a fixed script, for people to look at and for tests.

use std::path::PathBuf;
use std::sync::Arc;

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use brownout_session::command::{
    Action, Command, Expect, Metric, NewHypothesis, Prediction, Symptom, SymptomKind, Trend,
};
use brownout_session::players::{Player, Reference};
use brownout_session::view::PlayerView;
use brownout_session::{Reader, run};
use brownout_telemetry::signal::Signal;

use super::bridge::{Bridge, Phase};
use super::{Screen, ShotScreen, ShotsOptions};
use crate::panels::dock::Tab;
use crate::panels::intent::Intent;
use crate::panels::lookup::Lookup;
use crate::panels::palette::{self, Item};
use crate::panels::state::{Column, Selection, State};
use crate::screens::debrief::Shown;
use crate::screens::{PanelState, Wishes};
use crate::settings::ThemeName;

/// Nanoseconds in a second.
const SECOND_NS: u64 = 1_000_000_000;
/// Frames between arriving at a moment and its picture: layout settles, shaders are compiled, dots are on their way.
const SETTLE: u32 = 12;
/// More of them before the first picture, which waits for pipelines.
const SETTLE_FIRST: u32 = 60;
/// Frames after which a script that does not get on is given up.
const PATIENCE: u32 = 40_000;

/// A moment a picture is taken of.
#[derive(Clone, Debug)]
enum Moment {
    /// As soon as the screen is up.
    AtOnce,
    /// This share of the way to the page, per cent.
    BeforePage(u8),
    /// This long after the page.
    AfterPage(u64),
    /// When everything is scored.
    Scored,
}

/// A step of the script: what the player does at a moment, and then the picture.
#[derive(Clone, Debug)]
struct Step {
    moment: Moment,
    wishes: Vec<Intent>,
    select: Option<Selection>,
    open: Vec<Item>,
}

#[derive(Resource)]
struct Script {
    options: ShotsOptions,
    steps: Vec<Step>,
    index: usize,
    phase: ShotPhase,
    frames: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShotPhase {
    /// On the way to the moment.
    Travel,
    /// There; the picture is taken when the count reaches 0.
    Settle(u32),
    /// Being saved.
    Saving,
}

/// Adds the script.
pub(super) fn install(app: &mut App, options: &ShotsOptions) {
    let steps = match options.screen {
        ShotScreen::Title => vec![step(Moment::AtOnce, vec![]), step(Moment::AtOnce, vec![])],
        ShotScreen::Library | ShotScreen::Briefing | ShotScreen::Settings => {
            vec![step(Moment::AtOnce, vec![])]
        }
        ShotScreen::Incident => incident(options),
        ShotScreen::Debrief => vec![step(Moment::AtOnce, vec![]), step(Moment::Scored, vec![])],
    };
    let script = Script {
        options: options.clone(),
        steps,
        index: 0,
        phase: ShotPhase::Travel,
        frames: 0,
    };
    app.insert_resource(script)
        .insert_resource(bevy::winit::WinitSettings::continuous())
        .add_systems(Startup, begin)
        .add_systems(PostUpdate, (always_awake, drive));
}

fn step(moment: Moment, wishes: Vec<Intent>) -> Step {
    Step {
        moment,
        wishes,
        select: None,
        open: Vec::new(),
    }
}

/// Ordinary life, the page, two minutes in, six minutes in.
fn incident(options: &ShotsOptions) -> Vec<Step> {
    let scenario = &options.scenario;
    let worst = scenario
        .severities
        .first()
        .map(|severity| severity.name.clone());
    let flow = &scenario.blueprint.flows[scenario.main_flow.index()];
    let selection = Selection {
        service: flow.name.clone(),
        region: 1,
    };
    let declare = worst
        .clone()
        .map(|severity| Intent::Command(Command::DeclareSeverity { severity }));
    let acknowledge = Intent::Command(Command::Acknowledge);
    let region = scenario.blueprint.regions.get(1).cloned();
    let believe = Intent::Command(Command::Hypothesise(NewHypothesis {
        suspect: flow.name.clone(),
        mechanism: "slow-query".to_owned(),
        regions: region.iter().cloned().collect(),
        trigger: None,
        predictions: vec![Prediction {
            metric: Metric::service(Signal::ErrorShare, &flow.name, region.as_deref()),
            expect: Expect::Above,
            threshold: 50_000,
            window_s: 60,
            within_s: 300,
        }],
        confidence: 40,
    }));
    let act = Action::Restart {
        service: flow.name.clone(),
        region: region.clone(),
    };
    let state_it = worst.map(|severity| {
        Intent::Command(Command::StateSymptom(Symptom {
            kind: SymptomKind::Errors,
            flow: flow.name.clone(),
            regions: region.into_iter().collect(),
            since_s: scenario.page_latest_ns / SECOND_NS - 120,
            severity,
            trend: Trend::Worse,
        }))
    });
    let open = |after: u64, open: Vec<Item>| Step {
        open,
        ..step(Moment::AfterPage(after), vec![])
    };
    vec![
        step(Moment::BeforePage(60), vec![]),
        step(Moment::AfterPage(2), vec![]),
        Step {
            select: Some(selection),
            ..step(
                Moment::AfterPage(120),
                std::iter::once(acknowledge).chain(declare).collect(),
            )
        },
        open(130, vec![Item::Dock(Tab::Metrics), Item::Symptom]),
        Step {
            open: vec![Item::Dock(Tab::Logs), Item::Hypothesis],
            ..step(Moment::AfterPage(140), state_it.into_iter().collect())
        },
        Step {
            open: vec![Item::Dock(Tab::Traces), Item::Consider(act)],
            ..step(Moment::AfterPage(200), vec![believe])
        },
        open(260, vec![Item::Dock(Tab::Diff), Item::Update]),
        open(
            360,
            vec![Item::Dock(Tab::Changes), Item::Column(Column::WarRoom)],
        ),
    ]
}

/// Closes what is open and opens what the step shows.
fn show(items: Vec<Item>, bridge: &Bridge, state: &mut State, wishes: &mut Wishes) {
    let Some(reader) = bridge.reader() else {
        return;
    };
    let lookup: &dyn Lookup = &reader;
    let view = std::sync::Arc::clone(bridge.view());
    state.board = crate::panels::board::BoardState::default();
    state.composer = None;
    for item in items {
        palette::choose(item, &view, lookup, state, &mut wishes.0);
    }
}

fn begin(
    mut bridge: ResMut<Bridge>,
    script: Res<Script>,
    mut next: ResMut<NextState<Screen>>,
    mut shown: ResMut<Shown>,
    mut window: Single<&mut Window>,
) {
    // A pointer over a chart would draw its crosshair.
    window.set_cursor_position(Some(Vec2::ZERO));
    bridge.script();
    match script.options.screen {
        ShotScreen::Title => {}
        ShotScreen::Settings => NextState::set_if_neq(&mut next, Screen::Settings),
        ShotScreen::Library => NextState::set_if_neq(&mut next, Screen::Library),
        ShotScreen::Briefing => NextState::set_if_neq(&mut next, Screen::Briefing),
        ShotScreen::Incident => {
            bridge.start();
            NextState::set_if_neq(&mut next, Screen::Incident);
        }
        ShotScreen::Debrief => {
            let (scenario, header) = (
                Arc::clone(&script.options.scenario),
                script.options.header.clone(),
            );
            shown.begin(move || run::play(scenario, header, &mut Late::default(), None));
            NextState::set_if_neq(&mut next, Screen::Debrief);
        }
    }
}

/// The reference responder, slow to begin: a session with something to say about it.
#[derive(Default)]
struct Late(Reference);

impl Player for Late {
    fn ready_ns(&self, page_ns: u64) -> u64 {
        self.0.ready_ns(page_ns).max(page_ns + 200 * SECOND_NS)
    }

    fn turn(&mut self, view: &PlayerView, reader: &Reader<'_>) -> Vec<Command> {
        self.0.turn(view, reader)
    }
}

/// Pacing would put a script to sleep.
fn always_awake(mut settings: ResMut<bevy::winit::WinitSettings>) {
    let awake = bevy::winit::WinitSettings::continuous();
    if settings.focused_mode != awake.focused_mode {
        *settings = awake;
    }
}

fn drive(
    mut commands: Commands,
    mut script: ResMut<Script>,
    mut bridge: ResMut<Bridge>,
    mut wishes: ResMut<Wishes>,
    mut panels: ResMut<PanelState>,
    shown: Res<Shown>,
    mut exit: MessageWriter<AppExit>,
) {
    script.frames += 1;
    if script.frames > PATIENCE {
        error!("the script did not get on");
        exit.write(AppExit::error());
        return;
    }
    let Some(step) = script.steps.get(script.index).cloned() else {
        exit.write(AppExit::Success);
        return;
    };
    match script.phase {
        ShotPhase::Travel => {
            if reached(&step.moment, &mut bridge, &shown) {
                wishes.0.extend(step.wishes);
                if step.select.is_some() {
                    panels.0.selection = step.select;
                }
                if !step.open.is_empty() {
                    show(step.open, &bridge, &mut panels.0, &mut wishes);
                }
                script.phase = ShotPhase::Settle(if script.index == 0 {
                    SETTLE_FIRST
                } else {
                    SETTLE
                });
            }
        }
        ShotPhase::Settle(0) => {
            let ShotsOptions {
                dir,
                size,
                screen,
                theme,
                scale,
                ..
            } = &script.options;
            // The dark theme is the ordinary one and goes without saying.
            let suffix = match theme {
                ThemeName::Dark => String::new(),
                other => format!("-{}", other.name()),
            };
            let scale = match scale {
                100 => String::new(),
                other => format!("-{other}%"),
            };
            let name = format!(
                "{}{suffix}-{}x{}{scale}-{}.png",
                screen.name(),
                size.0,
                size.1,
                script.index + 1
            );
            commands
                .spawn(Screenshot::primary_window())
                .observe(save(dir.join(name)));
            script.phase = ShotPhase::Saving;
        }
        ShotPhase::Settle(left) => script.phase = ShotPhase::Settle(left - 1),
        ShotPhase::Saving => {}
    }
}

/// Whether the session is at a moment; otherwise sends it there.
fn reached(moment: &Moment, bridge: &mut Bridge, shown: &Shown) -> bool {
    match *moment {
        Moment::AtOnce => true,
        Moment::Scored => shown.is_complete(),
        Moment::BeforePage(percent) => {
            let wanted = f32::from(percent) / 100.0;
            let there = bridge.progress() >= wanted || bridge.phase() != Phase::Hurrying;
            bridge.hold(there);
            there
        }
        Moment::AfterPage(seconds) => {
            bridge.hold(false);
            let Some(page) = bridge.view().page.as_ref().map(|page| page.at_ns) else {
                return false;
            };
            bridge.aim(page + seconds * SECOND_NS);
            bridge.arrived()
        }
    }
}

/// Saves a picture and goes on with the script.
fn save(
    path: PathBuf,
) -> impl FnMut(On<ScreenshotCaptured>, ResMut<Script>, MessageWriter<AppExit>) {
    move |captured, mut script, mut exit| {
        let saved = captured
            .image
            .clone()
            .try_into_dynamic()
            .map_err(|error| error.to_string())
            .and_then(|picture| {
                picture
                    .to_rgb8()
                    .save(&path)
                    .map_err(|error| error.to_string())
            });
        if let Err(error) = saved {
            error!("cannot save {}: {error}", path.display());
            exit.write(AppExit::error());
            return;
        }
        script.index += 1;
        script.phase = ShotPhase::Travel;
    }
}
