//! Pictures by a fixed script, for people to look at and for tests.

mod author;
mod script;

use std::path::PathBuf;
use std::sync::Arc;

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy_egui::{EguiContext, EguiContexts, EguiFullOutput, EguiPostUpdateSet, PrimaryEguiContext};
use brownout_session::command::Command;
use brownout_session::players::{Player, Reference};
use brownout_session::view::PlayerView;
use brownout_session::{Reader, run};

use super::bridge::{Bridge, Phase};
use super::{Authoring, Screen, ShotScreen, ShotsOptions};
use crate::panels::intent::Intent;
use crate::panels::lookup::Lookup;
use crate::panels::palette::{self, Finder, Item};
use crate::panels::state::State;
use crate::screens::author::Table;
use crate::screens::debrief::Shown;
use crate::screens::{PanelState, Wishes};
use crate::settings::ThemeName;
use crate::widgets::legible;
use author::Scratch;
use script::{Also, Moment, SECOND_NS, Step, incident, step};

/// Frames between arriving at a moment and its picture: layout settles, shaders are compiled, dots are on their way.
const SETTLE: u32 = 12;
/// More of them before the first picture, which waits for pipelines.
const SETTLE_FIRST: u32 = 60;
/// Frames after which a script that does not get on is given up.
const PATIENCE: u32 = 40_000;

#[derive(Resource)]
struct Script {
    options: ShotsOptions,
    steps: Vec<Step>,
    index: usize,
    phase: ShotPhase,
    frames: u32,
    /// The files of the author screen.
    scratch: Option<Scratch>,
    /// Words that cannot be read, in all pictures so far.
    illegible: u32,
}

impl Script {
    /// Name of the picture's file.
    fn name(&self) -> String {
        let ShotsOptions {
            size,
            scale,
            screen,
            theme,
            ..
        } = &self.options;
        // The dark theme and the ordinary size go without saying.
        let theme = match theme {
            ThemeName::Dark => String::new(),
            other => format!("-{}", other.name()),
        };
        let scale = match scale {
            100 => String::new(),
            other => format!("-{other}"),
        };
        format!(
            "{}{theme}{scale}-{}x{}-{}.png",
            screen.name(),
            size.0,
            size.1,
            self.index + 1
        )
    }
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
        ShotScreen::Author => author::author(),
        ShotScreen::Debrief => vec![step(Moment::AtOnce, vec![]), step(Moment::Scored, vec![])],
    };
    let script = Script {
        options: options.clone(),
        steps,
        index: 0,
        phase: ShotPhase::Travel,
        frames: 0,
        scratch: None,
        illegible: 0,
    };
    app.insert_resource(script)
        .insert_resource(bevy::winit::WinitSettings::continuous())
        .add_systems(Startup, begin)
        .add_systems(PostUpdate, (always_awake, drive))
        .add_systems(
            PostUpdate,
            read.after(EguiPostUpdateSet::EndPass)
                .before(EguiPostUpdateSet::ProcessOutput),
        );
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
    state.finder = None;
    state.resolving = false;
    for item in items {
        palette::choose(item, &view, lookup, state, &mut wishes.0);
    }
}

/// The last look as evidence for the last hypothesis.
fn pin(view: &PlayerView) -> Option<Intent> {
    let (hypothesis, (observed, ..)) = view.hypotheses.last().zip(view.looks.last())?;
    Some(Intent::Command(Command::AttachEvidence {
        hypothesis: hypothesis.id,
        observed: *observed,
        supports: true,
    }))
}

