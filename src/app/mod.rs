//! The window: Bevy runs it and draws the moving topology, egui draws everything else.

#![expect(
    clippy::needless_pass_by_value,
    reason = "Bevy hands systems their parameters by value, and options are given away"
)]

mod author;
mod bench;
mod blending;
mod bridge;
mod clock;
mod display;
mod glyphs;
mod input;
mod keyboard;
mod meter;
mod opening;
mod options;
mod pacing;
mod shots;
#[cfg(test)]
mod tests;
mod topology;
mod waiting;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bevy::prelude::*;
use bevy::window::{PresentMode, WindowResolution};
use bevy_egui::{EguiContexts, EguiPlugin, EguiStartupSet};

pub use bench::{BenchOptions, MemoryRow, PartRow, StageRow, WindowReport};
pub use display::require as require_display;
pub use options::{AuthorOptions, PlayOptions, ShotScreen, ShotsOptions};

pub(crate) use author::{Authoring, wake};
pub(crate) use bridge::{Bridge, Phase};

use bridge::Record;
pub(crate) use input::LastInput;
pub(crate) use pacing::SLEEP_AFTER_S;
pub(crate) use topology::Stage;

use crate::settings::Settings;
use crate::theme::Theme;
use topology::Tokens;

/// Screens of the window.
#[derive(States, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Screen {
    /// The title.
    #[default]
    Title,
    /// Scenarios to choose from.
    Library,
    /// What one is told beforehand.
    Briefing,
    /// The incident.
    Incident,
    /// What it was worth.
    Debrief,
    /// A scenario being written.
    Author,
    /// Colours, size, motion.
    Settings,
}

/// What the player set; a change is carried out in the next frame.
#[derive(Resource, Default)]
pub(crate) struct Preferences(pub Settings);

/// What the window was opened for.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub(crate) struct Opened {
    /// One scenario, named on the command line.
    pub named: bool,
    /// A session to go on with, named on the command line.
    pub resumed: bool,
}

/// Where the session at hand is recorded.
#[derive(Resource, Default)]
pub(crate) struct Journal(pub Option<PathBuf>);

impl Journal {
    /// A new file for another session; none if this one was not recorded either, or no folder can be made.
    pub fn renew(&mut self, scenario: &str) {
        if self.0.is_some() {
            self.0 = crate::cli::journal_file::new_path(scenario).ok();
        }
    }
}

/// Opens the window and plays; returns when it is closed.
///
/// # Errors
/// If there is no display, or the window could not be opened.
pub fn play(options: PlayOptions) -> anyhow::Result<()> {
    require_display()?;
    let resolution = WindowResolution::new(1440, 900);
    let journal = Journal(options.journal.clone());
    let file = options.file;
    let opened = Opened {
        named: options.named,
        resumed: options.resumed.is_some(),
    };
    let record = match (options.resumed, options.journal) {
        (Some(resumed), _) => Record::Resumed(Box::new(resumed.session), resumed.journal),
        (None, Some(path)) => Record::At(path),
        (None, None) => Record::Nowhere,
    };
    let bridge = Bridge::new(options.scenario, options.header, options.speed, record);
    finish(opening::run(|| {
        let mut app = application(
            options.title,
            resolution,
            PresentMode::AutoVsync,
            bridge,
            Settings::load(),
        );
        app.insert_resource(journal)
            .insert_resource(opened)
            .insert_resource(Authoring::of(None, file));
        app
    })?)
}

/// Opens the window on a scenario to be written; returns when it is closed.
///
/// # Errors
/// If there is no display, or the window could not be opened.
pub fn author(options: AuthorOptions) -> anyhow::Result<()> {
    require_display()?;
    let resolution = WindowResolution::new(1440, 900);
    let record = options.journal.clone().map_or(Record::Nowhere, Record::At);
    let bridge = Bridge::new(options.scenario, options.header, 1, record);
    finish(opening::run(|| {
        let mut app = application(
            "Brownout · Author".to_owned(),
            resolution,
            PresentMode::AutoVsync,
            bridge,
            Settings::load(),
        );
        app.insert_resource(Journal(options.journal))
            .insert_resource(Authoring::of(Some(options.asked), None))
            .insert_state(Screen::Author);
        app
    })?)
}