fn begin(
    mut contexts: EguiContexts,
    mut bridge: ResMut<Bridge>,
    mut script: ResMut<Script>,
    mut authoring: ResMut<Authoring>,
    mut next: ResMut<NextState<Screen>>,
    mut shown: ResMut<Shown>,
    mut window: Single<&mut Window>,
) -> Result {
    // Whether words can be scrolled to is asked of the accessibility tree.
    contexts.ctx_mut()?.enable_accesskit();
    // A pointer over a chart would draw its crosshair.
    window.set_cursor_position(Some(Vec2::ZERO));
    bridge.script();
    match script.options.screen {
        ShotScreen::Title => {}
        ShotScreen::Settings => NextState::set_if_neq(&mut next, Screen::Settings),
        ShotScreen::Author => {
            let scratch = Scratch::of(&script.options.file)?;
            authoring.asked = Some(scratch.asked(script.options.header.seed));
            script.scratch = Some(scratch);
            NextState::set_if_neq(&mut next, Screen::Author);
        }
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
    Ok(())
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

#[expect(
    clippy::too_many_arguments,
    reason = "a system's parameters are what it touches"
)]
fn drive(
    mut commands: Commands,
    mut script: ResMut<Script>,
    mut bridge: ResMut<Bridge>,
    mut wishes: ResMut<Wishes>,
    mut panels: ResMut<PanelState>,
    shown: Res<Shown>,
    authoring: Res<Authoring>,
    mut table: ResMut<Table>,
    mut exit: MessageWriter<AppExit>,
) {
    script.frames += 1;
    if script.frames > PATIENCE {
        error!("the script did not get on");
        exit.write(AppExit::error());
        return;
    }
    let Some(step) = script.steps.get(script.index).cloned() else {
        exit.write(if script.options.strict && script.illegible > 0 {
            AppExit::error()
        } else {
            AppExit::Success
        });
        return;
    };
    match script.phase {
        ShotPhase::Travel => {
            if let Some(write) = step.write {
                author::write(write, script.scratch.as_ref(), &mut table);
                // Once.
                let index = script.index;
                if let Some(step) = script.steps.get_mut(index) {
                    step.write = None;
                }
                return;
            }
            if reached(&step.moment, &mut bridge, &shown, &authoring) {
                wishes.0.extend(step.wishes);
                if step.select.is_some() {
                    panels.0.selection = step.select;
                }
                if !step.open.is_empty() {
                    show(step.open, &bridge, &mut panels.0, &mut wishes);
                }
                match step.also {
                    Also::Nothing => {}
                    Also::Pin => wishes.0.extend(pin(bridge.view())),
                    Also::Find(letters) => {
                        panels.0.finder = Some(Finder {
                            filter: letters.to_owned(),
                            ..Finder::default()
                        });
                    }
                }
                script.phase = ShotPhase::Settle(if script.index == 0 {
                    SETTLE_FIRST
                } else {
                    SETTLE
                });
            }
        }
        ShotPhase::Settle(0) => {
            let path = script.options.dir.join(script.name());
            commands
                .spawn(Screenshot::primary_window())
                .observe(save(path));
            script.phase = ShotPhase::Saving;
        }
        ShotPhase::Settle(left) => script.phase = ShotPhase::Settle(left - 1),
        ShotPhase::Saving => {}
    }
}

/// Says which words of the picture about to be taken cannot be read.
fn read(
    mut script: ResMut<Script>,
    mut contexts: Query<(&mut EguiContext, &EguiFullOutput), With<PrimaryEguiContext>>,
) {
    if script.phase != ShotPhase::Settle(0) {
        return;
    }
    for (mut context, output) in &mut contexts {
        let Some(output) = &output.0 else { continue };
        let placed = legible::texts(&output.shapes);
        let tree = output.platform_output.accesskit_update.as_ref();
        let bars = tree.map_or_else(Vec::new, legible::bars);
        let name = script.name();
        for wrong in legible::findings(context.get_mut(), &placed, &bars) {
            eprintln!("{name}: {wrong}");
            script.illegible += 1;
        }
    }
}

/// Whether the session is at a moment; otherwise sends it there.
fn reached(moment: &Moment, bridge: &mut Bridge, shown: &Shown, authoring: &Authoring) -> bool {
    match *moment {
        Moment::AtOnce => true,
        Moment::Scored => shown.is_complete(),
        Moment::Previewed(broken) => author::previewed(authoring, broken),
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