/// Opens the window, drives the session by a fixed script, saves a picture at each of its moments, and closes.
///
/// # Errors
/// If there is no display, the window could not be opened, or a picture could not be saved.
pub fn shots(options: ShotsOptions) -> anyhow::Result<()> {
    require_display()?;
    std::fs::create_dir_all(&options.dir)?;
    let (width, height) = options.size;
    let resolution = WindowResolution::new(width, height).with_scale_factor_override(1.0);
    let bridge = Bridge::new(
        Arc::clone(&options.scenario),
        options.header.clone(),
        1,
        Record::Nowhere,
    );
    finish(opening::run(|| {
        let mut app = application(
            "Brownout".to_owned(),
            resolution,
            PresentMode::AutoNoVsync,
            bridge,
            Settings {
                theme: options.theme,
                scale: options.scale,
                ..Settings::default()
            },
        );
        shots::install(&mut app, &options);
        app
    })?)
}

/// Opens the window and measures it by a fixed script.
///
/// # Errors
/// If there is no display, or the window could not be opened.
pub fn bench(options: BenchOptions) -> anyhow::Result<WindowReport> {
    require_display()?;
    let report = Arc::new(Mutex::new(WindowReport::default()));
    let (scenario, header) = (Arc::clone(&options.scenario), options.header.clone());
    let bridge = Bridge::new(scenario, header, 1, Record::Nowhere);
    let shared = Arc::clone(&report);
    finish(opening::run(|| {
        let mut app = application(
            "Brownout".to_owned(),
            WindowResolution::new(1440, 900),
            PresentMode::AutoVsync,
            bridge,
            Settings::default(),
        );
        bench::install(&mut app, &options, shared);
        app
    })?)?;
    let report = report.lock().map(|report| report.clone());
    report.map_err(|_| anyhow::anyhow!("the script did not come to its end"))
}

fn finish(exit: AppExit) -> anyhow::Result<()> {
    match exit {
        AppExit::Success => Ok(()),
        AppExit::Error(code) => {
            anyhow::bail!("the window ended with error {code}; the log above says why")
        }
    }
}

fn application(
    title: String,
    resolution: WindowResolution,
    present_mode: PresentMode,
    bridge: Bridge,
    settings: Settings,
) -> App {
    let theme = Theme::named(settings.theme);
    let canvas = theme.palette.canvas;
    let window = Window {
        title,
        resolution,
        present_mode,
        name: Some("brownout".to_owned()),
        ..default()
    };
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: Some(window),
                ..default()
            })
            .set(bevy::log::LogPlugin {
                // What a driver's loader has to say is said by whoever cannot open the window.
                filter: "warn,wgpu=error,naga=error,winit=error,wgpu_hal::vulkan::instance=off"
                    .to_owned(),
                ..default()
            }),
    )
    .add_plugins(EguiPlugin::default())
    .insert_resource(ClearColor(opaque(canvas)))
    .insert_resource(Tokens(theme))
    .insert_resource(Preferences(settings))
    .insert_resource(bridge)
    .init_resource::<Journal>()
    .init_resource::<Opened>()
    .init_state::<Screen>()
    .add_plugins((
        author::plugin,
        blending::plugin,
        bridge::plugin,
        glyphs::plugin,
        input::plugin,
        keyboard::plugin,
        pacing::plugin,
        topology::plugin,
        crate::screens::plugin,
    ))
    .add_systems(PreStartup, camera.before(EguiStartupSet::InitContexts))
    .add_systems(Update, apply.run_if(resource_changed::<Preferences>));
    app
}

/// A token as the engine writes colours.
fn opaque(token: egui::Color32) -> Color {
    Srgba::rgb_u8(token.r(), token.g(), token.b()).into()
}

fn camera(mut commands: Commands) {
    // Shapes are anti-aliased by their shader.
    commands.spawn((Camera2d, Msaa::Off));
}

/// Puts what is set into effect, at the start and after every change.
fn apply(
    preferences: Res<Preferences>,
    mut contexts: EguiContexts,
    mut tokens: ResMut<Tokens>,
    mut clear: ResMut<ClearColor>,
) -> Result {
    let theme = Theme::named(preferences.0.theme);
    let canvas = theme.palette.canvas;
    let context = contexts.ctx_mut()?;
    theme.install(context);
    context.set_zoom_factor(preferences.0.factor());
    clear.0 = opaque(canvas);
    tokens.0 = theme;
    Ok(())
}
